"""Step 11 of acceptance and what a record changes about who is who: numbers, names, subjects that are one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from keys.pseudonym import Pseudonyms
from ledger import acceptance
from ledger.errors import AliasRetired, AliasTaken, RuleBroken, SubjectUnknown
from ledger.records._base import Record
from ledger.records._identifiers import DocumentNumber
from ledger.records._identity import Binds, Change, Erases, Merges, Person, Renames, Restricts, Retires, Splits
from ledger.store._protocol import SubjectRow, View


@dataclass(frozen=True, slots=True)
class PeopleRows:
    """Rows about who is who that a record brings with it: see `ledger.store._protocol.Append`."""

    aliases: tuple[tuple[bytes, UUID], ...] = ()
    names: tuple[tuple[UUID, bytes], ...] = ()
    retired: tuple[tuple[bytes, str], ...] = ()
    changed: SubjectRow | None = None


NOTHING = PeopleRows()


class PeopleDecider:
    """Resolves numbers and names to subjects, under the append lock."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms

    def alias_keys(self, change: Change | None) -> tuple[bytes, ...]:
        """Blind indexes of the number that a change names, for the engine to look up with the others."""
        match change:
            case Binds(number=number) | Retires(number=number):
                return self._keys(number)
            case Merges(other=other) | Splits(other=other):
                return self._keys(other.number)
            case _:
                return ()

    def by_id(self, subject: UUID, *, view: View) -> SubjectRow:
        """The subject with this id, or the one it was merged into.

        raises  SubjectUnknown
        """
        row = view.subject(subject)
        if row is None:
            raise SubjectUnknown("no worker of this ledger has the subject id")
        return _root(row, view)

    def by_number(self, keys: Sequence[bytes], name: str, *, on: date, view: View) -> SubjectRow | None:
        """The subject behind a number, or the one it was merged into; None for a number that nobody has.

        keys    the number's blind index under each pseudonym version
        name    the name that came with it, folded
        on      the date of what the record says
        raises  AliasRetired, NameDiffers
        """
        own = self._holder(keys, on=on, view=view)
        if own is None:
            return None
        root = _root(own, view)
        if not self._has_name(own, name, view) and not (root is not own and self._has_name(root, name, view)):
            acceptance.check_name(known=own.name_key, given=self._names(own, name))
        return root

    def rows_of(self, record: Record, *, subject: SubjectRow | None, view: View) -> PeopleRows:
        """What a record about a subject changes.

        raises  AliasTaken, AliasRetired, SubjectUnknown, NameDiffers, RuleBroken
        """
        change = record.change()
        if change is None or subject is None:
            return NOTHING
        match change:
            case Binds(number):
                return self._bound(number, subject, view)
            case Retires(number, last_day):
                return self._retired(number, last_day, subject, view)
            case Renames(name):
                if self._has_name(subject, acceptance.fold_name(name), view):
                    raise RuleBroken("the new name is one that is recorded already")
                return PeopleRows(names=((subject.subject, self._names(subject, acceptance.fold_name(name))[0]),))
            case Merges(other):
                return self._merged(other, subject, view)
            case Splits(other):
                return self._split(other, subject, view)
            case _:
                return PeopleRows(changed=_limited(change, subject, view.size))

    # -- the changes ---------------------------------------------------------------------------------------------------

    def _bound(self, number: DocumentNumber, subject: SubjectRow, view: View) -> PeopleRows:
        keys = self._keys(number)
        for key in keys:
            known = view.alias(key)
            if known is not None and known.subject == subject.subject:
                raise RuleBroken("the number stands for this worker already")
            if known is not None:
                raise AliasTaken("the number stands for another worker; if both are one, the authority merges them")
        return PeopleRows(aliases=((keys[0], subject.subject),))

    def _retired(self, number: DocumentNumber, last_day: date, subject: SubjectRow, view: View) -> PeopleRows:
        for key in self._keys(number):
            known = view.alias(key)
            if known is None:
                continue
            row = view.subject(known.subject)
            if row is None or _root(row, view).subject != subject.subject:
                raise AliasTaken("the number stands for another worker")
            if known.last_day is not None:
                raise AliasRetired(f"the number was retired on {known.last_day} already")
            return PeopleRows(retired=((key, last_day.isoformat()),))
        raise SubjectUnknown("the number that is retired stands for nobody")

    def _merged(self, other: Person, subject: SubjectRow, view: View) -> PeopleRows:
        own = self._found(other, view)
        root = _root(own, view)
        if root.subject == subject.subject:
            raise RuleBroken("both numbers stand for one worker already")
        return PeopleRows(
            names=((subject.subject, self._names(subject, acceptance.fold_name(other.name))[0]),),
            changed=replace(root, merged_into=subject.subject),
        )

    def _split(self, other: Person, subject: SubjectRow, view: View) -> PeopleRows:
        own = self._found(other, view)
        if own.merged_into != subject.subject:
            raise RuleBroken("the second number's subject was not merged into the first one's")
        return PeopleRows(changed=replace(own, merged_into=None))

    def _found(self, other: Person, view: View) -> SubjectRow:
        row = self._holder(self._keys(other.number), on=None, view=view)
        if row is None:
            raise SubjectUnknown("the second number stands for nobody")
        name = acceptance.fold_name(other.name)
        if not self._has_name(row, name, view):
            acceptance.check_name(known=row.name_key, given=self._names(row, name))
        return row

    # -- numbers and names ---------------------------------------------------------------------------------------------

    def _holder(self, keys: Sequence[bytes], *, on: date | None, view: View) -> SubjectRow | None:
        """The subject that a number was recorded for first, merged or not."""
        for key in keys:
            known = view.alias(key)
            if known is not None:
                if on is not None and known.last_day is not None and on.isoformat() > known.last_day:
                    raise AliasRetired(f"the number stands for the worker until {known.last_day}; the record is later")
                return view.subject(known.subject)
        return None

    def _has_name(self, row: SubjectRow, name: str, view: View) -> bool:
        keys = self._names(row, name)
        return row.name_key in keys or view.has_name(row.subject, keys)

    def _names(self, row: SubjectRow, name: str) -> list[bytes]:
        return self._pseudonyms.blind_all("name", str(row.subject), name)

    def _keys(self, number: DocumentNumber) -> tuple[bytes, ...]:
        return tuple(self._pseudonyms.alias_all(number.kind, number.country, number.number))


def _root(row: SubjectRow, view: View) -> SubjectRow:
    """The subject that stands for this one: itself, or the one it was merged into, and so on."""
    while row.merged_into is not None:
        into = view.subject(row.merged_into)
        if into is None:
            raise SubjectUnknown("the worker was merged into one that is not there")
        row = into
    return row


def _limited(change: Restricts | Erases, subject: SubjectRow, index: int) -> SubjectRow:
    """The subject restricted, no longer restricted, or erased by the record at this index."""
    if isinstance(change, Erases):
        return replace(subject, erased_at=index, restricted_at=index)
    if (subject.restricted_at is not None) == change.restricted or subject.erased_at is not None:
        raise RuleBroken("the worker's records are so already, or were erased")
    return replace(subject, restricted_at=index if change.restricted else None)
