"""The ledger as a program uses it. START READING HERE.

Life of a record: `Ledger.submit` -> `Committer` -> `Admission.admit_all` (steps 1-6) -> `Decider.propose` ->
`Recorder.append` -> `Decider.decide` (steps 7-12) under the head lock -> commit -> `HeadSigner.sign` -> `Receipt`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from ledger import limits
from ledger.acceptance import Admitted
from ledger.admission import Admission, or_refusal
from ledger.deciding import Decider, Secrets
from ledger.erasing import Destroyed, ErasedList, destroy, pending
from ledger.errors import (
    Corrupt,
    GroupRefused,
    KeyUnknown,
    LedgerError,
    NotFound,
    QuorumMissing,
    Refused,
    StoreUnavailable,
)
from ledger.finding import Finder
from ledger.log.checkpoint import VerifierKey, open_checkpoint
from ledger.log.merkle import NodeReader, inclusion_path
from ledger.logged import LoggedRecord
from ledger.options import Options
from ledger.publisher import HeadSigner, Publisher, SignedHead
from ledger.receipts import Receipt
from ledger.records._identity import Erases
from ledger.registry import Registry
from ledger.store import Store
from ledger.store._committer import Committer
from ledger.store._protocol import Appended, GroupOutcome, Proposal, SubjectRow, ViewEngine
from ledger.store._tree import TreeState

READ_RECORDS_MAX = 5_000

Job = tuple[Proposal, ...] | bytes
"""What the committing thread takes: a group of proposals, or one envelope that is still to be admitted."""


class Ledger:
    """One log with its store. Safe for use by many threads."""

    def __init__(
        self, store: Store, *, secrets: Secrets, head_signer: HeadSigner | None, options: Options, origin: str
    ) -> None:
        """`head_signer` is None for a ledger that only reads."""
        self.origin = origin
        self.options = options
        self.base_url = options.base_url
        self.policy = options.policy
        self.service_signer = options.service_signer
        self.clock = options.clock
        self._store = store
        self._finder = Finder(store.recorder, secrets.pseudonyms)
        self._head_signer = head_signer
        self._admission = Admission(store.recorder, accepted=options.accepted_algorithms)
        self._signed: SignedHead | None = None
        self._grown = threading.Condition()
        self._listeners: list[Callable[[int], None]] = []
        self._decider = Decider(
            secrets=secrets,
            clock=options.clock,
            base_url=options.base_url,
            registry=self._admission.registry_under_lock,
        )
        self._committer: Committer[Job, list[Receipt]] = Committer(
            self._commit, jobs_max=limits.COMMIT_RECORDS_MAX, waiting_max=limits.QUEUE_RECORDS_MAX
        )
        self._publisher = None if head_signer is None else self._start_publisher(head_signer)

    @classmethod
    def open(cls, url: str, **settings: Any) -> Ledger:
        """The ledger in a store, with secrets and keys from the usual places (see `ledger.opening`).

        url     `sqlite:///path/file.db` or `postgresql://user@host:port/db`
        raises  StoreNotInitialised, StoreLocked, MarkAhead, MarkDiffers, KeyFileUnreadable
        """
        from ledger.opening import open_ledger

        return open_ledger(url, **settings)

    # -- append --------------------------------------------------------------------------------------------------------

    def admit(self, envelope: bytes) -> Proposal:
        """Everything that needs no lock: steps 1 to 6 of acceptance, and the blind indexes that the decision looks up.

        Touches the store only when the key is new to this process.

        returns  what `submit` and `submit_soon` take; nothing else makes one
        raises   Refused as `ledger.acceptance.admit`
        """
        return self._decider.propose(self._admission.admit(envelope))

    def submit(self, envelope: bytes | Proposal) -> Receipt:
        """Appends one record; returns when it is durable and under a signed checkpoint.

        The same bytes again give the same record id and index.

        envelope  as it came, or what `admit` gave
        raises    Refused (change the bytes), Unavailable (submit the same bytes again), Corrupt (call the operator)
        """
        return self._committer.submit((envelope,) if isinstance(envelope, Proposal) else envelope)[0]

    def submit_soon(self, envelope: bytes | Proposal, done: Callable[[Receipt | LedgerError], None]) -> None:
        """Queues one record and returns at once; `done` is called from the committing thread.

        envelope  as it came, or what `admit` gave
        raises    Overloaded
        """

        def unpack(outcome: list[Receipt] | LedgerError) -> None:
            done(outcome if isinstance(outcome, LedgerError) else outcome[0])

        self._committer.submit_soon((envelope,) if isinstance(envelope, Proposal) else envelope, unpack)

    def submit_many(self, envelopes: Iterable[bytes]) -> list[Receipt | Refused]:
        """Appends many records, each standing alone, in order: a receipt or a refusal for each.

        raises  Unavailable, Corrupt
        """
        outcomes: list[Receipt | LedgerError | None] = []
        room = threading.Semaphore(limits.COMMIT_RECORDS_MAX)

        def settle(place: int, outcome: Receipt | LedgerError) -> None:
            outcomes[place] = outcome
            room.release()

        for place, envelope in enumerate(envelopes):
            outcomes.append(None)
            room.acquire()
            self.submit_soon(envelope, partial(settle, place))
        for _ in range(limits.COMMIT_RECORDS_MAX):
            room.acquire()
        settled: list[Receipt | Refused] = []
        for outcome in outcomes:
            if not isinstance(outcome, Receipt | Refused):
                raise outcome if outcome is not None else StoreUnavailable("no outcome; submit the same bytes again")
            settled.append(outcome)
        return settled

    def submit_group(self, envelopes: Sequence[bytes]) -> list[Receipt]:
        """Appends records that stand or fall together.

        raises  GroupRefused when they are not one group, Refused with the first refused record's code: nothing is
                appended then; Unavailable; Corrupt
        """
        if not 1 <= len(envelopes) <= limits.GROUP_RECORDS_MAX:
            raise GroupRefused(f"a group has 1 to {limits.GROUP_RECORDS_MAX} records, found {len(envelopes)}")
        admitted = [self._admission.admit(envelope) for envelope in envelopes]
        if len(admitted) > 1 and (len({a.record.group for a in admitted}) != 1 or admitted[0].record.group is None):
            raise GroupRefused("records submitted together carry one and the same group id; sign them with --group")
        return self._committer.submit(tuple(self._decider.propose(one, admitted) for one in admitted))

    def _commit(self, jobs: Sequence[Job]) -> list[list[Receipt] | LedgerError]:
        """Receipts, or the refusal, of each job, in order.

        Envelopes are admitted here, in the committing thread: what the interpreter lets only one thread do at a time
        is done soonest without handing its lock back and forth.
        """
        admitted = self._admit_jobs(jobs)
        answers: list[list[Receipt] | LedgerError] = []
        waiting: list[tuple[Proposal, ...] | LedgerError] = []
        keys_wait = keys_came = False
        for job, one in zip(jobs, admitted, strict=True):
            if isinstance(one, KeyUnknown) and (keys_wait or keys_came):
                # One of the records before it may have registered the key that it is signed with.
                answers += self._append_admitted(waiting)
                waiting, keys_wait, keys_came = self._admit_jobs([job]), False, True
                continue
            keys_wait = keys_wait or _may_register(one)
            waiting.append(one)
        return answers + self._append_admitted(waiting)

    def _admit_jobs(self, jobs: Sequence[Job]) -> list[tuple[Proposal, ...] | LedgerError]:
        admitted = iter(self._admission.admit_all([job for job in jobs if isinstance(job, bytes)]))
        return [self._proposed(next(admitted)) if isinstance(job, bytes) else job for job in jobs]

    def _proposed(self, admitted: Admitted | LedgerError) -> tuple[Proposal] | LedgerError:
        proposal = or_refusal(self._decider.propose, admitted)
        return proposal if isinstance(proposal, LedgerError) else (proposal,)

    def _append_admitted(
        self, admitted: Sequence[tuple[Proposal, ...] | LedgerError]
    ) -> list[list[Receipt] | LedgerError]:
        groups = [one for one in admitted if isinstance(one, tuple)]
        answers = iter(self._append(groups) if groups else ())
        return [next(answers) if isinstance(one, tuple) else one for one in admitted]

    def _append(self, jobs: Sequence[tuple[Proposal, ...]]) -> list[list[Receipt] | LedgerError]:
        outcomes = self._store.recorder.append(jobs, self._decider.decide)
        self._finish_erasures(jobs, outcomes)
        if not any(isinstance(one, Appended) for group in outcomes if isinstance(group, list) for one in group):
            return [self._receipts(job, outcome, None, None) for job, outcome in zip(jobs, outcomes, strict=True)]
        signed = self._sign_head()
        tree = self._store.recorder.tree(signed.size)
        answers = [self._receipts(job, outcome, signed, tree) for job, outcome in zip(jobs, outcomes, strict=True)]
        self._announce(signed)
        return answers

    def _finish_erasures(self, jobs: Sequence[tuple[Proposal, ...]], outcomes: Sequence[GroupOutcome]) -> None:
        for job, outcome in zip(jobs, outcomes, strict=True):
            for proposal in job if isinstance(outcome, list) else ():
                record = proposal.body.admitted.record
                if isinstance(record.change(), Erases):
                    # Durable already: what cannot be destroyed now is destroyed by the next `skill-ledger erase`.
                    or_refusal(self.finish_erasure, UUID(record.field("subject_id")))

    def _receipts(
        self, job: tuple[Proposal, ...], outcome: GroupOutcome, signed: SignedHead | None, tree: TreeState | None
    ) -> list[Receipt] | LedgerError:
        if isinstance(outcome, LedgerError):
            return outcome
        receipts = []
        for proposal, one in zip(job, outcome, strict=True):
            record_id = proposal.body.admitted.envelope.record_id
            if isinstance(one, Appended) and signed is not None and tree is not None:
                path = tree.edge.path(one.index)
                receipts.append(
                    Receipt(
                        self, record_id=record_id, index=one.index, note=one.note, path=path, checkpoint=signed.note
                    )
                )
            else:
                receipts.append(Receipt(self, record_id=record_id, index=one.index))
        return receipts

    def _sign_head(self) -> SignedHead:
        if self._head_signer is None:
            raise StoreUnavailable("this ledger was opened for reading")
        recorder = self._store.recorder
        # Fatal when it fails: the records are durable, but signing another history of this log could show two. A start
        # reads back the truth.
        self._signed = self._head_signer.sign(recorder.head, lambda size: recorder.tree(size).edge.node)
        return self._signed

    def _announce(self, signed: SignedHead) -> None:
        with self._grown:
            self._grown.notify_all()
        if self._publisher is not None:
            self._publisher.wake()
        for listener in self._listeners:
            listener(signed.size)

    # -- reads ---------------------------------------------------------------------------------------------------------

    def registry(self) -> Registry:
        """The registry as of the committed head."""
        return self._admission.registry()

    def size(self) -> int:
        """Records in the log."""
        return self._store.recorder.head().size

    def record(self, record_id: str) -> LoggedRecord:
        """A record by its id (64 lowercase hex digits).

        raises  NotFound
        """
        try:
            key = bytes.fromhex(record_id)
        except ValueError:
            key = b""
        index = self._store.recorder.find_index(key) if len(key) == limits.HASH_BYTES else None
        if index is None:
            raise NotFound("no record has this id; check its 64 characters")
        return self.record_at(index)

    def record_at(self, index: int) -> LoggedRecord:
        """The record at a log index.

        raises  NotFound
        """
        found = self._store.recorder.read_records(after=index - 1, limit=1)
        if not found:
            raise NotFound(f"the log has no record at index {index}")
        return found[0]

    def read(self, after: int, limit: int = READ_RECORDS_MAX) -> list[LoggedRecord]:
        """Records with index > after (-1: from the start), in order, at most `limit`, up to the first gap."""
        return self._store.recorder.read_records(after=after, limit=limit)

    def stream(self, subject: UUID) -> list[LoggedRecord]:
        """All records of a subject or institution, oldest first."""
        return self._store.recorder.read_stream(subject)

    def envelope(self, logged: LoggedRecord) -> bytes:
        """The record with all its disclosures, as it was submitted.

        raises  Erased, SealBroken
        """
        return self.opened(logged)[0]

    def opened(self, logged: LoggedRecord) -> tuple[bytes, str | None]:
        """What `envelope` and `code` give, from one unsealing.

        raises  Erased, SealBroken
        """
        code, disclosures = self._decider.unseal(logged, self._finder.data_key(logged))
        return b"~".join([logged.leaf, *(one.encode("ascii") for one in disclosures), b""]), code

    def code(self, logged: LoggedRecord) -> str | None:
        """The permanent verification code of a record, None for kinds without one.

        raises  Erased, SealBroken
        """
        return self.opened(logged)[1]

    def code_of(self, index: int) -> str | None:
        """The permanent verification code of the record at an index."""
        return self.code(self.record_at(index))

    def find_code(self, code: str) -> LoggedRecord | None:
        """The record of a verification code (16 characters, already folded), or None."""
        return self._at(self._finder.code(code))

    def find_certificate(self, *, number: str, name: str) -> LoggedRecord | None:
        """The newest record with this certificate number and holder's name, or None: one look-up, whatever is wrong."""
        return self._at(self._finder.certificate(number=number, name=name))

    def find_subject(self, number: str) -> UUID | None:
        """The subject that a card or document number stands for now, or None.

        raises  IdentifierMalformed
        """
        return self._finder.subject(number)

    def linked(self, subject: UUID) -> tuple[UUID, ...]:
        """The subject that stands for this one, and all that were merged into it: the streams of one worker."""
        return self._finder.linked(subject)

    def worker(self, subject: UUID) -> SubjectRow | None:
        """What the store knows of a worker: restricted, erased, merged; None for an id that is no worker's."""
        return self._finder.worker(subject)

    def views(self) -> ViewEngine:
        """Where the views keep their rows."""
        return self._store.views

    def _at(self, index: int | None) -> LoggedRecord | None:
        return None if index is None else self.record_at(index)

    # -- erasure ------------------------------------------------------------------------------------------------------

    def finish_erasure(self, subject: UUID) -> Destroyed | None:
        """Destroys what the worker's tombstone in the log says; None where another database role must do it.

        raises  RuleBroken without a tombstone, StoreUnavailable, EraserNeeded
        """
        self._decider.forget(self.linked(subject))
        if not self._store.recorder.erases_itself and not self.options.erases:
            return None
        return destroy(self._store.recorder, subject, ErasedList(self.options.erased_list))

    def pending_erasures(self) -> list[UUID]:
        """Workers whose tombstone is in the log while what it destroys is still there."""
        return pending(self._store.recorder)

    # -- proofs --------------------------------------------------------------------------------------------------------

    @property
    def log_vkeys(self) -> tuple[VerifierKey, ...]:
        """The log's verifier keys: Ed25519 first, then the post-quantum one when there is one."""
        return () if self._head_signer is None else tuple(self._head_signer.vkeys)

    def checkpoint(self) -> bytes:
        """The newest published checkpoint, with the cosignatures that came in.

        raises  NotFound before the first
        """
        published = self._publisher.published if self._publisher is not None else self._store.last_published()
        if published is None:
            raise NotFound("no checkpoint is published yet; ask again in a second")
        return published[1]

    def publish(self) -> bytes:
        """Publishes the newest signed head now, without waiting for the next second. Raises StoreUnavailable."""
        if self._publisher is None:
            raise StoreUnavailable("this ledger was opened for reading")
        return self._publisher.publish()

    def receipt(self, record_id: str) -> Receipt:
        """A receipt for a held record.

        raises  NotFound
        """
        return Receipt(self, record_id=record_id, index=self.record(record_id).index)

    def prove(self, index: int) -> tuple[Sequence[bytes], bytes]:
        """Inclusion path of a record, and a checkpoint that covers it: the newest published one, else the newest
        signed.

        raises  NotFound when no signed checkpoint covers the index yet
        """
        size, note = self._covering_checkpoint(index)
        return inclusion_path(leaf_index=index, tree_size=size, nodes=self.nodes(size)), note

    def _covering_checkpoint(self, index: int) -> tuple[int, bytes]:
        published = self._publisher.published if self._publisher is not None else self._store.last_published()
        if published is not None and published[0] > index:
            return published
        signed = self._signed
        if (signed is None or signed.size <= index) and self._head_signer is not None:
            # Another process appended it; the signed head of this one is older.
            signed = self._head_signer.sign(self._store.recorder.head, self.nodes)
        if signed is not None and signed.size > index:
            return signed.size, signed.note
        raise NotFound(f"no signed checkpoint covers index {index} yet; ask again in a second")

    def nodes(self, size: int) -> NodeReader:
        """Reads nodes of the tree of `size` leaves from stored tiles."""
        return self._store.nodes(size)

    def tile(self, level: int, n: int, width: int) -> bytes:
        """A hash tile: `width` hashes of 32 bytes, 1 to 256.

        raises  NotFound when the tree has no such tile yet
        """
        return self._store.tile(level, n, width, size=self.size())

    # -- life ----------------------------------------------------------------------------------------------------------

    def on_growth(self, listener: Callable[[int], None]) -> None:
        """Calls `listener(size)` after each commit, from the committing thread; it must not block."""
        self._listeners.append(listener)

    def wait_for(self, size: int, timeout_seconds: float) -> bool:
        """Waits until the log has at least `size` records; whether it has."""
        with self._grown:
            return self._grown.wait_for(lambda: self.size() >= size, timeout_seconds)

    def failure(self) -> Exception | None:
        """Why checkpoints are not being published, or None when all is well."""
        return None if self._publisher is None else self._publisher.failure

    def close(self) -> None:
        """Commits what waits, publishes no more, and gives the store back."""
        self._committer.close()
        self._admission.close()
        if self._publisher is not None:
            self._publisher.close()
        self._store.close()

    def _start_publisher(self, head_signer: HeadSigner) -> Publisher:
        published = self._store.last_published()
        signed = self._sign_head()
        publisher = Publisher(
            head_signer=head_signer,
            cosigner=self.options.cosigner,
            nodes_of=self.nodes,
            newest=self._newest,
            is_cosigned=self._is_cosigned,
            store=lambda size, note: self._store.recorder.store_published(size=size, note=note),
        )
        if published is not None and published[0] > signed.size:
            raise Corrupt(f"a checkpoint of size {published[0]} was published, the store has {signed.size} records")
        publisher.start(published)
        return publisher

    def _newest(self) -> SignedHead:
        if self._signed is None:
            raise StoreUnavailable("no head is signed yet")
        return self._signed

    def _is_cosigned(self, note: bytes) -> bool:
        if self.policy is None:
            return True
        signed = open_checkpoint(note, keys=[*self.log_vkeys, *self.policy.witness_keys()])
        try:
            self.policy.check_quorum(signed.signatures)
        except QuorumMissing:
            return False
        return True


def _may_register(admitted: tuple[Proposal, ...] | LedgerError) -> bool:
    """Whether this, not yet appended, may register the key that a later record is signed with."""
    proposals = () if isinstance(admitted, LedgerError) else admitted
    return any(proposal.body.admitted.record.REGISTRY for proposal in proposals)
