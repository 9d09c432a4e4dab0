"""What each indicator is: its formula in words, its target, and what it divides by. DOMAIN §1 M, S-109 to S-115.

S-114 compares wages, which no ledger of skills knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from projections.indicators import Numbers

SHARE, PER_10000 = "basis-points", "hundredths-per-10000"
"""Units of a value: hundredths of a percent; hundredths of a person in every 10,000. All numbers are whole."""


@dataclass(frozen=True, slots=True)
class Definition:
    """An indicator.

    number         of the requirement
    numerator      field of `Numbers`
    denominator    field of `Numbers`, which `given` may take the place of; None: it comes with the question alone
    given          name under which a denominator comes with the question; None where the ledger's own counts
    targets        where the policy papers set one: region prefix -> target, in the unit
    """

    id: str
    number: str
    zh: str
    en: str
    formula_zh: str
    formula_en: str
    unit: str
    numerator: str
    denominator: str | None = None
    given: str | None = None
    targets: Mapping[str, int] | None = None


DEFINITIONS: Final[tuple[Definition, ...]] = (
    Definition(
        "skilled-share",
        "S-109",
        "技能人才占就业人员比例",
        "skilled talent among employed persons",
        "持有有效技能等级证书（初级工及以上）的人数 ÷ 就业人员数",
        "persons with a certificate in force of 初级工 or above ÷ employed persons",
        SHARE,
        "skilled",
        given="employed",
        targets={"": 3_000},
    ),
    Definition(
        "high-skilled-share",
        "S-110",
        "高技能人才占技能人才比例",
        "high-skilled among skilled talent",
        "持有有效高级工及以上证书的人数 ÷ 持有有效技能等级证书（初级工及以上）的人数",
        "persons with a certificate in force of 高级工 or above ÷ persons with one of 初级工 or above",
        SHARE,
        "high_skilled",
        denominator="skilled",
        targets={"": 3_333, "32": 3_500, "5117": 3_333},
    ),
    Definition(
        "high-skilled-per-10000",
        "S-111",
        "每万名劳动者中高技能人才数",
        "high-skilled talent in every 10,000 workers",
        "持有有效高级工及以上证书的人数 × 10000 ÷ 劳动者人数",
        "persons with a certificate in force of 高级工 or above × 10,000 ÷ workers",
        PER_10000,
        "high_skilled",
        given="workers",
    ),
    Definition(
        "certificate-rate",
        "S-112",
        "毕业生职业技能等级证书获证率",
        "graduates who hold a skill level",
        "当年毕业生中持有有效技能等级证书的人数 ÷ 当年毕业生人数",
        "graduates of the year with a certificate of a level in force ÷ graduates of the year",
        SHARE,
        "certified",
        denominator="graduates",
        given="graduates",
    ),
    Definition(
        "local-employment-rate",
        "S-112",
        "毕业生本地就业率",
        "graduates employed in the region",
        "当年毕业生中在本地区有在职从业证明的人数 ÷ 当年毕业生人数",
        "graduates of the year with an attested employment in the region ÷ graduates of the year",
        SHARE,
        "employed",
        denominator="graduates",
        given="graduates",
    ),
)

DAZHOU: Final = "5117"


@dataclass(frozen=True, slots=True)
class Goal:
    """How many of something a region is to have (S-113): persons with an award, or carriers of a type and grade."""

    zh: str
    region: str
    at_least: int
    award: str | None = None
    carrier: tuple[str, str] | None = None


GOALS: Final[tuple[Goal, ...]] = (
    Goal("巴渠工匠", DAZHOU, 300, award="AW-DZ-02"),
    *(
        Goal(f"{grade_zh}{zh}", DAZHOU, at_least, carrier=(carrier, grade))
        for zh, carrier, wanted in (
            ("技能大师工作室", "skill-master-studio", (1, 5, 15)),
            ("高技能人才培训基地", "high-skill-base", (1, 3, 9)),
            ("创业孵化基地", "startup-base", (1, 6, 30)),
        )
        for grade_zh, grade, at_least in zip(
            ("国家级", "省级", "市级"), ("national", "provincial", "municipal"), wanted, strict=True
        )
    ),
    Goal("“川字号”劳务品牌", DAZHOU, 3, carrier=("labour-brand", "provincial")),
    Goal("“达字号”劳务品牌", DAZHOU, 20, carrier=("labour-brand", "municipal")),
)
"""Goals of paper 003 for Dazhou. A brand with the province's name is graded provincial, with the city's municipal."""


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator of one region: whole numbers, and the value in the definition's unit, rounded down.

    denominator, value  None where the question lacks the denominator or it is 0
    """

    definition: Definition
    numerator: int
    denominator: int | None
    value: int | None
    target: int | None


def measured(found: Numbers, *, region: str, given: Mapping[str, int | None]) -> list[Measured]:
    """Every indicator.

    region  prefix that was asked about: it has a target where one is set for it, or for all
    given   denominators by name, as they came with the question
    """
    results = []
    for one in DEFINITIONS:
        numerator: int = getattr(found, one.numerator)
        own: int | None = None if one.denominator is None else getattr(found, one.denominator)
        denominator = (given.get(one.given) if one.given is not None else None) or own
        factor = 10_000 if one.unit == SHARE else 1_000_000
        value = numerator * factor // denominator if denominator else None
        targets = one.targets or {}
        results.append(Measured(one, numerator, denominator, value, targets.get(region, targets.get(""))))
    return results
