"""Hands in a database: what an operator with every password could change, undone after each try.

A `Tampering` is an open transaction on a store's database as its owner. Faults are planted in it, the audit reads through
the same transaction, and the rollback gives the store back as it was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg

from ledger._audit_tree import Tree, hash_leaf
from ledger.store import sqlite_path
from tests.support.world import Home


class Tampering:
    """Reads and changes rows with `?` parameters; offers `rows`, as the audit wants it."""

    def __init__(self, connection: Any, *, is_sqlite: bool) -> None:
        self._connection = connection
        self.is_sqlite = is_sqlite

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        cursor = self._execute(sql, params)
        return [tuple(row) for row in cursor.fetchall()]

    def one(self, sql: str, *params: Any) -> Any:
        """The first column of the first row."""
        return self.rows(sql, params)[0][0]

    def change(self, sql: str, *params: Any) -> int:
        """Run a statement; the number of rows it changed, never 0: a fault that changed nothing proves nothing."""
        changed = int(self._execute(sql, params).rowcount)
        assert changed, f"no row changed by {sql}"
        return changed

    def _execute(self, sql: str, params: Sequence[Any]) -> Any:
        if self.is_sqlite:
            return self._connection.execute(sql, [p.hex if isinstance(p, UUID) else p for p in params])
        return self._connection.execute(sql.replace("?", "%s"), params)

    # -- what faults have in common ------------------------------------------------------------------------------------

    def state(self, index: int) -> bytes:
        """The stored bytes of a record."""
        return bytes(self.one("SELECT state FROM events WHERE notification_id = ?", index + 1))

    def set_state(self, index: int, state: bytes) -> None:
        """Other bytes for a record."""
        self.change("UPDATE events SET state = ? WHERE notification_id = ?", state, index + 1)

    def stream(self, index: int) -> UUID:
        """The stream of a record."""
        return UUID(str(self.one("SELECT originator_id FROM events WHERE notification_id = ?", index + 1)))

    def renumber(self, *, first_index: int, by: int) -> None:
        """Move every record from an index on by some places, through numbers that nobody holds."""
        far = 10_000_000
        moved = self.rows("SELECT 1 FROM events WHERE notification_id > ?", (first_index,))
        if moved:
            self.change(
                "UPDATE events SET notification_id = notification_id + ? WHERE notification_id > ?", far, first_index
            )
            self.change(
                "UPDATE events SET notification_id = notification_id - ? WHERE notification_id > ?", far - by, far
            )

    def rebuild_tree(self) -> int:
        """Make tiles, frontier, root and size agree with the records, as an operator who rewrites history would."""
        tree = Tree()
        self._execute("DELETE FROM tiles", ())
        for (state,) in self.rows("SELECT state FROM events ORDER BY notification_id"):
            length = int.from_bytes(bytes(state)[1:5], "big")
            for level, number, hashes in tree.append(hash_leaf(bytes(state)[5 : 5 + length])):
                self._execute(
                    "INSERT INTO tiles (level, n, hashes) VALUES (?, ?, ?)", (level, number, b"".join(hashes))
                )
        for level, number, hashes in tree.partial_tiles():
            if level:
                self._execute(
                    "INSERT INTO tiles (level, n, hashes) VALUES (?, ?, ?)", (level, number, b"".join(hashes))
                )
        frontier = b"".join(peak for _, peak in tree.peaks)
        self.change("UPDATE log_head SET size = ?, root = ?, frontier = ?", tree.size, tree.root(), frontier)
        return tree.size


@contextmanager
def tampering(home: Home) -> Iterator[Tampering]:
    """An open transaction as the owner of a store's database; rolled back at the end."""
    if home.owner_url.startswith("sqlite"):
        connection = sqlite3.connect(sqlite_path(home.owner_url), isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield Tampering(connection, is_sqlite=True)
        finally:
            connection.rollback()
            connection.close()
        return
    with psycopg.connect(home.owner_url) as server:
        try:
            yield Tampering(server, is_sqlite=False)
        finally:
            server.rollback()


def flipped(data: bytes, position: int, bit: int = 0) -> bytes:
    """The same bytes with one bit flipped; negative positions count from the end."""
    changed = bytearray(data)
    changed[position] ^= 1 << bit
    return bytes(changed)
