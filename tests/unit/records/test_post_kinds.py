"""Goal: posts rest on what they need, end without touching a certificate, and an enterprise's steps stay its own. Method: a
past with one certificate in it, and tables of refusals: one change a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ledger.records._base import Scope
from ledger.records._post import LEVEL_OF_POST, POSTS
from ledger.records.post_ended import REASONS
from ledger.rules.standard import EXAMPLE as STANDARD
from tests.support.past import AUTHORITY, INSTITUTION, ISSUER, OTHER, SECOND, Past, build, record_of

WELDER, ELECTRICIAN = "6-18-02-04", "6-31-01-03"
COLLEAGUE = {"holder_name": "李四", "document_number": "320106190001020061"}
CHIEF = {"post": "chief-technician", "level_order": 8}
EXPERT = {"post": "skill-expert", "level_order": None, "post_name": "焊接首席专家"}
STEP = {
    "post": "enterprise-post",
    "level_order": None,
    "post_name": "二级技能师",
    "ladder_step": "S2",
    "basis_record": None,
}


@pytest.fixture
def past() -> Past:
    return Past()


def certify(past: Past, order: int = 6, **claims: Any) -> str:
    """A certificate of a level, in the welder's occupation unless claims say else."""
    told = {"occupation_code": WELDER, "level_order": order, "issued_on": "2026-05-19", **claims}
    number = f"S00003201000126{'A' if order > 6 else 7 - order}000123"
    return past.log(build("skill-certificate/1", told, {"certificate_number": number}))


@pytest.fixture
def basis(past: Past) -> str:
    return certify(past)


@pytest.fixture
def ladder(past: Past) -> str:
    return past.log(build("enterprise-ladder"), stream=INSTITUTION)


FORMS: list[tuple[str, Mapping[str, Any], str | None]] = [
    ("特级技师", {}, None),
    ("技能专家", EXPERT, None),
    ("技能专家 who rests on nothing", {**EXPERT, "basis_record": None}, None),
    ("without a fixed term", {"ends_on": None}, None),
    ("unknown post", {"post": "foreman"}, "schema-invalid"),
    ("ends before it begins", {"ends_on": "2026-05-31"}, "schema-invalid"),
    ("特级技师 as level 8", {"level_order": 8}, "schema-invalid"),
    ("特级技师 without a level", {"level_order": None}, "schema-invalid"),
    ("技能专家 as a level", {**EXPERT, "level_order": 7}, "schema-invalid"),
    ("特级技师 who rests on nothing", {"basis_record": None}, "schema-invalid"),
    ("技能专家 without a name of the post", {**EXPERT, "post_name": None}, "schema-invalid"),
    ("a step without its ladder", {**STEP, "ladder_record": None}, "schema-invalid"),
    ("a ladder without a step", {**STEP, "ladder_record": "1" * 64, "ladder_step": None}, "schema-invalid"),
    ("技能专家 on a ladder", {**EXPERT, "ladder_record": "1" * 64, "ladder_step": "S2"}, "schema-invalid"),
    ("basis not held", {"basis_record": "0" * 64}, "evidence-missing"),
    ("another occupation than the basis", {"occupation_code": ELECTRICIAN}, "evidence-missing"),
    ("decided before the basis", {"happened_on": "2026-05-18"}, "evidence-missing"),
    ("首席技师 from 高级技师", CHIEF, "evidence-missing"),
    ("earlier term not held", {"previous_record": "0" * 64}, "evidence-missing"),
]


@pytest.mark.parametrize(("why", "claims", "code"), FORMS, ids=[row[0] for row in FORMS])
def test_posts(past: Past, basis: str, why: str, claims: Mapping[str, Any], code: str | None) -> None:
    assert past.code("post-appointed", {"basis_record": basis, **claims}) == code


BASES: list[tuple[str, int, Mapping[str, Any], Mapping[str, Any], str | None]] = [
    # level and claims of the certificate, claims of the appointment
    ("特级技师 from 技师", 5, {}, {}, "evidence-missing"),
    ("特级技师 from a certificate of 特级技师", 7, {}, {}, "evidence-missing"),
    ("首席技师 from a certificate of 特级技师", 7, {}, CHIEF, None),
    ("首席技师 from a certificate of 首席技师", 8, {}, CHIEF, "evidence-missing"),
    ("技能专家 from 中级工", 3, {}, EXPERT, None),
    ("no longer in force", 6, {"valid_until": "2026-05-20"}, {}, "evidence-missing"),
    ("技能专家, no longer in force", 6, {"valid_until": "2026-05-20"}, EXPERT, "evidence-missing"),
    ("a special ability", 6, {"certificate_kind": "SPECIAL_ABILITY"}, {}, "evidence-missing"),
]


