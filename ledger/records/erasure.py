"""删除: the tombstone of what rested on a worker's consent (PIPL art. 47). What the law demands stays, restricted.

The log, its proofs and its checkpoints do not change: the data key is destroyed, and with it what the key sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ledger.records._event import Event, event_shape
from ledger.records._fields import Code, Text, claim
from ledger.records._identity import Erases
from ledger.records._service_event import SubjectId
from ledger.records._shape import Derived, Shape, Slot
from ledger.wire.canonical import Json


class Erasure(Event):
    """Signed by the authority, after whose record `skill-ledger erase` destroys the key."""

    KIND: ClassVar[str] = "erasure"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "删除", "en": "erasure"}
    PLACE: ClassVar[str] = "subject"
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"authority"})
    SHAPE: ClassVar[Shape] = event_shape(
        name=Derived(lambda _: "删除基于同意的记录"),
        subject={"id": Slot("subject_id")},
        erasure={"reason": Slot("reason"), "document": Slot("document")},
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {"subject_id": "8a6f1c0e-3b7d-4c52-9e1a-5d0f2b7c9e31", "reason": "holder-asks"},
        "disclosed": {},
    }

    subject_id: SubjectId = claim("劳动者编号", "the worker's id in this ledger")
    reason: Code = claim("原因代码", "reason code")
    document: Text | None = claim("文件号", "decision document", None)

    def change(self) -> Erases:
        """The worker erased."""
        return Erases()
