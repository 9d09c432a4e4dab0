"""What `institution_quality` says of an institution: plain numbers, and the records and cases behind some of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Volume:
    """Records of a kind that were signed on a civil date; `imported` are those of a paper or historical backlog."""

    kind: str
    day: date
    records: int
    imported: int


@dataclass(frozen=True, slots=True)
class Delay:
    """Records that are not imported, by the civil dates of achievement and signing."""

    achieved: date
    signed: date
    records: int


@dataclass(frozen=True, slots=True)
class Session:
    """Results of one class. `session` is the class's record id, or its number where no class is cited."""

    session: str
    enrolled: int
    results: int
    failed: int


@dataclass(frozen=True, slots=True)
class ClassHeld:
    """A class that was not voided, with the minutes it plans in all."""

    record_id: str
    number: str
    site: str
    first: date
    last: date
    minutes: int


@dataclass(frozen=True, slots=True)
class Case:
    """A finding, complaint, appeal, rating or decision. Complaints tell who complained: not for the institution.

    what   kind without version
    code   finding, topic or grounds
    about  record id of the case that a decision answers, or of what an appeal is against
    """

    record_id: str
    what: str
    code: str | None
    severity: str | None
    outcome: str | None
    about: str | None
    stars: int | None
    happened: str


@dataclass(frozen=True, slots=True)
class Quality:
    """An institution's numbers at an instant.

    approved      civil date of its first accreditation; None without one
    results       `completed`, `not_completed` of trainings, `passed`, `failed` of assessments
    issued        records of people
    acted_on      state -> how many of these are revoked, superseded or suspended
    corrections   outcome -> answers to corrections that workers asked for
    """

    issuer: str
    uscc: str
    type: str | None
    size: int
    as_of_seconds: int
    approved: date | None
    issued: int
    volumes: tuple[Volume, ...]
    delays: tuple[Delay, ...]
    results: Mapping[str, int]
    sessions: tuple[Session, ...]
    classes: tuple[ClassHeld, ...]
    acted_on: Mapping[str, int]
    corrections: Mapping[str, int]
    cases: tuple[Case, ...]
