"""Goal: supervision is done by whom and of whom it may be: ratings, findings, complaints, appeals, decisions.

Method: a small past with a certificate of a worker, a delegate of the authority and a case of each sort; one change a row.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger.errors import NumberUsed, RuleBroken
from ledger.records._base import UniqueClaim
from ledger.records._supervision import FINDINGS
from ledger.records.supervision_decided import MEASURES
from tests.support.past import AUTHORITY, INSTITUTION, ISSUER, OTHER, SECOND, WORKER, Past, build, record_of

SERVICE = AUTHORITY + "/service"
BUREAU, BUREAU_USCC = "https://bureau.example.cn/issuers/1", "11320102MB0000051P"
USCC, OTHER_USCC, AUTHORITY_USCC = "52320102MJ000000XG", "12320102MB0000000C", "11320000MB0000000D"
NOWHERE_USCC = "91320102MA0000015M"
GONE, GONE_USCC = "https://gone.example.cn/issuers/1", "91320102MA0000007T"

Row = tuple[str, dict[str, Any], dict[str, Any], str | None]
BY_AUTHORITY: dict[str, Any] = {"is_authority": True, "stream": INSTITUTION}
BY_BUREAU: dict[str, Any] = {"issuer": BUREAU, "stream": INSTITUTION}
BY_SERVICE: dict[str, Any] = {"issuer": SERVICE}


@pytest.fixture
def past() -> Past:
    begun = Past()
    begun.log(
        build("institution-registered", {"uscc": BUREAU_USCC, "institution_issuer": BUREAU, "type": "government-body"})
    )
    return begun


@pytest.fixture
def certificate(past: Past) -> str:
    """A worker's certificate, by ISSUER."""
    return past.log(build("skill-certificate"))


def rows(table: list[Row]) -> Any:
    """One test a row, named by its first cell."""
    return pytest.mark.parametrize("row", table, ids=[row[0] for row in table])


# -- star ratings ------------------------------------------------------------------------------------------------------

RATINGS: list[Row] = [
    ("as the example has it", {}, BY_AUTHORITY, None),
    ("by a delegate", {}, BY_BUREAU, None),
    ("nothing barred", {"barred_kinds": None, "stars": 5}, BY_AUTHORITY, None),
    ("the year of signing", {"year": 2026}, BY_AUTHORITY, None),
    ("no star", {"stars": 0}, BY_AUTHORITY, "schema-invalid"),
    ("six stars", {"stars": 6}, BY_AUTHORITY, "schema-invalid"),
    ("a year that has not begun", {"year": 2027}, BY_AUTHORITY, "schema-invalid"),
    ("barred twice", {"barred_kinds": ["award", "award"]}, BY_AUTHORITY, "schema-invalid"),
    ("a kind with its version", {"barred_kinds": ["award/1"]}, BY_AUTHORITY, "schema-invalid"),
    ("not registered", {"uscc": NOWHERE_USCC}, BY_AUTHORITY, "rule-broken"),
    ("a delegate rates itself", {"uscc": BUREAU_USCC}, BY_BUREAU, "rule-broken"),
    ("a kind that there is not", {"barred_kinds": ["skil-certificate"]}, BY_AUTHORITY, "rule-broken"),
    ("appeals stay open", {"barred_kinds": ["appeal"]}, BY_AUTHORITY, "rule-broken"),
    ("corrections stay open", {"barred_kinds": ["correction"]}, BY_AUTHORITY, "rule-broken"),
    ("revocations stay open", {"barred_kinds": ["skill-certificate", "revocation"]}, BY_AUTHORITY, "rule-broken"),
]


@rows(RATINGS)
def test_ratings(past: Past, row: Row) -> None:
    _, claims, seen, code = row
    assert past.code("star-rating", claims, **seen) == code


def test_a_rating_holds_until_the_next_one(past: Past) -> None:
    first = len(past.held)
    for stars, kinds in ((1, ["skill-certificate", "award"]), (3, ["award"]), (5, None)):
        past.log(build("star-rating", {"stars": stars, "barred_kinds": kinds}), INSTITUTION)
    body = past.registry.institution(USCC)
    assert [(index - first, stars) for index, stars, _ in body.ratings] == [(0, 1), (1, 3), (2, 5)]
    assert [sorted(body.barred_at(first + n)) for n in range(4)] == [[], ["award", "skill-certificate"], ["award"], []]
    assert past.registry.institution(OTHER_USCC).ratings == ()


# -- findings ----------------------------------------------------------------------------------------------------------

