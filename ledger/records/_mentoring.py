"""What the records of a mentoring share: each side has one of its own, numbered, and all are in one group.

Issuer and agreement number together name a mentoring, since a number is used once: who joins mentors with their
apprentices goes by these two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import NumberUsed, RuleBroken, TargetForeign
from ledger.records._base import History, UniqueClaim
from ledger.records._event import PersonEvent, cited
from ledger.records._fields import CertificateText, RecordId, claim
from ledger.records._joint import check_sides
from ledger.records._shape import Shape, Slot

if TYPE_CHECKING:
    from ledger.records.mentoring_agreed import MentoringAgreed

PARTIES_MAX: Final = 60
ROLES: Final[Mapping[str, str]] = {"mentor": "师父", "apprentice": "徒弟"}
SHARED: Final = ("issuer", "happened_on", "agreement_number", "parties")
"""What all sides have in common in every record of a mentoring."""

SIDE: Final[Mapping[str, Shape]] = {
    "number": Slot("agreement_number"),
    "role": Slot("role"),
    "party": Slot("party"),
    "of": Slot("parties"),
}
"""Members that say which mentoring it is, and which side of it."""


class MentoringEvent(PersonEvent):
    """One side's record of what all sides of a mentoring record together."""

    agreement_number: CertificateText = claim("协议编号", "number of the agreement, unique in the institution")
    role: Literal["mentor", "apprentice"] = claim("师徒身份", "side of the agreement")
    party: Annotated[int, Field(ge=1, le=PARTIES_MAX)] = claim("签约方序号", "place among the parties, from 1")
    parties: Annotated[int, Field(ge=2, le=PARTIES_MAX)] = claim("签约人数", "mentors and apprentices together")

    @model_validator(mode="after")
    def _check_party(self) -> Self:
        if self.group is None:
            raise PydanticCustomError("group", "a mentoring needs its group: one record for each side")
        if self.party > self.parties:
            raise PydanticCustomError("party", "party is beyond parties")
        return self


class MentoringSequel(MentoringEvent):
    """What comes after the agreement: each side cites its own record of the agreement, and does so once."""

    ALIKE: ClassVar[tuple[str, ...]] = ()
    """Fields besides `SHARED` in which all sides are alike."""

    agreement_record: RecordId = claim("师徒协议记录", "the person's own record of the agreement")

    def reads(self) -> tuple[str, ...]:
        """The agreement."""
        return (self.agreement_record,)

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """An agreement is assessed once, and ends once."""
        return (UniqueClaim(self.KIND, (self.agreement_record,), NumberUsed),)

    def check(self, history: History) -> None:
        """Every side is here, each with its own record of the same agreement.

        raises  EvidenceMissing, TargetForeign, RuleBroken, GroupIncomplete (Refused)
        """
        from ledger.records.mentoring_agreed import MentoringAgreed

        agreed = cited(history, self.agreement_record, MentoringAgreed)
        if not history.registry.acts_for(self.issuer, agreed.issuer):
            raise TargetForeign("only who recorded the agreement, or its successor, records what comes after it")
        for name in ("agreement_number", "role", "party", "parties"):
            if self.field(name) != agreed.field(name):
                raise RuleBroken(f"{name} differs from the cited agreement")
        self.check_agreement(agreed, history)
        check_sides(self, history, count=self.parties, same=(*SHARED, *self.ALIKE), place="party")

    def check_agreement(self, agreed: MentoringAgreed, history: History) -> None:
        """The kind's own rule on the agreement.

        raises  RuleBroken (Refused)
        """
