"""A log small enough to look at: fixed keys, fixed entries, signed checkpoints of every size, proofs between them."""

from __future__ import annotations

from hashlib import sha256

from keys.algorithms import algorithm
from keys.custody import Signer, signer_from_private
from ledger.log.checkpoint import cosign, cosigner_key, format_checkpoint, format_note, log_key, sign_note
from ledger.log.edge import Edge
from ledger.log.merkle import consistency_path, inclusion_path, leaf_hash, root_of
from ledger.log.note import VerifierKey
from ledger.log.policy import Policy, PolicyGroup, PolicyLog, PolicyWitness
from ledger.log.receipt import format_receipt

ORIGIN = "ledger.example.cn/skills"
NOW = 1_790_000_000
"""POSIX seconds of the first witness's signature; the others follow a second apart."""


def fixed_signer(label: str) -> Signer:
    """The Ed25519 signer whose seed is the SHA-256 of a label: the same in every run."""
    return signer_from_private("Ed25519", algorithm("Ed25519").load_private(sha256(label.encode()).digest()))


def entry_of(index: int) -> bytes:
    """The bytes logged at an index."""
    return f"entry {index}".encode()


class SmallLog:
    """A log of `size` entries under one key, and the witnesses w1 to w3."""

    def __init__(self, size: int, *, origin: str = ORIGIN, label: str = "log", fork_at: int | None = None) -> None:
        self.origin = origin
        self.size = size
        self.signer = fixed_signer(label)
        self.key: VerifierKey = log_key(origin, self.signer)
        self.witnesses = {name: fixed_signer(name) for name in ("w1", "w2", "w3")}
        self.edge = Edge(recent_tiles=1 << 20)
        forked = size if fork_at is None else fork_at
        self.edge.extend([leaf_hash(entry_of(i) + (b"" if i < forked else b" forged")) for i in range(size)])

    def text(self, size: int | None = None) -> bytes:
        """The checkpoint's text at a size."""
        size = self.size if size is None else size
        return format_checkpoint(self.origin, size, root_of(size, self.edge.node))

    def witness_key(self, name: str) -> VerifierKey:
        """The verifier key of a witness."""
        return cosigner_key(f"{name}.example/witness", self.witnesses[name])

    def cosignature(self, name: str, text: bytes, *, timestamp: int = NOW) -> bytes:
        """A witness's line."""
        return cosign(text, f"{name}.example/witness", self.witnesses[name], timestamp=timestamp)

    def checkpoint(self, size: int | None = None, *, witnesses: tuple[str, ...] = ()) -> bytes:
        """A signed checkpoint, cosigned at NOW, NOW + 1 …"""
        text = self.text(size)
        lines = [self.cosignature(name, text, timestamp=NOW + at) for at, name in enumerate(witnesses)]
        return format_note(text, [sign_note(text, self.origin, self.signer), *lines])

    def consistency(self, old_size: int, new_size: int) -> list[bytes]:
        """The consistency proof between two sizes."""
        return consistency_path(old_size=old_size, new_size=new_size, nodes=self.edge.node)

    def receipt(self, index: int, size: int | None = None, *, witnesses: tuple[str, ...] = ()) -> bytes:
        """A receipt under the checkpoint of a size."""
        size = self.size if size is None else size
        path = inclusion_path(leaf_index=index, tree_size=size, nodes=self.edge.node)
        return format_receipt(index=index, path=path, checkpoint=self.checkpoint(size, witnesses=witnesses))

    def policy(self, threshold: int = 2) -> Policy:
        """This log, three witnesses, and a quorum of `threshold` of them."""
        names = tuple(self.witnesses)
        return Policy(
            logs=(PolicyLog(self.key),),
            witnesses=tuple(PolicyWitness(name, self.witness_key(name)) for name in names),
            groups=(PolicyGroup("quorum-of-three", threshold, names),),
            quorum="quorum-of-three",
        )
