"""The tables of `ledger/docs/` that follow from the code: errors, kinds, views and settings.

`python -m tests.support.doc_tables` rewrites them. All columns come from the code but "what to do", which is written by hand
in the document and kept; a new code starts with its family's advice, to be made exact. A test compares code and documents.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from keys.errors import Corrupt, LedgerError, Refused, Unavailable
from tests.support.source_tree import PACKAGES

ROOT = Path(__file__).resolve().parents[2]
ERRORS = ROOT / "ledger/docs/ERRORS.md"
FORMAT = ROOT / "ledger/docs/FORMAT.md"
ARCHITECTURE = ROOT / "ledger/docs/ARCHITECTURE.md"
OPERATIONS = ROOT / "ledger/docs/OPERATIONS.md"
FAMILIES = (Refused, Unavailable, Corrupt)
ERROR_HEADING = "| code | family | class | meaning | what to do |\n|---|---|---|---|---|\n"
KIND_HEADING = "| kind | zh | en | stream | signed by | disclosures |\n|---|---|---|---|---|---|\n"
VIEW_HEADING = "| view | what it is |\n|---|---|\n"
SETTING_HEADING = "| setting | default | meaning |\n|---|---|---|\n"
FIRST_ADVICE = {
    "Refused": "Change what the message names and send it again.",
    "Unavailable": "Send the same bytes again.",
    "Corrupt": "Stop, run `skill-ledger audit`, and call the operator.",
}


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


def format_error_table(rows: list[ErrorRow], told: dict[str, str]) -> str:
    """The table of errors as it must stand in the document."""
    lines = [
        f"| `{r.code}` | {r.family} | {r.classes} | {r.meaning} | {told.get(r.code) or FIRST_ADVICE[r.family]} |"
        for r in rows
    ]
    return ERROR_HEADING + "\n".join(lines) + "\n"


def format_kind_table() -> str:
    """The table of kinds as it must stand in the document."""
    from ledger.records import KINDS

    lines = [
        f"| `{name}` | {kind.LABEL['zh']} | {kind.LABEL['en']} | {kind.PLACE} | {', '.join(sorted(kind.SIGNERS))} | "
        f"{', '.join(kind.DISCLOSED) or 'none'} |"
        for name, kind in sorted(KINDS.items())
    ]
    return KIND_HEADING + "\n".join(lines) + "\n"


def format_view_table() -> str:
    """The table of views as it must stand in the document: name, and the first sentence of the file."""
    from projections import VIEWS

    lines = [f"| `{view.NAME}` | {(inspect.getdoc(view) or '').splitlines()[0]} |" for view in VIEWS]
    return VIEW_HEADING + "\n".join(lines) + "\n"


def format_setting_table() -> str:
    """The table of the server's settings as it must stand in the document, in the order of `api/settings.py`."""
    from api.settings import Settings

    body = ast.parse(inspect.getsource(Settings)).body[0]
    assert isinstance(body, ast.ClassDef)
    meanings: dict[str, str] = {}
    name = ""
    for node in body.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and name:
            meanings[name] = " ".join(str(node.value.value).split())
    lines = []
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "" if default in ("", None) or "Secret" in type(default).__name__ else f"`{default}`"
        lines.append(f"| `SKILL_LEDGER_{name.upper()}` | {shown} | {meanings.get(name, '')} |")
    return SETTING_HEADING + "\n".join(lines) + "\n"


def with_table(document: str, heading: str, table: str) -> str:
    """A document with the table under a heading replaced; it ends at the first empty line."""
    before, _, rest = document.partition(heading)
    after = rest[1:] if rest.startswith("\n") else rest.partition("\n\n")[2]
    return before + table + ("\n" + after if after else "")


def main() -> None:
    """Rewrite the tables in place."""
    told = advice(ERRORS.read_text("utf-8"))
    tables = (
        (ERRORS, ERROR_HEADING, format_error_table(error_rows(), told)),
        (FORMAT, KIND_HEADING, format_kind_table()),
        (ARCHITECTURE, VIEW_HEADING, format_view_table()),
        (OPERATIONS, SETTING_HEADING, format_setting_table()),
    )
    for path, heading, table in tables:
        path.write_text(with_table(path.read_text("utf-8"), heading, table), "utf-8")


if __name__ == "__main__":
    main()
