"""师徒关系终止: a mentoring ends, at its term or before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._event import person_shape
from ledger.records._fields import Pattern, claim
from ledger.records._mentoring import ROLES, SIDE, MentoringSequel
from ledger.records._shape import Derived, Shape, Slot
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.records.mentoring_agreed import MentoringAgreed

COMPLETED: Final = "completed"
REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    COMPLETED: {"zh": "期满", "en": "term completed"},
    "agreed": {"zh": "协商解除", "en": "ended by agreement"},
    "left": {"zh": "离职或离校", "en": "somebody left the enterprise or the school"},
    "transferred": {"zh": "岗位调整", "en": "somebody moved to another post"},
    "breached": {"zh": "违反协议", "en": "agreement breached"},
    "other": {"zh": "其他", "en": "other"},
}
"""Reasons; codes are permanent."""


class MentoringEnded(MentoringSequel):
    """The end of one side's mentoring; `happened_on` is its last day."""

    KIND: ClassVar[str] = "mentoring-ended"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "师徒关系终止", "en": "mentoring ended"}
    ALIKE: ClassVar[tuple[str, ...]] = ("reason",)
    SHAPE: ClassVar[Shape] = person_shape(
        name=Derived(lambda record: f"师徒关系终止（{ROLES[record.role]}）"),
        agreement={"record": Slot("agreement_record")},
        mentoring=dict(SIDE),
        reason=Slot("reason"),
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-11-30",
            "agreement_number": "ST-2026-014",
            "role": "apprentice",
            "party": 3,
            "parties": 3,
            "agreement_record": "7b7e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0123",
            "reason": "left",
            "group": "urn:uuid:55c0a3de-2f0b-4c7a-9d55-0f4e8b1a7c24",
        },
        "disclosed": {"holder_name": "张三", "document_number": "320106190001020029"},
    }

    reason: Annotated[str, Pattern("|".join(REASONS))] = claim("终止原因", "reason")

    def check_agreement(self, agreed: MentoringAgreed, history: History) -> None:  # noqa: ARG002  others ask the past
        """It ends after it was agreed, by completion not before the term.

        raises  RuleBroken (Refused)
        """
        if self.happened_on < agreed.happened_on:
            raise RuleBroken(f"ended on {self.happened_on}, before it was agreed on {agreed.happened_on}")
        if self.reason == COMPLETED and self.happened_on < agreed.ends_on:
            raise RuleBroken(f"completed on {self.happened_on}, before the term ends on {agreed.ends_on}")
