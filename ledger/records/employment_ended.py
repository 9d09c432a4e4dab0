"""从业经历终止: an employment that was attested as going on has come to its last day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import EvidenceMissing, RuleBroken
from ledger.records._base import History
from ledger.records._event import PersonEvent, cited, person_shape
from ledger.records._fields import AS_DATE, CivilDate, RecordId, claim
from ledger.records._shape import Shape, Slot
from ledger.records.employment_attested import EmploymentAttested
from ledger.wire.canonical import Json


class EmploymentEnded(PersonEvent):
    """The last day of an open employment; why it ended is nobody's business here."""

    KIND: ClassVar[str] = "employment-ended"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "从业经历终止", "en": "employment ended"}
    SHAPE: ClassVar[Shape] = person_shape(
        name="从业经历终止",
        employment={"record": Slot("employment_record"), "until": Slot("ended_on", AS_DATE)},
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-20",
            "employment_record": "7c1e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0e01",
            "ended_on": "2026-05-15",
        },
        "disclosed": {"holder_name": "张三", "document_number": "320106190001020029"},
    }

    employment_record: RecordId = claim("从业经历证明记录", "record id of the attested employment")
    ended_on: CivilDate = claim("结束日期", "last day of work")

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        if self.ended_on > self.happened_on:
            raise PydanticCustomError("period", "ended_on is after happened_on")
        return self

    def reads(self) -> tuple[str, ...]:
        """The attested employment."""
        return (self.employment_record,)

    def check(self, history: History) -> None:
        """The employment is this person's, attested by the same issuer or its predecessor, and open on its last day.

        raises  EvidenceMissing, RuleBroken (Refused)
        """
        found = cited(history, self.employment_record, EmploymentAttested)
        if not history.registry.acts_for(history.issuer, found.issuer):
            raise EvidenceMissing("the cited employment was attested by another institution")
        if found.ended_on is not None:
            raise RuleBroken(f"the employment was attested until {found.ended_on}; correct that record instead")
        if self.ended_on < found.started_on:
            raise RuleBroken(f"the employment began on {found.started_on}, after {self.ended_on}")
        held = history.in_stream(self.KIND, suspended=True)
        if any(one.payload["employment"]["record"] == self.employment_record for one in held):
            raise RuleBroken("the employment has ended already; correct that record instead")
