"""Goal: no two versions of a rule ever hold on one day, whatever is published, superseded and withdrawn, in any order.

Method: Hypothesis drives a rule book through any sequence of acts and compares it with a calendar that is marked day by
day; worked cases for the bounds.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Refused, RuleBroken, RuleNotInForce, RuleOverlaps
from ledger.rulebook import RuleBook, RuleVersion

FIRST, SPAN = date(2026, 1, 1), 40
RULE, OTHER, BOOK = "R-1", "R-2", "standard"


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def version(
    number: int,
    starts: int,
    until: int | None = None,
    *,
    rule: str = RULE,
    book: str = BOOK,
    occupation: str | None = None,
) -> RuleVersion:
    content = {} if occupation is None else {"occupation": occupation}
    ends = None if until is None else day(until)
    return RuleVersion(
        rule, number, book, f"{number:064x}", "https://a.example.cn/1", content, day(starts), ends, number
    )


@dataclass
class Calendar:
    """The naive rule book: for each day the versions that hold on it. `SPAN` stands for every day after the last one."""

    holds: dict[int, set[int]] = field(default_factory=lambda: {n: set() for n in range(SPAN + 1)})
    starts: dict[int, int] = field(default_factory=dict)

    def publish(self, number: int, starts: int, until: int | None) -> bool:
        wanted = [n for n in self.holds if starts <= n and (until is None or n < until)]
        if (
            number != len(self.starts) + 1
            or (until is not None and until <= starts)
            or any(self.holds[n] for n in wanted)
        ):
            return False
        for n in wanted:
            self.holds[n].add(number)
        self.starts[number] = starts
        return True

    def end(self, number: int, until: int) -> bool:
        lost = [n for n, held in self.holds.items() if number in held and n >= until]
        if number not in self.starts or until < self.starts[number] or not lost:
            return False
        for n in lost:
            self.holds[n].discard(number)
        return True


numbers, places = st.integers(1, 5), st.integers(0, SPAN - 1)
acts = st.one_of(
    st.tuples(st.just("publish"), numbers, places, st.none() | places),
    st.tuples(st.just("next"), st.just(0), places, st.none() | places),
    st.tuples(st.just("end"), numbers, places, st.none()),
    st.tuples(st.just("supersede"), numbers, places, st.none() | places),
)


def apply(book: RuleBook, calendar: Calendar, act: tuple[str, int, int, int | None]) -> RuleBook:
    """The book after one act; the calendar must accept and refuse the same."""
    what, number, at, until = act
    if what == "supersede":
        # A successor from the day on which the old version ends, both or neither.
        if calendar.end(number, at):
            book = book.ended(RULE, number, until=day(at), ended_as="superseded")
            return apply(book, calendar, ("next", 0, at, until))
        what = "end"
    if what in ("publish", "next"):
        number = len(calendar.starts) + 1 if what == "next" else number
        change: Callable[[], RuleBook] = lambda: book.with_version(version(number, at, until))  # noqa: E731
        accepted = calendar.publish(number, at, until)
    else:
        change = lambda: book.ended(RULE, number, until=day(at))  # noqa: E731
        accepted = calendar.end(number, at)
    if not accepted:
        with pytest.raises(Refused):
            change()
        return book
    return change()


@given(st.lists(acts, max_size=12))
def test_no_day_has_two_versions(sequence: list[tuple[str, int, int, int | None]]) -> None:
    book, calendar = RuleBook(), Calendar()
    for act in sequence:
        book = apply(book, calendar, act)
        held = book.of(RULE)
        assert [one.version for one in held] == list(range(1, len(held) + 1)), "numbered without gaps"
        for n, expected in calendar.holds.items():
            on = day(n if n < SPAN else 10_000)
            assert {one.version for one in held if one.holds_on(on)} == expected
            assert [one.version for one in book.in_force(BOOK, on=on)] == sorted(expected)
            assert len(expected) <= 1


ENDINGS = [
    # published [10, until), ended at, result
    (None, 20, 20),
    (None, 10, 10),
    (None, 9, RuleNotInForce),
    (30, 20, 20),
    (30, 30, RuleNotInForce),
    (30, 31, RuleNotInForce),
]


@pytest.mark.parametrize(("until", "at", "expected"), ENDINGS)
def test_a_version_only_ever_ends_earlier(until: int | None, at: int, expected: int | type[Refused]) -> None:
    book = RuleBook().with_version(version(1, 10, until))
    if not isinstance(expected, int):
        with pytest.raises(expected):
            book.ended(RULE, 1, until=day(at))
        return
    ended = book.ended(RULE, 1, until=day(at), ended_as="withdrawn").find(RULE, 1)
    assert ended is not None
    assert (ended.until, ended.status) == (day(expected), "WITHDRAWN")
    assert [one.status for one in book.of(RULE)] == ["PUBLISHED"]


REFUSALS: list[tuple[str, RuleVersion, type[Refused]]] = [
    ("version 1 again", version(1, 30), RuleBroken),
    ("a gap in the numbers", version(3, 30), RuleBroken),
    ("another book", version(2, 30, book="code-table"), RuleBroken),
    ("ends as it begins", version(2, 30, 30), RuleBroken),
    ("from the last day of the first", version(2, 19), RuleOverlaps),
    ("around the first", version(2, 5), RuleOverlaps),
    ("inside the first", version(2, 12, 13), RuleOverlaps),
    ("into the first", version(2, 5, 11), RuleOverlaps),
]


@pytest.mark.parametrize(("why", "added", "error"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_refuses(why: str, added: RuleVersion, error: type[Refused]) -> None:
    book = RuleBook().with_version(version(1, 10, 20))
    with pytest.raises(error):
        book.with_version(added)


@pytest.mark.parametrize("added", [version(2, 20), version(2, 5, 10), version(1, 10, 20, rule=OTHER)])
def test_accepts_what_touches_nothing(added: RuleVersion) -> None:
    RuleBook().with_version(version(1, 10, 20)).with_version(added)


def test_two_versions_without_end_meet_on_the_last_day_of_the_calendar() -> None:
    book = RuleBook().with_version(version(1, 0))
    last = RuleVersion(RULE, 2, BOOK, "0" * 64, "u", {}, date.max, None, 2)
    with pytest.raises(RuleOverlaps):
        book.with_version(last)


CITATIONS = [
    ("as published", (RULE, 1, 1, BOOK, 10), True),
    ("on its last day", (RULE, 1, 1, BOOK, 19), True),
    ("before it began", (RULE, 1, 1, BOOK, 9), False),
    ("on the day it ended", (RULE, 1, 1, BOOK, 20), False),
    ("another hash", (RULE, 1, 2, BOOK, 10), False),
    ("another version", (RULE, 2, 1, BOOK, 10), False),
    ("another rule", (OTHER, 1, 1, BOOK, 10), False),
    ("another book", (RULE, 1, 1, "code-table", 10), False),
]


@pytest.mark.parametrize(("why", "cited", "holds"), CITATIONS, ids=[row[0] for row in CITATIONS])
def test_citing(why: str, cited: tuple[str, int, int, str, int], holds: bool) -> None:
    book = RuleBook().with_version(version(1, 10, 20))
    rule, number, digest, name, on = cited
    if holds:
        assert book.cited(rule, number, f"{digest:064x}", book=name, on=day(on)).version == 1
    else:
        with pytest.raises(RuleNotInForce):
            book.cited(rule, number, f"{digest:064x}", book=name, on=day(on))


def test_ending_what_is_not_published() -> None:
    with pytest.raises(RuleNotInForce):
        RuleBook().ended(RULE, 1, until=day(1))


def test_rules_are_found_by_book_and_occupation() -> None:
    book = RuleBook()
    for rule, number, name, occupation, starts in (
        ("A", 1, BOOK, "6-31-01-03", 0), ("B", 1, BOOK, "6-18-02-04", 0), ("C", 1, "code-table", None, 0),
        ("0", 1, BOOK, "6-31-01-03", 0),
    ):  # fmt: skip
        book = book.with_version(version(number, starts, 20, rule=rule, book=name, occupation=occupation))
    book = book.with_version(version(2, 20, rule="A", occupation="6-18-02-04"))

    def names(occupation: str | None, on: int, name: str = BOOK) -> list[str]:
        return [one.rule for one in book.in_force(name, on=day(on), occupation=occupation)]

    assert names(None, 0) == ["0", "A", "B"]
    assert names(None, 20) == ["A"]
    assert names("6-31-01-03", 0) == ["0", "A"]
    assert names("6-31-01-03", 20) == []
    assert names("6-18-02-04", 0) == ["B"]
    assert names("6-18-02-04", 20) == ["A"]
    assert names(None, 0, "code-table") == ["C"]
    assert names(None, 0, "zzz") == []


def test_a_rule_book_goes_to_another_process() -> None:
    book = RuleBook().with_version(version(1, 10, 20, occupation="6-31-01-03"))
    again = pickle.loads(pickle.dumps(book))
    assert again.of(RULE) == book.of(RULE)
    assert again.in_force(BOOK, on=day(10), occupation="6-31-01-03") == list(book.of(RULE))
