"""规则废止: a version ends and nothing takes its place. What was decided under it stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from ledger.records._base import History
from ledger.records._event import event_shape
from ledger.records._fields import AS_DATE, CivilDate, Code, Text, claim
from ledger.records._rule import RuleEvent, check_may_end
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


class RuleWithdrawn(RuleEvent):
    """Ends a version. One that never came into force is withdrawn on the day it would start."""

    KIND: ClassVar[str] = "rule-withdrawn"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "规则废止", "en": "rule withdrawn"}
    SHAPE: ClassVar[Shape] = event_shape(
        rule={
            "id": Slot("rule"),
            "version": Slot("version"),
            "until": Slot("effective_until", AS_DATE),
            "reason": Slot("reason"),
            "document": Slot("document"),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "rule": "CONTEST-NATIONAL",
            "version": 1,
            "effective_until": "2027-01-01",
            "reason": "contest-discontinued",
        },
        "disclosed": {},
    }

    effective_until: CivilDate = claim("失效日期", "first day on which it no longer holds")
    reason: Code = claim("原因代码", "reason code")
    document: Text | None = claim("文件号", "decision document", None)

    def check(self, history: History) -> None:
        """The issuer may end it, and not backwards.

        raises  RuleNotInForce, TargetForeign, RuleBroken (Refused)
        """
        check_may_end(self, history, until=self.effective_until)

    def fold(self, registry: Registry, *, index: int) -> Registry:  # noqa: ARG002  the day decides, not the index
        """The version ended.

        raises  RuleNotInForce (Refused)
        """
        rules = registry.rules.ended(self.rule, self.version, until=self.effective_until, ended_as="withdrawn")
        return replace(registry, rules=rules)
