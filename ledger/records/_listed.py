"""Certificates that cite an entry of a published table: of qualifications, of projects, of foreign qualifications."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import RuleBroken, RuleNotInForce
from ledger.records._base import History, Record
from ledger.records._fields import RecordId, UpperCode, claim
from ledger.records._shape import Maybe, Shape, Slot
from ledger.registry import ANY

Version = Annotated[int, Field(ge=1, le=10_000)]


def rule_shape(name: str) -> Shape:
    """The shape of a cited rule: fields `<name>_rule`, `<name>_version` and `<name>_hash`."""
    return Maybe({"id": Slot(f"{name}_rule"), "version": Slot(f"{name}_version"), "hash": Slot(f"{name}_hash")})


def table_entry(
    history: History, book: Any, *, rule: str, version: int, digest: str, entry_id: str, region: str, on: date
) -> tuple[Any, Any]:
    """A table that the authority published, in force on a date and for a region, and one of its entries.

    book     module of the rule book; rule, version, digest: the cited version
    region   of the record; a table without a region is for all
    returns  the table and the entry, as the book's models
    raises   RuleNotInForce, RuleBroken (Refused)
    """
    found = history.registry.rules.cited(rule, version, digest, book=book.BOOK, on=on)
    if not history.registry.is_authority(found.publisher):
        raise RuleNotInForce(f"rule {rule} was not published by the authority, whose tables alone count here")
    table = book.parse_content(found.content)
    covered = getattr(table, "region", ANY)
    if covered != ANY and not region.startswith(covered):
        raise RuleBroken(f"rule {rule} is for region {covered}, the record is of {region}")
    for entry in table.entries:
        if entry.key == entry_id and entry.holds_on(on):
            return table, entry
    raise RuleBroken(f"rule {rule} version {version} lists no such entry on {on}")


class Catalogued(Record):
    """A record whose entry of a catalogue may be cited with the catalogue's version."""

    catalogue_rule: UpperCode | None = claim("目录规则编号", "rule of the catalogue", None)
    catalogue_version: Version | None = claim("目录版本", "version of the catalogue", None)
    catalogue_hash: RecordId | None = claim("目录摘要", "SHA-256 of the catalogue, hex", None)

    @model_validator(mode="after")
    def _check_catalogue(self) -> Self:
        cited = (self.catalogue_rule, self.catalogue_version, self.catalogue_hash)
        if len({part is None for part in cited}) != 1:
            raise PydanticCustomError("catalogue", "rule, version and hash of the catalogue go together")
        return self

    def catalogue_table(self, history: History, book: Any, *, entry_id: str, region: str, on: date) -> Any:
        """The cited catalogue, which holds this entry; None where none is cited. Arguments as for `table_entry`.

        raises  RuleNotInForce, RuleBroken (Refused)
        """
        rule, version, digest = self.catalogue_rule, self.catalogue_version, self.catalogue_hash
        if rule is None or version is None or digest is None:
            return None
        return table_entry(
            history, book, rule=rule, version=version, digest=digest, entry_id=entry_id, region=region, on=on
        )[0]
