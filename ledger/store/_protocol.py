"""What every engine promises. One contract suite (`tests/contract/`) holds all engines to it.

An engine
  MUST     lock the head row first and hold it to the end of the transaction, so that commit order is index order
  MUST     look up held records, unique keys and aliases under that lock, never leave a conflict to a constraint error
  MUST     write events, uniqueness, alias and key rows, tiles and the head in one durable transaction, or nothing
  MUST     give dense indexes: the n-th record of the log has index n and notification id n + 1
  MUST NOT answer before the transaction is durable, nor let one refused group cost another group its place
  MAY      run several groups in one transaction, in the order they were handed over
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from ledger.errors import LedgerError
from ledger.logged import LoggedRecord

if TYPE_CHECKING:
    from ledger.store._tree import TreeState


@dataclass(frozen=True, slots=True)
class Proposal:
    """One record on its way in: the keys its decision needs, so that an engine can look all of them up at once."""

    record_id: bytes
    envelope_hash: bytes
    unique_keys: tuple[bytes, ...] = ()
    alias_keys: tuple[bytes, ...] = ()
    reads: tuple[bytes, ...] = ()
    stream: UUID | None = None
    body: Any = None


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A worker as the store knows one.

    name_key       blind index of the first recorded name; further ones are asked for with `View.has_name`
    merged_into    the subject that stands for this one too
    restricted_at  index of the record since which the worker's records are kept but not processed
    erased_at      index of the record that erased what rested on consent
    """

    subject: UUID
    name_key: bytes
    merged_into: UUID | None = None
    restricted_at: int | None = None
    erased_at: int | None = None


@dataclass(frozen=True, slots=True)
class AliasRow:
    """Whom a number stands for, and the last civil date (YYYY-MM-DD) on which it does; None for no end."""

    subject: UUID
    last_day: str | None = None


@dataclass(frozen=True, slots=True)
class DataKeyRow:
    """A subject's data key of one retention class, wrapped by the key-encryption key."""

    subject: UUID
    retention: str
    key_id: bytes
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Append:
    """A decision to append: the row and every row that must appear with it.

    aliases, subject, names  new rows about who is who
    retired                  aliases with the last day on which they stand for somebody
    changed                  a subject as it is from now on
    """

    stream: UUID
    topic: str
    state: bytes
    leaf_hash: bytes
    record_id: bytes
    envelope_hash: bytes
    uniques: tuple[bytes, ...] = ()
    lookups: tuple[bytes, ...] = ()
    aliases: tuple[tuple[bytes, UUID], ...] = ()
    subject: SubjectRow | None = None
    names: tuple[tuple[UUID, bytes], ...] = ()
    retired: tuple[tuple[bytes, str], ...] = ()
    changed: SubjectRow | None = None
    data_key: DataKeyRow | None = None
    registry: bool = False
    version: int | None = None
    note: Any = None


@dataclass(frozen=True, slots=True)
class Held:
    """The identical bytes are in the log already, at this index."""

    index: int


@dataclass(frozen=True, slots=True)
class Appended:
    """A record is in the log at `index`; `note` is what the decision wants handed back."""

    index: int
    version: int
    note: Any = None


@dataclass(frozen=True, slots=True)
class Head:
    """The head row: `size` leaves under `root`; the last registry record lies below `registry_size`."""

    size: int
    root: bytes
    registry_size: int


