"""Goal: what rested on consent is gone for good, what the law demands stays, and the log does not notice.

Method: workers with and without statutory records, erased on both engines; then every row and file is searched with
both secret keys at hand, deleted rows are put back as a restored backup would, and the audit says what it thinks.
"""

from __future__ import annotations

import base64
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest

from keys.sealing import container_key_id, unseal
from ledger import deciding, errors
from ledger.opening import open_ledger
from ledger.receipts import Receipt
from projections import VIEWS
from projections._runner import Runner
from projections.archive import archive
from tests.support.leaks import found_in
from tests.support.world import World

JULY_SECONDS = 1_783_000_000
FORGETFUL = ("data_keys", "aliases", "names", "lookups", "records", "subjects")


def eraser_url(world: World) -> str:
    """On PostgreSQL a role of its own erases."""
    parts = urlsplit(world.url)
    if parts.scheme == "sqlite":
        return world.url
    return parts._replace(netloc=f"{parts.username}_eraser@{parts.netloc.rpartition('@')[2]}").geturl()


def erase(world: World, subject: UUID) -> Any:
    """What `skill-ledger erase` does: tombstone, then destruction by a role that may."""
    world.submit(world.sign("erasure", by="authority", subject_id=str(subject), issued_at=world.clock.seconds))
    world.close()
    opened = open_ledger(eraser_url(world), environ=world.environ, clock=world.clock, erases=True)
    try:
        return opened.finish_erasure(subject)
    finally:
        opened.close()
        world.reopen_closed()


