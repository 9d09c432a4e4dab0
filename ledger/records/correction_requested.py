"""更正申请: a worker says which fields of a record of theirs are wrong, and how (个人信息保护法 article 46)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, ClassVar, Final, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.calendar import is_working_day
from ledger.errors import EvidenceMissing, RuleBroken
from ledger.records._base import History
from ledger.records._fields import AS_DATE, AS_LIST, CivilDate, Listed, LongText, Pattern, RecordId, claim, disclosed
from ledger.records._service_event import ServiceEvent, service_shape
from ledger.records._shape import Hide, Shape, Slot
from ledger.records._supervision import EvidenceHash
from ledger.wire.canonical import Json

ANSWER_WORKING_DAYS: Final = 10
"""Within how many working days the issuer answers. The law says 及时, in time; ten is this ledger's rule."""

FIELDS_MAX: Final = 16

FieldName = Annotated[str, Pattern("[a-z][a-z0-9_]{0,63}")]
Values = Annotated[dict[FieldName, LongText], Field(min_length=1, max_length=FIELDS_MAX)]


def answer_due(asked_on: date) -> date:
    """The last day on which a correction asked for on a civil date is answered in time."""
    day, left = asked_on, ANSWER_WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return day


class CorrectionRequested(ServiceEvent):
    """Field names stand in clear, what they say and should say travels as disclosures."""

    KIND: ClassVar[str] = "correction-requested"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "更正申请", "en": "correction requested"}
    SHAPE: ClassVar[Shape] = service_shape(
        name="更正申请",
        request={
            "about": {"record": Slot("record")},
            "fields": Slot("fields", AS_LIST),
            "due": Slot("due_on", AS_DATE),
            "evidence": Slot("evidence_hashes", AS_LIST),
            "old": Hide(Slot("old_values")),
            "new": Hide(Slot("new_values")),
            "statement": Hide(Slot("statement")),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-20",
            "subject_id": "4f0c2f6e-7a51-4c0b-9d3e-6b1f0a3f6a01",
            "authenticated_by": "oidc",
            "record": "4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce",
            "fields": ["holder_name"],
            "due_on": "2026-06-03",
            "evidence_hashes": ["4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a"],
        },
        "disclosed": {
            "old_values": {"holder_name": "张叁"},
            "new_values": {"holder_name": "张三"},
            "statement": "示例：姓名录入错误",
        },
    }

    record: RecordId = claim("申请更正的记录", "record id of what is wrong")
    fields: Annotated[tuple[FieldName, ...], Listed(most=FIELDS_MAX)] = claim("申请更正的字段", "fields that are wrong")
    due_on: CivilDate = claim("答复期限", "last day for the answer")
    evidence_hashes: Annotated[tuple[EvidenceHash, ...], Listed(most=16)] | None = claim(
        "证据材料摘要值", "SHA-256 of each piece of evidence", None
    )
    old_values: Values | None = disclosed("原值", "what the fields say, by name")
    new_values: Values | None = disclosed("更正值", "what they should say, by name")
    statement: LongText | None = disclosed("申请说明", "what is wrong, in words", required=True)

    @model_validator(mode="after")
    def _check_values(self) -> Self:
        if any(not set(values) <= set(self.fields) for values in (self.old_values, self.new_values) if values):
            raise PydanticCustomError("values", "gives a value for a field that it does not name")
        return self

    def reads(self) -> tuple[str, ...]:
        """What is wrong."""
        return (self.record,)

    def check(self, history: History) -> None:
        """The record is the worker's own and still stands, its kind has these fields, and the time limit is the rule's.

        raises  EvidenceMissing, RuleBroken (Refused)
        """
        if not history.owns(self.record):
            raise EvidenceMissing("the record that is wrong is not one of this worker in this log")
        wrong = history.read(self.record)
        if wrong.PLACE != "subject" or "service" in wrong.SIGNERS:
            raise RuleBroken("only what an institution recorded of a worker is corrected on request")
        if history.status(self.record) not in ("active", "suspended"):
            raise RuleBroken("the record is revoked or superseded already")
        if not set(self.fields) <= wrong.NAMES:
            raise RuleBroken(f"records of kind {wrong.kind} do not have all the fields named")
        if self.due_on != answer_due(self.happened_on):
            raise RuleBroken(f"expected an answer by {answer_due(self.happened_on)}, found {self.due_on}")
