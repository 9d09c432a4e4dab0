"""Goal: a claim's state at any instant follows from its decision and from where the achievement behind it stands.

Method: one certificate, one claim, one decision; each case adds what changes the state.
"""

from __future__ import annotations

from datetime import date

import pytest

from projections import subsidy_register as view
from projections._base import View
from projections._moment import end_of
from projections.subsidy_register import Claim, claims
from tests.support.examples import ANN, BEN, Log

IS_VIEW: View = view


class Case:
    """A certificate and a claim for it."""

    def __init__(self) -> None:
        self.log = Log()
        self.held = self.log.level(ANN, 4)
        self.claim = self.log.add(
            "subsidy-claimed", ANN, qualifying_record=self.held, happened_on="2026-06-01"
        ).record_id

    def decide(self, decision: str = "granted", day: str = "2026-06-10") -> str:
        reason = None if decision == "granted" else "not-eligible"
        return self.log.add(
            "subsidy-decided",
            ANN,
            claim_record=self.claim,
            qualifying_record=self.held,
            decision=decision,
            reason=reason,
            payment_reference=None,
            happened_on=day,
        ).record_id

    def act(self, target: str, action: str = "revoke", day: str = "2026-07-01") -> None:
        self.log.add("revocation", ANN, target_record=target, action=action, effective_on=day)

    def correct(self, target: str) -> str:
        made = self.log.level(ANN, 3)
        self.log.add("correction", ANN, target_record=target, replacement_record=made)
        return made

    def on(self, day: str = "2026-09-21") -> Claim:
        found = claims(self.log.fold(view), as_of_seconds=end_of(date.fromisoformat(day)))
        assert found.size == len(self.log.records)
        (one,) = found.claims
        return one


@pytest.fixture
def case() -> Case:
    return Case()


def told(found: Claim) -> tuple[str, bool, str]:
    return found.state, found.flagged, found.basis


def test_a_claim_without_decision(case: Case) -> None:
    found = case.on()
    assert told(found) == ("claimed", False, "active")
    assert (found.claim, found.qualifying, found.subject) == (case.claim, case.held, ANN)
    assert (found.catalogue, found.region, found.claimed) == ("JS-2026-0114", "320102", "2026-06-01")
    assert claims(case.log.fold(view), as_of_seconds=end_of(date(2026, 5, 31))).claims == ()


@pytest.mark.parametrize("decision", ["granted", "refused"])
def test_a_decision_counts_from_its_day(case: Case, decision: str) -> None:
    decided = case.decide(decision)
    assert case.on("2026-06-09").state == "claimed"
    found = case.on("2026-06-10")
    assert (found.state, found.decision, found.decided) == (decision, decided, "2026-06-10")
    assert found.reason == (None if decision == "granted" else "not-eligible")


def test_a_grant_whose_achievement_is_revoked_is_flagged(case: Case) -> None:
    case.decide()
    case.act(case.held)
    assert [told(case.on(day)) for day in ("2026-06-30", "2026-07-01")] == [
        ("granted", False, "active"),
        ("basis-revoked", True, "revoked"),
    ]


def test_a_claim_whose_achievement_is_revoked_is_not_flagged_before_it_is_granted(case: Case) -> None:
    case.act(case.held)
    assert told(case.on()) == ("basis-revoked", False, "revoked")


def test_what_was_refused_stays_refused(case: Case) -> None:
    case.decide("refused")
    case.act(case.held)
    assert told(case.on()) == ("refused", False, "revoked")


def test_a_suspended_achievement_is_told_and_changes_nothing_yet(case: Case) -> None:
    case.decide()
    case.act(case.held, "suspend")
    assert told(case.on()) == ("granted", False, "suspended")


def test_a_corrected_achievement_is_still_one_achievement(case: Case) -> None:
    case.decide()
    second = case.correct(case.held)
    assert told(case.on()) == ("granted", False, "active")
    third = case.correct(second)
    case.act(third)
    assert told(case.on()) == ("basis-revoked", True, "revoked")


@pytest.mark.parametrize("action", ["revoke", "suspend"])
def test_a_claim_that_is_out_of_force_is_void(case: Case, action: str) -> None:
    case.act(case.claim, action)
    assert case.on().state == "void"


def test_a_decision_that_was_revoked_leaves_the_claim_open(case: Case) -> None:
    first = case.decide("refused")
    case.act(first)
    assert case.on().state == "claimed"
    case.decide("granted", "2026-08-01")
    assert case.on().state == "granted"


def test_chosen_by_catalogue_region_year_and_achievement_and_summed_up() -> None:
    log = Log()
    held = [log.level(person, 4) for person in (ANN, BEN)]
    for record, catalogue, region, day in (
        (held[0], "A-1", "320102", "2025-06-01"),
        (held[1], "A-1", "320102", "2026-06-01"),
        (held[1], "A-1", "320102", "2026-06-02"),
        (held[1], "B-1", "511702", "2026-06-01"),
    ):
        made = {
            "catalogue_id": catalogue,
            "region": region,
            "happened_on": day,
            "claim_number": f"N-{len(log.records)}",
        }
        log.add("subsidy-claimed", ANN, qualifying_record=record, **made)
    engine = log.fold(view)
    now = end_of(date(2026, 9, 21))
    assert claims(engine, as_of_seconds=now).totals() == {
        ("A-1", "320102", 2025): {"claimed": 1},
        ("A-1", "320102", 2026): {"claimed": 2},
        ("B-1", "511702", 2026): {"claimed": 1},
    }
    counts = [
        len(claims(engine, as_of_seconds=now, **asked).claims)  # type: ignore[arg-type]
        for asked in ({"region": "32"}, {"catalogue": "B-1"}, {"year": 2025}, {"qualifying": held[1]}, {"year": 2024})
    ]
    assert counts == [3, 1, 1, 3, 0]
