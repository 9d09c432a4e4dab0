"""An accreditation ends. What was recorded under it stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ledger.records._event import RegistryEvent, event_shape
from ledger.records._fields import Code, Text, Urn, Uscc, claim
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json


class AccreditationEnded(RegistryEvent):
    """From this record's index on the accreditation covers nothing new."""

    KIND: ClassVar[str] = "accreditation-ended"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "评价资质终止", "en": "accreditation ended"}
    SHAPE: ClassVar[Shape] = event_shape(
        accreditation={
            "id": Slot("accreditation"),
            "uscc": Slot("uscc"),
            "reason": Slot("reason"),
            "document": Slot("document"),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "accreditation": "urn:uuid:2f0d9a51-6a43-4a3e-9f0c-7b1c5d0e4a11",
            "uscc": "52320102MJ000000XG",
            "reason": "period-over",
        },
        "disclosed": {},
    }

    accreditation: Urn = claim("资质编号", "uid of the record that granted it")
    uscc: Uscc = claim("统一社会信用代码", "unified social credit code")
    reason: Code = claim("原因代码", "reason code")
    document: Text | None = claim("文件号", "decision document", None)

    def about(self, uscc_by_issuer: Mapping[str, str]) -> str:
        """The institution's stream."""
        return self.uscc
