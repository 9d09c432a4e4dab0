"""Takes a rule out of a copy of the source, to see whether the test that is named for it fails.

A target is `path` (the file is removed: a kind, a view, a book), or one of these in a file:

`path::Class.method`    the method is removed, so that a base's own stands; one that no base has gives None; what a
                        decorator hands to somebody else, such as a check of a model, is just removed
`path::function`        it gives None
`path::CONSTANT`        it is emptied; a number becomes the next one
`path::CONSTANT[key]`   one entry of a table is removed, or one member of a tuple, list or set
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EMPTY_BY_TYPE = {ast.Dict: "{}", ast.List: "[]", ast.Tuple: "()", ast.Set: "set()"}
EMPTY_BY_NAME = {"Mapping": "{}", "MappingProxyType": "{}", "dict": "{}", "frozenset": "frozenset()", "tuple": "()"}
PLAIN = {"staticmethod", "classmethod", "property"}
"""Decorators of methods that are called by their name all the same."""

PARTS = ("api", "keys", "ledger", "projections")


def copy_project(root: Path, to: Path) -> Path:
    """What tests need of the project, in a folder of its own."""
    ignored = shutil.ignore_patterns("__pycache__", ".hypothesis", "*.png")
    for part in (*PARTS, "tests"):
        shutil.copytree(root / part, to / part, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "Makefile"):
        shutil.copy(root / name, to / name)
    return to


def exists(target: str, root: Path) -> bool:
    """Whether the file, and what is named in it, is there."""
    path, _, name = target.partition("::")
    file = root / path
    return file.is_file() and (not name or _found(file, name) is not None)


def remove(target: str, root: Path) -> None:
    """Take the target out of the tree.

    raises  LookupError when there is no such target
    """
    path, _, name = target.partition("::")
    file = root / path
    if not name:
        file.unlink()
        return
    found = _found(file, name)
    if found is None:
        raise LookupError(f"{target}: no such function, method, constant or entry")
    node, owner = found
    lines = file.read_text("utf-8").splitlines(keepends=True)
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))]) - 1
    key = _split(name)[1]
    instead = _instead(node, owner, root) if key is None else ast.unparse(_without(node, key)).splitlines()
    indent = " " * node.col_offset
    lines[first : node.end_lineno] = [indent + line + "\n" for line in instead]
    file.write_text("".join(lines), "utf-8")


@contextmanager
def removed(target: str, root: Path) -> Iterator[None]:
    """The tree without the target, and with it again afterwards.

    raises  LookupError when there is no such target
    """
    file = root / target.partition("::")[0]
    if not exists(target, root):
        raise LookupError(f"{target}: no such file, function, method, constant or entry")
    before = file.read_bytes()
    remove(target, root)
    try:
        yield
    finally:
        file.write_bytes(before)


def _split(name: str) -> tuple[str, str | None]:
    plain, bracket, key = name.partition("[")
    return plain, key.removesuffix("]") if bracket else None


def _found(file: Path, name: str) -> tuple[ast.stmt, ast.ClassDef | None] | None:
    """The statement of this name, and the class that it stands in."""
    body: list[ast.stmt] = ast.parse(file.read_text("utf-8")).body
    plain, key = _split(name)
    *classes, last = plain.split(".")
    owner: ast.ClassDef | None = None
    for wanted in classes:
        owner = next((one for one in body if isinstance(one, ast.ClassDef) and one.name == wanted), None)
        if owner is None:
            return None
        body = owner.body
    node = next((one for one in body if last in _names(one)), None)
    if node is None or (key is not None and _entries(node, key) is None):
        return None
    return node, owner


def _names(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    return set()


def _entries(node: ast.AST, key: str) -> tuple[ast.Dict | ast.Tuple | ast.List | ast.Set, int] | None:
    """The table of a constant that has this key or member, and where in it; the first one found."""
    for table in ast.walk(node):
        if not isinstance(table, ast.Dict | ast.Tuple | ast.List | ast.Set):
            continue
        for place, member in enumerate(table.keys if isinstance(table, ast.Dict) else table.elts):
            if isinstance(member, ast.Constant) and str(member.value) == key:
                return table, place
    return None


def _without(node: ast.stmt, key: str) -> ast.stmt:
    found = _entries(node, key)
    assert found is not None, key
    table, place = found
    if isinstance(table, ast.Dict):
        del table.keys[place], table.values[place]
    else:
        del table.elts[place]
    return node


def _instead(node: ast.stmt, owner: ast.ClassDef | None, root: Path) -> list[str]:
    name = next(iter(_names(node)))
    if isinstance(node, ast.FunctionDef):
        decorators = {one.id if isinstance(one, ast.Name) else "" for one in node.decorator_list}
        if owner is not None and (not decorators <= PLAIN or _is_inherited(name, owner, root)):
            return ["pass"]
        return [*(["@property"] if "property" in decorators else []), *_giving_none(node)]
    value = getattr(node, "value", None)
    if isinstance(value, ast.Constant) and isinstance(value.value, int):
        return [f"{name} = {value.value + 1}"]
    if type(value) in EMPTY_BY_TYPE:
        return [f"{name} = {EMPTY_BY_TYPE[type(value)]}"]
    words = (one.id for one in ast.walk(node) if isinstance(one, ast.Name))
    return [f"{name} = {next((EMPTY_BY_NAME[word] for word in words if word in EMPTY_BY_NAME), 'None')}"]


def _is_inherited(method: str, owner: ast.ClassDef, root: Path) -> bool:
    """Whether a base of the class has the method, in whatever file of the project the base is."""
    bases = {one.id for one in owner.bases if isinstance(one, ast.Name)}
    files = [file for part in PARTS for file in (root / part).rglob("*.py")] or [*root.glob("*.py")]
    for file in files:
        text = file.read_text("utf-8")
        if not any(f"class {base}" in text for base in bases):
            continue
        classes = (one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.ClassDef) and one.name in bases)
        for found in classes:
            if any(method in _names(one) for one in found.body) or _is_inherited(method, found, root):
                return True
    return False


def _giving_none(node: ast.FunctionDef) -> list[str]:
    yields = any(isinstance(one, ast.Yield | ast.YieldFrom) for one in ast.walk(node))
    return [f"def {node.name}(*_args, **_named):", *(["    return", "    yield"] if yields else ["    return None"])]
