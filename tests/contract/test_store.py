"""Goal: every engine keeps the contract of `ledger.store._protocol`.

Method: the same tests on SQLite and PostgreSQL through the real `Ledger` and through the recorder alone; each guard is
shown to matter by a planted bug that the same test body then catches.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from ledger import errors
from ledger.opening import open_ledger
from ledger.receipts import Receipt
from ledger.store import open_store
from ledger.store._append import LockedView
from ledger.store._mapper import EnvelopeMapper, format_state
from ledger.store.mark import Mark, MarkedTree
from tests.support.world import INSTITUTIONS, World, seeded_signer

CENTRE = INSTITUTIONS["centre"]


def in_threads(count: int, call: Callable[[int], Any]) -> list[Any]:
    """What `call(n)` gave or raised for each n, all started at one moment."""
    barrier = threading.Barrier(count)

    def run(number: int) -> Any:
        barrier.wait()
        try:
            return call(number)
        except errors.LedgerError as refused:
            return refused

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def certificates(world: World, count: int, *, first: int = 0) -> list[bytes]:
    """Certificates of different people."""
    return [world.sign(person=first + n, serial=first + n + 1) for n in range(count)]


# -- one record, many writers ------------------------------------------------------------------------------------------


def test_the_same_bytes_at_once_end_in_one_record(world: World, long_run: bool) -> None:
    """Sent a thousand times at once: one record, equal answers, every receipt verifies (threat T20)."""
    envelope = world.sign(person=1, serial=1)
    count = 1_000 if long_run else 50
    receipts = in_threads(count, lambda _: world.ledger.submit(envelope))
    assert len({(r.record_id, r.index, r.code) for r in receipts}) == 1
    assert [r.already_held for r in receipts].count(False) == 1
    world.accepted[receipts[0].record_id] = (envelope, receipts[0].index)
    for receipt in receipts[:10]:
        world.check_proof(receipt)
    world.check_everything()


def test_many_writers_get_dense_indexes(world: World) -> None:
    """Distinct records of 24 threads: indexes have no gap, and each receipt leads to a signed root."""
    envelopes = certificates(world, 48)
    receipts = in_threads(24, lambda n: [world.ledger.submit(e) for e in envelopes[2 * n : 2 * n + 2]])
    flat: list[Receipt] = [receipt for pair in receipts for receipt in pair]
    assert sorted(r.index for r in flat) == list(range(world.first_size, world.first_size + 48))
    for envelope, receipt in zip(envelopes, flat, strict=True):
        world.accepted[receipt.record_id] = (envelope, receipt.index)
        world.check_proof(receipt)
    world.check_everything()


def test_two_variants_of_a_certificate_at_once(world: World) -> None:
    """The same number on two certificates at the same moment: one is logged, the other refused (threat T21)."""
    one, two = world.sign(person=1, serial=1), world.sign(person=2, serial=1)
    answers = in_threads(2, lambda n: world.ledger.submit([one, two][n]))
    accepted = [(n, answer) for n, answer in enumerate(answers) if isinstance(answer, Receipt)]
    assert len(accepted) == 1
    assert {type(a) for a in answers} == {Receipt, errors.CertificateNumberUsed}
    number, receipt = accepted[0]
    world.accepted[receipt.record_id] = ([one, two][number], receipt.index)
    world.check_everything()


def test_a_new_person_at_once_is_one_subject(world: World) -> None:
    """Records about an unknown number arriving together create one subject, one alias, one data key."""
    envelopes = [world.sign(person=7, serial=n + 1) for n in range(12)]
    receipts = in_threads(12, lambda n: world.ledger.submit(envelopes[n]))
    assert len({world.ledger.record(r.record_id).stream for r in receipts}) == 1
    for envelope, receipt in zip(envelopes, receipts, strict=True):
        world.accepted[receipt.record_id] = (envelope, receipt.index)
    world.check_everything()


def test_no_record_follows_its_keys_revocation(world: World) -> None:
    """A key revoked at index n never speaks at an index above n, whatever races it (threat T23)."""
    kid = world.ledger.registry().keyring.of_issuer(CENTRE.issuer)[0].kid
    revocation = world.sign("key-revoked", by="authority", kid=kid, reason="superseded", suspect_since=None)
    envelopes = [*certificates(world, 16), revocation]
    answers = in_threads(17, lambda n: world.ledger.submit(envelopes[n]))
    revoked_at = answers[-1].index
    for envelope, answer in zip(envelopes, answers, strict=True):
        if isinstance(answer, Receipt):
            assert answer.index <= revoked_at
            world.accepted[answer.record_id] = (envelope, answer.index)
        else:
            assert isinstance(answer, errors.KeyNotAuthorised)
    world.check_everything()


def test_submit_many_lets_each_stand_alone(world: World) -> None:
    """A refused record costs its neighbours nothing, and answers come in order."""
    good = certificates(world, 6)
    mixed = [good[0], b"nonsense", good[1], world.sign(person=1, serial=1, holder_name="别人"), *good[2:]]
    answers = world.ledger.submit_many(mixed)
    assert [isinstance(a, Receipt) for a in answers] == [True, False, True, False, True, True, True, True]
    for envelope, answer in zip(mixed, answers, strict=True):
        if isinstance(answer, Receipt):
            world.accepted[answer.record_id] = (envelope, answer.index)
    world.check_everything()


# -- groups ------------------------------------------------------------------------------------------------------------

GROUP = "urn:uuid:55c0a3de-2f0b-4c7a-9d55-0f4e8b1a7c21"


def test_a_group_is_all_or_nothing(world: World) -> None:
    """One refused member: nothing of the group is logged; all good: all are."""
    good = [world.sign(person=n, serial=n + 1, group=GROUP) for n in range(3)]
    bad = world.sign(person=1, serial=9, holder_name="别人", group=GROUP)
    with pytest.raises(errors.NameDiffers):
        world.submit_group([*good, bad])
    world.check_everything()
    world.submit_group(good)
    world.check_everything()


def test_a_group_carries_one_group_id(world: World) -> None:
    """Records without a common group id are not a group."""
    with pytest.raises(errors.GroupRefused):
        world.submit_group(certificates(world, 2))
    world.check_everything()


def test_a_correction_hands_the_number_over(world: World) -> None:
    """In one group, the corrected certificate takes its predecessor's number; alone it may not."""
    old = world.submit(world.sign(person=1, serial=1))
    new = world.sign(person=1, serial=1, group=GROUP, occupation_name="电工（高压）")
    with pytest.raises(errors.CertificateNumberUsed):
        world.submit(new)
    new_id = hashlib.sha256(new.split(b"~")[0].rsplit(b".", 1)[0]).hexdigest()
    correction = world.sign(
        "correction", target_record=old.record_id, replacement_record=new_id, reason="wrong-occupation", group=GROUP
    )
    world.submit_group([new, correction])
    found = world.ledger.find_certificate(number="S000032010001263000001", name=world.person(1)["holder_name"])
    assert found is not None
    assert found.record_id == new_id
    world.check_everything()


