"""晋升申报条件: which conditions lead to a level, and what a person still lacks for each of them.

Source: DOMAIN §4.4. Individual standards differ, so the conditions are content of published rules. Years are counted in
days of work, 365 to a year, so that every answer is a whole number.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.records._fields import Listed, OccupationPrefix, Pattern, Text
from ledger.registry import ANY, has_prefix
from ledger.rulebook import RuleBook, RuleVersion
from ledger.rules._content import Content, Part
from ledger.rules._facts import EDUCATION, TITLE_RANKS, Facts
from ledger.rules.ladder import TOP_CERTIFICATE
from ledger.rules.years import DAYS_OF_YEAR, Interval, continuous_since, worked_days

BOOK: Final = "promotion-conditions"
LABEL: Final[Mapping[str, str]] = {"zh": "晋升申报条件", "en": "conditions for a level"}
EXAMPLE: Final[Mapping[str, Any]] = {
    "provenance": "observed",
    "source": "国家职业标准编制技术规程（2023年版）体例，以各职业标准为准",
    "targets": [
        {
            "order": 4,
            "any_of": [
                {"text": "累计从事本职业或相关职业工作满10年", "work_years": 10},
                {"text": "取得四级后累计从事本职业或相关职业工作满4年", "level": 3, "work_years_since_level": 4},
                {
                    "text": "取得技工院校高级工班及以上毕业证书",
                    "education": ["senior-class", "technician-class"],
                },
            ],
        }
    ],
}

Years = Annotated[int, Field(ge=1, le=50)]
Title = Annotated[str, Pattern("|".join(TITLE_RANKS))]
Education = Annotated[str, Pattern("|".join(EDUCATION))]


class Condition(Part):
    """One way to a level: everything it names must hold. Years of work are in the occupation or a related one.

    text                      the words of the standard, shown to people
    work_years                years of work in total; `continuous` where a break starts them anew
    level                     order of a level held, or a higher one
    work_years_since_level    years of work since then; `years_since_level` are years of the calendar
    title                     rank of a professional title held, or a higher one, in a matching field
    education                 kinds of schooling, any one of them, in a matching field
    """

    text: Text
    min_age: Annotated[int, Field(ge=14, le=80)] | None = None
    work_years: Years | None = None
    continuous: Literal[True] | None = None
    level: Annotated[int, Field(ge=2, le=TOP_CERTIFICATE)] | None = None
    work_years_since_level: Years | None = None
    years_since_level: Years | None = None
    title: Title | None = None
    work_years_since_title: Years | None = None
    education: Annotated[tuple[Education, ...], Listed(most=16)] | None = None

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        if all(one is None for one in (self.min_age, self.work_years, self.level, self.title, self.education)):
            raise PydanticCustomError("condition", "demands nothing")
        since_level = self.work_years_since_level is not None or self.years_since_level is not None
        if (since_level and self.level is None) or (self.work_years_since_title is not None and self.title is None):
            raise PydanticCustomError("condition", "counts years since a level or title that it does not name")
        if self.continuous is not None and self.work_years is None:
            raise PydanticCustomError("condition", "continuous needs work_years")
        return self


class Target(Part):
    """A level and the ways to it."""

    order: Annotated[int, Field(ge=2, le=TOP_CERTIFICATE)]
    any_of: Annotated[tuple[Condition, ...], Listed(most=32)]

    @model_validator(mode="after")
    def _check_levels(self) -> Self:
        if any(one.level is not None and one.level >= self.order for one in self.any_of):
            raise PydanticCustomError("level", "a condition demands the level it leads to, or a higher one")
        return self


class PromotionRule(Content):
    """Conditions for the levels of an occupation, or of all occupations."""

    occupation: OccupationPrefix = ANY
    targets: Annotated[tuple[Target, ...], Listed(most=5)]

    @model_validator(mode="after")
    def _check_orders(self) -> Self:
        if len({one.order for one in self.targets}) != len(self.targets):
            raise PydanticCustomError("order", "two targets have one order")
        return self

    def target(self, order: int) -> Target | None:
        """The conditions for a level."""
        return next((one for one in self.targets if one.order == order), None)


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a condition demands, in whole numbers.

    what   `age`, `work`, `continuous-work`, `level`, `work-since-level`, `years-since-level`, `title`,
           `work-since-title` or `education`
    unit   of the three numbers: `years`, `days` of work, `order` of a level, `rank` of a title, `diplomas`
    """

    what: str
    unit: str
    needed: int
    found: int

    @property
    def missing(self) -> int:
        """How much is missing; 0 where it is met."""
        return max(0, self.needed - self.found)


