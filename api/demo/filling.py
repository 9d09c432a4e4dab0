"""Filling: signs what is planned with the institutions' keys and hands it in over HTTP, on several connections.

Order of a filling: institutions, keys and accreditations; the records of all lives; moves of credits; what was revoked,
suspended or corrected. What is one worker's goes over one connection, in order.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

from api.client import LedgerClient
from api.client.errors import AnswerInvalid, ServerRefused
from api.client.receipt import Receipt
from api.demo.institutions import BANK, COLLEGE, INSTITUTIONS
from api.demo.lives import CORRECT, NOT_ACCREDITED, REFUSED, REINSTATE, REVOKE, SUSPEND, Life, Planned
from keys.custody import Signer
from keys.errors import LedgerError
from keys.possession import prove_possession
from ledger.clock import Clock, civil_date
from ledger.errors import StatusIndexTaken
from ledger.records import build_record
from ledger.wire.canonical import format_canonical
from ledger.wire.envelope import Envelope

CONNECTIONS: Final = 3
BATCH_LIVES: Final = 8
DRAWS_MAX: Final = 20

RULE: Final = {
    "rule_id": "DEMO-TRF-001",
    "version": 1,
    "title": "培训学时转入学分银行：16 学时计 1 学分",
    "minutes_per_credit": 960,
}
SCHEME_OF_COLLEGE: Final = "示例工业职业技术学院学分"
SCHEME_OF_BANK: Final = "示例省终身学习学分银行"
COURSE: Final = "EE-2104"

REASONS: Final = {
    REVOKE: "issued-in-error",
    SUSPEND: "under-review",
    REINSTATE: "review-passed",
    CORRECT: "score-corrected",
}


@dataclass(frozen=True, slots=True)
class Place:
    """The log that is filled: its name, its address in records, and the authority's issuer id."""

    origin: str
    base_url: str
    authority: str


@dataclass(frozen=True, slots=True)
class Held:
    """What became of a planned record: what `demo.json` says about it."""

    planned: Planned
    record_id: str
    code: str | None
    state: str
    reason: str | None = None


@dataclass(slots=True)
class Filled:
    """Everything that was handed in."""

    held: list[Held] = field(default_factory=list)
    moves: int = 0
    acts: int = 0


class Signers:
    """Signs for the authority and the institutions."""

    def __init__(self, place: Place, *, authority: Signer, institutions: Mapping[str, Signer], clock: Clock) -> None:
        """institutions  signer by the type of institution"""
        self.place = place
        self.clock = clock
        self._authority = authority
        self._institutions = institutions

    def as_authority(
        self, kind: str, claims: Mapping[str, Any], disclosed: Mapping[str, Any] = MappingProxyType({})
    ) -> Envelope:
        """A record of the authority."""
        return self._sign(kind, claims, disclosed, issuer=self.place.authority, signer=self._authority)

    def as_institution(
        self, signer: str, kind: str, claims: Mapping[str, Any], disclosed: Mapping[str, Any]
    ) -> Envelope:
        """A record of the institution of this type."""
        issuer = INSTITUTIONS[signer].issuer(self.place.base_url)
        return self._sign(kind, claims, disclosed, issuer=issuer, signer=self._institutions[signer])

    def planned(self, one: Planned, *, redraw: bool = False, group: str | None = None) -> Envelope:
        """A planned record, signed.

        redraw  whether to draw a status place anew instead of the planned one
        """
        body = INSTITUTIONS[one.signer]
        own: dict[str, Any] = {"institution_name": body.name, "institution_uscc": body.uscc, "group": group}
        if not redraw:
            number, index = one.place
            own["status"] = {"base": self.place.base_url, "uscc": body.uscc, "list": number, "index": index}
        return self.as_institution(one.signer, one.kind, {**one.claims, **own}, one.disclosed)

    def registration(self, signer: str) -> Iterator[Envelope]:
        """The authority's records that let an institution speak."""
        body, key = INSTITUTIONS[signer], self._institutions[signer]
        issuer, nonce = body.issuer(self.place.base_url), secrets.token_urlsafe(16)
        about = {"uscc": body.uscc, "institution_issuer": issuer, "name": body.name}
        yield self.as_authority("institution-registered", {**about, "type": body.type, "region": body.region})
        proof = prove_possession(key, origin=self.place.origin, issuer=issuer, nonce=nonce)
        claims = {"key_issuer": issuer, "jwk": key.jwk, "use": "records", "nonce": nonce, "possession": proof}
        yield self.as_authority("key-registered", {**claims, "log": self.place.origin})
        for scope in body.scopes:
            yield self.as_authority("accreditation-granted", {"uscc": body.uscc, **scope})

    def _sign(
        self, kind: str, claims: Mapping[str, Any], disclosed: Mapping[str, Any], *, issuer: str, signer: Signer
    ) -> Envelope:
        return build_record(
            kind,
            claims,
            disclosed,
            issuer=issuer,
            signer=signer,
            clock_seconds=self.clock.now_seconds(),
            base_url=self.place.base_url,
        )


