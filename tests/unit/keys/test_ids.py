"""Goal: one key and one issuer have one name. Method: the standards' examples, tables of second spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import _encoding, ids
from keys.algorithms import algorithm
from keys.errors import BadIssuer, BadKey, BadKeyId
from ledger import limits

RFC7638 = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs"
    "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbI"
    "SD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29",
}
ED_JWK = {"crv": "Ed25519", "kty": "OKP", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
ISSUER = "https://osta.example.cn/issuers/4401"
KID = f"{ISSUER}#{THUMBPRINT}"


@pytest.mark.parametrize(
    ("jwk", "expected"),
    [
        pytest.param(RFC7638, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", id="RFC 7638 section 3.1"),
        pytest.param(ED_JWK, THUMBPRINT, id="RFC 8037 section A.3"),
        pytest.param({**ED_JWK, "use": "sig", "alg": "Ed25519"}, THUMBPRINT, id="optional members do not count"),
    ],
)
def test_thumbprint(jwk, expected):
    assert ids.thumbprint(jwk) == expected


def test_alg_counts_for_akp_only():
    """RFC 9964 section 6: AKP keys of two algorithms with the same bytes are two keys."""
    jwk = {"alg": "ML-DSA-44", "kty": "AKP", "pub": "AAAA"}
    assert ids.thumbprint(jwk) != ids.thumbprint({**jwk, "alg": "ML-DSA-65"})


@pytest.mark.parametrize(
    "jwk",
    [
        pytest.param({}, id="empty"),
        pytest.param({"kty": "oct", "k": "AA"}, id="symmetric"),
        pytest.param({"kty": ["OKP"]}, id="kty is a list"),
        pytest.param({"crv": "Ed25519", "kty": "OKP"}, id="member missing"),
        pytest.param({**ED_JWK, "x": 1}, id="member is a number"),
        pytest.param({**ED_JWK, "x": "é"}, id="member is not ASCII"),
        pytest.param({"kty": "AKP", "pub": "AAAA"}, id="AKP without alg"),
    ],
)
def test_thumbprint_refuses(jwk):
    with pytest.raises(BadKey):
        ids.thumbprint(jwk)


@pytest.mark.parametrize(
    "url",
    [
        ISSUER,
        "https://a",
        "https://localhost:8443",
        "https://xn--fiq228c.example.cn/a/b-c_d.e~f",
        "https://127.0.0.1:8443/issuers/1",
        "https://example.cn/@:!$&'()*+,;=",
        "https://example.cn/...",
        "https://4.example.3com",
        "https://example.cn/" + "a" * (200 - 19),
    ],
)
def test_issuer_accepts(url):
    assert len(url) <= limits.ISSUER_CHARS_MAX
    ids.check_issuer(url)


BAD_ISSUERS = [
    ("empty", ""),
    ("201 characters", "https://example.cn/" + "a" * (201 - 19)),
    ("http", "http://example.cn"),
    ("HTTPS in capitals", "HTTPS://example.cn"),
    ("no host", "https://"),
    ("no host but a path", "https:///a"),
    ("capitals in the host", "https://Example.cn"),
    ("final slash, no path", "https://example.cn/"),
    ("final slash", "https://example.cn/a/"),
    ("empty segment", "https://example.cn//a"),
    ("dot segment", "https://example.cn/./a"),
    ("double dot segment", "https://example.cn/a/.."),
    ("percent-encoding", "https://example.cn/%61"),
    ("encoded dots", "https://example.cn/%2e%2e"),
    ("query", "https://example.cn/a?b"),
    ("empty query", "https://example.cn/a?"),
    ("fragment", "https://example.cn/a#b"),
    ("user information", "https://u:p@example.cn"),
    ("user without password", "https://u@example.cn/a"),
    ("port 443 written out", "https://example.cn:443"),
    ("port 0", "https://example.cn:0"),
    ("port with a leading zero", "https://example.cn:08443"),
    ("port 65536", "https://example.cn:65536"),
    ("empty port", "https://example.cn:"),
    ("final dot of the host", "https://example.cn."),
    ("empty label", "https://example..cn"),
    ("label begins with a hyphen", "https://-a.cn"),
    ("label ends with a hyphen", "https://a-.cn"),
    ("label of 64 characters", "https://" + "a" * 64 + ".cn"),
    ("underscore in the host", "https://a_b.cn"),
    ("IPv6", "https://[::1]"),
    ("IPv4 in three parts", "https://127.0.1"),
    ("IPv4 as one number", "https://2130706433"),
    ("IPv4 in hexadecimal", "https://0x7f000001"),
    ("IPv4 with an octal part", "https://0177.0.0.1"),
    ("IPv4 out of range", "https://256.0.0.1"),
    ("Chinese host", "https://例.cn"),
    ("Cyrillic look-alike", "https://exаmple.cn"),
    ("full-width dot", "https://example。cn"),
    ("Chinese path", "https://example.cn/发证"),
    ("backslash", "https://example.cn\\a"),
    ("space in front", " https://example.cn"),
    ("line end behind", "https://example.cn\n"),
    ("NUL", "https://example.cn/\0"),
    ("tab", "https://example.cn/\t"),
    ("double quote", 'https://example.cn/"'),
    ("file path", "../../etc/passwd"),
    ("SQL", "' OR 1=1--"),
]


@pytest.mark.parametrize(("why", "url"), BAD_ISSUERS, ids=[row[0] for row in BAD_ISSUERS])
def test_issuer_refuses(why, url):
    with pytest.raises(BadIssuer):
        ids.check_issuer(url)
    with pytest.raises(BadIssuer):
        ids.format_kid(issuer=url, jwk=ED_JWK)


def test_kid_there_and_back():
    assert ids.format_kid(issuer=ISSUER, jwk=ED_JWK) == KID
    assert ids.parse_kid(KID) == (ISSUER, THUMBPRINT)
    assert len(THUMBPRINT) == limits.THUMBPRINT_CHARS == ids.THUMBPRINT_CHARS
    assert ids.ISSUER_CHARS_MAX == limits.ISSUER_CHARS_MAX


BAD_KIDS = [  # T14
    ("empty", ""),
    ("10 KB", "https://a#" + "A" * 10_240),
    ("no separator", ISSUER + THUMBPRINT),
    ("empty thumbprint", ISSUER + "#"),
    ("thumbprint alone", THUMBPRINT),
    ("empty issuer", "#" + THUMBPRINT),
    ("42 characters", KID[:-1]),
    ("44 characters", KID + "A"),
    ("padding", KID + "="),
    ("line end", KID + "\n"),
    ("NUL", KID + "\0"),
    ("other alphabet", KID.replace("_", "/")),
    ("trailing bits", KID[:-1] + "l"),
    ("two separators", f"{ISSUER}#a#{THUMBPRINT}"),
    ("issuer in another spelling", f"https://OSTA.example.cn/issuers/4401#{THUMBPRINT}"),
    ("file path", "../../etc/passwd"),
    ("SQL", f"' OR 1=1--#{THUMBPRINT}"),
]


@pytest.mark.parametrize(("why", "kid"), BAD_KIDS, ids=[row[0] for row in BAD_KIDS])
def test_kid_refuses(why, kid):
    with pytest.raises(BadKeyId):
        ids.parse_kid(kid)


@given(st.text(max_size=60))
def test_any_text_is_refused_or_comes_back_the_same(text):
    try:
        issuer, name = ids.parse_kid(text)
    except BadKeyId:
        return
    assert f"{issuer}#{name}" == text


@given(st.binary(min_size=32, max_size=32))
def test_every_key_gets_a_kid_that_parses(seed):
    entry = algorithm("Ed25519")
    kid = ids.format_kid(issuer=ISSUER, jwk=entry.jwk(entry.public_bytes(entry.load_private(seed))))
    assert ids.parse_kid(kid) == (ISSUER, kid[-43:])


@given(st.binary(max_size=80))
def test_base64url_there_and_back(data):
    assert _encoding.decode(_encoding.encode(data)) == data


@pytest.mark.parametrize("text", ["=", "AA==", "A", "AB", "AA\n", " AA", "A+", "A/", "AAB", "AA.", "Ａ"])
def test_base64url_is_strict(text):
    with pytest.raises(ValueError, match="expected"):
        _encoding.decode(text)


@pytest.mark.parametrize("text", [b"[1]", b'{"a":1,"a":2}', b"{", b"\xff", b"[" * 100_000, b'{"a":' * 100_000])
def test_objects_are_strict(text):
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        _encoding.parse_object(text)


def test_without_the_last_character_rule_a_key_has_four_names(monkeypatch):
    """Planted bug: the last character carries two free bits, so four texts decode to the same thumbprint."""
    monkeypatch.setattr(ids, "_THUMBPRINT", ids.re.compile(r"[A-Za-z0-9_-]{43}\Z"))
    assert ids.parse_kid(KID[:-1] + "l") == (ISSUER, THUMBPRINT[:-1] + "l")
    ids.parse_kid.cache_clear()
