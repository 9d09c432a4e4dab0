"""The two encodings that all C2SP text formats share, read strictly: decimal numbers and standard base64."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from ledger.errors import MalformedCheckpoint
from ledger.limits import HASH_BYTES, TREE_LEAVES_MAX

_CONTROL: Final = re.compile(rb"[\x00-\x09\x0b-\x1f]")


def parse_decimal(text: str, *, largest: int = TREE_LEAVES_MAX) -> int:
    """A number from 0 to `largest` in ASCII digits, without sign, separator, space or leading zero.

    raises  MalformedCheckpoint
    """
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(largest)):
        raise MalformedCheckpoint("expected a decimal number in ASCII digits")
    number = int(text)
    if str(number) != text or number > largest:
        raise MalformedCheckpoint(f"expected a decimal number from 0 to {largest} without leading zero")
    return number


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """The bytes of canonical standard base64: padded, no other character, unused bits zero (RFC 4648 sections 3.5, 4).

    raises  MalformedCheckpoint
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise MalformedCheckpoint("expected standard base64 with padding") from error
    if encode_base64(data) != text:
        raise MalformedCheckpoint("expected canonical base64: unused bits must be zero")
    return data


def decode_hash(text: str) -> bytes:
    """One SHA-256 hash in canonical base64; raises MalformedCheckpoint."""
    hash_ = decode_base64(text)
    if len(hash_) != HASH_BYTES:
        raise MalformedCheckpoint(f"expected a hash of {HASH_BYTES} bytes, found {len(hash_)}")
    return hash_


def decode_text(data: bytes) -> str:
    """UTF-8 text without ASCII control characters other than newline (c2sp.org/signed-note, Format).

    raises  MalformedCheckpoint
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedCheckpoint(f"byte {error.start}: not UTF-8") from error
    if _CONTROL.search(data):
        raise MalformedCheckpoint("a control character other than newline")
    return text
