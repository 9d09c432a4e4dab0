"""The public register of carriers: bases, studios, colleges and parks. It names no person."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.openapi import answer, documented
from api.routes._answers import PUBLIC_MINUTE, json_answer
from api.routes._days import Day, Region, day_of
from api.services import services
from ledger.clock import format_instant
from ledger.records.carrier_graded import GRADES
from ledger.records.carrier_registered import CARRIER_TYPES
from projections._moment import end_of
from projections.carriers import Carrier, register

router = APIRouter(tags=["register"])

_TYPE = Query(alias="type", pattern=f"^({'|'.join(CARRIER_TYPES)})$", max_length=64)
_GRADE = Query(pattern=f"^({'|'.join(GRADES)})$", max_length=16)


def carrier_json(found: Carrier) -> dict[str, Any]:
    """A carrier with its labels."""
    return {
        "record_id": found.record_id,
        "number": found.number,
        "type": found.type,
        "label": dict(CARRIER_TYPES.get(found.type, {})),
        "name": found.name,
        "region": found.region,
        "founded": found.founded,
        "document": found.document,
        "owners": list(found.owners),
        "grade": found.grade,
        "grades": [
            {
                "since": one.since,
                "grade": one.grade,
                "label": dict(GRADES.get(one.grade, {})),
                "document": one.document,
                "record_id": one.record_id,
            }
            for one in found.grades
        ],
        "leads": found.leads,
        "deputies": found.deputies,
        "ended": found.ended,
        "reason": found.reason,
    }


@router.get(
    "/v1/carriers",
    summary="Carriers with type, owners, grade history and number of lead persons",
    responses=documented({200: answer("Carriers, by number", schema="Object")}, "parameter-invalid"),
)
def carriers(
    request: Request,
    region: Region = "",
    carrier_type: Annotated[str | None, _TYPE] = None,
    grade: Annotated[str | None, _GRADE] = None,
    on: Day = None,
) -> Response:
    """The register as of a civil date; carriers that ended say when and why."""
    parts = services(request)
    now = parts.clock.now_seconds()
    as_of = min(now, end_of(day_of(on, now_seconds=now)))
    found = register(parts.ledger.views(), as_of_seconds=as_of, region=region, carrier_type=carrier_type)
    listed = [carrier_json(one) for one in found.carriers if grade in {None, one.grade}]
    counts = [{"type": kind, "grade": word, "carriers": count} for (kind, word), count in found.counts().items()]
    content = {"size": found.size, "as_of": format_instant(as_of), "carriers": listed, "counts": counts}
    return json_answer(content, cache=PUBLIC_MINUTE)
