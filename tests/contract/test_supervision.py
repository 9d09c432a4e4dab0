"""Goal: supervision takes hold at the next index and not before, cases are decided once, and what a worker asks for is
answered, on both engines.

Method: real records through a real ledger, several in one commit where the order matters; the audit after each story.
"""

from __future__ import annotations

from typing import Any

import pytest

from ledger.errors import LedgerError
from ledger.registry import Institution
from tests.support.world import AUTHORITY, INSTITUTIONS, Party, World, refused_code

CENTRE, SCHOOL = INSTITUTIONS["centre"], INSTITUTIONS["school"]


def committed(world: World, jobs: list[bytes]) -> list[str]:
    """`ok` or the code of the refusal of each job, all committed together."""
    answers = world.ledger._commit(jobs)
    for job, answer in zip(jobs, answers, strict=True):
        if isinstance(answer, list):
            world.accepted[answer[0].record_id] = (job, answer[0].index)
    return [answer.code if isinstance(answer, LedgerError) else "ok" for answer in answers]


def service(world: World) -> Party:
    """The service itself, which signs what workers do."""
    signer = world.ledger.service_signer
    assert signer is not None
    return Party("service", AUTHORITY.uscc, world.ledger.options.service_issuer, signer)


def submitted(world: World, kind: str, **claims: Any) -> str:
    """The record id of an accepted record."""
    return world.submit(world.sign(kind, **claims)).record_id


def award(world: World, person: int, **changes: Any) -> bytes:
    """An award of the centre with a number of its own, decided a few days ago."""
    return world.sign("award", person=person, serial=person, **{"decided_on": "2026-05-20", **changes})


def subject_of(world: World, person: int) -> str:
    return str(world.ledger.find_subject(world.person(person)["document_number"]))


# -- ratings -----------------------------------------------------------------------------------------------------------


def check_ratings(world: World) -> None:
    """Certificates around two ratings, in one commit with them."""

    def rating(stars: int, barred: list[str] | None) -> bytes:
        return world.sign("star-rating", by="authority", uscc=CENTRE.uscc, stars=stars, barred_kinds=barred)

    def standing() -> list[str]:
        registry = world.ledger.registry()
        index = world.ledger.size()
        return sorted(registry.institution(CENTRE.uscc).barred_at(index))

    before = submitted(world, "skill-certificate", person=1, serial=1)
    answers = committed(
        world,
        [
            world.sign(person=2, serial=2),
            rating(1, ["skill-certificate"]),
            world.sign(person=3, serial=3),
            award(world, 3),
            world.sign(by="school", person=4, serial=4),
            world.sign("revocation", target_record=before, action="suspend"),
        ],
    )
    assert answers == ["ok", "ok", "issuer-suspended", "ok", "ok", "ok"]
    assert standing() == ["skill-certificate"]
    world.reopen()
    assert refused_code(world, world.sign(person=3, serial=3)) == "issuer-suspended"
    answers = committed(
        world,
        [
            world.sign(person=3, serial=3),
            rating(2, ["award"]),
            world.sign(person=3, serial=3),
            award(world, 5),
            rating(4, None),
            award(world, 5),
        ],
    )
    assert answers == ["issuer-suspended", "ok", "ok", "issuer-suspended", "ok", "ok"]
    assert [stars for _, stars, _ in world.ledger.registry().institution(CENTRE.uscc).ratings] == [1, 2, 4]
    assert standing() == []
    world.check_everything()


def test_a_rating_bars_from_the_next_index_on_until_the_next_rating(world: World) -> None:
    check_ratings(world)


def test_planted_bug_ratings_bar_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Institution, "barred_at", lambda _body, _index: frozenset())
    with pytest.raises(AssertionError):
        check_ratings(world)


def test_records_before_a_rating_stay(world: World) -> None:
    earlier = submitted(world, "skill-certificate", person=1, serial=1)
    held = world.ledger.envelope(world.ledger.record(earlier))
    submitted(world, "star-rating", by="authority", stars=1, barred_kinds=["skill-certificate", "award"])
    assert world.ledger.envelope(world.ledger.record(earlier)) == held
    assert [one.kind for one in world.ledger.stream(world.ledger.record(earlier).stream)] == [
        world.ledger.record(earlier).kind
    ]
    again = world.ledger.submit(held)
    assert again.already_held, "what is held gets its first answer, whatever the rating says"
    world.check_everything()


