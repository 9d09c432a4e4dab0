"""One record as the log holds it."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final, cast
from uuid import UUID

import orjson

HEADERS_CACHED_MAX: Final = 8_192
"""Headers repeat for every record of a key."""


def payload_of(leaf: bytes) -> dict[str, Any]:
    """The payload of a leaf. Lenient and fast: the strict parser has seen these bytes, and views read millions."""
    return cast(dict[str, Any], orjson.loads(urlsafe_b64decode(leaf.split(b".", 2)[1] + b"==")))


@lru_cache(maxsize=HEADERS_CACHED_MAX)
def _header(encoded: bytes) -> Mapping[str, str]:
    return cast(Mapping[str, str], orjson.loads(urlsafe_b64decode(encoded + b"==")))


@dataclass(frozen=True)
class LoggedRecord:
    """One record as the log holds it. `stream` is its consistency boundary, `index` its leaf in the log, from 0."""

    index: int
    stream: UUID
    version: int
    kind: str
    leaf: bytes
    sealed: bytes

    @property
    def originator_id(self) -> UUID:
        """The stream, under the name the event-sourcing library uses."""
        return self.stream

    @property
    def originator_version(self) -> int:
        """The version in the stream, under the name the event-sourcing library uses."""
        return self.version

    @cached_property
    def payload(self) -> dict[str, Any]:
        """The signed payload, without the disclosures."""
        return payload_of(self.leaf)

    @property
    def header(self) -> Mapping[str, str]:
        """The signed header: `alg`, `kid`, `typ`."""
        return _header(self.leaf.split(b".", 1)[0])

    @property
    def issuer(self) -> str:
        """Issuer id: the part of `kid` before `#`, which every accepted record has in `iss` too."""
        return self.header["kid"].partition("#")[0]

    @cached_property
    def record_id(self) -> str:
        """Lowercase hex SHA-256 of the signing input `header.payload`."""
        return hashlib.sha256(self.leaf.rsplit(b".", 1)[0]).hexdigest()
