"""The audit: everything derived again from the stored bytes, by another route than the one that stored them.

It shares no code with the log, the acceptance steps, the registry or the store. From the project it takes signature
checks and the opening of sealed parts (`keys`), the meaning of each kind (`_audit_kinds`), and a read connection. It
only reads, and may run beside a serving process: it judges the records below the size that the head row had when it
began.

    bytes      every container, leaf and JSON in its one spelling; topic           this file, `_audit_bytes`
    order      indices dense, versions dense within their stream                   this file
    names      record ids, one row for each record                                 this file
    tree       leaf hashes, tiles, frontier, root, published checkpoints, mark     `_audit_roots`, `_audit_tree`
    signers    every signature, under the key that the log registered before it    `_audit_signers`, `_audit_bodies`
    personal   sealed parts, digests, aliases, subjects, uniqueness rows           `_audit_personal`
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID, uuid5

from keys.errors import LedgerError
from keys.pseudonym import Pseudonyms
from keys.sealing import KeyEncryptionKeys
from ledger._audit_bytes import Leaf, Unreadable, digests_in, read_leaf, split_container
from ledger._audit_kinds import Facts, read_facts
from ledger._audit_personal import PersonalAudit
from ledger._audit_roots import RootAudit
from ledger._audit_signers import SignerAudit
from ledger._audit_tree import TILE, hash_leaf
from ledger.store import open_store

PAGE_RECORDS = 500
INSTITUTION_STREAMS = UUID("5e1b1f8e-6f0a-5d3c-9a51-0c4a5ab3f7d1")
SEALED_NOT_CHECKED = ("sealed-parts", "aliases", "subjects", "uniqueness-rows", "streams-of-workers")


class Reader(Protocol):
    """The read connection that a store offers."""

    def rows(self, sql: str, params: tuple[Any, ...] = ()) -> Iterable[tuple[Any, ...]]:
        """Rows of a read-only query with `?` parameters."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One contradiction: its code, and the index of the first record it concerns where there is one.

    until  where it is only known that some record from `index` to below `until` is concerned, as for a root
    """

    code: str
    index: int | None
    until: int | None = None


@dataclass(slots=True)
class AuditReport:
    """What the audit found. `not_checked` names what it had no keys or files for: nothing there counts as passed."""

    size: int = 0
    findings: list[Finding] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)

    @property
    def first(self) -> Finding | None:
        """The finding with the lowest index; one without an index only where there is no other.

        A finding about a range only says that something in it is wrong, so an exact one inside the range stands for it.
        """
        exact = [one for one in self.findings if one.until is None]
        at = sorted(one.index for one in exact if one.index is not None)
        ranges = [one for one in self.findings if one.until is not None and not _meets(at, one)]
        return min(exact + ranges, key=lambda one: (one.index is None, one.index or 0), default=None)

    def to_json(self) -> dict[str, Any]:
        """`{"size", "first_bad_index", "code", "not_checked"}`."""
        first = self.first
        return {
            "size": self.size,
            "first_bad_index": None if first is None else first.index,
            "code": None if first is None else first.code,
            "not_checked": self.not_checked,
        }


def _meets(indices: list[int], found: Finding) -> bool:
    start, until = found.index or 0, found.until or 0
    place = bisect_left(indices, start)
    return place < len(indices) and indices[place] < until


def audit_store(
    url: str,
    *,
    mark: bytes | None = None,
    policy: bytes | None = None,
    keks: KeyEncryptionKeys | None = None,
    pseudonyms: Pseudonyms | None = None,
    first_index: int = 0,
) -> AuditReport:
    """Derive a store's contents again and report every contradiction.

    url          the store, as for `serve`; only read
    mark         content of the signer's mark file
    policy       content of a tlog-policy file with the log's and the witnesses' keys
    keks, pseudonyms  both, or sealed parts and blind rows are not checked
    first_index  signatures and sealed parts below are left out; order and tree are always checked from 0
    returns      findings in the order they were met; none where everything holds
    raises       StoreNotInitialised, StoreUnavailable, StoreUrlUnknown
    """
    store = open_store(url, writable=False)
    try:
        return Audit(store.recorder, keks=keks, pseudonyms=pseudonyms, first_index=first_index).run(mark, policy)
    finally:
        store.close()


@dataclass(frozen=True, slots=True)
class _Event:
    """One row of the events table, read as far as it can be: `problem` is the code of what does not read."""

    index: int
    stream: UUID
    version: int
    topic: str
    text: bytes | None = None
    sealed: bytes = b""
    leaf: Leaf | None = None
    problem: str = ""


def _read_event(index: int, stream: UUID, version: int, topic: str, state: bytes) -> _Event:
    text, sealed = None, b""
    try:
        text, sealed = split_container(state)
        leaf = read_leaf(text)
    except Unreadable as bad:
        return _Event(index, stream, version, topic, text, sealed, problem=bad.finding)
    return _Event(index, stream, version, topic, text, sealed, leaf)


class Audit:
    """One pass over a store."""

    def __init__(
        self,
        reader: Reader,
        *,
        keks: KeyEncryptionKeys | None = None,
        pseudonyms: Pseudonyms | None = None,
        first_index: int = 0,
    ) -> None:
        self.report = AuditReport()
        self._query = reader.rows
        self._first_index = first_index
        self._versions: dict[UUID, int] = {}
        self._signers = SignerAudit(self._find)
        self._personal: PersonalAudit | None = None
        if keks is not None and pseudonyms is not None:
            self._personal = PersonalAudit(keks=keks, pseudonyms=pseudonyms, query=self._query, report=self._find)

    def run(self, mark: bytes | None = None, policy: bytes | None = None) -> AuditReport:
        """All checks, in the order of the module's list; arguments as in `audit_store`."""
        head = self._head()
        if head is None:
            self._find("head-missing", None)
            return self.report
        size, root, frontier = head
        self.report.size = size
        roots = RootAudit(query=self._query, report=self._find, not_checked=self.report.not_checked, size=size)
        roots.read_checkpoints(policy)
        roots.read_mark(mark)
        roots.start()
        self._walk(roots, size)
        self._signers.finish()
        roots.finish(root=root, frontier=frontier)
        self._check_strays(size)
        self._finish_personal(size)
        return self.report

    def _head(self) -> tuple[int, bytes, bytes] | None:
        for size, root, frontier in self._query("SELECT size, root, frontier FROM log_head WHERE id = 1"):
            return size, bytes(root), bytes(frontier)
        return None

    def _find(self, code: str, index: int | None, until: int | None = None) -> None:
        self.report.findings.append(Finding(code, index, until))

    # -- the walk ------------------------------------------------------------------------------------------------------

    def _walk(self, roots: RootAudit, size: int) -> None:
        """Every event below the size, in index order."""
        sql = """SELECT notification_id, originator_id, originator_version, topic, state FROM events
                 WHERE notification_id > ? AND notification_id <= ? ORDER BY notification_id LIMIT ?"""
        expected = last = 0
        while rows := list(self._query(sql, (last, size, PAGE_RECORDS))):
            last = rows[-1][0]
            page = [_read_event(row[0] - 1, UUID(str(row[1])), row[2], row[3], bytes(row[4])) for row in rows]
            names = self._names_of(page)
            for event in page:
                if event.index != expected and roots.holds:
                    self._find("index-gap", expected)
                    roots.lose()
                expected = event.index + 1
                self._check_event(event, roots, names.get(event.index))
        if expected < size and roots.holds:
            self._find("index-gap", expected)
            roots.lose()

    def _names_of(self, page: list[_Event]) -> Mapping[int, tuple[bytes, bytes]]:
        """Record id and envelope hash that the store keeps for the records of a page, by index."""
        wanted = [event.leaf.record_id for event in page if event.leaf is not None]
        if not wanted:
            return {}
        marks = ",".join("?" * len(wanted))
        sql = f"SELECT record_id, log_index, envelope_hash FROM records WHERE record_id IN ({marks})"
        rows = self._query(sql, tuple(wanted))
        return {index: (bytes(record_id), bytes(digest)) for record_id, index, digest in rows}

    def _check_event(self, event: _Event, roots: RootAudit, name: tuple[bytes, bytes] | None) -> None:
        index = event.index
        if event.version != self._versions.get(event.stream, 0) + 1:
            self._find("stream-gap", index)
        self._versions[event.stream] = event.version
        if event.problem:
            self._find(event.problem, index)
        if event.text is None:
            roots.lose()
            return
        roots.add(hash_leaf(event.text))
        leaf = event.leaf
        if leaf is None:
            return
        if name is None or name[0] != leaf.record_id:
            self._find("record-id-missing" if name is None else "record-id-differs", index)
        if not str(leaf.payload.get("vct") or leaf.payload.get("evt")).endswith("/" + event.topic):
            self._find("topic-differs", index)
        judged = index >= self._first_index
        self._signers.follow(leaf, topic=event.topic, index=index, judged=judged)
        if judged:
            facts = self._facts(event, leaf, envelope_hash=name[1] if name else None)
            if facts is not None:
                self._check_stream(facts, event)
                self._check_act(facts, index)

    def _facts(self, event: _Event, leaf: Leaf, *, envelope_hash: bytes | None) -> Facts | None:
        """What the record means: from its sealed part where there are keys, or from a leaf that hides nothing."""
        if self._personal is not None:
            return self._personal.check_record(
                index=event.index, stream=event.stream, leaf=leaf, sealed=event.sealed, envelope_hash=envelope_hash
            )
        if any(True for _ in digests_in(leaf.payload)):
            return None
        try:
            return read_facts(leaf.text + b"~")
        except LedgerError:
            self._find("record-contradicts-kind", event.index)
            return None

    def _check_stream(self, facts: Facts, event: _Event) -> None:
        """A record of the registry lives with its institution; one that acts on another lives with its target.

        That a worker's record is in the right stream is held by the sealed part, which opens there alone.
        """
        if facts.place in {"institution", "authority"}:
            home: UUID | None = uuid5(INSTITUTION_STREAMS, facts.institution(self._signers.uscc_by_issuer))
        elif facts.target is not None and facts.person is None:
            sql = """SELECT e.originator_id FROM records r JOIN events e ON e.notification_id = r.log_index + 1
                     WHERE r.record_id = ?"""
            home = next((UUID(str(row[0])) for row in self._query(sql, (bytes.fromhex(facts.target),))), None)
        else:
            return
        if home != event.stream:
            self._find("record-moved", event.index)

    def _check_act(self, facts: Facts, index: int) -> None:
        """A record that changes where another one stands comes from who speaks for that one's issuer."""
        if not facts.is_act or facts.target is None:
            return
        sql = """SELECT e.state FROM records r JOIN events e ON e.notification_id = r.log_index + 1
                 WHERE r.record_id = ?"""
        for (state,) in self._query(sql, (bytes.fromhex(facts.target),)):
            leaf = _read_event(index, UUID(int=0), 0, "", bytes(state)).leaf
            owner = None if leaf is None else leaf.payload.get("iss")
            if isinstance(owner, str):
                self._signers.check_act(actor=facts.issuer, owner=owner, index=index)

    # -- what no record explains ---------------------------------------------------------------------------------------

    def _check_strays(self, size: int) -> None:
        """Events beyond the head or below the first index, second names of a record, tiles beyond the tree.

        The events are asked for before the head: an append between the two questions only moves the head further.
        """
        first, last = self._one("SELECT min(notification_id), max(notification_id) FROM events")
        (size_now,) = self._one("SELECT size FROM log_head WHERE id = 1")
        if last is not None and last > size_now:
            self._find("record-beyond-head", size_now)
        if first is not None and first < 1:
            self._find("record-beyond-head", 0)
        (names,) = self._one("SELECT count(*) FROM records WHERE log_index < ?", size)
        if names > size:
            (twice,) = self._one(
                """SELECT min(log_index) FROM (SELECT log_index FROM records GROUP BY log_index
                   HAVING count(*) > 1) AS named_twice"""
            )
            self._find("record-id-twice", twice)
        (stray,) = self._one("SELECT min(n) FROM tiles WHERE level = 0 AND n >= ?", size_now // TILE)
        if stray is not None:
            self._find("tile-unexplained", stray * TILE)

    def _one(self, sql: str, *params: Any) -> tuple[Any, ...]:
        return next(iter(self._query(sql, params)))

    def _finish_personal(self, size: int) -> None:
        not_checked = self.report.not_checked
        if self._first_index:
            not_checked.append(f"signatures-below-{self._first_index}")
        if self._personal is None:
            not_checked.extend(SEALED_NOT_CHECKED)
            return
        if self._first_index:
            not_checked.extend(SEALED_NOT_CHECKED[1:])
        else:
            self._personal.check_tables(size=size)
        if self._personal.erased:
            not_checked.append(f"erased-records-{len(self._personal.erased)}")
