"""Views of the log: each file without an underscore is one view, found by itself. All can be rebuilt.

START READING with `_base.py` (what a view is), then any view, then `_runner.py` (how views follow the log).
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from projections import errors
from projections._base import View
from projections._live import ddl_of, parked, reflects

__all__ = ["VIEWS", "ddl", "errors", "parked", "reflects", "view"]

VIEWS: tuple[View, ...] = tuple(
    cast(View, import_module(f"{__name__}.{module.name}"))
    for module in sorted(iter_modules(__path__), key=lambda module: module.name)
    if not module.name.startswith("_") and module.name != "errors"
)
"""Every view, by name."""


def view(name: str) -> View:
    """The view of this name.

    raises  projections.errors.ViewUnknown
    """
    found = {view.NAME: view for view in VIEWS}.get(name)
    if found is not None:
        return found
    raise errors.ViewUnknown(f"no view {name!r}; there are: {', '.join(view.NAME for view in VIEWS)}")


def ddl() -> list[str]:
    """What `init` runs as the owner to make room for all views: see `ddl_of`."""
    return ddl_of(VIEWS)
