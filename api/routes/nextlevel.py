"""What the signed-in worker lacks for the next level, and what the levels held are good for."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.openapi import SIGNED_IN, answer, documented
from api.routes._answers import json_answer
from api.services import services
from ledger.clock import format_instant
from ledger.errors import NotFound
from ledger.records._codes import LEVELS, occupations
from ledger.rules.promotion import BOOK, Need, PromotionRule, parse_content
from projections.next_level import Aim, NextLevel, Way, held, next_level

router = APIRouter(tags=["worker"])

NOTES: dict[str, str] = {
    "zh": "年限按在册从业记录计算；年龄、专业对口由受理机构核实。结果仅供参考，以受理机构审核为准。",
    "en": "Years are counted from recorded employment; age and matching field are checked by the body that is applied "
    "to. This informs; that body decides.",
}


@lru_cache(maxsize=1)
def sample_conditions() -> PromotionRule:
    """The conditions that are taken where no published rule covers an occupation."""
    text = (resources.files("ledger.rules") / "samples/promotion_conditions.json").read_bytes()
    (one,) = [rule for rule in orjson.loads(text) if rule["book"] == BOOK]
    return parse_content(one["content"])


def next_level_json(found: NextLevel) -> dict[str, Any]:
    """One occupation as JSON. Without a published rule the conditions are marked as a sample, whatever they say."""
    version, conditions = found.rule, found.conditions
    rule: dict[str, Any] = {"published": version is not None, "provenance": "sample", "source": None}
    if version is not None:
        rule |= {"id": version.rule, "version": version.version, "hash": version.hash, "title": version.title}
    if conditions is not None:
        rule["source"] = conditions.source
        rule["provenance"] = "sample" if version is None else conditions.provenance
    return {
        "occupation": found.occupation,
        "name": occupations().get(found.occupation),
        "related": found.related,
        "level_order": found.held,
        "level": None if found.held is None else LEVELS[found.held].zh,
        "rule": rule,
        "targets": [_aim_json(aim, is_next=not place) for place, aim in enumerate(found.aims)],
        "equivalences": [
            {
                "zh": one.zh,
                "en": one.en,
                "condition": one.condition,
                "nature": one.nature,
                "rule": one.rule,
                "version": one.version,
                "as_of": one.as_of.isoformat(),
                "provenance": one.provenance,
            }
            for one in found.said
        ],
    }


def _aim_json(aim: Aim, *, is_next: bool) -> dict[str, Any]:
    return {
        "level_order": aim.order,
        "level": LEVELS[aim.order].zh,
        "next": is_next,
        "open": aim.is_open,
        "ways": [_way_json(way) for way in aim.ways],
    }


def _way_json(way: Way) -> dict[str, Any]:
    return {"text": way.option.text, "met": way.is_met, "needs": [_need_json(need) for need in way.option.needs]}


def _need_json(need: Need) -> dict[str, Any]:
    """A need in whole numbers; the worker's age is not looked up, so nothing is said of it."""
    known = need.what != "age"
    found, missing = (need.found, need.missing) if known else (None, None)
    return {"what": need.what, "unit": need.unit, "needed": need.needed, "found": found, "missing": missing}


@router.get(
    "/v1/me/next-level",
    summary="What the signed-in worker lacks for the next level, by occupation",
    responses=documented(
        {200: answer("Occupations with levels, ways and what is missing", schema="Object")},
        "unauthenticated",
        "token-invalid",
        "forbidden",
        "not-found",
    ),
    openapi_extra={"security": SIGNED_IN},
)
def my_next_level(request: Request) -> Response:
    """Computed now from what is recorded, by the rules in force today; nothing of it is stored."""
    parts = services(request)
    principal = parts.sign_in.require(request, "worker")
    if principal.subject is None:
        raise NotFound("no institution has recorded anything for this account yet")
    found = held(parts.ledger.views(), parts.ledger.linked(principal.subject), as_of_seconds=parts.clock.now_seconds())
    rules = parts.ledger.registry().rules
    content = {
        "subject": str(principal.subject),
        "size": found.size,
        "as_of": format_instant(found.as_of_seconds),
        "note": NOTES,
        "occupations": [
            next_level_json(next_level(found, rules, occupation=code, sample=sample_conditions()))
            for code in found.occupations()
        ],
    }
    return json_answer(content)
