"""Kinds of record by name: what a view asks for with all their versions, and which of them give a level."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from ledger.clock import civil_date
from ledger.records import KINDS


def kinds_named(*names: str) -> frozenset[str]:
    """Every version of these kinds, as `View.KINDS` wants them.

    names   without version
    raises  KeyError for a name that no kind has
    """
    found = frozenset(name for name, kind in KINDS.items() if kind.KIND in names)
    if missing := set(names) - {KINDS[name].KIND for name in found}:
        raise KeyError(f"no such kind: {', '.join(sorted(missing))}")
    return found


def name_of(kind: str) -> str:
    """A kind without its version."""
    return kind.partition("/")[0]


def achieved_on(payload: Any) -> date:
    """The Asia/Shanghai date of what a record speaks of; of its signing where it names none.

    raises  ValueError for a payload that acceptance would not have let in
    """
    text = payload.get("awardedDate") or payload.get("validFrom") or payload.get("occurred")
    return date.fromisoformat(text[:10]) if text else civil_date(payload["iat"])


def _gives_level(shape: Any) -> bool:
    subject = shape.get("credentialSubject", {})
    return bool(subject.get("achievement", {}).get("achievementType") == "Certification")


LEVEL_KINDS: Final = frozenset(name for name, kind in KINDS.items() if _gives_level(kind.SHAPE))
"""Kinds of certificate of a level: `ledger.records._levels.certified_level` reads the level out of their payloads."""
