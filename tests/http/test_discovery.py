"""Keys where the standards look for them: issuer metadata and controlled identifier documents.

Method: find the address from the issuer id as the standard says, and nothing else; the server behind it is the test's.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest

from keys.algorithms import algorithm
from ledger.wire.envelope import Envelope
from tests.support.served_site import AUTHORITY, INSTITUTIONS, fresh_signer

USCC = "52320102MJ000000XG"
WELL_KNOWN = "/.well-known/jwt-vc-issuer"
STANDING = {"uscc": USCC, "standing": "active", "reason": "annual-review"}


def metadata_path(issuer: str) -> str:
    """Between host and path of the issuer id (SD-JWT VC, JWT VC Issuer Metadata)."""
    return WELL_KNOWN + urlsplit(issuer).path


def check_with_metadata(envelope: Envelope, client: httpx.Client) -> None:
    """A verifier that knows no log: the key comes from the issuer's metadata alone."""
    issuer = str(envelope.payload["iss"])
    found = client.get(metadata_path(issuer))
    assert found.status_code == 200, found.text
    document = found.json()
    assert document["issuer"] == issuer, "the standard: must be identical, or the metadata must not be used"
    (jwk,) = [key for key in document["jwks"]["keys"] if key["kid"] == envelope.header.kid]
    scheme = algorithm(envelope.header.alg)
    public = scheme.public_from_jwk({name: jwk[name] for name in ("kty", "crv", "x", "y") if name in jwk})
    scheme.check_signature(public=public, message=envelope.signing_input, signature=envelope.signature)


def test_a_record_verifies_by_the_metadata_of_its_issuer(site, client: httpx.Client) -> None:
    check_with_metadata(site.authority_envelope("institution-standing", STANDING), client)


def test_the_service_has_its_metadata_under_its_own_id(site, client: httpx.Client) -> None:
    service = site.app.state.services.status_lists.issuer
    at_its_id = client.get(metadata_path(service)).json()
    assert at_its_id["issuer"] == service
    assert at_its_id == client.get(WELL_KNOWN).json(), "the root address stays"


def test_an_institution_is_found_by_its_code_too(client: httpx.Client) -> None:
    answer = client.get(f"{WELL_KNOWN}/issuers/{USCC}")
    assert answer.json()["issuer"] == INSTITUTIONS[USCC]
    assert {key["kid"].partition("#")[0] for key in answer.json()["jwks"]["keys"]} == {INSTITUTIONS[USCC]}


@pytest.mark.parametrize("name", ["", "absent", "3201", "authority/", "authority%2F..", "52320102MJ0000000X"])
def test_an_unknown_issuer_is_a_problem(client: httpx.Client, name: str) -> None:
    answer = client.get(f"{WELL_KNOWN}/issuers/{name}")
    assert answer.status_code in {400, 404} if "%" in name else answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] in {"not-found", "path-invalid"}


def test_a_revoked_key_is_not_among_those_to_verify_with(make_site) -> None:
    """Metadata has no place to say `revoked`: whoever trusts it would take a fresh signature by a stolen key."""
    site = make_site()
    stolen = fresh_signer()
    kept = kids_of(site)
    site.by_authority("key-registered", site.key_claims(stolen, AUTHORITY.issuer))
    (kid,) = set(kids_of(site)) - set(kept)
    site.by_authority("key-revoked", {"kid": kid, "reason": "compromised"})
    assert kids_of(site) == kept


def kids_of(site) -> list[str]:
    """Ids of the keys in the authority's metadata."""
    return [key["kid"] for key in site.http.get(metadata_path(AUTHORITY.issuer)).json()["jwks"]["keys"]]


def test_metadata_is_in_the_api_document_like_its_neighbours(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()["paths"][WELL_KNOWN + "/issuers/{name}"]["get"]
    assert described["tags"] == ["discovery"]
    assert {"200", "404"} <= set(described["responses"])
