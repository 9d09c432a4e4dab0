"""Goal: what the policy papers name can be recorded, under a code of its own that says what they call it.

Method: one row a requirement, numbered as in `ledger/docs/COVERAGE.md`. Every code is signed into a record of its kind;
then some requirements that no single kind answers, each with what must be refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import pytest

from ledger.records._contest import SERIES, TIERS
from ledger.records._employment import worked
from ledger.records._training import CLASS_TYPES, ORGANISATION_MODES, PROGRAMME_TAGS
from ledger.records.activity_attested import ACTIVITIES
from ledger.records.benefit_basis import BENEFITS
from ledger.records.carrier_registered import CARRIER_TYPES
from ledger.records.innovation_recognised import KINDS, PURPOSES
from ledger.records.institution_attribute import ATTRIBUTES
from ledger.records.mentoring_agreed import PROGRAMMES
from ledger.rules.years import Interval, whole_years, worked_days
from tests.support.past import INSTITUTION, Past, build, record_of

CASE = "urn:uuid:55c0a3de-2f0b-4c7a-9d55-0f4e8b1a7c21"
DIGEST, UNKNOWN = "ab" * 32, "0" * 64


class Table(NamedTuple):
    """Where codes stand: their labels, and the field of a kind that takes one, or a list of them."""

    labels: Mapping[str, Mapping[str, str]]
    kind: str
    field: str
    is_list: bool = False


ACTIVITY = Table(ACTIVITIES, "activity-attested", "activity")
BENEFIT = Table(BENEFITS, "benefit-basis", "benefit")
CARRIER = Table(CARRIER_TYPES, "carrier-registered", "type")
CLASS = Table(CLASS_TYPES, "class-opened", "class_type")
INNOVATION = Table(KINDS, "innovation-recognised", "innovation_kind")
MODE = Table(ORGANISATION_MODES, "class-opened", "organisation_mode")
PROGRAMME = Table(PROGRAMMES, "mentoring-agreed", "programme")
PURPOSE = Table(PURPOSES, "innovation-recognised", "purposes", is_list=True)
SERIES_OF = Table(SERIES, "contest-registered", "series")
TAG = Table(PROGRAMME_TAGS, "class-opened", "programme_tags", is_list=True)
TIER = Table(TIERS, "contest-registered", "tier")
ATTRIBUTE = Table(ATTRIBUTES, "institution-attribute", "attribute")

NAMED: dict[str, list[tuple[Table, dict[str, str]]]] = {
    "S-009": [(CARRIER, {"online-platform": "网络学习平台", "digital-craftsman-college": "数字工匠学院"})],
    "S-015": [(TAG, {"study-dream": "求学圆梦行动"})],
    "S-024": [
        (ACTIVITY, {"outstanding-technician": "卓越技师培养", "senior-seminar": "高级研修"}),
        (ACTIVITY, {"overseas-training": "海外培训"}),
    ],
    "S-041": [(TAG, {"safety-skills": "安全技能培训"})],
    "S-051": [
        (TIER, {"world": "世界技能大赛", "national": "全国职业技能大赛", "national-industry": "全国行业职业技能竞赛"}),
        (TIER, {"provincial": "省级职业技能竞赛", "municipal": "市级职业技能竞赛", "county": "县级职业技能竞赛"}),
        (TIER, {"special": "职业技能专项赛", "enterprise": "企业职业技能比赛", "school": "院校职业技能比赛"}),
    ],
    "S-054": [
        (SERIES_OF, {"jiangsu-champion": "江苏技能状元大赛", "jiangsu-workers": "全省职工职业技能竞赛"}),
        (SERIES_OF, {"jiangsu-craftsman": "“江苏工匠”岗位练兵职业技能竞赛"}),
    ],
    "S-055": [
        (SERIES_OF, {"dazhou-challenge": "技能达人擂台赛", "dazhou-skills": "达州技能大赛"}),
        (SERIES_OF, {"advanced-computing": "全国先进计算技术创新大赛"}),
    ],
    "S-056": [
        (SERIES_OF, {"rural-revitalisation": "全国乡村振兴职业技能大赛"}),
        (SERIES_OF, {"world-vocational-college": "世界职业院校技能大赛"}),
        (SERIES_OF, {"national-vocational-college": "全国职业院校技能大赛"}),
    ],
    "S-059": [(CARRIER, {"contest-base": "竞赛集训基地"})],
    "S-060": [(ACTIVITY, {"contest-judging": "竞赛裁判", "contest-expert": "竞赛专家与技术指导"})],
    "S-072": [
        (INNOVATION, {"technology": "科技创新成果", "operating-method": "先进操作法", "invention-patent": "发明专利"}),
        (INNOVATION, {"five-small": "“五小”成果", "patent-award": "专利奖项目"}),
        (PURPOSE, {"title": "职称评定", "skill-evaluation": "技能评价"}),
    ],
    "S-074": [
        (INNOVATION, {"operating-method": "先进操作法", "special-skill": "绝招绝技绝活"}),
        (ACTIVITY, {"demonstration-course": "绝招绝技示教课程"}),
    ],
    "S-075": [
        (ACTIVITY, {"open-bid-project": "揭榜挂帅（揭榜领题）", "production-decision": "参与重大生产决策"}),
        (ACTIVITY, {"technical-project": "技术革新与技术攻关"}),
        (INNOVATION, {"problem-solved": "技术攻关项目（揭榜领题、揭榜挂帅）"}),
    ],
    "S-076": [
        (PURPOSE, {"performance": "绩效考核", "pay": "薪酬待遇", "post": "岗位晋升"}),
        (PURPOSE, {"title": "职称评定", "skill-evaluation": "技能评价", "merit": "评先树优"}),
    ],
    "S-079": [
        (PROGRAMME, {"enterprise-apprenticeship": "企业新型学徒制", "modern-apprenticeship": "现代学徒制"}),
        (PROGRAMME, {"chinese-apprenticeship": "中国特色学徒制"}),
    ],
    "S-081": [
        (BENEFIT, {"skill-allowance": "技能津贴", "team-leader-allowance": "班组长津贴"}),
        (BENEFIT, {"mentor-allowance": "带徒津贴"}),
    ],
    "S-082": [(ACTIVITY, {"part-time-teaching": "院校兼职任教", "practice-instruction": "实习实训指导"})],
    "S-084": [
        (CARRIER, {"talent-service-park": "技能人才服务产业园", "craftsman-college": "工匠学院"}),
        (CARRIER, {"enterprise-training-centre": "企业培训中心", "integration-base": "产教融合实训基地"}),
        (CARRIER, {"high-skill-base": "高技能人才培训基地", "public-base": "公共实训基地"}),
        (CARRIER, {"skill-master-studio": "技能大师工作室", "innovation-studio": "劳模和工匠人才创新工作室"}),
        (CARRIER, {"online-platform": "网络学习平台"}),
    ],
    "S-087": [
        (CARRIER, {"rural-craft-station": "乡村工匠工作站", "famous-teacher-studio": "名师工作室"}),
        (CARRIER, {"master-workshop": "大师传习所", "craftsman-park": "工匠园区"}),
    ],
    "S-093": [
        (MODE, {"project": "项目制", "order": "订单式", "package": "套餐制", "post": "定岗式", "directed": "定向式"}),
    ],
    "S-095": [
        (TAG, {"manufacturing-skills": "制造业技能根基工程", "digital-skills": "数字技能提升行动"}),
        (TAG, {"health-and-elderly-care": "康养职业技能培训计划", "rural-craftsmen": "乡村工匠培育计划"}),
        (TAG, {"leading-talent": "高技能领军人才培育计划"}),
    ],
    "S-096": [
        (TAG, {"migrant-workers": "农民工素质提升工程", "east-west-cooperation": "东西部协作和对口帮扶"}),
        (TAG, {"revitalisation-regions": "国家乡村振兴重点帮扶地区职业技能提升工程"}),
        (TAG, {"baqu-craftsmen": "“巴渠工匠”培育计划", "digital-literacy": "全民数字素养与技能提升"}),
    ],
    "S-097": [(CLASS, {"recruit-and-enrol": "招工招生", "named": "冠名班", "order": "订单班"})],
    "S-103": [(ACTIVITY, {"exchange": "研修交流", "recuperation": "休假疗养", "senior-seminar": "高级研修"})],
    "S-108": [
        (ATTRIBUTE, {"school-conditions-met": "办学条件达标", "school-land-met": "办学条件达标：占地"}),
        (ATTRIBUTE, {"school-buildings-met": "办学条件达标：校舍", "school-staff-met": "办学条件达标：师资"}),
    ],
}


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.mark.parametrize("number", NAMED)
def test_what_the_papers_name_has_its_code(number: str) -> None:
    for table, named in NAMED[number]:
        for code, words in named.items():
            assert table.labels[code]["zh"] == words
            record = record_of(table.kind, {table.field: [code] if table.is_list else code})
            assert record.field(table.field) == ((code,) if table.is_list else code)


def test_real_names(past: Past) -> None:
    """S-002: nobody is trained unnamed or unchecked, and a result of now has a class behind it."""
    opened = past.log(build("class-opened"), INSTITUTION)
    by_hand = {"class_record": opened, "identity_method": "manual-four-eyes"}
    assert past.code("enrolment", by_hand) == "schema-invalid"
    assert past.code("enrolment", {**by_hand, "identity_checkers": ["s-01", "s-02"]}) is None
    for missing in ("holder_name", "document_number"):
        for kind, claims in (("enrolment", {"class_record": opened}), ("training-completion", {})):
            assert past.code(kind, claims, {missing: None}) == "schema-invalid"
    assert past.code("training-completion", {"late": None}) == "evidence-missing"
    of_class = {"late": None, "class_record": opened, "attendance_hashes": [DIGEST]}
    assert past.code("training-completion", of_class) is None
    assert past.code("training-completion", {**of_class, "attendance_days": None}) == "schema-invalid"


FAMILIES = {
    # kind: a number by its own rule; the third family has no level in its number
    "skill-certificate": "S000032010001263000123",
    "vocational-qualification": "2610000234300001",
    "special-ability-certificate": "ZX-320102-2026-0007",
}


@pytest.mark.parametrize("kind", FAMILIES)
def test_three_families_of_certificates(past: Past, kind: str) -> None:
    """S-025: each family is a kind, accredited by itself, with numbers of its own rule; the third has no levels."""
    record = record_of(kind, {}, {"certificate_number": FAMILIES[kind]})
    scope = record.scope()
    assert scope is not None
    assert (scope.kind, record.field("level_order") is None) == (kind, kind == "special-ability-certificate")
    for other in FAMILIES.keys() - {kind, "special-ability-certificate"}:
        if kind != "special-ability-certificate":
            refused = past.code(kind, {}, {"certificate_number": FAMILIES[other]})
            assert refused == "identifier-malformed"
    assert record.period()[1] is None
    assert record_of(kind, {"valid_until": "2029-05-20"}).period()[1] == 1873900800


@pytest.mark.parametrize("formats", [["contest", "exhibition"], ["performance", "conference"]])
def test_contests_with_exhibition_performance_and_conference(past: Past, formats: list[str]) -> None:
    """S-060: 赛展演会."""
    assert past.code("contest-registered", {"formats": formats}, stream=INSTITUTION) is None
    assert past.code("contest-registered", {"formats": [*formats, "fair"]}, stream=INSTITUTION) == "schema-invalid"


def test_a_teachers_practice_in_enterprises(past: Past) -> None:
    """S-083: the level that a new teacher has, and a year of practice within five years, are recorded and add up."""
    told: dict[str, Any] = {"activity": "enterprise-practice", "role": "participant", "occupation_code": None}
    told |= {"occupation_name": None, "happened_on": "2026-05-20"}
    terms = [("2020-01-01", "2020-12-31"), ("2022-07-01", "2022-12-31"), ("2024-01-01", "2024-07-03")]
    for first, last in terms:
        claims = {**told, "started_on": first, "ended_on": last}
        assert past.code("activity-attested", claims) is None
        past.log(build("activity-attested", claims))
    past.log(build("activity-attested", {**told, "activity": "part-time-teaching", "started_on": "2023-01-01"}))
    practised = [
        Interval(date.fromisoformat(one["from"]), date.fromisoformat(one["until"]))
        for one in (held.payload["activity"] for held in past.history().in_stream("activity-attested"))
        if one["code"] == "enterprise-practice"
    ]
    day = date(2026, 5, 20)
    days = worked_days(practised, since=date(2021, 5, 21), until=day)
    assert (days, whole_years(days)) == (369, 1)
    assert whole_years(worked_days(practised[1:2], since=date(2021, 5, 21), until=day)) == 0
    assert not worked(past.history()), "practice is no employment"


def test_from_the_wish_to_work_to_the_job(past: Past) -> None:
    """S-094: one case joins interview, diagnosis, training and placement."""
    opened = past.log(build("class-opened"), INSTITUTION)
    steps = ["employment-intent", "skill-gap-diagnosis", "job-placement"]
    for step in steps:
        assert past.code("activity-attested", {"activity": step, "role": "participant", "case": CASE}) is None
    enrolled = past.log(build("enrolment", {"class_record": opened, "case": CASE}))
    result = {"late": None, "class_record": opened, "attendance_hashes": [DIGEST], "enrolment_record": enrolled}
    assert past.code("training-completion", {**result, "case": CASE}) is None
    for other in (None, CASE.replace("7c21", "7c22")):
        assert past.code("training-completion", {**result, "case": other}) == "evidence-missing"


def test_several_employments_at_once(past: Past) -> None:
    """S-102: part-time, shared and seconded work stand beside each other, each with its dates."""
    for form in ("full-time", "part-time", "shared", "seconded", "flexible"):
        claims = {"form": form, "started_on": "2025-01-01", "ended_on": None}
        assert past.code("employment-attested", claims) is None
        past.log(build("employment-attested", claims))
    assert past.code("employment-attested", {"form": "for-ever"}) == "schema-invalid"
    assert worked(past.history(), occupation="6-18-02-04") == [Interval(date(2025, 1, 1))] * 5
    end = {"employment_record": past.held[1].record_id, "ended_on": "2026-04-30"}
    assert past.code("employment-ended", end) is None
    past.log(build("employment-ended", end))
    assert past.code("employment-ended", end) == "rule-broken"
    assert past.code("employment-ended", {**end, "employment_record": UNKNOWN}) == "evidence-missing"
    assert worked(past.history(), occupation="6-18-02-04").count(Interval(date(2025, 1, 1), date(2026, 4, 30))) == 1
