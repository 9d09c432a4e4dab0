"""培养载体终止: a carrier is closed or loses its title for good. What was done in it keeps its worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._carrier import CarrierEvent, payloads_of
from ledger.records._event import dated
from ledger.records._fields import Text, claim
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json


class CarrierEnded(CarrierEvent):
    """`happened_on` is the first day on which the carrier no longer exists."""

    KIND: ClassVar[str] = "carrier-ended"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "培养载体终止", "en": "carrier ended"}
    SHAPE: ClassVar[Shape] = dated(
        carrier={"record": Slot("carrier"), "reason": Slot("reason"), "document": Slot("document")}
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-20",
            "carrier": "5a1e0f3c7b9d2468ace013579bdf02468ace13579bdf0123456789abcdef0a01",
            "reason": "closed",
        },
        "disclosed": {},
    }

    reason: Literal["closed", "merged", "assessment-failed", "misconduct"] = claim("终止原因", "why it ended")
    document: Text | None = claim("文件号", "decision document", None)

    def check(self, history: History) -> None:
        """A carrier ends once.

        raises  EvidenceMissing, RuleBroken (Refused)
        """
        super().check(history)
        if payloads_of(history, self.carrier, self.KIND):
            raise RuleBroken("the carrier has ended already")
