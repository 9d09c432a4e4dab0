"""What records rest on: every `{"record": id}` in a payload as a row, found from both ends.

Works on how citations are written, not on kinds. A link to another person's record tells its id and kind, no more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from projections._base import Logged, Put, Table
from projections._live import Live

_RECORD_ID: Final = re.compile("[0-9a-f]{64}", re.ASCII)


class Cited(NamedTuple):
    """One end of a link. `kind` is None for a record that this log does not hold."""

    record_id: str
    kind: str | None


class Links(NamedTuple):
    """The links of some records: record id -> what it cites, and record id -> what cites it."""

    rests_on: Mapping[str, tuple[Cited, ...]]
    cited_by: Mapping[str, tuple[Cited, ...]]


def link_table(name: str) -> Table:
    """A table of links: `source`, a record of `kind` in `stream`, cites `target`."""
    columns = {"target": "TEXT", "source": "TEXT", "kind": "TEXT", "stream": "TEXT"}
    return Table(name, columns, ("target", "source"), indexes=(("stream",),))


def link_rows(record: Logged, table: str) -> Iterator[Put]:
    """A row for each record that this one cites."""
    for target in citations(record.payload):
        yield Put(table, (target, record.record_id), {"kind": record.kind, "stream": str(record.stream)})


def citations(payload: Mapping[str, Any]) -> list[str]:
    """Record ids that a payload cites as `{"record": id}`, wherever they stand, each once."""
    found: dict[str, None] = {}
    todo: list[Any] = [payload]
    while todo:
        node = todo.pop()
        if type(node) is dict:
            record = node.get("record")
            if type(record) is str and _RECORD_ID.fullmatch(record):
                found[record] = None
            node = node.values()
        for inner in node:
            kind = type(inner)
            if kind is dict or kind is list:
                todo.append(inner)
    return list(found)


def read_links(
    live: Live, table: str, streams: Sequence[str], own: Mapping[str, str], *, records: str, others: str
) -> Links:
    """All links of the records in some persons' streams.

    table    made by `link_table`
    own      record id -> kind of all records in those streams
    records  the view's table of records about persons, with `stream`, `record_id` and `kind`
    others   its table of all other records, with `record_id` and `kind`
    """
    marks = ", ".join("?" * len(streams))
    rows = live.select(
        f"SELECT target, source, kind, stream FROM {table}{{g}} WHERE stream IN ({marks}) UNION "
        f"SELECT l.target, l.source, l.kind, l.stream FROM {records}{{g}} r JOIN {table}{{g}} l "
        f"ON l.target = r.record_id WHERE r.stream IN ({marks}) ORDER BY 1, 2",
        (*streams, *streams),
    )
    foreign = {target for target, *_ in rows if target not in own}
    kinds = {**own, **_kinds(live, foreign, records, others)} if foreign else own
    rests_on: dict[str, tuple[Cited, ...]] = {}
    cited_by: dict[str, tuple[Cited, ...]] = {}
    for target, source, kind, stream in rows:
        if stream in streams:
            rests_on[source] = (*rests_on.get(source, ()), Cited(target, kinds.get(target)))
        if target in own:
            cited_by[target] = (*cited_by.get(target, ()), Cited(source, kind))
    return Links(rests_on, cited_by)


def _kinds(live: Live, record_ids: Collection[str], *tables: str) -> dict[str, str]:
    """Kinds of held records by id."""
    found: dict[str, str] = {}
    for table in tables:
        sql = f"SELECT record_id, kind FROM {table}{{g}} WHERE record_id IN ({{keys}})"
        found.update(live.select_among(sql, record_ids))
    return found
