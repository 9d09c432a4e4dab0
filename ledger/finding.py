"""Look-ups by what must not be stored: codes, certificate numbers, personal numbers. All go through blind indexes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from keys.pseudonym import Pseudonyms
from keys.sealing import container_key_id
from ledger.acceptance import fold_name
from ledger.deciding import CERTIFICATE_LOOKUP, CODE_KEY
from ledger.logged import LoggedRecord
from ledger.records._fields import document_number
from ledger.store._people import SUBJECT_COLUMNS, People, subject_row
from ledger.store._protocol import DataKeyRow, Recorder, SubjectRow


class Finder:
    """Finds records and workers in one store. Safe for use by many threads."""

    def __init__(self, recorder: Recorder, pseudonyms: Pseudonyms) -> None:
        self._recorder = recorder
        self._pseudonyms = pseudonyms

    def code(self, code: str) -> int | None:
        """Index of the record with a verification code (16 characters, already folded)."""
        return self._newest("SELECT log_index FROM uniques", "unique_key", self._pseudonyms.blind_all(CODE_KEY, code))

    def certificate(self, *, number: str, name: str) -> int | None:
        """Index of the newest record with this certificate number and holder's name."""
        keys = self._pseudonyms.blind_all(CERTIFICATE_LOOKUP, number, fold_name(name))
        return self._newest("SELECT max(log_index) FROM lookups", "lookup_key", keys)

    def subject(self, number: str) -> UUID | None:
        """The subject that a card or document number stands for now.

        raises  IdentifierMalformed (Refused)
        """
        parsed = document_number(number)
        for key in self._pseudonyms.alias_all(parsed.kind, parsed.country, parsed.number):
            for (text,) in self._recorder.rows("SELECT subject FROM aliases WHERE alias = ?", (key,)):
                return self._root(UUID(str(text)))
        return None

    def worker(self, subject: UUID) -> SubjectRow | None:
        """A worker's row."""
        rows = self._recorder.rows(f"SELECT {SUBJECT_COLUMNS} FROM subjects WHERE subject = ?", (subject,))
        return subject_row(rows[0]) if rows else None

    def linked(self, subject: UUID) -> tuple[UUID, ...]:
        """The subject that stands for this one, itself or another, and all that were merged into it."""
        root = self._root(subject)
        return (root, *People(self._recorder.rows).linked(root))

    def data_key(self, logged: LoggedRecord) -> DataKeyRow | None:
        """The wrapped data key that a record's sealed part names; None when it is gone, or nothing is sealed."""
        if not logged.sealed:
            return None
        wanted = container_key_id(logged.sealed)
        keys = People(self._recorder.rows).data_keys(logged.stream)
        return next((row for row in keys if row.key_id == wanted), None)

    def _root(self, subject: UUID) -> UUID:
        row = self.worker(subject)
        while row is not None and row.merged_into is not None:
            row = self.worker(row.merged_into)
        return subject if row is None else row.subject

    def _newest(self, select: str, column: str, keys: Sequence[bytes]) -> int | None:
        for key in keys:
            for (index,) in self._recorder.rows(f"{select} WHERE {column} = ?", (key,)):
                if index is not None:
                    return int(index)
        return None
