"""竞赛晋升规则: which honours and which level a contest result gives. Thresholds differ by year, class and team size.

Source: DOMAIN §4.6. A contest never gives a post: 特级技师 and 首席技师 are appointed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.records._fields import Listed, Pattern, Text, UpperCode
from ledger.rules._content import Content, Part

BOOK: Final = "contest-promotion"
LABEL: Final[Mapping[str, str]] = {"zh": "竞赛晋升规则", "en": "promotion by contest results"}
EXAMPLE: Final[Mapping[str, Any]] = {
    "provenance": "observed",
    "source": "第三届全国印刷行业职业技能大赛，2012",
    "series": "第三届全国印刷行业职业技能大赛",
    "rows": [
        {
            "contest_class": "national-1",
            "group": "workers",
            "rank_from": 1,
            "rank_to": 5,
            "honours": ["AW-CN-02"],
            "promote_to_order": 5,
            "if_already_then_plus": 1,
        },
        {
            "contest_class": "national-1",
            "group": "workers",
            "rank_from": 6,
            "rank_to": 20,
            "promote_to_order": 4,
            "if_already_then_plus": 1,
        },
        {
            "contest_class": "national-1",
            "group": "students",
            "rank_from": 1,
            "rank_to": 5,
            "promote_to_order": 4,
        },
    ],
}

ORDER_MAX: Final = 6
"""高级技师: the highest level that a contest gives."""

Name = Annotated[str, Pattern("[A-Za-z][A-Za-z0-9_-]{0,63}")]
Rank = Annotated[int, Field(ge=1, le=10_000)]


class Row(Part):
    """One threshold. What it leaves out, it does not ask for.

    upper_half            the rank lies in the upper half of the participants, as 优胜奖 asks: twice the rank is at most
                          their number. Stands in place of `rank_to`; medals above it have a row of their own
    if_already_then_plus  steps that the result is worth for who has a level already
    """

    contest_class: Name
    group: Name | None = None
    team_size: Annotated[int, Field(ge=1, le=100)] | None = None
    rank_from: Rank
    rank_to: Rank | None = None
    upper_half: Literal[True] | None = None
    honours: Annotated[tuple[UpperCode, ...], Listed(most=16)] | None = None
    promote_to_order: Annotated[int, Field(ge=2, le=ORDER_MAX)] | None = None
    if_already_then_plus: Annotated[int, Field(ge=0, le=2)] = 0

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        if (self.rank_to is None) is (self.upper_half is None):
            raise PydanticCustomError("rank", "has not exactly one of rank_to and upper_half")
        if self.rank_to is not None and self.rank_to < self.rank_from:
            raise PydanticCustomError("rank", "rank_to lies before rank_from")
        if self.honours is None and not self.promotes:
            raise PydanticCustomError("result", "gives neither an honour nor a level")
        return self

    @property
    def promotes(self) -> bool:
        """Whether it gives a level."""
        return self.promote_to_order is not None or self.if_already_then_plus > 0

    def fits(self, *, contest_class: str, group: str, team_size: int, rank: int, participants: int | None) -> bool:
        """Whether a result lies within this threshold."""
        if self.contest_class != contest_class or self.group not in (None, group):
            return False
        if self.team_size not in (None, team_size) or rank < self.rank_from:
            return False
        if self.rank_to is not None:
            return rank <= self.rank_to
        return participants is not None and 2 * rank <= participants


class ContestRule(Content):
    """The thresholds of a contest series, or of all contests of some classes."""

    series: Text | None = None
    rows: Annotated[tuple[Row, ...], Listed(most=256)]


def parse_content(content: Mapping[str, Any]) -> ContestRule:
    """The thresholds of a published rule.

    raises  SchemaInvalid (Refused)
    """
    return ContestRule.parse(content)


def promoted_order(
    rule: ContestRule,
    *,
    contest_class: str,
    group: str,
    team_size: int,
    rank: int,
    participants: int | None,
    current_order: int | None,
) -> int | None:
    """The level that a contest result gives.

    rule           from `parse_content`
    rank           1 is the best; every member of a team has the team's
    participants   how many persons or teams took part; None where nobody said, then no row about the upper half fits
    current_order  highest level in the occupation so far, 1 to 8; None for none
    returns        min(max(promote to, current + steps), 高级技师) of the first row that fits and gives a level, maybe
                   no more than the current level; None where no row fits
    """
    for row in rule.rows:
        if row.promotes and row.fits(
            contest_class=contest_class, group=group, team_size=team_size, rank=rank, participants=participants
        ):
            stepped = None if current_order is None else current_order + row.if_already_then_plus
            reached = [order for order in (row.promote_to_order, stepped) if order is not None]
            return min(max(reached), ORDER_MAX) if reached else None
    return None


def honours_of(
    rule: ContestRule, *, contest_class: str, group: str, team_size: int, rank: int, participants: int | None
) -> tuple[str, ...]:
    """Codes of the honours that a contest result entitles to, of every row that fits, each once."""
    found: list[str] = []
    for row in rule.rows:
        if row.fits(
            contest_class=contest_class, group=group, team_size=team_size, rank=rank, participants=participants
        ):
            found += row.honours or ()
    return tuple(dict.fromkeys(found))
