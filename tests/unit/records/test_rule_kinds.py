"""Goal: rules are published, superseded and withdrawn only by who may, in order, and never backwards.

Method: a small past of real records, one change a row, in the documented order of checks; Hypothesis for the one thing
that must hold for ever: what held on a day up to today holds on it tomorrow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Refused, SchemaInvalid
from ledger.records import KINDS, kind_class
from ledger.records._base import Record, Scope
from ledger.records._rule import content_hash
from ledger.rulebook import RuleVersion
from ledger.rules._books import BOOKS
from ledger.wire.canonical import format_canonical
from tests.support.past import AUTHORITY, ISSUER, OTHER, TODAY, Past, build, record_of

RULE, BOOK = "CONTEST-NATIONAL", "contest-promotion"
KINDS_HERE = ("rule-drafted", "rule-published", "rule-superseded", "rule-withdrawn")
CONTENT = kind_class("rule-published").EXAMPLE["claims"]["content"]


def on(days: int) -> str:
    """A date so many days after today."""
    return (TODAY + timedelta(days=days)).isoformat()


@pytest.fixture
def past() -> Past:
    """One version of a rule of the issuer, in force without end."""
    past = Past()
    past.log(build("rule-published", {"effective_from": on(-100)}))
    return past


def refusal(
    past: Past, kind: str, claims: dict[str, Any] | None = None, *, issuer: str = ISSUER, group: Sequence[Record] = ()
) -> str | None:
    """The code with which form, rule or fold refuse a record; None when it is accepted, and then it is logged."""
    try:
        record = record_of(kind, claims, issuer=issuer)
        record.check(past.history(issuer=issuer, group=(record, *group)))
        past.registry = past.registry.apply(record, index=len(past.held))
    except Refused as refused:
        return refused.code
    return None


def versions(past: Past, rule: str = RULE) -> list[tuple[int, str | None, str]]:
    held = past.registry.rules.of(rule)
    return [(one.version, one.until and one.until.isoformat(), one.status) for one in held]


# -- form ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS_HERE)
def test_lives_in_the_stream_of_its_rule(kind: str) -> None:
    record = record_of(kind)
    assert (record.PLACE, record.about({})) == ("book", RULE)
    assert sorted(record.SIGNERS) == ["authority", "institution"]
    assert (record.DISCLOSED, record.person(), record.target()) == ((), None, None)
    assert record.REGISTRY is (kind != "rule-drafted")


def test_publishing_and_drafting_are_accredited_ending_is_the_publishers_own() -> None:
    assert [record_of(kind).scope() for kind in KINDS_HERE] == [
        Scope("rule-drafted"),
        Scope("rule-published"),
        None,
        None,
    ]


def test_the_hash_is_that_of_the_canonical_content() -> None:
    payload = build("rule-published").payload["rule"]
    assert payload["hash"] == hashlib.sha256(format_canonical(payload["content"])).hexdigest() == content_hash(CONTENT)


@pytest.mark.parametrize("kind", ["rule-drafted", "rule-published"])
@pytest.mark.parametrize("where", ["hash", "content"])
def test_a_hash_of_other_content_is_refused(kind: str, where: str) -> None:
    record = record_of(kind)
    tree = record.to_payload()
    damaged = {**tree["rule"], where: "0" * 64 if where == "hash" else {**CONTENT, "series": "another"}}
    with pytest.raises(SchemaInvalid, match="/rule/hash"):
        KINDS[record.kind].from_payload({**tree, "rule": damaged}, complete=True)


FORMS: list[tuple[str, str, dict[str, Any], str]] = [
    ("unknown book", "rule-published", {"book": "zzz"}, "/claims/book: no such rule book; the books are "),
    ("no book", "rule-published", {"book": "Contest"}, "/claims/book"),
    ("a book of the wrong type", "rule-published", {"book": 1}, "/claims/book"),
    ("content of another book", "rule-published", {"book": "standard"}, "/claims/content: /"),
    ("no content", "rule-published", {"content": {}}, "/claims/content: /rows"),
    ("content without members", "rule-published", {"content": []}, "/claims/content"),
    (
        "a float in it",
        "rule-published",
        {"content": {**CONTENT, "rows": [{"rank_from": 1.5}]}},
        "/claims/content: /rows/0",
    ),
    (
        "a hidden character",
        "rule-published",
        {"content": {**CONTENT, "series": "a\u202eb"}},
        "/claims/content: a string",
    ),
    ("version 0", "rule-published", {"version": 0}, "/claims/version"),
    ("lower case", "rule-published", {"rule": "contest"}, "/claims/rule"),
    ("ends as it begins", "rule-published", {"effective_until": "2026-07-01"}, "effective_until is not after"),
    ("approved by nobody", "rule-published", {"approved_by": "somebody"}, "/claims/approved_by"),
    ("draft of an unknown book", "rule-drafted", {"book": "zzz"}, "/claims/book"),
    ("superseded by itself", "rule-superseded", {"superseded_by": 1}, "superseded_by is not a later version"),
    ("superseded by an earlier one", "rule-superseded", {"version": 3, "superseded_by": 2}, "not a later version"),
    ("withdrawn without a reason", "rule-withdrawn", {"reason": None}, "/claims/reason"),
]


@pytest.mark.parametrize(("why", "kind", "change", "message"), FORMS, ids=[row[0] for row in FORMS])
def test_form(why: str, kind: str, change: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused) as caught:
        build(kind, change)
    assert caught.value.code in {"schema-invalid", "identifier-malformed"}
    assert message in str(caught.value)
    assert "zzz" not in str(caught.value)


@pytest.mark.parametrize("book", sorted(BOOKS))
def test_every_book_can_be_published(book: str) -> None:
    claims = {"rule": "R", "book": book, "content": dict(BOOKS[book].EXAMPLE)}
    past = Past()
    assert refusal(past, "rule-published", claims) is None
    held = past.registry.rules.in_force(book, on=date(2026, 7, 1))
    assert [(one.rule, one.hash, one.title) for one in held] == [("R", content_hash(claims["content"]), record_title())]


def record_title() -> str:
    return str(kind_class("rule-published").EXAMPLE["claims"]["title"])


# -- publishing ----------------------------------------------------------------------------------------------------------

NEXT = {"version": 2, "effective_from": on(30)}
OPEN = {"effective_until": on(30)}

PUBLISHING: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("of another's rule", {**NEXT}, OTHER, "target-foreign"),
    ("an unknown draft", {**NEXT, "draft": "0" * 64}, ISSUER, "evidence-missing"),
    ("version 1 again", {**NEXT, "version": 1}, ISSUER, "rule-broken"),
    ("version 3 next", {**NEXT, "version": 3}, ISSUER, "rule-broken"),
    (
        "in another book",
        {**NEXT, "book": "code-table", "content": dict(BOOKS["code-table"].EXAMPLE)},
        ISSUER,
        "rule-broken",
    ),
    ("while the first has no end", NEXT, ISSUER, "rule-overlaps"),
    ("into the first", {**NEXT, "effective_from": on(-200), "effective_until": on(-99)}, ISSUER, "rule-overlaps"),
    ("before the first", {**NEXT, "effective_from": on(-200), "effective_until": on(-100)}, ISSUER, None),
    ("another rule", {"rule": "CONTEST-OTHER"}, OTHER, None),
]


@pytest.mark.parametrize(("why", "claims", "issuer", "code"), PUBLISHING, ids=[row[0] for row in PUBLISHING])
def test_publishing(past: Past, why: str, claims: dict[str, Any], issuer: str, code: str | None) -> None:
    assert refusal(past, "rule-published", claims, issuer=issuer) == code


def test_the_authority_may_go_on_with_a_rule_and_it_is_then_its_own() -> None:
    past = Past()
    past.log(build("rule-published", {"effective_until": on(30)}))
    assert refusal(past, "rule-published", {"version": 2, **DATES}, issuer=AUTHORITY) is None
    assert refusal(past, "rule-published", {"version": 3, "effective_from": on(90)}) == "target-foreign"


DATES = {"effective_from": on(30), "effective_until": on(60)}


def test_a_draft_changes_nothing_and_may_be_cited(past: Past) -> None:
    before = past.registry.rules
    draft = past.log(build("rule-drafted", {"version": 2, "effective_from": on(-5)}, issuer=OTHER))
    assert past.registry.rules == before
    claims = {"version": 2, "effective_from": on(-200), "effective_until": on(-100), "draft": draft}
    assert record_of("rule-published", claims).reads() == (draft,)
    assert refusal(past, "rule-published", claims) is None


@pytest.mark.parametrize(
    ("kind", "claims"),
    [
        ("rule-published", {"rule": "CONTEST-OTHER"}),
        ("rule-drafted", {"rule": "CONTEST-OTHER"}),
        ("rule-drafted", {"book": "code-table", "content": dict(BOOKS["code-table"].EXAMPLE)}),
    ],
    ids=["published, not drafted", "of another rule", "of another book"],
)
def test_a_foreign_draft_is_refused(past: Past, kind: str, claims: dict[str, Any]) -> None:
    draft = past.log(build(kind, claims))
    found = {"version": 2, "effective_from": on(-200), "effective_until": on(-100), "draft": draft}
    assert refusal(past, "rule-published", found) == "evidence-missing"


# -- superseding and withdrawing -------------------------------------------------------------------------------------------


def successor(**changes: Any) -> Record:
    return record_of("rule-published", {"version": 2, "effective_from": on(30), **changes})


SUPERSEDING: list[tuple[str, tuple[str, dict[str, Any]], dict[str, Any] | None, str | None]] = [
    ("what is not published", (ISSUER, {"version": 7, "superseded_by": 8}), {}, "rule-not-in-force"),
    ("another's rule", (OTHER, {}), {}, "target-foreign"),
    ("yesterday", (ISSUER, {"effective_from": on(-1)}), {"effective_from": on(-1)}, "rule-broken"),
    ("today", (ISSUER, {"effective_from": on(0)}), {"effective_from": on(0)}, "rule-broken"),
    ("without the successor", (ISSUER, {}), None, "group-incomplete"),
    ("with another rule's version", (ISSUER, {}), {"rule": "CONTEST-OTHER"}, "group-incomplete"),
    ("with another version", (ISSUER, {}), {"version": 3}, "group-incomplete"),
    ("with a day between", (ISSUER, {}), {"effective_from": on(31)}, "group-incomplete"),
    ("tomorrow", (ISSUER, {"effective_from": on(1)}), {"effective_from": on(1)}, None),
    ("in a month", (ISSUER, {}), {}, None),
    ("by the authority", (AUTHORITY, {}), {}, None),
]


@pytest.mark.parametrize(("why", "ending", "new", "code"), SUPERSEDING, ids=[row[0] for row in SUPERSEDING])
def test_superseding(
    past: Past, why: str, ending: tuple[str, dict[str, Any]], new: dict[str, Any] | None, code: str | None
) -> None:
    issuer, claims = ending
    group = () if new is None else (successor(**new),)
    assert refusal(past, "rule-superseded", {"effective_from": on(30), **claims}, issuer=issuer, group=group) == code


def test_a_draft_of_the_successor_is_no_successor(past: Past) -> None:
    draft = record_of("rule-drafted", {"version": 2, "effective_from": on(30)})
    assert refusal(past, "rule-superseded", {"effective_from": on(30)}, group=(draft,)) == "group-incomplete"


def test_no_day_without_a_rule(past: Past) -> None:
    """The group in its order: the old version ends on the day on which the new one begins."""
    new = successor()
    assert refusal(past, "rule-superseded", {"effective_from": on(30)}, group=(new,)) is None
    past.registry = past.registry.apply(new, index=9)
    assert versions(past) == [(1, on(30), "SUPERSEDED"), (2, None, "PUBLISHED")]
    held = [past.registry.rules.in_force(BOOK, on=TODAY + timedelta(days=n))[0].version for n in (29, 30)]
    assert held == [1, 2]


WITHDRAWING: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("what is not published", {"version": 2}, ISSUER, "rule-not-in-force"),
    ("another rule", {"rule": "CONTEST-OTHER"}, ISSUER, "rule-not-in-force"),
    ("another's rule", {}, OTHER, "target-foreign"),
    ("yesterday", {"effective_until": on(-1)}, ISSUER, "rule-broken"),
    ("today", {"effective_until": on(0)}, ISSUER, "rule-broken"),
    ("tomorrow", {"effective_until": on(1)}, ISSUER, None),
    ("by the authority", {}, AUTHORITY, None),
]


@pytest.mark.parametrize(("why", "claims", "issuer", "code"), WITHDRAWING, ids=[row[0] for row in WITHDRAWING])
def test_withdrawing(past: Past, why: str, claims: dict[str, Any], issuer: str, code: str | None) -> None:
    assert refusal(past, "rule-withdrawn", {"effective_until": on(30), **claims}, issuer=issuer) == code
    assert versions(past)[0][2] == ("PUBLISHED" if code else "WITHDRAWN")


def test_an_end_is_never_moved_back(past: Past) -> None:
    for until, code in ((30, None), (30, "rule-not-in-force"), (31, "rule-not-in-force"), (29, None)):
        assert refusal(past, "rule-withdrawn", {"effective_until": on(until)}) == code


def test_what_never_came_into_force_ends_on_the_day_it_would_start() -> None:
    """And gives its days free: the next version may have them."""
    past = Past()
    past.log(build("rule-published", {"effective_from": on(10)}))
    assert refusal(past, "rule-withdrawn", {"effective_until": on(9)}) == "rule-not-in-force"
    assert refusal(past, "rule-withdrawn", {"effective_until": on(10)}) is None
    assert refusal(past, "rule-published", {"version": 2, "effective_from": on(5)}) is None
    assert versions(past) == [(1, on(10), "WITHDRAWN"), (2, None, "PUBLISHED")]


# -- for ever --------------------------------------------------------------------------------------------------------------

days = st.integers(-40, 40)
acts = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 15), days, st.none()),
    st.tuples(st.just("publish"), st.just(0), days, st.none() | days),
    st.tuples(st.just("supersede"), st.integers(1, 3), days, st.none() | days),
    st.tuples(st.just("withdraw"), st.integers(1, 3), days, st.none()),
)


def submit(past: Past, today: date, *records: Record) -> None:
    """A group: all of it, or nothing."""
    before = past.registry
    try:
        for record in records:
            record.check(replace(past.history(group=records), today=today))
            past.registry = past.registry.apply(record, index=past.registry.size)
    except Refused:
        past.registry = before


@settings(max_examples=60)
@given(st.lists(acts, min_size=1, max_size=10))
def test_what_held_up_to_today_holds_for_ever(sequence: list[tuple[str, int, int, int | None]]) -> None:
    past, today = Past(), TODAY
    known: dict[date, RuleVersion] = {}
    for what, number, start, until in sequence:
        count = len(past.registry.rules.of(RULE))
        starts = (today + timedelta(days=start)).isoformat()
        ends = None if until is None else (today + timedelta(days=until)).isoformat()
        text = {"version": count + 1, "effective_from": starts, "effective_until": ends}
        if what == "wait":
            today += timedelta(days=number)
        elif what == "withdraw":
            submit(past, today, record_of("rule-withdrawn", {"version": number, "effective_until": starts}))
        elif until is None or until > start:
            records = [record_of("rule-published", text)]
            if what == "supersede" and count + 1 > number:
                claims = {"version": number, "superseded_by": count + 1, "effective_from": starts}
                records.insert(0, record_of("rule-superseded", claims))
            submit(past, today, *records)
        for back in range(60):
            one = today - timedelta(days=back)
            held = past.registry.rules.in_force(BOOK, on=one)
            assert len(held) <= 1
            assert one not in known or [known[one].version] == [found.version for found in held]
            known |= {one: held[0]} if held else {}
