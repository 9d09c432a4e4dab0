"""What all dated tables share: entries with a code and a period. A table too long for one record is several rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.records._fields import CivilDate, Listed, Pattern, Text
from ledger.rulebook import RuleBook, RuleVersion
from ledger.rules._content import Content, Part

EntryCode = Annotated[str, Pattern("[0-9A-Za-z][0-9A-Za-z._/-]{0,63}")]


class Entry(Part):
    """One line of a table, on the civil dates [from, until).

    maps_to  the code that means the same in the table that follows this one
    """

    code: EntryCode
    zh: Text
    en: Text | None = None
    starts: CivilDate | None = Field(None, alias="from")
    until: CivilDate | None = None
    maps_to: EntryCode | None = None

    @model_validator(mode="after")
    def _check_period(self) -> Self:
        if self.starts is not None and self.until is not None and self.until <= self.starts:
            raise PydanticCustomError("period", "until is not after from")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether it is listed on a civil date."""
        return (self.starts is None or self.starts <= day) and (self.until is None or day < self.until)


EntryT = TypeVar("EntryT", bound=Entry)


class EntryTable(Content, Generic[EntryT]):
    """A table of dated entries. A code may return, but holds once on any day."""

    entries: Annotated[tuple[EntryT, ...], Listed(most=500)]

    @model_validator(mode="after")
    def _check_codes(self) -> Self:
        held: dict[str, list[Entry]] = {}
        for entry in self.entries:
            for other in held.setdefault(entry.code, []):
                day = max(entry.starts or date.min, other.starts or date.min)
                if entry.holds_on(day) and other.holds_on(day):
                    raise PydanticCustomError("code", "one code stands twice on one day")
            held[entry.code].append(entry)
        return self


TableT = TypeVar("TableT", bound=EntryTable[Any])


@dataclass(frozen=True, slots=True)
class Found(Generic[TableT]):
    """An entry with the table it stands in and the rule that published both."""

    entry: Any
    table: TableT
    version: RuleVersion


def listed(rules: RuleBook, book: str, table: type[TableT], *, code: str, on: date) -> Iterator[Found[TableT]]:
    """The entries of a code that stand on a civil date, in all rules of a book that hold on it, by rule number."""
    for version in rules.in_force(book, on=on):
        if any(entry["code"] == code for entry in version.content["entries"]):
            parsed = table.parse(version.content)
            yield from (Found(one, parsed, version) for one in parsed.entries if one.code == code and one.holds_on(on))
