"""Takes a rule out of a copy of the source, to see whether the test that is named for it fails.

A target is `path` (the file is removed: a kind, a view, a book), `path::Class.method` (the method is removed, so that
the base's own stands) or `path::name` (a function: it then gives None; a constant: it is emptied).
"""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

EMPTY = {ast.Dict: "{}", ast.List: "[]", ast.Tuple: "()", ast.Set: "set()"}


def copy_project(root: Path, to: Path) -> Path:
    """What tests need of the project, in a folder of its own."""
    ignored = shutil.ignore_patterns("__pycache__", ".hypothesis", "*.png")
    for part in ("api", "keys", "ledger", "projections", "tests"):
        shutil.copytree(root / part, to / part, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "Makefile"):
        shutil.copy(root / name, to / name)
    return to


def exists(target: str, root: Path) -> bool:
    """Whether the file, and what is named in it, is there."""
    path, _, name = target.partition("::")
    file = root / path
    return file.is_file() and (not name or _find(ast.parse(file.read_text("utf-8")), name) is not None)


def remove(target: str, root: Path) -> None:
    """Take the target out of the tree.

    raises  LookupError when there is no such target
    """
    path, _, name = target.partition("::")
    file = root / path
    if not name:
        file.unlink()
        return
    text = file.read_text("utf-8")
    node = _find(ast.parse(text), name)
    if node is None:
        raise LookupError(f"{target}: no such function, method or constant")
    lines = text.splitlines(keepends=True)
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))]) - 1
    indent = " " * node.col_offset
    lines[first : node.end_lineno] = [indent + line + "\n" for line in _instead(node, is_method="." in name)]
    file.write_text("".join(lines), "utf-8")


def _find(tree: ast.Module, name: str) -> ast.stmt | None:
    body: list[ast.stmt] = tree.body
    *classes, last = name.split(".")
    for wanted in classes:
        found = next((one for one in body if isinstance(one, ast.ClassDef) and one.name == wanted), None)
        if found is None:
            return None
        body = found.body
    return next((one for one in body if last in _names(one)), None)


def _names(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    return set()


def _instead(node: ast.stmt, *, is_method: bool) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        if is_method:
            return ["pass"]
        yields = any(isinstance(one, ast.Yield | ast.YieldFrom) for one in ast.walk(node))
        return [
            f"def {node.name}(*_args, **_named):",
            *(["    return", "    yield"] if yields else ["    return None"]),
        ]
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    name = next(iter(_names(node)))
    if isinstance(value, ast.Constant) and isinstance(value.value, int):
        return [f"{name} = {value.value + 1}"]
    return [f"{name} = {EMPTY.get(type(value), 'None')}"]
