"""技能人才继续教育: how much training a year asks of skilled talent, and for how long a surplus may be used.

Source: DOMAIN §1 S-016. No paper gives a number, so it is a rule of the authority and not of the program.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

from pydantic import Field

from ledger.records._fields import Code, Listed
from ledger.rulebook import RuleBook
from ledger.rules._content import Content

BOOK: Final = "continuing-education"
LABEL: Final[Mapping[str, str]] = {"zh": "继续教育要求", "en": "continuing education"}
EXAMPLE: Final[Mapping[str, Any]] = {
    "provenance": "sample",
    "minutes_per_year": 2700,
    "carry_over_years": 1,
    "activities": ["senior-seminar", "overseas-training"],
}


class ContinuingEducation(Content):
    """What a calendar year asks for.

    minutes_per_year  of training that was completed in it
    carry_over_years  for how many further years a surplus may be used
    activities        codes of attested activities whose minutes count beside those of trainings
    """

    minutes_per_year: Annotated[int, Field(ge=1, le=525_600)]
    carry_over_years: Annotated[int, Field(ge=0, le=10)] = 0
    activities: Annotated[tuple[Code, ...], Listed()] | None = None


def parse_content(content: Mapping[str, Any]) -> ContinuingEducation:
    """The requirement in a published rule.

    raises  SchemaInvalid (Refused)
    """
    return ContinuingEducation.parse(content)


def requirement_of(rules: RuleBook, year: int, *, publisher: str) -> ContinuingEducation | None:
    """What a calendar year asks for: the rule in force on its last day; None where there is none.

    publisher  issuer id of whose rules apply; of several in force, the first by number
    """
    for version in rules.in_force(BOOK, on=date(year, 12, 31)):
        if version.publisher == publisher:
            return parse_content(version.content)
    return None
