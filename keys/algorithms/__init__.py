"""Signature algorithms, one file each, found by looking: every module here without an underscore defines `ALGORITHM`.

*Present* is not *accepted*: which of these a ledger takes is a setting of that ledger.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from keys.algorithms._base import Algorithm
from keys.errors import AlgorithmUnknown, BadKey

__all__ = ["ALGORITHMS", "Algorithm", "algorithm", "algorithm_of_jwk"]


def _discover() -> dict[str, Algorithm]:
    found: dict[str, Algorithm] = {}
    for module_info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        if module_info.name.startswith("_"):
            continue
        entry: Algorithm = importlib.import_module(f"{__name__}.{module_info.name}").ALGORITHM
        if entry.name in found:
            raise RuntimeError(f"two files in {__name__} implement {entry.name!r}")
        found[entry.name] = entry
    return found


ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType(_discover())
"""Every implemented algorithm by its JOSE name."""


def algorithm(name: str) -> Algorithm:
    """The algorithm of a JOSE `alg` name, compared exactly: `none`, `ed25519` and `EdDSA` are all unknown.

    raises  AlgorithmUnknown
    """
    found = ALGORITHMS.get(name)
    if found is None:
        raise AlgorithmUnknown(f"expected one of {sorted(ALGORITHMS)}, found another algorithm name")
    return found


def algorithm_of_jwk(jwk: Mapping[str, object]) -> Algorithm:
    """The one algorithm whose public JWKs look like this one; the key itself is checked too.

    jwk     required members only, as `Algorithm.jwk` writes it
    raises  BadKey
    """
    same_type = [entry for entry in ALGORITHMS.values() if entry.kty == jwk.get("kty")]
    for entry in same_type:
        try:
            entry.public_from_jwk(jwk)
        except BadKey:
            if len(same_type) == 1:
                raise
        else:
            return entry
    raise BadKey(f"expected a public JWK of one of {sorted(ALGORITHMS)}")
