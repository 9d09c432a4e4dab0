"""换发、补发: a certificate that was lost or damaged, or whose holder changed the name, is issued again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final, Literal

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._credential import Credential
from ledger.records._fields import RecordId, claim
from ledger.records._replacing import Replacing
from ledger.wire.canonical import Json

NEW_PAPER: Final = frozenset(
    {
        "issuer",
        "uid",
        "issued_at",
        "late",
        "group",
        "institution_name",
        "institution_uscc",
        "region",
        "status",
        "issued_on",
    }
)
"""Fields in which paper and issuer may differ; in all others the achievement is the same one. Personal values, the
certificate number among them, are not compared: the replacement may have a new number, and the holder a new name."""


class Reissue(Replacing):
    """Supersedes a certificate by a new copy. The copy keeps its number or gets another one."""

    KIND: ClassVar[str] = "reissue"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "换发、补发证书", "en": "certificate issued again"}
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "target_record": "3b7e0a1f5c9d2468ace013579bdf02468ace13579bdf0123456789abcdef0123",
            "replacement_record": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "reason": "lost",
        },
        "disclosed": {},
    }

    replacement_record: RecordId = claim("新证书记录", "record id of the certificate issued again")
    reason: Literal["lost", "damaged", "renamed"] = claim("原因代码", "reason code")

    def check(self, history: History) -> None:
        """Both are certificates of one achievement; the new one is of the same issuer or who acts for it.

        A suspended certificate is not issued again: its copy would be in force.

        raises  TargetUnknown, RuleBroken (Refused)
        """
        self.check_pair(history)
        old, new = history.read(self.target_record), history.read(self.replacement_record)
        if not isinstance(old, Credential) or not isinstance(new, Credential):
            raise RuleBroken(f"only certificates are issued again; the target is of kind {old.KIND}")
        if history.status(self.target_record) != "active":
            raise RuleBroken("the target is suspended; it is issued again after it was reinstated")
        if not history.registry.acts_for(new.issuer, old.issuer):
            raise RuleBroken("the replacement comes from neither the target's issuer nor its successor")
        if new.kind != old.kind:
            raise RuleBroken(f"the replacement is {new.kind}, expected {old.kind}")
        differing = sorted(name for name in old.NAMES - NEW_PAPER if getattr(old, name) != getattr(new, name))
        if differing:
            raise RuleBroken(f"the replacement certifies something else: it differs in {', '.join(differing)}")
        if new.occurred_on() < old.occurred_on():
            raise RuleBroken("the replacement is dated before the target")
