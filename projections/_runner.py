"""Keeps views level with the log: batches, exactly once; and rebuilds them beside the live ones.

One transaction holds a batch's row changes and the new position of every view it moved. It begins by moving the
positions from where the batch starts to where it ends: whoever finds another position has lost a race and does nothing.
So any number of runners, threads or processes may run at once, and a crash at any point costs a batch of work, no rows.

A view has two generations of tables. `rebuild` empties the one that nobody reads, fills it from the log, and swaps the
pointer once it has caught up.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from keys.errors import LedgerError, Unavailable
from projections._base import GENERATIONS, Logged, RowChange, View, check_change
from projections._compile import Statement, coalesce, statements
from projections._live import reflects
from projections.errors import ViewBehind, ViewContended, ViewUnknown

if TYPE_CHECKING:
    from ledger.store._protocol import Cursor, ViewEngine

BATCH_RECORDS_MAX = 5_000
POLL_SECONDS = 1.0
GATHER_SECONDS = 0.2
"""A transaction costs the same for one record as for a hundred: after a wake-up, more may gather for this long."""

_log = logging.getLogger(__name__)


class Source(Protocol):
    """Where records come from: the ledger, or one engine's recorder."""

    def read(self, after: int, limit: int) -> Sequence[Logged]:
        """Records with index > after (-1 for the first), in order, at most `limit`."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where one generation of one view stands: `position` records of the log are in it."""

    generation: str
    position: int
    version: int


class _Fold:
    """What one view makes of a batch."""

    def __init__(self, view: View) -> None:
        self._name, self._kinds, self._apply = view.NAME, view.KINDS, view.apply
        self._tables = {table.name: table for table in view.TABLES}
        self._changes: list[RowChange] = []
        self.parked: list[tuple[int, str]] = []

    def take(self, record: Logged) -> None:
        """Add the row changes of one record, or park it."""
        if self._kinds is not None and record.kind not in self._kinds:
            return
        try:
            made = list(self._apply(record))
            for change in made:
                check_change(change, self._tables[change.table])
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - one record must not stop the others: it is parked and named
            self.parked.append((record.index, error.code if isinstance(error, LedgerError) else "fold-failed"))
            _log.debug("fold of %s failed", self._name, exc_info=True)
        else:
            self._changes += made

    def statements(self, generation: str) -> Iterator[Statement]:
        """Bulk SQL with the effect of all changes in order."""
        return statements(coalesce(self._changes), tables=self._tables, generation=generation)


class _RaceLost(Exception):
    """Another runner moved a position first: roll back, look again."""


