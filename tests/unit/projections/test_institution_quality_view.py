"""Goal: the audited patterns of fraud show as clues with the records behind them, and an honest institution shows none.

Method: logs of real examples that differ in one pattern; thresholds belong to the test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from ledger.clock import SHANGHAI
from projections import institution_quality as view
from projections._base import View
from projections._moment import end_of
from projections._quality import Case, ClassHeld, Quality, Session, Volume
from projections._quality_clues import CLUES, Clue, Thresholds, clues, days_late
from projections.institution_quality import quality
from tests.support.examples import ANN, BEN, BODY, EVE, Log
from tests.support.past import ISSUER, OTHER

IS_VIEW: View = view
USCC, OTHER_USCC = "52320102MJ000000XG", "12320102MB0000000C"
PEERS = ("91320102MA0000007T", "12320102MB0000000C", "52320102MJ0000018G")
LIMITS = Thresholds(
    early_days=60,
    early_records=5,
    early_times_median=3,
    session_results=3,
    full_pass_basis_points=5_000,
    site_minutes=720,
    late_working_days=5,
    late_basis_points=2_000,
    revoked_basis_points=1_000,
    cases_upheld=1,
    records_max=3,
)


def noon(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T12:00:00+08:00").astimezone(SHANGHAI).timestamp())


def begun(*others: str) -> Log:
    """An institution approved on 2 March 2026; `others` are peers approved on the same day."""
    log = Log()
    for issuer, uscc in ((ISSUER, USCC), *zip(others, PEERS, strict=False)):
        log.add("institution-registered", BODY, uscc=uscc, institution_issuer=issuer, signed=noon("2026-03-01"))
        log.add("accreditation-granted", BODY, uscc=uscc, signed=noon("2026-03-02"))
    return log


def certify(log: Log, count: int, *, day: str = "2026-03-10", issuer: str = ISSUER, **changes: Any) -> list[str]:
    made = {"issued_on": day, "signed": noon(day), "issuer": issuer, **changes}
    return [log.level(UUID(int=100 + len(log.records)), 4, **made) for _ in range(count)]


def of(log: Log, day: str = "2026-12-31", *, issuer: str = ISSUER, uscc: str = USCC) -> Quality:
    return quality(log.fold(view), issuer=issuer, uscc=uscc, as_of_seconds=end_of(date.fromisoformat(day)))


def found(log: Log, **limits: int) -> Mapping[str, Clue]:
    engine = log.fold(view)
    numbers = quality(engine, issuer=ISSUER, uscc=USCC, as_of_seconds=end_of(date(2026, 12, 31)))
    made = clues(engine, numbers, replace(LIMITS, **limits))
    assert [clue.code for clue in made] == [code for code in CLUES if code in {one.code for one in made}]
    return {clue.code: clue for clue in made}


def test_an_honest_institution_gives_no_clue() -> None:
    log = begun()
    certify(log, 4)
    assert found(log) == {}
    assert found(Log()) == {}


def test_numbers_by_kind_and_day() -> None:
    log = begun()
    certify(log, 2)
    certify(log, 1, day="2026-03-11")
    certify(
        log,
        1,
        day="2019-05-20",
        signed=noon("2026-03-11"),
        late="historical-import",
        certificate_number="S000032010001193000001",
    )
    certify(log, 5, issuer=OTHER)
    numbers = of(log)
    assert numbers.volumes == (
        Volume("skill-certificate", date(2026, 3, 10), 2, 0),
        Volume("skill-certificate", date(2026, 3, 11), 2, 1),
    )
    assert (numbers.issued, numbers.approved, numbers.type) == (4, date(2026, 3, 2), "evaluation-body")
    assert of(log, "2026-03-10").issued == 2
    assert of(log, "2026-03-01").approved is None


def test_many_certificates_soon_after_the_approval() -> None:
    log = begun()
    records = certify(log, 7)
    clue = found(log)["early-volume"]
    assert (clue.value, clue.threshold, clue.records) == (7, 5, tuple(records[:3]))
    assert (clue.peers, clue.median) == (0, None)


@pytest.mark.parametrize(
    ("why", "made"),
    [
        ("too few", {"count": 4}),
        ("after the window", {"count": 7, "day": "2026-05-01"}),
        ("a backlog", {"count": 7, "late": "historical-import"}),
        ("somebody else's", {"count": 7, "issuer": OTHER}),
    ],
)
def test_no_clue_to_what_came_slowly_or_from_a_backlog(why: str, made: dict[str, Any]) -> None:
    log = begun()
    certify(log, **made)
    assert "early-volume" not in found(log), why


def test_the_last_day_of_the_window_counts() -> None:
    log = begun()
    certify(log, 7, day="2026-04-30")
    assert "early-volume" in found(log)


def test_peers_of_the_type_are_what_it_is_compared_with() -> None:
    peers = [f"https://peer{place}.example.cn/issuers/1" for place in range(3)]
    log = begun(*peers)
    certify(log, 7)
    for peer, count in zip(peers, (2, 3, 0), strict=True):
        certify(log, count, issuer=peer)
    assert (found(log)["early-volume"].peers, found(log)["early-volume"].median) == (2, 2)
    assert "early-volume" not in found(log, early_times_median=4)


def completions(log: Log, session: str, results: list[bool], *, enrolled: int = 0) -> list[str]:
    for _ in range(enrolled):
        log.add("enrolment", UUID(int=200 + len(log.records)), class_record=session)
    return [
        log.add(
            "training-completion/2",
            UUID(int=200 + len(log.records)),
            late=None,
            class_record=session,
            attendance_hashes=["ab" * 32],
            result="COMPLETED" if passed else "NOT_COMPLETED",
            assessment_result="PASS" if passed else "FAIL",
            certificate_number=f"PX-{len(log.records)}" if passed else None,
        ).record_id
        for passed in results
    ]


A, B, C = ("a" * 64, "b" * 64, "c" * 64)


def test_classes_in_which_everybody_passed() -> None:
    log = begun()
    full = completions(log, A, [True] * 3, enrolled=3)
    completions(log, B, [True, True, False], enrolled=3)
    completions(log, C, [True, True])
    numbers = of(log)
    assert numbers.results == {"completed": 7, "not_completed": 1, "passed": 7, "failed": 1}
    assert numbers.sessions == (Session(A, 3, 3, 0), Session(B, 3, 3, 1), Session(C, 0, 2, 0))
    clue = found(log)["full-pass-sessions"]
    assert (clue.value, clue.of, clue.records) == (5_000, 2, tuple(full))
    assert "full-pass-sessions" not in found(log, full_pass_basis_points=5_001)


def test_a_class_whose_failures_were_left_out_is_not_full() -> None:
    log = begun()
    completions(log, A, [True] * 3, enrolled=4)
    assert "full-pass-sessions" not in found(log)


def test_results_that_were_revoked_or_corrected_count_no_more() -> None:
    log = begun()
    first, second, third = completions(log, A, [True, True, False])
    log.add("revocation", ANN, target_record=first, effective_on="2026-10-01")
    log.add("correction", ANN, target_record=third, replacement_record=second)
    assert of(log).results["completed"] == 1
    assert of(log, "2026-09-30").results["completed"] == 2
    assert of(log).sessions == (Session(A, 0, 1, 0),)


def test_a_first_version_of_a_training_completed_and_mentorings_are_assessments() -> None:
    log = begun()
    log.add("training-completion/1", ANN)
    log.add("mentoring-assessed", ANN)
    log.add("mentoring-assessed", BEN, result="unqualified")
    assert of(log).results == {"completed": 1, "not_completed": 0, "passed": 1, "failed": 1}
    assert of(log).sessions == (Session("2026-0017", 0, 1, 0),)


def opened(log: Log, number: str, first: str, last: str, *, minutes: int, site: str = "一号楼") -> str:
    parts = {"minutes_planned": minutes, "minutes_theory": minutes, "minutes_practice": 0, "minutes_online": 0}
    return log.add(
        "class-opened",
        BODY,
        class_number=number,
        site=site,
        happened_on=first,
        started_on=first,
        ended_on=last,
        delivery="offline",
        **parts,
    ).record_id


def test_classes_that_overlap_at_one_site_beyond_a_day() -> None:
    log = begun()
    first = opened(log, "1", "2026-04-01", "2026-04-10", minutes=4_800)
    opened(log, "2", "2026-04-01", "2026-04-10", minutes=4_800, site="二号楼")
    second = opened(log, "3", "2026-04-10", "2026-04-19", minutes=4_800)
    third = opened(log, "4", "2026-04-20", "2026-04-29", minutes=4_800)
    assert len(of(log).classes) == 4
    assert of(log).classes[0] == ClassHeld(first, "1", "一号楼", date(2026, 4, 1), date(2026, 4, 10), 4_800)
    clue = found(log)["site-overloaded"]
    assert (clue.value, clue.of, clue.records) == (960, 2, (first, second))
    assert "site-overloaded" not in found(log, site_minutes=960)
    log.add("class-voided", BODY, class_record=second)
    assert "site-overloaded" not in found(log)
    assert third in {one.record_id for one in of(log).classes}


def test_records_that_come_late() -> None:
    log = begun()
    certify(log, 3)
    (late,) = certify(log, 1, day="2026-03-02", signed=noon("2026-03-10"))
    certify(log, 2, day="2026-01-05", signed=noon("2026-03-10"), late="paper-backlog")
    assert days_late(of(log)) == {0: 3, 6: 1}
    clue = found(log)["late-upload"]
    assert (clue.value, clue.of, clue.records) == (2_500, 4, (late,))
    assert "late-upload" not in found(log, late_working_days=6)
    assert "late-upload" not in found(log, late_basis_points=2_501)


def test_many_records_revoked() -> None:
    log = begun()
    held = certify(log, 4)
    log.add("revocation", ANN, target_record=held[0], effective_on="2026-10-01")
    log.add("revocation", ANN, target_record=held[1], action="suspend")
    log.add("correction", ANN, target_record=held[2], replacement_record=held[3])
    assert of(log).acted_on == {"revoked": 1, "superseded": 1, "suspended": 1}
    assert of(log, "2026-09-30").acted_on["revoked"] == 0
    log.add("revocation", ANN, target_record=held[3], effective_on="2027-01-01")
    clue = found(log)["revoked-records"]
    assert (clue.value, clue.of, clue.records) == (2_500, 4, (held[0],))
    assert "revoked-records" not in found(log, revoked_basis_points=2_501)


def test_cases_and_what_was_upheld() -> None:
    log = begun()
    finding = log.add("inspection-finding", BODY).record_id
    complaint = log.add("complaint", ANN).record_id
    log.add("appeal", BODY, against=finding)
    log.add("star-rating", BODY)
    upheld = log.add("supervision-decided", BODY, case=finding).record_id
    log.add("supervision-decided", ANN, case=complaint, outcome="rejected", measures=None, rectify_by=None)
    log.add("supervision-decided", BODY, uscc=OTHER_USCC)
    cases = of(log).cases
    assert [(one.what, one.code or one.outcome or one.stars) for one in cases] == [
        ("inspection-finding", "attendance-false"),
        ("complaint", "fee-violation"),
        ("appeal", "facts-wrong"),
        ("star-rating", 2),
        ("supervision-decided", "upheld"),
        ("supervision-decided", "rejected"),
    ]
    assert cases[4] == Case(upheld, "supervision-decided", None, None, "upheld", finding, None, "2026-05-20")
    clue = found(log)["cases-upheld"]
    assert (clue.value, clue.of, clue.records) == (1, 2, (upheld,))
    assert "cases-upheld" not in found(log, cases_upheld=2)


def test_corrections_that_workers_asked_for() -> None:
    log = begun()
    (mine, other) = (*certify(log, 1), *certify(log, 1, issuer=OTHER))
    for about, outcome in ((mine, "granted"), (mine, "refused"), (other, "granted")):
        log.add("correction-decided", EVE, record=about, outcome=outcome)
    assert of(log).corrections == {"granted": 1, "refused": 1}
