"""What records of training share: code tables, commitments to files, and how minutes add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Final

from ledger.errors import MinutesDiffer
from ledger.records._fields import Code, Listed, Pattern

PROGRAMME_TAGS: Final[Mapping[str, Mapping[str, str]]] = {
    "manufacturing-skills": {"zh": "制造业技能根基工程", "en": "manufacturing skill foundations"},
    "digital-skills": {"zh": "数字技能提升行动", "en": "digital skills"},
    "digital-literacy": {"zh": "全民数字素养与技能提升", "en": "digital literacy for all"},
    "health-and-elderly-care": {"zh": "康养职业技能培训计划", "en": "health and elderly care"},
    "rural-craftsmen": {"zh": "乡村工匠培育计划", "en": "rural craftsmen"},
    "leading-talent": {"zh": "高技能领军人才培育计划", "en": "leading high-skilled talent"},
    "migrant-workers": {"zh": "农民工素质提升工程", "en": "skills of migrant workers"},
    "revitalisation-regions": {
        "zh": "国家乡村振兴重点帮扶地区职业技能提升工程",
        "en": "skills for key regions of rural revitalisation",
    },
    "east-west-cooperation": {"zh": "东西部协作和对口帮扶", "en": "cooperation of east and west"},
    "baqu-craftsmen": {"zh": "“巴渠工匠”培育计划", "en": "Baqu craftsmen"},
    "outstanding-technicians": {"zh": "卓越技师培养", "en": "outstanding technicians"},
    "study-dream": {"zh": "求学圆梦行动", "en": "study dream: degrees for workers"},
    "diploma-and-certificates": {"zh": "学历证书+若干职业技能证书", "en": "diploma and skill certificates"},
    "academic-and-skill": {"zh": "“学历+技能”贯通培养", "en": "academic and skill through-training"},
    "bachelor-technicians": {"zh": "本科技师贯通培养", "en": "technicians with a bachelor's degree"},
    "continuing-education": {"zh": "技能人才继续教育", "en": "continuing education of skilled talent"},
    "safety-skills": {"zh": "安全技能培训", "en": "safety skills"},
}
"""Labels of the programmes that policy papers name (S-013 to S-016, S-095, S-096). Other codes are as good: a new
special action needs no new version."""

ORGANISATION_MODES: Final[Mapping[str, Mapping[str, str]]] = {
    "project": {"zh": "项目制", "en": "project-based"},
    "order": {"zh": "订单式", "en": "order-based"},
    "package": {"zh": "套餐制", "en": "package-based"},
    "post": {"zh": "定岗式", "en": "for a post"},
    "directed": {"zh": "定向式", "en": "directed"},
}
"""How a training is organised (S-093), with labels; codes are permanent."""

CLASS_TYPES: Final[Mapping[str, Mapping[str, str]]] = {
    "named": {"zh": "冠名班", "en": "named after a company"},
    "order": {"zh": "订单班", "en": "ordered by a company"},
    "recruit-and-enrol": {"zh": "招工招生", "en": "recruited and enrolled at once"},
}
"""Types of class (S-097), with labels; codes are permanent."""

ProgrammeTags = Annotated[tuple[Code, ...], Listed()]
OrganisationMode = Annotated[str, Pattern("|".join(ORGANISATION_MODES))]
ClassType = Annotated[str, Pattern("|".join(CLASS_TYPES))]
Digest = Annotated[str, Pattern("[0-9a-f]{64}")]
"""SHA-256 of a file that stays with the institution."""

StaffId = Annotated[str, Pattern("[a-z0-9][a-z0-9-]{0,63}")]
"""A pseudonym that the institution gives one of its staff; never a name or a document number."""


def check_total(total: int, parts: Iterable[int]) -> None:
    """Accept minutes whose parts add up.

    raises  MinutesDiffer (Refused)
    """
    found = sum(parts)
    if found != total:
        raise MinutesDiffer(f"the parts add up to {found} minutes, the total says {total}")
