"""A key stops speaking. If it was stolen, what it signed since an index is under review until confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from keys.ids import parse_kid
from ledger.errors import RuleBroken
from ledger.records._base import History, uscc_of
from ledger.records._event import RegistryEvent, event_shape
from ledger.records._fields import Index, Kid, claim
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


class KeyRevoked(RegistryEvent):
    """Ends a key at this record's index. Claimed dates move nothing: `suspect_since` is an index of the log."""

    KIND: ClassVar[str] = "key-revoked"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "密钥吊销", "en": "key revoked"}
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"authority", "institution"})
    SHAPE: ClassVar[Shape] = event_shape(
        key={"kid": Slot("kid"), "reason": Slot("reason"), "suspect_since": Slot("suspect_since")}
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "kid": "https://osta.example.cn/issuers/3201#kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
            "reason": "compromised",
            "suspect_since": 0,
        },
        "disclosed": {},
    }

    kid: Kid = claim("密钥标识", "key id")
    reason: Literal["superseded", "compromised", "institution-ended", "other"] = claim("原因", "reason")
    suspect_since: Index | None = claim("可疑起始序号", "first suspect index of the log", None)

    def about(self, uscc_by_issuer: Mapping[str, str]) -> str:
        """The stream of the institution that the key speaks for; the authority's for keys of the service."""
        owner = parse_kid(self.kid)[0]
        return uscc_of(owner if owner in uscc_by_issuer else self.issuer, uscc_by_issuer)

    def check(self, history: History) -> None:
        """An institution revokes its own keys only, and only a stolen key casts doubt on the past.

        raises  RuleBroken (Refused)
        """
        if parse_kid(self.kid)[0] != self.issuer and not history.is_authority:
            raise RuleBroken("an institution revokes its own keys; the authority revokes any")
        if self.suspect_since is not None and self.reason != "compromised":
            raise RuleBroken("suspect_since goes with the reason compromised")

    def fold(self, registry: Registry, *, index: int) -> Registry:
        """The key ended."""
        return registry.without_key(self.kid, index=index, suspect_since=self.suspect_since)
