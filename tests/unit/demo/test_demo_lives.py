"""The demonstration's people and lives: well formed, the same for the same seed, and rich enough to show every state.

Method: pure generation, checked with the ledger's own identifier checks and tables; accreditations are compared with
what the registry will ask.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.demo import _wording
from api.demo.institutions import INSTITUTIONS, credit_code
from api.demo.lives import (
    CERTIFICATES,
    CORRECT,
    EXPIRED,
    FRESH_DAYS,
    NOT_YET_VALID,
    RECORDS_EACH,
    REFUSED,
    REVOKED,
    SUPERSEDED,
    SUSPENDED,
    VALID,
    late_reason,
    life,
)
from api.demo.people import BORN_IN, KINDS, ROUND, ROW, WORKERS_MAX, worker
from ledger.calendar import working_days_between
from ledger.limits import LATE_WORKING_DAYS_MAX
from ledger.records._base import Scope
from ledger.records._codes import occupations, regions
from ledger.records._identifiers import IDENTIFIER_KINDS, check_identifier, document_kind
from ledger.records.institution_registered import TYPES
from ledger.registry import Accreditation

TODAY = date(2026, 11, 21)
STATES = {VALID, REVOKED, SUSPENDED, SUPERSEDED, EXPIRED, NOT_YET_VALID, REFUSED}


@pytest.fixture(scope="module")
def lives():
    return [life(1, place, today=TODAY) for place in range(200)]


# People


@given(seed=st.integers(0, 2**32), place=st.integers(0, WORKERS_MAX - 1))
def test_every_number_is_well_formed_and_of_the_kind_it_says(seed, place):
    made = worker(seed, place)
    assert check_identifier(made.kind, made.number) == []
    assert document_kind(made.number) == made.kind
    assert made.name == made.name.strip()
    assert len(made.name) >= 2


@given(seed=st.integers(0, 2**32), place=st.integers(0, WORKERS_MAX - 1))
def test_nobody_real_is_named(seed, place):
    """Numbers that hold a four-digit birth year hold 1900; the 15-digit form has the two digits 00."""
    made = worker(seed, place)
    match = IDENTIFIER_KINDS[made.kind][0].fullmatch(made.number)
    assert match is not None
    if "birth" in match.re.groupindex:
        assert match["birth"].startswith(("1900", "00")[made.kind == "foreign_pr_2017"])
    assert BORN_IN == 1900


def test_no_two_workers_share_a_number():
    places = [*range(3 * ROUND), *range(WORKERS_MAX - ROUND, WORKERS_MAX)]
    numbers = [worker(7, place).number for place in places]
    assert len(set(numbers)) == len(numbers)


def test_a_fifth_of_the_workers_have_another_kind_of_number():
    found = Counter(worker(1, place).kind for place in range(8 * ROW))
    assert found == {"ric": 8 * (ROW - len(KINDS)), **dict.fromkeys(KINDS.values(), 8)}


def test_people_depend_on_seed_and_place_alone():
    assert worker(3, 17) == worker(3, 17)
    assert worker(3, 17) != worker(4, 17)


# Institutions


def test_the_seven_institutions_have_seven_roles_and_well_formed_codes():
    assert len(INSTITUTIONS) == 7
    assert len({one.uscc for one in INSTITUTIONS.values()}) == 7
    assert {one.type for one in INSTITUTIONS.values()} <= set(TYPES)
    for one in INSTITUTIONS.values():
        assert check_identifier("uscc", one.uscc) == []
        assert check_identifier("region_code", one.region) == []


@given(serial=st.integers(0, 9999))
def test_credit_codes_are_well_formed(serial):
    assert check_identifier("uscc", credit_code("91", "320200", serial)) == []


# Lives


def test_a_life_depends_on_seed_place_and_day_alone(lives):
    assert life(1, 5, today=TODAY) == lives[5]
    assert life(2, 5, today=TODAY) != lives[5]
    assert life(1, 5, today=date(2026, 11, 22)) != lives[5]


def test_two_hundred_lives_hold_two_thousand_records_that_are_accepted(lives):
    accepted = [one for each in lives for one in each.records if one.state != REFUSED]
    assert len(accepted) == 200 * RECORDS_EACH


def test_the_first_four_lives_show_every_state(lives):
    assert {one.state for each in lives[:4] for one in each.records} == STATES


@pytest.mark.parametrize(("state", "least"), [(state, 20) for state in sorted(STATES)])
def test_two_hundred_lives_show_every_state_often(lives, state, least):
    assert sum(one.state == state for each in lives for one in each.records) >= least


def test_careers_climb_over_decades(lives):
    spans = []
    for each in lives:
        steps = [
            one
            for one in each.records
            if one.kind in CERTIFICATES and one.state != REFUSED and not one.claims["valid_until"]
        ]
        assert all(a.claims["level_order"] < b.claims["level_order"] for a, b in pairwise(steps))
        if steps:
            spans.append(steps[-1].occurred.year - steps[0].occurred.year)
    assert max(spans) >= 20
    assert sum(span >= 7 for span in spans) >= 60


def test_old_records_say_why_they_come_late(lives):
    for one in (one for each in lives for one in each.records):
        late = working_days_between(one.occurred, TODAY) > LATE_WORKING_DAYS_MAX
        assert one.occurred <= TODAY
        assert not late or one.claims["late"]


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 11, 21), None),
        (date(2026, 11, 21 - FRESH_DAYS), None),
        (date(2026, 11, 21 - FRESH_DAYS - 1), "historical-import"),
        (date(2000, 1, 1), "historical-import"),
        (date(1999, 12, 31), "paper-backlog"),
    ],
)
def test_late_reasons(day, reason):
    assert late_reason(day, today=TODAY) == reason


def test_occupations_regions_and_awards_are_the_real_ones(lives):
    awards = {award.code: award.name for award in _wording.awards()}
    for one in (one for each in lives for one in each.records):
        code = one.claims.get("occupation_code")
        assert (
            code is None
            or one.state == REFUSED
            or occupations()[code] == one.claims.get("occupation_name", occupations()[code])
        )
        assert one.claims["region"] in regions()
        assert one.kind != "award" or awards[one.claims["award_code"]] == one.claims["award_name"]


def test_certificate_numbers_are_used_once_and_follow_their_rule(lives):
    every = [one for each in lives for one in each.records]
    assert len({(one.signer, one.kind, one.number) for one in every}) == len(every)
    for one in every:
        if one.kind in CERTIFICATES:
            special = one.claims["level_order"] == 7
            kind = "special_grade_cert_no" if special else "skill_cert_no"
            if one.kind == "vocational-qualification":
                kind = "qualification_cert_no"
            assert check_identifier(kind, one.number) == []


def test_only_what_is_marked_as_refused_lies_beyond_the_accreditation(lives):
    for one in (one for each in lives for one in each.records):
        claims = one.claims
        need = Scope(
            one.kind.partition("/")[0], claims.get("occupation_code"), claims.get("level_order"), claims["region"]
        )
        covered = any(scope.covers(need, on=day) for scope in scopes(one.signer) for day in [one.occurred])
        assert covered == (one.state != REFUSED), (one.signer, one.kind, claims)


def scopes(signer):
    for scope in INSTITUTIONS[signer].scopes:
        yield Accreditation(
            uid="urn:uuid:00000000-0000-4000-8000-000000000000",
            uscc=INSTITUTIONS[signer].uscc,
            kinds=frozenset(scope["kinds"]),
            occupations=tuple(scope["occupations"]),
            levels=frozenset(scope["levels"]),
            regions=tuple(scope["regions"]),
            valid_from=date.fromisoformat(scope["period_from"]),
            valid_until=None,
            granted_at=0,
        )


def test_moves_rest_on_sound_trainings(lives):
    moves = [(each, each.move) for each in lives if each.move is not None]
    assert len(moves) == 50
    for each, move in moves:
        sources = [each.records[n] for n in move.sources]
        assert all(one.kind == "training-completion" and one.state == VALID and one.fate is None for one in sources)
        assert 0 <= move.onward_centi < move.amount_centi


def test_a_corrected_version_keeps_number_and_person_and_changes_the_scores(lives):
    known = next(one for each in lives for one in each.records if one.fate == CORRECT)
    fresh = known.corrected()
    assert (fresh.number, fresh.worker, fresh.state) == (known.number, known.worker, VALID)
    assert fresh.claims["uid"] != known.claims["uid"]
    assert fresh.disclosed["scores"] != known.disclosed["scores"]
    with pytest.raises(ValueError, match="fate"):
        fresh.corrected()


def test_the_draws_of_wording_stay_in_their_tables():
    rng = Random(1)
    assert _wording.occupation(rng, place=0)[1] == "电工"
    assert all(_wording.occupation(rng, place=1) in _wording.trades() for _ in range(50))
