"""The offline verifier: seven checks from an envelope, its receipt and trust material, without asking anybody.

    (1) format         the envelope parses strictly, and the payload has the form of its kind
    (2) inclusion      the receipt proves exactly these bytes, under the log's key and the witnesses' quorum
    (3) integrity      the signature verifies under the key that `kid` names (a `kid` commits to its key's thumbprint)
    (4) issuer_key     the log registered that key for this issuer before the record, and the service's fresh statement
                       knows of no revocation or suspicion that reaches it
    (5) accreditation  a logged accreditation covers the achievement at its date, and the statement does not contradict
    (6) status         the record's bits in the service's fresh, signed status lists
    (7) period         valid from and until, against the instant asked about

What cannot be looked at is `not_checked`. Self-supplied keys prove only that the evidence is consistent: without pinned
trust a pack is checked against its own anchors, and the result says so (`trust: pack`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from api.client.errors import PackInvalid
from api.client.outcome import Check, Checks
from api.client.pack import Pack, load_pack
from api.client.registry import Proved, is_cosigned, replay
from api.client.result import Verification
from api.client.snapshot import Snapshot, open_snapshot
from api.client.statements import (
    PURPOSES,
    Stale,
    Statement,
    check_fresh,
    check_listed,
    kid_of,
    open_statement,
    status_bit,
)
from api.client.trust import PACK, Trust, load_trust, trust_of
from keys.algorithms import algorithm, algorithm_of_jwk
from keys.errors import BadSignature, LedgerError, Refused
from keys.ids import parse_kid, thumbprint
from ledger.clock import Clock, SystemClock
from ledger.limits import ENVELOPE_BYTES_MAX
from ledger.log.policy import NO_QUORUM
from ledger.log.receipt import Inclusion, check_logged
from ledger.records import parse_record
from ledger.wire.envelope import disclose, parse_envelope

if TYPE_CHECKING:
    from ledger.records._base import Record
    from ledger.wire.envelope import Envelope

NO_TRUST: Final = "none"
PENDING_SECONDS_MAX: Final = 600
"""How long a checkpoint may lack its quorum before that is more than a delay."""


def verify(
    evidence: Path | bytes | Pack,
    *,
    receipt: bytes | None = None,
    trust: Path | Trust | None = None,
    at: int | None = None,
    clock: Clock | None = None,
) -> Verification:
    """The outcome and the seven checks of one record, offline.

    evidence  a pack folder, a file with an envelope, an envelope's bytes, or a pack already read
    receipt   `tlog-proof` of the record; None takes the pack's
    trust     anchors, or the folder that holds them; None falls back to the pack's own, and the result says so
    at        instant asked about, in seconds since 1970; None is now
    clock     tells the time when `at` is None
    raises    PackInvalid when a file is missing, unreadable or no trust anchor; nothing that the evidence itself says
              raises: it ends in a check
    """
    now = (clock or SystemClock()).now_seconds()
    pack = _pack(evidence)
    anchors = load_trust(trust) if isinstance(trust, Path) else trust
    return _Run(
        pack=pack, receipt=receipt or pack.receipt, given=anchors, at=now if at is None else at, now=now
    ).result()


def _pack(evidence: Path | bytes | Pack) -> Pack:
    """Raises PackInvalid."""
    if isinstance(evidence, Pack):
        return evidence
    if isinstance(evidence, bytes):
        return Pack(record=evidence.strip())
    if evidence.is_dir():
        return load_pack(evidence)
    try:
        with evidence.open("rb") as file:
            return Pack(record=file.read(ENVELOPE_BYTES_MAX + 2).strip())
    except OSError as error:
        raise PackInvalid(f"{evidence}: expected a readable file, found: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class _Seen:
    """What earlier checks established for later ones."""

    envelope: Envelope
    record: Record
    inclusion: Inclusion | None = None
    proved: Proved | None = None
    snapshot: Snapshot | None = None


class _Run:
    """One verification; each method makes one check and says in words what it could not look at."""

    def __init__(self, *, pack: Pack, receipt: bytes | None, given: Trust | None, at: int, now: int) -> None:
        self.pack = pack
        self.receipt = receipt
        self.at = at
        self.now = now
        self.warnings = list(pack.warnings)
        self.trust = given or self._own_trust()
        if given is not None:
            self._compare_with_pack(given)

    def _own_trust(self) -> Trust | None:
        """The pack's own anchors, with a warning: they prove that the evidence is consistent, no more."""
        if self.pack.log_vkey is None or self.pack.policy is None:
            return None
        own = trust_of(log_vkey=self.pack.log_vkey, policy=self.pack.policy, authority_thumbprint=None, source=PACK)
        self.warnings.append(
            f"no trust anchors were given: the pack was checked against its own keys of {own.origin}; "
            "whoever made the pack could have made them. Give the authority's with --trust."
        )
        if own.policy.quorum == NO_QUORUM:
            self.warnings.append("the pack's own policy demands no witness: the log's word alone stands for inclusion")
        return own

    def _compare_with_pack(self, given: Trust) -> None:
        """Pinned anchors decide; a pack that brings others is named, and fails under the pinned ones."""
        if self.pack.log_vkey is not None and self.pack.policy is not None:
            try:
                own = trust_of(log_vkey=self.pack.log_vkey, policy=self.pack.policy, authority_thumbprint=None)
            except PackInvalid as error:
                self.warnings.append(f"the pack's own anchors are unreadable: {error}")
                return
            if set(own.log_vkeys) != set(given.log_vkeys) or own.policy != given.policy:
                self.warnings.append(
                    "the pack brings other log keys or another policy than the pinned ones; these decide"
                )

    def result(self) -> Verification:
        """The seven checks, in an order in which each can use what the one before established."""
        source = NO_TRUST if self.trust is None else self.trust.source
        # (1) format
        try:
            envelope = parse_envelope(self.pack.record)
            record = parse_record(envelope)
        except Refused as error:
            failed = Checks.not_made(format_value="fail", as_of=self.at, note=f"{error.code}: {error}")
            return Verification(failed, self.at, source, warnings=tuple(self.warnings))
        made = {"format": Check("pass", self.at)}
        # (2) inclusion
        made["inclusion"], inclusion = self._inclusion(envelope)
        proved, registry_check = self._registry()
        if proved is not None and not proved.cosigned and made["inclusion"].value == "pass":
            note = "the issuer's registration is not yet under a cosigned checkpoint"
            made["inclusion"] = Check("pending", made["inclusion"].as_of, note)
        snapshot, snapshot_note = self._snapshot(record, proved)
        seen = _Seen(envelope, record, inclusion, proved, snapshot)
        # (3) integrity, (4) issuer_key
        made["integrity"] = self._integrity(seen)
        made["issuer_key"] = registry_check if proved is None else self._issuer_key(seen, proved, snapshot_note)
        # (5) accreditation, (6) status, (7) period
        made["accreditation"] = self._accreditation(seen, snapshot_note)
        made["status"] = self._status(seen)
        made["period"] = period_check(record, self.at)
        return Verification(
            Checks(**made),
            self.at,
            source,
            record_id=envelope.record_id,
            kind=record.kind,
            index=None if inclusion is None else inclusion.index,
            warnings=tuple(self.warnings),
            _content=disclose(envelope),
        )

    def _inclusion(self, envelope: Envelope) -> tuple[Check, Inclusion | None]:
        if self.receipt is None:
            return Check("not_checked", None, "there is no receipt"), None
        if self.trust is None:
            return Check("not_checked", None, "no log key and witness policy are trusted; give them with --trust"), None
        try:
            held = check_logged(
                self.receipt, entry=envelope.leaf, log_vkeys=self.trust.log_vkeys, policy=self.trust.policy
            )
        except LedgerError as error:
            return Check("fail", self.at, f"{error.code}: {error}"), None
        if not is_cosigned(held, self.trust):
            return self._uncosigned(held), held
        return Check("pass", held.fresh_at or self.at, f"{held.origin}, tree of {held.size}"), held

    def _uncosigned(self, held: Inclusion) -> Check:
        """Pending while the checkpoint is young by the log's own word; an old one should have its quorum by now."""
        signed_at = max(held.signatures.values(), default=0)
        if signed_at and self.at - signed_at > PENDING_SECONDS_MAX:
            return Check(
                "not_checked", signed_at, "too few witnesses have signed a checkpoint this old: get a newer receipt"
            )
        return Check("pending", signed_at or self.at, "logged; too few witnesses have signed so far")

    def _registry(self) -> tuple[Proved | None, Check]:
        """The replayed registry, or None and the value of issuer_key that its absence or failure leads to."""
        if self.trust is None:
            return None, Check("not_checked", None, "no log is trusted; give its keys with --trust")
        if not self.pack.registry:
            return None, Check("not_checked", None, "the evidence holds no registry records")
        try:
            return replay(self.pack.registry, trust=self.trust), Check("pass", self.at)
        except PackInvalid as error:
            return None, Check("fail", self.at, str(error))

    def _snapshot(self, record: Record, proved: Proved | None) -> tuple[Snapshot | None, str]:
        """The service's fresh word about the issuer, or why there is none."""
        if proved is None or self.trust is None:
            return None, "without the registry the service's statement cannot be checked"
        if self.pack.registry_jwt is None:
            return None, "the evidence holds no registry.jwt"
        try:
            statement = open_statement(
                self.pack.registry_jwt, keyring=proved.registry.keyring, origin=self.trust.origin
            )
            check_fresh(statement, at=self.at, now=self.now)
            return open_snapshot(statement, issuer=record.issuer), ""
        except Refused as error:
            return None, f"registry.jwt: {error}"

    def _integrity(self, seen: _Seen) -> Check:
        header = seen.envelope.header
        alg, public = self._public_key(seen)
        if public is None:
            return Check("not_checked", None, "the evidence holds no key with the thumbprint that kid names")
        if alg != header.alg:
            return Check("fail", self.at, f"the key signs with {alg}, the header says {header.alg}")
        try:
            algorithm(alg).check_signature(
                public=public, message=seen.envelope.signing_input, signature=seen.envelope.signature
            )
        except BadSignature as error:
            return Check("fail", self.at, str(error))
        return Check("pass", self.at)

    def _public_key(self, seen: _Seen) -> tuple[str, bytes | None]:
        """Algorithm and public key: from the log's registry, else any key whose thumbprint is the one in `kid`."""
        kid = seen.envelope.header.kid
        key = None if seen.proved is None else seen.proved.registry.keyring.find(kid)
        if key is not None:
            return key.alg, key.public
        jwks = _json(self.pack.issuer_jwks)
        candidates = jwks.get("keys") if isinstance(jwks, dict) else None
        for jwk in candidates if isinstance(candidates, list) else []:
            try:
                if thumbprint(jwk) == parse_kid(kid)[1]:
                    found = algorithm_of_jwk(jwk)
                    return found.name, found.public_from_jwk(jwk)
            except (Refused, AttributeError):
                # Another issuer's or a malformed key beside the right one is no statement about this record.
                continue
        return "", None

    def _issuer_key(self, seen: _Seen, proved: Proved, snapshot_note: str) -> Check:
        kid, registry = seen.envelope.header.kid, proved.registry
        key = registry.keyring.find(kid)
        if key is None:
            return Check("not_checked", None, "the evidence holds no registration of the key that kid names")
        if key.issuer != seen.record.issuer:
            return Check("fail", self.at, "the key was registered for another issuer")
        if seen.inclusion is None:
            return Check("not_checked", None, "a key's word is judged at the record's place in the log")
        index = seen.inclusion.index
        try:
            registry.check_role(seen.record, key, index=index)
        except Refused as refused:
            return Check("fail", self.at, str(refused))
        standing = registry.keyring.standing_of(kid, index=index)
        if standing == "fail":
            return Check("fail", self.at, "the key may not speak at the record's place in the log")
        if seen.snapshot is None:
            return Check("not_checked", None, snapshot_note)
        said = seen.snapshot.standing_of(kid, index=index)
        worst = max(standing, said, key=("pass", "under_review", "not_checked", "fail").index)
        return Check(worst, seen.snapshot.issued_at, "" if worst == "pass" else "as the service's statement has it")

    def _accreditation(self, seen: _Seen, snapshot_note: str) -> Check:
        need = seen.record.scope()
        if need is None:
            return Check("pass", self.at, "this kind needs no accreditation")
        if seen.proved is None or seen.inclusion is None:
            return Check("not_checked", None, "without registry and place in the log nothing can be said")
        registry, index = seen.proved.registry, seen.inclusion.index
        if registry.is_authority(seen.record.issuer):
            return Check("pass", self.at, "the authority accredits others and needs no accreditation")
        issuer = registry.issuer(seen.record.issuer)
        if issuer is not None and issuer.standing_at(index) != "active":
            return Check("fail", self.at, "the issuer was suspended or withdrawn when the record was logged")
        found = registry.accreditation_for(seen.record.issuer, need, dates=[seen.record.occurred_on()], index=index)
        if seen.snapshot is None:
            return Check("not_checked", None, snapshot_note)
        if found is not None:
            value = "pass" if seen.snapshot.is_accredited(found.uid, index=index) else "fail"
            return Check(value, seen.snapshot.issued_at)
        if seen.snapshot.names_accreditations:
            return Check("not_checked", None, "the evidence holds no accreditation that covers the record")
        return Check("fail", seen.snapshot.issued_at, "the issuer held no accreditation")

    def _status(self, seen: _Seen) -> Check:
        if not seen.record.STATUS:
            return Check("pass", self.at, "this kind has no status list entry")
        if seen.proved is None or self.trust is None:
            return Check("not_checked", None, "without the registry no status list can be checked")
        place = seen.record.status_place()
        if place is None:
            return Check("not_checked", None, "the record names no status list entry")
        try:
            opened = [
                (kid_of(token), open_statement(token, keyring=seen.proved.registry.keyring, origin=self.trust.origin))
                for token in self.pack.status_lists
            ]
            lists = {purpose: self._status_list(seen, opened, place.url(purpose)) for purpose in PURPOSES}
            bits = {
                purpose: status_bit(statement, list_url=place.url(purpose), purpose=purpose, index=place.index)
                for purpose, statement in lists.items()
            }
        except Refused as error:
            return Check("not_checked", None, str(error))
        word = _STATUS_OF_BITS[bits["revocation"], bits["suspension"]]
        return Check(word, min(statement.issued_at for statement in lists.values()))

    def _status_list(self, seen: _Seen, opened: list[tuple[str, Statement]], url: str) -> Statement:
        """The list at an address, fresh, signed by the service, and of a log that held the record. Raises Refused."""
        document = _json(self.pack.status_issuer_cid)
        for kid, statement in opened:
            if statement.claims.get("id") == url:
                check_listed(document if isinstance(document, dict) else None, kid)
                check_fresh(statement, at=self.at, now=self.now)
                if seen.inclusion is not None and statement.log_size <= seen.inclusion.index:
                    raise Stale("the status list reflects a log that did not hold the record yet")
                return statement
        raise PackInvalid("the evidence holds no status list of both purposes that the record names")


_STATUS_OF_BITS: Final = {
    (False, False): "pass",
    (False, True): "suspended",
    (True, False): "revoked",
    (True, True): "superseded",
}


def period_check(record: Record, at: int) -> Check:
    """Valid from and until, against an instant in seconds since 1970; the end itself is no longer inside."""
    start, end = record.period()
    if start is not None and at < start:
        return Check("not_yet", at)
    return Check("expired" if end is not None and at >= end else "pass", at)


def _json(data: bytes | None) -> Any:
    """JSON of a document that proves nothing by itself; None where there is none or it is unreadable."""
    if data is None:
        return None
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
