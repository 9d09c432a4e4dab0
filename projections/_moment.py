"""SQL for what holds at an instant. Queries begin with `WITH moment`, whose parameters are those of `at`.

What an act does to a record is decided as in `_standing.standing`; here the engine decides it for many rows at once.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from ledger.clock import civil_date
from ledger.records._credential import midnight_seconds

MOMENT: Final = "moment (day, second) AS (SELECT CAST(? AS TEXT), CAST(? AS BIGINT))"
"""A common table expression of one row; its parameters are `at(…)`."""


def at(as_of_seconds: int) -> tuple[str, int]:
    """The parameters of `MOMENT`: the Asia/Shanghai date of an instant, and the instant."""
    return civil_date(as_of_seconds).isoformat(), as_of_seconds


def end_of(day: date) -> int:
    """The last second of an Asia/Shanghai date, in seconds since 1970."""
    return midnight_seconds(day + timedelta(days=1)) - 1


def in_force(record: str, acts: str) -> str:
    """A condition: no act that has taken effect keeps the record from counting.

    record  the column with its record id
    acts    logical name of a table made by `act_table`
    """
    later = (
        f"SELECT 1 FROM {acts}{{g}} lifted WHERE lifted.target = act.target AND lifted.action = 'reinstate' "
        "AND lifted.log_index > act.log_index AND lifted.effective_seconds <= moment.second"
    )
    return (
        f"NOT EXISTS (SELECT 1 FROM {acts}{{g}} act, moment WHERE act.target = {record} "
        "AND act.effective_seconds <= moment.second "
        f"AND (act.action IN ('revoke', 'replace') OR (act.action = 'suspend' AND NOT EXISTS ({later}))))"
    )


def holds(since: str, last: str) -> str:
    """A condition: the civil date lies between two columns of dates; `last` is included, and NULL is no end."""
    return f"{since} <= (SELECT day FROM moment) AND ({last} IS NULL OR (SELECT day FROM moment) <= {last})"
