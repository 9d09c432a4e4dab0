"""星级评定: an institution's stars for a year, and the kinds of record it may not append until it is rated again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.clock import civil_date
from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._event import InstitutionEvent, event_shape
from ledger.records._fields import AS_LIST, Code, Listed, Text, claim
from ledger.records._shape import Shape, Slot
from ledger.records._supervision import check_not_own
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


class StarRating(InstitutionEvent):
    """From this record's index on the rating is the institution's last one. Earlier records keep their worth."""

    KIND: ClassVar[str] = "star-rating"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "星级评定", "en": "star rating"}
    SHAPE: ClassVar[Shape] = event_shape(
        rating={
            "uscc": Slot("uscc"),
            "stars": Slot("stars"),
            "year": Slot("year"),
            "barred": Slot("barred_kinds", AS_LIST),
            "document": Slot("document"),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "uscc": "52320102MJ000000XG",
            "stars": 2,
            "year": 2025,
            "barred_kinds": ["skill-certificate"],
            "document": "示例人社函〔2026〕21号",
        },
        "disclosed": {},
    }

    stars: Annotated[int, Field(ge=1, le=5)] = claim("星级", "stars, 1 to 5")
    year: Annotated[int, Field(ge=2000, le=9999)] = claim("评定年度", "year that is rated")
    barred_kinds: Annotated[tuple[Code, ...], Listed()] | None = claim(
        "限制上报的记录种类", "kinds of record, without version, that it may not append until the next rating", None
    )
    document: Text = claim("文件号", "decision document")

    @model_validator(mode="after")
    def _check_year(self) -> Self:
        if self.year > civil_date(self.issued_at).year:
            raise PydanticCustomError("year", "the year rated has not begun when the rating is signed")
        return self

    def check(self, history: History) -> None:
        """Nobody rates itself, and only kinds about persons are barred: correcting and appealing stay open to all.

        raises  RuleBroken (Refused)
        """
        from ledger.records import KINDS

        check_not_own(history, self.uscc)
        about_persons = {kind.KIND for kind in KINDS.values() if kind.PLACE == "subject"}
        for name in self.barred_kinds or ():
            if name not in about_persons:
                raise RuleBroken(f"{name} is no kind of record about a person; only such kinds are barred by a rating")

    def fold(self, registry: Registry, *, index: int) -> Registry:
        """The institution with one more rating."""
        body = registry.institution(self.uscc)
        rating = (index, self.stars, frozenset(self.barred_kinds or ()))
        return registry.with_changed(replace(body, ratings=(*body.ratings, rating)))
