"""Public facts of an achievement, read from the signed payload. Pure; tolerant of what a kind does not have.

Works on the payload's vocabulary (W3C VC 2.0 with Open Badges 3.0 for credentials, FORMATS for events), not on kinds: a
new kind that uses the vocabulary needs no change here.
"""

from __future__ import annotations

from typing import Any, Final

from ledger.clock import civil_date
from projections._base import Logged, Value
from projections._standing import instant_seconds

REACHED: Final = frozenset({"Certification"})
"""Open Badges achievement types whose level the person holds; in a training the level is only what it aims at."""


def facts_of(record: Logged) -> dict[str, Value] | None:
    """Columns of an archive row besides its place; None when the record says nothing about a person.

    raises  KeyError, TypeError, ValueError for a payload that acceptance would not have let in
    """
    payload = record.payload
    subject = payload.get("credentialSubject")
    if subject is None:
        if "subject" not in payload:
            return None
        subject = payload  # an event has these members itself
    achievement = subject.get("achievement") or {}
    occupation = achievement.get("occupation") or subject.get("occupation")
    contest = subject.get("contest") or {}
    return {
        "title": achievement.get("name") or payload.get("name") or "",
        "issuer": payload["iss"],
        "occupation": occupation["code"] if occupation else contest.get("occupation"),
        "level_order": achievement.get("levelOrder") if achievement.get("achievementType") in REACHED else None,
        "achieved_on": _day(payload),
        "minutes": subject.get("minutes"),
        "credits_centi": _credits(payload),
        "award_code": achievement.get("awardCode"),
        "valid_from": _instant(payload, "validFrom"),
        "valid_until": _instant(payload, "validUntil"),
    }


def _day(payload: Any) -> str:
    """The civil date of the achievement: instants of civil dates are written with Shanghai's offset."""
    text = payload.get("awardedDate") or payload.get("validFrom") or payload.get("occurred")
    return str(text)[:10] if text else civil_date(payload["iat"]).isoformat()


def _credits(payload: Any) -> int | None:
    credit = payload.get("credit")
    if credit is None:
        return None
    amount: int = credit["amount_centi"]
    return -amount if credit.get("direction") == "out" else amount


def _instant(payload: Any, name: str) -> int | None:
    text = payload.get(name)
    return None if text is None else instant_seconds(text)
