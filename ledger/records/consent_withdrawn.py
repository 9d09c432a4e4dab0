"""撤回同意: a worker takes a consent back (个人信息保护法 article 15). What was done under it before stays lawful."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ledger.errors import RuleBroken
from ledger.records._base import History, UniqueClaim
from ledger.records._event import cited
from ledger.records._fields import RecordId, claim
from ledger.records._service_event import ServiceEvent, service_shape
from ledger.records._shape import Shape, Slot
from ledger.records.consent_given import ConsentGiven
from ledger.wire.canonical import Json


class ConsentWithdrawn(ServiceEvent):
    """From now on the consent no longer holds."""

    KIND: ClassVar[str] = "consent-withdrawn"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "撤回同意", "en": "consent withdrawn"}
    RETENTION: ClassVar[str] = "consent"
    SHAPE: ClassVar[Shape] = service_shape(name="撤回个人信息处理同意", consent={"record": Slot("consent")})
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "happened_on": "2026-05-20",
            "subject_id": "4f0c2f6e-7a51-4c0b-9d3e-6b1f0a3f6a01",
            "authenticated_by": "oidc",
            "consent": "d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35",
        },
        "disclosed": {},
    }

    consent: RecordId = claim("同意记录", "record id of the consent")

    def reads(self) -> tuple[str, ...]:
        """The consent."""
        return (self.consent,)

    def unique_claims(self) -> tuple[UniqueClaim, ...]:
        """A consent is withdrawn once."""
        return (UniqueClaim("consent-withdrawal", (self.consent,), RuleBroken),)

    def check(self, history: History) -> None:
        """The consent is the worker's own, and given no later.

        raises  EvidenceMissing, RuleBroken (Refused)
        """
        given = cited(history, self.consent, ConsentGiven)
        if self.happened_on < given.happened_on:
            raise RuleBroken("the consent was given after the day on which it is withdrawn")
