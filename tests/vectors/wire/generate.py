"""Writes the golden vectors of `ledger/wire/`; a test holds the files to it. Run: python -m tests.vectors.wire.generate.

Everything is built from the standard library and `cryptography`, not by the code under test. Every damaged envelope
differs from the valid one in exactly one thing and is signed again where the damage lies under the signature, so that
only the damage can be the reason to refuse it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

HERE = Path(__file__).parent
ISSUER = "https://osta.example.cn/issuers/4401"
PRIVATE = Ed25519PrivateKey.from_private_bytes(
    bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
)
THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
HEADER: dict[str, Any] = {"alg": "Ed25519", "kid": f"{ISSUER}#{THUMBPRINT}", "typ": "vnd.skill-ledger.event+sd-jwt"}
SALTS = ("Txewgqpbd1ifQ-PZyeq7DQ", "dBNSDrU8F-FZN6peJ7QeHg", "2GLC42sKQveCfGfryNRN9w")
RFC9901 = "RFC 9901 §7.1"
NAME, NUMBER, ALIAS = (SALTS[0], "name", "张三"), (SALTS[1], "number", "320106190001020029"), (SALTS[2], "别名")


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def disclosure(*items: Any) -> str:
    return b64(canonical(list(items)))


def digest(encoded: str) -> str:
    return b64(hashlib.sha256(encoded.encode()).digest())


def payload(**changes: Any) -> dict[str, Any]:
    """The payload of the valid envelope; None takes a member away."""
    members = {
        "evt": "https://ledger.example.cn/kinds/example/1",
        "iat": 1790000000,
        "iss": ISSUER,
        "jti": "urn:uuid:2f0d9a51-6a43-4a3e-9f0c-7b1c5d0e4a11",
        "subject": {"_sd": sorted([digest(disclosure(*NAME)), digest(disclosure(*NUMBER))])},
        "aliases": [{"...": digest(disclosure(*ALIAS))}],
        "_sd_alg": "sha-256",
    }
    return {key: value for key, value in {**members, **changes}.items() if value is not None}


DISCLOSURES = (disclosure(*NAME), disclosure(*NUMBER), disclosure(*ALIAS))


def envelope(
    *,
    header: dict[str, Any] | bytes = HEADER,
    body: dict[str, Any] | bytes | None = None,
    disclosures: tuple[str, ...] = DISCLOSURES,
    encoded: tuple[str | None, str | None, str | None] = (None, None, None),
    tail: str = "~",
) -> str:
    body = payload() if body is None else body
    parts = [b64(part if isinstance(part, bytes) else canonical(part)) for part in (header, body)]
    parts = [new or old for new, old in zip(encoded, parts, strict=False)]
    signature = encoded[2] or b64(PRIVATE.sign(".".join(parts).encode()))
    return "~".join([".".join([*parts, signature]), *disclosures]) + tail


def with_digests(*found: str, **changes: Any) -> dict[str, Any]:
    return payload(subject={"_sd": list(found)}, **changes)


def json_vectors() -> list[dict[str, str]]:
    """Bytes that are no canonical JSON, as hex."""
    rows: list[tuple[str, str, str, bytes]] = [
        ("duplicate key", "T08", "duplicate-key", b'{"level":5,"level":1}'),
        ("duplicate key, once with an escape", "T08", "duplicate-key", b'{"level":5,"l\\u0065vel":1}'),
        ("duplicate key two levels down", "T08", "duplicate-key", b'{"a":[{"b":1,"b":1}]}'),
        ("float that is whole", "T09", "number-forbidden", b"1.0"),
        ("exponent", "T09", "number-forbidden", b"1e1"),
        ("minus zero", "T09", "not-canonical", b"-0"),
        ("NaN", "T09", "not-json", b"NaN"),
        ("Infinity", "T09", "not-json", b"Infinity"),
        ("number beyond a double", "T09", "not-json", b"1e400"),
        ("5,000 digits", "T09", "not-json", b"9" * 5000),
        ("2^53", "T09", "number-forbidden", b"9007199254740992"),
        ("-2^53", "T09", "number-forbidden", b"-9007199254740992"),
        ("2^64", "T09", "number-forbidden", b"18446744073709551616"),
        ("leading zero", "T09", "not-json", b"042"),
        ("plus sign", "T09", "not-json", b"+42"),
        ("digits grouped", "T09", "not-json", b"4_2"),
        ("full-width digit", "T09", "not-json", "４".encode()),
        ("lone surrogate", "T10", "not-json", b'"\\ud800"'),
        ("lone surrogate as a key", "T10; rfc8785 0.1.4 leaks UnicodeEncodeError", "not-json", b'{"\\udfff":1}'),
        ("surrogate in UTF-8", "T10", "not-json", b'"\xed\xa0\x80"'),
        ("overlong UTF-8", "T10", "not-json", b'"\xc0\xaf"'),
        ("byte order mark", "T10", "not-json", b"\xef\xbb\xbf{}"),
        ("UTF-16", "T10", "not-json", "{}".encode("utf-16")),
        ("NUL", "T10", "character-forbidden", b'"\\u0000"'),
        ("line feed", "T10", "character-forbidden", b'"\\n"'),
        ("raw line feed", "RFC 8259 §7", "not-json", b'"\n"'),
        ("delete", "T10", "character-forbidden", b'"\x7f"'),
        ("delete beside a backslash", "T10", "character-forbidden", b'"\\\\\x7f"'),
        ("C1 control", "T10", "character-forbidden", '"\x85"'.encode()),
        ("right-to-left override", "T10", "character-forbidden", '"\u202e"'.encode()),
        ("right-to-left override beside a backslash", "T10", "character-forbidden", '"\\\\\u202e"'.encode()),
        ("right-to-left isolate", "T10", "character-forbidden", '"\u2067"'.encode()),
        ("Arabic letter mark", "T10", "character-forbidden", '"\u061c"'.encode()),
        ("zero width space", "T10", "character-forbidden", '"张\u200b三"'.encode()),
        ("zero width joiner", "T10", "character-forbidden", '"\u200d"'.encode()),
        ("word joiner", "T10", "character-forbidden", '"\u2060"'.encode()),
        ("byte order mark inside", "T10", "character-forbidden", '"a\ufeff"'.encode()),
        ("soft hyphen", "T10", "character-forbidden", '"\u00ad"'.encode()),
        ("Hangul filler, which prints as nothing", "T10", "character-forbidden", '"\u3164"'.encode()),
        ("line separator", "T49", "character-forbidden", '"\u2028"'.encode()),
        ("language tag", "T10", "character-forbidden", '"\U000e0041"'.encode()),
        ("non-character", "T10", "character-forbidden", '"\ufdd0"'.encode()),
        ("non-character of plane 16", "T10", "character-forbidden", '"\U0010ffff"'.encode()),
        ("key that is not ASCII", "DESIGN §3", "character-forbidden", '{"级":1}'.encode()),
        ("deep nesting", "T11", "too-deep", b"[" * 17 + b"]" * 17),
        ("deep nesting of objects", "T11", "too-deep", b'{"a":' * 17 + b"1" + b"}" * 17),
        ("nesting that never ends", "T11; rfc8785 0.1.4 leaks RecursionError", "not-json", b"[" * 30_000),
        ("2,001 nodes", "T11", "too-many-nodes", b"[" + b",".join([b"0"] * 2_000) + b"]"),
        ("longer than an envelope may be", "T11", "not-canonical", b'"' + b"a" * 40_000 + b'"'),
        ("space after a colon", "RFC 8785 §3.2.1", "not-canonical", b'{"a": 1}'),
        ("space in front", "RFC 8785 §3.2.1", "not-canonical", b" {}"),
        ("line feed behind", "RFC 8785 §3.2.1", "not-canonical", b"{}\n"),
        ("keys out of order", "RFC 8785 §3.2.3", "not-canonical", b'{"b":1,"a":1}'),
        ("keys in order of the alphabet, not of code points", "RFC 8785 §3.2.3", "not-canonical", b'{"a":1,"B":1}'),
        ("escape that is not needed", "RFC 8785 §3.2.2.2", "not-canonical", b'"\\u4e00"'),
        ("escaped slash", "RFC 8785 §3.2.2.2", "not-canonical", b'"\\/"'),
        ("escape in capitals", "RFC 8785 §3.2.2.2", "not-canonical", b'"\\u005C"'),
        ("two values", "RFC 8259 §2", "not-json", b"{}{}"),
        ("nothing", "RFC 8259 §2", "not-json", b""),
        ("comment", "RFC 8259 §2", "not-json", b"/**/{}"),
        ("trailing comma", "RFC 8259 §5", "not-json", b"[1,]"),
        ("single quotes", "RFC 8259 §7", "not-json", b"{'a':1}"),
    ]
    return [{"why": why, "source": source, "code": code, "hex": data.hex()} for why, source, code, data in rows]


def json_accepted() -> list[dict[str, str]]:
    """Bytes that are canonical JSON, as hex."""
    rows = [
        ("empty object", b"{}"),
        ("2^53-1", b"9007199254740991"),
        ("-2^53+1", b"-9007199254740991"),
        ("16 levels", b"[" * 16 + b"]" * 16),
        ("2,000 nodes", b"[" + b",".join([b"0"] * 1_999) + b"]"),
        ("backslash and quote", b'"\\\\\\""'),
        ("backslash before an n", b'"\\\\n"'),
        ("Chinese name with a variation selector", '"葛\U000e0100"'.encode()),
        ("rare character of plane 2", '"𠮷"'.encode()),
        ("ideographic space and full-width forms", '"（一）　Ａ"'.encode()),
        ("middle dot in a Uyghur name", '"买买提·艾力"'.encode()),
        ("composed and decomposed stay apart", '["é","e\u0301"]'.encode()),
        ("capital before small letter", b'{"B":1,"a":1}'),
    ]
    return [{"why": why, "source": "RFC 8785 with the profile of DESIGN §3", "hex": data.hex()} for why, data in rows]


def header_vectors() -> list[dict[str, str]]:
    """Headers that are refused, step (3), and their neighbours in step (2)."""

    def changed(**changes: Any) -> dict[str, Any]:
        return {key: value for key, value in {**HEADER, **changes}.items() if value is not None}

    embedded = {"crv": "Ed25519", "kty": "OKP", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    rows: list[tuple[str, str, str, dict[str, Any] | bytes]] = [
        ("alg none", "T12", "header-invalid", changed(alg="none")),
        ("alg nOnE", "T12", "header-invalid", changed(alg="nOnE")),
        ("alg NONE", "T12", "header-invalid", changed(alg="NONE")),
        ("alg empty", "T12", "header-invalid", changed(alg="")),
        ("alg HS256, with a public key as the secret", "T12", "header-invalid", changed(alg="HS256")),
        ("alg EdDSA, which is not fully specified", "T12; RFC 9864", "header-invalid", changed(alg="EdDSA")),
        ("alg with a space", "T12", "header-invalid", changed(alg="Ed25519 ")),
        ("alg as a list", "T12", "header-invalid", changed(alg=["Ed25519"])),
        ("alg missing", "T12", "header-invalid", changed(alg=None)),
        ("jwk", "T13", "header-invalid", changed(jwk=embedded)),
        ("jku", "T13", "header-invalid", changed(jku="https://evil.example/jwks.json")),
        ("x5u", "T13", "header-invalid", changed(x5u="https://evil.example/cert.pem")),
        ("x5c", "T13", "header-invalid", changed(x5c=["MIIB"])),
        ("kid missing", "T14", "header-invalid", changed(kid=None)),
        ("kid null", "T14", "header-invalid", canonical({**HEADER, "kid": None})),
        ("kid is a path", "T14", "bad-kid", changed(kid="../../etc/passwd")),
        ("kid is SQL", "T14", "bad-kid", changed(kid="' OR 1=1--")),
        ("kid of 10 KB", "T14", "header-invalid", changed(kid=f"{ISSUER}#{'a' * 10_000}")),
        ("kid without its thumbprint", "T14", "bad-kid", changed(kid=ISSUER)),
        ("kid with a short thumbprint", "T14", "bad-kid", changed(kid=f"{ISSUER}#{THUMBPRINT[:-1]}")),
        ("kid over plain http", "T14", "bad-issuer", changed(kid=f"http://osta.example.cn/4401#{THUMBPRINT}")),
        ("kid with user information", "T14", "bad-issuer", changed(kid=f"https://a@osta.example.cn/1#{THUMBPRINT}")),
        ("crit", "T15", "header-invalid", changed(crit=["exp"])),
        ("b64 false", "T15; joserfc accepts it", "header-invalid", changed(b64=False, crit=["b64"])),
        (
            "alg twice",
            "T16; joserfc and PyJWT accept it",
            "duplicate-key",
            canonical(HEADER).replace(b'{"alg"', b'{"alg":"none","alg"'),
        ),
        ("typ of a plain JWT", "DESIGN §3", "header-invalid", changed(typ="JWT")),
        ("typ in capitals", "DESIGN §3", "header-invalid", changed(typ="VC+SD-JWT")),
        ("typ with its media type", "DESIGN §3", "header-invalid", changed(typ="application/vc+sd-jwt")),
        ("typ missing", "DESIGN §3", "header-invalid", changed(typ=None)),
        ("keys out of order", "DESIGN §3", "not-canonical", b'{"typ":"vc+sd-jwt","alg":"Ed25519","kid":"x"}'),
        ("not an object", "RFC 7515 §4", "malformed", b'["alg"]'),
    ]
    return [
        {"why": why, "source": source, "code": code, "envelope": envelope(header=header)}
        for why, source, code, header in rows
    ]


def envelope_vectors() -> list[dict[str, str]]:
    """Envelopes whose form, encoding or payload is refused, steps (1) and (2)."""
    valid = envelope()
    head, body, rest = valid.split(".", 2)
    signature, *_disclosed = rest.split("~")
    rows = [
        ("one byte too long", "T11", "record-too-large", valid + "a" * (32 * 1024 + 1 - len(valid))),
        ("empty", "RFC 9901 §4", "malformed", ""),
        ("no final tilde", "RFC 9901 §4", "malformed", valid[:-1]),
        ("two final tildes", "RFC 9901 §4", "malformed", valid + "~"),
        ("key binding behind", "RFC 9901 §4.3; DESIGN §3", "malformed", valid + f"{head}.{body}.{signature}"),
        ("two parts", "RFC 7515 §3", "malformed", f"{head}.{body}~"),
        ("four parts", "RFC 7515 §3", "malformed", f"{head}.{body}.{signature}.{signature}~"),
        ("no signature", "T12", "malformed", f"{head}.{body}.~"),
        ("line feed behind", "T17", "malformed", valid + "\n"),
        ("space in front", "T17", "malformed", " " + valid),
        ("padding in the header", "T17", "malformed", f"{head}=.{body}.{signature}~"),
        ("padding in the payload", "T17", "malformed", f"{head}.{body}==.{signature}~"),
        ("padding in the signature", "T17", "malformed", f"{head}.{body}.{signature}==~"),
        ("line feed in the payload", "T17", "malformed", f"{head}.{body[:8]}\n{body[8:]}.{signature}~"),
        ("plain base64 alphabet", "T17", "malformed", f"{head}.{body}.{'+/' + signature[2:]}~"),
        ("trailing bits", "T17", "malformed", f"{head}.{body}.{signature[:-1]}{chr(ord(signature[-1]) + 1)}~"),
        ("full-width letter", "T17", "malformed", f"{head}.{body}.{signature[:-1]}Ａ~"),
        ("payload is a list", "RFC 9901 §4.1", "malformed", envelope(body=b"[]", disclosures=())),
        ("payload is empty", "RFC 9901 §4.1", "malformed", f"{head}..{signature}~"),
        (
            "duplicate key in the payload",
            "T08",
            "duplicate-key",
            envelope(body=canonical(payload()).replace(b'"iat":', b'"iat":1,"iat":')),
        ),
        ("float in the payload", "T09", "number-forbidden", envelope(body=payload(iat=1790000000.0))),
        ("payload with spaces", "RFC 8785", "not-canonical", envelope(body=json.dumps(payload()).encode())),
        ("empty disclosure", "RFC 9901 §4", "malformed", envelope(disclosures=(*DISCLOSURES, ""))),
        ("padding in a disclosure", "T17", "malformed", envelope(disclosures=(DISCLOSURES[0] + "=", *DISCLOSURES[1:]))),
    ]
    return [{"why": why, "source": source, "code": code, "envelope": data} for why, source, code, data in rows]


def disclosure_vectors() -> list[dict[str, str]]:
    """Disclosures and digests that are refused."""
    rows = [*_bad_joins(), *_bad_disclosures(), *_bad_digests()]
    return [{"why": why, "source": source, "code": code, "envelope": data} for why, source, code, data in rows]


def _renamed(new: str) -> str:
    """The valid envelope with another disclosure in place of the name, under its own digest."""
    number, alias = DISCLOSURES[1:]
    return envelope(body=with_digests(*sorted([digest(new), digest(number)])), disclosures=(new, number, alias))


def _bad_joins() -> list[tuple[str, str, str, str]]:
    """Disclosures and digests that do not join one to one."""
    name, number, alias = DISCLOSURES
    extra = disclosure(SALTS[2], "level", 1)
    both = (digest(name), digest(number))
    return [
        ("unreferenced", RFC9901, "disclosure-invalid", envelope(disclosures=(*DISCLOSURES, extra))),
        ("the same disclosure twice", RFC9901, "disclosure-invalid", envelope(disclosures=(*DISCLOSURES, name))),
        (
            "the same digest twice in one object",
            RFC9901,
            "disclosure-invalid",
            envelope(body=with_digests(*both, digest(name))),
        ),
        (
            "the same digest in two places",
            RFC9901,
            "disclosure-invalid",
            envelope(body=payload(aliases=[{"...": digest(name)}]), disclosures=(name, number)),
        ),
        (
            "overwrites a claim",
            RFC9901,
            "disclosure-invalid",
            envelope(body=payload(subject={"_sd": list(both), "name": "李四"})),
        ),
        (
            "two disclosures of one name",
            RFC9901,
            "disclosure-invalid",
            envelope(
                body=with_digests(digest(name), digest(disclosure(SALTS[1], "name", "李四"))),
                disclosures=(name, disclosure(SALTS[1], "name", "李四"), alias),
            ),
        ),
    ]


def _bad_disclosures() -> list[tuple[str, str, str, str]]:
    """Disclosures that are malformed by themselves."""
    name = DISCLOSURES[0]
    short = disclosure("Txewgqpbd1ifQ-PZyeq7", "name", "张三")
    spaced = b64(json.dumps([SALTS[0], "name", "张三"], ensure_ascii=False).encode())
    return [
        ("named _sd", RFC9901, "disclosure-invalid", _renamed(disclosure(SALTS[0], "_sd", []))),
        ("named ...", RFC9901, "disclosure-invalid", _renamed(disclosure(SALTS[0], "...", "x"))),
        ("named _sd_alg", "DESIGN §3", "disclosure-invalid", _renamed(disclosure(SALTS[0], "_sd_alg", "sha-256"))),
        ("name is no string", RFC9901, "disclosure-invalid", _renamed(disclosure(SALTS[0], 1, "张三"))),
        ("name is not ASCII", "DESIGN §3", "disclosure-invalid", _renamed(disclosure(SALTS[0], "姓名", "张三"))),
        ("salt of 120 bits", "FORMATS: at least 128 bits", "disclosure-invalid", _renamed(short)),
        ("salt is no string", RFC9901, "disclosure-invalid", _renamed(disclosure(1, "name", "张三"))),
        ("salt is no base64url", "DESIGN §3", "disclosure-invalid", _renamed(disclosure("+" * 22, "name", "张三"))),
        ("one item", RFC9901, "disclosure-invalid", _renamed(disclosure(SALTS[0]))),
        ("four items", RFC9901, "disclosure-invalid", _renamed(disclosure(SALTS[0], "name", "张三", 1))),
        ("an object", RFC9901, "disclosure-invalid", _renamed(b64(b'{"name":"x"}'))),
        (
            "a disclosure inside another",
            "DESIGN §3",
            "disclosure-invalid",
            _renamed(disclosure(SALTS[0], "name", {"_sd": []})),
        ),
        (
            "a digest inside a disclosed list",
            "DESIGN §3",
            "disclosure-invalid",
            _renamed(disclosure(SALTS[0], "name", [{"...": digest(name)}])),
        ),
        ("with spaces", "DESIGN §3", "not-canonical", _renamed(spaced)),
        ("a float inside", "T09", "number-forbidden", _renamed(disclosure(SALTS[0], "name", 86.0))),
        ("not JSON", RFC9901, "not-json", _renamed(b64(b"\xff"))),
    ]


def _bad_digests() -> list[tuple[str, str, str, str]]:
    """Digests and `_sd_alg` where they have no meaning."""
    name, number, alias = DISCLOSURES
    extra = disclosure(SALTS[2], "level", 1)
    both = (digest(name), digest(number))
    return [
        (
            "an element where a property belongs",
            RFC9901,
            "disclosure-invalid",
            envelope(body=with_digests(digest(number), digest(alias), aliases=None), disclosures=(number, alias)),
        ),
        (
            "a property where an element belongs",
            RFC9901,
            "disclosure-invalid",
            envelope(body=payload(aliases=[{"...": digest(name)}], subject={}), disclosures=(name,)),
        ),
        (
            "an element's digest with a neighbour",
            RFC9901,
            "disclosure-invalid",
            envelope(body=payload(aliases=[{"...": digest(alias), "a": 1}])),
        ),
        (
            "an element's digest outside a list",
            RFC9901,
            "disclosure-invalid",
            envelope(body=payload(aliases={"...": digest(alias)})),
        ),
        ("digest too short", RFC9901, "disclosure-invalid", envelope(body=with_digests(*both, "abc"))),
        ("digest is a number", RFC9901, "disclosure-invalid", envelope(body=payload(subject={"_sd": [1]}))),
        (
            "digest with trailing bits",
            "T17",
            "disclosure-invalid",
            envelope(body=with_digests(*both, digest(extra)[:-1] + "B")),
        ),
        ("_sd is empty", "DESIGN §3", "disclosure-invalid", envelope(body=payload(x={"_sd": []}))),
        ("_sd is an object", RFC9901, "disclosure-invalid", envelope(body=payload(x={"_sd": {}}))),
        ("_sd_alg missing", "DESIGN §3", "disclosure-invalid", envelope(body=payload(_sd_alg=None))),
        ("_sd_alg sha-512", "DESIGN §3", "disclosure-invalid", envelope(body=payload(_sd_alg="sha-512"))),
        (
            "_sd_alg in an inner object",
            "RFC 9901 §4.1.1",
            "disclosure-invalid",
            envelope(body=payload(x={"_sd_alg": "sha-256"})),
        ),
        (
            "_sd_alg without digests",
            "DESIGN §3",
            "disclosure-invalid",
            envelope(body=payload(subject=None, aliases=None), disclosures=()),
        ),
        (
            "65 disclosures",
            "limits.DISCLOSURES_MAX",
            "disclosure-invalid",
            envelope(disclosures=tuple(disclosure(SALTS[0], f"n{place}", 1) for place in range(65))),
        ),
    ]


def accepted() -> list[dict[str, str]]:
    """Envelopes that parse, with the record id they have."""
    bare = payload(subject=None, aliases=None, _sd_alg=None)
    rows = [
        ("three disclosures", envelope()),
        ("disclosures in another order", envelope(disclosures=DISCLOSURES[::-1])),
        ("one disclosure presented", envelope(disclosures=DISCLOSURES[:1])),
        ("no disclosure presented", envelope(disclosures=())),
        ("nothing to disclose", envelope(body=bare, disclosures=())),
        ("an algorithm nobody implements: not for the parser to decide", envelope(header={**HEADER, "alg": "Ed448"})),
    ]
    return [
        {
            "why": why,
            "source": "RFC 9901, DESIGN §3",
            "envelope": data,
            "record_id": hashlib.sha256(data.split("~")[0].rpartition(".")[0].encode()).hexdigest(),
        }
        for why, data in rows
    ]


def incomplete() -> list[dict[str, str]]:
    """Envelopes that parse and that submission refuses, step (11)."""
    decoy = with_digests(*sorted([digest(DISCLOSURES[0]), digest(DISCLOSURES[1]), digest("decoy")]))
    rows = [
        ("a digest is withheld", envelope(disclosures=DISCLOSURES[1:])),
        ("all digests are withheld", envelope(disclosures=())),
        ("a digest is a decoy", envelope(body=decoy)),
    ]
    return [
        {"why": why, "source": "DESIGN §3, step (11)", "code": "disclosures-incomplete", "envelope": data}
        for why, data in rows
    ]


FILES = {
    "json_refused.json": json_vectors,
    "json_accepted.json": json_accepted,
    "header_refused.json": header_vectors,
    "envelope_refused.json": envelope_vectors,
    "disclosure_refused.json": disclosure_vectors,
    "envelope_accepted.json": accepted,
    "envelope_incomplete.json": incomplete,
}


def text_of(name: str) -> str:
    """What a file holds."""
    return json.dumps(FILES[name](), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for file_name in FILES:
        (HERE / file_name).write_text(text_of(file_name), encoding="utf-8")
