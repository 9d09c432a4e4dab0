"""Goal: for each condition of a level the answer says what is met and what is missing, in whole numbers.

Method: every row of the observed conditions, met exactly and short by one of each thing it asks for; properties for
time and work; refusals of contents with one damage each.
"""

from __future__ import annotations

import copy
import csv
import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import SchemaInvalid
from ledger.rulebook import RuleBook, RuleVersion
from ledger.rules._facts import EDUCATION, TITLE_RANKS, Facts, LevelHeld, Schooling, TitleHeld
from ledger.rules.promotion import Condition, Need, Target, missing_for, parse_content, rule_for
from ledger.rules.years import Interval

ROOT = Path(__file__).resolve().parents[3]
PUBLISHED = json.loads((ROOT / "ledger/rules/samples/promotion_conditions.json").read_text("utf-8"))
RULE = parse_content(PUBLISHED[0]["content"])
with (ROOT / "tests/vectors/rules/promotion_conditions_2023_style.csv").open(encoding="utf-8") as lines:
    ROWS = list(csv.DictReader(lines))
ROW_IDS = [f"{row['target_level_code']}.{row['condition_no']}" for row in ROWS]

ON = date(2026, 9, 21)
DIPLOMA = {
    "中等职业及以上": "secondary-vocational",
    "技工院校高级工班": "senior-class",
    "专科及以上": "junior-college",
    "经评估论证的专科及以上": "evaluated-junior-college",
    "高级技工学校/技师学院": "advanced-technical-school",
    "预备技师班/技师班": "technician-class",
}
BY_CALENDAR = {("2", "5")}
"""The one row that counts years since the level by the calendar: its candidates are students, who do not work."""


def days_back(days: int) -> date:
    return ON - timedelta(days=days - 1)


def facts_of(row: dict[str, str], *, short: str = "") -> Facts:
    """What a row of the CSV asks for, to the day; `short` names the column that is missed by one."""

    def number(column: str) -> int:
        return int(row[column] or 0)

    facts = Facts()
    if row["min_age"]:
        born = ON.replace(year=ON.year - number("min_age"))
        facts = replace(facts, born=born + timedelta(days=1) if short == "min_age" else born)
    worked = 0
    if row["years_in_occupation_total"]:
        worked = number("years_in_occupation_total") * 365 - (short == "years_in_occupation_total")
    if row["need_title"]:
        since = number("years_after_title") * 365 - (short == "years_after_title")
        rank = TITLE_RANKS[row["need_title"] + "职称"] - (short == "need_title")
        facts = replace(facts, titles=(TitleHeld(rank, days_back(since)),))
        worked = max(worked, since)
    if row["need_level_code"]:
        years = number("years_after_need_level")
        order = 7 - number("need_level_code") - (short == "need_level_code")
        if (row["target_level_code"], row["condition_no"]) in BY_CALENDAR:
            since = ON.replace(year=ON.year - years) + timedelta(days=short == "years_after_need_level")
        else:
            span = years * 365 - (short == "years_after_need_level")
            since = days_back(max(span, 1))
            worked = max(worked, span)
        facts = replace(facts, levels=(LevelHeld(order, since),))
    if row["need_education"]:
        code = "lower-secondary" if short == "need_education" else DIPLOMA[row["need_education"]]
        facts = replace(facts, schooling=(Schooling(code, None),))
    return replace(facts, work=(Interval(days_back(worked), ON),)) if worked else facts


def option_of(row: dict[str, str], facts: Facts) -> tuple[str, dict[str, Need], bool]:
    target = RULE.target(7 - int(row["target_level_code"]))
    assert target is not None
    option = missing_for(target, facts, ON)[int(row["condition_no"]) - 1]
    return option.text, {need.what: need for need in option.needs}, option.is_met


@pytest.mark.parametrize("row", ROWS, ids=ROW_IDS)
def test_observed_condition_met_exactly(row: dict[str, str]) -> None:
    text, needs, is_met = option_of(row, facts_of(row))
    assert text == row["text_zh"]
    assert is_met, needs
    assert all(need.missing == 0 and need.found >= need.needed > 0 for need in needs.values())


NEEDS = {
    "min_age": ("age", 1),
    "years_in_occupation_total": ("work", 1),
    "need_level_code": ("level", 1),
    "years_after_need_level": ("work-since-level", 1),
    "need_title": ("title", 1),
    "years_after_title": ("work-since-title", 1),
    "need_education": ("education", 1),
}
SHORT = [(row, column) for row in ROWS for column in NEEDS if row[column]]


