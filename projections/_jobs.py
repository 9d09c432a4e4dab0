"""Attested employments and certified levels as rows, and what ends an employment: shared by views that count people."""

from __future__ import annotations

from datetime import date
from typing import Final

from ledger.records._levels import certified_level
from projections._base import Logged, Put, Table, Value
from projections._kinds import kinds_named
from projections._moment import in_force

WORK: Final = kinds_named("employment-attested")
ENDS: Final = kinds_named("employment-ended")


def job_of(record: Logged) -> dict[str, Value]:
    """First and last day, form and occupation of an attested employment; `last` is None while it goes on."""
    work, occupation = record.payload["employment"], record.payload["occupation"]["code"]
    return {"since": work["from"], "last": work.get("until"), "form": work["form"], "occupation": occupation}


def level_of(record: Logged) -> dict[str, Value] | None:
    """Occupation, order, first and last day of the level that a certificate gives; None where it gives none."""
    level = certified_level(record.payload)
    if level is None:
        return None
    last = None if level.until is None else date.fromordinal(level.until.toordinal() - 1).isoformat()
    since = level.since.isoformat()
    return {"occupation": level.occupation, "level_order": level.order, "since": since, "last": last}


def end_table(name: str) -> Table:
    """A table of the last days of employments that were attested as going on."""
    columns = {"employment": "TEXT", "log_index": "BIGINT", "record_id": "TEXT", "last": "TEXT"}
    return Table(name, columns, ("employment", "log_index"))


def end_row(record: Logged, table: str) -> Put | None:
    """The row of an employment's end in a table made by `end_table`; None for any other kind."""
    if record.kind not in ENDS:
        return None
    ended = record.payload["employment"]
    return Put(table, (ended["record"], record.index), {"record_id": record.record_id, "last": ended["until"]})


def not_ended(employment: str, *, ends: str, acts: str) -> str:
    """A condition: no end in force says that an employment had its last day before the moment (`_moment.MOMENT`).

    employment  the column with its record id
    ends, acts  logical names of tables made by `end_table` and `act_table`
    """
    return (
        f"NOT EXISTS (SELECT 1 FROM {ends}{{g}} ending WHERE ending.employment = {employment} "
        f"AND ending.last < (SELECT day FROM moment) AND {in_force('ending.record_id', acts)})"
    )