# -- the library's own interface ---------------------------------------------------------------------------------------


def _rows(world: World, count: int) -> list[StoredEvent]:
    stream = uuid4()
    return [
        StoredEvent(stream, n + 1, "skill-certificate/2", format_state(leaf=envelope.split(b"~")[0], sealed=b""))
        for n, envelope in enumerate(certificates(world, count, first=100))
    ]


def test_the_librarys_rows_follow_each_other(world: World) -> None:
    """`insert_events` gives ids that are index + 1 and refuses a version that is taken or skips."""
    recorder: Any = world.ledger._store.recorder
    rows = _rows(world, 3)
    size = world.ledger.size()
    assert recorder.insert_events(rows[:2]) == [size + 1, size + 2]
    with pytest.raises(IntegrityError):
        recorder.insert_events([StoredEvent(rows[2].originator_id, 7, rows[2].topic, rows[2].state)])
    with pytest.raises(IntegrityError):
        recorder.insert_events(rows[:1])
    assert recorder.insert_events(rows[2:]) == [size + 3]
    stored = recorder.select_events(rows[0].originator_id)
    assert [(e.originator_version, bytes(e.state)) for e in stored] == [(e.originator_version, e.state) for e in rows]
    notes = recorder.select_notifications(size, 10, inclusive_of_start=False)
    assert [n.id for n in notes] == [size + 1, size + 2, size + 3]
    assert recorder.max_notification_id() == size + 3


def test_the_mapper_keeps_the_signed_bytes(world: World) -> None:
    """To a row and back: leaf and sealed part are the same bytes, the topic is the kind."""
    receipt = world.submit(world.sign(person=1, serial=1))
    logged = world.ledger.record(receipt.record_id)
    mapper = EnvelopeMapper(None)  # type: ignore[arg-type]
    row = mapper.to_stored_event(logged)
    again: Any = mapper.to_domain_event(row)
    assert row.topic == "skill-certificate/2"
    assert (again.leaf, again.sealed) == (logged.leaf, logged.sealed)
    damaged = StoredEvent(row.originator_id, row.originator_version, row.topic, row.state.replace(b".", b"!", 1))
    with pytest.raises(errors.LedgerError):
        mapper.to_domain_event(damaged)


# -- restarts, roll-backs, second processes ----------------------------------------------------------------------------


def test_a_restart_goes_on_where_it_stopped(world: World) -> None:
    """After a restart the edge, the registry and the proofs are those of before, across a full tile."""
    for envelope in certificates(world, 5):
        world.submit(envelope)
    world.reopen()
    for envelope in certificates(world, 5, first=50):
        world.submit(envelope)
    world.check_everything()


