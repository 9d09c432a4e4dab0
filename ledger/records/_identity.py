"""What a record may say about who is who. A kind returns one of these from `Record.change`; deciding makes it true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from ledger.records._identifiers import DocumentNumber


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a record is about, as its disclosures say."""

    number: DocumentNumber
    name: str


@dataclass(frozen=True, slots=True)
class Binds:
    """A further number stands for the subject too."""

    number: DocumentNumber


@dataclass(frozen=True, slots=True)
class Retires:
    """A number of the subject stands for them up to a civil date only."""

    number: DocumentNumber
    last_day: date


@dataclass(frozen=True, slots=True)
class Renames:
    """The subject has a further name; the former ones stay good."""

    name: str


@dataclass(frozen=True, slots=True)
class Merges:
    """Another subject is the same person: its numbers stand for this one from now on, its records count as theirs."""

    other: Person


@dataclass(frozen=True, slots=True)
class Splits:
    """A subject that was merged into this one is somebody else after all."""

    other: Person


@dataclass(frozen=True, slots=True)
class Restricts:
    """Statutory records of the subject are kept, and processed no longer; or are processed again."""

    restricted: bool


@dataclass(frozen=True, slots=True)
class Erases:
    """What rests on the subject's consent is destroyed, and what must stay is restricted."""


Change: TypeAlias = Binds | Retires | Renames | Merges | Splits | Restricts | Erases
