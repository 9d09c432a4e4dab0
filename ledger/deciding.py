"""Steps 7 to 12 under the append lock, and what an accepted record brings with it: subject, aliases, sealed
disclosures.

`Decider.propose` names the keys a decision will look up, so that an engine reads them all at once; `Decider.decide`
runs the steps of `ledger.acceptance` against the locked state.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from keys.pseudonym import Pseudonyms
from keys.sealing import KeyEncryptionKeys, container_key_id, new_data_key, seal, unseal
from ledger import acceptance
from ledger.acceptance import Admitted
from ledger.clock import Clock, civil_date
from ledger.code import new_code
from ledger.deciding_people import PeopleDecider, PeopleRows
from ledger.erasing import CONSENT, retention_since
from ledger.errors import Erased, Refused, StatusIndexTaken, StoreDamaged
from ledger.history import History
from ledger.logged import LoggedRecord
from ledger.registry import Registry
from ledger.store._mapper import format_state
from ledger.store._protocol import Append, DataKeyRow, Held, Proposal, SubjectRow, View

INSTITUTION_STREAMS: Final = UUID("5e1b1f8e-6f0a-5d3c-9a51-0c4a5ab3f7d1")
"""Namespace of institution streams: UUIDv5 of the unified social credit code."""

BOOK_STREAMS: Final = UUID("0d7c5d0e-53a1-5b0c-8d3f-2f6b7a0d9e42")
"""Namespace of rule book streams: UUIDv5 of the rule's number."""

DATA_KEYS_CACHED_MAX: Final = 20_000
CODE_KEY: Final = "code"
CERTIFICATE_LOOKUP: Final = "certificate-and-name"


@dataclass(frozen=True, slots=True)
class Secrets:
    """The two keys that a stolen database lacks."""

    keks: KeyEncryptionKeys
    pseudonyms: Pseudonyms


@dataclass(frozen=True, slots=True)
class Note:
    """What the submitter of an appended record gets back beside its place."""

    code: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """What a proposal carries for its decision: everything that can be computed before the lock is held.

    once   what may be used once: its blind index under each pseudonym version, and the refusal where it is taken
    name   the holder's name, folded for comparison; None for a record without a person
    """

    admitted: Admitted
    id_keys: tuple[bytes, ...]
    once: tuple[tuple[tuple[bytes, ...], type[Refused]], ...]
    alias_keys: tuple[bytes, ...]
    name: str | None
    lookups: tuple[bytes, ...]
    code_key: bytes | None
    note: Note
    group: Sequence[Admitted]


def institution_stream(uscc: str) -> UUID:
    """The stream of an institution."""
    return uuid5(INSTITUTION_STREAMS, uscc)


def book_stream(rule: str) -> UUID:
    """The stream of a rule and its versions."""
    return uuid5(BOOK_STREAMS, rule)


def sealing_context(*, record_id: str, subject: UUID, key_id: bytes) -> bytes:
    """Associated data that binds a sealed part to its record, subject and key: canonical JSON of the three."""
    return f'["{record_id}","{subject}","{key_id.hex()}"]'.encode("ascii")


def wrapping_context(*, subject: UUID, retention: str, key_id: bytes) -> bytes:
    """Associated data that binds a wrapped data key to its subject and retention class: canonical JSON of the three."""
    return f'["{subject}","{retention}","{key_id.hex()}"]'.encode("ascii")


