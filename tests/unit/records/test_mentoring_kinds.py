"""Goal: innovations of several persons, and mentors with their apprentices, are recorded whole or not at all. Method: a
group of models as acceptance hands it to the rule, in which one record differs in one thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ledger.records import kind_class
from ledger.records._base import Record, Scope
from ledger.records.innovation_recognised import KINDS, LEVELS, PURPOSES
from ledger.records.mentoring_agreed import PROGRAMMES
from ledger.records.mentoring_assessed import RESULTS
from ledger.records.mentoring_ended import REASONS
from tests.support.past import ISSUER, OTHER, SECOND, Past, build, record_of

GROUP = "urn:uuid:55c0a3de-2f0b-4c7a-9d55-0f4e8b1a7c21"
COLLEAGUE = {"holder_name": "李四", "document_number": "320106190001020061"}


@pytest.fixture
def past() -> Past:
    return Past()


def record_with(kind: str, changes: Mapping[str, Any], issuer: str = ISSUER) -> Record:
    """The model of a kind's example with changes, claims and disclosures alike."""
    disclosed = {name: value for name, value in changes.items() if name in kind_class(kind).DISCLOSED}
    claims = {name: value for name, value in changes.items() if name not in disclosed}
    return record_of(kind, claims, disclosed, issuer)


def code_in_group(past: Past, kind: str, sides: Sequence[Mapping[str, Any]], **seen: Any) -> str | None:
    """The code with which the first side is refused when all are submitted as one group."""
    group = [record_with(kind, side) for side in sides]
    disclosed = {name: value for name, value in sides[0].items() if name in kind_class(kind).DISCLOSED}
    claims = {name: value for name, value in sides[0].items() if name not in disclosed}
    return past.code(kind, claims, disclosed, group=group, **seen)


# -- innovations -------------------------------------------------------------------------------------------------------

FIRST = {"completers": 2, "completer_order": 1, "group": GROUP}

INNOVATIONS: list[tuple[str, Mapping[str, Any], str | None]] = [
    ("of one person", {}, None),
    ("a part with its period", {"started_on": "2025-01-01", "ended_on": "2026-03-31"}, None),
    ("a part that goes on", {"started_on": "2025-01-01"}, None),
    ("unknown kind", {"innovation_kind": "idea"}, "schema-invalid"),
    ("unknown level", {"level": "galactic"}, "schema-invalid"),
    ("unknown purpose", {"purposes": ["fame"]}, "schema-invalid"),
    ("no title", {"title": None}, "schema-invalid"),
    ("second of one", {"completer_order": 2}, "schema-invalid"),
    ("place 0", {"completer_order": 0}, "schema-invalid"),
    ("of two, without a group", {**FIRST, "group": None}, "schema-invalid"),
    ("occupation without its name", {"occupation_name": None}, "schema-invalid"),
    ("ended before it began", {"started_on": "2026-02-01", "ended_on": "2026-01-31"}, "schema-invalid"),
    ("ended after it was recognised", {"started_on": "2026-02-01", "ended_on": "2026-05-19"}, "schema-invalid"),
    ("of two, alone", FIRST, "group-incomplete"),
]


@pytest.mark.parametrize(("why", "changes", "code"), INNOVATIONS, ids=[row[0] for row in INNOVATIONS])
def test_innovations(past: Past, why: str, changes: Mapping[str, Any], code: str | None) -> None:
    disclosed = {name: value for name, value in changes.items() if name == "title"}
    claims = {name: value for name, value in changes.items() if name != "title"}
    assert past.code("innovation-recognised", claims, disclosed) == code


COMPLETERS: list[tuple[str, list[Mapping[str, Any]], str | None]] = [
    # what the other records of the group have that differs from the first
    ("two in order", [{"completer_order": 2}], None),
    (
        "parts of their own",
        [{"completer_order": 2, "role": "engineer", "occupation_code": None, "occupation_name": None}],
        None,
    ),
    ("a third", [{"completer_order": 2}, {"completer_order": 2}], "group-incomplete"),
    ("the same place twice", [{}], "group-incomplete"),
    ("another number of completers", [{"completer_order": 2, "completers": 3}], "group-incomplete"),
    ("another title", [{"completer_order": 2, "title": "别的操作法"}], "group-incomplete"),
    ("another decision", [{"completer_order": 2, "document": "示例工发〔2026〕12号"}], "group-incomplete"),
    ("another day", [{"completer_order": 2, "happened_on": "2026-05-17"}], "group-incomplete"),
    ("another kind", [{"completer_order": 2, "innovation_kind": "technology"}], "group-incomplete"),
    ("another level", [{"completer_order": 2, "level": "national"}], "group-incomplete"),
    ("another body", [{"completer_order": 2, "granting_body": None}], "group-incomplete"),
    ("another patent", [{"completer_order": 2, "registration_number": "ZL202610000001.0"}], "group-incomplete"),
    ("other purposes", [{"completer_order": 2, "purposes": ["title"]}], "group-incomplete"),
]


