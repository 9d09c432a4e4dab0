"""Years of work: days worked in an occupation, and since when somebody has worked without a break.

Source: DOMAIN §4.4 (years "in total", 累计, are counted from attested employment) and S-040 (a maternity gap must not
hurt evaluation: a protected interruption never breaks what has to be continuous). Days are Asia/Shanghai dates; first
and last day count both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

DAYS_OF_YEAR: Final = 365
"""A leap day never costs anybody a year."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Days from the first to the last one; `last` is None while it goes on."""

    first: date
    last: date | None = None


def worked_days(intervals: Iterable[Interval], *, until: date, since: date = date.min) -> int:
    """Days on which at least one interval holds; what overlaps counts once.

    since, until  first and last day that count
    """
    return sum(last - first + 1 for first, last in _merged(intervals, since=since, until=until))


def whole_years(days: int) -> int:
    """Years in a number of days, however they are scattered: 365 days each, rounded down."""
    return days // DAYS_OF_YEAR


def continuous_since(worked: Iterable[Interval], protected: Iterable[Interval], *, as_of: date) -> date | None:
    """The first day of the work that has gone on without a break until `as_of`.

    protected  interruptions that break nothing; they neither begin continuous work nor count as work in `worked_days`
    returns    None where `as_of` is neither worked nor in an interruption that joins on to work
    """
    kept = list(worked)
    spans = _merged([*kept, *protected], since=date.min, until=as_of)
    if not spans or spans[-1][1] != as_of.toordinal():
        return None
    begun = _merged(kept, since=date.fromordinal(spans[-1][0]), until=as_of)
    return date.fromordinal(begun[0][0]) if begun else None


def years_since(first: date, *, until: date) -> int:
    """Whole calendar years from the first to the last of two days; the first anniversary's eve completes one.

    until  not before `first`, before the end of the calendar
    """
    after = date.fromordinal(until.toordinal() + 1)
    return after.year - first.year - ((after.month, after.day) < (first.month, first.day))


def _merged(intervals: Iterable[Interval], *, since: date, until: date) -> list[tuple[int, int]]:
    """Ordinals of the first and last days of what the intervals cover together, in order and with gaps between."""
    lowest, highest = since.toordinal(), until.toordinal()
    clipped = sorted(
        (max(one.first.toordinal(), lowest), highest if one.last is None else min(one.last.toordinal(), highest))
        for one in intervals
    )
    spans: list[tuple[int, int]] = []
    for first, last in clipped:
        if first > last:
            continue
        if spans and first <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(spans[-1][1], last))
        else:
            spans.append((first, last))
    return spans
