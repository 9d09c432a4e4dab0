"""Goal: contests, their results, promotions and awards say only what holds together. Method: a past with one contest in
it, and tables of refusals: one change a row, in the order of the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ledger.records._base import Record, Scope
from ledger.records._contest import CLASSES, MEDALS, SERIES, TIERS
from ledger.records._rule import content_hash
from ledger.records.award import LEVELS, ROLES
from ledger.rules.standard import EXAMPLE as STANDARD
from tests.support.past import AUTHORITY, INSTITUTION, ISSUER, OTHER, SECOND, Past, build, record_of

GROUP = "urn:uuid:55c0a3de-2f0b-4c7a-9d55-0f4e8b1a7c21"
COLLEAGUE = {"holder_name": "李四", "document_number": "320106190001020061"}
WELDER, ELECTRICIAN = "6-18-02-04", "6-31-01-03"
PAIR = {
    "event_code": "W02",
    "event_name": "机电一体化",
    "occupation_code": ELECTRICIAN,
    "occupation_name": "电工",
    "team_size": 2,
    "group": GROUP,
}


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.fixture
def contest(past: Past) -> str:
    return past.log(build("contest-registered"), stream=INSTITUTION)


EVENT = {"code": "W01", "name": "焊接", "occupation": WELDER, "team": 1}

CONTESTS: list[tuple[str, Mapping[str, Any], str | None]] = [
    ("as the example", {}, None),
    ("an event without an occupation", {"events": [{"code": "W01", "name": "创新", "team": 3}]}, None),
    ("unknown series", {"series": "some-new-contest"}, None),
    ("unknown tier", {"tier": "galactic"}, "schema-invalid"),
    ("unknown class", {"contest_class": "national-3"}, "schema-invalid"),
    ("unknown group", {"groups": ["workers", "pensioners"]}, "schema-invalid"),
    ("no group", {"groups": []}, "schema-invalid"),
    ("unknown format", {"formats": ["fair"]}, "schema-invalid"),
    ("no event", {"events": []}, "schema-invalid"),
    ("two events of one code", {"events": [EVENT, {**EVENT, "name": "别的"}]}, "schema-invalid"),
    ("an event with one more member", {"events": [{**EVENT, "prize": 1}]}, "schema-invalid"),
    ("an event without a team size", {"events": [{"code": "W01", "name": "焊接"}]}, "schema-invalid"),
    ("a team of nobody", {"events": [{**EVENT, "team": 0}]}, "schema-invalid"),
    ("a team size as text", {"events": [{**EVENT, "team": "1"}]}, "schema-invalid"),
    ("an occupation in an older form", {"events": [{**EVENT, "occupation": "6-18-2-4"}]}, "identifier-malformed"),
    ("more events than a contest has", {"events": [{**EVENT, "code": f"W{n}"} for n in range(129)]}, "schema-invalid"),
    ("ends before it begins", {"ends_on": "2026-05-10"}, "schema-invalid"),
]


@pytest.mark.parametrize(("why", "claims", "code"), CONTESTS, ids=[row[0] for row in CONTESTS])
def test_contests(past: Past, why: str, claims: Mapping[str, Any], code: str | None) -> None:
    assert past.code("contest-registered", claims, stream=INSTITUTION) == code


def test_what_acceptance_asks_of_a_contest() -> None:
    """S-051: the tier is one of the hierarchy; who may register contests is accredited for it; its number is used once."""
    record = record_of("contest-registered")
    assert record.scope() == Scope("contest-registered", None, None, "320000")
    assert [(one.purpose, one.parts, one.refusal.code) for one in record.unique_claims()] == [
        ("contest", (ISSUER, "JS-2026-007"), "number-used")
    ]
    assert record.about({ISSUER: "52320102MJ000000XG"}) == "52320102MJ000000XG"
    assert record.person() is None


def test_code_tables_have_both_labels() -> None:
    """S-051, S-054, S-055, S-056: the hierarchy and the named contests, in Chinese and English."""
    for table in (TIERS, CLASSES, SERIES, MEDALS, LEVELS, ROLES):
        for code, labels in table.items():
            assert labels.keys() == {"zh", "en"}, code
    assert [*TIERS][:3] == ["world", "national", "national-industry"]
    named = {labels["zh"] for labels in SERIES.values()}
    assert {"江苏技能状元大赛", "达州技能大赛", "技能达人擂台赛", "全国职业院校技能大赛", "世界技能大赛"} <= named


RESULTS: list[tuple[str, Mapping[str, Any], str | None]] = [
    ("as the example", {}, None),
    ("no medal, number of participants unknown", {"medal": None, "participants": None}, None),
    ("rank 0", {"rank": 0}, "schema-invalid"),
    ("rank beyond the participants", {"rank": 49}, "schema-invalid"),
    ("unknown medal", {"medal": "platinum"}, "schema-invalid"),
    ("occupation without its name", {"occupation_name": None}, "schema-invalid"),
    ("a team without its group", {"team_size": 2}, "schema-invalid"),
    ("contest not held", {"contest_record": "0" * 64}, "evidence-missing"),
    ("evidence not held", {"evidence": ["0" * 64]}, "evidence-missing"),
    ("event of another contest", {"event_code": "W09"}, "rule-broken"),
    ("another contest's name", {"contest_name": "别的竞赛"}, "rule-broken"),
    ("another event's name", {"event_name": "别的项目"}, "rule-broken"),
    ("another occupation", {"occupation_code": ELECTRICIAN}, "rule-broken"),
    ("the event's occupation left out", {"occupation_code": None, "occupation_name": None}, "rule-broken"),
    ("alone in an event of teams", {**PAIR, "team_size": 1}, "rule-broken"),
    ("before the contest begins", {"happened_on": "2026-05-10"}, "rule-broken"),
]


@pytest.mark.parametrize(("why", "claims", "code"), RESULTS, ids=[row[0] for row in RESULTS])
def test_results(past: Past, contest: str, why: str, claims: Mapping[str, Any], code: str | None) -> None:
    assert past.code("contest-result", {"contest_record": contest, **claims}) == code


def test_a_result_is_in_one_of_the_groups_of_the_contest(past: Past) -> None:
    contest = past.log(build("contest-registered", {"groups": ["students"]}), stream=INSTITUTION)
    assert past.code("contest-result", {"contest_record": contest}) == "rule-broken"
    assert past.code("contest-result", {"contest_record": contest, "contest_group": "students"}) is None


def test_results_come_from_who_registered_the_contest(past: Past, contest: str) -> None:
    claims = {"contest_record": contest}
    assert past.code("contest-result", claims, issuer=OTHER) == "target-foreign"
    assert past.code("contest-result", claims, issuer=AUTHORITY, is_authority=True) is None
    named = {"contest_number": "JS-2026-008", "organisers": ["12320102MB0000000C"]}
    shared = past.log(build("contest-registered", named, issuer=AUTHORITY), stream=INSTITUTION)
    assert past.code("contest-result", {"contest_record": shared}, issuer=OTHER) is None
    assert past.code("contest-result", {"contest_record": shared}) == "target-foreign"


def test_results_rest_on_own_trainings(past: Past, contest: str) -> None:
    """S-053: train, drill, contest, promote: each step cites the one before."""
    own = past.log(build("training-completion"))
    foreign = past.log(build("training-completion", {}, COLLEAGUE), SECOND)
    assert past.code("contest-result", {"contest_record": contest, "evidence": [own]}) is None
    assert past.code("contest-result", {"contest_record": contest, "evidence": [own, foreign]}) == "evidence-missing"
    assert past.code("contest-result", {"contest_record": contest, "evidence": [contest]}) == "evidence-missing"


def test_one_result_for_person_contest_and_event(past: Past, contest: str) -> None:
    claims = {"contest_record": contest}
    first = past.log(build("contest-result", claims))
    assert past.code("contest-result", claims) == "rule-broken"
    assert past.code("contest-result", {**claims, "rank": 4}) == "rule-broken"
    other_event = record_of("contest-result", {**claims, **PAIR})
    assert past.code("contest-result", {**claims, **PAIR}, group=[other_event, other_event]) is None
    next_year = past.log(build("contest-registered", {"contest_number": "JS-2027-001"}), stream=INSTITUTION)
    assert past.code("contest-result", {"contest_record": next_year}) is None
    assert past.code("contest-result", claims, stream=SECOND) is None
    correction = record_of("correction", {"target_record": first, "replacement_record": "a" * 64})
    assert past.code("contest-result", claims, group=[record_of("contest-result", claims), correction]) is None
    past.act("revocation", target_record=first, action="suspend")
    assert past.code("contest-result", claims) == "rule-broken", "a suspension may end"
    past.act("revocation", target_record=first, action="revoke")
    assert past.code("contest-result", claims) is None


TEAMS: list[tuple[str, list[Mapping[str, Any]], str | None]] = [
    # the other records of the group
    ("both members", [{}], None),
    ("one member alone", [], "group-incomplete"),
    ("a third member", [{}, {}], "group-incomplete"),
    ("another rank", [{"rank": 2}], "group-incomplete"),
    ("another event", [{"event_code": "W01"}], "group-incomplete"),
    ("another contest", [{"contest_record": "0" * 64}], "group-incomplete"),
    ("another group of competitors", [{"contest_group": "students"}], "group-incomplete"),
    ("another number of participants", [{"participants": 47}], "group-incomplete"),
    ("another medal", [{"medal": "gold"}], "group-incomplete"),
    ("another day", [{"happened_on": "2026-05-14"}], "group-incomplete"),
]


@pytest.mark.parametrize(("why", "others", "code"), TEAMS, ids=[row[0] for row in TEAMS])
def test_teams(past: Past, contest: str, why: str, others: list[Mapping[str, Any]], code: str | None) -> None:
    claims = {"contest_record": contest, **PAIR}
    group = [record_of("contest-result", claims), *(record_of("contest-result", {**claims, **one}) for one in others)]
    assert past.code("contest-result", claims, group=group) == code


def test_a_team_has_no_person_twice(past: Past, contest: str) -> None:
    claims = {"contest_record": contest, **PAIR}
    group = [record_of("contest-result", claims)] * 2
    past.log(build("contest-result", claims))
    assert past.code("contest-result", claims, COLLEAGUE, group=group, stream=SECOND) is None
    assert past.code("contest-result", claims, group=group) == "group-incomplete"


# -- promotion ---------------------------------------------------------------------------------------------------------

CONTENT = {
    "provenance": "sample",
    "rows": [
        {
            "contest_class": "provincial-1",
            "group": "workers",
            "rank_from": 1,
            "rank_to": 3,
            "promote_to_order": 5,
            "if_already_then_plus": 1,
        },
        {"contest_class": "provincial-1", "rank_from": 4, "upper_half": True, "promote_to_order": 4},
    ],
}
HASH = content_hash(CONTENT)


def publish(past: Past, rule: str, issuer: str = AUTHORITY, **claims: Any) -> None:
    """A contest rule, in force from the beginning of the year."""
    text = {"rule": rule, "content": CONTENT, "effective_from": "2026-01-01", **claims}
    past.log(build("rule-published", text, issuer=issuer), stream=INSTITUTION)


class Promoted:
    """A past with rules, and a result that a promotion cites."""

    def __init__(self, past: Past, contest: str, **result: Any) -> None:
        self.past, self.contest = past, contest
        self.result = past.log(build("contest-result", {"contest_record": contest, **result}))
        self.group: list[Record] = []
        publish(past, "CONTEST-JS")

    def code(self, **claims: Any) -> str | None:
        cited = {"contest_record": self.contest, "result_record": self.result, "rule_hash": HASH}
        return self.past.code("contest-promotion", {**cited, **claims})

    def certify(self, order: int, **claims: Any) -> str:
        told = {
            "occupation_code": WELDER,
            "level_order": order,
            "certificate_kind": "QUALIFICATION",
            "issued_on": "2026-05-19",
        }
        number = f"2600000001{7 - order}00001"
        return self.past.log(build("skill-certificate/1", {**told, **claims}, {"certificate_number": number}))


@pytest.fixture
def promoted(past: Past, contest: str) -> Promoted:
    return Promoted(past, contest)


PROMOTIONS: list[tuple[str, Mapping[str, Any], str | None]] = [
    ("as the rule says", {}, None),
    ("a post", {"level_order": 7}, "schema-invalid"),
    ("学徒工", {"level_order": 1}, "schema-invalid"),
    ("result not held", {"result_record": "0" * 64}, "evidence-missing"),
    ("contest not held", {"contest_record": "0" * 64}, "evidence-missing"),
    ("another occupation", {"occupation_code": ELECTRICIAN}, "rule-broken"),
    ("before the result", {"happened_on": "2026-05-14"}, "rule-broken"),
    ("another rule", {"rule_id": "CONTEST-ZJ"}, "rule-not-in-force"),
    ("a version to come", {"rule_version": 2}, "rule-not-in-force"),
    ("another text of the rule", {"rule_hash": "0" * 64}, "rule-not-in-force"),
    ("a level lower than the rule's", {"level_order": 4}, "threshold-missed"),
    ("a level higher than the rule's", {"level_order": 6}, "threshold-missed"),
]


@pytest.mark.parametrize(("why", "claims", "code"), PROMOTIONS, ids=[row[0] for row in PROMOTIONS])
def test_promotions(promoted: Promoted, why: str, claims: Mapping[str, Any], code: str | None) -> None:
    """S-052: a rank gives the level that the rule of the contest's day says, and no other."""
    assert promoted.code(**claims) == code


