"""补充确认: an institution confirms, with a new key, one record that a suspect key of its own signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from ledger.errors import RuleBroken, TargetUnknown
from ledger.records._base import History
from ledger.records._event import Event, event_shape
from ledger.records._fields import Index, Kid, RecordId, claim
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


class Confirmation(Event):
    """What was logged since a key was compromised is under review until each record is looked at and confirmed."""

    KIND: ClassVar[str] = "confirmation"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "补充确认", "en": "confirmation"}
    PLACE: ClassVar[str] = "institution"
    SHAPE: ClassVar[Shape] = event_shape(
        target={"record": Slot("target_record"), "index": Slot("target_index"), "kid": Slot("suspect_kid")},
        key=Slot("signing_kid"),
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "target_record": "3b7e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0123",
            "target_index": 120,
            "suspect_kid": "https://osta.example.cn/issuers/3201#kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        },
        "disclosed": {},
    }

    target_record: RecordId = claim("目标记录", "record id it confirms")
    target_index: Index = claim("目标记录序号", "that record's index in the log")
    suspect_kid: Kid = claim("可疑密钥标识", "key id that signed it")
    signing_kid: Kid = claim("确认密钥标识", "key id that signs this record")

    def target(self) -> str:
        """The record it confirms."""
        return self.target_record

    def check(self, history: History) -> None:
        """The record is at that index, and signed by that key.

        raises  TargetUnknown, RuleBroken (Refused)
        """
        held = history.record(self.target_record)
        if held is None:
            raise TargetUnknown("the target record is not in this log; check its record id")
        if (held.index, held.header["kid"]) != (self.target_index, self.suspect_kid):
            raise RuleBroken("the target record has another index, or was signed by another key")

    def fold(self, registry: Registry, *, index: int) -> Registry:
        """The record confirmed, if the suspect key signed it in its time and this one is new and not in doubt itself.

        raises  keys.errors.KeyNotAuthorised (Refused)
        """
        return registry.with_confirmation(
            self.suspect_kid, record_index=self.target_index, by=self.signing_kid, index=index
        )
