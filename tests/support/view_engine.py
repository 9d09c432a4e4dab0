"""A view engine in memory that keeps the contract of `ledger.store._protocol.ViewEngine`, and one that fails on purpose.

Also what folds are fed with in tests: log entries without signatures, and a source that may have gaps.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ledger.errors import StoreUnavailable
from ledger.logged import LoggedRecord
from ledger.wire import base64url
from projections._base import Logged, Table, View
from projections._live import ddl_of

if TYPE_CHECKING:
    from ledger.store._protocol import Cursor, ViewEngine


def entry(index: int, stream: UUID, kind: str, payload: Mapping[str, Any]) -> LoggedRecord:
    """A record as the log holds it, with this payload; its signature is of no account to a fold."""
    parts = ({"alg": "Ed25519", "kid": f"https://issuer.example#{index}", "typ": "test"}, payload)
    leaf = ".".join(base64url.encode(json.dumps(part).encode()) for part in parts) + ".AAAA"
    return LoggedRecord(index=index, stream=stream, version=index + 1, kind=kind, leaf=leaf.encode(), sealed=b"")


class ListSource:
    """Records from a list; `visible` bounds what a reader sees, as if the rest were not committed."""

    def __init__(self, records: Iterable[Logged] = ()) -> None:
        self.records: list[Logged] = list(records)
        self.visible: int | None = None
        self.reads = 0

    def read(self, after: int, limit: int) -> list[Logged]:
        """Records with index > after."""
        self.reads += 1
        seen = self.records if self.visible is None else self.records[: self.visible]
        return [record for record in seen if record.index > after][:limit]


class MemoryCursor:
    """The protocol's verbs on sqlite3."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Runs one statement."""
        self._cursor.execute(sql, params)

    def execute_rows(self, sql: str, types: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Runs one statement a row."""
        for row in rows:
            assert len(row) == len(types)
            self._cursor.execute(sql.replace("{rows}", f"VALUES ({', '.join('?' * len(types))})"), row)

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        row: tuple[Any, ...] | None = self._cursor.fetchone()
        return row

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The remaining rows."""
        return self._cursor.fetchall()


class MemoryViews:
    """Views in memory: one connection, one transaction at a time, so readers see whole transactions only."""

    def __init__(self, views: Sequence[View]) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        for statement in ddl_of(views):
            self._connection.execute(statement)

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """Commits when the block ends, rolls back when it raises."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield MemoryCursor(self._connection.cursor())
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def read(self) -> Iterator[Cursor]:
        """One snapshot; writing is refused."""
        with self._lock:
            self._connection.execute("PRAGMA query_only = ON")
            self._connection.execute("BEGIN")
            try:
                yield MemoryCursor(self._connection.cursor())
            finally:
                self._connection.execute("ROLLBACK")
                self._connection.execute("PRAGMA query_only = OFF")


class FaultyViews:
    """Breaks the transactions whose number is in `before` (nothing kept) or `after` (kept, but the answer is lost)."""

    def __init__(self, engine: ViewEngine, *, before: Iterable[int] = (), after: Iterable[int] = ()) -> None:
        self._engine = engine
        self._before, self._after = frozenset(before), frozenset(after)
        self.transactions = 0

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """A transaction that may break."""
        number, self.transactions = self.transactions, self.transactions + 1
        with self._engine.transaction() as cursor:
            yield cursor
            if number in self._before:
                raise StoreUnavailable("broken before the commit")
        if number in self._after:
            raise StoreUnavailable("broken after the commit")

    def read(self) -> AbstractContextManager[Cursor]:
        """As the engine beneath."""
        return self._engine.read()


def rows_of(engine: ViewEngine, views: Iterable[View]) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the live generations, sorted, by logical table."""
    found = {}
    with engine.read() as cursor:
        for view in views:
            cursor.execute("SELECT generation FROM view_live WHERE view = ?", (view.NAME,))
            row = cursor.fetchone()
            assert row is not None
            for table in view.TABLES:
                found[table.name] = _rows(cursor, table, row[0])
    return found


def _rows(cursor: Cursor, table: Table, generation: str) -> list[tuple[Any, ...]]:
    cursor.execute(f"SELECT {', '.join(table.columns)} FROM {table.physical(generation)}")
    return sorted(map(tuple, cursor.fetchall()), key=lambda row: json.dumps(row, default=repr))
