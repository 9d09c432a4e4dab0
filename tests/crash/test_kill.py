"""Goal: kill -9 at any step of an append loses no acknowledged record and leaves no half.

Method: for each kill point (step, before or after it, at its n-th call) a forked child appends from four threads until it
dies. Then the real start-up code opens the store, and everything acknowledged must be there once, with the bytes and
the index that were acknowledged; what was not acknowledged is submitted again and ends in exactly one record. At the
end the audit derives the whole store again. The planted bug, an acknowledgement before the commit, must be caught.

SIGKILL says nothing about power loss.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from ledger.opening import open_ledger
from tests.crash.killing import STEPS, run_child
from tests.support.world import INSTITUTIONS, World

RECORDS_PER_KILL = 10
AUDIT_EVERY = 100


def kill_points(seed: int) -> Iterator[tuple[str, int, bool]]:
    """Step, call and side of each kill, without end: every step on both sides in turn, the call by chance."""
    chance = random.Random(seed)
    for number in itertools.count():
        step = STEPS[number % len(STEPS)][0]
        yield step, 1 if step == "publish" else chance.randint(1, 3), number // len(STEPS) % 2 == 1


def check_survivors(world: World, acknowledged: list[tuple[str, int]], by_id: dict[str, bytes]) -> None:
    """Opens the store as a start does; everything acknowledged is there, as it was acknowledged."""
    world.ledger = open_ledger(world.url, environ=world.environ, clock=world.clock)
    for record_id, index in acknowledged:
        logged = world.ledger.record(record_id)
        assert logged.index == index, f"{record_id}: acknowledged at {index}, found at {logged.index}"
        assert world.ledger.envelope(logged) == by_id[record_id]


def certificate(world: World, serial: int) -> bytes:
    """A certificate with a status entry of its own: thousands of random draws would meet."""
    centre = INSTITUTIONS["centre"]
    place = {"base": world.ledger.base_url, "uscc": centre.uscc, "list": 1, "index": serial}
    return world.sign(person=serial % 900, serial=serial + 1, status=place)


def record_id_of(envelope: bytes) -> str:
    """The record id of an envelope."""
    from ledger.wire.envelope import parse_envelope

    return parse_envelope(envelope).record_id


@pytest.mark.serial
def test_no_acknowledged_record_is_lost(
    world: World, seed: int, long_run: bool, record_property: Callable[[str, object], None]
) -> None:
    """504 kills on each engine in the long run, two for each step in the short one.

    A child that ends before its step comes for the n-th time (commits gather records) counts as no kill.
    """
    count = 504 if long_run else 2 * len(STEPS)
    killed_at: Counter[str] = Counter()
    acknowledged_total = serial = 0
    for number, (step, at_call, after) in enumerate(kill_points(seed)):
        if killed_at.total() >= count:
            break
        assert number < 2 * count, f"too few kills: {killed_at}"
        envelopes = [certificate(world, serial + n) for n in range(RECORDS_PER_KILL)]
        serial += RECORDS_PER_KILL
        by_id = {record_id_of(envelope): envelope for envelope in envelopes}
        world.close()
        acknowledged, was_killed = run_child(world, envelopes, step=step, at_call=at_call, after=after)
        killed_at[step] += was_killed
        acknowledged_total += len(acknowledged)
        check_survivors(world, acknowledged, by_id)
        for envelope in envelopes:
            world.submit(envelope)
        assert world.ledger.size() == world.first_size + serial, f"after {step}: a half or a double record"
        if number % AUDIT_EVERY == AUDIT_EVERY - 1:
            assert not world.audit().findings
    world.check_everything()
    told = f"{killed_at.total()} kills, {acknowledged_total} records acknowledged by children, 0 lost, seed {seed}"
    record_property("kills", told)
    assert min(killed_at[step] for step, *_ in STEPS) >= count // len(STEPS) // 2, killed_at


@pytest.mark.serial
@pytest.mark.parametrize("step", ["decide", "write"])
def test_planted_bug_acknowledged_before_the_commit(world: World, step: str) -> None:
    """The harness sees the bug it looks for: an acknowledgement that comes before the commit."""
    envelopes = [world.sign(person=n, serial=n + 1) for n in range(RECORDS_PER_KILL)]
    by_id = {record_id_of(envelope): envelope for envelope in envelopes}
    world.close()
    acknowledged, was_killed = run_child(world, envelopes, step=step, at_call=2, after=False, plant="acknowledge-first")
    assert was_killed
    with pytest.raises(Exception, match=r"no record has this id|acknowledged at"):
        check_survivors(world, acknowledged, by_id)
