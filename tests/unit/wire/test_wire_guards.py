"""Goal: each guard of the parsers is what refuses its vectors. Method: take one guard away (a planted bug) and see the
golden refusals pass through; a guard whose absence nothing notices would be untested.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ledger.errors import Refused
from ledger.wire import base64url, canonical, disclosure, envelope
from tests.vectors.wire.generate import HERE

NOTHING = re.compile("(?!)")


def accept(*_: Any) -> None:
    return None


def lax_decode(text: str | bytes) -> bytes:
    import base64

    raw = text.encode() if isinstance(text, str) else text
    return base64.urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))


GUARDS = [
    (
        "bounds and numbers",
        canonical,
        "_check_shape",
        accept,
        "json_refused.json",
        {"float that is whole", "2^53", "2,001 nodes", "deep nesting"},
    ),
    (
        "characters",
        canonical,
        "_check_characters",
        accept,
        "json_refused.json",
        {"right-to-left override", "zero width space", "delete"},
    ),
    (
        "character table",
        canonical,
        "FORBIDDEN_CHARACTERS",
        NOTHING,
        "json_refused.json",
        {"Hangul filler, which prints as nothing", "non-character"},
    ),
    ("keys", canonical, "_check_keys", accept, "json_refused.json", {"key that is not ASCII"}),
    ("salts", disclosure, "_check_salt", accept, "disclosure_refused.json", {"salt of 120 bits", "salt is no string"}),
    ("inner digests", disclosure, "_check_plain", accept, "disclosure_refused.json", {"a disclosure inside another"}),
    (
        "algorithms",
        envelope,
        "_ALG_NEVER",
        NOTHING,
        "header_refused.json",
        {"alg HS256, with a public key as the secret", "alg EdDSA, which is not fully specified"},
    ),
    ("key ids", envelope, "parse_kid", accept, "header_refused.json", {"kid is a path", "kid is SQL"}),
    (
        "base64url",
        base64url,
        "decode",
        lax_decode,
        "envelope_refused.json",
        {"padding in the signature", "trailing bits"},
    ),
]


@pytest.mark.parametrize("row", GUARDS, ids=[row[0] for row in GUARDS])
def test_without_its_guard_a_vector_passes(monkeypatch: pytest.MonkeyPatch, row: tuple[Any, ...]) -> None:
    _, module, name, bug, file, let_through = row
    monkeypatch.setattr(module, name, bug)
    envelope._parse_header_members.cache_clear()
    envelope._check_header.cache_clear()
    passed = set()
    for vector in json.loads((HERE / file).read_text("utf-8")):
        try:
            if file == "json_refused.json":
                canonical.parse_canonical(bytes.fromhex(vector["hex"]))
            else:
                envelope.parse_envelope(vector["envelope"].encode())
            passed.add(vector["why"])
        except (Refused, ValueError):
            continue
    envelope._parse_header_members.cache_clear()
    envelope._check_header.cache_clear()
    assert let_through <= passed
