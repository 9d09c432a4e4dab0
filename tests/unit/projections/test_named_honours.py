"""Goal: the honours that the policy papers name are recorded, stand on the roll by code and tier, and come off it.

Method: one row a requirement, numbered as in `ledger/docs/COVERAGE.md`; each named honour goes through the real fold.
"""

from __future__ import annotations

from typing import Any

import pytest

from projections import honours as view
from projections._standing import instant_seconds
from projections.honours import Chosen, Honour, roll
from tests.support.examples import ANN, BEN, Log, alone
from tests.support.past import Past, build

NOW = instant_seconds("2026-11-21T12:00:00+08:00")
ORDINARY: dict[str, Any] = {"contest_name": None, "contest_class": None, "contest_event": None, "contest_rank": None}
ORDINARY |= {"contest_group": None, "team_size": None, "certificate_number": None}

STATE, INDUSTRY, SOCIAL = "STATE", "INDUSTRY", "SOCIAL"
NAMED: dict[str, list[tuple[str, str, str, str]]] = {
    # code, name, tier, level
    "S-061": [
        ("AW-CN-02", "全国技术能手", STATE, "national"),
        ("AW-JS-03", "江苏国企大工匠", INDUSTRY, "provincial"),
        ("AW-XX-01", "示例基金会技能奖", SOCIAL, "municipal"),
    ],
    "S-062": [("AW-CN-01", "中华技能大奖", STATE, "national"), ("AW-CN-02", "全国技术能手", STATE, "national")],
    "S-063": [
        ("AW-CN-03", "全国劳动模范", STATE, "national"),
        ("AW-CN-04", "全国先进工作者", STATE, "national"),
        ("AW-CN-05", "国家科学技术奖", STATE, "national"),
        ("AW-CN-06", "享受政府特殊津贴", STATE, "national"),
    ],
    "S-064": [
        ("AW-CN-07", "五一劳动奖章", STATE, "national"),
        ("AW-CN-08", "青年五四奖章", STATE, "national"),
        ("AW-CN-09", "青年岗位能手", STATE, "national"),
        ("AW-CN-10", "三八红旗手", STATE, "national"),
        ("AW-CN-11", "巾帼建功标兵", STATE, "national"),
    ],
    "S-065": [
        ("AW-JS-01", "江苏大工匠", STATE, "provincial"),
        ("AW-JS-02", "江苏工匠", STATE, "provincial"),
        ("AW-JS-04", "省劳动模范和先进工作者", STATE, "provincial"),
        ("AW-JS-05", "省级五一劳动奖章", STATE, "provincial"),
    ],
    "S-066": [("AW-JS-03", "江苏国企大工匠", INDUSTRY, "provincial")],
    "S-067": [
        ("AW-JS-13", "省双创计划", STATE, "provincial"),
        ("AW-JS-14", "333工程", STATE, "provincial"),
        ("AW-JS-15", "省有突出贡献中青年专家", STATE, "provincial"),
    ],
    "S-068": [("AW-JS-06", "江苏省科学技术奖", STATE, "provincial"), ("AW-JS-07", "江苏专利奖", STATE, "provincial")],
    "S-069": [
        ("AW-DZ-01", "巴渠技能大师", STATE, "municipal"),
        ("AW-DZ-02", "巴渠工匠", STATE, "municipal"),
        ("AW-CN-12", "卓越工程师", STATE, "national"),
        ("AW-DZ-03", "达人英才卡", STATE, "municipal"),
    ],
}


def told(honours: tuple[Honour, ...]) -> list[tuple[str, str, str, str | None]]:
    return [(one.award_code, one.title, one.tier, one.award_level) for one in honours]


@pytest.mark.parametrize("number", NAMED)
def test_named_honours(number: str) -> None:
    """On the roll by code, tier and level; withdrawn, off it; each in the archive under its name."""
    log = Log()
    for code, name, tier, level in NAMED[number]:
        claims = {**ORDINARY, "award_code": code, "award_name": name, "tier": tier, "level": level}
        held = log.add("award/2", ANN, **claims)
        assert held.payload["name"] == name
    engine = log.fold(view)
    assert told(roll(engine, as_of_seconds=NOW, linked=alone)) == NAMED[number]
    for one in NAMED[number]:
        assert told(roll(engine, as_of_seconds=NOW, linked=alone, chosen=Chosen(award_code=one[0]))) == [one]
        assert one in told(roll(engine, as_of_seconds=NOW, linked=alone, chosen=Chosen(tier=one[2])))
    log.add("revocation", ANN, target_record=log.records[0].record_id, effective_on="2026-07-01")
    assert told(roll(log.fold(view), as_of_seconds=NOW, linked=alone)) == NAMED[number][1:]


def test_tiers_are_three() -> None:
    """S-061: of the state, of industry and enterprises, of society."""
    past = Past()
    tiers = (STATE, INDUSTRY, SOCIAL, "PRIVATE")
    assert [past.code("award", {"tier": tier}) for tier in tiers] == [None, None, None, "schema-invalid"]


def test_one_honour_leads_to_another() -> None:
    """S-066: who nominates a 江苏国企大工匠 for 江苏工匠 cites the first honour, which must be the person's and stand."""
    past = Past()
    first = past.log(build("award", {"award_code": "AW-JS-03", "award_name": "江苏国企大工匠", "tier": INDUSTRY}))
    cites = {"award_code": "AW-JS-02", "award_name": "江苏工匠", "evidence_records": [first]}
    assert past.code("award", cites) is None
    past.act("revocation", target_record=first, action="revoke")
    assert past.code("award", cites) == "evidence-missing"


def test_collectives_are_honoured_person_by_person() -> None:
    """S-070: each member of a collective has a record, and the roll tells that they belong together."""
    group = "urn:uuid:55c0a3de-2f0b-4c7a-9d55-0f4e8b1a7c21"
    team: dict[str, Any] = {"award_code": "AW-CN-13", "award_name": "五一劳动奖状", "team_name": "示例焊接班组"}
    team |= {"persons": 2, "group": group}
    log = Log()
    for stream, place in ((ANN, 1), (BEN, 2)):
        log.add("award/2", stream, **ORDINARY, **team, person_order=place, role="member")
    found = roll(log.fold(view), as_of_seconds=NOW, linked=alone)
    assert [(one.title, one.group_id) for one in found] == [("五一劳动奖状", group)] * 2
    assert Past().code("award", {**team, "person_order": 1}) == "group-incomplete"
