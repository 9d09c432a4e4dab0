"""规则替代: a version ends on the day its successor begins. Both are one group: no day lacks a rule, none has two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import GroupIncomplete
from ledger.records._base import History
from ledger.records._event import event_shape
from ledger.records._fields import AS_DATE, CivilDate, claim
from ledger.records._rule import RuleEvent, Version, check_may_end
from ledger.records._shape import Shape, Slot
from ledger.records.rule_published import RulePublished
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


class RuleSuperseded(RuleEvent):
    """Ends a version; stands in its group before the `rule-published` of the successor."""

    KIND: ClassVar[str] = "rule-superseded"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "规则替代", "en": "rule superseded"}
    SHAPE: ClassVar[Shape] = event_shape(
        rule={
            "id": Slot("rule"),
            "version": Slot("version"),
            "supersededBy": Slot("superseded_by"),
            "from": Slot("effective_from", AS_DATE),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {"rule": "CONTEST-NATIONAL", "version": 1, "superseded_by": 2, "effective_from": "2027-01-01"},
        "disclosed": {},
    }

    superseded_by: Version = claim("替代版本", "version that takes its place")
    effective_from: CivilDate = claim(
        "替代日期", "first day of the successor, on which the old version no longer holds"
    )

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.superseded_by <= self.version:
            raise PydanticCustomError("version", "superseded_by is not a later version")
        return self

    def check(self, history: History) -> None:
        """The issuer may end it, not backwards, and the successor is published in the same group.

        raises  RuleNotInForce, TargetForeign, RuleBroken, GroupIncomplete (Refused)
        """
        check_may_end(self, history, until=self.effective_from)
        for other in history.group:
            if (
                isinstance(other, RulePublished)
                and (other.rule, other.version) == (self.rule, self.superseded_by)
                and other.effective_from == self.effective_from
            ):
                return
        raise GroupIncomplete(
            f"expected rule-published of rule {self.rule} version {self.superseded_by} from {self.effective_from} "
            "in the same group, after this record"
        )

    def fold(self, registry: Registry, *, index: int) -> Registry:  # noqa: ARG002  the day decides, not the index
        """The version ended.

        raises  RuleNotInForce (Refused)
        """
        rules = registry.rules.ended(self.rule, self.version, until=self.effective_from, ended_as="superseded")
        return replace(registry, rules=rules)
