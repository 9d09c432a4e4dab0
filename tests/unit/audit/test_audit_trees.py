"""The audit compares tree, checkpoints, head and mark, and can be pointed at a served store.

Goal: T31, T32 and T64 as far as stored bytes show them. Method: as in `test_audit_faults`, on a log of 270 records.
"""

from __future__ import annotations

import hashlib

import pytest

from ledger.audit import audit_store
from tests.support.tampering import Tampering, flipped, tampering
from tests.support.world import World
from tests.unit.audit.test_audit_faults import RECORDS, Log, log

__all__ = ["log"]


def _flip(t: Tampering, table: str, column: str, where: str, position: int) -> None:
    before = bytes(t.one(f"SELECT {column} FROM {table} WHERE {where}"))
    t.change(f"UPDATE {table} SET {column} = ? WHERE {where}", flipped(before, position))


@pytest.mark.parametrize("place", [0, 100, 255])
def test_a_flipped_tile_hash_is_named_by_its_leaf(log: Log, place: int) -> None:
    with tampering(log.home) as t:
        _flip(t, "tiles", "hashes", "level = 0 AND n = 0", 32 * place + 7)
        first = log.audit(t).first
    assert first is not None
    assert (first.code, first.index) == ("tile-differs", place)


@pytest.mark.parametrize(
    ("where", "code", "index"),
    [("level = 0 AND n = 0", "tile-missing", 0), ("level = 1 AND n = 0", "tile-missing", 0)],
)
def test_a_missing_tile_is_named(log: Log, where: str, code: str, index: int) -> None:
    with tampering(log.home) as t:
        t.change(f"DELETE FROM tiles WHERE {where}")
        first = log.audit(t).first
    assert first is not None
    assert (first.code, first.index) == (code, index)


def test_a_tile_beyond_the_tree_is_named(log: Log) -> None:
    with tampering(log.home) as t:
        t.change("INSERT INTO tiles (level, n, hashes) VALUES (0, 7, ?)", bytes(8192))
        first = log.audit(t).first
    assert first is not None
    assert (first.code, first.index) == ("tile-unexplained", 7 * 256)


@pytest.mark.parametrize(("column", "code"), [("frontier", "frontier-differs"), ("root", "root-differs")])
def test_a_changed_head_row_is_found(log: Log, column: str, code: str) -> None:
    with tampering(log.home) as t:
        _flip(t, "log_head", column, "id = 1", -1)
        first = log.audit(t).first
    assert first is not None
    assert first.code == code


def test_a_head_row_that_is_gone_is_found(log: Log) -> None:
    with tampering(log.home) as t:
        t.change("DELETE FROM log_head")
        assert [one.code for one in log.audit(t).findings] == ["head-missing"]


def test_a_truncated_log_is_behind_its_mark_and_its_checkpoint(log: Log) -> None:
    """T31: the tail cut off and everything stored made to agree; only what was said outside betrays it."""
    with tampering(log.home) as t:
        for table, column, bound in (
            ("events", "notification_id", 201),
            ("records", "log_index", 200),
            ("uniques", "log_index", 200),
            ("lookups", "log_index", 200),
        ):
            t.change(f"DELETE FROM {table} WHERE {column} >= ?", bound)
        size = t.rebuild_tree()
        report = log.audit(t)
        t.change("DELETE FROM checkpoints WHERE size > ?", size)
        by_mark = log.audit(t)
    assert size == 200
    assert ("checkpoint-ahead", 200) in {(one.code, one.index) for one in report.findings}
    assert by_mark.first is not None
    assert (by_mark.first.code, by_mark.first.index) == ("mark-ahead", 200)


def test_a_rewritten_history_contradicts_checkpoints_and_mark(log: Log) -> None:
    with tampering(log.home) as t:
        length = int.from_bytes(t.state(100)[1:5], "big")
        t.set_state(100, flipped(t.state(100), 5 + length - 40))
        t.rebuild_tree()
        codes = {one.code for one in log.audit(t).findings}
    assert {"checkpoint-differs", "mark-differs"} <= codes


@pytest.mark.parametrize("position", [0, 40, -5], ids=["origin", "root", "signature"])
def test_a_changed_checkpoint_is_found(log: Log, position: int) -> None:
    with tampering(log.home) as t:
        _flip(t, "checkpoints", "note", f"size = {RECORDS}", position)
        codes = {one.code for one in log.audit(t).findings}
    assert codes & {"checkpoint-unreadable", "checkpoint-signature-invalid", "checkpoint-unsigned"}


def test_a_checkpoint_under_another_size_is_found(log: Log) -> None:
    with tampering(log.home) as t:
        t.change("UPDATE checkpoints SET size = size - 1 WHERE size = ?", RECORDS)
        first = log.audit(t).first
    assert first is not None
    assert (first.code, first.index) == ("checkpoint-differs", RECORDS - 2)


def _mark(size: int, root: bytes, origin: str = "ledger.example.cn/skills") -> bytes:
    body = f"{size} {root.hex()}"
    line = f"{body} {hashlib.sha256(body.encode()).hexdigest()[:16]}"
    return f"skill-ledger mark v1 {origin}".encode().ljust(255) + b"\n" + line.encode().ljust(127) + b"\n" + b" " * 128


@pytest.mark.parametrize(
    ("mark", "code", "index"),
    [
        (_mark(RECORDS + 5, bytes(32)), "mark-ahead", RECORDS),
        (_mark(RECORDS, bytes(32)), "mark-differs", RECORDS - 1),
        (_mark(100, bytes(32)), "mark-differs", 99),
        (b"something else", "mark-unreadable", None),
        (
            _mark(RECORDS, bytes(32)).replace(b"skill-ledger mark v1 ", b"skill-ledger mark v2 "),
            "mark-unreadable",
            None,
        ),
    ],
    ids=["ahead", "other root", "other root in the past", "no mark", "other version"],
)
def test_a_contradicting_mark_is_found(log: Log, mark: bytes, code: str, index: int | None) -> None:
    with tampering(log.home) as t:
        first = log.audit(t, mark=mark).first
    assert first is not None
    assert first.code == code
    if first.until is None:
        assert first.index == index
    else:
        # Where the mark names an old tree, all that is known is a range that begins at the last size that agreed.
        assert first.index <= index < first.until


def test_a_served_store_is_audited_through_its_read_connection(world: World) -> None:
    world.submit(world.sign(person=1, serial=1))
    report = audit_store(world.url, mark=world.mark_path.read_bytes(), policy=world.policy())
    assert report.to_json()["code"] is None
    assert report.size == world.ledger.size()


def test_what_there_is_no_file_for_is_not_checked(world: World) -> None:
    report = audit_store(world.url)
    assert report.first is None
    assert {"mark", "checkpoint-signatures", "sealed-parts", "uniqueness-rows"} <= set(report.not_checked)


def test_a_later_start_says_what_it_left_out(world: World) -> None:
    report = world.audit(first_index=5)
    assert report.first is None
    assert "signatures-below-5" in report.not_checked