@pytest.mark.parametrize(
    ("row", "column"), SHORT, ids=[f"{r['target_level_code']}.{r['condition_no']} {c}" for r, c in SHORT]
)
def test_observed_condition_short_by_one(row: dict[str, str], column: str) -> None:
    """One day, year, level, rank or diploma less, and the answer says exactly that much is missing."""
    what, missing = NEEDS[column]
    if column == "years_after_need_level" and (row["target_level_code"], row["condition_no"]) in BY_CALENDAR:
        what = "years-since-level"
    _, needs, is_met = option_of(row, facts_of(row, short=column))
    assert not is_met
    assert needs[what].missing == missing


def test_every_observed_row_is_published() -> None:
    assert sum(len(target.any_of) for target in RULE.targets) == len(ROWS)
    assert RULE.provenance == "observed"


def test_what_is_missing_is_said_in_numbers() -> None:
    """A 中级工 with four years of work, three of them since the certificate, asks for 高级工."""
    facts = Facts(levels=(LevelHeld(3, days_back(3 * 365)),), work=(Interval(days_back(4 * 365)),))
    target = RULE.target(4)
    assert target is not None
    options = missing_for(target, facts, ON)
    assert options[0].needs == (Need("work", "days", 3650, 1460),)
    assert options[1].needs == (Need("level", "order", 3, 3), Need("work-since-level", "days", 1460, 1095))
    assert [need.missing for need in options[1].needs] == [0, 365]
    assert options[2].needs == (Need("title", "rank", 1, 0), Need("work-since-title", "days", 365, 0))
    assert options[3].needs == (Need("education", "diplomas", 1, 0),)


def need(condition: dict[str, Any], facts: Facts, as_of: date = ON) -> Need:
    """The last thing that a condition asks for."""
    target = Target(order=6, any_of=(Condition(text="t", **condition),))
    return missing_for(target, facts, as_of)[0].needs[-1]


def test_a_higher_level_or_title_counts_from_its_own_day() -> None:
    facts = Facts(
        levels=(LevelHeld(5, days_back(100)),), titles=(TitleHeld(2, days_back(50)),), work=(Interval(days_back(400)),)
    )
    assert need({"level": 4, "work_years_since_level": 1}, facts).found == 100
    assert need({"title": "初级职称", "work_years_since_title": 1}, facts).found == 50
    assert need({"title": "初级职称"}, facts) == Need("title", "rank", 1, 2)


def test_nothing_of_the_future_counts() -> None:
    later = ON + timedelta(days=1)
    facts = Facts(
        born=later,
        levels=(LevelHeld(5, later),),
        titles=(TitleHeld(2, later),),
        schooling=(Schooling("bachelor", later),),
        work=(Interval(later),),
    )
    for condition in (
        {"min_age": 16}, {"work_years": 1}, {"level": 4}, {"level": 4, "years_since_level": 1}, {"title": "初级职称"},
        {"education": ("bachelor",)},
    ):  # fmt: skip
        assert need(condition, facts).found == 0, condition


AGES = [
    (date(2010, 9, 21), ON, 16),
    (date(2010, 9, 22), ON, 15),
    (date(2008, 2, 29), date(2024, 2, 28), 15),
    (date(2008, 2, 29), date(2024, 2, 29), 16),
    (date(2008, 2, 29), date(2026, 2, 27), 17),
    (date(2008, 2, 29), date(2026, 2, 28), 18),
]


@pytest.mark.parametrize(("born", "as_of", "age"), AGES)
def test_age_in_whole_years(born: date, as_of: date, age: int) -> None:
    assert need({"min_age": 16}, Facts(born=born), as_of).found == age


def test_maternity_breaks_no_continuous_years() -> None:
    """S-040: with the interruption protected nothing is lost; unprotected it starts the count anew."""
    before, leave, after = (
        (date(2020, 1, 1), date(2022, 6, 30)),
        (date(2022, 7, 1), date(2023, 6, 30)),
        date(2023, 7, 1),
    )
    facts = Facts(work=(Interval(*before), Interval(after)), protected=(Interval(*leave),))
    condition = {"work_years": 5, "continuous": True}
    assert need(condition, facts).missing == 0
    assert need(condition, facts).found == (ON - before[0]).days + 1
    assert need(condition, replace(facts, protected=())).found == (ON - after).days + 1
    assert need(condition, replace(facts, work=facts.work[:1])).found == 0


def test_work_in_two_places_at_once_counts_once() -> None:
    facts = Facts(work=(Interval(date(2020, 1, 1), date(2020, 12, 31)), Interval(date(2020, 7, 1), date(2021, 6, 30))))
    assert need({"work_years": 1}, facts).found == 366 + 181


