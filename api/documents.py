"""Documents about keys that other people's tools read: controlled identifier documents and key sets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from keys.algorithms import algorithm
from keys.keyring import Key

CID_CONTEXT: Final = "https://www.w3.org/ns/cid/v1"
HOLDER: Final = "rotation"
"""Use of keys that give the authority another key, and sign nothing else."""


def jwk_of(key: Key) -> dict[str, str]:
    """A registered key as a JWK with `kid`, `alg` and `use` (RFC 7517)."""
    return {**algorithm(key.alg).jwk(key.public), "kid": key.kid, "alg": key.alg, "use": "sig"}


def key_set(keys: Iterable[Key], *, also: str | None = None) -> dict[str, Any]:
    """Keys that sign records or statements as a JWK Set (RFC 7517 section 5).

    also  kid of a holder's key, which otherwise is left out: its reader could not tell what it may sign
    """
    return {"keys": [jwk_of(key) for key in keys if key.use != HOLDER or key.kid == also]}


def controlled_identifier(issuer: str, keys: Iterable[Key], *, also: str | None = None) -> dict[str, Any]:
    """An issuer's controlled identifier document.

    Source: W3C Controlled Identifiers 1.0 sections 2.1 and 2.2.3 (JsonWebKey), VC-JOSE-COSE section 4.

    keys     every key of the issuer, revoked ones too; those that may still speak stand under `assertionMethod`, the
             others only under `verificationMethod`, so that nobody takes a fresh signature by a revoked key for good,
             or any by a holder's
    also     kid of such a key that belongs under `assertionMethod` all the same, because the document accompanies
             a record that it signed while it spoke
    raises   nothing
    """
    listed = list(keys)
    current = [key for key in listed if (key.revoked_at is None and key.use != HOLDER) or key.kid == also]
    past = [key for key in listed if key not in current]
    document: dict[str, Any] = {
        "@context": [CID_CONTEXT],
        "id": issuer,
        "assertionMethod": [_method(issuer, key) for key in current],
    }
    if past:
        document["verificationMethod"] = [_method(issuer, key) for key in past]
    return document


def _method(issuer: str, key: Key) -> dict[str, Any]:
    return {"id": key.kid, "type": "JsonWebKey", "controller": issuer, "publicKeyJwk": jwk_of(key)}