FINDING_ROWS: list[Row] = [
    ("as the example has it", {}, BY_AUTHORITY, None),
    ("by a delegate", {}, BY_BUREAU, None),
    ("shown by a record of the institution", {"records": ["own"]}, BY_AUTHORITY, None),
    ("to be put right at once", {"rectify_by": "2026-05-20"}, BY_AUTHORITY, None),
    ("nothing to put right", {"rectify_by": None}, BY_AUTHORITY, None),
    ("shown by a record that it took over", {"uscc": OTHER_USCC, "records": ["taken over"]}, BY_AUTHORITY, None),
    ("of the authority, shown by its own", {"uscc": AUTHORITY_USCC, "records": ["authority's"]}, BY_AUTHORITY, None),
    ("a code that there is not", {"finding": "ugly"}, BY_AUTHORITY, "schema-invalid"),
    ("a gravity that there is not", {"severity": "mild"}, BY_AUTHORITY, "schema-invalid"),
    ("to be put right before it was found", {"rectify_by": "2026-05-19"}, BY_AUTHORITY, "schema-invalid"),
    ("not registered", {"uscc": NOWHERE_USCC}, BY_AUTHORITY, "rule-broken"),
    ("a delegate inspects itself", {"uscc": BUREAU_USCC}, BY_BUREAU, "rule-broken"),
    ("shown by no record", {"records": ["own", "0" * 64]}, BY_AUTHORITY, "evidence-missing"),
    ("shown by another institution's record", {"records": ["own", "foreign"]}, BY_AUTHORITY, "rule-broken"),
    ("all records are not the authority's", {"uscc": AUTHORITY_USCC, "records": ["own"]}, BY_AUTHORITY, "rule-broken"),
]


@rows(FINDING_ROWS)
def test_findings(past: Past, certificate: str, row: Row) -> None:
    _, claims, seen, code = row
    gone = {"uscc": GONE_USCC, "institution_issuer": GONE}
    past.log(build("institution-registered", gone))
    past.registry = past.registry.with_changed(replace(past.registry.institution(GONE_USCC), successor=OTHER_USCC))
    ids = {
        "own": certificate,
        "foreign": past.log(build("award", issuer=OTHER)),
        "taken over": past.log(build("award", issuer=GONE)),
        "authority's": past.log(build("revocation", {"target_record": certificate}, issuer=AUTHORITY)),
    }
    if "records" in claims:
        claims = {**claims, "records": [ids.get(one, one) for one in claims["records"]]}
    assert past.code("inspection-finding", claims, **seen) == code


# -- complaints --------------------------------------------------------------------------------------------------------

COMPLAINTS: list[Row] = [
    ("through the service", {"authenticated_by": "oidc"}, BY_SERVICE, None),
    ("taken down at a counter", {}, {"issuer": OTHER}, None),
    ("of a record", {"record": "own"}, BY_SERVICE, None),
    ("a subject id in capitals", {"subject_id": "4F0C2F6E-7A51-4C0B-9D3E-6B1F0A3F6A01"}, BY_SERVICE, "schema-invalid"),
    ("a topic that there is not", {"topic": "ugly"}, BY_SERVICE, "schema-invalid"),
    ("a value for how one signed in", {"authenticated_by": "13800000000"}, BY_SERVICE, "schema-invalid"),
    ("a hash that is none", {"evidence_hashes": ["xyz"]}, BY_SERVICE, "schema-invalid"),
    ("not registered", {"uscc": NOWHERE_USCC}, BY_SERVICE, "rule-broken"),
    ("an institution vouches for a sign-in", {"authenticated_by": "oidc"}, {"issuer": OTHER}, "rule-broken"),
    ("of no record", {"record": "0" * 64}, BY_SERVICE, "evidence-missing"),
    ("of another institution's record", {"record": "foreign"}, BY_SERVICE, "rule-broken"),
]


@rows(COMPLAINTS)
def test_complaints(past: Past, certificate: str, row: Row) -> None:
    _, claims, seen, code = row
    ids = {"own": certificate, "foreign": past.log(build("award", issuer=OTHER))}
    if "record" in claims:
        claims = {**claims, "record": ids.get(claims["record"], claims["record"])}
    assert past.code("complaint", claims, **seen) == code


def test_a_complaint_tells_the_log_neither_who_nor_what() -> None:
    envelope = build("complaint", issuer=SERVICE)
    assert "资料费" not in str(envelope.payload)
    record = record_of("complaint", issuer=SERVICE)
    assert (record.PLACE, record.person(), record.scope()) == ("subject", None, None)


