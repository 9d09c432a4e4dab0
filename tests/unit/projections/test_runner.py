"""Goal: a view holds exactly what its fold makes of the log, whatever the batches, crashes, races and rebuilds.

Method: toy views whose payloads are arbitrary row changes, on the memory engine, against a naive dictionary that applies
each change at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import Unavailable
from projections import parked, reflects
from projections._base import Add, Change, Logged, Put
from projections._compile import coalesce
from projections._runner import Runner
from projections.errors import ViewBehind, ViewContended, ViewUnknown
from tests.support.toy_views import Idle, Toy, one_by_one
from tests.support.view_engine import FaultyViews, ListSource, MemoryViews, entry, rows_of

STREAM = UUID(int=1)
TOY = Toy()

numbers = st.integers(-5, 5)
full = st.fixed_dictionaries({}, optional={"n": st.none() | numbers, "m": numbers, "word": st.sampled_from("xyz")})
some = st.fixed_dictionaries({"n": numbers}, optional={"m": numbers})
words = st.fixed_dictionaries({"word": st.sampled_from("xyz")}, optional={"n": st.none() | numbers})
changes = st.one_of(
    st.tuples(st.just("put"), st.sampled_from("pqr"), full),
    st.tuples(st.just("change"), st.sampled_from("pqr"), words),
    st.tuples(st.just("add"), st.sampled_from("pqr"), some),
)
logs = st.lists(st.lists(changes, max_size=4), max_size=25)


def entries(log: list[Any], kind: str = "toy/1") -> list[Logged]:
    return [entry(i, STREAM, kind, {"changes": c} if isinstance(c, list) else c) for i, c in enumerate(log)]


def naive(records: list[Logged]) -> list[tuple[Any, ...]]:
    return sorted(one_by_one(TOY, records))


def held(engine: Any) -> list[tuple[Any, ...]]:
    return sorted(rows_of(engine, [TOY])["toy_rows"])


@given(log=logs, batch=st.integers(1, 9), stops=st.lists(st.integers(0, 25), max_size=4), faults=st.data())
def test_rows_are_the_fold_whatever_the_batches_and_crashes(
    log: list[Any], batch: int, stops: list[int], faults: st.DataObject
) -> None:
    records = entries(log)
    source = ListSource(records)
    memory = MemoryViews([TOY])
    engine = FaultyViews(
        memory,
        before=faults.draw(st.sets(st.integers(0, 30), max_size=6)),
        after=faults.draw(st.sets(st.integers(0, 30), max_size=6)),
    )
    for visible in [*sorted(stops), len(records)]:
        source.visible = visible
        while reflects(memory, "toy") < min(visible, len(records)):
            try:
                Runner(source, engine, [TOY], batch_records_max=batch).catch_up()
            except Unavailable:
                assert held(memory) == naive(records[: reflects(memory, "toy")])
        assert held(memory) == naive(records[: min(visible, len(records))])


@given(log=logs, batch=st.integers(1, 9), start=st.integers(0, 25), crash=st.integers(0, 12), kept=st.booleans())
def test_rebuild_equals_the_incremental_view_and_a_crash_leaves_the_live_one(
    log: list[Any], batch: int, start: int, crash: int, kept: bool
) -> None:
    records = entries(log)
    source = ListSource(records)
    memory = MemoryViews([TOY])
    source.visible = start
    Runner(source, memory, [TOY], batch_records_max=batch).catch_up()
    before = held(memory), reflects(memory, "toy")
    source.visible = None
    engine = FaultyViews(memory, **{"after" if kept else "before": [crash]})
    try:
        assert Runner(source, engine, [TOY], batch_records_max=batch).rebuild("toy") == len(records)
    except Unavailable:
        swapped = kept and engine.transactions - 1 == crash and reflects(memory, "toy") == len(records)
        assert swapped or (held(memory), reflects(memory, "toy")) == before
        Runner(source, memory, [TOY], batch_records_max=batch).rebuild("toy")
    assert held(memory) == naive(records)
    assert reflects(memory, "toy") == len(records)


def test_views_rebuilt_together_read_the_log_once() -> None:
    """The one that moved meanwhile is waited for, and each is swapped; a record is read for all of them at once."""
    records = entries([[["add", "p", {"n": 1}], ["put", str(i), {"n": i}]] for i in range(50)])
    views = [TOY, Toy(NAME="second"), Toy(NAME="third")]
    memory, source = MemoryViews(views), CountingSource(records)
    assert Runner(source, memory, views, batch_records_max=10).rebuild_together(["toy", "third"]) == {
        "toy": 50,
        "third": 50,
    }
    assert held(memory) == naive(records)
    assert [reflects(memory, name) for name in ("toy", "second", "third")] == [50, 0, 50]
    assert source.records_read == 50
    with pytest.raises(ViewUnknown):
        Runner(source, memory, views).rebuild_together(["toy", "fourth"])


class CountingSource(ListSource):
    """Counts the records it hands out."""

    records_read = 0

    def read(self, after: int, limit: int) -> Sequence[Any]:
        found = super().read(after, limit)
        self.records_read += len(found)
        return found


def test_two_runners_and_a_rebuild_at_once_do_no_harm() -> None:
    records = entries([[["add", "p", {"n": 1}], ["put", str(i), {"n": i}]] for i in range(300)])
    source = ListSource(records)
    memory = MemoryViews([TOY])
    errors: list[BaseException] = []

    def run(rebuild: bool) -> None:
        try:
            runner = Runner(source, memory, [TOY], batch_records_max=7)
            runner.rebuild("toy") if rebuild else runner.catch_up()
        except BaseException as error:  # noqa: BLE001 - a thread hands back what it met
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number % 2 == 0,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    Runner(source, memory, [TOY]).catch_up()
    assert held(memory) == naive(records)


class Eventful(ListSource):
    """Something happens when a reader finds the end of the log for the first time."""

    def __init__(self, records: list[Logged], happens: Callable[[], None]) -> None:
        super().__init__(records)
        self._happens = [happens]

    def read(self, after: int, limit: int) -> list[Logged]:
        found = super().read(after, limit)
        if not found and self._happens:
            self._happens.pop()()
        return found


def test_a_rebuild_never_takes_readers_back_in_time() -> None:
    records = entries([[["add", "p", {"n": 1}]]] * 6)
    memory = MemoryViews([TOY])
    Runner(ListSource(records[:4]), memory, [TOY]).catch_up()

    def live_moves_on() -> None:
        source.records = records
        Runner(ListSource(records), memory, [TOY]).catch_up()

    source = Eventful(records[:4], live_moves_on)
    assert Runner(source, memory, [TOY]).rebuild("toy") == 6
    assert reflects(memory, "toy") == 6
    assert held(memory) == naive(records)


def test_a_rebuild_does_not_swap_to_rows_that_another_one_has_emptied() -> None:
    records = entries([[["add", "p", {"n": 1}]]] * 6)
    memory = MemoryViews([TOY])
    runner = Runner(ListSource(records), memory, [TOY])
    runner.catch_up()
    sizes: list[int] = []

    def another_begins() -> None:
        runner._empty_other("toy")
        sizes.append(reflects(memory, "toy"))

    assert Runner(Eventful(records, another_begins), memory, [TOY]).rebuild("toy") == 6
    assert sizes == [6]
    assert (reflects(memory, "toy"), held(memory)) == (6, naive(records))


def test_a_rebuild_ends_when_another_version_takes_its_rows() -> None:
    records = entries([[["add", "p", {"n": 1}]]] * 6)
    memory = MemoryViews([TOY])
    newer = Runner(ListSource(records), memory, [Toy(VERSION=2)])

    def newer_begins() -> None:
        newer._empty_other("toy")

    source = Eventful(records, newer_begins)
    with pytest.raises(ViewContended):
        Runner(source, memory, [TOY]).rebuild("toy")


def test_a_closed_runner_leaves_a_rebuild_half_way() -> None:
    runner = Runner(ListSource(entries([[["add", "p", {"n": 1}]]])), memory := MemoryViews([TOY]), [TOY])
    runner.close()
    with pytest.raises(ViewBehind):
        runner.rebuild("toy")
    assert reflects(memory, "toy") == 0


def test_changes_of_one_row_are_merged_as_far_as_they_can_be() -> None:
    add, change = Add("t", ("k",), {"n": 1}), Change("t", ("k",), {"word": "x"})
    put = Put("t", ("k",), {"n": 5})
    assert coalesce([add, change, add, put]) == [[put]]
    assert coalesce([put, add, change]) == [[Put("t", ("k",), {"n": 6, "word": "x"})]]
    assert coalesce([add, add]) == [[Add("t", ("k",), {"n": 2})]]
    assert coalesce([change, add, change]) == [[change], [add], [change]]
    assert coalesce([]) == []


def test_a_batch_whose_position_was_moved_by_another_changes_nothing() -> None:
    records = entries([[["add", "p", {"n": 1}]]] * 4)
    memory = MemoryViews([TOY])
    slow = Runner(ListSource(records), memory, [TOY])
    Runner(ListSource(records[:2]), memory, [TOY]).catch_up()
    with pytest.raises(Exception, match=r"^$"):  # the private signal of a lost race
        slow._apply(records, {"toy": "a"})
    assert held(memory) == [("p", 2, None, None)]


def test_stops_at_the_first_gap() -> None:
    records = entries([[["add", "p", {"n": 1}]]] * 6)
    source = ListSource([record for record in records if record.index != 3])
    memory = MemoryViews([TOY])
    runner = Runner(source, memory, [TOY])
    assert runner.catch_up() == 3
    assert reflects(memory, "toy") == 3
    source.records = records
    assert runner.catch_up() == 3
    assert held(memory) == [("p", 6, None, None)]


POISON = [
    ("the fold raises", {"poison": True}, "fold-failed"),
    ("a column that is not there", {"changes": [["put", "q", {"no": 1}]]}, "row-invalid"),
    ("a key column among the values", {"changes": [["put", "q", {"id": "z"}]]}, "row-invalid"),
    ("text in an integer column", {"changes": [["put", "q", {"n": "1"}]]}, "row-invalid"),
    ("a bool in an integer column", {"changes": [["put", "q", {"n": True}]]}, "row-invalid"),
    ("65 bits", {"changes": [["put", "q", {"n": 2**63}]]}, "row-invalid"),
    ("U+0000 in text", {"changes": [["put", "q", {"word": "a\0b"}]]}, "row-invalid"),
    ("NULL in the key", {"changes": [["put", None, {"n": 1}]]}, "row-invalid"),
    ("an addition of NULL", {"changes": [["add", "q", {"n": None}]]}, "row-invalid"),
    ("an addition of text", {"changes": [["add", "q", {"word": "a"}]]}, "row-invalid"),
    ("a change of nothing", {"changes": [["change", "q", {}]]}, "row-invalid"),
    ("one good and one bad change", {"changes": [["put", "q", {"n": 1}], ["put", "q", {"n": "1"}]]}, "row-invalid"),
]


@pytest.mark.parametrize(("why", "payload", "code"), POISON, ids=[row[0] for row in POISON])
def test_a_record_that_a_view_cannot_take_is_parked_and_the_others_go_on(why: str, payload: Any, code: str) -> None:
    good = [["add", "p", {"n": 1}]]
    records = entries([good, payload, good])
    memory = MemoryViews([TOY, Idle()])
    runner = Runner(ListSource(records), memory, [TOY, Idle()])
    assert runner.catch_up() == 3
    assert held(memory) == [("p", 2, None, None)]
    assert parked(memory, "toy") == [(1, code)]
    assert parked(memory, "idle") == []
    assert reflects(memory, "toy") == reflects(memory, "idle") == 3
    for _ in range(2):  # each generation once
        runner.rebuild("toy")
        assert parked(memory, "toy") == [(1, code)]


def test_a_view_sees_only_the_kinds_it_wants() -> None:
    toy = Toy(KINDS=frozenset({"toy/1"}))
    good = {"changes": [["add", "p", {"n": 1}]]}
    records = [entry(0, STREAM, "toy/1", good), entry(1, STREAM, "toy/2", good), entry(2, STREAM, "toy/1", good)]
    memory = MemoryViews([toy])
    Runner(ListSource(records), memory, [toy]).catch_up()
    assert held(memory) == [("p", 2, None, None)]
    assert reflects(memory, "toy") == 3


def test_a_new_view_catches_up_and_then_shares_the_transactions() -> None:
    records = entries([[["add", "p", {"n": 1}]]] * 10)
    source, memory = ListSource(records[:6]), MemoryViews([TOY, Idle()])
    Runner(source, memory, [TOY]).catch_up()
    source.records = records
    both = Runner(source, memory, [TOY, Idle()], batch_records_max=100)
    assert [both.step(), both.step(), both.step()] == [6, 4, 0]
    assert reflects(memory, "toy") == reflects(memory, "idle") == 10
    assert held(memory) == [("p", 10, None, None)]


def test_a_new_version_of_a_fold_rebuilds_and_an_old_one_keeps_its_hands_off() -> None:
    records = entries([[["add", "p", {"n": 1}]]] * 3)
    source, memory = ListSource(records), MemoryViews([TOY])
    Runner(source, memory, [TOY]).catch_up()
    new = Runner(source, memory, [Toy(VERSION=2)])
    assert new.stale() == ["toy"]
    assert new.step() == 0
    new.catch_up()
    assert new.stale() == []
    assert held(memory) == naive(records)
    source.records = entries([[["add", "p", {"n": 1}]]] * 4)
    assert Runner(source, memory, [TOY]).catch_up() == 0
    assert reflects(memory, "toy") == 3


def test_views_of_a_longer_log_are_rebuilt_when_the_log_was_restored() -> None:
    records = entries([[["add", "p", {"n": 1}]]] * 5)
    memory = MemoryViews([TOY])
    Runner(ListSource(records), memory, [TOY]).catch_up()
    Runner(ListSource(records[:2]), memory, [TOY]).catch_up()
    assert reflects(memory, "toy") == 2
    assert held(memory) == naive(records[:2])


def test_tails_the_log_in_its_thread() -> None:
    records = entries([[["add", "p", {"n": 1}]]] * 4)
    source, memory = ListSource(records), MemoryViews([TOY])
    source.visible = 0
    with Runner(source, memory, [TOY], poll_seconds=60) as runner:
        for visible in (1, 4):
            source.visible = visible
            runner.wait_for(visible, timeout_seconds=20)
            assert reflects(memory, "toy") == visible
        with pytest.raises(ViewBehind):
            runner.wait_for(5, timeout_seconds=0.01)
    assert source.reads < 100  # it slept in between


def test_tails_on_when_the_store_was_away_and_names_what_ended_it() -> None:
    records = entries([[["add", "p", {"n": 1}]]] * 2)
    memory = MemoryViews([TOY])
    engine = FaultyViews(memory, before=[0], after=[1])
    with Runner(ListSource(records), engine, [TOY], batch_records_max=1, poll_seconds=0.01) as runner:
        runner.wait_for(2, timeout_seconds=20)
    assert held(memory) == naive(records)
    with Runner(ListSource(records), memory, [Toy(NAME="absent")]) as broken, pytest.raises(ViewUnknown):
        broken.wait_for(1, timeout_seconds=20)


def test_unknown_views_are_refused() -> None:
    memory = MemoryViews([TOY])
    with pytest.raises(ViewUnknown):
        reflects(memory, "absent")
    with pytest.raises(ViewUnknown):
        Runner(ListSource(), memory, [TOY]).rebuild("absent")
    with pytest.raises(ViewUnknown):
        Runner(ListSource(), memory, [Idle()]).step()
