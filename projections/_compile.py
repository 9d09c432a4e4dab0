"""Row changes of a batch as few bulk statements, with the effect of applying them one by one in order.

Changes to different keys commute: each touches one row, named by its full key. So only the order per key counts. Per
key the changes are merged as far as they can be; what cannot be merged (an addition after a change of a row that may
not exist) goes into the next wave, and waves run in order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from projections._base import Add, Change, Key, Put, RowChange, Table, Value


class Statement(NamedTuple):
    """One statement on many rows: what `Cursor.execute_rows` takes.

    sql    in which `{rows}` stands for a query that gives the rows
    types  of the rows' columns: "TEXT" | "BIGINT" | "BLOB"
    rows   never empty; no two have the same key
    """

    sql: str
    types: tuple[str, ...]
    rows: list[tuple[Value, ...]]


def coalesce(changes: Iterable[RowChange]) -> list[list[RowChange]]:
    """Waves of row changes, each with at most one change per table and key, equal in effect to `changes` in order."""
    # No object a row besides its change: what lives through a batch, the garbage collector walks over again and again.
    tables: defaultdict[str, list[dict[Key, RowChange]]] = defaultdict(lambda: [{}])
    for change in changes:
        waves, key = tables[change.table], change.key
        if key not in waves[0]:
            waves[0][key] = change
        elif type(change) is Put:
            waves[0][key] = change
            for wave in waves[1:]:
                wave.pop(key, None)
        else:
            _add_later(waves, change)
    return [
        found
        for level in range(max(map(len, tables.values()), default=0))
        if (found := [change for waves in tables.values() if level < len(waves) for change in waves[level].values()])
    ]


def _add_later(waves: list[dict[Key, RowChange]], change: RowChange) -> None:
    key = change.key
    last = max(level for level, wave in enumerate(waves) if key in wave)
    merged = _merge(waves[last][key], change)
    if merged is not None:
        waves[last][key] = merged
        return
    if last + 1 == len(waves):
        waves.append({})
    waves[last + 1][key] = change


def _merge(first: RowChange, second: RowChange) -> RowChange | None:
    if isinstance(second, Change) and isinstance(first, (Put, Change)):
        return first._replace(values={**first.values, **second.values})
    if isinstance(second, Add) and isinstance(first, (Put, Add)):
        sums = dict(first.values)
        for column, amount in second.values.items():
            sums[column] = int(sums.get(column) or 0) + amount
        return first._replace(values=sums)  # type: ignore[arg-type]
    return None


def statements(
    waves: Iterable[Iterable[RowChange]], *, tables: Mapping[str, Table], generation: str
) -> Iterator[Statement]:
    """Each wave's changes as one statement for each table, verb and choice of columns; SQL that every engine takes.

    The rows of a statement stand in no order that two writers could agree on, and need none: who writes a generation
    has moved its position first, and others wait for that row.

    waves       as `coalesce` gives them
    tables      by logical name
    generation  "a" or "b"
    """
    for wave in waves:
        groups: defaultdict[tuple[type, str, tuple[str, ...]], list[RowChange]] = defaultdict(list)
        for change in wave:
            verb = type(change)
            groups[verb, change.table, () if verb is Put else tuple(change.values)].append(change)
        for (verb, name, named), alike in groups.items():
            table = tables[name]
            cells = tuple(table.cells) if verb is Put else named
            rows = [(*key, *map(values.get, cells)) for _, key, values in alike]
            types = tuple(table.columns[column] for column in (*table.key, *cells))
            yield Statement(_sql(verb, table, cells, generation), types, rows)


def _sql(verb: type, table: Table, named: tuple[str, ...], generation: str) -> str:
    name, columns = table.physical(generation), (*table.key, *named)
    if verb is Change:
        sets = ", ".join(f"{column} = given.{column}" for column in named)
        same = " AND ".join(f"{name}.{column} = given.{column}" for column in table.key)
        return f"WITH given ({', '.join(columns)}) AS ({{rows}}) UPDATE {name} SET {sets} FROM given WHERE {same}"
    if verb is Put:
        sets = ", ".join(f"{column} = excluded.{column}" for column in named)
    else:
        sets = ", ".join(f"{column} = COALESCE({name}.{column}, 0) + excluded.{column}" for column in named)
    conflict = f"DO UPDATE SET {sets}" if named else "DO NOTHING"
    return f"INSERT INTO {name} ({', '.join(columns)}) {{rows}} ON CONFLICT ({', '.join(table.key)}) {conflict}"
