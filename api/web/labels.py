"""Records in words: fields with the labels of their kind, codes as people say them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

from api.masking import mask_name, mask_number
from api.web.views import Line
from api.web.words import Text, Words, format_credits, format_hours
from ledger.records import KINDS
from ledger.records._codes import LEVELS, occupations, regions
from ledger.records._credential import SCORE_PARTS

if TYPE_CHECKING:
    from ledger.records._base import Record

ISSUER: Final = Words("签发机构", "Issued by")

_FIRST: Final = ("holder_name", "document_number", "certificate_number")
_MASKS: Final = {"holder_name": mask_name, "document_number": mask_number, "certificate_number": mask_number}
_UNSPOKEN: Final = frozenset(
    {
        "issuer",
        "uid",
        "issued_at",
        "group",
        "status",
        "evidence",
        "basis_records",
        "standard_id",
        "occupation_scheme",
        "institution_name",
        "log",
        "rule_hash",
        "catalogue_rule",
        "catalogue_version",
        "list_rule",
        "list_version",
    }
)
"""Fields for machines, or shown elsewhere on the page. Ids of records and digests are not shown either."""

_DIGEST: Final = re.compile("[0-9a-f]{64}", re.ASCII)

_LABELS: Final[Mapping[str, Words]] = {
    "level_order": Words("等级", "Level"),
    "minutes": Words("实际学时", "Hours attended"),
    "minutes_planned": Words("计划学时", "Hours planned"),
    "region": Words("地区", "Region"),
    "valid_until": Words("失效日期", "No longer valid from"),
    "amount_centi": Words("学分", "Credits"),
}
_CODES: Final[Mapping[str, Words]] = {
    "SKILL_LEVEL": Words("职业技能等级证书", "Skill level certificate"),
    "QUALIFICATION": Words("职业资格证书", "Vocational qualification certificate"),
    "SPECIAL_ABILITY": Words("专项职业能力证书", "Special ability certificate"),
    "EXAM": Words("考核", "Assessment"),
    "DIRECT_NEW": Words("直接认定", "Direct recognition"),
    "DIRECT_OUTSTANDING": Words("技能高超，直接认定", "Direct recognition for outstanding skill"),
    "EXCEPTIONAL_TECH_PROBLEM": Words("攻克技术难题，破格晋升", "Exceptional promotion: technical problem solved"),
    "EXCEPTIONAL_INNOVATION": Words("技术革新，破格晋升", "Exceptional promotion: innovation"),
    "EXCEPTIONAL_MENTORING": Words("师带徒，破格晋升", "Exceptional promotion: mentoring"),
    "CONTEST": Words("竞赛晋升", "Promotion by contest"),
    "EQUIVALENCE_FOREIGN": Words("境外资格比照认定", "Equivalence of a foreign qualification"),
    "APPOINTED": Words("聘任", "Appointment"),
    "offline": Words("面授", "In person"),
    "online": Words("网上", "Online"),
    "mixed": Words("面授和网上", "In person and online"),
    "STATE": Words("国家级或政府", "State"),
    "INDUSTRY": Words("行业", "Industry"),
    "SOCIAL": Words("社会力量", "Society"),
    "workers": Words("职工组", "Workers"),
    "students": Words("学生组", "Students"),
    "national-1": Words("国家级一类竞赛", "National contest, class 1"),
    "national-2": Words("国家级二类竞赛", "National contest, class 2"),
    "provincial-1": Words("省级一类竞赛", "Provincial contest, class 1"),
    "provincial-2": Words("省级二类竞赛", "Provincial contest, class 2"),
    "national": Words("国家级竞赛", "National contest"),
    "municipal": Words("市级竞赛", "Municipal contest"),
    "world": Words("世界技能大赛", "World contest"),
    "historical-import": Words("历史记录补录", "Old record entered later"),
    "paper-backlog": Words("纸质档案补录", "From paper files"),
    "appeal-decided": Words("申诉裁定", "Decided on appeal"),
    "system-outage": Words("系统故障", "System failure"),
    "approved": Words("经批准的其他原因", "Another reason, approved"),
    "in": Words("转入", "In"),
    "out": Words("转出", "Out"),
    "standard_kind:national": Words("国家职业标准", "National standard"),
    "standard_kind:industry": Words("行业企业评价规范", "Industry specification"),
    "standard_kind:enterprise": Words("企业评价规范", "Enterprise specification"),
    "standard_kind:provincial": Words("省级评价规范", "Provincial specification"),
    "exam-room": Words("考场", "Examination room"),
    "workshop-and-exam-room": Words("车间+考场", "Workshop and examination room"),
    "programme_track:academic": Words("学历", "Academic"),
    "programme_track:skill": Words("技能", "Skill"),
    "x-elementary": Words("初级（X证书）", "Elementary (X scale)"),
    "x-intermediate": Words("中级（X证书）", "Intermediate (X scale)"),
    "x-advanced": Words("高级（X证书）", "Advanced (X scale)"),
    "new-business": Words("新业态", "New forms of business"),
    "labour-brand": Words("劳务品牌", "Labour brand"),
    "local-industry": Words("地方特色产业", "Local industry"),
    "heritage": Words("非物质文化遗产", "Intangible heritage"),
    "rank:junior": Words("初级", "Junior"),
    "rank:intermediate": Words("中级", "Intermediate"),
    "rank:associate-senior": Words("副高级", "Associate senior"),
    "rank:senior": Words("正高级", "Senior"),
    "lower-secondary": Words("初中", "Lower secondary school"),
    "upper-secondary": Words("高中", "Upper secondary school"),
    "secondary-vocational": Words("中专（职高）", "Secondary vocational school"),
    "technical-school": Words("技工学校", "Technical school"),
    "advanced-technical-school": Words("高级技工学校、技师学院", "Advanced technical school"),
    "junior-college": Words("大学专科、高职", "Junior college"),
    "evaluated-junior-college": Words("经评估论证的大学专科、高职", "Junior college, evaluated"),
    "education:bachelor": Words("大学本科", "Bachelor"),
    "education:master": Words("硕士研究生", "Master"),
    "education:doctor": Words("博士研究生", "Doctor"),
    "intermediate-class": Words("中级工班", "Class for intermediate workers"),
    "senior-class": Words("高级工班", "Class for senior workers"),
    "technician-class": Words("预备技师班", "Class for technicians"),
    "study_form:full-time": Words("全日制", "Full-time"),
    "study_form:part-time": Words("业余", "Part-time"),
    "study_form:correspondence": Words("函授", "Correspondence"),
    "study_form:self-study": Words("自学考试", "Self-study examination"),
    "study_form:distance": Words("网络教育", "Distance"),
    "study_form:open": Words("开放教育", "Open education"),
    "conclusion:graduated": Words("毕业", "Graduated"),
    "conclusion:completed": Words("结业", "Completed"),
}
"""Codes of several kinds of record in words, after the field's name where one code means several things. A code that is
not here is shown as it is.
"""


def kind_label(kind: str) -> Words:
    """The label of a kind such as `skill-certificate/1`; its name where this version does not know it."""
    model = KINDS.get(kind)
    return Words(kind, kind) if model is None else Words(model.LABEL["zh"], model.LABEL["en"].capitalize())


def level_words(order: int) -> Words:
    """A level of the eight: `三级/高级工`, `Level 3 (senior)`."""
    level = LEVELS[order]
    english = f"Level {level.code} ({level.en})" if level.code else level.en.capitalize()
    return Words(level.national_zh, english)


def occupation_words(code: str) -> str:
    """The name of an occupation, or its code where the classification has none."""
    return occupations().get(code, code)


def lines_of(record: Record, *, masked: bool) -> tuple[Line, ...]:
    """What a record says, line by line: who, then what.

    masked  for a stranger: name and numbers in part, other personal values not at all; False for the holder
    """
    fields = type(record).model_fields
    names = [name for name in _FIRST if name in fields] + [name for name in fields if name not in _FIRST]
    return tuple(line for name in names for line in _lines(record, name, masked=masked))


def _lines(record: Record, name: str, *, masked: bool) -> Iterator[Line]:
    value = getattr(record, name)
    if value is None or name in _UNSPOKEN or _is_digest(value):
        return
    if masked and name in record.DISCLOSED:
        if name not in _MASKS:
            return
        value = _MASKS[name](value)
    extra = type(record).model_fields[name].json_schema_extra
    label = extra.get("x-label") if isinstance(extra, dict) else None
    if not isinstance(label, dict):
        return
    plain = Words(str(label["zh"]), str(label["en"])[:1].upper() + str(label["en"])[1:])
    yield Line(label=_LABELS.get(name, plain), value=_value(name, value))


def _value(name: str, value: object) -> Text:
    if isinstance(value, date):
        return value.isoformat()
    if name == "level_order" and isinstance(value, int):
        return level_words(value)
    if name.startswith("minutes") and isinstance(value, int):
        return format_hours(value)
    if name.endswith("_centi") and isinstance(value, int):
        return format_credits(value)
    if name == "region" and isinstance(value, str):
        return regions().get(value, value)
    if isinstance(value, Mapping):
        parts = [(SCORE_PARTS.get(part, {"zh": part, "en": part}), given) for part, given in value.items()]
        return Words(
            "；".join(f"{label['zh']} {given}" for label, given in parts),
            "; ".join(f"{label['en']} {given}" for label, given in parts),
        )
    if isinstance(value, list | tuple):
        return "、".join(str(each) for each in value)
    known = _CODES.get(f"{name}:{value}", _CODES.get(str(value)))
    return str(value) if known is None else known


def _is_digest(value: object) -> bool:
    values = value if isinstance(value, tuple) else (value,)
    return all(isinstance(each, str) and _DIGEST.fullmatch(each) for each in values)
