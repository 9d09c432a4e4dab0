"""培训合格: a person took part in a training and completed it, with the minutes that counted.

Version 1 says so by itself. Version 2 rests on the class that the institution opened before (`class_opened.py`), and
says as well how attendance was recorded, how it was assessed and what did not succeed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import EvidenceMissing, MinutesDiffer, RuleBroken
from ledger.records._base import History, Scope, UniqueClaim
from ledger.records._codes import OCCUPATION_SCHEME
from ledger.records._credential import RESULT, Scored, credential_shape, midnight_seconds
from ledger.records._event import cited
from ledger.records._fields import (
    AS_LIST,
    AS_MIDNIGHT,
    CertificateText,
    CivilDate,
    LevelOrder,
    Listed,
    Minutes,
    OccupationCode,
    Pattern,
    RecordId,
    Text,
    Urn,
    claim,
    disclosed,
)
from ledger.records._outcome import FRAMEWORK, Framed
from ledger.records._shape import Derived, Hide, Maybe, Shape, Slot
from ledger.records._training import Digest, OrganisationMode, ProgrammeTags, check_total
from ledger.records.class_opened import ClassOpened, class_of
from ledger.records.enrolment import Enrolment
from ledger.wire.canonical import Json


class TrainingCompletion(Scored):
    """A training that was completed. Times are in minutes of attendance."""

    KIND: ClassVar[str] = "training-completion"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "培训合格记录", "en": "training completion"}
    RETENTION: ClassVar[str] = "consent"
    SHAPE: ClassVar[Shape] = credential_shape(
        name="职业培训合格证明",
        valid_from=Slot("issued_on", AS_MIDNIGHT),
        awardedDate=Slot("ended_on", AS_MIDNIGHT),
        subject={
            "achievement": {
                "id": Derived(lambda record: f"{record.issuer}/classes/{record.class_number}"),
                "type": ["Achievement"],
                "achievementType": "CertificateOfCompletion",
                "humanCode": Derived(lambda record: record.occupation_code, {"type": "string", "x-optional": True}),
                "name": Slot("programme_name"),
                "description": Derived(lambda record: f"职业培训：{record.programme_name}"),
                "criteria": {"narrative": Slot("criteria")},
                "inLanguage": "zh-CN",
                "classNumber": Slot("class_number"),
                "levelOrder": Slot("level_order"),
                "occupation": Maybe(
                    {
                        "scheme": Derived(lambda _: OCCUPATION_SCHEME),
                        "code": Slot("occupation_code"),
                        "name": Slot("occupation_name"),
                    }
                ),
            },
            "activityStartDate": Slot("started_on", AS_MIDNIGHT),
            "activityEndDate": Derived(lambda record: AS_MIDNIGHT.write(record.ended_on)),
            "delivery": Slot("delivery"),
            "minutes": Slot("minutes"),
            "minutesPlanned": Slot("minutes_planned"),
            "licenseNumber": Hide(Slot("certificate_number")),
            "result": RESULT,
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "institution_name": "示例职业培训学校",
            "institution_uscc": "52320102MJ000000XG",
            "region": "320102",
            "class_number": "2026-0017",
            "programme_name": "电工高级工培训",
            "criteria": "出勤率不低于80%，结业考核合格",
            "occupation_code": "6-31-01-03",
            "occupation_name": "电工",
            "level_order": 4,
            "delivery": "mixed",
            "minutes": 7200,
            "minutes_planned": 7200,
            "started_on": "2026-03-02",
            "ended_on": "2026-05-15",
            "issued_on": "2026-05-20",
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "certificate_number": "PX-2026-0017-003",
            "scores": {"theory": "88", "practice": "90"},
        },
    }

    class_number: CertificateText = claim("班级编号", "number of the class, unique in the institution")
    programme_name: Text = claim("培训项目名称", "name of the programme")
    criteria: Text = claim("合格标准", "what had to be done to complete it")
    occupation_code: OccupationCode | None = claim("职业编码", "occupation code", None)
    occupation_name: Text | None = claim("职业名称", "occupation at issue", None)
    level_order: LevelOrder | None = claim("目标等级序号", "order of the level aimed at, 1 to 8", None)
    delivery: Literal["offline", "online", "mixed"] = claim("培训方式", "mode of delivery")
    minutes: Minutes = claim("实际学时（分钟）", "minutes attended")
    minutes_planned: Minutes | None = claim("计划学时（分钟）", "minutes planned", None)
    started_on: CivilDate = claim("开始日期", "first day")
    ended_on: CivilDate = claim("结束日期", "last day")
    issued_on: CivilDate = claim("发证日期", "date of issue")
    certificate_number: CertificateText | None = disclosed("证书序列号", "certificate number")

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        if not self.started_on <= self.ended_on <= self.issued_on:
            raise PydanticCustomError("period", "started_on, ended_on and issued_on are not in this order")
        if (self.occupation_code is None) != (self.occupation_name is None):
            raise PydanticCustomError("occupation", "occupation_code and occupation_name go together")
        return self

    def occurred_on(self) -> date:
        """The last day of the training."""
        return self.ended_on

    def scope(self) -> Scope:
        """Occupation, level and region, as far as the training has them."""
        return Scope(self.KIND, self.occupation_code, self.level_order, self.region)

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """The certificate number, where there is one."""
        if self.certificate_number is None:
            return ()
        return (UniqueClaim("certificate", (self.issuer, self.KIND, self.certificate_number)),)

    def period(self) -> tuple[int | None, int | None]:
        """From the date of issue, without end."""
        return midnight_seconds(self.issued_on), None


COMPLETED, NOT_COMPLETED = "COMPLETED", "NOT_COMPLETED"
IMPORTED: Final = frozenset({"historical-import", "paper-backlog"})
"""Reasons for coming late of what was held before there were class records."""

REPEATED: Final = (
    "class_number",
    "programme_name",
    "occupation_code",
    "occupation_name",
    "level_order",
    "programme_tags",
    "organisation_mode",
    "delivery",
    "minutes_planned",
)
"""What a completion repeats of its class, so that it can be read alone."""

PARTS: Final = ("minutes_theory", "minutes_practice", "minutes_online")
FULL_ATTENDANCE: Final = 10_000
"""Attendance is told in basis points: hundredths of a percent."""

_V1: Final[Shape] = TrainingCompletion.SHAPE
_SUBJECT: Final[Shape] = _V1["credentialSubject"]
_ATTENDANCE: Final[Shape] = {
    "days": Slot("attendance_days"),
    "sessions": Slot("attendance_sessions"),
    "method": Slot("attendance_method"),
    "evidence": Slot("attendance_hashes", AS_LIST),
}


def _document(record: TrainingCompletion2) -> str:
    return "职业培训合格证明" if record.result == COMPLETED else "职业培训结果证明（未合格）"


def _achieved(record: TrainingCompletion2) -> str:
    return record.programme_name if record.result == COMPLETED else f"{record.programme_name}（未合格）"


def _achievement_type(record: TrainingCompletion2) -> str:
    return "CertificateOfCompletion" if record.result == COMPLETED else "Course"


class TrainingCompletion2(Framed, TrainingCompletion):
    """What came of a training: completed or not, with the minutes of attendance by part.

    Without a class it is an import of what was held before there were class records, and says so in `late`.
    """

    VERSION: ClassVar[int] = 2
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "培训结果记录", "en": "training result"}
    SHAPE: ClassVar[Shape] = {
        **_V1,
        "name": Derived(_document),
        "credentialSubject": {
            **_SUBJECT,
            "achievement": {
                **_SUBJECT["achievement"],
                "achievementType": Derived(_achievement_type),
                "name": Derived(_achieved),
                "qualificationLevel": FRAMEWORK,
            },
            "programme": Slot("programme_name"),
            "class": Maybe({"record": Slot("class_record")}),
            "enrolment": Maybe({"record": Slot("enrolment_record")}),
            "case": Slot("case"),
            "programmeTags": Slot("programme_tags", AS_LIST),
            "organisationMode": Slot("organisation_mode"),
            "minutesByPart": Maybe(
                {
                    "theory": Slot("minutes_theory"),
                    "practice": Slot("minutes_practice"),
                    "online": Slot("minutes_online"),
                }
            ),
            "attendance": Maybe(_ATTENDANCE),
            "attendanceBasisPoints": Derived(
                lambda record: record.attendance_basis_points(), {"type": "integer", "x-optional": True}
            ),
            "assessment": Maybe(
                {
                    "kind": Slot("assessment_kind"),
                    "result": Slot("assessment_result"),
                    "assessors": Slot("assessors"),
                    "evidence": Slot("assessment_hashes", AS_LIST),
                }
            ),
            "completion": Slot("result"),
        },
    }
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            **TrainingCompletion.EXAMPLE["claims"],
            "late": "historical-import",
            "programme_tags": ["manufacturing-skills"],
            "organisation_mode": "project",
            "minutes_theory": 2400,
            "minutes_practice": 3600,
            "minutes_online": 1200,
            "attendance_days": 30,
            "attendance_method": "card",
            "assessment_kind": "course-assessment",
            "assessment_result": "PASS",
            "assessors": 2,
            "result": COMPLETED,
        },
        "disclosed": TrainingCompletion.EXAMPLE["disclosed"],
    }

    class_record: RecordId | None = claim("开班记录", "record id of the class", None)
    enrolment_record: RecordId | None = claim("报名记录", "record id of the enrolment", None)
    case: Urn | None = claim("全链条服务编号", "case that links training and employment service", None)
    programme_tags: ProgrammeTags | None = claim("专项行动标签", "special programmes it belongs to", None)
    organisation_mode: OrganisationMode | None = claim("培训组织方式", "how it was organised", None)
    minutes_theory: Minutes | None = claim("其中理论（分钟）", "of the minutes theory, on site", None)
    minutes_practice: Minutes | None = claim("其中实操（分钟）", "of the minutes practice, on site", None)
    minutes_online: Minutes | None = claim("其中线上（分钟）", "of the minutes online", None)
    attendance_days: Annotated[int, Field(ge=1, le=10_000)] | None = claim("出勤天数", "days attended", None)
    attendance_sessions: Annotated[int, Field(ge=1, le=10_000)] | None = claim("出勤课次", "sessions attended", None)
    attendance_method: Literal["card", "e-card", "face-check", "platform-log", "sign-in-sheet"] | None = claim(
        "考勤方式", "how attendance was recorded", None
    )
    attendance_hashes: Annotated[tuple[Digest, ...], Listed()] | None = claim(
        "考勤证据摘要", "SHA-256 of the attendance evidence", None
    )
    assessment_kind: Literal["course-assessment", "skill-evaluation"] | None = claim(
        "考核类型（结业考核、技能评价）", "assessment at the end of the course, or evaluation of the skill", None
    )
    assessment_result: Literal["PASS", "FAIL"] | None = claim("考核结果", "result of the assessment", None)
    assessors: Annotated[int, Field(ge=2, le=100)] | None = claim("考评人员人数", "number of assessors", None)
    assessment_hashes: Annotated[tuple[Digest, ...], Listed()] | None = claim(
        "考核证据摘要", "SHA-256 of the assessment evidence", None
    )
    result: Annotated[str, Pattern(f"{COMPLETED}|{NOT_COMPLETED}")] = claim("培训结果", "what came of it", COMPLETED)

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        whole = (self.assessment_kind, self.assessment_result, self.assessors)
        if len({one is None for one in whole}) > 1 or (whole[0] is None and self.assessment_hashes is not None):
            raise PydanticCustomError("assessment", "kind, result and assessors of an assessment go together")
        if len({getattr(self, part) is None for part in PARTS}) > 1:
            raise PydanticCustomError("minutes", "minutes_theory, minutes_practice and minutes_online go together")
        if self.result == COMPLETED and self.assessment_result == "FAIL":
            raise PydanticCustomError("result", "a failed assessment completes nothing")
        if self.result == NOT_COMPLETED and self.certificate_number is not None:
            raise PydanticCustomError("result", "what was not completed has no certificate number")
        return self

    @model_validator(mode="after")
    def _check_of_class(self) -> Self:
        if self.class_record is None:
            if self.enrolment_record is not None:
                raise PydanticCustomError("class", "an enrolment is cited together with its class")
            return self
        if None in (self.minutes_theory, self.attendance_days, self.attendance_method, self.attendance_hashes):
            raise PydanticCustomError(
                "class", "a class tells minutes by part, and days, method and evidence of attendance"
            )
        if self.result == COMPLETED and self.assessment_result is None:
            raise PydanticCustomError("class", "a class is completed by an assessment")
        return self

    def attendance_basis_points(self) -> int | None:
        """Minutes attended of those planned, in hundredths of a percent, rounded down; None where none was planned."""
        return self.minutes * FULL_ATTENDANCE // self.minutes_planned if self.minutes_planned else None

    def reads(self) -> tuple[str, ...]:
        """Class and enrolment, as far as they are cited."""
        return tuple(one for one in (self.class_record, self.enrolment_record) if one is not None)

    def check(self, history: History) -> None:
        """Minutes add up; it agrees with class and enrolment, and is the person's only result of this class.

        raises  MinutesDiffer, EvidenceMissing, RuleBroken (Refused)
        """
        if self.minutes_planned is not None and self.minutes > self.minutes_planned:
            raise MinutesDiffer(f"attended are {self.minutes} minutes, planned were {self.minutes_planned}")
        if self.minutes_theory is not None:
            check_total(self.minutes, (getattr(self, part) for part in PARTS))
        if self.class_record is None:
            if self.late not in IMPORTED:
                raise EvidenceMissing(f"cite the class; only {' or '.join(sorted(IMPORTED))} in `late` goes without")
            return
        self._check_class(class_of(history, self.class_record))
        if self.enrolment_record is not None:
            enrolled = cited(history, self.enrolment_record, Enrolment)
            if (enrolled.class_record, enrolled.case) != (self.class_record, self.case):
                raise EvidenceMissing("the cited enrolment is for another class or case")
        for one in history.in_stream(self.KIND, suspended=True):
            if one.payload["credentialSubject"].get("class") == {"record": self.class_record}:
                raise RuleBroken("the person has a result of this class already; correct that record")

    def _check_class(self, found: ClassOpened) -> None:
        differing = [name for name in REPEATED if getattr(self, name) != getattr(found, name)]
        if differing:
            raise RuleBroken(f"{', '.join(differing)}: not as the class has it")
        for part in PARTS:
            attended, planned = getattr(self, part), getattr(found, part)
            if attended > planned:
                raise MinutesDiffer(f"{part}: attended are {attended}, the class planned {planned}")
        if self.started_on < found.started_on or self.ended_on > found.ended_on:
            raise RuleBroken(f"the class was held from {found.started_on} to {found.ended_on}")
