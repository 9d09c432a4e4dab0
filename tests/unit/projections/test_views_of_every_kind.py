"""Goal: every kind of record, also one added tomorrow, goes through every view: nothing parked, nothing personal in a row.

Method: each kind's own EXAMPLE, signed and parsed by the real code, then folded; the archive's facts are compared with
what the record's model says of itself.
"""

from __future__ import annotations

from uuid import UUID

import pytest

from keys.algorithms import algorithm
from keys.custody import signer_from_private
from ledger.clock import FixedClock
from ledger.logged import LoggedRecord
from ledger.records import KINDS, build_record, parse_record
from ledger.records._base import Record
from ledger.records._codes import LEVELS
from ledger.wire.canonical import Json
from projections import VIEWS, parked, reflects, view
from projections._runner import Runner
from projections.archive import archive
from projections.errors import ViewUnknown
from projections.status import status_of
from tests.support.view_engine import ListSource, MemoryViews, rows_of

ANN = UUID(int=1)
NOW = 1_790_000_000
SIGNER = signer_from_private("Ed25519", algorithm("Ed25519").generate())
ABOUT_PEOPLE = sorted(name for name, kind in KINDS.items() if kind.PLACE == "subject")


def example(name: str, **changes: Json) -> tuple[LoggedRecord, Record]:
    """A kind's example, logged; `changes` replace claims or disclosed values by name."""
    kind = KINDS[name]
    claims, disclosed = kind.EXAMPLE["claims"], kind.EXAMPLE["disclosed"]
    envelope = build_record(
        name,
        {**claims, **{key: value for key, value in changes.items() if key not in disclosed}},
        {**disclosed, **{key: value for key, value in changes.items() if key in disclosed}},
        issuer="https://osta.example.cn/issuers/4401",
        signer=SIGNER,
        clock_seconds=FixedClock(NOW).now_seconds(),
        base_url="https://ledger.example.cn",
    )
    return LoggedRecord(0, ANN, 1, name, envelope.leaf, b""), parse_record(envelope)


def fold(record: LoggedRecord) -> MemoryViews:
    engine = MemoryViews(VIEWS)
    Runner(ListSource([record]), engine, VIEWS).catch_up()
    return engine


@pytest.mark.parametrize("name", sorted(KINDS))
def test_no_view_parks_a_kind_and_no_row_holds_a_disclosed_value(name: str) -> None:
    record, _ = example(name)
    engine = fold(record)
    assert {found.NAME: parked(engine, found.NAME) for found in VIEWS} == {found.NAME: [] for found in VIEWS}
    assert {reflects(engine, found.NAME) for found in VIEWS} == {1}
    assert status_of(engine, record.record_id).state == "active"
    cells = {cell for rows in rows_of(engine, VIEWS).values() for row in rows for cell in row if isinstance(cell, str)}
    personal = [value for value in KINDS[name].EXAMPLE["disclosed"].values() if isinstance(value, str)]
    assert [value for value in personal if any(value in cell for cell in cells)] == []


@pytest.mark.parametrize("name", ABOUT_PEOPLE)
def test_the_archive_says_what_the_model_says(name: str) -> None:
    logged, record = example(name)
    (item,) = archive(fold(logged), ANN, as_of_seconds=NOW).items
    scope = record.scope()
    assert item.kind == name
    assert item.issuer == record.issuer
    assert item.achieved_on == record.occurred_on().isoformat()
    assert (item.valid_from, item.valid_until) == record.period()
    assert item.occupation == (scope.occupation if scope else None)
    assert item.minutes == getattr(record, "minutes", None)
    assert item.award_code == getattr(record, "award_code", None)
    if name == "skill-certificate/1":
        assert item.level_order == getattr(record, "level_order", None)
    if name == "training-completion/1":  # a training aims at a level, it does not give one
        assert (getattr(record, "level_order", None), item.level_order) == (4, None)


@pytest.mark.parametrize("order", sorted(LEVELS), ids=[LEVELS[order].en for order in sorted(LEVELS)])
def test_the_archive_has_all_eight_levels(order: int) -> None:
    """1, 7 and 8 have no code that certificates print: the level is the order, not the code."""
    logged, _ = example(
        "skill-certificate/1", level_order=order, certificate_kind="SPECIAL_ABILITY", certificate_number=f"NO-{order}"
    )
    found = archive(fold(logged), ANN, as_of_seconds=NOW)
    assert [item.level_order for item in found.items] == [order]
    assert dict(found.highest_levels) == {"6-31-01-03": order}


@pytest.mark.parametrize("name", sorted(name for name, kind in KINDS.items() if kind.STATUS))
def test_the_status_view_finds_the_place_the_model_has(name: str) -> None:
    logged, record = example(name)
    (row,) = rows_of(fold(logged), [view("status")])["status_records"]
    place = record.status_place()
    assert place is not None
    assert row[2:] == (place.uscc, place.list_number, place.index)


def test_views_are_found_by_name() -> None:
    assert view("archive").NAME == "archive"
    with pytest.raises(ViewUnknown):
        view("absent")
