"""Goal: certificates say only what holds together, and rest on what their basis asks for. Method: a past with decisions and
published rules in it, and tables of refusals: one change a row, in the order of the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.errors import SchemaInvalid
from ledger.records import KINDS
from ledger.records._base import Scope, UniqueClaim
from ledger.records._levels import certified_level
from ledger.records._rule import content_hash
from ledger.rulebook import RuleVersion
from ledger.rules import foreign_list, qualification_catalogue, standard, training_catalogue
from ledger.rules.ladder import BASES
from tests.support.past import AUTHORITY, ISSUER, OTHER, SECOND, Past, build, record_of

COLLEAGUE = {"holder_name": "李四", "document_number": "320106190001020061"}
ELECTRICIAN, WELDER = "6-31-01-03", "6-18-02-04"
SKILL = "skill-certificate/2"
WORKSHOP = {"evaluation_mode": "workshop-and-exam-room"}
PROGRAMME = {"programme_school": "12320102MB0000000C", "programme_code": "460305", "programme_name": "机电一体化"}
FRAMEWORK = {"framework": "示例资历框架", "framework_version": "1", "framework_level": "5"}
NOBODY = "0" * 64
Change = Mapping[str, Any]


@pytest.fixture
def past() -> Past:
    return Past()


def publish(past: Past, rule: str, book: Any, content: Change | None = None, **changes: Any) -> dict[str, Any]:
    """A rule of a book, in force since 2020; gives how a record cites it."""
    said = {**book.EXAMPLE, **(content or {})}
    book.parse_content(said)
    version = RuleVersion(rule, 1, book.BOOK, content_hash(said), AUTHORITY, said, date(2020, 1, 1), None, 0)
    version = replace(version, **changes)
    past.registry = replace(past.registry, rules=past.registry.rules.with_version(version))
    return {"rule": rule, "version": 1, "hash": version.hash}


FORMS: list[tuple[str, Change, Change, str | None]] = [
    ("as the example", {}, {}, None),
    ("no basis", {"basis": None}, {}, "schema-invalid"),
    ("a basis that is not on the list", {"basis": "PURCHASED"}, {}, "schema-invalid"),
    ("no standard", {"standard_number": None}, {}, "schema-invalid"),
    ("a kind of standard that is not on the list", {"standard_kind": "private"}, {}, "schema-invalid"),
    ("a certificate of another family", {"certificate_kind": "QUALIFICATION"}, {}, "schema-invalid"),
    ("level 9", {"level_order": 9}, {}, "schema-invalid"),
    ("no number", {}, {"certificate_number": None}, "schema-invalid"),
    ("no scores, a trade, a case number", {"trade": "维修电工"}, {"scores": None, "case_number": "2026-0012"}, None),
    ("a framework level", FRAMEWORK, {}, None),
    ("a framework without its version", {**FRAMEWORK, "framework_version": None}, {}, "schema-invalid"),
    ("a framework without a level", {**FRAMEWORK, "framework_level": None}, {}, "schema-invalid"),
    ("a programme and its track", {**PROGRAMME, "programme_track": "skill"}, {}, None),
    ("a programme without its school", {**PROGRAMME, "programme_school": None}, {}, "schema-invalid"),
    ("a track without a programme", {"programme_track": "skill"}, {}, "schema-invalid"),
    ("assessed on the day of issue", {"assessed_on": "2026-05-20"}, {}, None),
    ("assessed after it was issued", {"assessed_on": "2026-05-21"}, {}, "schema-invalid"),
    ("ends on the day it begins", {"valid_until": "2026-05-20"}, {}, "schema-invalid"),
    ("in the workshop, with papers", {**WORKSHOP, "work_evidence": ["a" * 64]}, {}, None),
    ("in the workshop, with nothing from it", WORKSHOP, {}, "schema-invalid"),
    ("a post by examination", {"level_order": 7}, {"certificate_number": "S00003201000126T000123"}, "schema-invalid"),
    ("an appointment to a level that is no post", {"basis": "APPOINTED"}, {}, "schema-invalid"),
    ("the body's code", {"body_code": "S000032010001"}, {}, None),
    ("another body's code", {"body_code": "S000032010002"}, {}, "identifier-malformed"),
    ("level in the number", {"level_order": 5}, {}, "identifier-malformed"),
    ("year in the number", {"issued_on": "2025-05-20"}, {}, "identifier-malformed"),
    ("number of a qualification", {}, {"certificate_number": "2610000234300001"}, "identifier-malformed"),
    ("number of an apprentice, which has no rule", {"level_order": 1}, {"certificate_number": "XT-2026-1"}, None),
    ("a regional number of old", {}, {"certificate_number": "RGN32010200126300001"}, None),
]


@pytest.mark.parametrize(("why", "claims", "disclosed", "code"), FORMS, ids=[row[0] for row in FORMS])
def test_forms(past: Past, why: str, claims: Change, disclosed: Change, code: str | None) -> None:
    """S-012, S-013, S-027, S-034 and DOMAIN §2.6: what a certificate must say and what must agree."""
    assert past.code(SKILL, claims, disclosed) == code


def test_a_number_is_the_certificates_whatever_its_version() -> None:
    """One register for the versions, and for the families that version 1 held."""
    number, qualification = "S000032010001263000123", "2610000234300001"
    register = ("certificate", (ISSUER, "skill-certificate"))
    for kind, expected, claims, disclosed in (
        ("skill-certificate/1", number, {}, {}),
        (SKILL, number, {}, {}),
        ("skill-certificate/1", qualification, {"certificate_kind": "QUALIFICATION"}, {}),
        ("vocational-qualification", qualification, {}, {}),
        ("skill-certificate/1", "ZX-1", {"certificate_kind": "SPECIAL_ABILITY"}, {}),
        ("special-ability-certificate", "ZX-1", {}, {}),
    ):
        record = record_of(kind, claims, {**disclosed, "certificate_number": expected})
        assert record.unique_claims() == (UniqueClaim(register[0], (*register[1], expected)),), kind
    assert record_of("professional-title").unique_claims()[0].parts[1] == "professional-title"


def test_what_acceptance_asks(past: Past) -> None:
    record = record_of(SKILL, {"valid_until": "2029-05-20"})
    assert record.occurred_on() == date(2026, 5, 20)
    assert record.scope() == Scope("skill-certificate", ELECTRICIAN, 4, "320102")
    assert record.period() == (1779206400, 1873900800)
    everything = {"evidence": ["a" * 64], "activities": ["b" * 64], "previous_certificate": "c" * 64}
    assert record_of(SKILL, everything).reads() == ("a" * 64, "b" * 64, "c" * 64)
    assert record_of("x-certificate").scope() == Scope("x-certificate", None, None, "320102")
    assert record_of("foreign-qualification").scope() == Scope("foreign-qualification", "6-31-01-01", 4, "320500")


# What each basis rests on

DIRECT = "direct-recognition"
EXCEPTIONAL = "exceptional-promotion"
ON_DAY = {"occupation_code": ELECTRICIAN, "level_order": 4, "happened_on": "2026-05-20"}
BASIS_OF: list[tuple[str, str, Change]] = [
    ("DIRECT_NEW", DIRECT, {**ON_DAY, "basis": "DIRECT_NEW"}),
    ("DIRECT_OUTSTANDING", DIRECT, {**ON_DAY, "basis": "DIRECT_OUTSTANDING"}),
    ("EXCEPTIONAL_TECH_PROBLEM", EXCEPTIONAL, {**ON_DAY, "basis": "EXCEPTIONAL_TECH_PROBLEM"}),
    ("EXCEPTIONAL_INNOVATION", EXCEPTIONAL, {**ON_DAY, "basis": "EXCEPTIONAL_INNOVATION"}),
    ("EXCEPTIONAL_MENTORING", EXCEPTIONAL, {**ON_DAY, "basis": "EXCEPTIONAL_MENTORING"}),
    ("CONTEST", "contest-promotion", ON_DAY),
    ("EQUIVALENCE_FOREIGN", "foreign-qualification", {"occupation_code": ELECTRICIAN, "level_order": 4}),
]
Case = tuple[str, str, Change]


def on_basis(past: Past, basis: str, evidence: list[str] | None) -> str | None:
    return past.code(SKILL, {"basis": basis, "evidence": evidence}, {"scores": None})


@pytest.fixture(params=BASIS_OF, ids=[row[0] for row in BASIS_OF])
def case(request: pytest.FixtureRequest) -> Case:
    """A basis, the kind it rests on, and what such a record says here.

    S-031 to S-033, S-050, S-052: a level that no examination gave rests on the decision that gave it.
    """
    found: Case = request.param
    return found


def test_a_basis_with_its_record(past: Past, case: Case) -> None:
    basis, kind, claims = case
    assert on_basis(past, basis, [past.log(build("training-completion/1")), past.log(build(kind, claims))]) is None
    assert kind in BASES[basis].evidence


def test_a_basis_without_its_record(past: Past, case: Case) -> None:
    basis, kind, claims = case
    others = past.log(build(kind, claims, COLLEAGUE), SECOND)
    for evidence in (None, [NOBODY], [past.log(build("training-completion/1"))], [others]):
        assert on_basis(past, basis, evidence) == "evidence-missing", evidence


@pytest.mark.parametrize(
    "change",
    [{"occupation_code": WELDER}, {"level_order": 5}, {"happened_on": "2026-05-21"}],
    ids=["another occupation", "another level", "later than the certificate"],
)
def test_a_basis_with_a_record_of_something_else(past: Past, case: Case, change: Change) -> None:
    basis, kind, claims = case
    if kind == "foreign-qualification":
        change = {"issued_on" if name == "happened_on" else name: value for name, value in change.items()}
    assert on_basis(past, basis, [past.log(build(kind, {**claims, **change}))]) == "evidence-missing"


def test_a_basis_while_its_record_is_suspended(past: Past, case: Case) -> None:
    basis, kind, claims = case
    found = past.log(build(kind, claims))
    past.act("revocation", target_record=found, action="suspend")
    assert on_basis(past, basis, [found]) == "evidence-missing"
    past.act("revocation", target_record=found, action="reinstate")
    assert on_basis(past, basis, [found]) is None


def test_a_basis_with_the_record_of_another_basis(past: Past, case: Case) -> None:
    basis, kind, claims = case
    found = past.log(build(kind, claims))
    for other, one, _ in BASIS_OF:
        if other != basis and one == kind:
            assert on_basis(past, other, [found]) == "evidence-missing", other


POST = {"level_order": 7, "occupation_code": ELECTRICIAN}
APPOINTMENTS: list[tuple[str, Change, str | None]] = [
    ("to this post", POST, None),
    ("in another occupation", {**POST, "occupation_code": WELDER}, "evidence-missing"),
    ("to the higher post", {**POST, "level_order": 8, "post": "chief-technician"}, "evidence-missing"),
    (
        "to a post of the enterprise's own",
        {**POST, "level_order": None, "post": "skill-expert", "post_name": "专家"},
        "evidence-missing",
    ),
    ("after the certificate", {**POST, "happened_on": "2026-05-21"}, "evidence-missing"),
]


@pytest.mark.parametrize(("why", "claims", "code"), APPOINTMENTS, ids=[row[0] for row in APPOINTMENTS])
def test_posts_rest_on_the_appointment(past: Past, why: str, claims: Change, code: str | None) -> None:
    """DOMAIN §4.2: 特级技师 is a post; its certificate cites the employer's appointment."""
    appointed = past.log(build("post-appointed", claims))
    fields = {"basis": "APPOINTED", "level_order": 7, "evidence": [appointed]}
    assert past.code(SKILL, fields, {"certificate_number": "S00003201000126T000123", "scores": None}) == code


