"""Rows that reach a recorder through the library's own interface (`Application.save`, `insert_events`).

They are records already mapped by `EnvelopeMapper`; the only decision is that versions follow each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import cast
from uuid import UUID

from eventsourcing.persistence import IntegrityError, StoredEvent

from ledger.errors import VersionConflict
from ledger.store._mapper import split_state
from ledger.store._protocol import Append, Appended, GroupOutcome, Proposal, View


def plain_groups(stored_events: Sequence[StoredEvent]) -> list[list[Proposal]]:
    """One group that holds all events: they are saved together or not at all."""
    return [[_proposal(event) for event in stored_events]]


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


def plain_ids(outcome: GroupOutcome) -> list[int]:
    """Notification ids of the rows just saved.

    raises  IntegrityError when the group was refused
    """
    if isinstance(outcome, VersionConflict):
        raise IntegrityError(str(outcome)) from outcome
    if isinstance(outcome, Exception):
        raise outcome
    return [cast(Appended, one).index + 1 for one in outcome]