@pytest.mark.parametrize(("why", "others", "code"), COMPLETERS, ids=[row[0] for row in COMPLETERS])
def test_completers(past: Past, why: str, others: list[Mapping[str, Any]], code: str | None) -> None:
    """S-073: one record for each completer, in an order without gap or repetition, about one innovation."""
    sides = [FIRST, *({**FIRST, **other} for other in others)]
    assert code_in_group(past, "innovation-recognised", sides) == code


def test_one_person_is_not_two_completers(past: Past) -> None:
    past.log(build("innovation-recognised", {**FIRST, "completer_order": 2}))
    sides = [FIRST, {**FIRST, "completer_order": 2}]
    assert code_in_group(past, "innovation-recognised", sides) == "group-incomplete"
    assert (
        code_in_group(past, "innovation-recognised", [{**side, **COLLEAGUE} for side in sides], stream=SECOND) is None
    )


def test_code_tables_have_both_labels() -> None:
    """S-072, S-076, S-079: kinds of innovation, what they may count for, and types of programme."""
    for table in (KINDS, LEVELS, PURPOSES, PROGRAMMES, RESULTS, REASONS):
        for code, labels in table.items():
            assert labels.keys() == {"zh", "en"}, code
    assert {"先进操作法", "发明专利", "“五小”成果"} <= {labels["zh"] for labels in KINDS.values()}


def test_a_title_may_name_a_person_and_is_never_in_clear() -> None:
    """S-074: operating methods are named after workers."""
    envelope = build("innovation-recognised", {}, {"title": "王师傅焊接操作法"})
    assert "王师傅" not in str(envelope.payload)
    assert envelope.payload["name"] == "先进操作法（省级）"


# -- agreements --------------------------------------------------------------------------------------------------------

MENTOR = {"role": "mentor", "mentor_side": "enterprise", "party": 1}
TEACHER = {"role": "mentor", "mentor_side": "school", "party": 2}
APPRENTICE = {"role": "apprentice", "party": 3}
WHOLE = [MENTOR, TEACHER, APPRENTICE]
PAIR = [
    {**MENTOR, "parties": 2, "programme": "mentoring", "school_uscc": None},
    {**APPRENTICE, "party": 2, "parties": 2, "programme": "mentoring", "school_uscc": None},
]

SIDES: list[tuple[str, Mapping[str, Any], str]] = [
    ("without a group", {"group": None}, "schema-invalid"),
    ("fourth of three", {"party": 4}, "schema-invalid"),
    ("an agreement with oneself", {"party": 1, "parties": 1}, "schema-invalid"),
    ("unknown programme", {"programme": "guild"}, "schema-invalid"),
    ("an apprentice from a side", {"mentor_side": "school"}, "schema-invalid"),
    ("a mentor from nowhere", {"role": "mentor"}, "schema-invalid"),
    ("an apprenticeship at one base", {"school_uscc": None}, "schema-invalid"),
    ("ends before it begins", {"ends_on": "2026-05-31"}, "schema-invalid"),
    ("agreed after its end", {"happened_on": "2028-06-01"}, "schema-invalid"),
    ("alone", {}, "group-incomplete"),
]


@pytest.mark.parametrize(("why", "claims", "code"), SIDES, ids=[row[0] for row in SIDES])
def test_sides(past: Past, why: str, claims: Mapping[str, Any], code: str) -> None:
    assert past.code("mentoring-agreed", claims) == code


def test_a_schools_mentor_needs_the_school(past: Past) -> None:
    teacher = {**TEACHER, "programme": "mentoring"}
    assert past.code("mentoring-agreed", {**teacher, "school_uscc": None}) == "schema-invalid"
    assert past.code("mentoring-agreed", {**teacher, "parties": 3}) == "group-incomplete"