def test_a_promotion_cites_its_own_contest_and_result(promoted: Promoted) -> None:
    past = promoted.past
    other = past.log(build("contest-registered", {"contest_number": "JS-2026-009"}), stream=INSTITUTION)
    assert promoted.code(contest_record=other) == "evidence-missing"
    assert promoted.code(contest_record=promoted.result) == "evidence-missing"
    foreign = past.log(build("contest-result", {"contest_record": promoted.contest}, COLLEAGUE), SECOND)
    assert promoted.code(result_record=foreign) == "evidence-missing"
    past.act("revocation", target_record=promoted.result, action="suspend")
    assert promoted.code() == "evidence-missing"


def test_rules_hold_on_the_day_of_the_contest(promoted: Promoted) -> None:
    """S-058: the province's rules are versions of rules, each in force on its days."""
    publish(promoted.past, "CONTEST-LATE", effective_from="2026-05-16")
    publish(promoted.past, "CONTEST-THEN", effective_from="2026-05-15", effective_until="2026-05-16")
    assert promoted.code(rule_id="CONTEST-LATE") == "rule-not-in-force"
    assert promoted.code(rule_id="CONTEST-THEN") is None


def test_rules_that_give_levels_are_the_authoritys(promoted: Promoted) -> None:
    publish(promoted.past, "CONTEST-OWN", issuer=ISSUER)
    assert promoted.code(rule_id="CONTEST-OWN") == "rule-not-in-force"


