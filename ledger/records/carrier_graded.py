"""培养载体级别变更: a carrier's grade from a date on. Carriers climb step by step (梯次创建), and may fall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._carrier import CarrierEvent, payloads_of
from ledger.records._event import dated
from ledger.records._fields import Pattern, Text, claim
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json

GRADES: Final[Mapping[str, Mapping[str, str]]] = {
    "national": {"zh": "国家级", "en": "national"},
    "provincial": {"zh": "省级", "en": "provincial"},
    "municipal": {"zh": "市级", "en": "municipal"},
    "county": {"zh": "县级", "en": "county"},
    "enterprise": {"zh": "企业级", "en": "enterprise"},
    "none": {"zh": "取消级别", "en": "grade taken back"},
}
"""Grades with their labels; codes are permanent."""


class CarrierGraded(CarrierEvent):
    """The carrier has this grade from `happened_on` on, until its next grade."""

    KIND: ClassVar[str] = "carrier-graded"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "培养载体级别变更", "en": "carrier graded"}
    SHAPE: ClassVar[Shape] = dated(
        carrier={"record": Slot("carrier"), "grade": Slot("grade"), "document": Slot("document")}
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-20",
            "carrier": "5a1e0f3c7b9d2468ace013579bdf02468ace13579bdf0123456789abcdef0a01",
            "grade": "municipal",
            "document": "示例人社发〔2026〕15号",
        },
        "disclosed": {},
    }

    grade: Annotated[str, Pattern("|".join(GRADES))] = claim("载体级别", "grade")
    document: Text = claim("文件号", "decision document")

    def check(self, history: History) -> None:
        """The grade is another one than before, and no earlier than the last change.

        raises  EvidenceMissing, RuleBroken (Refused)
        """
        super().check(history)
        before = payloads_of(history, self.carrier, self.KIND)
        if before and self.happened_on.isoformat() < before[-1]["occurred"][:10]:
            raise RuleBroken(f"the carrier's last change of grade is of {before[-1]['occurred'][:10]}, later than this")
        last = before[-1]["carrier"]["grade"] if before else "none"
        if self.grade == last:
            raise RuleBroken(f"the carrier's grade is {last} already")
