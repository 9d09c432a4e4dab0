"""Goal: what the committing thread admits itself ends as if each record had been submitted alone, one after the other.

Method: whole batches through `Ledger._commit`, on both engines, with bad records in every place; the guards are taken
away one by one, and the same test body must then fail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from ledger import admission, errors, service
from ledger.receipts import Receipt
from tests.support.world import INSTITUTIONS, World, seeded_signer

COUNT = 21
CENTRE = INSTITUTIONS["centre"]


def committed(world: World, jobs: list[bytes]) -> list[str]:
    """The record id or the code of the refusal of each job, all committed together."""
    answers = world.ledger._commit(jobs)
    for job, answer in zip(jobs, answers, strict=True):
        if isinstance(answer, list):
            world.accepted[answer[0].record_id] = (job, answer[0].index)
    return [answer.code if isinstance(answer, errors.LedgerError) else answer[0].record_id for answer in answers]


def with_false_signature(envelope: bytes) -> bytes:
    """The record with one bit of its signature flipped, still in its one spelling."""
    leaf, rest = envelope.split(b"~", 1)
    place = leaf.rindex(b".") + 9
    return leaf[:place] + (b"B" if leaf[place : place + 1] != b"B" else b"C") + leaf[place + 1 :] + b"~" + rest


def check_false_signatures(world: World) -> None:
    """Every third record is false; each answer must be that of its own record."""
    world.ledger._admission._threads = 4
    good = [world.sign(person=n, serial=n + 1) for n in range(COUNT)]
    jobs = [with_false_signature(one) if n % 3 == 1 else one for n, one in enumerate(good)]
    answers = committed(world, jobs)
    assert [answer == "bad-signature" for answer in answers] == [n % 3 == 1 for n in range(COUNT)]
    assert len({*answers}) == 1 + COUNT - COUNT // 3
    world.check_everything()


def test_signatures_checked_side_by_side_belong_to_their_records(world: World) -> None:
    check_false_signatures(world)


@pytest.mark.parametrize(
    "bug",
    [
        lambda many: [one.admitted for one in many],  # signatures not checked
        lambda many: list(reversed([admission.or_refusal(admission.verify, one) for one in many])),  # answers swapped
    ],
    ids=["unchecked", "swapped"],
)
def test_planted_bug_in_the_shares(world: World, monkeypatch: pytest.MonkeyPatch, bug: Callable) -> None:
    monkeypatch.setattr(admission, "_verify_all", bug)
    with pytest.raises(AssertionError):
        check_false_signatures(world)


def check_key_that_came_before(world: World) -> None:
    """A key and what it signs, in one commit, with others around them."""
    signer = seeded_signer("a new key of the centre")
    jobs = [
        world.sign(person=1, serial=1, signer=signer),
        world.sign(person=2, serial=2),
        world.key_registration(CENTRE.issuer, signer),
        world.sign(person=3, serial=3, signer=signer),
        world.sign(person=4, serial=4, signer=seeded_signer("a key that nobody registers")),
        world.sign(person=5, serial=5, signer=signer),
    ]
    answers = committed(world, jobs)
    refused = {n: answer for n, answer in enumerate(answers) if len(answer) != 64}
    assert refused == {0: "key-unknown", 4: "key-unknown"}
    world.check_everything()


def test_a_key_speaks_for_what_comes_after_it_in_the_same_commit(world: World) -> None:
    check_key_that_came_before(world)


def test_planted_bug_keys_of_the_same_commit_are_not_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_may_register", lambda _: False)
    with pytest.raises(AssertionError):
        check_key_that_came_before(world)


def test_a_batch_and_one_by_one_end_the_same(world: World) -> None:
    """Codes and order do not depend on how the records were handed in."""
    envelopes = [world.sign(person=n, serial=n + 1) for n in range(6)]
    mixed = [*envelopes[:3], envelopes[1], b"not an envelope", with_false_signature(envelopes[3]), *envelopes[4:]]
    together = world.ledger.submit_many(mixed)
    codes = [one.code if isinstance(one, errors.Refused) else one.index - world.first_size for one in together]
    assert codes == [0, 1, 2, 1, "malformed", "bad-signature", 3, 4]
    for envelope, one in zip(mixed, together, strict=True):
        if isinstance(one, Receipt):
            world.accepted[one.record_id] = (envelope, one.index)
            assert world.ledger.submit(envelope).index == one.index
    world.check_everything()


def test_growth_is_noticed(world: World) -> None:
    """PostgreSQL tells of a commit at once; elsewhere the timeout does."""
    timeout_seconds = 60.0 if world.url.startswith("postgresql") else 0.05
    growth = world.ledger._store.recorder.growth(timeout_seconds=timeout_seconds)
    next(growth)
    world.submit(world.sign(person=1, serial=1))
    next(growth)
    assert world.ledger.size() == world.first_size + 1


@pytest.mark.parametrize("place", ["parse_envelope", "propose", "decide"])
def test_a_defect_costs_one_record_and_no_other(world: World, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """An exception that nobody foresaw is told as such, quotes nothing, and the next record is appended."""
    jobs = [world.sign(person=n, serial=n + 1) for n in range(3)]
    holder: Any = admission if place == "parse_envelope" else world.ledger._decider
    real = getattr(holder, place)
    calls = iter(range(100))

    def defective(*given: Any) -> Any:
        if next(calls) == 1:
            raise ZeroDivisionError("quotes a name")
        return real(*given)

    monkeypatch.setattr(holder, place, defective)
    answers = committed(world, jobs)
    assert [answer == "internal" for answer in answers] == [False, True, False]
    monkeypatch.undo()
    world.submit(jobs[1])
    world.check_everything()


def test_a_connection_lost_while_deciding_is_tried_again(
    postgres_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database's failure is no fault of a record: it may not be answered as one, and the next try appends it."""
    world = postgres_world
    job = world.sign(person=1, serial=1)
    real = world.ledger._decider.decide
    calls = iter(range(100))

    def lost_once(*given: Any) -> Any:
        if next(calls) == 0:
            raise psycopg.OperationalError("the connection is closed")
        return real(*given)

    monkeypatch.setattr(world.ledger._decider, "decide", lost_once)
    assert len(committed(world, [job])[0]) == 64
    world.check_everything()
