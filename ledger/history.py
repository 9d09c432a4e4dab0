"""What a kind's rule may look at: the histories that its record touches, as they stand under the append lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal
from uuid import UUID

from ledger.logged import LoggedRecord, payload_of
from ledger.records import KINDS
from ledger.records._base import Logged

Status = Literal["active", "suspended", "revoked", "superseded"]
ACTS_CACHED_MAX: Final = 16_384
_AFTER: dict[str, Status] = {"revoke": "revoked", "suspend": "suspended", "reinstate": "active"}


@dataclass(frozen=True)
class History:
    """One record's view of the past.

    issuer        issuer id of the record under decision; record_id its own id; origin the log's name
    is_authority  whether that issuer is the authority
    find          a held record by its id: the target, the basis, the replacement
    read_subject  reads the whole stream the record goes to; read_acts_of  what was done to a record's stream
    """

    issuer: str
    is_authority: bool
    record_id: str
    origin: str
    find: Callable[[str], LoggedRecord | None]
    read_subject: Callable[[], Sequence[LoggedRecord]]
    read_acts_of: Callable[[LoggedRecord], Sequence[LoggedRecord]]
    stream: UUID
    group_records: frozenset[str] = frozenset()
    """Ids of the records in the same group."""

    def record(self, record_id: str) -> LoggedRecord | None:
        """A held record that this record named, or None."""
        return self.find(record_id)

    def subject_records(self) -> Sequence[LoggedRecord]:
        """All records of the stream that this record goes to, oldest first."""
        return self.read_subject()

    def status(self, record_id: str) -> Status:
        """Where a held record stands: the last word of its stream's revocations and corrections."""
        record = self.find(record_id)
        return "active" if record is None else status_of(record_id, self.read_acts_of(record))

    def names_person(self, record: Logged) -> bool:
        """Whether a held record is about a person: of a kind that names its subject."""
        return KINDS[record.kind].PLACE == "subject"

    def owns(self, record_id: str) -> bool:
        """Whether a held record is in the stream that this record goes to: about the same person."""
        record = self.find(record_id)
        return record is not None and record.stream == self.stream


ACTS = frozenset({"revocation", "correction"})


def is_act(record: LoggedRecord) -> bool:
    """Whether a record changes where another one stands."""
    return record.kind.partition("/")[0] in ACTS


def status_of(record_id: str, stream: Iterable[LoggedRecord]) -> Status:
    """The standing of one record after all records of its stream.

    A revocation and a supersession are final; a suspension ends with a reinstatement.
    """
    status: Status = "active"
    for one in stream:
        if is_act(one) and status in ("active", "suspended"):
            target, action = _act(one.leaf)
            if target == record_id:
                status = "superseded" if one.kind.startswith("correction/") else _AFTER[action]
    return status


@lru_cache(maxsize=ACTS_CACHED_MAX)
def _act(leaf: bytes) -> tuple[str, str]:
    """Target and action of a revocation or correction. A stream's acts are read again for each new one."""
    payload = payload_of(leaf)
    return payload["target"]["record"], payload.get("action", "revoke")
