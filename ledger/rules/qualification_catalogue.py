"""职业资格目录: which vocational qualifications there are. What was issued under an entry outlives the entry.

Source: DOMAIN §1 S-026.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal

from ledger.records._fields import Text
from ledger.rulebook import RuleBook
from ledger.rules._entries import EntryTable, ListEntry, listed

BOOK: Final = "qualification-catalogue"
LABEL: Final[Mapping[str, str]] = {"zh": "职业资格目录", "en": "catalogue of vocational qualifications"}
EXAMPLE: Final[Mapping[str, Any]] = {
    "provenance": "sample",
    "entries": [
        {
            "id": "Q-2021-61",
            "zh": "焊工（示例条目）",
            "category": "admission",
            "implementer": "示例部门",
            "from": "2017-09-12",
            "until": "2021-11-23",
        },
        {"id": "Q-2021-62", "zh": "家畜繁殖员（示例条目）", "category": "admission", "from": "2017-09-12"},
    ],
}


class Qualification(ListEntry):
    """A qualification: 准入类 (`admission`) or 水平评价类 (`level`)."""

    category: Literal["admission", "level"]
    implementer: Text | None = None


class QualificationCatalogue(EntryTable[Qualification]):
    """The catalogue, or a part of it."""


def parse_content(content: Mapping[str, Any]) -> QualificationCatalogue:
    """The catalogue in a published rule.

    raises  SchemaInvalid (Refused)
    """
    return QualificationCatalogue.parse(content)


def standing_of(rules: RuleBook, entry: str, *, issued_on: date, as_of: date) -> str:
    """What is to be said of a certificate beside its own status, which this never changes.

    returns  `listed` on both dates, `withdrawn-since` when it was issued under an entry that is no longer in the
             catalogue, `not-listed` when the entry did not stand at issue
    """
    if next(listed(rules, BOOK, QualificationCatalogue, key=entry, on=issued_on), None) is None:
        return "not-listed"
    still = next(listed(rules, BOOK, QualificationCatalogue, key=entry, on=as_of), None)
    return "withdrawn-since" if still is None else "listed"
