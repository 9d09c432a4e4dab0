"""Signing the log's head, and publishing it with cosignatures.

The order makes crashes harmless: commit, re-read the head, persist the mark, sign, answer. Ed25519 gives the same
bytes for the same tree, so a checkpoint lost between mark and answer is signed again, never contradicted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from keys.custody import Signer
from ledger.clock import Clock
from ledger.errors import MarkAhead, MarkDiffers
from ledger.log.checkpoint import (
    cosign,
    format_checkpoint,
    format_note,
    log_key,
    merge_signatures,
    sign_note,
)
from ledger.log.merkle import NodeReader, consistency_path, root_of
from ledger.store._protocol import Head
from ledger.store.mark import Mark, MarkedTree

PUBLISH_INTERVAL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A tree that the log's own key signed."""

    size: int
    root: bytes
    note: bytes


class HeadSigner:
    """The one signer of a log: it alone holds the log key, and signs only what is consistent with its mark."""

    def __init__(self, *, origin: str, mark: Mark, signer: Signer, later_signer: Signer | None, clock: Clock) -> None:
        self.origin = origin
        self.vkeys = [log_key(origin, signer)] + ([log_key(origin, later_signer)] if later_signer else [])
        self._mark = mark
        self._signer = signer
        self._later_signer = later_signer
        self._clock = clock

    def sign(self, read_head: Callable[[], Head], nodes_of: Callable[[int], NodeReader]) -> SignedHead:
        """The committed head, signed with Ed25519.

        read_head  reads the head row from the database, after the commit
        nodes_of   complete subtrees of the tree of a size, the one that the head row names
        raises     MarkAhead when the store is behind the mark (rolled back, replaced), MarkDiffers when its history is
                   another one than the mark attests: both stop the signer
        """
        with self._mark.locked():
            head = read_head()
            marked = self._mark.read()
            if marked is not None:
                self._check_grown(head, marked, nodes_of)
            if marked is None or marked.size < head.size:
                self._mark.write(MarkedTree(head.size, head.root))
            text = format_checkpoint(self.origin, head.size, head.root)
            return SignedHead(head.size, head.root, format_note(text, [sign_note(text, self.origin, self._signer)]))

    def countersign(self, signed: SignedHead) -> bytes:
        """The signed head with the log's own post-quantum line, when there is a key for it."""
        if self._later_signer is None:
            return signed.note
        text = format_checkpoint(self.origin, signed.size, signed.root)
        line = cosign(text, self.origin, self._later_signer, timestamp=self._clock.now_seconds())
        return merge_signatures(signed.note, [line])

    @staticmethod
    def _check_grown(head: Head, marked: MarkedTree, nodes_of: Callable[[int], NodeReader]) -> None:
        if head.size < marked.size:
            raise MarkAhead(
                f"the store has {head.size} records, the mark attests {marked.size}: it was rolled back or replaced; "
                "stop, and restore what is missing"
            )
        if root_of(marked.size, nodes_of(head.size)) != marked.root:
            raise MarkDiffers(
                f"the first {marked.size} records are not those that were signed; stop, and run `skill-ledger audit`"
            )


class Cosigner(Protocol):
    """Asks witnesses to cosign a checkpoint."""

    def cosign(self, note: bytes, *, size: int, consistency: Callable[[int], Sequence[bytes]]) -> list[bytes]:
        """Signature lines of the witnesses that answered in time.

        note         the signed checkpoint
        consistency  proof from an older size to this one, oldest allowed 0
        """
        ...


class Publisher:
    """Publishes the newest signed head about once a second, with the cosignatures that came in."""

    def __init__(
        self,
        *,
        head_signer: HeadSigner,
        cosigner: Cosigner | None,
        nodes_of: Callable[[int], NodeReader],
        newest: Callable[[], SignedHead],
        is_cosigned: Callable[[bytes], bool],
        store: Callable[[int, bytes], None],
    ) -> None:
        self._head_signer = head_signer
        self._cosigner = cosigner
        self._nodes_of = nodes_of
        self._newest = newest
        self._is_cosigned = is_cosigned
        self._store = store
        self._published: tuple[int, bytes] | None = None
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self.failure: Exception | None = None

    def start(self, published: tuple[int, bytes] | None) -> None:
        """Begins, with the last published checkpoint when there is one."""
        self._published = published
        self._thread.start()

    @property
    def published(self) -> tuple[int, bytes] | None:
        """Size and note of the newest published checkpoint."""
        return self._published

    def wake(self) -> None:
        """Says that there is a newer signed head."""
        self._wake.set()

    def close(self) -> None:
        """Ends the thread."""
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def publish(self) -> bytes:
        """Publishes the newest signed head now and gives its note. Only what a quorum cosigned is kept in the store."""
        signed = self._newest()
        if self._published is not None and self._published[0] == signed.size and self._is_cosigned(self._published[1]):
            return self._published[1]
        note = self._head_signer.countersign(signed)
        if self._cosigner is not None:
            lines = self._cosigner.cosign(note, size=signed.size, consistency=lambda old: self._path(old, signed.size))
            note = merge_signatures(note, lines)
        if self._is_cosigned(note):
            self._store(signed.size, note)
        self._published = (signed.size, note)
        return note

    def _path(self, old_size: int, new_size: int) -> Sequence[bytes]:
        if not 0 < old_size < new_size:
            return []
        return consistency_path(old_size=old_size, new_size=new_size, nodes=self._nodes_of(new_size))

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.wait(timeout=PUBLISH_INTERVAL_SECONDS)
            self._wake.clear()
            if self._closing.is_set():
                return
            try:
                self.publish()
                self.failure = None
            except Exception as failed:  # noqa: BLE001
                # Publishing is tried again each second; readiness reports the failure meanwhile.
                self.failure = failed
            self._closing.wait(PUBLISH_INTERVAL_SECONDS)
