"""Goal: who may say what changes only as the kinds of the registry allow. Method: a registry of real keys in memory; each
row of a table differs from an accepted record in one thing, in the order in which form, rule and fold look at it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from keys.custody import Signer
from keys.ids import format_kid
from keys.possession import prove_possession
from ledger.errors import Refused
from ledger.records import parse_record
from ledger.records._approvals import POLICY, ROTATION, approve, format_statement
from ledger.records._base import Record
from tests.support.past import AUTHORITY, INSTITUTION, ISSUER, ORIGIN, OTHER, SIGNER, Past, build
from tests.support.world import seeded_signer

CENTRE, SCHOOL, BODY = "52320102MJ000000XG", "12320102MB0000000C", "11320000MB0000000D"
ROOT, SECOND, FRESH, NEW_ROOT = (
    seeded_signer(f"authority kinds, {name}") for name in ("root", "second", "fresh", "new")
)
HOLDERS = [seeded_signer(f"authority kinds, holder {number}") for number in range(4)]
NONCE = "Txewgqpbd1ifQ-PZyeq7DQ"
Claims = dict[str, Any]


def kid(signer: Signer, issuer: str = ISSUER) -> str:
    return format_kid(issuer=issuer, jwk=signer.jwk)


def proof(signer: Signer, issuer: str = ISSUER, *, origin: str = ORIGIN) -> str:
    return prove_possession(signer, origin=origin, issuer=issuer, nonce=NONCE)


@pytest.fixture
def past() -> Past:
    """The authority's root key, and one key of the centre, each registered before index 0."""
    made = Past()
    for issuer, signer in ((AUTHORITY, ROOT), (ISSUER, SIGNER)):
        made.registry = made.registry.with_key(issuer=issuer, jwk=signer.jwk, use="records", index=-1)
    return made


def add(past: Past, kind: str, claims: Claims, *, issuer: str = AUTHORITY, signer: Signer = ROOT) -> str:
    """Take a record up as acceptance would; gives its record id. Raises Refused."""
    envelope = build(kind, claims, issuer=issuer, signer=signer)
    record = parse_record(envelope)
    record.check(past.history(issuer=issuer, is_authority=issuer == AUTHORITY, group=(record,)))
    return past.log(envelope, stream=INSTITUTION)


def code(past: Past, kind: str, claims: Claims, *, issuer: str = AUTHORITY, signer: Signer = ROOT) -> str | None:
    """The code with which a record is refused by its form, its rule or the registry; None where it is taken up."""
    try:
        add(past, kind, claims, issuer=issuer, signer=signer)
    except Refused as refused:
        return refused.code
    return None


# -- succession


def succession(old: str, new: str) -> Claims:
    return {"happened_on": "2026-05-20", "uscc": old, "successor": new}


THIRD = "91320102MA0000007T"
SUCCESSIONS = [
    ("the predecessor is not registered", succession(THIRD, SCHOOL), "rule-broken"),
    ("the successor is not registered", succession(CENTRE, THIRD), "rule-broken"),
    ("the authority", succession(BODY, SCHOOL), "rule-broken"),
    ("itself", succession(CENTRE, CENTRE), "rule-broken"),
    ("another institution", succession(CENTRE, SCHOOL), None),
]


@pytest.mark.parametrize(("claims", "expected"), [row[1:] for row in SUCCESSIONS], ids=[row[0] for row in SUCCESSIONS])
def test_succession(past: Past, claims: Claims, expected: str | None) -> None:
    assert code(past, "institution-succeeded", claims) == expected


def test_one_successor_and_no_circle(past: Past) -> None:
    add(past, "institution-succeeded", succession(CENTRE, SCHOOL))
    assert code(past, "institution-succeeded", succession(CENTRE, BODY)) == "rule-broken", "a second successor"
    assert code(past, "institution-succeeded", succession(SCHOOL, CENTRE)) == "rule-broken", "a circle"


