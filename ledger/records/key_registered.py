"""A key may speak for an issuer from the next index on, once it has proved that its private half is at hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from keys.possession import check_possession
from ledger.errors import RuleBroken
from ledger.records._base import History, uscc_of
from ledger.records._event import RegistryEvent, event_shape
from ledger.records._fields import IssuerUrl, Origin, Pattern, PublicJwk, claim
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


Nonce = Annotated[str, Pattern("[A-Za-z0-9_-]{22,86}")]
Proof = Annotated[str, Pattern("[A-Za-z0-9_-]{86,4000}")]


class KeyRegistered(RegistryEvent):
    """Registers a public key for an issuer: for its records, or for what the service itself signs."""

    KIND: ClassVar[str] = "key-registered"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "密钥登记", "en": "key registered"}
    SHAPE: ClassVar[Shape] = event_shape(
        key={
            "issuer": Slot("key_issuer"),
            "jwk": Slot("jwk"),
            "use": Slot("use"),
            "nonce": Slot("nonce"),
            "possession": Slot("possession"),
            "log": Slot("log"),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "key_issuer": "https://osta.example.cn/issuers/3201",
            "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
            "use": "records",
            "nonce": "Txewgqpbd1ifQ-PZyeq7DQ",
            "possession": "FeWdpxEWA1XAYGdKVEn5nglIvlCh8gU7wyPF7V4APRsZFopf9tgI9GMQ_uniNIp_H9TwcYMDEosAQXSq1XoJCQ",
            "log": "ledger.example.cn/skills",
        },
        "disclosed": {},
    }

    key_issuer: IssuerUrl = claim("密钥所属签发标识", "issuer id the key speaks for")
    jwk: PublicJwk = claim("公钥", "public key")
    use: Literal["records", "service"] = claim("用途", "what it signs: records, or the service's own statements")
    nonce: Nonce = claim("随机数", "fresh nonce, base64url")
    possession: Proof = claim("持有证明", "proof of possession: the key's signature, base64url")
    log: Origin = claim("日志名称", "origin of the log it is registered in")

    def about(self, uscc_by_issuer: Mapping[str, str]) -> str:
        """The stream of the institution that the key speaks for; the authority's for keys of the service."""
        return uscc_of(self.key_issuer if self.use == "records" else self.issuer, uscc_by_issuer)

    def check(self, history: History) -> None:
        """The proof is by this key, for this issuer and this log.

        raises  RuleBroken, keys.errors.PossessionNotProved, BadKey (Refused)
        """
        if self.log != history.origin:
            raise RuleBroken("the proof of possession is for another log")
        check_possession(origin=self.log, issuer=self.key_issuer, jwk=self.jwk, nonce=self.nonce, proof=self.possession)

    def concerns(self, registry: Registry) -> tuple[str, ...]:
        """Where the institution is that the key speaks for."""
        owner = registry.issuer(self.key_issuer)
        return () if owner is None or self.use != "records" else (owner.region,)

    def fold(self, registry: Registry, *, index: int) -> Registry:
        """One more key."""
        return registry.with_key(issuer=self.key_issuer, jwk=self.jwk, use=self.use, index=index)
