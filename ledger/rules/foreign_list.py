"""境外职业资格认可清单: overseas qualifications and the national level each is compared with, by region and date.

Source: DOMAIN §1 S-050, §4.5. A recognition cites the rule's version and the entry; comparison is 比照, not identity.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from ledger.records._codes import countries
from ledger.records._fields import OccupationCode, RegionPrefix, Text
from ledger.rulebook import RuleBook, RuleVersion
from ledger.rules._entries import EntryTable, ListEntry, listed
from ledger.rules.ladder import TOP_CERTIFICATE

BOOK: Final = "foreign-list"
LABEL: Final[Mapping[str, str]] = {"zh": "境外职业资格认可清单", "en": "list of overseas qualifications"}
EXAMPLE: Final[Mapping[str, Any]] = {
    "provenance": "sample",
    "region": "3205",
    "entries": [
        {
            "id": "SZ-DEU-001",
            "zh": "德国机电一体化工（示例条目）",
            "en": "Mechatroniker (sample entry)",
            "country": "DEU",
            "body": "IHK",
            "qualification": "Mechatroniker/-in",
            "level_order": 4,
            "from": "2025-01-01",
        }
    ],
}


def _country(value: str) -> str:
    if value not in countries() or len(value) != 3 or not value.isalpha():
        raise PydanticCustomError("country", "is no three-letter country code")
    return value


class ForeignQualification(ListEntry):
    """A qualification of another country or region.

    country  ISO 3166-1 alpha-3; body  who awards it
    """

    country: Annotated[str, AfterValidator(_country)]
    body: Text
    qualification: Text
    occupation: OccupationCode | None = None
    level_order: Annotated[int, Field(ge=2, le=TOP_CERTIFICATE)]


class ForeignList(EntryTable[ForeignQualification]):
    """The list of a region, or a part of it."""

    region: RegionPrefix = "*"


def parse_content(content: Mapping[str, Any]) -> ForeignList:
    """The list in a published rule.

    raises  SchemaInvalid (Refused)
    """
    return ForeignList.parse(content)


def compared_with(rules: RuleBook, entry: str, *, on: date) -> tuple[ForeignQualification, RuleVersion] | None:
    """An entry that is listed on a civil date, and the rule that lists it; None where none does."""
    found = next(listed(rules, BOOK, ForeignList, key=entry, on=on), None)
    return None if found is None else (found.entry, found.version)
