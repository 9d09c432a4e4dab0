"""The only place that reads the wall clock (a test holds this fence)."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, Protocol

DATES_CACHED_MAX: Final = 4_096

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Civil time of the ledger. China has kept UTC+8 without daylight saving since 1991; civil dates carry no clock time,
so the daylight saving of 1986 to 1991 cannot move one."""


class Clock(Protocol):
    """Tells the time; tests inject their own."""

    def now_seconds(self) -> int:
        """Whole seconds since 1970-01-01T00:00:00Z."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_seconds(self) -> int:
        """Whole seconds since 1970-01-01T00:00:00Z, as the operating system has them."""
        return int(time.time())


class FixedClock:
    """A clock that moves only when told to: for tests and for replays."""

    def __init__(self, now_seconds: int) -> None:
        self.seconds = now_seconds

    def now_seconds(self) -> int:
        """The second it was last set to."""
        return self.seconds


@lru_cache(maxsize=DATES_CACHED_MAX)
def civil_date(seconds: int) -> date:
    """The Asia/Shanghai calendar date of an instant in seconds since 1970."""
    return datetime.fromtimestamp(seconds, SHANGHAI).date()


def format_instant(seconds: int) -> str:
    """An instant in seconds since 1970 as RFC 3339 with `Z`, e.g. `2026-11-21T01:30:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
