"""Discovery: what programs need to know about this instance before they ask anything else."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.documents import jwk_of, key_set
from api.openapi import answer, documented
from api.problems import PROBLEMS
from api.routes._answers import PUBLIC_MINUTE, json_answer
from api.routes.institutions import find_issuer
from api.services import Services, services
from api.signin import ROLES
from api.tokens import public_jwk
from ledger import limits
from ledger.errors import NotFound
from ledger.log.note import format_vkey
from ledger.log.policy import format_policy

router = APIRouter(tags=["discovery"])


def _service_keys(parts: Services) -> list[dict[str, str]]:
    """The service's keys: those in the log's register, and the one in use under its bare thumbprint (access tokens)."""
    registered = [jwk_of(key) for key in parts.ledger.registry().keyring.of_issuer(parts.status_lists.issuer)]
    signer = parts.status_lists.signer
    return [*registered, public_jwk(signer, kid=signer.thumbprint)]


@router.get(
    "/.well-known/jwks.json",
    summary="The service's public keys (RFC 7517)",
    responses=documented({200: answer("JWK Set", schema="Object")}),
)
def jwks(request: Request) -> Response:
    """Keys that sign status lists, registry statements and demonstration tokens."""
    return json_answer({"keys": _service_keys(services(request))}, cache=PUBLIC_MINUTE)


@router.get(
    "/.well-known/jwt-vc-issuer",
    summary="The service as an issuer of credentials (SD-JWT VC)",
    responses=documented({200: answer("Issuer metadata", schema="Object")}),
)
def jwt_vc_issuer(request: Request) -> Response:
    """Issuer id and keys of the service."""
    parts = services(request)
    return _issuer_metadata(parts, parts.status_lists.issuer)


@router.get(
    "/.well-known/jwt-vc-issuer/issuers/{name:path}",
    summary="An issuer of credentials and its keys (SD-JWT VC)",
    responses=documented({200: answer("Issuer metadata", schema="Object")}, "not-found"),
)
def jwt_vc_issuer_of(request: Request, name: str) -> Response:
    """Issuer id and keys, at the address that SD-JWT VC derives from an id below `/issuers/`; also by credit code."""
    parts = services(request)
    return _issuer_metadata(parts, find_issuer(parts, name))


def _issuer_metadata(parts: Services, issuer: str) -> Response:
    """Only keys that may still speak: the format cannot say `revoked`, and its reader asks no log."""
    keys = [key for key in parts.ledger.registry().keyring.of_issuer(issuer) if key.revoked_at is None]
    return json_answer({"issuer": issuer, "jwks": key_set(keys)}, cache=PUBLIC_MINUTE)


@router.get(
    "/.well-known/skill-ledger",
    summary="Log origin, keys, policy, templates, limits",
    responses=documented({200: answer("Description of this instance", schema="Object")}),
)
def skill_ledger(request: Request) -> Response:
    """What a client configures itself from. Trust anchors are to be had from elsewhere: these only inform."""
    return json_answer(describe(services(request)), cache=PUBLIC_MINUTE)


def describe(parts: Services) -> dict[str, Any]:
    """The instance, as `/.well-known/skill-ledger` tells it."""
    ledger, settings = parts.ledger, parts.settings
    base, policy = parts.sign_in.public_url, ledger.policy
    return {
        "origin": ledger.origin,
        "base_url": ledger.base_url,
        "public_url": base,
        "authority": ledger.registry().authority,
        "checkpoint_url": f"{base}/log/checkpoint",
        "tile_url_template": f"{base}/log/tile/{{level}}/{{number}}",
        "log_vkeys": [format_vkey(key) for key in ledger.log_vkeys],
        "witness_vkeys": [] if policy is None else [format_vkey(key) for key in policy.witness_keys()],
        "policy": None if policy is None else format_policy(policy).decode("utf-8", "replace"),
        "service_issuer": parts.status_lists.issuer,
        "status_list_url_template": f"{ledger.base_url}/status/{{uscc}}/{{number}}/{{purpose}}",
        "status_list_entries": limits.STATUS_LIST_ENTRIES,
        "status_list_purposes": ["revocation", "suspension"],
        "kinds_url": f"{base}/v1/kinds",
        "openapi_url": f"{base}/openapi.json",
        "demo": settings.demo,
        "algorithms": sorted(ledger.options.accepted_algorithms),
        "limits": {
            "envelope_bytes_max": limits.ENVELOPE_BYTES_MAX,
            "batch_bytes_max": limits.BATCH_BYTES_MAX,
            "batch_lines_max": limits.BATCH_LINES_MAX,
            "group_records_max": limits.GROUP_RECORDS_MAX,
            "rate_submit": settings.rate_submit,
            "rate_verify": settings.rate_verify,
            "rate_verify_by_number": settings.rate_verify_by_number,
            "status_list_seconds": settings.status_list_seconds,
        },
    }


@router.get(
    "/.well-known/security.txt",
    summary="Where to report a vulnerability (RFC 9116)",
    responses=documented({200: answer("security.txt", media_type="text/plain")}),
)
async def security_txt(request: Request) -> Response:
    """Contact and expiry."""
    parts = services(request)
    lines = [
        f"Contact: {parts.settings.security_contact}",
        f"Expires: {parts.settings.security_expires}",
        "Preferred-Languages: zh, en",
        f"Canonical: {parts.ledger.base_url}/.well-known/security.txt",
    ]
    headers = {"Cache-Control": PUBLIC_MINUTE}
    return Response("\n".join(lines) + "\n", media_type="text/plain; charset=utf-8", headers=headers)


@router.get(
    "/.well-known/openid-configuration",
    summary="The demonstration's sign-in provider",
    responses=documented({200: answer("Provider metadata", schema="Object")}, "not-found"),
)
async def openid_configuration(request: Request) -> Response:
    """OpenID Connect Discovery 1.0, in demo mode only."""
    parts = services(request)
    if parts.sign_in.demo is None:
        raise NotFound("nothing is held at this address")
    base = parts.sign_in.public_url
    content = {
        "issuer": base,
        "authorization_endpoint": f"{base}/demo/authorize",
        "token_endpoint": f"{base}/demo/oidc/token",
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [parts.status_lists.signer.alg],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "claims_supported": ["sub", "login", "role", "institution", "nonce"],
        "roles_supported": list(ROLES),
    }
    return json_answer(content, cache=PUBLIC_MINUTE)


@router.get(
    "/problems/{code}",
    summary="What a problem code means",
    responses=documented({200: answer("Status and title", schema="Object")}, "not-found"),
)
async def problem(code: str) -> Response:
    """The page behind a problem's `type`."""
    found = PROBLEMS.get(code)
    if found is None:
        raise NotFound("no problem has this code")
    content = {"code": code, "status": found.status, "title": found.en, "title_zh": found.zh}
    return json_answer(content, cache=PUBLIC_MINUTE)
