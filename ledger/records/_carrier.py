"""What later events of a carrier share: they cite its registration and live in the same stream."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._event import Event, cited
from ledger.records._fields import CivilDate, RecordId, claim
from ledger.records.carrier_registered import CarrierRegistered, check_body


def carrier_on(history: History, carrier: str, *, day: date) -> CarrierRegistered:
    """The registered carrier that a record cites, which existed on a civil date.

    raises  EvidenceMissing, RuleBroken (Refused)
    """
    found = cited(history, carrier, CarrierRegistered, own=False)
    if day < found.founded_on:
        raise RuleBroken(f"the carrier was founded on {found.founded_on}, after {day}")
    for end in payloads_of(history, carrier, "carrier-ended"):
        if day >= date.fromisoformat(end["occurred"][:10]):
            raise RuleBroken(f"the carrier ended on {end['occurred'][:10]}")
    return found


def payloads_of(history: History, carrier: str, kind: str) -> list[dict[str, Any]]:
    """Payloads of the events of a kind, given without version, that a carrier has had, oldest first."""
    return [
        one.payload
        for one in history.stream_beside(carrier)
        if one.kind.partition("/")[0] == kind and one.payload["carrier"]["record"] == carrier
    ]


class CarrierEvent(Event):
    """An event of one carrier, by the authority or a government body."""

    PLACE: ClassVar[str] = "target"
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"authority", "institution"})

    happened_on: CivilDate = claim("发生日期", "date on which it happened")
    carrier: RecordId = claim("载体登记记录", "record id of the carrier's registration")

    def occurred_on(self) -> date:
        """The date on which it happened."""
        return self.happened_on

    def target(self) -> str:
        """The carrier's registration, beside which it lives."""
        return self.carrier

    def check(self, history: History) -> None:
        """A government body says it, of a carrier that exists on that date.

        raises  EvidenceMissing, RuleBroken (Refused)
        """
        check_body(history)
        carrier_on(history, self.carrier, day=self.happened_on)
