"""姓名变更: a worker's legal name changed. Records under any former name stay theirs, and any of the names matches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ledger.records._fields import PersonName, disclosed
from ledger.records._identity import Renames
from ledger.records._people_event import PeopleEvent, people_shape
from ledger.records._shape import Hide, Shape, Slot
from ledger.wire.canonical import Json


class NameChanged(PeopleEvent):
    """`holder_name` is a recorded name, `new_name` the one that comes with it from now on."""

    KIND: ClassVar[str] = "name-changed"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "姓名变更", "en": "name changed"}
    SHAPE: ClassVar[Shape] = people_shape("姓名变更", renamed={"name": Hide(Slot("new_name"))})
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {"happened_on": "2026-06-30", "verified_by": "police-data"},
        "disclosed": {"holder_name": "张三", "document_number": "320106190001020029", "new_name": "张叁"},
    }

    new_name: PersonName | None = disclosed("新姓名", "new name", required=True)

    def change(self) -> Renames | None:
        """One more name."""
        return None if self.new_name is None else Renames(self.new_name)
