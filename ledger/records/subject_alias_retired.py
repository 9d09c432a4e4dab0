"""证件号码停用: a number stands for the worker up to a day, such as that of a replaced card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.clock import civil_date
from ledger.records._fields import AS_DATE, CivilDate, DocumentText, claim, disclosed, document_number
from ledger.records._identity import Retires
from ledger.records._people_event import PeopleEvent, people_shape
from ledger.records._shape import Hide, Shape, Slot
from ledger.wire.canonical import Json


class SubjectAliasRetired(PeopleEvent):
    """What happened up to the last day may still name the number; what happened later may not."""

    KIND: ClassVar[str] = "subject-alias-retired"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "证件号码停用", "en": "number retired"}
    SHAPE: ClassVar[Shape] = people_shape(
        "证件号码停用",
        alias={"number": Hide(Slot("old_number")), "lastDay": Slot("last_day", AS_DATE), "reason": Slot("reason")},
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-06-30",
            "verified_by": "card",
            "last_day": "2026-06-29",
            "reason": "card-replaced",
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "old_number": "FRA012345678901234",
        },
    }

    last_day: CivilDate = claim("最后有效日期", "last day on which it stands for the worker")
    reason: Literal["card-replaced", "document-replaced", "number-changed", "number-wrong"] = claim("原因", "reason")
    old_number: DocumentText | None = disclosed("停用号码", "number that is retired", required=True)

    @model_validator(mode="after")
    def _check_last_day(self) -> Self:
        if self.last_day > self.happened_on:
            raise PydanticCustomError("period", "last_day is after happened_on")
        if self.old_number is not None and self.old_number == self.document_number:
            raise PydanticCustomError("alias", "a number cannot retire itself; name the holder by another one")
        return self

    def change(self) -> Retires | None:
        """One number less."""
        if self.old_number is None:
            return None
        return Retires(document_number(self.old_number, on=civil_date(self.issued_at)), self.last_day)
