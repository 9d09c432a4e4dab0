"""An institution's standing changes: active, suspended or withdrawn. Earlier records keep their worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from ledger.records._event import RegistryEvent, event_shape
from ledger.records._fields import Code, Text, Uscc, claim
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json


class InstitutionStanding(RegistryEvent):
    """From this record's index on the institution may append, or may not."""

    KIND: ClassVar[str] = "institution-standing"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "机构状态变更", "en": "institution standing"}
    SHAPE: ClassVar[Shape] = event_shape(
        institution={
            "uscc": Slot("uscc"),
            "standing": Slot("standing"),
            "reason": Slot("reason"),
            "document": Slot("document"),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {"uscc": "52320102MJ000000XG", "standing": "suspended", "reason": "quality-inspection"},
        "disclosed": {},
    }

    uscc: Uscc = claim("统一社会信用代码", "unified social credit code")
    standing: Literal["active", "suspended", "withdrawn"] = claim("状态", "standing")
    reason: Code = claim("原因代码", "reason code")
    document: Text | None = claim("文件号", "decision document", None)

    def about(self, uscc_by_issuer: Mapping[str, str]) -> str:
        """The institution's stream."""
        return self.uscc