def execute(world: World, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """One statement as the owner."""
    if world.url.startswith("sqlite"):
        with sqlite3.connect(Path(world.home.folder) / "ledger.db") as store:
            return store.execute(sql, params).fetchall()
    with psycopg.connect(world.home.owner_url, autocommit=True) as connection:
        cursor = connection.execute(sql.replace("?", "%s").encode(), params)
        return cursor.fetchall() if cursor.description else []


def files_and_rows(world: World) -> Iterator[bytes]:
    """Everything in the database: on PostgreSQL after the owner's VACUUM."""
    if world.url.startswith("sqlite"):
        for path in Path(world.home.folder).glob("ledger*"):
            yield path.read_bytes()
        return
    execute(world, "VACUUM FULL")
    tables = execute(world, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for (table,) in tables:
        for row in execute(world, f'SELECT * FROM "{table}"'):
            yield b"\x00".join(bytes(v) if isinstance(v, (bytes, memoryview)) else str(v).encode() for v in row)


def opened_with_every_key(world: World) -> list[bytes]:
    """Every sealed part that any data key in the store opens, for a thief who holds both secret keys too."""
    keys = {}
    for subject, retention, key_id, wrapped in execute(
        world, "SELECT subject, retention, key_id, wrapped FROM data_keys"
    ):
        owner = UUID(str(subject))
        context = deciding.wrapping_context(subject=owner, retention=retention, key_id=bytes(key_id))
        keys[bytes(key_id)] = world.keks.unwrap(bytes(wrapped), associated=context)
    found = []
    for record in world.ledger.read(-1):
        key = keys.get(container_key_id(record.sealed)) if record.sealed else None
        if key is not None:
            context = deciding.sealing_context(
                record_id=record.record_id, subject=record.stream, key_id=container_key_id(record.sealed)
            )
            found.append(unseal(record.sealed, data_key=key, associated=context))
    return found


class Life:
    """A worker with a training that rests on consent and, maybe, an award that the law keeps."""

    def __init__(self, world: World, number: int, *, statutory: bool) -> None:
        self.world, self.person = world, world.person(number)
        scores = {"theory": f"{60 + number}.25"}
        self.training = world.sign(
            "training-completion/1", scores=scores, serial=number, late="historical-import", **self.person
        )
        self.trained = world.submit(self.training)
        self.awarded = world.submit(world.sign("award", serial=number, **self.person)) if statutory else None
        self.subject: UUID = self.found()
        self.number = f"PX-2026-0017-{number:06d}"[-10:]

    def found(self) -> Any:
        return self.world.ledger.find_subject(self.person["document_number"])


@pytest.fixture
def lives(world: World) -> tuple[Life, Life, Life]:
    """Two who are erased, with and without a statutory record, and one who stays."""
    world.clock.seconds = JULY_SECONDS
    return Life(world, 1, statutory=True), Life(world, 2, statutory=False), Life(world, 3, statutory=True)


def proofs(receipts: list[Receipt], world: World) -> list[bytes]:
    return [world.ledger.record(receipt.record_id).leaf for receipt in receipts]


def test_what_rested_on_consent_is_gone_and_the_law_s_stays(world: World, lives: tuple[Life, Life, Life]) -> None:
    mixed, whole, other = lives
    logged = [mixed.trained, whole.trained, other.trained]
    before, checkpoint = proofs(logged, world), world.ledger.publish()
    one, two = erase(world, mixed.subject), erase(world, whole.subject)
    # On SQLite the serving process has destroyed everything with the tombstone, and the command finds nothing left.
    count = int(world.url.startswith("postgres"))
    assert ((one.records, one.whole), (two.records, two.whole)) == ((count, False), (count, True))
    # The log does not change, and every old receipt still leads to what was signed.
    assert proofs(logged, world) == before
    for receipt in logged:
        world.check_proof(world.ledger.receipt(receipt.record_id))
    assert world.ledger.checkpoint().split(b"\n")[0] == checkpoint.split(b"\n")[0]
    for life in (mixed, whole):
        with pytest.raises(errors.Erased):
            world.ledger.envelope(world.ledger.record(life.trained.record_id))
        with pytest.raises(errors.Erased):
            world.ledger.submit(life.training)
    assert mixed.awarded is not None
    world.ledger.envelope(world.ledger.record(mixed.awarded.record_id))
    world.ledger.envelope(world.ledger.record(other.trained.record_id))
    worker = world.ledger.worker(mixed.subject)
    assert worker is not None
    assert worker.restricted_at == worker.erased_at is not None
    report = world.audit()
    assert (report.findings, report.not_checked) == ([], ["erased-records-2"])


def test_nothing_readable_remains_with_both_keys(
    world: World, lives: tuple[Life, Life, Life], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mixed, whole, other = lives
    Runner(world.ledger, world.ledger.views(), VIEWS).catch_up()
    values = {life: [f"{60 + n}.25" for n in (n,)] for n, life in enumerate(lives, start=1)}
    seen = b"".join(opened_with_every_key(world))
    assert all(value.encode() in _decoded(seen) for found in values.values() for value in found), "the search finds"
    erase(world, mixed.subject)
    erase(world, whole.subject)
    for name in ("archive", "credit_account", "status"):
        Runner(world.ledger, world.ledger.views(), VIEWS).rebuild(name)
    readable = _decoded(b"".join(opened_with_every_key(world)))
    gone = [*values[mixed], *values[whole], *whole.person.values()]
    stored = b"\n".join(files_and_rows(world))
    assert [value for value in gone if value.encode() in readable] == []
    assert found_in(stored, gone) == set()
    assert found_in(caplog.text.encode(), gone) == set()
    assert all(value.encode() in readable for value in (*values[other], *other.person.values()))


def _decoded(opened: bytes) -> bytes:
    parts = opened.replace(b"\n", b"~").split(b"~")
    return b"\n".join(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)) for part in parts if len(part) > 20)


def test_the_process_that_appends_the_tombstone_forgets_the_key(world: World, lives: tuple[Life, Life, Life]) -> None:
    whole = lives[1]
    held = world.ledger._decider._data_keys
    world.ledger.envelope(world.ledger.record(whole.trained.record_id))
    assert [place for place in held if place[0] == whole.subject]
    world.submit(world.sign("erasure", by="authority", subject_id=str(whole.subject)))
    assert [place for place in held if place[0] == whole.subject] == []


def test_the_archive_shows_what_is_left(world: World, lives: tuple[Life, Life, Life]) -> None:
    mixed = lives[0]

    def kinds() -> list[str]:
        Runner(world.ledger, world.ledger.views(), VIEWS).catch_up()
        found = archive(world.ledger.views(), *world.ledger.linked(mixed.subject), as_of_seconds=JULY_SECONDS)
        return sorted(item.kind.partition("/")[0] for item in found.items)

    assert kinds() == ["award", "training-completion"]
    erase(world, mixed.subject)
    assert kinds() == ["award", "erasure"]
    world.submit(world.sign("training-completion/1", serial=21, late="historical-import", **mixed.person))
    assert kinds() == ["award", "erasure", "training-completion"]


def test_two_erased_people_cannot_be_told_from_new_ones(world: World, lives: tuple[Life, Life, Life]) -> None:
    mixed, whole, _ = lives
    erase(world, whole.subject)
    erase(world, mixed.subject)
    assert whole.found() is None
    world.submit(world.sign("award", serial=20, **whole.person))
    assert whole.found() not in (None, whole.subject), "a new archive, which nothing ties to the old one"
    # Where a statutory record remains the number still leads to it, and new consent has a key of its own.
    again = world.submit(world.sign("training-completion/1", serial=21, late="historical-import", **mixed.person))
    assert mixed.found() == mixed.subject
    world.ledger.envelope(world.ledger.record(again.record_id))
    erase(world, mixed.subject)
    with pytest.raises(errors.Erased):
        world.ledger.envelope(world.ledger.record(again.record_id))
    assert world.audit().findings == []


def test_a_restored_backup_forgets_again(world: World, lives: tuple[Life, Life, Life]) -> None:
    mixed, whole, _ = lives
    kept = {table: execute(world, f"SELECT * FROM {table}") for table in FORGETFUL}
    erase(world, mixed.subject)
    erase(world, whole.subject)
    world.close()
    for table, rows in kept.items():
        for row in rows:
            marks = ",".join("?" * len(row))
            execute(world, f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT DO NOTHING", row)
    assert {finding.code for finding in world.audit().findings} >= {"erasure-pending"}
    open_ledger(eraser_url(world), environ=world.environ, clock=world.clock, erases=True).close()
    world.reopen_closed()
    with pytest.raises(errors.Erased):
        world.ledger.envelope(world.ledger.record(whole.trained.record_id))
    assert whole.found() is None
    assert world.audit().findings == []


def test_only_the_authority_erases_and_only_who_is_there(world: World, lives: tuple[Life, Life, Life]) -> None:
    mixed = lives[0]
    by_centre = world.sign("erasure", by="centre", subject_id=str(mixed.subject))
    nobody = world.sign("erasure", by="authority", subject_id=str(UUID(int=7)))
    for envelope, code in ((by_centre, "key-not-authorised"), (nobody, "subject-unknown")):
        with pytest.raises(errors.LedgerError) as caught:
            world.submit(envelope)
        assert caught.value.code == code
    world.check_everything()
    world.close()
    opened = open_ledger(eraser_url(world), environ=world.environ, clock=world.clock, erases=True)
    with pytest.raises(errors.RuleBroken):
        opened.finish_erasure(mixed.subject)
    opened.close()
    world.reopen_closed()


def test_the_serving_role_may_not_erase(postgres_world: World) -> None:
    world = postgres_world
    world.clock.seconds = JULY_SECONDS
    life = Life(world, 1, statutory=False)
    world.submit(world.sign("erasure", by="authority", subject_id=str(life.subject)))
    assert world.ledger.finish_erasure(life.subject) is None
    assert world.ledger.pending_erasures() == [life.subject]
    assert [finding.code for finding in world.audit().findings] == ["erasure-pending"]
    opened = open_ledger(world.url, environ=world.environ, clock=world.clock)
    with pytest.raises(errors.EraserNeeded), opened._store.recorder.erasing() as cursor:
        cursor.execute("DELETE FROM data_keys")
    opened.close()


def test_a_key_that_is_gone_without_a_tombstone_is_found(world: World, lives: tuple[Life, Life, Life]) -> None:
    index = lives[0].trained.index
    world.close()
    execute(world, "DELETE FROM data_keys WHERE retention = 'consent'")
    codes = {(finding.code, finding.index) for finding in world.audit().findings}
    assert ("data-key-missing", index) in codes
    world.reopen_closed()
