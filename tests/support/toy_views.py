"""Small views for tests of the machinery: every payload is a list of row changes, `["put" | "change" | "add", key, values]`.

And what their rows must be, reckoned naively.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from projections._base import Add, Change, Key, Logged, Put, RowChange, Table, Value, View

VERBS: dict[str, Callable[..., RowChange]] = {"put": Put, "change": Change, "add": Add}


@dataclass(frozen=True)
class Toy:
    """A view of one table that does what the payload says, and breaks on `{"poison": true}`."""

    NAME: str = "toy"
    VERSION: int = 1
    KINDS: frozenset[str] | None = None

    @property
    def TABLES(self) -> tuple[Table, ...]:  # noqa: N802
        """One table with two counters and a text."""
        return (Table(f"{self.NAME}_rows", {"id": "TEXT", "n": "BIGINT", "m": "BIGINT", "word": "TEXT"}, ("id",)),)

    def apply(self, record: Logged, /) -> Iterator[RowChange]:
        """The payload's changes, in order."""
        if record.payload.get("poison"):
            raise ValueError("a fold that cannot take this record")
        for verb, key, values in record.payload["changes"]:
            yield VERBS[verb](f"{self.NAME}_rows", (key,), values)


@dataclass(frozen=True)
class Idle:
    """A view that wants nothing: only its position moves."""

    NAME: str = "idle"
    VERSION: int = 1
    KINDS: frozenset[str] | None = frozenset()
    TABLES: tuple[Table, ...] = ()

    def apply(self, record: Logged, /) -> tuple[RowChange, ...]:
        """Nothing."""
        raise AssertionError(f"asked for {record.kind}")


KEPT_VALUES = Table(
    "kept_values", {"id": "BLOB", "part": "BIGINT", "text": "TEXT", "number": "BIGINT", "bytes": "BLOB"}, ("id", "part")
)


@dataclass(frozen=True)
class Keeper:
    """A view of one table with values of every type: record n makes the changes `made[n]`."""

    made: Sequence[Sequence[RowChange]]
    NAME: str = "keeper"
    VERSION: int = 1
    KINDS: frozenset[str] | None = None
    TABLES: tuple[Table, ...] = (KEPT_VALUES,)

    def apply(self, record: Logged, /) -> Sequence[RowChange]:
        """What this record makes."""
        return self.made[record.index]


def one_by_one(view: View, records: Iterable[Logged]) -> list[tuple[Value, ...]]:
    """Sorted rows of a view of one table: one change at a time, as the docstrings of Put, Change and Add say."""
    (table,) = view.TABLES
    rows: dict[Key, dict[str, Value]] = {}
    for record in records:
        for change in view.apply(record):
            if isinstance(change, Put):
                rows[change.key] = {**dict.fromkeys(table.cells), **change.values}
            elif isinstance(change, Change):
                if change.key in rows:
                    rows[change.key].update(change.values)
            else:
                assert isinstance(change, Add)
                row = rows.setdefault(change.key, dict.fromkeys(table.cells))
                for column, amount in change.values.items():
                    row[column] = int(row[column] or 0) + amount
    cells = [{**dict(zip(table.key, key, strict=True)), **row} for key, row in rows.items()]
    return sorted((tuple(row[column] for column in table.columns) for row in cells), key=repr)
