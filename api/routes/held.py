"""Records that the log holds: the signed bytes, the receipt, and the evidence pack for the holder or the issuer."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.openapi import SIGNED_IN, answer, documented
from api.pack import build_pack, zip_pack
from api.routes._answers import PUBLIC_MINUTE, bytes_answer, record_id_of
from api.routes.records import proof_of
from api.services import Services, services
from api.signin import Principal
from keys.errors import LedgerError
from ledger.errors import Erased, NotFound
from ledger.logged import LoggedRecord
from ledger.wire.envelope import TYP_CREDENTIAL

router = APIRouter(tags=["records"])

CREDENTIAL = "application/vc+sd-jwt"
SD_JWT = "application/sd-jwt"
_NO_RECORD = "no record has this id"
_ENVELOPE = answer("One envelope (RFC 9901): a credential or an event", media_type=CREDENTIAL)
_ENVELOPE["content"] |= answer("", media_type=SD_JWT)["content"]


def _find(parts: Services, record_id: str) -> LoggedRecord:
    """A record by the id in an address. What is malformed, not held, or another person's is told in the same words.

    raises  NotFound
    """
    try:
        return parts.ledger.record(record_id_of(record_id))
    except NotFound as error:
        raise NotFound(_NO_RECORD) from error


def _check_not_erased(parts: Services, logged: LoggedRecord) -> None:
    """raises  Erased"""
    if not logged.sealed:
        return
    try:
        parts.ledger.envelope(logged)
    except LedgerError as error:
        if error.code == Erased.code:
            raise Erased("the record was erased at the holder's request; the log keeps its place") from error
        raise


@router.get(
    "/v1/records/{record_id}",
    summary="The signed bytes without disclosures",
    responses=documented({200: _ENVELOPE}, "not-found", "erased"),
)
def record(request: Request, record_id: str) -> Response:
    """What the institution signed: the log entry and `~`. Credentials and events differ in their media type."""
    parts = services(request)
    logged = _find(parts, record_id)
    _check_not_erased(parts, logged)
    media_type = CREDENTIAL if logged.header["typ"] == TYP_CREDENTIAL else SD_JWT
    return bytes_answer(request, logged.leaf + b"~", media_type=media_type, cache=PUBLIC_MINUTE)


@router.get(
    "/v1/records/{record_id}/receipt",
    summary="The current proof that the record is in the log",
    responses=documented({200: answer("c2sp.org/tlog-proof@v1", media_type="text/plain")}, "not-found", "not-ready"),
)
def receipt(request: Request, record_id: str) -> Response:
    """A proof under the latest checkpoint that covers the record."""
    parts = services(request)
    proof = proof_of(parts.ledger.receipt(_find(parts, record_id).record_id))
    return bytes_answer(request, proof, media_type="text/plain; charset=utf-8", cache="no-cache")


@router.get(
    "/v1/records/{record_id}/pack",
    summary="The evidence pack (zip), for the record's holder or issuer",
    responses=documented(
        {200: answer("Evidence pack", media_type="application/zip")},
        "unauthenticated",
        "token-invalid",
        "not-found",
        "erased",
    ),
    openapi_extra={"security": SIGNED_IN},
)
def pack(request: Request, record_id: str) -> Response:
    """Everything a stranger needs to check this one record offline. For anybody else the record does not exist here."""
    parts = services(request)
    principal = parts.sign_in.require(request)
    logged = _find(parts, record_id)
    if not _may_export(principal, logged, parts):
        raise NotFound(_NO_RECORD)
    _check_not_erased(parts, logged)
    content = zip_pack(build_pack(parts.ledger, logged.record_id))
    headers = {
        "Content-Disposition": f'attachment; filename="{logged.record_id[:16]}.zip"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="application/zip", headers=headers)


def _may_export(principal: Principal, logged: LoggedRecord, parts: Services) -> bool:
    """Whether a principal is the record's holder or its issuer."""
    if principal.role == "worker":
        return principal.subject is not None and logged.stream in parts.ledger.linked(principal.subject)
    if principal.role == "institution" and principal.institution is not None:
        issuer = parts.ledger.registry().issuer(str(logged.payload.get("iss")))
        return issuer is not None and issuer.uscc == principal.institution
    return False