def register_institutions(client: LedgerClient, signers: Signers) -> None:
    """Registers and accredits every institution.

    raises  ServerRefused, ReceiptInvalid, AnswerInvalid, ServerUnavailable
    """
    for kind in INSTITUTIONS:
        for envelope in signers.registration(kind):
            client.submit(envelope.to_bytes())


def submit_lives(url: str, signers: Signers, lives: Sequence[Life], *, advance: Callable[[int], None]) -> Filled:
    """Hands in all lives.

    advance  called with the number of records that were just answered, from several threads
    returns  what became of each record, in the order of the lives
    raises   ServerRefused, ReceiptInvalid, AnswerInvalid, ServerUnavailable
    """
    parts = [lives[start : start + BATCH_LIVES] for start in range(0, len(lives), BATCH_LIVES)]
    stopped = threading.Event()

    def pause(seconds: float) -> None:
        stopped.wait(seconds)

    with ExitStack() as stack:
        clients = [stack.enter_context(LedgerClient(url, wait=pause)) for _ in range(CONNECTIONS)]
        threads = stack.enter_context(ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="filling"))
        # Whoever interrupts waits for the requests under way alone, and for no pause between two attempts.
        stack.callback(threads.shutdown, wait=False, cancel_futures=True)
        stack.callback(stopped.set)
        idle = [_Filler(client, signers, advance) for client in clients]
        found = list(threads.map(lambda part: _with_idle(idle, part), parts))
    return Filled(
        [one for filled in found for one in filled.held],
        sum(filled.moves for filled in found),
        sum(filled.acts for filled in found),
    )


def _with_idle(idle: list[_Filler], part: Sequence[Life]) -> Filled:
    """A part handed in over a connection that nobody uses; there are as many as threads."""
    filler = idle.pop()
    try:
        return filler.fill(part)
    finally:
        idle.append(filler)


