"""Where each view stands: its live generation, the size it reflects, what it had to park; and reading it.

`view_live` points at the generation that is read, `view_positions` counts the records that each generation holds,
`view_parked` names the records whose fold failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from projections._base import GENERATIONS, Value, View
from projections.errors import ViewUnknown

if TYPE_CHECKING:
    from ledger.store._protocol import Cursor, ViewEngine

KEYS_MAX = 500
"""Keys in one statement: engines bound the number of parameters."""

CONTROL_DDL = (
    "CREATE TABLE IF NOT EXISTS view_live (view TEXT NOT NULL, generation TEXT NOT NULL, PRIMARY KEY (view))",
    """CREATE TABLE IF NOT EXISTS view_positions (view TEXT NOT NULL, generation TEXT NOT NULL,
        position BIGINT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (view, generation))""",
    """CREATE TABLE IF NOT EXISTS view_parked (view TEXT NOT NULL, generation TEXT NOT NULL,
        log_index BIGINT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (view, generation, log_index))""",
)


def ddl_of(views: Sequence[View]) -> list[str]:
    """Statements that create both generations of every table and the start row of every view; safe to repeat.

    Column types are TEXT, BIGINT and BLOB: the engine translates them. `init` runs them as the owner; the service role
    needs SELECT, INSERT, UPDATE and DELETE on these tables and no DDL.
    """
    statements = list(CONTROL_DDL)
    for view in views:
        for table in view.TABLES:
            statements += table.ddl()
        statements.append(
            f"INSERT INTO view_live (view, generation) VALUES ('{view.NAME}', 'a') ON CONFLICT (view) DO NOTHING"
        )
        statements += [
            "INSERT INTO view_positions (view, generation, position, version) "
            f"VALUES ('{view.NAME}', '{generation}', 0, {view.VERSION}) ON CONFLICT (view, generation) DO NOTHING"
            for generation in GENERATIONS
        ]
    return statements


@dataclass(frozen=True, slots=True)
class Live:
    """One consistent reading of a view: the size it reflects, and queries on the live generation."""

    cursor: Cursor
    generation: str
    size: int

    def select(self, sql: str, parameters: Sequence[Value] = ()) -> list[Any]:
        """Rows of a query in which `{g}` stands for the generation's suffix, e.g. `FROM archive_records{g}`."""
        self.cursor.execute(sql.replace("{g}", f"_{self.generation}"), parameters)
        return list(self.cursor.fetchall())

    def select_among(self, sql: str, keys: Iterable[str], parameters: Sequence[Value] = ()) -> list[Any]:
        """As `select`, for any number of keys: `{keys}` stands for some of them and is the last parameter."""
        rows: list[Any] = []
        wanted = sorted(set(keys))
        for start in range(0, len(wanted), KEYS_MAX):
            asked = wanted[start : start + KEYS_MAX]
            rows += self.select(sql.replace("{keys}", ", ".join("?" * len(asked))), (*parameters, *asked))
        return rows


@contextmanager
def reading(engine: ViewEngine, view: str) -> Iterator[Live]:
    """Open the live generation of a view for reading.

    raises  ViewUnknown
    """
    with engine.read() as cursor:
        cursor.execute(
            "SELECT p.generation, p.position FROM view_live l JOIN view_positions p "
            "ON p.view = l.view AND p.generation = l.generation WHERE l.view = ?",
            (view,),
        )
        row = cursor.fetchone()
        if row is None:
            raise ViewUnknown(f"view {view!r} has no tables here: run init")
        yield Live(cursor=cursor, generation=row[0], size=row[1])


def reflects(engine: ViewEngine, view: str) -> int:
    """How many records (a log size, from index 0) the live generation of a view holds.

    raises  ViewUnknown
    """
    with reading(engine, view) as live:
        return live.size


def parked(engine: ViewEngine, view: str) -> list[tuple[int, str]]:
    """Log index and error code of each record that the live generation had to leave out; [] when all is well.

    raises  ViewUnknown
    """
    with reading(engine, view) as live:
        live.cursor.execute(
            "SELECT log_index, code FROM view_parked WHERE view = ? AND generation = ? ORDER BY log_index",
            (view, live.generation),
        )
        return [(index, code) for index, code in live.cursor.fetchall()]
