"""The audit's own reading of stored bytes: containers, signed JSON, notes and the mark, from their descriptions.

Nothing here is shared with the code that writes these bytes; only signature checks and the opening of sealed parts come
from `keys`. What does not read raises `Unreadable` with one of the audit's codes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from keys.algorithms import algorithm

_BASE64URL = re.compile(rb"[A-Za-z0-9_-]+\Z")
_NOTE_ALGORITHM = {1: "Ed25519", 4: "Ed25519", 6: "ML-DSA-44"}
_MARK_HEADER_BYTES, _MARK_SLOT_BYTES = 256, 128


class Unreadable(Exception):
    """Stored bytes are not what their format says. Never leaves the audit: it becomes a finding with its code."""

    def __init__(self, finding: str) -> None:
        super().__init__(finding)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Leaf:
    """A signed record without its disclosures: `signing_input.signature`."""

    text: bytes
    header: Mapping[str, Any]
    payload: Mapping[str, Any]
    signing_input: bytes
    signature: bytes

    @property
    def record_id(self) -> bytes:
        """SHA-256 of the signing input."""
        return hashlib.sha256(self.signing_input).digest()


def split_container(state: bytes) -> tuple[bytes, bytes]:
    """Leaf and sealed part of an event's state: version byte 1, length of the leaf (4 bytes), leaf, sealed part.

    raises  Unreadable
    """
    length = int.from_bytes(state[1:5], "big")
    if state[:1] != b"\x01" or not 0 < length <= len(state) - 5:
        raise Unreadable("container-unreadable")
    return state[5 : 5 + length], state[5 + length :]


def read_leaf(text: bytes) -> Leaf:
    """Header, payload and signature of a leaf, all in their one canonical spelling.

    raises  Unreadable
    """
    parts = text.split(b".")
    if len(parts) != 3:
        raise Unreadable("leaf-unreadable")
    header, payload = (read_json(read_base64url(part)) for part in parts[:2])
    if not isinstance(header, dict) or set(header) != {"alg", "kid", "typ"} or not isinstance(payload, dict):
        raise Unreadable("leaf-unreadable")
    return Leaf(text, header, payload, parts[0] + b"." + parts[1], read_base64url(parts[2]))


def read_base64url(text: bytes) -> bytes:
    """Bytes of unpadded base64url; raises Unreadable for a second spelling."""
    if not _BASE64URL.match(text):
        raise Unreadable("leaf-unreadable")
    try:
        data = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        raise Unreadable("leaf-unreadable") from None
    if base64.urlsafe_b64encode(data).rstrip(b"=") != text:
        raise Unreadable("leaf-unreadable")
    return data


def read_json(data: bytes) -> Any:
    """JSON whose bytes are the canonical ones: sorted names, no spaces, no floats; raises Unreadable otherwise."""
    try:
        value = json.loads(data.decode("utf-8"), parse_float=_no_float, parse_constant=_no_float)
        canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise Unreadable("leaf-unreadable") from None
    if canonical != data:
        raise Unreadable("leaf-unreadable")
    return value


def _no_float(_text: str) -> float:
    raise ValueError("a number that is no integer")


def digests_in(value: Any) -> Iterator[str]:
    """Every disclosure digest in a JSON value: members of `_sd`, and the value of an element `{"...": digest}`."""
    if isinstance(value, dict):
        yield from value.get("_sd", ())
        if set(value) == {"..."}:
            yield value["..."]
        for name, inner in value.items():
            if name != "_sd":
                yield from digests_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from digests_in(inner)


def digest_of(disclosure: str) -> str:
    """The digest that stands in the payload for a disclosure (RFC 9901 section 4.2.3)."""
    digest = hashlib.sha256(disclosure.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A key that signs notes: name, signature type (1, 4 or 6) and raw public key."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name, newline, type, key) (c2sp.org/signed-note)."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]


def read_policy_keys(policy: bytes) -> tuple[list[NoteKey], list[NoteKey]]:
    """Keys of logs and of witnesses in a policy file (c2sp.org/tlog-policy); raises Unreadable."""
    logs: list[NoteKey] = []
    witnesses: list[NoteKey] = []
    for line in policy.decode("utf-8", "replace").splitlines():
        words = line.split()
        if len(words) >= 2 and words[0] == "log":
            logs.append(_read_vkey(words[1]))
        elif len(words) >= 3 and words[0] == "witness":
            witnesses.append(_read_vkey(words[2]))
    return logs, witnesses


def _read_vkey(text: str) -> NoteKey:
    name, _, rest = text.partition("+")
    hex_id, _, encoded = rest.partition("+")
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise Unreadable("policy-unreadable") from None
    if not data or data[0] not in _NOTE_ALGORITHM:
        raise Unreadable("policy-unreadable")
    key = NoteKey(name, data[0], data[1:])
    if key.key_id.hex() != hex_id:
        raise Unreadable("policy-unreadable")
    return key


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint as a note holds it: origin, size, root, the signed text, and the signature lines."""

    origin: str
    size: int
    root: bytes
    text: bytes
    lines: tuple[tuple[str, bytes, bytes], ...]


