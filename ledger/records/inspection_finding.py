"""督导发现: what an inspection or the monitoring of data found at an institution. A case: a decision follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.records._base import History
from ledger.records._event import InstitutionEvent, dated
from ledger.records._fields import (
    AS_DATE,
    AS_REFERENCES,
    CivilDate,
    Listed,
    LongText,
    RecordId,
    Text,
    claim,
    disclosed,
)
from ledger.records._shape import Hide, Shape, Slot
from ledger.records._supervision import Finding, check_issued_by, check_not_own
from ledger.wire.canonical import Json


class InspectionFinding(InstitutionEvent):
    """One finding, of a gravity, with the records that show it. Where something can be put right: until when."""

    KIND: ClassVar[str] = "inspection-finding"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "督导发现", "en": "inspection finding"}
    SHAPE: ClassVar[Shape] = dated(
        finding={
            "uscc": Slot("uscc"),
            "method": Slot("method"),
            "code": Slot("finding"),
            "severity": Slot("severity"),
            "records": Slot("records", AS_REFERENCES),
            "rectifyBy": Slot("rectify_by", AS_DATE),
            "document": Slot("document"),
            "text": Hide(Slot("text")),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "uscc": "52320102MJ000000XG",
            "happened_on": "2026-05-20",
            "method": "on-site",
            "finding": "attendance-false",
            "severity": "major",
            "rectify_by": "2026-06-30",
        },
        "disclosed": {"text": "示例：抽查当日到场人数与考勤不符"},
    }

    happened_on: CivilDate = claim("督导日期", "date of the inspection")
    method: Literal["on-site", "documents", "data-monitoring"] = claim("督导方式", "how it was found")
    finding: Finding = claim("问题类别", "what was found")
    severity: Literal["notice", "minor", "major", "grave"] = claim("严重程度", "gravity")
    records: Annotated[tuple[RecordId, ...], Listed()] | None = claim("相关记录", "records that show it", None)
    rectify_by: CivilDate | None = claim("整改期限", "last day to put it right", None)
    document: Text | None = claim("文件号", "inspection document", None)
    text: LongText | None = disclosed("情况说明", "what was found, in words", required=True)

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        if self.rectify_by is not None and self.rectify_by < self.happened_on:
            raise PydanticCustomError("period", "the last day to put it right lies before the inspection")
        return self

    def occurred_on(self) -> date:
        """The date of the inspection."""
        return self.happened_on

    def reads(self) -> tuple[str, ...]:
        """The records that show it."""
        return self.records or ()

    def check(self, history: History) -> None:
        """The institution is registered and another one than the inspector; every record cited comes from it.

        raises  EvidenceMissing, RuleBroken (Refused)
        """
        check_not_own(history, self.uscc)
        for record_id in self.reads():
            check_issued_by(history, record_id, self.uscc)
