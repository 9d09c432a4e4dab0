"""Between the bytes an institution signed and the row the store keeps.

`state` holds the leaf (`header.payload.signature`, the log entry) unchanged, then the sealed part:

    byte 0      container version, 1
    bytes 1-4   length of the leaf, unsigned, big-endian
    then        the leaf
    then        the sealed part (a `keys.sealing` container; empty when the record has no disclosures and no code)

The topic is the name of the kind (`skill-certificate/1`), never a Python path, so code may move and old rows stay
readable.
"""

from __future__ import annotations

from typing import cast
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent

from ledger.errors import StoreDamaged
from ledger.logged import LoggedRecord
from ledger.wire.envelope import parse_envelope

__all__ = ["EnvelopeMapper", "LoggedRecord", "format_state", "logged_record", "split_state"]

CONTAINER_VERSION = 1
_PREFIX_BYTES = 5


def format_state(*, leaf: bytes, sealed: bytes) -> bytes:
    """The `state` column of one record: see the module's layout."""
    return b"\x01" + len(leaf).to_bytes(4, "big") + leaf + sealed


def split_state(state: bytes) -> tuple[bytes, bytes]:
    """Leaf and sealed part of a `state` column.

    raises  StoreDamaged when the container's version or length does not hold
    """
    leaf_bytes = int.from_bytes(state[1:_PREFIX_BYTES], "big")
    end = _PREFIX_BYTES + leaf_bytes
    if state[:1] != b"\x01" or len(state) < end:
        raise StoreDamaged(f"stored state: expected container version {CONTAINER_VERSION} with a whole leaf")
    return state[_PREFIX_BYTES:end], state[end:]


def logged_record(*, stream: UUID, version: int, topic: str, state: bytes, notification_id: int) -> LoggedRecord:
    """The record in one row of the events table; its index is `notification_id - 1`.

    raises  StoreDamaged when the container does not hold
    """
    leaf, sealed = split_state(state)
    return LoggedRecord(notification_id - 1, stream, version, topic, leaf, sealed)


class EnvelopeMapper(Mapper[UUID]):
    """The library's mapper, for records: keeps the signed bytes, fixed topics, and parses strictly on load."""

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """The row of a `LoggedRecord`.

        raises  TypeError for any other event: this store holds signed records only
        """
        if not isinstance(domain_event, LoggedRecord):
            raise TypeError(f"expected LoggedRecord, found {type(domain_event).__name__}")
        state = format_state(leaf=domain_event.leaf, sealed=domain_event.sealed)
        return StoredEvent(domain_event.stream, domain_event.version, domain_event.kind, state)

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """The record in a row, its leaf parsed again by the strict parser.

        raises  StoreDamaged when the container does not hold, or a `Refused` of `ledger.wire` when the leaf is not
        strict
        """
        leaf, sealed = split_state(stored_event.state)
        parse_envelope(leaf + b"~")
        index = getattr(stored_event, "id", 0) - 1
        stream = cast(UUID, stored_event.originator_id)
        return LoggedRecord(index, stream, stored_event.originator_version, stored_event.topic, leaf, sealed)