def test_a_promotion_is_to_a_level_that_the_occupation_has(promoted: Promoted) -> None:
    """S-019: the occupation's standard says which levels there are."""
    content = {**STANDARD, "occupation": WELDER, "levels": [2, 3, 4]}
    publish(promoted.past, "STANDARD-LOW", book="standard", content=content)
    assert promoted.code() == "level-unknown"
    publish(promoted.past, "STANDARD-HIGH", book="standard", content={**content, "levels": [5, 6]})
    assert promoted.code() is None


def test_rules_for_a_series_are_for_its_contests(promoted: Promoted) -> None:
    for rule, series, code in (
        ("CONTEST-CODE", "jiangsu-workers", None),
        ("CONTEST-NAME", "2026年示例省焊接行业职业技能竞赛", None),
        ("CONTEST-ELSE", "jiangsu-champion", "rule-not-in-force"),
    ):
        content = {**CONTENT, "series": series}
        publish(promoted.past, rule, content=content)
        assert promoted.code(rule_id=rule, rule_hash=content_hash(content)) == code


STEPS = [
    # level before, what the first three get, or None where a promotion gives nothing
    (None, 5),
    (4, 5),
    (5, 6),
    (6, None),
]


@pytest.mark.parametrize(("before", "after"), STEPS, ids=[f"from {row[0]}" for row in STEPS])
def test_who_has_the_level_goes_a_step_further(promoted: Promoted, before: int | None, after: int | None) -> None:
    """min(max(promote to, current + step), 高级技师), and above what is there."""
    if before is not None:
        promoted.certify(before)
    codes = {order: promoted.code(level_order=order) for order in range(2, 7)}
    assert codes == {order: None if order == after else "threshold-missed" for order in range(2, 7)}


