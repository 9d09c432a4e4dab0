"""Base64url without padding (RFC 7515 §2), in the one form that re-encodes to itself."""

from __future__ import annotations

import binascii
from typing import Final

from ledger.errors import Malformed

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = bytes.maketrans(b"-_+/=", b"+/   ")
"""The plain alphabet's own characters and the padding become a space, which the strict decoder refuses."""

_PADDING: Final = (b"", None, b"==", b"=")
_LAST: Final = (None, b"", b"AQgw", b"AEIMQUYcgkosw048")
"""Last characters of 1 or 2 spare bytes: the bits that they do not need are zero."""


def encode(data: bytes) -> str:
    """The bytes as base64url text without padding (RFC 7515 §2)."""
    return binascii.b2a_base64(data, newline=False).translate(_TO_URL).rstrip(b"=").decode("ascii")


def decode(text: str | bytes) -> bytes:
    """The bytes that a base64url text stands for, if it is the text that `encode` would write.

    Source: RFC 7515 §2; RFC 4648 §3.5 (no stray trailing bits) and §12 (one text for one value).

    text     ASCII characters `A-Z a-z 0-9 - _`, no padding, no white space
    returns  0 or more bytes
    raises   Malformed (Refused)
    """
    try:
        raw = text.encode("ascii") if isinstance(text, str) else text
        padding = _PADDING[len(raw) % 4]
        if padding is None:
            raise Malformed("base64url text has an impossible length")
        last = _LAST[len(raw) % 4]
        # Otherwise two texts for one value would give one record two spellings.
        if last is not None and raw[-1] not in last:
            raise Malformed("base64url text is not the one its bytes encode to")
        return binascii.a2b_base64(raw.translate(_FROM_URL) + padding, strict_mode=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise Malformed("base64url text has a character outside A-Z a-z 0-9 - _") from error
