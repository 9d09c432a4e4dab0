"""投诉举报: a worker complains of an institution, or of one of its records. A case: a decision follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._fields import AS_LIST, Listed, LongText, RecordId, Uscc, claim, disclosed
from ledger.records._service_event import ServiceEvent, service_shape
from ledger.records._shape import Hide, Maybe, Shape, Slot
from ledger.records._supervision import EvidenceHash, Finding, check_issued_by
from ledger.wire.canonical import Json


class Complaint(ServiceEvent):
    """Filed by the worker who signed in, or taken down by an institution, such as a trade union, at its counter.

    It lives with the worker, so that the institution complained of does not learn who complained.
    """

    KIND: ClassVar[str] = "complaint"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "投诉举报", "en": "complaint"}
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"service", "institution"})
    SHAPE: ClassVar[Shape] = service_shape(
        name="投诉举报",
        complaint={
            "uscc": Slot("uscc"),
            "topic": Slot("topic"),
            "about": Maybe({"record": Slot("record")}),
            "evidence": Slot("evidence_hashes", AS_LIST),
            "statement": Hide(Slot("statement")),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-20",
            "subject_id": "4f0c2f6e-7a51-4c0b-9d3e-6b1f0a3f6a01",
            "authenticated_by": "counter",
            "uscc": "52320102MJ000000XG",
            "topic": "fee-violation",
            "evidence_hashes": ["6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"],
        },
        "disclosed": {"statement": "示例：报名时另收资料费"},
    }

    uscc: Uscc = claim("被投诉机构统一社会信用代码", "credit code of the institution complained of")
    topic: Finding = claim("投诉事项", "what is complained of")
    record: RecordId | None = claim("相关记录", "record complained of", None)
    evidence_hashes: Annotated[tuple[EvidenceHash, ...], Listed(most=16)] | None = claim(
        "证据材料摘要值", "SHA-256 of each piece of evidence", None
    )
    statement: LongText | None = disclosed("投诉内容", "what happened, in the worker's words", required=True)

    def reads(self) -> tuple[str, ...]:
        """The record complained of."""
        return () if self.record is None else (self.record,)

    def check(self, history: History) -> None:
        """The institution is registered, the record comes from it, and an institution files only what it took down.

        raises  EvidenceMissing, RuleBroken (Refused)
        """
        history.registry.institution(self.uscc)
        if history.registry.issuer(history.issuer) is not None and self.authenticated_by != "counter":
            raise RuleBroken("an institution files complaints only for workers whom it authenticated at its counter")
        for record_id in self.reads():
            check_issued_by(history, record_id, self.uscc)
