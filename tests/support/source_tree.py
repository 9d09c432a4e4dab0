"""The source files of a tree as syntax, for the tests that hold the house rules. Nothing of the project is imported here."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGES = ("keys", "ledger", "projections", "api")
"""In import direction: each may import itself and those before it."""

_GENERATED = {"__pycache__", "build", "dist", "demo-data", "node_modules"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One Python file: `path` is relative to the root, with forward slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.text, filename=self.path)

    @property
    def package(self) -> str:
        """Its top-level folder."""
        return self.path.split("/", 1)[0]

    @property
    def lines(self) -> int:
        """Lines of text."""
        return self.text.count("\n")

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full dotted name of everything imported, relative imports resolved, at any depth."""
        here = self.path.removesuffix(".py").removesuffix("/__init__").split("/")
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                stem = here[: len(here) - node.level + self.path.endswith("/__init__.py")] if node.level else []
                base = ".".join([*stem, *([node.module] if node.module else [])])
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)

    def functions(self) -> Iterator[tuple[str, Function, bool]]:
        """Dotted name, node, and whether the function is public (no part of its name begins with an underscore)."""
        yield from _functions(self.tree.body, prefix="", public=not self.path.rsplit("/", 1)[-1].startswith("_"))

    def classes(self) -> Iterator[ast.ClassDef]:
        """Classes at module level."""
        return (node for node in self.tree.body if isinstance(node, ast.ClassDef))


def _functions(body: list[ast.stmt], *, prefix: str, public: bool) -> Iterator[tuple[str, Function, bool]]:
    for node in body:
        if isinstance(node, Function):
            yield prefix + node.name, node, public and not node.name.startswith("_")
            yield from _functions(node.body, prefix=f"{prefix}{node.name}.", public=False)
        elif isinstance(node, ast.ClassDef):
            inner = public and not node.name.startswith("_")
            yield from _functions(node.body, prefix=f"{prefix}{node.name}.", public=inner)
        elif isinstance(node, ast.If | ast.Try | ast.With):
            yield from _functions(node.body, prefix=prefix, public=public)


class SourceTree:
    """All files below a root that belong to the project."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Paths of all files: what git tracks or would track; below a root without git, all but generated ones."""
        if (self.root / ".git").exists():
            command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
            listed = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=True).stdout
            found = [name for name in listed.splitlines() if (self.root / name).is_file()]
        else:
            found = [p.relative_to(self.root).as_posix() for p in self.root.rglob("*") if p.is_file()]
        return tuple(sorted(f for f in set(found) if not _GENERATED & set(f.split("/"))))

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        """Every Python file, tests included."""
        return tuple(Module(f, (self.root / f).read_text("utf-8")) for f in self.files if f.endswith(".py"))

    @property
    def product(self) -> tuple[Module, ...]:
        """Every Python file of the four packages."""
        return tuple(m for m in self.modules if m.package in PACKAGES)

    @property
    def tests(self) -> tuple[Module, ...]:
        """Every Python file below `tests`."""
        return tuple(m for m in self.modules if m.package == "tests")

    def texts(self) -> Iterator[tuple[str, str]]:
        """Path and content of every file that is UTF-8 text."""
        for name in self.files:
            data = (self.root / name).read_bytes()
            try:
                yield name, data.decode("utf-8")
            except UnicodeDecodeError:
                continue