AGREEMENTS: list[tuple[str, list[Mapping[str, Any]], str | None]] = [
    ("an apprenticeship", WHOLE, None),
    ("a mentoring of two", PAIR, None),
    (
        "two apprentices",
        [
            {**MENTOR, "programme": "mentoring"},
            {**APPRENTICE, "party": 2, "programme": "mentoring"},
            {**APPRENTICE, "programme": "mentoring"},
        ],
        None,
    ),
    ("one side missing", [MENTOR, APPRENTICE], "group-incomplete"),
    ("one side too many", [*WHOLE, APPRENTICE], "group-incomplete"),
    ("a place twice", [MENTOR, TEACHER, {**APPRENTICE, "party": 2}], "group-incomplete"),
    ("no apprentice", [{**MENTOR, "parties": 2}, {**TEACHER, "parties": 2}], "group-incomplete"),
    ("no mentor", [{**side, "role": "apprentice", "mentor_side": None} for side in PAIR], "group-incomplete"),
    ("no mentor of the school", [MENTOR, {**MENTOR, "party": 2}, APPRENTICE], "group-incomplete"),
    ("no mentor of the enterprise", [{**TEACHER, "party": 1}, TEACHER, APPRENTICE], "group-incomplete"),
]


@pytest.mark.parametrize(("why", "sides", "code"), AGREEMENTS, ids=[row[0] for row in AGREEMENTS])
def test_agreements(past: Past, why: str, sides: list[Mapping[str, Any]], code: str | None) -> None:
    """S-077, S-079, S-080: all parties are here, with two mentors where the programme has two."""
    assert code_in_group(past, "mentoring-agreed", sides) == code


