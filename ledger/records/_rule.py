"""What the kinds of rule books share: the stream is the rule's, and a rule belongs to who published it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from ledger.errors import Refused, RuleBroken, RuleNotInForce, TargetForeign
from ledger.records._base import History
from ledger.records._event import Event, event_shape
from ledger.records._fields import AS_DATE, CivilDate, Code, Text, UpperCode, Uscc, claim
from ledger.records._shape import Derived, Shape, Slot
from ledger.rules._books import book_of
from ledger.rules.contest import EXAMPLE as EXAMPLE_CONTENT
from ledger.wire.canonical import Json, format_canonical

Version = Annotated[int, Field(ge=1, le=10_000)]

EXAMPLE_TEXT: Mapping[str, Json] = {
    "rule": "CONTEST-NATIONAL",
    "version": 1,
    "book": "contest-promotion",
    "title": "全国行业职业技能竞赛晋升规则（示例）",
    "content": dict(EXAMPLE_CONTENT),
    "document": "示例人社发〔2026〕12号",
    "approved_by": "11320000MB0000000D",
    "effective_from": "2026-07-01",
}


def text_shape(**body: Shape) -> Shape:
    """The shape of a record that holds a rule's text. The hash is derived: it cannot differ from the content."""
    return event_shape(
        rule={
            "id": Slot("rule"),
            "version": Slot("version"),
            "book": Slot("book"),
            "title": Slot("title"),
            "content": Slot("content"),
            "hash": Derived(lambda record: record.hash),
            "document": Slot("document"),
            "approvedBy": Slot("approved_by"),
            "from": Slot("effective_from", AS_DATE),
            "until": Slot("effective_until", AS_DATE),
        },
        **body,
    )


def content_hash(content: Mapping[str, Json]) -> str:
    """Lowercase hex SHA-256 of a content's canonical JSON: what records cite.

    raises  NotCanonical (Refused)
    """
    return hashlib.sha256(format_canonical(dict(content))).hexdigest()


class RuleEvent(Event):
    """An event in the stream of a rule, signed by the authority or by an institution that keeps rules."""

    PLACE: ClassVar[str] = "book"
    SIGNERS: ClassVar[frozenset[str]] = frozenset({"authority", "institution"})

    rule: UpperCode = claim("规则编号", "number of the rule, the same for all its versions")
    version: Version = claim("版本", "version, from 1 without gaps")

    def about(self, uscc_by_issuer: Mapping[str, str]) -> str:  # noqa: ARG002  other kinds need the registry
        """The number of the rule, whose stream the record lives in."""
        return self.rule


class RuleText(RuleEvent):
    """A rule's text: a book, and content that the book understands."""

    book: Code = claim("规则簿", "rule book")
    title: Text = claim("规则名称", "title")
    content: dict[str, Any] = claim("规则内容", "content, as the rule book has it")
    document: Text | None = claim("文件号", "document that approves it", None)
    approved_by: Uscc | None = claim("批准单位", "credit code of the body that approved it", None)
    effective_from: CivilDate = claim("生效日期", "first day on which it holds")
    effective_until: CivilDate | None = claim("失效日期", "first day on which it no longer holds", None)

    @field_validator("book")
    @classmethod
    def _check_book(cls, value: str) -> str:
        try:
            book_of(value)
        except Refused as unknown:
            raise PydanticCustomError("book", "{reason}", {"reason": str(unknown)}) from None
        return value

    @field_validator("content")
    @classmethod
    def _check_content(cls, value: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        book = info.data.get("book")
        try:
            if book is not None:
                book_of(book).parse_content(value)
            format_canonical(value)
        except Refused as refused:
            raise PydanticCustomError("content", "{reason}", {"reason": str(refused)}) from None
        return value

    @model_validator(mode="after")
    def _check_period(self) -> Self:
        if self.effective_until is not None and self.effective_until <= self.effective_from:
            raise PydanticCustomError("period", "effective_until is not after effective_from")
        return self

    @property
    def hash(self) -> str:
        """What records cite of the content."""
        return content_hash(self.content)


def check_may_publish(event: RuleText, history: History) -> None:
    """Who adds a version speaks for who published the one before: its publisher, a successor or the authority.

    raises  TargetForeign (Refused)
    """
    held = history.registry.rules.of(event.rule)
    if held and not history.registry.acts_for(event.issuer, held[-1].publisher):
        raise TargetForeign("the rule belongs to another publisher; take a rule number of your own")


def check_may_end(event: RuleEvent, history: History, *, until: date) -> None:
    """A version ends tomorrow at the earliest, on the word of its publisher, a successor or the authority.

    What held on a day up to today was relied on, by records that this log accepted; so that stays as it was. A version
    that never came into force starts later than today and can end on the day it would start.

    until   first day on which it no longer holds
    raises  RuleNotInForce, TargetForeign, RuleBroken (Refused)
    """
    found = history.registry.rules.find(event.rule, event.version)
    if found is None:
        raise RuleNotInForce(f"rule {event.rule} version {event.version} is not published")
    if not history.registry.acts_for(event.issuer, found.publisher):
        raise TargetForeign("only the publisher of the rule, its successor or the authority may end it")
    if until <= history.today:
        raise RuleBroken(f"a rule is not ended backwards: expected a day after {history.today}, found {until}")
