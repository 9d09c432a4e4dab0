"""Whether the server lives, is ready, and what it counts."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

import projections
from api.openapi import answer, documented
from api.problems import NotReady
from api.routes._answers import json_answer
from api.services import Services, services
from ledger.log.checkpoint import parse_checkpoint
from ledger.log.note import parse_note
from projections._live import reflects

router = APIRouter(tags=["operation"])

VIEWS: Final = tuple(view.NAME for view in projections.VIEWS)


@router.get("/livez", summary="The process answers", responses=documented({200: answer("Alive", schema="Object")}))
async def livez() -> Response:
    """Alive: says nothing about the store."""
    return json_answer({"live": True})


@router.get(
    "/readyz",
    summary="A validly signed checkpoint near the head, and views near the head",
    responses=documented({200: answer("Ready", schema="Object")}, "not-ready"),
)
def readyz(request: Request) -> Response:
    """Ready to serve; otherwise 503."""
    keeper = getattr(request.app.state, "keeper", None)
    if keeper is not None and keeper.failure is not None:
        raise NotReady("the views have stopped following the log; see the server's log")
    return json_answer(readiness(services(request)))


def readiness(parts: Services) -> dict[str, Any]:
    """Sizes of log, checkpoint and views.

    raises  NotReady when the published checkpoint or a view lags by more than the settings allow, StoreUnavailable
    """
    if parts.ledger.failure() is not None:
        raise NotReady("checkpoints are not being published; the witnesses or the signer do not answer")
    size = parts.ledger.size()
    checkpoint = parse_checkpoint(parse_note(parts.ledger.checkpoint()).text)
    views = {name: reflects(parts.ledger.views(), name) for name in VIEWS}
    lag = parts.settings.view_lag_records_max
    if size - checkpoint.size > lag:
        raise NotReady("the published checkpoint is too far behind the log")
    behind = [name for name, position in views.items() if size - position > lag]
    if behind:
        raise NotReady("views too far behind the log: " + ", ".join(behind))
    return {"ready": True, "size": size, "checkpoint_size": checkpoint.size, "views": views}


@router.get(
    "/metrics",
    summary="Counters (Prometheus text)",
    responses=documented({200: answer("Metrics", media_type="text/plain")}),
)
def metrics(request: Request) -> Response:
    """What the process counts."""
    parts = services(request)
    headers = {"Cache-Control": "no-store"}
    return Response(parts.metrics.text(parts.ledger), media_type=CONTENT_TYPE_LATEST, headers=headers)
