"""Goal: numbers, names and archives come together and apart as the records say, and every row is explained afterwards.

Method: short stories on both engines; after each the audit derives who is who again, from the log and by another route.
"""

from __future__ import annotations

from typing import Any

import pytest

from ledger import errors
from ledger.audit import Audit
from tests.support.tampering import tampering
from tests.support.world import INSTITUTIONS, World

JULY_SECONDS = 1_783_000_000
FOREIGN = "FRA012345678901234"
SECOND = "USA012345678901234"


def award(world: World, serial: int, **person: Any) -> bytes:
    return world.sign("award", serial=serial, **person)


def refused(world: World, envelope: bytes) -> str:
    with pytest.raises(errors.LedgerError) as caught:
        world.submit(envelope)
    return caught.value.code


@pytest.fixture
def ann(world: World) -> dict[str, str]:
    """A worker with one award."""
    person = world.person(1)
    world.clock.seconds = JULY_SECONDS
    world.submit(award(world, 1, **person))
    return person


def about(world: World, kind: str, ann: dict[str, str], **fields: Any) -> bytes:
    return world.sign(kind, by="authority", **ann, **fields)


def subject_of(world: World, number: str) -> Any:
    return world.ledger.find_subject(number)


def test_a_further_number_leads_to_the_same_archive(world: World, ann: dict[str, str]) -> None:
    world.submit(about(world, "subject-alias-bound", ann, new_number=FOREIGN))
    world.submit(award(world, 2, holder_name=ann["holder_name"], document_number=FOREIGN))
    subject = subject_of(world, FOREIGN)
    assert subject == subject_of(world, ann["document_number"])
    assert [one.kind.partition("/")[0] for one in world.ledger.stream(subject)] == [
        "award",
        "subject-alias-bound",
        "award",
    ]
    assert refused(world, about(world, "subject-alias-bound", ann, new_number=FOREIGN)) == "rule-broken"
    world.check_everything()


def test_a_number_of_somebody_else_is_not_bound(world: World, ann: dict[str, str]) -> None:
    other = world.person(2)
    world.submit(award(world, 2, **other))
    assert (
        refused(world, about(world, "subject-alias-bound", ann, new_number=other["document_number"])) == "alias-taken"
    )
    world.check_everything()


def test_both_sides_of_one_batch(world: World, ann: dict[str, str]) -> None:
    """What a record changes, the next one of the same transaction sees."""
    jobs = [
        about(world, "subject-alias-bound", ann, new_number=FOREIGN),
        award(world, 2, holder_name=ann["holder_name"], document_number=FOREIGN),
        about(world, "name-changed", ann, new_name="测试新名"),
        award(world, 3, holder_name="测试新名", document_number=FOREIGN),
        about(world, "subject-alias-bound", ann, new_number=FOREIGN),
    ]
    answers = world.ledger._commit(jobs)
    assert [isinstance(answer, list) for answer in answers] == [True, True, True, True, False]
    for job, answer in zip(jobs, answers, strict=True):
        if isinstance(answer, list):
            world.accepted[answer[0].record_id] = (job, answer[0].index)
    assert len(world.ledger.stream(subject_of(world, FOREIGN))) == 5
    world.check_everything()


def test_a_retired_number_stands_for_what_came_before(world: World, ann: dict[str, str]) -> None:
    world.submit(about(world, "subject-alias-bound", ann, new_number=FOREIGN))
    world.submit(
        about(world, "subject-alias-retired", ann, old_number=FOREIGN, last_day="2026-06-15", happened_on="2026-06-30")
    )
    old = {"holder_name": ann["holder_name"], "document_number": FOREIGN}
    world.submit(award(world, 2, **old, decided_on="2026-06-15", late="historical-import"))
    assert refused(world, award(world, 3, **old, decided_on="2026-06-16", late="historical-import")) == "alias-retired"
    again = about(world, "subject-alias-retired", ann, old_number=FOREIGN, last_day="2026-06-20")
    assert refused(world, again) == "alias-retired"
    unknown = about(world, "subject-alias-retired", ann, old_number=SECOND, last_day="2026-06-20")
    assert refused(world, unknown) == "subject-unknown"
    world.check_everything()


def test_any_former_name_matches(world: World, ann: dict[str, str]) -> None:
    number = ann["document_number"]
    renamed = {"holder_name": "测试新名", "document_number": number}
    assert refused(world, award(world, 2, **renamed)) == "name-differs"
    world.submit(about(world, "name-changed", ann, new_name="测试新名"))
    world.submit(award(world, 2, **renamed))
    world.submit(award(world, 3, **ann))
    assert refused(world, about(world, "name-changed", renamed, new_name=ann["holder_name"])) == "rule-broken"
    assert refused(world, award(world, 4, holder_name="第三个名", document_number=number)) == "name-differs"
    world.reopen()
    world.submit(award(world, 5, **renamed))
    world.check_everything()


