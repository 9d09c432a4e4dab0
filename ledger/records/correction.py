"""A record is replaced by a full new one of the same kind, in the same group or already logged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._replacing import Replacing
from ledger.wire.canonical import Json


class Correction(Replacing):
    """Supersedes a record. The replacement takes its certificate number over."""

    KIND: ClassVar[str] = "correction"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "更正", "en": "correction"}
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "target_record": "3b7e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0123",
            "replacement_record": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "reason": "name-misspelt",
        },
        "disclosed": {},
    }

    def check(self, history: History) -> None:
        """Target and replacement are records of one kind and person, and both stand.

        The replacement comes from the target's issuer or its successor; the authority may choose another one.

        raises  TargetUnknown, RuleBroken (Refused)
        """
        old, new = self.check_pair(history)
        if not (history.is_authority or history.registry.acts_for(new.payload["iss"], old.payload["iss"])):
            raise RuleBroken("the replacement comes from neither the target's issuer nor its successor")
