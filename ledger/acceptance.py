"""Acceptance: twelve numbered steps, first failure wins. The numbers appear in docs, errors and tests.

    (1) size                      (7) already held
    (2) strict parse              (8) key may speak here
    (3) header profile            (9) standing and accreditation of the issuer
    (4) kind and schema          (10) dates
    (5) algorithm accepted       (11) disclosures and identity
    (6) signature                (12) the kind's own rule, and what may be used once

Steps 1 to 6 need the bytes and the key register (`admit`); steps 7 to 12 look at the ledger's state and run under the
append lock (`check_held` … `check_rule`, in the order `ledger.service` calls them). All are pure.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from keys.algorithms import algorithm
from keys.errors import AlgorithmUnknown
from keys.keyring import Key
from ledger import limits
from ledger.calendar import working_days_between
from ledger.clock import civil_date
from ledger.errors import (
    AlgorithmNotAccepted,
    DatedInFuture,
    Erased,
    ExistsDiffers,
    IdAlreadyUsed,
    IssuerDiffers,
    KeyNotAuthorised,
    KeyUnknown,
    KindRetired,
    LateWithoutReason,
    NameDiffers,
    Refused,
    SecondSignatureMissing,
    StatusIndexTaken,
    TargetForeign,
    TargetUnknown,
)
from ledger.history import History
from ledger.logged import LoggedRecord
from ledger.records import parse_record
from ledger.records._base import Record
from ledger.records._identity import Person
from ledger.registry import Registry
from ledger.store._protocol import Held
from ledger.wire.envelope import Envelope, check_complete, parse_envelope

COSIGNATURE: Final = "cosignature"
"""The kind by which a second key of an institution signs."""

ACCEPTED_ALGORITHMS: Final = frozenset({"Ed25519", "ES256"})
"""Present is not accepted: ML-DSA-44 is implemented, for checkpoints; records need a setting that names it."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A record that passed steps 1 to 6, and what follows from its bytes alone. Only `verify` hands one out."""

    envelope: Envelope
    record: Record
    person: Person | None
    warnings: tuple[str, ...]
    envelope_hash: bytes
    leaf_hash: bytes
    public: bytes


@dataclass(frozen=True, slots=True)
class Unverified:
    """A record that passed steps 1 to 5, and the registered key that must have signed it."""

    admitted: Admitted
    key: Key


def admit(
    data: bytes, *, registry: Registry, accepted: frozenset[str] = ACCEPTED_ALGORITHMS, genesis: bool = False
) -> Admitted:
    """The record in an envelope's bytes, after steps 1 to 6: `parse_envelope`, `read`, `verify`.

    registry, accepted, genesis  as `read`
    raises                       Refused, as the three
    """
    return verify(read(parse_envelope(data), registry=registry, accepted=accepted, genesis=genesis))


def read(
    envelope: Envelope, *, registry: Registry, accepted: frozenset[str] = ACCEPTED_ALGORITHMS, genesis: bool = False
) -> Unverified:
    """The record in an envelope after steps 4 and 5, and the key that step 6 needs.

    envelope  from `parse_envelope`: (1) size, (2) strict parse and canonical form, (3) header profile
    registry  where `kid` is looked up; keys never come from the header
    accepted  algorithm names of this ledger's settings
    genesis   True only for record 0, whose key is in its own payload
    raises    Refused: UnknownKind, SchemaInvalid, HeaderInvalid, AlgorithmNotAccepted, KeyUnknown
    """
    # (4) kind and schema
    record = parse_record(envelope)
    # (5) algorithm accepted
    header = envelope.header
    if header.alg not in accepted:
        raise AlgorithmNotAccepted(
            f"algorithm {header.alg} is not accepted here; use one of {', '.join(sorted(accepted))}"
        )
    source = registry.apply(record, index=0) if genesis else registry
    key = source.keyring.find(header.kid)
    if key is None:
        raise KeyUnknown("no key of this kid is registered; register it with `skill-ledger keys register`")
    if key.alg != header.alg:
        raise AlgorithmNotAccepted(f"the registered key signs with {key.alg}, the header says {header.alg}")
    return Unverified(
        Admitted(
            envelope=envelope,
            record=record,
            person=record.person(),
            warnings=record.warnings(),
            envelope_hash=hashlib.sha256(envelope.data).digest(),
            leaf_hash=hashlib.sha256(b"\x00" + envelope.leaf).digest(),
            public=key.public,
        ),
        key,
    )


def verify(unverified: Unverified) -> Admitted:
    """(6) The signature under the registered key that `kid` names. Nearly all of it is done without Python's lock.

    raises  BadSignature, AlgorithmNotAccepted
    """
    envelope, key = unverified.admitted.envelope, unverified.key
    try:
        implementation = algorithm(key.alg)
    except AlgorithmUnknown as unknown:
        raise AlgorithmNotAccepted(str(unknown)) from unknown
    implementation.check_signature(public=key.public, message=envelope.signing_input, signature=envelope.signature)
    return unverified.admitted


def check_held(admitted: Admitted, *, held: tuple[int, bytes] | None, id_owner: int | None) -> Held | None:
    """(7) The first answer again for identical bytes, whatever has happened to the key since.

    held      index and envelope hash of the record with this record id
    id_owner  index of the record that carries this issuer's `id`
    raises    Erased, ExistsDiffers, IdAlreadyUsed
    """
    if held is not None:
        index, envelope_hash = held
        if not envelope_hash:
            raise Erased("the record was erased; it is not taken up again")
        if envelope_hash != admitted.envelope_hash:
            raise ExistsDiffers(f"record {admitted.envelope.record_id} is held with another signature or disclosures")
        return Held(index)
    if id_owner is not None:
        raise IdAlreadyUsed("this issuer used the id in another record; a changed record needs an id of its own")
    return None


