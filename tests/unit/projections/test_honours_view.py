"""Goal: the roll of honours says who was honoured, without names, and the pool whom to nominate first.

Method: small logs of signed examples; each row of a table differs from a plain award or medal in one thing.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from projections import honours as view
from projections import talent_register
from projections._base import View
from projections._standing import instant_seconds
from projections.honours import Chosen, count, nomination_pool, roll
from tests.support.examples import ANN, BEN, BODY, EVE, Log, alone

IS_VIEW: View = view
NOW = instant_seconds("2026-11-21T12:00:00+08:00")
ORDINARY: dict[str, Any] = {"contest_name": None, "contest_class": None, "contest_event": None, "contest_rank": None}
ORDINARY |= {"contest_group": None, "team_size": None, "certificate_number": None}


def as_one(stream: UUID) -> tuple[UUID, ...]:
    """Ann and Ben are one worker."""
    return (ANN, BEN) if stream in (ANN, BEN) else (stream,)


def three_awards() -> Log:
    """Ann has two, one of them by another body in another region; Ben has one, and one that was withdrawn in July."""
    log = Log()
    log.add("award/1", ANN, **ORDINARY)
    log.add(
        "award/2",
        ANN,
        **ORDINARY,
        award_code="AW-JS-02",
        award_name="江苏工匠",
        region="320500",
        granting_body="示例省政府",
        level="provincial",
        decided_on="2025-12-01",
        edition="2025年度",
    )
    log.add("award/2", BEN, **ORDINARY, tier="INDUSTRY", group=f"urn:uuid:{UUID(int=7)}")
    gone = log.add("award/1", BEN, **ORDINARY).record_id
    log.add("revocation", BEN, target_record=gone, effective_on="2026-07-01")
    return log


def test_the_roll_in_the_order_of_the_log_and_by_pages() -> None:
    engine = three_awards().fold(view)
    first, second, third = roll(engine, as_of_seconds=NOW, linked=alone)
    assert [one.award_code for one in (first, second, third)] == ["AW-CN-02", "AW-JS-02", "AW-CN-02"]
    assert (first.body, first.award_level, first.granted_on) == ("示例省人力资源和社会保障厅", None, "2026-06-18")
    assert (second.body, second.award_level, second.edition) == ("示例省政府", "provincial", "2025年度")
    assert (third.tier, third.group_id) == ("INDUSTRY", f"urn:uuid:{UUID(int=7)}")
    assert roll(engine, as_of_seconds=NOW, linked=alone, limit=1) == (first,)
    assert roll(engine, as_of_seconds=NOW, linked=alone, limit=1, after_index=first.log_index) == (second,)


def test_what_was_withdrawn_is_off_the_roll_from_then_on() -> None:
    engine = three_awards().fold(view)
    june, july = (instant_seconds(f"2026-{day}T12:00:00+08:00") for day in ("06-30", "07-01"))
    assert [len(roll(engine, as_of_seconds=at, linked=alone)) for at in (june, july)] == [4, 3]


COUNTS: list[tuple[str, dict[str, Any], int, list[Any]]] = [
    ("in all", {}, 2, [((), 2)]),
    ("by award", {"by": ["award"]}, 2, [(("AW-CN-02",), 2), (("AW-JS-02",), 1)]),
    ("by tier and year", {"by": ["tier", "year"]}, 2,
     [(("INDUSTRY", "2026"), 1), (("STATE", "2025"), 1), (("STATE", "2026"), 1)]),
    ("by level", {"by": ["level"]}, 2, [((None,), 1), (("national",), 1), (("provincial",), 1)]),
    ("by city", {"by": ["city"]}, 2, [(("3200",), 2), (("3205",), 1)]),
    ("by body", {"by": ["body"]}, 2,
     [(("示例国家人力资源和社会保障部",), 1), (("示例省人力资源和社会保障厅",), 1), (("示例省政府",), 1)]),
    ("of an award", {"chosen": Chosen(award_code="AW-JS-02")}, 1, [((), 1)]),
    ("of a tier", {"chosen": Chosen(tier="STATE")}, 1, [((), 1)]),
    ("of a year", {"chosen": Chosen(year=2025)}, 1, [((), 1)]),
    ("of a city", {"chosen": Chosen(region="3205")}, 1, [((), 1)]),
    ("of a body", {"chosen": Chosen(body="示例省政府")}, 1, [((), 1)]),
    ("of none", {"chosen": Chosen(tier="SOCIAL")}, 0, []),
    ("one worker whose archives were merged", {"linked": as_one}, 1, [((), 1)]),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "persons", "cells"), [row[1:] for row in COUNTS], ids=[row[0] for row in COUNTS])
def test_counts(asked: dict[str, Any], persons: int, cells: list[Any]) -> None:
    log = three_awards()
    log.add("subjects-merged", ANN)
    found = count(log.fold(view), as_of_seconds=NOW, **{"linked": alone, **asked})
    assert found.persons == persons
    assert sorted(((cell.values, cell.persons) for cell in found.cells), key=repr) == sorted(cells, key=repr)


def winner(log: Log, stream: UUID = ANN, *, contest_class: str = "national", **changes: Any) -> str:
    """Somebody certified at level 4 with a result in a contest; gives the record id of the result."""
    log.level(stream, 4)
    contest = log.add("contest-registered", BODY, contest_class=contest_class).record_id
    return log.add("contest-result", stream, contest_record=contest, **changes).record_id


POOL: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    ("a bronze medal of a national contest", {}, {}, True),
    ("a prize by name", {"rank": 12, "medal": "excellence"}, {}, True),
    ("a rank that is worth a medal", {"rank": 3, "medal": None}, {}, True),
    ("a rank below", {"rank": 4, "medal": None}, {}, False),
    ("a medal of the world's contest", {"contest_class": "world"}, {}, True),
    ("a provincial medal", {"contest_class": "provincial-1"}, {}, False),
    ("a provincial medal, when asked for", {"contest_class": "provincial-1"},
     {"contest_classes": {"provincial-1"}}, True),
    ("in the occupation asked for", {}, {"occupation": "6-18"}, True),
    ("in another occupation", {}, {"occupation": "6-31"}, False),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "asked", "inside"), [row[1:] for row in POOL], ids=[row[0] for row in POOL])
def test_the_pool_is_high_skilled_talent_with_medals(
    changes: dict[str, Any], asked: dict[str, Any], inside: bool
) -> None:
    log = Log()
    result = winner(log, **changes)
    engine = log.fold(view, talent_register)
    found = nomination_pool(engine, as_of_seconds=NOW, linked=alone, **asked)
    assert [(one.subject, [won.record_id for won in one.medals]) for one in found.nominees] == [
        (ANN, [result])
    ] * inside
    assert found.size == len(log.records)


def test_a_medal_without_a_high_level_is_not_enough() -> None:
    log = Log()
    log.level(ANN, 3)
    contest = log.add("contest-registered", BODY, contest_class="national").record_id
    log.add("contest-result", ANN, contest_record=contest)
    assert nomination_pool(log.fold(view, talent_register), as_of_seconds=NOW, linked=alone).nominees == ()


def test_a_medal_that_only_an_award_tells_of() -> None:
    log = Log()
    log.level(ANN, 4)
    told = log.add("award/1", ANN, contest_class="national").record_id
    ((nominee,), size) = (nomination_pool(log.fold(view, talent_register), as_of_seconds=NOW, linked=alone).nominees, 2)
    assert ([won.record_id for won in nominee.medals], size) == ([told], len(log.records))
    assert nominee.entry.level_order == 4


def test_a_result_that_was_revoked_is_no_medal() -> None:
    log = Log()
    result = winner(log)
    log.add("revocation", ANN, target_record=result, effective_on="2026-06-01")
    assert nomination_pool(log.fold(view, talent_register), as_of_seconds=NOW, linked=alone).nominees == ()


def test_the_latest_medal_first_and_nobody_who_restricted_their_records() -> None:
    log = Log()
    winner(log, ANN, happened_on="2026-05-15")
    winner(log, BEN, happened_on="2026-05-18")
    winner(log, EVE)
    log.add("restriction", EVE)
    engine = log.fold(view, talent_register)
    assert [one.subject for one in nomination_pool(engine, as_of_seconds=NOW, linked=alone).nominees] == [BEN, ANN]


def test_certificate_and_medal_in_archives_that_were_merged() -> None:
    log = Log()
    log.level(ANN, 4)
    contest = log.add("contest-registered", BODY, contest_class="world").record_id
    log.add("contest-result", BEN, contest_record=contest)
    log.add("subjects-merged", ANN)
    engine = log.fold(view, talent_register)
    found = [nomination_pool(engine, as_of_seconds=NOW, linked=who).nominees for who in (alone, as_one)]
    assert [[one.subject for one in nominees] for nominees in found] == [[], [ANN]]
