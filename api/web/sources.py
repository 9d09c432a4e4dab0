"""The real source of the pages: ledger, verifier and views, turned into plain values; and the real door."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final
from uuid import UUID

from api.signin import Principal
from api.web.labels import ISSUER, kind_label, level_words, lines_of, occupation_words
from api.web.views import ArchiveView, Content, Item, Level, Line, OutcomeView, RecordView, Step
from api.web.visit import Person
from ledger.clock import civil_date
from ledger.errors import Erased, NotFound
from ledger.records import parse_record
from ledger.wire.envelope import parse_envelope
from projections import archive as archive_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from api.services import Services
    from api.verification import Verdict
    from ledger.logged import LoggedRecord
    from ledger.records._base import Record
    from projections._standing import Act

_STEPS: Final = {"revoke": "revoked", "suspend": "suspended", "reinstate": "reinstated", "replace": "corrected"}


class LedgerSource:
    """What pages show, from one server's parts."""

    def __init__(self, parts: Services) -> None:
        self._parts = parts
        self._ledger = parts.ledger

    # Verification

    def verify_code(self, code: str) -> OutcomeView:
        """The outcome for a verification code."""
        return self._outcome(self._parts.verifier.by_code(code))

    def verify_certificate(self, *, number: str, name: str) -> OutcomeView:
        """The outcome for a certificate number and the holder's full name."""
        return self._outcome(self._parts.verifier.by_certificate(number=number, name=name))

    def verify_envelope(self, envelope: bytes) -> OutcomeView:
        """The outcome for the bytes of an envelope."""
        return self._outcome(self._parts.verifier.by_envelope(envelope))

    def _outcome(self, verdict: Verdict) -> OutcomeView:
        self._parts.metrics.verified(verdict.word)
        held, record = verdict.standing, verdict.record
        since = civil_date(held.effective_seconds) if held is not None and held.effective_seconds else None
        if record is not None and since is None:
            start, until = record.period()
            if verdict.word == "expired" and until is not None:
                since = civil_date(until - 1)
            elif verdict.word == "not_yet_valid" and start is not None:
                since = civil_date(start)
        return OutcomeView(
            checks=verdict.checks,
            as_of=verdict.as_of,
            content=None if record is None or verdict.logged is None else self._content(record, verdict.logged),
            code=verdict.code,
            since=since if record is not None else None,
            reason=(held.reason or None) if held is not None and record is not None else None,
            newer_code=self._code_of(held.replaced_by) if held is not None and record is not None else None,
        )

    def _content(self, record: Record, logged: LoggedRecord) -> Content:
        issuer = Line(label=ISSUER, value=self._issuer_name(record.issuer))
        lines = (*lines_of(record, masked=True), issuer)
        return Content(title=_title(record, logged), kind=kind_label(record.kind), lines=lines)

    def _code_of(self, record_id: str | None) -> str | None:
        """The verification code of a corrected version; None where there is none to show."""
        if record_id is None:
            return None
        try:
            return self._ledger.code(self._ledger.record(record_id))
        except (NotFound, Erased):
            return None

    # The worker's own

    def archive(self, subject: str | None) -> ArchiveView:
        """A worker's archive; None for somebody about whom nothing was recorded yet."""
        now = self._parts.clock.now_seconds()
        if subject is None:
            return ArchiveView(items=(), levels=(), minutes=0, as_of=now)
        found = self._archive(subject, now)
        return ArchiveView(
            items=tuple(self._item(item) for item in found.items),
            levels=tuple(_levels(found)),
            minutes=found.minutes,
            as_of=found.as_of_seconds,
            behind=max(0, self._ledger.size() - found.size),
        )

    def _archive(self, subject: str, now: int) -> archive_view.Archive:
        """All that was recorded about the worker, under whichever number."""
        streams = self._ledger.linked(UUID(subject))
        return archive_view.archive(self._ledger.views(), *streams, as_of_seconds=now)

    def record(self, subject: str | None, record_id: str) -> RecordView | None:
        """One of this worker's records; None if there is none, or if it is another person's."""
        if subject is None:
            return None
        now = self._parts.clock.now_seconds()
        found = self._archive(subject, now)
        item = next((each for each in found.items if each.record_id == record_id), None)
        if item is None:
            return None
        logged = self._ledger.record(record_id)
        issuer = self._issuer_name(item.issuer)
        held = item.standing
        plain = RecordView(
            record_id=record_id,
            kind=item.kind,
            kind_label=kind_label(item.kind),
            title=item.title or kind_label(item.kind),
            holder="",
            issuer=issuer,
            day=date.fromisoformat(item.achieved_on),
            state="erased",
            lines=(),
            signed_at=int(logged.payload["iat"]),
            index=item.index,
            steps=(
                Step(what="issued", day=civil_date(int(logged.payload["iat"])), by=issuer),
                *(self._step(act) for act in item.history),
            ),
            as_of=now,
            until=None if item.valid_until is None else civil_date(item.valid_until - 1),
            since=None if held.effective_seconds is None else civil_date(held.effective_seconds),
            reason=held.reason or None,
            newer_record_id=held.replaced_by,
        )
        try:
            record = parse_record(parse_envelope(self._ledger.envelope(logged)))
        except Erased:
            return plain
        person = record.person()
        return replace(
            plain,
            state=_state(item),
            holder="" if person is None else person.name,
            lines=lines_of(record, masked=False),
            code=self._ledger.code(logged),
        )

    def _item(self, item: archive_view.Item) -> Item:
        return Item(
            record_id=item.record_id,
            kind=item.kind,
            kind_label=kind_label(item.kind),
            title=item.title or kind_label(item.kind),
            issuer=self._issuer_name(item.issuer),
            day=date.fromisoformat(item.achieved_on),
            state=_state(item),
            minutes=item.minutes,
            certificate=_is_certificate(item),
            credits_centi=item.credits_centi,
        )

    def _step(self, act: Act) -> Step:
        by = self._ledger.record(act.record_id).payload["iss"]
        day = civil_date(act.effective_seconds)
        return Step(what=_STEPS[act.action], day=day, by=self._issuer_name(by), reason=act.reason or None)

    def _issuer_name(self, issuer: str) -> str:
        body = self._ledger.registry().issuer(issuer)
        return issuer if body is None else body.name


