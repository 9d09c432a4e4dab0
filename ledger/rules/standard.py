"""职业标准: which levels an occupation has, by national standards, industry or enterprise specifications.

Source: DOMAIN §1 S-019, S-027, S-029. A certificate cites a standard by the rule's number and version. A standard of an
enterprise that becomes national names what it replaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import LevelUnknown
from ledger.records._codes import LEVELS
from ledger.records._fields import IssuerUrl, Listed, OccupationCode, Text, UpperCode
from ledger.rulebook import RuleBook
from ledger.rules._content import Content
from ledger.rules.ladder import TOP_CERTIFICATE, with_posts

BOOK: Final = "standard"
LABEL: Final[Mapping[str, str]] = {"zh": "职业标准", "en": "occupational standard"}
EXAMPLE: Final[Mapping[str, Any]] = {
    "provenance": "sample",
    "occupation": "6-31-01-03",
    "name": "电工国家职业标准",
    "kind": "national",
    "edition": "2018年版",
    "levels": [2, 3, 4, 5, 6],
    "url": "https://osta.example.cn/standards/6-31-01-03/2018",
}


class Standard(Content):
    """A standard of one occupation.

    levels    orders of the certificate levels it describes; none for a special ability, which has no level
    url       how certificates name it
    replaces  number of the rule that held an enterprise's or industry's standard before
    """

    occupation: OccupationCode
    name: Text
    kind: Literal["national", "industry", "enterprise", "special-ability"]
    edition: Text
    levels: Annotated[tuple[Annotated[int, Field(ge=2, le=TOP_CERTIFICATE)], ...], Listed(least=0, most=5)]
    url: IssuerUrl | None = None
    replaces: UpperCode | None = None

    @model_validator(mode="after")
    def _check_levels(self) -> Self:
        if bool(self.levels) is (self.kind == "special-ability"):
            raise PydanticCustomError("levels", "a special ability has no levels, any other standard has some")
        return self


def parse_content(content: Mapping[str, Any]) -> Standard:
    """The standard in a published rule.

    raises  SchemaInvalid (Refused)
    """
    return Standard.parse(content)


def standards_of(rules: RuleBook, occupation: str, *, on: date) -> tuple[Standard, ...]:
    """The standards of an occupation that hold on a date, by rule number."""
    return tuple(parse_content(one.content) for one in rules.in_force(BOOK, on=on, occupation=occupation))


def levels_of(rules: RuleBook, occupation: str, *, on: date) -> frozenset[int] | None:
    """All orders that an occupation has on a date, posts included; None where no standard with levels is published."""
    found = frozenset(order for one in standards_of(rules, occupation, on=on) for order in one.levels)
    return with_posts(found) or None


def check_level(rules: RuleBook, *, occupation: str, order: int, on: date) -> None:
    """Accepts a level that the occupation has.

    Without a published standard no level is judged. Above 高级技师 there are the two posts, and below every standard
    学徒工 (DOMAIN §4.1).

    raises  LevelUnknown (Refused)
    """
    levels = levels_of(rules, occupation, on=on)
    if levels is not None and order not in levels:
        named = "、".join(LEVELS[one].zh for one in sorted(levels))
        raise LevelUnknown(f"occupation {occupation} has no {LEVELS[order].zh} on {on}; its levels are {named}")