def test_a_chain_of_successors_acts_for_the_first_and_not_the_other_way(past: Past) -> None:
    third = "https://third.example.cn/issuers/3"
    add(past, "institution-registered", {"uscc": THIRD, "institution_issuer": third})
    add(past, "institution-succeeded", succession(CENTRE, SCHOOL))
    add(past, "institution-succeeded", succession(SCHOOL, THIRD))
    acts_for = past.registry.acts_for
    assert (acts_for(OTHER, ISSUER), acts_for(third, ISSUER), acts_for(third, OTHER)) == (True, True, True)
    assert (acts_for(ISSUER, OTHER), acts_for(OTHER, third)) == (False, False)
    assert code(past, "institution-succeeded", succession(THIRD, CENTRE)) == "rule-broken", "a circle of three"


def test_a_correction_may_come_from_the_successor(past: Past) -> None:
    """The replacement is the successor's own record; before the succession it is a stranger's."""
    old = past.log(build("award"))
    new = past.log(build("award", {"edition": "2027"}, issuer=OTHER))
    claims = {"target_record": old, "replacement_record": new}
    assert past.code("correction", claims, issuer=OTHER) == "rule-broken"
    add(past, "institution-succeeded", succession(CENTRE, SCHOOL))
    assert past.code("correction", claims, issuer=OTHER) is None


# -- a lost key


def recovery(**changes: Any) -> Claims:
    return {
        "lost_kid": kid(SIGNER),
        "reason": "lost",
        "suspect_since": None,
        "jwk": FRESH.jwk,
        "nonce": NONCE,
        "possession": proof(FRESH),
        "log": ORIGIN,
        **changes,
    }


RECOVERIES: list[tuple[str, Claims, str | None]] = [
    ("a date of suspicion without a theft", recovery(suspect_since=0), "schema-invalid"),
    ("a proof for another log", recovery(log="other.example/log"), "rule-broken"),
    ("a proof by another key", recovery(possession=proof(SECOND)), "possession-not-proved"),
    ("a key of the service, which speaks for nobody registered",
     recovery(lost_kid=kid(FRESH, AUTHORITY + "/service"), possession=proof(FRESH, AUTHORITY + "/service")),
     "key-not-authorised"),
    ("a key that never was", recovery(lost_kid=kid(SECOND)), "rule-broken"),
    ("the authority's own",
     recovery(lost_kid=kid(ROOT, AUTHORITY), possession=proof(FRESH, AUTHORITY)), "rule-broken"),
    ("the lost key itself", recovery(jwk=SIGNER.jwk, possession=proof(SIGNER)), "key-already-registered"),
    ("suspect from an index beyond the log", recovery(reason="compromised", suspect_since=99), "key-not-authorised"),
    ("stolen", recovery(reason="compromised", suspect_since=0), None),
    ("lost", recovery(), None),
]  # fmt: skip


@pytest.mark.parametrize(("claims", "expected"), [row[1:] for row in RECOVERIES], ids=[row[0] for row in RECOVERIES])
def test_recovery(past: Past, claims: Claims, expected: str | None) -> None:
    assert code(past, "key-recovered", claims) == expected


def test_a_recovered_institution_speaks_with_the_new_key_alone(past: Past) -> None:
    add(past, "key-recovered", recovery(reason="compromised", suspect_since=0))
    (live,) = past.registry.live_keys(ISSUER, index=len(past.held))
    assert live.kid == kid(FRESH)
    lost = past.registry.keyring.find(kid(SIGNER))
    assert lost is not None
    assert (lost.revoked_at, lost.suspect_since) == (0, 0)


def test_no_recovery_while_another_key_speaks(past: Past) -> None:
    past.registry = past.registry.with_key(issuer=ISSUER, jwk=SECOND.jwk, use="records", index=-1)
    assert code(past, "key-recovered", recovery()) == "rule-broken"
    past.registry = past.registry.without_key(kid(SECOND), index=0)
    assert code(past, "key-recovered", recovery()) is None


# -- delegation


def delegation(**changes: Any) -> Claims:
    return {"uscc": CENTRE, "kinds": ["key-registered"], "regions": ["3201"], **changes}