CURRENT: list[tuple[str, Mapping[str, Any]]] = [
    # certificates of 技师 that leave the holder where a first certificate would
    ("in another occupation", {"occupation_code": ELECTRICIAN}),
    ("issued on the day of the promotion", {"issued_on": "2026-05-20"}),
    ("no longer in force", {"valid_until": "2026-05-20", "issued_on": "2026-01-20"}),
]


@pytest.mark.parametrize(("why", "claims"), CURRENT, ids=[row[0] for row in CURRENT])
def test_certificates_that_do_not_count_as_the_level_before(
    promoted: Promoted, why: str, claims: Mapping[str, Any]
) -> None:
    promoted.certify(5, **claims)
    assert promoted.code() is None


def test_a_special_ability_is_no_level(promoted: Promoted) -> None:
    promoted.certify(5, certificate_kind="SPECIAL_ABILITY")
    assert promoted.code() is None


def test_a_revoked_certificate_is_no_level(promoted: Promoted) -> None:
    held = promoted.certify(5)
    assert promoted.code() == "threshold-missed"
    promoted.past.act("revocation", target_record=held, action="revoke")
    assert promoted.code() is None


def test_a_result_below_the_threshold_gives_nothing(past: Past, contest: str) -> None:
    promoted = Promoted(past, contest, rank=25, participants=48)
    assert {promoted.code(level_order=order) for order in range(2, 7)} == {"threshold-missed"}


