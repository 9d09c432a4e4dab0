"""Goal: every kind of certificate and decision can be corrected, suspended, reinstated and revoked, a number is used once
whatever the version, and a certificate is issued again. Method: each through the whole service, on both engines.
"""

from __future__ import annotations

from typing import Any

import pytest

from ledger.errors import CertificateNumberUsed, EvidenceMissing, GroupRefused, NotAccredited, Refused, RuleBroken
from ledger.rules import foreign_list
from ledger.wire.envelope import parse_envelope
from projections import VIEWS
from projections._runner import Runner
from projections.archive import archive
from projections.status import status_of
from tests.support.world import World

GROUP = "urn:uuid:55c0a3de-2f0b-4c7a-9d55-0f4e8b1a7c55"
DECISIONS = ["direct-recognition", "exceptional-promotion"]
KINDS = [
    "skill-certificate/2",
    "vocational-qualification",
    "special-ability-certificate",
    "x-certificate",
    "education-credential",
    "professional-title",
    "foreign-qualification",
    *DECISIONS,
]


def sign(world: World, kind: str, *, person: int = 1, **changes: Any) -> bytes:
    """A record of a kind about a person, with what it rests on already in the log."""
    if kind == "foreign-qualification":
        changes = {"list_hash": _published(world), **changes}
    if kind == "direct-recognition":
        changes = {"evidence": [_evidence(world, "training-completion/1", person)], **changes}
    if kind == "exceptional-promotion":
        changes = {"evidence": [_evidence(world, "innovation-recognised", person)], **changes}
    return world.sign(kind, person=person, **changes)


def _published(world: World) -> str:
    found = world.ledger.registry().rules.find("FOREIGN-3205", 1)
    if found is None:
        content = dict(foreign_list.EXAMPLE)
        said = {"rule": "FOREIGN-3205", "book": foreign_list.BOOK, "title": "认可清单（示例）", "content": content}
        world.submit(world.sign("rule-published", by="authority", **said, effective_from="2025-01-01"))
        found = world.ledger.registry().rules.find("FOREIGN-3205", 1)
    assert found is not None
    return found.hash


def _evidence(world: World, kind: str, person: int) -> str:
    if kind == "training-completion/1":
        return world.submit(
            world.sign(kind, person=person, leave_out=("certificate_number",), late="approved")
        ).record_id
    certified = {"issued_on": "2026-01-20", "late": "approved"}
    world.submit(world.sign(person=person, **certified, serial=900_000 + person))
    return world.submit(world.sign(kind, person=person)).record_id


def act(world: World, kind: str, target: str, **claims: Any) -> str:
    return world.submit(world.sign(kind, target_record=target, leave_out=("effective_on",), **claims)).record_id


@pytest.mark.parametrize("kind", KINDS)
def test_suspended_reinstated_corrected_revoked(world: World, kind: str) -> None:
    """Every kind through the acts that exist, with its number taken over by the corrected version."""
    old = world.submit(sign(world, kind)).record_id

    def state(record_id: str) -> str:
        Runner(world.ledger, world.ledger.views(), VIEWS).catch_up()
        return status_of(world.ledger.views(), record_id).state

    act(world, "revocation", old, action="suspend")
    assert state(old) == "suspended"
    act(world, "revocation", old, action="reinstate")
    assert state(old) == "active"
    fields = {"list_hash": _published(world)} if kind == "foreign-qualification" else {}
    if kind in DECISIONS:
        fields = {"evidence": [one["record"] for one in world.ledger.record(old).payload["basis"]["records"]]}
    new = world.sign(kind, person=1, group=GROUP, **fields)
    new_id = parse_envelope(new).record_id
    correction = {"target_record": old, "replacement_record": new_id, "group": GROUP}
    world.submit_group([new, world.sign("correction", **correction)])
    assert (state(old), state(new_id)) == ("superseded", "active")
    act(world, "revocation", new_id, action="revoke")
    assert state(new_id) == "revoked"
    with pytest.raises(RuleBroken):
        act(world, "revocation", new_id, action="reinstate")
    world.check_everything()


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_not_accredited_issues_nothing(world: World, kind: str) -> None:
    """The accreditation names the kind: without it nothing of the kind is accepted, whoever signs."""
    envelope = sign(world, kind)
    for held in world.ledger.registry().accreditations["52320102MJ000000XG"]:
        world.submit(
            world.sign("accreditation-ended", by="authority", uscc="52320102MJ000000XG", accreditation=held.uid)
        )
    with pytest.raises(NotAccredited):
        world.submit(envelope)
    world.check_everything()


