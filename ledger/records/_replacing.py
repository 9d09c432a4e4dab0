"""What the kinds share by which one record takes another one's place: a correction, and a certificate issued again."""

from __future__ import annotations

from typing import ClassVar, Final, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import RuleBroken, TargetUnknown
from ledger.records._base import History, Logged
from ledger.records._event import Event, check_target, event_shape
from ledger.records._fields import Code, LongText, Origin, RecordId, claim, disclosed
from ledger.records._shape import Hide, Shape, Slot

REPLACING: Final[Shape] = event_shape(
    target={"log": Slot("log"), "record": Slot("target_record")},
    replacement={"record": Slot("replacement_record")},
    reason={"code": Slot("reason"), "note": Hide(Slot("note"))},
)


class Replacing(Event):
    """Supersedes a record. The replacement takes its certificate number over."""

    PLACE: ClassVar[str] = "target"
    ACT: ClassVar[bool] = True
    SHAPE: ClassVar[Shape] = REPLACING

    log: Origin | None = claim("日志名称", "origin of the log that holds both", None)
    target_record: RecordId = claim("目标记录", "record id it replaces")
    replacement_record: RecordId = claim("更正后记录", "record id that takes its place")
    reason: Code = claim("原因代码", "reason code")
    note: LongText | None = disclosed("说明", "note for the holder")

    @model_validator(mode="after")
    def _check_two(self) -> Self:
        if self.target_record == self.replacement_record:
            raise PydanticCustomError("replacement", "a record cannot replace itself")
        return self

    def target(self) -> str:
        """The record it replaces."""
        return self.target_record

    def replaced_by(self) -> str:
        """The record that takes its place."""
        return self.replacement_record

    def reads(self) -> tuple[str, ...]:
        """The replacement; the target is read anyway."""
        return (self.replacement_record,)

    def check_pair(self, history: History) -> tuple[Logged, Logged]:
        """Target and replacement: records of one kind and person, of which both stand.

        raises  TargetUnknown, RuleBroken (Refused)
        """
        old = check_target(self, history)
        if history.status(self.target_record) not in ("active", "suspended"):
            raise RuleBroken("the target is revoked or superseded already")
        new = history.record(self.replacement_record)
        if new is None:
            raise TargetUnknown("the replacement is not in this log; submit both as one group, replacement first")
        if history.status(self.replacement_record) != "active":
            raise RuleBroken("the replacement is not in force")
        if new.kind.partition("/")[0] != old.kind.partition("/")[0]:
            raise RuleBroken("the replacement is of another kind than the target")
        if new.stream != old.stream:
            raise RuleBroken("the replacement is about another person than the target")
        return old, new
