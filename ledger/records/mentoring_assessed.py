"""师徒协议期满考核: at the end of its term a mentoring is assessed, each side with a result of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._event import person_shape
from ledger.records._fields import Pattern, Text, claim
from ledger.records._mentoring import ROLES, SIDE, MentoringSequel
from ledger.records._shape import Derived, Shape, Slot
from ledger.records.mentoring_ended import COMPLETED
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.records.mentoring_agreed import MentoringAgreed

RESULTS: Final[Mapping[str, Mapping[str, str]]] = {
    "excellent": {"zh": "优秀", "en": "excellent"},
    "qualified": {"zh": "合格", "en": "qualified"},
    "unqualified": {"zh": "不合格", "en": "not qualified"},
}
"""Results; codes are permanent."""


class MentoringAssessed(MentoringSequel):
    """One side's result; `happened_on` is the day of the assessment."""

    KIND: ClassVar[str] = "mentoring-assessed"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "师徒期满考核", "en": "mentoring assessed"}
    ALIKE: ClassVar[tuple[str, ...]] = ("document",)
    SHAPE: ClassVar[Shape] = person_shape(
        name=Derived(lambda record: f"师徒期满考核{RESULTS[record.result]['zh']}（{ROLES[record.role]}）"),
        agreement={"record": Slot("agreement_record")},
        mentoring={**SIDE, "result": Slot("result"), "document": Slot("document")},
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2028-06-05",
            "agreement_number": "ST-2026-014",
            "role": "apprentice",
            "party": 3,
            "parties": 3,
            "agreement_record": "7b7e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0123",
            "result": "qualified",
            "group": "urn:uuid:55c0a3de-2f0b-4c7a-9d55-0f4e8b1a7c23",
        },
        "disclosed": {"holder_name": "张三", "document_number": "320106190001020029"},
    }

    result: Annotated[str, Pattern("|".join(RESULTS))] = claim("考核结果", "result")
    document: Text | None = claim("文件号", "decision document", None)

    def check_agreement(self, agreed: MentoringAgreed, history: History) -> None:
        """The term is over, and the mentoring did not end before.

        raises  RuleBroken (Refused)
        """
        if self.happened_on < agreed.ends_on:
            raise RuleBroken(f"assessed on {self.happened_on}, before the term ends on {agreed.ends_on}")
        for held in history.in_stream("mentoring-ended"):
            if held.payload["agreement"]["record"] == self.agreement_record and held.payload["reason"] != COMPLETED:
                raise RuleBroken("the mentoring ended before its term")
