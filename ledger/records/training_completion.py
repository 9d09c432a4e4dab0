"""培训合格: a person took part in a training and completed it, with the minutes that counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.records._base import Scope, UniqueClaim
from ledger.records._codes import OCCUPATION_SCHEME
from ledger.records._credential import RESULT, Scored, credential_shape, midnight_seconds
from ledger.records._fields import (
    AS_MIDNIGHT,
    CertificateText,
    CivilDate,
    LevelOrder,
    Minutes,
    OccupationCode,
    Text,
    claim,
    disclosed,
)
from ledger.records._shape import Derived, Hide, Maybe, Shape, Slot
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
