"""表彰奖励: an honour or a prize, with the contest that led to it where there was one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import RuleBroken
from ledger.records._base import History, Record, Scope, UniqueClaim
from ledger.records._credential import Credential, credential_shape, midnight_seconds
from ledger.records._event import cited
from ledger.records._fields import (
    AS_MIDNIGHT,
    AS_REFERENCES,
    CertificateText,
    CivilDate,
    Listed,
    OccupationCode,
    Pattern,
    RecordId,
    Text,
    UpperCode,
    claim,
    disclosed,
)
from ledger.records._joint import check_sides
from ledger.records._shape import Derived, Hide, Maybe, Shape, Slot
from ledger.records.contest_result import ContestResult
from ledger.wire.canonical import Json

LEVELS: Final[Mapping[str, Mapping[str, str]]] = {
    "international": {"zh": "国际级", "en": "international"},
    "national": {"zh": "国家级", "en": "national"},
    "provincial": {"zh": "省级", "en": "provincial"},
    "municipal": {"zh": "市级", "en": "municipal"},
    "county": {"zh": "县级", "en": "county"},
    "enterprise": {"zh": "企业级", "en": "enterprise"},
}
"""Levels at which awards are granted; codes are permanent."""

ROLES: Final[Mapping[str, Mapping[str, str]]] = {
    "recipient": {"zh": "获奖人", "en": "recipient"},
    "leader": {"zh": "负责人", "en": "leader"},
    "member": {"zh": "成员", "en": "member"},
    "coach": {"zh": "指导教师（教练）", "en": "coach"},
}
"""As what a person was honoured; codes are permanent."""

SHARED: Final = (
    "award_code",
    "award_name",
    "tier",
    "level",
    "granting_body",
    "document",
    "edition",
    "decided_on",
    "team_name",
)
"""What several persons who are honoured together have in common."""

Small = Annotated[int, Field(ge=1, le=10_000)]


class Award(Credential):
    """An award to one person; the members of a team get one record each, in one group."""

    KIND: ClassVar[str] = "award"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "表彰奖励", "en": "award"}
    SHAPE: ClassVar[Shape] = credential_shape(
        name=Derived(lambda record: record.award_name),
        valid_from=Slot("decided_on", AS_MIDNIGHT),
        awardedDate=Derived(lambda record: AS_MIDNIGHT.write(record.decided_on)),
        subject={
            "achievement": {
                "id": Derived(lambda record: f"{record.issuer}/awards/{record.award_code}"),
                "type": ["Achievement"],
                "achievementType": "Award",
                "name": Slot("award_name"),
                "description": Derived(lambda record: f"{record.award_name}（{record.document}）"),
                "criteria": {"narrative": Slot("document")},
                "inLanguage": "zh-CN",
                "awardCode": Slot("award_code"),
                "tier": Slot("tier"),
                "edition": Slot("edition"),
            },
            "contest": Maybe(
                {
                    "name": Slot("contest_name"),
                    "class": Slot("contest_class"),
                    "event": Slot("contest_event"),
                    "occupation": Slot("occupation_code"),
                    "group": Slot("contest_group"),
                    "rank": Slot("contest_rank"),
                    "teamSize": Slot("team_size"),
                }
            ),
            "licenseNumber": Hide(Slot("certificate_number")),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "institution_name": "示例省人力资源和社会保障厅",
            "institution_uscc": "52320102MJ000000XG",
            "region": "320000",
            "award_code": "AW-CN-02",
            "award_name": "全国技术能手",
            "tier": "STATE",
            "document": "示例人社发〔2026〕9号",
            "decided_on": "2026-06-18",
            "contest_name": "示例省职业技能大赛",
            "contest_class": "provincial-1",
            "contest_event": "电工",
            "contest_group": "workers",
            "contest_rank": 1,
            "team_size": 1,
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "certificate_number": "RY-2026-0009",
        },
    }

    award_code: UpperCode = claim("奖项编码", "award code")
    award_name: Text = claim("奖项名称", "award name")
    tier: Literal["STATE", "INDUSTRY", "SOCIAL"] = claim("奖项层级", "tier")
    document: Text = claim("表彰文件", "decision document")
    edition: Text | None = claim("届次", "edition or year", None)
    decided_on: CivilDate = claim("表彰日期", "date of the decision")
    contest_name: Text | None = claim("竞赛名称", "contest", None)
    contest_class: (
        Literal["national", "national-1", "national-2", "provincial-1", "provincial-2", "municipal", "world"] | None
    ) = claim("竞赛类别", "class of the contest", None)
    contest_event: Text | None = claim("竞赛项目", "event", None)
    occupation_code: OccupationCode | None = claim("职业编码", "occupation code", None)
    contest_group: Literal["workers", "students"] | None = claim("组别", "group", None)
    contest_rank: Small | None = claim("名次", "rank", None)
    team_size: Small | None = claim("参赛人数", "size of the team", None)
    certificate_number: CertificateText | None = disclosed("荣誉证书编号", "certificate number")

    def occurred_on(self) -> date:
        """The date of the decision."""
        return self.decided_on

    def scope(self) -> Scope:
        """Kind and region; the occupation where a contest names one."""
        return Scope(self.KIND, self.occupation_code, None, self.region)

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """The certificate number, where there is one."""
        if self.certificate_number is None:
            return ()
        return (UniqueClaim("certificate", (self.issuer, self.KIND, self.certificate_number)),)

    def period(self) -> tuple[int | None, int | None]:
        """From the date of the decision, without end."""
        return midnight_seconds(self.decided_on), None


class JointAward(Award):
    """Version 2: who granted it at which level, as what and as which of how many persons, and on which records."""

    VERSION: ClassVar[int] = 2
    SHAPE: ClassVar[Shape] = {
        **Award.SHAPE,
        "awardLevel": Slot("level"),
        "grantedBy": Slot("granting_body"),
        "team": Slot("team_name"),
        "recipient": {"role": Slot("role"), "order": Slot("person_order"), "of": Slot("persons")},
        "result": Maybe({"record": Slot("result_record")}),
        "evidence": Slot("evidence_records", AS_REFERENCES),
    }
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            **Award.EXAMPLE["claims"],
            "level": "national",
            "granting_body": "示例国家人力资源和社会保障部",
            "role": "recipient",
            "person_order": 1,
            "persons": 1,
        },
        "disclosed": Award.EXAMPLE["disclosed"],
    }

    level: Annotated[str, Pattern("|".join(LEVELS))] | None = claim("授予级别", "level at which it was granted", None)
    granting_body: Text | None = claim("授予单位", "granting body; left out where it is the issuer", None)
    team_name: Text | None = claim("获奖集体", "team or collective that was honoured", None)
    role: Annotated[str, Pattern("|".join(ROLES))] | None = claim("获奖身份", "as what the person was honoured", None)
    person_order: Small | None = claim("排名", "place among the persons honoured together", None)
    persons: Annotated[int, Field(ge=1, le=32)] = claim("获奖人数", "persons honoured together", 1)
    result_record: RecordId | None = claim("竞赛成绩记录", "record of the contest result behind it", None)
    evidence_records: Annotated[tuple[RecordId, ...], Listed()] | None = claim("依据记录", "records it rests on", None)

    @model_validator(mode="after")
    def _check_persons(self) -> Self:
        if self.persons > 1 and (self.group is None or self.person_order is None):
            raise PydanticCustomError("group", "an award to several persons needs its group and person_order")
        if self.person_order is not None and self.person_order > self.persons:
            raise PydanticCustomError("order", "person_order is beyond persons")
        return self

    def reads(self) -> tuple[str, ...]:
        """The contest result, and the records it rests on."""
        return (*((self.result_record,) if self.result_record else ()), *(self.evidence_records or ()))

    def check(self, history: History) -> None:
        """All persons honoured together are here, and the cited records say what the award repeats of them.

        raises  GroupIncomplete, EvidenceMissing, RuleBroken (Refused)
        """
        check_sides(self, history, count=self.persons, same=SHARED, place="person_order")
        for record_id in self.evidence_records or ():
            cited(history, record_id, Record)
        if self.result_record is not None:
            self._check_result(cited(history, self.result_record, ContestResult))

    def _check_result(self, result: ContestResult) -> None:
        repeated = {
            "contest_name": result.contest_name,
            "contest_event": result.event_name,
            "occupation_code": result.occupation_code,
            "contest_group": result.contest_group,
            "contest_rank": result.rank,
            "team_size": result.team_size,
        }
        for name, expected in repeated.items():
            if self.field(name) not in (None, expected):
                raise RuleBroken(f"{name} differs from the cited contest result")
        if self.decided_on < result.happened_on:
            raise RuleBroken(f"decided on {self.decided_on}, before the result of {result.happened_on}")
