"""Goal: a level without an examination is decided on evidence, and no higher than the rules allow. Method: a past with the
sources of such decisions in it, and tables of refusals: one change a row, in the order of the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.records._base import Record, Scope
from ledger.records._rule import content_hash
from ledger.rulebook import RuleVersion
from ledger.rules import standard
from tests.support.past import AUTHORITY, SECOND, WORKER, Past, build, record_of

COLLEAGUE = {"holder_name": "李四", "document_number": "320106190001020061"}
ELECTRICIAN, WELDER = "6-31-01-03", "6-18-02-04"
DIRECT, EXCEPTIONAL = "direct-recognition", "exceptional-promotion"
NEW, OUTSTANDING = {"basis": "DIRECT_NEW"}, {"basis": "DIRECT_OUTSTANDING"}
NOBODY = "0" * 64
Change = Mapping[str, Any]


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.fixture
def work(past: Past) -> str:
    """Years of work that an employer attested: what direct recognitions rest on here."""
    return past.log(build("employment-attested", {"happened_on": "2026-05-01", "ended_on": "2026-05-01"}))


def publish_standard(past: Past, levels: list[int]) -> None:
    said = {**standard.EXAMPLE, "levels": levels}
    rule = f"STD-{ELECTRICIAN}"
    version = RuleVersion(rule, 1, standard.BOOK, content_hash(said), AUTHORITY, said, date(2020, 1, 1), None, 0)
    past.registry = replace(past.registry, rules=past.registry.rules.with_version(version))


# Direct recognition

FORMS: list[tuple[str, Change, Change, str | None]] = [
    ("as the example", {}, {}, None),
    ("a basis of another kind", {"basis": "CONTEST"}, {}, "schema-invalid"),
    ("no decision number", {"decision_number": None}, {}, "schema-invalid"),
    ("outstanding without approver", {"approver_role": None}, {}, "schema-invalid"),
    ("outstanding without reasons", {}, {"reasons": None}, "schema-invalid"),
    ("outstanding at 中级工", {"level_order": 3}, {}, "schema-invalid"),
    ("outstanding at 高级技师", {"level_order": 6}, {}, None),
    ("a post", {"level_order": 7}, {}, "schema-invalid"),
    ("new without approver and reasons", {**NEW, "approver_role": None}, {"reasons": None}, None),
    ("new at 初级工", {**NEW, "level_order": 2}, {}, None),
    ("papers that are no digests", {"evidence_hashes": ["scan.pdf"]}, {}, "schema-invalid"),
    ("no person", {}, {"holder_name": None}, "schema-invalid"),
]


@pytest.mark.parametrize(("claims", "disclosed", "code"), [row[1:] for row in FORMS], ids=[row[0] for row in FORMS])
def test_forms(past: Past, work: str, claims: Change, disclosed: Change, code: str | None) -> None:
    """S-031, S-032: who waives education, seniority and age says who approved it and why, from 高级工 on."""
    assert past.code(DIRECT, {"evidence": [work], **claims}, disclosed) == code


EVIDENCE: list[tuple[str, Change, str | None]] = [
    ("outstanding with a record", OUTSTANDING, None),
    ("outstanding with nothing", {**OUTSTANDING, "evidence": None}, "evidence-missing"),
    (
        "outstanding with papers only",
        {**OUTSTANDING, "evidence": None, "evidence_hashes": ["a" * 64]},
        "evidence-missing",
    ),
    ("new with a record", NEW, None),
    ("new with papers only", {**NEW, "evidence": None, "evidence_hashes": ["a" * 64]}, None),
    ("new with both", {**NEW, "evidence_hashes": ["a" * 64]}, None),
    ("new with nothing", {**NEW, "evidence": None}, "evidence-missing"),
    ("a record that is not held", {"evidence": [NOBODY]}, "evidence-missing"),
    ("decided before the record", {"happened_on": "2026-04-30"}, "evidence-missing"),
]


@pytest.mark.parametrize(("why", "claims", "code"), EVIDENCE, ids=[row[0] for row in EVIDENCE])
def test_direct_recognition_rests_on_evidence(
    past: Past, work: str, why: str, claims: Change, code: str | None
) -> None:
    assert past.code(DIRECT, {"evidence": [work], **claims}) == code


@pytest.mark.parametrize("kind", [DIRECT, EXCEPTIONAL])
def test_evidence_is_the_persons_and_stands(past: Past, kind: str) -> None:
    past.log(build("skill-certificate", {"issued_on": "2026-01-20"}))
    claims = {"basis": "EXCEPTIONAL_INNOVATION", "level_order": 5} if kind == EXCEPTIONAL else {}
    source = {"happened_on": "2026-05-18"}
    theirs = past.log(build("innovation-recognised", source, COLLEAGUE), SECOND)
    own = past.log(build("innovation-recognised", source))
    assert past.code(kind, {**claims, "evidence": [own]}) is None
    assert past.code(kind, {**claims, "evidence": [own, theirs]}) == "evidence-missing"
    assert past.code(kind, {**claims, "evidence": [own, NOBODY]}) == "evidence-missing"
    past.act("revocation", target_record=own, action="revoke")
    assert past.code(kind, {**claims, "evidence": [own]}) == "evidence-missing"


def test_a_level_that_the_standard_has(past: Past, work: str) -> None:
    publish_standard(past, [2, 3, 4])
    assert past.code(DIRECT, {"evidence": [work]}) is None
    assert past.code(DIRECT, {"evidence": [work], "level_order": 5}) == "level-unknown"
    past.log(build("skill-certificate", {"issued_on": "2026-01-20"}))
    mentored = past.log(build("mentoring-assessed", MENTORING))
    claims = {"basis": "EXCEPTIONAL_MENTORING", "evidence": [mentored], "level_order": 5}
    assert past.code(EXCEPTIONAL, claims) == "level-unknown"


@pytest.mark.parametrize("kind", [DIRECT, EXCEPTIONAL])
def test_what_acceptance_asks(kind: str) -> None:
    record: Record = record_of(kind)
    assert record.scope() == Scope(kind, ELECTRICIAN, record.field("level_order"), "320102")
    assert record.occurred_on() == date(2026, 5, 20)
    assert record.reads() == record.field("evidence")
    assert kind.split("-", maxsplit=1)[0] in record.LABEL["en"]
    text = str(build(kind).payload)
    assert "业绩" not in text
    assert "奖项" not in text


# Exceptional promotion

MENTORING = {"happened_on": "2026-05-05", "role": "mentor", "result": "excellent"}
AWARD = {"decided_on": "2026-05-15", "occupation_code": ELECTRICIAN}
SOURCES: list[tuple[str, str, str, Change, str | None]] = [
    (
        "a problem solved",
        "EXCEPTIONAL_TECH_PROBLEM",
        "innovation-recognised",
        {"innovation_kind": "problem-solved"},
        None,
    ),
    ("of the enterprise", "EXCEPTIONAL_TECH_PROBLEM", "innovation-recognised", {"level": "enterprise"}, None),
    (
        "a course",
        "EXCEPTIONAL_TECH_PROBLEM",
        "innovation-recognised",
        {"innovation_kind": "demonstration-course"},
        "evidence-missing",
    ),
    ("a technical project", "EXCEPTIONAL_TECH_PROBLEM", "activity-attested", {"activity": "technical-project"}, None),
    ("an open bid", "EXCEPTIONAL_TECH_PROBLEM", "activity-attested", {"activity": "open-bid-project"}, None),
    ("judging a contest", "EXCEPTIONAL_TECH_PROBLEM", "activity-attested", {}, "evidence-missing"),
    ("an award", "EXCEPTIONAL_TECH_PROBLEM", "award", AWARD, "evidence-missing"),
    ("of the province", "EXCEPTIONAL_INNOVATION", "innovation-recognised", {"level": "provincial"}, None),
    ("of the state", "EXCEPTIONAL_INNOVATION", "innovation-recognised", {"level": "national"}, None),
    ("of a city", "EXCEPTIONAL_INNOVATION", "innovation-recognised", {"level": "municipal"}, "evidence-missing"),
    ("an award of the state", "EXCEPTIONAL_INNOVATION", "award/2", AWARD, None),
    ("an award of a city", "EXCEPTIONAL_INNOVATION", "award/2", {**AWARD, "level": "municipal"}, "evidence-missing"),
    ("a provincial award without a level", "EXCEPTIONAL_INNOVATION", "award/1", AWARD, None),
    ("one of society", "EXCEPTIONAL_INNOVATION", "award/1", {**AWARD, "tier": "SOCIAL"}, "evidence-missing"),
    ("one of a city", "EXCEPTIONAL_INNOVATION", "award/1", {**AWARD, "region": "320100"}, "evidence-missing"),
    ("a project", "EXCEPTIONAL_INNOVATION", "activity-attested", {"activity": "technical-project"}, "evidence-missing"),
    ("an excellent mentor", "EXCEPTIONAL_MENTORING", "mentoring-assessed", MENTORING, None),
    (
        "an excellent apprentice",
        "EXCEPTIONAL_MENTORING",
        "mentoring-assessed",
        {**MENTORING, "role": "apprentice"},
        "evidence-missing",
    ),
    (
        "a qualified mentor",
        "EXCEPTIONAL_MENTORING",
        "mentoring-assessed",
        {**MENTORING, "result": "qualified"},
        "evidence-missing",
    ),
    ("an innovation", "EXCEPTIONAL_MENTORING", "innovation-recognised", {}, "evidence-missing"),
]


@pytest.mark.parametrize(
    ("basis", "kind", "claims", "code"), [row[1:] for row in SOURCES], ids=[f"{row[1]}: {row[0]}" for row in SOURCES]
)
def test_sources_of_an_exceptional_promotion(
    past: Past, basis: str, kind: str, claims: Change, code: str | None
) -> None:
    """S-033: a problem solved, an innovation of province or above, or outstanding mentoring; a record of it is cited."""
    past.log(build("skill-certificate", {"issued_on": "2026-01-20"}))
    source, other = past.log(build(kind, claims)), past.log(build("training-completion/1"))
    assert past.code(EXCEPTIONAL, {"basis": basis, "level_order": 5, "evidence": [other, source]}) == code


PROMOTIONS: list[tuple[str, Change, str | None]] = [
    ("to the next level", {}, None),
    ("two levels up", {"level_order": 6}, "threshold-missed"),
    ("to the present level", {"level_order": 4}, "threshold-missed"),
    ("to a lower level", {"level_order": 3}, "threshold-missed"),
    ("in another occupation", {"occupation_code": WELDER}, "threshold-missed"),
    ("to a post", {"level_order": 7}, "schema-invalid"),
    ("without evidence", {"evidence": None}, "schema-invalid"),
    ("without approver", {"approver_role": None}, "schema-invalid"),
    ("of another basis", {"basis": "DIRECT_NEW"}, "schema-invalid"),
]


@pytest.mark.parametrize(("why", "claims", "code"), PROMOTIONS, ids=[row[0] for row in PROMOTIONS])
def test_promoted_by_one_level(past: Past, why: str, claims: Change, code: str | None) -> None:
    """S-033: from 高级工 to 技师 and no further."""
    past.log(build("skill-certificate", {"issued_on": "2026-01-20"}))
    source = past.log(build("innovation-recognised", {"happened_on": "2026-05-18"}))
    assert past.code(EXCEPTIONAL, {"evidence": [source], **claims}) == code


LAST = {"level_order": 6, "certificate_number": "S000032010001261000123"}
HELD: list[tuple[str, list[tuple[str, Change]], int, str | None]] = [
    ("nothing", [], 1, "threshold-missed"),
    ("a qualification of old", [("vocational-qualification", {"occupation_code": ELECTRICIAN})], 5, None),
    ("an X certificate", [("x-certificate", {})], 5, "threshold-missed"),
    ("the highest certificate", [("skill-certificate", LAST)], 6, "threshold-missed"),
    ("one that has ended", [("skill-certificate", {"valid_until": "2026-05-01"})], 5, "threshold-missed"),
    ("one of the same day", [("skill-certificate", {"issued_on": "2026-05-20"})], 5, "threshold-missed"),
]


@pytest.mark.parametrize(("why", "held", "order", "code"), HELD, ids=[row[0] for row in HELD])
def test_promoted_from_what_is_held(
    past: Past, why: str, held: list[tuple[str, Change]], order: int, code: str | None
) -> None:
    for kind, fields in held:
        number = {name: value for name, value in fields.items() if name == "certificate_number"}
        claims = {name: value for name, value in fields.items() if name not in number}
        past.log(build(kind, {"issued_on": "2026-01-20", **claims}, number))
    source = past.log(build("innovation-recognised", {"happened_on": "2026-05-18"}))
    assert past.code(EXCEPTIONAL, {"evidence": [source], "level_order": order}) == code


def test_a_revoked_certificate_is_no_step(past: Past) -> None:
    held = past.log(build("skill-certificate", {"issued_on": "2026-01-20"}))
    source = past.log(build("innovation-recognised", {"happened_on": "2026-05-18"}), WORKER)
    assert past.code(EXCEPTIONAL, {"evidence": [source]}) is None
    past.act("revocation", target_record=held, action="revoke")
    assert past.code(EXCEPTIONAL, {"evidence": [source]}) == "threshold-missed"
