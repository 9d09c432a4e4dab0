"""Checkpoints (c2sp.org/tlog-checkpoint), signed by the log and by witnesses (c2sp.org/tlog-cosignature)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from keys.algorithms import algorithm
from keys.custody import Signer
from keys.errors import AlgorithmUnknown, BadSignature
from ledger.errors import MalformedCheckpoint
from ledger.limits import HASH_BYTES, TREE_LEAVES_MAX
from ledger.log._text import decode_hash, decode_text, encode_base64, parse_decimal
from ledger.log.note import (
    ALGORITHM_OF_TYPE,
    COSIGNATURE_ED25519,
    COSIGNATURE_MLDSA44,
    ED25519,
    KEY_NAME_BYTES_MAX,
    Note,
    SignatureLine,
    VerifierKey,
    check_key_name,
    format_note,
    format_signature_line,
    format_vkey,
    parse_note,
    parse_signature_lines,
    parse_vkey,
    verifier_key,
)

__all__ = [
    "COSIGNATURE_ED25519",
    "COSIGNATURE_MLDSA44",
    "ED25519",
    "Checkpoint",
    "SignedCheckpoint",
    "VerifierKey",
    "check_signature_line",
    "cosign",
    "cosigner_key",
    "format_checkpoint",
    "format_note",
    "format_vkey",
    "log_key",
    "merge_signatures",
    "open_checkpoint",
    "parse_checkpoint",
    "parse_note",
    "parse_vkey",
    "sign_note",
    "signing_time",
]

_TIMESTAMP_BYTES: Final = 8
_TIMESTAMP_MAX: Final = 2**63 - 1
_HEAD_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: origin of the log, number of leaves, root (32 bytes), and extension lines, which we never write."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with the signatures that were verified: key to POSIX seconds (0 where the type carries no time)."""

    checkpoint: Checkpoint
    text: bytes
    signatures: Mapping[VerifierKey, int]


