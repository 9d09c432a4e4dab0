"""SQLite: the embedded engine, one serving process.

WAL, in which one connection alone writes and checkpoints and all others are read-only: before 3.51.3 SQLite can
corrupt a database whose write-ahead log several connections reset. `synchronous=FULL` makes each commit durable. An
operating-system lock on a file beside the database keeps a second serving process out. Views live in a file of their
own: they are disposable, so they neither wait for the log's flushes nor share its lock.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteConnection, SQLiteConnectionPool, SQLiteDatastore

from ledger.errors import StoreLocked, StoreNotInitialised, StoreUnavailable
from ledger.store._append import LockedView, decide_groups
from ledger.store._mapper import LoggedRecord
from ledger.store._people import People
from ledger.store._plain import PlainInserts
from ledger.store._protocol import Cursor, Decide, GroupOutcome, Head, Proposal
from ledger.store._sqlite_rows import EVENT, load, logged, plain, stream_rows, write
from ledger.store._tree import TreeState
from ledger.store.schema import READ_REGISTRY, SQLITE_EVENTS, TABLES

INDEX_MAX = 2**63 - 1


class ReadOnlyPool(SQLiteConnectionPool):
    """The library's pool, with connections that cannot write."""

    def _create_connection(self) -> SQLiteConnection:
        return SQLiteConnection(_connect_read_only(self.db_name), max_age=self.max_age)


class ReadOnlyDatastore(SQLiteDatastore):
    """The library's datastore, for reading."""

    def __init__(self, db_name: str) -> None:
        super().__init__(db_name)
        self.pool.close()
        self.pool = ReadOnlyPool(db_name=db_name, pool_size=4, max_overflow=12)


