"""The server's own verification: fills the seven checks from ledger, registry and status view.

It uses the same outcome function as everybody else, and like everybody else it says `not_checked` where it could not
look. A view that lags is no proof that nothing was revoked: then the record's own stream is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from api.client.outcome import TEXTS, Check, Checks, outcome, shows_content
from api.masking import mask_name, mask_number
from keys.algorithms import algorithm
from keys.errors import AlgorithmUnknown, BadSignature, LedgerError, Refused
from ledger.clock import Clock, format_instant
from ledger.code import parse_code
from ledger.errors import Erased, NotFound, QuorumMissing
from ledger.log.checkpoint import open_checkpoint
from ledger.log.merkle import NodeReader, check_inclusion, inclusion_path, leaf_hash
from ledger.log.receipt import check_log_signed
from ledger.logged import LoggedRecord
from ledger.records import KINDS, parse_record
from ledger.records._base import Record
from ledger.registry import Registry
from ledger.service import Ledger
from ledger.wire.envelope import Envelope, parse_envelope
from projections import status as status_view
from projections._standing import Standing, act_of, standing
from projections.errors import ViewBehind

_TYPED_CHARS_MAX: Final = 64

_STATUS_VALUES: Final[Mapping[str, str]] = {
    "active": "pass",
    "suspended": "suspended",
    "superseded": "superseded",
    "revoked": "revoked",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one verification found.

    checks    all seven; None when no record was found
    as_of     the instant asked about, seconds since 1970
    logged    the record as the log holds it, where it does
    record    the record in full, where the checks allow its content
    standing  where it stands, where that is known
    code      its verification code, where it has one and the checks allow showing it
    """

    checks: Checks | None
    as_of: int
    logged: LoggedRecord | None = None
    record: Record | None = None
    standing: Standing | None = None
    code: str | None = None

    @property
    def word(self) -> str:
        """The outcome: a key of `api.client.outcome.TEXTS`."""
        return "not_found" if self.checks is None else outcome(self.checks)


