"""Goal: carriers are registered, graded, led and ended by whom and when they may be. Method: one carrier in a small past,
one change a row, in the order of the checks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger.errors import NumberUsed
from ledger.records import KINDS
from ledger.records._base import UniqueClaim
from ledger.records.carrier_graded import GRADES
from ledger.records.carrier_registered import ALLIANCES, CARRIER_TYPES
from ledger.records.institution_attribute import ATTRIBUTES
from tests.support.past import INSTITUTION, ISSUER, OTHER, SECOND, Past, build, record_of

BUREAU, BUREAU_USCC = "https://bureau.example.cn/issuers/1", "11320102MB0000051P"
STRANGER, STRANGER_USCC = "https://works.example.cn/issuers/1", "91320102MA0000007T"
NOWHERE_USCC = "91320102MA0000015M"
OWNER_USCC, PARTNER_USCC = "52320102MJ000000XG", "12320102MB0000000C"


@pytest.fixture
def past() -> Past:
    """Two owners, a government body and an employer that owns nothing."""
    begun = Past()
    for issuer, uscc, kind in ((BUREAU, BUREAU_USCC, "government-body"), (STRANGER, STRANGER_USCC, "employer")):
        begun.log(build("institution-registered", {"uscc": uscc, "institution_issuer": issuer, "type": kind}))
    return begun


@pytest.fixture
def carrier(past: Past) -> str:
    return past.log(build("carrier-registered", issuer=BUREAU), INSTITUTION)


AUTHORITY_SIGNS: dict[str, Any] = {"is_authority": True}
BUREAU_SIGNS: dict[str, Any] = {"issuer": BUREAU}

REGISTRATIONS = [
    ("as the example has it, by the authority", {}, AUTHORITY_SIGNS, None),
    ("by a government body", {}, BUREAU_SIGNS, None),
    ("built alone", {"partners": None}, BUREAU_SIGNS, None),
    ("an alliance", {"type": "studio-alliance"}, BUREAU_SIGNS, None),
    ("a type that there is not", {"type": "bank"}, BUREAU_SIGNS, "schema-invalid"),
    ("a number with a space", {"number": "A 1"}, BUREAU_SIGNS, "schema-invalid"),
    ("its own partner", {"partners": [OWNER_USCC]}, BUREAU_SIGNS, "schema-invalid"),
    ("an alliance of one", {"type": "studio-alliance", "partners": None}, BUREAU_SIGNS, "schema-invalid"),
    ("by the owner itself", {}, {}, "rule-broken"),
    ("by a partner", {}, {"issuer": OTHER}, "rule-broken"),
    ("an owner that is not registered", {"uscc": NOWHERE_USCC}, BUREAU_SIGNS, "rule-broken"),
    ("a partner that is not registered", {"partners": [PARTNER_USCC, NOWHERE_USCC]}, BUREAU_SIGNS, "rule-broken"),
]


@pytest.mark.parametrize(("why", "claims", "seen", "code"), REGISTRATIONS, ids=[row[0] for row in REGISTRATIONS])
def test_registrations(past: Past, why: str, claims: dict[str, Any], seen: dict[str, Any], code: str | None) -> None:
    assert past.code("carrier-registered", claims, stream=INSTITUTION, **seen) == code


def test_a_carrier_says_where_it_belongs(past: Past) -> None:
    record = record_of("carrier-registered", {"region": "320106"})
    assert record.about({}) == OWNER_USCC
    assert record.concerns(past.registry) == ("320102", "320106")
    assert record.unique_claims() == (UniqueClaim("carrier", ("JNDS-320102-2026-001",), NumberUsed),)
    assert record.occurred_on().isoformat() == "2026-03-01"
    assert record.scope() is None
    assert record.owners() == (OWNER_USCC, PARTNER_USCC)


def test_every_type_and_grade_that_the_papers_name_has_a_code() -> None:
    """DOMAIN S-009, S-059, S-084, S-085, S-087, S-088, S-113."""
    named = {row["zh"] for row in CARRIER_TYPES.values()}
    assert named >= {
        *("技能人才服务产业园", "工匠学院", "企业培训中心", "产教融合实训基地", "高技能人才培训基地", "公共实训基地"),
        *("技能大师工作室", "劳模和工匠人才创新工作室", "网络学习平台", "乡村工匠工作站", "名师工作室", "大师传习所"),
        *("工匠园区", "竞赛集训基地", "创业孵化基地", "劳务品牌", "数字工匠学院"),
        *("劳模和工匠人才创新工作室联盟", "行业产教融合共同体", "市域产教联合体"),
    }
    assert CARRIER_TYPES.keys() >= ALLIANCES
    for kind in CARRIER_TYPES:
        record_of("carrier-registered", {"type": kind})
    assert {row["zh"] for row in GRADES.values()} >= {"国家级", "省级", "市级"}
    assert {row["zh"] for row in ATTRIBUTES.values()} >= {"产教融合型企业", "办学条件达标", "专精特新中小企业"}


GRADINGS = [
    # grades before, as (day, grade); the day and grade that come now
    ("its first grade", [], "2026-04-01", "municipal", None),
    ("on the day of its foundation", [], "2026-03-01", "municipal", None),
    ("one step up", [("2026-04-01", "municipal")], "2026-05-01", "provincial", None),
    ("changed again on the same day", [("2026-04-01", "municipal")], "2026-04-01", "provincial", None),
    ("down again", [("2026-04-01", "national")], "2026-05-01", "municipal", None),
    ("taken back", [("2026-04-01", "municipal")], "2026-05-01", "none", None),
    ("back after it was taken", [("2026-04-01", "municipal"), ("2026-05-01", "none")], "2026-06-01", "municipal", None),
    ("a grade that there is not", [], "2026-04-01", "galactic", "schema-invalid"),
    ("before its foundation", [], "2026-02-28", "municipal", "rule-broken"),
    ("before the last change", [("2026-04-01", "municipal")], "2026-03-31", "provincial", "rule-broken"),
    ("the grade it has", [("2026-04-01", "municipal")], "2026-05-01", "municipal", "rule-broken"),
    ("taken back without having one", [], "2026-04-01", "none", "rule-broken"),
]


@pytest.mark.parametrize("row", GRADINGS, ids=[row[0] for row in GRADINGS])
def test_gradings(past: Past, carrier: str, row: tuple[str, list[tuple[str, str]], str, str, str | None]) -> None:
    _, before, day, grade, code = row
    for on, was in before:
        past.log(build("carrier-graded", {"carrier": carrier, "happened_on": on, "grade": was}), INSTITUTION)
    claims = {"carrier": carrier, "happened_on": day, "grade": grade}
    assert past.code("carrier-graded", claims, stream=INSTITUTION, **BUREAU_SIGNS) == code


def test_another_carriers_grades_say_nothing(past: Past, carrier: str) -> None:
    beside = past.log(build("carrier-registered", {"number": "JNDS-2"}, issuer=BUREAU), INSTITUTION)
    past.log(build("carrier-graded", {"carrier": beside, "grade": "national"}), INSTITUTION)
    past.log(build("carrier-ended", {"carrier": beside, "happened_on": "2026-04-01"}), INSTITUTION)
    claims = {"carrier": carrier, "grade": "national", "happened_on": "2026-05-19"}
    assert past.code("carrier-graded", claims, stream=INSTITUTION, **BUREAU_SIGNS) is None


@pytest.mark.parametrize("kind", ["carrier-graded", "carrier-ended"])
def test_who_says_it_and_of_what(past: Past, carrier: str, kind: str) -> None:
    rating = past.log(build("star-rating"), INSTITUTION)

    def code(record_id: str, **seen: Any) -> str | None:
        return past.code(kind, {"carrier": record_id}, stream=INSTITUTION, **seen)

    assert code(carrier, **AUTHORITY_SIGNS) is None
    assert code(carrier, **BUREAU_SIGNS) is None
    assert code(carrier) == "rule-broken", "by the owner itself"
    assert code("0" * 64, **BUREAU_SIGNS) == "evidence-missing"
    assert code(rating, **BUREAU_SIGNS) == "evidence-missing", "a record that is no carrier"
    record = record_of(kind, {"carrier": carrier})
    assert (record.target(), record.PLACE, record.occurred_on().isoformat()) == (carrier, "target", "2026-05-20")


def test_a_carrier_ends_once_and_for_good(past: Past, carrier: str) -> None:
    past.log(build("carrier-ended", {"carrier": carrier, "happened_on": "2026-05-20"}), INSTITUTION)

    def code(kind: str, day: str, **seen: Any) -> str | None:
        return past.code(kind, {"carrier": carrier, "happened_on": day}, stream=INSTITUTION, **BUREAU_SIGNS, **seen)

    assert code("carrier-graded", "2026-05-19") is None, "what came before the end may still be told"
    assert code("carrier-graded", "2026-05-20") == "rule-broken"
    assert code("carrier-ended", "2026-05-19") == "rule-broken"
    assert code("carrier-ended", "2026-05-21") == "rule-broken"


LEADERS = [
    ("by the owner", {}, {}, None),
    ("by a partner", {}, {"issuer": OTHER}, None),
    ("by a government body", {}, BUREAU_SIGNS, None),
    ("by the authority", {}, AUTHORITY_SIGNS, None),
    ("no end is set", {"ended_on": None}, {}, None),
    ("from the foundation on", {"started_on": "2026-03-01"}, {}, None),
    ("a term of one day", {"started_on": "2026-06-01", "ended_on": "2026-06-01"}, {}, None),
    ("the term ends before it begins", {"ended_on": "2026-05-31"}, {}, "schema-invalid"),
    ("an unknown role", {"role": "guest"}, {}, "schema-invalid"),
    ("no such record", {"carrier": "0" * 64}, {}, "evidence-missing"),
    ("before the foundation", {"started_on": "2026-02-28"}, {}, "rule-broken"),
    ("after the end", {"started_on": "2027-01-01"}, {}, "rule-broken"),
    ("by an institution that does not own it", {}, {"issuer": STRANGER}, "rule-broken"),
]


@pytest.mark.parametrize("row", LEADERS, ids=[row[0] for row in LEADERS])
def test_lead_persons(past: Past, carrier: str, row: tuple[str, dict[str, Any], dict[str, Any], str | None]) -> None:
    _, claims, seen, code = row
    past.log(build("carrier-ended", {"carrier": carrier, "happened_on": "2027-01-01"}), INSTITUTION)
    assert past.code("carrier-led", {"carrier": carrier, **claims}, **seen) == code


def test_a_successor_names_the_lead_person_of_what_it_took_over(past: Past, carrier: str) -> None:
    assert past.code("carrier-led", {"carrier": carrier}, issuer=STRANGER) == "rule-broken"
    past.registry = past.registry.with_changed(
        replace(past.registry.institution(PARTNER_USCC), successor=STRANGER_USCC)
    )
    assert past.code("carrier-led", {"carrier": carrier}, issuer=STRANGER) is None


def test_several_people_lead_one_carrier(past: Past, carrier: str) -> None:
    past.log(build("carrier-led", {"carrier": carrier}))
    assert past.code("carrier-led", {"carrier": carrier}, stream=SECOND) is None


def test_the_archive_speaks_of_the_lead_person_alone() -> None:
    """The carrier's full name may be another person's: it is never in clear, nor in the lead person's record."""
    text = str(build("carrier-registered").payload) + str(build("carrier-led").payload)
    assert "王小明" not in text
    assert "full_name" in KINDS["carrier-registered/1"].DISCLOSED


