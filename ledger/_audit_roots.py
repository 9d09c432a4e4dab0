"""The audit's comparison of trees: what was stored, published and marked, against the tree grown from the leaves.

Every published checkpoint and the signer's mark must name the root that the leaves give at that size, so any two of
them are consistent with each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from keys.errors import LedgerError
from ledger._audit_bytes import (
    NoteKey,
    StoredCheckpoint,
    Unreadable,
    check_note_signature,
    read_checkpoint,
    read_mark,
    read_policy_keys,
)
from ledger._audit_tree import TILE, Tree

Report = Callable[..., None]
"""Takes a finding: its code, index, and the end of its range where no single record can be named."""

Query = Callable[..., Iterable[tuple[Any, ...]]]


class RootAudit:
    """Grows the tree leaf by leaf and compares it at every size that somebody vouched for."""

    def __init__(self, *, query: Query, report: Report, not_checked: list[str], size: int) -> None:
        self._query = query
        self._report = report
        self._not_checked = not_checked
        self._size = size
        self._vouched: dict[int, list[tuple[bytes, str]]] = {}
        self._tree: Tree | None = Tree()
        self._agreed = 0

    def read_checkpoints(self, policy: bytes | None) -> None:
        """Every stored checkpoint: its form, its signatures, and its root, to be met when the tree has that size."""
        logs, witnesses = self._policy_keys(policy)
        if not logs:
            self._not_checked.append("checkpoint-signatures")
        for size, note in self._query("SELECT size, note FROM checkpoints ORDER BY size"):
            try:
                checkpoint = read_checkpoint(bytes(note))
            except Unreadable as bad:
                self._report(bad.finding, max(size - 1, 0))
                continue
            if checkpoint.size != size:
                self._report("checkpoint-differs", max(min(size, checkpoint.size) - 1, 0))
            if logs:
                self._check_note(checkpoint, logs, witnesses)
            self._vouched.setdefault(checkpoint.size, []).append((checkpoint.root, "checkpoint-differs"))

    def _policy_keys(self, policy: bytes | None) -> tuple[list[NoteKey], list[NoteKey]]:
        if policy is None:
            return [], []
        try:
            return read_policy_keys(policy)
        except Unreadable as bad:
            self._report(bad.finding, None)
            return [], []

    def _check_note(self, checkpoint: StoredCheckpoint, logs: list[NoteKey], witnesses: list[NoteKey]) -> None:
        known = {(key.name, key.key_id): key for key in (*logs, *witnesses)}
        log_names = {(key.name, key.key_id) for key in logs}
        last = max(checkpoint.size - 1, 0)
        signed = False
        for name, key_id, signature in checkpoint.lines:
            key = known.get((name, key_id))
            if key is None:
                continue
            try:
                check_note_signature(checkpoint, key, signature)
            except LedgerError:
                self._report("checkpoint-signature-invalid", last)
            else:
                signed = signed or (name, key_id) in log_names
        if not signed or checkpoint.origin not in {key.name for key in logs}:
            self._report("checkpoint-unsigned", last)

    def read_mark(self, mark: bytes | None) -> None:
        """The trees that the signer's mark attests."""
        if mark is None:
            self._not_checked.append("mark")
            return
        try:
            _, trees = read_mark(mark)
        except Unreadable as bad:
            self._report(bad.finding, None)
            return
        for size, root in trees:
            self._vouched.setdefault(size, []).append((root, "mark-differs"))

    def start(self) -> None:
        """Compare the empty tree, and report what was vouched for beyond the size of the store."""
        self._compare()
        for beyond in [size for size in self._vouched if size > self._size]:
            codes = {code for _, code in self._vouched.pop(beyond)}
            self._report("mark-ahead" if "mark-differs" in codes else "checkpoint-ahead", self._size)

    def lose(self) -> None:
        """A leaf is missing: from here on no tree can be compared."""
        self._tree = None

    @property
    def holds(self) -> bool:
        """Whether every leaf so far was there."""
        return self._tree is not None

    def add(self, leaf_hash: bytes) -> None:
        """Grow the tree and compare what it completed."""
        if self._tree is None:
            return
        for level, number, hashes in self._tree.append(leaf_hash):
            self._check_tile(level, number, hashes)
        self._compare()

    def _compare(self) -> None:
        if self._tree is None:
            return
        size = self._tree.size
        for root, code in self._vouched.pop(size, ()):
            if root == self._tree.root():
                self._agreed = size
            else:
                self._report(code, min(self._agreed, max(size - 1, 0)), size)

    def finish(self, *, root: bytes, frontier: bytes) -> None:
        """Compare the growing tiles, the frontier and the root of the head row."""
        if self._tree is None:
            return
        for level, number, hashes in self._tree.partial_tiles():
            if level > 0:
                self._check_tile(level, number, hashes)
        first = self._tree.first_difference(frontier)
        if first is not None:
            self._report("frontier-differs", first, self._size)
        if self._tree.root() != root:
            self._report("root-differs", min(self._agreed, max(self._size - 1, 0)), self._size)

    def _check_tile(self, level: int, number: int, hashes: list[bytes]) -> None:
        """Compare a tile's row, hash by hash; a row may hold more hashes than the audited size needs."""
        rows = list(self._query("SELECT hashes FROM tiles WHERE level = ? AND n = ?", (level, number)))
        leaves_each = TILE**level
        if not rows:
            self._report("tile-missing", number * TILE * leaves_each, (number + 1) * TILE * leaves_each)
            return
        held = bytes(rows[0][0])
        for place, hash_ in enumerate(hashes):
            if held[32 * place : 32 * place + 32] != hash_:
                start = (number * TILE + place) * leaves_each
                self._report("tile-differs", start, None if level == 0 else start + leaves_each)
                return
        if len(held) > 32 * TILE or len(held) % 32:
            self._report("tile-differs", number * TILE * leaves_each, (number + 1) * TILE * leaves_each)
