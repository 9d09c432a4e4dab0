"""What any outcome of learning may say beside its own facts: a framework level, and a school programme."""

from __future__ import annotations

from typing import Final, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.records._base import Record
from ledger.records._fields import Text, Uscc, claim
from ledger.records._shape import Maybe, Shape, Slot

FRAMEWORK: Final[Shape] = Maybe(
    {
        "frameworkName": Slot("framework"),
        "version": Slot("framework_version"),
        "code": Slot("framework_level"),
    }
)
"""The framework level; goes into `achievement.qualificationLevel`."""

PROGRAMME: Final[Shape] = Maybe(
    {
        "school": Slot("programme_school"),
        "code": Slot("programme_code"),
        "name": Slot("programme_name"),
        "track": Slot("programme_track"),
    }
)
"""The school programme; goes into `credentialSubject.programme`."""


class Framed(Record):
    """A record whose outcome may carry a level of a national or regional qualifications framework (资历框架)."""

    framework: Text | None = claim("资历框架", "qualifications framework", None)
    framework_version: Text | None = claim("资历框架版本", "version of the framework", None)
    framework_level: Text | None = claim("资历框架等级", "level in the framework", None)

    @model_validator(mode="after")
    def _check_framework(self) -> Self:
        if len({self.framework is None, self.framework_version is None, self.framework_level is None}) != 1:
            raise PydanticCustomError("framework", "framework, its version and its level go together")
        return self


class InProgramme(Record):
    """A record that may belong to a programme of a school: 1+X, or two tracks in through-training (贯通培养)."""

    programme_school: Uscc | None = claim(
        "培养院校统一社会信用代码", "credit code of the school of the programme", None
    )
    programme_code: Text | None = claim("专业代码", "code of the programme at the school", None)
    programme_name: Text | None = claim("专业名称", "name of the programme", None)
    programme_track: Literal["academic", "skill"] | None = claim("培养轨道", "track in through-training", None)

    @model_validator(mode="after")
    def _check_programme(self) -> Self:
        if len({self.programme_school is None, self.programme_code is None, self.programme_name is None}) != 1:
            raise PydanticCustomError("programme", "school, code and name of the programme go together")
        if self.programme_track is not None and self.programme_school is None:
            raise PydanticCustomError("programme", "programme_track needs the programme")
        return self
