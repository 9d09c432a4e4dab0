"""Goal: an indicator counts every person once, by what is in force at an instant, in the region that was asked for.

Method: logs of real examples; each case changes one thing against a log whose numbers are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from projections import indicators as view
from projections._base import View
from projections._indicator_texts import DEFINITIONS, Measured, measured
from projections._moment import end_of
from projections.indicators import AWARD, Cell, Numbers, cells, numbers, records_behind
from tests.support.examples import ANN, BEN, EVE, NOW, Log, alone

IS_VIEW: View = view
YEAR_END = end_of(date(2026, 12, 31))


def of(log: Log, *, region: str = "", at: int = YEAR_END, linked: Any = alone, **more: Any) -> Numbers:
    return numbers(log.fold(view), region=region, year=2026, as_of_seconds=at, linked=linked, **more)


def people(found: Numbers) -> tuple[int, int]:
    return found.skilled, found.high_skilled


def test_a_person_counts_once_at_the_highest_level() -> None:
    log = Log()
    log.level(ANN, 2)
    log.level(ANN, 4)
    log.level(ANN, 3, occupation_code="4-07-07-01")
    log.level(BEN, 3)
    found = of(log)
    assert people(found) == (2, 1)
    assert found.by_level == {("4-07-07-01", 3): 1, ("6-31-01-03", 3): 1, ("6-31-01-03", 4): 1}
    assert (found.size, found.as_of_seconds) == (4, YEAR_END)


def test_apprentices_and_special_abilities_are_no_skilled_talent() -> None:
    log = Log()
    log.add("skill-certificate/1", ANN, level_order=1)
    log.add(
        "skill-certificate/1", BEN, level_order=4, certificate_kind="SPECIAL_ABILITY", certificate_number="ZX-2026-7"
    )
    log.add("special-ability-certificate", EVE)
    assert people(of(log)) == (0, 0)


def test_all_kinds_that_give_a_level_count() -> None:
    log = Log()
    log.add("skill-certificate/1", ANN)
    log.add("skill-certificate/2", BEN)
    log.add("vocational-qualification", EVE)
    assert people(of(log)) == (3, 3)


def test_only_what_is_in_force_counts() -> None:
    log = Log()
    revoked, suspended, lifted = (log.level(person, 4) for person in (ANN, BEN, EVE))
    for target in (revoked, suspended, lifted):
        action = "revoke" if target == revoked else "suspend"
        log.add("revocation", ANN, target_record=target, action=action, effective_on="2026-08-01")
    log.add("revocation", ANN, target_record=lifted, action="reinstate", effective_on="2026-10-01")
    log.level(UUID(int=4), 4, issued_on="2026-03-01", valid_until="2026-09-01")
    days = [date(2026, 5, 19), date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 1), date(2026, 10, 1)]
    assert [people(of(log, at=end_of(day)))[1] for day in days] == [1, 4, 1, 0, 1]


def test_a_corrected_certificate_counts_as_its_correction() -> None:
    log = Log()
    wrong = log.level(ANN, 5)
    right = log.level(ANN, 3)
    log.add("correction", ANN, target_record=wrong, replacement_record=right)
    assert people(of(log)) == (1, 0)


@pytest.mark.parametrize(("prefix", "expected"), [("", 3), ("32", 2), ("3201", 1), ("320102", 1), ("51", 1), ("4", 0)])
def test_a_region_is_its_codes_first_digits(prefix: str, expected: int) -> None:
    log = Log()
    for person, region in ((ANN, "320102"), (BEN, "320505"), (EVE, "511702")):
        log.level(person, 4, region=region)
    assert of(log, region=prefix).skilled == expected


def test_merged_archives_are_one_person() -> None:
    log = Log()
    log.level(ANN, 3)
    log.level(BEN, 4)
    log.add("award/1", ANN)
    log.add("award/1", BEN)
    log.add("education-credential", BEN)
    log.add("employment-attested", ANN, ended_on=None)
    assert people(of(log)) == (2, 1)
    log.add("subjects-merged", ANN)

    def linked(subject: UUID) -> Sequence[UUID]:
        return (ANN, BEN) if subject in (ANN, BEN) else (subject,)

    found = of(log, linked=linked)
    assert people(found) == (1, 1)
    assert found.by_level == {("6-31-01-03", 4): 1}
    assert found.awards == {"AW-CN-02": 1}
    assert (found.graduates, found.certified, found.employed) == (1, 1, 1)
    assert people(of(log, linked=alone)) == (2, 1), "split again: the merge is taken back"


def test_graduates_of_the_year_who_hold_a_level_and_work() -> None:
    log = Log()
    for person, day in ((ANN, "2026-07-01"), (BEN, "2026-06-30"), (EVE, "2025-07-01")):
        log.add("education-credential", person, issued_on=day)
        log.add("employment-attested", person, started_on="2026-07-05", happened_on="2026-07-05", ended_on=None)
    log.level(BEN, 3)
    log.level(EVE, 3)
    ended = log.add("employment-attested", UUID(int=4), ended_on=None)
    log.add("education-credential", UUID(int=4))
    log.add(
        "employment-ended",
        UUID(int=4),
        employment_record=ended.record_id,
        happened_on="2026-08-01",
        ended_on="2026-07-31",
    )
    found = of(log)
    assert (found.graduates, found.certified, found.employed) == (3, 1, 2)
    assert of(log, at=end_of(date(2026, 7, 31))).employed == 3
    assert of(log, school="https://nowhere.example.cn/issuers/1").graduates == 0


def test_the_end_of_an_employment_may_be_revoked_itself() -> None:
    log = Log()
    log.add("education-credential", ANN)
    job = log.add("employment-attested", ANN, ended_on=None)
    end = log.add(
        "employment-ended", ANN, employment_record=job.record_id, happened_on="2026-07-01", ended_on="2026-06-30"
    )
    assert of(log).employed == 0
    log.add("revocation", ANN, target_record=end.record_id, effective_on="2026-07-02")
    assert of(log).employed == 1


def test_awards_count_persons() -> None:
    log = Log()
    log.add("award/1", ANN, award_code="AW-DZ-02", region="511702")
    log.add("award/2", ANN, award_code="AW-DZ-02", region="511702")
    log.add("award/1", BEN, award_code="AW-CN-02", region="511702")
    assert of(log, region="5117").awards == {"AW-CN-02": 1, "AW-DZ-02": 1}


def test_cells_and_the_records_behind_them() -> None:
    log = Log()
    first = log.level(ANN, 4, issued_on="2026-02-01")
    second = log.level(BEN, 4, issued_on="2026-05-01")
    third = log.level(EVE, 5, region="511702")
    log.add("award/1", ANN)
    engine = log.fold(view)
    asked: dict[str, Any] = {"region": "", "as_of_seconds": NOW, "linked": alone}
    assert cells(engine, **asked) == [
        Cell("6-31-01-03", 4, "320102", 2026, 2),
        Cell("6-31-01-03", 5, "511702", 2026, 1),
    ]
    assert records_behind(engine, **asked) == [(0, first), (1, second), (2, third)]
    assert records_behind(engine, **asked, level_order=4, code="6-31-01-03", after=0) == [(1, second)]
    assert records_behind(engine, **asked, limit=1) == [(0, first)]
    assert len(records_behind(engine, **asked, what=AWARD)) == 1


FOUND = Numbers(9, NOW, skilled=310, high_skilled=100, graduates=40, certified=30, employed=10, awards={}, by_level={})
GIVEN = {"employed": 1000, "workers": 1700, "graduates": 60}


def of_definition(name: str, given: dict[str, int | None], region: str = "") -> Measured:
    return next(one for one in measured(FOUND, region=region, given=given) if one.definition.id == name)


def test_values_are_whole_numbers_rounded_down() -> None:
    values = {one.definition.id: one.value for one in measured(FOUND, region="", given={})}
    assert values == {
        "skilled-share": None,
        "high-skilled-share": 100 * 10_000 // 310,
        "high-skilled-per-10000": None,
        "certificate-rate": 7_500,
        "local-employment-rate": 2_500,
    }
    assert of_definition("skilled-share", {"employed": 1000}).value == 3_100
    assert of_definition("high-skilled-per-10000", {"workers": 1700}).value == 100 * 1_000_000 // 1700
    assert of_definition("certificate-rate", {"graduates": 60}).value == 5_000


def test_a_target_is_that_of_the_region_or_of_all() -> None:
    assert [of_definition("high-skilled-share", {}, region).target for region in ("32", "51", "")] == [3500, 3333, 3333]
    assert {one.number for one in DEFINITIONS} == {"S-109", "S-110", "S-111", "S-112"}
