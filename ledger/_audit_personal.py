"""The audit's look at what is sealed or blind: sealed parts, uniqueness rows, look-ups, data keys.

Everything is derived again from the unsealed records and compared with the rows, both ways: a row that no record
explains is a finding, and so is a record whose row is missing. A sealed part whose data key is gone was erased: it is
counted as not checked, and rows that only it could explain are left alone.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import Any
from uuid import UUID

from keys.errors import LedgerError, SealBroken
from keys.pseudonym import Pseudonyms
from keys.sealing import KeyEncryptionKeys, container_key_id, unseal
from ledger._audit_bytes import Leaf, digest_of, digests_in
from ledger._audit_kinds import Facts, read_facts
from ledger._audit_people import PeopleAudit, Query, Report, fold_name


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
        self._people = PeopleAudit(pseudonyms=pseudonyms, query=query, report=report)
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
            self._people.lost(index=index, stream=stream)

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
        self._people.take(index=index, stream=stream, facts=facts)
        if facts.person is not None:
            self._derive_lookups(index=index, facts=facts, name=facts.person[-1])

    def _derive_lookups(self, *, index: int, facts: Facts, name: str) -> None:
        folded = fold_name(name)
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
        self._people.check_tables()


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
