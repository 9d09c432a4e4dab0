"""待遇依据: an employer says which records entitle somebody to an allowance or treatment. No amounts are recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import EvidenceMissing
from ledger.records._base import History, Record
from ledger.records._event import PersonEvent, cited, person_shape
from ledger.records._fields import AS_DATE, AS_REFERENCES, CivilDate, Listed, Pattern, RecordId, Text, claim
from ledger.records._shape import Derived, Shape, Slot
from ledger.wire.canonical import Json

BENEFITS: Final[Mapping[str, Mapping[str, str]]] = {
    "skill-allowance": {"zh": "技能津贴", "en": "skill allowance"},  # S-081
    "team-leader-allowance": {"zh": "班组长津贴", "en": "team leader's allowance"},  # S-081
    "mentor-allowance": {"zh": "带徒津贴", "en": "mentor's allowance"},  # S-081
    "mentor-reward": {"zh": "师父奖励", "en": "mentor's reward"},  # S-077, S-078
    "skill-level-pay": {"zh": "技能等级薪酬", "en": "pay by skill level"},  # S-042
    "post-promotion": {"zh": "岗位晋升", "en": "promotion to a post"},  # S-042
    "equal-treatment": {"zh": "比照专业技术人员同等待遇", "en": "treatment of professional staff"},  # S-045 to S-047
}
"""Allowances and treatments with their labels; codes are permanent."""

OF_OTHERS: Final = frozenset({"mentor-allowance", "mentor-reward"})
"""What may rest on an apprentice's records as well."""


class BenefitBasis(PersonEvent):
    """An entitlement from `started_on` on, and what it rests on."""

    KIND: ClassVar[str] = "benefit-basis"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "待遇依据", "en": "basis of a benefit"}
    SHAPE: ClassVar[Shape] = person_shape(
        name=Derived(lambda record: BENEFITS[record.benefit]["zh"]),
        benefit={
            "code": Slot("benefit"),
            "from": Slot("started_on", AS_DATE),
            "until": Slot("ended_on", AS_DATE),
            "document": Slot("document"),
            "records": Slot("records", AS_REFERENCES),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-25",
            "benefit": "skill-allowance",
            "started_on": "2026-06-01",
            "document": "示例集团人〔2026〕12号",
            "records": ["7c1e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0b01"],
        },
        "disclosed": {"holder_name": "张三", "document_number": "320106190001020029"},
    }

    benefit: Annotated[str, Pattern("|".join(BENEFITS))] = claim("待遇类别", "allowance or treatment")
    started_on: CivilDate = claim("起始日期", "first day")
    ended_on: CivilDate | None = claim("截止日期", "last day", None)
    document: Text | None = claim("文件号", "decision document", None)
    records: Annotated[tuple[RecordId, ...], Listed()] = claim("依据记录", "records it rests on")

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        if self.ended_on is not None and self.ended_on < self.started_on:
            raise PydanticCustomError("period", "ended_on is before started_on")
        return self

    def reads(self) -> tuple[str, ...]:
        """The records it rests on."""
        return self.records

    def check(self, history: History) -> None:
        """What it rests on is in force and this person's; a mentor's may rest on an apprentice's records beside.

        raises  EvidenceMissing (Refused)
        """
        for record_id in self.records:
            cited(history, record_id, Record, own=self.benefit not in OF_OTHERS)
        if not any(history.owns(record_id) for record_id in self.records):
            raise EvidenceMissing("no cited record is about the person")
