"""The public register of institutions, and their keys as controlled identifier documents."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.documents import controlled_identifier
from api.openapi import answer, documented
from api.routes._answers import PUBLIC_MINUTE, json_answer
from api.services import Services, services
from ledger.errors import NotFound
from ledger.registry import Accreditation, Delegation, Institution, Registry

router = APIRouter(tags=["register"])


def _summary(institution: Institution, registry: Registry, size: int) -> dict[str, Any]:
    return {
        "uscc": institution.uscc,
        "issuer": institution.issuer,
        "name": institution.name,
        "type": institution.type,
        "region": institution.region,
        "standing": institution.standing_at(size),
        "is_authority": registry.is_authority(institution.issuer),
    }


def _scope(granted: Accreditation) -> dict[str, Any]:
    return {
        "id": granted.uid,
        "kinds": sorted(granted.kinds),
        "occupations": list(granted.occupations),
        "levels": sorted(granted.levels),
        "regions": list(granted.regions),
        "valid_from": granted.valid_from.isoformat(),
        "valid_until": granted.valid_until.isoformat() if granted.valid_until else None,
        "granted_at_index": granted.granted_at,
        "ended_at_index": granted.ended_at,
    }


def _delegation(given: Delegation) -> dict[str, Any]:
    return {
        "id": given.uid,
        "kinds": sorted(given.kinds),
        "regions": list(given.regions),
        "granted_at_index": given.granted_at,
        "ended_at_index": given.ended_at,
    }


def find_institution(parts: Services, uscc: str) -> Institution:
    """raises  NotFound"""
    found = parts.ledger.registry().institutions.get(uscc)
    if found is None:
        raise NotFound("no institution has this code")
    return found


def find_issuer(parts: Services, name: str) -> str:
    """The issuer id behind an address: by the path that follows `/issuers/` in the id, or by an institution's code.

    raises  NotFound
    """
    url = f"{parts.ledger.base_url}/issuers/{name}"
    if url == parts.status_lists.issuer or parts.ledger.registry().issuer(url) is not None:
        return url
    return find_institution(parts, name).issuer


@router.get(
    "/v1/institutions",
    summary="Every registered institution",
    responses=documented({200: answer("Institutions, by code", schema="Object")}),
)
def institutions(request: Request) -> Response:
    """The register."""
    parts = services(request)
    registry, size = parts.ledger.registry(), parts.ledger.size()
    listed = [_summary(registry.institutions[uscc], registry, size) for uscc in sorted(registry.institutions)]
    return json_answer({"institutions": listed, "size": size}, cache=PUBLIC_MINUTE)


@router.get(
    "/v1/institutions/{uscc}",
    summary="One institution with its keys and accreditations",
    responses=documented({200: answer("The institution", schema="Institution")}, "not-found"),
)
def institution(request: Request, uscc: str) -> Response:
    """An institution as the log's records leave it."""
    parts = services(request)
    found = find_institution(parts, uscc)
    registry, size = parts.ledger.registry(), parts.ledger.size()
    keys = [
        {
            "kid": key.kid,
            "alg": key.alg,
            "use": key.use,
            "registered_at_index": key.registered_at,
            "revoked_at_index": key.revoked_at,
            "suspect_since_index": key.suspect_since,
        }
        for key in registry.keyring.of_issuer(found.issuer)
    ]
    scopes = [_scope(granted) for granted in registry.accreditations.get(uscc, ())]
    standings = [{"index": index, "standing": word} for index, word in found.standings]
    answer_body = {
        **_summary(found, registry, size),
        "registered_at_index": found.registered_at,
        "standings": standings,
        "keys": keys,
        "accreditations": scopes,
        "delegations": [_delegation(given) for given in registry.delegations if given.uscc == uscc],
        "successor": found.successor,
        "second_signature_kinds": sorted(found.cosigned),
        "size": size,
    }
    return json_answer(answer_body, cache=PUBLIC_MINUTE)


@router.get(
    "/issuers/{name:path}",
    summary="An issuer's keys (W3C controlled identifier document)",
    responses=documented({200: answer("Controlled identifier document", schema="Object")}, "not-found"),
)
def issuer(request: Request, name: str) -> Response:
    """The document behind an issuer id: by an institution's code, or by the path that follows `/issuers/` in the id."""
    parts = services(request)
    url = find_issuer(parts, name)
    document = controlled_identifier(url, parts.ledger.registry().keyring.of_issuer(url))
    return json_answer(document, cache=PUBLIC_MINUTE)
