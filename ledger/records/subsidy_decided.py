"""职业培训补贴审核: a government body grants or refuses a claimed subsidy. No amounts are recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import EvidenceMissing, RuleBroken, SubsidyTaken
from ledger.records._base import History, UniqueClaim
from ledger.records._event import PersonEvent, cited, person_shape
from ledger.records._fields import CertificateText, Code, RecordId, RegionCode, claim, disclosed
from ledger.records._shape import Derived, Hide, Shape, Slot
from ledger.records.subsidy_claimed import GRANTED, SubsidyClaimed, check_qualifying
from ledger.wire.canonical import Json


class SubsidyDecided(PersonEvent):
    """The decision on one claim. A refused claim may be followed by another one, a granted one never."""

    KIND: ClassVar[str] = "subsidy-decided"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "职业培训补贴审核", "en": "subsidy decided"}
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution", "authority"})
    SHAPE: ClassVar[Shape] = person_shape(
        name=Derived(lambda record: f"职业培训补贴：{'准予发放' if record.decision == GRANTED else '不予发放'}"),
        region=Slot("region"),
        decides={"record": Slot("claim_record")},
        subsidy={
            "for": {"record": Slot("qualifying_record")},
            "decision": Slot("decision"),
            "reason": Slot("reason"),
            "payment": Hide(Slot("payment_reference")),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-27",
            "region": "320102",
            "claim_record": "7c1e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0f02",
            "qualifying_record": "7c1e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0f01",
            "decision": "granted",
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "payment_reference": "ZF-2026-000031",
        },
    }

    region: RegionCode = claim("行政区划代码", "region code of the body that decides")
    claim_record: RecordId = claim("申领记录", "record id of the claim")
    qualifying_record: RecordId = claim("补贴依据记录", "record id of what it was claimed for, as the claim has it")
    decision: Literal["granted", "refused"] = claim("审核结果", "decision")
    reason: Code | None = claim("不予发放原因代码", "reason code of a refusal", None)
    payment_reference: CertificateText | None = disclosed("拨付凭证编号", "reference of the payment")

    @model_validator(mode="after")
    def _check_decision(self) -> Self:
        if (self.reason is None) != (self.decision == GRANTED):
            raise PydanticCustomError("decision", "a refusal, and nothing else, has its reason")
        if self.payment_reference is not None and self.decision != GRANTED:
            raise PydanticCustomError("decision", "what was refused is not paid")
        return self

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """The one subsidy that an achievement gets, whatever becomes of the decision later."""
        if self.decision != GRANTED:
            return ()
        return (UniqueClaim("subsidy", (self.qualifying_record,), SubsidyTaken),)

    def reads(self) -> tuple[str, ...]:
        """The claim, and what it was made for."""
        return (self.claim_record, self.qualifying_record)

    def check(self, history: History) -> None:
        """A government body decides a claim in force, once; what is granted still rests on an achievement in force.

        raises  RuleBroken, EvidenceMissing (Refused)
        """
        body = history.registry.issuer(history.issuer)
        if not history.is_authority and (body is None or body.type != "government-body"):
            raise RuleBroken("subsidies are decided by the authority or a government body")
        found = cited(history, self.claim_record, SubsidyClaimed)
        if found.qualifying_record != self.qualifying_record:
            raise EvidenceMissing("qualifying_record is not what the cited claim was made for")
        held = history.in_stream(self.KIND, suspended=True)
        if any(one.payload["decides"]["record"] == self.claim_record for one in held):
            raise RuleBroken("the claim is decided already; correct that decision")
        if self.decision == GRANTED:
            check_qualifying(history, self.qualifying_record)