DELEGATIONS = [
    ("every region", delegation(regions=["*"]), "schema-invalid"),
    ("a kind that nobody knows", delegation(kinds=["key-forged"]), "unknown-kind"),
    ("a kind that the authority does not sign", delegation(kinds=["skill-certificate"]), "rule-broken"),
    ("a holder's kind", delegation(kinds=["root-rotated"]), "rule-broken"),
    ("to nobody registered", delegation(uscc=THIRD), "rule-broken"),
    ("an act of the authority", delegation(), None),
]


@pytest.mark.parametrize(("claims", "expected"), [row[1:] for row in DELEGATIONS], ids=[row[0] for row in DELEGATIONS])
def test_delegation(past: Past, claims: Claims, expected: str | None) -> None:
    assert code(past, "authority-delegated", claims) == expected


def test_a_delegation_ends_once(past: Past) -> None:
    add(past, "authority-delegated", delegation())
    past.log(build("award"))
    uid = past.registry.delegations[0].uid
    assert code(past, "delegation-ended", {"uscc": SCHOOL, "delegation": uid}) == "rule-broken", "another's"
    assert code(past, "delegation-ended", {"uscc": CENTRE, "delegation": uid}) is None
    assert code(past, "delegation-ended", {"uscc": CENTRE, "delegation": uid}) == "rule-broken", "ended already"
    (given,) = past.registry.delegations
    assert [given.covers("key-registered", ("320102",), index=index) for index in range(4)] == [
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "kind",
    ["authority-delegated", "delegation-ended", "root-policy", "root-rotated", "signature-policy", "key-revoked"],
)
def test_these_acts_are_never_delegated(past: Past, kind: str) -> None:
    record = parse_record(build(kind, {}))
    assert record.concerns(past.registry) == ()


def test_what_an_act_concerns(past: Past) -> None:
    def regions(kind: str, **claims: Any) -> Sequence[str]:
        return parse_record(build(kind, claims)).concerns(past.registry)

    assert regions("institution-succeeded", uscc=CENTRE, successor=SCHOOL) == ("320102", "320102")
    assert regions("institution-succeeded", uscc=CENTRE, successor=THIRD) == ()
    assert regions("key-recovered", lost_kid=kid(SIGNER)) == ("320102",)
    assert regions("key-recovered", lost_kid=kid(ROOT, AUTHORITY)) == ("",), "a region that no prefix covers"


# -- two signatures


def test_a_policy_names_itself_and_needs_two_keys(past: Past) -> None:
    own: dict[str, Any] = {"issuer": ISSUER, "signer": SIGNER}
    assert code(past, "signature-policy", {"kinds": ["award"]}, **own) == "rule-broken", "one key"
    past.registry = past.registry.with_key(issuer=ISSUER, jwk=SECOND.jwk, use="records", index=-1)
    for kind, expected in (
        ("cosignature", "rule-broken"),
        ("root-rotated", "rule-broken"),
        ("nothing", "unknown-kind"),
    ):
        assert code(past, "signature-policy", {"kinds": [kind]}, **own) == expected
    assert code(past, "signature-policy", {"kinds": ["award"]}, issuer=OTHER, signer=SIGNER) == "rule-broken", (
        "another's"
    )
    assert code(past, "signature-policy", {"uscc": THIRD, "kinds": ["award"]}) == "rule-broken", "of nobody"
    assert code(past, "signature-policy", {"kinds": ["award"]}, **own) is None
    assert past.registry.institution(CENTRE).cosigned == {"award", "signature-policy"}
    assert code(past, "signature-policy", {"kinds": []}) is None, "the authority takes it back"
    assert past.registry.institution(CENTRE).cosigned == frozenset()


def cosignature(past: Past, target: str, group: Sequence[Record], signer: Signer, issuer: str = ISSUER) -> str | None:
    try:
        record = parse_record(build("cosignature", {"target_record": target}, issuer=issuer, signer=signer))
        record.check(past.history(issuer=issuer, group=(*group, record)))
    except Refused as refused:
        return refused.code
    return None


