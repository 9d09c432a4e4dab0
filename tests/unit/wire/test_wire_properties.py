"""Goal: nothing but Refused ever leaves the parsers, and no two byte strings are one record. Method: Hypothesis, and
rfc8785 as the independent writer of canonical JSON.
"""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from keys.algorithms import algorithm
from keys.errors import BadSignature
from ledger.errors import Refused
from ledger.wire import base64url
from ledger.wire.canonical import FORBIDDEN_CHARACTERS, format_canonical, parse_canonical
from ledger.wire.disclosure import RESERVED_KEYS, Hidden, conceal, reveal
from ledger.wire.envelope import Envelope, disclose, parse_envelope
from tests.vectors.wire.generate import PRIVATE, envelope

VALID = envelope().encode("ascii")
PUBLIC = PRIVATE.public_key().public_bytes_raw()

texts = st.text(max_size=20).filter(lambda text: not FORBIDDEN_CHARACTERS.search(text))
names = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8).filter(
    lambda k: k not in RESERVED_KEYS
)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=20
)


def signature_holds(found: Envelope) -> bool:
    try:
        algorithm("Ed25519").check_signature(public=PUBLIC, message=found.signing_input, signature=found.signature)
    except BadSignature:
        return False
    return True


@given(values)
def test_canonical_round_trip_equals_rfc8785(value: Any) -> None:
    data = format_canonical(value)
    assert parse_canonical(data) == value
    assert data == rfc8785.dumps(value)


@given(st.binary(max_size=200))
@example(b'"\xed\xa0\x80"')
def test_parse_canonical_only_refuses(data: bytes) -> None:
    try:
        value = parse_canonical(data)
    except Refused:
        return
    assert format_canonical(value) == data


@given(
    st.recursive(
        st.none() | st.floats() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_of_others_only_refused(value: Any) -> None:
    """Whatever the standard library writes is either canonical or refused."""
    try:
        data = json.dumps(value).encode("utf-8", "surrogatepass")
        parsed = parse_canonical(data)
    except Refused:
        return
    assert format_canonical(parsed) == data


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_base64url_has_one_spelling(text: str | bytes) -> None:
    try:
        data = base64url.decode(text)
    except Refused:
        return
    assert base64url.encode(data) == (text if isinstance(text, str) else text.decode("ascii"))


@given(st.binary(max_size=100))
def test_base64url_round_trip(data: bytes) -> None:
    assert base64url.decode(base64url.encode(data)) == data


@given(st.binary(max_size=300) | st.text("abc.~-_=", max_size=80).map(str.encode))
@example(b"")
@example(b"no tilde at all")
def test_parse_envelope_only_refuses(data: bytes) -> None:
    try:
        assert parse_envelope(data).to_bytes() == data
    except Refused:
        return


@given(st.integers(0, len(VALID) - 1), st.integers(1, 255))
def test_no_changed_byte_keeps_the_signature(place: int, change: int) -> None:
    damaged = bytearray(VALID)
    damaged[place] ^= change
    try:
        found = parse_envelope(bytes(damaged))
    except Refused:
        return
    assert found.to_bytes() == bytes(damaged)
    assert not signature_holds(found)


@given(st.data())
def test_cut_and_pasted_envelopes_only_refused(data: st.DataObject) -> None:
    start, stop = sorted(data.draw(st.tuples(st.integers(0, len(VALID)), st.integers(0, len(VALID)))))
    piece = data.draw(st.sampled_from([b"", VALID[start:stop], b"~", b".", b"=", VALID]))
    damaged = VALID[:start] + piece + VALID[stop:]
    try:
        found = parse_envelope(damaged)
    except Refused:
        return
    assert found.to_bytes() == damaged
    # Leaving disclosures out is a presentation; anything else breaks the signature.
    assert found.leaf == parse_envelope(VALID).leaf or not signature_holds(found)


def hidden(tree: Any, draw: Any) -> Any:
    """The tree with some of its properties and elements hidden, never one inside another."""
    if isinstance(tree, dict):
        return {key: Hidden(value) if draw(st.booleans()) else hidden(value, draw) for key, value in tree.items()}
    if isinstance(tree, list):
        return [Hidden(value) if draw(st.booleans()) else hidden(value, draw) for value in tree]
    return tree


@given(st.dictionaries(names, values, max_size=5), st.data())
def test_conceal_and_reveal_are_inverse(tree: dict[str, Any], data: st.DataObject) -> None:
    marked = hidden(tree, data.draw)
    payload, disclosures = conceal(marked)
    assert reveal(payload, tuple(disclosures)) == marked
    assert not any(isinstance(value, Hidden) for value in payload.values())


def test_disclose_leaves_nothing_of_the_machinery() -> None:
    assert disclose(parse_envelope(VALID))["subject"] == {"name": "张三", "number": "320106190001020029"}
    assert not {"_sd", "_sd_alg"} & disclose(parse_envelope(VALID)).keys()


@pytest.mark.parametrize(
    "data",
    [b"[" * 32_000, b'{"a":' * 6_000, b"[0" + b",0" * 16_000 + b"]", b"9" * 32_000],
    ids=["lists", "objects", "nodes", "digits"],
)
def test_huge_json_is_cheap(data: bytes) -> None:
    """Threat T11: refused within a megabyte."""
    tracemalloc.start()
    try:
        with pytest.raises(Refused):
            parse_canonical(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
