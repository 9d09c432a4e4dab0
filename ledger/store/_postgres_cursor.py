"""What views and look-ups read and write PostgreSQL through: `?` marks a parameter, as on every engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import psycopg

ARRAY_ROWS_MAX = 5_000
_ARRAYS = {"TEXT": "text[]", "BIGINT": "bigint[]", "BLOB": "bytea[]"}


class PostgresCursor:
    """A view's cursor: `?` marks a parameter."""

    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self._cursor = cursor

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Runs one statement."""
        self._cursor.execute(native(sql), params)

    def execute_rows(self, sql: str, types: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Runs one statement on many rows: one array for each column, less than half the work of a statement a row."""
        arrays = ", ".join(f"%b::{_ARRAYS[kind]}" for kind in types)
        statement = sql.replace("%", "%%").replace("{rows}", f"SELECT * FROM unnest({arrays})").encode()
        for first in range(0, len(rows), ARRAY_ROWS_MAX):
            portion = rows[first : first + ARRAY_ROWS_MAX]
            self._cursor.execute(statement, [list(column) for column in zip(*portion, strict=True)])

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row of the last statement."""
        return cast("tuple[Any, ...] | None", self._cursor.fetchone())

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The remaining rows of the last statement."""
        return self._cursor.fetchall()


def native(sql: str) -> bytes:
    """A statement with `?` parameters as psycopg takes it."""
    return sql.replace("%", "%%").replace("?", "%s").encode()