@pytest.mark.parametrize(("order", "told", "claims", "code"), [row[1:] for row in BASES], ids=[row[0] for row in BASES])
def test_bases(past: Past, order: int, told: Mapping[str, Any], claims: Mapping[str, Any], code: str | None) -> None:
    """S-019, S-020: each of the two posts rests on the order below it, in the same occupation."""
    assert past.code("post-appointed", {"basis_record": certify(past, order, **told), **claims}) == code


def test_a_basis_is_ones_own_and_stands(past: Past, basis: str) -> None:
    award = past.log(build("award"))
    foreign = past.log(build("skill-certificate/1", {"occupation_code": WELDER}, COLLEAGUE), SECOND)
    assert past.code("post-appointed", {"basis_record": award}) == "evidence-missing"
    assert past.code("post-appointed", {"basis_record": foreign}) == "evidence-missing"
    past.act("revocation", target_record=basis, action="suspend")
    assert past.code("post-appointed", {"basis_record": basis}) == "evidence-missing"


def test_an_occupation_without_the_level_has_no_post_above_it(past: Past, basis: str) -> None:
    """S-019: where the occupation's standard ends below 高级技师, there is no 特级技师."""
    for rule, levels, code in (("STANDARD-LOW", [2, 3, 4], "level-unknown"), ("STANDARD-HIGH", [5, 6], None)):
        content = {**STANDARD, "occupation": WELDER, "levels": levels}
        text = {"rule": rule, "book": "standard", "content": content, "effective_from": "2026-01-01"}
        past.log(build("rule-published", text, issuer=AUTHORITY), stream=INSTITUTION)
        assert past.code("post-appointed", {"basis_record": basis}) == code
        assert past.code("post-appointed", {"basis_record": basis, **EXPERT}) is None


TERMS: list[tuple[str, Mapping[str, Any], str | None]] = [
    ("within the term", {"starts_on": "2026-01-01", "ends_on": "2026-12-31"}, None),
    ("on its last day", {"starts_on": "2026-01-01", "ends_on": "2026-05-20"}, None),
    ("on its first day", {"starts_on": "2026-05-20", "ends_on": None}, None),
    ("after its last day", {"starts_on": "2026-01-01", "ends_on": "2026-05-19"}, "evidence-missing"),
    ("before its first day", {"starts_on": "2026-05-21", "ends_on": None}, "evidence-missing"),
    ("in another occupation", {"starts_on": "2026-01-01", "occupation_code": ELECTRICIAN}, "evidence-missing"),
    ("another post", {**EXPERT, "starts_on": "2026-01-01"}, "evidence-missing"),
]


@pytest.mark.parametrize(("why", "told", "code"), TERMS, ids=[row[0] for row in TERMS])
def test_first_the_special_then_the_chief(
    past: Past, basis: str, why: str, told: Mapping[str, Any], code: str | None
) -> None:
    post = past.log(build("post-appointed", {"basis_record": basis, **told}))
    assert past.code("post-appointed", {**CHIEF, "basis_record": post}) == code


def test_a_post_that_ended_supports_nothing_more(past: Past, basis: str) -> None:
    post = past.log(build("post-appointed", {"basis_record": basis, "starts_on": "2026-01-01"}))
    past.log(build("post-ended", {"appointment_record": "1" * 64, "happened_on": "2026-05-01"}))
    past.log(build("post-ended", {"appointment_record": post, "happened_on": "2026-05-21"}))
    chief = {**CHIEF, "basis_record": post}
    assert past.code("post-appointed", chief) is None
    assert past.code("post-appointed", {**chief, "happened_on": "2026-05-21"}) == "evidence-missing"


def test_terms_follow_one_another(past: Past, basis: str) -> None:
    """S-020: a new term in the same post cites the one before."""
    told = {"basis_record": basis}
    first = past.log(build("post-appointed", {**told, "starts_on": "2023-06-01", "ends_on": "2026-05-31"}))
    again = {**told, "previous_record": first}
    assert past.code("post-appointed", again) is None
    assert past.code("post-appointed", {**again, "starts_on": "2023-06-01"}) == "rule-broken"
    assert past.code("post-appointed", {**again, **EXPERT}) == "rule-broken"
    assert past.code("post-appointed", again, issuer=OTHER) == "target-foreign"
    assert past.code("post-appointed", {**told, "previous_record": basis}) == "evidence-missing"
    certificate = certify(past, occupation_code=ELECTRICIAN)
    elsewhere = {**again, "basis_record": certificate, "occupation_code": ELECTRICIAN}
    assert past.code("post-appointed", elsewhere) == "rule-broken"


LADDERS: list[tuple[str, Mapping[str, Any], str | None]] = [
    ("a step of the ladder", {}, None),
    ("a ladder that is not held", {"ladder_record": "0" * 64}, "evidence-missing"),
    ("no such step", {"ladder_step": "S9"}, "rule-broken"),
    ("another step's name", {"post_name": "三级技能师"}, "rule-broken"),
    ("before the ladder applies", {"starts_on": "2025-12-31"}, "rule-broken"),
]


