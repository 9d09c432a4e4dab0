"""Bitstring status lists (W3C Bitstring Status List 1.0): one bit an entry, compressed, as multibase text.

Entry 0 is the most significant bit of the first byte. (The IETF's Token Status List counts from the other end.)
"""

from __future__ import annotations

import zlib
from typing import Final

from ledger.errors import Malformed, StatusListInvalid
from ledger.limits import STATUS_LIST_BYTES_MAX, STATUS_LIST_ENTRIES
from ledger.wire import base64url

BYTES_MIN: Final = STATUS_LIST_ENTRIES // 8
"""16 KiB uncompressed: a herd to hide in (section 3.1)."""

CHARS_MAX: Final = STATUS_LIST_BYTES_MAX * 3 // 2
"""Longest text that is looked at; incompressible bits of the largest list still fit."""

_MULTIBASE: Final = "u"
# Fixed header: no name, time 0, operating system unknown. The same bits give the same text on every machine.
_GZIP_HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"


def encode(bits: bytes) -> str:
    """The text for `encodedList`: gzip of the bits in base64url without padding behind the multibase letter `u`.

    Source: W3C Bitstring Status List 1.0, sections 2.2 and 3.3.

    bits    eight entries a byte, 16 KiB to 8 MiB
    raises  StatusListInvalid for another length
    """
    _check_length(len(bits))
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(bits) + deflate.flush()
    trailer = zlib.crc32(bits).to_bytes(4, "little") + len(bits).to_bytes(4, "little")
    return _MULTIBASE + base64url.encode(_GZIP_HEADER + body + trailer)


def decode(text: str) -> bytes:
    """The bits of an `encodedList`. Never inflates more than 8 MiB, whatever the text claims.

    Source: W3C Bitstring Status List 1.0, section 3.4.

    text    as `encode` writes it; any compression level and any gzip header will do
    raises  StatusListInvalid
    """
    if not text.startswith(_MULTIBASE) or len(text) > CHARS_MAX:
        raise StatusListInvalid(f"expected at most {CHARS_MAX} characters that start with {_MULTIBASE!r}")
    try:
        packed = base64url.decode(text[1:])
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        bits = inflate.decompress(packed, STATUS_LIST_BYTES_MAX + 1)
    except (Malformed, zlib.error) as error:
        raise StatusListInvalid("expected base64url of one gzip member") from error
    _check_length(len(bits))
    if not inflate.eof or inflate.unused_data:
        raise StatusListInvalid("expected one whole gzip member and nothing behind it")
    return bits


def _check_length(count: int) -> None:
    if not BYTES_MIN <= count <= STATUS_LIST_BYTES_MAX:
        raise StatusListInvalid(f"expected {BYTES_MIN} to {STATUS_LIST_BYTES_MAX} bytes of bits")


def get_bit(bits: bytes | bytearray, index: int) -> bool:
    """Whether entry `index` is set; raises StatusListInvalid outside 0 <= index < 8 * len(bits)."""
    _check_index(bits, index)
    return bool(bits[index >> 3] & 0x80 >> (index & 7))


def set_bit(bits: bytearray, index: int, *, value: bool) -> None:
    """Set or clear entry `index` in place; raises StatusListInvalid outside 0 <= index < 8 * len(bits)."""
    _check_index(bits, index)
    mask = 0x80 >> (index & 7)
    if value:
        bits[index >> 3] |= mask
    else:
        bits[index >> 3] &= ~mask


def _check_index(bits: bytes | bytearray, index: int) -> None:
    if not 0 <= index < 8 * len(bits):
        raise StatusListInvalid(f"entry {index}: the list has {8 * len(bits)}")