class Decider:
    """Decides records in log order. Used by one committing thread at a time."""

    def __init__(self, *, secrets: Secrets, clock: Clock, base_url: str, registry: Callable[[View], Registry]) -> None:
        self._pseudonyms = secrets.pseudonyms
        self._keks = secrets.keks
        self._clock = clock
        self._base_url = base_url
        self._registry = registry
        self._people = PeopleDecider(secrets.pseudonyms)
        self._data_keys: OrderedDict[tuple[UUID, str], tuple[bytes, bytes]] = OrderedDict()

    # -- before the lock -----------------------------------------------------------------------------------------------

    def propose(self, admitted: Admitted, group: Sequence[Admitted] = ()) -> Proposal:
        """The proposal of an admitted record; `group` holds all records it stands or falls with."""
        record, blind_all = admitted.record, self._pseudonyms.blind_all
        id_keys = tuple(blind_all("id", record.issuer, record.uid))
        claims = record.unique_claims()
        once = [(tuple(blind_all(claim.purpose, *claim.parts)), claim.refusal) for claim in claims]
        place = record.status_place()
        if place is not None:
            keys = blind_all("status", place.uscc, str(place.list_number), str(place.index))
            once.append((tuple(keys), StatusIndexTaken))
        person = admitted.person
        aliases: tuple[bytes, ...] = ()
        lookups: tuple[bytes, ...] = ()
        name = None
        if person is not None:
            number, name = person.number, acceptance.fold_name(person.name)
            aliases = tuple(self._pseudonyms.alias_all(number.kind, number.country, number.number))
            lookups = tuple(
                self._pseudonyms.blind(CERTIFICATE_LOOKUP, claim.parts[-1], name)
                for claim in claims
                if claim.purpose == "certificate"
            )
        target = record.target()
        code = new_code() if record.CODE else None
        named = record.reads() if target is None else (target, *record.reads())
        return Proposal(
            record_id=bytes.fromhex(admitted.envelope.record_id),
            envelope_hash=admitted.envelope_hash,
            unique_keys=(*id_keys, *(key for keys, _ in once for key in keys)),
            alias_keys=(*aliases, *self._people.alias_keys(record.change())),
            reads=tuple(bytes.fromhex(record_id) for record_id in named),
            body=Body(
                admitted=admitted,
                id_keys=id_keys,
                once=tuple(once),
                alias_keys=aliases,
                name=name,
                lookups=lookups,
                code_key=None if code is None else self._pseudonyms.blind(CODE_KEY, code),
                note=Note(code, admitted.warnings),
                group=group,
            ),
        )

    # -- under the lock ------------------------------------------------------------------------------------------------

    def decide(self, proposal: Proposal, view: View) -> Append | Held:
        """The decision on one record, given what its predecessors left.

        raises  Refused, as the steps of `ledger.acceptance` say
        """
        body: Body = proposal.body
        admitted, record = body.admitted, body.admitted.record
        # (7) already held
        held = acceptance.check_held(admitted, held=view.held(proposal.record_id), id_owner=_owner(view, body.id_keys))
        if held is not None:
            return held
        registry = self._registry_for(admitted, view)
        now_seconds = self._clock.now_seconds()
        # (8) key, (9) standing and accreditation, (10) dates
        acceptance.check_key(admitted, registry=registry, index=view.size)
        acceptance.check_standing(admitted, registry=registry, index=view.size, now_seconds=now_seconds)
        acceptance.check_dates(admitted, now_seconds=now_seconds)
        # (11) disclosures and identity
        acceptance.check_disclosures(admitted)
        target_id = record.target()
        target = None if target_id is None else view.record(bytes.fromhex(target_id))
        acceptance.check_target(admitted, target=target, registry=registry)
        subject, is_new = self._resolve(body, view)
        stream = self._stream(admitted, registry, subject, target)
        rows = self._people.rows_of(record, subject=subject, view=view)
        # (12) the kind's own rule, and what may be used once
        acceptance.check_second_signature(admitted, body.group, registry=registry)
        acceptance.check_rule(admitted, self._history(body, view, registry, stream, civil_date(now_seconds)))
        self._check_once(admitted, body, view, registry)
        if record.REGISTRY and view.size > 0:
            registry = registry.apply(record, index=view.size)
        return self._append(proposal, view, stream=stream, subject=subject, is_new=is_new, registry=registry, rows=rows)

    def _registry_for(self, admitted: Admitted, view: View) -> Registry:
        registry = self._registry(view)
        if view.size == 0 and admitted.record.KIND == "authority-root":
            return registry.apply(admitted.record, index=0)
        return registry

    def _resolve(self, body: Body, view: View) -> tuple[SubjectRow | None, bool]:
        """The subject that a record is about; a number that nobody has gets a new one."""
        record = body.admitted.record
        subject_id = record.field("subject_id")
        if subject_id is not None:
            return self._people.by_id(UUID(subject_id), view=view), False
        if body.name is None:
            return None, False
        known = self._people.by_number(body.alias_keys, body.name, on=record.occurred_on(), view=view)
        if known is not None:
            return known, False
        subject = uuid4()
        return SubjectRow(subject, self._pseudonyms.blind("name", str(subject), body.name)), True

    @staticmethod
    def _stream(
        admitted: Admitted, registry: Registry, subject: SubjectRow | None, target: LoggedRecord | None
    ) -> UUID:
        if subject is not None:
            return subject.subject
        if target is not None and admitted.record.PLACE == "target":
            return target.stream
        about = admitted.record.about(registry.uscc_by_issuer)
        return book_stream(about) if admitted.record.PLACE == "book" else institution_stream(about)

    @staticmethod
    def _history(body: Body, view: View, registry: Registry, stream: UUID, today: date) -> History:
        return History(
            issuer=body.admitted.record.issuer,
            index=view.size,
            today=today,
            registry=registry,
            group=[one.record for one in body.group or (body.admitted,)],
            stream=stream,
            find=lambda record_id: view.record(bytes.fromhex(record_id)),
            read_stream=view.stream,
            read_acts=view.acts,
            linked=lambda: view.linked(stream),
        )

    def _check_once(self, admitted: Admitted, body: Body, view: View, registry: Registry) -> None:
        may_take = self._corrected_index(admitted, body, view)
        for keys, refusal in body.once:
            acceptance.check_unique(refusal, owner=_owner(view, keys), may_take=may_take)
        place = admitted.record.status_place()
        uscc = registry.uscc_by_issuer.get(admitted.record.issuer)
        if place is not None and (place.base, place.uscc) != (self._base_url, uscc):
            raise StatusIndexTaken("the status list is not one of the issuer's own; use the template of the ledger")

    @staticmethod
    def _corrected_index(admitted: Admitted, body: Body, view: View) -> int | None:
        """Index of the record that a correction or reissue in the same group replaces by this one."""
        for other in body.group:
            if other.record.replaced_by() == admitted.envelope.record_id:
                target = view.record(bytes.fromhex(other.record.target() or ""))
                return None if target is None else target.index
        return None

    def _append(
        self,
        proposal: Proposal,
        view: View,
        *,
        stream: UUID,
        subject: SubjectRow | None,
        is_new: bool,
        registry: Registry,
        rows: PeopleRows,
    ) -> Append:
        body: Body = proposal.body
        admitted, record = body.admitted, body.admitted.record
        code = body.note.code
        data_key: DataKeyRow | None = None
        sealed = b""
        if code is not None or admitted.envelope.disclosures:
            retention = record.RETENTION
            if retention == CONSENT and subject is not None:
                retention = retention_since(subject.erased_at)
            held = None if is_new else view.data_key(stream, retention)
            key_id, key, data_key = self._data_key(stream, retention, held)
            context = sealing_context(record_id=admitted.envelope.record_id, subject=stream, key_id=key_id)
            sealed = seal(_format_sealed(admitted, code), data_key=key, key_id=key_id, associated=context)
        uniques = [body.id_keys[0], *(keys[0] for keys, _ in body.once)]
        if body.code_key is not None:
            uniques.append(body.code_key)
        if record.REGISTRY:
            view.state = registry
        return Append(
            stream=stream,
            topic=record.kind,
            state=format_state(leaf=admitted.envelope.leaf, sealed=sealed),
            leaf_hash=admitted.leaf_hash,
            record_id=proposal.record_id,
            envelope_hash=proposal.envelope_hash,
            uniques=tuple(uniques),
            lookups=body.lookups,
            aliases=(*(((body.alias_keys[0], stream),) if is_new else ()), *rows.aliases),
            subject=subject if is_new else None,
            names=rows.names,
            retired=rows.retired,
            changed=rows.changed,
            data_key=data_key,
            registry=record.REGISTRY,
            note=body.note,
        )

    # -- data keys -----------------------------------------------------------------------------------------------------

    def _data_key(
        self, subject: UUID, retention: str, row: DataKeyRow | None
    ) -> tuple[bytes, bytes, DataKeyRow | None]:
        """Key id and key of a subject's retention class, and the row to write when the key is new."""
        if row is not None:
            return row.key_id, self.open_data_key(row), None
        key_id, key = os.urandom(16), new_data_key()
        context = wrapping_context(subject=subject, retention=retention, key_id=key_id)
        self._remember((subject, retention), key_id, key)
        return key_id, key, DataKeyRow(subject, retention, key_id, self._keks.wrap(key, associated=context))

    def forget(self, subjects: Sequence[UUID]) -> None:
        """Drops the data keys of workers from memory, for those who were erased."""
        for place in [place for place in self._data_keys if place[0] in subjects]:
            self._data_keys.pop(place, None)

    def open_data_key(self, row: DataKeyRow) -> bytes:
        """A data key from its row.

        raises  SealBroken when row and key-encryption key do not fit
        """
        cached = self._data_keys.get((row.subject, row.retention))
        if cached is not None and cached[0] == row.key_id:
            return cached[1]
        context = wrapping_context(subject=row.subject, retention=row.retention, key_id=row.key_id)
        key = self._keks.unwrap(row.wrapped, associated=context)
        self._remember((row.subject, row.retention), row.key_id, key)
        return key

    def _remember(self, place: tuple[UUID, str], key_id: bytes, key: bytes) -> None:
        self._data_keys[place] = (key_id, key)
        if len(self._data_keys) > DATA_KEYS_CACHED_MAX:
            self._data_keys.popitem(last=False)

    def unseal(self, logged: LoggedRecord, row: DataKeyRow | None) -> tuple[str | None, tuple[str, ...]]:
        """Code and encoded disclosures of a logged record.

        raises  Erased when the data key is gone, SealBroken when the sealed part does not open
        """
        if not logged.sealed:
            return None, ()
        if row is None or row.key_id != container_key_id(logged.sealed):
            raise Erased("the personal part of this record was erased")
        context = sealing_context(record_id=logged.record_id, subject=logged.stream, key_id=row.key_id)
        return _parse_sealed(unseal(logged.sealed, data_key=self.open_data_key(row), associated=context))


def _owner(view: View, keys: Sequence[bytes]) -> int | None:
    for key in keys:
        owner = view.unique(key)
        if owner is not None:
            return owner
    return None


def _format_sealed(admitted: Admitted, code: str | None) -> bytes:
    disclosures: list[Any] = [one.encoded for one in admitted.envelope.disclosures]
    return "\n".join([code or "", "~".join(disclosures)]).encode("ascii")


def _parse_sealed(plain: bytes) -> tuple[str | None, tuple[str, ...]]:
    code, separator, disclosures = plain.decode("ascii").partition("\n")
    if not separator:
        raise StoreDamaged("a sealed part has no code line; run `skill-ledger audit`")
    return code or None, tuple(disclosures.split("~")) if disclosures else ()
