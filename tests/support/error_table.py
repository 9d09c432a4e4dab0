"""The table of error codes in `ledger/docs/ERRORS.md`, generated from the error classes.

`python -m tests.support.error_table` rewrites the table: code, family, classes and meaning come from the code; the column
"What to do" is written by hand in the document and kept. A test compares the two.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from keys.errors import Corrupt, LedgerError, Refused, Unavailable
from tests.support.source_tree import PACKAGES

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "ledger/docs/ERRORS.md"
FAMILIES = (Refused, Unavailable, Corrupt)
HEADING = "| code | family | class | meaning | what to do |\n|---|---|---|---|---|\n"


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One permanent code: who must act, which classes carry it, what it means."""

    code: str
    family: str
    classes: str
    meaning: str


def import_everything() -> None:
    """Import every module of the four packages, so that every error class is known.

    raises  ImportError where a module of ours does not import
    """
    for package in PACKAGES:
        for found in pkgutil.walk_packages([str(ROOT / package)], prefix=f"{package}."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)


def error_classes() -> list[type[LedgerError]]:
    """Every error class of the four packages except the families themselves, by name."""
    import_everything()
    found: set[type[LedgerError]] = set()
    todo: list[type[LedgerError]] = [LedgerError]
    while todo:
        for child in todo.pop().__subclasses__():
            if child not in found:
                found.add(child)
                todo.append(child)
    mine = [c for c in found if c.__module__.split(".")[0] in PACKAGES and c not in FAMILIES]
    return sorted(mine, key=lambda c: (c.__name__, c.__module__))


def error_rows() -> list[ErrorRow]:
    """The table's rows by code; classes that share a code share a row."""
    by_code: dict[str, list[type[LedgerError]]] = defaultdict(list)
    for one in error_classes():
        by_code[one.code].append(one)
    rows = []
    for code, classes in sorted(by_code.items()):
        first = next((c for c in classes if "code" in vars(c)), classes[0])
        meaning = " ".join((inspect.getdoc(first) or "").split("\n\n")[0].split())
        names = ", ".join(f"`{c.__name__}`" for c in classes)
        rows.append(ErrorRow(code, family_of(first), names, meaning.replace("|", "\\|")))
    return rows


def family_of(error: type[LedgerError]) -> str:
    """The family's name: who must act."""
    return next((f.__name__ for f in FAMILIES if issubclass(error, f)), "none")


def advice(document: str) -> dict[str, str]:
    """What the document says to do, by code."""
    rows = [line.strip("|").split(" | ") for line in document.splitlines() if line.startswith("| `")]
    return {row[0].strip().strip("`"): row[-1].strip() for row in rows if len(row) == 5}


def format_table(rows: list[ErrorRow], told: dict[str, str]) -> str:
    """The table as it must stand in the document."""
    lines = [f"| `{r.code}` | {r.family} | {r.classes} | {r.meaning} | {told.get(r.code, '')} |" for r in rows]
    return HEADING + "\n".join(lines) + "\n"


def main() -> None:
    """Rewrite the document's table in place."""
    text = DOCUMENT.read_text("utf-8")
    before, _, rest = text.partition(HEADING)
    after = rest.partition("\n\n")[2]
    table = format_table(error_rows(), advice(text))
    DOCUMENT.write_text(before + table + ("\n" + after if after else ""), "utf-8")
    missing = [row.code for row in error_rows() if not advice(text).get(row.code)]
    sys.stdout.write(f"rows without advice: {', '.join(missing) or 'none'}\n")


if __name__ == "__main__":
    main()
