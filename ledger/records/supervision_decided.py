"""监督处理决定: the authority decides a finding, a complaint or an appeal, once, with reasons and measures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import NumberUsed, RuleBroken
from ledger.records._base import History, UniqueClaim
from ledger.records._event import InstitutionEvent, cited, dated
from ledger.records._fields import (
    AS_DATE,
    AS_LIST,
    CivilDate,
    Listed,
    LongText,
    Pattern,
    RecordId,
    Text,
    claim,
    disclosed,
)
from ledger.records._shape import Hide, Shape, Slot
from ledger.records._supervision import check_not_own
from ledger.records.appeal import Appeal
from ledger.records.complaint import Complaint
from ledger.records.inspection_finding import InspectionFinding
from ledger.wire.canonical import Json

MEASURES: Final[Mapping[str, Mapping[str, str]]] = {
    "interview": {"zh": "约谈", "en": "interview"},
    "warning": {"zh": "警告", "en": "warning"},
    "rectification": {"zh": "限期整改", "en": "rectification by a date"},
    "public-notice": {"zh": "通报公开", "en": "public notice"},
    "rating-lowered": {"zh": "降低星级", "en": "rating lowered"},
    "accreditation-narrowed": {"zh": "缩小评价范围", "en": "accreditation narrowed"},
    "suspension": {"zh": "暂停资质", "en": "suspension"},
    "withdrawal": {"zh": "取消资质", "en": "withdrawal"},
    "records-corrected": {"zh": "更正记录", "en": "records corrected"},
    "records-revoked": {"zh": "撤销记录", "en": "records revoked"},
    "decision-lifted": {"zh": "撤销原决定", "en": "contested decision lifted"},
    "referral": {"zh": "移送有关部门", "en": "referral to another body"},
}
"""Measures with their labels; codes are permanent. Each is carried out by a record of its own kind."""


class SupervisionDecided(InstitutionEvent):
    """The decision on one case, beside the case. Who is not content appeals against this record."""

    KIND: ClassVar[str] = "supervision-decided"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "监督处理决定", "en": "supervision decided"}
    PLACE: ClassVar[str] = "target"
    SHAPE: ClassVar[Shape] = dated(
        decision={
            "uscc": Slot("uscc"),
            "case": {"record": Slot("case")},
            "outcome": Slot("outcome"),
            "measures": Slot("measures", AS_LIST),
            "rectifyBy": Slot("rectify_by", AS_DATE),
            "appealUntil": Slot("appeal_until", AS_DATE),
            "document": Slot("document"),
            "reasons": Hide(Slot("reasons")),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "uscc": "52320102MJ000000XG",
            "happened_on": "2026-05-20",
            "case": "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
            "outcome": "upheld",
            "measures": ["warning", "rectification"],
            "rectify_by": "2026-06-30",
            "appeal_until": "2026-07-19",
            "document": "示例人社监〔2026〕4号",
        },
        "disclosed": {"reasons": "示例：经核查，另收资料费属实"},
    }

    happened_on: CivilDate = claim("决定日期", "date of the decision")
    case: RecordId = claim("案件记录", "record id of the finding, complaint or appeal")
    outcome: Literal["upheld", "partly", "rejected"] = claim("处理结果", "whether the case is well founded")
    measures: Annotated[tuple[Annotated[str, Pattern("|".join(MEASURES))], ...], Listed()] | None = claim(
        "处理措施", "measures; none where the case is rejected", None
    )
    rectify_by: CivilDate | None = claim("整改期限", "last day to put it right", None)
    appeal_until: CivilDate = claim("申诉期限", "last day to appeal against this decision")
    document: Text = claim("文件号", "decision document")
    reasons: LongText | None = disclosed("决定理由", "reasons, in words", required=True)

    @model_validator(mode="after")
    def _check_measures(self) -> Self:
        if (self.outcome == "rejected") is not (self.measures is None):
            raise PydanticCustomError(
                "measures", "a case that is upheld or partly so has measures, a rejected one none"
            )
        if ("rectification" in (self.measures or ())) is (self.rectify_by is None):
            raise PydanticCustomError("measures", "rectification and rectify_by go together")
        if any(day is not None and day < self.happened_on for day in (self.rectify_by, self.appeal_until)):
            raise PydanticCustomError("period", "a time limit ends before the decision")
        return self

    def occurred_on(self) -> date:
        """The date of the decision."""
        return self.happened_on

    def target(self) -> str:
        """The case, beside which it lives."""
        return self.case

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """A case is decided once."""
        return (UniqueClaim("supervision-decision", (self.case,), NumberUsed),)

    def check(self, history: History) -> None:
        """The case concerns this institution; nobody decides its own case, or an appeal against its own decision.

        raises  EvidenceMissing, RuleBroken (Refused)
        """
        case = cited(history, self.case, InspectionFinding, Complaint, Appeal, own=False)
        check_not_own(history, self.uscc)
        if case.field("uscc") != self.uscc:
            raise RuleBroken("the case concerns another institution")
        if self.happened_on < case.occurred_on():
            raise RuleBroken("the decision is dated before the case")
        if isinstance(case, Appeal) and not history.is_authority:
            beside = history.stream_beside(self.case)
            if any(one.record_id == case.against and one.payload["iss"] == history.issuer for one in beside):
                raise RuleBroken("an appeal is not decided by whom it is against")
