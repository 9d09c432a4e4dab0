"""The audit finds every planted fault and names the first bad index.

Goal: T30 and T31 of the threat table, and F07. Method: one log of 270 records (so that a tile is full and one is growing)
for each engine; each fault is planted in a transaction as the database's owner, audited through it, and rolled back. Rows
stand in the order of the audit's own list. Without a planted fault nothing may be found, or no find proves anything.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest

from keys.pseudonym import Pseudonyms
from keys.sealing import KeyEncryptionKeys
from ledger.audit import Audit, AuditReport
from tests.support.tampering import Tampering, flipped, tampering
from tests.support.world import Home, Template, World

LONG = os.environ.get("LONG") == "1"
RECORDS = 270
FIRST = 8
"""Index of the first record about a worker: before it stand the authority, two institutions, keys and accreditations."""


@dataclass(frozen=True)
class Log:
    """A closed log to tamper with, and what the audit needs to know about it."""

    home: Home
    mark: bytes
    policy: bytes
    keks: KeyEncryptionKeys
    pseudonyms: Pseudonyms

    def audit(self, reader: Tampering, *, with_keys: bool = True, mark: bytes | None = None) -> AuditReport:
        keks, pseudonyms = (self.keks, self.pseudonyms) if with_keys else (None, None)
        return Audit(reader, keks=keks, pseudonyms=pseudonyms).run(self.mark if mark is None else mark, self.policy)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def log(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    template: Template = request.getfixturevalue(f"{request.param}_template")
    with template.world(tmp_path_factory.mktemp("audit")) as world:
        fill(world)
        log = Log(world.home, world.mark_path.read_bytes(), world.policy(), world.keks, world.pseudonyms)
        world.close()
        yield log


def fill(world: World) -> None:
    """Sixty people with some certificates each; checkpoints published on the way, the last one at the full size."""
    for serial in range(RECORDS - world.first_size):
        world.submit(world.sign(person=serial % 60, serial=serial + 1))
        if serial % 100 == 0:
            world.ledger.publish()
    world.ledger.publish()


Fault = Callable[[Tampering, int], None]


def _leaf_bytes(t: Tampering, index: int) -> int:
    return int.from_bytes(t.state(index)[1:5], "big")


def flip_version(t: Tampering, index: int) -> None:
    t.set_state(index, flipped(t.state(index), 0))


def flip_length(t: Tampering, index: int) -> None:
    t.set_state(index, flipped(t.state(index), 4, 5))


def flip_header(t: Tampering, index: int) -> None:
    t.set_state(index, flipped(t.state(index), 5 + 10))


def flip_payload(t: Tampering, index: int) -> None:
    t.set_state(index, flipped(t.state(index), 5 + _leaf_bytes(t, index) // 2))


def flip_signature(t: Tampering, index: int) -> None:
    t.set_state(index, flipped(t.state(index), 5 + _leaf_bytes(t, index) - 40))


def flip_sealed(t: Tampering, index: int) -> None:
    t.set_state(index, flipped(t.state(index), -40))


def cut_sealed(t: Tampering, index: int) -> None:
    t.set_state(index, t.state(index)[: 5 + _leaf_bytes(t, index)])


def swap_sealed(t: Tampering, index: int) -> None:
    """The sealed part of another record of the same worker: it opens under the same key, for another record."""
    other = t.one(
        "SELECT min(notification_id) FROM events WHERE originator_id = ? AND notification_id <> ?",
        t.stream(index),
        index + 1,
    )
    mine, theirs = t.state(index), t.state(other - 1)
    t.set_state(index, mine[: 5 + _leaf_bytes(t, index)] + theirs[5 + _leaf_bytes(t, other - 1) :])


def delete_event(t: Tampering, index: int) -> None:
    t.change("DELETE FROM events WHERE notification_id = ?", index + 1)


def delete_and_close_gap(t: Tampering, index: int) -> None:
    delete_event(t, index)
    t.renumber(first_index=index, by=-1)


def swap_with_next(t: Tampering, index: int) -> None:
    near = index + 1 if index + 1 < RECORDS else index - 1
    for number, to in ((index + 1, 9_000_001), (near + 1, index + 1), (9_000_001, near + 1)):
        t.change("UPDATE events SET notification_id = ? WHERE notification_id = ?", to, number)


def insert_copy(t: Tampering, index: int) -> None:
    """A second copy of a record in a stream of its own, all later records moved by one."""
    state, topic = t.rows("SELECT state, topic FROM events WHERE notification_id = ?", (index + 1,))[0]
    t.renumber(first_index=index, by=1)
    t.change("INSERT INTO events VALUES (?, ?, ?, ?, ?)", uuid4(), 1, topic, state, index + 1)


def move_to_another_worker(t: Tampering, index: int) -> None:
    other = t.stream(index - 1 if index > FIRST else index + 1)
    version = t.one("SELECT max(originator_version) FROM events WHERE originator_id = ?", other) + 1
    t.change(
        "UPDATE events SET originator_id = ?, originator_version = ? WHERE notification_id = ?",
        other,
        version,
        index + 1,
    )


def raise_version(t: Tampering, index: int) -> None:
    t.change("UPDATE events SET originator_version = originator_version + 1000 WHERE notification_id = ?", index + 1)


def change_topic(t: Tampering, index: int) -> None:
    t.change("UPDATE events SET topic = 'award/1' WHERE notification_id = ?", index + 1)


def forget_record_id(t: Tampering, index: int) -> None:
    t.change("DELETE FROM records WHERE log_index = ?", index)


def change_record_id(t: Tampering, index: int) -> None:
    t.change("UPDATE records SET record_id = ? WHERE log_index = ?", bytes(32), index)


def point_record_elsewhere(t: Tampering, index: int) -> None:
    t.change("UPDATE records SET log_index = log_index + 100000 WHERE log_index = ?", index)


def change_envelope_hash(t: Tampering, index: int) -> None:
    t.change("UPDATE records SET envelope_hash = ? WHERE log_index = ?", bytes(32), index)


def break_data_key(t: Tampering, index: int) -> None:
    """Index must be the first of its worker: all records of the worker are lost with the key."""
    wrapped = bytes(t.one("SELECT wrapped FROM data_keys WHERE subject = ?", t.stream(index)))
    t.change("UPDATE data_keys SET wrapped = ? WHERE subject = ?", flipped(wrapped, -1), t.stream(index))


def point_alias_elsewhere(t: Tampering, index: int) -> None:
    other = t.stream(index + 1)
    t.change("UPDATE aliases SET subject = ? WHERE subject = ?", other, t.stream(index))


def forge_alias(t: Tampering, index: int) -> None:
    t.change("INSERT INTO aliases (alias, subject) VALUES (?, ?)", bytes(32), t.stream(index))


def delete_alias(t: Tampering, index: int) -> None:
    t.change("DELETE FROM aliases WHERE subject = ?", t.stream(index))


def delete_subject(t: Tampering, index: int) -> None:
    t.change("DELETE FROM subjects WHERE subject = ?", t.stream(index))


def change_recorded_name(t: Tampering, index: int) -> None:
    t.change("UPDATE subjects SET name_key = ? WHERE subject = ?", bytes(32), t.stream(index))


def retire_number(t: Tampering, index: int) -> None:
    t.change("UPDATE aliases SET last_day = '2026-01-01' WHERE subject = ?", t.stream(index))


def merge_into_another(t: Tampering, index: int) -> None:
    other = t.one("SELECT subject FROM subjects WHERE subject <> ? LIMIT 1", t.stream(index))
    t.change("UPDATE subjects SET merged_into = ? WHERE subject = ?", other, t.stream(index))


def restrict(t: Tampering, index: int) -> None:
    t.change("UPDATE subjects SET restricted_at = 5 WHERE subject = ?", t.stream(index))


def mark_erased(t: Tampering, index: int) -> None:
    t.change("UPDATE subjects SET erased_at = 5 WHERE subject = ?", t.stream(index))


def forge_name(t: Tampering, index: int) -> None:
    t.change("INSERT INTO names (subject, name_key) VALUES (?, ?)", t.stream(index), bytes(32))


def delete_uniques(t: Tampering, index: int) -> None:
    t.change("DELETE FROM uniques WHERE log_index = ?", index)


def move_uniques(t: Tampering, index: int) -> None:
    t.change("UPDATE uniques SET log_index = ? WHERE log_index = ?", index + 1 if index + 1 < RECORDS else 0, index)


def forge_unique(t: Tampering, index: int) -> None:
    t.change("INSERT INTO uniques (unique_key, log_index) VALUES (?, ?)", bytes(32), index)


def delete_lookup(t: Tampering, index: int) -> None:
    t.change("DELETE FROM lookups WHERE log_index = ?", index)


def forge_lookup(t: Tampering, index: int) -> None:
    t.change("INSERT INTO lookups (lookup_key, log_index) VALUES (?, ?)", bytes(32), index)


def rewrite_and_rebuild(t: Tampering, index: int) -> None:
    """History rewritten with care: another signature, and every hash, tile and root made to agree."""
    flip_signature(t, index)
    t.rebuild_tree()


EVERYWHERE = [FIRST, 100, 255, 256, RECORDS - 1]
EVENT_FAULTS: list[tuple[Fault, set[str]]] = [
    (flip_version, {"container-unreadable"}),
    (flip_length, {"container-unreadable", "tile-differs", "leaf-unreadable"}),
    (flip_header, {"leaf-unreadable", "tile-differs", "record-id-missing"}),
    (flip_payload, {"leaf-unreadable", "tile-differs", "record-id-missing"}),
    (flip_signature, {"tile-differs", "signature-invalid", "leaf-unreadable"}),
    (flip_sealed, {"seal-broken"}),
    (cut_sealed, {"disclosures-differ"}),
    (swap_sealed, {"seal-broken"}),
    (delete_event, {"index-gap"}),
    (delete_and_close_gap, {"index-gap", "tile-differs", "record-id-missing", "stream-gap", "record-id-differs"}),
    (swap_with_next, {"tile-differs", "record-id-missing", "record-id-differs", "stream-gap", "unique-missing"}),
    (insert_copy, {"tile-differs", "record-id-missing", "record-id-differs", "record-moved", "record-beyond-head"}),
    (move_to_another_worker, {"record-moved", "stream-gap"}),
    (raise_version, {"stream-gap"}),
    (change_topic, {"topic-differs"}),
    (forget_record_id, {"record-id-missing"}),
    (change_record_id, {"record-id-missing"}),
    (point_record_elsewhere, {"record-id-missing"}),
    (change_envelope_hash, {"envelope-hash-differs"}),
    (delete_uniques, {"unique-missing"}),
    (move_uniques, {"unique-unexplained", "unique-missing"}),
    (forge_unique, {"unique-unexplained"}),
    (delete_lookup, {"lookup-missing"}),
    (forge_lookup, {"lookup-unexplained"}),
    (rewrite_and_rebuild, {"signature-invalid", "leaf-unreadable"}),
]
# At small n each fault is planted at one place, and all places are used; at long n each fault is planted everywhere.
CASES = [
    (fault, codes, index)
    for number, (fault, codes) in enumerate(EVENT_FAULTS)
    for place, index in enumerate(EVERYWHERE)
    if LONG or (place - number) % len(EVERYWHERE) == 0
]
SUBJECT_FAULTS: list[tuple[Fault, set[str]]] = [
    (break_data_key, {"data-key-broken", "seal-broken"}),
    (point_alias_elsewhere, {"alias-differs", "alias-missing"}),
    (forge_alias, {"alias-unexplained"}),
    (delete_alias, {"alias-missing"}),
    (delete_subject, {"subject-missing"}),
    (change_recorded_name, {"name-differs"}),
    (retire_number, {"alias-differs"}),
    (merge_into_another, {"subject-differs"}),
    (restrict, {"subject-differs"}),
    (mark_erased, {"subject-differs"}),
    (forge_name, {"name-unexplained"}),
]


def test_an_untouched_log_holds(log: Log) -> None:
    with tampering(log.home) as t:
        assert log.audit(t).to_json() == {"size": RECORDS, "first_bad_index": None, "code": None, "not_checked": []}


@pytest.mark.parametrize(("fault", "codes", "index"), CASES, ids=[f"{f.__name__}-{index}" for f, _, index in CASES])
def test_a_fault_in_a_record_is_found_at_its_index(log: Log, fault: Fault, codes: set[str], index: int) -> None:
    with tampering(log.home) as t:
        fault(t, index)
        first = log.audit(t).first
    assert first is not None, "not found"
    expected = min(index, RECORDS - 2) if fault is swap_with_next else index
    assert (first.index, first.code in codes) == (expected, True), first


@pytest.mark.parametrize("index", [FIRST, FIRST + 30] if LONG else [FIRST + 30])
@pytest.mark.parametrize(("fault", "codes"), SUBJECT_FAULTS, ids=[fault.__name__ for fault, _ in SUBJECT_FAULTS])
def test_a_fault_about_a_worker_is_found_at_the_first_record(
    log: Log, fault: Fault, codes: set[str], index: int
) -> None:
    with tampering(log.home) as t:
        fault(t, index)
        first = log.audit(t).first
    assert first is not None, "not found"
    assert (first.index, first.code in codes) == (index, True), first


@pytest.mark.parametrize(
    "fault", [flip_payload, flip_signature, delete_event, swap_with_next, insert_copy, raise_version]
)
@pytest.mark.parametrize("index", [FIRST, 256] if LONG else [256])
def test_public_faults_are_found_without_the_secret_keys(log: Log, fault: Fault, index: int) -> None:
    with tampering(log.home) as t:
        fault(t, index)
        report = log.audit(t, with_keys=False)
    assert report.first is not None
    # A copy before the original holds the right bytes at the right index: without the keys only the original is wrong.
    assert report.first.index == (index + 1 if fault is insert_copy else index)


def test_without_the_secret_keys_the_sealed_is_not_checked_and_says_so(log: Log) -> None:
    with tampering(log.home) as t:
        flip_sealed(t, 100)
        report = log.audit(t, with_keys=False)
    assert report.first is None
    assert {"sealed-parts", "aliases", "uniqueness-rows"} <= set(report.not_checked)


def test_random_single_bits_of_records_are_all_found(log: Log, seed: int, long_run: bool) -> None:
    """F07: a flipped bit anywhere in the events table."""
    chance = random.Random(seed)
    with tampering(log.home) as t:
        for _ in range(1_000 if long_run else 4):
            index = chance.randrange(RECORDS)
            before = t.state(index)
            t.set_state(index, flipped(before, chance.randrange(len(before)), chance.randrange(8)))
            first = log.audit(t).first
            t.set_state(index, before)
            assert first is not None
            assert first.index == index
        assert log.audit(t).first is None