def check_key(admitted: Admitted, *, registry: Registry, index: int) -> None:
    """(8) The key may speak for this issuer at this position, and for this kind.

    raises  KeyNotAuthorised, OutsideDelegation
    """
    header, record = admitted.envelope.header, admitted.record
    registry.keyring.check_may_speak(header.kid, issuer=record.issuer, index=index)
    key = registry.keyring.find(header.kid)
    if key is None or key.public != admitted.public:
        raise KeyNotAuthorised(f"key {header.kid}: not the key the signature was checked with")
    registry.check_role(record, key, index=index)


def check_standing(admitted: Admitted, *, registry: Registry, index: int, now_seconds: int) -> None:
    """(9) Standing of the issuer, and accreditation at the date of the achievement and at the moment of logging.

    The service speaks for workers who signed in, and the authority accredits: neither is accredited itself.

    raises  KindRetired, IssuerUnknown, IssuerSuspended, IssuerDiffers, NotAccredited
    """
    record = admitted.record
    if record.kind in registry.retired:
        raise KindRetired(f"the authority takes no new records of {record.kind}; use the newest version of the kind")
    key = registry.keyring.find(admitted.envelope.header.kid)
    if key is not None and key.use == "service":
        return
    registry.check_standing(record.issuer, kind=record.KIND, index=index)
    named = record.field("institution_uscc")
    if named is not None and named != registry.uscc_by_issuer.get(record.issuer):
        raise IssuerDiffers("the payload names another institution than the one registered for this issuer id")
    need = None if registry.is_authority(record.issuer) else record.scope()
    if need is not None:
        registry.check_scope(record.issuer, need, dates=(record.occurred_on(), civil_date(now_seconds)), index=index)


def check_dates(admitted: Admitted, *, now_seconds: int) -> None:
    """(10) Not in the future; late only with a reason.

    raises  DatedInFuture, LateWithoutReason
    """
    record, today = admitted.record, civil_date(now_seconds)
    if record.issued_at > now_seconds + limits.CLOCK_SKEW_SECONDS_MAX:
        raise DatedInFuture(f"signed more than {limits.CLOCK_SKEW_SECONDS_MAX} s ahead of the ledger's clock")
    occurred = record.occurred_on()
    if occurred > today:
        raise DatedInFuture(f"dated {occurred}, which is after today, {today}")
    if record.late is None and record.PLACE == "subject":
        days = working_days_between(occurred, today)
        if days > limits.LATE_WORKING_DAYS_MAX:
            raise LateWithoutReason(
                f"dated {days} working days ago, at most {limits.LATE_WORKING_DAYS_MAX} without `late`; give a reason"
            )


def check_disclosures(admitted: Admitted) -> None:
    """(11) Every digest has exactly one disclosure.

    raises  DisclosuresIncomplete
    """
    check_complete(admitted.envelope)


def check_name(*, known: bytes, given: list[bytes]) -> None:
    """(11) A known number comes with its recorded name.

    known  blind index of the recorded name; given  those of the submitted one, under every pseudonym version
    raises NameDiffers
    """
    if known not in given:
        raise NameDiffers("the number is known under another name; record the change of name first")


def fold_name(name: str) -> str:
    """A name for comparison: NFC, full-width forms folded, spaces removed. The signed bytes stay as they are."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name))
    return "".join(folded.split()).upper()


def check_target(admitted: Admitted, *, target: LoggedRecord | None, registry: Registry) -> None:
    """(12) A record that changes another one comes from the same issuer, its successor or the authority.

    raises  TargetUnknown, TargetForeign
    """
    record = admitted.record
    if record.target() is None:
        return
    if target is None:
        raise TargetUnknown("the target record is not in this log; check its record id")
    if record.ACT and not registry.acts_for(record.issuer, target.issuer):
        raise TargetForeign("only the issuer of the target record, its successor or the authority may act on it")


def check_second_signature(admitted: Admitted, group: Sequence[Admitted], *, registry: Registry) -> None:
    """(12) A second key of the institution signed as well, where its own policy demands that for the kind.

    group   the records that stand or fall together
    raises  SecondSignatureMissing
    """
    record, header = admitted.record, admitted.envelope.header
    body = registry.issuer(record.issuer)
    if body is None or record.KIND not in body.cosigned:
        return
    for other in group:
        given = other.record
        second = given.issuer == record.issuer and other.envelope.header.kid != header.kid
        if second and given.KIND == COSIGNATURE and given.target() == admitted.envelope.record_id:
            return
    raise SecondSignatureMissing(
        f"the institution's policy demands a {COSIGNATURE} by a second key of its own on each {record.KIND}; "
        "submit both as one group"
    )


def check_rule(admitted: Admitted, history: History) -> None:
    """(12) The kind's own rule on the histories it reads.

    raises  RuleBroken or another Refused of the kind
    """
    admitted.record.check(history)


def check_unique(refusal: type[Refused], *, owner: int | None, may_take: int | None) -> None:
    """(12) What may be used once is free, or owned by the record that this group corrects.

    refusal  what to raise; owner  index of the owner of the key
    may_take index of the record that a correction in the same group replaces
    raises   CertificateNumberUsed, StatusIndexTaken, NumberUsed, SubsidyTaken or what else the kind's claim names
    """
    if owner is None or owner == may_take:
        return
    if refusal is StatusIndexTaken:
        raise StatusIndexTaken("the status entry is taken; draw another one and sign again")
    raise refusal(f"the record at index {owner} of this log has it already; each may be used once")
