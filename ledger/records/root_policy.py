"""根密钥规则: who holds the keys that together give the authority a new root key, and how many of them it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, model_validator, with_config
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from keys.ids import thumbprint
from keys.possession import check_possession
from ledger.errors import RuleBroken
from ledger.records._approvals import HOLDERS_MAX, POLICY, Approvals, check_approvals, format_statement
from ledger.records._base import History
from ledger.records._entries import ENTRY, Entries
from ledger.records._event import RegistryEvent, event_shape
from ledger.records._fields import AS_LIST, Origin, PublicJwk, Text, claim
from ledger.records._shape import Shape, Slot
from ledger.records.key_registered import Nonce, Proof
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


@with_config(ENTRY)
class Holder(TypedDict):
    """A holder's public key, and its proof of possession over the record's nonce."""

    jwk: PublicJwk
    possession: Proof


class RootPolicy(RegistryEvent):
    """A policy that replaces another needs approvals by holders of that one: a stolen root key must not shut them out.

    Holders' keys sign `root-rotated` and approvals, and nothing else.
    """

    KIND: ClassVar[str] = "root-policy"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "根密钥规则", "en": "root policy"}
    PLACE: ClassVar[str] = "authority"
    SHAPE: ClassVar[Shape] = event_shape(
        policy={
            "threshold": Slot("threshold"),
            "holders": Slot("holders", AS_LIST),
            "nonce": Slot("nonce"),
            "log": Slot("log"),
            "document": Slot("document"),
        },
        approvals=Slot("approvals", AS_LIST),
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "threshold": 2,
            "holders": [
                {
                    "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
                    "possession": "FeWdpxEWA1XAYGdKVEn5nglIvlCh8gU7wyPF7V4APRsZFopf9tgI9GMQ_uniNIp"
                    "_H9TwcYMDEosAQXSq1XoJCQ",
                },
                {
                    "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw"},
                    "possession": "kqAJqfDUyriHAGaJ77yR_Yz-tpGT4OtGOVgzNPXK26SZyPrA3qj0TSOzNvRrcPQ"
                    "TAeQ0OVFCrOdbfNM9AbnSCw",
                },
            ],
            "nonce": "Txewgqpbd1ifQ-PZyeq7DQ",
            "log": "ledger.example.cn/skills",
        },
        "disclosed": {},
    }

    threshold: Annotated[int, Field(ge=1, le=HOLDERS_MAX)] = claim("最少人数", "how many holders must agree")
    holders: Annotated[tuple[Holder, ...], Entries(key="possession", most=HOLDERS_MAX)] = claim(
        "持有人公钥", "holders' public keys, each with its proof of possession"
    )
    nonce: Nonce = claim("随机数", "fresh nonce, base64url")
    log: Origin = claim("日志名称", "origin of the log")
    document: Text | None = claim("文件号", "decision document", None)
    approvals: Approvals | None = claim("同意签名", "approvals by holders of the policy that this one replaces", None)

    @model_validator(mode="after")
    def _check_holders(self) -> Self:
        if len({thumbprint(one["jwk"]) for one in self.holders}) != len(self.holders):
            raise PydanticCustomError("holders", "names a key twice")
        if self.threshold > len(self.holders):
            raise PydanticCustomError("threshold", "demands more holders than there are")
        return self

    def check(self, history: History) -> None:
        """Every holder proved to have the key, for this authority and this log.

        raises  RuleBroken, keys.errors.PossessionNotProved, BadKey (Refused)
        """
        if self.log != history.origin:
            raise RuleBroken("the proofs of possession are for another log")
        for one in self.holders:
            check_possession(
                origin=self.log, issuer=self.issuer, jwk=one["jwk"], nonce=self.nonce, proof=one["possession"]
            )

    def fold(self, registry: Registry, *, index: int) -> Registry:
        """The policy in force, its holders' keys registered, those of former holders ended.

        raises  ApprovalsMissing (Refused)
        """
        jwks = [one["jwk"] for one in self.holders]
        if self.approvals is not None or registry.root_policy is not None:
            statement = format_statement(
                POLICY, origin=registry.origin, nonce=self.nonce, threshold=self.threshold, holders=jwks
            )
            check_approvals(self.approvals or (), statement, registry=registry)
        return registry.with_root_policy(threshold=self.threshold, jwks=jwks, index=index)
