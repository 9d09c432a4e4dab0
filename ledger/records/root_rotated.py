"""根密钥更换: holders of the root policy give the authority a new key, when its own is lost, stolen or old."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, NotRequired

from pydantic import with_config
from typing_extensions import TypedDict

from keys.possession import check_possession
from ledger.errors import RuleBroken
from ledger.records._approvals import ROTATION, Approvals, check_approvals, format_statement
from ledger.records._base import History
from ledger.records._entries import ENTRY, Entries
from ledger.records._event import RegistryEvent, event_shape
from ledger.records._fields import AS_LIST, Index, Kid, Origin, PublicJwk, claim
from ledger.records._shape import Shape, Slot
from ledger.records.key_registered import Nonce, Proof
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry

RETIRED_MAX: Final = 32


@with_config(ENTRY)
class Retired(TypedDict):
    """A key of the authority that ends, and the index since which its records are under review, if any."""

    kid: Kid
    suspect_since: NotRequired[Index]


class RootRotated(RegistryEvent):
    """Signed by one holder, approved by others. From here on the new key alone speaks for the authority.

    Keys that are not named end too: a thief who registered another one gains nothing by it.
    """

    KIND: ClassVar[str] = "root-rotated"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "根密钥更换", "en": "root rotated"}
    PLACE: ClassVar[str] = "authority"
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"rotation"})
    SHAPE: ClassVar[Shape] = event_shape(
        rotation={
            "jwk": Slot("jwk"),
            "nonce": Slot("nonce"),
            "possession": Slot("possession"),
            "log": Slot("log"),
            "retired": Slot("retired", AS_LIST),
        },
        key=Slot("signing_kid"),
        approvals=Slot("approvals", AS_LIST),
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
            "nonce": "Txewgqpbd1ifQ-PZyeq7DQ",
            "possession": "FeWdpxEWA1XAYGdKVEn5nglIvlCh8gU7wyPF7V4APRsZFopf9tgI9GMQ_uniNIp_H9TwcYMDEosAQXSq1XoJCQ",
            "log": "ledger.example.cn/skills",
            "retired": [
                {
                    "kid": "https://osta.example.cn/issuers/3201#kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
                    "suspect_since": 120,
                }
            ],
            "approvals": [
                {
                    "kid": "https://osta.example.cn/issuers/3201#NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
                    "signature": "kqAJqfDUyriHAGaJ77yR_Yz-tpGT4OtGOVgzNPXK26SZyPrA3qj0TSOzNvRrcPQ"
                    "TAeQ0OVFCrOdbfNM9AbnSCw",
                }
            ],
        },
        "disclosed": {},
    }

    jwk: PublicJwk = claim("新根公钥", "new root key")
    nonce: Nonce = claim("随机数", "fresh nonce, base64url")
    possession: Proof = claim("持有证明", "proof of possession: the new key's signature, base64url")
    log: Origin = claim("日志名称", "origin of the log")
    retired: Annotated[tuple[Retired, ...], Entries(key="kid", most=RETIRED_MAX)] = claim(
        "停用密钥", "keys that end, each with the first suspect index of the log where there is one"
    )
    signing_kid: Kid = claim("签署密钥标识", "key id of the holder that signs this record")
    approvals: Approvals | None = claim("同意签名", "approvals by other holders", None)

    def check(self, history: History) -> None:
        """The proof is by the new key, for this authority and this log.

        raises  RuleBroken, keys.errors.PossessionNotProved, BadKey (Refused)
        """
        if self.log != history.origin:
            raise RuleBroken("the proof of possession is for another log")
        check_possession(origin=self.log, issuer=self.issuer, jwk=self.jwk, nonce=self.nonce, proof=self.possession)

    def fold(self, registry: Registry, *, index: int) -> Registry:
        """The authority with its new key, if enough holders agree on exactly this.

        raises  ApprovalsMissing (Refused)
        """
        entries = [dict(one) for one in self.retired]
        statement = format_statement(ROTATION, origin=registry.origin, nonce=self.nonce, jwk=self.jwk, retired=entries)
        check_approvals(self.approvals or (), statement, registry=registry, also=self.signing_kid)
        retired = {one["kid"]: one.get("suspect_since") for one in self.retired}
        return registry.with_new_root(self.jwk, retired=retired, index=index)
