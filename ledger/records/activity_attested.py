"""活动经历证明: somebody took part in something that has no kind of its own; one kind for all of these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.records._base import History, Record
from ledger.records._event import PersonEvent, cited, person_shape
from ledger.records._fields import (
    AS_DATE,
    AS_REFERENCES,
    CivilDate,
    Listed,
    Minutes,
    OccupationCode,
    Pattern,
    RecordId,
    RegionCode,
    Text,
    Urn,
    claim,
)
from ledger.records._shape import Derived, Maybe, Shape, Slot
from ledger.wire.canonical import Json

ACTIVITIES: Final[Mapping[str, Mapping[str, str]]] = {
    "contest-judging": {"zh": "竞赛裁判", "en": "judging a contest"},  # S-060
    "contest-expert": {"zh": "竞赛专家与技术指导", "en": "expert of a contest"},  # S-060
    "job-drill": {"zh": "岗位练兵", "en": "drill on the job"},  # S-035, S-053
    "part-time-teaching": {"zh": "院校兼职任教", "en": "part-time teaching at a school"},  # S-082
    "practice-instruction": {"zh": "实习实训指导", "en": "instructing practical training"},  # S-082
    "enterprise-practice": {"zh": "教师企业实践", "en": "a teacher's practice in an enterprise"},  # S-083
    "demonstration-course": {"zh": "绝招绝技示教课程", "en": "demonstration course"},  # S-074
    "open-bid-project": {"zh": "揭榜挂帅（揭榜领题）", "en": "open-bid project"},  # S-075
    "technical-project": {"zh": "技术革新与技术攻关", "en": "technical innovation project"},  # S-075
    "research-project": {"zh": "科研项目", "en": "research project"},  # S-075
    "production-decision": {"zh": "参与重大生产决策", "en": "taking part in a major production decision"},  # S-075
    "standard-development": {"zh": "参与职业标准编制", "en": "developing an occupational standard"},  # S-027
    "senior-seminar": {"zh": "高级研修", "en": "senior seminar"},  # S-024
    "overseas-training": {"zh": "海外培训", "en": "training abroad"},  # S-024
    "outstanding-technician": {"zh": "卓越技师培养", "en": "outstanding technicians' programme"},  # S-024
    "exchange": {"zh": "研修交流", "en": "exchange"},  # S-103
    "recuperation": {"zh": "休假疗养", "en": "recuperation"},  # S-103
    "employment-intent": {"zh": "就业意愿识别", "en": "interview about work wanted"},  # S-094
    "skill-gap-diagnosis": {"zh": "技能短板诊断", "en": "diagnosis of missing skills"},  # S-094
    "job-placement": {"zh": "推荐就业", "en": "placement in a job"},  # S-094
}
"""Activities with their labels; codes are permanent."""

ROLES: Final[Mapping[str, Mapping[str, str]]] = {
    "lead": {"zh": "主持", "en": "lead"},
    "member": {"zh": "成员", "en": "member"},
    "chief-judge": {"zh": "裁判长", "en": "chief judge"},
    "judge": {"zh": "裁判员", "en": "judge"},
    "expert": {"zh": "专家", "en": "expert"},
    "teacher": {"zh": "教师", "en": "teacher"},
    "participant": {"zh": "参加者", "en": "participant"},
}
"""As what a person took part; codes are permanent."""


def _title(record: ActivityAttested) -> str:
    return f"{ACTIVITIES[record.activity]['zh']}：{record.title}"


class ActivityAttested(PersonEvent):
    """Something done in a period, by one person in one role. It rests on consent: no law makes anybody record it."""

    KIND: ClassVar[str] = "activity-attested"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "活动经历证明", "en": "activity attested"}
    RETENTION: ClassVar[str] = "consent"
    SHAPE: ClassVar[Shape] = person_shape(
        name=Derived(_title),
        region=Slot("region"),
        occupation=Maybe({"code": Slot("occupation_code"), "name": Slot("occupation_name")}),
        minutes=Slot("minutes"),
        activity={
            "code": Slot("activity"),
            "title": Slot("title"),
            "role": Slot("role"),
            "organiser": Slot("organiser"),
            "from": Slot("started_on", AS_DATE),
            "until": Slot("ended_on", AS_DATE),
        },
        records=Slot("records", AS_REFERENCES),
        case=Slot("case"),
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-20",
            "region": "320102",
            "activity": "contest-judging",
            "title": "示例省焊工职业技能竞赛",
            "role": "judge",
            "organiser": "示例省职业技能竞赛组委会",
            "occupation_code": "6-18-02-04",
            "occupation_name": "焊工",
            "started_on": "2026-05-18",
            "ended_on": "2026-05-20",
            "minutes": 1440,
        },
        "disclosed": {"holder_name": "张三", "document_number": "320106190001020029"},
    }

    region: RegionCode | None = claim("行政区划代码", "region code of the place, within the country", None)
    activity: Annotated[str, Pattern("|".join(ACTIVITIES))] = claim("活动类别", "activity")
    title: Text = claim("活动名称", "what it was called")
    role: Annotated[str, Pattern("|".join(ROLES))] = claim("担任角色", "role")
    organiser: Text | None = claim("主办单位", "organiser", None)
    occupation_code: OccupationCode | None = claim("职业编码", "occupation code", None)
    occupation_name: Text | None = claim("职业名称", "occupation", None)
    started_on: CivilDate = claim("开始日期", "first day")
    ended_on: CivilDate | None = claim("结束日期", "last day; left out while it goes on", None)
    minutes: Minutes | None = claim("学时或时长（分钟）", "minutes", None)
    records: Annotated[tuple[RecordId, ...], Listed()] | None = claim(
        "关联记录", "records of the person it rests on", None
    )
    case: Urn | None = claim("全链条服务编号", "case that links training and employment service", None)

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
        if not self.started_on <= (self.ended_on or self.happened_on) <= self.happened_on:
            raise PydanticCustomError("period", "started_on, ended_on and happened_on are not in this order")
        if (self.occupation_code is None) != (self.occupation_name is None):
            raise PydanticCustomError("occupation", "occupation_code and occupation_name go together")
        return self

    def reads(self) -> tuple[str, ...]:
        """The records it rests on."""
        return self.records or ()

    def check(self, history: History) -> None:
        """What it rests on is this person's and in force.

        raises  EvidenceMissing (Refused)
        """
        for record_id in self.reads():
            cited(history, record_id, Record)