def test_cosignature(past: Past) -> None:
    first = build("award")
    target, award = past.log(first), parse_record(first)
    assert cosignature(past, "0" * 64, [award], SECOND) == "target-unknown"
    assert cosignature(past, target, [award], SECOND, OTHER) == "target-foreign"
    assert cosignature(past, target, [], SECOND) == "group-incomplete", "alone"
    assert cosignature(past, target, [parse_record(build("award"))], SECOND) == "group-incomplete", (
        "with another record"
    )
    assert cosignature(past, target, [award], SIGNER) == "rule-broken", "the same key"
    assert cosignature(past, target, [award], SECOND) is None


def test_a_record_that_names_another_signing_key_is_refused(past: Past) -> None:
    with pytest.raises(Refused) as refused:
        parse_record(build("cosignature", {"signing_kid": kid(SECOND)}, signer=SIGNER))
    assert refused.value.code == "header-invalid"


# -- confirmation


@pytest.fixture
def suspect(past: Past) -> Past:
    """Index 0 a record of the centre's key, 1 the theft told from 0 on, 2 a new key."""
    past.log(build("award"))
    add(past, "key-revoked", {"kid": kid(SIGNER), "reason": "compromised", "suspect_since": 0})
    possession = {"jwk": SECOND.jwk, "nonce": NONCE, "possession": proof(SECOND), "log": ORIGIN}
    add(past, "key-registered", {"key_issuer": ISSUER, "use": "records", **possession})
    return past


def confirming(past: Past, **changes: Any) -> Claims:
    return {"target_record": past.held[0].record_id, "target_index": 0, "suspect_kid": kid(SIGNER), **changes}


CONFIRMATIONS: list[tuple[str, Callable[[Past], Claims], Signer, str | None]] = [
    ("of no record", lambda p: confirming(p, target_record="0" * 64), SECOND, "target-unknown"),
    ("at another index", lambda p: confirming(p, target_index=1), SECOND, "rule-broken"),
    ("under another key", lambda p: confirming(p, suspect_kid=kid(SECOND)), SECOND, "rule-broken"),
    ("by the suspect key", confirming, SIGNER, "key-not-authorised"),
    ("by an unknown key", confirming, FRESH, "key-not-authorised"),
    (
        "of a record whose key is not suspect",
        lambda p: confirming(p, target_record=p.held[2].record_id, target_index=2, suspect_kid=kid(ROOT, AUTHORITY)),
        SECOND,
        "key-not-authorised",
    ),
    ("by the new key", confirming, SECOND, None),
]


@pytest.mark.parametrize(
    ("claims", "signer", "expected"), [row[1:] for row in CONFIRMATIONS], ids=[row[0] for row in CONFIRMATIONS]
)
def test_confirmation(suspect: Past, claims: Callable[[Past], Claims], signer: Signer, expected: str | None) -> None:
    keyring = suspect.registry.keyring
    assert keyring.standing_of(kid(SIGNER), index=0) == "under_review"
    assert code(suspect, "confirmation", claims(suspect), issuer=ISSUER, signer=signer) == expected
    standing = suspect.registry.keyring.standing_of(kid(SIGNER), index=0)
    assert standing == ("pass" if expected is None else "under_review")


def test_a_key_that_was_there_before_the_theft_confirms_nothing(past: Past) -> None:
    """A thief may have had both; only what was registered since is known to be in the right hands."""
    past.registry = past.registry.with_key(issuer=ISSUER, jwk=SECOND.jwk, use="records", index=-1)
    past.log(build("award"))
    add(past, "key-revoked", {"kid": kid(SIGNER), "reason": "compromised", "suspect_since": 0})
    assert code(past, "confirmation", confirming(past), issuer=ISSUER, signer=SECOND) == "key-not-authorised"


# -- the root key


def policy(holders: Sequence[Signer], threshold: int = 2, **changes: Any) -> Claims:
    held = [{"jwk": one.jwk, "possession": proof(one, AUTHORITY)} for one in holders]
    return {"threshold": threshold, "holders": held, "nonce": NONCE, "log": ORIGIN, **changes}


def policy_approvals(holders: Sequence[Signer], by: Sequence[Signer], threshold: int = 2) -> Claims:
    statement = format_statement(
        POLICY, origin=ORIGIN, nonce=NONCE, threshold=threshold, holders=[one.jwk for one in holders]
    )
    return {"approvals": [approve(statement, signer=one, issuer=AUTHORITY) for one in by]}