TWICE = [
    ("skill-certificate/1", "skill-certificate/2", {}),
    ("skill-certificate/2", "skill-certificate/1", {}),
    (
        "skill-certificate/1",
        "vocational-qualification",
        {"certificate_kind": "QUALIFICATION", "certificate_number": "2610000234300001"},
    ),
    (
        "skill-certificate/1",
        "special-ability-certificate",
        {"certificate_kind": "SPECIAL_ABILITY", "certificate_number": "ZX-320102-2026-0007"},
    ),
    ("professional-title", "professional-title", {}),
]


@pytest.mark.parametrize(("first", "second", "fields"), TWICE, ids=[f"{one[0]}, {one[1]}" for one in TWICE])
def test_a_number_is_used_once(world: World, first: str, second: str, fields: dict[str, Any]) -> None:
    """Uniqueness holds across versions, and across the families that version 1 held."""
    world.submit(world.sign(first, person=1, **fields))
    with pytest.raises(CertificateNumberUsed):
        world.submit(world.sign(second, person=2))
    world.check_everything()


def test_a_lost_certificate_is_issued_again_with_its_number(world: World) -> None:
    old = world.submit(world.sign(person=1)).record_id
    new = world.sign(person=1, group=GROUP)
    again = world.sign("reissue", target_record=old, replacement_record=parse_envelope(new).record_id, group=GROUP)
    world.submit_group([new, again])
    with pytest.raises(CertificateNumberUsed):
        world.submit(world.sign(person=2))
    Runner(world.ledger, world.ledger.views(), VIEWS).catch_up()
    found = status_of(world.ledger.views(), old)
    assert (found.state, found.replaced_by) == ("superseded", parse_envelope(new).record_id)
    stream = world.ledger.record(old).stream
    shown = archive(world.ledger.views(), stream, as_of_seconds=world.clock.now_seconds())
    assert sorted(item.state for item in shown.items) == ["superseded", "valid"]
    assert shown.totals == {"skill-certificate/2": 1}
    world.check_everything()


def test_issued_again_outside_the_group_the_number_is_taken(world: World) -> None:
    """Only what is submitted together with the reissue takes the number over."""
    world.submit(world.sign(person=1))
    with pytest.raises(CertificateNumberUsed):
        world.submit(world.sign(person=1))
    world.check_everything()


REISSUES = [
    ("of a higher level", {"level_order": 5, "certificate_number": "S000032010001262000123"}),
    ("for somebody else", {"person": 2}),
    ("with a longer validity", {"valid_until": "2036-05-20"}),
]


@pytest.mark.parametrize(("why", "changes"), REISSUES, ids=[row[0] for row in REISSUES])
def test_no_other_achievement_is_issued_again(world: World, why: str, changes: dict[str, Any]) -> None:
    old = world.submit(world.sign(person=1)).record_id
    new = world.sign(**{"person": 1, "group": GROUP, **changes})
    again = world.sign("reissue", target_record=old, replacement_record=parse_envelope(new).record_id, group=GROUP)
    with pytest.raises(Refused) as refused:
        world.submit_group([new, again])
    assert refused.value.code in (GroupRefused.code, RuleBroken.code), why
    world.check_everything()


def test_a_new_name_comes_with_the_certificate_issued_again(world: World) -> None:
    """The holder's name changed and is recorded; the certificate under the new name certifies the same."""
    old = world.submit(world.sign(person=1)).record_id
    world.submit(world.sign("name-changed", by="authority", person=1, new_name="测试新名", happened_on="2026-05-27"))
    new = world.sign(person=1, holder_name="测试新名", group=GROUP)
    again = world.sign(
        "reissue", target_record=old, replacement_record=parse_envelope(new).record_id, reason="renamed", group=GROUP
    )
    world.submit_group([new, again])
    world.check_everything()


def test_a_level_without_examination_from_its_evidence_on(world: World) -> None:
    """S-032: evidence, decision, certificate; the certificate falls back on evidence-missing without the decision."""
    decision = sign(world, "direct-recognition")
    fields = {"basis": "DIRECT_OUTSTANDING", "evidence": [parse_envelope(decision).record_id], "scores": None}
    with pytest.raises(EvidenceMissing):
        world.submit(world.sign(person=1, **fields))
    world.submit(decision)
    world.submit(world.sign(person=1, **fields))
    with pytest.raises(EvidenceMissing):
        world.submit(world.sign(person=2, serial=2, **fields))
    world.check_everything()


def test_a_promotion_is_decided_from_the_level_held(world: World) -> None:
    """S-033: the certificate of 高级工 and the innovation lead to 技师, on both engines."""
    decision = world.submit(sign(world, "exceptional-promotion")).record_id
    number = {"level_order": 5, "certificate_number": "S000032010001262000123", "scores": None}
    world.submit(world.sign(person=1, basis="EXCEPTIONAL_INNOVATION", evidence=[decision], **number))
    world.check_everything()
