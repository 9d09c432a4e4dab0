"""Goal: high-skilled talent is whoever holds a valid national level from 高级工 up, at the instant asked about.

Method: small logs of signed examples, each differing from a plain certificate in one thing; counts on the same logs.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from ledger.records import KINDS
from projections import talent_register as view
from projections._base import View
from projections._standing import instant_seconds
from projections.talent_register import among, count, membership, passages
from tests.support.examples import ANN, BEN, EVE, Log, alone
from tests.support.past import OTHER

IS_VIEW: View = view
WELDER = {"occupation_code": "6-18-02-04", "occupation_name": "焊工"}


def at(day: str) -> int:
    return instant_seconds(f"{day}T12:00:00+08:00")


NOW = at("2026-11-21")


def test_a_certificate_from_level_four_on_makes_high_skilled_talent() -> None:
    for order in (2, 3, 4, 5, 6):
        log = Log()
        held = log.level(ANN, order)
        found = membership(log.fold(view), ANN, as_of_seconds=NOW)
        assert found.is_member is (order >= 4)
        assert [(one.record_id, one.level_order) for one in found.entries] == ([(held, order)] if order >= 4 else [])


NOT_COUNTED = [
    ("a special ability, which has no level", "skill-certificate/1", {"certificate_kind": "SPECIAL_ABILITY"}),
    ("a special ability by its own kind", "special-ability-certificate", {}),
    ("a step of an X certificate", "x-certificate", {"x_step": "x-advanced"}),
    ("a training for a level", "training-completion", {"level_order": 4}),
    ("a decision, before its certificate", "direct-recognition", {"level_order": 4}),
    ("a promotion, before its certificate", "contest-promotion", {"level_order": 4}),
    ("a title of professionals", "professional-title", {}),
    ("a foreign qualification", "foreign-qualification", {}),
    ("a diploma", "education-credential", {}),
    ("an expert's post", "post-appointed", {"post": "skill-expert", "level_order": None, "post_name": "技能专家"}),
    (
        "a step of an enterprise's ladder",
        "post-appointed",
        {
            "post": "enterprise-post",
            "level_order": None,
            "post_name": "主管技师",
            "ladder_record": "ab" * 32,
            "ladder_step": "T4",
        },
    ),
]


@pytest.mark.parametrize(("why", "kind", "changes"), NOT_COUNTED, ids=[row[0] for row in NOT_COUNTED])
def test_what_never_counts(why: str, kind: str, changes: dict[str, Any]) -> None:
    log = Log()
    log.add(kind, ANN, **changes)
    assert membership(log.fold(view), ANN, as_of_seconds=at("2027-01-01")).entries == ()


def test_a_qualification_counts_like_a_level_certificate() -> None:
    log = Log()
    held = log.add("vocational-qualification").record_id
    level = KINDS["vocational-qualification/1"].EXAMPLE["claims"]["level_order"]
    found = membership(log.fold(view), ANN, as_of_seconds=NOW)
    assert [(one.record_id, one.level_order) for one in found.entries] == ([(held, level)] if level >= 4 else [])


PERIODS = [
    ("the day before", "2026-05-19", False),
    ("the first day", "2026-05-20", True),
    ("the last day", "2027-05-19", True),
    ("the first day after", "2027-05-20", False),
]


@pytest.mark.parametrize(("day", "inside"), [row[1:] for row in PERIODS], ids=[row[0] for row in PERIODS])
def test_a_certificate_holds_in_its_period(day: str, inside: bool) -> None:
    log = Log()
    log.level(ANN, 4, valid_until="2027-05-20")
    engine = log.fold(view)
    assert membership(engine, ANN, as_of_seconds=instant_seconds(f"{day}T00:00:00+08:00")).is_member is inside
    assert membership(engine, ANN, as_of_seconds=instant_seconds(f"{day}T23:59:59+08:00")).is_member is inside


TERMS = [
    ("before the term", {}, None, "2026-05-31", None),
    ("on its first day", {}, None, "2026-06-01", 7),
    ("on its last day", {}, None, "2029-05-31", 7),
    ("the day after", {}, None, "2029-06-01", None),
    ("a term without end", {"ends_on": None}, None, "2060-01-01", 7),
    ("首席技师", {"post": "chief-technician", "level_order": 8}, None, "2027-01-01", 8),
    ("on the last day before it was ended", {}, {}, "2028-02-29", 7),
    ("from the day on which it was ended", {}, {}, "2028-03-01", None),
    ("ended after the term", {}, {"happened_on": "2030-01-01"}, "2029-05-31", 7),
]


@pytest.mark.parametrize(("changes", "end", "day", "order"), [row[1:] for row in TERMS], ids=[row[0] for row in TERMS])
def test_a_post_counts_while_its_term_runs(
    changes: dict[str, Any], end: dict[str, Any] | None, day: str, order: int | None
) -> None:
    log = Log()
    post = log.add("post-appointed", **changes).record_id
    if end is not None:
        log.add("post-ended", appointment_record=post, **end)
    found = membership(log.fold(view), ANN, as_of_seconds=at(day))
    assert [one.level_order for one in found.entries] == ([] if order is None else [order])
    assert all(one.scale == "post" for one in found.entries)


def test_a_post_ends_and_its_certificate_stays() -> None:
    log = Log()
    held = log.level(ANN, 6, **WELDER)
    post = log.add("post-appointed", basis_record=held).record_id
    log.add("post-ended", appointment_record=post)
    engine = log.fold(view)
    before, after = (membership(engine, ANN, as_of_seconds=at(day)).entries for day in ("2028-02-01", "2028-04-01"))
    assert [(one.level_order, one.record_id) for one in before] == [(7, post)]
    assert [(one.level_order, one.record_id) for one in after] == [(6, held)]


def test_an_end_that_was_revoked_ended_nothing() -> None:
    log = Log()
    post = log.add("post-appointed").record_id
    end = log.add("post-ended", appointment_record=post).record_id
    log.add("revocation", target_record=end, effective_on="2028-06-01")
    engine = log.fold(view)
    assert [membership(engine, ANN, as_of_seconds=at(day)).is_member for day in ("2028-04-01", "2028-06-01")] == [
        False,
        True,
    ]


def test_a_certificate_of_a_post_certifies_the_highest_level_below_posts() -> None:
    log = Log()
    log.add("skill-certificate/1", level_order=7, certificate_number="S00003200010026A000001")
    (entry,) = membership(log.fold(view), ANN, as_of_seconds=NOW).entries
    assert (entry.level_order, entry.scale) == (6, "certificate")


ACTS = [
    ("revoked from June", "revoke", "2026-06-01", [True, False, False]),
    ("suspended from June, lifted from July", "suspend", "2026-06-01", [True, False, True]),
]


@pytest.mark.parametrize(("action", "since", "inside"), [row[1:] for row in ACTS], ids=[row[0] for row in ACTS])
def test_who_loses_the_certificate_leaves(action: str, since: str, inside: list[bool]) -> None:
    log = Log()
    held = log.level(ANN, 4)
    log.add("revocation", target_record=held, action=action, effective_on=since)
    if action == "suspend":
        log.add("revocation", target_record=held, action="reinstate", effective_on="2026-07-01")
    engine = log.fold(view)
    days = ("2026-05-31", "2026-06-15", "2026-07-15")
    assert [membership(engine, ANN, as_of_seconds=at(day)).is_member for day in days] == inside


def test_a_correction_hands_over_to_its_replacement() -> None:
    log = Log()
    old, new = log.level(ANN, 5), log.level(ANN, 4)
    log.add("correction", target_record=old, replacement_record=new)
    (entry,) = membership(log.fold(view), ANN, as_of_seconds=NOW).entries
    assert (entry.record_id, entry.level_order) == (new, 4)


def test_the_highest_of_each_occupation_and_the_highest_first() -> None:
    log = Log()
    log.level(ANN, 4)
    high = log.level(ANN, 5)
    weld = log.level(ANN, 6, **WELDER)
    found = membership(log.fold(view), ANN, as_of_seconds=NOW)
    assert [one.record_id for one in found.entries] == [weld, high]


def test_two_merged_archives_are_one_worker() -> None:
    log = Log()
    log.level(ANN, 4)
    high = log.level(BEN, 5)
    log.add("subjects-merged")
    engine = log.fold(view)
    assert [one.record_id for one in membership(engine, ANN, BEN, as_of_seconds=NOW).entries] == [high]
    assert [count(engine, as_of_seconds=NOW, linked=who).persons for who in (alone, as_one)] == [2, 1]
    assert [cell.values for cell in count(engine, as_of_seconds=NOW, linked=as_one, by=["level"]).cells] == [(5,)]


def as_one(stream: UUID) -> tuple[UUID, ...]:
    """Ann and Ben are one worker."""
    return (ANN, BEN) if stream in (ANN, BEN) else (stream,)


def test_entering_leaving_and_entering_again() -> None:
    log = Log()
    first = log.level(ANN, 4, issued_on="2026-01-10", valid_until="2026-03-01")
    second = log.level(ANN, 5, issued_on="2026-02-01")
    log.add("revocation", target_record=second, action="suspend", effective_on="2026-04-01")
    log.add("revocation", target_record=second, action="reinstate", effective_on="2026-05-01")
    log.add("revocation", target_record=second, effective_on="2026-12-31")
    found = passages(log.fold(view), ANN, as_of_seconds=NOW)
    assert [(one.at_seconds, one.entered, one.entry.record_id) for one in found] == [
        (instant_seconds("2026-01-10T00:00:00+08:00"), True, first),
        (instant_seconds("2026-04-01T00:00:00+08:00"), False, second),
        (instant_seconds("2026-05-01T00:00:00+08:00"), True, second),
    ]


def three_workers() -> Log:
    """Ann: electrician 5, welder 4, in two cities; Ben: electrician 4, and a 4 that is revoked; a third one with a 3."""
    log = Log()
    log.level(ANN, 4)
    log.level(ANN, 5, region="320500")
    log.level(ANN, 4, **WELDER)
    log.level(BEN, 4, issuer=OTHER)
    gone = log.level(BEN, 4, **WELDER)
    log.add("revocation", BEN, target_record=gone, effective_on="2026-06-01")
    log.level(EVE, 3)
    return log


COUNTS = [
    ("in all", {}, 2, []),
    ("by level", {"by": ["level"]}, 2, [((4,), 2), ((5,), 1)]),
    ("by occupation", {"by": ["occupation"]}, 2, [(("6-18-02-04",), 1), (("6-31-01-03",), 2)]),
    (
        "by city and level",
        {"by": ["city", "level"]},
        2,
        [(("3201", 4), 2), (("3205", 5), 1)],
    ),
    ("of one occupation", {"occupation": "6-31-01-03", "by": ["level"]}, 2, [((4,), 1), ((5,), 1)]),
    ("below a prefix", {"occupation": "6-31", "by": ["occupation"]}, 2, [(("6-31-01-03",), 2)]),
    ("a prefix is of whole segments", {"occupation": "6-3"}, 0, []),
    ("of a level", {"level_order": 5}, 1, []),
    ("of a region", {"region": "3205"}, 1, []),
    ("of a province", {"region": "32"}, 2, []),
    ("by an issuer", {"issuer": OTHER}, 1, []),
]


@pytest.mark.parametrize(("asked", "persons", "cells"), [row[1:] for row in COUNTS], ids=[row[0] for row in COUNTS])
def test_counts(asked: dict[str, Any], persons: int, cells: list[Any]) -> None:
    found = count(three_workers().fold(view), as_of_seconds=NOW, linked=alone, **asked)
    assert found.persons == persons
    if asked.get("by"):
        assert [(cell.values, cell.persons) for cell in found.cells] == cells
    else:
        assert [cell.persons for cell in found.cells] == [persons] * (persons > 0)


def test_who_restricted_their_records_is_told_of_to_nobody_else() -> None:
    log = three_workers()
    log.add("restriction", BEN)
    engine = log.fold(view)
    assert count(engine, as_of_seconds=NOW, linked=alone).persons == 1
    assert membership(engine, BEN, as_of_seconds=NOW).is_member
    assert set(among(engine, {str(ANN), str(BEN)}, as_of_seconds=NOW, linked=alone)[1]) == {str(ANN)}
    log.add("restriction", BEN, restricted=False)
    assert count(log.fold(view), as_of_seconds=NOW, linked=alone).persons == 2
    log.add("erasure", BEN)
    assert count(log.fold(view), as_of_seconds=NOW, linked=alone).persons == 1


def test_rows_name_nobody() -> None:
    assert {column for table in view.TABLES for column in table.columns} & {"name", "holder", "number"} == set()