class _Filler:
    """Hands in some lives over one connection."""

    def __init__(self, client: LedgerClient, signers: Signers, advance: Callable[[int], None]) -> None:
        self._client = client
        self._signers = signers
        self._advance = advance

    def fill(self, lives: Sequence[Life]) -> Filled:
        planned = [one for each in lives for one in each.records]
        held = self._records(planned)
        self._advance(len(planned))
        filled = Filled(held)
        start = 0
        for each in lives:
            own = held[start : start + len(each.records)]
            start += len(each.records)
            if each.move is not None:
                filled.moves += self._move(each, own)
            filled.acts += self._acts(own)
            filled.held += self._corrections(own)
        return filled

    def _records(self, planned: Sequence[Planned]) -> list[Held]:
        """What became of each record, after drawing again where the status place was taken."""
        found: dict[int, Held] = {}
        for attempt in range(DRAWS_MAX):
            waiting = [n for n in range(len(planned)) if n not in found]
            envelopes = [self._signers.planned(planned[n], redraw=attempt > 0) for n in waiting]
            answers = self._client.submit_many([envelope.to_bytes() for envelope in envelopes])
            for n, envelope, answer in zip(waiting, envelopes, answers, strict=True):
                if getattr(answer, "code", None) != StatusIndexTaken.code:
                    found[n] = _held(planned[n], envelope, answer)
            if len(found) == len(planned):
                return [found[n] for n in range(len(planned))]
        raise AnswerInvalid(f"no status place was free in {DRAWS_MAX} draws")

    def _move(self, life: Life, own: Sequence[Held]) -> int:
        """Credits into the bank, and on into a course; each transfer is a group of its two sides."""
        move = life.move
        if move is None:
            return 0
        basis = [own[n].record_id for n in move.sources]
        common = {
            "happened_on": move.happened_on.isoformat(),
            "rule_id": RULE["rule_id"],
            "rule_version": RULE["version"],
            "rule_hash": hashlib.sha256(format_canonical(RULE)).hexdigest(),
        }
        inward = {**common, "amount_centi": move.amount_centi, "group": move.groups[0], "basis": basis}
        inward |= {"from_scheme": SCHEME_OF_COLLEGE, "to_scheme": SCHEME_OF_BANK}
        _, arrived = self._transfer(life, inward, giver=COLLEGE, taker=BANK)
        if move.onward_centi:
            onward = {**common, "amount_centi": move.onward_centi, "group": move.groups[1], "basis": [arrived]}
            issuer = INSTITUTIONS[COLLEGE].issuer(self._signers.place.base_url)
            onward |= {"from_scheme": SCHEME_OF_BANK, "to_institution": issuer, "to_course": COURSE}
            self._transfer(life, onward, giver=BANK, taker=COLLEGE)
        return 4 if move.onward_centi else 2

    def _transfer(self, life: Life, claims: Mapping[str, Any], *, giver: str, taker: str) -> tuple[str, str]:
        """Record ids of the two sides."""
        disclosed = {
            "holder_name": life.worker.name,
            "document_number": life.worker.number,
            "account": f"XF-{life.worker.place + 1:08}",
        }
        sides = [
            self._signers.as_institution(signer, "credit-transfer", {**claims, "direction": direction}, disclosed)
            for direction, signer in (("out", giver), ("in", taker))
        ]
        out, into = self._client.submit_group([side.to_bytes() for side in sides])
        return out.record_id, into.record_id

    def _acts(self, own: Iterable[Held]) -> int:
        """Revocations and suspensions; what is reinstated was suspended before."""
        acts = {REVOKE: (REVOKE,), SUSPEND: (SUSPEND,), REINSTATE: (SUSPEND, REINSTATE)}
        envelopes = [self._act(held, action) for held in own for action in acts.get(held.planned.fate or "", ())]
        for envelope in envelopes:
            self._client.submit(envelope.to_bytes())
        return len(envelopes)

    def _act(self, held: Held, action: str) -> Envelope:
        today = civil_date(self._signers.clock.now_seconds()).isoformat()
        claims = {"target_record": held.record_id, "action": action, "reason": REASONS[action], "effective_on": today}
        return self._signers.as_institution(held.planned.signer, "revocation", claims, {})

    def _corrections(self, own: Sequence[Held]) -> list[Held]:
        """The records that took the place of corrected ones."""
        return [self._correct(held) for held in own if held.planned.fate == CORRECT]

    def _correct(self, held: Held) -> Held:
        planned = held.planned.corrected()
        group = uuid4().urn
        for attempt in range(DRAWS_MAX):
            fresh = self._signers.planned(planned, redraw=attempt > 0, group=group)
            claims = {"target_record": held.record_id, "replacement_record": fresh.record_id, "group": group}
            claims["reason"] = REASONS[CORRECT]
            correction = self._signers.as_institution(planned.signer, "correction", claims, {})
            try:
                receipt, _ = self._client.submit_group([fresh.to_bytes(), correction.to_bytes()])
            except ServerRefused as refused:
                if refused.code == StatusIndexTaken.code:
                    continue
                raise
            return _held(planned, fresh, receipt)
        raise AnswerInvalid(f"no status place was free in {DRAWS_MAX} draws")


def _held(planned: Planned, envelope: Envelope, answer: Receipt | LedgerError) -> Held:
    """What an answer makes of a planned record.

    raises  the answer itself when a record was refused that should not have been; AnswerInvalid for the reverse
    """
    if planned.state == REFUSED:
        if isinstance(answer, LedgerError) and answer.code == NOT_ACCREDITED:
            return Held(planned, envelope.record_id, None, REFUSED, answer.code)
        raise AnswerInvalid("the ledger accepted a record beyond its issuer's accreditation")
    if isinstance(answer, LedgerError):
        raise answer
    return Held(planned, answer.record_id, answer.code, planned.state)