POLICIES: list[tuple[str, Claims, str | None]] = [
    ("no holder", policy([]), "schema-invalid"),
    ("one key twice", {**policy(HOLDERS[:2]), "holders": [
        {"jwk": HOLDERS[0].jwk, "possession": proof(one, AUTHORITY)} for one in HOLDERS[:2]]}, "schema-invalid"),
    ("more than there are", policy(HOLDERS[:2], 3), "schema-invalid"),
    ("nobody is enough", policy(HOLDERS[:2], 0), "schema-invalid"),
    ("for another log", policy(HOLDERS[:3], log="other.example/log"), "rule-broken"),
    ("a proof by another key", {**policy(HOLDERS[:2]), "holders": [
        {"jwk": HOLDERS[0].jwk, "possession": proof(HOLDERS[0], AUTHORITY)},
        {"jwk": HOLDERS[2].jwk, "possession": proof(HOLDERS[1], AUTHORITY)}]}, "possession-not-proved"),
    ("approvals where there is nobody to approve",
     {**policy(HOLDERS[:3]), **policy_approvals(HOLDERS[:3], HOLDERS[:2])}, "approvals-missing"),
    ("the root key itself as a holder", policy([ROOT, HOLDERS[0]]), "key-already-registered"),
    ("two of three", policy(HOLDERS[:3]), None),
]  # fmt: skip


@pytest.mark.parametrize(("claims", "expected"), [row[1:] for row in POLICIES], ids=[row[0] for row in POLICIES])
def test_root_policy(past: Past, claims: Claims, expected: str | None) -> None:
    assert code(past, "root-policy", claims) == expected


@pytest.fixture
def governed(past: Past) -> Past:
    """Index 0: two of three holders."""
    add(past, "root-policy", policy(HOLDERS[:3]))
    return past


def test_a_later_policy_needs_the_holders_of_the_one_before(governed: Past) -> None:
    """Whoever has the root key alone must not name holders of their own choice."""
    fresh = [HOLDERS[0], HOLDERS[3]]
    lone = {**policy(fresh), **policy_approvals(fresh, HOLDERS[:1])}
    for claims in (policy(fresh), lone, {**policy(fresh), **policy_approvals(HOLDERS[:3], HOLDERS[:2])}):
        assert code(governed, "root-policy", claims) == "approvals-missing"
    assert code(governed, "root-policy", {**policy(fresh), **policy_approvals(fresh, HOLDERS[1:3])}) is None
    speaking = {key.kid for key in governed.registry.live_keys(AUTHORITY, index=2, use="rotation")}
    assert speaking == {kid(one, AUTHORITY) for one in fresh}, "who stayed speaks on, who left does not"
    assert code(governed, "root-policy", {**policy(HOLDERS[:2]), **policy_approvals(HOLDERS[:2], fresh)}) == (
        "key-already-registered"
    ), "who left does not come back with the same key"


def test_a_holders_key_is_not_revoked_like_another(governed: Past) -> None:
    claims = {"kid": kid(HOLDERS[0], AUTHORITY), "reason": "other", "suspect_since": None}
    assert code(governed, "key-revoked", claims) == "rule-broken"


def rotation(
    *,
    by: Sequence[Signer] = HOLDERS[1:2],
    retired: Sequence[Claims] = ({"kid": kid(ROOT, AUTHORITY), "suspect_since": 1},),
    agreed: Sequence[Claims] | None = None,
    purpose: str = ROTATION,
    origin: str = ORIGIN,
    new: Signer = NEW_ROOT,
    **changes: Any,
) -> Claims:
    statement = format_statement(
        purpose, origin=origin, nonce=NONCE, jwk=new.jwk, retired=list(retired if agreed is None else agreed)
    )
    claims = {"jwk": new.jwk, "nonce": NONCE, "possession": proof(new, AUTHORITY), "log": ORIGIN}
    approvals = [approve(statement, signer=one, issuer=AUTHORITY) for one in by]
    return {**claims, "retired": list(retired), "approvals": approvals or None, **changes}


