"""Made-up workers: plausible names, and numbers that are well formed and belong to nobody.

Citizens' numbers carry the birth year 1900, so that no living person is named by accident. Pure: the same seed gives
the same people, and a worker does not depend on how many there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Final

from ledger.records import _codes
from ledger.records._identifiers import icao_check, mod_11_2, organisation_check

BORN_IN: Final = 1900

KINDS: Final = {
    3: "hmt_residence",
    8: "foreign_pr_2023",
    13: "foreign_pr_2017",
    17: "card_no",
    22: "card_identification",
}
"""Kind of number by the worker's place in each row of 25; everybody else has a citizen's number."""

ROW: Final = 25
ROUND: Final = 1_000
"""Places after which sequence numbers repeat; the date of birth then moves on by a day."""

DAYS: Final = 12 * 28
WORKERS_MAX: Final = ROUND * DAYS

SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
"""Frequent ones first."""

COMPOUND_SURNAMES: Final = ("欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫")
GIVEN: Final = (
    "建国", "建军", "国强", "志强", "志刚", "永强", "文斌", "海涛", "晓东", "卫东", "振华", "德明", "宏伟",
    "立新", "金龙", "俊杰", "子轩", "浩然", "宇航", "梓豪", "秀英", "桂兰", "淑珍", "玉梅", "丽华", "春燕",
    "雪梅", "海燕", "晓红", "慧敏", "静怡", "雅婷", "欣怡", "梦琪", "思雨", "诗涵", "伟", "强", "勇", "军",
    "磊", "涛", "斌", "鹏", "杰", "芳", "娟", "敏", "静", "艳", "霞", "丽", "婷", "玲",
)  # fmt: skip
MINORITY_NAMES: Final = ("阿依古丽·买买提", "扎西·次仁", "迪丽努尔·艾力", "巴特尔·苏和", "热合曼·吐尔逊", "卓玛·央金")
HMT_NAMES: Final = ("陈嘉欣", "黄志明", "林家豪", "李咏诗", "何伟杰", "吴淑芬", "张雅雯", "蔡承翰")
FOREIGN_NAMES: Final = (
    ("KIM", "MINJUN", "KOR", "410"),
    ("TANAKA", "HARUKA", "JPN", "392"),
    ("NGUYEN", "VAN AN", "VNM", "704"),
    ("SCHMIDT", "ANNA", "DEU", "276"),
    ("MILLER", "JOHN A", "USA", "840"),
    ("ROSSI", "MARCO", "ITA", "380"),
    ("SINGH", "ARJUN", "IND", "356"),
    ("DUBOIS", "CLAIRE", "FRA", "250"),
)
"""Family name, given name, ISO 3166-1 alpha-3 and numeric code; frequent names that single nobody out."""


@dataclass(frozen=True, slots=True)
class Worker:
    """One made-up worker.

    place   from 0; it decides the kind of number and what the life shows
    login   of the demonstration's sign-in
    kind    of the number, a key of `IDENTIFIER_KINDS`
    region  where the worker lives and is trained, six digits
    """

    place: int
    login: str
    name: str
    kind: str
    number: str
    region: str


def worker(seed: int, place: int) -> Worker:
    """The worker at a place, from 0 to below `WORKERS_MAX`.

    seed  of the demonstration
    """
    rng = Random(f"{seed}/worker/{place}")  # noqa: S311 - made-up people, no secrets
    kind = KINDS.get(place % ROW, "ric")
    country = rng.choice(FOREIGN_NAMES)
    return Worker(
        place=place,
        login=f"worker-{place + 1}",
        name=_name(rng, kind, country),
        kind=kind,
        number=_number(Random(f"{seed}/number/{place % ROUND}"), kind, place, country),  # noqa: S311 - as above
        region=rng.choice(home_regions()),
    )


@lru_cache(maxsize=1)
def home_regions() -> tuple[str, ...]:
    """Counties and districts of the province in which the demonstration plays (Jiangsu, 32)."""
    return tuple(code for code in birth_regions() if code.startswith("32"))


@lru_cache(maxsize=1)
def birth_regions() -> tuple[str, ...]:
    """Counties of the whole country that an identity number may begin with, dissolved ones included."""
    zones = _codes.statistical_zones()
    counties = (code for code in _codes.regions() if code[:1] <= "6" and not code.endswith("00"))
    return tuple(sorted(code for code in counties if code not in zones))


def _name(rng: Random, kind: str, country: tuple[str, str, str, str]) -> str:
    if kind == "hmt_residence":
        return rng.choice(HMT_NAMES)
    if kind.startswith("foreign"):
        return f"{country[0]} {country[1]}"
    dice = rng.random()
    if dice < 0.02:
        return rng.choice(MINORITY_NAMES)
    surname = rng.choice(COMPOUND_SURNAMES) if dice < 0.03 else SURNAMES[int(len(SURNAMES) * rng.random() ** 2)]
    return surname + rng.choice(GIVEN)


def _number(rng: Random, kind: str, place: int, country: tuple[str, str, str, str]) -> str:
    """A number of a kind. Its sequence part counts the place, so two workers never share a number.

    rng  the same for all workers of one sequence number: only the date of birth tells those apart
    """
    month, day = divmod((rng.randrange(DAYS) + place // ROUND) % DAYS, 28)
    born = f"{BORN_IN}{month + 1:02}{day + 1:02}"
    sequence = f"{place % ROUND:03}"
    if kind == "hmt_residence":
        body = f"8{rng.randrange(1, 4)}0000{born}{sequence}"
    elif kind == "foreign_pr_2023":
        body = f"932{country[3]}{born}{sequence}"
    elif kind == "foreign_pr_2017":
        front = f"{country[2]}32{place % 100:02}{born[2:]}{place // 100 % 10}"
        return front + icao_check(front)
    elif kind == "card_no":
        front = f"{rng.choice('ABCDEFGH')}{place + 1:07}"
        return front + organisation_check(front)
    elif kind == "card_identification":
        return f"{rng.choice(home_regions())}D156000005{place + 1:08X}{rng.getrandbits(32):08X}"
    else:
        body = f"{rng.choice(birth_regions())}{born}{sequence}"
    return body + mod_11_2(body)
