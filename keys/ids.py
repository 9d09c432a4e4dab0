"""Names of keys and issuers: RFC 7638 thumbprints, and `kid` = issuer URL, `#`, thumbprint."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from keys._encoding import encode, format_json
from keys.errors import BadIssuer, BadKey, BadKeyId

ISSUER_CHARS_MAX: Final = 200
THUMBPRINT_CHARS: Final = 43
KIDS_CACHED_MAX: Final = 8192

_THUMBPRINT_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "AKP": ("alg", "kty", "pub"),  # RFC 9964 §6
    "EC": ("crv", "kty", "x", "y"),  # RFC 7638 §3.2
    "OKP": ("crv", "kty", "x"),  # RFC 8037 §2
    "RSA": ("e", "kty", "n"),  # RFC 7638 §3.2; no algorithm of ours, but the standard's example
}

# 43 characters hold 258 bits: the last one carries two bits that must be zero.
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ISSUER = re.compile(
    rf"https://(?P<host>{_LABEL}(?:\.{_LABEL})*)"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>(?:/[A-Za-z0-9._~!$&'()*+,;=:@-]+)*)\Z"
)


def thumbprint(jwk: Mapping[str, object]) -> str:
    """The SHA-256 thumbprint of a JWK: 43 base64url characters that name the key and nothing else about it.

    Source: RFC 7638 §3; members for AKP from RFC 9964 §6.

    jwk      any JWK of type AKP, EC, OKP or RSA; members beyond the required ones do not count
    raises   BadKey if the type is unknown or a required member is missing or no string
    """
    kty = jwk.get("kty")
    members = _THUMBPRINT_MEMBERS.get(kty) if isinstance(kty, str) else None
    if members is None:
        raise BadKey(f"JWK: expected kty to be one of {sorted(_THUMBPRINT_MEMBERS)}")
    values = {member: jwk.get(member) for member in members}
    if not all(isinstance(value, str) and value.isascii() for value in values.values()):
        raise BadKey(f"JWK of type {kty}: expected the ASCII strings {list(members)}")
    return encode(hashlib.sha256(format_json(values)).digest())


def check_issuer(url: str) -> None:
    """Accept an HTTPS URL in the one form that no second spelling shares.

    Source: RFC 3986 §6.2; the profile is ours. Lower-case host name (or dotted IPv4), port only if it is not 443, path
    segments of unreserved and sub-delimiter characters, no empty or dot segment, no percent-encoding, no final slash,
    no user information, query or fragment, at most 200 characters.

    url     issuer id, for example `https://osta.example.cn/issuers/4401`
    raises  BadIssuer
    """
    if not isinstance(url, str) or len(url) > ISSUER_CHARS_MAX:
        raise BadIssuer(f"issuer: expected a URL of at most {ISSUER_CHARS_MAX} characters")
    match = _ISSUER.match(url)
    if match is None:
        raise BadIssuer(
            "issuer: expected https://host[:port][/path], lower-case host, no query, fragment or final slash"
        )
    host, port, path = match["host"], match["port"], match["path"]
    if port is not None and (int(port) > 65535 or port == "443"):
        raise BadIssuer("issuer: expected a port from 1 to 65535, and none where it would be 443")
    if any(segment in (".", "..") for segment in path.split("/")):
        raise BadIssuer("issuer: expected a path without dot segments")
    last_label = host.rpartition(".")[2]
    if last_label[0].isdigit() and (last_label.isdigit() or last_label.startswith("0x")):
        _check_ipv4(host)


def _check_ipv4(host: str) -> None:
    # Browsers read 127.1, 0x7f000001 and 2130706433 as addresses (WHATWG URL §3.5): only one spelling may pass.
    try:
        ipaddress.IPv4Address(host)
    except ValueError as error:
        raise BadIssuer("issuer: expected an IPv4 address as four decimal numbers") from error


def format_kid(*, issuer: str, jwk: Mapping[str, object]) -> str:
    """The `kid` of an issuer's key.

    issuer   as `check_issuer` accepts
    jwk      as `thumbprint` accepts
    returns  at most 244 characters
    raises   BadIssuer, BadKey
    """
    check_issuer(issuer)
    return f"{issuer}#{thumbprint(jwk)}"


@lru_cache(maxsize=KIDS_CACHED_MAX)
def parse_kid(kid: str) -> tuple[str, str]:
    """Issuer and thumbprint of a `kid`.

    kid      an issuer as `check_issuer` accepts, `#`, 43 canonical base64url characters
    returns  (issuer, thumbprint)
    raises   BadKeyId (BadIssuer for the part before `#`)
    """
    if len(kid) > ISSUER_CHARS_MAX + 1 + THUMBPRINT_CHARS:
        raise BadKeyId(f"kid: expected at most {ISSUER_CHARS_MAX + 1 + THUMBPRINT_CHARS} characters, found {len(kid)}")
    issuer, separator, name = kid.partition("#")
    if not separator or not _THUMBPRINT.match(name):
        raise BadKeyId(f"kid: expected an issuer URL, '#' and a thumbprint of {THUMBPRINT_CHARS} base64url characters")
    check_issuer(issuer)
    return issuer, name
