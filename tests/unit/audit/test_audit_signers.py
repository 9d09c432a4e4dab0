"""The audit finds what acceptance would have refused: records that their signer may not sign, or not alone.

Goal: an operator who changes the code, with an institution's or a holder's key in hand, is told by the audit. Method: an
honest log with delegates, successors, policies and holders; one forged record is logged past acceptance, with every row
about it right; the audit reports exactly that one. The control: the honest log alone has no finding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from keys.custody import Signer
from keys.ids import format_kid
from keys.possession import prove_possession
from ledger.records._approvals import POLICY, ROTATION, approve, format_statement
from ledger.wire.envelope import parse_envelope
from tests.support.unchecked import log_unchecked
from tests.support.world import AUTHORITY, INSTITUTIONS, ORIGIN, Party, World, seeded_signer

CENTRE, SCHOOL = INSTITUTIONS["centre"], INSTITUTIONS["school"]
WORKS = Party(
    "示例重型装备集团有限公司", "91320102MA0000007T", "https://works.example.cn/issuers/1", seeded_signer("works")
)
SECOND, NEW_ROOT, STRANGER = (seeded_signer(f"audit signers, {name}") for name in ("second", "new root", "stranger"))
HOLDERS = [seeded_signer(f"audit signers, holder {number}") for number in range(4)]
NONCE, GROUP = "Txewgqpbd1ifQ-PZyeq7DQ", "urn:uuid:6b1f6f0e-5a3e-4c55-9a6a-2f0f6a1f7c13"


def kid(signer: Signer, issuer: str = AUTHORITY.issuer) -> str:
    return format_kid(issuer=issuer, jwk=signer.jwk)


def possessed(signer: Signer, issuer: str = AUTHORITY.issuer) -> dict[str, Any]:
    proof = prove_possession(signer, origin=ORIGIN, issuer=issuer, nonce=NONCE)
    return {"jwk": signer.jwk, "nonce": NONCE, "possession": proof, "log": ORIGIN}


def policy(world: World, holders: list[Signer], by: list[Signer] | None = None, *, signer: Any = None) -> bytes:
    statement = format_statement(POLICY, origin=ORIGIN, nonce=NONCE, threshold=2, holders=[one.jwk for one in holders])
    held = [{"jwk": one.jwk, "possession": possessed(one)["possession"]} for one in holders]
    claims: dict[str, Any] = {"threshold": 2, "holders": held, "nonce": NONCE, "log": ORIGIN}
    claims["approvals"] = (
        None if by is None else [approve(statement, signer=one, issuer=AUTHORITY.issuer) for one in by]
    )
    return world.sign("root-policy", by="authority", signer=signer, **claims)


def rotation(world: World, by: list[Signer], *, signer: Signer = HOLDERS[0], since: int | None = None) -> bytes:
    retired: list[dict[str, Any]] = [{"kid": kid(AUTHORITY.signer)}]
    statement = format_statement(ROTATION, origin=ORIGIN, nonce=NONCE, jwk=NEW_ROOT.jwk, retired=retired)
    approvals = [approve(statement, signer=one, issuer=AUTHORITY.issuer) for one in by] or None
    if since is not None:
        retired = [{**retired[0], "suspect_since": since}]
    claims = {**possessed(NEW_ROOT), "retired": retired, "approvals": approvals}
    return world.sign("root-rotated", by="authority", signer=signer, **claims)


def registration(world: World, region: str) -> bytes:
    claims = {"uscc": WORKS.uscc, "institution_issuer": WORKS.issuer, "name": WORKS.name, "region": region}
    return world.sign("institution-registered", **claims)


def standing(world: World, word: str, *, by: str = "authority", uscc: str = CENTRE.uscc, signer: Any = None) -> bytes:
    claims = {"uscc": uscc, "standing": word, "reason": "inspection"}
    return world.sign("institution-standing", by=by, signer=signer, **claims)


@pytest.fixture
def honest(sqlite_world: World) -> World:
    """The centre has two keys, may register institutions in 3201, and demands two signatures on awards; holders stand by."""
    world = sqlite_world
    world.submit(world.key_registration(CENTRE.issuer, SECOND))
    kinds = ["institution-registered", "accreditation-granted", "authority-delegated"]
    world.submit(world.sign("authority-delegated", by="authority", uscc=CENTRE.uscc, kinds=kinds, regions=["3201"]))
    world.submit(world.sign("signature-policy", kinds=["training-completion"]))
    world.submit(policy(world, HOLDERS[:3]))
    world.submit(world.sign(person=1, serial=1))
    world.submit(world.sign(by="school", person=2, serial=2))
    return world


def completion(world: World, **claims: Any) -> bytes:
    return world.sign("training-completion", person=3, leave_out=("certificate_number",), group=GROUP, **claims)


def second(world: World, first: bytes, signer: Signer, **claims: Any) -> bytes:
    target = parse_envelope(first).record_id
    return world.sign("cosignature", signer=signer, target_record=target, **{"group": GROUP, **claims})


Forgery = Callable[[World], list[bytes]]
"""Honest records are submitted; what it gives is logged unchecked, and the first of these is at fault."""


def after(*steps: Callable[[World], bytes], then: Callable[[World], bytes]) -> Forgery:
    def make(world: World) -> list[bytes]:
        for step in steps:
            world.submit(step(world))
        return [then(world)]

    return make


def other_policy(world: World) -> bytes:
    return world.sign("signature-policy", by="school", uscc=CENTRE.uscc, kinds=["correction"])


def end_delegation(world: World) -> bytes:
    uid = world.ledger.registry().delegations[-1].uid
    return world.sign("delegation-ended", by="authority", uscc=CENTRE.uscc, delegation=uid)


def lost(world: World) -> bytes:
    gone = kid(SCHOOL.signer, SCHOOL.issuer)
    claims = {**possessed(STRANGER, SCHOOL.issuer), "lost_kid": gone, "reason": "lost", "suspect_since": None}
    return world.sign("key-recovered", by="authority", **claims)


def foreign_key(world: World) -> bytes:
    claims = {**possessed(STRANGER, CENTRE.issuer), "key_issuer": CENTRE.issuer, "use": "records"}
    return world.sign("key-registered", **claims)


def foreign_revocation(world: World) -> bytes:
    target = next(one for one in world.accepted if world.ledger.record(one).issuer == CENTRE.issuer
                  and world.ledger.record(one).kind.startswith("skill-certificate"))  # fmt: skip
    return world.sign("revocation", by="school", target_record=target, leave_out=("note",))


def revoke_of_another(world: World) -> bytes:
    claims = {"kid": kid(CENTRE.signer, CENTRE.issuer), "reason": "other", "suspect_since": None}
    return world.sign("key-revoked", by="school", **claims)


def confirmation_of_another(world: World) -> bytes:
    index = world.ledger.size() - 2
    target = world.ledger.record_at(index)
    suspect = kid(CENTRE.signer, CENTRE.issuer)
    return world.sign(
        "confirmation", by="school", target_record=target.record_id, target_index=index, suspect_kid=suspect
    )


def alone(world: World) -> list[bytes]:
    return [completion(world)]


def twice_by_one(world: World) -> list[bytes]:
    first = completion(world)
    return [first, second(world, first, CENTRE.signer)]


def in_another_group(world: World) -> list[bytes]:
    first = completion(world)
    return [first, second(world, first, SECOND, group=GROUP.replace("c13", "c14"))]


NOT_SIGNER = "signer-not-authorised"
FORGERIES: list[tuple[str, Forgery, str]] = [
    ("an institution suspends another", after(then=lambda w: standing(w, "suspended", by="school")), NOT_SIGNER),
    ("an institution registers a key of its own", after(then=foreign_key), NOT_SIGNER),
    ("an institution revokes another's key", after(then=revoke_of_another), NOT_SIGNER),
    ("an institution sets another's policy", after(then=other_policy), NOT_SIGNER),
    ("an institution confirms for another", after(then=confirmation_of_another), NOT_SIGNER),
    ("a delegate acts in another region", after(then=lambda w: registration(w, "320202")), NOT_SIGNER),
    ("a delegate does what was not delegated", after(then=lambda w: standing(w, "suspended", by="centre",
                                                                             uscc=SCHOOL.uscc)), NOT_SIGNER),
    ("a delegate accredits itself",
     after(then=lambda w: w.sign("accreditation-granted", uscc=CENTRE.uscc, regions=["3201"])), NOT_SIGNER),
    ("a delegate hands its right on",
     after(then=lambda w: w.sign("authority-delegated", uscc=SCHOOL.uscc, regions=["3201"])), NOT_SIGNER),
    ("a delegate acts after the end", after(end_delegation, then=lambda w: registration(w, "320104")), NOT_SIGNER),
    ("a suspended delegate acts",
     after(lambda w: standing(w, "suspended"), then=lambda w: registration(w, "320104")), NOT_SIGNER),
    ("a suspended institution certifies",
     after(lambda w: standing(w, "suspended"), then=lambda w: w.sign(person=4, serial=4)), NOT_SIGNER),
    ("a holder's key suspends", after(then=lambda w: standing(w, "suspended", signer=HOLDERS[0])), NOT_SIGNER),
    ("the root key rotates itself",
     after(then=lambda w: rotation(w, HOLDERS[:2], signer=AUTHORITY.signer)), NOT_SIGNER),
    ("an institution revokes another's record", after(then=foreign_revocation), "act-not-authorised"),
    ("one holder alone", after(then=lambda w: rotation(w, [])), "approvals-missing"),
    ("an approval by a stranger", after(then=lambda w: rotation(w, [HOLDERS[1], STRANGER])), "approvals-missing"),
    ("approved for other keys", after(then=lambda w: rotation(w, HOLDERS[1:3], since=1)), "approvals-missing"),
    ("a policy that replaces another unasked", after(then=lambda w: policy(w, HOLDERS[2:])), "approvals-missing"),
    ("a policy that too few approve",
     after(then=lambda w: policy(w, HOLDERS[2:], HOLDERS[:1])), "approvals-missing"),
    ("the root key as a holder",
     after(then=lambda w: policy(w, [AUTHORITY.signer, HOLDERS[0]], HOLDERS[:2])), "key-invalid"),
    ("a former holder",
     after(lambda w: policy(w, HOLDERS[2:], HOLDERS[:2]), then=lambda w: rotation(w, HOLDERS[2:])),
     "key-not-authorised"),
    ("the old root key",
     after(lambda w: rotation(w, HOLDERS[1:2]), then=lambda w: standing(w, "suspended")), "key-not-authorised"),
    ("a lost key", after(lost, then=lambda w: w.sign(by="school", person=4, serial=4)), "key-not-authorised"),
    ("one signature where two are demanded", alone, "second-signature-missing"),
    ("the same key twice", twice_by_one, "second-signature-missing"),
    ("a second signature in another group", in_another_group, "second-signature-missing"),
]  # fmt: skip


def test_an_honest_log_has_no_finding(honest: World) -> None:
    """The control of the table, with everything in it that a row makes wrong done right."""
    first = completion(honest)
    honest.submit_group([first, second(honest, first, SECOND)])
    honest.submit(registration(honest, "320104"))
    honest.submit(lost(honest))
    honest.submit(honest.sign(by="school", person=4, serial=4, signer=STRANGER))
    honest.submit(policy(honest, HOLDERS[2:], HOLDERS[:2]))
    honest.submit(rotation(honest, HOLDERS[3:], signer=HOLDERS[2]))
    honest.submit(standing(honest, "suspended", signer=NEW_ROOT))
    honest.check_everything()


@pytest.mark.parametrize(("forge", "code"), [row[1:] for row in FORGERIES], ids=[row[0] for row in FORGERIES])
def test_a_record_that_its_signer_may_not_sign_is_named(honest: World, forge: Forgery, code: str) -> None:
    forged = forge(honest)
    registry = honest.ledger.registry()
    first, *_ = [log_unchecked(honest, one, registry=registry) for one in forged]
    found = honest.audit().findings
    assert [(one.code, one.index) for one in found] == [(code, first)]


def test_without_holders_nobody_approves(sqlite_world: World) -> None:
    """The first policy needs no approval, and must not claim one; without a policy there is no rotation."""
    world = sqlite_world
    registry = world.ledger.registry()
    first = log_unchecked(world, policy(world, HOLDERS[:3], HOLDERS[:2]), registry=registry)
    log_unchecked(world, rotation(world, [], signer=AUTHORITY.signer), registry=registry)
    found = [(one.code, one.index) for one in world.audit().findings]
    assert found == [
        ("approvals-missing", first), ("signer-not-authorised", first + 1), ("approvals-missing", first + 1)
    ]  # fmt: skip


def test_what_follows_from_a_forged_root_is_not_believed(honest: World) -> None:
    """A rotation without approvals gives no key: what the new key signs is signed by nobody."""
    registry = honest.ledger.registry()
    first = log_unchecked(honest, rotation(honest, []), registry=registry)
    later = standing(honest, "suspended", signer=NEW_ROOT)
    log_unchecked(honest, later, registry=replace(registry))
    found = [(one.code, one.index) for one in honest.audit().findings]
    assert found == [("approvals-missing", first), ("key-unknown", first + 1)]
