"""码表: any dated table of codes, such as statuses, reasons, or enterprise codes with their national successors.

Source: DOMAIN §1 S-028, S-029. `maps_to` is the code that took an entry's place; old records keep the code they had.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Final

from ledger.records._fields import Code
from ledger.rulebook import RuleBook
from ledger.rules._entries import Entry, EntryId, EntryTable, listed

BOOK: Final = "code-table"
LABEL: Final[Mapping[str, str]] = {"zh": "码表", "en": "code table"}
EXAMPLE: Final[Mapping[str, Any]] = {
    "provenance": "sample",
    "table": "enterprise-standards",
    "entries": [
        {
            "code": "EQ-2024-07",
            "zh": "示例企业机器人焊接操作评价规范",
            "en": "robot welding, enterprise specification",
            "from": "2024-07-01",
            "until": "2026-01-01",
            "maps_to": "6-18-02-04",
        }
    ],
}


class CodeEntry(Entry):
    """A code."""

    KEY: ClassVar[str] = "code"

    code: EntryId


class CodeTable(EntryTable[CodeEntry]):
    """Entries of one table. Rules with the same table name are parts of it."""

    table: Code


def parse_content(content: Mapping[str, Any]) -> CodeTable:
    """The table in a published rule.

    raises  SchemaInvalid (Refused)
    """
    return CodeTable.parse(content)


def entry_of(rules: RuleBook, table: str, code: str, *, on: date) -> CodeEntry | None:
    """An entry that is listed on a civil date, in any part of the table; None where there is none."""
    found = listed(rules, BOOK, CodeTable, key=code, on=on)
    return next((one.entry for one in found if one.table.table == table), None)
