"""档案拆分: a merge was wrong, and the other number's worker is somebody else.

What was recorded for either before the merge is where it was. What came in between stays with the first worker; the
record lists what of it is the other one's, and its issuers correct it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from ledger.clock import civil_date
from ledger.records._base import History, Record
from ledger.records._event import cited
from ledger.records._fields import (
    AS_REFERENCES,
    DocumentText,
    Listed,
    PersonName,
    RecordId,
    claim,
    disclosed,
    document_number,
)
from ledger.records._identity import Person, Splits
from ledger.records._people_event import PeopleEvent, people_shape
from ledger.records._shape import Hide, Shape, Slot
from ledger.wire.canonical import Json


class SubjectsSplit(PeopleEvent):
    """Takes a merge back from this record on."""

    KIND: ClassVar[str] = "subjects-split"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "档案拆分", "en": "archives split"}
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"authority"})
    SHAPE: ClassVar[Shape] = people_shape(
        "档案拆分",
        other={"name": Hide(Slot("other_name")), "number": Hide(Slot("other_number"))},
        misplaced=Slot("misplaced", AS_REFERENCES),
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-06-30",
            "verified_by": "counter-four-eyes",
            "document": "示例人社函〔2026〕4号",
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "other_name": "张三",
            "other_number": "FRA012345678901234",
        },
    }

    misplaced: Annotated[tuple[RecordId, ...], Listed()] | None = claim(
        "待更正记录", "records of the other worker that came while the archives were one", None
    )
    other_name: PersonName | None = disclosed("另一档案姓名", "name in the other archive", required=True)
    other_number: DocumentText | None = disclosed("另一档案号码", "number in the other archive", required=True)

    def reads(self) -> tuple[str, ...]:
        """The records that are to be corrected."""
        return self.misplaced or ()

    def change(self) -> Splits | None:
        """One subject less that is this worker."""
        if self.other_number is None or self.other_name is None:
            return None
        return Splits(Person(document_number(self.other_number, on=civil_date(self.issued_at)), self.other_name))

    def check(self, history: History) -> None:
        """What it lists is in the archive that is split.

        raises  EvidenceMissing (Refused)
        """
        for record_id in self.reads():
            cited(history, record_id, Record)
