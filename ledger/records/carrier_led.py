"""载体领衔人: somebody leads a studio or another carrier for a term, says an owner or a government body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._carrier import carrier_on
from ledger.records._event import PersonEvent, person_shape
from ledger.records._fields import AS_DATE, CivilDate, RecordId, Text, claim
from ledger.records._shape import Shape, Slot
from ledger.records.carrier_registered import CarrierRegistered
from ledger.wire.canonical import Json


class CarrierLed(PersonEvent):
    """A term from one day to another, or from one day on; `happened_on` is the day of the appointment."""

    KIND: ClassVar[str] = "carrier-led"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "载体领衔人", "en": "carrier led"}
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution", "authority"})
    SHAPE: ClassVar[Shape] = person_shape(
        name="领衔培养载体",
        carrier={
            "record": Slot("carrier"),
            "role": Slot("role"),
            "from": Slot("started_on", AS_DATE),
            "until": Slot("ended_on", AS_DATE),
            "document": Slot("document"),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-20",
            "carrier": "5a1e0f3c7b9d2468ace013579bdf02468ace13579bdf0123456789abcdef0a01",
            "role": "lead",
            "started_on": "2026-06-01",
            "ended_on": "2029-05-31",
        },
        "disclosed": {"holder_name": "张三", "document_number": "320106190001020029"},
    }

    carrier: RecordId = claim("载体登记记录", "record id of the carrier's registration")
    role: Literal["lead", "deputy"] = claim("角色", "lead person or deputy")
    started_on: CivilDate = claim("任期开始日期", "first day of the term")
    ended_on: CivilDate | None = claim("任期结束日期", "last day of the term; left out where none is set", None)
    document: Text | None = claim("文件号", "decision document", None)

    @model_validator(mode="after")
    def _check_term(self) -> Self:
        if self.ended_on is not None and self.ended_on < self.started_on:
            raise PydanticCustomError("period", "ends before it begins")
        return self

    def reads(self) -> tuple[str, ...]:
        """The carrier's registration."""
        return (self.carrier,)

    def check(self, history: History) -> None:
        """The carrier exists when the term begins; an owner, its successor, or a government body says so.

        raises  EvidenceMissing, RuleBroken (Refused)
        """
        carrier = carrier_on(history, self.carrier, day=self.started_on)
        if not self._may_say(carrier, history):
            raise RuleBroken("only an owner of the carrier, the authority or a government body names its lead person")

    @staticmethod
    def _may_say(carrier: CarrierRegistered, history: History) -> bool:
        registry = history.registry
        body = registry.issuer(history.issuer)
        if body is not None and body.type == "government-body":
            return True
        owners = (registry.institution(uscc).issuer for uscc in carrier.owners())
        return any(registry.acts_for(history.issuer, owner) for owner in owners)