def _forged() -> Claims:
    claims = rotation()
    claims["approvals"][0]["signature"] = rotation(by=HOLDERS[2:3])["approvals"][0]["signature"]
    return claims


ROTATIONS: list[tuple[str, Claims, str | None]] = [
    ("a holder approves twice", rotation(by=[HOLDERS[1], HOLDERS[1]]), "schema-invalid"),
    ("a proof for another log", rotation(log="other.example/log"), "rule-broken"),
    ("a proof by another key", rotation(possession=proof(FRESH, AUTHORITY)), "possession-not-proved"),
    ("one holder alone", rotation(by=[]), "approvals-missing"),
    ("the signer twice", rotation(by=HOLDERS[:1]), "approvals-missing"),
    ("approved by no holder", rotation(by=[HOLDERS[3]]), "approvals-missing"),
    ("approved by the root key", rotation(by=[ROOT]), "approvals-missing"),
    ("enough approve, and one in another's name", rotation(by=[HOLDERS[1], HOLDERS[3]]), "approvals-missing"),
    ("an approval that another signed", _forged(), "approvals-missing"),
    ("approved for another purpose", rotation(purpose=POLICY), "approvals-missing"),
    ("approved for another log", rotation(origin="other.example/log"), "approvals-missing"),
    ("approved for other keys",
     rotation(agreed=[{"kid": kid(ROOT, AUTHORITY), "suspect_since": 0}]), "approvals-missing"),
    ("a key of an institution", rotation(retired=[{"kid": kid(SIGNER)}]), "rule-broken"),
    ("a holder's key", rotation(retired=[{"kid": kid(HOLDERS[2], AUTHORITY)}]), "rule-broken"),
    ("a key that never was", rotation(retired=[{"kid": kid(FRESH, AUTHORITY)}]), "rule-broken"),
    ("the root key for itself", rotation(new=ROOT), "key-already-registered"),
    ("two of three", rotation(), None),
    ("three of three", rotation(by=HOLDERS[1:3]), None),
]  # fmt: skip


@pytest.mark.parametrize(("claims", "expected"), [row[1:] for row in ROTATIONS], ids=[row[0] for row in ROTATIONS])
def test_root_rotated(governed: Past, claims: Claims, expected: str | None) -> None:
    assert code(governed, "root-rotated", claims, signer=HOLDERS[0]) == expected


def test_a_signer_that_is_no_holder_counts_for_nothing(governed: Past) -> None:
    """Acceptance refuses the key before; the verifier of a pack sees it only here."""
    assert code(governed, "root-rotated", rotation(), signer=ROOT) == "approvals-missing"


def test_after_a_rotation_the_new_key_alone_speaks(governed: Past) -> None:
    """Also a key that a thief registered with the stolen one, and a demand that one key could not meet, are gone."""
    governed.registry = governed.registry.with_key(issuer=AUTHORITY, jwk=SECOND.jwk, use="records", index=0)
    governed.log(build("signature-policy", {"uscc": BODY, "kinds": ["key-registered"]}), stream=INSTITUTION)
    add(governed, "root-rotated", rotation(), signer=HOLDERS[0])
    index = len(governed.held)
    assert [key.kid for key in governed.registry.live_keys(AUTHORITY, index=index)] == [kid(NEW_ROOT, AUTHORITY)]
    old, theirs = (governed.registry.keyring.find(kid(one, AUTHORITY)) for one in (ROOT, SECOND))
    assert old is not None
    assert theirs is not None
    assert (old.revoked_at, old.suspect_since) == (index - 1, 1)
    assert (theirs.revoked_at, theirs.suspect_since) == (index - 1, None)
    assert governed.registry.institution(BODY).cosigned == frozenset()
    assert len(governed.registry.live_keys(AUTHORITY, index=index, use="rotation")) == 3


def test_nothing_but_holders_stands_above_the_authority(past: Past) -> None:
    """Whoever has the root key must not be able to suspend the authority, or no holder's rotation would be accepted."""
    add(past, "institution-standing", {"uscc": BODY, "standing": "suspended", "reason": "theft"})
    past.registry.check_standing(AUTHORITY, kind="root-rotated", index=len(past.held))
