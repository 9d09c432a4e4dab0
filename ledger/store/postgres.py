"""PostgreSQL: the server engine.

One connection writes. An append is two round trips: lock the head and look everything up; write everything and commit.
Reads use the library's pool. The commit is durable (`synchronous_commit=on`, set on the writing connection).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import unquote, urlsplit
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg import sql
from psycopg.rows import tuple_row

from ledger.errors import EraserNeeded, OwnerMayNotServe, StoreNotInitialised, StoreUnavailable
from ledger.records import ACT_KINDS
from ledger.store._append import Loaded, LockedView, decide_groups
from ledger.store._mapper import LoggedRecord, logged_record
from ledger.store._people import People, changed_rows, subject_row
from ledger.store._plain import PlainInserts
from ledger.store._postgres_cursor import PostgresCursor, native
from ledger.store._protocol import AliasRow, Cursor, DataKeyRow, Decide, GroupOutcome, Head, Proposal
from ledger.store._tree import TreeState
from ledger.store.schema import ERASER_GRANTS, ERASER_SUFFIX, POSTGRES_EVENTS, READ_REGISTRY, SERVICE_GRANTS, TABLES

CHANNEL = "ledger_events"
COMMIT_TRIES_MAX = 5
"""Rows that go to the database in one statement: the whole of it must fit into memory, here and there."""

_HEAD_LOCK = "SELECT size, root, registry_size FROM log_head WHERE id = 1 FOR UPDATE"
_HEAD = "SELECT size, root, registry_size FROM log_head WHERE id = 1"
_HELD = "SELECT record_id, log_index, envelope_hash FROM records WHERE record_id = ANY(%b)"
_UNIQUES = "SELECT unique_key, log_index FROM uniques WHERE unique_key = ANY(%b)"
_ALIASES = """SELECT a.alias, a.last_day, s.subject, s.name_key, s.merged_into, s.restricted_at, s.erased_at,
    k.retention, k.key_id, k.wrapped,
    (SELECT max(e.originator_version) FROM events e WHERE e.originator_id = a.subject)
    FROM aliases a JOIN subjects s ON s.subject = a.subject LEFT JOIN data_keys k ON k.subject = a.subject
    WHERE a.alias = ANY(%b)"""
_VERSIONS = """SELECT s, (SELECT max(e.originator_version) FROM events e WHERE e.originator_id = s)
    FROM unnest(%b::uuid[]) AS s"""
_READS = """SELECT r.record_id, e.originator_id, e.originator_version, e.topic, e.state, e.notification_id
    FROM records r JOIN events e ON e.notification_id = r.log_index + 1 WHERE r.record_id = ANY(%b)"""
_DATA_KEYS = "SELECT subject, retention, key_id, wrapped FROM data_keys WHERE subject = ANY(%b)"
_ACTS = """SELECT originator_id, originator_version, topic, state, notification_id FROM events
    WHERE originator_id = ANY(%b) AND topic = ANY(%b)
    ORDER BY originator_id, originator_version"""
_STREAM = """SELECT originator_id, originator_version, topic, state, notification_id FROM events
    WHERE originator_id = %b ORDER BY originator_version"""
_AFTER = """SELECT originator_id, originator_version, topic, state, notification_id FROM events
    WHERE notification_id > %s ORDER BY notification_id LIMIT %s"""
_INSERT = """WITH
    appended AS (INSERT INTO events (originator_id, originator_version, topic, state, notification_id)
        SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bytea[], %b::bigint[])),
    identified AS (INSERT INTO records SELECT * FROM unnest(%b::bytea[], %b::bigint[], %b::bytea[]))
    INSERT INTO uniques SELECT * FROM unnest(%b::bytea[], %b::bigint[])
    ON CONFLICT (unique_key) DO UPDATE SET log_index = excluded.log_index"""
_INSERT_SUBJECTS = "INSERT INTO subjects (subject, name_key) SELECT * FROM unnest(%b::uuid[], %b::bytea[])"
_INSERT_ALIASES = "INSERT INTO aliases (alias, subject) SELECT * FROM unnest(%b::bytea[], %b::uuid[])"
_INSERT_KEYS = "INSERT INTO data_keys SELECT * FROM unnest(%b::uuid[], %b::text[], %b::bytea[], %b::bytea[])"
_UPSERT_TILE = """INSERT INTO tiles (level, n, hashes) VALUES (%s, %s, %b)
    ON CONFLICT (level, n) DO UPDATE SET hashes = excluded.hashes"""
_UPDATE_HEAD = "UPDATE log_head SET size = %s, root = %b, frontier = %b, registry_size = %s WHERE id = 1"
_INSERT_REGISTRY = "INSERT INTO registry SELECT * FROM unnest(%b::bigint[])"
_INSERT_LOOKUPS = "INSERT INTO lookups SELECT * FROM unnest(%b::bytea[], %b::bigint[])"


class PostgresRecorder(PostgresApplicationRecorder):
    """The library's application recorder with our tables and our append."""

    erases_itself = False

    def __init__(self, datastore: PostgresDatastore, *, events_table_name: str = "events", conninfo: str = "") -> None:
        self._conninfo = conninfo
        self._writer: psycopg.Connection[tuple[Any, ...]] | None = None
        self._tree: TreeState | None = None
        self._lock = threading.Lock()
        self._inserts: PlainInserts | None = None
        super().__init__(datastore, events_table_name=events_table_name)

    def create_table(self) -> None:
        """Creates the tables when they are missing; the owner's act, part of `init`."""
        with self.datastore.get_connection() as conn, conn.transaction():
            conn.execute("SELECT pg_advisory_xact_lock(7236001)")
            for statement in (*POSTGRES_EVENTS, *TABLES):
                conn.execute(statement.format(blob="bytea", uuid="uuid").encode())

    # -- append --------------------------------------------------------------------------------------------------------

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Appends rows that the library's `Application.save` made; versions must follow each other.

        raises  IntegrityError (RecordConflictError) when a version is taken or skips
        """
        if self._inserts is None:
            with self._lock:
                self._inserts = self._inserts or PlainInserts(self.append)
        return self._inserts.insert(stored_events)

    def append(self, groups: Sequence[Sequence[Proposal]], decide: Decide) -> list[GroupOutcome]:
        """See `ledger.store._protocol.Recorder.append`."""
        with self._lock:
            return self._append_locked(groups, decide)

    def _append_locked(self, groups: Sequence[Sequence[Proposal]], decide: Decide) -> list[GroupOutcome]:
        # A lost connection leaves the outcome of a commit unknown. Deciding the same groups again finds what was
        # committed as held, so trying again is exact.
        for attempt in range(1, COMMIT_TRIES_MAX + 1):
            try:
                return self._append_once(groups, decide)
            except (psycopg.OperationalError, psycopg.InterfaceError) as failed:
                self._drop_writer()
                if attempt == COMMIT_TRIES_MAX:
                    raise StoreUnavailable("the database did not confirm; submit the same bytes again") from failed
            except BaseException:
                self._drop_writer()
                raise
        raise AssertionError("unreachable")

    def _append_once(self, groups: Sequence[Sequence[Proposal]], decide: Decide) -> list[GroupOutcome]:
        conn = self._connection()
        people = People(lambda sql, params: conn.execute(native(sql), params).fetchall())
        head, loaded = self._load(conn, [proposal for group in groups for proposal in group], people)
        view = LockedView(head, loaded, people, lambda stream: self._stream_rows(conn, stream))
        outcomes, view = decide_groups(groups, decide, view, store_errors=psycopg.Error)
        if not view.appends:
            conn.rollback()
            return outcomes
        tree = self._tree
        if tree is None or tree.size != head.size:
            tree = TreeState.load(
                head.size, lambda sql, params: conn.execute(native(sql), params).fetchall(), older=self.rows
            )
        self._tree = None
        tree.check_root(head.root)
        tiles = tree.extend([append.leaf_hash for append in view.appends])
        self._write(conn, head, view, tree, tiles)
        self._tree = tree
        return outcomes

    def _load(
        self, conn: psycopg.Connection[Any], proposals: Sequence[Proposal], people: People
    ) -> tuple[Head, Loaded]:
        uniques = [key for p in proposals for key in p.unique_keys]
        aliases = [key for p in proposals for key in p.alias_keys]
        reads = [key for p in proposals for key in p.reads]
        streams = list({p.stream for p in proposals if p.stream is not None})
        loaded = Loaded()
        with conn.pipeline():
            head_row = conn.execute(_HEAD_LOCK)
            held = conn.execute(_HELD, ([p.record_id for p in proposals],), binary=True)
            unique_rows = conn.execute(_UNIQUES, (uniques,), binary=True) if uniques else None
            alias_rows = conn.execute(_ALIASES, (aliases,), binary=True) if aliases else None
            read_rows = conn.execute(_READS, (reads,), binary=True) if reads else None
            version_rows = conn.execute(_VERSIONS, (streams,), binary=True) if streams else None
        row = head_row.fetchone()
        if row is None:
            raise StoreNotInitialised("the database holds no log; run `skill-ledger init` first")
        loaded.held = {bytes(r[0]): (r[1], bytes(r[2])) for r in held}
        if unique_rows:
            loaded.uniques = {bytes(r[0]): r[1] for r in unique_rows}
        for alias, last_day, *columns, retention, key_id, wrapped, version in alias_rows or ():
            subject = columns[0]
            loaded.aliases[bytes(alias)] = AliasRow(subject, last_day)
            people.load(subject_row(columns))
            loaded.versions[subject] = version or 0
            loaded.keyed.add(subject)
            if retention is not None:
                loaded.data_keys[subject, retention] = DataKeyRow(subject, retention, bytes(key_id), bytes(wrapped))
        for record_id, *event in read_rows or ():
            loaded.records[bytes(record_id)] = _logged(event)
        for stream, version in version_rows or ():
            loaded.versions[stream] = version or 0
        if loaded.records:
            self._load_acted_on(conn, loaded)
        return Head(row[0], bytes(row[1]), row[2]), loaded

    @staticmethod
    def _load_acted_on(conn: psycopg.Connection[Any], loaded: Loaded) -> None:
        """A record that acts on another names no person: it goes to its target's stream, under that subject's key."""
        streams = list({record.stream for record in loaded.records.values()})
        with conn.pipeline():
            key_rows = conn.execute(_DATA_KEYS, (streams,), binary=True)
            version_rows = conn.execute(_VERSIONS, (streams,), binary=True)
            act_rows = conn.execute(_ACTS, (streams, list(ACT_KINDS)), binary=True)
        loaded.acts = {stream: [] for stream in streams}
        loaded.keyed.update(streams)
        for record in map(_logged, act_rows):
            loaded.acts[record.stream].append(record)
        for subject, retention, key_id, wrapped in key_rows:
            loaded.data_keys[subject, retention] = DataKeyRow(subject, retention, bytes(key_id), bytes(wrapped))
        for stream, version in version_rows:
            loaded.versions[stream] = version or 0

    def _write(
        self,
        conn: psycopg.Connection[Any],
        head: Head,
        view: LockedView,
        tree: TreeState,
        tiles: Sequence[tuple[int, int, bytes]],
    ) -> None:
        appends = view.appends
        indexes = range(head.size, view.size)
        records = [view.loaded.records[a.record_id] for a in appends]
        uniques = {key: index for a, index in zip(appends, indexes, strict=True) for key in a.uniques}
        registry = [index for a, index in zip(appends, indexes, strict=True) if a.registry]
        lookups = [(key, index) for a, index in zip(appends, indexes, strict=True) for key in a.lookups]
        aliases = [pair for a in appends for pair in a.aliases]
        subjects = [a.subject for a in appends if a.subject is not None]
        keys = [a.data_key for a in appends if a.data_key is not None]
        with conn.pipeline():
            conn.execute(
                _INSERT,
                (
                    [r.stream for r in records],
                    [r.version for r in records],
                    [a.topic for a in appends],
                    [a.state for a in appends],
                    [index + 1 for index in indexes],
                    [a.record_id for a in appends],
                    list(indexes),
                    [a.envelope_hash for a in appends],
                    list(uniques),
                    list(uniques.values()),
                ),
            )
            if registry:
                conn.execute(_INSERT_REGISTRY, (registry,))
            if lookups:
                conn.execute(_INSERT_LOOKUPS, ([key for key, _ in lookups], [index for _, index in lookups]))
            if subjects:
                conn.execute(_INSERT_SUBJECTS, ([s.subject for s in subjects], [s.name_key for s in subjects]))
            if aliases:
                conn.execute(_INSERT_ALIASES, ([alias for alias, _ in aliases], [subject for _, subject in aliases]))
            if keys:
                conn.execute(
                    _INSERT_KEYS,
                    (
                        [k.subject for k in keys],
                        [k.retention for k in keys],
                        [k.key_id for k in keys],
                        [k.wrapped for k in keys],
                    ),
                )
            for statement, params in changed_rows(appends):
                conn.execute(native(statement), params)
            for level, n, hashes in tiles:
                conn.execute(_UPSERT_TILE, (level, n, hashes))
            conn.execute(_UPDATE_HEAD, (view.size, tree.root(), tree.frontier(), view.registry_size))
            conn.execute(f"NOTIFY {CHANNEL}".encode())
            conn.commit()

    @contextmanager
    def erasing(self) -> Iterator[Cursor]:
        """See `ledger.store._protocol.Recorder.erasing`; files forget with the owner's next VACUUM."""
        try:
            with self.transaction() as cursor:
                yield cursor
        except psycopg.errors.InsufficientPrivilege as refused:
            raise EraserNeeded("this database role may not erase; use the eraser role that init made") from refused

    # -- signer --------------------------------------------------------------------------------------------------------

    def store_published(self, *, size: int, note: bytes) -> None:
        """Keeps a published checkpoint with its cosignatures; the first one of a size stands."""
        with self.reading() as conn:
            conn.execute("INSERT INTO checkpoints (size, note) VALUES (%s, %b) ON CONFLICT DO NOTHING", (size, note))

    # -- reads ---------------------------------------------------------------------------------------------------------

    def head(self) -> Head:
        """The committed head row.

        raises  StoreNotInitialised
        """
        with self.reading() as conn:
            row = conn.execute(_HEAD).fetchone()
        if row is None:
            raise StoreNotInitialised("the database holds no log; run `skill-ledger init` first")
        return Head(row[0], bytes(row[1]), row[2])

    def read_records(self, *, after: int, limit: int) -> list[LoggedRecord]:
        """Records with index > after, in order, at most `limit`, up to the first gap."""
        with self.reading() as conn:
            rows = conn.execute(_AFTER, (after + 1, limit), binary=True).fetchall()
        return [_logged(row) for position, row in enumerate(rows) if row[4] == after + 2 + position]

    def read_stream(self, stream: UUID) -> list[LoggedRecord]:
        """All records of a stream in order."""
        with self.reading() as conn:
            return self._stream_rows(conn, stream)

    def read_registry(self, *, after: int, below: int) -> list[LoggedRecord]:
        """Registry records with after < index < below, in order."""
        return [_logged(row) for row in self.rows(READ_REGISTRY, (after, below))]

    def tree(self, size: int) -> TreeState:
        """The log's edge at a committed size; for the committing thread, which owns the one in memory."""
        tree = self._tree
        return tree if tree is not None and tree.size == size else TreeState.load(size, self.rows)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a read-only query with `?` parameters."""
        with self.reading() as conn:
            return conn.execute(native(sql), params).fetchall()

    def find_index(self, record_id: bytes) -> int | None:
        """Index of a held record."""
        rows = self.rows("SELECT log_index FROM records WHERE record_id = ?", (record_id,))
        return rows[0][0] if rows else None

    def growth(self, *, timeout_seconds: float) -> Iterator[None]:
        """Yields after each commit, whoever made it, and at the latest after the timeout: a notice may be lost."""
        while True:
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as conn:
                    conn.execute(f"LISTEN {CHANNEL}".encode())
                    while True:
                        yield
                        for _ in conn.notifies(timeout=timeout_seconds, stop_after=1):
                            pass
            except psycopg.OperationalError:
                time.sleep(timeout_seconds)
                yield

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """A read-write transaction for views: see `ViewEngine`."""
        with self.reading() as conn, conn.transaction(), conn.cursor() as cursor:
            yield PostgresCursor(cursor)

    @contextmanager
    def read(self) -> Iterator[Cursor]:
        """A read-only look at one snapshot, for views."""
        with self.reading() as conn, conn.transaction(), conn.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield PostgresCursor(cursor)

    def close(self) -> None:
        """Closes the writing connection and the pool."""
        if self._inserts is not None:
            self._inserts.close()
        self._drop_writer()
        self.datastore.close()

    # -- connections ---------------------------------------------------------------------------------------------------

    def _connection(self) -> psycopg.Connection[Any]:
        if self._writer is None or self._writer.closed:
            self._writer = psycopg.connect(self._conninfo)
            self._writer.execute("SET synchronous_commit = on")
            # Every look-up under the lock is by key. Statistics lag behind a growing log: without this the planner may
            # choose to read a whole table while all writers wait.
            self._writer.execute("SET enable_seqscan = off")
            self._writer.execute("SET enable_hashjoin = off")
            self._writer.execute("SET enable_mergejoin = off")
            self._writer.commit()
            self._tree = None
        return self._writer

    def _drop_writer(self) -> None:
        writer, self._writer, self._tree = self._writer, None, None
        if writer is not None:
            writer.close()

    @contextmanager
    def reading(self) -> Iterator[psycopg.Connection[Any]]:
        """A pooled connection in autocommit.

        raises  StoreUnavailable when the database cannot be reached
        """
        try:
            self.datastore.pool.open()
            with self.datastore.pool.connection() as conn:
                previous = conn.row_factory
                conn.row_factory = tuple_row  # type: ignore[assignment]
                try:
                    yield conn
                finally:
                    conn.row_factory = previous
        except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.AdminShutdown) as failed:
            raise StoreUnavailable("the database cannot be reached; try again later") from failed

    @staticmethod
    def _stream_rows(conn: psycopg.Connection[Any], stream: UUID) -> list[LoggedRecord]:
        return [_logged(row) for row in conn.execute(_STREAM, (stream,), binary=True)]


def open_postgres(url: str) -> PostgresRecorder:
    """A recorder on `postgresql://user[:password]@host:port/db`; connects when first used."""
    parts = urlsplit(url)
    datastore = PostgresDatastore(
        dbname=parts.path.lstrip("/"),
        host=parts.hostname or "localhost",
        port=parts.port or 5432,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        pool_size=2,
        max_overflow=8,
    )
    return PostgresRecorder(datastore, conninfo=url)


def create_postgres(url: str, *, empty_root: bytes, service_role: str, view_tables: Sequence[str]) -> bool:
    """Creates tables, the service role and the empty head, as the owner; False when there is a log already.

    raises  StoreUnavailable when the database cannot be reached
    """
    recorder = open_postgres(url)
    recorder.create_table()
    with recorder.reading() as conn, conn.transaction():
        for statement in view_tables:
            conn.execute(_portable(statement))
        role, eraser = sql.Identifier(service_role), sql.Identifier(service_role + ERASER_SUFFIX)
        for name in (service_role, service_role + ERASER_SUFFIX):
            if conn.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone() is None:
                conn.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        for grant in SERVICE_GRANTS:
            conn.execute(sql.SQL(cast(Any, grant)).format(role=role))
        for grant in ERASER_GRANTS:
            conn.execute(sql.SQL(cast(Any, grant)).format(role=eraser, service=role))
        for table in _view_names(view_tables):
            grant_rows = sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}")
            conn.execute(grant_rows.format(sql.Identifier(table), role))
        created = conn.execute(
            "INSERT INTO log_head VALUES (1, 0, %b, '', 0) ON CONFLICT DO NOTHING", (empty_root,)
        ).rowcount
    recorder.close()
    return created == 1


def check_service_role(recorder: PostgresRecorder) -> None:
    """Refuses to serve under a role that could change history.

    raises  StoreNotInitialised, OwnerMayNotServe when the role may update, delete or truncate events
    """
    with recorder.reading() as conn:
        row = conn.execute(
            """SELECT has_table_privilege('events', 'UPDATE') OR has_table_privilege('events', 'DELETE')
               OR has_table_privilege('events', 'TRUNCATE') OR pg_has_role(tableowner, 'MEMBER')
               FROM pg_tables WHERE tablename = 'events' AND schemaname = current_schema()"""
        ).fetchone()
    if row is None:
        raise StoreNotInitialised("the database holds no log; run `skill-ledger init` first")
    if row[0]:
        raise OwnerMayNotServe("this database role may change or delete events; serve with the role that init made")


def _view_names(statements: Sequence[str]) -> list[str]:
    tables = [text for text in statements if text.lstrip().upper().startswith("CREATE TABLE")]
    return [text.split("(")[0].split()[-1] for text in tables]


def _portable(statement: str) -> bytes:
    return statement.replace(" BLOB", " bytea").encode()


def _logged(row: Sequence[Any]) -> LoggedRecord:
    stream, version, topic, state, notification_id = row
    return logged_record(
        stream=stream, version=version, topic=topic, state=bytes(state), notification_id=notification_id
    )
