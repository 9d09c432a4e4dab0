"""An institution's standing changes: active, suspended or withdrawn. Earlier records keep their worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from ledger.records._event import InstitutionEvent, event_shape
from ledger.records._fields import Code, Text, claim
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


class InstitutionStanding(InstitutionEvent):
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

    standing: Literal["active", "suspended", "withdrawn"] = claim("状态", "standing")
    reason: Code = claim("原因代码", "reason code")
    document: Text | None = claim("文件号", "decision document", None)

    def fold(self, registry: Registry, *, index: int) -> Registry:
        """The institution in its new standing."""
        body = registry.institution(self.uscc)
        return registry.with_changed(replace(body, standings=(*body.standings, (index, self.standing))))