CITED: list[tuple[str, str, Change, str | None]] = [
    ("nothing", "evidence", {}, None),
    ("a training", "evidence", {"kind": "training-completion/1"}, None),
    ("an unknown record", "evidence", {"kind": None}, "evidence-missing"),
    ("another person's", "evidence", {"kind": "training-completion/1", "stream": SECOND}, "evidence-missing"),
    ("a drill", "activities", {"kind": "activity-attested"}, None),
    ("an unknown activity", "activities", {"kind": None}, "evidence-missing"),
    ("another person's activity", "activities", {"kind": "activity-attested", "stream": SECOND}, "evidence-missing"),
]


@pytest.mark.parametrize(("why", "field", "what", "code"), CITED, ids=[row[0] for row in CITED])
def test_examinations_may_cite(past: Past, why: str, field: str, what: Change, code: str | None) -> None:
    """S-035: an examination may cite training and several activities, which must be the person's and stand."""
    record_id = NOBODY
    if what.get("kind"):
        record_id = past.log(build(what["kind"]), what.get("stream", past.history().stream))
    assert past.code(SKILL, {field: [record_id]} if what else {}) == code


BEFORE = "S000032010001264000123", "S000032010001262000123"
PREVIOUS: list[tuple[str, str, Change, str | None]] = [
    ("of the level below", SKILL, {"level_order": 3, "certificate_number": BEFORE[0]}, None),
    ("of version 1", "skill-certificate/1", {}, None),
    ("a qualification", "vocational-qualification", {}, None),
    ("of a higher level", SKILL, {"level_order": 5, "certificate_number": BEFORE[1]}, "evidence-missing"),
    ("of a special ability", "special-ability-certificate", {}, "evidence-missing"),
    ("of one, version 1", "skill-certificate/1", {"certificate_kind": "SPECIAL_ABILITY"}, "evidence-missing"),
    ("an X certificate", "x-certificate", {}, "evidence-missing"),
]


