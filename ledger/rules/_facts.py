"""What rules about levels know of a person, taken from records in force: no names, no numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.rules.years import Interval

TITLE_RANKS: Final[Mapping[str, int]] = {"初级职称": 1, "中级职称": 2, "高级职称": 3}
"""Ranks of professional titles by their general names."""

EDUCATION: Final[Mapping[str, str]] = {
    "secondary-vocational": "中等职业学校",
    "technical-intermediate-class": "技工院校中级工班",
    "technical-senior-class": "技工院校高级工班",
    "advanced-technical-school": "高级技工学校、技师学院",
    "technician-class": "技师学院预备技师班、技师班",
    "college": "高职、专科",
    "college-evaluated": "经评估论证的高职、专科",
    "bachelor": "本科",
    "postgraduate": "研究生",
}
"""Kinds of schooling that rules tell apart; codes are permanent. Who has graduated from one kind may have several."""


@dataclass(frozen=True, slots=True)
class LevelHeld:
    """A level in the occupation, from the day it was given."""

    order: int
    since: date


@dataclass(frozen=True, slots=True)
class TitleHeld:
    """A professional title in a matching field. `rank` as in `TITLE_RANKS`."""

    rank: int
    since: date


@dataclass(frozen=True, slots=True)
class Schooling:
    """A kind of schooling, a key of `EDUCATION`, in a matching field.

    since  day of graduation; None for who is about to graduate, which conditions count as well
    """

    code: str
    since: date | None = None
    full_time: bool = True


@dataclass(frozen=True, slots=True)
class PostHeld:
    """An appointment (在聘) by an employer, in force on [since, until).

    order  of the level it is an appointment to; 7 and 8 are posts and nothing else
    """

    order: int
    since: date
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the person is in post on a civil date."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Facts:
    """One person in one occupation and those related to it.

    work       days of work in it
    protected  interruptions, such as maternity, that break no continuous work
    foreign    ids of overseas qualifications, as lists of them have it
    """

    born: date | None = None
    work: tuple[Interval, ...] = ()
    protected: tuple[Interval, ...] = ()
    levels: tuple[LevelHeld, ...] = ()
    titles: tuple[TitleHeld, ...] = ()
    schooling: tuple[Schooling, ...] = ()
    posts: tuple[PostHeld, ...] = ()
    foreign: tuple[str, ...] = ()

    def level_since(self, order: int, *, on: date) -> date | None:
        """Since when the person has held this level or a higher one; None on a date before."""
        return min((one.since for one in self.levels if one.order >= order and one.since <= on), default=None)

    def title_since(self, rank: int, *, on: date) -> date | None:
        """Since when the person has held a title of this rank or a higher one; None on a date before."""
        return min((one.since for one in self.titles if one.rank >= rank and one.since <= on), default=None)
