"""The documents cannot lag: whatever the code adds must have its place in README or `ledger/docs/`.

Method: names are read from the code (kinds, views, algorithms, commands, settings, error codes, audit codes) and looked up
in the texts; tables that follow from the code are generated again and compared.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support import doc_tables
from tests.support.doc_tables import ROOT

DOCS = ROOT / "ledger/docs"
TEXT = "\n".join(p.read_text("utf-8") for p in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))])
SHARED_CODES = {
    "erased": {"Erased", "KeyDestroyed"},
    "identifier-malformed": {"IdentifierMalformed", "IdentifierRefused"},
    "token-invalid": {"GrantInvalid", "TokenInvalid"},
}


def test_error_table_is_that_of_the_code() -> None:
    """After a new error: `python -m tests.support.doc_tables`, then write what to do."""
    text = doc_tables.ERRORS.read_text("utf-8")
    assert doc_tables.format_error_table(doc_tables.error_rows(), doc_tables.advice(text)) in text


def test_kind_table_is_that_of_the_code() -> None:
    """After a new kind: `python -m tests.support.doc_tables`."""
    assert doc_tables.format_kind_table() in doc_tables.FORMAT.read_text("utf-8")


def test_every_error_belongs_to_one_family_and_says_what_to_do() -> None:
    told = doc_tables.advice(doc_tables.ERRORS.read_text("utf-8"))
    rows = doc_tables.error_rows()
    assert not [row.code for row in rows if row.family == "none" or not told.get(row.code)]


def test_error_codes_are_unique() -> None:
    """Two classes share a code only where one specialises the other, or where the list above says so."""
    owners = defaultdict(list)
    for one in doc_tables.error_classes():
        if "code" in vars(one):
            owners[one.code].append(one)
    twice = {
        code: {c.__name__ for c in classes}
        for code, classes in owners.items()
        if len(classes) > 1 and SHARED_CODES.get(code) != {c.__name__ for c in classes}
    }
    assert not twice


def test_every_audit_code_is_documented() -> None:
    codes = set()
    for path in [ROOT / "ledger/audit.py", *sorted((ROOT / "ledger").glob("_audit_*.py"))]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("_find", "_report", "Unreadable")):
                codes |= {
                    inner.value
                    for argument in node.args[:1]
                    for inner in ast.walk(argument)
                    if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and "-" in inner.value
                }
    assert len(codes) > 30
    listed = doc_tables.ERRORS.read_text("utf-8").partition("## Codes of the audit")[2]
    assert not [code for code in sorted(codes) if f"`{code}`" not in listed]


def test_view_and_setting_tables_are_those_of_the_code() -> None:
    """After a new view or setting: `python -m tests.support.doc_tables`."""
    assert doc_tables.format_view_table() in doc_tables.ARCHITECTURE.read_text("utf-8")
    assert doc_tables.format_setting_table() in doc_tables.OPERATIONS.read_text("utf-8")


@pytest.mark.parametrize("what", ["kinds", "views", "algorithms", "commands", "settings"])
def test_everything_that_can_be_named_is_named(what: str) -> None:
    assert not [name for name in _names(what) if f"`{name}`" not in TEXT and f"skill-ledger {name}" not in TEXT]


def _names(what: str) -> list[str]:
    if what == "kinds":
        from ledger.records import KINDS

        return sorted(KINDS)
    if what == "views":
        from projections import VIEWS

        return [view.NAME for view in VIEWS]
    if what == "algorithms":
        from keys.algorithms import ALGORITHMS

        return sorted(ALGORITHMS)
    if what == "commands":
        from tests.support.surface import commands

        return sorted(commands())
    from api.settings import Settings

    return [f"SKILL_LEDGER_{name.upper()}" for name in Settings.model_fields]


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text("utf-8")):
            if not target.startswith("http"):
                assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_every_threat_has_one_row_and_every_test_it_names_exists() -> None:
    rows = re.findall(
        r"^\| (T\d\d) \|.*?\| (covered|part|not yet|not applicable) \|([^|]*)\|", _threats(), re.MULTILINE
    )
    assert [row[0] for row in rows] == [f"T{n:02d}" for n in range(1, 65)]
    files = {p.name: p for p in (ROOT / "tests").rglob("test_*.py")}
    for threat, state, named in rows:
        tests = re.findall(r"`([^`]+)`", named)
        assert bool(tests) is (state in {"covered", "part"}), threat
        for test in tests:
            name, _, function = test.partition("::")
            assert name in files, f"{threat}: {test}"
            assert f"def {function}" in files[name].read_text("utf-8"), f"{threat}: {test}"


def _threats() -> str:
    return (DOCS / "THREATS.md").read_text("utf-8")


def test_decisions_are_numbered_without_gaps() -> None:
    names = sorted(p.name for p in (DOCS / "decisions").glob("*.md"))
    assert [name[:4] for name in names] == [f"{n:04d}" for n in range(1, len(names) + 1)]
    assert all(re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name) for name in names)


def test_functions_of_a_records_life_exist() -> None:
    """ARCHITECTURE, “Life of a record”: every dotted name of ours in the table can be imported."""
    import importlib

    table = (DOCS / "ARCHITECTURE.md").read_text("utf-8").partition("## Life of a record")[2].partition("\n## ")[0]
    names = re.findall(r"`((?:keys|ledger|projections|api)\.[A-Za-z_.]+)`", table)
    assert len(names) > 10
    for name in names:
        parts = name.split(".")
        for cut in range(len(parts), 0, -1):
            if (ROOT / Path(*parts[:cut])).with_suffix(".py").exists() or (
                ROOT / Path(*parts[:cut]) / "__init__.py"
            ).exists():
                break
        found = importlib.import_module(".".join(parts[:cut]))
        for attribute in parts[cut:]:
            found = getattr(found, attribute)
