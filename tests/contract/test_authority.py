"""Goal: institutions, their keys, delegates and the authority's own key change hands only as the registry's records allow,
in a real log. Method: one story a kind, on both engines, each with what is refused on the way; then everything is audited.
Last, records that acceptance would refuse are logged behind its back: the audit names each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from keys.custody import Signer
from keys.ids import format_kid
from keys.possession import prove_possession
from ledger.errors import IssuerSuspended, LedgerError
from ledger.receipts import Receipt
from ledger.records._approvals import POLICY, ROTATION, approve, format_statement
from ledger.wire.envelope import parse_envelope
from tests.support.world import AUTHORITY, INSTITUTIONS, ORIGIN, Party, World, refused_code, seeded_signer

CENTRE, SCHOOL = INSTITUTIONS["centre"], INSTITUTIONS["school"]
SECOND, NEW_ROOT, STRANGER = (seeded_signer(f"authority, {name}") for name in ("second", "new root", "stranger"))
HOLDERS = [seeded_signer(f"authority, holder {number}") for number in range(4)]
GROUP = "urn:uuid:6b1f6f0e-5a3e-4c55-9a6a-2f0f6a1f7c12"
NONCE = "Txewgqpbd1ifQ-PZyeq7DQ"
WORKS = Party(
    "示例重型装备集团有限公司",
    "91320102MA0000007T",
    "https://works.example.cn/issuers/1",
    seeded_signer("works"),
    "employer",
)


def kid(signer: Signer, issuer: str = CENTRE.issuer) -> str:
    return format_kid(issuer=issuer, jwk=signer.jwk)


def proof(signer: Signer, issuer: str) -> str:
    return prove_possession(signer, origin=ORIGIN, issuer=issuer, nonce=NONCE)


def by_authority(world: World, kind: str, *, signer: Signer | None = None, **claims: Any) -> bytes:
    return world.sign(kind, by="authority", signer=signer, **claims)


def group_code(world: World, envelopes: list[bytes]) -> str | None:
    try:
        world.submit_group(envelopes)
    except LedgerError as refused:
        return refused.code
    return None


def add_second_key(world: World) -> None:
    world.submit(world.key_registration(CENTRE.issuer, SECOND))


# -- delegation


def registration(world: World, *, by: str = "centre", party: Party = WORKS, region: str = "320104") -> bytes:
    return world.sign(
        "institution-registered",
        by=by,
        uscc=party.uscc,
        institution_issuer=party.issuer,
        name=party.name,
        type=party.type,
        region=region,
    )


def key_of(world: World, party: Party, *, by: Party = CENTRE) -> bytes:
    claims = {"key_issuer": party.issuer, "jwk": party.signer.jwk, "use": "records", "nonce": NONCE, "log": ORIGIN}
    return world.sign("key-registered", by=by, possession=proof(party.signer, party.issuer), **claims)


def accreditation(world: World, *, regions: list[str], uscc: str = WORKS.uscc) -> bytes:
    scope = {"kinds": ["skill-certificate"], "occupations": ["*"], "levels": [3, 4], "regions": regions}
    return world.sign("accreditation-granted", uscc=uscc, period_from="2020-01-01", **scope)


def delegate(world: World, **claims: Any) -> str:
    """The centre registers, gives keys and accredits in 3201; gives the delegation's id."""
    world.submit(by_authority(world, "authority-delegated", uscc=CENTRE.uscc, regions=["3201"], **claims))
    return world.ledger.registry().delegations[-1].uid


def test_a_delegate_acts_in_its_region(world: World) -> None:
    assert refused_code(world, registration(world)) == "key-not-authorised", "before it is delegated"
    delegate(world)
    for envelope in (registration(world), key_of(world, WORKS), accreditation(world, regions=["3201"])):
        world.submit(envelope)
    world.submit(world.sign(by=WORKS, person=1, serial=1, region="320104"))
    world.check_everything()
    world.reopen()
    assert world.ledger.registry().institution(WORKS.uscc).region == "320104"
    world.check_everything()


