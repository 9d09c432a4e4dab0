"""Small views for tests of the machinery: every payload is a list of row changes, `["put" | "change" | "add", key, values]`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from projections._base import Add, Change, Logged, Put, RowChange, Table

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
