"""培训与评价目录: subsidised training, demand guides, evaluation resources, special-ability projects.

Source: DOMAIN §1 S-092 (培训目录), S-038 (技术资源目录), S-039 (专项职业能力考核项目), S-029 (`maps_to`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from ledger.records._fields import IssuerUrl, OccupationCode, RegionPrefix
from ledger.rulebook import RuleBook, RuleVersion
from ledger.rules._entries import EntryTable, ListEntry, listed
from ledger.rules.ladder import TOP_CERTIFICATE

BOOK: Final = "training-catalogue"
LABEL: Final[Mapping[str, str]] = {"zh": "培训与评价目录", "en": "catalogue of training and evaluation"}
EXAMPLE: Final[Mapping[str, Any]] = {
    "provenance": "sample",
    "purpose": "subsidised-training",
    "region": "5117",
    "entries": [
        {
            "id": "DZ-2026-014",
            "zh": "制造业补贴培训：焊工（中级）",
            "occupation": "6-18-02-04",
            "level_order": 3,
            "from": "2026-01-01",
            "until": "2027-01-01",
        }
    ],
}

Purpose = Literal["subsidised-training", "demand-guide", "evaluation-resource", "special-ability"]
"""政府补贴职业技能培训目录, 职业培训需求指导目录, 技能人才评价技术资源目录, 专项职业能力考核项目."""


class Listing(ListEntry):
    """One trade, resource or project.

    url  where an evaluation resource can be had
    """

    occupation: OccupationCode | None = None
    level_order: Annotated[int, Field(ge=1, le=TOP_CERTIFICATE)] | None = None
    url: IssuerUrl | None = None


class TrainingCatalogue(EntryTable[Listing]):
    """The catalogue of a region for one purpose, or a part of it."""

    purpose: Purpose
    region: RegionPrefix = "*"


def parse_content(content: Mapping[str, Any]) -> TrainingCatalogue:
    """The catalogue in a published rule.

    raises  SchemaInvalid (Refused)
    """
    return TrainingCatalogue.parse(content)


def listing_of(rules: RuleBook, purpose: str, entry: str, *, on: date) -> tuple[Listing, RuleVersion] | None:
    """An entry that is listed for a purpose on a civil date, and the rule that lists it; None where none does."""
    found = listed(rules, BOOK, TrainingCatalogue, key=entry, on=on)
    return next(((one.entry, one.version) for one in found if one.table.purpose == purpose), None)
