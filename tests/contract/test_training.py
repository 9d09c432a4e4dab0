"""Goal: classes and subsidies hold under the append lock: numbers and grants are taken once, whatever comes at once.

Method: the real ledger on both engines; what is refused leaves nothing behind.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ledger.errors import LedgerError
from ledger.receipts import Receipt
from ledger.wire.envelope import parse_envelope
from tests.support.world import INSTITUTIONS, World, refused_code

CLASS = {"happened_on": "2026-05-15", "started_on": "2026-05-18", "ended_on": "2026-05-27"}
TRAINED = {"started_on": "2026-05-18", "ended_on": "2026-05-27", "issued_on": "2026-05-28"}
WEEK = "2026-05-18"
EVIDENCE = ["ab" * 32]


def opened(world: World, **changes: Any) -> str:
    return world.submit(world.sign("class-opened", **CLASS, **changes)).record_id


def enrolment(world: World, class_record: str, person: int = 1, **changes: Any) -> bytes:
    return world.sign("enrolment", person=person, class_record=class_record, happened_on=WEEK, **changes)


def result(world: World, class_record: str, person: int = 1, serial: int = 1, **changes: Any) -> bytes:
    claims = {"class_record": class_record, "late": None, "attendance_hashes": EVIDENCE, **TRAINED, **changes}
    number = f"PX-2026-{serial:04d}"
    return world.sign("training-completion", person=person, certificate_number=number, **claims)


def test_a_class_from_its_opening_to_the_result(world: World) -> None:
    class_record = opened(world)
    enrolled = world.submit(enrolment(world, class_record)).record_id
    world.submit(enrolment(world, class_record, person=2))
    done = world.submit(result(world, class_record, enrolment_record=enrolled))
    assert done.code is not None
    assert refused_code(world, enrolment(world, class_record)) == "rule-broken"
    assert refused_code(world, result(world, class_record, serial=2)) == "rule-broken"
    assert refused_code(world, result(world, class_record, person=2, enrolment_record=enrolled)) == "evidence-missing"
    world.check_everything()


def test_a_class_number_is_taken_once_in_an_institution(world: World) -> None:
    class_record = opened(world)
    assert refused_code(world, world.sign("class-opened", **CLASS)) == "number-used"
    opened(world, by="school")
    world.submit(world.sign("class-voided", class_record=class_record))
    assert refused_code(world, world.sign("class-opened", **CLASS)) == "number-used", "a voided class keeps its number"
    world.check_everything()


def test_classes_are_opened_by_who_may_complete_them(world: World) -> None:
    held = world.ledger.registry().accreditations[INSTITUTIONS["centre"].uscc]
    for one in held:
        claims = {"uscc": INSTITUTIONS["centre"].uscc, "accreditation": one.uid}
        world.submit(world.sign("accreditation-ended", by="authority", **claims))
    assert refused_code(world, world.sign("class-opened", **CLASS)) == "not-accredited"
    world.check_everything()


def test_what_cites_a_voided_class_is_refused(world: World) -> None:
    class_record = opened(world)
    world.submit(enrolment(world, class_record))
    late, done = enrolment(world, class_record, person=2), result(world, class_record)
    assert refused_code(world, world.sign("class-voided", by="school", class_record=class_record)) == "target-foreign"
    voided = world.submit(world.sign("class-voided", class_record=class_record))
    assert refused_code(world, late) == "evidence-missing"
    assert refused_code(world, done) == "evidence-missing"
    assert refused_code(world, world.sign("class-voided", class_record=class_record)) == "rule-broken"
    held = world.ledger.record(voided.record_id)
    assert held.stream == world.ledger.record(class_record).stream
    world.check_everything()


def test_the_authority_voids_a_class(world: World) -> None:
    class_record = opened(world)
    world.submit(world.sign("class-voided", by="authority", class_record=class_record))
    assert refused_code(world, enrolment(world, class_record)) == "evidence-missing"
    world.check_everything()


def test_a_corrected_result_takes_the_place_of_the_first(world: World) -> None:
    class_record = opened(world)
    first = world.submit(result(world, class_record)).record_id
    group = "urn:uuid:66c0a3de-2f0b-4c7a-9d55-0f4e8b1a7c21"
    new = result(world, class_record, scores={"theory": "90"}, group=group)
    correction = world.sign("correction", target_record=first, replacement_record=id_of(new), group=group)
    assert refused_code(world, new) == "rule-broken"
    world.submit_group([new, correction])
    world.check_everything()


def id_of(envelope: bytes) -> str:
    return parse_envelope(envelope).record_id


# Subsidies


def claim(world: World, qualifying: str, number: int, person: int = 1, by: str = "centre") -> bytes:
    return world.sign(
        "subsidy-claimed", by=by, person=person, qualifying_record=qualifying, claim_number=f"BT-2026-{number:06d}"
    )


def decision(world: World, claimed: str, qualifying: str, **changes: Any) -> bytes:
    claims = {"claim_record": claimed, "qualifying_record": qualifying, **changes}
    return world.sign("subsidy-decided", by="authority", person=1, **claims)


@pytest.fixture
def training(world: World) -> str:
    return world.submit(world.sign("training-completion", person=1, serial=1)).record_id


def test_one_subsidy_after_the_other(world: World, training: str) -> None:
    first = world.submit(claim(world, training, 1)).record_id
    assert refused_code(world, claim(world, training, 2)) == "subsidy-taken"
    assert refused_code(world, claim(world, training, 2, by="school")) == "subsidy-taken"
    refusal = {"decision": "refused", "reason": "not-in-catalogue", "payment_reference": None}
    world.submit(decision(world, first, training, **refusal))
    assert refused_code(world, claim(world, training, 1)) == "number-used"
    second = world.submit(claim(world, training, 2)).record_id
    world.submit(decision(world, second, training))
    assert refused_code(world, claim(world, training, 3)) == "subsidy-taken"
    world.check_everything()


@pytest.mark.parametrize("together", [True, False], ids=["in one commit", "from two threads"])
def test_two_subsidies_at_once(world: World, training: str, together: bool) -> None:
    """Two institutions claim for one training; neither could know of the other."""
    jobs = [claim(world, training, 1), claim(world, training, 2, by="school")]
    if together:
        answers = [one if isinstance(one, LedgerError) else one[0] for one in world.ledger._commit(jobs)]
    else:
        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(lambda job: submitted(world, job), jobs))
    kept = [(job, one) for job, one in zip(jobs, answers, strict=True) if isinstance(one, Receipt)]
    assert [one.code for one in answers if isinstance(one, LedgerError)] == ["subsidy-taken"]
    assert len(kept) == 1
    world.accepted[kept[0][1].record_id] = (kept[0][0], kept[0][1].index)
    world.check_everything()


def submitted(world: World, job: bytes) -> Receipt | LedgerError:
    try:
        return world.ledger.submit(job)
    except LedgerError as refused:
        return refused


def test_a_revoked_grant_makes_no_room_for_another(world: World, training: str) -> None:
    claimed = world.submit(claim(world, training, 1)).record_id
    granted = world.submit(decision(world, claimed, training)).record_id
    assert refused_code(world, decision(world, claimed, training)) == "rule-broken"
    world.submit(world.sign("revocation", by="authority", target_record=granted))
    assert refused_code(world, decision(world, claimed, training)) == "subsidy-taken"
    assert refused_code(world, claim(world, training, 2)) == "subsidy-taken"
    world.check_everything()


def test_institutions_decide_only_as_government_bodies(world: World, training: str) -> None:
    claimed = world.submit(claim(world, training, 1)).record_id
    claims = {"claim_record": claimed, "qualifying_record": training}
    assert refused_code(world, world.sign("subsidy-decided", person=1, **claims)) == "rule-broken"
    world.check_everything()
