"""The log for anyone: checkpoint and hash tiles (C2SP tlog-tiles). Entries themselves are not published."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.openapi import answer, documented
from api.routes._answers import BRIEF, IMMUTABLE, bytes_answer
from api.services import services
from ledger.errors import MalformedCheckpoint, NotFound
from ledger.log.tiles import parse_tile_path

router = APIRouter(tags=["log"])

_TEXT = "text/plain; charset=utf-8"
_TILE = "application/octet-stream"


@router.get(
    "/log/checkpoint",
    summary="The latest signed checkpoint with its cosignatures",
    responses=documented({200: answer("Signed note (C2SP tlog-checkpoint)", media_type="text/plain")}),
)
def checkpoint(request: Request) -> Response:
    """The latest published checkpoint."""
    return bytes_answer(request, services(request).ledger.checkpoint(), media_type=_TEXT, cache=BRIEF)


@router.get(
    "/log/tile/{path:path}",
    summary="A tile of at most 256 hashes",
    responses=documented({200: answer("Hashes of 32 bytes each", media_type=_TILE)}, "not-found"),
)
def tile(request: Request, path: str) -> Response:
    """A full tile, which never changes, or a partial one as it was at some published size."""
    try:
        found = parse_tile_path(f"tile/{path}")
    except MalformedCheckpoint as error:
        raise NotFound("no tile has this path") from error
    content = services(request).ledger.tile(found.level, found.number, found.width)
    return bytes_answer(request, content, media_type=_TILE, cache=IMMUTABLE)