OUTSIDE: list[tuple[str, Callable[[World], bytes]]] = [
    ("an institution elsewhere", lambda w: registration(w, region="320202")),
    ("a key of the authority", lambda w: key_of(w, Party("", AUTHORITY.uscc, AUTHORITY.issuer, STRANGER))),
    ("a key of the service",
     lambda w: w.sign("key-registered", key_issuer=AUTHORITY.issuer + "/service", use="service", jwk=STRANGER.jwk,
                      nonce=NONCE, log=ORIGIN, possession=proof(STRANGER, AUTHORITY.issuer + "/service"))),
    ("an accreditation for everywhere", lambda w: accreditation(w, regions=["*"], uscc=SCHOOL.uscc)),
    ("an accreditation for the whole province", lambda w: accreditation(w, regions=["32"], uscc=SCHOOL.uscc)),
    ("an accreditation for one place more", lambda w: accreditation(w, regions=["3201", "3202"], uscc=SCHOOL.uscc)),
    ("a kind that is not named",
     lambda w: w.sign("institution-standing", uscc=SCHOOL.uscc, standing="suspended", reason="inspection")),
    ("a second key for itself", lambda w: key_of(w, Party("", CENTRE.uscc, CENTRE.issuer, STRANGER))),
    ("an accreditation for itself", lambda w: accreditation(w, regions=["3201"], uscc=CENTRE.uscc)),
    ("the delegation itself", lambda w: w.sign("authority-delegated", uscc=SCHOOL.uscc, regions=["3201"])),
]  # fmt: skip


@pytest.mark.parametrize("act", [row[1] for row in OUTSIDE], ids=[row[0] for row in OUTSIDE])
def test_a_delegate_is_refused_outside_its_delegation(world: World, act: Callable[[World], bytes]) -> None:
    kinds = ["institution-registered", "key-registered", "accreditation-granted", "authority-delegated"]
    delegate(world, kinds=kinds)
    assert refused_code(world, act(world)) == "outside-delegation"
    world.check_everything()


def test_a_delegate_is_refused_after_the_end_and_while_suspended(world: World) -> None:
    uid = delegate(world)
    world.submit(registration(world))
    standing = {"uscc": CENTRE.uscc, "reason": "inspection"}
    world.submit(by_authority(world, "institution-standing", standing="suspended", **standing))
    assert refused_code(world, key_of(world, WORKS)) == "issuer-suspended"
    world.submit(by_authority(world, "institution-standing", standing="active", **standing))
    world.submit(by_authority(world, "delegation-ended", uscc=CENTRE.uscc, delegation=uid))
    assert refused_code(world, key_of(world, WORKS)) == "outside-delegation"
    assert world.ledger.registry().institution(WORKS.uscc).name == WORKS.name, "what it did stays"
    world.check_everything()


# -- two signatures


def signed_twice(world: World, first: bytes, *, by: str = "centre", signer: Signer = SECOND) -> list[bytes]:
    target = parse_envelope(first).record_id
    return [first, world.sign("cosignature", by=by, signer=signer, target_record=target, group=GROUP)]


def test_a_single_person_signs_nothing_that_needs_two(world: World) -> None:
    """T23, T27: one stolen key, or one clerk, is not enough; nor to take the policy back."""
    add_second_key(world)
    world.submit(world.sign("signature-policy", kinds=["skill-certificate"]))
    alone = world.sign(person=1, serial=1, group=GROUP)
    assert refused_code(world, alone) == "second-signature-missing"
    assert group_code(world, signed_twice(world, alone, signer=CENTRE.signer)) == "second-signature-missing"
    assert (
        group_code(world, signed_twice(world, alone, by="school", signer=SCHOOL.signer)) == "second-signature-missing"
    )
    other = world.sign(person=1, serial=2, group=GROUP)
    assert group_code(world, [alone, signed_twice(world, other)[1]]) == "second-signature-missing"
    assert group_code(world, signed_twice(world, alone)[::-1]) == "target-unknown", "the second signature comes second"
    assert refused_code(world, world.sign("signature-policy", kinds=[])) == "second-signature-missing"
    assert refused_code(world, signed_twice(world, alone)[1]) == "target-unknown"
    assert group_code(world, signed_twice(world, alone)) is None
    world.submit(world.sign("revocation", target_record=parse_envelope(alone).record_id))  # not named by the policy
    world.check_everything()
    assert group_code(world, signed_twice(world, world.sign("signature-policy", kinds=[], group=GROUP))) is None
    world.submit(world.sign(person=2, serial=3))
    world.check_everything()


