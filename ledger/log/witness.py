"""What a witness answers to `add-checkpoint` (c2sp.org/tlog-witness): a pure decision without clock, store or key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from keys.errors import BadSignature
from ledger.errors import MalformedCheckpoint, ProofInvalid
from ledger.limits import HASH_BYTES, TREE_LEAVES_MAX
from ledger.log._text import decode_hash, decode_text, encode_base64, parse_decimal
from ledger.log.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from ledger.log.merkle import EMPTY_ROOT, check_consistency
from ledger.log.note import NOTE_BYTES_MAX, VerifierKey, parse_note
from ledger.log.receipt import check_log_signed

PATH_HASHES_MAX: Final = 63
REQUEST_BYTES_MAX: Final = NOTE_BYTES_MAX + 4096
SIZE_TYPE: Final = "text/x.tlog.size"
_OLD: Final = "old "


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A parsed request, nothing verified: the size that we are believed to hold, the proof from there, the note."""

    old_size: int
    path: tuple[bytes, ...]
    note: bytes
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Held:
    """The latest checkpoint this witness cosigned for an origin; size 0 and the empty root before the first."""

    size: int = 0
    root: bytes = EMPTY_ROOT


class Rejection(Exception):
    """The request is answered with this HTTP status; `body` is the answer's text, `media_type` its type."""

    def __init__(self, status: HTTPStatus, body: str, media_type: str = "text/plain; charset=utf-8") -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body
        self.media_type = media_type


def format_add_checkpoint(*, old_size: int, path: Sequence[bytes], checkpoint: bytes) -> bytes:
    """The body of an `add-checkpoint` request.

    old_size    leaves that the witness is believed to hold
    path        `merkle.consistency_path` from there; [] for old_size 0
    checkpoint  signed checkpoint, whole
    raises      MalformedCheckpoint
    """
    if not 0 <= old_size <= TREE_LEAVES_MAX or len(path) > PATH_HASHES_MAX or any(len(h) != HASH_BYTES for h in path):
        raise MalformedCheckpoint(f"request from size {old_size}: size or path out of bounds")
    hashes = "".join(encode_base64(hash_) + "\n" for hash_ in path)
    return f"{_OLD}{old_size}\n{hashes}\n".encode() + checkpoint


def parse_add_checkpoint(data: bytes) -> AddCheckpoint:
    """Read the body of an `add-checkpoint` request.

    data    at most 516 KiB
    raises  MalformedCheckpoint
    """
    if len(data) > REQUEST_BYTES_MAX:
        raise MalformedCheckpoint(f"request of {len(data)} bytes: at most {REQUEST_BYTES_MAX}")
    head, _, note = data.partition(b"\n\n")
    old, *hashes = decode_text(head).split("\n")
    if not old.startswith(_OLD) or len(hashes) > PATH_HASHES_MAX:
        raise MalformedCheckpoint(f"expected an `old` line and at most {PATH_HASHES_MAX} hashes")
    old_size, path = parse_decimal(old.removeprefix(_OLD)), tuple(decode_hash(line) for line in hashes)
    request = AddCheckpoint(old_size, path, note, parse_checkpoint(parse_note(note).text))
    if format_add_checkpoint(old_size=old_size, path=path, checkpoint=note) != data:
        raise MalformedCheckpoint("request is not in its one form")
    return request


def check_signed(request: AddCheckpoint, log_keys: Iterable[VerifierKey]) -> None:
    """Accept a checkpoint that a trusted key of its origin signed; nothing held needs to be known.

    log_keys  keys of all logs that this witness follows, each named like its origin
    raises    Rejection 404 for an unknown origin, 403 without a valid signature or with a false one of a trusted key
    """
    origin = request.checkpoint.origin
    keys = [key for key in log_keys if key.name == origin]
    if not keys:
        raise Rejection(HTTPStatus.NOT_FOUND, "unknown origin\n")
    try:
        signed = open_checkpoint(request.note, keys=keys)
        check_log_signed(signed.checkpoint, signed.signatures, keys)
    except (BadSignature, MalformedCheckpoint) as error:
        raise Rejection(HTTPStatus.FORBIDDEN, "no valid signature by a trusted key of this origin\n") from error


def check_consistent(request: AddCheckpoint, held: Held) -> None:
    """Accept a signed checkpoint that continues the one held: the caller then stores it and cosigns.

    MUST be called, and its outcome stored, under one lock: two requests may otherwise both continue the same tree.

    held    what this witness last cosigned for the origin
    raises  Rejection in this order: 400 if the old size exceeds the new one; 409 with our size if the client starts
            from another one; 422 for a false root of the empty tree, a proof from nothing, a proof that fails
    """
    new, old_size = request.checkpoint, request.old_size
    if old_size > new.size:
        raise Rejection(HTTPStatus.BAD_REQUEST, "the old size exceeds the checkpoint's\n")
    if old_size != held.size:
        raise Rejection(HTTPStatus.CONFLICT, f"{held.size}\n", SIZE_TYPE)
    if new.size == 0 and new.root != EMPTY_ROOT:
        raise Rejection(HTTPStatus.UNPROCESSABLE_ENTITY, "not the root of the empty tree\n")
    if old_size == 0:
        if request.path:
            raise Rejection(HTTPStatus.UNPROCESSABLE_ENTITY, "a proof from size 0 is empty\n")
        return
    try:
        check_consistency(
            old_size=old_size, new_size=new.size, path=request.path, old_root=held.root, new_root=new.root
        )
    except ProofInvalid as error:
        raise Rejection(HTTPStatus.UNPROCESSABLE_ENTITY, "the consistency proof does not verify\n") from error
