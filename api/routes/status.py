"""Status lists for anyone, as signed credentials."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.openapi import answer, documented
from api.routes._answers import bytes_answer
from api.services import services
from ledger.errors import NotFound

router = APIRouter(tags=["status"])


@router.get(
    "/status/{uscc}/{number}/{purpose}",
    summary="A status list (W3C BitstringStatusListCredential, VC-JOSE)",
    responses=documented({200: answer("Signed list", media_type="application/vc+jwt")}, "not-found"),
)
def status_list(request: Request, uscc: str, number: str, purpose: str) -> Response:
    """The list that a record's `credentialStatus` names."""
    if not (number.isascii() and number.isdigit() and len(number) <= 9 and str(int(number)) == number):
        raise NotFound("no status list has this address")
    parts = services(request)
    signed = parts.status_lists.signed(uscc=uscc, number=int(number), purpose=purpose)
    seconds = max(0, min(60, signed.valid_until - parts.clock.now_seconds()))
    return bytes_answer(request, signed.jwt, media_type="application/vc+jwt", cache=f"public, max-age={seconds}")