def test_a_store_behind_its_mark_is_not_signed(world: World) -> None:
    """A rolled-back store under a mark that has seen more stops the start (threat T31)."""
    world.submit(world.sign(person=1, serial=1))
    world.close()
    mark = Mark(world.mark_path, origin=world.ledger.origin)
    held = mark.read()
    assert held is not None
    mark.write(MarkedTree(held.size + 1, held.root))
    with pytest.raises(errors.MarkAhead):
        open_ledger(world.url, environ=world.environ, clock=world.clock)


def test_another_history_of_the_same_size_is_not_signed(world: World) -> None:
    """A mark with another root stops the start; without its slot the file is refused as well (threats T32, T64)."""
    world.submit(world.sign(person=1, serial=1))
    world.close()
    mark = Mark(world.mark_path, origin=world.ledger.origin)
    held = mark.read()
    assert held is not None
    mark.write(MarkedTree(held.size, bytes(32)))
    mark.write(MarkedTree(held.size, bytes(32)))
    with pytest.raises(errors.MarkDiffers):
        open_ledger(world.url, environ=world.environ, clock=world.clock)


def test_a_missing_mark_is_an_error_never_a_fresh_start(world: World) -> None:
    """An existing log without its mark does not start."""
    world.close()
    world.mark_path.unlink()
    with pytest.raises(errors.StoreNotInitialised):
        open_ledger(world.url, environ=world.environ, clock=world.clock)


def test_a_torn_mark_leaves_the_other_slot(tmp_path: Path) -> None:
    """Any prefix of a new slot on disk still reads as the old or the new tree, never as garbage or as nothing."""
    path = tmp_path / "mark"
    Mark.create(path, origin="o")
    mark = Mark(path, origin="o")
    mark.write(MarkedTree(1, bytes([1]) * 32))
    before = path.read_bytes()
    mark.write(MarkedTree(2, bytes([2]) * 32))
    after = path.read_bytes()
    for cut in range(len(before) + 1):
        path.write_bytes(after[:cut] + before[cut:])
        tree = Mark(path, origin="o").read()
        assert tree in (MarkedTree(1, bytes([1]) * 32), MarkedTree(2, bytes([2]) * 32))


def test_a_second_process_may_not_serve_sqlite(sqlite_world: World) -> None:
    """The operating system's lock keeps a second writer out; reading goes on."""
    with pytest.raises(errors.StoreLocked):
        open_store(sqlite_world.url, writable=True)
    reader = open_ledger(sqlite_world.url, environ=sqlite_world.environ, read_only=True)
    assert reader.size() == sqlite_world.ledger.size()
    with pytest.raises(errors.StoreUnavailable):
        reader.submit(sqlite_world.sign(person=1, serial=1))
    reader.close()


def test_several_processes_share_postgresql(postgres_world: World) -> None:
    """A second ledger on the same database: one order, one signer at a time, keys learnt from each other's records."""
    other = open_ledger(postgres_world.url, environ=postgres_world.environ, clock=postgres_world.clock)
    stranger = seeded_signer("second key")
    postgres_world.submit(postgres_world.key_registration(CENTRE.issuer, stranger))
    for n in range(6):
        ledger = (postgres_world.ledger, other)[n % 2]
        envelope = postgres_world.sign(person=n, serial=n + 1, signer=stranger)
        receipt = ledger.submit(envelope)
        postgres_world.accepted[receipt.record_id] = (envelope, receipt.index)
        postgres_world.check_proof(receipt)
    other.close()
    postgres_world.check_everything()


# -- the database's own guards -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET state = state",
        "DELETE FROM events",
        "TRUNCATE events",
        "UPDATE records SET log_index = 0",
        "DELETE FROM aliases",
        "DELETE FROM checkpoints",
        "CREATE TABLE planted (x int)",
        "ALTER TABLE events ADD COLUMN x int",
        "DROP TABLE events",
    ],
)
def test_the_service_role_cannot_change_history(postgres_world: World, statement: str) -> None:
    """PostgreSQL itself refuses what would change or delete events (threat T48)."""
    with psycopg.connect(postgres_world.url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_the_owner_may_not_serve(postgres_world: World) -> None:
    """`serve` refuses a role that could change history."""
    with pytest.raises(errors.OwnerMayNotServe):
        open_store(postgres_world.home.owner_url, writable=True)


# -- planted bugs ------------------------------------------------------------------------------------------------------


def test_planted_bug_no_uniqueness_under_the_lock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the locked view forgot unique keys, two certificates would share a number, and the test above would fail."""
    monkeypatch.setattr(LockedView, "unique", lambda _self, _key: None)
    with pytest.raises(AssertionError):
        test_two_variants_of_a_certificate_at_once(world)


def test_planted_bug_aliases_forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """If aliases were not looked up, one person would become two subjects: the row's key refuses what the lock missed."""
    monkeypatch.setattr(LockedView, "alias", lambda _self, _key: None)
    world.submit(world.sign(person=1, serial=1))
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        world.submit(world.sign(person=1, serial=2))
