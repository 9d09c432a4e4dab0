"""Goal: no mutated envelope and no mutated proof is ever accepted, and none ends in an unexpected exception.

Method: records that the ledger holds are damaged in many ways and submitted through the whole of `Ledger.submit`; proofs
are damaged and checked against the entry they were made for. `LONG=1` runs 100,000 of each. The planted bugs, a signature
check and a root comparison that always pass, must be caught by the same loops.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

import ledger.acceptance
import ledger.log.merkle
from keys.errors import LedgerError
from ledger.log.checkpoint import parse_checkpoint, parse_note
from ledger.log.merkle import check_consistency, consistency_path
from ledger.log.policy import parse_policy
from ledger.log.receipt import check_logged, parse_receipt
from tests.fuzz.mutations import ENVELOPES, PROOFS, change_disclosures
from tests.support.world import World

LONG_COUNT, SHORT_COUNT = 100_000, 1_500


class AcceptedError(AssertionError):
    """Something damaged got through."""


def held_envelopes(world: World) -> list[bytes]:
    """Records of several kinds that the ledger holds."""
    envelopes = [world.sign(person=n, serial=n + 1) for n in range(6)]
    envelopes += [world.sign("training-completion", person=n, serial=n + 1) for n in range(2)]
    envelopes += [
        world.sign("award", person=n, certificate_number=f"RY-2026-{n:04d}", decided_on="2026-05-20") for n in range(2)
    ]
    for envelope in envelopes:
        world.submit(envelope)
    return envelopes


def fuzz_envelopes(world: World, *, count: int, seed: int) -> Counter[str]:
    """Submits damaged envelopes; gives how often each code refused.

    Half of them damage records that the ledger has never seen: of a held one, the id alone would give a forgery away.
    Only the order of an unseen record's disclosures is free, so those are damaged on held records alone.
    """
    held, chance = held_envelopes(world), random.Random(seed)
    unseen = [world.sign(person=20 + n, serial=20 + n) for n in range(6)]
    envelopes = held + unseen
    codes: Counter[str] = Counter()
    size = world.ledger.size()
    for _ in range(count):
        base, mutation = chance.choice(envelopes), chance.choice(ENVELOPES)
        if base in unseen and mutation is change_disclosures:
            continue
        damaged = mutation(chance, base, envelopes)
        if damaged in envelopes:
            continue
        try:
            receipt = world.ledger.submit(damaged)
        except LedgerError as refused:
            codes[refused.code] += 1
        else:
            raise AcceptedError(f"accepted at index {receipt.index}, seed {seed}")
    assert world.ledger.size() == size
    return codes


def test_no_mutated_envelope_is_accepted(sqlite_world: World, seed: int, long_run: bool) -> None:
    """Every damaged envelope is refused with a code, by steps of all sorts, and leaves nothing behind."""
    codes = fuzz_envelopes(sqlite_world, count=LONG_COUNT if long_run else SHORT_COUNT, seed=seed)
    assert {"bad-signature", "malformed", "not-canonical", "disclosure-invalid", "header-invalid"} <= set(codes), codes
    assert "exists-differs" in codes, codes
    sqlite_world.check_everything()


def test_planted_bug_signatures_not_checked(sqlite_world: World, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a verifier that always passes, the same loop reports an accepted forgery."""

    class Lenient:
        def check_signature(self, **_: object) -> None:
            return None

    monkeypatch.setattr(ledger.acceptance, "algorithm", lambda _name: Lenient())
    with pytest.raises(AcceptedError):
        fuzz_envelopes(sqlite_world, count=SHORT_COUNT, seed=seed)


def fuzz_proofs(world: World, *, count: int, seed: int) -> Counter[str]:
    """Checks damaged receipts against their entries; gives how often each code refused."""
    chance = random.Random(seed)
    receipts = [world.ledger.receipt(world.ledger.record_at(n).record_id) for n in range(world.ledger.size())]
    proofs = [receipt.proof for receipt in receipts]
    entries = [world.ledger.record_at(n).leaf for n in range(world.ledger.size())]
    policy = parse_policy(world.policy())
    codes: Counter[str] = Counter()
    for _ in range(count):
        index = chance.randrange(len(proofs))
        damaged = chance.choice(PROOFS)(chance, proofs[index], proofs)
        if damaged in proofs:
            continue
        try:
            proved = check_logged(damaged, entry=entries[index], policy=policy)
        except LedgerError as refused:
            codes[refused.code] += 1
            continue
        # A note may carry lines of keys that the verifier does not know (c2sp.org/signed-note): damage there changes
        # nothing that was proved. Anything else that passes is a forgery.
        original = parse_receipt(proofs[index])
        text = parse_checkpoint(parse_note(original.checkpoint).text)
        if (proved.index, proved.size, proved.root) != (index, text.size, text.root):
            raise AcceptedError(f"proof accepted for index {proved.index} of {proved.size}, seed {seed}")
    return codes


def test_no_mutated_proof_is_accepted(sqlite_world: World, seed: int, long_run: bool) -> None:
    """Every damaged receipt is refused with a code, or proves exactly what it proved before."""
    held_envelopes(sqlite_world)
    sqlite_world.ledger.publish()
    codes = fuzz_proofs(sqlite_world, count=LONG_COUNT if long_run else SHORT_COUNT, seed=seed)
    assert {"malformed-checkpoint", "bad-signature", "proof-invalid"} <= set(codes), codes


def test_planted_bug_roots_not_compared(sqlite_world: World, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an inclusion check that always passes, the same loop reports an accepted forgery."""
    held_envelopes(sqlite_world)
    monkeypatch.setattr("ledger.log.receipt.check_inclusion", lambda **_: None)
    with pytest.raises(AcceptedError):
        fuzz_proofs(sqlite_world, count=SHORT_COUNT, seed=seed)


def test_no_mutated_consistency_proof_is_accepted(sqlite_world: World, seed: int, long_run: bool) -> None:
    """Paths with hashes changed, dropped, repeated, swapped, or for other sizes lead to no root."""
    held_envelopes(sqlite_world)
    chance = random.Random(seed)
    size = sqlite_world.ledger.size()
    nodes = sqlite_world.ledger.nodes(size)
    roots = {n: ledger.log.merkle.root_of(n, nodes) for n in range(1, size + 1)}
    accepted = 0
    for _ in range(LONG_COUNT if long_run else SHORT_COUNT):
        old, new = sorted(chance.sample(range(1, size + 1), 2))
        path = list(consistency_path(old_size=old, new_size=new, nodes=nodes))
        damaged, sizes = list(path), (old, new)
        what = chance.randrange(5)
        if what == 0 and damaged:
            damaged.pop(chance.randrange(len(damaged)))
        elif what == 1:
            damaged.insert(chance.randrange(len(damaged) + 1), chance.randbytes(32))
        elif what == 2 and damaged:
            damaged[chance.randrange(len(damaged))] = chance.randbytes(32)
        elif what == 3:
            chance.shuffle(damaged)
        else:
            sizes = (old + chance.choice((-1, 1)), new)
        if damaged == path and sizes == (old, new):
            continue
        try:
            check_consistency(
                old_size=sizes[0], new_size=sizes[1], path=damaged, old_root=roots[old], new_root=roots[new]
            )
        except LedgerError:
            continue
        accepted += 1
    assert accepted == 0
