"""Goal: whatever a record rests on is found from it, and it from what it rests on, in every kind there is or will be.

Method: each kind's EXAMPLE against what its model reads; small logs read from both ends, also across two people.
"""

from __future__ import annotations

from uuid import UUID

import pytest

from ledger.logged import payload_of
from ledger.records import ACT_KINDS, KINDS, parse_record
from projections import archive as view
from projections._links import Cited, Links, citations
from projections._standing import instant_seconds
from projections.archive import archive, links
from tests.support.examples import ANN, BEN, BODY, Log
from tests.support.past import build

NOW = instant_seconds("2026-11-21T12:00:00+08:00")
A, B, C = ("a" * 64, "b" * 64, "c" * 64)

PAYLOADS = [
    ("nothing", {"iss": "x", "hash": A}, []),
    ("one at the top", {"basis": {"record": A}}, [A]),
    ("a list of them", {"basis": [{"record": A}, {"record": B}]}, [A, B]),
    ("deep inside", {"a": {"b": [{"c": {"record": A, "name": "x"}}]}}, [A]),
    ("twice", {"a": {"record": A}, "b": {"record": A}}, [A]),
    ("in another log too", {"target": {"log": "other.example/log", "record": A}}, [A]),
    ("no record id", {"a": {"record": "A" * 64}, "b": {"record": A[1:]}, "c": {"record": 1}, "d": {"record": [A]}}, []),
]


@pytest.mark.parametrize(("payload", "cited"), [row[1:] for row in PAYLOADS], ids=[row[0] for row in PAYLOADS])
def test_what_a_payload_cites(payload: dict[str, object], cited: list[str]) -> None:
    assert sorted(citations(payload)) == sorted(cited)


@pytest.mark.parametrize("name", sorted(KINDS.keys() - ACT_KINDS))
def test_every_kind_cites_what_its_rule_reads(name: str) -> None:
    envelope = build(name)
    assert set(parse_record(envelope).reads()) <= set(citations(payload_of(envelope.leaf)))


def read(log: Log, *subjects: UUID) -> Links:
    """The links of a worker's archive; of Ann's where nobody is named."""
    subject, *others = subjects or (ANN,)
    engine = log.fold(view)
    return links(engine, archive(engine, subject, *others, as_of_seconds=NOW))


def test_links_are_found_from_both_ends() -> None:
    log = Log()
    first = log.add("employment-attested").record_id
    second = log.add("direct-recognition", evidence=[first]).record_id
    third = log.level(ANN, 4, basis="DIRECT_OUTSTANDING", evidence=[second, first])
    found = read(log)
    assert {key: {one.record_id for one in ends} for key, ends in found.rests_on.items()} == {
        second: {first},
        third: {first, second},
    }
    assert {key: {one.record_id for one in ends} for key, ends in found.cited_by.items()} == {
        first: {second, third},
        second: {third},
    }
    assert Cited(second, "direct-recognition/1") in found.rests_on[third]
    assert Cited(third, "skill-certificate/2") in found.cited_by[second]


def test_a_record_of_nobody_is_told_by_id_and_kind() -> None:
    log = Log()
    contest = log.add("contest-registered", BODY).record_id
    won = log.add("contest-result", ANN, contest_record=contest).record_id
    found = read(log)
    assert found.rests_on == {won: (Cited(contest, "contest-registered/1"),)}
    assert found.cited_by == {}


def test_a_link_between_two_people_tells_id_and_kind_and_no_more() -> None:
    log = Log()
    theirs = log.add("contest-result", BEN, contest_record=A).record_id
    mine = log.add("benefit-basis", ANN, benefit="mentor-reward", records=[theirs]).record_id
    log.add("benefit-basis", BEN, records=[theirs])
    engine = log.fold(view)
    mentor, apprentice = (links(engine, archive(engine, who, as_of_seconds=NOW)) for who in (ANN, BEN))
    assert mentor.rests_on == {mine: (Cited(theirs, "contest-result/1"),)}
    assert mentor.cited_by == {}, "what else rests on another person's record is not told"
    assert Cited(mine, "benefit-basis/1") in apprentice.cited_by[theirs]


def test_a_record_that_the_log_does_not_hold_has_no_kind() -> None:
    log = Log()
    result = log.add("contest-result", ANN, contest_record=A).record_id
    found = read(log)
    assert found.rests_on == {result: (Cited(A, None),)}


def test_acts_are_history_and_no_links() -> None:
    log = Log()
    held = log.level(ANN, 4)
    log.add("revocation", target_record=held)
    engine = log.fold(view)
    found = archive(engine, ANN, as_of_seconds=NOW)
    assert links(engine, found) == Links({}, {})
    assert len(found.items[0].history) == 1


def test_two_merged_archives_are_linked_as_one() -> None:
    log = Log()
    first = log.add("employment-attested", BEN).record_id
    second = log.add("direct-recognition", ANN, evidence=[first]).record_id
    found = read(log, ANN, BEN)
    assert found.rests_on == {second: (Cited(first, "employment-attested/1"),)}
    assert found.cited_by == {first: (Cited(second, "direct-recognition/1"),)}
