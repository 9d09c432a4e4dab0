"""机构属性: what an institution is recognised as for a time: 产教融合型企业, 办学条件达标, 专精特新 and their like."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._event import InstitutionEvent, event_shape
from ledger.records._fields import AS_DATE, CivilDate, Pattern, Text, claim
from ledger.records._shape import Shape, Slot
from ledger.records._supervision import check_not_own
from ledger.wire.canonical import Json

ATTRIBUTES: Final[Mapping[str, Mapping[str, str]]] = {
    "integration-candidate": {
        "zh": "产教融合型企业建设培育库入库企业",
        "en": "candidate industry-education enterprise",
    },
    "integration-enterprise": {"zh": "产教融合型企业", "en": "industry-education enterprise"},
    "specialised-sme": {"zh": "专精特新中小企业", "en": "specialised small or medium enterprise"},
    "specialised-giant": {"zh": "专精特新“小巨人”企业", "en": "specialised “little giant” enterprise"},
    "school-conditions-met": {"zh": "办学条件达标", "en": "school conditions met"},
    "school-land-met": {"zh": "办学条件达标：占地", "en": "school conditions met: land"},
    "school-buildings-met": {"zh": "办学条件达标：校舍", "en": "school conditions met: buildings"},
    "school-staff-met": {"zh": "办学条件达标：师资", "en": "school conditions met: staff"},
}
"""Attributes with their labels; codes are permanent."""

SCHOOL_TYPES: Final = frozenset({"technical-school", "college"})
"""Types of institution that the attributes beginning with `school-` fit."""


class InstitutionAttribute(InstitutionEvent):
    """An attribute from one day to another; said again from the same first day, the later record counts."""

    KIND: ClassVar[str] = "institution-attribute"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "机构属性", "en": "institution attribute"}
    SHAPE: ClassVar[Shape] = event_shape(
        attribute={
            "uscc": Slot("uscc"),
            "code": Slot("attribute"),
            "from": Slot("started_on", AS_DATE),
            "until": Slot("ended_on", AS_DATE),
            "document": Slot("document"),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "uscc": "52320102MJ000000XG",
            "attribute": "integration-enterprise",
            "started_on": "2026-01-01",
            "ended_on": "2028-12-31",
            "document": "示例发改函〔2026〕3号",
        },
        "disclosed": {},
    }

    attribute: Annotated[str, Pattern("|".join(ATTRIBUTES))] = claim("属性", "attribute")
    started_on: CivilDate = claim("起始日期", "first day")
    ended_on: CivilDate | None = claim("截止日期", "last day; left out while none is set", None)
    document: Text = claim("文件号", "decision document")

    @model_validator(mode="after")
    def _check_period(self) -> Self:
        if self.ended_on is not None and self.ended_on < self.started_on:
            raise PydanticCustomError("period", "ends before it begins")
        return self

    def check(self, history: History) -> None:
        """The institution is registered and of a fitting type, and its periods of one attribute lie apart.

        raises  RuleBroken (Refused)
        """
        body = check_not_own(history, self.uscc)
        if self.attribute.startswith("school-") and body.type not in SCHOOL_TYPES:
            raise RuleBroken(f"{self.attribute} is for schools, the institution is registered as {body.type}")
        held: dict[str, dict[str, Any]] = {}
        for one in history.in_stream(self.KIND):
            if one.payload["attribute"]["code"] == self.attribute:
                held[one.payload["attribute"]["from"]] = one.payload["attribute"]
        held.pop(self.started_on.isoformat(), None)
        for other in held.values():
            ends_before = "until" in other and date.fromisoformat(other["until"]) < self.started_on
            begins_after = self.ended_on is not None and self.ended_on < date.fromisoformat(other["from"])
            if not ends_before and not begins_after:
                raise RuleBroken(f"{self.attribute} is held on a day of this period, from {other['from']} on")
