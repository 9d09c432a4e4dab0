"""What differs between two contents of a rule: paths with the old and the new value. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

NAMED_BY: Final = ("id", "code", "order", "rule")
"""Members by which the entries of a list are told apart, where all entries have one and no two have the same."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A changed place. `path` is a JSON pointer in which an entry of a list may stand by its name, such as `[id=A-1]`.

    old, new  None where there was or is nothing; a JSON null cannot stand in a rule
    """

    path: str
    old: Any
    new: Any


def differences(old: Any, new: Any, at: str = "") -> Iterator[Difference]:
    """Every changed place, in the order of paths.

    old, new  JSON values
    """
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from differences(old.get(key), new.get(key), f"{at}/{_escaped(key)}")
    elif isinstance(old, list) and isinstance(new, list):
        before, after = _entries(old, new)
        for key in [*before, *(key for key in after if key not in before)]:
            yield from differences(before.get(key), after.get(key), f"{at}/{key}")
    elif old != new or type(old) is not type(new):
        yield Difference(at, old, new)


def _entries(old: list[Any], new: list[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The entries of both lists by a name that they share, else by their places."""
    for name in NAMED_BY:
        found = [[_name(entry, name) for entry in entries] for entries in (old, new)]
        if all(None not in names and len(set(names)) == len(names) for names in found):
            keys = [[f"[{name}={_escaped(str(value))}]" for value in names] for names in found]
            return dict(zip(keys[0], old, strict=True)), dict(zip(keys[1], new, strict=True))
    return {str(place): one for place, one in enumerate(old)}, {str(place): one for place, one in enumerate(new)}


def _name(entry: Any, name: str) -> str | int | None:
    value = entry.get(name) if isinstance(entry, dict) else None
    return value if isinstance(value, str | int) else None


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
