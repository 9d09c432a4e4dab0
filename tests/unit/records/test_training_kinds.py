"""Goal: classes, enrolments and results of training hold together, and subsidies are paid once. Method: a past of real
logged records, one change a row, in the order of the checks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger.errors import NumberUsed, Refused, SubsidyTaken
from ledger.records._base import Record, Scope, UniqueClaim
from tests.support.past import AUTHORITY, INSTITUTION, ISSUER, OTHER, SECOND, Past, build, record_of

FRAMEWORK = ("framework", "framework_version", "framework_level")
DIGEST, UNKNOWN = "ab" * 32, "0" * 64
CASE = "urn:uuid:55c0a3de-2f0b-4c7a-9d55-0f4e8b1a7c21"
GROUP = "urn:uuid:66c0a3de-2f0b-4c7a-9d55-0f4e8b1a7c21"


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.fixture
def opened(past: Past) -> str:
    return past.log(build("class-opened"), INSTITUTION)


def result_of(class_record: str, **changes: Any) -> dict[str, Any]:
    """Claims of a result that rests on the class of the example."""
    return {"late": None, "class_record": class_record, "attendance_hashes": [DIGEST], **changes}


# Classes

CLASSES: list[tuple[str, dict[str, Any], str | None]] = [
    ("as in the example", {}, None),
    ("opened after its first day", {"happened_on": "2026-03-03"}, "schema-invalid"),
    ("ends before it begins", {"ended_on": "2026-03-01"}, "schema-invalid"),
    ("lasts one day", {"ended_on": "2026-03-02"}, None),
    ("nobody teaches", {"teacher_count": None}, "schema-invalid"),
    ("teachers counted and told", {"teacher_ids": ["t-01"]}, "schema-invalid"),
    ("teachers by pseudonym", {"teacher_count": None, "teacher_ids": ["t-01", "t-02"]}, None),
    ("a teacher by name", {"teacher_count": None, "teacher_ids": ["李老师"]}, "schema-invalid"),
    ("apprenticeship with one base", {"school_uscc": None}, "schema-invalid"),
    ("apprenticeship with the other base", {"enterprise_uscc": None}, "schema-invalid"),
    ("bases without apprenticeship", {"apprenticeship": None}, "schema-invalid"),
    ("one institution as both bases", {"school_uscc": "91320102MA0000007T"}, "schema-invalid"),
    ("no apprenticeship", {"apprenticeship": None, "enterprise_uscc": None, "school_uscc": None}, None),
    ("unknown type of class", {"class_type": "evening"}, "schema-invalid"),
    ("unknown carrier", {"carrier_type": "garage"}, "schema-invalid"),
    ("unknown mode of organisation", {"organisation_mode": "any"}, "schema-invalid"),
    ("a programme that no paper named yet", {"programme_tags": ["robotics-2027"]}, None),
    ("plan not committed to", {"plan_hash": None}, "schema-invalid"),
    ("roster not a hash", {"roster_hash": "李四"}, "schema-invalid"),
    ("nothing planned", {"minutes_planned": 0}, "schema-invalid"),
    ("parts too long", {"minutes_theory": 2401}, "minutes-differ"),
    ("parts too short", {"minutes_online": 1199}, "minutes-differ"),
    ("offline with minutes online", {"delivery": "offline"}, "minutes-differ"),
    ("online with minutes on site", {"delivery": "online"}, "minutes-differ"),
    ("mixed without minutes online", {"minutes_online": 0, "minutes_theory": 3600}, "minutes-differ"),
    ("offline", {"delivery": "offline", "minutes_online": 0, "minutes_theory": 3600}, None),
    ("online", {"delivery": "online", "minutes_online": 7200, "minutes_theory": 0, "minutes_practice": 0}, None),
]


@pytest.mark.parametrize(("why", "claims", "code"), CLASSES, ids=[row[0] for row in CLASSES])
def test_classes(past: Past, why: str, claims: dict[str, Any], code: str | None) -> None:
    assert past.code("class-opened", claims, stream=INSTITUTION) == code, why


def test_a_class_takes_its_number_and_is_accredited_as_its_completions() -> None:
    record = record_of("class-opened")
    assert record.unique_claims() == (UniqueClaim("class", (ISSUER, "2026-0017"), NumberUsed),)
    assert record.scope() == Scope("training-completion", "6-31-01-03", 4, "320102")
    assert record.occurred_on().isoformat() == "2026-02-25"


# Enrolments

ENROLMENTS: list[tuple[str, dict[str, Any], dict[str, Any], str | None]] = [
    ("card read", {}, {}, None),
    ("on the last day", {"happened_on": "2026-05-15"}, {}, None),
    ("for employment as well", {"case": CASE}, {}, None),
    ("unknown way of checking", {"identity_method": "by-eye"}, {}, "schema-invalid"),
    ("by hand, by nobody", {"identity_method": "manual-four-eyes"}, {}, "schema-invalid"),
    (
        "by hand, by one",
        {"identity_method": "manual-four-eyes", "identity_checkers": ["s-01"]},
        {},
        "schema-invalid",
    ),
    (
        "by hand, by one twice",
        {"identity_method": "manual-four-eyes", "identity_checkers": ["s-01", "s-01"]},
        {},
        "schema-invalid",
    ),
    ("by hand, by two", {"identity_method": "manual-four-eyes", "identity_checkers": ["s-01", "s-02"]}, {}, None),
    ("by card and by hand", {"identity_checkers": ["s-01", "s-02"]}, {}, "schema-invalid"),
    ("unknown category", {"category": "friend"}, {}, "schema-invalid"),
    ("no class", {"class_record": UNKNOWN}, {}, "evidence-missing"),
    ("another institution's class", {}, {"issuer": OTHER}, "evidence-missing"),
    ("another programme", {"programme_name": "焊工高级工培训"}, {}, "rule-broken"),
    ("after the last day", {"happened_on": "2026-05-16"}, {}, "rule-broken"),
]


@pytest.mark.parametrize(("claims", "seen", "code"), [r[1:] for r in ENROLMENTS], ids=[r[0] for r in ENROLMENTS])
def test_enrolments(past: Past, opened: str, claims: dict[str, Any], seen: dict[str, Any], code: str | None) -> None:
    assert past.code("enrolment", {"class_record": opened, **claims}, **seen) == code


def test_a_person_joins_a_class_once(past: Past, opened: str) -> None:
    first = past.log(build("enrolment", {"class_record": opened}))
    other = past.log(build("class-opened", {"class_number": "2026-0018"}), INSTITUTION)
    assert past.code("enrolment", {"class_record": opened}) == "rule-broken"
    assert past.code("enrolment", {"class_record": other}) is None
    assert past.code("enrolment", {"class_record": opened}, stream=SECOND) is None
    past.act("revocation", target_record=first, action="suspend")
    assert past.code("enrolment", {"class_record": opened}) == "rule-broken", "a suspended one may come back"
    past.act("revocation", target_record=first, action="revoke")
    assert past.code("enrolment", {"class_record": opened}) is None


def test_a_certificate_is_no_class(past: Past) -> None:
    assert past.code("enrolment", {"class_record": past.log(build("award"))}) == "evidence-missing"


def test_a_successor_goes_on_with_a_class(past: Past, opened: str) -> None:
    body = past.registry.institution("52320102MJ000000XG")
    past.registry = past.registry.with_changed(replace(body, successor="12320102MB0000000C"))
    assert past.code("enrolment", {"class_record": opened}, issuer=OTHER) is None


# Results

FORMS: list[tuple[str, dict[str, Any], dict[str, Any], str | None]] = [
    ("an import without class", {}, {}, None),
    ("from paper", {"late": "paper-backlog"}, {}, None),
    ("with a level of a framework", dict.fromkeys(FRAMEWORK, "4"), {}, None),
    ("with half a level of a framework", dict.fromkeys(FRAMEWORK[:2], "4"), {}, "schema-invalid"),
    ("totals alone", dict.fromkeys(("minutes_theory", "minutes_practice", "minutes_online")), {}, None),
    ("not late", {"late": None}, {}, "evidence-missing"),
    ("late for another reason", {"late": "approved"}, {}, "evidence-missing"),
    ("an enrolment without its class", {"enrolment_record": UNKNOWN}, {}, "schema-invalid"),
    ("one part of the minutes", {"minutes_online": None}, {}, "schema-invalid"),
    ("assessed by one", {"assessors": 1}, {}, "schema-invalid"),
    ("assessed by nobody", {"assessors": None}, {}, "schema-invalid"),
    ("assessed how", {"assessment_kind": None}, {}, "schema-invalid"),
    ("assessed as what", {"assessment_result": None}, {}, "schema-invalid"),
    (
        "evidence of no assessment",
        {
            **dict.fromkeys(("assessors", "assessment_kind", "assessment_result")),
            "assessment_hashes": [DIGEST],
        },
        {},
        "schema-invalid",
    ),
    ("never assessed", dict.fromkeys(("assessors", "assessment_kind", "assessment_result")), {}, None),
    ("completed though failed", {"assessment_result": "FAIL"}, {}, "schema-invalid"),
    (
        "a number for what was not completed",
        {"result": "NOT_COMPLETED"},
        {},
        "schema-invalid",
    ),
    ("not completed", {"result": "NOT_COMPLETED"}, {"certificate_number": None}, None),
    ("unknown result", {"result": "MAYBE"}, {}, "schema-invalid"),
    ("more than planned", {"minutes_planned": 7199}, {}, "minutes-differ"),
    ("parts do not add up", {"minutes": 7199}, {}, "minutes-differ"),
    ("a typed percentage", {"attendance_basis_points": 10_000}, {}, "schema-invalid"),
    ("no name", {}, {"holder_name": None}, "schema-invalid"),
    ("no number", {}, {"document_number": None}, "schema-invalid"),
]


@pytest.mark.parametrize(("why", "claims", "disclosed", "code"), FORMS, ids=[row[0] for row in FORMS])
def test_results_by_themselves(
    past: Past, why: str, claims: dict[str, Any], disclosed: dict[str, Any], code: str | None
) -> None:
    assert past.code("training-completion", claims, disclosed) == code, why


OF_CLASS: list[tuple[str, dict[str, Any], dict[str, Any], str | None]] = [
    ("all of it", {}, {}, None),
    (
        "a part of it",
        {"minutes": 6000, "minutes_theory": 2400, "minutes_practice": 3600, "minutes_online": 0},
        {},
        None,
    ),
    (
        "minutes not by part",
        dict.fromkeys(("minutes_theory", "minutes_practice", "minutes_online")),
        {},
        "schema-invalid",
    ),
    ("attended on no day", {"attendance_days": None}, {}, "schema-invalid"),
    ("attended without record", {"attendance_method": None}, {}, "schema-invalid"),
    ("attended without evidence", {"attendance_hashes": None}, {}, "schema-invalid"),
    (
        "completed without assessment",
        dict.fromkeys(("assessors", "assessment_kind", "assessment_result")),
        {},
        "schema-invalid",
    ),
    ("no class", {"class_record": UNKNOWN}, {}, "evidence-missing"),
    ("another institution's class", {}, {"issuer": OTHER}, "evidence-missing"),
    ("another class number", {"class_number": "2026-0018"}, {}, "rule-broken"),
    ("another programme", {"programme_name": "焊工高级工培训"}, {}, "rule-broken"),
    ("another occupation", {"occupation_code": "6-18-02-04"}, {}, "rule-broken"),
    ("another name of the occupation", {"occupation_name": "焊工"}, {}, "rule-broken"),
    ("another level", {"level_order": 3}, {}, "rule-broken"),
    ("tags left out", {"programme_tags": None}, {}, "rule-broken"),
    ("another mode of organisation", {"organisation_mode": "order"}, {}, "rule-broken"),
    ("another mode of delivery", {"delivery": "offline"}, {}, "rule-broken"),
    ("another plan", {"minutes_planned": 7300}, {}, "rule-broken"),
    ("no plan", {"minutes_planned": None}, {}, "rule-broken"),
    ("more theory than planned", {"minutes_theory": 2401, "minutes_practice": 3599}, {}, "minutes-differ"),
    ("more practice than planned", {"minutes_practice": 3601, "minutes_online": 1199}, {}, "minutes-differ"),
    ("more online than planned", {"minutes_online": 1201, "minutes_theory": 2399}, {}, "minutes-differ"),
    ("began before the class", {"started_on": "2026-03-01"}, {}, "rule-broken"),
    ("ended after the class", {"ended_on": "2026-05-16"}, {}, "rule-broken"),
    ("no such enrolment", {"enrolment_record": UNKNOWN}, {}, "evidence-missing"),
]


@pytest.mark.parametrize(("claims", "seen", "code"), [row[1:] for row in OF_CLASS], ids=[row[0] for row in OF_CLASS])
def test_results_of_a_class(
    past: Past, opened: str, claims: dict[str, Any], seen: dict[str, Any], code: str | None
) -> None:
    assert past.code("training-completion", {**result_of(opened), **claims}, **seen) == code


def test_a_result_rests_on_the_persons_own_enrolment_in_this_class(past: Past, opened: str) -> None:
    other = past.log(build("class-opened", {"class_number": "2026-0018"}), INSTITUTION)
    mine = past.log(build("enrolment", {"class_record": opened, "case": CASE}))
    elsewhere = past.log(build("enrolment", {"class_record": other, "case": CASE}))
    foreign = past.log(build("enrolment", {"class_record": opened, "case": CASE}), SECOND)

    def code(enrolment: str, case: str | None = CASE) -> str | None:
        return past.code("training-completion", result_of(opened, enrolment_record=enrolment, case=case))

    assert code(mine) is None
    assert code(mine, case=None) == "evidence-missing"
    assert code(elsewhere) == "evidence-missing"
    assert code(foreign) == "evidence-missing"
    assert code(opened) == "evidence-missing"
    past.act("revocation", target_record=mine, action="revoke")
    assert code(mine) == "evidence-missing"


def test_a_class_has_one_result_a_person(past: Past, opened: str) -> None:
    failed = {"result": "NOT_COMPLETED", "assessment_result": "FAIL"}
    first = past.log(build("training-completion", result_of(opened, **failed), {"certificate_number": None}))
    passed = record_of("training-completion", result_of(opened, group=GROUP))
    assert past.code("training-completion", result_of(opened)) == "rule-broken"
    assert past.code("training-completion", result_of(opened), stream=SECOND) is None
    correction = record_of("correction", {"target_record": first, "replacement_record": UNKNOWN, "group": GROUP})
    passed.check(past.history(group=(passed, correction)))
    other = record_of("correction", {"target_record": opened, "replacement_record": UNKNOWN, "group": GROUP})
    assert code_of(passed, past, group=(passed, other)) == "rule-broken", "that one replaces something else"


def code_of(record: Record, past: Past, **seen: Any) -> str | None:
    try:
        record.check(past.history(**seen))
    except Refused as refused:
        return refused.code
    return None


def test_attendance_is_computed() -> None:
    minutes = {"minutes": 6001, "minutes_theory": 2401, "minutes_practice": 3600, "minutes_online": 0}
    record = record_of("training-completion", minutes)
    subject = record.to_payload()["credentialSubject"]
    assert (subject["minutes"], subject["minutesPlanned"], subject["attendanceBasisPoints"]) == (6001, 7200, 8334)
    assert "attendanceBasisPoints" not in record_of("training-completion", {"minutes_planned": None}).to_payload()
    nothing = {"minutes": 0, "minutes_theory": 0, "minutes_practice": 0, "minutes_online": 0, "minutes_planned": 0}
    assert "attendanceBasisPoints" not in record_of("training-completion", nothing).to_payload()["credentialSubject"]


def test_what_was_not_completed_never_looks_completed() -> None:
    record = record_of("training-completion", {"result": "NOT_COMPLETED"}, {"certificate_number": None})
    payload = record.to_payload()
    achievement = payload["credentialSubject"]["achievement"]
    assert (payload["name"], achievement["name"]) == ("职业培训结果证明（未合格）", "电工高级工培训（未合格）")
    assert achievement["achievementType"] == "Course"
    done = record_of("training-completion").to_payload()
    assert done["credentialSubject"]["achievement"]["achievementType"] == "CertificateOfCompletion"
    assert done["credentialSubject"]["achievement"]["name"] == "电工高级工培训"


def test_the_first_version_stays_as_it_was(past: Past) -> None:
    assert past.code("training-completion/1") is None
    record = record_of("training-completion/1")
    assert record.reads() == ()
    assert "completion" not in record.to_payload()["credentialSubject"]


# Voided classes


def test_what_cites_a_voided_class_is_refused(past: Past, opened: str) -> None:
    before = past.log(build("enrolment", {"class_record": opened}), SECOND)
    assert past.code("class-voided", {"class_record": opened}, stream=INSTITUTION) is None
    past.log(build("class-voided", {"class_record": opened}), INSTITUTION)
    assert past.code("enrolment", {"class_record": opened}) == "evidence-missing"
    assert past.code("training-completion", result_of(opened)) == "evidence-missing"
    assert past.code("class-voided", {"class_record": opened}, stream=INSTITUTION) == "rule-broken"
    assert past.history(stream=SECOND).status(before) == "active", "what came before is revoked by itself"


def test_only_classes_are_voided(past: Past) -> None:
    assert past.code("class-voided", {"class_record": UNKNOWN}) == "target-unknown"
    assert past.code("class-voided", {"class_record": past.log(build("award"))}) == "rule-broken"


# Subsidies


@pytest.fixture
def training(past: Past) -> str:
    return past.log(build("training-completion"))


def claimed(past: Past, qualifying: str, number: str = "BT-1") -> str:
    return past.log(build("subsidy-claimed", {"qualifying_record": qualifying}, {"claim_number": number}))


def decided(past: Past, claim: str, qualifying: str, *, granted: bool) -> str:
    changes = {} if granted else {"decision": "refused", "reason": "not-in-catalogue"}
    disclosed = {} if granted else {"payment_reference": None}
    claims = {"claim_record": claim, "qualifying_record": qualifying, **changes}
    return past.log(build("subsidy-decided", claims, disclosed, AUTHORITY))


def test_claims_rest_on_an_achievement_of_the_person(past: Past, training: str) -> None:
    def code(record_id: str) -> str | None:
        return past.code("subsidy-claimed", {"qualifying_record": record_id})

    failed = past.log(build("training-completion", {"result": "NOT_COMPLETED"}, {"certificate_number": None}))
    assert code(training) is None
    assert code(past.log(build("training-completion/1"))) is None
    for kind in ("skill-certificate", "vocational-qualification", "special-ability-certificate"):
        assert code(past.log(build(kind))) is None
    assert code(UNKNOWN) == "evidence-missing"
    assert code(past.log(build("award"))) == "evidence-missing"
    assert code(past.log(build("training-completion"), SECOND)) == "evidence-missing"
    assert code(failed) == "evidence-missing"
    past.act("revocation", target_record=training, action="suspend")
    assert code(training) == "evidence-missing"


def test_one_subsidy_for_an_achievement(past: Past, training: str) -> None:
    def code(record_id: str = training) -> str | None:
        return past.code("subsidy-claimed", {"qualifying_record": record_id})

    first = claimed(past, training)
    assert code() == "subsidy-taken"
    assert code(past.log(build("skill-certificate"))) is None, "another achievement"
    decided(past, first, training, granted=False)
    assert code() is None
    second = claimed(past, training, "BT-2")
    assert code() == "subsidy-taken"
    past.act("revocation", target_record=second, action="suspend")
    assert code() == "subsidy-taken", "a suspended claim may come back"
    past.act("revocation", target_record=second, action="revoke")
    assert code() is None
    third = claimed(past, training, "BT-3")
    decided(past, third, training, granted=True)
    assert code() == "subsidy-taken"


@pytest.mark.parametrize("granted", [None, True, False], ids=["open", "granted", "refused"])
def test_a_corrected_achievement_is_still_one(past: Past, training: str, granted: bool | None) -> None:
    """A correction gives the training another record id; the subsidy of the old one must not be forgotten."""
    claim = claimed(past, training)
    if granted is not None:
        decided(past, claim, training, granted=granted)
    new = past.log(build("training-completion", {"issued_on": "2026-05-21"}))
    past.act("correction", target_record=training, replacement_record=new)
    newer = past.log(build("training-completion", {"issued_on": "2026-05-22"}))
    past.act("correction", target_record=new, replacement_record=newer)
    code = past.code("subsidy-claimed", {"qualifying_record": newer})
    assert code == (None if granted is False else "subsidy-taken")


def test_a_claim_is_corrected_while_it_is_open(past: Past, training: str) -> None:
    old = claimed(past, training)
    new = record_of("subsidy-claimed", {"qualifying_record": training, "group": GROUP})
    assert code_of(new, past) == "subsidy-taken"
    correction = record_of("correction", {"target_record": old, "replacement_record": UNKNOWN, "group": GROUP})
    assert code_of(new, past, group=(new, correction)) is None


def test_claim_and_grant_take_their_numbers() -> None:
    claim, grant = record_of("subsidy-claimed"), record_of("subsidy-decided")
    assert claim.unique_claims() == (UniqueClaim("subsidy-claim", (ISSUER, "BT-2026-000017"), NumberUsed),)
    assert grant.unique_claims() == (UniqueClaim("subsidy", (grant.reads()[1],), SubsidyTaken),)
    refusal = record_of(
        "subsidy-decided", {"decision": "refused", "reason": "not-in-catalogue"}, {"payment_reference": None}
    )
    assert refusal.unique_claims() == ()


def test_decisions(past: Past, training: str) -> None:
    claim = claimed(past, training)
    certificate = past.log(build("skill-certificate"))
    foreign = past.log(build("subsidy-claimed", {"qualifying_record": training}, {"claim_number": "BT-9"}), SECOND)
    refused = {"decision": "refused", "reason": "not-in-catalogue"}
    unpaid = {"payment_reference": None}
    as_authority = {"issuer": AUTHORITY, "is_authority": True}
    rows: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], str | None]] = [
        ("granted", {}, {}, as_authority, None),
        ("granted, not paid yet", {}, unpaid, as_authority, None),
        ("refused", refused, unpaid, as_authority, None),
        ("refused without reason", {"decision": "refused"}, unpaid, as_authority, "schema-invalid"),
        ("granted with a reason", {"reason": "not-in-catalogue"}, {}, as_authority, "schema-invalid"),
        ("refused and paid", refused, {}, as_authority, "schema-invalid"),
        ("by a college", {}, {}, {}, "rule-broken"),
        ("no claim", {"claim_record": UNKNOWN}, {}, as_authority, "evidence-missing"),
        ("no claim but a training", {"claim_record": training}, {}, as_authority, "evidence-missing"),
        ("another person's claim", {"claim_record": foreign}, {}, as_authority, "evidence-missing"),
        ("for something else", {"qualifying_record": certificate}, {}, as_authority, "evidence-missing"),
    ]
    for why, changes, disclosed, seen, code in rows:
        claims = {"claim_record": claim, "qualifying_record": training, **changes}
        assert past.code("subsidy-decided", claims, disclosed, **seen) == code, why


def test_a_government_body_decides(past: Past, training: str) -> None:
    claims = {"claim_record": claimed(past, training), "qualifying_record": training}
    body = past.registry.institution("12320102MB0000000C")
    past.registry = past.registry.with_changed(replace(body, type="government-body"))
    assert past.code("subsidy-decided", claims, issuer=OTHER) is None


def test_a_claim_is_decided_once_while_it_stands(past: Past, training: str) -> None:
    def code(claim: str, **changes: Any) -> str | None:
        claims = {"claim_record": claim, "qualifying_record": training, **changes}
        unpaid = {"payment_reference": None} if changes else {}
        return past.code("subsidy-decided", claims, unpaid, issuer=AUTHORITY, is_authority=True)

    refused = {"decision": "refused", "reason": "not-in-catalogue"}
    first = claimed(past, training)
    decision = decided(past, first, training, granted=False)
    assert code(first) == "rule-broken"
    past.act("revocation", target_record=decision, action="suspend")
    assert code(first) == "rule-broken", "a suspended decision may come back"
    past.act("revocation", target_record=decision, action="reinstate")
    second = claimed(past, training, "BT-2")
    assert code(second) is None
    past.act("revocation", target_record=training, action="suspend")
    assert (code(second), code(second, **refused)) == ("evidence-missing", None), "only a sound training is paid for"
    past.act("revocation", target_record=second, action="revoke")
    assert code(second, **refused) == "evidence-missing"