def read_checkpoint(note: bytes) -> StoredCheckpoint:
    """Origin, size, root and signature lines of a signed checkpoint; raises Unreadable.

    Source: c2sp.org/tlog-checkpoint, c2sp.org/signed-note.
    """
    head, blank, tail = note.rpartition(b"\n\n")
    lines = head.split(b"\n")
    if not blank or len(lines) < 3 or not tail.endswith(b"\n"):
        raise Unreadable("checkpoint-unreadable")
    try:
        origin, size, root = lines[0].decode(), int(lines[1]), base64.b64decode(lines[2], validate=True)
        signatures = tuple(map(_read_signature_line, tail[:-1].decode().split("\n")))
    except ValueError:
        raise Unreadable("checkpoint-unreadable") from None
    if str(size).encode() != lines[1] or base64.b64encode(root) != lines[2] or len(root) != 32:
        raise Unreadable("checkpoint-unreadable")
    return StoredCheckpoint(origin, size, root, head + b"\n", signatures)


def _read_signature_line(line: str) -> tuple[str, bytes, bytes]:
    dash, name, encoded = line.split(" ")
    data = base64.b64decode(encoded, validate=True)
    if dash != "\u2014" or len(data) < 5 or base64.b64encode(data).decode() != encoded:
        raise Unreadable("checkpoint-unreadable")
    return name, data[:4], data[4:]


def check_note_signature(checkpoint: StoredCheckpoint, key: NoteKey, signature: bytes) -> None:
    """Accept a signature line's bytes over a checkpoint under one key, or raise BadSignature.

    Source: c2sp.org/signed-note (type 1), c2sp.org/tlog-cosignature (types 4 and 6).
    """
    message = checkpoint.text
    if key.kind != 1:
        time, signature = signature[:8], signature[8:]
        if key.kind == 4:
            message = b"cosignature/v1\ntime %d\n" % int.from_bytes(time, "big") + checkpoint.text
        else:
            names = [word.encode() for word in (key.name, checkpoint.origin)]
            told = [bytes([len(word)]) + word for word in names]
            tree = (0).to_bytes(8, "big") + checkpoint.size.to_bytes(8, "big") + checkpoint.root
            message = b"subtree/v1\n\0" + told[0] + time + told[1] + tree
    algorithm(_NOTE_ALGORITHM[key.kind]).check_signature(public=key.public, message=message, signature=signature)


def read_mark(data: bytes) -> tuple[str, list[tuple[int, bytes]]]:
    """Origin and the marked trees (size, root) of a mark file; a torn slot is left out.

    raises  Unreadable for another header, or when no slot of a written file holds
    """
    header = data[:_MARK_HEADER_BYTES].decode("ascii", "replace").split()
    if header[:3] != ["skill-ledger", "mark", "v1"] or len(header) != 4:
        raise Unreadable("mark-unreadable")
    trees = []
    written = False
    for start in (_MARK_HEADER_BYTES, _MARK_HEADER_BYTES + _MARK_SLOT_BYTES):
        words = data[start : start + _MARK_SLOT_BYTES].decode("ascii", "replace").split()
        written = written or bool(words)
        if len(words) == 3 and words[2] == hashlib.sha256(f"{words[0]} {words[1]}".encode()).hexdigest()[:16]:
            trees.append((int(words[0]), bytes.fromhex(words[1])))
    if written and not trees:
        raise Unreadable("mark-unreadable")
    return header[3], trees