def _is_certificate(item: archive_view.Item) -> bool:
    return item.level_order is not None and item.minutes is None


def _state(item: archive_view.Item) -> str:
    """A record without level and end is not `valid` or `invalid` to its holder: it is simply there."""
    if item.state == archive_view.VALID and item.valid_until is None and not _is_certificate(item):
        return "recorded"
    return item.state


def _title(record: Record, logged: LoggedRecord) -> str:
    subject = logged.payload.get("credentialSubject", {})
    title = subject.get("achievement", {}).get("name") or logged.payload.get("name")
    return title if isinstance(title, str) else kind_label(record.kind).zh


def _levels(found: archive_view.Archive) -> Sequence[Level]:
    """The highest level of each occupation with the day it was first reached, highest first."""
    levels = []
    for occupation, order in sorted(found.highest_levels.items(), key=lambda entry: (-entry[1], entry[0])):
        days = [
            item.achieved_on
            for item in found.items
            if item.counts and item.occupation == occupation and item.level_order == order
        ]
        day = date.fromisoformat(min(days))
        levels.append(Level(occupation=occupation_words(occupation), level=level_words(order), day=day))
    return levels


class LedgerDoor:
    """Sessions and rates, from one server's parts."""

    def __init__(self, parts: Services) -> None:
        self._parts = parts
        self._sign_in = parts.sign_in

    def is_secure(self) -> bool:
        """Whether people reach this server over TLS."""
        return self._sign_in.cookie_name.startswith("__Host-")

    def person(self, request: Request) -> Person | None:
        """The worker whose session a request carries."""
        principal = self._sign_in.session_of(request)
        if principal is None or principal.role != "worker":
            return None
        return Person(principal.login, None if principal.subject is None else str(principal.subject))

    def form_key(self, request: Request, cookie: str) -> str:
        """The hidden value for forms of this session in this browser."""
        return self._sign_in.form_key(self._sign_in.session_of(request), cookie)

    def demo_logins(self) -> tuple[str, ...] | None:
        """The people of a demonstration; None outside of one."""
        return None if self._sign_in.demo is None else tuple(self._sign_in.demo.logins())

    def sign_in_path(self) -> str | None:
        """Where an outside sign-in begins; None where none is configured."""
        return "/oidc/start" if self._parts.settings.oidc_authorization_url else None

    def check_rate(self, bucket: str, request: Request) -> None:
        """Counts one request.

        raises  RateLimited
        """
        self._parts.rates.check(bucket, str(request.scope.get("client_address", "-")))

    def enter(self, response: Response, login: str) -> None:
        """Begins a new session for a login of the demonstration.

        raises  NotFound
        """
        if self._sign_in.demo is None:
            raise NotFound("nothing is held at this address")
        subject = self._sign_in.demo.claims(login=login, role="worker")["subject"]
        self._sign_in.set_session(response, Principal(login, "worker", UUID(str(subject))))

    def leave(self, response: Response) -> None:
        """Ends the session."""
        self._sign_in.end_session(response)