DIFFERENT = {
    "agreement_number": "ST-2026-015",
    "happened_on": "2026-05-19",
    "parties": 4,
    "region": "320104",
    "programme": "modern-apprenticeship",
    "enterprise_uscc": "12320102MB0000000C",
    "school_uscc": "91320102MA0000007T",
    "occupation_code": "6-31-01-03",
    "occupation_name": "电工",
    "target_level_order": 4,
    "starts_on": "2026-06-02",
    "ends_on": "2028-06-01",
    "evaluation": "separate",
    "goals": "别的目标",
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_sides_agree(past: Past, name: str) -> None:
    sides = [MENTOR, TEACHER, {**APPRENTICE, name: DIFFERENT[name]}]
    assert code_in_group(past, "mentoring-agreed", sides) == "group-incomplete"


def test_sides_come_from_one_institution(past: Past) -> None:
    group = [
        *(record_with("mentoring-agreed", side) for side in WHOLE[:2]),
        record_with("mentoring-agreed", APPRENTICE, OTHER),
    ]
    assert past.code("mentoring-agreed", MENTOR, group=group) == "group-incomplete"


def test_nobody_is_mentor_and_apprentice_at_once(past: Past) -> None:
    past.log(build("mentoring-agreed", MENTOR))
    assert code_in_group(past, "mentoring-agreed", [APPRENTICE, *WHOLE[:2]]) == "group-incomplete"


def test_an_agreements_number_is_used_once_for_each_party() -> None:
    """S-078: issuer, number and group join an apprentice's contest awards to the mentor, whoever else uses the number."""
    record = record_of("mentoring-agreed")
    assert [(one.purpose, one.parts, one.refusal.code) for one in record.unique_claims()] == [
        ("mentoring-agreement", (ISSUER, "ST-2026-014", "3"), "number-used")
    ]
    assert record.scope() == Scope("mentoring-agreed", "6-18-02-04", None, "320102")


# -- what comes after --------------------------------------------------------------------------------------------------

SEQUELS = ("mentoring-assessed", "mentoring-ended")


@pytest.fixture
def agreed(past: Past) -> str:
    return past.log(build("mentoring-agreed", APPRENTICE))


def sequel(past: Past, kind: str, agreed: str, *, issuer: str = ISSUER, **claims: Any) -> str | None:
    """The code for the apprentice's record when mentor and teacher have theirs in the same group."""
    own = {"agreement_record": agreed, **claims}
    others = ({"role": side["role"], "party": side["party"]} for side in WHOLE[:2])
    group = [record_of(kind, own, None, issuer), *(record_of(kind, {**own, **side}, None, issuer) for side in others)]
    return past.code(kind, own, group=group, issuer=issuer)


@pytest.mark.parametrize("kind", SEQUELS)
def test_sequels(past: Past, agreed: str, kind: str) -> None:
    assert sequel(past, kind, agreed) is None
    assert sequel(past, kind, "0" * 64) == "evidence-missing"
    for name, value in {"agreement_number": "ST-2026-015", "role": "mentor", "party": 2, "parties": 4}.items():
        assert past.code(kind, {"agreement_record": agreed, name: value}) == "rule-broken", name
    assert sequel(past, kind, agreed, issuer=OTHER) == "target-foreign"
    assert past.code(kind, {"agreement_record": agreed}) == "group-incomplete"
    record = record_of(kind)
    assert [(one.purpose, one.parts, one.refusal.code) for one in record.unique_claims()] == [
        (kind, (record.field("agreement_record"),), "number-used")
    ]


@pytest.mark.parametrize("kind", SEQUELS)
def test_sequels_cite_an_agreement_of_their_own(past: Past, agreed: str, kind: str) -> None:
    foreign = past.log(build("mentoring-agreed", TEACHER, COLLEAGUE), SECOND)
    assert sequel(past, kind, foreign) == "evidence-missing"
    past.act("revocation", target_record=agreed, action="suspend")
    assert sequel(past, kind, agreed) == "evidence-missing"


ALIKE = [
    ("mentoring-assessed", "document", "示例人〔2028〕2号"),
    ("mentoring-assessed", "happened_on", "2028-06-06"),
    ("mentoring-ended", "reason", "transferred"),
    ("mentoring-ended", "happened_on", "2026-12-01"),
]


@pytest.mark.parametrize(("kind", "name", "value"), ALIKE, ids=[f"{row[0]} {row[1]}" for row in ALIKE])
def test_sequels_agree(past: Past, agreed: str, kind: str, name: str, value: str) -> None:
    own = {"agreement_record": agreed}
    group = [
        record_of(kind, {**own, "party": n, name: value if n == 2 else kind_class(kind).EXAMPLE["claims"].get(name)})
        for n in (1, 2, 3)
    ]
    assert past.code(kind, own, group=group) == "group-incomplete"


def test_each_side_has_its_own_result(past: Past, agreed: str) -> None:
    own = {"agreement_record": agreed}
    group = [
        record_of("mentoring-assessed", {**own, "party": n, "result": "excellent" if n == 1 else "qualified"})
        for n in (1, 2, 3)
    ]
    assert past.code("mentoring-assessed", own, group=group) is None


ENDS: list[tuple[str, str, Mapping[str, Any], str | None]] = [
    ("assessed on the last day", "mentoring-assessed", {"happened_on": "2028-05-31"}, None),
    ("assessed before the term is over", "mentoring-assessed", {"happened_on": "2028-05-30"}, "rule-broken"),
    ("completed on the last day", "mentoring-ended", {"reason": "completed", "happened_on": "2028-05-31"}, None),
    ("completed too early", "mentoring-ended", {"reason": "completed", "happened_on": "2028-05-30"}, "rule-broken"),
    ("ended before it was agreed", "mentoring-ended", {"happened_on": "2026-05-19"}, "rule-broken"),
    ("unknown result", "mentoring-assessed", {"result": "brilliant"}, "schema-invalid"),
    ("unknown reason", "mentoring-ended", {"reason": "boredom"}, "schema-invalid"),
]


@pytest.mark.parametrize(("kind", "claims", "code"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS])
def test_terms(past: Past, agreed: str, kind: str, claims: Mapping[str, Any], code: str | None) -> None:
    if code == "schema-invalid":
        assert past.code(kind, {"agreement_record": agreed, **claims}) == code
        return
    assert sequel(past, kind, agreed, **claims) == code


def test_what_ended_early_is_not_assessed(past: Past, agreed: str) -> None:
    elsewhere = past.log(build("mentoring-ended", {"agreement_record": "1" * 64}))
    completed = {"agreement_record": agreed, "reason": "completed", "happened_on": "2028-05-31"}
    past.log(build("mentoring-ended", completed))
    assert sequel(past, "mentoring-assessed", agreed) is None
    ended = past.log(build("mentoring-ended", {"agreement_record": agreed}))
    assert sequel(past, "mentoring-assessed", agreed) == "rule-broken"
    past.act("revocation", target_record=ended, action="revoke")
    assert sequel(past, "mentoring-assessed", agreed) is None
    assert elsewhere
