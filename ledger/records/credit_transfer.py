"""学分转移: one side of a transfer of credits. Both sides are records of one group, appended all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import RuleBroken, TargetUnknown
from ledger.records._base import History, Scope
from ledger.records._event import SUBJECT, Event, dated
from ledger.records._fields import (
    Centi,
    CertificateText,
    CivilDate,
    Count,
    DocumentText,
    IssuerUrl,
    Listed,
    Origin,
    PersonName,
    RecordId,
    Text,
    UpperCode,
    claim,
    disclosed,
    read_references,
)
from ledger.records._shape import Hide, Shape, Slot, Woven
from ledger.wire.canonical import Json


def _write_basis(record: Any) -> list[dict[str, Json]]:
    log = {} if record.log is None else {"log": record.log}
    return [{**log, "record": record_id} for record_id in record.basis]


class CreditTransfer(Event):
    """Credits leave one scheme (`out`) or arrive in a scheme or course (`in`); amounts are in hundredths."""

    KIND: ClassVar[str] = "credit-transfer"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "学分转移", "en": "credit transfer"}
    PLACE: ClassVar[str] = "subject"
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution"})
    RETENTION: ClassVar[str] = "consent"
    SHAPE: ClassVar[Shape] = dated(
        log=Slot("log"),
        basis=Woven("basis", _write_basis, read_references, {"type": "array", "items": {"type": "object"}}),
        rule={"id": Slot("rule_id"), "version": Slot("rule_version"), "hash": Slot("rule_hash")},
        credit={
            "direction": Slot("direction"),
            "from": {"scheme": Slot("from_scheme")},
            "to": {"scheme": Slot("to_scheme"), "institution": Slot("to_institution"), "course": Slot("to_course")},
            "amount_centi": Slot("amount_centi"),
        },
        subject={**SUBJECT, "account": Hide(Slot("account"))},
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-06-30",
            "basis": ["3b7e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0123"],
            "rule_id": "SMP-TRF-009",
            "rule_version": 1,
            "rule_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "direction": "in",
            "from_scheme": "示例省学分银行",
            "to_institution": "https://college.example.cn/issuers/12",
            "to_course": "EE-2104",
            "amount_centi": 600,
            "group": "urn:uuid:55c0a3de-2f0b-4c7a-9d55-0f4e8b1a7c21",
        },
        "disclosed": {
            "holder_name": "张三",
            "document_number": "320106190001020029",
            "account": "XF-00000001",
        },
    }

    happened_on: CivilDate = claim("发生日期", "date of the transfer")
    log: Origin | None = claim("日志名称", "origin of the log that holds the basis", None)
    basis: Annotated[tuple[RecordId, ...], Listed()] = claim("依据记录", "records it rests on")
    rule_id: UpperCode = claim("规则编号", "rule")
    rule_version: Count = claim("规则版本", "version of the rule")
    rule_hash: RecordId = claim("规则摘要", "SHA-256 of the rule, hex")
    direction: Literal["in", "out"] = claim("方向", "direction")
    from_scheme: Text = claim("转出学分体系", "scheme the credits leave")
    to_scheme: Text | None = claim("转入学分体系", "scheme they arrive in", None)
    to_institution: IssuerUrl | None = claim("转入机构", "institution they arrive at", None)
    to_course: Text | None = claim("转入课程", "course they count for", None)
    amount_centi: Centi = claim("学分（百分之一）", "credits in hundredths")
    holder_name: PersonName | None = disclosed("姓名", "holder's name", required=True)
    document_number: DocumentText | None = disclosed("证件号码", "card or document number", required=True)
    account: CertificateText | None = disclosed("学分账户", "credit account")

    @model_validator(mode="after")
    def _check_sides(self) -> Self:
        if self.group is None:
            raise PydanticCustomError("group", "a transfer needs its group: the two sides stand or fall together")
        if (self.to_scheme is None) == (self.to_institution is None):
            raise PydanticCustomError("to", "exactly one of to_scheme and to_institution is needed")
        if self.to_course is not None and self.to_institution is None:
            raise PydanticCustomError("to", "to_course needs to_institution")
        return self

    def occurred_on(self) -> date:
        """The date of the transfer."""
        return self.happened_on

    def scope(self) -> Scope:
        """The kind alone."""
        return Scope(self.KIND)

    def reads(self) -> tuple[str, ...]:
        """The records it rests on."""
        return self.basis

    def check(self, history: History) -> None:
        """Every basis is held, stands, and is this person's.

        raises  TargetUnknown, RuleBroken (Refused)
        """
        if self.log is not None and self.log != history.origin:
            raise TargetUnknown("the basis lies in another log")
        held = [history.record(record_id) for record_id in self.basis]
        if any(record is None for record in held):
            raise TargetUnknown("a record that the transfer rests on is not in this log")
        if any(history.status(record_id) != "active" for record_id in self.basis):
            raise RuleBroken("a record that the transfer rests on is suspended, revoked or superseded")
        if not all(history.owns(record_id) for record_id in self.basis):
            raise RuleBroken("a record that the transfer rests on belongs to another person")
