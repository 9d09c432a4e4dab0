"""证件号码绑定: a further number stands for the same worker, such as a new card or a foreigner's new number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.clock import civil_date
from ledger.records._fields import DocumentText, disclosed, document_number
from ledger.records._identity import Binds
from ledger.records._people_event import PeopleEvent, people_shape
from ledger.records._shape import Hide, Shape, Slot
from ledger.wire.canonical import Json


class SubjectAliasBound(PeopleEvent):
    """From this record on the new number resolves to the worker of the known one."""

    KIND: ClassVar[str] = "subject-alias-bound"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "证件号码绑定", "en": "number bound to a worker"}
    SHAPE: ClassVar[Shape] = people_shape("证件号码绑定", alias={"number": Hide(Slot("new_number"))})
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {"happened_on": "2026-06-30", "verified_by": "card"},
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "new_number": "FRA012345678901234",
        },
    }

    new_number: DocumentText | None = disclosed("新号码", "further number", required=True)

    @model_validator(mode="after")
    def _check_other(self) -> Self:
        if self.new_number is not None and self.new_number == self.document_number:
            raise PydanticCustomError("alias", "the new number is the known one")
        return self

    def change(self) -> Binds | None:
        """One more number."""
        if self.new_number is None:
            return None
        return Binds(document_number(self.new_number, on=civil_date(self.issued_at)))
