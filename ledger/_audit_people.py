"""The audit's look at who is who: numbers, names, merged subjects, restrictions and erasures, derived in log order.

A record that names a number explains its alias row, unless the number was another worker's; further numbers and names,
merges and the rest come from the records that say so. A data key that is gone needs a tombstone, and a tombstone needs
the key to be gone.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from keys.pseudonym import Pseudonyms
from ledger._audit_kinds import Facts

Report = Callable[[str, int | None], None]
"""Takes a finding: its code, and the index of the record it concerns where there is one."""

Query = Callable[..., Iterable[tuple[Any, ...]]]
"""Rows of a read-only query with `?` parameters."""


class PeopleAudit:
    """Follows the records in log order (`take`), then compares the tables (`check_tables`)."""

    def __init__(self, *, pseudonyms: Pseudonyms, query: Query, report: Report) -> None:
        self._blind = pseudonyms
        self._query = query
        self._report = report
        self._owners: dict[bytes, tuple[UUID, int]] = {}
        self._last_days: dict[bytes, str] = {}
        self._names: dict[UUID, set[bytes]] = defaultdict(set)
        self._further: dict[UUID, set[bytes]] = defaultdict(set)
        self._first: dict[UUID, int] = {}
        self._numbers: dict[tuple[bytes, ...], tuple[UUID, int]] = {}
        self._merged: dict[UUID, UUID] = {}
        self._restricted: dict[UUID, int] = {}
        self._erased: dict[UUID, int] = {}
        self._opened: dict[UUID, int] = {}
        self._lost: dict[int, UUID] = {}

    # -- in log order --------------------------------------------------------------------------------------------------

    def take(self, *, index: int, stream: UUID, facts: Facts) -> None:
        """A record that could be opened, or hides nothing."""
        if facts.retention == "consent" and facts.sealed:
            self._opened.setdefault(stream, index)
        if facts.person is not None:
            self._take_person(index=index, stream=stream, person=facts.person)
        if facts.change is not None:
            self._take_change(facts.change, index=index, stream=stream)

    def lost(self, *, index: int, stream: UUID) -> None:
        """A record whose data key is gone."""
        self._lost[index] = stream

    def _take_person(self, *, index: int, stream: UUID, person: tuple[str, str, str, str]) -> None:
        kind, country, number, name = person
        keys = self._blind.alias_all(kind, country, number)
        owner = next((self._owners[key][0] for key in keys if key in self._owners), stream)
        if self._root(owner) != stream:
            self._report("one-number-two-subjects", index)
        self._bind(keys, owner, index)
        self._names[owner].update(self._blind.blind_all("name", str(owner), fold_name(name)))

    def _take_change(self, change: tuple[str, Any], *, index: int, stream: UUID) -> None:
        match change:
            case "binds", (kind, country, number):
                self._bind(self._blind.alias_all(kind, country, number), stream, index)
            case "retires", (kind, country, number, last_day):
                for key in self._blind.alias_all(kind, country, number):
                    self._last_days[key] = last_day
            case "renames", name:
                self._further[stream].update(self._blind.blind_all("name", str(stream), fold_name(name)))
            case ("merges" | "splits") as verb, other:
                self._take_merge(verb, other, index=index, stream=stream)
            case "restricts", restricted:
                self._restricted.pop(stream, None)
                if restricted:
                    self._restricted[stream] = index
            case "erases", _:
                self._restricted[stream] = self._erased[stream] = index

    def _take_merge(self, verb: str, other: tuple[str, str, str, str], *, index: int, stream: UUID) -> None:
        kind, country, number, name = other
        keys = self._blind.alias_all(kind, country, number)
        owner = next((self._owners[key][0] for key in keys if key in self._owners), None)
        if verb == "merges" and owner is not None:
            self._merged[self._root(owner)] = stream
            self._further[stream].update(self._blind.blind_all("name", str(stream), fold_name(name)))
        elif owner is None or self._merged.pop(owner, None) != stream:
            self._report("merge-unexplained", index)

    def _bind(self, keys: Sequence[bytes], subject: UUID, index: int) -> None:
        self._first.setdefault(subject, index)
        self._numbers.setdefault(tuple(keys), (subject, index))
        for key in keys:
            self._owners.setdefault(key, (subject, index))

    def _root(self, subject: UUID) -> UUID:
        while subject in self._merged:
            subject = self._merged[subject]
        return subject

    # -- the tables ----------------------------------------------------------------------------------------------------

    def check_tables(self) -> None:
        """Every row is explained by a record or was its subject's who was erased, and every record has its rows."""
        self._check_erased()
        self._check_aliases()
        self._check_subjects()
        self._check_names()

    def _erasure_of(self, subject: UUID) -> int | None:
        """Index of the tombstone of a subject, or of one that it was merged into."""
        return self._erased.get(subject, self._erased.get(self._root(subject)))

    def _check_erased(self) -> None:
        for index, stream in self._lost.items():
            tombstone = self._erasure_of(stream)
            if tombstone is None or tombstone < index:
                self._report("data-key-missing", index)
        for stream, index in self._opened.items():
            tombstone = self._erasure_of(stream)
            if tombstone is not None and index < tombstone:
                self._report("erasure-pending", tombstone)

    def _check_aliases(self) -> None:
        found: dict[UUID, set[bytes]] = defaultdict(set)
        for alias, subject_text, last_day in self._query("SELECT alias, subject, last_day FROM aliases"):
            subject, key = UUID(str(subject_text)), bytes(alias)
            owner = self._owners.get(key)
            found[subject].add(key)
            if owner is None:
                if self._erasure_of(subject) is None:
                    self._report("alias-unexplained", self._first.get(subject))
            elif owner[0] != subject or last_day != self._last_days.get(key):
                self._report("alias-differs", owner[1])
        for keys, (subject, first) in self._numbers.items():
            if found[subject].isdisjoint(keys):
                self._report("alias-missing", first)

    def _check_subjects(self) -> None:
        held: set[UUID] = set()
        columns = "subject, name_key, merged_into, restricted_at, erased_at"
        for subject_text, name_key, merged_into, restricted_at, erased_at in self._query(
            f"SELECT {columns} FROM subjects"
        ):
            subject = UUID(str(subject_text))
            held.add(subject)
            first = self._first.get(subject)
            if subject in self._names and bytes(name_key) not in self._names[subject]:
                self._report("name-differs", first)
            elif subject not in self._names and self._erasure_of(subject) is None:
                self._report("subject-unexplained", None)
            merged = None if merged_into is None else UUID(str(merged_into))
            derived = (self._merged.get(subject), self._restricted.get(subject), self._erased.get(subject))
            if (merged, restricted_at, erased_at) != derived:
                self._report("subject-differs", first)
        for subject, first in self._first.items():
            if subject not in held:
                self._report("subject-missing", first)

    def _check_names(self) -> None:
        found: dict[UUID, set[bytes]] = defaultdict(set)
        for subject_text, name_key in self._query("SELECT subject, name_key FROM names"):
            subject, key = UUID(str(subject_text)), bytes(name_key)
            found[subject].add(key)
            if key not in self._further[subject] and self._erasure_of(subject) is None:
                self._report("name-unexplained", self._first.get(subject))
        for subject, keys in self._further.items():
            if keys and not keys & found[subject]:
                self._report("name-missing", self._first.get(subject))


def fold_name(name: str) -> str:
    """A name as it is compared: full-width forms folded, spaces removed, upper case."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name))
    return "".join(folded.split()).upper()
