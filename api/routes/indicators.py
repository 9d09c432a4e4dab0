"""Indicators for anyone: numbers of a region and year, with formulas and denominators. Small cells are hidden."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.openapi import SIGNED_IN, answer, documented
from api.routes._answers import PUBLIC_MINUTE, USCC, json_answer
from api.routes._days import Region
from api.routes.institutions import find_institution
from api.services import Services, services
from ledger.clock import civil_date, format_instant
from projections._counting import CELL_MIN, withheld
from projections._indicator_texts import GOALS, Measured, measured
from projections._moment import end_of
from projections.carriers import register
from projections.indicators import Numbers, cells, numbers, records_behind

router = APIRouter(tags=["register"])

Year = Annotated[int | None, Query(ge=1949, le=2200, description="The current year when left out")]
Denominator = Annotated[int | None, Query(ge=1, le=10_000_000_000)]


def shown(count: int) -> int | None:
    """A count that may be published; None for a small one, by which few people could be told apart."""
    return None if 0 < count < CELL_MIN else count


def published(rows: Sequence[dict[str, Any]], counted: str) -> tuple[list[dict[str, Any]], int]:
    """Rows that may be published, and how many were left out.

    counted  the member that holds the count
    """
    hidden = withheld([row[counted] for row in rows])
    return [row for place, row in enumerate(rows) if place not in hidden], len(hidden)


def as_of(parts: Services, year: int | None) -> tuple[int, int]:
    """A year, this one where none is named, and the instant that it is judged at: its end, or now."""
    now = parts.clock.now_seconds()
    wanted = civil_date(now).year if year is None else year
    return wanted, min(now, end_of(date(wanted, 12, 31)))


@router.get(
    "/v1/indicators",
    summary="Indicators of a region and year: formula, numerator, denominator, and supply by occupation and level",
    responses=documented({200: answer("Indicators", schema="Object")}, "not-found", "parameter-invalid"),
)
def indicators(  # noqa: PLR0917 - FastAPI calls it by name
    request: Request,
    region: Region = "",
    year: Year = None,
    employed: Denominator = None,
    workers: Denominator = None,
    graduates: Denominator = None,
    school: Annotated[str | None, Query(pattern=USCC, max_length=18)] = None,
) -> Response:
    """Numerators come from the ledger. What it cannot know comes as a parameter and stands in the answer.

    `employed` persons, `workers` and `graduates` are denominators; `school` restricts graduates to one school.
    """
    parts = services(request)
    wanted, instant = as_of(parts, year)
    engine, linked = parts.ledger.views(), parts.ledger.linked
    issuer = None if school is None else find_institution(parts, school).issuer
    found = numbers(engine, region=region, year=wanted, as_of_seconds=instant, linked=linked, school=issuer)
    given = {"employed": employed, "workers": workers, "graduates": graduates}
    supply, hidden = _supply(parts, found, region, instant)
    content = {
        "region": region,
        "year": wanted,
        "school": school,
        "as_of": format_instant(instant),
        "size": found.size,
        "cell_min": CELL_MIN,
        "withheld_cells": hidden,
        "given": given,
        "indicators": [_measured_json(one) for one in measured(found, region=region, given=given)],
        "goals": _goals(parts, found, region, instant),
        **supply,
    }
    return json_answer(content, cache=PUBLIC_MINUTE)


def _measured_json(one: Measured) -> dict[str, Any]:
    """An indicator; numerator and value are hidden where either number is small."""
    definition = one.definition
    small = shown(one.numerator) is None or (one.denominator is not None and shown(one.denominator) is None)
    return {
        "id": definition.id,
        "requirement": definition.number,
        "label": {"zh": definition.zh, "en": definition.en},
        "formula": {"zh": definition.formula_zh, "en": definition.formula_en},
        "unit": definition.unit,
        "numerator": shown(one.numerator),
        "denominator": None if one.denominator is None else shown(one.denominator),
        "denominator_parameter": definition.given,
        "value": None if small else one.value,
        "target": one.target,
        "withheld": small,
    }


def _goals(parts: Services, found: Numbers, region: str, instant: int) -> list[dict[str, Any]]:
    """How many of what a region is to have, where a policy paper says so."""
    goals = [goal for goal in GOALS if goal.region == region]
    if not goals:
        return []
    carriers = register(parts.ledger.views(), as_of_seconds=instant, region=region).counts()
    told = []
    for goal in goals:
        count: int | None = (
            carriers.get(goal.carrier, 0) if goal.carrier else shown(found.awards.get(goal.award or "", 0))
        )
        told.append({"zh": goal.zh, "at_least": goal.at_least, "count": count, "withheld": count is None})
    return told


def _supply(parts: Services, found: Numbers, region: str, instant: int) -> tuple[dict[str, Any], int]:
    """Persons by occupation and highest level, and certificates by occupation, level, region and year of issue."""
    persons, few = published(
        [{"occupation": code, "level_order": order, "persons": n} for (code, order), n in found.by_level.items()],
        "persons",
    )
    counted = cells(parts.ledger.views(), region=region, as_of_seconds=instant, linked=parts.ledger.linked)
    certificates, fewer = published(
        [
            {
                "occupation": one.occupation,
                "level_order": one.level_order,
                "region": one.region,
                "year": one.year,
                "certificates": one.certificates,
            }
            for one in counted
        ],
        "certificates",
    )
    awards, fewest = published([{"award": code, "persons": n} for code, n in found.awards.items()], "persons")
    return {"supply": persons, "certificates": certificates, "awards": awards}, few + fewer + fewest


@router.get(
    "/v1/indicators/records",
    summary="The records that a number counts, for the authority",
    responses=documented(
        {200: answer("Log indexes and record ids, in the order of the log", schema="Object")},
        "unauthenticated",
        "token-invalid",
        "forbidden",
        "parameter-invalid",
    ),
    openapi_extra={"security": SIGNED_IN},
)
def indicator_records(  # noqa: PLR0917 - FastAPI calls it by name
    request: Request,
    what: Literal["level", "award", "diploma", "job"] = "level",
    region: Region = "",
    year: Year = None,
    code: Annotated[str | None, Query(pattern=r"^[0-9A-Za-z-]{1,64}$", max_length=64)] = None,
    level_order: Annotated[int | None, Query(ge=1, le=8)] = None,
    after: Annotated[int, Query(ge=-1, le=2**53)] = -1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """The way from a number down to what it rests on. `code` is an occupation, an award or a level of education."""
    parts = services(request)
    parts.sign_in.require(request, "authority")
    wanted, instant = as_of(parts, year)
    found = records_behind(
        parts.ledger.views(),
        region=region,
        as_of_seconds=instant,
        linked=parts.ledger.linked,
        what=what,
        code=code,
        level_order=level_order,
        after=after,
        limit=limit,
    )
    listed = [{"index": index, "record_id": record_id} for index, record_id in found]
    return json_answer({"year": wanted, "as_of": format_instant(instant), "records": listed})
