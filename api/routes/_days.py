"""Civil dates and regions in addresses and queries: bounded, and refused without repeating what was sent."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from fastapi import Query

from api.problems import RequestRefused
from ledger.clock import civil_date

DAY: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
FIRST_DAY: Final = date(1949, 10, 1)

Day = Annotated[str | None, Query(pattern=DAY, max_length=10, description="Civil date; today when left out")]
Region = Annotated[
    str, Query(pattern=r"^(|[0-9]{2}|[0-9]{4}|[0-9]{6})$", max_length=6, description="First digits of a region code")
]


def day_of(text: str | None, *, now_seconds: int) -> date:
    """A civil date that a request names, up to today; today when it names none.

    raises  RequestRefused
    """
    today = civil_date(now_seconds)
    if text is None:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise RequestRefused("expected a date YYYY-MM-DD that the calendar has") from error
    if not FIRST_DAY <= day <= today:
        raise RequestRefused(f"expected a date from {FIRST_DAY} to {today}")
    return day
