"""Goal: views behave alike on every engine: memory, SQLite, PostgreSQL under the service role that may run no DDL.

Method: one suite, each test on each engine. PostgreSQL is a real cluster and never optional.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from keys.errors import Unavailable
from ledger.store import create_store
from ledger.store._postgres_cursor import ARRAY_ROWS_MAX
from ledger.store.postgres import open_postgres
from ledger.store.sqlite import SQLiteViews, views_path
from projections import VIEWS, parked, reflects
from projections._base import Add, Change, Logged, Put, RowChange, View
from projections._live import ddl_of
from projections._runner import Runner
from projections.archive import archive
from projections.status import status_lists
from tests.support.postgres import Database
from tests.support.toy_views import VERBS, Idle, Keeper, Toy, one_by_one
from tests.support.view_engine import FaultyViews, ListSource, MemoryViews, entry, rows_of

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

Open = Callable[[Sequence[View]], "ViewEngine"]
STREAM = UUID(int=1)
TOY = Toy()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def open_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Makes an engine with tables for some views; called again, it opens the same tables through new connections."""
    opened: list[Any] = []
    name = request.param

    def memory(views: Sequence[View]) -> ViewEngine:
        opened.append(opened[0] if opened else MemoryViews(views))
        return opened[0]  # type: ignore[no-any-return]

    def sqlite(views: Sequence[View]) -> ViewEngine:
        path = tmp_path / "ledger.db"
        if not opened:
            create_store(f"sqlite:///{path}", service_role="", view_tables=ddl_of(views))
        opened.append(SQLiteViews(views_path(path)))
        return opened[-1]  # type: ignore[no-any-return]

    def postgres(views: Sequence[View]) -> ViewEngine:
        database: Database = request.getfixturevalue("fresh_postgres")
        if not opened:
            create_store(database.owner_url, service_role=database.app_role, view_tables=ddl_of(views))
        opened.append(open_postgres(database.app_url))
        return opened[-1]  # type: ignore[no-any-return]

    yield {"memory": memory, "sqlite": sqlite, "postgres": postgres}[name]
    for engine in opened:
        if name != "memory":
            engine.close()


def counting(size: int, *, keys: int = 5) -> list[Logged]:
    return [
        entry(i, STREAM, "toy/1", {"changes": [["add", f"k{i % keys}", {"n": 1}], ["put", f"r{i}", {"n": i}]]})
        for i in range(size)
    ]


def counted(size: int, *, keys: int = 5) -> list[tuple[Any, ...]]:
    sums = [(f"k{k}", len(range(k, size, keys)), None, None) for k in range(min(keys, size))]
    return sorted([*sums, *((f"r{i}", i, None, None) for i in range(size))])


def held(engine: ViewEngine) -> list[tuple[Any, ...]]:
    return sorted(rows_of(engine, [TOY])["toy_rows"])


def test_init_may_run_again_and_keeps_positions(open_engine: Open) -> None:
    engine = open_engine([TOY])
    assert reflects(engine, "toy") == 0
    Runner(ListSource(counting(3)), engine, [TOY]).catch_up()
    assert reflects(open_engine([TOY]), "toy") == 3


def test_rolls_back_when_the_block_raises(open_engine: Open) -> None:
    engine = open_engine([TOY])
    broken = FaultyViews(engine, before=[0])
    with pytest.raises(Unavailable), broken.transaction() as cursor:
        cursor.execute("INSERT INTO toy_rows_a (id, n) VALUES (?, ?)", ("x", 1))
    assert held(engine) == []


def test_reading_cannot_write(open_engine: Open) -> None:
    engine = open_engine([TOY])
    with pytest.raises(Exception, match=r"(?i)read"), engine.read() as cursor:
        cursor.execute("INSERT INTO toy_rows_a (id) VALUES (?)", ("x",))


VALUES: list[dict[str, Any]] = [
    {"text": "张三 𠮷 · '\"?%s\\", "number": 2**63 - 1, "bytes": bytes(range(256))},
    {"text": "", "number": -(2**63) + 1, "bytes": b""},
    {"text": None, "number": None, "bytes": None},
    {},
]


def kept(engine: ViewEngine, view: Keeper, *, batch_records_max: int = 5_000) -> list[tuple[Any, ...]]:
    """The rows that a keeper's whole log leaves."""
    source = ListSource(entry(i, STREAM, "k/1", {}) for i in range(len(view.made)))
    Runner(source, engine, [view], batch_records_max=batch_records_max).catch_up()
    assert parked(engine, view.NAME) == []
    rows = rows_of(engine, [view])["kept_values"]
    plain = [tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row) for row in rows]
    return sorted(plain, key=repr)


def naively(view: Keeper) -> list[tuple[Any, ...]]:
    return one_by_one(view, [entry(i, STREAM, "k/1", {}) for i in range(len(view.made))])


