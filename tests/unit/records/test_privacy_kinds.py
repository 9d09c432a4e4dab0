"""Goal: consents are informed, separate where the law says so and withdrawn by who gave them; corrections are asked for and
answered by whom and when they must be.

Method: one worker's small past, one change a row, in the order of the checks.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ledger.errors import NumberUsed, RuleBroken
from ledger.records import KINDS
from ledger.records._base import UniqueClaim
from ledger.records.consent_given import DATA, PURPOSES
from ledger.records.correction_requested import answer_due
from tests.support.past import AUTHORITY, ISSUER, OTHER, SECOND, Past, build, record_of

SERVICE = AUTHORITY + "/service"
GENERAL = {"purpose": "research", "separately": False}
Claims = dict[str, Any]


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.fixture
def award(past: Past) -> str:
    return past.log(build("award"))


@pytest.mark.parametrize(
    "kind", ["consent-given", "consent-withdrawn", "correction-requested"], ids=["given", "withdrawn", "correction"]
)
def test_a_workers_acts_name_the_worker_by_id_alone(kind: str) -> None:
    record = record_of(kind, issuer=SERVICE)
    assert {"service"} == record.SIGNERS
    assert (record.PLACE, record.person(), record.scope(), record.target()) == ("subject", None, None, None)
    payload = build(kind, issuer=SERVICE).payload
    assert payload["subject"] == {"id": "4f0c2f6e-7a51-4c0b-9d3e-6b1f0a3f6a01"}
    assert payload["authenticated"] == {"by": "oidc"}
    assert payload["name"]
    for wrong in ("4F0C2F6E-7A51-4C0B-9D3E-6B1F0A3F6A01", "4f0c2f6e7a514c0b9d3e6b1f0a3f6a01", ""):
        assert Past().code(kind, {"subject_id": wrong}, issuer=SERVICE) == "schema-invalid"
    assert Past().code(kind, {"authenticated_by": "face"}, issuer=SERVICE) == "schema-invalid"


def test_what_rests_on_consent_is_kept_as_such() -> None:
    assert {name for name in KINDS if name.startswith("consent-") and KINDS[name].RETENTION == "consent"} == {
        "consent-given/1",
        "consent-withdrawn/1",
    }
    assert KINDS["correction-requested/1"].RETENTION == "statutory"


# -- consents ----------------------------------------------------------------------------------------------------------

CONSENTS = [
    ("to an employer, as the example has it", {}, {}, None),
    ("general", GENERAL, {"recipient": None}, None),
    ("until it is withdrawn", {"until": None}, {}, None),
    ("for one day", {"until": "2026-05-20"}, {}, None),
    ("separately, though it need not be", {**GENERAL, "separately": True}, {"recipient": None}, None),
    ("for a purpose that there is not", {"purpose": "anything"}, {}, "schema-invalid"),
    ("data that there is not", {"data": ["thoughts"]}, {}, "schema-invalid"),
    ("no data", {"data": []}, {}, "schema-invalid"),
    ("no notice", {"notice_hash": None}, {}, "schema-invalid"),
    ("article 23: passed on, not separately", {"separately": False}, {}, "schema-invalid"),
    (
        "article 25: published, not separately",
        {"purpose": "publication", "separately": False},
        {"recipient": None},
        "schema-invalid",
    ),
    (
        "article 29: sensitive, not separately",
        {**GENERAL, "data": ["name", "document-number"]},
        {"recipient": None},
        "schema-invalid",
    ),
    ("article 39: abroad, not separately", {"purpose": "abroad", "separately": False}, {}, "schema-invalid"),
    ("ends before it begins", {"until": "2026-05-19"}, {}, "schema-invalid"),
    ("article 23: to nobody in particular", {}, {"recipient": None}, "rule-broken"),
    ("a recipient where there is none", GENERAL, {}, "rule-broken"),
]


@pytest.mark.parametrize(("why", "claims", "disclosed", "code"), CONSENTS, ids=[row[0] for row in CONSENTS])
def test_consents(past: Past, why: str, claims: Claims, disclosed: Claims, code: str | None) -> None:
    assert past.code("consent-given", claims, disclosed, issuer=SERVICE) == code


def test_purposes_and_data_speak_both_languages() -> None:
    assert all(purpose.zh and purpose.en for purpose in PURPOSES.values())
    assert all(purpose.separately for purpose in PURPOSES.values() if purpose.passes_on)
    assert all(labels.keys() == {"zh", "en"} for labels in DATA.values())


def test_the_recipient_is_not_in_clear() -> None:
    assert "集团" not in str(build("consent-given", issuer=SERVICE).payload)


def test_withdrawals(past: Past, award: str) -> None:
    own = past.log(build("consent-given", issuer=SERVICE))
    foreign = past.log(build("consent-given", issuer=SERVICE), SECOND)

    def code(consent: str, **claims: Any) -> str | None:
        return past.code("consent-withdrawn", {"consent": consent, **claims}, issuer=SERVICE)

    assert code(own) is None
    assert code("0" * 64) == "evidence-missing"
    assert code(award) == "evidence-missing"
    assert code(foreign) == "evidence-missing"
    assert code(own, happened_on="2026-05-19") == "rule-broken"
    record = record_of("consent-withdrawn", {"consent": own}, issuer=SERVICE)
    assert record.unique_claims() == (UniqueClaim("consent-withdrawal", (own,), RuleBroken),)


# -- corrections asked for ---------------------------------------------------------------------------------------------

OLD_NEW = {"old_values": None, "new_values": None}
REQUESTS = [
    ("a name", {}, {}, None),
    ("values for some of the fields", {"fields": ["holder_name", "document_number"]}, {}, None),
    ("without values", {"fields": ["decided_on"]}, OLD_NEW, None),
    ("no field", {"fields": []}, OLD_NEW, "schema-invalid"),
    ("a value in place of a field", {"fields": ["张三"]}, OLD_NEW, "schema-invalid"),
    ("an old value of a field that is not named", {"fields": ["decided_on"]}, {"new_values": None}, "schema-invalid"),
    ("a new value of a field that is not named", {"fields": ["decided_on"]}, {"old_values": None}, "schema-invalid"),
    ("no record", {"record": "0" * 64}, {}, "evidence-missing"),
    ("somebody else's record", {"record": "foreign"}, {}, "evidence-missing"),
    ("the worker's own complaint", {"record": "complaint", "fields": ["topic"]}, OLD_NEW, "rule-broken"),
    ("a revocation", {"record": "suspension", "fields": ["reason"]}, OLD_NEW, "rule-broken"),
    ("what is superseded", {"record": "superseded"}, {}, "rule-broken"),
    ("a field that the kind does not have", {"fields": ["level_order"]}, OLD_NEW, "rule-broken"),
    ("answered sooner than the rule says", {"due_on": "2026-06-02"}, {}, "rule-broken"),
    ("answered later than the rule says", {"due_on": "2026-06-04"}, {}, "rule-broken"),
]


@pytest.mark.parametrize(("why", "claims", "disclosed", "code"), REQUESTS, ids=[row[0] for row in REQUESTS])
def test_requests(past: Past, why: str, claims: Claims, disclosed: Claims, code: str | None) -> None:
    ids = {
        "award": past.log(build("award")),
        "superseded": past.log(build("award", {"edition": "2027"})),
        "foreign": past.log(build("award", {"edition": "2026"}), SECOND),
        "complaint": past.log(build("complaint", issuer=SERVICE)),
    }
    ids["suspension"] = past.log(build("revocation", {"target_record": ids["award"], "action": "suspend"}))
    past.log(build("correction", {"target_record": ids["superseded"], "replacement_record": ids["award"]}))
    named = claims.get("record", "award")
    claims = {**claims, "record": ids.get(named, named)}
    assert past.code("correction-requested", claims, disclosed, issuer=SERVICE) == code


def test_a_request_shows_field_names_and_no_values(award: str) -> None:
    payload = build("correction-requested", issuer=SERVICE).payload
    assert payload["request"]["fields"] == ["holder_name"]
    assert not [text for text in ("张三", "张叁", "录入") if text in str(payload)]


DUE = [
    ("over a weekend", date(2026, 5, 20), date(2026, 6, 3)),
    ("from a Saturday", date(2026, 5, 23), date(2026, 6, 5)),
    ("over the National Day holiday, with its working Saturday", date(2026, 9, 28), date(2026, 10, 16)),
]


@pytest.mark.parametrize(("why", "asked_on", "due_on"), DUE, ids=[row[0] for row in DUE])
def test_ten_working_days(why: str, asked_on: date, due_on: date) -> None:
    assert answer_due(asked_on) == due_on


# -- and answered ------------------------------------------------------------------------------------------------------


@pytest.fixture
def ids(past: Past, award: str) -> dict[str, str]:
    """A request about an award by ISSUER, and what happened to awards."""
    new = past.log(build("award", {"edition": "2027"}))
    return {
        "award": award,
        "request": past.log(build("correction-requested", {"record": award}, issuer=SERVICE)),
        "new": new,
        "other": past.log(build("revocation", {"target_record": new, "action": "suspend"})),
    }


GRANTED = {"outcome": "granted", "reason": "error-confirmed"}
ANSWERS = [
    ("refused by the issuer", {}, {}, None),
    ("refused by the authority", {}, {"is_authority": True}, None),
    ("granted, the correction follows", GRANTED, {}, None),
    ("partly granted", {**GRANTED, "outcome": "partly"}, {}, None),
    ("refused, and yet corrected", {"correction": "new"}, {}, "schema-invalid"),
    ("an answer that there is not", {"outcome": "later"}, {}, "schema-invalid"),
    ("on the day it was asked", {"happened_on": "2026-05-20"}, {}, None),
    ("of no request", {"request": "0" * 64}, {}, "evidence-missing"),
    ("of a record that is no request", {"request": "new"}, {}, "evidence-missing"),
    ("of another record", {"record": "new"}, {}, "evidence-missing"),
    ("by another institution", {}, {"issuer": OTHER}, "target-foreign"),
    ("before it was asked", {"happened_on": "2026-05-19"}, {}, "rule-broken"),
    ("a correction that is not there", {**GRANTED, "correction": "0" * 64}, {}, "evidence-missing"),
]


@pytest.mark.parametrize("row", ANSWERS, ids=[row[0] for row in ANSWERS])
def test_answers(past: Past, ids: dict[str, str], row: tuple[str, Claims, Claims, str | None]) -> None:
    _, changed, seen, code = row
    claims = {"request": "request", "record": "award", **changed}
    named = {
        name: ids.get(claims[name], claims[name]) for name in ("request", "record", "correction") if name in claims
    }
    assert past.code("correction-decided", {**claims, **named}, **seen) == code


def test_what_was_corrected_is_cited(past: Past, ids: dict[str, str]) -> None:
    replaced = {"target_record": ids["award"], "replacement_record": ids["new"]}
    correction = past.log(build("correction", replaced))

    def code(**claims: Any) -> str | None:
        return past.code("correction-decided", {"request": ids["request"], "record": ids["award"], **claims})

    assert code(**GRANTED, correction=correction) is None
    assert code(**GRANTED) == "evidence-missing"
    assert code(**GRANTED, correction="0" * 64) == "evidence-missing"
    assert code(**GRANTED, correction=ids["new"]) == "evidence-missing", "what is no correction"
    assert code(**GRANTED, correction=ids["other"]) == "evidence-missing", "one of another record"
    assert code() is None, "corrected for another reason, and this request refused"


def test_a_revocation_answers_who_says_that_it_is_not_theirs(past: Past, ids: dict[str, str]) -> None:
    revocation = past.log(build("revocation", {"target_record": ids["award"]}))
    claims = {"request": ids["request"], "record": ids["award"], **GRANTED}
    assert past.code("correction-decided", {**claims, "correction": revocation}) is None
    assert past.code("correction-decided", claims) == "evidence-missing"


def test_a_suspension_carries_nothing_out(past: Past, ids: dict[str, str]) -> None:
    suspension = past.log(build("revocation", {"target_record": ids["award"], "action": "suspend"}))
    claims = {"request": ids["request"], "record": ids["award"], **GRANTED}
    assert past.code("correction-decided", {**claims, "correction": suspension}) == "evidence-missing"
    assert past.code("correction-decided", claims) is None


def test_a_request_is_answered_once_beside_the_request(ids: dict[str, str]) -> None:
    record = record_of("correction-decided", {"request": ids["request"], "record": ids["award"]}, issuer=ISSUER)
    assert record.unique_claims() == (UniqueClaim("correction-decision", (ids["request"],), NumberUsed),)
    assert (record.target(), record.PLACE) == (ids["request"], "target")
