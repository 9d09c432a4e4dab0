"""申诉: a worker or an institution contests a record or a decision. A case: a decision of another body follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import EvidenceMissing, RuleBroken
from ledger.records._base import History, Record, UniqueClaim
from ledger.records._event import Event, dated
from ledger.records._fields import AS_LIST, CivilDate, Listed, LongText, RecordId, Uscc, claim, disclosed
from ledger.records._service_event import AuthenticatedBy, SubjectId
from ledger.records._shape import Hide, Maybe, Shape, Slot
from ledger.records._supervision import EvidenceHash, held
from ledger.wire.canonical import Json


class Appeal(Event):
    """A worker's appeal is signed by the service and lives with the worker; an institution signs its own.

    An institution's appeal lives beside the record that it contests.
    """

    KIND: ClassVar[str] = "appeal"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "申诉", "en": "appeal"}
    PLACE: ClassVar[str] = "target"
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"service", "institution"})
    SHAPE: ClassVar[Shape] = dated(
        name="申诉",
        subject=Maybe({"id": Slot("subject_id")}),
        authenticated=Maybe({"by": Slot("authenticated_by")}),
        appeal={
            "uscc": Slot("uscc"),
            "against": {"record": Slot("against")},
            "grounds": Slot("grounds"),
            "evidence": Slot("evidence_hashes", AS_LIST),
            "statement": Hide(Slot("statement")),
        },
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-20",
            "uscc": "52320102MJ000000XG",
            "against": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
            "grounds": "facts-wrong",
        },
        "disclosed": {"statement": "示例：督导当日为实操课，学员在实训车间"},
    }

    happened_on: CivilDate = claim("申诉日期", "date of the appeal")
    subject_id: SubjectId | None = claim("劳动者编号", "the worker's id in this ledger; none for an institution", None)
    authenticated_by: AuthenticatedBy | None = claim("身份核验方式", "how the worker was authenticated", None)
    uscc: Uscc = claim("相关机构统一社会信用代码", "credit code of the institution whose record or case it is")
    against: RecordId = claim("申诉对象", "record id of what is contested")
    grounds: Literal["facts-wrong", "rule-misapplied", "procedure-broken", "measure-excessive"] = claim(
        "申诉理由", "grounds"
    )
    evidence_hashes: Annotated[tuple[EvidenceHash, ...], Listed(most=16)] | None = claim(
        "证据材料摘要值", "SHA-256 of each piece of evidence", None
    )
    statement: LongText | None = disclosed("申诉内容", "why, in words", required=True)

    @model_validator(mode="after")
    def _check_filer(self) -> Self:
        if (self.subject_id is None) is not (self.authenticated_by is None):
            raise PydanticCustomError("filer", "subject_id and authenticated_by go together")
        return self

    def occurred_on(self) -> date:
        """The date of the appeal."""
        return self.happened_on

    def target(self) -> str | None:
        """What an institution contests; a worker's appeal has its place by the worker's id."""
        return self.against if self.subject_id is None else None

    def reads(self) -> tuple[str, ...]:
        """What is contested."""
        return (self.against,)

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """Each contests a record once; who is not content with the decision contests the decision."""
        return (UniqueClaim("appeal", (self.against, self.subject_id or self.issuer), RuleBroken),)

    def check(self, history: History) -> None:
        """Workers contest what is recorded of them, institutions what others recorded of them or of their records.

        raises  EvidenceMissing, RuleBroken (Refused)
        """
        held(history, self.against)
        contested = history.read(self.against)
        registry = history.registry
        if (registry.issuer(history.issuer) is None) is (self.subject_id is None):
            raise RuleBroken("the service appeals for a worker whom it names, an institution for itself")
        if contested.issuer == history.issuer or "service" in contested.SIGNERS:
            raise RuleBroken("only what another institution or the authority recorded is contested by an appeal")
        named = {contested.field("uscc"), registry.uscc_by_issuer.get(contested.issuer)}
        if self.subject_id is not None and not history.owns(self.against):
            raise EvidenceMissing("the record contested is not one of this worker")
        if self.subject_id is not None and self.uscc not in named:
            raise RuleBroken("the record contested neither comes from the institution named nor speaks of it")
        if self.subject_id is None:
            self._check_own(contested, history)

    def _check_own(self, contested: Record, history: History) -> None:
        if registry_code(history) != self.uscc:
            raise RuleBroken("an institution appeals in its own matters; name its own credit code")
        if contested.field("uscc") == self.uscc:
            return
        acted_on = {contested.target(), *contested.reads()} if contested.PLACE == "target" else set()
        beside = history.stream_beside(self.against)
        if not any(one.record_id in acted_on and one.payload["iss"] == history.issuer for one in beside):
            raise RuleBroken("the record contested speaks neither of the institution nor of a record of its own")


def registry_code(history: History) -> str | None:
    """The credit code of the institution that signs; None for the service."""
    return history.registry.uscc_by_issuer.get(history.issuer)