def test_values_come_back_as_they_were(open_engine: Open) -> None:
    view = Keeper([[Put("kept_values", (b"\0k", i), value)] for i, value in enumerate(VALUES)])
    assert kept(open_engine([view]), view) == [
        (b"\0k", i, value.get("text"), value.get("number"), value.get("bytes")) for i, value in enumerate(VALUES)
    ]


MARKS: list[dict[str, Any]] = [
    {"text": "NULL", "number": 0, "bytes": b"NULL"},
    {"text": "", "number": -(2**15), "bytes": b""},
    {"text": '{"a\\",b}\n\'%s %% ?', "number": 2**31, "bytes": b"\\x00\0"},
    {"text": "{rows}", "number": None},
    {"text": None},
]


@pytest.mark.parametrize("batch", [1, 10, 5_000])
def test_a_statement_on_many_rows_does_what_one_on_each_would(open_engine: Open, seed: int, batch: int) -> None:
    rng = random.Random(seed)

    def change() -> RowChange:
        key = (rng.choice([b"", b"\0k", b'"{rows}']), rng.randrange(8))
        if rng.random() < 0.4:
            return Add("kept_values", key, {"number": rng.choice([0, -1, 2**40])})
        values = rng.choice([*MARKS, {"number": rng.randrange(9)}])
        return Put("kept_values", key, values) if rng.random() < 0.5 else Change("kept_values", key, values)

    view = Keeper([[change() for _ in range(rng.randrange(5))] for _ in range(150)])
    assert kept(open_engine([view]), view, batch_records_max=batch) == naively(view)


def test_more_rows_than_one_statement_takes(open_engine: Open) -> None:
    keys = [(b"k", part) for part in range(ARRAY_ROWS_MAX + 1)]
    view = Keeper([[verb("kept_values", key, {"number": 2}) for key in keys] for verb in VERBS.values()])
    assert kept(open_engine([view]), view, batch_records_max=1) == naively(view)


@pytest.mark.parametrize("batch", [1, 7, 5_000])
def test_rows_and_positions_by_batches(open_engine: Open, batch: int) -> None:
    engine = open_engine([TOY, Idle()])
    source = ListSource(counting(40))
    source.visible = 23
    runner = Runner(source, engine, [TOY, Idle()], batch_records_max=batch)
    assert runner.catch_up() == 23
    assert held(engine) == counted(23)
    source.visible = None
    assert runner.catch_up() == 17
    assert held(engine) == counted(40)
    assert reflects(engine, "toy") == reflects(engine, "idle") == 40


def test_every_kind_of_change_on_rows_that_are_there_and_not_there(open_engine: Open) -> None:
    log = [
        [["change", "absent", {"n": 1}], ["add", "made", {"n": 2}], ["put", "row", {"n": 1, "word": "x"}]],
        [["add", "row", {"n": 2, "m": 5}], ["change", "row", {"word": "y"}], ["add", "made", {"m": -1}]],
        [["put", "row2", {}], ["change", "made", {"word": "z"}], ["change", "absent", {"n": 1}]],
        [["add", "row2", {"n": 1}], ["put", "row", {"m": 9}]],
    ]
    records = [entry(i, STREAM, "toy/1", {"changes": changes}) for i, changes in enumerate(log)]
    expected = [("made", 2, -1, "z"), ("row", None, 9, None), ("row2", 1, None, None)]
    for batch in (1, 4):
        engine = open_engine([TOY])
        runner = Runner(ListSource(records), engine, [TOY], batch_records_max=batch)
        runner.rebuild("toy")
        assert held(engine) == expected


def test_racing_runners_and_rebuilds_apply_each_record_once(open_engine: Open) -> None:
    source = ListSource(counting(400))
    errors: list[BaseException] = []
    engines = [open_engine([TOY]) for _ in range(4)]

    def work(number: int) -> None:
        runner = Runner(source, engines[number], [TOY], batch_records_max=9)
        try:
            runner.rebuild("toy") if number % 2 else runner.catch_up()
        except BaseException as error:  # noqa: BLE001 - a thread hands back what it met
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    Runner(source, engines[0], [TOY]).catch_up()
    assert held(engines[0]) == counted(400)


def test_readers_see_whole_batches_of_one_generation_during_rebuilds(open_engine: Open) -> None:
    """Every batch adds 1 to all of k0…k4 in each of five records, so within one reading all five are equal."""
    source = ListSource(counting(200))
    writer, reader = open_engine([TOY]), open_engine([TOY])
    runner = Runner(source, writer, [TOY], batch_records_max=5)
    stop = threading.Event()
    torn: list[Any] = []

    def watch() -> None:
        while not stop.is_set():
            counts = {row[1] for row in held(reader) if row[0].startswith("k")}
            if len(counts) > 1:
                torn.append(counts)

    thread = threading.Thread(target=watch)
    thread.start()
    runner.catch_up()
    for _ in range(3):
        runner.rebuild("toy")
    stop.set()
    thread.join()
    assert torn == []


