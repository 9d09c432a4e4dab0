"""The service's signed statements in an evidence pack: the registry snapshot and the status lists (RFC 7515 compact).

They are the operator's dated and attributable word. A statement counts only under a key that the log registered for the
service, and only while it is young; otherwise the check that needs it is `not_checked`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from api.client.errors import PackInvalid
from keys.algorithms import algorithm
from keys.errors import Refused
from keys.ids import parse_kid
from keys.keyring import Keyring
from ledger import limits
from ledger.log.statuslist import decode, get_bit
from ledger.wire import base64url

AGE_SECONDS_MAX: Final = limits.SNAPSHOT_AGE_HOURS_MAX * 3600
PURPOSES: Final = ("revocation", "suspension")
STATUS_LIST_TYP: Final = "vc+jwt"
_TOKEN_BYTES_MAX: Final = 2 * limits.STATUS_LIST_BYTES_MAX


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement whose signature holds.

    claims     its payload
    issued_at  when it was made, in seconds since 1970
    log_size   leaves of the log it reflects
    typ        the header's `typ`, lower case
    """

    claims: Mapping[str, Any]
    issued_at: int
    log_size: int
    typ: str


class Stale(Refused):
    """A statement is older than 24 hours, or dated in the future."""

    code = "statement-stale"


def open_statement(token: bytes, *, keyring: Keyring, origin: str) -> Statement:
    """A statement whose signature verifies under a key that the log registered for the service.

    token    compact JWS
    keyring  keys as the log's own records registered them
    origin   the log that the statement must be about
    raises   PackInvalid
    """
    if len(token) > _TOKEN_BYTES_MAX:
        raise PackInvalid(f"statement: expected at most {_TOKEN_BYTES_MAX} bytes")
    parts = token.strip().split(b".")
    if len(parts) != 3:  # header.payload.signature
        raise PackInvalid("statement: expected header.payload.signature")
    try:
        header, claims = _object(parts[0]), _object(parts[1])
        signature = base64url.decode(parts[2])
        _check_signature(header, b".".join(parts[:2]), signature, claims, keyring)
    except Refused as error:
        raise PackInvalid(f"statement: {error}") from error
    log = claims.get("log")
    size = log.get("size") if isinstance(log, dict) and log.get("origin") == origin else None
    issued_at = claims.get("iat")
    if type(size) is not int or type(issued_at) is not int:
        raise PackInvalid("statement: expected iat, and the origin and size of this log")
    return Statement(claims, issued_at, size, str(header.get("typ", "")).lower())


def _check_signature(
    header: Mapping[str, Any], message: bytes, signature: bytes, claims: Mapping[str, Any], keyring: Keyring
) -> None:
    kid, alg = header.get("kid"), header.get("alg")
    key = keyring.find(kid) if isinstance(kid, str) else None
    if key is None or not isinstance(kid, str) or key.use != "service":
        raise PackInvalid("expected a key that the log registered for the service")
    if key.revoked_at is not None or key.suspect_since is not None:
        raise PackInvalid("the service's key was revoked")
    if alg != key.alg or claims.get("iss") != key.issuer or parse_kid(kid)[0] != key.issuer:
        raise PackInvalid("expected alg and iss of the key that signed")
    algorithm(key.alg).check_signature(public=key.public, message=message, signature=signature)


def _object(encoded: bytes) -> dict[str, Any]:
    """A JSON object in sorted, compact form, so that no member can be there twice. Raises PackInvalid."""
    text = base64url.decode(encoded)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise PackInvalid("expected JSON") from error
    if not isinstance(value, dict) or orjson.dumps(value, option=orjson.OPT_SORT_KEYS) != text:
        raise PackInvalid("expected a JSON object with sorted members and no spaces")
    return value


def check_fresh(statement: Statement, *, at: int, now: int) -> None:
    """Accept a statement made at most 24 hours before `at`, and not expired by its own word.

    at      instant asked about, in seconds since 1970
    now     the verifier's own time: what is dated after both is no statement about either
    raises  Stale
    """
    if statement.issued_at > max(at, now) + limits.CLOCK_SKEW_SECONDS_MAX:
        raise Stale("the statement is dated in the future")
    expires = statement.claims.get("exp")
    if type(expires) is int and at > expires:
        raise Stale("the statement has expired by its own word")
    if at - statement.issued_at > AGE_SECONDS_MAX:
        hours = (at - statement.issued_at) // 3600
        raise Stale(f"the statement is {hours} hours old; at most {limits.SNAPSHOT_AGE_HOURS_MAX} count")


def check_listed(kids: Mapping[str, Any] | None, kid: str) -> None:
    """Accept a signing key that the controlled identifier document lists under `assertionMethod`.

    kids    the document, None when the pack has none
    raises  PackInvalid
    """
    methods = [] if kids is None else kids.get("assertionMethod", [])
    listed = {method.get("id") if isinstance(method, dict) else method for method in methods}
    if kid not in listed:
        raise PackInvalid("status-issuer.cid.json: expected the key that signed the status list")


def status_bit(statement: Statement, *, list_url: str, purpose: str, index: int) -> bool:
    """Whether the entry of one purpose is set in a status list credential.

    Source: W3C Bitstring Status List 1.0 section 3.2.

    list_url  address that the record's entry names
    raises    PackInvalid when the credential is another list or another purpose; StatusListInvalid
    """
    subject = statement.claims.get("credentialSubject")
    if (
        statement.typ != STATUS_LIST_TYP
        or statement.claims.get("id") != list_url
        or not isinstance(subject, dict)
        or subject.get("type") != "BitstringStatusList"
        or subject.get("statusPurpose") != purpose
        or not isinstance(subject.get("encodedList"), str)
    ):
        raise PackInvalid("status list: expected the list and purpose that the record names")
    return get_bit(decode(subject["encodedList"]), index)


def kid_of(token: bytes) -> str:
    """The `kid` in a token's header, unverified; "" when there is none."""
    try:
        found = _object(token.strip().split(b".", 1)[0]).get("kid")
    except Refused:
        return ""
    return found if isinstance(found, str) else ""
