"""The part of an append that every engine shares: deciding groups in order against the state their predecessors left.

An engine locks the head row, loads all rows the proposals name, calls `decide_groups`, writes what came of it and
commits. Everything is decided once, under the lock (see `ledger/docs/decisions/`): nothing can grow stale between
decision and write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from ledger.errors import LedgerError, VersionConflict
from ledger.history import is_act
from ledger.store._mapper import LoggedRecord, logged_record
from ledger.store._people import People
from ledger.store._protocol import (
    AliasRow,
    Append,
    Appended,
    DataKeyRow,
    Decide,
    GroupOutcome,
    Head,
    Held,
    Outcome,
    Proposal,
    SubjectRow,
)
from ledger.unforeseen import unforeseen


@dataclass(slots=True)
class Loaded:
    """Rows that an engine read under the lock, by key."""

    held: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)
    uniques: dict[bytes, int] = field(default_factory=dict)
    aliases: dict[bytes, AliasRow] = field(default_factory=dict)
    data_keys: dict[tuple[UUID, str], DataKeyRow] = field(default_factory=dict)
    keyed: set[UUID] = field(default_factory=set)
    """Subjects whose data keys were read."""
    versions: dict[UUID, int] = field(default_factory=dict)
    records: dict[bytes, LoggedRecord] = field(default_factory=dict)
    acts: dict[UUID, list[LoggedRecord]] = field(default_factory=dict)


class LockedView:
    """The `View` a decision sees: loaded rows, then whatever this transaction has appended so far."""

    def __init__(
        self, head: Head, loaded: Loaded, people: People, load_stream: Callable[[UUID], list[LoggedRecord]]
    ) -> None:
        self.size = head.size
        self.registry_size = head.registry_size
        self.loaded = loaded
        self.people = people
        self.state: Any = None
        self.appends: list[Append] = []
        self._load_stream = load_stream
        self._by_stream: dict[UUID, list[LoggedRecord]] = {}

    def held(self, record_id: bytes) -> tuple[int, bytes] | None:
        """Index and envelope hash of a held record."""
        return self.loaded.held.get(record_id)

    def unique(self, key: bytes) -> int | None:
        """Index of the record that owns a unique key."""
        return self.loaded.uniques.get(key)

    def alias(self, key: bytes) -> AliasRow | None:
        """Whom an alias that a proposal named stands for."""
        return self.loaded.aliases.get(key)

    def subject(self, subject: UUID) -> SubjectRow | None:
        """A worker by id."""
        return self.people.subject(subject)

    def has_name(self, subject: UUID, keys: Sequence[bytes]) -> bool:
        """Whether one of these blind indexes is a further name of a worker."""
        return self.people.has_name(subject, keys)

    def linked(self, subject: UUID) -> Sequence[UUID]:
        """All subjects that were merged into this one, directly or by way of others."""
        return self.people.linked(subject)

    def data_key(self, subject: UUID, retention: str) -> DataKeyRow | None:
        """The wrapped data key of a subject and retention class."""
        if subject not in self.loaded.keyed:
            for row in self.people.data_keys(subject):
                self.loaded.data_keys.setdefault((subject, row.retention), row)
            self.loaded.keyed.add(subject)
        return self.loaded.data_keys.get((subject, retention))

    def record(self, record_id: bytes) -> LoggedRecord | None:
        """A held record that a proposal named in `reads`, or one of the same transaction."""
        return self.loaded.records.get(record_id)

    def stream(self, stream: UUID) -> list[LoggedRecord]:
        """All records of a stream in order, those of this transaction last."""
        return self._load_stream(stream) + self._by_stream.get(stream, [])

    def acts(self, stream: UUID) -> list[LoggedRecord]:
        """The revocations and corrections of a stream in order, those of this transaction last."""
        stored = self.loaded.acts.get(stream)
        if stored is None:
            known = [] if self.loaded.versions.get(stream) == 0 else self._load_stream(stream)
            stored = self.loaded.acts[stream] = [record for record in known if is_act(record)]
        return stored + [record for record in self._by_stream.get(stream, ()) if is_act(record)]

    def version(self, stream: UUID) -> int:
        """The version of the last record in a stream, 0 for an empty one."""
        version = self.loaded.versions.get(stream)
        if version is None:
            known = self._load_stream(stream)
            version = self.loaded.versions[stream] = known[-1].version if known else 0
        return version

    def apply(self, append: Append) -> Appended:
        """Takes one decision into the state that the next decision sees."""
        if append.subject is not None:
            # A subject made a moment ago has no records and no keys: nothing to read.
            self.loaded.versions.setdefault(append.stream, 0)
            self.loaded.keyed.add(append.stream)
        index, version = self.size, self.version(append.stream) + 1
        if append.version is not None and append.version != version:
            raise VersionConflict(f"expected version {version} of the stream, found {append.version}")
        rows = self.loaded
        record = logged_record(
            stream=append.stream, version=version, topic=append.topic, state=append.state, notification_id=index + 1
        )
        rows.versions[append.stream] = version
        rows.held[append.record_id] = (index, append.envelope_hash)
        rows.records[append.record_id] = record
        for key in append.uniques:
            rows.uniques[key] = index
        for alias, subject in append.aliases:
            rows.aliases[alias] = AliasRow(subject)
        for alias, last_day in append.retired:
            rows.aliases[alias] = replace(rows.aliases[alias], last_day=last_day)
        self.people.apply(append)
        if append.data_key is not None:
            rows.data_keys[(append.data_key.subject, append.data_key.retention)] = append.data_key
        self._by_stream.setdefault(append.stream, []).append(record)
        self.appends.append(append)
        self.size = index + 1
        if append.registry:
            self.registry_size = self.size
        return Appended(index, version, append.note)

    def mark(self) -> LockedView:
        """A copy to go back to when a group is refused half-way."""
        rows = self.loaded
        copy = LockedView(
            Head(self.size, b"", self.registry_size),
            Loaded(
                dict(rows.held),
                dict(rows.uniques),
                dict(rows.aliases),
                dict(rows.data_keys),
                set(rows.keyed),
                dict(rows.versions),
                dict(rows.records),
                dict(rows.acts),
            ),
            self.people.copy(),
            self._load_stream,
        )
        copy.appends = list(self.appends)
        copy.state = self.state
        copy._by_stream = {stream: list(records) for stream, records in self._by_stream.items()}
        return copy


def decide_groups(
    groups: Sequence[Sequence[Proposal]], decide: Decide, view: LockedView, *, store_errors: type[Exception]
) -> tuple[list[GroupOutcome], LockedView]:
    """Outcomes of all groups in order, and the view that holds the appends to write.

    A refused group, or one that meets a defect of ours, leaves no trace in the view and costs no other its place.

    store_errors  what the engine's driver raises: no fault of a group, and raised again
    """
    outcomes: list[GroupOutcome] = []
    for group in groups:
        before = view.mark() if len(group) > 1 else None
        try:
            outcomes.append([_decide_one(proposal, decide, view) for proposal in group])
        except store_errors:
            raise
        except Exception as failed:  # noqa: BLE001  # one record must not end the thread that commits for all
            outcomes.append(failed if isinstance(failed, LedgerError) else unforeseen(failed))
            if before is not None:
                view = before
    return outcomes, view


def _decide_one(proposal: Proposal, decide: Decide, view: LockedView) -> Outcome:
    decision = decide(proposal, view)
    return decision if isinstance(decision, Held) else view.apply(decision)
