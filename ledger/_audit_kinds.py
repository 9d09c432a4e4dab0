"""What the kinds say about a record: the one place where the audit asks the project's own definitions.

A new kind is one new file in `ledger/records/`, and the audit must not need a second change. So whom a payload is
about, what it claims once and where it belongs come from its kind; bytes, digests, signatures, keys, order and every
row are judged by the audit's own code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.records import parse_record
from ledger.records._base import Record
from ledger.wire.envelope import parse_envelope


@dataclass(frozen=True, slots=True)
class Facts:
    """A record's meaning, as its kind has it. `person` is kind, country and text of the number, and the name."""

    place: str
    retention: str
    issuer: str
    uid: str
    person: tuple[str, str, str, str] | None
    claims: tuple[tuple[str, tuple[str, ...]], ...]
    status: tuple[str, ...] | None
    target: str | None
    record: Record

    def institution(self, uscc_by_issuer: Mapping[str, str]) -> str:
        """Credit code of the institution in whose stream a record of the registry belongs."""
        return self.record.about(uscc_by_issuer)


def read_facts(envelope: bytes) -> Facts:
    """The facts of an envelope with all its disclosures.

    raises  Refused when it does not have the form of its kind
    """
    record = parse_record(parse_envelope(envelope))
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
        record=record,
    )
