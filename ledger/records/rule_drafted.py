"""规则草案: a rule's text before it holds. It changes nothing; who publishes the rule may cite it, to be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ledger.records._base import Scope
from ledger.records._rule import EXAMPLE_TEXT, RuleText, text_shape
from ledger.records._shape import Shape
from ledger.wire.canonical import Json


class RuleDrafted(RuleText):
    """A draft. Version and dates are proposals; several drafts of one version may be on the table."""

    KIND: ClassVar[str] = "rule-drafted"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "规则草案", "en": "rule drafted"}
    SHAPE: ClassVar[Shape] = text_shape()
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {
        "claims": {name: value for name, value in EXAMPLE_TEXT.items() if name not in {"document", "approved_by"}},
        "disclosed": {},
    }

    def scope(self) -> Scope:
        """The kind: a right of its own, so that one body drafts and another publishes."""
        return Scope(self.KIND)