def test_a_second_signature_is_welcome_where_no_policy_demands_it(world: World) -> None:
    first = world.sign(person=1, serial=1, group=GROUP)
    add_second_key(world)
    assert group_code(world, signed_twice(world, first, signer=CENTRE.signer)) == "rule-broken", "the same key"
    assert group_code(world, signed_twice(world, first, by="school", signer=SCHOOL.signer)) == "target-foreign"
    world.submit(first)
    assert refused_code(world, signed_twice(world, first)[1]) == "group-incomplete", "later"
    world.submit_group(signed_twice(world, world.sign(person=1, serial=2, group=GROUP)))
    world.check_everything()


def test_the_authority_may_demand_and_release(world: World) -> None:
    add_second_key(world)
    assert refused_code(world, world.sign("signature-policy", by="school", kinds=["award"])) == "rule-broken", (
        "another's"
    )
    world.submit(by_authority(world, "signature-policy", uscc=CENTRE.uscc, kinds=["skill-certificate"]))
    assert refused_code(world, world.sign(person=1, serial=1)) == "second-signature-missing"
    world.submit(by_authority(world, "signature-policy", uscc=CENTRE.uscc, kinds=[]))
    world.submit(world.sign(person=1, serial=1))
    world.check_everything()


# -- keys


def confirm(world: World, receipt: Receipt, *, signer: Signer = SECOND) -> bytes:
    suspect = kid(CENTRE.signer)
    return world.sign(
        "confirmation", signer=signer, target_record=receipt.record_id, target_index=receipt.index, suspect_kid=suspect
    )


def test_what_a_stolen_key_signed_is_under_review_until_confirmed(world: World) -> None:
    """T24: a record dated years back, logged after the theft; its date moves nothing."""
    before = world.submit(world.sign(person=1, serial=1))
    number = "S000032010001243000123"
    since = world.ledger.size()
    forged = world.submit(
        world.sign(person=1, issued_on="2024-03-01", certificate_number=number, late="historical-import")
    )
    world.submit(by_authority(world, "key-revoked", kid=kid(CENTRE.signer), reason="compromised", suspect_since=since))

    def standings() -> list[str]:
        keyring = world.ledger.registry().keyring
        return [keyring.standing_of(kid(CENTRE.signer), index=one.index) for one in (before, forged)]

    assert standings() == ["pass", "under_review"]
    add_second_key(world)
    assert refused_code(world, confirm(world, before)) == "key-not-authorised", "there is nothing to confirm"
    assert refused_code(world, confirm(world, forged, signer=CENTRE.signer)) == "key-not-authorised"
    confirmation = world.submit(confirm(world, forged))
    assert standings() == ["pass", "pass"]
    world.reopen()
    assert standings() == ["pass", "pass"]
    world.submit(
        by_authority(world, "key-revoked", kid=kid(SECOND), reason="compromised", suspect_since=confirmation.index)
    )
    assert standings() == ["pass", "under_review"], "the key that confirmed was stolen too"
    world.check_everything()


def test_an_institution_that_lost_its_last_key_recovers(world: World) -> None:
    recovery = {"lost_kid": kid(CENTRE.signer), "reason": "lost", "suspect_since": None, "nonce": NONCE, "log": ORIGIN}
    recovery |= {"jwk": SECOND.jwk, "possession": proof(SECOND, CENTRE.issuer)}
    assert refused_code(world, world.sign("key-recovered", **recovery)) == "key-not-authorised", "by itself"
    world.submit(by_authority(world, "key-recovered", **recovery))
    assert refused_code(world, world.sign(person=1, serial=1)) == "key-not-authorised"
    world.submit(world.sign(person=1, serial=1, signer=SECOND))
    world.check_everything()


# -- succession


def test_a_successor_corrects_and_revokes_what_it_took_over(world: World) -> None:
    old, other = (world.submit(world.sign(person=1, serial=serial)).record_id for serial in (1, 2))
    revocation = world.sign("revocation", by="school", target_record=other)
    assert refused_code(world, revocation) == "target-foreign"
    world.submit(
        by_authority(world, "institution-succeeded", uscc=CENTRE.uscc, successor=SCHOOL.uscc, happened_on="2026-05-27")
    )
    new = world.sign(by="school", person=1, serial=1, group=GROUP)
    replaced = {"target_record": old, "replacement_record": parse_envelope(new).record_id, "group": GROUP}
    world.submit_group([new, world.sign("correction", by="school", leave_out=("note",), **replaced)])
    world.submit(revocation)
    theirs = world.submit(world.sign(by="school", person=1, serial=7)).record_id
    assert refused_code(world, world.sign("revocation", target_record=theirs)) == "target-foreign", "not backwards"
    world.check_everything()


