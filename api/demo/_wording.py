"""Words of the demonstration: occupations, programmes, awards, contests and certificate numbers. Pure."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from random import Random
from typing import Any, Final

from api.demo.institutions import PROVINCE, TRADES, Institution
from ledger.records._codes import LEVELS, occupations

SHOWN_FIRST: Final = "6-31-01-03"
"""Occupation of the first worker: 电工, which everybody knows."""

SPECIAL_GRADE: Final = "T"
"""Letter at the level's place in numbers of 特级技师 (DOMAIN §2.6: which letter is open)."""

_PROGRAMMES: Final = (
    "安全生产知识培训",
    "数字技能提升培训",
    "新技术新工艺研修班",
    "绿色低碳技能培训",
    "班组长管理能力培训",
    "职业道德与工匠精神培训",
    "工业互联网应用培训",
    "应急救护培训",
)
_CONTESTS: Final = (
    ("全国职业技能大赛", "national"),
    ("示例省职业技能大赛", "provincial-1"),
    ("示例省技能状元大赛", "provincial-1"),
    ("示例市职工技能竞赛", "municipal"),
)


@dataclass(frozen=True, slots=True)
class Award:
    """A row of `data/awards.csv`."""

    code: str
    name: str
    tier: str

    @property
    def is_contest(self) -> bool:
        """Whether people win it in a contest."""
        return "状元" in self.name or "技术能手" in self.name


@lru_cache(maxsize=1)
def awards() -> tuple[Award, ...]:
    """The awards that single people get."""
    text = (resources.files("api.demo") / "data" / "awards.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(Award(row["code"], row["name_zh"], row["tier"]) for row in rows if row["kind"] == "person")


@lru_cache(maxsize=1)
def trades() -> tuple[tuple[str, str], ...]:
    """Code and name of the occupations that are practised here."""
    known = occupations()
    return tuple((code, known[code]) for code in sorted(known) if code.rsplit("-", 2)[0] in TRADES)


def occupation(rng: Random, *, place: int) -> tuple[str, str]:
    """Code and name of a worker's occupation."""
    return (SHOWN_FIRST, occupations()[SHOWN_FIRST]) if place == 0 else rng.choice(trades())


def programme(rng: Random) -> str:
    """Name of a training that belongs to no level."""
    return rng.choice(_PROGRAMMES)


def award(rng: Random) -> Award:
    """An award."""
    return rng.choice(awards())


def contest(rng: Random, *, year: int, occupation: tuple[str, str]) -> dict[str, Any]:
    """The contest claims of an award."""
    name, grade = rng.choice(_CONTESTS)
    return {
        "edition": str(year),
        "contest_name": name,
        "contest_class": grade,
        "contest_event": occupation[1],
        "occupation_code": occupation[0],
        "contest_group": "workers",
        "contest_rank": rng.randrange(1, 6),
        "team_size": 1,
    }


def certificate_number(institution: Institution, *, year: int, level: int, serial: int, qualification: bool) -> str:
    """A certificate number by the rule of its time (DOMAIN §2.6).

    level          order, 2 to 7
    serial         from 0, unique in the demonstration
    qualification  whether it is a 职业资格证书, 16 digits
    """
    if qualification:
        series, number = divmod(serial, 99_999)
        return f"{year % 100:02}{PROVINCE}012{series + 101:03}{LEVELS[level].code}{number + 1:05}"
    letter = LEVELS[level].code or SPECIAL_GRADE
    return f"{institution.certificate_prefix}{year % 100:02}{letter}{serial + 1:06}"
