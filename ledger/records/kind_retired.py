"""记录版本停用: new records are no longer taken in an old version of a kind. What was recorded in it stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from ledger.errors import RuleBroken
from ledger.records._base import History
from ledger.records._event import RegistryEvent, event_shape
from ledger.records._fields import Pattern, Text, claim
from ledger.records._shape import Shape, Slot
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


class KindRetired(RegistryEvent):
    """From this record's index on the version is refused; correcting and revoking older records goes on."""

    KIND: ClassVar[str] = "kind-retired"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "记录版本停用", "en": "version of a kind retired"}
    SHAPE: ClassVar[Shape] = event_shape(retired={"kind": Slot("retired_kind"), "document": Slot("document")})
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {"retired_kind": "skill-certificate/1", "document": "示例人社函〔2026〕51号"},
        "disclosed": {},
    }

    retired_kind: Annotated[str, Pattern("[a-z][a-z-]{0,63}/[1-9][0-9]{0,3}")] = claim(
        "停用的记录种类与版本", "kind and version that ends"
    )
    document: Text | None = claim("文件号", "decision document", None)

    def fold(self, registry: Registry, *, index: int) -> Registry:  # noqa: ARG002  from here on, whatever the index
        """The registry without that version."""
        return registry.without_version(self.retired_kind)

    def check(self, history: History) -> None:
        """There is a newer version to use instead, and this one was not retired before.

        raises  RuleBroken (Refused)
        """
        from ledger.records import KINDS

        name, _, version = self.retired_kind.partition("/")
        newer = any(name == kind.KIND and int(version) < kind.VERSION for kind in KINDS.values())
        if self.retired_kind not in KINDS or not newer:
            raise RuleBroken("only a known version that has a newer one is retired")
        if self.retired_kind in history.registry.retired:
            raise RuleBroken("the version is retired already")
