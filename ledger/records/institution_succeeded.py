"""机构承继: one institution takes over another's rights and duties: it corrects and revokes what the other issued."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from ledger.records._event import InstitutionEvent, dated
from ledger.records._fields import CivilDate, Text, Uscc, claim
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


class InstitutionSucceeded(InstitutionEvent):
    """One successor, for good. What the predecessor issued stays as it is; its standing is a record of its own."""

    KIND: ClassVar[str] = "institution-succeeded"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "机构承继", "en": "institution succeeded"}
    SHAPE: ClassVar[Shape] = dated(
        institution={"uscc": Slot("uscc"), "successor": Slot("successor"), "document": Slot("document")}
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-20",
            "uscc": "52320102MJ000000XG",
            "successor": "12320102MB0000000C",
            "document": "示例人社函〔2026〕18号",
        },
        "disclosed": {},
    }

    happened_on: CivilDate = claim("承继日期", "date from which the successor acts")
    successor: Uscc = claim("承继机构统一社会信用代码", "unified social credit code of the successor")
    document: Text = claim("文件号", "decision document")

    def occurred_on(self) -> date:
        """The date from which the successor acts."""
        return self.happened_on

    def concerns(self, registry: Registry) -> tuple[str, ...]:
        """Where both institutions are."""
        new = registry.institutions.get(self.successor)
        return () if new is None else (*super().concerns(registry), new.region)

    def fold(self, registry: Registry, *, index: int) -> Registry:  # noqa: ARG002  it holds from the next record on
        """The institution with its successor."""
        return registry.with_successor(self.uscc, successor=self.successor)
