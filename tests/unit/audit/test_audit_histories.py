"""The audit finds nothing in honest histories, however they twist.

Goal: no false alarm. Method: each history that moves a row (a correction takes a number over, a key is replaced, an act goes
to its target's stream) is lived through on both engines, then everything is checked.
"""

from __future__ import annotations

from ledger.wire.envelope import parse_envelope
from tests.support.world import INSTITUTIONS, World, seeded_signer

GROUP = "urn:uuid:6b1f6f0e-5a3e-4c55-9a6a-2f0f6a1f7c11"


def test_suspended_reinstated_and_revoked(world: World) -> None:
    target = world.submit(world.sign(person=1, serial=1)).record_id
    for action in ("suspend", "reinstate", "revoke"):
        world.submit(world.sign("revocation", target_record=target, action=action))
    world.check_everything()


def test_a_correction_takes_the_number_over(world: World) -> None:
    old = world.submit(world.sign(person=1, serial=1)).record_id
    new = world.sign(person=1, serial=1, group=GROUP)
    correction = world.sign(
        "correction",
        target_record=old,
        replacement_record=parse_envelope(new).record_id,
        group=GROUP,
        leave_out=("note",),
    )
    world.submit_group([new, correction])
    world.check_everything()


def test_a_key_is_replaced_and_revoked(world: World) -> None:
    centre, fresh = INSTITUTIONS["centre"], seeded_signer("centre, second key")
    world.submit(world.sign(person=1, serial=1))
    world.submit(world.key_registration(centre.issuer, fresh))
    world.submit(world.sign(person=1, serial=2, signer=fresh))
    kid = f"{centre.issuer}#{centre.signer.thumbprint}"
    world.submit(
        world.sign("key-revoked", by="authority", kid=kid, reason="compromised", suspect_since=world.first_size)
    )
    world.submit(world.sign(person=2, serial=3, signer=fresh))
    world.check_everything()


def test_one_worker_with_two_institutions_after_a_restart(world: World) -> None:
    world.submit(world.sign(person=1, serial=1))
    world.reopen()
    world.submit(world.sign("training-completion", by="school", person=1, leave_out=("certificate_number",)))
    world.check_everything()
