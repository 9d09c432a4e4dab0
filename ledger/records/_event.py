"""What all event kinds share: registered JWT claims, a date, and the target or subject they speak of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from ledger.errors import EvidenceMissing, RuleBroken, TargetUnknown
from ledger.records._base import KINDS_URL, History, Logged, Record, Scope
from ledger.records._fields import AS_MIDNIGHT, CivilDate, DocumentText, PersonName, Uscc, claim, disclosed
from ledger.records._shape import Derived, Hide, Maybe, Shape, Slot
from ledger.wire.envelope import TYP_EVENT

if TYPE_CHECKING:
    from ledger.registry import Registry

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


def person_shape(*, name: Shape, **body: Shape) -> Shape:
    """The shape of a dated event about a person.

    name  what the archive calls it, in Chinese
    body  the kind's own members; `occupation`, `levelOrder`, `minutes`, `until` mean what they do in credentials, and
          every record it rests on is cited as `{"record": id}`
    """
    return dated(name=name, subject=SUBJECT, **body)


class Event(Record):
    """A record that is no credential."""

    TYP: ClassVar[str] = TYP_EVENT


class PersonEvent(Event):
    """An event about one person, signed by an institution that is accredited for its kind.

    Its shape is made with `person_shape`.
    """

    PLACE: ClassVar[str] = "subject"
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution"})

    happened_on: CivilDate = claim("发生日期", "date on which it happened")
    holder_name: PersonName | None = disclosed("姓名", "holder's name", required=True)
    document_number: DocumentText | None = disclosed("证件号码", "card or document number", required=True)

    def occurred_on(self) -> date:
        """The date on which it happened."""
        return self.happened_on

    def scope(self) -> Scope | None:
        """Kind, and occupation, level and region as far as the kind names them."""
        return Scope(self.KIND, self.field("occupation_code"), self.field("level_order"), self.field("region"))


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


RecordT = TypeVar("RecordT", bound=Record)


def cited(history: History, record_id: str, *kinds: type[RecordT], own: bool = True) -> RecordT:
    """A record that another one rests on: in this log, of one of these kinds, in force.

    kinds    classes of record; classes of other modules are found with `ledger.records.kind_class` inside `check`
    own      whether it must be about the same person
    returns  its model; what travels as a disclosure is None in it
    raises   EvidenceMissing (Refused)
    """
    try:
        found = history.read(record_id)
    except TargetUnknown as unknown:
        raise EvidenceMissing("a cited record is not in this log; check its record id") from unknown
    if not isinstance(found, kinds):
        names = " or ".join(sorted({getattr(kind, "KIND", kind.__name__) for kind in kinds}))
        raise EvidenceMissing(f"a cited record is of kind {found.KIND}, expected {names}")
    if history.status(record_id) != "active":
        raise EvidenceMissing(f"a cited record of kind {found.KIND} is {history.status(record_id)}")
    if own and not history.owns(record_id):
        raise EvidenceMissing(f"a cited record of kind {found.KIND} is about another person")
    return found


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

    def concerns(self, registry: Registry) -> tuple[str, ...]:
        """The region of the institution it names."""
        body = registry.institutions.get(self.uscc)
        return () if body is None else (body.region,)
