"""Goal: what is taken out is what was named, and nothing else. Method: a small module, one target a row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.removal import exists, remove, removed

MODULE = """
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

COUNT = 3
TEXT: Final = "text"
TABLE: Final[Mapping[str, Mapping[str, str]]] = {
    "one": {"zh": "一"},
    "two": {"zh": "二"},
}
MADE: Final[Mapping[int, str]] = dict([(1, "a")])
FIXED: Final = MappingProxyType({"a": 1, "b": 2})
SOME = ("x", "y")
ALL = frozenset({"p", "q"})


def rule(value: int) -> int:
    return value


def stream():
    yield 1


def twice(function):
    return lambda *args: 2 * function(*args)


class Base:
    def answer(self) -> str:
        return "base"


class Kind(Base):
    def answer(self) -> str:
        return self._say()

    @staticmethod
    def fixed() -> int:
        return 1

    def _say(self) -> str:
        return "kind"

    def own(self) -> str:
        return "kind"

    @property
    def shown(self) -> str:
        return "kind"

    @twice
    def doubled(self) -> int:
        return 4


class Alone:
    def only(self) -> int:
        return 1
"""

TARGETS: list[tuple[str, str, Any, Any]] = [
    # target, what it is that changed, what it was, what it is then
    ("COUNT", "COUNT", 3, 4),
    ("TEXT", "TEXT", "text", None),
    ("TABLE", "TABLE", {"one": {"zh": "一"}, "two": {"zh": "二"}}, {}),
    ("TABLE[one]", "TABLE", {"one": {"zh": "一"}, "two": {"zh": "二"}}, {"two": {"zh": "二"}}),
    ("MADE", "MADE", {1: "a"}, {}),
    ("FIXED[b]", "dict(FIXED)", {"a": 1, "b": 2}, {"a": 1}),
    ("FIXED", "dict(FIXED)", {"a": 1, "b": 2}, {}),
    ("SOME[x]", "SOME", ("x", "y"), ("y",)),
    ("ALL[p]", "ALL", frozenset({"p", "q"}), frozenset({"q"})),
    ("ALL", "ALL", frozenset({"p", "q"}), frozenset()),
    ("rule", "rule(7)", 7, None),
    ("stream", "list(stream())", [1], []),
    ("Kind.answer", "Kind().answer()", "kind", "base"),
    ("Kind._say", "Kind().answer()", "kind", None),
    ("Kind.fixed", "Kind().fixed()", 1, None),
    ("Kind.own", "Kind().own()", "kind", None),
    ("Kind.shown", "Kind().shown", "kind", None),
    ("Kind.doubled", "hasattr(Kind, 'doubled')", True, False),
    ("Alone.only", "Alone().only()", 1, None),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "module.py").write_text(MODULE, "utf-8")
    return tmp_path


def asked(root: Path, question: str) -> Any:
    names: dict[str, Any] = {}
    exec((root / "module.py").read_text("utf-8"), names)
    return eval(question, names)


@pytest.mark.parametrize(("target", "question", "before", "after"), TARGETS, ids=[row[0] for row in TARGETS])
def test_one_thing_is_gone(root: Path, target: str, question: str, before: Any, after: Any) -> None:
    assert asked(root, question) == before
    others = {row[1]: row[2] for row in TARGETS if row[1] != question and "Kind()" not in row[1]}
    remove(f"module.py::{target}", root)
    assert asked(root, question) == after
    assert {other: asked(root, other) for other in others} == others


def test_a_file_is_removed_whole(root: Path) -> None:
    assert exists("module.py", root)
    remove("module.py", root)
    assert not exists("module.py", root)


def break_without(target: str, root: Path) -> None:
    """A test that ends in an error while the target is out."""
    with removed(target, root):
        assert not (root / "module.py").exists() or asked(root, "rule(7)") is None
        raise KeyError


@pytest.mark.parametrize("target", ["module.py", "module.py::rule"])
def test_a_tree_is_whole_again_afterwards(root: Path, target: str) -> None:
    with pytest.raises(KeyError):
        break_without(target, root)
    assert (root / "module.py").read_text("utf-8") == MODULE


@pytest.mark.parametrize(
    "target",
    ["other.py", "module.py::nothing", "module.py::TABLE[three]", "module.py::Kind.nothing", "module.py::No.answer"],
)
def test_what_is_not_there_is_said(root: Path, target: str) -> None:
    assert not exists(target, root)
    with pytest.raises(LookupError), removed(target, root):
        pass