ATTRIBUTE_ROWS = [
    # attribute, from, until, claims now, code
    ("the first", None, {}, None),
    ("another attribute at the same time", ("specialised-sme", "2026-01-01", None), {}, None),
    ("the day after one that ended", ("integration-enterprise", "2023-01-01", "2025-12-31"), {}, None),
    ("before one that follows", ("integration-enterprise", "2029-01-01", None), {}, None),
    ("of an employer", None, {"uscc": STRANGER_USCC}, None),
    ("for one day", None, {"ended_on": "2026-01-01"}, None),
    ("an end for one without end", ("integration-enterprise", "2026-01-01", None), {}, None),
    ("ends before it begins", None, {"ended_on": "2025-12-31"}, "schema-invalid"),
    ("an attribute that there is not", None, {"attribute": "best"}, "schema-invalid"),
    ("not registered", None, {"uscc": NOWHERE_USCC}, "rule-broken"),
    ("for schools, but an employer", None, {"uscc": STRANGER_USCC, "attribute": "school-land-met"}, "rule-broken"),
    ("the last day of one before", ("integration-enterprise", "2023-01-01", "2026-01-01"), {}, "rule-broken"),
    ("inside one without end", ("integration-enterprise", "2023-01-01", None), {}, "rule-broken"),
    ("into one that follows", ("integration-enterprise", "2028-12-31", None), {}, "rule-broken"),
    ("no end, and one follows", ("integration-enterprise", "2029-01-01", None), {"ended_on": None}, "rule-broken"),
]


@pytest.mark.parametrize(("why", "before", "claims", "code"), ATTRIBUTE_ROWS, ids=[row[0] for row in ATTRIBUTE_ROWS])
def test_attributes(
    past: Past, why: str, before: tuple[str, str, str | None] | None, claims: dict[str, Any], code: str | None
) -> None:
    if before is not None:
        name, start, end = before
        held = {"attribute": name, "started_on": start, "ended_on": end}
        past.log(build("institution-attribute", held), INSTITUTION)
    assert past.code("institution-attribute", claims, stream=INSTITUTION, **AUTHORITY_SIGNS) == code


def test_schools_meet_their_conditions_and_nobody_says_so_of_itself(past: Past) -> None:
    claims = {"uscc": PARTNER_USCC, "attribute": "school-conditions-met"}
    assert past.code("institution-attribute", claims, stream=INSTITUTION, **AUTHORITY_SIGNS) is None
    assert past.code("institution-attribute", claims, stream=INSTITUTION, issuer=ISSUER) is None
    assert past.code("institution-attribute", claims, stream=INSTITUTION, issuer=OTHER) == "rule-broken"
