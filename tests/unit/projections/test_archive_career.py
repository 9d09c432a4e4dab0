"""Goal: the archive adds a timeline up: ladders, training by year, mentorings, awards; merged archives are one worker's.

Method: small logs of signed examples through the real fold; each row of a table differs in one thing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from ledger.rulebook import RuleBook, RuleVersion
from ledger.rules import continuing_education as rules
from ledger.rules.continuing_education import ContinuingEducation, requirement_of
from projections import archive as view
from projections._career import TrainingYear, awards, ladders, mentorings, training_years
from projections._mentors import won_by_apprentices
from projections._standing import instant_seconds
from projections.archive import Archive, archive
from tests.support.examples import ANN, BEN, BODY, EVE, Log

WELDER = {"occupation_code": "6-18-02-04", "occupation_name": "焊工"}


def at(day: str) -> int:
    return instant_seconds(f"{day}T12:00:00+08:00")


def read(log: Log, *subjects: UUID, on: str = "2026-11-21") -> Archive:
    subject, *others = subjects or (ANN,)
    return archive(log.fold(view), subject, *others, as_of_seconds=at(on))


# -- ladder


def test_a_ladder_has_each_level_with_its_dates_and_certificates() -> None:
    log = Log()
    first = log.level(ANN, 3, issued_on="2026-01-10")
    second = log.level(ANN, 4, issued_on="2026-02-10")
    again = log.level(ANN, 4, issued_on="2026-03-10")
    other = log.level(ANN, 2, **WELDER)
    weld, electric = ladders(read(log))
    assert (weld.occupation, weld.highest, electric.occupation, electric.highest) == ("6-18-02-04", 2, "6-31-01-03", 4)
    assert [
        (rung.order, rung.reached_on, [item.record_id for item in rung.certificates]) for rung in electric.rungs
    ] == [
        (3, "2026-01-10", [first]),
        (4, "2026-02-10", [second, again]),
    ]
    assert [item.record_id for rung in weld.rungs for item in rung.certificates] == [other]


OFF_THE_LADDER = [
    ("a special ability with a level", "skill-certificate/1", {"certificate_kind": "SPECIAL_ABILITY"}),
    ("an X certificate", "x-certificate", {}),
    ("a training for a level", "training-completion", {}),
    ("a decision without its certificate", "direct-recognition", {}),
]


@pytest.mark.parametrize(
    ("kind", "changes"), [row[1:] for row in OFF_THE_LADDER], ids=[row[0] for row in OFF_THE_LADDER]
)
def test_what_stands_on_no_ladder(kind: str, changes: dict[str, Any]) -> None:
    log = Log()
    log.add(kind, **changes)
    assert ladders(read(log)) == ()


def test_what_has_expired_was_reached_and_is_not_held() -> None:
    log = Log()
    log.level(ANN, 4, issued_on="2026-01-10", valid_until="2026-06-01")
    (ladder,) = ladders(read(log))
    assert ([(rung.order, rung.is_held) for rung in ladder.rungs], ladder.highest) == ([(4, False)], None)


def test_what_was_revoked_was_never_reached() -> None:
    log = Log()
    held = log.level(ANN, 4)
    log.add("revocation", target_record=held, effective_on="2026-06-01")
    assert ladders(read(log)) == ()


POSTS: list[tuple[str, dict[str, Any], dict[str, Any] | None, str, bool, int]] = [
    ("before its term", {}, None, "2026-05-31", False, 6),
    ("on its first day", {}, None, "2026-06-01", True, 7),
    ("on its last day", {}, None, "2029-05-31", True, 7),
    ("after its term", {}, None, "2029-06-01", False, 6),
    ("on the last day before it ended early", {}, {}, "2028-02-29", True, 7),
    ("once it has ended early", {}, {}, "2028-03-01", False, 6),
    ("首席技师", {"post": "chief-technician", "level_order": 8}, None, "2027-01-01", True, 8),
    ("an expert's post is no level", {"post": "skill-expert", "level_order": None, "post_name": "专家"}, None,
     "2027-01-01", True, 6),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "end", "on", "runs", "highest"), [row[1:] for row in POSTS], ids=[row[0] for row in POSTS]
)
def test_a_post_is_on_the_ladder_while_it_runs(
    changes: dict[str, Any], end: dict[str, Any] | None, on: str, runs: bool, highest: int
) -> None:
    log = Log()
    held = log.level(ANN, 6, **WELDER)
    post = log.add("post-appointed", basis_record=held, **changes).record_id
    ended = None if end is None else log.add("post-ended", appointment_record=post, **end).record_id
    (ladder,) = ladders(read(log, on=on))
    (term,) = ladder.terms
    assert (term.appointment.record_id, term.runs, ladder.highest) == (post, runs, highest)
    assert (term.since, term.last) == ("2026-06-01", "2028-02-29" if ended else "2029-05-31")
    assert term.ended_by == ended


# -- training by year


def training(log: Log, ended_on: str, minutes: int, **changes: Any) -> None:
    day = {"started_on": ended_on, "ended_on": ended_on, "issued_on": ended_on}
    log.add("training-completion/1", minutes=minutes, minutes_planned=None, **{**day, **changes})


def asked(minutes: int, carry: int = 0, *activities: str) -> Callable[[int], ContinuingEducation | None]:
    found = ContinuingEducation(minutes_per_year=minutes, carry_over_years=carry, activities=activities or None)
    return lambda _: found


YEARS: list[tuple[str, int, int, list[tuple[int, int, int, int, int]]]] = [
    # year, minutes, required, carried, missing
    ("without carrying over", 1000, 0, [(2023, 1500, 1000, 0, 0), (2024, 300, 1000, 0, 700), (2025, 0, 1000, 0, 1000),
                                        (2026, 1200, 1000, 0, 0)]),
    ("a surplus for one year", 1000, 1, [(2023, 1500, 1000, 0, 0), (2024, 300, 1000, 500, 200),
                                         (2025, 0, 1000, 0, 1000), (2026, 1200, 1000, 0, 0)]),
    ("what is left of it for a second year", 700, 2, [(2023, 1500, 700, 0, 0), (2024, 300, 700, 400, 0),
                                                      (2025, 0, 700, 400, 300), (2026, 1200, 700, 0, 0)]),
]  # fmt: skip


@pytest.mark.parametrize(("minutes", "carry", "years"), [row[1:] for row in YEARS], ids=[row[0] for row in YEARS])
def test_training_by_year_against_what_is_asked(
    minutes: int, carry: int, years: list[tuple[int, int, int, int, int]]
) -> None:
    log = Log()
    training(log, "2023-06-30", 1500)
    training(log, "2024-01-01", 100)
    training(log, "2024-12-31", 200)
    training(log, "2026-02-01", 1200)
    assert training_years(read(log), asked(minutes, carry)) == tuple(
        TrainingYear(year, done, required, carried, missing) for year, done, required, carried, missing in years
    )


def test_years_without_a_requirement_are_told_as_they_are() -> None:
    log = Log()
    training(log, "2025-06-30", 1500)
    assert training_years(read(log)) == (TrainingYear(2025, 1500, None, 0, 0), TrainingYear(2026, 0, None, 0, 0))
    assert training_years(read(Log())) == ()


def test_only_what_was_completed_counts_and_only_the_activities_that_are_asked_for() -> None:
    log = Log()
    training(log, "2026-02-01", 100)
    log.add(
        "training-completion/2",
        result="NOT_COMPLETED",
        assessment_result="FAIL",
        certificate_number=None,
    )
    log.add("activity-attested", activity="senior-seminar", role="participant", minutes=30)
    log.add("activity-attested", activity="contest-judging", minutes=7)
    found = read(log)
    assert [year.minutes for year in training_years(found)] == [100]
    assert [year.minutes for year in training_years(found, asked(1, 0, "senior-seminar"))] == [130]
    assert found.minutes == 100


def test_a_training_that_was_revoked_counts_no_more() -> None:
    log = Log()
    held = log.add("training-completion/1").record_id
    log.add("revocation", target_record=held, effective_on="2026-06-01")
    assert training_years(read(log)) == ()


def version(number: int, starts: str, until: str | None, minutes: int, *, publisher: str = "https://a") -> RuleVersion:
    return RuleVersion(
        rule="CE",
        version=number,
        book=rules.BOOK,
        hash="ab" * 32,
        publisher=publisher,
        content={**rules.EXAMPLE, "minutes_per_year": minutes},
        starts=date.fromisoformat(starts),
        until=None if until is None else date.fromisoformat(until),
        published_at=number,
        title="继续教育",
    )


def test_the_rule_of_a_year_is_the_one_in_force_on_its_last_day() -> None:
    book = RuleBook().with_version(version(1, "2024-01-01", "2025-07-01", 100))
    book = book.with_version(version(2, "2025-07-01", None, 200))
    found = [requirement_of(book, year, publisher="https://a") for year in (2023, 2024, 2025, 2026)]
    assert [one and one.minutes_per_year for one in found] == [None, 100, 200, 200]
    assert requirement_of(book, 2026, publisher="https://b") is None


# -- mentorings

GROUP = f"urn:uuid:{UUID(int=1)}"
MENTOR: dict[str, Any] = {"role": "mentor", "party": 1, "mentor_side": "enterprise", "group": GROUP}


MENTORINGS: list[tuple[str, list[tuple[str, dict[str, Any]]], str, str, str | None]] = [
    ("agreed", [], "2026-05-31", "agreed", None),
    ("on its first day", [], "2026-06-01", "running", None),
    ("on its last day", [], "2028-05-31", "running", None),
    ("after its term", [], "2028-06-01", "over", None),
    ("on the last day before its end", [("mentoring-ended", {})], "2026-11-30", "running", "left"),
    ("ended", [("mentoring-ended", {})], "2026-12-01", "ended", "left"),
    ("completed", [("mentoring-ended", {"reason": "completed", "happened_on": "2028-05-31"})], "2028-06-01", "over",
     "completed"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("then", "on", "state", "reason"), [row[1:] for row in MENTORINGS], ids=[row[0] for row in MENTORINGS]
)
def test_a_mentoring_from_agreement_to_end(
    then: list[tuple[str, dict[str, Any]]], on: str, state: str, reason: str | None
) -> None:
    log = Log()
    agreed = log.add("mentoring-agreed").record_id
    for kind, changes in then:
        log.add(kind, agreement_record=agreed, **changes)
    (found,) = mentorings(read(log, on=on))
    assert (found.agreed.record_id, found.state) == (agreed, state)
    assert (found.agreed.details.role, found.agreed.details.programme) == ("apprentice", "enterprise-apprenticeship")
    assert (found.agreed.details.since, found.agreed.details.last) == ("2026-06-01", "2028-05-31")
    assert (found.ended and found.ended.details.result) == reason


def test_an_assessment_says_what_came_of_it_and_ends_nothing() -> None:
    log = Log()
    agreed = log.add("mentoring-agreed").record_id
    assessed = log.add("mentoring-assessed", agreement_record=agreed, result="excellent").record_id
    (found,) = mentorings(read(log, on="2028-06-10"))
    assert found.assessed is not None
    assert (found.assessed.record_id, found.assessed.details.result, found.ended) == (assessed, "excellent", None)


def test_a_mentor_sees_what_apprentices_won_in_the_term_by_id_and_kind() -> None:
    log = Log()
    agreed = log.add("mentoring-agreed", ANN, **MENTOR).record_id
    log.add("mentoring-agreed", BEN, party=2, group=GROUP)
    log.add("mentoring-agreed", EVE, party=3, group=GROUP)
    log.add("mentoring-agreed", EVE, party=2, agreement_number="OTHER")
    won = log.add("contest-result", BEN, happened_on="2026-07-01").record_id
    log.add("contest-result", BEN, happened_on="2026-05-31", rank=1)
    log.level(BEN, 3, issued_on="2026-07-01")
    hidden = log.add("contest-result", EVE, happened_on="2026-07-02").record_id
    engine = log.fold(view)
    mine = archive(engine, ANN, as_of_seconds=at("2026-11-21"))
    told = won_by_apprentices(engine, mine, is_restricted=lambda stream: stream == EVE)
    assert {key: [(one.record_id, one.kind) for one in found] for key, found in told.items()} == {
        agreed: [(won, "contest-result/1")]
    }
    everything = won_by_apprentices(engine, mine, is_restricted=lambda _: False)
    assert [one.record_id for one in everything[agreed]] == [won, hidden]
    theirs = archive(engine, BEN, as_of_seconds=at("2026-11-21"))
    assert won_by_apprentices(engine, theirs, is_restricted=lambda _: False) == {}


# -- awards, and archives that were merged


def test_awards_that_count_newest_first() -> None:
    log = Log()
    first = log.add("award/1", decided_on="2026-05-01", certificate_number="RY-1").record_id
    second = log.add("award/2", decided_on="2026-06-01", certificate_number="RY-2").record_id
    gone = log.add("award/1", certificate_number="RY-3").record_id
    log.add("revocation", target_record=gone, effective_on="2026-07-01")
    found = awards(read(log))
    assert [(item.record_id, item.details.role) for item in found] == [(second, "recipient"), (first, None)]


def test_two_merged_archives_read_as_one() -> None:
    log = Log()
    mine = log.level(ANN, 4, issued_on="2026-01-10")
    theirs = log.level(BEN, 5, issued_on="2026-02-10")
    other = log.level(EVE, 6, issued_on="2026-03-10")
    log.add("revocation", BEN, target_record=theirs, action="suspend", effective_on="2026-04-01")
    log.add("contest-registered", BODY)
    found = read(log, ANN, BEN)
    assert [(item.record_id, item.state) for item in found.items] == [(theirs, "suspended"), (mine, "valid")]
    assert (found.subject, found.subjects) == (ANN, (ANN, BEN))
    assert other not in {item.record_id for item in found.items}
    assert [ladder.highest for ladder in ladders(found)] == [4]