class SQLiteRecorder(SQLiteApplicationRecorder):
    """The library's application recorder with our tables and our append."""

    erases_itself = True

    def __init__(self, datastore: ReadOnlyDatastore, *, path: Path, writable: bool) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._inserts: PlainInserts | None = None
        self._tree: TreeState | None = None
        self._os_lock: int | None = None
        self._writer: sqlite3.Connection | None = None
        super().__init__(datastore, events_table_name="events")
        if writable:
            self._os_lock = _take_os_lock(path)
            self._writer = _connect_writer(path)
        self.views = SQLiteViews(views_path(path))

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
            conn = self._writer
            if conn is None:
                raise StoreUnavailable("this store was opened for reading")
            try:
                conn.execute("BEGIN IMMEDIATE")
                outcomes, tree = self._append_in_transaction(conn, groups, decide)
                # The edge in memory is ahead of the database until COMMIT returns.
                self._tree = None
                conn.execute("COMMIT")
                self._tree = tree
            except sqlite3.OperationalError as failed:
                self._abandon(conn)
                raise StoreUnavailable("the database did not confirm; submit the same bytes again") from failed
            except BaseException:
                self._abandon(conn)
                raise
            return outcomes

    def _append_in_transaction(
        self, conn: sqlite3.Connection, groups: Sequence[Sequence[Proposal]], decide: Decide
    ) -> tuple[list[GroupOutcome], TreeState | None]:
        people = People(lambda sql, params: conn.execute(sql, plain(params)).fetchall())
        head, loaded = load(conn, [proposal for group in groups for proposal in group], people)
        view = LockedView(head, loaded, people, lambda stream: stream_rows(conn, stream))
        outcomes, view = decide_groups(groups, decide, view, store_errors=sqlite3.Error)
        if not view.appends:
            return outcomes, self._tree
        tree = self._tree
        if tree is None or tree.size != head.size:
            tree = TreeState.load(head.size, lambda s, p: conn.execute(s, p).fetchall(), older=self.rows)
        tree.check_root(head.root)
        self._tree = None
        tiles = tree.extend([append.leaf_hash for append in view.appends])
        write(conn, head, view, tree, tiles)
        return outcomes, tree

    def _abandon(self, conn: sqlite3.Connection) -> None:
        self._tree = None
        if conn.in_transaction:
            conn.execute("ROLLBACK")

    @contextmanager
    def erasing(self) -> Iterator[Cursor]:
        """See `ledger.store._protocol.Recorder.erasing`: deleted content is overwritten, and the journal emptied."""
        with self._lock:
            conn = self._writer
            if conn is None:
                raise StoreUnavailable("this store was opened for reading")
            conn.execute("PRAGMA secure_delete = ON")
            try:
                conn.execute("BEGIN IMMEDIATE")
                yield SQLiteCursor(conn.cursor())
                conn.execute("COMMIT")
            except BaseException:
                self._abandon(conn)
                raise
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # -- signer --------------------------------------------------------------------------------------------------------

    def store_published(self, *, size: int, note: bytes) -> None:
        """Keeps a published checkpoint; the first one of a size stands. Raises StoreUnavailable."""
        with self._lock:
            if self._writer is None:
                raise StoreUnavailable("this store was opened for reading")
            self._writer.execute("INSERT OR IGNORE INTO checkpoints (size, note) VALUES (?, ?)", (size, note))

    # -- reads ---------------------------------------------------------------------------------------------------------

    def head(self) -> Head:
        """The committed head row.

        raises  StoreNotInitialised
        """
        rows = self.rows("SELECT size, root, registry_size FROM log_head WHERE id = 1")
        if not rows:
            raise StoreNotInitialised("the database holds no log; run `skill-ledger init` first")
        return Head(*rows[0])

    def growth(self, *, timeout_seconds: float) -> Iterator[None]:
        """Yields now and after each timeout: SQLite tells nobody what another process wrote."""
        while True:
            yield
            time.sleep(timeout_seconds)

    def read_records(self, *, after: int, limit: int) -> list[LoggedRecord]:
        """Records with index > after, in order, at most `limit`, up to the first gap."""
        rows = self.rows(
            f"SELECT {EVENT} FROM events WHERE notification_id > ? ORDER BY notification_id LIMIT ?",
            (after + 1, limit),
        )
        return [logged(row) for position, row in enumerate(rows) if row[4] == after + 2 + position]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The library's way to read the log: rows in order of notification id (index + 1)."""
        first = (start if inclusive_of_start else start + 1) if start is not None else 0
        wanted = f" AND topic IN ({','.join('?' * len(topics))})" if topics else ""
        rows = self.rows(
            f"""SELECT {EVENT} FROM events WHERE notification_id >= ? AND notification_id <= ?{wanted}
                ORDER BY notification_id LIMIT ?""",
            (first, INDEX_MAX if stop is None else stop, *topics, limit),
        )
        return [
            Notification(UUID(stream), version, topic, state, id=number)
            for stream, version, topic, state, number in rows
        ]

    def read_stream(self, stream: UUID) -> list[LoggedRecord]:
        """All records of a stream in order."""
        with self.read() as cursor:
            cursor.execute(
                f"SELECT {EVENT} FROM events WHERE originator_id = ? ORDER BY originator_version",
                (stream.hex,),
            )
            return [logged(row) for row in cursor.fetchall()]

    def read_registry(self, *, after: int, below: int) -> list[LoggedRecord]:
        """Registry records with after < index < below, in order."""
        return [logged(row) for row in self.rows(READ_REGISTRY, (after, below))]

    def tree(self, size: int) -> TreeState:
        """The log's edge at a committed size; for the committing thread, which owns the one in memory."""
        tree = self._tree
        return tree if tree is not None and tree.size == size else TreeState.load(size, self.rows)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a read-only query with `?` parameters."""
        with self.read() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall()

    def find_index(self, record_id: bytes) -> int | None:
        """Index of a held record."""
        rows = self.rows("SELECT log_index FROM records WHERE record_id = ?", (record_id,))
        return rows[0][0] if rows else None

    @contextmanager
    def read(self) -> Iterator[Cursor]:
        """A read-only look at one snapshot of the log. Raises StoreUnavailable."""
        try:
            with self.datastore.transaction(commit=False) as cursor:
                cursor.sqlite_cursor.row_factory = None
                yield SQLiteCursor(cursor.sqlite_cursor)
        except sqlite3.OperationalError as failed:
            raise StoreUnavailable("the database cannot be read; try again later") from failed

    def close(self) -> None:
        """Closes the connections and gives the serving lock back."""
        if self._inserts is not None:
            self._inserts.close()
        self.datastore.close()
        self.views.close()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._os_lock is not None:
            os.close(self._os_lock)
            self._os_lock = None


class SQLiteCursor:
    """A cursor with the protocol's four verbs."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Runs one statement."""
        self._cursor.execute(sql, plain(params))

    def execute_rows(self, sql: str, types: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Runs one statement on many rows, prepared once: a call inside the process is cheaper than passing arrays."""
        values = f"VALUES ({', '.join('?' * len(types))})"
        self._cursor.executemany(sql.replace("{rows}", values), rows)

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row of the last statement."""
        return self._cursor.fetchone()  # type: ignore[no-any-return]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The remaining rows of the last statement."""
        return self._cursor.fetchall()


class SQLiteViews:
    """Rows and positions of the views: a file that may be thrown away."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._writer: sqlite3.Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """A read-write transaction: see `ViewEngine`. Raises StoreUnavailable."""
        with self._lock:
            if self._writer is None:
                self._writer = _connect_views(self.path)
            conn = self._writer
            try:
                conn.execute("BEGIN IMMEDIATE")
                yield SQLiteCursor(conn.cursor())
                conn.execute("COMMIT")
            except sqlite3.OperationalError as failed:
                raise StoreUnavailable("the views' database did not confirm; try again later") from failed
            finally:
                if conn.in_transaction:
                    conn.execute("ROLLBACK")

    @contextmanager
    def read(self) -> Iterator[Cursor]:
        """A read-only look at one snapshot. Raises StoreUnavailable."""
        conn = _connect_read_only(str(self.path))
        conn.row_factory = None
        try:
            conn.execute("BEGIN")
            yield SQLiteCursor(conn.cursor())
        except sqlite3.OperationalError as failed:
            raise StoreUnavailable("the views' database cannot be read; try again later") from failed
        finally:
            conn.close()

    def close(self) -> None:
        """Closes the writing connection."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def views_path(path: Path) -> Path:
    """Where the views of a log live: `ledger.db` has `ledger.views.db` beside it."""
    return path.with_suffix(".views" + path.suffix)


def open_sqlite(path: Path, *, writable: bool) -> SQLiteRecorder:
    """A recorder on a database file.

    raises  StoreNotInitialised when there is no file, StoreLocked when another process serves it
    """
    if not path.exists():
        raise StoreNotInitialised("there is no database file; run `skill-ledger init` first")
    return SQLiteRecorder(ReadOnlyDatastore(str(path)), path=path, writable=writable)


def create_sqlite(path: Path, *, empty_root: bytes, view_tables: Sequence[str]) -> bool:
    """Creates the two database files and the empty head; False when there is a log already.

    raises  StoreLocked when another process serves it
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = _take_os_lock(path)
    try:
        conn = _connect_writer(path)
        conn.execute("BEGIN IMMEDIATE")
        for statement in (*SQLITE_EVENTS, *TABLES):
            conn.execute(statement.format(blob="BLOB", uuid="TEXT"))
        created = conn.execute(
            "INSERT INTO log_head VALUES (1, 0, ?, x'', 0) ON CONFLICT DO NOTHING", (empty_root,)
        ).rowcount
        conn.execute("COMMIT")
        conn.close()
        views = _connect_views(views_path(path))
        for statement in view_tables:
            views.execute(statement)
        views.close()
    finally:
        os.close(lock)
    return created == 1


def _connect_writer(path: Path) -> sqlite3.Connection:
    conn = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = FULL")
    return conn


def _connect_views(path: Path) -> sqlite3.Connection:
    conn = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = NORMAL")
    return conn


def _connect_read_only(path: str) -> sqlite3.Connection:
    conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False, timeout=10)
    conn.execute("PRAGMA query_only = ON")
    conn.row_factory = sqlite3.Row
    return conn


def _take_os_lock(path: Path) -> int:
    handle = os.open(path.with_suffix(path.suffix + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise StoreLocked("another process serves this SQLite store; stop it first, or use PostgreSQL") from None
    return handle
