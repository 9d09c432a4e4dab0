"""Counting persons in the database, by chosen dimensions; and which of the counts anybody may read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from projections._base import Value
from projections._live import Live

CELL_MIN: Final = 10
"""Persons in the smallest cell that is told to everybody (guide: suppress cells below ten)."""


class Cell(NamedTuple):
    """Persons with these values of the dimensions."""

    values: tuple[Value, ...]
    persons: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Persons, in all and by cell. Somebody may stand in several cells: the cells may add up to more than `persons`.

    by  names of the dimensions, in the order of a cell's values
    """

    size: int
    as_of_seconds: int
    by: tuple[str, ...]
    persons: int
    cells: tuple[Cell, ...]


class Query(NamedTuple):
    """SQL with its parameters: a condition, or a query's beginning."""

    sql: str
    parameters: tuple[Value, ...] = ()


def equals(column: str, value: Value) -> Query:
    """A condition: the column has this value."""
    return Query(f"{column} = ?", (value,))


def below(column: str, prefix: str, *, separator: str = "") -> Query:
    """A condition: the column's code is the prefix or lies below it, by whole segments where codes have a separator."""
    start = prefix + separator
    return Query(f"({column} = ? OR substr({column}, 1, {len(start)}) = ?)", (prefix, start))


def count_persons(
    live: Live,
    held: Query,
    *,
    dimensions: Mapping[str, str],
    by: Sequence[str],
    where: Sequence[Query],
    as_of_seconds: int,
) -> Counts:
    """Distinct persons among some rows, in all and by cell.

    held        a query's beginning, `WITH … held AS (…)`; its rows have `person`, and what the conditions name
    dimensions  name -> SQL on such a row
    by          names of dimensions
    raises      KeyError for another name
    """
    conditions = " AND ".join(one.sql for one in where) or "1 = 1"
    parameters = (*held.parameters, *(value for one in where for value in one.parameters))

    def rows(columns: Sequence[str]) -> list[tuple[Value, ...]]:
        chosen = "".join(f"{column}, " for column in columns)
        places = ", ".join(str(place + 1) for place in range(len(columns)))
        grouped = f" GROUP BY {places}" if columns else ""
        return live.select(
            f"{held.sql} SELECT {chosen}COUNT(DISTINCT person) FROM held WHERE {conditions}{grouped}", parameters
        )

    persons = int(rows(())[0][0] or 0)
    cells = [Cell(tuple(values), int(count or 0)) for *values, count in rows([dimensions[name] for name in by])]
    # Engines do not agree where NULL stands.
    cells.sort(key=lambda cell: [(value is not None, value) for value in cell.values])
    return Counts(live.size, as_of_seconds, tuple(by), persons, tuple(cell for cell in cells if cell.persons))


def withheld(counts: Sequence[int], *, cell_min: int = CELL_MIN) -> frozenset[int]:
    """Places of the counts that are not told to everybody, where their sum may be known.

    A withheld cell could be reckoned from the sum and its neighbours. So those withheld have `cell_min` persons or more
    between them, which makes them two at least, as far as there are that many: the next smallest go too.

    counts   persons by cell; empty cells say nothing about anybody and are always told
    """
    hidden: list[tuple[int, int]] = []
    for count, place in sorted((count, place) for place, count in enumerate(counts) if count > 0):
        if count >= cell_min and (not hidden or sum(one for one, _ in hidden) >= cell_min):
            break
        hidden.append((count, place))
    return frozenset(place for _, place in hidden)
