"""Goal: every rule book is one file that says what it is and takes only its own content; one file more is one book more."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import ledger.rules as package
from ledger.errors import SchemaInvalid
from ledger.rulebook import RuleBook, RuleVersion
from ledger.rules import codetable, foreign_list, qualification_catalogue, training_catalogue
from ledger.rules._books import BOOKS, _discover, book_of
from ledger.wire.canonical import format_canonical, parse_canonical

NEW = """
'''A book that did not exist before.'''
from ledger.rules._content import Content
BOOK, LABEL, EXAMPLE = {name!r}, {{"zh": "新", "en": "new"}}, {{}}
parse_content = Content.parse
"""


def book(*rules: tuple[str, str, dict[str, Any]]) -> RuleBook:
    """A rule book of contents in force from 2020 on: (rule, book, content)."""
    made = RuleBook()
    for number, (rule, name, content) in enumerate(rules):
        version = RuleVersion(
            rule, 1, name, "0" * 64, "https://a.example.cn/1", content, date(2020, 1, 1), None, number
        )
        made = made.with_version(version)
    return made


def test_the_books_are_these() -> None:
    assert set(BOOKS) >= {
        "code-table", "contest-promotion", "equivalence", "foreign-list", "promotion-conditions",
        "qualification-catalogue", "standard", "training-catalogue",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(BOOKS))
def test_example_is_content(name: str) -> None:
    found = book_of(name)
    assert found.LABEL.keys() == {"zh", "en"}
    content = parse_canonical(format_canonical(dict(found.EXAMPLE)))
    assert found.parse_content(content) == found.parse_content(found.EXAMPLE)
    assert found.parse_content(content).provenance in {"official", "observed", "sample"}


@pytest.mark.parametrize("name", sorted(BOOKS))
def test_content_is_strict_at_every_depth(name: str) -> None:
    """A member too many is refused wherever it stands, and its name is not echoed."""
    for place in objects(dict(book_of(name).EXAMPLE)):
        content = copy.deepcopy(dict(book_of(name).EXAMPLE))
        node: Any = content
        for step in place:
            node = node[step]
        node["zzz-secret"] = 1
        with pytest.raises(SchemaInvalid) as caught:
            book_of(name).parse_content(content)
        assert f"/{'/'.join(map(str, place))}: " in str(caught.value)
        assert "zzz-secret" not in str(caught.value)


def objects(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, dict):
        yield at
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from objects(value, (*at, key))


def test_unknown_book() -> None:
    with pytest.raises(SchemaInvalid, match="contest-promotion"):
        book_of("zzz")


@pytest.fixture
def planted(tmp_path: Path) -> Iterator[Path]:
    package.__path__.append(str(tmp_path))
    yield tmp_path
    package.__path__.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("ledger.rules.planted_")]:
        del sys.modules[name]


def test_a_new_file_is_a_new_book(planted: Path) -> None:
    (planted / "planted_credit.py").write_text(NEW.format(name="planted-credit"))
    assert set(_discover()) == {*BOOKS, "planted-credit"}


def test_two_files_of_one_book_are_refused(planted: Path) -> None:
    (planted / "planted_twice.py").write_text(NEW.format(name="standard"))
    with pytest.raises(RuntimeError, match="standard"):
        _discover()


ANEW = """
import importlib, sys
for name in sys.argv[1:]:
    for loaded in [one for one in sys.modules if one.partition(".")[0] == "ledger"]:
        del sys.modules[loaded]
    print(importlib.import_module(name).__name__)
