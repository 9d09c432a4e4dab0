"""The rows of an append on SQLite: reading what a decision looks at, writing what came of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from ledger.errors import StoreNotInitialised
from ledger.records import ACT_KINDS
from ledger.store._append import Loaded, LockedView
from ledger.store._mapper import LoggedRecord, logged_record
from ledger.store._people import People, changed_rows, subject_row
from ledger.store._protocol import AliasRow, DataKeyRow, Head, Proposal
from ledger.store._tree import TreeState

VARIABLES_MAX = 500
EVENT = "originator_id, originator_version, topic, state, notification_id"
"""Columns of an event, in the order that `logged` takes."""


def load(conn: sqlite3.Connection, proposals: Sequence[Proposal], people: People) -> tuple[Head, Loaded]:
    """The head, and every row that the proposals name; subjects go to `people`.

    raises  StoreNotInitialised
    """
    row = conn.execute("SELECT size, root, registry_size FROM log_head WHERE id = 1").fetchone()
    if row is None:
        raise StoreNotInitialised("the database holds no log; run `skill-ledger init` first")
    loaded = Loaded()
    for key, index, digest in _in(
        conn,
        "SELECT record_id, log_index, envelope_hash FROM records WHERE record_id IN",
        [p.record_id for p in proposals],
    ):
        loaded.held[key] = (index, digest)
    for key, index in _in(
        conn,
        "SELECT unique_key, log_index FROM uniques WHERE unique_key IN",
        [key for p in proposals for key in p.unique_keys],
    ):
        loaded.uniques[key] = index
    aliases = """SELECT a.alias, a.last_day, s.subject, s.name_key, s.merged_into, s.restricted_at, s.erased_at,
        k.retention, k.key_id, k.wrapped,
        (SELECT max(e.originator_version) FROM events e WHERE e.originator_id = a.subject)
        FROM aliases a JOIN subjects s ON s.subject = a.subject LEFT JOIN data_keys k ON k.subject = a.subject
        WHERE a.alias IN"""
    for alias, last_day, *columns, retention, key_id, wrapped, version in _in(
        conn, aliases, [key for p in proposals for key in p.alias_keys]
    ):
        found = subject_row(columns)
        subject = found.subject
        people.load(found)
        loaded.aliases[alias] = AliasRow(subject, last_day)
        loaded.versions[subject] = version or 0
        loaded.keyed.add(subject)
        if retention is not None:
            loaded.data_keys[subject, retention] = DataKeyRow(subject, retention, key_id, wrapped)
    reads = """SELECT r.record_id, e.originator_id, e.originator_version, e.topic, e.state, e.notification_id
        FROM records r JOIN events e ON e.notification_id = r.log_index + 1 WHERE r.record_id IN"""
    for record_id, *event in _in(conn, reads, [key for p in proposals for key in p.reads]):
        loaded.records[record_id] = logged(event)
    streams = sorted({record.stream.hex for record in loaded.records.values()})
    loaded.acts = {UUID(stream): [] for stream in streams}
    loaded.keyed.update(loaded.acts)
    acts = f"""SELECT {EVENT} FROM events
        WHERE topic IN ({",".join(f"'{kind}'" for kind in sorted(ACT_KINDS))}) AND originator_id IN"""
    for record in sorted(map(logged, _in(conn, acts, streams)), key=lambda record: record.index):
        loaded.acts[record.stream].append(record)
    # A record that acts on another names no person: it is sealed under the key of its target's subject.
    for text, retention, key_id, wrapped in _in(
        conn,
        "SELECT subject, retention, key_id, wrapped FROM data_keys WHERE subject IN",
        streams,
    ):
        loaded.data_keys[UUID(text), retention] = DataKeyRow(UUID(text), retention, key_id, wrapped)
    for stream in {p.stream for p in proposals if p.stream is not None}:
        version = conn.execute(
            "SELECT max(originator_version) FROM events WHERE originator_id = ?", (stream.hex,)
        ).fetchone()[0]
        loaded.versions[stream] = version or 0
    return Head(*row), loaded


def write(
    conn: sqlite3.Connection, head: Head, view: LockedView, tree: TreeState, tiles: Sequence[tuple[int, int, bytes]]
) -> None:
    """Writes every row of the view's appends, tiles and head."""
    appends = view.appends
    indexes = range(head.size, view.size)
    records = [view.loaded.records[append.record_id] for append in appends]
    conn.executemany(
        "INSERT INTO events VALUES (?, ?, ?, ?, ?)",
        [(r.stream.hex, r.version, a.topic, a.state, r.index + 1) for a, r in zip(appends, records, strict=True)],
    )
    conn.executemany(
        "INSERT INTO records VALUES (?, ?, ?)",
        [(a.record_id, index, a.envelope_hash) for a, index in zip(appends, indexes, strict=True)],
    )
    conn.executemany(
        """INSERT INTO uniques VALUES (?, ?)
           ON CONFLICT (unique_key) DO UPDATE SET log_index = excluded.log_index""",
        [(key, index) for a, index in zip(appends, indexes, strict=True) for key in a.uniques],
    )
    conn.executemany(
        "INSERT INTO registry VALUES (?)", [(i,) for a, i in zip(appends, indexes, strict=True) if a.registry]
    )
    conn.executemany(
        "INSERT INTO lookups VALUES (?, ?)",
        [(key, index) for a, index in zip(appends, indexes, strict=True) for key in a.lookups],
    )
    conn.executemany(
        "INSERT INTO subjects (subject, name_key) VALUES (?, ?)",
        [(a.subject.subject.hex, a.subject.name_key) for a in appends if a.subject is not None],
    )
    conn.executemany(
        "INSERT INTO aliases (alias, subject) VALUES (?, ?)",
        [(alias, subject.hex) for a in appends for alias, subject in a.aliases],
    )
    conn.executemany(
        "INSERT INTO data_keys VALUES (?, ?, ?, ?)",
        [
            (a.data_key.subject.hex, a.data_key.retention, a.data_key.key_id, a.data_key.wrapped)
            for a in appends
            if a.data_key is not None
        ],
    )
    for statement, params in changed_rows(appends):
        conn.execute(statement, plain(params))
    conn.executemany(
        """INSERT INTO tiles (level, n, hashes) VALUES (?, ?, ?)
           ON CONFLICT (level, n) DO UPDATE SET hashes = excluded.hashes""",
        tiles,
    )
    conn.execute(
        "UPDATE log_head SET size = ?, root = ?, frontier = ?, registry_size = ? WHERE id = 1",
        (view.size, tree.root(), tree.frontier(), view.registry_size),
    )


def plain(params: Sequence[Any]) -> list[Any]:
    """Parameters as SQLite takes them: ids as 32 hex digits."""
    return [param.hex if isinstance(param, UUID) else param for param in params]


def _in(conn: sqlite3.Connection, sql: str, keys: Sequence[bytes | str]) -> Iterator[tuple[Any, ...]]:
    """Rows whose key is one of many, asked for in slices that SQLite's variable limit allows."""
    for first in range(0, len(keys), VARIABLES_MAX):
        part = keys[first : first + VARIABLES_MAX]
        yield from conn.execute(f"{sql} ({','.join('?' * len(part))})", part)


def stream_rows(conn: sqlite3.Connection, stream: UUID) -> list[LoggedRecord]:
    """All records of a stream in order."""
    sql = f"SELECT {EVENT} FROM events WHERE originator_id = ? ORDER BY originator_version"
    return [logged(row) for row in conn.execute(sql, (stream.hex,))]


def logged(row: Sequence[Any]) -> LoggedRecord:
    """The record in a row of `EVENT` columns."""
    stream, version, topic, state, notification_id = row
    return logged_record(
        stream=UUID(stream), version=version, topic=topic, state=state, notification_id=notification_id
    )