# -- the root key


def root_policy(world: World, holders: list[Signer], *, by: list[Signer] | None = None, signer: Any = None) -> bytes:
    held = [{"jwk": one.jwk, "possession": proof(one, AUTHORITY.issuer)} for one in holders]
    statement = format_statement(POLICY, origin=ORIGIN, nonce=NONCE, threshold=2, holders=[one.jwk for one in holders])
    approvals = None if by is None else [approve(statement, signer=one, issuer=AUTHORITY.issuer) for one in by]
    claims: dict[str, Any] = {"threshold": 2, "holders": held, "nonce": NONCE, "log": ORIGIN, "approvals": approvals}
    return by_authority(world, "root-policy", signer=signer, **claims)


def rotation(world: World, *, by: list[Signer], signer: Signer = HOLDERS[0], new: Signer = NEW_ROOT) -> bytes:
    retired = [{"kid": kid(AUTHORITY.signer, AUTHORITY.issuer), "suspect_since": world.first_size}]
    statement = format_statement(ROTATION, origin=ORIGIN, nonce=NONCE, jwk=new.jwk, retired=retired)
    approvals = [approve(statement, signer=one, issuer=AUTHORITY.issuer) for one in by]
    claims: dict[str, Any] = {"jwk": new.jwk, "possession": proof(new, AUTHORITY.issuer), "nonce": NONCE, "log": ORIGIN}
    return by_authority(world, "root-rotated", signer=signer, retired=retired, approvals=approvals or None, **claims)


def test_holders_replace_a_stolen_root_key(world: World) -> None:
    world.submit(root_policy(world, HOLDERS[:3]))
    stolen = AUTHORITY.signer
    # What a thief of the root key tries, so that nobody can take it back.
    assert refused_code(world, root_policy(world, [STRANGER, HOLDERS[0]])) == "approvals-missing"
    revoked = {"kid": kid(HOLDERS[0], AUTHORITY.issuer), "reason": "other", "suspect_since": None}
    assert refused_code(world, by_authority(world, "key-revoked", **revoked)) == "rule-broken"
    world.submit(world.key_registration(AUTHORITY.issuer, STRANGER))
    world.submit(by_authority(world, "institution-standing", uscc=AUTHORITY.uscc, standing="withdrawn", reason="theft"))
    # What holders may not do, and may.
    registered = by_authority(world, "institution-standing", signer=HOLDERS[0], standing="suspended", reason="none")
    assert refused_code(world, registered) == "key-not-authorised", "a holder's key signs nothing else"
    assert refused_code(world, rotation(world, by=[])) == "approvals-missing"
    assert refused_code(world, rotation(world, by=[STRANGER])) == "approvals-missing"
    assert refused_code(world, rotation(world, by=HOLDERS[1:2], signer=stolen)) == "key-not-authorised"
    world.submit(rotation(world, by=HOLDERS[1:2]))
    for signer in (stolen, STRANGER):
        ending = by_authority(world, "institution-standing", signer=signer, standing="withdrawn", reason="theft")
        assert refused_code(world, ending) == "key-not-authorised"
    standing = {"uscc": SCHOOL.uscc, "standing": "suspended", "reason": "inspection"}
    world.submit(by_authority(world, "institution-standing", signer=NEW_ROOT, **standing))
    world.submit(root_policy(world, [HOLDERS[0], HOLDERS[3]], by=HOLDERS[1:3], signer=NEW_ROOT))
    assert refused_code(world, rotation(world, by=HOLDERS[1:2], new=STRANGER)) == "approvals-missing", "a former holder"
    world.reopen()
    world.submit(rotation(world, by=HOLDERS[3:], new=seeded_signer("authority, newest root")))
    world.check_everything()


# -- standing and scope, at the moment of logging