@pytest.mark.parametrize(("why", "claims", "code"), LADDERS, ids=[row[0] for row in LADDERS])
def test_steps(past: Past, ladder: str, why: str, claims: Mapping[str, Any], code: str | None) -> None:
    """S-021, S-022: a post of the enterprise is a step of its own ladder."""
    assert past.code("post-appointed", {**STEP, "ladder_record": ladder, **claims}) == code


def test_a_ladder_is_the_employers_own(past: Past, ladder: str, basis: str) -> None:
    step = {**STEP, "ladder_record": ladder}
    assert past.code("post-appointed", step, issuer=OTHER) == "target-foreign"
    assert past.code("post-appointed", {**step, "ladder_record": basis}) == "evidence-missing"


def test_a_step_is_never_a_national_level(past: Past, ladder: str) -> None:
    """S-021: the national register sees the level that a step corresponds to in the ladder, and nothing in the post."""
    envelope = build("post-appointed", {**STEP, "ladder_record": ladder})
    assert "levelOrder" not in envelope.payload
    assert envelope.payload["name"] == "企业岗位等级：二级技能师"
    record = record_of("post-appointed", {**STEP, "ladder_record": ladder})
    assert record.scope() == Scope("post-appointed", WELDER, None, "320102")
    assert record_of("post-appointed").scope() == Scope("post-appointed", WELDER, 7, "320102")
    assert LEVEL_OF_POST == {"special-technician": 7, "chief-technician": 8}


S5 = {"code": "S5", "name": "五级技能师", "order": 10, "national": 4}
STEPS: list[tuple[str, list[Mapping[str, Any]], str | None]] = [
    ("one step", [S5], None),
    ("two steps for one national level", [S5, {**S5, "code": "S4", "order": 11}], None),
    ("a step above every national level", [S5, {"code": "S1", "name": "首席专家", "order": 11}], None),
    ("no step", [], "schema-invalid"),
    ("two steps of one code", [S5, {**S5, "order": 11}], "schema-invalid"),
    ("two steps of one order", [S5, {**S5, "code": "S4"}], "schema-invalid"),
    ("falling orders", [S5, {**S5, "code": "S4", "order": 9}], "schema-invalid"),
    ("a falling national level", [S5, {**S5, "code": "S4", "order": 11, "national": 3}], "schema-invalid"),
    (
        "a falling national level, one step between",
        [S5, {"code": "S4", "name": "四级", "order": 11}, {**S5, "code": "S3", "order": 12, "national": 3}],
        "schema-invalid",
    ),
    ("national level 9", [{**S5, "national": 9}], "schema-invalid"),
    ("an order as text", [{**S5, "order": "10"}], "schema-invalid"),
]


@pytest.mark.parametrize(("why", "steps", "code"), STEPS, ids=[row[0] for row in STEPS])
def test_ladders(past: Past, why: str, steps: list[Mapping[str, Any]], code: str | None) -> None:
    assert past.code("enterprise-ladder", {"steps": steps}, stream=INSTITUTION) == code


def test_what_acceptance_asks_of_a_ladder() -> None:
    record = record_of("enterprise-ladder")
    assert (record.scope(), record.person()) == (None, None)
    assert record.about({ISSUER: "52320102MJ000000XG"}) == "52320102MJ000000XG"
    assert [(one.purpose, one.parts, one.refusal.code) for one in record.unique_claims()] == [
        ("enterprise-ladder", (ISSUER, "1"), "number-used")
    ]


def test_posts_end(past: Past, basis: str) -> None:
    """§4.2: the loss of employment ends the post, not the certificate under it."""
    post = past.log(build("post-appointed", {"basis_record": basis}))
    told = {"appointment_record": post}
    assert past.code("post-ended", told) is None
    assert past.code("post-ended", {**told, "happened_on": "2026-05-20"}) is None
    assert past.code("post-ended", {**told, "happened_on": "2026-05-19"}) == "rule-broken"
    assert past.code("post-ended", {**told, "reason": "boredom"}) == "schema-invalid"
    assert past.code("post-ended", {"appointment_record": "0" * 64}) == "evidence-missing"
    assert past.code("post-ended", {"appointment_record": basis}) == "evidence-missing"
    assert past.code("post-ended", told, stream=SECOND) == "evidence-missing"
    assert past.code("post-ended", told, issuer=OTHER) == "target-foreign"
    assert past.code("post-ended", told, issuer=AUTHORITY, is_authority=True) is None
    past.log(build("post-ended", told))
    assert past.history().status(basis) == "active"
    record = record_of("post-ended", told)
    assert [(one.purpose, one.parts, one.refusal.code) for one in record.unique_claims()] == [
        ("post-ended", (post,), "number-used")
    ]


def test_code_tables_have_both_labels() -> None:
    for table in (POSTS, REASONS):
        for code, labels in table.items():
            assert labels.keys() == {"zh", "en"}, code
