"""受保护的工作中断: days off work that must not hurt evaluation, title or appointment (S-040).

Rests on consent: nobody has to tell the ledger why they were away, and the reason is sensitive. It is a disclosure, and
erasing it leaves the dates, on which rules of continuous years depend; every reason protects alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.records._event import PersonEvent, person_shape
from ledger.records._fields import AS_DATE, CivilDate, Pattern, claim, disclosed
from ledger.records._shape import Hide, Shape, Slot
from ledger.wire.canonical import Json

REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    "maternity": {"zh": "生育", "en": "maternity"},
    "parental": {"zh": "育儿或陪产", "en": "parental leave"},
    "work-injury": {"zh": "工伤停工留薪", "en": "injury at work"},
    "illness": {"zh": "医疗期", "en": "illness"},
    "military-service": {"zh": "服兵役", "en": "military service"},
}
"""Why work was interrupted, with labels; codes are permanent."""


class ProtectedInterruption(PersonEvent):
    """Days from `started_on` to `ended_on`, which may lie ahead for a leave that has been granted."""

    KIND: ClassVar[str] = "protected-interruption"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "受保护的工作中断", "en": "protected interruption"}
    RETENTION: ClassVar[str] = "consent"
    SHAPE: ClassVar[Shape] = person_shape(
        name="受保护的工作中断",
        interruption={
            "reason": Hide(Slot("reason")),
            "from": Slot("started_on", AS_DATE),
            "until": Slot("ended_on", AS_DATE),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {"happened_on": "2026-05-20", "started_on": "2025-12-01", "ended_on": "2026-05-07"},
        "disclosed": {"holder_name": "张三", "document_number": "320106190001020029", "reason": "maternity"},
    }

    started_on: CivilDate = claim("开始日期", "first day")
    ended_on: CivilDate = claim("结束日期", "last day")
    reason: Annotated[str, Pattern("|".join(REASONS))] | None = disclosed("中断原因", "reason", required=True)

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        if not self.started_on <= min(self.ended_on, self.happened_on):
            raise PydanticCustomError("period", "started_on is after ended_on or happened_on")
        return self
