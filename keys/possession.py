"""Proof of possession: who registers a key signs, with that key, a message that names the log, the issuer and a nonce.

Without it an institution could register another's public key and claim the other's records as its own (threat T19).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from keys._encoding import decode, encode, format_json
from keys.algorithms import algorithm_of_jwk
from keys.errors import BadSignature, PossessionNotProved
from keys.ids import check_issuer

if TYPE_CHECKING:
    from keys.custody import Signer

PURPOSE: Final = "skill-ledger key possession/1"
NONCE_BYTES_MIN: Final = 16
NONCE_BYTES_MAX: Final = 64
ORIGIN_CHARS_MAX: Final = 200


def possession_message(*, origin: str, issuer: str, jwk: Mapping[str, object], nonce: str) -> bytes:
    """The bytes that the new key signs.

    It is a JSON object and so begins with `{`: no signing input of a record (base64url) and no checkpoint (whose first
    line is an origin) can be taken for one, or the other way round.

    origin   the log's origin line, 1 to 200 printable ASCII characters
    issuer   as `check_issuer` accepts
    jwk      the new public key, required members only
    nonce    16 to 64 fresh random bytes as base64url, chosen by the one who registers the key
    returns  canonical JSON
    raises   BadIssuer, BadKey, PossessionNotProved (origin or nonce malformed)
    """
    check_issuer(issuer)
    algorithm_of_jwk(jwk)
    if not (origin.isascii() and origin.isprintable() and 0 < len(origin) <= ORIGIN_CHARS_MAX):
        raise PossessionNotProved(f"origin: expected 1 to {ORIGIN_CHARS_MAX} printable ASCII characters")
    try:
        nonce_bytes = decode(nonce)
    except ValueError as error:
        raise PossessionNotProved(f"nonce: {error}") from error
    if not NONCE_BYTES_MIN <= len(nonce_bytes) <= NONCE_BYTES_MAX:
        raise PossessionNotProved(f"nonce: expected {NONCE_BYTES_MIN} to {NONCE_BYTES_MAX} bytes of base64url")
    return format_json({"issuer": issuer, "jwk": dict(jwk), "nonce": nonce, "origin": origin, "purpose": PURPOSE})


def prove_possession(signer: Signer, *, origin: str, issuer: str, nonce: str) -> str:
    """The new key's signature over `possession_message`, as base64url.

    raises  as `possession_message`
    """
    return encode(signer.sign(possession_message(origin=origin, issuer=issuer, jwk=signer.jwk, nonce=nonce)))


def check_possession(*, origin: str, issuer: str, jwk: Mapping[str, object], nonce: str, proof: str) -> None:
    """Accept a proof by exactly this key, for this issuer, in this log, over this nonce.

    proof   as `prove_possession` writes it
    raises  PossessionNotProved; BadKey and BadIssuer where already the key or the issuer is unacceptable
    """
    message = possession_message(origin=origin, issuer=issuer, jwk=jwk, nonce=nonce)
    algorithm = algorithm_of_jwk(jwk)
    try:
        signature = decode(proof)
    except ValueError as error:
        raise PossessionNotProved(f"proof: {error}") from error
    try:
        algorithm.check_signature(public=algorithm.public_from_jwk(jwk), message=message, signature=signature)
    except BadSignature as error:
        raise PossessionNotProved(f"proof: {error}") from error