def test_rating_is_delegated_by_region_and_not_for_oneself(world: World) -> None:
    by_school = world.sign("star-rating", by="school", uscc=CENTRE.uscc)
    assert refused_code(world, by_school) == "key-not-authorised"
    delegated = {"uscc": SCHOOL.uscc, "kinds": ["star-rating", "supervision-decided", "inspection-finding"]}
    submitted(world, "authority-delegated", by="authority", **delegated, regions=["3205"])
    assert refused_code(world, by_school) == "outside-delegation"
    submitted(world, "authority-delegated", by="authority", **delegated, regions=["3201"])
    own = world.sign("star-rating", by="school", uscc=SCHOOL.uscc, stars=5, barred_kinds=None)
    assert refused_code(world, own) == "outside-delegation"
    world.submit(by_school)
    finding = submitted(world, "inspection-finding", by="school", uscc=CENTRE.uscc)
    submitted(world, "supervision-decided", by="school", uscc=CENTRE.uscc, case=finding)
    world.check_everything()


# -- cases -------------------------------------------------------------------------------------------------------------


def test_a_complaint_is_decided_once_appealed_against_and_decided_again(world: World) -> None:
    certificate = submitted(world, "skill-certificate", person=1, serial=1)
    subject = subject_of(world, 1)
    worker = {"by": service(world), "subject_id": subject, "authenticated_by": "oidc"}
    about = {**worker, "uscc": CENTRE.uscc}
    assert refused_code(world, world.sign("complaint", **about, record="0" * 64)) == "evidence-missing"
    assert refused_code(world, world.sign("complaint", **{**about, "uscc": SCHOOL.uscc}, record=certificate)) == (
        "rule-broken"
    )
    stranger = world.sign("complaint", **{**about, "subject_id": "4f0c2f6e-7a51-4c0b-9d3e-6b1f0a3f6a01"})
    assert refused_code(world, stranger) == "subject-unknown"
    complaint = submitted(world, "complaint", **about, record=certificate)
    assert refused_code(world, world.sign("supervision-decided", case=complaint)) == "key-not-authorised"
    decision = submitted(world, "supervision-decided", by="authority", case=complaint)
    assert refused_code(world, world.sign("supervision-decided", by="authority", case=complaint)) == "number-used"
    appeal = submitted(world, "appeal", **about, against=decision, grounds="measure-excessive")
    assert refused_code(world, world.sign("appeal", **about, against=decision)) == "rule-broken"
    by_centre = submitted(world, "appeal", by="centre", uscc=CENTRE.uscc, against=decision)
    for case in (appeal, by_centre):
        submitted(world, "supervision-decided", by="authority", case=case)
    beside = {str(world.ledger.record(one).stream) for one in (complaint, decision, appeal, by_centre)}
    assert beside == {subject}, "all that belongs to the worker's complaint is sealed with the worker"
    world.check_everything()


def test_an_institution_appeals_against_its_rating(world: World) -> None:
    rating = submitted(world, "star-rating", by="authority", barred_kinds=["skill-certificate", "award"])
    assert refused_code(world, world.sign("appeal", by="school", uscc=SCHOOL.uscc, against=rating)) == "rule-broken"
    appeal = submitted(world, "appeal", against=rating)
    lifted = {"outcome": "upheld", "measures": ["decision-lifted"], "rectify_by": None}
    submitted(world, "supervision-decided", by="authority", case=appeal, **lifted)
    assert world.ledger.record(appeal).stream == world.ledger.record(rating).stream
    world.check_everything()


def test_a_merged_workers_appeal_goes_to_the_one_archive(world: World) -> None:
    kept, other = world.person(1), world.person(2)
    submitted(world, "skill-certificate", person=1, serial=1)
    contested = submitted(world, "skill-certificate", person=2, serial=2)
    merged = {"other_name": other["holder_name"], "other_number": other["document_number"]}
    submitted(world, "subjects-merged", by="authority", happened_on="2026-05-28", **kept, **merged)
    old_stream = world.ledger.record(contested).stream
    worker = {"by": service(world), "subject_id": str(old_stream), "authenticated_by": "card"}
    appeal = submitted(world, "appeal", **worker, uscc=CENTRE.uscc, against=contested)
    assert str(world.ledger.record(appeal).stream) == subject_of(world, 1) != str(old_stream)
    submitted(world, "supervision-decided", by="authority", case=appeal)
    world.check_everything()


