"""JSON Web Tokens that the service itself signs, and the one place that checks any token's signature (joserfc).

The service's key signs status lists, registry statements and, in demo mode, access tokens; `typ` tells them apart and
is always tested, so none can stand in for another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from api.problems import TokenInvalid
from keys.custody import Signer
from keys.errors import Unavailable
from ledger.service import Ledger
from ledger.wire import base64url

TOKEN_CHARS_MAX: Final = 8192
ALGORITHMS: Final = frozenset({"Ed25519", "EdDSA", "ES256"})
"""Algorithms of the public keys that a resource server may accept; the settings choose among these."""


class ServiceKeyMissing(Unavailable):
    """The server was opened without the service's own key, so it cannot sign status lists or statements."""

    code = "service-key-missing"


def service_signer(ledger: Ledger) -> Signer:
    """The service's own key.

    raises  ServiceKeyMissing
    """
    if ledger.service_signer is None:
        raise ServiceKeyMissing("this server has no service key; start it with one")
    return ledger.service_signer


def sign_jwt(signer: Signer, claims: Mapping[str, Any], *, typ: str, kid: str) -> str:
    """A compact JWS of these claims (RFC 7515 section 7.1).

    signer  the service's key
    claims  JSON values; times in seconds
    typ     e.g. `vc+jwt`
    kid     how a verifier finds the key
    raises  nothing
    """
    header = base64url.encode(orjson.dumps({"alg": signer.alg, "kid": kid, "typ": typ}))
    payload = base64url.encode(orjson.dumps(claims, option=orjson.OPT_SORT_KEYS))
    signing_input = f"{header}.{payload}"
    return f"{signing_input}.{base64url.encode(signer.sign(signing_input.encode()))}"


def public_jwk(signer: Signer, *, kid: str) -> dict[str, str]:
    """The service's public key as it stands in a JWKS (RFC 7517), private parts never included."""
    return {**signer.jwk, "kid": kid, "alg": signer.alg, "use": "sig"}


def open_jwt(
    token: str,
    keys: KeySet | OctKey,
    *,
    algorithms: Collection[str],
    typ: Collection[str],
    issuer: str,
    audience: str,
    now: Callable[[], int],
    nonce: str | None = None,
) -> dict[str, Any]:
    """The claims of a token whose signature, type, issuer, audience and times all hold.

    Source: RFC 9068 section 4 (resource servers), RFC 8725 (typ, alg allow-list), OpenID Connect Core 3.1.3.7 (nonce).

    token       at most TOKEN_CHARS_MAX characters
    algorithms  the allow-list; the header cannot widen it
    typ         accepted header types, lower case, without `application/`
    nonce       must equal the claim when given
    returns     the claims
    raises      TokenInvalid; its message never says which part was wrong in a way that helps to forge one
    """
    if len(token) > TOKEN_CHARS_MAX:
        raise TokenInvalid("the token is too long")
    try:
        opened = jwt.decode(token, keys, algorithms=list(algorithms))
        required: dict[str, Any] = {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": audience},
            "exp": {"essential": True},
            "sub": {"essential": True},
        }
        if nonce is not None:
            required["nonce"] = {"essential": True, "value": nonce}
        jwt.JWTClaimsRegistry(now=now, leeway=30, **required).validate(opened.claims)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise TokenInvalid("the token does not verify or has expired; sign in again") from error
    if str(opened.header.get("typ", "")).lower().removeprefix("application/") not in typ:
        raise TokenInvalid("the token is of another type")
    return dict(opened.claims)
