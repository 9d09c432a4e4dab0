"""双向比照: what a level, title or schooling lets its holder apply for, or be treated like. Never what anybody is.

Source: DOMAIN §0 fact 5, §4.5, S-043 to S-049. Results are computed when asked for and never stored; each says by which
rule and as of which day, in the words 可申报, 享受同等待遇 or 比照.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.records._codes import LEVELS
from ledger.records._fields import Listed, Text
from ledger.rulebook import RuleVersion
from ledger.rules import foreign_list
from ledger.rules._content import Content, Part
from ledger.rules._facts import EDUCATION, TITLE_RANKS, Facts
from ledger.rules.ladder import POSTS
from ledger.rules.years import DAYS_OF_YEAR, worked_days

BOOK: Final = "equivalence"
LABEL: Final[Mapping[str, str]] = {"zh": "双向比照规则", "en": "equivalence"}
EXAMPLE: Final[Mapping[str, Any]] = {
    "provenance": "observed",
    "source": "人社部发〔2018〕74号、鲁人社发〔2020〕16号的公开摘要",
    "rows": [
        {
            "from_kind": "level",
            "from_value": "高级工",
            "to_kind": "title",
            "to_value": "助理工程师",
            "condition": "取得后从事相应工作满2年",
            "nature": "may-apply",
            "work_years_since": 2,
        },
        {
            "from_kind": "level",
            "from_value": "高级工",
            "to_kind": "title",
            "to_value": "助理工程师",
            "condition": "本单位在聘",
            "nature": "same-treatment",
            "in_post": True,
        },
        {
            "from_kind": "schooling",
            "from_value": "senior-class",
            "to_kind": "education",
            "to_value": "大专",
            "condition": "全日制技工院校毕业",
            "nature": "comparable",
            "full_time": True,
        },
    ],
}

WORDING: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "may-apply": {"zh": "可申报{to}", "en": "may apply for {to}"},
        "same-treatment": {"zh": "享受{to}同等待遇", "en": "same treatment as {to}"},
        "comparable": {"zh": "比照{to}", "en": "comparable with {to}"},
    }
)
"""What may be said of each nature, and nothing else."""

PROVENANCE: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "official": {"zh": "", "en": ""},
        "observed": {"zh": "；规则摘自公开信息", "en": "; rule as observed in public notices"},
        "sample": {"zh": "；示例规则", "en": "; sample rule"},
    }
)
"""What the sentence adds about a rule that is not official."""

_ORDER_OF_LEVEL: Final = {level.zh: order for order, level in LEVELS.items()}


class Row(Part):
    """One equivalence. `from_value` names a level, a rank of titles, or a kind of schooling.

    condition         the words of the policy, shown to people
    work_years_since  years of matching work since then
    in_post           the holder is appointed (在聘) at this level
    full_time         the schooling was full-time
    """

    from_kind: Literal["level", "title", "schooling"]
    from_value: Text
    to_kind: Literal["title", "level", "education"]
    to_value: Text
    condition: Text
    nature: Literal["may-apply", "same-treatment", "comparable"]
    work_years_since: Annotated[int, Field(ge=1, le=50)] | None = None
    in_post: Literal[True] | None = None
    full_time: Literal[True] | None = None

    @model_validator(mode="after")
    def _check_values(self) -> Self:
        known: Mapping[str, Any] = {"level": _ORDER_OF_LEVEL, "title": TITLE_RANKS, "schooling": EDUCATION}
        if self.from_value not in known[self.from_kind]:
            raise PydanticCustomError("value", "from_value is no {kind} that rules know", {"kind": self.from_kind})
        if self.to_kind == "level" and self.to_value not in _ORDER_OF_LEVEL:
            raise PydanticCustomError("value", "to_value is no level")
        if self.nature == "same-treatment" and self.in_post is None:
            raise PydanticCustomError("in-post", "the same treatment is for who is in post: in_post must be true")
        is_post = self.from_kind == "level" and _ORDER_OF_LEVEL[self.from_value] in POSTS
        if is_post and self.in_post is None:
            raise PydanticCustomError("in-post", "特级技师 and 首席技师 are posts: in_post must be true")
        return self


class EquivalenceRule(Content):
    """A two-way table of levels, titles and schooling."""

    rows: Annotated[tuple[Row, ...], Listed(most=256)]


@dataclass(frozen=True, slots=True)
class Equivalence:
    """What may be said of a person as of a day, with the rule that says so.

    condition   the words of the policy, whose conditions are met
    provenance  of the rule's content: `official`, `observed` or `sample`
    zh, en      the only sentence to show, complete with rule and day
    """

    to_kind: str
    to_value: str
    nature: str
    condition: str
    rule: str
    version: int
    as_of: date
    provenance: str
    zh: str
    en: str


def parse_content(content: Mapping[str, Any]) -> EquivalenceRule:
    """The table in a published rule.

    raises  SchemaInvalid (Refused)
    """
    return EquivalenceRule.parse(content)


def equivalences(facts: Facts, rules: Iterable[RuleVersion], as_of: date) -> tuple[Equivalence, ...]:
    """All that may be said of a person on a civil date.

    rules    versions of the books `equivalence` and `foreign-list`; only those that hold on the date count
    returns  in the order of rules and rows, each once; not to be stored
    """
    holding = (version for version in rules if version.holds_on(as_of))
    return tuple(
        dict.fromkeys(_said(met, version, as_of) for version in holding for met in _met(version, facts, as_of))
    )


@dataclass(frozen=True, slots=True)
class _Met:
    nature: str
    to_kind: str
    to_value: str
    condition: str
    provenance: str


def _met(version: RuleVersion, facts: Facts, as_of: date) -> Iterator[_Met]:
    """What the rows of one rule give."""
    if version.book == BOOK:
        table = parse_content(version.content)
        for row in table.rows:
            if _is_met(row, facts, as_of):
                yield _Met(row.nature, row.to_kind, row.to_value, row.condition, table.provenance)
    elif version.book == foreign_list.BOOK:
        foreign = foreign_list.parse_content(version.content)
        for one in foreign.entries:
            if one.id in facts.foreign and one.holds_on(as_of):
                level = LEVELS[one.level_order].zh
                yield _Met("comparable", "level", level, one.zh, foreign.provenance)


def _is_met(row: Row, facts: Facts, as_of: date) -> bool:
    """Whether a row's conditions hold. A level counts for its own row, not for those of lower levels."""
    since: date | None
    if row.from_kind == "level":
        order = _ORDER_OF_LEVEL[row.from_value]
        posts = [one.since for one in facts.posts if one.order == order and one.holds_on(as_of)]
        held = [one.since for one in facts.levels if one.order == order and one.since <= as_of]
        if row.in_post and not posts:
            return False
        since = min(posts if order in POSTS else held, default=None)
    elif row.from_kind == "title":
        rank = TITLE_RANKS[row.from_value]
        since = min((one.since for one in facts.titles if one.rank == rank and one.since <= as_of), default=None)
    else:
        since = min(
            (
                one.since
                for one in facts.schooling
                if one.code == row.from_value
                and one.since is not None
                and one.since <= as_of
                and (one.full_time or not row.full_time)
            ),
            default=None,
        )
    if since is None or row.work_years_since is None:
        return since is not None
    return worked_days(facts.work, since=since, until=as_of) >= row.work_years_since * DAYS_OF_YEAR


def _said(met: _Met, version: RuleVersion, as_of: date) -> Equivalence:
    words, marked = WORDING[met.nature], PROVENANCE[met.provenance]
    to = f"{met.to_value}学历" if met.to_kind == "education" else met.to_value
    by_zh = f"依据规则{version.rule}第{version.version}版，截至{as_of}{marked['zh']}"
    by_en = f"rule {version.rule} version {version.version}, as of {as_of}{marked['en']}"
    return Equivalence(
        to_kind=met.to_kind,
        to_value=met.to_value,
        nature=met.nature,
        condition=met.condition,
        rule=version.rule,
        version=version.version,
        as_of=as_of,
        provenance=met.provenance,
        zh=f"{words['zh'].format(to=to)}（{by_zh}）",
        en=f"{words['en'].format(to=to)} ({by_en})",
    )
