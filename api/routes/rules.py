"""Rules for anyone: every version that was published, when it held, and what changed from one to another."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api.comparing import differences
from api.openapi import answer, documented
from api.routes._answers import PUBLIC_MINUTE, json_answer
from api.services import Services, services
from ledger.clock import civil_date
from ledger.errors import NotFound
from ledger.rulebook import RuleVersion
from ledger.rules._books import BOOKS

router = APIRouter(tags=["rules"])

_RULE = Path(pattern=r"^[A-Z][A-Z0-9_-]{0,63}$", max_length=64)
_COMPARE = Query(pattern=r"^[1-9][0-9]{0,4},[1-9][0-9]{0,4}$", max_length=11, description="Two versions, such as 1,2")


def _version(parts: Services, one: RuleVersion) -> dict[str, Any]:
    publisher = parts.ledger.registry().issuer(one.publisher)
    return {
        "rule": one.rule,
        "version": one.version,
        "book": one.book,
        "hash": one.hash,
        "title": one.title,
        "from": one.starts.isoformat(),
        "until": None if one.until is None else one.until.isoformat(),
        "status": one.status,
        "in_force": one.holds_on(civil_date(parts.clock.now_seconds())),
        "publisher": one.publisher,
        "publisher_name": None if publisher is None else publisher.name,
        "published_at_index": one.published_at,
    }


@router.get(
    "/v1/rules",
    summary="Every rule with all its versions, without their contents",
    responses=documented({200: answer("Rule books and rules", schema="Object")}, "parameter-invalid"),
)
def rules(
    request: Request, book: Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9-]{0,63}$", max_length=64)] = None
) -> Response:
    """Rules by number; `book` chooses one rule book."""
    parts = services(request)
    held, size = parts.ledger.registry().rules, parts.ledger.size()
    found = [held.of(rule) for rule in sorted(held.versions)]
    listed = [
        {"rule": versions[0].rule, "book": versions[0].book, "versions": [_version(parts, one) for one in versions]}
        for versions in found
        if book in {None, versions[0].book}
    ]
    books = [{"book": name, "label": dict(BOOKS[name].LABEL)} for name in sorted(BOOKS)]
    return json_answer({"size": size, "books": books, "rules": listed}, cache=PUBLIC_MINUTE)


@router.get(
    "/v1/rules/{rule}",
    summary="One rule: the history of its versions with their contents, or what two of them differ in",
    responses=documented({200: answer("The rule", schema="Object")}, "not-found", "parameter-invalid"),
)
def one_rule(
    request: Request, rule: Annotated[str, _RULE], compare: Annotated[str | None, _COMPARE] = None
) -> Response:
    """A rule by its number. A content's provenance says whether it is official, observed or a sample."""
    parts = services(request)
    versions = parts.ledger.registry().rules.of(rule)
    if not versions:
        raise NotFound("no rule has this number")
    told = [_version(parts, one) for one in versions]
    content: dict[str, Any] = {"size": parts.ledger.size(), "rule": rule, "book": versions[0].book}
    if compare is None:
        content["versions"] = [
            {**described, "content": dict(one.content)} for described, one in zip(told, versions, strict=True)
        ]
        return json_answer(content, cache=PUBLIC_MINUTE)
    chosen = [int(number) for number in compare.split(",")]
    if max(chosen) > len(versions):
        raise NotFound(f"the rule has {len(versions)} versions")
    old, new = (versions[number - 1] for number in chosen)
    changed = differences(dict(old.content), dict(new.content))
    content["versions"] = [told[number - 1] for number in chosen]
    content["changes"] = [{"path": one.path, "old": one.old, "new": one.new} for one in changed]
    return json_answer(content, cache=PUBLIC_MINUTE)
