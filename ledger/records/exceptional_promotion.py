"""破格晋升: a level earlier than the ladder gives it, for what somebody solved, invented or taught (S-033)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar, Final, Literal

from ledger.errors import EvidenceMissing, ThresholdMissed
from ledger.records._base import History, Record
from ledger.records._fields import Listed, RecordId, claim
from ledger.records._levels import highest_level
from ledger.records._recognition import EXAMPLE_CLAIMS, Recognition, recognition_shape
from ledger.records._shape import Shape
from ledger.rules import standard
from ledger.wire.canonical import Json

INNOVATIONS: Final = frozenset({"five-small", "operating-method", "technology", "problem-solved"})
PROJECTS: Final = frozenset({"open-bid-project", "technical-project"})
HIGH: Final = frozenset({"international", "national", "provincial"})
"""省部级以上."""


def _solves(record: Record) -> bool:
    """An innovation of a kind that solves something."""
    return record.field("innovation_kind") in INNOVATIONS


def _is_project(record: Record) -> bool:
    """A part in a technical project."""
    return record.field("activity") in PROJECTS


def _is_high(record: Record) -> bool:
    """Of province, ministry or above."""
    return record.field("level") in HIGH


def _is_high_award(record: Record) -> bool:
    """As above; an award that names no level tells by tier and region."""
    if record.field("level") is not None:
        return _is_high(record)
    return record.field("tier") == "STATE" and str(record.field("region")).endswith("0000")


def _is_mentor(record: Record) -> bool:
    """An excellent result as a mentor."""
    return (record.field("role"), record.field("result")) == ("mentor", "excellent")


SOURCES: Final[Mapping[str, Mapping[str, Callable[[Record], bool]]]] = {
    "EXCEPTIONAL_TECH_PROBLEM": {"innovation-recognised": _solves, "activity-attested": _is_project},
    "EXCEPTIONAL_INNOVATION": {"innovation-recognised": _is_high, "award": _is_high_award},
    "EXCEPTIONAL_MENTORING": {"mentoring-assessed": _is_mentor},
}
"""Basis to the kinds of record of which one is cited, and what it must be."""


class ExceptionalPromotion(Recognition):
    """A promotion by one level, and never to a post."""

    KIND: ClassVar[str] = "exceptional-promotion"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "破格晋升", "en": "exceptional promotion"}
    SHAPE: ClassVar[Shape] = recognition_shape("破格晋升")
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {**EXAMPLE_CLAIMS, "basis": "EXCEPTIONAL_INNOVATION", "level_order": 5},
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "reasons": "示例：技术创新成果获省级奖项",
        },
    }

    basis: Literal["EXCEPTIONAL_TECH_PROBLEM", "EXCEPTIONAL_INNOVATION", "EXCEPTIONAL_MENTORING"] = claim(
        "取得方式", "basis of the decision"
    )
    evidence: Annotated[tuple[RecordId, ...], Listed()] = claim("依据记录", "records it rests on")

    def check(self, history: History) -> None:
        """The evidence stands, one record of it is what the basis asks for, and the level is the next one.

        raises  EvidenceMissing, ThresholdMissed, LevelUnknown (Refused)
        """
        found = self.cited_evidence(history)
        sources = SOURCES[self.basis]
        if not any(one.KIND in sources and sources[one.KIND](one) for one in found):
            raise EvidenceMissing(f"basis {self.basis} needs a cited {' or '.join(sources)} that bears it out")
        current = highest_level(history, occupation=self.occupation_code, before=self.happened_on)
        if current is None or self.level_order != current + 1:
            raise ThresholdMissed(
                f"an exceptional promotion is to the level after the present one, {current or 'none'}; "
                f"the record says {self.level_order}"
            )
        standard.check_level(
            history.registry.rules, occupation=self.occupation_code, order=self.level_order, on=self.happened_on
        )
