"""密钥恢复: an institution that lost its last key gets another one from the authority, which also ends the lost one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from keys.ids import parse_kid
from keys.possession import check_possession
from ledger.errors import RuleBroken
from ledger.records._base import History, uscc_of
from ledger.records._event import RegistryEvent, event_shape
from ledger.records._fields import Index, Kid, Origin, PublicJwk, Text, claim
from ledger.records._shape import Shape, Slot
from ledger.records.key_registered import Nonce, Proof
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


class KeyRecovered(RegistryEvent):
    """One act, so that the institution is at no index with two keys, or with none of its choice."""

    KIND: ClassVar[str] = "key-recovered"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "密钥恢复", "en": "key recovered"}
    SHAPE: ClassVar[Shape] = event_shape(
        key={
            "lost": Slot("lost_kid"),
            "reason": Slot("reason"),
            "suspect_since": Slot("suspect_since"),
            "jwk": Slot("jwk"),
            "nonce": Slot("nonce"),
            "possession": Slot("possession"),
            "log": Slot("log"),
            "document": Slot("document"),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "lost_kid": "https://osta.example.cn/issuers/3201#kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
            "reason": "compromised",
            "suspect_since": 0,
            "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
            "nonce": "Txewgqpbd1ifQ-PZyeq7DQ",
            "possession": "FeWdpxEWA1XAYGdKVEn5nglIvlCh8gU7wyPF7V4APRsZFopf9tgI9GMQ_uniNIp_H9TwcYMDEosAQXSq1XoJCQ",
            "log": "ledger.example.cn/skills",
            "document": "示例人社函〔2026〕20号",
        },
        "disclosed": {},
    }

    lost_kid: Kid = claim("丢失密钥标识", "key id of the lost key")
    reason: Literal["lost", "compromised"] = claim("原因", "reason")
    suspect_since: Index | None = claim("可疑起始序号", "first suspect index of the log", None)
    jwk: PublicJwk = claim("新公钥", "new public key")
    nonce: Nonce = claim("随机数", "fresh nonce, base64url")
    possession: Proof = claim("持有证明", "proof of possession: the new key's signature, base64url")
    log: Origin = claim("日志名称", "origin of the log it is registered in")
    document: Text = claim("文件号", "document by which the authority was convinced")

    @model_validator(mode="after")
    def _check_reason(self) -> Self:
        if self.suspect_since is not None and self.reason != "compromised":
            raise PydanticCustomError("reason", "suspect_since goes with the reason compromised")
        return self

    @property
    def owner(self) -> str:
        """Issuer id that the lost key spoke for, and the new one speaks for."""
        return parse_kid(self.lost_kid)[0]

    def about(self, uscc_by_issuer: Mapping[str, str]) -> str:
        """The stream of the institution that the key speaks for."""
        return uscc_of(self.owner, uscc_by_issuer)

    def check(self, history: History) -> None:
        """The proof is by the new key, and nobody who has another key of the institution is passed over.

        raises  RuleBroken, keys.errors.PossessionNotProved, BadKey (Refused)
        """
        if self.log != history.origin:
            raise RuleBroken("the proof of possession is for another log")
        if any(key.kid != self.lost_kid for key in history.registry.live_keys(self.owner, index=history.index)):
            raise RuleBroken("another key of the institution speaks; revoke the lost one and register a new one")
        check_possession(origin=self.log, issuer=self.owner, jwk=self.jwk, nonce=self.nonce, proof=self.possession)

    def concerns(self, registry: Registry) -> tuple[str, ...]:
        """Where the institution is."""
        owner = registry.issuer(self.owner)
        return () if owner is None else (owner.region,)

    def fold(self, registry: Registry, *, index: int) -> Registry:
        """The lost key ended, the new one registered.

        raises  RuleBroken for a key of the authority, which recovers by `root-rotated` (Refused)
        """
        if registry.is_authority(self.owner):
            raise RuleBroken("the authority's own key is replaced by the holders of its root policy")
        ended = registry.without_key(self.lost_kid, index=index, suspect_since=self.suspect_since)
        return ended.with_key(issuer=self.owner, jwk=self.jwk, use="records", index=index)
