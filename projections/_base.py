"""What a view is: a pure function from one record to row changes, and the tables these land in.

A view is a file of this package: the module itself has the members of `View`. It sees no clock, no database and no
sealed bytes (`Logged` does not offer them), so a rebuild gives what the incremental run gave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
    """

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()

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
    columns = table.columns
    if len(change.key) != len(table.key):
        raise RowInvalid(f"{table.name}: key has {len(change.key)} parts, expected {len(table.key)}")
    if not change.values and type(change) is not Put:
        raise RowInvalid(f"{table.name}: a change without values")
    for column, part in zip(table.key, change.key, strict=True):
        if part is None:
            raise RowInvalid(f"{table.name}.{column}: NULL in the key")
        _check_value(table, column, part)
    for column, value in change.values.items():
        if column not in columns or column in table.key:
            raise RowInvalid(f"{table.name}: no such column outside the key: {column}")
        if value is not None:
            _check_value(table, column, value)
        elif type(change) is Add:
            raise RowInvalid(f"{table.name}.{column}: NULL cannot be added")
    if type(change) is Add and any(type(value) is not int for value in change.values.values()):
        raise RowInvalid(f"{table.name}: only integers can be added")


def _check_value(table: Table, column: str, value: object) -> None:
    kind = type(value)
    if kind is not TYPES[table.columns[column]]:
        raise RowInvalid(f"{table.name}.{column}: {kind.__name__} in a {table.columns[column]} column")
    if kind is str and "\0" in value:  # type: ignore[operator]
        raise RowInvalid(f"{table.name}.{column}: U+0000, which PostgreSQL refuses in text")
    if kind is int and not -BIGINT_MAX <= value <= BIGINT_MAX:  # type: ignore[operator]
        raise RowInvalid(f"{table.name}.{column}: beyond 64 bits")
