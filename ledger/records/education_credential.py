"""学历证书: a diploma, also of a class of a technical school; one of the two tracks of through-training (S-014)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.records._certificate import Certificate, achievement
from ledger.records._credential import credential_shape
from ledger.records._fields import AS_MIDNIGHT, CivilDate, Pattern, Text, claim
from ledger.records._outcome import PROGRAMME, InProgramme
from ledger.records._shape import Derived, Hide, Shape, Slot
from ledger.wire.canonical import Json

TITLE: Final = "学历证书"
EDUCATION: Final[Mapping[str, str]] = {
    "lower-secondary": "初中",
    "upper-secondary": "高中",
    "secondary-vocational": "中专（职高）",
    "technical-school": "技工学校",
    "advanced-technical-school": "高级技工学校、技师学院",
    "junior-college": "大学专科、高职",
    "evaluated-junior-college": "经评估论证的大学专科、高职",
    "bachelor": "大学本科",
    "master": "硕士研究生",
    "doctor": "博士研究生",
}
"""Levels of education; codes are permanent. What a technical school's diploma is treated as depends on the class."""

CLASSES: Final[Mapping[str, str]] = {
    "intermediate-class": "中级工班",
    "senior-class": "高级工班",
    "technician-class": "预备技师班",
}
"""Classes of technical schools; codes are permanent."""

TECHNICAL: Final = frozenset({"technical-school", "advanced-technical-school"})


def _name(record: EducationCredential) -> str:
    rank = EDUCATION[record.education] if record.school_class is None else CLASSES[record.school_class]
    return f"{record.school_name} {record.major_name}（{rank}）"


class EducationCredential(InProgramme, Certificate):
    """A course of study that somebody graduated from or completed; `issued_on` is the day of graduation."""

    KIND: ClassVar[str] = "education-credential"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": TITLE, "en": "education credential"}
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution", "authority"})
    SHAPE: ClassVar[Shape] = credential_shape(
        name=TITLE,
        valid_from=Slot("issued_on", AS_MIDNIGHT),
        validUntil=Slot("valid_until", AS_MIDNIGHT),
        subject={
            "achievement": achievement(
                path=lambda record: f"education/{record.education}",
                kind="Diploma",
                name=_name,
                title=TITLE,
                criteria={"narrative": Derived(lambda record: f"{record.school_name} {record.major_name}")},
                education=Slot("education"),
                schoolClass=Slot("school_class"),
                major={"code": Slot("major_code"), "name": Slot("major_name")},
                form=Slot("study_form"),
                conclusion=Slot("conclusion"),
            ),
            "school": Slot("school_name"),
            "activityStartDate": Slot("entered_on", AS_MIDNIGHT),
            "programme": PROGRAMME,
            "licenseNumber": Hide(Slot("certificate_number")),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "institution_name": "示例市技师学院",
            "institution_uscc": "52320102MJ000000XG",
            "region": "320102",
            "education": "advanced-technical-school",
            "school_class": "technician-class",
            "school_name": "示例市技师学院",
            "major_code": "0208-2",
            "major_name": "电气自动化设备安装与维修",
            "study_form": "full-time",
            "entered_on": "2022-09-01",
            "issued_on": "2026-05-20",
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "certificate_number": "320102202606000123",
        },
    }

    education: Annotated[str, Pattern("|".join(EDUCATION))] = claim("学历层次", "level of education")
    school_class: Annotated[str, Pattern("|".join(CLASSES))] | None = claim(
        "技工院校班别", "class of the technical school", None
    )
    school_name: Text = claim("学校名称", "school")
    major_code: Text | None = claim("所学专业代码", "code of the major", None)
    major_name: Text = claim("所学专业", "major")
    study_form: Literal["full-time", "part-time", "correspondence", "self-study", "distance", "open"] = claim(
        "学习形式", "form of study"
    )
    conclusion: Literal["graduated", "completed"] = claim("毕（结）业", "how it ended", "graduated")
    entered_on: CivilDate | None = claim("入学日期", "date of entry", None)

    @model_validator(mode="after")
    def _check_study(self) -> Self:
        if (self.education in TECHNICAL) != (self.school_class is not None):
            raise PydanticCustomError("class", "school_class goes with technical schools, and they with it")
        if self.entered_on is not None and self.entered_on >= self.issued_on:
            raise PydanticCustomError("period", "entered_on is not before issued_on")
        return self
