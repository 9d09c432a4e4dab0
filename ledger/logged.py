"""One record as the log holds it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from uuid import UUID

import orjson

from ledger.wire import base64url


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
        return cast(dict[str, Any], orjson.loads(base64url.decode(self.leaf.split(b".", 2)[1])))

    @cached_property
    def header(self) -> Mapping[str, str]:
        """The signed header: `alg`, `kid`, `typ`."""
        return cast(Mapping[str, str], orjson.loads(base64url.decode(self.leaf.split(b".", 1)[0])))

    @cached_property
    def record_id(self) -> str:
        """Lowercase hex SHA-256 of the signing input `header.payload`."""
        return hashlib.sha256(self.leaf.rsplit(b".", 1)[0]).hexdigest()
