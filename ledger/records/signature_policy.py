"""双人签发规则: for which kinds of record an institution demands a second signature of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._event import InstitutionEvent, event_shape
from ledger.records._fields import AS_LIST, Code, Listed, Text, claim
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


class SignaturePolicy(InstitutionEvent):
    """Replaces the one before. While any kind is named, so is this one: no single person takes the policy back."""

    KIND: ClassVar[str] = "signature-policy"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "双人签发规则", "en": "signature policy"}
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"institution", "authority"})
    SHAPE: ClassVar[Shape] = event_shape(
        policy={"uscc": Slot("uscc"), "kinds": Slot("kinds", AS_LIST), "document": Slot("document")}
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {"uscc": "52320102MJ000000XG", "kinds": ["skill-certificate", "correction"]},
        "disclosed": {},
    }

    kinds: Annotated[tuple[Code, ...], Listed(least=0)] = claim(
        "须双人签发的记录种类", "kinds of record, without version, that need a second signature; empty: none"
    )
    document: Text | None = claim("文件号", "decision document", None)

    def concerns(self, registry: Registry) -> tuple[str, ...]:  # noqa: ARG002  whatever the registry says
        """Nothing: an institution decides for itself, and only the authority for it."""
        return ()

    def check(self, history: History) -> None:
        """An institution decides for itself, the authority for any; two keys are there to sign what is demanded.

        raises  UnknownKind, RuleBroken (Refused)
        """
        from ledger.records import kind_class

        registry = history.registry
        body = registry.institution(self.uscc)
        if body.issuer != history.issuer and not history.is_authority:
            raise RuleBroken("an institution sets its own policy; the authority sets any")
        for name in self.kinds:
            if name == "cosignature" or not kind_class(name).SIGNERS & {"institution", "authority"}:
                raise RuleBroken(f"{name} is not signed a second time")
        if self.kinds and len(registry.live_keys(body.issuer, index=history.index)) < 2:
            raise RuleBroken("the institution has one key; register a second one first, or nothing could be signed")

    def fold(self, registry: Registry, *, index: int) -> Registry:  # noqa: ARG002  it holds from the next record on
        """The institution with its policy."""
        demanded = frozenset({*self.kinds, self.KIND} if self.kinds else ())
        return registry.with_changed(replace(registry.institution(self.uscc), cosigned=demanded))
