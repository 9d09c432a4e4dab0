"""Code tables of the field: levels, regions, occupations, registration classes, countries. Read once, from `data/`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

OCCUPATION_SCHEME: Final = "CN-ZYFL-2022"
REGION_SCHEME: Final = "GB/T 2260"


@dataclass(frozen=True, slots=True)
class Level:
    """One of the eight levels. `order` rises with skill and is for comparing; `code` falls and is for print."""

    order: int
    code: str | None
    zh: str
    en: str
    national_zh: str
    high_skilled: bool


def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files("ledger.records") / "data" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _levels() -> dict[int, Level]:
    return {
        int(row["order"]): Level(
            order=int(row["order"]),
            code=row["certificate_level_code"] or None,
            zh=row["name_zh"],
            en=row["name_en"],
            national_zh=row["national_grade_name"] or row["name_zh"],
            high_skilled=row["high_skilled"] == "1",
        )
        for row in _rows("skill_levels.csv")
    }


LEVELS: Final[Mapping[int, Level]] = _levels()
"""The new eight-level system (新八级工) by order, 1 学徒工 to 8 首席技师."""

LEVEL_OF_CODE: Final[Mapping[str, Level]] = {level.code: level for level in LEVELS.values() if level.code}
"""Certificate levels by the code that certificate numbers print: `5` 初级工 to `1` 高级技师."""


@lru_cache(maxsize=1)
def provinces() -> frozenset[str]:
    """The two-digit codes of all provinces, municipalities, autonomous and special regions."""
    return frozenset(row["code"][:2] for row in _rows("regions_2023.csv") if row["level"] == "province")


@lru_cache(maxsize=1)
def regions() -> Mapping[str, str]:
    """Names of all regions by six-digit code: current ones, then those that once were under their last name."""
    history = sorted(_rows("regions_history_1980_on.csv"), key=lambda row: row["last_release_yyyymm"])
    return {row["code"]: row["name"] for row in history} | {
        row["code"]: row["name"] for row in _rows("regions_2023.csv")
    }


@lru_cache(maxsize=1)
def statistical_zones() -> frozenset[str]:
    """Codes that only the statistics list has: good for addresses, never part of an identity number."""
    official = {row["code"] for row in _rows("regions_history_1980_on.csv")}
    counties = (row["code"] for row in _rows("regions_2023.csv") if row["level"] == "county")
    return frozenset(code for code in counties if "70" < code[4:] < "80" and code not in official)


@lru_cache(maxsize=1)
def occupations() -> Mapping[str, str]:
    """Names of all occupations (细类) of the 2022 classification by code `N-NN-NN-NN`."""
    return {row["code"]: row["name"] for row in _rows("occupations_2022.csv") if row["level_name"] == "细类"}


@lru_cache(maxsize=1)
def registration_classes() -> frozenset[str]:
    """Known first two characters of a unified social credit code: registering authority and category."""
    return frozenset(row["position1"] + row["position2"] for row in _rows("uscc_registration_codes.csv"))


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """ISO 3166-1 alpha-3 and numeric codes, former ones included."""
    return frozenset(row["code"] for row in _rows("countries.csv"))