def format_checkpoint(origin: str, size: int, root: bytes) -> bytes:
    """The checkpoint's text: origin, size and base64 root, a line each. This is what the log signs.

    origin  as `note.check_key_name`, because it is the log's key name as well
    size    leaves, 0 to limits.TREE_LEAVES_MAX
    root    32 bytes
    raises  MalformedCheckpoint
    """
    check_key_name(origin)
    if not 0 <= size <= TREE_LEAVES_MAX or len(root) != HASH_BYTES:
        raise MalformedCheckpoint(f"size {size} or a root of {len(root)} bytes: out of bounds")
    return f"{origin}\n{size}\n{encode_base64(root)}\n".encode()


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Read the text of a checkpoint; signatures are not part of it.

    text    at least three non-empty lines, each ended by a newline; further lines are kept as extensions
    raises  MalformedCheckpoint
    """
    lines = decode_text(text).split("\n")
    if lines.pop() or len(lines) < _HEAD_LINES or not all(lines):
        raise MalformedCheckpoint("expected at least three non-empty lines, each ended by a newline")
    origin, size, root, *extensions = lines
    if len(origin.encode()) > KEY_NAME_BYTES_MAX:
        raise MalformedCheckpoint(f"origin: at most {KEY_NAME_BYTES_MAX} bytes")
    return Checkpoint(origin, parse_decimal(size), decode_hash(root), tuple(extensions))


def log_key(name: str, signer: Signer) -> VerifierKey:
    """The verifier key under which this signer signs its own log: type 01 for Ed25519, 06 for ML-DSA-44."""
    return verifier_key(name=name, kind=_kind_of(signer, {ED25519, COSIGNATURE_MLDSA44}), public=signer.public)


def cosigner_key(name: str, signer: Signer) -> VerifierKey:
    """The verifier key under which this signer cosigns: type 04 for Ed25519, 06 for ML-DSA-44."""
    kind = _kind_of(signer, {COSIGNATURE_ED25519, COSIGNATURE_MLDSA44})
    return verifier_key(name=name, kind=kind, public=signer.public)


def _kind_of(signer: Signer, kinds: set[int]) -> int:
    for kind in kinds:
        if ALGORITHM_OF_TYPE[kind] == signer.alg:
            return kind
    raise AlgorithmUnknown(f"{signer.alg}: no note signature type; use Ed25519 or ML-DSA-44")


def sign_note(text: bytes, name: str, signer: Signer) -> bytes:
    """The signature line, with its newline, of an Ed25519 key over a note text (type 01).

    raises  MalformedCheckpoint for the name, AlgorithmUnknown for another algorithm: ML-DSA-44 signs with `cosign`
    """
    key = verifier_key(name=name, kind=_kind_of(signer, {ED25519}), public=signer.public)
    return format_signature_line(SignatureLine(name, key.key_id, signer.sign(text)))


def cosign(text: bytes, name: str, signer: Signer, *, timestamp: int) -> bytes:
    """The cosignature line, with its newline, of a witness over a checkpoint's text; also the log's own ML-DSA-44 line.

    name       key name of the cosigner
    timestamp  POSIX seconds, 1 to 2**63 - 1
    raises     MalformedCheckpoint for text, name or time; AlgorithmUnknown
    """
    key = cosigner_key(name, signer)
    if timestamp == 0:
        raise MalformedCheckpoint("a cosignature of a whole tree names its time")
    message = _signed_message(text, key, timestamp)
    signature = timestamp.to_bytes(_TIMESTAMP_BYTES, "big") + signer.sign(message)
    return format_signature_line(SignatureLine(name, key.key_id, signature))


def _signed_message(text: bytes, key: VerifierKey, timestamp: int) -> bytes:
    """What a signature of each type covers (c2sp.org/signed-note and c2sp.org/tlog-cosignature)."""
    if key.kind == ED25519:
        return text
    if not 0 <= timestamp <= _TIMESTAMP_MAX:
        raise MalformedCheckpoint(f"timestamp: expected 0 to {_TIMESTAMP_MAX}")
    checkpoint = parse_checkpoint(text)
    if key.kind == COSIGNATURE_ED25519:
        return b"cosignature/v1\ntime %d\n" % timestamp + text
    name, origin = key.name.encode(), checkpoint.origin.encode()
    return b"".join(
        (
            b"subtree/v1\n\0",
            bytes([len(name)]) + name,
            timestamp.to_bytes(_TIMESTAMP_BYTES, "big"),
            bytes([len(origin)]) + origin,
            (0).to_bytes(8, "big"),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def signing_time(line: SignatureLine, key: VerifierKey) -> int:
    """POSIX seconds that a cosignature line names, 0 for type 01; meaningful only once the line is verified."""
    if key.kind == ED25519:
        return 0
    return int.from_bytes(line.signature[:_TIMESTAMP_BYTES], "big")


def check_signature_line(text: bytes, line: SignatureLine, key: VerifierKey) -> None:
    """Accept a signature line over this text by this key.

    raises  BadSignature; MalformedCheckpoint for an impossible time
    """
    if (line.name, line.key_id) != (key.name, key.key_id):
        raise BadSignature(f"signature line of {line.name}: made by another key")
    signature = line.signature if key.kind == ED25519 else line.signature[_TIMESTAMP_BYTES:]
    message = _signed_message(text, key, signing_time(line, key))
    algorithm(ALGORITHM_OF_TYPE[key.kind]).check_signature(public=key.public, message=message, signature=signature)


def open_checkpoint(data: bytes, *, keys: Iterable[VerifierKey]) -> SignedCheckpoint:
    """Read a signed checkpoint and verify every line of a known key; lines of unknown keys are ignored.

    data    a signed note whose text is a checkpoint
    keys    known keys of logs and witnesses; which of them must have signed is for the caller to ask (`policy`)
    returns all verified keys, each with its latest time; possibly none
    raises  MalformedCheckpoint; BadSignature if a known key's line does not verify (the whole note is then refused)
    """
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    known = {(key.name, key.key_id): key for key in keys}
    signatures: dict[VerifierKey, int] = {}
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is not None:
            check_signature_line(note.text, line, key)
            signatures[key] = max(signing_time(line, key), signatures.get(key, 0))
    return SignedCheckpoint(checkpoint, note.text, signatures)


def merge_signatures(data: bytes, lines: Iterable[bytes]) -> bytes:
    """A signed note with further signature lines; a new line replaces the old one of the same key name and id.

    data    a signed note
    lines   signature lines as `sign_note` and `cosign` give them
    raises  MalformedCheckpoint
    """
    note: Note = parse_note(data)
    held = {(line.name, line.key_id): line for line in note.signatures}
    for line in parse_signature_lines(b"".join(lines)) if (lines := list(lines)) else ():
        held[line.name, line.key_id] = line
    return format_note(note.text, map(format_signature_line, held.values()))
