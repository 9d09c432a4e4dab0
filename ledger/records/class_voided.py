"""培训班作废: a class is declared void. What cites it from now on is refused; what came before is revoked by itself.

It acts on the class as a revocation acts on a person's record; so every rule that asks for a cited class in force sees
it, and a voided class stays void: open another one under its own number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._event import Event, event_shape
from ledger.records._fields import Code, RecordId, Text, claim
from ledger.records._shape import Shape, Slot
from ledger.records.class_opened import ClassOpened
from ledger.wire.canonical import Json


class ClassVoided(Event):
    """Voids a class: by who opened it, its successor, or the authority."""

    KIND: ClassVar[str] = "class-voided"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "培训班作废", "en": "class voided"}
    PLACE: ClassVar[str] = "target"
    ACT: ClassVar[bool] = True
    SHAPE: ClassVar[Shape] = event_shape(
        target={"record": Slot("class_record")},
        action="revoke",
        reason={"code": Slot("reason"), "document": Slot("document")},
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "class_record": "7c1e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0c01",
            "reason": "class-not-held",
        },
        "disclosed": {},
    }

    class_record: RecordId = claim("开班记录", "record id of the class")
    reason: Code = claim("原因代码", "reason code")
    document: Text | None = claim("文件号", "decision document", None)

    def target(self) -> str:
        """The class."""
        return self.class_record

    def check(self, history: History) -> None:
        """The target is a class and not void yet.

        raises  TargetUnknown, RuleBroken (Refused)
        """
        if not isinstance(history.read(self.class_record), ClassOpened):
            raise RuleBroken("only classes are voided; records about a person are revoked")
        if history.status(self.class_record) != "active":
            raise RuleBroken("the class is void already")
