"""What the kinds say about a record: the one place where the audit asks the project's own definitions.

A new kind is one new file in `ledger/records/`, and the audit must not need a second change. So whom a payload is
about, what it claims once and where it belongs come from its kind; bytes, digests, signatures, keys, order and every
row are judged by the audit's own code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.records import KINDS, parse_record
from ledger.records._base import Record
from ledger.records._identity import Binds, Change, Erases, Merges, Renames, Restricts, Retires, Splits
from ledger.wire.envelope import parse_envelope


@dataclass(frozen=True, slots=True)
class Facts:
    """A record's meaning, as its kind has it.

    person  kind, country and text of the number, and the name
    change  what it says about who is who: a verb, and what the verb takes
    is_act  whether it changes where its target stands
    sealed  whether it travels with disclosures or a verification code, which a data key seals
    """

    place: str
    retention: str
    issuer: str
    uid: str
    person: tuple[str, str, str, str] | None
    claims: tuple[tuple[str, tuple[str, ...]], ...]
    status: tuple[str, ...] | None
    target: str | None
    is_act: bool
    change: tuple[str, Any] | None
    sealed: bool
    record: Record

    def institution(self, uscc_by_issuer: Mapping[str, str]) -> str:
        """Credit code of the institution in whose stream a record of the registry belongs."""
        return self.record.about(uscc_by_issuer)


def read_facts(envelope: bytes) -> Facts:
    """The facts of an envelope with all its disclosures.

    raises  Refused when it does not have the form of its kind
    """
    parsed = parse_envelope(envelope)
    record = parse_record(parsed)
    person = record.person()
    place = record.status_place()
    number = None if person is None else person.number
    return Facts(
        place=record.PLACE,
        retention=record.RETENTION,
        issuer=record.issuer,
        uid=record.uid,
        person=(number.kind, number.country, number.number, person.name) if person and number else None,
        claims=tuple((claim.purpose, claim.parts) for claim in record.unique_claims()),
        status=None if place is None else (place.uscc, str(place.list_number), str(place.index)),
        target=record.target(),
        is_act=record.ACT,
        change=_change(record.change()),
        sealed=bool(parsed.disclosures) or record.CODE,
        record=record,
    )


def _change(change: Change | None) -> tuple[str, Any] | None:
    match change:
        case Binds(number):
            return "binds", (number.kind, number.country, number.number)
        case Retires(number, last_day):
            return "retires", (number.kind, number.country, number.number, last_day.isoformat())
        case Renames(name):
            return "renames", name
        case Merges(other):
            return "merges", (other.number.kind, other.number.country, other.number.number, other.name)
        case Splits(other):
            return "splits", (other.number.kind, other.number.country, other.number.number, other.name)
        case Restricts(restricted):
            return "restricts", restricted
        case Erases():
            return "erases", None
        case _:
            return None


def signers_of(topic: str) -> frozenset[str]:
    """Roles that sign a kind, given with its version: `authority`, `institution`, `service`, `rotation`."""
    kind = KINDS.get(topic)
    return frozenset() if kind is None else kind.SIGNERS


def changes_registry(topic: str) -> bool:
    """Whether records of a kind, given with its version, say who may say what."""
    kind = KINDS.get(topic)
    return kind is not None and kind.REGISTRY


@dataclass(frozen=True, slots=True)
class _Place:
    region: str


@dataclass(frozen=True, slots=True)
class _Register:
    """What a kind asks of the registry to say which regions its act concerns: where institutions are, and no more."""

    institutions: Mapping[str, _Place]
    uscc_by_issuer: Mapping[str, str]

    def issuer(self, url: str) -> _Place | None:
        """Where the institution of an issuer id is."""
        return self.institutions.get(self.uscc_by_issuer.get(url, ""))


def regions_of(
    envelope: bytes, *, regions: Mapping[str, str], uscc_by_issuer: Mapping[str, str]
) -> tuple[str, tuple[str, ...]]:
    """Whom an act of the authority is about, by credit code, and the region codes it concerns.

    regions  of the institutions, by credit code
    returns  no region code where nobody but the authority may do it
    raises   Refused when the envelope does not have the form of its kind
    """
    register: Any = _Register({uscc: _Place(region) for uscc, region in regions.items()}, uscc_by_issuer)
    record = parse_record(parse_envelope(envelope))
    return record.about(uscc_by_issuer), record.concerns(register)
