"""Which streams are one person's: archives that were merged keep their streams and count as one worker.

A merge names the other archive by a number that only the ledger can resolve. So a view keeps where merges were logged,
and whoever asks it brings the function that knows who is who now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias
from uuid import UUID

from projections._base import Logged, Put, Table
from projections._kinds import kinds_named
from projections._live import Live

Linked: TypeAlias = Callable[[UUID], Sequence[UUID]]
"""`Ledger.linked`: all streams of a worker, the one that stands for them first."""

MERGE_KINDS: Final = kinds_named("subjects-merged")


def merge_table(name: str) -> Table:
    """A table of streams into which others were merged at some time."""
    return Table(name, {"stream": "TEXT"}, ("stream",))


def merge_row(record: Logged, table: str) -> Put | None:
    """The row of a merge in a table made by `merge_table`; None for any other kind."""
    return Put(table, (str(record.stream),), {}) if record.kind in MERGE_KINDS else None


def persons_of(live: Live, table: str, linked: Linked) -> dict[str, str]:
    """Streams that are part of another one's archive -> the stream that stands for the person."""
    found = {}
    for (stream,) in live.select(f"SELECT stream FROM {table}{{g}} ORDER BY stream"):
        person, *others = linked(UUID(stream))
        found.update({str(other): str(person) for other in others})
    return found


def same_person(persons: Mapping[str, str]) -> str:
    """A common table expression `same (stream, person)` of what `persons_of` gives.

    Written out, since there may be more pairs than a statement takes parameters; each is a UUID formatted here.
    """
    pairs = [f"('{UUID(stream)}', '{UUID(person)}')" for stream, person in sorted(persons.items())] or ["('', '')"]
    # SQLite gives an index only to rows that are made first, and to columns that have a type.
    columns = "CAST(column1 AS TEXT), CAST(column2 AS TEXT)"
    return f"same (stream, person) AS (SELECT DISTINCT {columns} FROM (VALUES {', '.join(pairs)}) pairs)"