@pytest.mark.parametrize(("why", "kind", "fields", "code"), PREVIOUS, ids=[row[0] for row in PREVIOUS])
def test_the_certificate_before(past: Past, why: str, kind: str, fields: Change, code: str | None) -> None:
    claims = {name: value for name, value in fields.items() if name != "certificate_number"}
    disclosed = {name: value for name, value in fields.items() if name == "certificate_number"}
    before = past.log(build(kind, claims, disclosed))
    assert past.code(SKILL, {"previous_certificate": before}) == code


def test_the_certificate_before_is_the_persons(past: Past) -> None:
    before = past.log(build(SKILL, {}, COLLEAGUE), SECOND)
    assert past.code(SKILL, {"previous_certificate": before}) == "evidence-missing"
    assert past.code(SKILL, {"previous_certificate": NOBODY}) == "evidence-missing"


# Levels that the occupation has

LEVELS: list[tuple[str, list[int], int, str | None]] = [
    ("a level of the standard", [2, 3, 4, 5, 6], 4, None),
    ("none of its levels", [2, 3], 4, "level-unknown"),
    ("below every standard", [2, 3], 1, None),
    ("a post where there is 高级技师", [2, 3, 4, 5, 6], 7, "evidence-missing"),
    ("a post where there is none", [2, 3, 4, 5], 7, "level-unknown"),
    ("the higher post where there is none", [2, 3, 4, 5], 8, "level-unknown"),
]


