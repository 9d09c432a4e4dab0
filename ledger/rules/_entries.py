"""What all dated tables share: entries with an id and a period. A table too long for one record is several rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.records._fields import CivilDate, Listed, Pattern, Text
from ledger.rulebook import RuleBook, RuleVersion
from ledger.rules._content import Content, Part

EntryId = Annotated[str, Pattern("[0-9A-Za-z][0-9A-Za-z._/-]{0,63}")]


class Entry(Part):
    """One line of a table, on the civil dates [from, until).

    maps_to  the id of what took its place, in this table or in the one that follows it
    """

    KEY: ClassVar[str]
    """The member that tells entries apart."""

    zh: Text
    en: Text | None = None
    starts: CivilDate | None = Field(None, alias="from")
    until: CivilDate | None = None
    maps_to: EntryId | None = None

    @model_validator(mode="after")
    def _check_period(self) -> Self:
        if self.starts is not None and self.until is not None and self.until <= self.starts:
            raise PydanticCustomError("period", "until is not after from")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether it is listed on a civil date."""
        return (self.starts is None or self.starts <= day) and (self.until is None or day < self.until)

    @property
    def key(self) -> str:
        """Its id or code."""
        return str(getattr(self, self.KEY))


class ListEntry(Entry):
    """An entry of a list or catalogue that records cite."""

    KEY: ClassVar[str] = "id"

    id: EntryId


EntryT = TypeVar("EntryT", bound=Entry)


class EntryTable(Content, Generic[EntryT]):
    """A table of dated entries. An id may return, but holds once on any day."""

    entries: Annotated[tuple[EntryT, ...], Listed(most=500)]

    @model_validator(mode="after")
    def _check_keys(self) -> Self:
        held: dict[str, list[Entry]] = {}
        for entry in self.entries:
            for other in held.setdefault(entry.key, []):
                day = max(entry.starts or date.min, other.starts or date.min)
                if entry.holds_on(day) and other.holds_on(day):
                    raise PydanticCustomError("twice", "one id stands twice on one day")
            held[entry.key].append(entry)
        return self


TableT = TypeVar("TableT", bound=EntryTable[Any])


@dataclass(frozen=True, slots=True)
class Found(Generic[TableT]):
    """An entry with the table it stands in and the rule that published both."""

    entry: Any
    table: TableT
    version: RuleVersion


def listed(rules: RuleBook, book: str, table: type[TableT], *, key: str, on: date) -> Iterator[Found[TableT]]:
    """The entries of an id that stand on a civil date, in all rules of a book that hold on it, by rule number."""
    for version in rules.in_force(book, on=on):
        if any(key in (entry.get("id"), entry.get("code")) for entry in version.content["entries"]):
            parsed = table.parse(version.content)
            yield from (Found(one, parsed, version) for one in parsed.entries if one.key == key and one.holds_on(on))
