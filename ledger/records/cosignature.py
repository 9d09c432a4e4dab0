"""复核签名: a second person's signature, by another key of the institution, on a record of the same group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ledger.errors import GroupIncomplete, RuleBroken, TargetForeign
from ledger.records._base import History
from ledger.records._event import Event, event_shape
from ledger.records._fields import Kid, RecordId, claim
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json


class Cosignature(Event):
    """Stands or falls with its target, which comes first. It may be given where no policy demands it."""

    KIND: ClassVar[str] = "cosignature"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "复核签名", "en": "cosignature"}
    PLACE: ClassVar[str] = "target"
    SHAPE: ClassVar[Shape] = event_shape(target={"record": Slot("target_record")}, key=Slot("signing_kid"))
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {"target_record": "3b7e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0123"},
        "disclosed": {},
    }

    target_record: RecordId = claim("目标记录", "record id it signs as well")
    signing_kid: Kid = claim("复核密钥标识", "key id that signs this record")

    def target(self) -> str:
        """The record it signs as well."""
        return self.target_record

    def check(self, history: History) -> None:
        """Another key of the target's issuer signs, and the target is a record of the same group.

        raises  TargetForeign, GroupIncomplete, RuleBroken (Refused)
        """
        target = history.read(self.target_record)
        if target.issuer != self.issuer:
            raise TargetForeign("an institution signs its own records a second time")
        if not any((one.issuer, one.uid) == (target.issuer, target.uid) for one in history.group):
            raise GroupIncomplete("a second signature comes in one group with its record, after it")
        held = history.record(self.target_record)
        if held is None or held.header["kid"] == self.signing_kid:
            raise RuleBroken("the second signature is by the key of the first; another person signs with another key")
