"""An accreditation ends. What was recorded under it stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from ledger.records._event import InstitutionEvent, event_shape
from ledger.records._fields import Code, Text, Urn, claim
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


class AccreditationEnded(InstitutionEvent):
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
    reason: Code = claim("原因代码", "reason code")
    document: Text | None = claim("文件号", "decision document", None)

    def fold(self, registry: Registry, *, index: int) -> Registry:
        """The accreditation ended."""
        return registry.without_accreditation(self.uscc, self.accreditation, index=index)
