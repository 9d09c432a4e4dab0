"""Row changes of a batch as few bulk statements, with the effect of applying them one by one in order.

Changes to different keys commute: each touches one row, named by its full key. So only the order per key counts. Per
key the changes are merged as far as they can be; what cannot be merged (an addition after a change of a row that may
not exist) goes into the next wave, and waves run in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from projections._base import Add, Change, Key, Put, RowChange, Table, Value

Statement = tuple[str, list[tuple[Value, ...]]]


def coalesce(changes: Iterable[RowChange]) -> list[list[RowChange]]:
    """Waves of row changes, each with at most one change per table and key, equal in effect to `changes` in order."""
    rows: dict[tuple[str, Key], list[RowChange]] = {}
    for change in changes:
        steps = rows.setdefault((change.table, change.key), [])
        if type(change) is Put:
            steps[:] = [change]
        elif steps and (merged := _merge(steps[-1], change)) is not None:
            steps[-1] = merged
        else:
            steps.append(change)
    depth = max(map(len, rows.values()), default=0)
    return [[steps[level] for steps in rows.values() if level < len(steps)] for level in range(depth)]


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
    """SQL common to SQLite and PostgreSQL, with `?` placeholders, and the parameter rows of each statement.

    waves       as `coalesce` gives them
    tables      by logical name
    generation  "a" or "b"
    """
    for wave in waves:
        groups: dict[tuple[type, str, tuple[str, ...]], list[tuple[Value, ...]]] = {}
        for change in wave:
            table = tables[change.table]
            if type(change) is Put:
                named: tuple[str, ...] = ()
                get = change.values.get
                cells = tuple(map(get, table.cells))
                row = (*change.key, *cells)
            else:
                named = tuple(change.values)
                cells = tuple(change.values.values())
                row = (*cells, *change.key) if type(change) is Change else (*change.key, *cells)
            groups.setdefault((type(change), change.table, named), []).append(row)
        for (kind, name, named), rows in groups.items():
            yield _sql(kind, tables[name], named, generation), rows


def _sql(kind: type, table: Table, named: tuple[str, ...], generation: str) -> str:
    name = table.physical(generation)
    if kind is Change:
        sets = ", ".join(f"{column} = ?" for column in named)
        return f"UPDATE {name} SET {sets} WHERE {' AND '.join(f'{column} = ?' for column in table.key)}"
    if kind is Put:
        named = tuple(table.cells)
        sets = ", ".join(f"{column} = excluded.{column}" for column in named)
    else:
        sets = ", ".join(f"{column} = COALESCE({name}.{column}, 0) + excluded.{column}" for column in named)
    columns = (*table.key, *named)
    conflict = f"DO UPDATE SET {sets}" if named else "DO NOTHING"
    return (
        f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "
        f"ON CONFLICT ({', '.join(table.key)}) {conflict}"
    )
