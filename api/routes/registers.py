"""Registers: talent and honours as numbers for anybody, keys in full, and for the authority whom to nominate."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.openapi import SIGNED_IN, answer, documented
from api.problems import RequestRefused
from api.routes._answers import PUBLIC_MINUTE, json_answer
from api.routes.institutions import find_institution
from api.services import services
from ledger.clock import format_instant
from ledger.records._contest import CLASSES
from ledger.rules.ladder import HIGH_SKILLED_FROM
from projections import honours, talent_register
from projections._base import Value
from projections._counting import CELL_MIN, Counts, withheld
from projections.honours import Nominee
from projections.key_history import KeyLife, key_history

router = APIRouter(tags=["register"])

BY_CHARS_MAX: Final = 100
By = Annotated[str, Query(max_length=BY_CHARS_MAX, description="dimensions, separated by commas")]
Region = Annotated[str | None, Query(pattern=r"^[0-9]{2,6}$", description="region code or its beginning")]
Occupation = Annotated[
    str | None, Query(pattern=r"^[1-8](-[0-9]{2}){0,3}$", description="occupation code or its first segments")
]
Address = Annotated[str | None, Query(max_length=200)]


def _chosen(parameter: str, text: str, known: Collection[str]) -> tuple[str, ...]:
    """raises  RequestRefused"""
    names = tuple(dict.fromkeys(name for name in text.split(",") if name))
    if not set(known) >= set(names):
        raise RequestRefused(f"{parameter}: expected some of {', '.join(known)}, separated by commas")
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
        by=_chosen("by", by, talent_register.DIMENSIONS),
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
        by=_chosen("by", by, honours.DIMENSIONS),
        chosen=honours.Chosen(award_code=award, tier=tier, year=year, region=region, body=body),
    )
    return json_answer(counts_json(found), cache=PUBLIC_MINUTE)


@router.get(
    "/v1/nomination-pool",
    summary="Whom to nominate for honours first: high-skilled talent with contest medals",
    responses=documented(
        {200: answer("Record ids, newest medal first", schema="Object")},
        "unauthenticated",
        "token-invalid",
        "forbidden",
        "parameter-invalid",
    ),
    openapi_extra={"security": SIGNED_IN},
)
def nomination_pool(
    request: Request,
    *,
    classes: Annotated[str, Query(max_length=200, description="classes of contests, separated by commas")] = ",".join(
        sorted(honours.PRIORITY_CLASSES)
    ),
    occupation: Occupation = None,
) -> Response:
    """For the authority: people by the records that put them here, which say to whoever may open them who they are."""
    parts = services(request)
    parts.sign_in.require(request, "authority")
    found = honours.nomination_pool(
        parts.ledger.views(),
        as_of_seconds=parts.clock.now_seconds(),
        linked=parts.ledger.linked,
        contest_classes=_chosen("classes", classes, CLASSES),
        occupation=occupation,
    )
    content = {
        "as_of": format_instant(found.as_of_seconds),
        "size": found.size,
        "nominees": [_nominee(one) for one in found.nominees],
    }
    return json_answer(content)


def _nominee(found: Nominee) -> dict[str, Any]:
    return {
        "record_id": found.entry.record_id,
        "occupation": found.entry.occupation,
        "level_order": found.entry.level_order,
        "medals": [
            {
                "record_id": won.record_id,
                "contest": won.contest_name,
                "contest_class": won.contest_class,
                "rank": won.contest_rank,
                "medal": won.medal,
                "occupation": won.occupation,
                "won_on": won.won_on,
            }
            for won in found.medals
        ],
    }


@router.get(
    "/v1/institutions/{uscc}/keys",
    summary="Every key of an institution with its life",
    responses=documented({200: answer("Keys in the order of registration", schema="Object")}, "not-found"),
)
def keys(request: Request, uscc: str) -> Response:
    """What happened to each key, by log index and record: registered, ended and why, suspect, recovered, confirmed."""
    parts = services(request)
    found = key_history(parts.ledger.views(), find_institution(parts, uscc).issuer)
    content = {"issuer": found.issuer, "size": found.size, "keys": [_life(one) for one in found.keys]}
    return json_answer(content, cache=PUBLIC_MINUTE)


def _life(found: KeyLife) -> dict[str, Any]:
    return {
        "kid": found.kid,
        "alg": found.alg,
        "use": found.use,
        "registered_at_index": found.registered_at,
        "revoked_at_index": found.revoked_at,
        "reason": found.reason,
        "suspect_since_index": found.suspect_since,
        "replaces": found.replaces,
        "confirmed": [{"index": index, "by": list(by)} for index, by in sorted(found.confirmed.items())],
        "events": [
            {"index": one.log_index, "event": one.event, "record_id": one.record_id, "reason": one.reason}
            for one in found.events
        ],
    }
