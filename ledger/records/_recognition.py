"""What the decisions share that give a level without an examination: direct recognition and exceptional promotion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import EvidenceMissing, SchemaInvalid
from ledger.records._base import History, Record
from ledger.records._codes import LEVELS, OCCUPATION_SCHEME
from ledger.records._event import PersonEvent, cited, person_shape
from ledger.records._fields import (
    AS_REFERENCES,
    Listed,
    LongText,
    OccupationCode,
    RecordId,
    RegionCode,
    Text,
    claim,
    disclosed,
)
from ledger.records._shape import Derived, Hide, Shape, Slot
from ledger.rules.ladder import TOP_CERTIFICATE
from ledger.wire.canonical import Json

NoPost = Annotated[int, Field(ge=1, le=TOP_CERTIFICATE)]
"""Order of a level that a decision may give. Posts are appointed."""

UNEXPLAINED: Final = frozenset({"DIRECT_NEW"})
"""Bases whose decision may go without approver and reasons."""

EXAMPLE_CLAIMS: Final[Mapping[str, Json]] = {
    "happened_on": "2026-05-20",
    "region": "320102",
    "occupation_code": "6-31-01-03",
    "occupation_name": "电工",
    "level_order": 4,
    "evidence": ["3b7e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0123"],
    "approver_role": "评价委员会主任",
    "decision_number": "示例评〔2026〕7号",
}


def recognition_shape(title: str, **body: Shape) -> Shape:
    """The shape of a decision that gives a level.

    title  what the archive calls it, in Chinese
    body   the kind's own members
    """
    return person_shape(
        name=Derived(lambda record: f"{title}：{record.occupation_name}（{LEVELS[record.level_order].national_zh}）"),
        region=Slot("region"),
        occupation={
            "scheme": Slot("occupation_scheme"),
            "code": Slot("occupation_code"),
            "name": Slot("occupation_name"),
        },
        levelOrder=Slot("level_order"),
        basis={"code": Slot("basis"), "records": Slot("evidence", AS_REFERENCES)},
        decision={
            "number": Slot("decision_number"),
            "approver": Slot("approver_role"),
            "reasons": Hide(Slot("reasons")),
        },
        **body,
    )


class Recognition(PersonEvent):
    """A decision that gives a level in an occupation, on evidence; the certificate cites it."""

    region: RegionCode = claim("行政区划代码", "region code of the place")
    occupation_scheme: Text = claim("职业分类版本", "occupation scheme and version", OCCUPATION_SCHEME)
    occupation_code: OccupationCode = claim("职业编码", "occupation code")
    occupation_name: Text = claim("职业名称", "occupation at the decision")
    level_order: NoPost = claim("等级序号", "order of the level, 1 to 6")
    basis: str = claim("取得方式", "basis of the decision")
    evidence: Annotated[tuple[RecordId, ...], Listed()] | None = claim("依据记录", "records it rests on", None)
    approver_role: Text | None = claim("批准人职务", "office of who approved it", None)
    decision_number: Text = claim("决定文号", "number of the decision")
    reasons: LongText | None = disclosed("认定理由", "reasons")

    @model_validator(mode="after")
    def _check_approver(self) -> Self:
        if self.approver_role is None and self.basis not in UNEXPLAINED:
            raise PydanticCustomError("approver", "this basis needs approver_role")
        return self

    def check_required(self, *, pointers: Mapping[str, str]) -> None:
        """Reasons are demanded as well, where the basis waives what others must bring.

        raises  SchemaInvalid (Refused)
        """
        super().check_required(pointers=pointers)
        if self.reasons is None and self.basis not in UNEXPLAINED:
            raise SchemaInvalid(f"{pointers.get('reasons', 'reasons')}: must be there as a disclosure for this basis")

    def reads(self) -> tuple[str, ...]:
        """The records it rests on."""
        return self.evidence or ()

    def cited_evidence(self, history: History) -> list[Record]:
        """The records it rests on: in force, about this person, and not of a later day.

        raises  EvidenceMissing (Refused)
        """
        found = [cited(history, record_id, Record) for record_id in self.reads()]
        if any(one.occurred_on() > self.happened_on for one in found):
            raise EvidenceMissing(f"a cited record is dated after the decision of {self.happened_on}")
        return found
