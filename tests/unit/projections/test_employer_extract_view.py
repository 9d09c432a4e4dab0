"""Goal: an extract counts exactly who works for the employer on the day and holds a level in force, and names nobody.

Method: a log with one employer, one holder and one of each thing that takes somebody out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from projections import employer_extract as view
from projections._base import View
from projections._moment import end_of
from projections.employer_extract import Extract, Row, extract
from tests.support.examples import ANN, BEN, EVE, Log, alone
from tests.support.past import ISSUER, OTHER

IS_VIEW: View = view
WELDING = "6-18-02-04"


def works(log: Log, person: UUID, *, employer: str = ISSUER, **changes: Any) -> str:
    made = {"started_on": "2026-01-01", "happened_on": "2026-01-01", "ended_on": None, **changes}
    return log.add("employment-attested", person, issuer=employer, **made).record_id


def on(log: Log, day: str = "2026-09-21", *, issuers: Sequence[str] = (ISSUER,), linked: Any = alone) -> Extract:
    return extract(log.fold(view), issuers, as_of_seconds=end_of(date.fromisoformat(day)), linked=linked)


def totals(found: Extract) -> tuple[int, int, int]:
    return found.staff, found.skilled, found.high_skilled


@pytest.fixture
def log() -> Log:
    """Ann works and holds level 4; Ben works and holds none."""
    made = Log()
    works(made, ANN)
    works(made, BEN)
    made.level(ANN, 4)
    return made


def test_staff_and_holders_by_occupation_and_level(log: Log) -> None:
    log.level(ANN, 3)
    log.level(ANN, 2, occupation_code=WELDING)
    log.level(BEN, 3)
    found = on(log)
    assert totals(found) == (2, 2, 1)
    assert found.rows == (Row("6-18-02-04", 2, 1, 1), Row("6-31-01-03", 3, 1, 1), Row("6-31-01-03", 4, 1, 1))
    assert found.size == len(log.records)


def test_nobody_else_counts(log: Log) -> None:
    log.level(EVE, 5)
    works(log, EVE, employer=OTHER)
    assert totals(on(log)) == (2, 1, 1)
    assert totals(on(log, issuers=[ISSUER, OTHER])) == (3, 2, 2)
    assert totals(on(log, issuers=["https://nobody.example.cn/issuers/1"])) == (0, 0, 0)


def test_an_employment_counts_from_its_first_to_its_last_day(log: Log) -> None:
    works(log, EVE, started_on="2026-03-01", ended_on="2026-03-31", happened_on="2026-03-31")
    days = ("2025-12-31", "2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01")
    assert [on(log, day).staff for day in days] == [0, 2, 3, 3, 2]


def test_an_employment_that_ended_later_and_an_end_that_was_revoked(log: Log) -> None:
    end = log.add(
        "employment-ended",
        ANN,
        employment_record=log.records[0].record_id,
        happened_on="2026-07-02",
        ended_on="2026-07-01",
    )
    assert [totals(on(log, day)) for day in ("2026-07-01", "2026-07-02")] == [(2, 1, 1), (1, 0, 0)]
    log.add("revocation", ANN, target_record=end.record_id, effective_on="2026-07-03")
    assert totals(on(log)) == (2, 1, 1)


def test_what_is_not_in_force_does_not_count(log: Log) -> None:
    log.add("revocation", ANN, target_record=log.records[2].record_id, effective_on="2026-07-01")
    log.add("revocation", BEN, target_record=log.records[1].record_id, effective_on="2026-08-01")
    days = ("2026-06-30", "2026-07-01", "2026-08-01")
    assert [totals(on(log, day)) for day in days] == [(2, 1, 1), (2, 0, 0), (1, 0, 0)]


def test_a_certificate_that_expired_does_not_count(log: Log) -> None:
    log.level(BEN, 5, issued_on="2026-03-01", valid_until="2026-06-01")
    assert [on(log, day).skilled for day in ("2026-05-31", "2026-06-01")] == [2, 1]


def test_who_works_full_time_is_told_apart(log: Log) -> None:
    works(log, EVE, form="shared")
    log.level(EVE, 4)
    assert on(log).rows == (Row("6-31-01-03", 4, 2, 1),)
    works(log, EVE, form="full-time")
    assert on(log).rows == (Row("6-31-01-03", 4, 2, 2),)


def test_a_restricted_worker_is_not_counted_until_the_restriction_is_lifted(log: Log) -> None:
    log.add("restriction", ANN)
    assert totals(on(log)) == (1, 0, 0)
    log.add("restriction", ANN, restricted=False)
    assert totals(on(log)) == (2, 1, 1)
    log.add("erasure", ANN)
    assert totals(on(log)) == (1, 0, 0)


def test_merged_archives_are_one_worker(log: Log) -> None:
    log.level(EVE, 5)
    works(log, EVE)
    log.add("subjects-merged", ANN)

    def linked(subject: UUID) -> Sequence[UUID]:
        return (ANN, EVE) if subject in (ANN, EVE) else (subject,)

    found = on(log, linked=linked)
    assert totals(found) == (2, 1, 1)
    assert found.rows == (Row("6-31-01-03", 5, 1, 1),)
    log.add("restriction", ANN)
    assert totals(on(log, linked=linked)) == (1, 0, 0), "all archives of a restricted worker are restricted"