def test_merged_archives_are_one_and_come_apart_again(world: World, ann: dict[str, str]) -> None:
    twin = {"holder_name": "测试孪生", "document_number": FOREIGN}
    world.submit(award(world, 2, **twin))
    kept, other = subject_of(world, ann["document_number"]), world.ledger.stream(subject_of(world, FOREIGN))[0].stream
    fields = {"other_name": twin["holder_name"], "other_number": FOREIGN}
    assert refused(world, about(world, "subjects-merged", ann, **{**fields, "other_name": "别人"})) == "name-differs"
    assert (
        refused(world, about(world, "subjects-merged", ann, **{**fields, "other_number": SECOND})) == "subject-unknown"
    )
    assert refused(world, about(world, "subjects-split", ann, **fields)) == "rule-broken"
    world.submit(about(world, "subjects-merged", ann, **fields))
    assert refused(world, about(world, "subjects-merged", ann, **fields)) == "rule-broken"
    # A record under either number, with either name, goes to the one archive.
    world.submit(award(world, 3, **twin))
    world.submit(award(world, 4, holder_name=twin["holder_name"], document_number=ann["document_number"]))
    assert subject_of(world, FOREIGN) == kept
    assert set(world.ledger.linked(kept)) == {kept, other}
    assert [len(world.ledger.stream(one)) for one in (kept, other)] == [4, 1]
    world.check_everything()
    world.reopen()
    world.submit(about(world, "subjects-split", ann, **fields))
    world.submit(award(world, 5, **twin))
    assert subject_of(world, FOREIGN) == other
    assert [len(world.ledger.stream(one)) for one in (kept, other)] == [5, 2]
    world.check_everything()


def test_merges_follow_one_another(world: World, ann: dict[str, str]) -> None:
    second, third = world.person(2), world.person(3)
    for serial, person in enumerate((second, third), start=2):
        world.submit(award(world, serial, **person))
    streams = [subject_of(world, one["document_number"]) for one in (ann, second, third)]
    for kept, other in ((second, third), (ann, second)):
        fields = {"other_name": other["holder_name"], "other_number": other["document_number"]}
        world.submit(about(world, "subjects-merged", kept, **fields))
    world.submit(award(world, 9, **third))
    assert subject_of(world, third["document_number"]) == streams[0]
    assert set(world.ledger.linked(streams[0])) == set(streams)
    world.check_everything()


def test_restriction_is_the_worker_s_to_ask_for_and_to_end(world: World, ann: dict[str, str]) -> None:
    subject = str(subject_of(world, ann["document_number"]))

    def asked(restricted: bool) -> bytes:
        return world.sign("restriction", by="authority", subject_id=subject, restricted=restricted)

    assert refused(world, asked(False)) == "rule-broken"
    world.submit(asked(True))
    assert refused(world, asked(True)) == "rule-broken"
    world.submit(award(world, 2, **ann))
    world.submit(asked(False))
    stranger = world.sign("restriction", by="authority", restricted=True)
    assert refused(world, stranger) == "subject-unknown"
    world.check_everything()


def test_an_institution_needs_an_accreditation_to_say_who_is_who(world: World, ann: dict[str, str]) -> None:
    school = INSTITUTIONS["school"].uscc
    for held in world.ledger.registry().accreditations[school]:
        world.submit(world.sign("accreditation-ended", by="authority", uscc=school, accreditation=held.uid))
    assert refused(world, world.sign("name-changed", by="school", **ann, new_name="测试新名")) == "not-accredited"
    assert refused(world, world.sign("subjects-merged", by="centre", **ann)) == "key-not-authorised"
    world.check_everything()


FAULTS = [
    ("a further name forgotten", "DELETE FROM names", "name-missing"),
    (
        "a merge undone by hand",
        "UPDATE subjects SET merged_into = NULL WHERE merged_into IS NOT NULL",
        "subject-differs",
    ),
    ("a retired number made good", "UPDATE aliases SET last_day = NULL WHERE last_day IS NOT NULL", "alias-differs"),
    (
        "a retired number retired later",
        "UPDATE aliases SET last_day = '2026-06-20' WHERE last_day IS NOT NULL",
        "alias-differs",
    ),
    ("a further number forgotten", "DELETE FROM aliases WHERE last_day IS NOT NULL", "alias-missing"),
]


@pytest.mark.parametrize(("why", "statement", "code"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_the_audit_finds_rows_that_no_record_says(
    world: World, ann: dict[str, str], why: str, statement: str, code: str
) -> None:
    twin = {"holder_name": "测试孪生", "document_number": SECOND}
    world.submit(award(world, 2, **twin))
    world.submit(about(world, "subject-alias-bound", ann, new_number=FOREIGN))
    world.submit(about(world, "subject-alias-retired", ann, old_number=FOREIGN, last_day="2026-06-15"))
    world.submit(about(world, "name-changed", ann, new_name="测试新名"))
    world.submit(about(world, "subjects-merged", ann, other_name=twin["holder_name"], other_number=SECOND))
    world.check_everything()
    world.close()
    with tampering(world.home) as t:
        t.change(statement)
        report = Audit(t, keks=world.keks, pseudonyms=world.pseudonyms).run()
    world.reopen_closed()
    codes = {finding.code for finding in report.findings}
    assert code in codes, why
