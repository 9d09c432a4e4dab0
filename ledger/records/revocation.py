"""A record's standing changes: revoked, suspended, or in force again. The record itself is never touched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final, Literal

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._event import Event, check_target, event_shape
from ledger.records._fields import AS_MIDNIGHT, CivilDate, Code, LongText, Origin, RecordId, claim, disclosed
from ledger.records._shape import Hide, Shape, Slot
from ledger.wire.canonical import Json

ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "revoke": frozenset({"active", "suspended"}),
    "suspend": frozenset({"active"}),
    "reinstate": frozenset({"suspended"}),
}
"""Action to the standings it may start from; a revocation and a supersession are final."""


class Revocation(Event):
    """Revokes, suspends or reinstates a record about a person."""

    KIND: ClassVar[str] = "revocation"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "撤销、暂停或恢复", "en": "revocation, suspension or reinstatement"}
    PLACE: ClassVar[str] = "target"
    ACT: ClassVar[bool] = True
    SHAPE: ClassVar[Shape] = event_shape(
        target={"log": Slot("log"), "record": Slot("target_record")},
        action=Slot("action"),
        effective=Slot("effective_on", AS_MIDNIGHT),
        reason={"code": Slot("reason"), "note": Hide(Slot("note"))},
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "target_record": "3b7e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0123",
            "action": "revoke",
            "reason": "issued-in-error",
            "effective_on": "2026-05-20",
        },
        "disclosed": {"note": "示例：信息录入错误"},
    }

    log: Origin | None = claim("日志名称", "origin of the log that holds the target", None)
    target_record: RecordId = claim("目标记录", "record id it acts on")
    action: Literal["revoke", "suspend", "reinstate"] = claim("动作", "action")
    reason: Code = claim("原因代码", "reason code")
    effective_on: CivilDate | None = claim("生效日期", "date from which it counts", None)
    note: LongText | None = disclosed("说明", "note for the holder")

    def target(self) -> str:
        """The record it acts on."""
        return self.target_record

    def check(self, history: History) -> None:
        """The target is a record about a person, and stands where the action can start.

        raises  TargetUnknown, RuleBroken (Refused)
        """
        check_target(self, history)
        standing = history.status(self.target_record)
        if standing not in ALLOWED[self.action]:
            raise RuleBroken(
                f"the target is {standing}; {self.action} needs {' or '.join(sorted(ALLOWED[self.action]))}"
            )
