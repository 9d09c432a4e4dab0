"""Blind names: HMAC-SHA-256 of a number under a secret key, so that a stolen database finds nobody (threat T02).

The plain hash of an identity card number is undone in hours; the HMAC is not, without the key. Two versions of the key
run side by side while rows move from one to the other: look up under all of them, write under the current one.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from keys._encoding import format_json
from keys._secretfile import VersionedSecret, add_version, create_secret_file, load_secret_file

ALIAS_PURPOSE: Final = "alias"
_USE: Final = "pseudonym"


class Pseudonyms:
    """Versions of the pseudonym key. Pure: the same key, purpose and parts always give the same 32 bytes."""

    def __init__(self, versions: Mapping[int, bytes], current: int) -> None:
        """Keys of 32 bytes by version number from 1 on. Raises SecretFileUnreadable."""
        self._secret = VersionedSecret(versions=dict(versions), current=current)
        others = sorted((version for version in versions if version != current), reverse=True)
        self._order = (current, *others)
        # A copy of a keyed state is cheaper than a fresh HMAC, and keeps the interpreter lock.
        self._keyed = {version: hmac.new(key, digestmod=hashlib.sha256) for version, key in versions.items()}

    def __repr__(self) -> str:
        """Version numbers only."""
        return f"Pseudonyms(versions={sorted(self._order)}, current={self.current})"

    @property
    def current(self) -> int:
        """The version under which new rows are written."""
        return self._secret.current

    def blind(self, purpose: str, *parts: str) -> bytes:
        """The blind index of some parts under the current version.

        Source: RFC 2104 over canonical JSON `[purpose, version, part, …]`, which no other purpose, version or division
        into parts shares.

        purpose   what the index is for, for example `certificate-number`; indexes of two purposes cannot be joined
        parts     already in their one spelling: nothing is folded or trimmed here
        returns   32 bytes
        raises    ValueError for a lone surrogate
        """
        return self._blind(self.current, purpose, parts)

    def blind_all(self, purpose: str, *parts: str) -> list[bytes]:
        """The blind index under each version, the current one first, then from new to old: for look-ups."""
        return [self._blind(version, purpose, parts) for version in self._order]

    def alias(self, kind: str, country: str, number: str) -> bytes:
        """The alias of a document number under the current version (DESIGN §8).

        kind      kind of the document
        country   issuing country or region code
        number    the number in its one spelling
        """
        return self.blind(ALIAS_PURPOSE, kind, country, number)

    def alias_all(self, kind: str, country: str, number: str) -> list[bytes]:
        """The alias under each version, the current one first."""
        return self.blind_all(ALIAS_PURPOSE, kind, country, number)

    def _blind(self, version: int, purpose: str, parts: tuple[str, ...]) -> bytes:
        keyed = self._keyed[version].copy()
        keyed.update(format_json([purpose, version, *parts]))
        return keyed.digest()


def create_pseudonym_file(path: Path) -> Pseudonyms:
    """A new file, mode 0600, with one fresh pseudonym key. Raises KeyFileExists."""
    return _from_secret(create_secret_file(path, use=_USE))


def load_pseudonyms(path: Path) -> Pseudonyms:
    """The pseudonym keys of a file. Raises SecretFileUnreadable."""
    return _from_secret(load_secret_file(path, use=_USE))


def add_pseudonym_version(path: Path) -> Pseudonyms:
    """Rotation: the file with one more, now current, version. Raises SecretFileUnreadable, KeyFileExists."""
    return _from_secret(add_version(path, use=_USE))


def _from_secret(secret: VersionedSecret) -> Pseudonyms:
    return Pseudonyms(secret.versions, secret.current)