def test_the_upper_half_is_counted_in_participants(past: Past, contest: str) -> None:
    promoted = Promoted(past, contest, rank=24, participants=48)
    assert (promoted.code(level_order=4), promoted.code()) == (None, "threshold-missed")


def test_a_result_promotes_once() -> None:
    record = record_of("contest-promotion")
    assert [(one.purpose, one.parts, one.refusal.code) for one in record.unique_claims()] == [
        ("contest-promotion", (record.field("result_record"),), "number-used")
    ]
    assert record.scope() == Scope("contest-promotion", WELDER, 5, "320000")


# -- awards ------------------------------------------------------------------------------------------------------------

AWARDED = {"persons": 2, "person_order": 1, "group": GROUP}


def test_an_award_needs_nothing_of_the_second_version(past: Past) -> None:
    left_out = ("level", "granting_body", "role", "person_order", "persons")
    assert past.code("award", dict.fromkeys(left_out)) is None
    assert record_of("award", dict.fromkeys(left_out)).field("persons") == 1


AWARDS: list[tuple[str, Mapping[str, Any], str | None]] = [
    ("unknown level", {"level": "galactic"}, "schema-invalid"),
    ("unknown role", {"role": "spectator"}, "schema-invalid"),
    ("several persons without a group", {**AWARDED, "group": None}, "schema-invalid"),
    ("several persons without an order", {**AWARDED, "person_order": None}, "schema-invalid"),
    ("third of two", {**AWARDED, "person_order": 3}, "schema-invalid"),
    ("one of two alone", AWARDED, "group-incomplete"),
    ("evidence not held", {"evidence_records": ["0" * 64]}, "evidence-missing"),
    ("result not held", {"result_record": "0" * 64}, "evidence-missing"),
]


@pytest.mark.parametrize(("why", "claims", "code"), AWARDS, ids=[row[0] for row in AWARDS])
def test_awards(past: Past, why: str, claims: Mapping[str, Any], code: str | None) -> None:
    assert past.code("award", claims) == code


SIDES: list[tuple[str, Mapping[str, Any], str | None]] = [
    ("the second person", {"person_order": 2}, None),
    ("the first person again", {}, "group-incomplete"),
    ("another award", {"person_order": 2, "award_code": "AW-CN-01"}, "group-incomplete"),
    ("another name", {"person_order": 2, "award_name": "中华技能大奖"}, "group-incomplete"),
    ("another tier", {"person_order": 2, "tier": "INDUSTRY"}, "group-incomplete"),
    ("another level", {"person_order": 2, "level": "provincial"}, "group-incomplete"),
    ("another granting body", {"person_order": 2, "granting_body": None}, "group-incomplete"),
    ("another document", {"person_order": 2, "document": "示例人社发〔2026〕10号"}, "group-incomplete"),
    ("another edition", {"person_order": 2, "edition": "第三届"}, "group-incomplete"),
    ("another day", {"person_order": 2, "decided_on": "2026-06-17"}, "group-incomplete"),
    ("another team", {"person_order": 2, "team_name": "示例班组"}, "group-incomplete"),
]


@pytest.mark.parametrize(("why", "second", "code"), SIDES, ids=[row[0] for row in SIDES])
def test_awards_to_two_persons(past: Past, why: str, second: Mapping[str, Any], code: str | None) -> None:
    group = [record_of("award", AWARDED), record_of("award", {**AWARDED, **second})]
    assert past.code("award", AWARDED, group=group) == code


def test_an_award_repeats_what_its_contest_result_says(past: Past, contest: str) -> None:
    result = past.log(build("contest-result", {"contest_record": contest}))
    told = {
        "result_record": result,
        "contest_name": "2026年示例省焊接行业职业技能竞赛",
        "contest_event": "焊接",
        "occupation_code": WELDER,
        "contest_rank": 3,
    }
    assert past.code("award", told) is None
    for name in ("contest_name", "contest_event", "occupation_code", "contest_group", "contest_rank", "team_size"):
        assert past.code("award", {**told, name: None}) is None, name
    for changed in (
        {"contest_name": "别的竞赛"},
        {"contest_event": "电工"},
        {"occupation_code": ELECTRICIAN},
        {"contest_group": "students"},
        {"contest_rank": 1},
        {"team_size": 2},
        {"decided_on": "2026-05-14"},
    ):
        assert past.code("award", {**told, **changed}) == "rule-broken", changed
    foreign = past.log(build("contest-result", {"contest_record": contest}, COLLEAGUE), SECOND)
    assert past.code("award", {**told, "result_record": foreign}) == "evidence-missing"
    assert past.code("award", {**told, "evidence_records": [result]}) is None
    assert past.code("award", {**told, "evidence_records": [contest]}) == "evidence-missing"