@pytest.mark.parametrize("kept", [False, True], ids=["nothing kept", "kept, answer lost"])
@pytest.mark.parametrize("crash", range(6))
def test_a_crash_of_a_rebuild_leaves_the_live_rows(open_engine: Open, crash: int, kept: bool) -> None:
    engine = open_engine([TOY])
    source = ListSource(counting(30))
    source.visible = 12
    Runner(source, engine, [TOY]).catch_up()
    source.visible = None
    broken = FaultyViews(engine, before=() if kept else [crash], after=[crash] if kept else ())
    try:
        Runner(source, broken, [TOY], batch_records_max=10).rebuild("toy")
    except Unavailable:
        size = reflects(engine, "toy")
        assert size == (30 if kept and crash == 4 else 12)
        assert held(engine) == counted(size)
    assert Runner(source, engine, [TOY], batch_records_max=10).rebuild("toy") == 30
    assert held(engine) == counted(30)


def test_poison_is_parked_and_cleared_by_a_rebuild_that_can_take_it(open_engine: Open) -> None:
    engine = open_engine([TOY])
    records = counting(5)
    records[2] = entry(2, STREAM, "toy/1", {"poison": True})
    runner = Runner(ListSource(records), engine, [TOY])
    runner.catch_up()
    assert parked(engine, "toy") == [(2, "fold-failed")]
    mended = Runner(ListSource(counting(5)), engine, [TOY])
    mended.rebuild("toy")
    assert parked(engine, "toy") == []
    assert held(engine) == counted(5)


def life(seed: int, size: int) -> list[Logged]:
    """A log of three workers: certificates, transfers and what became of them, as FORMATS writes payloads."""
    rng = random.Random(seed)
    records: list[Logged] = []
    for index in range(size):
        stream = UUID(int=rng.randrange(1, 4))
        mine = [record for record in records if record.stream == stream and record.kind == "skill-certificate/1"]
        choice = rng.random()
        if mine and choice < 0.3:
            target = {"record": rng.choice(mine).record_id}
            payload: dict[str, Any] = {"iat": index, "target": target, "reason": {"code": "c"}}
            if choice < 0.1:
                payload["replacement"] = {"record": rng.choice(mine).record_id}
                records.append(entry(index, stream, "correction/1", payload))
            else:
                payload["action"] = rng.choice(["revoke", "suspend", "reinstate"])
                records.append(entry(index, stream, "revocation/1", payload))
        elif mine and choice < 0.5:
            records.append(entry(index, stream, "credit-transfer/1", _transfer(index, mine, rng)))
        else:
            records.append(entry(index, stream, "skill-certificate/1", _certificate(index, rng)))
    return records


def _certificate(index: int, rng: random.Random) -> dict[str, Any]:
    return {
        "iss": "https://osta.example.cn/issuers/4401",
        "iat": index,
        "validFrom": f"{rng.randrange(1990, 2026)}-05-20T00:00:00+08:00",
        "credentialSubject": {
            "achievement": {
                "achievementType": "Certification",
                "name": "电工",
                "levelOrder": rng.randrange(2, 7),
                "occupation": {"code": "6-31-01-03"},
            }
        },
        "credentialStatus": [
            {"statusListIndex": str(index), "statusListCredential": f"https://l.example.cn/status/U/7/{purpose}"}
            for purpose in ("revocation", "suspension")
        ],
    }


def _transfer(index: int, mine: list[Logged], rng: random.Random) -> dict[str, Any]:
    return {
        "iss": "https://bank.example.cn/issuers/1",
        "iat": index,
        "occurred": "2026-06-30T16:00:00+08:00",
        "subject": {"_sd": ["x"]},
        "basis": [{"record": rng.choice(mine).record_id}],
        "rule": {"id": "R", "version": 1, "hash": "h"},
        "group": f"urn:uuid:{UUID(int=index)}",
        "credit": {
            "direction": rng.choice(["in", "out"]),
            "from": {"scheme": "x"},
            "to": {"scheme": "y"},
            "amount_centi": rng.randrange(1, 900),
        },
    }


def test_the_real_views_rebuild_to_the_same_rows(open_engine: Open, seed: int) -> None:
    records = life(seed, 150)
    engine = open_engine(VIEWS)
    runner = Runner(ListSource(records), engine, VIEWS, batch_records_max=11)
    runner.catch_up()
    assert [parked(engine, view.NAME) for view in VIEWS] == [[] for _ in VIEWS]
    rows = rows_of(engine, VIEWS)
    answers = [archive(engine, UUID(int=n), as_of_seconds=10**9) for n in (1, 2, 3)]
    lists = status_lists(engine, uscc="U", list_number=7)
    for view in VIEWS:
        assert runner.rebuild(view.NAME) == 150
    assert rows_of(engine, VIEWS) == rows
    assert [archive(engine, UUID(int=n), as_of_seconds=10**9) for n in (1, 2, 3)] == answers
    assert status_lists(engine, uscc="U", list_number=7) == lists
    assert any(lists.revocation)
    assert sum(len(found.items) for found in answers) == len(rows["archive_records"])
