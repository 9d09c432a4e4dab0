"""Erasure: destroys what a tombstone says is destroyed. The log, its proofs and its checkpoints do not change.

Life of an erasure: `skill-ledger erase` signs the record `erasure` with the authority's key and submits it; once it is
in the log, `destroy` takes away the data keys that consent rested on, the look-ups of what they sealed, and, where no
statutory record remains, the worker's numbers and names. Which keys were destroyed is written to a list outside the
database first, so that a restored backup is made to forget again before anything reads it (`destroy_again`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from keys.sealing import container_key_id
from ledger.errors import RuleBroken
from ledger.records import KINDS
from ledger.store._mapper import logged_record
from ledger.store._people import SUBJECT_COLUMNS, People, subject_row
from ledger.store._protocol import Cursor, Recorder

CONSENT = "consent"
LOOKUPS_AT_ONCE = 500
GONE = b""
"""The envelope hash of an erased record: it is not submitted again, and its disclosures cannot be guessed from it."""


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What an erasure took away.

    records  how many records lost their personal part
    keys     ids of the destroyed data keys
    whole    whether numbers and names went too: no statutory record remained
    """

    records: int
    keys: tuple[bytes, ...]
    whole: bool


class ErasedList:
    """A file beside the signer's mark that names every destroyed data key, a line for each erasure."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, subject: UUID, keys: Sequence[bytes]) -> None:
        """Durably adds one erasure."""
        line = json.dumps({"subject": str(subject), "keys": [key.hex() for key in keys]}) + "\n"
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, line.encode("ascii"))
            os.fsync(handle)
        finally:
            os.close(handle)

    def entries(self) -> list[tuple[UUID, list[bytes]]]:
        """Subject and destroyed keys of every erasure, oldest first."""
        if not self._path.exists():
            return []
        lines = [json.loads(line) for line in self._path.read_text("ascii").splitlines() if line.endswith("}")]
        return [(UUID(line["subject"]), [bytes.fromhex(key) for key in line["keys"]]) for line in lines]


def destroy(recorder: Recorder, subject: UUID, listed: ErasedList) -> Destroyed:
    """Destroys what the newest tombstone of a worker says. Safe to repeat: the second time nothing is left.

    raises  RuleBroken when no record in the log erased the worker, StoreUnavailable, EraserNeeded
    """
    with recorder.erasing() as cursor:
        ask = _asker(cursor)
        rows = ask(f"SELECT {SUBJECT_COLUMNS} FROM subjects WHERE subject = ?", (subject,))
        tombstone = subject_row(rows[0]).erased_at if rows else None
        if tombstone is None:
            raise RuleBroken("no record in the log erases this worker; submit the tombstone first")
        subjects = [subject, *People(ask).linked(subject)]
        doomed = [
            row.key_id
            for one in subjects
            for row in People(ask).data_keys(one)
            if row.retention.startswith(CONSENT) and row.retention != retention_since(tombstone)
        ]
        if doomed:
            listed.add(subject, doomed)
        return _destroy(cursor, subjects, doomed)


def destroy_again(recorder: Recorder, listed: ErasedList) -> int:
    """Destroys again what earlier erasures destroyed, in a store that came back from a backup.

    returns  how many data keys had come back
    raises   StoreUnavailable, EraserNeeded
    """
    entries = listed.entries()
    found = 0
    for subject, keys in entries:
        known = People(recorder.rows).data_keys
        subjects = [subject, *People(recorder.rows).linked(subject)]
        back = [row.key_id for one in subjects for row in known(one) if row.key_id in keys]
        if back:
            with recorder.erasing() as cursor:
                _destroy(cursor, subjects, back)
            found += len(back)
    return found


def pending(recorder: Recorder) -> list[UUID]:
    """Workers whose tombstone is in the log while a key that it dooms is still there."""
    found = []
    for text, erased_at in recorder.rows("SELECT subject, erased_at FROM subjects WHERE erased_at IS NOT NULL"):
        subject = UUID(str(text))
        people = People(recorder.rows)
        rows = [row for one in (subject, *people.linked(subject)) for row in people.data_keys(one)]
        if any(row.retention.startswith(CONSENT) and row.retention != retention_since(erased_at) for row in rows):
            found.append(subject)
    return found


def retention_since(tombstone: int | None) -> str:
    """The retention class of what rests on consent: one of its own after each erasure, so that its key is new."""
    return CONSENT if tombstone is None else f"{CONSENT}/{tombstone}"


def _destroy(cursor: Cursor, subjects: Sequence[UUID], doomed: Sequence[bytes]) -> Destroyed:
    ask = _asker(cursor)
    erased: list[int] = []
    stays = False
    for subject in subjects:
        sql = "SELECT originator_version, topic, state, notification_id FROM events WHERE originator_id = ?"
        for version, topic, state, number in ask(sql, (subject,)):
            record = logged_record(
                stream=subject, version=version, topic=topic, state=bytes(state), notification_id=number
            )
            if record.sealed and container_key_id(record.sealed) in doomed:
                erased.append(record.index)
            elif record.sealed and KINDS[topic].RETENTION != CONSENT:
                stays = True
    for start in range(0, len(erased), LOOKUPS_AT_ONCE):
        part = erased[start : start + LOOKUPS_AT_ONCE]
        marks = ",".join("?" * len(part))
        cursor.execute(f"DELETE FROM lookups WHERE log_index IN ({marks})", part)
        cursor.execute(f"UPDATE records SET envelope_hash = ? WHERE log_index IN ({marks})", (GONE, *part))
    for subject in subjects:
        for key_id in doomed:
            cursor.execute("DELETE FROM data_keys WHERE subject = ? AND key_id = ?", (subject, key_id))
        if not stays:
            cursor.execute("DELETE FROM aliases WHERE subject = ?", (subject,))
            cursor.execute("DELETE FROM names WHERE subject = ?", (subject,))
            cursor.execute("UPDATE subjects SET name_key = ? WHERE subject = ?", (GONE, subject))
    return Destroyed(len(erased), tuple(doomed), not stays)


def _asker(cursor: Cursor) -> Any:
    def ask(sql: str, params: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
        cursor.execute(sql, params)
        return cursor.fetchall()

    return ask