class Runner:
    """Folds the log into views. `step`, `catch_up` and `rebuild` work at once; `start` tails the log in a thread."""

    def __init__(
        self,
        source: Source,
        engine: ViewEngine,
        views: Iterable[View],
        *,
        batch_records_max: int = BATCH_RECORDS_MAX,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._source = source
        self._engine = engine
        self._views = {view.NAME: view for view in sorted(views, key=lambda view: view.NAME)}
        self._batch_records_max = batch_records_max
        self._poll_seconds = poll_seconds
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._moved = threading.Condition()
        self._thread: threading.Thread | None = None
        self.failure: BaseException | None = None
        """What ended the tailing thread, if anything did: readiness must look at it."""

    def step(self) -> int:
        """Apply one batch to the views that are furthest behind.

        returns  records applied; 0 when all views hold the whole log (or what stands before its first gap)
        raises   ViewUnknown when init has not created a view; what the source and the engine raise
        """
        while True:
            # Rows that another version made are for that version to move, or for `rebuild` to replace.
            places = {name: at for name, at in self._live_places().items() if at.version == self._views[name].VERSION}
            start, limit = self._next_batch(places)
            due = {name: place.generation for name, place in places.items() if place.position == start}
            batch = self._read(start, limit) if due else []
            if not batch:
                return 0
            with suppress(_RaceLost):
                applied = self._apply(batch, due)
                self._notify()
                return applied

    def catch_up(self) -> int:
        """Apply all there is, rebuilding first what needs it (see `stale`). Gives the number of records applied."""
        self._mend()
        return self._drain()

    def stale(self) -> list[str]:
        """Views whose live rows an older version made, or that hold more than the log does (a restored store)."""
        return [
            name
            for name, place in self._live_places().items()
            if place.version < self._views[name].VERSION or not self._holds(place.position)
        ]

    def rebuild(self, name: str) -> int:
        """Fill the other generation of a view from the first record on, then make it the live one.

        name     of a view this runner has
        returns  size the view reflects after the swap
        raises   as `rebuild_together`
        """
        return self.rebuild_together([name])[name]

    def rebuild_together(self, names: Iterable[str]) -> dict[str, int]:
        """Rebuild several views in one pass over the log.

        The live ones serve reads, and may go on moving, until the swap. Two rebuilds at once help each other.

        names    of views this runner has
        returns  name -> size the view reflects after the swap
        raises   ViewUnknown, ViewContended, ViewBehind when closed half-way, what the source and the engine raise; then
                 the live generations are as they were, or rebuilt, each by itself
        """
        wanted = list(dict.fromkeys(names))
        if unknown := [name for name in wanted if name not in self._views]:
            raise ViewUnknown(f"no view {unknown[0]!r}; there are: {', '.join(self._views)}")
        waiting = {name: self._empty_other(name) for name in wanted}
        rebuilt: dict[str, int] = {}
        while waiting and not self._stopping.is_set():
            places = {name: self._place(name, generation) for name, generation in waiting.items()}
            self._check_versions(places)
            start, limit = self._next_batch(places)
            due = {name: waiting[name] for name, place in places.items() if place.position == start}
            if batch := self._read(start, limit):
                with suppress(_RaceLost):
                    self._apply(batch, due)
                continue
            for name, generation in due.items():
                if self._swap(name, generation, start):
                    rebuilt[name] = start
                    del waiting[name]
            self._notify()
        if waiting:
            raise ViewBehind(f"rebuild of {', '.join(waiting)} was stopped; the live rows are as they were")
        return rebuilt

    def start(self) -> None:
        """Begin to tail the log in a thread of its own."""
        self._thread = threading.Thread(target=self._tail, name="views", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Tell the runner that something was committed; never blocks, from any thread. A lost call costs one poll."""
        self._woken.set()

    def wait_for(self, size: int, *, timeout_seconds: float) -> None:
        """Return once every view reflects at least `size` records.

        raises  ViewBehind after `timeout_seconds`; what ended the tailing thread, if it did
        """

        def reached() -> bool:
            return self.failure is not None or all(reflects(self._engine, name) >= size for name in self._views)

        self.wake()
        with self._moved:
            if not self._moved.wait_for(reached, timeout_seconds):
                raise ViewBehind(f"views have not reached size {size} within {timeout_seconds} s")
        if self.failure is not None:
            raise self.failure

    def close(self) -> None:
        """Stop tailing after the batch at hand."""
        self._stopping.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Machinery

    def _mend(self) -> None:
        self.rebuild_together(self.stale())

    def _next_batch(self, places: Mapping[str, Place]) -> tuple[int, int]:
        """Where the batch of those furthest behind begins, and how many records it has at most.

        Up to where the next view stands, so that all views soon share one batch and one transaction.
        """
        start = min((place.position for place in places.values()), default=0)
        later = [place.position for place in places.values() if place.position > start]
        return start, min(self._batch_records_max, min(later, default=start + self._batch_records_max) - start)

    def _check_versions(self, places: Mapping[str, Place]) -> None:
        """raises  ViewContended"""
        for name, place in places.items():
            if place.version != self._views[name].VERSION:
                raise ViewContended(f"view {name}: version {place.version} of it is being rebuilt by another program")

    def _drain(self) -> int:
        applied = 0
        while not self._stopping.is_set() and (records := self.step()):
            applied += records
        return applied

    def _tail(self) -> None:
        mended = False
        try:
            while not self._stopping.is_set():
                # Cleared before looking: what is committed after the look sets it again.
                self._woken.clear()
                try:
                    if not mended:  # versions and a restored log can only differ at the start
                        self._mend()
                        mended = True
                    while not self._stopping.is_set() and (records := self.step()):
                        if records < self._batch_records_max:
                            self._stopping.wait(GATHER_SECONDS)
                    self._notify()  # another runner may have done the work
                except Unavailable as error:
                    _log.warning("views wait for the store: %s", error.code)
                self._woken.wait(self._poll_seconds)
        except BaseException as error:  # noqa: BLE001 - kept in `failure`, for readiness and for `wait_for`
            self.failure = error
            _log.exception("views have stopped")
            self._notify()

    def _notify(self) -> None:
        with self._moved:
            self._moved.notify_all()

    def _read(self, position: int, limit: int) -> list[Logged]:
        """Records from index `position` on, up to the first gap: what comes after it may not be all there yet."""
        batch = list(self._source.read(after=position - 1, limit=limit))
        for expected, record in enumerate(batch, start=position):
            if record.index != expected:
                return batch[: expected - position]
        return batch

    def _apply(self, batch: list[Logged], due: dict[str, str]) -> int:
        """Fold a batch into generations of views (name -> generation) that stand where it begins, or into none.

        Gives the number of records.
        Takes the records out of `batch` one by one: parsed, they are many times their bytes, and the garbage collector
        would walk over all that are kept.
        """
        start, end = batch[0].index, batch[-1].index + 1
        folded = {name: _Fold(self._views[name]) for name in due}
        batch.reverse()
        while batch:
            record = batch.pop()
            for fold in folded.values():
                fold.take(record)
        with self._engine.transaction() as cursor:
            for name, generation in due.items():
                self._move(cursor, name, generation, start, end)
            for name, generation in due.items():
                for statement in folded[name].statements(generation):
                    cursor.execute_rows(*statement)
                for index, code in folded[name].parked:
                    cursor.execute(
                        "INSERT INTO view_parked (view, generation, log_index, code) VALUES (?, ?, ?, ?)",
                        (name, generation, index, code),
                    )
        for name, fold in folded.items():
            for index, code in fold.parked:
                _log.error("view %s leaves out record %d: %s", name, index, code)
        return end - start

    def _move(self, cursor: Cursor, name: str, generation: str, start: int, end: int) -> None:
        cursor.execute(
            "UPDATE view_positions SET position = ? WHERE view = ? AND generation = ? AND position = ? AND version = ? "
            "RETURNING position",
            (end, name, generation, start, self._views[name].VERSION),
        )
        if cursor.fetchone() is None:
            raise _RaceLost

    def _live_places(self) -> dict[str, Place]:
        with self._engine.read() as cursor:
            cursor.execute(
                "SELECT p.view, p.generation, p.position, p.version FROM view_live l "
                "JOIN view_positions p ON p.view = l.view AND p.generation = l.generation"
            )
            places = {name: Place(*place) for name, *place in cursor.fetchall()}
        if missing := self._views.keys() - places.keys():
            raise ViewUnknown(f"no tables for: {', '.join(sorted(missing))}; run init")
        return {name: places[name] for name in self._views}

    def _place(self, name: str, generation: str) -> Place:
        with self._engine.read() as cursor:
            return _place(cursor, name, generation)

    def _empty_other(self, name: str) -> str:
        """Empty the generation that is not live, in one transaction that holds the pointer; gives that generation."""
        view = self._views[name]
        with self._engine.transaction() as cursor:
            live = _lock_pointer(cursor, name)
            other = GENERATIONS[1 - GENERATIONS.index(live)]
            # The position goes first: a batch of another rebuild holds it until its rows are there to be deleted.
            cursor.execute(
                "UPDATE view_positions SET position = 0, version = ? WHERE view = ? AND generation = ?",
                (view.VERSION, name, other),
            )
            cursor.execute("DELETE FROM view_parked WHERE view = ? AND generation = ?", (name, other))
            for table in view.TABLES:
                cursor.execute(f"DELETE FROM {table.physical(other)}")
        return other

    def _swap(self, name: str, generation: str, position: int) -> bool:
        """Point readers at `generation` if it still stands at `position` and the live one is no further ahead."""
        with self._engine.transaction() as cursor:
            live = _lock_pointer(cursor, name)
            if live == generation:  # another rebuild of the same rows was quicker
                return True
            mine, other = _place(cursor, name, generation), _place(cursor, name, live)
            if mine.position != position or (position < other.position and self._holds(other.position)):
                return False
            cursor.execute("UPDATE view_live SET generation = ? WHERE view = ?", (generation, name))
            return True

    def _holds(self, size: int) -> bool:
        """Whether the log is at least that long: a restored one may be shorter than its views."""
        return not size or bool(self._source.read(after=size - 2, limit=1))


def _lock_pointer(cursor: Cursor, name: str) -> str:
    cursor.execute("UPDATE view_live SET generation = generation WHERE view = ? RETURNING generation", (name,))
    row = cursor.fetchone()
    if row is None:
        raise ViewUnknown(f"view {name!r} has no tables here: run init")
    return str(row[0])


def _place(cursor: Cursor, name: str, generation: str) -> Place:
    cursor.execute(
        "SELECT generation, position, version FROM view_positions WHERE view = ? AND generation = ?", (name, generation)
    )
    row = cursor.fetchone()
    if row is None:
        raise ViewUnknown(f"view {name!r} has no tables here: run init")
    return Place(*row)
