"""企业岗位等级序列: an employer's own steps, above or between the national levels. Never shown as national levels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, ClassVar, NotRequired, Self

from pydantic import Field, model_validator, with_config
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from ledger.errors import NumberUsed
from ledger.records._base import UniqueClaim
from ledger.records._entries import ENTRY, Entries
from ledger.records._event import Event, dated
from ledger.records._fields import AS_LIST, CertificateText, CivilDate, LevelOrder, Text, claim
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json

STEPS_MAX = 64


@with_config(ENTRY)
class Step(TypedDict):
    """A step of a ladder; `national` is the order of the national level that it corresponds to, if to any."""

    code: CertificateText
    name: Text
    order: Annotated[int, Field(ge=1, le=1_000)]
    national: NotRequired[LevelOrder]


class EnterpriseLadder(Event):
    """A version of an employer's ladder, in the employer's own stream; it applies from `happened_on` on."""

    KIND: ClassVar[str] = "enterprise-ladder"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "企业岗位等级序列", "en": "enterprise ladder"}
    PLACE: ClassVar[str] = "institution"
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution"})
    SHAPE: ClassVar[Shape] = dated(
        ladder={
            "version": Slot("ladder_version"),
            "name": Slot("name"),
            "steps": Slot("steps", AS_LIST),
            "document": Slot("document"),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-01-01",
            "ladder_version": 1,
            "name": "示例重型装备集团技能岗位序列",
            "steps": [
                {"code": "S5", "name": "五级技能师", "order": 10, "national": 4},
                {"code": "S4", "name": "四级技能师", "order": 20, "national": 5},
                {"code": "S3", "name": "三级技能师", "order": 30, "national": 5},
                {"code": "S2", "name": "二级技能师", "order": 40, "national": 6},
                {"code": "S1", "name": "首席技能专家", "order": 50},
            ],
            "document": "示例集团〔2025〕88号",
        },
        "disclosed": {},
    }

    happened_on: CivilDate = claim("实施日期", "first day on which it applies")
    ladder_version: Annotated[int, Field(ge=1, le=10_000)] = claim("版本", "version")
    name: Text = claim("序列名称", "name")
    steps: Annotated[tuple[Step, ...], Entries("code", STEPS_MAX)] = claim("岗位等级", "steps, from the lowest")
    document: Text | None = claim("文件号", "document that introduced it", None)

    @model_validator(mode="after")
    def _check_steps(self) -> Self:
        if not all(lower["order"] < higher["order"] for lower, higher in pairwise(self.steps)):
            raise PydanticCustomError("steps", "the orders of the steps do not rise")
        national = [step["national"] for step in self.steps if "national" in step]
        if national != sorted(national):
            raise PydanticCustomError("steps", "a higher step corresponds to a lower national level")
        return self

    def occurred_on(self) -> date:
        """The first day on which it applies."""
        return self.happened_on

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """The version, once in an institution."""
        return (UniqueClaim("enterprise-ladder", (self.issuer, str(self.ladder_version)), NumberUsed),)

    def step(self, code: str) -> Step | None:
        """A step by its code."""
        return next((one for one in self.steps if one["code"] == code), None)