@pytest.mark.parametrize(("why", "levels", "order", "code"), LEVELS, ids=[row[0] for row in LEVELS])
def test_levels_of_the_standard(past: Past, why: str, levels: list[int], order: int, code: str | None) -> None:
    """S-019: the level stands in the occupation's published standard; a post passes, and then lacks its appointment."""
    publish(past, f"STD-{ELECTRICIAN}", standard, {"levels": levels})
    number = {4: "S000032010001263000123", 1: "XT-1"}.get(order, "S00003201000126T000123")
    claims = {"level_order": order, "basis": "APPOINTED" if order > 6 else "EXAM"}
    assert past.code(SKILL, claims, {"certificate_number": number}) == code


def test_standards_of_other_days_and_occupations_do_not_count(past: Past) -> None:
    publish(past, "STD-LATER", standard, {"levels": [2]}, starts=date(2026, 5, 21))
    publish(past, "STD-BEFORE", standard, {"levels": [2]}, until=date(2026, 5, 20))
    publish(past, f"STD-{WELDER}", standard, {"levels": [2], "occupation": WELDER})
    assert past.code(SKILL) is None
    publish(past, "STD-NOW", standard, {"levels": [2]}, starts=date(2026, 5, 20))
    assert past.code(SKILL) == "level-unknown"


# The other families

QUALIFICATIONS: list[tuple[str, Change, Change, str | None]] = [
    ("as the example", {}, {}, None),
    ("without its entry", {"catalogue_entry": None}, {}, None),
    ("a standard", {"standard": "焊工国家职业技能标准（2009年修订）"}, {}, None),
    ("level 1", {"level_order": 1}, {}, "schema-invalid"),
    ("a post", {"level_order": 7}, {}, "schema-invalid"),
    ("a rule without version and hash", {"catalogue_rule": "CAT"}, {}, "schema-invalid"),
    (
        "a catalogue without an entry",
        {"catalogue_rule": "CAT", "catalogue_version": 1, "catalogue_hash": "a" * 64, "catalogue_entry": None},
        {},
        "schema-invalid",
    ),
    ("level in the number", {"level_order": 5}, {}, "identifier-malformed"),
    ("year in the number", {"issued_on": "2025-05-20"}, {}, "identifier-malformed"),
    ("number of a skill certificate", {}, {"certificate_number": "S000032010001263000123"}, "identifier-malformed"),
    (
        "a catalogue that nobody published",
        {"catalogue_rule": "CAT", "catalogue_version": 1, "catalogue_hash": "a" * 64},
        {},
        "rule-not-in-force",
    ),
]