# -- appeals -----------------------------------------------------------------------------------------------------------

WORKER_ID = {"subject_id": "4f0c2f6e-7a51-4c0b-9d3e-6b1f0a3f6a01", "authenticated_by": "oidc"}


@pytest.fixture
def contested(past: Past, certificate: str) -> dict[str, str]:
    """What somebody may want to contest, by a short name."""
    revocation = {"target_record": certificate}
    return {
        "certificate": certificate,
        "own revocation": past.log(build("revocation", revocation)),
        "revocation": past.log(build("revocation", revocation, issuer=AUTHORITY)),
        "award": past.log(build("award", issuer=OTHER), SECOND),
        "citing": past.log(
            build("skill-certificate", {"basis": "CONTEST", "evidence": [certificate]}, issuer=OTHER), WORKER
        ),
        "rating": past.log(build("star-rating", issuer=AUTHORITY), INSTITUTION),
        "other's rating": past.log(build("star-rating", {"uscc": OTHER_USCC}, issuer=AUTHORITY), INSTITUTION),
        "complaint": past.log(build("complaint", issuer=SERVICE)),
        "decision": past.log(build("supervision-decided", issuer=AUTHORITY)),
    }


APPEALS: list[Row] = [
    ("a worker, of a certificate", {**WORKER_ID, "against": "certificate"}, BY_SERVICE, None),
    ("a worker, of the decision of a complaint", {**WORKER_ID, "against": "decision"}, BY_SERVICE, None),
    (
        "a worker, of a revocation by the authority",
        {**WORKER_ID, "against": "revocation", "uscc": AUTHORITY_USCC},
        BY_SERVICE,
        None,
    ),
    ("an institution, of its rating", {"against": "rating"}, {"stream": INSTITUTION}, None),
    ("an institution, of what happened to its record", {"against": "revocation"}, {}, None),
    ("a worker without a sign-in", {**WORKER_ID, "authenticated_by": None}, BY_SERVICE, "schema-invalid"),
    ("a sign-in without a worker", {**WORKER_ID, "subject_id": None}, BY_SERVICE, "schema-invalid"),
    ("grounds that there are not", {"against": "rating", "grounds": "unhappy"}, {}, "schema-invalid"),
    ("of no record", {"against": "0" * 64}, {}, "evidence-missing"),
    ("the service for nobody", {"against": "certificate"}, BY_SERVICE, "rule-broken"),
    (
        "an institution for a worker",
        {**WORKER_ID, "against": "revocation", "uscc": AUTHORITY_USCC},
        {},
        "rule-broken",
    ),
    ("of its own record", {"against": "own revocation"}, {}, "rule-broken"),
    ("of a complaint", {"against": "complaint"}, {}, "rule-broken"),
    ("a worker, of somebody else's award", {**WORKER_ID, "against": "award"}, BY_SERVICE, "evidence-missing"),
    (
        "a worker, naming another institution",
        {**WORKER_ID, "against": "certificate", "uscc": OTHER_USCC},
        BY_SERVICE,
        "rule-broken",
    ),
    ("in another's name", {"against": "rating"}, {"issuer": OTHER}, "rule-broken"),
    ("of another's rating", {"against": "other's rating"}, {"stream": INSTITUTION}, "rule-broken"),
    (
        "of what happened to another's record",
        {"against": "revocation", "uscc": OTHER_USCC},
        {"issuer": OTHER},
        "rule-broken",
    ),
    ("of a certificate that merely rests on its own", {"against": "citing"}, {}, "rule-broken"),
]


@rows(APPEALS)
def test_appeals(past: Past, contested: dict[str, str], row: Row) -> None:
    _, claims, seen, code = row
    if "against" in claims:
        claims = {**claims, "against": contested.get(claims["against"], claims["against"])}
    assert past.code("appeal", claims, **seen) == code


def test_an_appeal_lives_with_the_worker_or_beside_what_it_contests() -> None:
    of_worker, of_institution = record_of("appeal", WORKER_ID, issuer=SERVICE), record_of("appeal")
    against = of_institution.field("against")
    assert (of_worker.target(), of_institution.target()) == (None, against)
    assert of_worker.unique_claims() == (UniqueClaim("appeal", (against, WORKER_ID["subject_id"]), RuleBroken),)
    assert of_institution.unique_claims() == (UniqueClaim("appeal", (against, ISSUER), RuleBroken),)


