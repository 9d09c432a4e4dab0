"""Logs what acceptance would refuse, as an operator with changed code could: every row about it is right, nothing was asked.

What is wrong with such a record must be found by the audit and by those who verify a pack.
"""

from __future__ import annotations

import hashlib

from ledger.acceptance import Admitted
from ledger.deciding import Decider, Secrets
from ledger.deciding_people import NOTHING
from ledger.records import parse_record
from ledger.registry import Registry
from ledger.store._protocol import Append, Appended, Proposal, View
from ledger.wire.envelope import parse_envelope
from tests.support.world import World


class Unchecking(Decider):
    """Finds stream and rows as the real one does; refuses nothing."""

    def decide(self, proposal: Proposal, view: View) -> Append:
        """The record's place in the log, whatever it says."""
        admitted = proposal.body.admitted
        target_id = admitted.record.target()
        target = None if target_id is None else view.record(bytes.fromhex(target_id))
        subject, is_new = self._resolve(proposal.body, view)
        registry = self._registry(view)
        return self._append(
            proposal,
            view,
            stream=self._stream(admitted, registry, subject, target),
            subject=subject,
            is_new=is_new,
            registry=registry,
            rows=NOTHING,
        )


def log_unchecked(world: World, envelope: bytes, *, registry: Registry | None = None) -> int:
    """Append one record without asking anything; gives its index.

    registry  by which its stream is found; None: the ledger's own, which a forged record before this one may have
              made unreadable
    """
    known = world.ledger.registry() if registry is None else registry
    secrets = Secrets(keks=world.keks, pseudonyms=world.pseudonyms)
    decider = Unchecking(
        secrets=secrets, clock=world.clock, base_url=world.ledger.base_url, registry=lambda view: view.state or known
    )
    parsed = parse_envelope(envelope)
    record = parse_record(parsed)
    admitted = Admitted(
        envelope=parsed,
        record=record,
        person=record.person(),
        warnings=(),
        envelope_hash=hashlib.sha256(envelope).digest(),
        leaf_hash=hashlib.sha256(b"\x00" + parsed.leaf).digest(),
        public=b"",
    )
    ((outcome,),) = world.ledger._store.recorder.append([[decider.propose(admitted)]], decider.decide)
    assert isinstance(outcome, Appended)
    return outcome.index
