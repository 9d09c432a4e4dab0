"""The kinds of record: what each looks like, derived from the one file that defines it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.openapi import answer, documented
from api.routes._answers import PUBLIC_MINUTE, json_answer
from ledger.errors import NotFound
from ledger.records import KINDS

router = APIRouter(tags=["kinds"])


@lru_cache(maxsize=256)
def describe(name: str) -> dict[str, Any]:
    """A kind as JSON: label, schema, disclosures and an example.

    name    kind and version, a key of KINDS
    raises  KeyError
    """
    kind = KINDS[name]
    return {
        "kind": name,
        "label": dict(kind.LABEL),
        "typ": kind.TYP,
        "disclosures": list(kind.DISCLOSED),
        "signers": sorted(kind.SIGNERS),
        "retention": kind.RETENTION,
        "has_status": kind.STATUS,
        "has_code": kind.CODE,
        "schema": kind.json_schema(),
        "payload_schema": kind.payload_schema(),
        "example": {part: dict(values) for part, values in kind.EXAMPLE.items()},
    }


@router.get(
    "/v1/kinds", summary="Every kind of record", responses=documented({200: answer("All kinds", schema="Kinds")})
)
def kinds() -> Response:
    """All kinds, newest version of each last."""
    return json_answer({"kinds": [describe(name) for name in sorted(KINDS)]}, cache=PUBLIC_MINUTE)


@router.get(
    "/v1/kinds/{kind:path}",
    summary="One kind of record; without a version, its newest",
    responses=documented({200: answer("The kind", schema="Kind")}, "not-found"),
)
def one_kind(kind: str) -> Response:
    """A kind by its name, such as `skill-certificate/1` or `skill-certificate`."""
    versions = [name for name in KINDS if name.partition("/")[0] == kind]
    name = kind if kind in KINDS else max(versions, key=lambda one: int(one.rpartition("/")[2]), default=None)
    if name is None:
        raise NotFound("no kind of record has this name")
    return json_answer(describe(name), cache=PUBLIC_MINUTE)
