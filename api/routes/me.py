"""What a signed-in worker sees of their own: archive, talent proof, credits. The subject comes from the credential."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.openapi import SIGNED_IN, answer, documented
from api.routes._answers import RECORD_ID, json_answer
from api.routes._career import career_json, cited_json, talent_json
from api.services import Services, services
from api.talentproof import MEDIA_TYPE, talent_proof
from ledger.clock import format_instant
from ledger.errors import NotFound
from ledger.records import KINDS
from ledger.registry import Institution
from ledger.rules.continuing_education import ContinuingEducation, requirement_of
from projections._links import Links
from projections._live import reading
from projections._mentors import won_by_apprentices
from projections.archive import Archive, archive, links
from projections.credit_account import NAME as CREDITS
from projections.credit_account import Account, account
from projections.talent_register import membership, passages

router = APIRouter(tags=["worker"])

_SECURITY: dict[str, Any] = {"security": SIGNED_IN}


def _subject(request: Request, parts: Services) -> UUID:
    """raises  Unauthenticated, TokenInvalid, Forbidden, NotFound when no institution has recorded anything yet"""
    principal = parts.sign_in.require(request, "worker")
    if principal.subject is None:
        raise NotFound("no institution has recorded anything for this account yet")
    return principal.subject


def archive_json(found: Archive, linked: Links) -> dict[str, Any]:
    """The timeline as JSON; each item carries its kind's label in both languages."""
    items = [
        {
            "record_id": item.record_id,
            "index": item.index,
            "kind": item.kind,
            "label": dict(KINDS[item.kind].LABEL) if item.kind in KINDS else {},
            "title": item.title,
            "issuer": item.issuer,
            "occupation": item.occupation,
            "level_order": item.level_order,
            "achieved_on": item.achieved_on,
            "minutes": item.minutes,
            "credits_centi": item.credits_centi,
            "award_code": item.award_code,
            "valid_from": _instant(item.valid_from),
            "valid_until": _instant(item.valid_until),
            "state": item.state,
            "reason": item.standing.reason,
            "replaced_by": item.standing.replaced_by,
            "counts": item.counts,
            "group": item.details.group_id,
            "role": item.details.role,
            "rests_on": cited_json(linked.rests_on.get(item.record_id, ())),
            "cited_by": cited_json(linked.cited_by.get(item.record_id, ())),
        }
        for item in found.items
    ]
    return {
        "subject": str(found.subject),
        "size": found.size,
        "as_of": format_instant(found.as_of_seconds),
        "items": items,
        "totals": dict(found.totals),
        "highest_levels": dict(found.highest_levels),
        "minutes": found.minutes,
    }


def _instant(seconds: int | None) -> str | None:
    return None if seconds is None else format_instant(seconds)


@router.get(
    "/v1/me/archive",
    summary="The signed-in worker's archive",
    responses=documented(
        {200: answer("Archive, newest first", schema="Object")},
        "unauthenticated",
        "token-invalid",
        "forbidden",
        "not-found",
    ),
    openapi_extra=_SECURITY,
)
def my_archive(request: Request) -> Response:
    """Everything that institutions recorded about the signed-in worker."""
    parts = services(request)
    subject = _subject(request, parts)
    ledger, views = parts.ledger, parts.ledger.views()
    registry = ledger.registry()

    def requirement(year: int) -> ContinuingEducation | None:
        return requirement_of(registry.rules, year, publisher=registry.authority)

    def is_restricted(apprentice: UUID) -> bool:
        worker = ledger.worker(ledger.linked(apprentice)[0])
        return worker is None or worker.restricted_at is not None

    subjects, now = ledger.linked(subject), parts.clock.now_seconds()
    found = archive(views, *subjects, as_of_seconds=now)
    won = won_by_apprentices(views, found, is_restricted=is_restricted)
    talent = talent_json(membership(views, *subjects, as_of_seconds=now), passages(views, *subjects, as_of_seconds=now))
    timeline = archive_json(found, links(views, found))
    return json_answer({**timeline, **career_json(found, requirement=requirement, won=won), "talent": talent})


