"""企业岗位等级: an employer's own steps above or between the national levels, never shown as a national level.

Source: DOMAIN §4.3, S-021, S-022. Registers and ratios see only the national order that a step corresponds to, and only
where its issuer was authorised for that order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import LevelUnknown
from ledger.records._codes import LEVELS
from ledger.records._fields import LevelOrder, Listed, Text, UpperCode, Uscc
from ledger.rules._content import Content, Part

BOOK: Final = "enterprise-ladder"
LABEL: Final[Mapping[str, str]] = {"zh": "企业岗位等级", "en": "enterprise ladder"}
EXAMPLE: Final[Mapping[str, Any]] = {
    "provenance": "sample",
    "employer": "52320102MJ000000XG",
    "steps": [
        {"code": "T3", "name": "高级技工", "national_order": 4},
        {"code": "T4", "name": "主管技师", "national_order": 5},
        {"code": "T5", "name": "企业首席技能专家"},
    ],
}


class Step(Part):
    """A step. Without `national_order` it corresponds to no national level."""

    code: UpperCode
    name: Text
    national_order: LevelOrder | None = None

    @property
    def shown(self) -> str:
        """How a page names it."""
        if self.national_order is None:
            return f"企业岗位等级：{self.name}"
        return f"企业岗位等级：{self.name}（对应国家{LEVELS[self.national_order].zh}）"


class EnterpriseLadder(Content):
    """An employer's steps, lowest first."""

    employer: Uscc
    steps: Annotated[tuple[Step, ...], Listed(most=32)]

    @model_validator(mode="after")
    def _check_steps(self) -> Self:
        orders = [step.national_order for step in self.steps if step.national_order is not None]
        if orders != sorted(orders):
            raise PydanticCustomError("order", "a higher step corresponds to a lower national level")
        if len({step.code for step in self.steps}) != len(self.steps):
            raise PydanticCustomError("code", "two steps have one code")
        return self


def parse_content(content: Mapping[str, Any]) -> EnterpriseLadder:
    """The ladder in a published rule.

    raises  SchemaInvalid (Refused)
    """
    return EnterpriseLadder.parse(content)


def step_of(ladder: EnterpriseLadder, code: str) -> Step:
    """A step by its code.

    raises  LevelUnknown (Refused)
    """
    for step in ladder.steps:
        if step.code == code:
            return step
    raise LevelUnknown(f"the employer's ladder has no such step; it has {', '.join(one.code for one in ladder.steps)}")