def test_what_follows_a_suspension_is_refused_in_the_same_batch(world: World, long_run: bool) -> None:
    """T25: earlier records stay, later ones are refused, a group with a later one leaves nothing."""
    half = 250 if long_run else 20
    rows = [world.sign(person=n % 7, serial=n + 1) for n in range(2 * half)]
    ending = by_authority(world, "institution-standing", uscc=CENTRE.uscc, standing="suspended", reason="inspection")
    answers = world.ledger.submit_many([*rows[:half], ending, *rows[half:]])
    assert all(isinstance(one, Receipt) for one in answers[: half + 1])
    assert all(isinstance(one, IssuerSuspended) for one in answers[half + 1 :])
    size = world.ledger.size()
    pair = [
        world.sign(person=1, serial=9_001, group=GROUP),
        world.sign(by="school", person=2, serial=9_002, group=GROUP),
    ]
    assert group_code(world, pair) == "issuer-suspended"
    assert group_code(world, pair[::-1]) == "issuer-suspended"
    assert world.ledger.size() == size
    assert not world.audit().findings


SCOPE: dict[str, Any] = {"occupations": ["6-31-01"], "levels": [3, 4], "regions": ["3201"],
                         "period_from": "2026-05-25", "period_until": "2026-05-28"}  # fmt: skip
INSIDE: dict[str, Any] = {"occupation_code": "6-31-01-03", "level_order": 4, "region": "320102",
                          "issued_on": "2026-05-27"}  # fmt: skip
AXES: list[tuple[str, dict[str, Any], bool]] = [
    ("occupation inside", {"occupation_code": "6-31-01-03"}, True),
    ("occupation at the edge: the first of its group", {"occupation_code": "6-31-01-01"}, True),
    ("occupation outside: the next group", {"occupation_code": "6-31-02-01"}, False),
    ("level inside", {"level_order": 4}, True),
    ("level at the edge", {"level_order": 3}, True),
    ("level outside: one higher", {"level_order": 5}, False),
    ("region inside", {"region": "320104"}, True),
    ("region at the edge: the city itself", {"region": "320100"}, True),
    ("region outside: the next city", {"region": "320202"}, False),
    ("date inside", {"issued_on": "2026-05-26"}, True),
    ("date at the edge: the first day", {"issued_on": "2026-05-25"}, True),
    ("date outside: the day before", {"issued_on": "2026-05-24"}, False),
]


def certified(world: World, serial: int, **changes: Any) -> bytes:
    """A certificate of the works; the number says its level."""
    claims = {**INSIDE, **changes}
    level = {3: 4, 4: 3, 5: 2}[claims["level_order"]]
    number = f"S00003201000126{level}{serial:06}"
    return world.sign(by=WORKS, person=serial, certificate_number=number, **claims)


def test_the_edges_of_a_scope(world: World) -> None:
    """T26: four axes, each inside, at the edge and outside; today is the last day."""
    world.submit(registration(world, by="authority"))
    world.submit(world.key_registration(WORKS.issuer, WORKS.signer))
    world.submit(by_authority(world, "accreditation-granted", uscc=WORKS.uscc, kinds=["skill-certificate"], **SCOPE))
    for serial, (why, change, allowed) in enumerate(AXES):
        envelope = certified(world, serial + 1, **change)
        assert refused_code(world, envelope) == (None if allowed else "not-accredited"), why
    world.clock.seconds += 86_400
    assert refused_code(world, certified(world, 99)) == "not-accredited", "the day after the last"
    world.check_everything()


def test_a_retired_version_takes_no_new_records(world: World) -> None:
    """What was recorded in it stays, is answered again, and can still be revoked."""
    old = world.sign("skill-certificate/1", person=1, serial=1)
    held = world.submit(old)
    following = world.sign("skill-certificate/1", person=2, serial=2)
    retired = world.sign("kind-retired", by="authority")
    answers = world.ledger._commit([retired, following, world.sign("skill-certificate/2", person=2, serial=3)])
    assert [getattr(answer, "code", None) for answer in answers] == [None, "kind-retired", None]
    assert world.ledger.submit(old).index == held.index
    world.ledger.submit(world.sign("revocation", target_record=held.record_id, action="revoke"))
    for kind in ("skill-certificate/1", "skill-certificate/2", "guild/1"):
        again = world.sign("kind-retired", by="authority", retired_kind=kind)
        assert refused_code(world, again) == "rule-broken", kind
    assert refused_code(world, world.sign("kind-retired", by="centre")) == "key-not-authorised"
    assert world.audit().findings == []