class View(Protocol):
    """The state under the lock, as the predecessors in the same transaction left it.

    `state` belongs to whoever decides: it starts as None and goes back with a refused group.
    """

    state: Any

    @property
    def size(self) -> int:
        """Leaves so far: the index the next record gets."""
        ...

    @property
    def registry_size(self) -> int:
        """One more than the index of the last registry record."""
        ...

    def held(self, record_id: bytes) -> tuple[int, bytes] | None:
        """Index and envelope hash of a held record."""
        ...

    def unique(self, key: bytes) -> int | None:
        """Index of the record that owns a unique key."""
        ...

    def alias(self, key: bytes) -> AliasRow | None:
        """Whom an alias that the proposal named stands for."""
        ...

    def subject(self, subject: UUID) -> SubjectRow | None:
        """A worker by id."""
        ...

    def has_name(self, subject: UUID, keys: Sequence[bytes]) -> bool:
        """Whether one of these blind indexes is a further name of a worker."""
        ...

    def linked(self, subject: UUID) -> Sequence[UUID]:
        """All subjects that were merged into this one, directly or by way of others."""
        ...

    def data_key(self, subject: UUID, retention: str) -> DataKeyRow | None:
        """The wrapped data key of a subject and retention class."""
        ...

    def record(self, record_id: bytes) -> LoggedRecord | None:
        """A held record that the proposal named in `reads`, or one of the same transaction."""
        ...

    def stream(self, stream: UUID) -> list[LoggedRecord]:
        """All records of a stream in order."""
        ...

    def acts(self, stream: UUID) -> list[LoggedRecord]:
        """The revocations and corrections of a stream in order."""
        ...


Decide = Callable[[Proposal, View], "Append | Held"]
Outcome = Appended | Held
GroupOutcome = list[Outcome] | LedgerError


class Cursor(Protocol):
    """What a view's tables are read and written through: `?` marks a parameter on every engine."""

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Runs one statement."""
        ...

    def execute_rows(self, sql: str, types: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Runs one statement on many rows: `{rows}` in it stands for a query that gives them.

        sql    without other parameters; correct too where the engine hands the rows over in several portions
        types  of the rows' columns: "TEXT" | "BIGINT" | "BLOB"
        rows   at least one
        """
        ...

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row of the last statement."""
        ...

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The remaining rows of the last statement."""
        ...


class ViewEngine(Protocol):
    """Where views keep their rows and positions."""

    def transaction(self) -> AbstractContextManager[Cursor]:
        """A read-write transaction: commits when the block ends, rolls back when it raises."""
        ...

    def read(self) -> AbstractContextManager[Cursor]:
        """A read-only look at one snapshot."""
        ...


class Recorder(Protocol):
    """The write path and the reads of one engine.

    erases_itself  whether the serving process may do what `erasing` does; a role of its own does elsewhere
    """

    erases_itself: bool

    def append(self, groups: Sequence[Sequence[Proposal]], decide: Decide) -> list[GroupOutcome]:
        """Decides and appends groups under the head lock, each all or nothing, in one durable transaction.

        raises  StoreUnavailable when the database did not confirm (appending the same bytes again is safe),
                StoreDamaged when rows contradict each other
        """
        ...

    def tree(self, size: int) -> TreeState:
        """The log's edge at a committed size; only for the thread that appends."""
        ...

    def store_published(self, *, size: int, note: bytes) -> None:
        """Keeps a published checkpoint; the first one of a size stands."""
        ...

    def erasing(self) -> AbstractContextManager[Cursor]:
        """A durable transaction that may delete what an erasure destroys; what it deleted is not left in files.

        raises  EraserNeeded for a role without the right, StoreUnavailable
        """
        ...

    def head(self) -> Head:
        """The committed head row. Raises StoreNotInitialised."""
        ...

    def read_records(self, *, after: int, limit: int) -> list[LoggedRecord]:
        """Records with index > after, in order, at most `limit`, up to the first gap."""
        ...

    def read_registry(self, *, after: int, below: int) -> list[LoggedRecord]:
        """Registry records with after < index < below, in order."""
        ...

    def read_stream(self, stream: UUID) -> list[LoggedRecord]:
        """All records of a stream in order."""
        ...

    def find_index(self, record_id: bytes) -> int | None:
        """Index of a held record."""
        ...

    def growth(self, *, timeout_seconds: float) -> Iterator[None]:
        """Yields when the log may have grown, and at the latest after the timeout; never ends."""
        ...

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a read-only query with `?` parameters."""
        ...

    def close(self) -> None:
        """Gives connections and locks back."""
        ...
