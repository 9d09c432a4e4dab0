"""Rows that reach a recorder through the library's own interface (`Application.save`, `insert_events`).

They are records already mapped by `EnvelopeMapper`; the only decision is that versions follow each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import cast
from uuid import UUID

from eventsourcing.persistence import IntegrityError, StoredEvent

from ledger import limits
from ledger.errors import VersionConflict
from ledger.store._committer import Committer
from ledger.store._mapper import split_state
from ledger.store._protocol import Append, Decide, GroupOutcome, Outcome, Proposal, View


def _proposal(event: StoredEvent) -> Proposal:
    leaf, _ = split_state(event.state)
    record_id = hashlib.sha256(leaf.rsplit(b".", 1)[0]).digest()
    return Proposal(
        record_id, hashlib.sha256(leaf).digest(), stream=cast(UUID, event.originator_id), body=(event, leaf)
    )


def decide_plain(proposal: Proposal, view: View) -> Append:
    """Appends the row as it is, when its version is the next one.

    raises  VersionConflict
    """
    event, leaf = proposal.body
    if view.held(proposal.record_id) is not None:
        raise VersionConflict("this record is in the log already")
    return Append(
        stream=event.originator_id,
        topic=event.topic,
        state=event.state,
        leaf_hash=hashlib.sha256(b"\x00" + leaf).digest(),
        record_id=proposal.record_id,
        envelope_hash=proposal.envelope_hash,
        version=event.originator_version,
    )


class PlainInserts:
    """Group commit for `insert_events`: rows that wait while a commit runs go into the next one together."""

    def __init__(self, append: Callable[[Sequence[Sequence[Proposal]], Decide], list[GroupOutcome]]) -> None:
        self._committer: Committer[list[Proposal], list[Outcome]] = Committer(
            lambda groups: append(groups, decide_plain),
            jobs_max=limits.COMMIT_RECORDS_MAX,
            waiting_max=limits.QUEUE_RECORDS_MAX,
        )

    def insert(self, stored_events: Sequence[StoredEvent]) -> list[int]:
        """Saves rows together or not at all, and gives their notification ids.

        raises  IntegrityError when a version is taken or skips
        """
        try:
            outcomes = self._committer.submit([_proposal(event) for event in stored_events])
        except VersionConflict as conflict:
            raise IntegrityError(str(conflict)) from conflict
        return [one.index + 1 for one in outcomes]

    def close(self) -> None:
        """Ends the committing thread."""
        self._committer.close()
