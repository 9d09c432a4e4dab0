"""从业经历证明: somebody worked in an occupation, says the employer. Promotion conditions count these years.

Flexible work is a list of dated relations, not one value: several may run side by side (part-time, shared, seconded).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.records._event import PersonEvent, person_shape
from ledger.records._fields import AS_DATE, CivilDate, OccupationCode, RegionCode, Text, claim
from ledger.records._shape import Derived, Shape, Slot
from ledger.wire.canonical import Json


class EmploymentAttested(PersonEvent):
    """Work from one day to another, or from one day on; `happened_on` is the day of the attestation."""

    KIND: ClassVar[str] = "employment-attested"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "从业经历证明", "en": "employment attested"}
    SHAPE: ClassVar[Shape] = person_shape(
        name=Derived(lambda record: f"{record.employer_name}：{record.occupation_name}"),
        region=Slot("region"),
        occupation={"code": Slot("occupation_code"), "name": Slot("occupation_name")},
        employment={
            "employer": Slot("employer_name"),
            "form": Slot("form"),
            "from": Slot("started_on", AS_DATE),
            "until": Slot("ended_on", AS_DATE),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-06-30",
            "region": "320102",
            "employer_name": "示例重型装备集团有限公司",
            "occupation_code": "6-18-02-04",
            "occupation_name": "焊工",
            "form": "full-time",
            "started_on": "2015-07-01",
            "ended_on": "2026-06-30",
        },
        "disclosed": {"holder_name": "张三", "document_number": "320106190001020029"},
    }

    region: RegionCode = claim("行政区划代码", "region code of the place of work")
    employer_name: Text = claim("用人单位名称", "employer")
    occupation_code: OccupationCode = claim("职业编码", "occupation code")
    occupation_name: Text = claim("职业名称", "occupation")
    form: Literal["full-time", "part-time", "shared", "seconded", "flexible"] = claim("用工形式", "form of employment")
    started_on: CivilDate = claim("开始日期", "first day of work")
    ended_on: CivilDate | None = claim("结束日期", "last day of work; left out while it goes on", None)

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        last = self.ended_on or self.happened_on
        if not self.started_on <= last <= self.happened_on:
            raise PydanticCustomError("period", "started_on, ended_on and happened_on are not in this order")
        return self