@dataclass(frozen=True, slots=True)
class Option:
    """One condition for a level and what of it is met."""

    text: str
    needs: tuple[Need, ...]

    @property
    def is_met(self) -> bool:
        """Whether nothing is missing."""
        return all(need.missing == 0 for need in self.needs)


def parse_content(content: Mapping[str, Any]) -> PromotionRule:
    """The conditions in a published rule.

    raises  SchemaInvalid (Refused)
    """
    return PromotionRule.parse(content)


def missing_for(target: Target, facts: Facts, as_of: date) -> tuple[Option, ...]:
    """For each condition of a level, in the rule's order, what is met and what is missing on a civil date.

    The level is open as soon as one option is met. More work never makes more missing.
    """
    return tuple(Option(one.text, tuple(_needs(one, facts, as_of))) for one in target.any_of)


def rule_for(rules: RuleBook, occupation: str, *, on: date) -> tuple[RuleVersion, PromotionRule] | None:
    """The rule whose conditions hold for an occupation on a civil date: the one for its narrowest group.

    returns  the published version and its content; None where no rule covers the occupation
    """
    prefixes = [(version.content.get("occupation", ANY), version) for version in rules.in_force(BOOK, on=on)]
    fitting = [(prefix, version) for prefix, version in prefixes if has_prefix(occupation, prefix)]
    if not fitting:
        return None
    _, narrowest = max(fitting, key=lambda one: 0 if one[0] == ANY else len(one[0]))
    return narrowest, parse_content(narrowest.content)


def _needs(condition: Condition, facts: Facts, as_of: date) -> Iterator[Need]:
    if condition.min_age is not None:
        yield Need("age", "years", condition.min_age, _years(facts.born, as_of))
    if condition.work_years is not None:
        if condition.continuous:
            begun = continuous_since(facts.work, facts.protected, as_of=as_of)
            work = (*facts.work, *facts.protected)
            yield _worked("continuous-work", condition.work_years, work, since=begun, as_of=as_of)
        else:
            yield _worked("work", condition.work_years, facts.work, since=date.min, as_of=as_of)
    if condition.level is not None:
        yield from _level_needs(condition, condition.level, facts, as_of)
    if condition.title is not None:
        rank = TITLE_RANKS[condition.title]
        since = facts.title_since(rank, on=as_of)
        yield Need("title", "rank", rank, max((one.rank for one in facts.titles if one.since <= as_of), default=0))
        if condition.work_years_since_title is not None:
            yield _worked("work-since-title", condition.work_years_since_title, facts.work, since=since, as_of=as_of)
    if condition.education is not None:
        held = {one.code for one in facts.schooling if one.since is None or one.since <= as_of}
        yield Need("education", "diplomas", 1, 1 if held & set(condition.education) else 0)


def _level_needs(condition: Condition, level: int, facts: Facts, as_of: date) -> Iterator[Need]:
    since = facts.level_since(level, on=as_of)
    highest = max((one.order for one in facts.levels if one.since <= as_of), default=0)
    yield Need("level", "order", level, highest)
    if condition.work_years_since_level is not None:
        yield _worked("work-since-level", condition.work_years_since_level, facts.work, since=since, as_of=as_of)
    if condition.years_since_level is not None:
        yield Need("years-since-level", "years", condition.years_since_level, _years(since, as_of))


def _worked(what: str, years: int, work: tuple[Interval, ...], *, since: date | None, as_of: date) -> Need:
    found = 0 if since is None else worked_days(work, since=since, until=as_of)
    return Need(what, "days", years * DAYS_OF_YEAR, found)


def _years(first: date | None, as_of: date) -> int:
    """Anniversaries of a day so far; one of 29 February falls on the 28th in other years."""
    if first is None or first > as_of:
        return 0
    day = 28 if (first.month, first.day) == (2, 29) and not isleap(as_of.year) else first.day
    return as_of.year - first.year - ((as_of.month, as_of.day) < (first.month, day))
