"""授权委托终止: a delegation ends. What was done under it stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from ledger.records._event import InstitutionEvent, event_shape
from ledger.records._fields import Code, Text, Urn, claim
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


class DelegationEnded(InstitutionEvent):
    """From this record's index on nothing more is done under the delegation."""

    KIND: ClassVar[str] = "delegation-ended"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "授权委托终止", "en": "delegation ended"}
    SHAPE: ClassVar[Shape] = event_shape(
        delegation={
            "id": Slot("delegation"),
            "uscc": Slot("uscc"),
            "reason": Slot("reason"),
            "document": Slot("document"),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "delegation": "urn:uuid:2f0d9a51-6a43-4a3e-9f0c-7b1c5d0e4a12",
            "uscc": "52320102MJ000000XG",
            "reason": "period-over",
        },
        "disclosed": {},
    }

    delegation: Urn = claim("委托编号", "uid of the record that delegated")
    reason: Code = claim("原因代码", "reason code")
    document: Text | None = claim("文件号", "decision document", None)

    def concerns(self, registry: Registry) -> tuple[str, ...]:  # noqa: ARG002  whatever the registry says
        """Nothing: the authority alone takes back what it gave."""
        return ()

    def fold(self, registry: Registry, *, index: int) -> Registry:
        """The delegation ended."""
        return registry.without_delegation(self.uscc, self.delegation, index=index)
