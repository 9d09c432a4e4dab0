"""Code tables of contests: tiers, classes, series, groups, medals, formats (DOMAIN §1 F). Codes are permanent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field

from ledger.records._fields import Pattern

Table = Mapping[str, Mapping[str, str]]

TIERS: Final[Table] = {
    "world": {"zh": "世界技能大赛", "en": "WorldSkills"},
    "national": {"zh": "全国职业技能大赛", "en": "national skills competition"},
    "national-industry": {"zh": "全国行业职业技能竞赛", "en": "national industry contest"},
    "provincial": {"zh": "省级职业技能竞赛", "en": "provincial contest"},
    "municipal": {"zh": "市级职业技能竞赛", "en": "municipal contest"},
    "county": {"zh": "县级职业技能竞赛", "en": "county contest"},
    "special": {"zh": "职业技能专项赛", "en": "special contest"},
    "enterprise": {"zh": "企业职业技能比赛", "en": "enterprise contest"},
    "school": {"zh": "院校职业技能比赛", "en": "school contest"},
}
"""The hierarchy of contests, from its lead to its base."""

CLASSES: Final[Table] = {
    "world": {"zh": "世界级", "en": "world"},
    "national": {"zh": "国家级综合", "en": "national, comprehensive"},
    "national-1": {"zh": "国家级一类", "en": "national, class 1"},
    "national-2": {"zh": "国家级二类", "en": "national, class 2"},
    "provincial": {"zh": "省级综合", "en": "provincial, comprehensive"},
    "provincial-1": {"zh": "省级一类", "en": "provincial, class 1"},
    "provincial-2": {"zh": "省级二类", "en": "provincial, class 2"},
    "municipal": {"zh": "市级", "en": "municipal"},
    "unclassified": {"zh": "未分类", "en": "unclassified"},
}
"""Classes that promotion rules tell apart."""

SERIES: Final[Table] = {
    "worldskills": {"zh": "世界技能大赛", "en": "WorldSkills Competition"},
    "national-skills": {"zh": "中华人民共和国职业技能大赛", "en": "National Vocational Skills Competition"},
    "world-vocational-college": {"zh": "世界职业院校技能大赛", "en": "World Vocational College Skills Competition"},
    "national-vocational-college": {
        "zh": "全国职业院校技能大赛",
        "en": "National Vocational College Skills Competition",
    },
    "rural-revitalisation": {"zh": "全国乡村振兴职业技能大赛", "en": "Rural Revitalisation Skills Competition"},
    "advanced-computing": {
        "zh": "全国先进计算技术创新大赛",
        "en": "National Advanced Computing Innovation Competition",
    },
    "jiangsu-champion": {"zh": "江苏技能状元大赛", "en": "Jiangsu Skills Champion Competition"},
    "jiangsu-craftsman": {
        "zh": "“江苏工匠”岗位练兵职业技能竞赛",
        "en": "Jiangsu Craftsman job-training skills contest",
    },
    "jiangsu-workers": {"zh": "全省职工职业技能竞赛", "en": "Jiangsu workers' skills contest"},
    "dazhou-skills": {"zh": "达州技能大赛", "en": "Dazhou Skills Competition"},
    "dazhou-challenge": {"zh": "技能达人擂台赛", "en": "Dazhou skilled workers' challenge"},
}
"""Named series. A series that is not listed may be recorded too: new ones begin every year."""

MEDALS: Final[Table] = {
    "gold": {"zh": "金牌", "en": "gold medal"},
    "silver": {"zh": "银牌", "en": "silver medal"},
    "bronze": {"zh": "铜牌", "en": "bronze medal"},
    "excellence": {"zh": "优胜奖", "en": "medallion for excellence"},
    "first-prize": {"zh": "一等奖", "en": "first prize"},
    "second-prize": {"zh": "二等奖", "en": "second prize"},
    "third-prize": {"zh": "三等奖", "en": "third prize"},
}

Tier = Annotated[str, Pattern("|".join(TIERS))]
ContestClass = Annotated[str, Pattern("|".join(CLASSES))]
Medal = Annotated[str, Pattern("|".join(MEDALS))]

ContestGroup = Literal["workers", "students"]
"""职工组, 学生组."""

Format = Literal["contest", "exhibition", "performance", "conference"]
"""赛展演会: what a contest is held together with."""

Rank = Annotated[int, Field(ge=1, le=10_000)]
Participants = Annotated[int, Field(ge=1, le=100_000)]
TeamSize = Annotated[int, Field(ge=1, le=32)]
