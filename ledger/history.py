"""What a kind's rule may look at: the histories that its record touches, as they stand under the append lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal
from uuid import UUID

from ledger.errors import TargetUnknown
from ledger.logged import LoggedRecord, payload_of
from ledger.records import ACT_KINDS, KINDS, parse_record
from ledger.records._base import Logged, Record
from ledger.wire.envelope import parse_envelope

if TYPE_CHECKING:
    from ledger.registry import Registry

Status = Literal["active", "suspended", "revoked", "superseded"]
ACTS_CACHED_MAX: Final = 16_384
MODELS_CACHED_MAX: Final = 4_096
_AFTER: dict[str, Status] = {
    "revoke": "revoked",
    "suspend": "suspended",
    "reinstate": "active",
    "replace": "superseded",
}


@dataclass(frozen=True)
class History:
    """One record's view of the past.

    issuer       issuer id of the record under decision; index its place in the log
    today        Asia/Shanghai date of logging
    registry     before the record under decision
    group        all records that stand or fall together, with the one under decision
    stream       where it goes
    find         a held record by its id: the target, the basis, the replacement
    read_stream  a whole stream; read_acts  what its records did to one another
    linked       streams of the subjects that are the same person as the one of `stream`
    """

    issuer: str
    index: int
    today: date
    registry: Registry
    group: Sequence[Record]
    stream: UUID
    find: Callable[[str], LoggedRecord | None]
    read_stream: Callable[[UUID], Sequence[LoggedRecord]]
    read_acts: Callable[[UUID], Sequence[LoggedRecord]]
    linked: Callable[[], Sequence[UUID]] = tuple

    @property
    def is_authority(self) -> bool:
        """Whether the issuer is the authority of this log."""
        return self.registry.is_authority(self.issuer)

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.registry.origin

    def record(self, record_id: str) -> LoggedRecord | None:
        """A held record that this record named, or one of the group before it, or None."""
        return self.find(record_id)

    def read(self, record_id: str) -> Record:
        """The model of such a record; what travels as a disclosure is None in it.

        raises  TargetUnknown
        """
        found = self.find(record_id)
        if found is None:
            raise TargetUnknown("a record that is named is not in this log; check its record id")
        return _model(found.leaf)

    def stream_records(self) -> Sequence[LoggedRecord]:
        """All records of the stream that this record goes to, oldest first."""
        return sorted(
            (record for stream in (self.stream, *self.linked()) for record in self.read_stream(stream)),
            key=lambda record: record.index,
        )

    def in_stream(self, kind: str, *, suspended: bool = False) -> Sequence[LoggedRecord]:
        """Records in force of one kind in the stream that this record goes to, oldest first.

        kind       without version
        suspended  whether those that are suspended count as well
        returns    also without what a correction of the same group replaces
        """
        stream = self.stream_records()
        wanted = ("active", "suspended") if suspended else ("active",)
        leaving = {one.target() for one in self.group if one.replaced_by() is not None}
        return [
            one
            for one in stream
            if one.kind.partition("/")[0] == kind
            and one.record_id not in leaving
            and status_of(one.record_id, stream) in wanted
        ]

    def stream_beside(self, record_id: str) -> Sequence[LoggedRecord]:
        """All records of the stream that a held record lives in, oldest first; none where it is not held."""
        found = self.find(record_id)
        return () if found is None else self.read_stream(found.stream)

    def status(self, record_id: str) -> Status:
        """Where a record that this one named stands: the last word of its stream's acts.

        raises  TargetUnknown for one that is not held or was not named: nothing is known of it
        """
        record = self.find(record_id)
        if record is None:
            raise TargetUnknown("a record that is named is not in this log; check its record id")
        return status_of(record_id, self.read_acts(record.stream))

    def names_person(self, record: Logged) -> bool:
        """Whether a held record is about a person: of a kind that names its subject."""
        return KINDS[record.kind].PLACE == "subject"

    def owns(self, record_id: str) -> bool:
        """Whether a held record is in the stream that this record goes to: about the same person."""
        record = self.find(record_id)
        return record is not None and (record.stream == self.stream or record.stream in self.linked())


def is_act(record: LoggedRecord) -> bool:
    """Whether a record changes where another one stands."""
    return record.kind in ACT_KINDS


def status_of(record_id: str, stream: Iterable[LoggedRecord]) -> Status:
    """The standing of one record after all records of its stream.

    A revocation and a supersession are final; a suspension ends with a reinstatement.
    """
    status: Status = "active"
    for one in stream:
        if is_act(one) and status in ("active", "suspended"):
            target, action = _act(one.leaf)
            if target == record_id:
                status = _AFTER[action]
    return status


@lru_cache(maxsize=ACTS_CACHED_MAX)
def _act(leaf: bytes) -> tuple[str, str]:
    """Target and action of an act. A stream's acts are read again for each new one."""
    payload = payload_of(leaf)
    return payload["target"]["record"], "replace" if "replacement" in payload else payload.get("action", "revoke")


@lru_cache(maxsize=MODELS_CACHED_MAX)
def _model(leaf: bytes) -> Record:
    return parse_record(parse_envelope(leaf + b"~"))
