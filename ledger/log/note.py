"""Signed notes and verifier keys (c2sp.org/signed-note), with the two cosignature types of c2sp.org/tlog-cosignature.

What a signature of each type covers is in `checkpoint`: types 04 and 06 sign checkpoints only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from keys.algorithms import algorithm
from ledger.errors import MalformedCheckpoint
from ledger.log._text import decode_base64, decode_text, encode_base64

ED25519: Final = 0x01
"""Ed25519 over the note text."""

COSIGNATURE_ED25519: Final = 0x04
"""cosignature/v1: a timestamp, and Ed25519 over time line and note text."""

COSIGNATURE_MLDSA44: Final = 0x06
"""A timestamp, and ML-DSA-44 over cosigner name, time, origin, size and root."""

ALGORITHM_OF_TYPE: Final = {ED25519: "Ed25519", COSIGNATURE_ED25519: "Ed25519", COSIGNATURE_MLDSA44: "ML-DSA-44"}

NOTE_BYTES_MAX: Final = 512 * 1024
SIGNATURES_MAX: Final = 64
"""The standard demands at least 16; an ML-DSA-44 line has 3,300 characters."""

KEY_NAME_BYTES_MAX: Final = 255
"""The cosigned message holds names and origins behind a one-byte length."""

_KEY_ID_BYTES: Final = 4
_DASH: Final = "\u2014 "


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """One public key, the name it signs under and its signature type. Build it with `verifier_key` or `parse_vkey`."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, say which key made a signature line: SHA-256(name ‖ 0A ‖ type ‖ key)[:4]."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:_KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature line, not yet verified: key name, key id (4 bytes) and what follows it."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A signed text, not yet verified. `text` ends in a newline and stands before the blank line."""

    text: bytes
    signatures: tuple[SignatureLine, ...]


def check_key_name(name: str) -> None:
    """Accept a key name: 1 to 255 bytes, no Unicode space, plus sign or control character; or MalformedCheckpoint."""
    if not 1 <= len(name.encode("utf-8", "surrogatepass")) <= KEY_NAME_BYTES_MAX:
        raise MalformedCheckpoint(f"a key name has 1 to {KEY_NAME_BYTES_MAX} bytes")
    if any(char.isspace() or char == "+" or char < " " or "\ud800" <= char <= "\udfff" for char in name):
        raise MalformedCheckpoint("a key name has no space, plus sign or control character")


def verifier_key(*, name: str, kind: int, public: bytes) -> VerifierKey:
    """A verifier key whose parts were checked.

    name    `check_key_name`; for a log its origin, for a witness a URL without scheme
    kind    ED25519, COSIGNATURE_ED25519 or COSIGNATURE_MLDSA44
    public  raw public key, 32 or 1312 bytes
    raises  MalformedCheckpoint for name or kind, BadKey for the key
    """
    check_key_name(name)
    if kind not in ALGORITHM_OF_TYPE:
        raise MalformedCheckpoint(f"signature type {kind:#04x}: expected 0x01, 0x04 or 0x06")
    algorithm(ALGORITHM_OF_TYPE[kind]).check_public_key(public)
    return VerifierKey(name, kind, public)


def format_vkey(key: VerifierKey) -> str:
    """`<name>+<hex key id>+<base64 of type and key>`, without newline (c2sp.org/signed-note, Verifier keys)."""
    return f"{key.name}+{key.key_id.hex()}+{encode_base64(bytes([key.kind]) + key.public)}"


def parse_vkey(text: str) -> VerifierKey:
    """Read what `format_vkey` writes, and nothing else.

    raises  MalformedCheckpoint for the form, a wrong key id or an unknown type; BadKey for the key
    """
    name, _, rest = text.partition("+")
    data = decode_base64(rest.partition("+")[2])
    key = verifier_key(name=name, kind=data[0] if data else -1, public=data[1:])
    if format_vkey(key) != text:
        raise MalformedCheckpoint(f"verifier key of {name}: key id or form differ from {key.key_id.hex()}")
    return key


def format_signature_line(line: SignatureLine) -> bytes:
    """`— <name> <base64 of key id and signature>` and a newline."""
    return f"{_DASH}{line.name} {encode_base64(line.key_id + line.signature)}\n".encode()


def parse_signature_lines(data: bytes) -> tuple[SignatureLine, ...]:
    """The signature lines of a note, or of a witness's answer: 1 to 64 of them, each ended by a newline.

    raises  MalformedCheckpoint
    """
    lines = decode_text(data).split("\n")
    if len(lines) < 2 or lines.pop():
        raise MalformedCheckpoint("expected at least one signature line, each ended by a newline")
    if len(lines) > SIGNATURES_MAX:
        raise MalformedCheckpoint(f"{len(lines)} signature lines: at most {SIGNATURES_MAX}")
    return tuple(_parse_signature_line(line) for line in lines)


def _parse_signature_line(text: str) -> SignatureLine:
    name, _, encoded = text.removeprefix(_DASH).partition(" ")
    check_key_name(name)
    signed = decode_base64(encoded)
    if len(signed) <= _KEY_ID_BYTES:
        raise MalformedCheckpoint("a signature line holds a key id of 4 bytes and a signature")
    line = SignatureLine(name, signed[:_KEY_ID_BYTES], signed[_KEY_ID_BYTES:])
    if format_signature_line(line).decode() != text + "\n":
        raise MalformedCheckpoint("expected `\u2014 <name> <base64>` with single spaces")
    return line


def format_note(text: bytes, lines: Iterable[bytes]) -> bytes:
    """A signed note: the text (it ends in a newline), a blank line, the signature lines as `sign_note` gives them."""
    return text + b"\n" + b"".join(lines)


def parse_note(data: bytes) -> Note:
    """Split a signed note into text and signature lines; nothing is verified yet.

    data    at most 512 KiB of UTF-8
    raises  MalformedCheckpoint
    """
    if len(data) > NOTE_BYTES_MAX:
        raise MalformedCheckpoint(f"note of {len(data)} bytes: at most {NOTE_BYTES_MAX}")
    decode_text(data)
    # The text may hold empty lines itself: the last one separates it from the signatures.
    end = data.rfind(b"\n\n")
    if end < 0:
        raise MalformedCheckpoint("expected a blank line between text and signatures")
    note = Note(data[: end + 1], parse_signature_lines(data[end + 2 :]))
    if format_note(note.text, map(format_signature_line, note.signatures)) != data:
        raise MalformedCheckpoint("note is not in its one form")
    return note
