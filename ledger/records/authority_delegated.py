"""授权委托: an institution may do some acts of the authority, in some regions, until the delegation ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import field_validator
from pydantic_core import PydanticCustomError

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._event import InstitutionEvent, event_shape
from ledger.records._fields import AS_LIST, Code, Listed, RegionPrefix, Text, claim
from ledger.records._shape import Shape, Slot
from ledger.registry import ANY, Delegation
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


class AuthorityDelegated(InstitutionEvent):
    """Acts of these kinds that concern these regions alone. The record's `uid` is the delegation's id."""

    KIND: ClassVar[str] = "authority-delegated"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "授权委托", "en": "authority delegated"}
    SHAPE: ClassVar[Shape] = event_shape(
        delegation={
            "uscc": Slot("uscc"),
            "kinds": Slot("kinds", AS_LIST),
            "regions": Slot("regions", AS_LIST),
            "document": Slot("document"),
        }
    )
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {
            "uscc": "52320102MJ000000XG",
            "kinds": ["institution-registered", "key-registered", "accreditation-granted"],
            "regions": ["3201"],
            "document": "示例人社函〔2026〕19号",
        },
        "disclosed": {},
    }

    kinds: Annotated[tuple[Code, ...], Listed()] = claim("委托事项", "kinds of record, without version")
    regions: Annotated[tuple[RegionPrefix, ...], Listed(most=512)] = claim(
        "地区范围", "region codes or their first two or four digits"
    )
    document: Text = claim("文件号", "decision document")

    @field_validator("regions")
    @classmethod
    def _check_regions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if ANY in value:
            raise PydanticCustomError("regions", "names every region; a delegation names its regions one by one")
        return value

    def concerns(self, registry: Registry) -> tuple[str, ...]:  # noqa: ARG002  whatever the registry says
        """Nothing: who was given a right does not hand it on."""
        return ()

    def check(self, history: History) -> None:  # noqa: ARG002  the kinds are what they are
        """Every kind is one that the authority signs.

        raises  UnknownKind, RuleBroken (Refused)
        """
        from ledger.records import kind_class

        for name in self.kinds:
            if "authority" not in kind_class(name).SIGNERS:
                raise RuleBroken(f"{name} is no act of the authority, which cannot delegate it")

    def fold(self, registry: Registry, *, index: int) -> Registry:
        """One more delegation."""
        return registry.with_delegation(
            Delegation(
                uid=self.uid, uscc=self.uscc, kinds=frozenset(self.kinds), regions=self.regions, granted_at=index
            )
        )
