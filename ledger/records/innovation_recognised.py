"""创新成果认定: an innovation of one or more persons is recognised. One record each, in one group, in their order.

Operating methods are named after workers, so a title may name a person: it is a disclosure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.records._base import History
from ledger.records._event import PersonEvent, person_shape
from ledger.records._fields import (
    AS_DATE,
    AS_LIST,
    CertificateText,
    CivilDate,
    Listed,
    OccupationCode,
    Pattern,
    RegionCode,
    Text,
    claim,
    disclosed,
)
from ledger.records._joint import check_sides
from ledger.records._shape import Derived, Hide, Maybe, Shape, Slot
from ledger.wire.canonical import Json

KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "five-small": {"zh": "“五小”成果", "en": "one of the five small innovations"},
    "operating-method": {"zh": "先进操作法", "en": "advanced operating method"},
    "invention-patent": {"zh": "发明专利", "en": "invention patent"},
    "patent-award": {"zh": "专利奖项目", "en": "patent that won a patent award"},
    "technology": {"zh": "科技创新成果", "en": "scientific and technical innovation"},
    "special-skill": {"zh": "绝招绝技绝活", "en": "special skill"},
    "demonstration-course": {"zh": "示教课程", "en": "demonstration course"},
    "problem-solved": {
        "zh": "技术攻关项目（揭榜领题、揭榜挂帅）",
        "en": "technical problem solved, open bids included",
    },
}
"""Kinds of innovation; codes are permanent."""

LEVELS: Final[Mapping[str, Mapping[str, str]]] = {
    "national": {"zh": "国家级", "en": "national"},
    "provincial": {"zh": "省级", "en": "provincial"},
    "municipal": {"zh": "市级", "en": "municipal"},
    "enterprise": {"zh": "企业级", "en": "enterprise"},
}
"""Levels of recognition; codes are permanent."""

PURPOSES: Final[Mapping[str, Mapping[str, str]]] = {
    "performance": {"zh": "绩效考核", "en": "performance review"},
    "pay": {"zh": "薪酬待遇", "en": "pay"},
    "post": {"zh": "岗位晋升", "en": "promotion to a post"},
    "title": {"zh": "职称评定", "en": "professional title"},
    "skill-evaluation": {"zh": "技能评价", "en": "skill evaluation"},
    "merit": {"zh": "评先树优", "en": "merit selection"},
}
"""What the recognising body lets an innovation count for; codes are permanent."""

SHARED: Final = (
    "happened_on",
    "innovation_kind",
    "level",
    "title",
    "granting_body",
    "document",
    "registration_number",
    "completers",
    "purposes",
)
"""What the completers have in common."""


class InnovationRecognised(PersonEvent):
    """A share in a recognised innovation; `happened_on` is the day of the decision."""

    KIND: ClassVar[str] = "innovation-recognised"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "创新成果认定", "en": "innovation recognised"}
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution", "authority"})
    SHAPE: ClassVar[Shape] = person_shape(
        name=Derived(lambda record: f"{KINDS[record.innovation_kind]['zh']}（{LEVELS[record.level]['zh']}）"),
        region=Slot("region"),
        occupation=Maybe({"code": Slot("occupation_code"), "name": Slot("occupation_name")}),
        innovation={
            "kind": Slot("innovation_kind"),
            "level": Slot("level"),
            "title": Hide(Slot("title")),
            "registration": Slot("registration_number"),
            "grantedBy": Slot("granting_body"),
            "document": Slot("document"),
            "order": Slot("completer_order"),
            "of": Slot("completers"),
            "role": Slot("role"),
            "from": Slot("started_on", AS_DATE),
            "until": Slot("ended_on", AS_DATE),
            "purposes": Slot("purposes", AS_LIST),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-18",
            "region": "320000",
            "occupation_code": "6-18-02-04",
            "occupation_name": "焊工",
            "innovation_kind": "operating-method",
            "level": "provincial",
            "granting_body": "示例省总工会",
            "document": "示例工发〔2026〕11号",
            "completer_order": 1,
            "completers": 1,
            "role": "technician",
            "purposes": ["title", "skill-evaluation"],
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "title": "示例厚板窄间隙焊接操作法",
        },
    }

    region: RegionCode = claim("行政区划代码", "region code of the recognising body")
    occupation_code: OccupationCode | None = claim("职业编码", "occupation code", None)
    occupation_name: Text | None = claim("职业名称", "occupation", None)
    innovation_kind: Annotated[str, Pattern("|".join(KINDS))] = claim("成果类型", "kind of innovation")
    level: Annotated[str, Pattern("|".join(LEVELS))] = claim("认定级别", "level of recognition")
    granting_body: Text | None = claim("认定单位", "recognising body; left out where it is the issuer", None)
    document: Text = claim("认定文件", "decision document")
    registration_number: CertificateText | None = claim("专利号或登记号", "number of the patent or registration", None)
    completer_order: Annotated[int, Field(ge=1, le=32)] = claim("完成人排名", "place among the completers")
    completers: Annotated[int, Field(ge=1, le=32)] = claim("完成人数", "completers")
    role: Literal["leader", "technician", "engineer", "other"] | None = claim("承担角色", "part in the work", None)
    started_on: CivilDate | None = claim("参与开始日期", "first day of the person's part", None)
    ended_on: CivilDate | None = claim("参与结束日期", "last day of the person's part", None)
    purposes: Annotated[tuple[Annotated[str, Pattern("|".join(PURPOSES))], ...], Listed()] | None = claim(
        "可用于", "what it may count for", None
    )
    title: Text | None = disclosed("成果名称", "title; it may name persons", required=True)

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        if self.completer_order > self.completers:
            raise PydanticCustomError("order", "completer_order is beyond completers")
        if self.completers > 1 and self.group is None:
            raise PydanticCustomError("group", "an innovation of several completers needs its group")
        if (self.occupation_code is None) != (self.occupation_name is None):
            raise PydanticCustomError("occupation", "occupation_code and occupation_name go together")
        days = [day for day in (self.started_on, self.ended_on, self.happened_on) if day is not None]
        if days != sorted(days):
            raise PydanticCustomError("period", "started_on, ended_on and happened_on are not in this order")
        return self

    def check(self, history: History) -> None:
        """All completers are here, in an order without gap or repetition, with the same innovation and decision.

        raises  GroupIncomplete (Refused)
        """
        check_sides(self, history, count=self.completers, same=SHARED, place="completer_order")
