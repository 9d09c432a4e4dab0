"""直接认定: a level is recognised without an examination, by daily work or by outstanding work (S-031, S-032)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import EvidenceMissing
from ledger.records._base import History
from ledger.records._codes import LEVELS
from ledger.records._fields import AS_LIST, Listed, RecordId, claim
from ledger.records._recognition import EXAMPLE_CLAIMS, Recognition, recognition_shape
from ledger.records._shape import Shape, Slot
from ledger.rules import standard
from ledger.wire.canonical import Json


class DirectRecognition(Recognition):
    """Of newly hired or unrated staff (`DIRECT_NEW`), or of outstanding front-line staff (`DIRECT_OUTSTANDING`).

    The second waives education, seniority, age and quota, so it starts at 高级工 and tells approver and reasons.
    """

    KIND: ClassVar[str] = "direct-recognition"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "直接认定", "en": "direct recognition of a level"}
    SHAPE: ClassVar[Shape] = recognition_shape("直接认定", evidenceHashes=Slot("evidence_hashes", AS_LIST))
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {**EXAMPLE_CLAIMS, "basis": "DIRECT_OUTSTANDING"},
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "reasons": "示例：多年承担关键设备检修，业绩突出",
        },
    }

    basis: Literal["DIRECT_NEW", "DIRECT_OUTSTANDING"] = claim("取得方式", "basis of the decision")
    evidence_hashes: Annotated[tuple[RecordId, ...], Listed()] | None = claim(
        "依据材料摘要", "SHA-256 of papers it rests on, which the issuer keeps", None
    )

    @model_validator(mode="after")
    def _check_level(self) -> Self:
        if self.basis == "DIRECT_OUTSTANDING" and not LEVELS[self.level_order].high_skilled:
            raise PydanticCustomError("level", "DIRECT_OUTSTANDING recognises 高级工 or above, level_order 4 to 6")
        return self

    def check(self, history: History) -> None:
        """The evidence stands and is this person's: records for outstanding work, records or papers for the new.

        raises  EvidenceMissing, LevelUnknown (Refused)
        """
        if not self.evidence and (self.basis == "DIRECT_OUTSTANDING" or not self.evidence_hashes):
            raise EvidenceMissing(f"basis {self.basis} needs at least one cited record")
        self.cited_evidence(history)
        standard.check_level(
            history.registry.rules, occupation=self.occupation_code, order=self.level_order, on=self.happened_on
        )
