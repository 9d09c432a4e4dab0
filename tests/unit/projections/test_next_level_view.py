"""Goal: the facts that promotion rules ask about come out of the records as they stand, and each answer names its rule.

Method: real examples folded, read as of a day, and asked with the observed rules as they would be published.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.rulebook import RuleBook, RuleVersion
from ledger.rules import _books
from ledger.rules._facts import Facts, LevelHeld, PostHeld, Schooling, TitleHeld
from ledger.rules.promotion import parse_content
from ledger.rules.years import Interval
from projections import next_level as view
from projections._base import View
from projections._moment import end_of
from projections.next_level import Held, NextLevel, facts_in, held, next_level
from tests.support.examples import ANN, BEN, Log
from tests.support.past import ISSUER

IS_VIEW: View = view
RULES = Path(__file__).resolve().parents[3] / "ledger/rules/samples"
WELDER, OTHER_WELDER, FITTER = "6-18-02-04", "6-18-02-01", "6-31-01-03"
TODAY = "2026-09-21"


def published(name: str) -> tuple[RuleVersion, ...]:
    """The observed rules of a file, as the authority would publish them."""
    return tuple(
        RuleVersion(
            rule=one["rule"],
            version=1,
            book=one["book"],
            hash="ab" * 32,
            publisher=ISSUER,
            content=one["content"],
            starts=date.fromisoformat(one["effective_from"]),
            until=None,
            published_at=0,
        )
        for one in json.loads((RULES / name).read_text("utf-8"))
    )


(CONDITIONS,), EQUIVALENCES = published("promotion_conditions.json"), published("equivalence.json")
SAMPLE = parse_content(CONDITIONS.content)


def book(*versions: RuleVersion) -> RuleBook:
    made = RuleBook()
    for one in versions:
        made = made.with_version(one)
    return made


def on(log: Log, day: str = TODAY, *streams: Any) -> Held:
    return held(log.fold(view), streams or (ANN,), as_of_seconds=end_of(date.fromisoformat(day)))


def asked(log: Log, occupation: str = WELDER, day: str = TODAY, rules: RuleBook | None = None) -> NextLevel:
    return next_level(
        on(log, day), book(CONDITIONS, *EQUIVALENCES) if rules is None else rules, occupation=occupation, sample=SAMPLE
    )


def test_every_sort_of_fact() -> None:
    log = Log()
    job = log.add("employment-attested", ANN, ended_on=None).record_id
    log.add("employment-ended", ANN, employment_record=job)
    log.add("protected-interruption", ANN)
    log.level(ANN, 4, occupation_code=WELDER)
    log.add("professional-title", ANN)
    log.add("education-credential", ANN)
    log.add("foreign-qualification", ANN)
    log.add("post-appointed", ANN)
    assert facts_in(on(log), WELDER) == Facts(
        born=None,
        work=(Interval(date(2015, 7, 1), date(2026, 5, 15)),),
        protected=(Interval(date(2025, 12, 1), date(2026, 5, 7)),),
        levels=(LevelHeld(4, date(2026, 5, 20)),),
        titles=(TitleHeld(2, date(2026, 5, 20)),),
        schooling=(
            Schooling("advanced-technical-school", date(2026, 5, 20)),
            Schooling("technician-class", date(2026, 5, 20)),
        ),
        posts=(PostHeld(7, date(2026, 6, 1), date(2029, 6, 1)),),
        foreign=("SZ-DEU-001",),
    )
    assert on(log).occupations() == [WELDER]
    assert (on(log).size, on(log).day) == (8, date(2026, 9, 21))


def test_facts_of_a_later_day_and_of_others_do_not_count() -> None:
    log = Log()
    log.level(ANN, 4)
    log.level(BEN, 5)
    assert facts_in(on(log, "2026-05-19"), FITTER).levels == ()
    assert [one.order for one in facts_in(on(log), FITTER).levels] == [4]
    assert [one.order for one in facts_in(on(log, TODAY, ANN, BEN), FITTER).levels] == [4, 5], "merged archives"


def test_only_what_is_in_force_is_a_fact() -> None:
    log = Log()
    first = log.level(ANN, 4)
    log.add("revocation", ANN, target_record=first, action="suspend", effective_on="2026-07-01")
    log.add("revocation", ANN, target_record=first, action="reinstate", effective_on="2026-08-01")
    log.level(ANN, 5, issued_on="2026-03-01", valid_until="2026-06-01")
    days = ("2026-05-31", "2026-06-01", "2026-07-01", "2026-08-01")
    assert [[one.order for one in facts_in(on(log, day), FITTER).levels] for day in days] == [[4, 5], [4], [], [4]]


def test_work_in_occupations_of_one_small_class_counts_and_levels_of_the_occupation_alone() -> None:
    log = Log()
    for occupation in (WELDER, OTHER_WELDER, FITTER):
        log.add("employment-attested", ANN, occupation_code=occupation)
        log.level(ANN, 3, occupation_code=occupation)
    found = facts_in(on(log), WELDER)
    assert (len(found.work), len(found.levels)) == (2, 1)
    assert asked(log).related == "6-18-02"


def test_an_end_that_was_revoked_lets_the_work_go_on() -> None:
    log = Log()
    job = log.add("employment-attested", ANN, ended_on=None).record_id
    end = log.add("employment-ended", ANN, employment_record=job).record_id
    log.add("revocation", ANN, target_record=end)
    assert facts_in(on(log), WELDER).work == (Interval(date(2015, 7, 1), None),)


def test_a_course_completed_without_graduating_is_no_diploma() -> None:
    log = Log()
    log.add("education-credential", ANN, conclusion="completed")
    assert facts_in(on(log), WELDER).schooling == ()


def test_part_time_schooling_is_told_apart() -> None:
    log = Log()
    log.add("education-credential", ANN, study_form="part-time", education="junior-college", school_class=None)
    assert facts_in(on(log), WELDER).schooling == (Schooling("junior-college", date(2026, 5, 20), full_time=False),)


def test_a_post_without_a_level_is_an_appointment_to_the_level_it_rests_on_until_it_ends() -> None:
    log = Log()
    basis = log.level(ANN, 5, occupation_code=WELDER)
    post = {
        "post": "skill-expert",
        "post_name": "技能专家",
        "level_order": None,
        "basis_record": basis,
        "ends_on": None,
    }
    appointed = log.add("post-appointed", ANN, **post).record_id
    assert facts_in(on(log), WELDER).posts == (PostHeld(5, date(2026, 6, 1), None),)
    log.add("post-ended", ANN, appointment_record=appointed, happened_on="2026-08-01")
    assert facts_in(on(log, "2026-07-31"), WELDER).posts != ()
    assert facts_in(on(log), WELDER).posts == ()


def test_what_is_missing_for_every_level_above() -> None:
    log = Log()
    log.add("employment-attested", ANN, started_on="2023-09-22", ended_on=None, happened_on="2026-06-30")
    log.level(ANN, 3, occupation_code=WELDER, issued_on="2024-09-22", certificate_number="S000032010001244000001")
    found = asked(log)
    assert (found.held, [aim.order for aim in found.aims]) == (3, [4, 5, 6])
    assert (found.rule, found.conditions) == (CONDITIONS, SAMPLE)
    work, since_level = (way.option for way in found.aims[0].ways[:2])
    assert [(need.what, need.missing) for need in work.needs] == [("work", 10 * 365 - 1096)]
    assert [(need.what, need.missing) for need in since_level.needs] == [
        ("level", 0),
        ("work-since-level", 4 * 365 - 730),
    ]
    assert found.aims[0].is_open is False


def test_a_level_is_open_as_soon_as_one_way_is_met() -> None:
    log = Log()
    log.add("employment-attested", ANN)
    found = asked(log)
    assert found.held is None
    assert {aim.order: aim.is_open for aim in found.aims} == {2: None, 3: True, 4: True, 5: False, 6: False}


def test_without_a_birthday_the_age_is_unknown_and_not_missing() -> None:
    log = Log()
    log.add("employment-attested", ANN)
    first = asked(log).aims[0]
    assert ({way.is_met for way in first.ways}, first.is_open) == ({None}, None)
    told = next_level(on(log), book(CONDITIONS), occupation=WELDER, born=date(2000, 1, 1))
    assert told.aims[0].is_open is True
    child = next_level(on(log), book(CONDITIONS), occupation=WELDER, born=date(2012, 1, 1))
    assert child.aims[0].is_open is False


def test_who_holds_the_highest_level_has_none_above() -> None:
    log = Log()
    log.level(ANN, 6, occupation_code=WELDER)
    assert asked(log).aims == ()


def test_without_a_published_rule_the_sample_is_taken_and_said_so() -> None:
    log = Log()
    log.level(ANN, 3, occupation_code=WELDER)
    found = asked(log, rules=RuleBook())
    assert (found.rule, found.conditions) == (None, SAMPLE)
    assert [aim.order for aim in found.aims] == [4, 5, 6]
    later = replace(CONDITIONS, starts=date(2026, 9, 22))
    assert asked(log, rules=book(later)).rule is None
    assert next_level(on(log), RuleBook(), occupation=WELDER).aims == ()


def test_what_may_be_said_names_rule_and_day() -> None:
    log = Log()
    log.add("employment-attested", ANN, started_on="2020-01-01", ended_on=None)
    log.level(ANN, 4, occupation_code=WELDER, issued_on="2024-01-01", certificate_number="S000032010001243000001")
    log.add("education-credential", ANN)
    said = {(one.nature, one.to_value): one for one in asked(log).said}
    assert ("may-apply", "助理工程师") in said
    assert ("comparable", "本科") in said
    assert all(one.as_of == date(2026, 9, 21) and f"{one.rule}第1版，截至2026-09-21" in one.zh for one in said.values())
    assert ("may-apply", "助理工程师") not in {(one.nature, one.to_value) for one in asked(log, day="2025-12-29").said}


@pytest.mark.parametrize("kind", ["promotion-conditions", "equivalence"])
def test_the_rules_of_this_test_are_rules_of_the_books(kind: str) -> None:
    assert all(
        _books.book_of(kind).parse_content(one.content) for one in (CONDITIONS, *EQUIVALENCES) if one.book == kind
    )
