"""实名报名参训: a person, whose identity was checked, joins a class.

An apprentice's two mentors are other people: each has records of their own, and none is named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._event import PersonEvent, person_shape
from ledger.records._fields import AS_LIST, Listed, Pattern, RecordId, Text, Urn, Uscc, claim
from ledger.records._shape import Derived, Shape, Slot
from ledger.records._training import StaffId
from ledger.records.class_opened import class_of
from ledger.wire.canonical import Json

TRAINEES: Final[Mapping[str, Mapping[str, str]]] = {
    "employee": {"zh": "企业职工", "en": "employee"},
    "migrant-worker": {"zh": "农民工", "en": "migrant worker"},
    "unemployed": {"zh": "失业人员", "en": "unemployed"},
    "graduate": {"zh": "高校毕业生", "en": "college graduate"},
    "veteran": {"zh": "退役军人", "en": "veteran"},
    "student": {"zh": "院校学生", "en": "student"},
    "other": {"zh": "其他", "en": "other"},
}
"""Categories of trainees with their labels; codes are permanent."""


class Enrolment(PersonEvent):
    """A person joins a class; `happened_on` is the day on which the identity was checked."""

    KIND: ClassVar[str] = "enrolment"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "实名报名参训", "en": "enrolment"}
    RETENTION: ClassVar[str] = "consent"
    SHAPE: ClassVar[Shape] = person_shape(
        name=Derived(lambda record: f"报名参训：{record.programme_name}"),
        **{"class": {"record": Slot("class_record"), "programme": Slot("programme_name")}},
        identity={"method": Slot("identity_method"), "checkers": Slot("identity_checkers", AS_LIST)},
        trainee={"category": Slot("category"), "frontLine": Slot("front_line"), "employer": Slot("employer_uscc")},
        case=Slot("case"),
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-02-27",
            "class_record": "7c1e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0c01",
            "programme_name": "电工高级工培训",
            "identity_method": "card-read",
            "category": "employee",
            "front_line": True,
            "employer_uscc": "91320102MA0000007T",
        },
        "disclosed": {"holder_name": "张三", "document_number": "320106190001020029"},
    }

    class_record: RecordId = claim("开班记录", "record id of the class")
    programme_name: Text = claim("培训项目名称", "name of the programme, as the class has it")
    identity_method: Literal["card-read", "e-card", "id-reader", "manual-four-eyes"] = claim(
        "身份核验方式", "how the identity was checked"
    )
    identity_checkers: Annotated[tuple[StaffId, ...], Listed(least=2, most=2)] | None = claim(
        "人工核验人员代号", "two who checked by hand, by pseudonym", None
    )
    category: Annotated[str, Pattern("|".join(TRAINEES))] = claim("学员类别", "category of trainee")
    front_line: bool = claim("是否一线职工", "whether the trainee works on the front line")
    employer_uscc: Uscc | None = claim("用人单位统一社会信用代码", "credit code of the employer", None)
    case: Urn | None = claim("全链条服务编号", "case that links training and employment service", None)

    @model_validator(mode="after")
    def _check_identity(self) -> Self:
        if (self.identity_checkers is None) != (self.identity_method != "manual-four-eyes"):
            raise PydanticCustomError("identity", "a check by hand, and no other, names the two who made it")
        return self

    def reads(self) -> tuple[str, ...]:
        """The class."""
        return (self.class_record,)

    def check(self, history: History) -> None:
        """The class is open, the issuer's own and not over, and the person has not joined it yet.

        raises  EvidenceMissing, RuleBroken (Refused)
        """
        found = class_of(history, self.class_record)
        if self.programme_name != found.programme_name:
            raise RuleBroken("programme_name is not the one of the class")
        if self.happened_on > found.ended_on:
            raise RuleBroken(f"the class ended on {found.ended_on}, before {self.happened_on}")
        held = history.in_stream(self.KIND, suspended=True)
        if any(one.payload["class"]["record"] == self.class_record for one in held):
            raise RuleBroken("the person is enrolled in this class already; revoke that enrolment first")
