"""Finds the kinds: every module here without an underscore defines its versions as subclasses of `Record`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import ledger.records as package
from ledger.errors import UnknownKind
from ledger.records._base import KINDS_URL, PLACES, Record
from ledger.wire.canonical import Json


def _discover() -> dict[str, type[Record]]:
    found: dict[str, type[Record]] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        if info.name.startswith("_") or info.name == "errors":
            continue
        module = importlib.import_module(f"ledger.records.{info.name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Record) and value.__module__ == module.__name__:
                name = value.kind_name()
                if name in found or value.PLACE not in PLACES or value.KIND.replace("-", "_") != info.name:
                    raise RuntimeError(f"kind {name} in {info.name}.py is defined twice, misplaced or misnamed")
                found[name] = value
    return found


KINDS: Final[Mapping[str, type[Record]]] = MappingProxyType(_discover())
"""Every kind by its name and version, such as `skill-certificate/1`."""


REGISTRY_KINDS: Final = frozenset(name for name, kind in KINDS.items() if kind.REGISTRY)
"""Kinds and versions that change the registry."""

ACT_KINDS: Final = frozenset(name for name, kind in KINDS.items() if kind.ACT)
"""Kinds and versions that change where another record stands."""


def kind_class(name: str) -> type[Record]:
    """The class of a kind: of this version, or of the newest where the name has none.

    name    `skill-certificate/1` or `skill-certificate`
    raises  UnknownKind (Refused)
    """
    found = KINDS.get(name)
    if found is None:
        versions = [kind for kind in KINDS.values() if name == kind.KIND]
        if not versions:
            raise UnknownKind("no such kind or version of record; GET /v1/kinds lists all")
        found = max(versions, key=lambda kind: kind.VERSION)
    return found


def kind_of(payload: Mapping[str, Json]) -> str:
    """Kind and version that a payload names in `vct` (credentials) or `evt` (events).

    returns  a name that need not be known
    raises   UnknownKind (Refused)
    """
    url = payload.get("vct", payload.get("evt"))
    both_or_none = ("vct" in payload) is ("evt" in payload)
    if both_or_none or type(url) is not str or not url.startswith(KINDS_URL):
        raise UnknownKind(f"the payload has not exactly one of vct and evt under {KINDS_URL}")
    return url.removeprefix(KINDS_URL)