@pytest.mark.parametrize(("why", "claims", "disclosed", "code"), QUALIFICATIONS, ids=[row[0] for row in QUALIFICATIONS])
def test_qualifications(past: Past, why: str, claims: Change, disclosed: Change, code: str | None) -> None:
    """S-025, S-026."""
    assert past.code("vocational-qualification", claims, disclosed) == code


def test_a_qualification_of_an_entry_stays_when_the_entry_goes(past: Past) -> None:
    """S-026: the entry ended in 2021. What was issued before is accepted and names it; what is issued after is not."""
    rule = publish(past, "QUALIFICATIONS", qualification_catalogue)
    cited = {f"catalogue_{name}": value for name, value in rule.items()}
    before = {"issued_on": "2021-05-20"}, {"certificate_number": "2110000234300001"}
    kind = "vocational-qualification"
    assert past.code(kind, {**cited, **before[0]}, before[1]) is None
    assert past.code(kind, cited) == "rule-broken", "the entry has ended"
    assert past.code(kind, {**cited, **before[0], "catalogue_entry": "Q-1"}, before[1]) == "rule-broken"
    assert past.code(kind, {**cited, **before[0], "catalogue_hash": "a" * 64}, before[1]) == "rule-not-in-force"
    payload = record_of(kind, {**cited, **before[0]}, before[1]).to_payload()
    assert payload["catalogue"]["entry"] == "Q-2021-61"


def test_special_abilities_have_no_level(past: Past) -> None:
    """S-039."""
    kind = "special-ability-certificate"
    assert past.code(kind) is None
    assert past.code(kind, {"project_field": "fashion"}) == "schema-invalid"
    assert past.code(kind, {"level_order": 3}) == "schema-invalid"
    entries = [{"id": "JS-ZX-2024-017", "zh": "盐水鸭制作"}]
    said = {"purpose": "special-ability", "region": "3201", "entries": entries}
    rule = {f"catalogue_{name}": one for name, one in publish(past, "PROJECTS", training_catalogue, said).items()}
    assert past.code(kind, rule) is None
    assert past.code(kind, {**rule, "project_id": "JS-ZX-2024-018"}) == "rule-broken"
    assert past.code(kind, {**rule, "region": "320500"}) == "rule-broken"
    other = publish(past, "SUBSIDISED", training_catalogue, {**said, "purpose": "subsidised-training"})
    assert past.code(kind, {f"catalogue_{name}": one for name, one in other.items()}) == "rule-broken"
    private = publish(past, "PRIVATE", training_catalogue, said, publisher=OTHER)
    assert past.code(kind, {f"catalogue_{name}": one for name, one in private.items()}) == "rule-not-in-force"


DIPLOMAS: list[tuple[str, Change, str | None]] = [
    ("as the example", {}, None),
    ("a bachelor", {"education": "bachelor", "school_class": None}, None),
    ("a level of education that is not on the list", {"education": "wizard"}, "schema-invalid"),
    ("a technical school without a class", {"school_class": None}, "schema-invalid"),
    ("a class of a university", {"education": "bachelor"}, "schema-invalid"),
    ("a class that is not on the list", {"school_class": "beginners"}, "schema-invalid"),
    ("a form that is not on the list", {"study_form": "nightly"}, "schema-invalid"),
    ("entered on the day of graduation", {"entered_on": "2026-05-20"}, "schema-invalid"),
    ("on the academic track", {**PROGRAMME, "programme_track": "academic"}, None),
    ("on the skill track", {**PROGRAMME, "programme_track": "skill"}, None),
    ("on a third track", {**PROGRAMME, "programme_track": "sports"}, "schema-invalid"),
]


@pytest.mark.parametrize(("why", "claims", "code"), DIPLOMAS, ids=[row[0] for row in DIPLOMAS])
def test_diplomas(past: Past, why: str, claims: Change, code: str | None) -> None:
    """S-014: two tracks of one programme, by diplomas and by certificates."""
    assert past.code("education-credential", claims) == code


