"""Goal: employments end once, interruptions stay protected, activities and benefits rest on what is there. Method: a past
of real logged records, one change a row, in the order of the checks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.records import KINDS
from ledger.records._base import Scope
from ledger.records._employment import protected, worked
from ledger.records.activity_attested import ACTIVITIES
from ledger.records.benefit_basis import BENEFITS, OF_OTHERS
from ledger.rules.years import Interval, continuous_since, whole_years, worked_days
from tests.support.past import OTHER, SECOND, TODAY, Past, build, record_of

UNKNOWN = "0" * 64


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.fixture
def employment(past: Past) -> str:
    return past.log(build("employment-attested", {"started_on": "2015-07-01", "ended_on": None}))


# Employments end

ENDS: list[tuple[str, dict[str, Any], dict[str, Any], str | None]] = [
    ("as in the example", {}, {}, None),
    ("on the day it is said", {"ended_on": "2026-05-20"}, {}, None),
    ("on its first day", {"ended_on": "2015-07-01"}, {}, None),
    ("ahead of time", {"ended_on": "2026-05-21"}, {}, "schema-invalid"),
    ("no employment", {"employment_record": UNKNOWN}, {}, "evidence-missing"),
    ("another employer's", {}, {"issuer": OTHER}, "evidence-missing"),
    ("another person's", {}, {"stream": SECOND}, "evidence-missing"),
    ("before it began", {"ended_on": "2015-06-30"}, {}, "rule-broken"),
]


@pytest.mark.parametrize(("claims", "seen", "code"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS])
def test_ends(past: Past, employment: str, claims: dict[str, Any], seen: dict[str, Any], code: str | None) -> None:
    assert past.code("employment-ended", {"employment_record": employment, **claims}, **seen) == code


def test_only_an_open_employment_ends_and_once(past: Past, employment: str) -> None:
    def code(record_id: str) -> str | None:
        return past.code("employment-ended", {"employment_record": record_id})

    assert code(past.log(build("employment-attested"))) == "rule-broken", "its end was attested with it"
    assert code(past.log(build("award"))) == "evidence-missing"
    end = past.log(build("employment-ended", {"employment_record": employment}))
    assert code(employment) == "rule-broken"
    assert code(past.log(build("employment-attested", {"ended_on": None}))) is None, "another employment"
    past.act("revocation", target_record=end, action="suspend")
    assert code(employment) == "rule-broken"
    past.act("revocation", target_record=end, action="revoke")
    assert code(employment) is None
    past.act("revocation", target_record=employment, action="revoke")
    assert code(employment) == "evidence-missing"


def test_a_successor_ends_an_employment(past: Past, employment: str) -> None:
    body = past.registry.institution("52320102MJ000000XG")
    past.registry = past.registry.with_changed(replace(body, successor="12320102MB0000000C"))
    assert past.code("employment-ended", {"employment_record": employment}, issuer=OTHER) is None


# Interruptions

INTERRUPTIONS: list[tuple[str, dict[str, Any], dict[str, Any], str | None]] = [
    ("over", {}, {}, None),
    ("granted, with its end ahead", {"happened_on": "2025-12-01"}, {}, None),
    ("one day", {"ended_on": "2025-12-01"}, {}, None),
    ("not begun", {"happened_on": "2025-11-30"}, {}, "schema-invalid"),
    ("ends before it begins", {"ended_on": "2025-11-30"}, {}, "schema-invalid"),
    ("unknown reason", {}, {"reason": "holiday"}, "schema-invalid"),
    ("no reason", {}, {"reason": None}, "schema-invalid"),
]


@pytest.mark.parametrize(
    ("claims", "disclosed", "code"), [row[1:] for row in INTERRUPTIONS], ids=[row[0] for row in INTERRUPTIONS]
)
def test_interruptions(past: Past, claims: dict[str, Any], disclosed: dict[str, Any], code: str | None) -> None:
    assert past.code("protected-interruption", claims, disclosed) == code


def test_why_somebody_was_away_is_nobodys_business() -> None:
    kind = KINDS["protected-interruption/1"]
    assert (kind.RETENTION, "reason" in kind.DISCLOSED) == ("consent", True)
    assert b"maternity" not in build("protected-interruption").leaf


# Years

WELDER, ELECTRICIAN = "6-18-02-04", "6-31-01-03"


def test_years_are_those_of_the_records_in_force(past: Past, employment: str) -> None:
    """S-040: she welded from July 2015, bore a child between two employers, and has five continuous years all the same."""
    past.log(build("employment-ended", {"employment_record": employment, "ended_on": "2018-03-31"}))
    past.log(build("employment-attested", {"started_on": "2018-09-01", "ended_on": "2020-06-30"}))
    past.log(build("protected-interruption", {"started_on": "2018-04-01", "ended_on": "2018-08-31"}))
    past.log(build("employment-attested", {"occupation_code": ELECTRICIAN, "started_on": "2010-01-01"}))
    past.log(build("employment-attested", {"started_on": "2000-01-01", "ended_on": None}), SECOND)
    gone = past.log(build("employment-attested", {"started_on": "1999-01-01"}))
    past.act("revocation", target_record=gone, action="revoke")
    history = past.history()
    mine = worked(history, occupation=WELDER)
    assert mine == [
        Interval(date(2015, 7, 1), date(2018, 3, 31)),
        Interval(date(2018, 9, 1), date(2020, 6, 30)),
    ]
    assert protected(history) == [Interval(date(2018, 4, 1), date(2018, 8, 31))]
    assert continuous_since(mine, protected(history), as_of=date(2020, 6, 30)) == date(2015, 7, 1)
    assert whole_years(worked_days(mine, until=TODAY)) == 4
    assert len(worked(history)) == 3
    assert worked(past.history(stream=SECOND)) == [Interval(date(2000, 1, 1))]


def test_a_revoked_end_or_interruption_does_not_count(past: Past, employment: str) -> None:
    end = past.log(build("employment-ended", {"employment_record": employment}))
    away = past.log(build("protected-interruption"))
    past.act("revocation", target_record=end, action="revoke")
    past.act("revocation", target_record=away, action="suspend")
    assert worked(past.history()) == [Interval(date(2015, 7, 1))]
    assert protected(past.history()) == []


# Activities

ACTIVITY: list[tuple[str, dict[str, Any], dict[str, Any], str | None]] = [
    ("as in the example", {}, {}, None),
    ("going on", {"ended_on": None}, {}, None),
    ("abroad, in no occupation", {"region": None, "occupation_code": None, "occupation_name": None}, {}, None),
    ("unknown activity", {"activity": "sightseeing"}, {}, "schema-invalid"),
    ("unknown role", {"role": "boss"}, {}, "schema-invalid"),
    ("ends before it begins", {"ended_on": "2026-05-17"}, {}, "schema-invalid"),
    ("ends after it is said", {"ended_on": "2026-05-21"}, {}, "schema-invalid"),
    ("goes on before it begins", {"ended_on": None, "started_on": "2026-05-21"}, {}, "schema-invalid"),
    ("code without its name", {"occupation_name": None}, {}, "schema-invalid"),
    ("name without its code", {"occupation_code": None}, {}, "schema-invalid"),
    ("rests on nothing there", {"records": [UNKNOWN]}, {}, "evidence-missing"),
    ("rests on a record of another", {}, {"stream": SECOND}, "evidence-missing"),
]


@pytest.mark.parametrize(("claims", "seen", "code"), [row[1:] for row in ACTIVITY], ids=[row[0] for row in ACTIVITY])
def test_activities(past: Past, claims: dict[str, Any], seen: dict[str, Any], code: str | None) -> None:
    own = past.log(build("award"))
    assert past.code("activity-attested", {"records": [own], **claims}, **seen) == code


@pytest.mark.parametrize("activity", ACTIVITIES)
def test_every_activity_has_its_title_in_the_archive(past: Past, activity: str) -> None:
    record = record_of("activity-attested", {"activity": activity})
    assert record.to_payload()["name"] == f"{ACTIVITIES[activity]['zh']}：示例省焊工职业技能竞赛"
    assert past.code("activity-attested", {"activity": activity}) is None


def test_an_activity_is_accredited_by_occupation_and_place() -> None:
    assert record_of("activity-attested").scope() == Scope("activity-attested", WELDER, None, "320102")


# Benefits


@pytest.mark.parametrize("benefit", BENEFITS)
def test_benefits_rest_on_records_of_the_person(past: Past, benefit: str) -> None:
    own = past.log(build("skill-certificate"))
    apprentices = past.log(build("award"), SECOND)

    def code(*records: str, **changes: Any) -> str | None:
        return past.code("benefit-basis", {"benefit": benefit, "records": list(records), **changes})

    assert record_of("benefit-basis", {"benefit": benefit}).to_payload()["name"] == BENEFITS[benefit]["zh"]
    assert code(own) is None
    assert code(own, ended_on="2026-06-01") is None
    assert code(own, ended_on="2026-05-31") == "schema-invalid"
    assert code() == "schema-invalid"
    assert code(UNKNOWN) == "evidence-missing"
    assert code(own, apprentices) == (None if benefit in OF_OTHERS else "evidence-missing")
    assert code(apprentices) == "evidence-missing"
    past.act("revocation", target_record=own, action="suspend")
    assert code(own) == "evidence-missing"


def test_an_unknown_benefit_is_refused(past: Past) -> None:
    own = past.log(build("skill-certificate"))
    assert past.code("benefit-basis", {"benefit": "bonus", "records": [own]}) == "schema-invalid"