"""


def test_any_module_may_be_imported_first() -> None:
    """Records import rules and rules import the underscore files of records: no order of loading breaks that."""
    names = [
        "ledger.rules.contest",
        "ledger.rules._books",
        "ledger.rules.equivalence",
        "ledger.records",
        "ledger.rules",
    ]
    done = subprocess.run([sys.executable, "-c", ANEW, *names], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, names), done.stderr


# -- dated tables ------------------------------------------------------------------------------------------------------

OVERLAPS = [
    ("open and open", {}, {}, True),
    ("open and later", {}, {"from": "2025-01-01"}, True),
    ("ends when the other begins", {"until": "2025-01-01"}, {"from": "2025-01-01"}, False),
    ("ends a day later", {"until": "2025-01-02"}, {"from": "2025-01-01"}, True),
    ("same begin", {"from": "2025-01-01"}, {"from": "2025-01-01", "until": "2026-01-01"}, True),
]


@pytest.mark.parametrize(("why", "one", "other", "refused"), OVERLAPS, ids=[row[0] for row in OVERLAPS])
def test_an_id_stands_once_on_a_day(why: str, one: dict[str, str], other: dict[str, str], refused: bool) -> None:
    for first, second in ((one, other), (other, one)):
        content = {"table": "t", "entries": [{"code": "A", "zh": "甲", **first}, {"code": "A", "zh": "乙", **second}]}
        if refused:
            with pytest.raises(SchemaInvalid):
                codetable.parse_content(content)
        else:
            codetable.parse_content(content)


def test_an_entry_ends_after_it_begins() -> None:
    entry = {"code": "A", "zh": "甲", "from": "2025-01-01", "until": "2025-01-01"}
    with pytest.raises(SchemaInvalid, match="/entries/0"):
        codetable.parse_content({"table": "t", "entries": [entry]})


def test_code_table_in_parts() -> None:
    """S-028, S-029: an enterprise's code says which national one took its place; parts of one table act as one."""
    rules = book(
        ("T-1", "code-table", dict(codetable.EXAMPLE)),
        ("T-2", "code-table", {"table": "enterprise-standards", "entries": [{"code": "B", "zh": "乙"}]}),
        ("T-3", "code-table", {"table": "other", "entries": [{"code": "C", "zh": "丙"}]}),
    )
    found = codetable.entry_of(rules, "enterprise-standards", "EQ-2024-07", on=date(2025, 1, 1))
    assert found is not None
    assert found.maps_to == "6-18-02-04"
    assert codetable.entry_of(rules, "enterprise-standards", "EQ-2024-07", on=date(2026, 1, 1)) is None
    assert codetable.entry_of(rules, "enterprise-standards", "B", on=date(2026, 1, 1)) is not None
    assert codetable.entry_of(rules, "enterprise-standards", "C", on=date(2026, 1, 1)) is None
    assert codetable.entry_of(rules, "enterprise-standards", "B", on=date(2019, 12, 31)) is None


STANDINGS = [
    ("Q-2021-61", date(2020, 1, 1), date(2021, 11, 22), "listed"),
    ("Q-2021-61", date(2020, 1, 1), date(2021, 11, 23), "withdrawn-since"),
    ("Q-2021-61", date(2022, 1, 1), date(2026, 1, 1), "not-listed"),
    ("Q-2021-62", date(2020, 1, 1), date(2026, 1, 1), "listed"),
    ("Q-0", date(2020, 1, 1), date(2026, 1, 1), "not-listed"),
]


@pytest.mark.parametrize(("entry", "issued_on", "as_of", "expected"), STANDINGS)
def test_a_certificate_outlives_its_catalogue_entry(entry: str, issued_on: date, as_of: date, expected: str) -> None:
    """S-026: withdrawn entries mark certificates, they do not end them."""
    rules = book(("Q", "qualification-catalogue", dict(qualification_catalogue.EXAMPLE)))
    assert qualification_catalogue.standing_of(rules, entry, issued_on=issued_on, as_of=as_of) == expected


def test_foreign_list() -> None:
    """S-050: a list is dated, and a country is a country."""
    rules = book(("F", "foreign-list", dict(foreign_list.EXAMPLE)))
    found = foreign_list.compared_with(rules, "SZ-DEU-001", on=date(2025, 1, 1))
    assert found is not None
    assert (found[0].level_order, found[1].rule, found[1].version) == (4, "F", 1)
    assert foreign_list.compared_with(rules, "SZ-DEU-001", on=date(2024, 12, 31)) is None
    for change in ({"country": "ZZZ"}, {"country": "276"}, {"level_order": 7}):
        entry = foreign_list.EXAMPLE["entries"][0] | change
        with pytest.raises(SchemaInvalid, match=f"/entries/0/{next(iter(change))}"):
            foreign_list.parse_content({"entries": [entry]})


def test_training_catalogue_by_purpose() -> None:
    """S-092, S-038, S-039: one form of catalogue, told apart by what it is for."""
    special = {"purpose": "special-ability", "entries": [{"id": "SP-1", "zh": "示例面点制作", "maps_to": "4-03-02-01"}]}
    rules = book(
        ("C-1", "training-catalogue", dict(training_catalogue.EXAMPLE)), ("C-2", "training-catalogue", special)
    )
    found = training_catalogue.listing_of(rules, "subsidised-training", "DZ-2026-014", on=date(2026, 6, 1))
    assert found is not None
    assert (found[0].occupation, found[1].rule) == ("6-18-02-04", "C-1")
    for purpose, entry, on in (
        ("special-ability", "DZ-2026-014", date(2026, 6, 1)),
        ("subsidised-training", "SP-1", date(2026, 6, 1)),
        ("subsidised-training", "DZ-2026-014", date(2027, 1, 1)),
    ):
        assert training_catalogue.listing_of(rules, purpose, entry, on=on) is None
    assert training_catalogue.listing_of(rules, "special-ability", "SP-1", on=date(2026, 6, 1)) is not None
