"""Goal: only genuine signatures under acceptable keys pass. Method: published vectors, tables of damages, naive references.

Each guard is also taken away once (a planted bug), to show what would get through without it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.algorithms import ALGORITHMS, _base, algorithm, algorithm_of_jwk, ed25519, es256
from keys.errors import AlgorithmUnknown, BadKey, BadSignature
from keys.ids import thumbprint
from tests.unit.keys.reference_curves import L, add, decode_point, ed25519_accepts, es256_accepts, multiply
from tests.vectors.keys import generate

VECTORS = Path(generate.__file__).parent


def load(name: str) -> dict:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def rows(name: str, member: str) -> list:
    return [pytest.param(row, id=row["why"]) for row in load(name)[member]]


ED, ES, ML = algorithm("Ed25519"), algorithm("ES256"), algorithm("ML-DSA-44")
ALL = [pytest.param(entry, id=name) for name, entry in ALGORITHMS.items()]
EDV, ESV, MLV = load("ed25519.json"), load("es256.json"), load("rfc9964.json")


@pytest.mark.parametrize("name", generate.FILES)
def test_vector_files_are_what_the_generator_writes(name):
    assert (VECTORS / name).read_text(encoding="utf-8") == generate.format_file(generate.FILES[name]())


# Published vectors


@pytest.mark.parametrize("row", rows("rfc8032.json", "vectors"))
def test_ed25519_rfc8032(row):
    private = ED.load_private(bytes.fromhex(row["seed"]))
    message, signature = bytes.fromhex(row["message"]), bytes.fromhex(row["signature"])
    assert ED.public_bytes(private).hex() == row["public"]
    assert ED.sign(private, message) == signature
    ED.check_signature(public=bytes.fromhex(row["public"]), message=message, signature=signature)
    assert ed25519_accepts(bytes.fromhex(row["public"]), message, signature)


def test_es256_rfc6979_with_either_s():
    private = ES.load_private(bytes.fromhex(ESV["private"]))
    public, message = bytes.fromhex(ESV["public"]), bytes.fromhex(ESV["message"])
    assert ES.public_bytes(private) == public
    assert ES.sign(private, message).hex() == ESV["other_valid_signature"], "the lower s"
    for signature in (ESV["signature"], ESV["other_valid_signature"]):
        ES.check_signature(public=public, message=message, signature=bytes.fromhex(signature))
        assert es256_accepts(public, message, bytes.fromhex(signature))


def mldsa_vector() -> tuple[bytes, bytes, bytes]:
    public = ML.public_bytes(ML.load_private(bytes.fromhex(MLV["seed"])))
    signature = base64.urlsafe_b64decode(MLV["signature"] + "==")
    return public, MLV["signing_input"].encode(), signature


def test_mldsa44_rfc9964():
    public, message, signature = mldsa_vector()
    assert hashlib.sha256(public).hexdigest() == MLV["public_sha256"]
    assert thumbprint(ML.jwk(public)) == MLV["thumbprint"]
    ML.check_signature(public=public, message=message, signature=signature)


# Keys that must be refused


@pytest.mark.parametrize("row", rows("ed25519.json", "small_order_keys"))
def test_ed25519_refuses_small_order(row):
    public = bytes.fromhex(row["public"])
    point = decode_point(public)
    assert point is not None
    assert multiply(8, point) == (0, 1), "eight times the point is the identity"
    with pytest.raises(BadKey, match="small order"):
        ED.check_public_key(public)
    with pytest.raises(BadKey):
        ED.check_signature(public=public, message=b"", signature=bytes(64))


def test_ed25519_small_order_list_is_complete():
    """From a generator of the torsion group: eight points, and the five y coordinates are exactly theirs."""
    eighth = decode_point(bytes.fromhex(next(r["public"] for r in EDV["small_order_keys"] if "order 8" in r["why"])))
    points = {multiply(k, eighth) for k in range(8)}
    assert len(points) == 8
    assert add((0, 1), eighth) == eighth
    assert {y for _, y in points} == ed25519.SMALL_ORDER_Y
    assert len({row["public"] for row in EDV["small_order_keys"]}) == 14


@pytest.mark.parametrize("row", rows("ed25519.json", "second_encodings"))
def test_ed25519_refuses_second_encodings(row):
    with pytest.raises(BadKey, match="field prime"):
        ED.check_public_key(bytes.fromhex(row["public"]))


@pytest.mark.parametrize("row", rows("ed25519.json", "off_curve_keys"))
def test_ed25519_refuses_points_off_the_curve(row):
    with pytest.raises(BadKey, match="curve"):
        ED.check_public_key(bytes.fromhex(row["public"]))


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_ed25519_refuses_other_lengths(length):
    with pytest.raises(BadKey, match="32 bytes"):
        ED.check_public_key(b"\x09" * length)


@pytest.mark.parametrize("row", rows("es256.json", "keys"))
def test_es256_refuses_keys(row):
    with pytest.raises(BadKey):
        ES.check_public_key(bytes.fromhex(row["public"]))


@pytest.mark.parametrize("length", [0, 1311, 1313])
def test_mldsa44_refuses_other_lengths(length):
    with pytest.raises(BadKey, match="1312 bytes"):
        ML.check_public_key(bytes(length))


@pytest.mark.parametrize("entry", ALL)
@pytest.mark.parametrize("length", [0, 31, 33])
def test_private_keys_of_other_lengths_are_refused(entry, length):
    with pytest.raises(BadKey):
        entry.load_private(b"\x01" * length)


@pytest.mark.parametrize("scalar", [0, es256.GROUP_ORDER, 2**256 - 1])
def test_es256_refuses_private_scalars_out_of_range(scalar):
    with pytest.raises(BadKey):
        ES.load_private(scalar.to_bytes(32, "big"))


# Signatures that must be refused


@pytest.mark.parametrize("row", rows("ed25519.json", "signatures"))
def test_ed25519_refuses_signatures(row):
    with pytest.raises(BadSignature):
        ED.check_signature(
            public=bytes.fromhex(EDV["public"]), message=b"\x72", signature=bytes.fromhex(row["signature"])
        )


@pytest.mark.parametrize("row", rows("es256.json", "signatures"))
def test_es256_refuses_signatures(row):
    with pytest.raises(BadSignature):
        ES.check_signature(
            public=bytes.fromhex(ESV["public"]), message=b"sample", signature=bytes.fromhex(row["signature"])
        )


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def hint_padding(signature: bytes) -> bytes:
    used = signature[-1]
    assert used < 80, "this signature has an unused hint slot"
    return signature[: 2336 + used] + b"\x01" + signature[2336 + used + 1 :]


MLDSA_DAMAGES = [
    ("empty", lambda _: b""),
    ("one byte short", lambda signature: signature[:-1]),
    ("one byte long", lambda signature: signature + b"\0"),
    ("challenge", lambda signature: flip(signature, 0)),
    ("response", lambda signature: flip(signature, 32)),
    ("hint", lambda signature: flip(signature, 2336)),
    ("unused hint slot is not zero", hint_padding),
    ("hints out of order", lambda s: s[:2336] + s[2337:2338] + s[2336:2337] + s[2338:]),
    ("hint count above 80", lambda signature: signature[:-1] + b"\x51"),
    ("hint counts fall", lambda signature: signature[:-2] + b"\x50" + signature[-1:]),
    ("response out of range", lambda signature: signature[:32] + bytes(18) + signature[50:]),
    ("all zero", lambda _: bytes(2420)),
]


@pytest.mark.parametrize(("why", "damage"), MLDSA_DAMAGES, ids=[row[0] for row in MLDSA_DAMAGES])
def test_mldsa44_refuses_signatures(why, damage):
    public, message, signature = mldsa_vector()
    with pytest.raises(BadSignature):
        ML.check_signature(public=public, message=message, signature=damage(signature))


def test_mldsa44_refuses_another_context():
    public, message, _ = mldsa_vector()
    elsewhere = MLDSA44PrivateKey.from_seed_bytes(bytes(32)).sign(message, b"another protocol")
    with pytest.raises(BadSignature):
        ML.check_signature(public=public, message=message, signature=elsewhere)


# What all algorithms promise


@pytest.mark.parametrize("entry", ALL)
def test_round_trip(entry):
    private = entry.generate()
    public = entry.public_bytes(private)
    again = entry.load_private(entry.private_bytes(private))
    assert entry.public_bytes(again) == public
    jwk = entry.jwk(public)
    assert entry.public_from_jwk(jwk) == public
    assert algorithm_of_jwk(jwk) is entry
    assert jwk["kty"] == entry.kty
    signature = entry.sign(again, b"message")
    entry.check_signature(public=public, message=b"message", signature=signature)
    for message in (b"", b"message\0", b"Message"):
        with pytest.raises(BadSignature):
            entry.check_signature(public=public, message=message, signature=signature)
    with pytest.raises(BadSignature):
        entry.check_signature(public=entry.public_bytes(entry.generate()), message=b"message", signature=signature)


@pytest.mark.parametrize("entry", ALL)
def test_a_private_key_of_another_algorithm_is_a_mistake_of_the_code(entry):
    for other in ALGORITHMS.values():
        if other is not entry:
            with pytest.raises(TypeError):
                entry.sign(other.generate(), b"")


@pytest.mark.parametrize(
    "name", ["", "none", "None", "EdDSA", "ed25519", "Ed25519 ", "HS256", "ES256K", "ML-DSA-65", "_base"]
)
def test_other_names_are_unknown(name):
    with pytest.raises(AlgorithmUnknown):
        algorithm(name)


def test_exactly_three_algorithms_are_found():
    assert list(ALGORITHMS) == ["Ed25519", "ES256", "ML-DSA-44"]


JWK_DAMAGES = [
    ("empty", lambda _: {}),
    ("one member more", lambda jwk: {**jwk, "use": "sig"}),
    ("private member d", lambda jwk: {**jwk, "d": "AA"}),
    ("private member priv", lambda jwk: {**jwk, "priv": "AA"}),
    ("other kty", lambda jwk: {**jwk, "kty": "oct"}),
    ("kty is a list", lambda jwk: {**jwk, "kty": ["OKP"]}),
    ("key is a number", lambda jwk: {**jwk, key_member(jwk): 7}),
    ("padding", lambda jwk: {**jwk, key_member(jwk): jwk[key_member(jwk)] + "="}),
    ("line end", lambda jwk: {**jwk, key_member(jwk): jwk[key_member(jwk)] + "\n"}),
    ("one character less", lambda jwk: {**jwk, key_member(jwk): jwk[key_member(jwk)][:-1]}),
    ("four characters more", lambda jwk: {**jwk, key_member(jwk): jwk[key_member(jwk)] + "AAAA"}),
    ("other alphabet", lambda jwk: {**jwk, key_member(jwk): "+" + jwk[key_member(jwk)][1:]}),
    ("no key", lambda jwk: {name: value for name, value in jwk.items() if name != key_member(jwk)}),
]


def key_member(jwk):
    return "pub" if "pub" in jwk else "x"


@pytest.mark.parametrize("entry", ALL)
@pytest.mark.parametrize(("why", "damage"), JWK_DAMAGES, ids=[row[0] for row in JWK_DAMAGES])
def test_jwk_is_strict(entry, why, damage):
    jwk = damage(entry.jwk(entry.public_bytes(entry.generate())))
    with pytest.raises(BadKey):
        entry.public_from_jwk(jwk)
    with pytest.raises(BadKey):
        algorithm_of_jwk(jwk)


def test_a_refused_jwk_is_not_quoted():
    private = base64.urlsafe_b64encode(bytes(32)).decode().rstrip("=")
    with pytest.raises(BadKey) as caught:
        ED.public_from_jwk({"crv": "Ed25519", "kty": "OKP", "x": private, "d": private})
    assert private not in str(caught.value)


def test_trailing_bits_of_a_jwk_are_refused():
    jwk = ED.jwk(bytes.fromhex(EDV["public"]))
    last = jwk["x"][-1]
    other = chr(ord(last) + 1)
    assert base64.urlsafe_b64decode(jwk["x"][:-1] + other + "=") == bytes.fromhex(EDV["public"]), "same bytes"
    with pytest.raises(BadKey, match="trailing bits"):
        ED.public_from_jwk({**jwk, "x": jwk["x"][:-1] + other})


# Fast code and naive reference agree


ED_PRIVATE = ED.load_private(bytes(range(32)))
ES_PRIVATE = ES.load_private(bytes(range(32)))


def accepts(entry, **arguments) -> bool:
    try:
        entry.check_signature(**arguments)
    except BadSignature:
        return False
    return True


@settings(max_examples=40, deadline=None)
@given(
    message=st.binary(max_size=64),
    mask=st.one_of(st.just(bytes(64)), st.binary(min_size=64, max_size=64)),
    lift=st.integers(0, 3),
)
def test_ed25519_agrees_with_the_reference(message, mask, lift):
    public, signature = ED.public_bytes(ED_PRIVATE), ED.sign(ED_PRIVATE, message)
    s = (int.from_bytes(signature[32:], "little") + lift * L).to_bytes(33, "little")[:32]
    damaged = bytes(a ^ b for a, b in zip(signature[:32] + s, mask, strict=True))
    expected = ed25519_accepts(public, message, damaged)
    assert accepts(ED, public=public, message=message, signature=damaged) == expected
    assert expected == (damaged == signature)


@settings(max_examples=25, deadline=None)
@given(message=st.binary(max_size=64), bit=st.one_of(st.none(), st.integers(0, 511)))
def test_es256_agrees_with_the_reference(message, bit):
    public, signature = ES.public_bytes(ES_PRIVATE), ES.sign(ES_PRIVATE, message)
    number = int.from_bytes(signature, "big") ^ (0 if bit is None else 1 << bit)
    damaged = number.to_bytes(64, "big")
    expected = es256_accepts(public, message, damaged)
    assert accepts(ES, public=public, message=message, signature=damaged) == expected == (bit is None)


# Planted bugs: what each guard keeps out


def nothing(*_) -> None:
    pass


@pytest.fixture
def fresh_cache():
    ed25519._load_public.cache_clear()
    yield
    ed25519._load_public.cache_clear()


@pytest.mark.usefixtures("fresh_cache")
def test_without_the_order_check_one_signature_fits_many_messages(monkeypatch):
    """T19. R = identity, S = 0 needs no private key at all: every one of the 14 encodings takes it for some message."""
    monkeypatch.setattr(ed25519, "check_order", nothing)
    monkeypatch.setattr(ed25519, "check_point", nothing)
    forged = (1).to_bytes(32, "little") + bytes(32)
    fits = {}
    for row in EDV["small_order_keys"]:
        public = bytes.fromhex(row["public"])
        fits[row["why"]] = sum(
            accepts(ED, public=public, message=b"%d" % number, signature=forged) for number in range(64)
        )
    assert len(fits) == 14
    assert all(fits.values())
    assert fits["order 1, canonical, sign 0"] == 64, "every message"


@pytest.mark.usefixtures("fresh_cache")
def test_without_the_point_check_a_key_has_two_names(monkeypatch):
    monkeypatch.setattr(ed25519, "check_point", nothing)
    for row in EDV["second_encodings"]:
        ED.check_public_key(bytes.fromhex(row["public"]))
    for row in EDV["off_curve_keys"]:
        ED.check_public_key(bytes.fromhex(row["public"]))


def test_without_the_range_of_s_a_signature_has_a_twin():
    """The library refuses S + L as well; the equation alone does not, so the guard stays ours."""
    twin = bytes.fromhex(next(row["signature"] for row in EDV["signatures"] if row["why"] == "S + L"))
    public = bytes.fromhex(EDV["public"])
    assert ed25519_accepts(public, b"\x72", twin, check_s=False)
    with pytest.raises(BadSignature, match="group order"):
        ED.check_signature(public=public, message=b"\x72", signature=twin)


def test_without_the_range_of_r_and_s_zero_signs_everything():
    """CVE-2022-21449: (0, 0) satisfies the bare equation for every message and key."""
    public = bytes.fromhex(ESV["public"])
    assert all(es256_accepts(public, b"%d" % number, bytes(64), check_range=False) for number in range(4))
    with pytest.raises(BadSignature, match="group order"):
        ES.check_signature(public=public, message=b"0", signature=bytes(64))


def test_without_the_member_check_a_private_key_passes_for_a_public_one(monkeypatch):
    jwk = {**ED.jwk(bytes.fromhex(EDV["public"])), "d": "AAAA"}
    monkeypatch.setattr(ed25519, "check_members", nothing)
    assert ED.public_from_jwk(jwk)
    monkeypatch.setattr(ed25519, "check_members", _base.check_members)
    with pytest.raises(BadKey, match="private"):
        ED.public_from_jwk(jwk)