days = st.integers(0, 9_000).map(lambda back: ON - timedelta(days=back))
intervals = st.builds(Interval, days, st.none() | days)
some_facts = st.builds(
    Facts,
    born=st.none() | days,
    work=st.lists(intervals, max_size=3).map(tuple),
    levels=st.lists(st.builds(LevelHeld, st.integers(2, 6), days), max_size=3).map(tuple),
    titles=st.lists(st.builds(TitleHeld, st.integers(1, 3), days), max_size=2).map(tuple),
    schooling=st.lists(st.builds(Schooling, st.sampled_from(sorted(EDUCATION)), st.none() | days), max_size=2).map(
        tuple
    ),
)


def missing(facts: Facts, as_of: date) -> list[int]:
    return [n.missing for target in RULE.targets for one in missing_for(target, facts, as_of) for n in one.needs]


@given(some_facts, intervals)
def test_more_work_never_makes_more_missing(facts: Facts, more: Interval) -> None:
    before, after = missing(facts, ON), missing(replace(facts, work=(*facts.work, more)), ON)
    assert all(now <= was for was, now in zip(before, after, strict=True))


@given(some_facts, st.integers(0, 4_000))
def test_time_never_makes_more_missing(facts: Facts, later: int) -> None:
    before, after = missing(facts, ON), missing(facts, ON + timedelta(days=later))
    assert all(now <= was for was, now in zip(before, after, strict=True))


@given(some_facts)
def test_numbers_are_whole_and_never_negative(facts: Facts) -> None:
    for number in missing(facts, ON):
        assert type(number) is int
        assert number >= 0


def test_the_narrowest_rule_of_an_occupation_holds() -> None:
    rules = RuleBook()
    for name, occupation in (("P-ALL", None), ("P-GROUP", "6-31"), ("P-ONE", "6-31-01-03"), ("P-OTHER", "6-18-02-05")):
        content = PUBLISHED[0]["content"] | ({} if occupation is None else {"occupation": occupation})
        version = RuleVersion(name, 1, "promotion-conditions", "0" * 64, "u", content, date(2024, 1, 1), None, 0)
        rules = rules.with_version(version)
    for occupation, expected in (("6-31-01-03", "P-ONE"), ("6-31-01-04", "P-GROUP"), ("6-18-02-04", "P-ALL")):
        found = rule_for(rules, occupation, on=ON)
        assert found is not None
        assert found[0].rule == expected
    assert rule_for(rules, "6-31-01-03", on=date(2023, 12, 31)) is None


DAMAGES: list[tuple[str, dict[str, Any], str]] = [
    ("demands nothing", {"work_years": None}, "/targets/0/any_of/0"),
    ("no words", {"text": None}, "/targets/0/any_of/0/text"),
    ("years as text", {"work_years": "10"}, "/targets/0/any_of/0/work_years"),
    ("half a year", {"work_years": 0.5}, "/targets/0/any_of/0/work_years"),
    ("no years", {"work_years": 0}, "/targets/0/any_of/0/work_years"),
    ("since no level", {"work_years_since_level": 1}, "/targets/0/any_of/0"),
    ("since no level, by the calendar", {"years_since_level": 1}, "/targets/0/any_of/0"),
    ("since no title", {"work_years_since_title": 1}, "/targets/0/any_of/0"),
    ("nothing to be continuous", {"work_years": None, "min_age": 16, "continuous": True}, "/targets/0/any_of/0"),
    ("not continuous in other words", {"continuous": False}, "/targets/0/any_of/0/continuous"),
    ("the level it leads to", {"level": 4}, "/targets/0"),
    ("a post", {"level": 7}, "/targets/0/any_of/0/level"),
    ("an unknown title", {"title": "特级职称"}, "/targets/0/any_of/0/title"),
    ("unknown schooling", {"education": ["zzz"]}, "/targets/0/any_of/0/education/0"),
]


@pytest.mark.parametrize(("why", "change", "pointer"), DAMAGES, ids=[row[0] for row in DAMAGES])
def test_content_is_refused(why: str, change: dict[str, Any], pointer: str) -> None:
    condition = {"text": "累计满10年", "work_years": 10} | change
    content = {"targets": [{"order": 4, "any_of": [{k: v for k, v in condition.items() if v is not None}]}]}
    with pytest.raises(SchemaInvalid) as caught:
        parse_content(content)
    assert str(caught.value).startswith(f"{pointer}: ")


def test_two_targets_of_one_level_are_refused() -> None:
    content = copy.deepcopy(PUBLISHED[0]["content"])
    content["targets"][1]["order"] = content["targets"][0]["order"] = 6
    with pytest.raises(SchemaInvalid):
        parse_content(content)
