"""限制处理: a worker's statutory records are kept and no longer processed, or are processed again (PIPL art. 47)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ledger.records._fields import Code, claim
from ledger.records._identity import Restricts
from ledger.records._service_event import ServiceEvent, service_shape
from ledger.records._shape import Derived, Shape, Slot
from ledger.wire.canonical import Json


class Restriction(ServiceEvent):
    """From this record on nobody but the worker and the authority is shown the worker's records."""

    KIND: ClassVar[str] = "restriction"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "限制处理", "en": "processing restricted"}
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"service", "authority"})
    SHAPE: ClassVar[Shape] = service_shape(
        name=Derived(lambda record: "限制处理" if record.restricted else "解除限制处理"),
        restriction={"restricted": Slot("restricted"), "reason": Slot("reason")},
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-06-30",
            "subject_id": "8a6f1c0e-3b7d-4c52-9e1a-5d0f2b7c9e31",
            "authenticated_by": "oidc",
            "restricted": True,
            "reason": "holder-asks",
        },
        "disclosed": {},
    }

    restricted: bool = claim("是否限制", "whether processing is restricted from now on")
    reason: Code = claim("原因代码", "reason code")

    def change(self) -> Restricts:
        """Restricted, or no longer."""
        return Restricts(self.restricted)
