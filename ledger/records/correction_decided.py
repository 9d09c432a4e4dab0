"""更正答复: the issuer of a record, or the authority, answers a correction that the worker asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import EvidenceMissing, NumberUsed, RuleBroken, TargetForeign
from ledger.records._base import History, UniqueClaim
from ledger.records._event import Event, cited, dated
from ledger.records._fields import CivilDate, Code, LongText, RecordId, claim, disclosed
from ledger.records._shape import Hide, Maybe, Shape, Slot
from ledger.records.correction_requested import CorrectionRequested
from ledger.wire.canonical import Json


class CorrectionDecided(Event):
    """Lives beside the request. What is granted is carried out by a correction or revocation, which it cites."""

    KIND: ClassVar[str] = "correction-decided"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "更正答复", "en": "correction decided"}
    PLACE: ClassVar[str] = "target"
    SHAPE: ClassVar[Shape] = dated(
        decision={
            "request": {"record": Slot("request")},
            "about": {"record": Slot("record")},
            "outcome": Slot("outcome"),
            "reason": Slot("reason"),
            "carriedOutBy": Maybe({"record": Slot("correction")}),
            "reasons": Hide(Slot("reasons")),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-22",
            "request": "ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d",
            "record": "4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce",
            "outcome": "refused",
            "reason": "matches-original",
        },
        "disclosed": {"reasons": "示例：与报名材料一致"},
    }

    happened_on: CivilDate = claim("答复日期", "date of the answer")
    request: RecordId = claim("更正申请记录", "record id of the request")
    record: RecordId = claim("申请更正的记录", "record id of what the worker says is wrong")
    outcome: Literal["granted", "partly", "refused"] = claim("答复结果", "answer")
    reason: Code = claim("原因代码", "reason code")
    correction: RecordId | None = claim("更正记录", "record id of the correction or revocation", None)
    reasons: LongText | None = disclosed("答复说明", "reasons, in words", required=True)

    @model_validator(mode="after")
    def _check_outcome(self) -> Self:
        if self.outcome == "refused" and self.correction is not None:
            raise PydanticCustomError("outcome", "what is refused is not carried out")
        return self

    def occurred_on(self) -> date:
        """The date of the answer."""
        return self.happened_on

    def target(self) -> str:
        """The request, beside which it lives."""
        return self.request

    def reads(self) -> tuple[str, ...]:
        """The record that is wrong, and what corrects it."""
        return (self.record,) if self.correction is None else (self.record, self.correction)

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """A request is answered once."""
        return (UniqueClaim("correction-decision", (self.request,), NumberUsed),)

    def check(self, history: History) -> None:
        """It answers a request about this record, by who may correct it; what carries a grant out is cited once made.

        raises  EvidenceMissing, TargetForeign, RuleBroken (Refused)
        """
        from ledger.records import KINDS

        asked = cited(history, self.request, CorrectionRequested, own=False)
        wrong = history.record(self.record)
        if asked.record != self.record or wrong is None:
            raise EvidenceMissing("the request is about another record")
        if not history.registry.acts_for(history.issuer, str(wrong.payload["iss"])):
            raise TargetForeign("only the issuer of the record, its successor or the authority answers the request")
        if self.happened_on < asked.happened_on:
            raise RuleBroken("the answer is dated before the request")
        standing = history.status(self.record)
        if self.outcome == "refused":
            return
        if (standing in ("superseded", "revoked")) is (self.correction is None):
            raise EvidenceMissing(f"the record is {standing}; what corrected or revoked it is cited, and nothing else")
        if self.correction is not None:
            acts = [kind for kind in KINDS.values() if kind.ACT]
            if cited(history, self.correction, *acts, own=False).target() != self.record:
                raise EvidenceMissing("the correction cited is of another record")
