"""岗位解聘: a post ends before its term, or with the employment. Certificates are untouched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final

from ledger.errors import NumberUsed, RuleBroken, TargetForeign
from ledger.records._base import History, UniqueClaim
from ledger.records._event import PersonEvent, cited, person_shape
from ledger.records._fields import Pattern, RecordId, Text, claim
from ledger.records._shape import Shape, Slot
from ledger.records.post_appointed import PostAppointed
from ledger.wire.canonical import Json

REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    "term-over": {"zh": "聘期届满", "en": "term over"},
    "left": {"zh": "离职", "en": "left the employer"},
    "retired": {"zh": "退休", "en": "retired"},
    "moved": {"zh": "岗位调整", "en": "moved to another post"},
    "assessment": {"zh": "聘期考核不合格", "en": "assessment not passed"},
    "dismissed": {"zh": "解聘", "en": "dismissed from the post"},
    "other": {"zh": "其他", "en": "other"},
}
"""Reasons; codes are permanent."""


class PostEnded(PersonEvent):
    """The end of a post; `happened_on` is the first day without it."""

    KIND: ClassVar[str] = "post-ended"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "岗位解聘", "en": "post ended"}
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution", "authority"})
    SHAPE: ClassVar[Shape] = person_shape(
        name="岗位解聘",
        appointment={"record": Slot("appointment_record")},
        reason=Slot("reason"),
        document=Slot("document"),
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2028-03-01",
            "appointment_record": "9b7e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0123",
            "reason": "retired",
        },
        "disclosed": {"holder_name": "张三", "document_number": "320106190001020029"},
    }

    appointment_record: RecordId = claim("聘任记录", "record of the appointment")
    reason: Annotated[str, Pattern("|".join(REASONS))] = claim("原因", "reason")
    document: Text | None = claim("文件号", "decision number", None)

    def reads(self) -> tuple[str, ...]:
        """The appointment."""
        return (self.appointment_record,)

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """A post ends once."""
        return (UniqueClaim("post-ended", (self.appointment_record,), NumberUsed),)

    def check(self, history: History) -> None:
        """The employer, its successor or the authority ends a post after it was given.

        raises  EvidenceMissing, TargetForeign, RuleBroken (Refused)
        """
        appointed = cited(history, self.appointment_record, PostAppointed)
        if not history.registry.acts_for(self.issuer, appointed.issuer):
            raise TargetForeign("only the employer who appointed, its successor or the authority ends a post")
        if self.happened_on < appointed.happened_on:
            raise RuleBroken(f"ended on {self.happened_on}, before the appointment of {appointed.happened_on}")
