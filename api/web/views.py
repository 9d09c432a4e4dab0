"""What pages show: plain values, so that every state can be rendered without a server. All times are in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from api.client.outcome import TEXTS, Checks, missing_checks, outcome, shows_content, text_for
from api.client.outcome import Text as OutcomeText
from api.web.words import Text, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One labelled value."""

    label: Words
    value: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a verifier may see of a certificate: name and numbers are masked before they get here."""

    title: Text
    kind: Words
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeView:
    """The answer to one verification. The outcome word is derived from the checks, so the two cannot disagree.

    checks      all seven; None where no record was found for a code, or for a number and name
    as_of       when the question was answered
    content     shown only where the checks allow it; None where there is none
    code        the record's verification code where it has one
    since       first day of the standing (revoked, suspended, corrected), or the day of expiry or of becoming valid
    reason      reason class of a standing, a permanent code
    answer_due  day by which the institution answers while a certificate is suspended
    newer_code  verification code of the corrected version
    """

    checks: Checks | None
    as_of: int
    content: Content | None = None
    code: str | None = None
    since: date | None = None
    reason: str | None = None
    answer_due: date | None = None
    newer_code: str | None = None

    @property
    def word(self) -> str:
        """One of the keys of `api.client.outcome.TEXTS`."""
        return "not_found" if self.checks is None else outcome(self.checks)

    @property
    def text(self) -> OutcomeText:
        """Banner, advice, icon and tone."""
        return TEXTS["not_found"] if self.checks is None else text_for(self.checks)

    @property
    def shown(self) -> Content | None:
        """The content, where the checks allow showing it."""
        return self.content if self.checks is not None and shows_content(self.checks) else None

    @property
    def missing(self) -> list[str]:
        """Names of the checks that were not made."""
        return [] if self.checks is None else missing_checks(self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One record in a worker's timeline."""

    record_id: str
    kind: str
    kind_label: Words
    title: Text
    issuer: str
    day: date
    state: str
    minutes: int | None = None
    certificate: bool = False
    credits_centi: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The highest level reached in one occupation."""

    occupation: Text
    level: Text
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveView:
    """One worker's archive: items newest first, and how fresh the view is."""

    items: tuple[Item, ...]
    levels: tuple[Level, ...]
    minutes: int
    as_of: int
    behind: int = 0
    """Records of the log that the view has not taken in yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step in a record's life: `issued`, `logged`, `corrected`, `suspended`, `reinstated`, `revoked` …"""

    what: str
    day: date
    by: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """One record as its holder sees it: own name and numbers unmasked."""

    record_id: str
    kind: str
    kind_label: Words
    title: Text
    holder: str
    issuer: str
    day: date
    state: str
    lines: tuple[Line, ...]
    signed_at: int
    index: int
    steps: tuple[Step, ...]
    as_of: int
    code: str | None = None
    until: date | None = None
    since: date | None = None
    reason: str | None = None
    answer_due: date | None = None
    appeal_until: date | None = None
    newer_record_id: str | None = None