# -- corrections and consents ------------------------------------------------------------------------------------------


def test_a_correction_is_asked_for_made_and_answered_in_one_group(world: World) -> None:
    wrong, foreign = (world.submit(award(world, person)).record_id for person in (1, 2))
    worker = {"by": service(world), "subject_id": subject_of(world, 1)}
    asked = {**worker, "fields": ["decided_on"], "old_values": None, "new_values": None}
    assert refused_code(world, world.sign("correction-requested", **asked, record=foreign)) == "evidence-missing"
    by_centre = world.sign("correction-requested", **{**asked, "by": "centre"}, record=wrong)
    assert refused_code(world, by_centre) == "key-not-authorised"
    request = submitted(world, "correction-requested", **asked, record=wrong)
    answer: dict[str, Any] = {"request": request, "record": wrong, "outcome": "granted", "reason": "error-confirmed"}
    assert refused_code(world, world.sign("correction-decided", by="school", **answer)) == "target-foreign"
    group = "urn:uuid:7d7b5e30-56b6-4b0e-8c2d-1b1f0a3f6a01"
    new = award(world, 1, decided_on="2026-05-21", group=group)
    new_id = record_id_of(new)
    correction = world.sign("correction", target_record=wrong, replacement_record=new_id, group=group)
    decided = world.sign("correction-decided", **answer, correction=record_id_of(correction), group=group)
    receipts = world.submit_group([new, correction, decided])
    assert {str(world.ledger.record(one.record_id).stream) for one in receipts} == {subject_of(world, 1)}
    again = world.sign("correction-decided", by="authority", **{**answer, "outcome": "refused"})
    assert refused_code(world, again) == "number-used"
    world.check_everything()


def test_a_consent_is_withdrawn_by_its_giver_once(world: World) -> None:
    for person in (1, 2):
        submitted(world, "skill-certificate", person=person, serial=person)
    worker, other = ({"by": service(world), "subject_id": subject_of(world, person)} for person in (1, 2))
    consent = submitted(world, "consent-given", **worker)
    assert refused_code(world, world.sign("consent-withdrawn", **other, consent=consent)) == "evidence-missing"
    submitted(world, "consent-withdrawn", **worker, consent=consent)
    assert refused_code(world, world.sign("consent-withdrawn", **worker, consent=consent)) == "rule-broken"
    by_centre = world.sign("consent-given", **{**worker, "by": "centre"})
    assert refused_code(world, by_centre) == "key-not-authorised"
    world.check_everything()


# -- carriers ----------------------------------------------------------------------------------------------------------


def test_a_carrier_has_one_number_and_lives_with_its_owner(world: World) -> None:
    assert refused_code(world, world.sign("carrier-registered")) == "rule-broken"
    carrier = submitted(world, "carrier-registered", by="authority")
    same_number = world.sign("carrier-registered", by="authority", uscc=SCHOOL.uscc, partners=None)
    assert refused_code(world, same_number) == "number-used"
    submitted(world, "carrier-graded", by="authority", carrier=carrier)
    assert refused_code(world, world.sign("carrier-graded", by="authority", carrier=carrier)) == "rule-broken"
    submitted(world, "carrier-led", person=1, carrier=carrier)
    submitted(world, "carrier-led", by="school", person=2, carrier=carrier)
    ended = submitted(world, "carrier-ended", by="authority", carrier=carrier, happened_on="2026-05-27")
    late = world.sign("carrier-graded", by="authority", carrier=carrier, grade="national", happened_on="2026-05-28")
    assert refused_code(world, late) == "rule-broken"
    assert world.ledger.record(ended).stream == world.ledger.record(carrier).stream
    world.check_everything()


def record_id_of(envelope: bytes) -> str:
    from ledger.wire.envelope import parse_envelope

    return parse_envelope(envelope).record_id
