"""培训开班: a class begins, with its programme, plan and dates. Enrolments and completions cite it.

The institution opens its own classes; the file commits to roster, plan and material by their hashes and names nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import EvidenceMissing, MinutesDiffer, NumberUsed
from ledger.records._base import History, Scope, UniqueClaim
from ledger.records._codes import OCCUPATION_SCHEME
from ledger.records._event import Event, cited, dated
from ledger.records._fields import (
    AS_DATE,
    AS_LIST,
    CertificateText,
    CivilDate,
    LevelOrder,
    Listed,
    Minutes,
    OccupationCode,
    Pattern,
    RegionCode,
    Text,
    Uscc,
    claim,
)
from ledger.records._shape import Maybe, Shape, Slot
from ledger.records._training import (
    ClassType,
    Digest,
    OrganisationMode,
    ProgrammeTags,
    StaffId,
    check_total,
)
from ledger.records.carrier_registered import CarrierType
from ledger.records.mentoring_agreed import PROGRAMMES
from ledger.wire.canonical import Json

APPRENTICESHIPS: Final = tuple(code for code in PROGRAMMES if code != "mentoring")
"""Types of apprenticeship (S-079), by the codes that agreements of mentors and apprentices have."""


class ClassOpened(Event):
    """A class of one institution; `happened_on` is the day of its opening."""

    KIND: ClassVar[str] = "class-opened"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "培训开班", "en": "class opened"}
    PLACE: ClassVar[str] = "institution"
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution"})
    SHAPE: ClassVar[Shape] = dated(
        region=Slot("region"),
        **{
            "class": {
                "number": Slot("class_number"),
                "type": Slot("class_type"),
                "site": Slot("site"),
                "carrierType": Slot("carrier_type"),
                "from": Slot("started_on", AS_DATE),
                "until": Slot("ended_on", AS_DATE),
                "delivery": Slot("delivery"),
                "platform": Slot("platform"),
                "minutes": {
                    "planned": Slot("minutes_planned"),
                    "theory": Slot("minutes_theory"),
                    "practice": Slot("minutes_practice"),
                    "online": Slot("minutes_online"),
                },
                "teachers": {"count": Slot("teacher_count"), "ids": Slot("teacher_ids", AS_LIST)},
                "files": {
                    "plan": Slot("plan_hash"),
                    "roster": Slot("roster_hash"),
                    "materials": Slot("material_hashes", AS_LIST),
                },
            },
        },
        programme={
            "name": Slot("programme_name"),
            "levelOrder": Slot("level_order"),
            "tags": Slot("programme_tags", AS_LIST),
            "organisationMode": Slot("organisation_mode"),
            "occupation": {
                "scheme": Slot("occupation_scheme"),
                "code": Slot("occupation_code"),
                "name": Slot("occupation_name"),
                "trade": Slot("trade"),
            },
            "apprenticeship": Maybe(
                {
                    "type": Slot("apprenticeship"),
                    "enterpriseBase": Slot("enterprise_uscc"),
                    "schoolBase": Slot("school_uscc"),
                }
            ),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-02-25",
            "region": "320102",
            "class_number": "2026-0017",
            "class_type": "order",
            "site": "示例职业培训学校一号实训楼",
            "carrier_type": "public-base",
            "programme_name": "电工高级工培训",
            "occupation_code": "6-31-01-03",
            "occupation_name": "电工",
            "level_order": 4,
            "programme_tags": ["manufacturing-skills"],
            "organisation_mode": "project",
            "apprenticeship": "enterprise-apprenticeship",
            "enterprise_uscc": "91320102MA0000007T",
            "school_uscc": "12320102MB0000000C",
            "delivery": "mixed",
            "minutes_planned": 7200,
            "minutes_theory": 2400,
            "minutes_practice": 3600,
            "minutes_online": 1200,
            "started_on": "2026-03-02",
            "ended_on": "2026-05-15",
            "teacher_count": 3,
            "plan_hash": "0d7f6a1c2b3e4d5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7",
            "roster_hash": "1e8f7b2d3c4f5e6071829304b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8",
        },
        "disclosed": {},
    }

    happened_on: CivilDate = claim("开班日期", "date of the opening")
    region: RegionCode = claim("行政区划代码", "region code of the site")
    class_number: CertificateText = claim("班级编号", "number of the class, unique in the institution")
    class_type: ClassType | None = claim("班级类型", "type of class", None)
    site: Text = claim("培训地点", "site")
    carrier_type: CarrierType | None = claim("培训载体类型", "type of carrier it is held at", None)
    programme_name: Text = claim("培训项目名称", "name of the programme")
    occupation_scheme: Text = claim("职业分类版本", "occupation scheme and version", OCCUPATION_SCHEME)
    occupation_code: OccupationCode = claim("职业编码", "occupation code")
    occupation_name: Text = claim("职业名称", "occupation")
    trade: Text | None = claim("工种", "trade", None)
    level_order: LevelOrder | None = claim("目标等级序号", "order of the level aimed at, 1 to 8", None)
    programme_tags: ProgrammeTags | None = claim("专项行动标签", "special programmes it belongs to", None)
    organisation_mode: OrganisationMode | None = claim("培训组织方式", "how it is organised", None)
    apprenticeship: Annotated[str, Pattern("|".join(APPRENTICESHIPS))] | None = claim(
        "学徒制类型", "type of apprenticeship", None
    )
    enterprise_uscc: Uscc | None = claim("企业实训基地", "credit code of the enterprise that trains", None)
    school_uscc: Uscc | None = claim("院校培训基地", "credit code of the school that trains", None)
    delivery: Literal["offline", "online", "mixed"] = claim("培训方式", "mode of delivery")
    platform: Text | None = claim("网络学习平台", "online platform", None)
    minutes_planned: Annotated[Minutes, Field(ge=1)] = claim("计划学时（分钟）", "minutes planned")
    minutes_theory: Minutes = claim("其中理论（分钟）", "of these theory, on site")
    minutes_practice: Minutes = claim("其中实操（分钟）", "of these practice, on site")
    minutes_online: Minutes = claim("其中线上（分钟）", "of these online")
    started_on: CivilDate = claim("开始日期", "first day")
    ended_on: CivilDate = claim("结束日期", "last day")
    teacher_count: Annotated[int, Field(ge=1, le=1000)] | None = claim("授课教师人数", "number of teachers", None)
    teacher_ids: Annotated[tuple[StaffId, ...], Listed()] | None = claim("授课教师代号", "teachers by pseudonym", None)
    plan_hash: Digest = claim("教学计划摘要", "SHA-256 of the teaching plan")
    roster_hash: Digest = claim("学员名册摘要", "SHA-256 of the roster")
    material_hashes: Annotated[tuple[Digest, ...], Listed()] | None = claim(
        "教学资源与考核方案摘要", "SHA-256 of teaching material and assessment plan", None
    )

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
        if not self.happened_on <= self.started_on <= self.ended_on:
            raise PydanticCustomError("period", "happened_on, started_on and ended_on are not in this order")
        if (self.teacher_count is None) == (self.teacher_ids is None):
            raise PydanticCustomError("teachers", "exactly one of teacher_count and teacher_ids is needed")
        bases = (self.enterprise_uscc, self.school_uscc)
        if any((base is None) != (self.apprenticeship is None) for base in bases):
            raise PydanticCustomError("bases", "an apprenticeship, and nothing else, has both its bases")
        if self.apprenticeship is not None and self.enterprise_uscc == self.school_uscc:
            raise PydanticCustomError("bases", "the two bases are two institutions")
        return self

    def occurred_on(self) -> date:
        """The day of the opening."""
        return self.happened_on

    def scope(self) -> Scope:
        """As for the completions to come: who may not complete the training does not open a class for it."""
        return Scope("training-completion", self.occupation_code, self.level_order, self.region)

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """The number of the class, once in an institution, also where the class is voided."""
        return (UniqueClaim("class", (self.issuer, self.class_number), NumberUsed),)

    def check(self, history: History) -> None:  # noqa: ARG002  the plan alone decides
        """The plan adds up, and is online and on site as the mode of delivery says.

        raises  MinutesDiffer (Refused)
        """
        on_site = self.minutes_theory + self.minutes_practice
        check_total(self.minutes_planned, (on_site, self.minutes_online))
        if (on_site > 0, self.minutes_online > 0) != (self.delivery != "online", self.delivery != "offline"):
            raise MinutesDiffer(
                f"delivery is {self.delivery}, planned are {on_site} minutes on site and {self.minutes_online} online"
            )


def class_of(history: History, record_id: str) -> ClassOpened:
    """The class that a record cites: opened by the record's own issuer or a predecessor of it, and not voided.

    raises  EvidenceMissing (Refused)
    """
    found = cited(history, record_id, ClassOpened, own=False)
    if not history.registry.acts_for(history.issuer, found.issuer):
        raise EvidenceMissing("the cited class was opened by another institution")
    return found
