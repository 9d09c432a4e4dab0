"""What a view is: a pure function from one record to row changes, and the tables these land in.

A view is a file of this package: the module itself has the members of `View`. It sees no clock, no database and no
sealed bytes (`Logged` does not offer them), so a rebuild gives what the incremental run gave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeAlias
from uuid import UUID

from projections.errors import RowInvalid

Value: TypeAlias = str | int | bytes | None
Key: TypeAlias = tuple[str | int | bytes, ...]

TYPES: Mapping[str, type] = {"TEXT": str, "BIGINT": int, "BLOB": bytes}
BIGINT_MAX = 2**63 - 1
GENERATIONS = ("a", "b")


class Logged(Protocol):
    """The part of a logged record that a fold may look at: what is public in the log, and its place."""

    @property
    def index(self) -> int:
        """Place in the log, from 0."""
        ...

    @property
    def stream(self) -> UUID:
        """The subject, institution or rule book it is about."""
        ...

    @property
    def kind(self) -> str:
        """Kind and version, e.g. `skill-certificate/1`."""
        ...

    @property
    def record_id(self) -> str:
        """SHA-256 of the signing input, lowercase hex."""
        ...

    @property
    def payload(self) -> Mapping[str, Any]:
        """The signed claims; personal values are digests here."""
        ...


@dataclass(frozen=True, slots=True)
class Table:
    """One logical table of a view; the engine holds it twice, with the suffixes `_a` and `_b`.

    name     unique among all views, lower case
    columns  column name -> "TEXT" | "BIGINT" | "BLOB"
    key      columns of the primary key, in order; on a distributed store the first one places the row
    indexes  further columns to look rows up by
    parts    columns of the key -> Python type; derived
    cells    columns outside the key -> Python type; derived
    """

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    parts: Mapping[str, type] = field(init=False)
    cells: Mapping[str, type] = field(init=False)

    def __post_init__(self) -> None:
        types = {column: TYPES[kind] for column, kind in self.columns.items()}
        object.__setattr__(self, "parts", {column: types[column] for column in self.key})
        object.__setattr__(self, "cells", {column: types[column] for column in types if column not in self.key})

    def physical(self, generation: str) -> str:
        """The table's name in a generation, `a` or `b`."""
        return f"{self.name}_{generation}"

    def ddl(self) -> list[str]:
        """Portable CREATE statements for both generations; the engine translates the column types."""
        statements = []
        for generation in GENERATIONS:
            name = self.physical(generation)
            columns = ", ".join(
                f"{column} {kind}{' NOT NULL' if column in self.key else ''}" for column, kind in self.columns.items()
            )
            statements.append(f"CREATE TABLE IF NOT EXISTS {name} ({columns}, PRIMARY KEY ({', '.join(self.key)}))")
            for number, index in enumerate(self.indexes):
                statements.append(f"CREATE INDEX IF NOT EXISTS {name}_by_{number} ON {name} ({', '.join(index)})")
        return statements


class Put(NamedTuple):
    """The row at `key` is exactly this from now on; columns not named are NULL."""

    table: str
    key: Key
    values: Mapping[str, Value]


class Change(NamedTuple):
    """The row at `key`, if there is one, gets these values; without such a row nothing happens."""

    table: str
    key: Key
    values: Mapping[str, Value]


class Add(NamedTuple):
    """The row at `key`, made if missing, counts up by these amounts; NULL counts as 0."""

    table: str
    key: Key
    values: Mapping[str, int]


RowChange: TypeAlias = Put | Change | Add


class View(Protocol):
    """One view. A module satisfies it by its names."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a module constant
        """Permanent name, also on the command line."""
        ...

    @property
    def VERSION(self) -> int:  # noqa: N802
        """Raised when the fold gives other rows: a runner then rebuilds. Other columns need another table name."""
        ...

    @property
    def TABLES(self) -> tuple[Table, ...]:  # noqa: N802
        """Every table it writes; no other view writes them."""
        ...

    @property
    def KINDS(self) -> frozenset[str] | None:  # noqa: N802
        """Kinds it wants to see; empty for none, None for all."""
        ...

    def apply(self, record: Logged, /) -> Iterable[RowChange]:
        """Row changes of one record, a function of that record alone."""
        ...


def check_change(change: RowChange, table: Table) -> None:
    """Refuse a row change that an engine would refuse later, or that two engines would keep differently.

    raises  RowInvalid: wrong key length, NULL in the key, unknown column, wrong type, out of 64 bits, U+0000 in text
    """
    name, key, values = change
    if len(key) != len(table.key):
        raise RowInvalid(f"{name}: key has {len(key)} parts, expected {len(table.key)}")
    _check_values(name, zip(table.key, key, strict=True), table.parts, nullable=False)
    verb = type(change)
    if verb is not Put and not values:
        raise RowInvalid(f"{name}: a change without values")
    if verb is Add:
        _check_values(name, values.items(), dict.fromkeys(table.cells, int), nullable=False)
    _check_values(name, values.items(), table.cells, nullable=True)


def _check_values(
    table: str, values: Iterable[tuple[str, object]], types: Mapping[str, type], *, nullable: bool
) -> None:
    # Runs for every value of every row: one call for a row's many, and no call for each.
    for column, value in values:
        kind, expected = type(value), types.get(column)
        if kind is not expected:
            if expected is None:
                raise RowInvalid(f"{table}: no such column outside the key: {column}")
            if value is None and nullable:
                continue
            raise RowInvalid(f"{table}.{column}: {kind.__name__}, expected {expected.__name__}")
        if kind is str:
            if "\0" in value:  # type: ignore[operator]
                raise RowInvalid(f"{table}.{column}: U+0000, which PostgreSQL refuses in text")
        elif kind is int and not -BIGINT_MAX <= value <= BIGINT_MAX:  # type: ignore[operator]
            raise RowInvalid(f"{table}.{column}: beyond 64 bits")
