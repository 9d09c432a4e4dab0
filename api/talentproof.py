"""人才证明: the service's signed statement that a worker is high-skilled talent, for other offices (S-006, S-101).

It names nobody: the worker shows it together with the record it cites, which says whose it is. It holds for thirty days
at most, never longer than the level itself.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from api.tokens import sign_jwt
from keys.custody import Signer
from keys.ids import format_kid
from ledger.clock import format_instant
from ledger.records._codes import LEVELS
from projections._moment import end_of
from projections.talent_register import Entry, Membership

TYP: Final = "talent-proof+jwt"
MEDIA_TYPE: Final = "application/jwt"
OUTCOME: Final = "high-skilled"
LIFE_SECONDS: Final = 30 * 24 * 3600


def talent_proof(
    found: Membership, entry: Entry, *, signer: Signer, issuer: str, origin: str, purpose: str | None
) -> bytes:
    """The proof as a compact JWT.

    found    what the register says now
    entry    the one of its entries that the worker chose to show
    signer   the service's key; issuer its id
    origin   of the log
    purpose  what the worker wants it used for, in the worker's words; None to leave it open
    """
    now = found.as_of_seconds
    until = now + LIFE_SECONDS
    if entry.last is not None:
        until = min(until, end_of(date.fromisoformat(entry.last)))
    level = LEVELS[entry.level_order]
    claims: dict[str, Any] = {
        "iss": issuer,
        "iat": now,
        "exp": until,
        "as_of": format_instant(now),
        "outcome": OUTCOME,
        "talent": {
            "occupation": entry.occupation,
            "level_order": entry.level_order,
            "level": {"zh": level.zh, "en": level.en},
            "by": entry.scale,
            "since": entry.since,
            "record": entry.record_id,
            "issuer": entry.issuer,
        },
        "log": {"origin": origin, "size": found.size},
    }
    if purpose is not None:
        claims["purpose"] = purpose
    token = sign_jwt(signer, claims, typ=TYP, kid=format_kid(issuer=issuer, jwk=signer.jwk))
    return token.encode()
