"""Record 0: who the authority of this log is, and its first key. Signed by that key itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from ledger.records._base import History
from ledger.records._event import InstitutionEvent, event_shape
from ledger.records._fields import Origin, PublicJwk, Text, claim
from ledger.records._shape import Shape, Slot
from ledger.registry import Institution
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


class AuthorityRoot(InstitutionEvent):
    """Pins origin, authority and root key: everything else in the log follows from it."""

    KIND: ClassVar[str] = "authority-root"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "主管机构根记录", "en": "authority root"}
    PLACE: ClassVar[str] = "authority"
    SHAPE: ClassVar[Shape] = event_shape(
        authority={"origin": Slot("origin"), "uscc": Slot("uscc"), "name": Slot("name")}, jwk=Slot("jwk")
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "origin": "ledger.example.cn/skills",
            "uscc": "11320000MB0000000D",
            "name": "示例省人力资源和社会保障厅",
            "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        },
        "disclosed": {},
    }

    origin: Origin = claim("日志名称", "log origin")
    name: Text = claim("机构名称", "name of the authority")
    jwk: PublicJwk = claim("公钥", "public key")

    def check(self, history: History) -> None:
        """Nothing: that it is record 0, and signed by the key it names, is decided where the log begins."""

    def fold(self, registry: Registry, *, index: int) -> Registry:
        """The authority, and its key, which speaks from record 0 on."""
        body = Institution(self.uscc, self.issuer, self.name, "authority", "", index - 1)
        rooted = registry.with_root(origin=self.origin, body=body)
        return rooted.with_key(issuer=self.issuer, jwk=self.jwk, use="records", index=index - 1)
