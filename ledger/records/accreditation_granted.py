"""An accreditation: kind x occupation x level x region x period. Its id is the record's own `uid`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.records._event import InstitutionEvent, event_shape
from ledger.records._fields import (
    AS_DATE,
    AS_LIST,
    CivilDate,
    Code,
    LevelOrder,
    Listed,
    OccupationPrefix,
    RegionPrefix,
    Text,
    claim,
)
from ledger.records._shape import Shape, Slot
from ledger.registry import Accreditation
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


class AccreditationGranted(InstitutionEvent):
    """What an institution may certify. The period may begin before the log, on the authority's signature."""

    KIND: ClassVar[str] = "accreditation-granted"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "评价资质授予", "en": "accreditation granted"}
    SHAPE: ClassVar[Shape] = event_shape(
        accreditation={
            "uscc": Slot("uscc"),
            "kinds": Slot("kinds", AS_LIST),
            "occupations": Slot("occupations", AS_LIST),
            "levels": Slot("levels", AS_LIST),
            "regions": Slot("regions", AS_LIST),
            "from": Slot("period_from", AS_DATE),
            "until": Slot("period_until", AS_DATE),
            "document": Slot("document"),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "uscc": "52320102MJ000000XG",
            "kinds": ["skill-certificate", "training-completion"],
            "occupations": ["6-31", "6-18-01-01"],
            "levels": [2, 3, 4, 5, 6],
            "regions": ["32"],
            "period_from": "2020-01-01",
            "period_until": "2035-12-31",
            "document": "示例人社函〔2020〕1号",
        },
        "disclosed": {},
    }

    kinds: Annotated[tuple[Code, ...], Listed(most=256)] = claim("记录种类", "kinds of record, without version")
    occupations: Annotated[tuple[OccupationPrefix, ...], Listed(most=512)] = claim(
        "职业编码范围", "occupation codes or their leading segments; * is any"
    )
    levels: Annotated[tuple[LevelOrder, ...], Listed(most=8)] = claim("等级序号", "orders of levels, 1 to 8")
    regions: Annotated[tuple[RegionPrefix, ...], Listed(most=512)] = claim(
        "地区范围", "region codes or their first two or four digits; * is any"
    )
    period_from: CivilDate = claim("起始日期", "first day")
    period_until: CivilDate | None = claim("截止日期", "last day", None)
    document: Text = claim("文件号", "decision document")

    @model_validator(mode="after")
    def _check_period(self) -> Self:
        if self.period_until is not None and self.period_until < self.period_from:
            raise PydanticCustomError("period", "ends before it begins")
        return self

    def concerns(self, registry: Registry) -> tuple[str, ...]:
        """Where the institution is, and every region it may certify in."""
        return (*super().concerns(registry), *self.regions)

    def fold(self, registry: Registry, *, index: int) -> Registry:
        """One more accreditation."""
        return registry.with_accreditation(
            Accreditation(
                uid=self.uid,
                uscc=self.uscc,
                kinds=frozenset(self.kinds),
                occupations=self.occupations,
                levels=frozenset(self.levels),
                regions=self.regions,
                valid_from=self.period_from,
                valid_until=self.period_until,
                granted_at=index,
            )
        )
