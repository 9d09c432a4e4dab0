"""The audit's look at what is sealed or blind: sealed parts, aliases, subjects, uniqueness rows, look-ups, data keys.

Everything is derived again from the unsealed records and compared with the rows, both ways: a row that no record
explains is a finding, and so is a record whose row is missing. A sealed part whose data key is gone was erased: it is
counted as not checked, and rows that only it could explain are left alone.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from keys.errors import LedgerError, SealBroken
from keys.pseudonym import Pseudonyms
from keys.sealing import KeyEncryptionKeys, container_key_id, unseal
from ledger._audit_bytes import Leaf, digest_of, digests_in
from ledger._audit_kinds import Facts, read_facts

Report = Callable[[str, int | None], None]
"""Takes a finding: its code, and the index of the record it concerns where there is one."""

Query = Callable[..., Iterable[tuple[Any, ...]]]
"""Rows of a read-only query with `?` parameters."""


class PersonalAudit:
    """Follows the records in log order (`check_record`), then compares the tables (`check_tables`)."""

    def __init__(self, *, keks: KeyEncryptionKeys, pseudonyms: Pseudonyms, query: Query, report: Report) -> None:
        self._keks = keks
        self._blind = pseudonyms
        self._query = query
        self._report = report
        self._keys: dict[UUID, dict[bytes, bytes]] = {}
        self._uniques: dict[bytes, list[int]] = defaultdict(list)
        self._lookups: set[tuple[bytes, int]] = set()
        self._aliases: dict[bytes, tuple[UUID, int]] = {}
        self._names: dict[UUID, set[bytes]] = defaultdict(set)
        self._people: dict[UUID, tuple[int, set[bytes]]] = {}
        self.erased: dict[int, UUID] = {}

    # -- one record ----------------------------------------------------------------------------------------------------

    def check_record(
        self, *, index: int, stream: UUID, leaf: Leaf, sealed: bytes, envelope_hash: bytes | None
    ) -> Facts | None:
        """Open and check one record; gives the facts of its kind, or None where it cannot be opened."""
        opened: tuple[str, tuple[str, ...]] | None = ("", ())
        if sealed:
            opened = self._open(index=index, stream=stream, leaf=leaf, sealed=sealed)
        if opened is None:
            return None
        code, disclosures = opened
        if sorted(digests_in(leaf.payload)) != sorted(map(digest_of, disclosures)):
            self._report("disclosures-differ", index)
            return None
        text = b"~".join([leaf.text, *(one.encode("ascii") for one in disclosures), b""])
        if envelope_hash is not None and hashlib.sha256(text).digest() != envelope_hash:
            self._report("envelope-hash-differs", index)
        try:
            facts = read_facts(text)
        except LedgerError:
            self._report("record-contradicts-kind", index)
            return None
        self._derive(index=index, stream=stream, facts=facts, code=code)
        return facts

    def _open(self, *, index: int, stream: UUID, leaf: Leaf, sealed: bytes) -> tuple[str, tuple[str, ...]] | None:
        try:
            key_id = container_key_id(sealed)
            key = self._keys_of(stream, index).get(key_id)
            if key is None:
                self._judge_missing_key(index, stream, key_id)
                return None
            context = _canonical([leaf.record_id.hex(), str(stream), key_id.hex()])
            plain = unseal(sealed, data_key=key, associated=context).decode("ascii")
        except (SealBroken, UnicodeDecodeError):
            self._report("seal-broken", index)
            return None
        code, line, disclosures = plain.partition("\n")
        if not line:
            self._report("seal-broken", index)
            return None
        return code, tuple(disclosures.split("~")) if disclosures else ()

    def _keys_of(self, stream: UUID, index: int) -> dict[bytes, bytes]:
        """Data keys of a subject by key id."""
        held = self._keys.get(stream)
        if held is None:
            held = self._keys[stream] = {}
            sql = "SELECT retention, key_id, wrapped FROM data_keys WHERE subject = ?"
            for retention, key_id, wrapped in self._query(sql, (stream,)):
                context = _canonical([str(stream), retention, bytes(key_id).hex()])
                try:
                    held[bytes(key_id)] = self._keks.unwrap(bytes(wrapped), associated=context)
                except LedgerError:
                    self._report("data-key-broken", index)
        return held

    def _judge_missing_key(self, index: int, stream: UUID, key_id: bytes) -> None:
        """A key under another subject: the record was moved. No such key at all: it was destroyed with the record."""
        if any(True for _ in self._query("SELECT 1 FROM data_keys WHERE key_id = ?", (key_id,))):
            self._report("record-moved", index)
        else:
            self.erased[index] = stream

    def _derive(self, *, index: int, stream: UUID, facts: Facts, code: str) -> None:
        """Remember every row that this record explains."""
        blind_all = self._blind.blind_all
        claims: list[tuple[str, tuple[str, ...]]] = [("id", (facts.issuer, facts.uid)), *facts.claims]
        if facts.status is not None:
            claims.append(("status", facts.status))
        if code:
            claims.append(("code", (code,)))
        for purpose, parts in claims:
            keys = blind_all(purpose, *parts)
            if not any(self._owners(key, index) for key in keys):
                self._report("unique-missing", index)
            for key in keys:
                self._uniques[key].append(index)
        if facts.person is not None:
            self._derive_person(index=index, stream=stream, facts=facts, person=facts.person)

    def _derive_person(self, *, index: int, stream: UUID, facts: Facts, person: tuple[str, str, str, str]) -> None:
        kind, country, number, name = person
        folded = fold_name(name)
        self._names[stream].update(self._blind.blind_all("name", str(stream), folded))
        aliases = self._blind.alias_all(kind, country, number)
        self._people.setdefault(stream, (index, set()))[1].update(aliases)
        for alias in aliases:
            known, first = self._aliases.setdefault(alias, (stream, index))
            if known != stream:
                self._report("one-number-two-subjects", max(first, index))
        for certificate in (parts[-1] for purpose, parts in facts.claims if purpose == "certificate"):
            keys = self._blind.blind_all("certificate-and-name", certificate, folded)
            self._lookups.update((key, index) for key in keys)
            sql = "SELECT 1 FROM lookups WHERE lookup_key = ? AND log_index = ?"
            if not any(True for key in keys for _ in self._query(sql, (key, index))):
                self._report("lookup-missing", index)

    def _owners(self, key: bytes, index: int) -> bool:
        """Whether a unique row exists and belongs to this record or to a later one, which took it over."""
        return any(
            owner >= index for (owner,) in self._query("SELECT log_index FROM uniques WHERE unique_key = ?", (key,))
        )

    # -- the tables ----------------------------------------------------------------------------------------------------

    def check_tables(self, *, size: int) -> None:
        """Every row of a log of `size` records is explained by a record, or belongs to an erased one."""
        for key, owner in self._query("SELECT unique_key, log_index FROM uniques WHERE log_index < ?", (size,)):
            explained = self._uniques.get(bytes(key), ())
            if owner not in explained and owner not in self.erased:
                self._report("unique-unexplained", min(owner, *explained) if explained else owner)
        for key, index in self._query("SELECT lookup_key, log_index FROM lookups WHERE log_index < ?", (size,)):
            if (bytes(key), index) not in self._lookups and index not in self.erased:
                self._report("lookup-unexplained", index)
        self._check_aliases()
        self._check_subjects()

    def _check_aliases(self) -> None:
        erased_subjects = set(self.erased.values())
        found: dict[UUID, set[bytes]] = defaultdict(set)
        for alias, subject_text in self._query("SELECT alias, subject FROM aliases"):
            subject, key = UUID(str(subject_text)), bytes(alias)
            derived = self._aliases.get(key)
            if derived is not None and derived[0] != subject:
                self._report("alias-differs", derived[1])
            elif derived is None and subject not in erased_subjects and subject in self._people:
                self._report("alias-unexplained", self._people[subject][0])
            elif derived is None and subject not in erased_subjects:
                self._report("alias-unexplained", None)
            found[subject].add(key)
        for subject, (first, keys) in self._people.items():
            if not keys & found[subject]:
                self._report("alias-missing", first)

    def _check_subjects(self) -> None:
        erased_subjects = set(self.erased.values())
        held = {
            UUID(str(subject)): bytes(name) for subject, name in self._query("SELECT subject, name_key FROM subjects")
        }
        for subject, name_key in held.items():
            if subject in self._names and name_key not in self._names[subject]:
                self._report("name-differs", self._people[subject][0])
            elif subject not in self._names and subject not in erased_subjects:
                self._report("subject-unexplained", None)
        for subject, (first, _) in self._people.items():
            if subject not in held:
                self._report("subject-missing", first)


def fold_name(name: str) -> str:
    """A name as it is compared: full-width forms folded, spaces removed, upper case."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name))
    return "".join(folded.split()).upper()


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
