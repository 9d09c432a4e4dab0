"""师徒协议: mentors and apprentices agree on goals and a term. One record for each of them, all in one group.

企业新型学徒制 and its kin have two mentors, of the enterprise and of the school, and two bases (双导师, 双基地).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import GroupIncomplete, NumberUsed
from ledger.records._base import History, UniqueClaim
from ledger.records._event import person_shape
from ledger.records._fields import (
    AS_DATE,
    CivilDate,
    LevelOrder,
    LongText,
    OccupationCode,
    Pattern,
    RegionCode,
    Text,
    Uscc,
    claim,
    disclosed,
)
from ledger.records._joint import check_sides
from ledger.records._mentoring import ROLES, SHARED, SIDE, MentoringEvent
from ledger.records._shape import Derived, Hide, Shape, Slot
from ledger.wire.canonical import Json

PROGRAMMES: Final[Mapping[str, Mapping[str, str]]] = {
    "mentoring": {"zh": "师带徒", "en": "mentoring"},
    "enterprise-apprenticeship": {"zh": "企业新型学徒制", "en": "new-type enterprise apprenticeship"},
    "modern-apprenticeship": {"zh": "现代学徒制", "en": "modern apprenticeship"},
    "chinese-apprenticeship": {"zh": "中国特色学徒制", "en": "apprenticeship with Chinese characteristics"},
}
"""Types of programme; codes are permanent. All but the first train at two bases."""

ALIKE: Final = (
    *SHARED,
    "region",
    "programme",
    "enterprise_uscc",
    "school_uscc",
    "occupation_code",
    "occupation_name",
    "target_level_order",
    "starts_on",
    "ends_on",
    "evaluation",
    "goals",
)


class MentoringAgreed(MentoringEvent):
    """One side of an agreement; `happened_on` is the day on which it was signed."""

    KIND: ClassVar[str] = "mentoring-agreed"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "师徒协议", "en": "mentoring agreed"}
    SHAPE: ClassVar[Shape] = person_shape(
        name=Derived(lambda record: f"{PROGRAMMES[record.programme]['zh']}（{ROLES[record.role]}）"),
        region=Slot("region"),
        occupation={"code": Slot("occupation_code"), "name": Slot("occupation_name")},
        mentoring={
            **SIDE,
            "mentorOf": Slot("mentor_side"),
            "programme": Slot("programme"),
            "enterprise": Slot("enterprise_uscc"),
            "school": Slot("school_uscc"),
            "targetLevelOrder": Slot("target_level_order"),
            "from": Slot("starts_on", AS_DATE),
            "until": Slot("ends_on", AS_DATE),
            "evaluation": Slot("evaluation"),
            "goals": Hide(Slot("goals")),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-20",
            "region": "320102",
            "agreement_number": "ST-2026-014",
            "role": "apprentice",
            "party": 3,
            "parties": 3,
            "programme": "enterprise-apprenticeship",
            "enterprise_uscc": "91320102MA0000007T",
            "school_uscc": "12320102MB0000000C",
            "occupation_code": "6-18-02-04",
            "occupation_name": "焊工",
            "target_level_order": 3,
            "starts_on": "2026-06-01",
            "ends_on": "2028-05-31",
            "evaluation": "combined",
            "group": "urn:uuid:55c0a3de-2f0b-4c7a-9d55-0f4e8b1a7c22",
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "goals": "两年内独立完成平板对接横焊，取得中级工",
        },
    }

    region: RegionCode = claim("行政区划代码", "region code of the enterprise")
    programme: Annotated[str, Pattern("|".join(PROGRAMMES))] = claim("培养方式", "type of programme")
    mentor_side: Literal["enterprise", "school"] | None = claim("导师来源", "where a mentor is from", None)
    enterprise_uscc: Uscc = claim("企业实训基地统一社会信用代码", "credit code of the enterprise")
    school_uscc: Uscc | None = claim("院校培训基地统一社会信用代码", "credit code of the school", None)
    occupation_code: OccupationCode = claim("职业编码", "occupation code")
    occupation_name: Text = claim("职业名称", "occupation")
    target_level_order: LevelOrder | None = claim("目标等级序号", "order of the level aimed at", None)
    starts_on: CivilDate = claim("开始日期", "first day of the term")
    ends_on: CivilDate = claim("期满日期", "last day of the term")
    evaluation: Literal["combined", "separate"] | None = claim(
        "培养与评价是否结合", "whether training and evaluation are combined", None
    )
    goals: LongText | None = disclosed("培养目标", "goals", required=True)

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        if not max(self.starts_on, self.happened_on) <= self.ends_on:
            raise PydanticCustomError("period", "ends_on lies before starts_on or happened_on")
        if (self.mentor_side is None) is (self.role == "mentor"):
            raise PydanticCustomError("mentor", "mentor_side is for mentors, and each mentor has it")
        if self.school_uscc is None and (self.programme != "mentoring" or self.mentor_side == "school"):
            raise PydanticCustomError("bases", "an apprenticeship, and a mentor of a school, needs school_uscc")
        return self

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """The agreement's number, once in an institution for each party."""
        parts = (self.issuer, self.agreement_number, str(self.party))
        return (UniqueClaim("mentoring-agreement", parts, NumberUsed),)

    def check(self, history: History) -> None:
        """All parties are here and agree: mentors, for an apprenticeship those of both sides, and apprentices.

        raises  GroupIncomplete (Refused)
        """
        sides = check_sides(self, history, count=self.parties, same=ALIKE, place="party")
        if {side.role for side in sides} != {*ROLES}:
            raise GroupIncomplete("an agreement needs a mentor and an apprentice")
        if self.programme != "mentoring" and not {"enterprise", "school"} <= {side.mentor_side for side in sides}:
            raise GroupIncomplete("an apprenticeship needs a mentor of the enterprise and one of the school")
