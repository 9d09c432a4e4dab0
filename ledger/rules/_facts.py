"""What rules about levels know of a person, taken from records in force: no names, no numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.rules.years import Interval

TITLE_RANKS: Final[Mapping[str, int]] = {"初级职称": 1, "中级职称": 2, "高级职称": 3}
"""Ranks of professional titles by their general names; 高级职称 is both 副高级 and 正高级."""

RANK_OF_TITLE: Final[Mapping[str, int]] = {"junior": 1, "intermediate": 2, "associate-senior": 3, "senior": 3}
"""The same by the codes of records."""

EDUCATION: Final[Mapping[str, str]] = {
    "lower-secondary": "初中",
    "upper-secondary": "高中",
    "secondary-vocational": "中专（职高）",
    "technical-school": "技工院校",
    "intermediate-class": "技工院校中级工班",
    "senior-class": "技工院校高级工班",
    "technician-class": "技工院校预备技师班、技师班",
    "advanced-technical-school": "高级技工学校、技师学院",
    "junior-college": "大学专科、高职",
    "evaluated-junior-college": "经评估论证的大学专科、高职",
    "bachelor": "大学本科",
    "master": "硕士研究生",
    "doctor": "博士研究生",
}
"""Kinds of schooling that rules tell apart; codes are permanent. One diploma may be several: a class and its school."""


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
