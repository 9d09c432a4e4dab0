"""规则发布: a version of a rule, in force on [from, until). Records cite its number, version and hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from ledger.errors import EvidenceMissing
from ledger.records._base import History, Scope
from ledger.records._event import cited
from ledger.records._fields import RecordId, claim
from ledger.records._rule import EXAMPLE_TEXT, RuleText, check_may_publish, text_shape
from ledger.records._shape import Maybe, Shape, Slot
from ledger.records.rule_drafted import RuleDrafted
from ledger.rulebook import RuleVersion
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.registry import Registry


class RulePublished(RuleText):
    """The next version of a rule. It may begin before the log, where no version held; no two hold on one day."""

    KIND: ClassVar[str] = "rule-published"
    LABEL: ClassVar[Mapping[str, str]] = {"zh": "规则发布", "en": "rule published"}
    SHAPE: ClassVar[Shape] = text_shape(draft=Maybe({"record": Slot("draft")}))
    EXAMPLE: ClassVar[Mapping[str, Mapping[str, Json]]] = {"claims": EXAMPLE_TEXT, "disclosed": {}}

    draft: RecordId | None = claim("草案记录", "record of the draft it comes from", None)

    def scope(self) -> Scope:
        """The kind. The authority needs no accreditation."""
        return Scope(self.KIND)

    def reads(self) -> tuple[str, ...]:
        """The draft."""
        return () if self.draft is None else (self.draft,)

    def check(self, history: History) -> None:
        """The rule is the issuer's, and the draft is one of this rule.

        raises  TargetForeign, EvidenceMissing (Refused)
        """
        check_may_publish(self, history)
        if self.draft is not None:
            draft = cited(history, self.draft, RuleDrafted, own=False)
            if (draft.rule, draft.book) != (self.rule, self.book):
                raise EvidenceMissing(f"the cited draft is of rule {draft.rule} in book {draft.book}")

    def fold(self, registry: Registry, *, index: int) -> Registry:
        """One more version.

        raises  RuleBroken, RuleOverlaps (Refused)
        """
        added = RuleVersion(
            rule=self.rule,
            version=self.version,
            book=self.book,
            hash=self.hash,
            publisher=self.issuer,
            content=self.content,
            starts=self.effective_from,
            until=self.effective_until,
            published_at=index,
            title=self.title,
        )
        return replace(registry, rules=registry.rules.with_version(added))
