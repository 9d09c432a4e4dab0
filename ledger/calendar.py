"""Working days of the People's Republic of China, from dated holiday tables.

Source: the State Council's yearly notices on holidays (国务院办公厅关于部分节假日安排的通知). Years without a
table count Monday to Friday; a new year is one more entry.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

COUNT_DAYS_MAX: Final = 60
"""Counting stops here: anything longer is late by any rule."""


def _days(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


HOLIDAYS: Final = frozenset(
    [
        *_days("2025-01-01", "2025-01-01"),
        *_days("2025-01-28", "2025-02-04"),
        *_days("2025-04-04", "2025-04-06"),
        *_days("2025-05-01", "2025-05-05"),
        *_days("2025-05-31", "2025-06-02"),
        *_days("2025-10-01", "2025-10-08"),
        *_days("2026-01-01", "2026-01-03"),
        *_days("2026-02-15", "2026-02-23"),
        *_days("2026-04-04", "2026-04-06"),
        *_days("2026-05-01", "2026-05-05"),
        *_days("2026-06-19", "2026-06-21"),
        *_days("2026-09-25", "2026-09-27"),
        *_days("2026-10-01", "2026-10-07"),
    ]
)

WORKING_WEEKENDS: Final = frozenset(
    date.fromisoformat(day)
    for day in (
        "2025-01-26",
        "2025-02-08",
        "2025-04-27",
        "2025-09-28",
        "2025-10-11",
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    )
)
"""Saturdays and Sundays that the notices make working days."""


def is_working_day(day: date) -> bool:
    """Whether offices work on this civil date."""
    return day in WORKING_WEEKENDS or (day.weekday() < 5 and day not in HOLIDAYS)


def working_days_between(first: date, last: date) -> int:
    """Working days after `first` up to and including `last`; at most about `COUNT_DAYS_MAX`, 0 when last <= first."""
    if (last - first).days > 2 * COUNT_DAYS_MAX:
        return COUNT_DAYS_MAX
    return sum(is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
