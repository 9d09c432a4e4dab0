"""Finds the rule books: every module here without an underscore that has `BOOK`. A new book is one new file.

Rules are published for ever, and a log is read again from its beginning: what a book accepted once it must accept for
ever. A changed form is a new book, or an optional member more.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol, cast

import ledger.rules as package
from ledger.errors import SchemaInvalid
from ledger.rules._content import Content


class Book(Protocol):
    """What a module that defines a rule book has."""

    BOOK: str
    LABEL: Mapping[str, str]
    EXAMPLE: Mapping[str, Any]

    def parse_content(self, content: Mapping[str, Any]) -> Content:
        """The content of a rule of this book, as the book's model.

        raises  SchemaInvalid (Refused), with JSON pointers into the content
        """
        ...


def _discover() -> dict[str, Book]:
    found: dict[str, Book] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        if info.name.startswith("_"):
            continue
        module = importlib.import_module(f"ledger.rules.{info.name}")
        name = getattr(module, "BOOK", None)
        if name is not None:
            if name in found:
                raise RuntimeError(f"book {name} is defined twice, the second time in {info.name}.py")
            found[name] = cast("Book", module)
    return found


BOOKS: Final[Mapping[str, Book]] = MappingProxyType(_discover())
"""Every rule book by its name, such as `contest-promotion`."""


def book_of(name: str) -> Book:
    """The module of a rule book.

    raises  SchemaInvalid (Refused)
    """
    found = BOOKS.get(name)
    if found is None:
        raise SchemaInvalid(f"no such rule book; the books are {', '.join(sorted(BOOKS))}")
    return found
