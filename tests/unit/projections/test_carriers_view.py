"""Goal: the register of carriers tells type, owners, grade, lead persons by number and the end, as of any day.

Method: real examples, one change at a time.
"""

from __future__ import annotations

from datetime import date

import pytest

from projections import carriers as view
from projections._base import View
from projections._moment import end_of
from projections.carriers import Carrier, Register, register
from tests.support.examples import ANN, BEN, BODY, EVE, NOW, Log
from tests.support.view_engine import rows_of

IS_VIEW: View = view


def on(log: Log, day: str = "2026-09-21", **asked: str) -> Register:
    return register(log.fold(view), as_of_seconds=end_of(date.fromisoformat(day)), **asked)


def one(log: Log, day: str = "2026-09-21") -> Carrier:
    (found,) = on(log, day).carriers
    return found


def test_a_carrier_is_there_from_its_foundation_with_all_its_owners() -> None:
    log = Log()
    held = log.add("carrier-registered", BODY)
    found = one(log)
    assert (found.record_id, found.number, found.type) == (
        held.record_id,
        "JNDS-320102-2026-001",
        "skill-master-studio",
    )
    assert found.owners == ("52320102MJ000000XG", "12320102MB0000000C")
    assert (found.grade, found.grades, found.leads, found.ended) == ("none", (), 0, None)
    assert on(log, "2026-02-28").carriers == ()
    assert on(log).size == 1


def test_the_name_of_a_person_is_in_no_row() -> None:
    log = Log()
    log.add("carrier-registered", BODY)
    log.add("carrier-led", ANN, carrier=log.records[0].record_id)
    assert "王小明" not in repr(rows_of(log.fold(view), [view]))
    assert str(ANN) not in repr(rows_of(log.fold(view), [view]))


def test_a_grade_holds_from_its_day_until_the_next() -> None:
    log = Log()
    held = log.add("carrier-registered", BODY).record_id
    for day, grade in (("2026-04-01", "municipal"), ("2026-06-01", "provincial"), ("2026-08-01", "none")):
        log.add("carrier-graded", BODY, carrier=held, happened_on=day, grade=grade)
    days = ("2026-03-31", "2026-04-01", "2026-06-01", "2026-08-01")
    assert [one(log, day).grade for day in days] == ["none", "municipal", "provincial", "none"]
    assert [grade.since for grade in one(log, "2026-07-01").grades] == ["2026-04-01", "2026-06-01"]


def test_lead_persons_are_counted_while_their_terms_run() -> None:
    log = Log()
    held = log.add("carrier-registered", BODY).record_id
    terms = {"carrier": held, "started_on": "2026-04-01", "ended_on": "2026-06-30"}
    first = log.add("carrier-led", ANN, **terms)
    log.add("carrier-led", BEN, **{**terms, "ended_on": None})
    log.add("carrier-led", EVE, **{**terms, "role": "deputy"})
    days = ("2026-03-31", "2026-06-30", "2026-07-01")
    assert [(one(log, day).leads, one(log, day).deputies) for day in days] == [(0, 0), (2, 1), (1, 0)]
    log.add("revocation", ANN, target_record=first.record_id, effective_on="2026-05-01")
    assert (one(log, "2026-04-30").leads, one(log, "2026-05-01").leads) == (2, 1)


def test_a_carrier_that_ended_stays_in_the_register_and_counts_no_more() -> None:
    log = Log()
    held = log.add("carrier-registered", BODY).record_id
    log.add("carrier-graded", BODY, carrier=held, happened_on="2026-04-01", grade="municipal")
    log.add("carrier-ended", BODY, carrier=held, happened_on="2026-05-20", reason="merged")
    assert (one(log).ended, one(log).reason) == ("2026-05-20", "merged")
    assert one(log, "2026-05-19").ended is None
    assert on(log, "2026-05-19").counts() == {("skill-master-studio", "municipal"): 1}
    assert on(log).counts() == {}


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({}, ["A", "B", "C"]),
        ({"region": "5117"}, ["B"]),
        ({"carrier_type": "labour-brand"}, ["C"]),
        ({"region": "51", "carrier_type": "labour-brand"}, []),
    ],
)
def test_chosen_by_region_and_type(asked: dict[str, str], numbers: list[str]) -> None:
    log = Log()
    for number, region, kind in (
        ("C", "320102", "labour-brand"),
        ("A", "320102", "craftsman-college"),
        ("B", "511702", "startup-base"),
    ):
        log.add("carrier-registered", BODY, number=number, region=region, type=kind)
    assert [found.number for found in on(log, **asked).carriers] == numbers


def test_the_answer_says_what_it_reflects() -> None:
    assert register(Log().fold(view), as_of_seconds=NOW) == Register(0, NOW, ())
