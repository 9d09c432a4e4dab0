"""One record as the log holds it."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from uuid import UUID

import orjson


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
        # Lenient and fast: the strict parser has seen these bytes, and views read millions of them.
        return cast(dict[str, Any], orjson.loads(urlsafe_b64decode(self.leaf.split(b".", 2)[1] + b"==")))

    @cached_property
    def header(self) -> Mapping[str, str]:
        """The signed header: `alg`, `kid`, `typ`."""
        return cast(Mapping[str, str], orjson.loads(urlsafe_b64decode(self.leaf.split(b".", 1)[0] + b"==")))

    @cached_property
    def record_id(self) -> str:
        """Lowercase hex SHA-256 of the signing input `header.payload`."""
        return hashlib.sha256(self.leaf.rsplit(b".", 1)[0]).hexdigest()
