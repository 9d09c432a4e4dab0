"""Goal: a certificate is issued again as what it was, by who may, and no suspension gets lost on the way. Method: a past with
two certificates, and a table with one change a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.support.past import INSTITUTION, OTHER, SECOND, Past, build

COLLEAGUE = {"holder_name": "李四", "document_number": "320106190001020061"}
WELDER = "6-18-02-04"
SKILL = "skill-certificate/2"
NOBODY = "0" * 64
Change = Mapping[str, Any]


@pytest.fixture
def past() -> Past:
    return Past()


AGAIN: list[tuple[str, Change, Change, str | None]] = [
    ("the same", {}, {}, None),
    (
        "another number and a later day",
        {"issued_on": "2026-06-01"},
        {"certificate_number": "S000032010001263000999"},
        None,
    ),
    ("a new name", {}, {"holder_name": "张叁"}, None),
    ("another region and status place", {"region": "320104"}, {}, None),
    ("an earlier day", {"issued_on": "2026-05-19"}, {}, "rule-broken"),
    ("another level", {"level_order": 5}, {"certificate_number": "S000032010001262000123"}, "rule-broken"),
    ("another occupation", {"occupation_code": WELDER}, {}, "rule-broken"),
    ("another name of the occupation", {"occupation_name": "焊工"}, {}, "rule-broken"),
    ("another trade", {"trade": "维修电工"}, {}, "rule-broken"),
    ("another basis", {"basis": "CONTEST"}, {}, "rule-broken"),
    ("a longer validity", {"valid_until": "2036-05-20"}, {}, "rule-broken"),
    ("another standard", {"standard_version": "2025年版"}, {}, "rule-broken"),
]


@pytest.mark.parametrize(("why", "claims", "disclosed", "code"), AGAIN, ids=[row[0] for row in AGAIN])
def test_issued_again(past: Past, why: str, claims: Change, disclosed: Change, code: str | None) -> None:
    """A lost or damaged certificate, or one under a former name, comes again and certifies the same."""
    old = past.log(build(SKILL))
    new = past.log(build(SKILL, claims, disclosed))
    assert past.code("reissue", {"target_record": old, "replacement_record": new}) == code


def test_who_may_issue_again_and_what(past: Past) -> None:
    old = past.log(build(SKILL))
    new = past.log(build(SKILL))

    def code(replacement: str, target: str = old, **claims: Any) -> str | None:
        return past.code("reissue", {"target_record": target, "replacement_record": replacement, **claims})

    assert code(new) is None
    assert [code(new, reason=reason) for reason in ("damaged", "renamed", "bored")] == [None, None, "schema-invalid"]
    assert code(old) == "schema-invalid"
    assert code(NOBODY) == "target-unknown"
    assert code(new, target=NOBODY) == "target-unknown"
    assert code(past.log(build("skill-certificate/1"))) == "rule-broken", "another version"
    assert code(past.log(build("professional-title"))) == "rule-broken", "another kind"
    assert code(past.log(build(SKILL, {}, COLLEAGUE), SECOND)) == "rule-broken", "another person"
    foreign = past.log(build(SKILL, issuer=OTHER))
    assert code(foreign) == "rule-broken", "another issuer"
    was = past.registry.institution("52320102MJ000000XG")
    past.registry = past.registry.with_changed(replace(was, successor="12320102MB0000000C"))
    assert code(foreign) is None, "its successor"
    event, again = past.log(build("employment-attested")), past.log(build("employment-attested"))
    assert code(again, target=event) == "rule-broken", "no certificate"


def test_no_suspension_is_left_behind_by_issuing_again(past: Past) -> None:
    old, new = past.log(build(SKILL)), past.log(build(SKILL))
    claims = {"target_record": old, "replacement_record": new}
    past.act("revocation", target_record=new, action="suspend")
    assert past.code("reissue", claims) == "rule-broken"
    past.act("revocation", target_record=new, action="reinstate")
    past.act("revocation", target_record=old, action="suspend")
    assert past.code("reissue", claims) == "rule-broken"
    assert past.code("correction", claims) is None, "a correction may: it says that the record was wrong"
    past.act("revocation", target_record=old, action="reinstate")
    past.act("reissue", **claims)
    assert past.history().status(old) == "superseded"
    assert past.code("reissue", claims) == "rule-broken", "superseded already"


def test_only_records_about_persons_are_issued_again(past: Past) -> None:
    contest = past.log(build("contest-registered"), INSTITUTION)
    assert past.code("reissue", {"target_record": contest}) == "rule-broken"