@router.get(
    "/v1/me/talent-proof",
    summary="人才证明: proof that the signed-in worker is high-skilled talent",
    responses=documented(
        {200: answer("Compact JWT, signed by the service", media_type=MEDIA_TYPE)},
        "unauthenticated",
        "token-invalid",
        "forbidden",
        "not-found",
        "parameter-invalid",
    ),
    openapi_extra=_SECURITY,
)
def my_talent_proof(
    request: Request,
    record: Annotated[str | None, Query(pattern=RECORD_ID, description="which entry of the register to show")] = None,
    purpose: Annotated[str | None, Query(min_length=1, max_length=100, description="what it is to be used for")] = None,
) -> Response:
    """A statement for other offices that names occupation, level and record, and nobody; for thirty days at most."""
    parts = services(request)
    subject = _subject(request, parts)
    found = membership(parts.ledger.views(), *parts.ledger.linked(subject), as_of_seconds=parts.clock.now_seconds())
    entry = next((one for one in found.entries if record in (None, one.record_id)), None)
    if entry is None:
        raise NotFound("no valid level from 高级工 up is recorded, or not by this record")
    proof = talent_proof(
        found,
        entry,
        signer=parts.status_lists.signer,
        issuer=parts.status_lists.issuer,
        origin=parts.ledger.origin,
        purpose=purpose,
    )
    return Response(proof, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


@router.get(
    "/v1/me/credits",
    summary="The signed-in worker's credit accounts",
    responses=documented(
        {200: answer("One account a scheme", schema="Object")},
        "unauthenticated",
        "token-invalid",
        "forbidden",
        "not-found",
    ),
    openapi_extra=_SECURITY,
)
def my_credits(request: Request) -> Response:
    """Every credit, with the rule and the sources it rests on."""
    parts = services(request)
    subject = _subject(request, parts)
    engine, now = parts.ledger.views(), parts.clock.now_seconds()
    with reading(engine, CREDITS) as live:
        rows = live.select(
            "SELECT DISTINCT scheme FROM credit_totals{g} WHERE stream = ? ORDER BY scheme", (str(subject),)
        )
        size = live.size
    worker = parts.ledger.worker(parts.ledger.linked(subject)[0])
    if worker is not None and worker.erased_at is not None:
        rows = []  # credits rest on consent, and what rested on it was erased
    accounts = [account(engine, subject, scheme=scheme, as_of_seconds=now) for (scheme,) in rows]
    registry = parts.ledger.registry()
    content = {
        "subject": str(subject),
        "size": size,
        "as_of": format_instant(now),
        "accounts": [_account_json(one, registry.issuer(one.scheme)) for one in accounts],
    }
    return json_answer(content)


def _account_json(found: Account, institution: Institution | None) -> dict[str, Any]:
    """An account; where credits went into a course, its scheme is the institution's id and its name the register's."""
    lots = [
        {
            "lot_id": lot.lot_id,
            "transfer": lot.transfer,
            "index": lot.index,
            "amount_centi": lot.amount_centi,
            "available_centi": lot.available_centi,
            "reserved_centi": lot.reserved_centi,
            "transferred_out_centi": lot.transferred_out_centi,
            "voided_centi": lot.voided_centi,
            "affected": lot.affected,
            "moved_on": lot.moved_on,
            "rule": {"id": lot.rule[0], "version": lot.rule[1], "hash": lot.rule[2]},
            "sources": list(lot.sources),
        }
        for lot in found.lots
    ]
    return {
        "scheme": found.scheme,
        "name": found.scheme if institution is None else institution.name,
        "in_centi": found.in_centi,
        "out_centi": found.out_centi,
        "available_centi": found.available_centi,
        "lots": lots,
    }
