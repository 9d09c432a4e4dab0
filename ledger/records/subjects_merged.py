"""档案合并: two archives are one person's. Nothing moves: the other archive's records count as this worker's too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ledger.clock import civil_date
from ledger.records._fields import DocumentText, PersonName, disclosed, document_number
from ledger.records._identity import Merges, Person
from ledger.records._people_event import PeopleEvent, people_shape
from ledger.records._shape import Hide, Shape, Slot
from ledger.wire.canonical import Json


class SubjectsMerged(PeopleEvent):
    """The worker of `other_number` is the worker of `document_number`, in whose stream the record lives."""

    KIND: ClassVar[str] = "subjects-merged"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "档案合并", "en": "archives merged"}
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"authority"})
    SHAPE: ClassVar[Shape] = people_shape(
        "档案合并", other={"name": Hide(Slot("other_name")), "number": Hide(Slot("other_number"))}
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-06-30",
            "verified_by": "counter-four-eyes",
            "document": "示例人社函〔2026〕3号",
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "other_name": "张三",
            "other_number": "FRA012345678901234",
        },
    }

    other_name: PersonName | None = disclosed("另一档案姓名", "name in the other archive", required=True)
    other_number: DocumentText | None = disclosed("另一档案号码", "number in the other archive", required=True)

    def change(self) -> Merges | None:
        """One subject more that is this worker."""
        if self.other_number is None or self.other_name is None:
            return None
        return Merges(Person(document_number(self.other_number, on=civil_date(self.issued_at)), self.other_name))
