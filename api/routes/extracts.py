"""What an institution, and what the authority, may ask about one institution: its signed extract, its quality."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api.openapi import SIGNED_IN, answer, documented
from api.problems import Forbidden
from api.routes._answers import USCC, json_answer
from api.routes._days import Day, day_of
from api.routes.institutions import find_institution
from api.services import Services, services
from api.tokens import sign_jwt
from keys.ids import format_kid
from ledger.clock import format_instant
from ledger.registry import Institution
from projections._moment import end_of
from projections._quality import Quality
from projections._quality_clues import CLUES, Thresholds, clues, days_late
from projections.employer_extract import extract
from projections.institution_quality import quality

router = APIRouter(tags=["register"])

EXTRACT_TYP: Final = "vnd.skill-ledger.extract+jwt"
_USCC = Path(pattern=USCC, max_length=18)
_SECURITY: dict[str, Any] = {"security": SIGNED_IN}


@router.get(
    "/v1/institutions/{uscc}/extract",
    summary="Who of the staff holds which level, counted and signed (JWT), for the institution itself",
    responses=documented(
        {200: answer("Signed extract", media_type="application/jwt")},
        "unauthenticated",
        "token-invalid",
        "forbidden",
        "not-found",
        "parameter-invalid",
    ),
    openapi_extra=_SECURITY,
)
def employer_extract(request: Request, uscc: Annotated[str, _USCC], on: Day = None) -> Response:
    """Numbers by occupation and level on a civil date: for bids, merit lists and qualifications. Nobody is named."""
    parts = services(request)
    principal = parts.sign_in.require(request, "institution")
    if principal.institution != uscc:
        raise Forbidden("an institution asks for its own extract")
    employer = find_institution(parts, uscc)
    now = parts.clock.now_seconds()
    day = day_of(on, now_seconds=now)
    found = extract(
        parts.ledger.views(),
        _issuers(parts, employer),
        as_of_seconds=min(now, end_of(day)),
        linked=parts.ledger.linked,
    )
    lists = parts.status_lists
    claims = {
        "iss": lists.issuer,
        "sub": employer.issuer,
        "iat": now,
        "employer": {"uscc": uscc, "name": employer.name},
        "on": day.isoformat(),
        "staff": found.staff,
        "skilled": found.skilled,
        "high_skilled": found.high_skilled,
        "holders": [
            {
                "occupation": row.occupation,
                "level_order": row.level_order,
                "holders": row.holders,
                "full_time": row.full_time,
            }
            for row in found.rows
        ],
        "log": {"origin": parts.ledger.origin, "size": found.size},
    }
    kid = format_kid(issuer=lists.issuer, jwk=lists.signer.jwk)
    token = sign_jwt(lists.signer, claims, typ=EXTRACT_TYP, kid=kid)
    return Response(token, media_type="application/jwt", headers={"Cache-Control": "no-store"})


def _issuers(parts: Services, employer: Institution) -> list[str]:
    """Issuer ids of an employer and of all whom it succeeded, its own first."""
    registry = parts.ledger.registry()
    if registry.is_authority(employer.issuer):  # it may act for anybody, and employs only its own
        return [employer.issuer]
    others = (one.issuer for one in registry.institutions.values() if one.successor is not None)
    return [employer.issuer, *sorted(one for one in others if registry.acts_for(employer.issuer, one))]


@router.get(
    "/v1/institutions/{uscc}/quality",
    summary="An institution's numbers, and clues to where it deserves a look, for the authority",
    responses=documented(
        {200: answer("Numbers, clues and the thresholds they were found by", schema="Object")},
        "unauthenticated",
        "token-invalid",
        "forbidden",
        "not-found",
        "parameter-invalid",
    ),
    openapi_extra=_SECURITY,
)
def institution_quality(  # noqa: PLR0917 - FastAPI calls it by name
    request: Request,
    uscc: Annotated[str, _USCC],
    on: Day = None,
    early_days: Annotated[int, Query(ge=1, le=366)] = 60,
    early_records: Annotated[int, Query(ge=1, le=1_000_000)] = 500,
    early_times_median: Annotated[int, Query(ge=0, le=1_000)] = 5,
    session_results: Annotated[int, Query(ge=1, le=10_000)] = 10,
    full_pass_basis_points: Annotated[int, Query(ge=0, le=10_000)] = 8_000,
    site_minutes: Annotated[int, Query(ge=1, le=14_400)] = 720,
    late_working_days: Annotated[int, Query(ge=0, le=60)] = 5,
    late_basis_points: Annotated[int, Query(ge=0, le=10_000)] = 1_000,
    revoked_basis_points: Annotated[int, Query(ge=0, le=10_000)] = 100,
    cases_upheld: Annotated[int, Query(ge=1, le=1_000)] = 1,
    records_max: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Clues are no findings and no penalties. The thresholds are yours; the answer repeats them."""
    parts = services(request)
    parts.sign_in.require(request, "authority")
    body = find_institution(parts, uscc)
    now = parts.clock.now_seconds()
    as_of = min(now, end_of(day_of(on, now_seconds=now)))
    engine = parts.ledger.views()
    limits = Thresholds(
        early_days=early_days,
        early_records=early_records,
        early_times_median=early_times_median,
        session_results=session_results,
        full_pass_basis_points=full_pass_basis_points,
        site_minutes=site_minutes,
        late_working_days=late_working_days,
        late_basis_points=late_basis_points,
        revoked_basis_points=revoked_basis_points,
        cases_upheld=cases_upheld,
        records_max=records_max,
    )
    found = quality(engine, issuer=body.issuer, uscc=uscc, as_of_seconds=as_of)
    made = [
        {
            "code": clue.code,
            "label": dict(CLUES[clue.code]),
            "value": clue.value,
            "threshold": clue.threshold,
            "of": clue.of,
            "peers": clue.peers,
            "peer_median": clue.median,
            "records": list(clue.records),
        }
        for clue in clues(engine, found, limits)
    ]
    thresholds = {name: getattr(limits, name) for name in Thresholds.__slots__}
    return json_answer({**_numbers(found), "thresholds": thresholds, "clues": made})


def _numbers(found: Quality) -> dict[str, Any]:
    return {
        "uscc": found.uscc,
        "issuer": found.issuer,
        "type": found.type,
        "size": found.size,
        "as_of": format_instant(found.as_of_seconds),
        "approved": None if found.approved is None else found.approved.isoformat(),
        "issued": found.issued,
        "volumes": [
            {"kind": one.kind, "day": one.day.isoformat(), "records": one.records, "imported": one.imported}
            for one in found.volumes
        ],
        "results": dict(found.results),
        "sessions": len(found.sessions),
        "working_days_late": [{"days": days, "records": count} for days, count in days_late(found).items()],
        "acted_on": dict(found.acted_on),
        "corrections": dict(found.corrections),
        "cases": [
            {
                "record_id": one.record_id,
                "what": one.what,
                "code": one.code,
                "severity": one.severity,
                "outcome": one.outcome,
                "about": one.about,
                "stars": one.stars,
                "happened": one.happened,
            }
            for one in found.cases
        ],
    }
