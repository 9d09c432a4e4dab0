"""Public facts of an achievement, read from the signed payload. Pure; tolerant of what a kind does not have.

Works on the payload's vocabulary (W3C VC 2.0 with Open Badges 3.0 for credentials, FORMATS for events), not on kinds: a
new kind that uses the vocabulary needs no change here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from projections._base import Logged, Value
from projections._standing import instant_seconds

LEVEL_ORDER: Final[Mapping[str, int]] = {"5": 2, "4": 3, "3": 4, "2": 5, "1": 6}
"""Certificate level code -> order (DOMAIN §4.1): the code goes down while the level goes up."""


def facts_of(record: Logged) -> dict[str, Value] | None:
    """Columns of an archive row besides its place; None when the record says nothing about a person.

    raises  KeyError, TypeError, ValueError for a payload that acceptance would not have let in
    """
    payload = record.payload
    subject = payload.get("credentialSubject")
    if subject is None and "subject" not in payload:
        return None
    subject = subject or {}
    achievement = subject.get("achievement", {})
    occupation, level_order = _occupation(achievement)
    credit = payload.get("credit", {})
    return {
        "title": achievement.get("name") or payload.get("name") or "",
        "issuer": payload["iss"],
        "occupation": occupation,
        "level_order": level_order,
        "achieved_on": _day(payload),
        "minutes": _integer(subject, "minutes"),
        "credits_centi": _integer(credit, "amount_centi"),
        "award_code": achievement.get("awardCode"),
        "valid_from": _instant(payload, "validFrom"),
        "valid_until": _instant(payload, "validUntil"),
    }


def _occupation(achievement: Mapping[str, Any]) -> tuple[str | None, int | None]:
    occupation, _, level = achievement.get("humanCode", "").partition("/")
    return occupation or None, LEVEL_ORDER.get(level)


def _day(payload: Mapping[str, Any]) -> str:
    """The civil date of the achievement: both instants are written with Shanghai's offset."""
    text = payload.get("awardedDate") or payload.get("validFrom") or payload["occurred"]
    return str(text)[:10]


def _integer(values: Mapping[str, Any], name: str) -> int | None:
    value = values.get(name)
    return value if type(value) is int else None


def _instant(payload: Mapping[str, Any], name: str) -> int | None:
    return instant_seconds(payload[name]) if name in payload else None
