"""Goal: years of work are counted as a person would count them, day by day, and no interruption that is protected costs any.

Method: Hypothesis against a transcription that walks the calendar, and worked cases for what people argue about.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.years import Interval, continuous_since, whole_years, worked_days, years_since

FIRST, LAST = date(2019, 12, 1), date(2020, 4, 30)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]

days = st.sampled_from(DAYS)
some_intervals = st.lists(st.builds(Interval, days, st.none() | days), max_size=5)


def holds(intervals: Iterable[Interval], day: date) -> bool:
    return any(one.first <= day and (one.last is None or day <= one.last) for one in intervals)


def naive_days(intervals: list[Interval], *, since: date, until: date) -> int:
    return sum(holds(intervals, day) for day in DAYS if since <= day <= until)


def naive_since(worked: list[Interval], protected: list[Interval], *, as_of: date) -> date | None:
    found, day = None, as_of
    while day >= FIRST and (holds(worked, day) or holds(protected, day)):
        if holds(worked, day):
            found = day
        day -= timedelta(days=1)
    return found


@given(some_intervals, days, days)
def test_days_are_those_of_a_count_day_by_day(intervals: list[Interval], since: date, until: date) -> None:
    assert worked_days(intervals, since=since, until=until) == naive_days(intervals, since=since, until=until)


@given(some_intervals, days)
def test_everything_before_counts_unless_a_beginning_is_given(intervals: list[Interval], until: date) -> None:
    assert worked_days(intervals, until=until) == naive_days(intervals, since=FIRST, until=until)


@given(some_intervals, some_intervals, days)
def test_continuous_work_begins_where_walking_back_ends(
    worked: list[Interval], protected: list[Interval], as_of: date
) -> None:
    assert continuous_since(worked, protected, as_of=as_of) == naive_since(worked, protected, as_of=as_of)


@given(some_intervals, some_intervals, st.builds(Interval, days, st.none() | days), days)
def test_one_more_protected_interruption_never_shortens(
    worked: list[Interval], protected: list[Interval], more: Interval, as_of: date
) -> None:
    before = continuous_since(worked, protected, as_of=as_of)
    after = continuous_since(worked, [*protected, more], as_of=as_of)
    assert before is None or (after is not None and after <= before)


@given(some_intervals, st.builds(Interval, days, st.none() | days), days)
def test_one_more_employment_never_takes_days_away(worked: list[Interval], more: Interval, until: date) -> None:
    grown = worked_days([*worked, more], until=until) - worked_days(worked, until=until)
    assert 0 <= grown <= worked_days([more], until=until)


@given(some_intervals, days)
def test_order_does_not_matter(intervals: list[Interval], until: date) -> None:
    assert worked_days(intervals, until=until) == worked_days(intervals[::-1], until=until)


@given(st.dates(date(1950, 1, 1), date(2050, 1, 1)), st.integers(0, 20_000))
def test_years_since_are_those_of_a_count_of_anniversaries(first: date, more: int) -> None:
    until = first + timedelta(days=more)
    eves = 0
    while True:
        year = first.year + eves + 1
        try:
            anniversary = first.replace(year=year)
        except ValueError:  # 29 February: the year is over when February is
            anniversary = date(year, 3, 1)
        if anniversary - timedelta(days=1) > until:
            break
        eves += 1
    assert years_since(first, until=until) == eves


WORK = [Interval(date(2015, 7, 1), date(2018, 3, 31)), Interval(date(2018, 9, 1))]
MATERNITY = Interval(date(2018, 4, 1), date(2018, 8, 31))
CONTINUOUS = [
    ("no gap", [Interval(date(2015, 7, 1))], [], date(2015, 7, 1)),
    ("a gap", WORK, [], date(2018, 9, 1)),
    ("a gap that is protected", WORK, [MATERNITY], date(2015, 7, 1)),
    ("a gap one day longer", WORK, [Interval(date(2018, 4, 1), date(2018, 8, 30))], date(2018, 9, 1)),
    ("protected days before any work", WORK[1:], [MATERNITY], date(2018, 9, 1)),
    ("ended, and protected since", WORK[:1], [Interval(date(2018, 4, 1))], date(2015, 7, 1)),
    ("ended", WORK[:1], [], None),
    ("never worked", [], [Interval(date(2018, 4, 1))], None),
    ("begins later", [Interval(date(2020, 7, 1))], [], None),
    ("one employer after the other", [Interval(date(2015, 7, 1), date(2018, 3, 31)), Interval(date(2018, 4, 1))], [],
     date(2015, 7, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("why", "worked", "protected", "since"), CONTINUOUS, ids=[row[0] for row in CONTINUOUS])
def test_continuous_work(why: str, worked: list[Interval], protected: list[Interval], since: date | None) -> None:
    assert continuous_since(worked, protected, as_of=date(2020, 6, 30)) == since, why


def test_five_years_in_total() -> None:
    """DOMAIN §4.4: 累计从事本职业工作满5年. Two part-time jobs side by side are one year of work a year."""
    full = [Interval(date(2015, 7, 1), date(2020, 6, 30))]
    assert whole_years(worked_days(full, until=date(2020, 6, 30))) == 5
    assert whole_years(worked_days([*full, *full], until=date(2020, 6, 30))) == 5
    assert whole_years(worked_days(full, until=date(2020, 6, 27))) == 4
    assert whole_years(worked_days(full, since=date(2019, 7, 1), until=date(2020, 6, 30))) == 1
    assert worked_days([], until=date(2020, 6, 30)) == whole_years(364) == 0


def test_the_eve_of_the_anniversary_completes_the_year() -> None:
    assert years_since(date(2015, 7, 1), until=date(2020, 6, 30)) == 5
    assert years_since(date(2015, 7, 1), until=date(2020, 6, 29)) == 4
    assert years_since(date(2016, 2, 29), until=date(2017, 2, 28)) == 1
    assert years_since(date(2016, 2, 29), until=date(2017, 2, 27)) == 0
