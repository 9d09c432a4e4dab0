"""Registers that anybody may read as numbers: high-skilled talent and honours. Small cells are withheld."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.openapi import answer, documented
from api.problems import RequestRefused
from api.routes._answers import PUBLIC_MINUTE, json_answer
from api.services import services
from ledger.clock import format_instant
from ledger.rules.ladder import HIGH_SKILLED_FROM
from projections import honours, talent_register
from projections._base import Value
from projections._counting import CELL_MIN, Counts, withheld

router = APIRouter(tags=["register"])

BY_CHARS_MAX: Final = 100
By = Annotated[str, Query(max_length=BY_CHARS_MAX, description="dimensions, separated by commas")]
Region = Annotated[str | None, Query(pattern=r"^[0-9]{2,6}$", description="region code or its beginning")]
Occupation = Annotated[
    str | None, Query(pattern=r"^[1-8](-[0-9]{2}){0,3}$", description="occupation code or its first segments")
]
Address = Annotated[str | None, Query(max_length=200)]


def _dimensions(by: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """raises  RequestRefused"""
    names = tuple(dict.fromkeys(name for name in by.split(",") if name))
    if not known.keys() >= set(names):
        raise RequestRefused(f"by: expected some of {', '.join(known)}, separated by commas")
    return names


def counts_json(found: Counts) -> dict[str, Any]:
    """Counts as everybody may read them: cells of fewer than `cell_min` persons, and what would give them away, are not
    told, and of what they add up to only how many they are.
    """
    hidden = withheld([cell.persons for cell in found.cells])
    cells: list[dict[str, Value]] = [
        {**dict(zip(found.by, cell.values, strict=True)), "persons": cell.persons}
        for place, cell in enumerate(found.cells)
        if place not in hidden
    ]
    return {
        "as_of": format_instant(found.as_of_seconds),
        "size": found.size,
        "by": list(found.by),
        "cell_min": CELL_MIN,
        "persons": found.persons if found.persons >= CELL_MIN or found.persons == 0 else None,
        "cells": cells,
        "withheld_cells": len(hidden),
    }


@router.get(
    "/v1/talent-register",
    summary="高技能人才库: how many hold a valid level from 高级工 up",
    responses=documented({200: answer("Counts by cell", schema="Object")}, "parameter-invalid"),
)
def talents(
    request: Request,
    *,
    by: By = "level",
    occupation: Occupation = None,
    level: Annotated[int | None, Query(ge=HIGH_SKILLED_FROM, le=8)] = None,
    region: Region = None,
    issuer: Address = None,
) -> Response:
    """High-skilled talent now, counted by occupation, level, province, city, region or issuer; nobody is named.

    Whoever holds levels in several occupations is counted once, and stands in the cell of each.
    """
    parts = services(request)
    found = talent_register.count(
        parts.ledger.views(),
        as_of_seconds=parts.clock.now_seconds(),
        linked=parts.ledger.linked,
        by=_dimensions(by, talent_register.DIMENSIONS),
        occupation=occupation,
        level_order=level,
        region=region,
        issuer=issuer,
    )
    return json_answer({**counts_json(found), "high_skilled_from": HIGH_SKILLED_FROM}, cache=PUBLIC_MINUTE)


@router.get(
    "/v1/honours",
    summary="表彰奖励: how many hold honours",
    responses=documented({200: answer("Counts by cell", schema="Object")}, "parameter-invalid"),
)
def honour_roll(
    request: Request,
    *,
    by: By = "award",
    award: Annotated[str | None, Query(pattern=r"^[A-Z][A-Z0-9_-]{0,63}$")] = None,
    tier: Annotated[str | None, Query(pattern=r"^(STATE|INDUSTRY|SOCIAL)$")] = None,
    year: Annotated[int | None, Query(ge=1949, le=9999)] = None,
    region: Region = None,
    body: Address = None,
) -> Response:
    """Holders of honours now, counted by award, tier, level, year, province, city or granting body; nobody is named."""
    parts = services(request)
    found = honours.count(
        parts.ledger.views(),
        as_of_seconds=parts.clock.now_seconds(),
        linked=parts.ledger.linked,
        by=_dimensions(by, honours.DIMENSIONS),
        chosen=honours.Chosen(award_code=award, tier=tier, year=year, region=region, body=body),
    )
    return json_answer(counts_json(found), cache=PUBLIC_MINUTE)
