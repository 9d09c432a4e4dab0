"""Text forms that this package needs: strict base64url and one canonical JSON form of strings, integers and lists."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

import orjson

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*\Z")


def encode(data: bytes) -> str:
    """Base64url without padding (RFC 7515 §2) of any bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Bytes of strict base64url: no padding, no other alphabet, no trailing bits, no white space.

    Source: RFC 7515 §2, RFC 4648 §3.5.

    text    as `encode` writes it
    raises  ValueError; callers translate it to the error of the thing they read
    """
    if not isinstance(text, str) or not _ALPHABET.match(text):
        raise ValueError("expected base64url characters only")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("expected base64url of whole bytes") from error
    if encode(data) != text:
        raise ValueError("expected base64url with zero trailing bits")
    return data


def format_json(value: Any) -> bytes:
    """Canonical JSON (RFC 8785 for values without floats): sorted ASCII names, no spaces, UTF-8, no Unicode folding.

    raises  ValueError for a lone surrogate, which has no UTF-8 form, and for what is not JSON
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise ValueError(f"expected strings, integers, lists and objects: {error}") from error


def parse_object(data: bytes) -> dict[str, Any]:
    """The object of a JSON text without duplicate names; white space is allowed, for files people may look at.

    raises  ValueError
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise ValueError("expected each name once")
        return members

    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=unique)
    except RecursionError as error:
        raise ValueError("expected less nesting") from error
    if not isinstance(value, dict):
        raise ValueError("expected a JSON object")  # noqa: TRY004 - the input is wrong, not the code
    return value
