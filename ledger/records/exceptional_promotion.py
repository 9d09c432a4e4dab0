"""破格晋升: a level earlier than the ladder gives it, for what somebody solved, invented or taught (S-033)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar, Final, Literal

from ledger.errors import EvidenceMissing, ThresholdMissed
from ledger.records._base import History, Record
from ledger.records._evidence import check_level
from ledger.records._fields import Listed, RecordId, claim
from ledger.records._levels import highest_level
from ledger.records._recognition import EXAMPLE_CLAIMS, Recognition, recognition_shape
from ledger.records._shape import Shape
from ledger.wire.canonical import Json

INNOVATIONS: Final = frozenset({"five-small", "operating-method", "technology", "problem-solved"})
PROJECTS: Final = frozenset({"open-bid-project", "technical-project"})
HIGH: Final = frozenset({"international", "national", "provincial"})
"""省部级以上."""


def _is_solution(record: Record) -> bool:
    """An innovation that solves something, or a part in a technical project."""
    if record.KIND == "innovation-recognised":
        return record.field("innovation_kind") in INNOVATIONS
    return record.KIND == "activity-attested" and record.field("activity") in PROJECTS


def _is_high_innovation(record: Record) -> bool:
    """An innovation or an award of province, ministry or above. An award that names no level tells by its region."""
    level = record.field("level")
    if record.KIND == "award" and level is None:
        return record.field("tier") == "STATE" and str(record.field("region")).endswith("0000")
    return record.KIND in {"innovation-recognised", "award"} and level in HIGH


def _is_mentoring(record: Record) -> bool:
    """An excellent result as a mentor."""
    found = record.KIND, record.field("role"), record.field("result")
    return found == ("mentoring-assessed", "mentor", "excellent")


SOURCES: Final[Mapping[str, tuple[str, Callable[[Record], bool]]]] = {
    "EXCEPTIONAL_TECH_PROBLEM": (
        "an innovation-recognised or activity-attested about a technical problem",
        _is_solution,
    ),
    "EXCEPTIONAL_INNOVATION": ("an innovation-recognised or award of province, ministry or above", _is_high_innovation),
    "EXCEPTIONAL_MENTORING": ("a mentoring-assessed as a mentor with an excellent result", _is_mentoring),
}
"""Basis to what one cited record must be."""


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
        wanted, is_source = SOURCES[self.basis]
        if not any(is_source(one) for one in found):
            raise EvidenceMissing(f"basis {self.basis} needs a citation of {wanted}")
        current = highest_level(history, occupation=self.occupation_code, before=self.happened_on)
        if current is None or self.level_order != current + 1:
            raise ThresholdMissed(
                f"an exceptional promotion is to the level after the present one, {current or 'none'}; "
                f"the record says {self.level_order}"
            )
        check_level(history, occupation_code=self.occupation_code, level_order=self.level_order, on=self.happened_on)