class Verifier:
    """Verifies against one ledger."""

    def __init__(self, *, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._opened = lru_cache(maxsize=256)(self._open_checkpoint)
        self._nodes = lru_cache(maxsize=4)(self._read_nodes)

    def by_code(self, typed: str, *, at: int | None = None) -> Verdict:
        """The verdict on a permanent verification code.

        typed  as printed or typed; a wrong check character never reaches the store, and is answered as any other miss
        at     instant asked about, in seconds since 1970; None is now
        raises Unavailable, Corrupt
        """
        instant = self._clock.now_seconds() if at is None else at
        try:
            code = parse_code(typed[:_TYPED_CHARS_MAX])
        except Refused:
            return Verdict(None, instant)
        return self._of_logged(self._ledger.find_code(code), instant)

    def by_certificate(self, *, number: str, name: str, at: int | None = None) -> Verdict:
        """The verdict on a certificate number with its holder's full name; a wrong pair is not found.

        raises  Unavailable, Corrupt
        """
        instant = self._clock.now_seconds() if at is None else at
        return self._of_logged(self._ledger.find_certificate(number=number, name=name), instant)

    def by_envelope(self, data: bytes, *, at: int | None = None) -> Verdict:
        """The verdict on an envelope's bytes, however damaged, with any subset of its disclosures.

        raises  Unavailable, Corrupt
        """
        now = self._clock.now_seconds()
        instant = now if at is None else at
        try:
            envelope = parse_envelope(data)
        except Refused:
            return Verdict(Checks.not_made(format_value="fail", as_of=now), instant)
        try:
            logged: LoggedRecord | None = self._ledger.record(envelope.record_id)
        except NotFound:
            logged = None
        if logged is None:
            return self._never_logged(envelope, instant)
        full, code = self._full(logged)
        return self._verdict(envelope, logged, instant, full=full, code=code)

    def _of_logged(self, logged: LoggedRecord | None, instant: int) -> Verdict:
        if logged is None:
            return Verdict(None, instant)
        full, code = self._full(logged)
        return self._verdict(full or parse_envelope(logged.leaf + b"~"), logged, instant, full=full, code=code)

    def _never_logged(self, envelope: Envelope, instant: int) -> Verdict:
        """The verdict on bytes that parse but were never accepted here: the log itself contradicts them."""
        now, registry, absent = self._clock.now_seconds(), self._ledger.registry(), "the log holds no such record"
        try:
            parse_record(envelope)
        except Refused:
            return Verdict(Checks.not_made(format_value="fail", as_of=now), instant)
        found = {
            "format": Check("pass", now),
            "integrity": check_integrity(envelope, registry, now),
            "issuer_key": _issuer_key(envelope, None, registry, now),
            "inclusion": Check("fail", now, absent),
        }
        return Verdict(_fill(found, absent), instant)

    def _verdict(
        self,
        envelope: Envelope,
        logged: LoggedRecord,
        instant: int,
        *,
        full: Envelope | None,
        code: str | None,
    ) -> Verdict:
        """The verdict on the bytes presented, given the record in full, None once it was erased."""
        now = self._clock.now_seconds()
        registry = self._ledger.registry()
        found = {"format": Check("pass", now), "integrity": check_integrity(envelope, registry, now)}
        found["issuer_key"] = _issuer_key(envelope, logged.index, registry, now)
        found["inclusion"] = self._inclusion(envelope, logged, now)
        found_standing = self._standing(logged, instant)
        found["status"] = Check(_STATUS_VALUES[found_standing.state], now)
        if full is None:
            found["status"] = Check("erased", now)
            return Verdict(_fill(found, "the record was erased"), instant, logged=logged)
        if self._is_restricted(logged):
            withheld = {"format": found["format"], "inclusion": found["inclusion"]}
            return Verdict(
                _fill(withheld, "the holder restricted what is done with the record"), instant, logged=logged
            )
        record = parse_record(full)
        found["accreditation"] = _accreditation(record, logged, registry, now)
        found["period"] = _period(record, instant)
        checks = Checks(**found)
        shown = record if shows_content(checks) else None
        code = code if shown else None
        return Verdict(checks, instant, logged=logged, record=shown, standing=found_standing, code=code)

    def _is_restricted(self, logged: LoggedRecord) -> bool:
        """Whether the record's holder asked that it be kept and no longer processed (PIPL art. 47)."""
        if KINDS[logged.kind].PLACE != "subject":
            return False
        worker = self._ledger.worker(self._ledger.linked(logged.stream)[0])
        return worker is not None and worker.restricted_at is not None

    def _full(self, logged: LoggedRecord) -> tuple[Envelope | None, str | None]:
        """The envelope with all its disclosures, and the verification code; (None, None) once it was erased."""
        try:
            data, code = self._ledger.opened(logged)
        except LedgerError as error:
            if error.code == Erased.code:
                return None, None
            raise
        return parse_envelope(data), code

    def _prove(self, index: int) -> tuple[Sequence[bytes], bytes]:
        """Inclusion path and covering checkpoint: as `Ledger.prove`, with the tiles of the newest tree kept in memory.

        raises  Refused when no signed checkpoint covers the index yet
        """
        note = self._ledger.checkpoint()
        size = self._opened(note)[0]
        if index >= size:
            return self._ledger.prove(index)
        return inclusion_path(leaf_index=index, tree_size=size, nodes=self._nodes(size)), note

    def _inclusion(self, envelope: Envelope, logged: LoggedRecord, now: int) -> Check:
        """Checks the Merkle path of exactly these bytes under a checkpoint whose signatures were checked."""
        if envelope.leaf != logged.leaf:
            return Check("fail", now, "the log holds this record with another signature")
        try:
            path, note = self._prove(logged.index)
            size, root, cosigned = self._opened(note)
            check_inclusion(
                leaf_hash=leaf_hash(envelope.leaf),
                leaf_index=logged.index,
                tree_size=size,
                path=path,
                root=root,
            )
        except Refused:
            return Check("not_checked", now, "the log gave no valid proof")
        return Check("pass" if cosigned else "pending", now)

    def _read_nodes(self, size: int) -> NodeReader:
        return self._ledger.nodes(size)

    def _open_checkpoint(self, note: bytes) -> tuple[int, bytes, bool]:
        """Size, root, and whether a quorum of witnesses has signed.

        raises  Refused when the log's own signature does not verify
        """
        policy, log_keys = self._ledger.policy, self._ledger.log_vkeys
        opened = open_checkpoint(note, keys=[*log_keys, *(policy.witness_keys() if policy else ())])
        check_log_signed(opened.checkpoint, opened.signatures, log_keys)
        cosigned = True
        if policy is not None:
            try:
                policy.check_quorum(opened.signatures)
            except QuorumMissing:
                cosigned = False
        return opened.checkpoint.size, opened.checkpoint.root, cosigned

    def _standing(self, logged: LoggedRecord, instant: int) -> Standing:
        """Where a record stands by the whole log: the view's word, or the record's own stream where the view lags."""
        engine = self._ledger.views()
        size = self._ledger.size()
        try:
            found = status_view.status_of(engine, logged.record_id, as_of_seconds=instant)
        except ViewBehind:
            found = None
        if found is not None and found.size >= size:
            return Standing(found.state, found.reason, found.effective_seconds, found.replaced_by, found.index)
        acts = (act_of(one) for one in self._ledger.stream(logged.stream))
        return standing(
            [act for act in acts if act is not None and act.target == logged.record_id], as_of_seconds=instant
        )


def check_integrity(envelope: Envelope, registry: Registry, now: int) -> Check:
    """Whether the signature verifies over exactly these bytes, under the registered key that `kid` names."""
    key = registry.keyring.find(envelope.header.kid)
    if key is None:
        return Check("not_checked", None, "no key of this kid is registered")
    if key.alg != envelope.header.alg:
        return Check("fail", now, "the key signs with another algorithm")
    try:
        algorithm(key.alg).check_signature(
            public=key.public, message=envelope.signing_input, signature=envelope.signature
        )
    except (BadSignature, AlgorithmUnknown):
        return Check("fail", now)
    return Check("pass", now)


def _issuer_key(envelope: Envelope, index: int | None, registry: Registry, now: int) -> Check:
    key = registry.keyring.find(envelope.header.kid)
    if key is None or key.issuer != envelope.payload.get("iss"):
        return Check("fail", now, "no registered key of this issuer has this kid")
    if index is None:
        return Check("not_checked", None, "a key's word is judged at the record's place in the log")
    return Check(registry.keyring.standing_of(key.kid, index=index), now)


def _accreditation(record: Record, logged: LoggedRecord, registry: Registry, now: int) -> Check:
    need = record.scope()
    if need is None:
        return Check("pass", now, "this kind needs no accreditation")
    if registry.is_authority(record.issuer):
        return Check("pass", now, "the authority accredits others and needs no accreditation")
    found = registry.accreditation_for(record.issuer, need, dates=[record.occurred_on()], index=logged.index)
    return Check("pass" if found is not None else "fail", now)


def _period(record: Record, instant: int) -> Check:
    start, end = record.period()
    if start is not None and instant < start:
        return Check("not_yet", instant)
    return Check("expired" if end is not None and instant >= end else "pass", instant)


def _fill(found: Mapping[str, Check], note: str) -> Checks:
    """The checks that were made, and `not_checked` for the others."""
    rest = {name: Check("not_checked", None, note) for name in ("integrity", "issuer_key", "inclusion")}
    rest |= {name: Check("not_checked", None, note) for name in ("accreditation", "status", "period")}
    return Checks(**{**rest, **found})


# The answer


def verdict_json(verdict: Verdict, registry: Registry) -> dict[str, Any]:
    """A verdict as `POST /v1/verifications` answers it. `not_found` is the same whatever was asked."""
    word = verdict.word
    text = TEXTS[word]
    answer: dict[str, Any] = {
        "outcome": word,
        "as_of": format_instant(verdict.as_of),
        "checks": {} if verdict.checks is None else verdict.checks.to_json(),
        "banner": {"zh": text.zh, "en": text.en},
        "advice": {"zh": text.advice_zh, "en": text.advice_en},
    }
    if verdict.checks is not None and shows_content(verdict.checks) and verdict.record and verdict.logged:
        answer["content"] = content_json(verdict, verdict.record, verdict.logged, registry)
    return answer


def content_json(verdict: Verdict, record: Record, logged: LoggedRecord, registry: Registry) -> dict[str, Any]:
    """What a verifier may see of a record: public claims whole, the holder's name and numbers masked."""
    issuer = registry.issuer(record.issuer)
    content: dict[str, Any] = {
        "record_id": logged.record_id,
        "index": logged.index,
        "kind": logged.kind,
        "label": dict(record.LABEL),
        "issuer": {
            "id": record.issuer,
            "name": issuer.name if issuer else "",
            "uscc": issuer.uscc if issuer else "",
        },
        "occurred_on": record.occurred_on().isoformat(),
        "claims": public_claims(record),
    }
    person = record.person()
    if person is not None:
        content["holder"] = {"name": mask_name(person.name), "number": mask_number(person.number.number)}
    number = getattr(record, "certificate_number", None)
    if isinstance(number, str):
        content["certificate_number"] = mask_number(number)
    for name, instant in zip(("valid_from", "valid_until"), record.period(), strict=True):
        if instant is not None:
            content[name] = format_instant(instant)
    held = verdict.standing
    if held is not None and held.state != "active":
        since = None if held.effective_seconds is None else format_instant(held.effective_seconds)
        content["standing"] = {"state": held.state, "reason": held.reason, "since": since}
        if held.replaced_by is not None:
            content["standing"]["replaced_by"] = held.replaced_by
    return content


_COMMON: Final = frozenset({"issuer", "uid", "issued_at", "group"})


def public_claims(record: Record) -> dict[str, Any]:
    """The claims of a record that are no disclosures and not common to all kinds: what the signed payload shows."""
    hidden = {*record.DISCLOSED, *_COMMON}
    dumped = record.model_dump(mode="json", exclude_none=True)
    return {name: value for name, value in dumped.items() if name not in hidden}