# -- decisions ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def cases(past: Past) -> dict[str, str]:
    """One case of each sort, all about ISSUER, and one about a delegate of the authority."""
    decision = past.log(build("supervision-decided", issuer=BUREAU), INSTITUTION)
    return {
        "finding": past.log(build("inspection-finding", issuer=AUTHORITY), INSTITUTION),
        "complaint": past.log(build("complaint", issuer=SERVICE)),
        "appeal": past.log(build("appeal", {"against": decision}), INSTITUTION),
        "of the authority": past.log(build("inspection-finding", {"uscc": AUTHORITY_USCC}), INSTITUTION),
        "of the delegate": past.log(build("inspection-finding", {"uscc": BUREAU_USCC}), INSTITUTION),
        "rating": past.log(build("star-rating"), INSTITUTION),
    }


REJECTED = {"outcome": "rejected", "measures": None, "rectify_by": None}
DECISIONS: list[Row] = [
    ("of a finding", {"case": "finding"}, BY_AUTHORITY, None),
    ("of a complaint", {"case": "complaint"}, {"is_authority": True}, None),
    ("of an appeal", {"case": "appeal"}, BY_AUTHORITY, None),
    ("by a delegate", {"case": "finding"}, BY_BUREAU, None),
    ("the authority, of its own case", {"case": "of the authority", "uscc": AUTHORITY_USCC}, BY_AUTHORITY, None),
    ("rejected", {"case": "finding", **REJECTED}, BY_AUTHORITY, None),
    ("partly, with one measure", {**REJECTED, "outcome": "partly", "measures": ["warning"]}, BY_AUTHORITY, None),
    ("upheld without a measure", {"measures": None, "rectify_by": None}, BY_AUTHORITY, "schema-invalid"),
    ("rejected with a measure", {"outcome": "rejected"}, BY_AUTHORITY, "schema-invalid"),
    ("a measure that there is not", {"measures": ["caning"]}, BY_AUTHORITY, "schema-invalid"),
    ("to be put right at no time", {"rectify_by": None}, BY_AUTHORITY, "schema-invalid"),
    ("a time for nothing to put right", {"measures": ["warning"]}, BY_AUTHORITY, "schema-invalid"),
    ("appeal ended before", {"appeal_until": "2026-05-19"}, BY_AUTHORITY, "schema-invalid"),
    ("of no case", {"case": "0" * 64}, BY_AUTHORITY, "evidence-missing"),
    ("of a record that is no case", {"case": "rating"}, BY_AUTHORITY, "evidence-missing"),
    ("not registered", {"case": "finding", "uscc": NOWHERE_USCC}, BY_AUTHORITY, "rule-broken"),
    ("a delegate decides its own case", {"case": "of the delegate", "uscc": BUREAU_USCC}, BY_BUREAU, "rule-broken"),
    ("the case of another institution", {"case": "finding", "uscc": OTHER_USCC}, BY_AUTHORITY, "rule-broken"),
    (
        "dated before the case",
        {"happened_on": "2026-05-19", "case": "finding"},
        BY_AUTHORITY,
        "rule-broken",
    ),
    ("a delegate decides the appeal against itself", {"case": "appeal"}, BY_BUREAU, "rule-broken"),
]


@rows(DECISIONS)
def test_decisions(past: Past, cases: dict[str, str], row: Row) -> None:
    _, claims, seen, code = row
    claims = {"case": "finding", **claims}
    claims["case"] = cases.get(claims["case"], claims["case"])
    assert past.code("supervision-decided", claims, **seen) == code


def test_a_case_is_decided_once_beside_the_case(past: Past) -> None:
    record = record_of("supervision-decided")
    case = record.field("case")
    assert record.unique_claims() == (UniqueClaim("supervision-decision", (case,), NumberUsed),)
    assert (record.target(), record.PLACE) == (case, "target")


@pytest.mark.parametrize("kind", ["star-rating", "inspection-finding", "supervision-decided", "institution-attribute"])
def test_supervision_is_the_authoritys_and_delegable_by_region(past: Past, kind: str) -> None:
    record = record_of(kind)
    assert {"authority"} == record.SIGNERS
    assert record.concerns(past.registry) == ("320102",)
    assert record_of(kind, {"uscc": NOWHERE_USCC}).concerns(past.registry) == ()


def test_code_tables_speak_both_languages() -> None:
    for table in (FINDINGS, MEASURES):
        assert all(labels.keys() == {"zh", "en"} for labels in table.values())