def test_two_tracks_name_one_programme() -> None:
    """S-014: the diploma and the certificate of a through-trained graduate meet in the programme."""
    academic = record_of("education-credential", {**PROGRAMME, "programme_track": "academic"}).to_payload()
    skill = record_of(SKILL, {**PROGRAMME, "programme_track": "skill"}).to_payload()
    found = [one["credentialSubject"]["programme"] for one in (academic, skill)]
    assert found[0] | {"track": "skill"} == found[1]


@pytest.mark.parametrize(
    ("claims", "code"), [({}, None), ({"x_step": "senior"}, "schema-invalid"), ({"level_order": 3}, "schema-invalid")]
)
def test_x_certificates_have_steps_of_their_own(past: Past, claims: Change, code: str | None) -> None:
    """S-013."""
    assert past.code("x-certificate", claims) == code


@pytest.mark.parametrize(
    ("claims", "code"), [({}, None), ({"rank": "chief"}, "schema-invalid"), ({"series": None}, "schema-invalid")]
)
def test_titles(past: Past, claims: Change, code: str | None) -> None:
    assert past.code("professional-title", claims) == code


def test_only_certificates_of_a_level_climb_the_ladder() -> None:
    """1+X, special abilities, titles, diplomas and what compares with a level never count as a level reached."""
    given = {
        name: certified_level(record_of(name).to_payload())
        for name, kind in KINDS.items()
        if kind.STATUS and kind.KIND not in ("award", "training-completion")
    }
    assert {name for name, level in given.items() if level is not None} == {
        "skill-certificate/1",
        SKILL,
        "vocational-qualification/1",
    }


@pytest.mark.parametrize(
    "kind",
    [
        SKILL,
        "vocational-qualification",
        "special-ability-certificate",
        "x-certificate",
        "education-credential",
        "professional-title",
        "foreign-qualification",
    ],
)
def test_every_outcome_may_carry_a_framework_level(kind: str) -> None:
    """S-012."""
    payload = record_of(kind, FRAMEWORK).to_payload()
    assert payload["credentialSubject"]["achievement"]["qualificationLevel"] == {
        "frameworkName": "示例资历框架",
        "version": "1",
        "code": "5",
    }
    with pytest.raises(SchemaInvalid, match="framework"):
        record_of(kind, {**FRAMEWORK, "framework": None})


# Qualifications from abroad

ENTRY = foreign_list.EXAMPLE["entries"][0]
FOREIGN: list[tuple[str, Change, Change, str | None]] = [
    ("an entry of the list", {}, {}, None),
    ("a country in two letters", {}, {"country": "DE"}, "schema-invalid"),
    ("a post", {}, {"level_order": 7}, "schema-invalid"),
    ("a rule that nobody published", {}, {"list_rule": "FOREIGN-9"}, "rule-not-in-force"),
    ("another text of it", {}, {"list_hash": "a" * 64}, "rule-not-in-force"),
    ("before the list", {}, {"issued_on": "2019-12-31", "late": "approved"}, "rule-not-in-force"),
    ("a list of another region", {"region": "3201"}, {}, "rule-broken"),
    ("a list for all", {"region": "*"}, {}, None),
    ("an entry that the list has not", {}, {"list_entry": "SZ-DEU-002"}, "rule-broken"),
    ("an entry that begins later", {"entries": [{**ENTRY, "from": "2026-05-21"}]}, {}, "rule-broken"),
    ("another country", {}, {"country": "FRA"}, "rule-broken"),
    ("the entry's occupation", {"entries": [{**ENTRY, "occupation": "6-31-01-01"}]}, {}, None),
    ("another occupation", {"entries": [{**ENTRY, "occupation": ELECTRICIAN}]}, {}, "rule-broken"),
    ("a higher level", {}, {"level_order": 5}, "rule-broken"),
    ("a lower level", {}, {"level_order": 3}, "rule-broken"),
]


@pytest.mark.parametrize(("why", "content", "claims", "code"), FOREIGN, ids=[row[0] for row in FOREIGN])
def test_foreign_qualifications(past: Past, why: str, content: Change, claims: Change, code: str | None) -> None:
    """S-050: a comparison cites an entry of the authority's list, by version and day."""
    rule = publish(past, "FOREIGN-3205", foreign_list, content)
    assert past.code("foreign-qualification", {"list_hash": rule["hash"], **claims}) == code


def test_a_list_of_somebody_else_gives_no_level(past: Past) -> None:
    rule = publish(past, "FOREIGN-3205", foreign_list, publisher=ISSUER)
    assert past.code("foreign-qualification", {"list_hash": rule["hash"]}) == "rule-not-in-force"
