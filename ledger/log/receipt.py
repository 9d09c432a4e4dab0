"""Receipts: proof, checkable offline, that an entry is in the log (c2sp.org/tlog-proof@v1).

This profile writes no `extra` line and refuses one: it would be bytes that nobody signed.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from keys.errors import BadSignature
from ledger.errors import MalformedCheckpoint
from ledger.limits import HASH_BYTES, TREE_LEAVES_MAX
from ledger.log._text import decode_hash, decode_text, parse_decimal
from ledger.log.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from ledger.log.merkle import check_inclusion, leaf_hash
from ledger.log.note import NOTE_BYTES_MAX, VerifierKey, parse_note
from ledger.log.policy import Policy

RECEIPT_HEADER: Final = "c2sp.org/tlog-proof@v1"
PATH_HASHES_MAX: Final = 63
RECEIPT_BYTES_MAX: Final = NOTE_BYTES_MAX + 4096


@dataclass(frozen=True, slots=True)
class ParsedReceipt:
    """A receipt's parts, nothing verified: index, inclusion path (the leaf's sibling first), signed checkpoint."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes


@dataclass(frozen=True, slots=True)
class Inclusion:
    """What a receipt proves: the entry stands at `index` of the log `origin`, under the tree of `size` leaves.

    cosigned_by  POSIX second by which a quorum of witnesses had signed; None if it has not, or the policy demands none
    fresh_at     latest POSIX second for which a quorum says that it knew no longer log; None likewise
    signatures   every verified key with its POSIX seconds
    """

    origin: str
    index: int
    size: int
    root: bytes
    cosigned_by: int | None
    fresh_at: int | None
    signatures: Mapping[VerifierKey, int]


def format_receipt(*, index: int, path: Sequence[bytes], checkpoint: bytes) -> bytes:
    """A receipt.

    index       of the entry, from 0
    path        `merkle.inclusion_path` for the size that the checkpoint names
    checkpoint  signed checkpoint, whole
    raises      MalformedCheckpoint; the proof itself is not checked
    """
    if not 0 <= index < TREE_LEAVES_MAX or len(path) > PATH_HASHES_MAX or any(len(h) != HASH_BYTES for h in path):
        raise MalformedCheckpoint(f"receipt of index {index}: index or path out of bounds")
    hashes = b"".join(map(b2a_base64, path))  # each ends its line
    return b"%s\nindex %d\n%s\n%s" % (RECEIPT_HEADER.encode(), index, hashes, checkpoint)


def parse_receipt(data: bytes) -> ParsedReceipt:
    """Split a receipt; its checkpoint is checked for form, nothing is verified.

    data    at most 516 KiB
    raises  MalformedCheckpoint
    """
    if len(data) > RECEIPT_BYTES_MAX:
        raise MalformedCheckpoint(f"receipt of {len(data)} bytes: at most {RECEIPT_BYTES_MAX}")
    head, _, checkpoint = data.partition(b"\n\n")
    lines = decode_text(head).split("\n")
    if len(lines) < 2 or lines[0] != RECEIPT_HEADER or not lines[1].startswith("index "):
        raise MalformedCheckpoint(f"expected the line {RECEIPT_HEADER}, an index line, the path, and no extra line")
    if len(lines) > 2 + PATH_HASHES_MAX:
        raise MalformedCheckpoint(f"receipt: a path has at most {PATH_HASHES_MAX} hashes")
    parsed = ParsedReceipt(
        parse_decimal(lines[1].removeprefix("index ")), tuple(decode_hash(line) for line in lines[2:]), checkpoint
    )
    parse_checkpoint(parse_note(checkpoint).text)
    if format_receipt(index=parsed.index, path=parsed.path, checkpoint=checkpoint) != data:
        raise MalformedCheckpoint("receipt is not in its one form")
    return parsed


def check_receipt(
    receipt: bytes, *, entry: bytes, log_vkeys: Iterable[VerifierKey] | None = None, policy: Policy
) -> Inclusion:
    """What the receipt proves about this entry; raises unless log, quorum and proof all hold.

    Source: c2sp.org/tlog-proof, Verifying. Nothing on the network is asked.

    receipt, entry, log_vkeys, policy  as in `check_logged`
    raises  what `check_logged` raises; then QuorumMissing if too few witnesses have signed (a fresh receipt is handed
            out before the witnesses have seen its checkpoint)
    """
    inclusion = check_logged(receipt, entry=entry, log_vkeys=log_vkeys, policy=policy)
    policy.check_quorum(inclusion.signatures)
    return inclusion


def check_logged(
    receipt: bytes, *, entry: bytes, log_vkeys: Iterable[VerifierKey] | None = None, policy: Policy
) -> Inclusion:
    """As `check_receipt`, without the quorum: the log itself says so, and may still say otherwise to others.

    Checked in this order: form, every line of a known key, the log's own signature, inclusion.

    receipt    as `format_receipt` writes it
    entry      the exact logged bytes (an envelope's leaf)
    log_vkeys  accepted log keys, each named like its log's origin; None takes those of the policy
    policy     known witnesses and their quorum
    raises     MalformedCheckpoint; BadSignature if a known key's line is false or no accepted key of the origin signed;
               ProofInvalid
    """
    parsed = parse_receipt(receipt)
    log_keys = set(policy.log_keys() if log_vkeys is None else log_vkeys)
    signed = open_checkpoint(parsed.checkpoint, keys=[*log_keys, *policy.witness_keys()])
    checkpoint = signed.checkpoint
    check_log_signed(checkpoint, signed.signatures, log_keys)
    check_inclusion(
        leaf_hash=leaf_hash(entry),
        leaf_index=parsed.index,
        tree_size=checkpoint.size,
        path=parsed.path,
        root=checkpoint.root,
    )
    return Inclusion(
        origin=checkpoint.origin,
        index=parsed.index,
        size=checkpoint.size,
        root=checkpoint.root,
        cosigned_by=policy.cosigned_by(signed.signatures),
        fresh_at=policy.fresh_at(signed.signatures),
        signatures=signed.signatures,
    )


def check_log_signed(checkpoint: Checkpoint, signed: Iterable[VerifierKey], log_keys: Iterable[VerifierKey]) -> None:
    """Accept if one of the verified keys is an accepted log key that is named like the checkpoint's origin.

    raises  BadSignature
    """
    accepted = {key for key in log_keys if key.name == checkpoint.origin}
    if not accepted.intersection(signed):
        raise BadSignature(f"checkpoint of {checkpoint.origin}: no signature by an accepted key of this log")
