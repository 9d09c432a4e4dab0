"""What all event kinds share: registered JWT claims, a date, and the target or subject they speak of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol

from ledger.errors import RuleBroken, TargetUnknown
from ledger.records._base import KINDS_URL, History, Logged, Record
from ledger.records._fields import AS_MIDNIGHT, Uscc, claim
from ledger.records._shape import Derived, Hide, Maybe, Shape, Slot
from ledger.wire.envelope import TYP_EVENT

SUBJECT: Shape = {
    "name": Hide(Slot("holder_name")),
    "number": Hide(Slot("document_number")),
}
"""Whom an event is about; both values are disclosures."""


def event_shape(**body: Shape) -> Shape:
    """The shape of an event: the common members and the kind's own."""
    return {
        "evt": Derived(lambda record: KINDS_URL + record.kind),
        "iss": Slot("issuer"),
        "iat": Slot("issued_at"),
        "jti": Slot("uid"),
        "late": Maybe({"reason": Slot("late")}),
        "group": Slot("group"),
        **body,
    }


def dated(**body: Shape) -> Shape:
    """An event that names the civil date on which it happened, `happened_on`."""
    return event_shape(occurred=Slot("happened_on", AS_MIDNIGHT), **body)


class Event(Record):
    """A record that is no credential."""

    TYP: ClassVar[str] = TYP_EVENT


class Targeting(Protocol):
    """An event that acts on a record."""

    @property
    def log(self) -> str | None:
        """Origin of the log that holds the target."""
        ...

    @property
    def target_record(self) -> str:
        """Record id of the target."""
        ...


def check_target(event: Targeting, history: History) -> Logged:
    """The held record that an event acts on: one about a person, in this log.

    raises  TargetUnknown, RuleBroken (Refused)
    """
    if event.log is not None and event.log != history.origin:
        raise TargetUnknown("the target lies in another log")
    held = history.record(event.target_record)
    if held is None:
        raise TargetUnknown("the target record is not in this log; check its record id")
    if not history.names_person(held):
        raise RuleBroken("only records about a person are revoked or corrected; other kinds have their own way to end")
    return held


class RegistryEvent(Event):
    """An event of the registry: signed by the authority."""

    SIGNERS: ClassVar[frozenset[str]] = frozenset({"authority"})
    PLACE: ClassVar[str] = "institution"


class InstitutionEvent(RegistryEvent):
    """An event about one institution, which it names by its credit code."""

    uscc: Uscc = claim("统一社会信用代码", "unified social credit code")

    def about(self, uscc_by_issuer: Mapping[str, str]) -> str:  # noqa: ARG002  other kinds need the registry
        """The stream of the institution it names."""
        return self.uscc
