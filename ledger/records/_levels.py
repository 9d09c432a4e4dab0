"""Which level a person holds by certificate. Read from payloads, which all certificates of a level write alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.records._base import History


@dataclass(frozen=True, slots=True)
class CertifiedLevel:
    """A level in an occupation, certified from `since` on; `until` is the first day on which it no longer holds."""

    occupation: str
    order: int
    since: date
    until: date | None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a civil date."""
        return self.since <= day and (self.until is None or day < self.until)


def certified_level(payload: Mapping[str, Any]) -> CertifiedLevel | None:
    """The level that a certificate gives; None for all other records, 专项职业能力 among them, which has no levels."""
    achievement = payload.get("credentialSubject", {}).get("achievement", {})
    if achievement.get("achievementType") != "Certification" or achievement.get("certificateKind") == "SPECIAL_ABILITY":
        return None
    if "levelOrder" not in achievement or "occupation" not in achievement:
        return None
    until = payload.get("validUntil")
    return CertifiedLevel(
        occupation=achievement["occupation"]["code"],
        order=achievement["levelOrder"],
        since=_day(payload["validFrom"]),
        until=None if until is None else _day(until),
    )


def highest_level(history: History, *, occupation: str, before: date) -> int | None:
    """Order of the highest level certified to the person before a civil date and in force on it; None for none."""
    kinds = {one.kind.partition("/")[0] for one in history.stream_records() if certified_level(one.payload)}
    levels = [certified_level(one.payload) for kind in kinds for one in history.in_stream(kind)]
    held = [
        level.order
        for level in levels
        if level is not None and level.occupation == occupation and level.since < before and level.holds_on(before)
    ]
    return max(held, default=None)


def _day(midnight: str) -> date:
    return date.fromisoformat(midnight[:10])
