"""What a kind's rule may look at: the histories that its record touches, as they stand under the append lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ledger.logged import LoggedRecord

Status = Literal["active", "suspended", "revoked", "superseded"]
_AFTER: dict[str, Status] = {"revoke": "revoked", "suspend": "suspended", "reinstate": "active"}


@dataclass(frozen=True)
class History:
    """One record's view of the past.

    issuer        issuer id of the record under decision; record_id its own id; origin the log's name
    is_authority  whether that issuer is the authority
    find          a held record by its id: the target, the basis, the replacement
    subject_records  reads the whole stream the record goes to
    """

    issuer: str
    is_authority: bool
    record_id: str
    origin: str
    find: Callable[[str], LoggedRecord | None]
    read_subject: Callable[[], Sequence[LoggedRecord]]
    read_stream_of: Callable[[LoggedRecord], Sequence[LoggedRecord]]
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
        return "active" if record is None else status_of(record_id, self.read_stream_of(record))


def status_of(record_id: str, stream: Iterable[LoggedRecord]) -> Status:
    """The standing of one record after all records of its stream.

    A revocation and a supersession are final; a suspension ends with a reinstatement.
    """
    status: Status = "active"
    for one in stream:
        kind = one.kind.partition("/")[0]
        if kind not in ("revocation", "correction") or one.payload["target"]["record"] != record_id:
            continue
        if status not in ("active", "suspended"):
            continue
        status = "superseded" if kind == "correction" else _AFTER[one.payload.get("action", "revoke")]
    return status
