"""Who is who, under the append lock: subjects, their further names, and which of them are one person.

An engine loads the subjects behind the numbers that proposals name. What is asked for seldom is read when it is asked
for: a name that is not the first, a subject that is not behind a number, subjects that were merged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from ledger.store._protocol import Append, DataKeyRow, SubjectRow

Ask = Callable[[str, Sequence[Any]], Sequence[tuple[Any, ...]]]
"""Rows of a query with `?` parameters, inside the append transaction."""

SUBJECT_COLUMNS = "subject, name_key, merged_into, restricted_at, erased_at"
_UPDATE_SUBJECT = "UPDATE subjects SET merged_into = ?, restricted_at = ?, erased_at = ? WHERE subject = ?"
_RETIRE_ALIAS = "UPDATE aliases SET last_day = ? WHERE alias = ?"
_INSERT_NAME = "INSERT INTO names (subject, name_key) VALUES (?, ?) ON CONFLICT DO NOTHING"


def subject_row(row: Sequence[Any]) -> SubjectRow:
    """A subject from its columns in the order of `SUBJECT_COLUMNS`."""
    subject, name_key, merged_into, restricted_at, erased_at = row
    return SubjectRow(
        UUID(str(subject)),
        bytes(name_key),
        None if merged_into is None else UUID(str(merged_into)),
        restricted_at,
        erased_at,
    )


class People:
    """Rows as the transaction's records have left them so far."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._subjects: dict[UUID, SubjectRow] = {}
        self._names: set[tuple[UUID, bytes]] = set()

    def copy(self) -> People:
        """As it is now, to go back to."""
        copy = People(self._ask)
        copy._subjects, copy._names = dict(self._subjects), set(self._names)
        return copy

    def load(self, row: SubjectRow) -> None:
        """Takes up a subject that the engine read."""
        self._subjects[row.subject] = row

    def subject(self, subject: UUID) -> SubjectRow | None:
        """A worker by id."""
        found = self._subjects.get(subject)
        if found is None:
            for row in self._ask(f"SELECT {SUBJECT_COLUMNS} FROM subjects WHERE subject = ?", (subject,)):
                found = self._subjects[subject] = subject_row(row)
        return found

    def has_name(self, subject: UUID, keys: Sequence[bytes]) -> bool:
        """Whether one of these blind indexes is a further name of a worker."""
        if any((subject, key) in self._names for key in keys):
            return True
        marks = ",".join("?" * len(keys))
        return bool(self._ask(f"SELECT 1 FROM names WHERE subject = ? AND name_key IN ({marks})", (subject, *keys)))

    def linked(self, subject: UUID) -> list[UUID]:
        """All subjects that were merged into this one, directly or by way of others."""
        found: list[UUID] = []
        waiting = [subject]
        while waiting:
            into = waiting.pop()
            rows = self._ask("SELECT subject FROM subjects WHERE merged_into = ?", (into,))
            known = {UUID(str(row[0])) for row in rows} | set(self._subjects)
            for one in sorted(known):
                row = self.subject(one)
                if row is not None and row.merged_into == into and one not in found and one != subject:
                    found.append(one)
                    waiting.append(one)
        return found

    def data_keys(self, subject: UUID) -> list[DataKeyRow]:
        """The wrapped data keys of a worker or institution."""
        rows = self._ask("SELECT retention, key_id, wrapped FROM data_keys WHERE subject = ?", (subject,))
        return [DataKeyRow(subject, retention, bytes(key_id), bytes(wrapped)) for retention, key_id, wrapped in rows]

    def apply(self, append: Append) -> None:
        """Takes up what a record says about who is who."""
        for row in (append.subject, append.changed):
            if row is not None:
                self._subjects[row.subject] = row
        self._names.update(append.names)


def changed_rows(appends: Sequence[Append]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Statements with `?` parameters for what an engine's bulk inserts leave out; to be run after them, in order."""
    for append in appends:
        for name in append.names:
            yield _INSERT_NAME, name
        for alias, last_day in append.retired:
            yield _RETIRE_ALIAS, (last_day, alias)
        if append.changed is not None:
            row = append.changed
            yield _UPDATE_SUBJECT, (row.merged_into, row.restricted_at, row.erased_at, row.subject)
