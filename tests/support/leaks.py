"""Searches bytes for personal values: as they stand, and after undoing hex, base64url and compression, twice over."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator, Sequence

DEPTH_MAX = 2
RUN_CHARS_MIN = 8
PLAIN_BYTES_MAX = 1 << 24
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{%d,}" % RUN_CHARS_MIN)
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){%d,}" % (RUN_CHARS_MIN // 2))
_DEFLATED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_URLSAFE = bytes.maketrans(b"-_", b"+/")


def undo(data: bytes) -> Iterator[bytes]:
    """What some encoded part of these bytes stands for. Base64 is read at each of its four alignments."""
    for run in _BASE64.finditer(data):
        text = run.group().translate(_URLSAFE)
        for offset in range(4):
            part = text[offset:]
            part = part[:-1] if len(part) % 4 == 1 else part
            yield base64.b64decode(part + b"=" * (-len(part) % 4))
    for run in _HEX.finditer(data):
        yield binascii.unhexlify(run.group())
    for start in _DEFLATED.finditer(data):
        try:
            yield zlib.decompressobj(47).decompress(data[start.start() :], PLAIN_BYTES_MAX)
        except zlib.error:
            continue


def found_in(data: bytes, values: Sequence[str], *, depth: int = DEPTH_MAX) -> set[str]:
    """The values that appear in the bytes, in UTF-8 or UTF-16, encoded or not."""
    needles = [(value, value.encode(form)) for value in values for form in ("utf-8", "utf-16-le", "unicode-escape")]
    found = {value for value, needle in needles if needle in data}
    if depth:
        # All decoded parts are searched at once: a separator keeps two of them from forming a value together.
        inner = b"\x00|\x00".join(part for part in undo(data) if len(part) >= RUN_CHARS_MIN // 2)
        if inner:
            found |= found_in(inner, values, depth=depth - 1)
    return found
