"""What appointments to posts and their ends share: the kinds of post, and whether a term still runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from ledger.records._base import History

SPECIAL, CHIEF = "special-technician", "chief-technician"
EXPERT, STEP = "skill-expert", "enterprise-post"

POSTS: Final[Mapping[str, Mapping[str, str]]] = {
    SPECIAL: {"zh": "特级技师", "en": "special-grade technician"},
    CHIEF: {"zh": "首席技师", "en": "chief technician"},
    EXPERT: {"zh": "技能专家", "en": "skill expert"},
    STEP: {"zh": "企业岗位等级", "en": "step of an enterprise's own ladder"},
}
"""Posts; codes are permanent. The first two end the national ladder, the others are never shown as a level of it."""

LEVEL_OF_POST: Final[Mapping[str, int]] = {SPECIAL: 7, CHIEF: 8}
"""Orders of posts in the national ladder. Each rests on the order below it."""


def has_ended(history: History, appointment: str, *, by: date) -> bool:
    """Whether a post of this person was ended before its term, up to a civil date."""
    return any(
        held.payload["appointment"]["record"] == appointment and date.fromisoformat(held.payload["occurred"][:10]) <= by
        for held in history.in_stream("post-ended")
    )
