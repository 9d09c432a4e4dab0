"""Goal: the history of keys says of every key what the register of keys says, and more: when, by which record and why.

Method: one log in which everything that can happen to a key happens; the view beside the registry that folded the same.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from keys.algorithms import algorithm
from keys.custody import Signer, signer_from_private
from keys.ids import format_kid
from keys.possession import prove_possession
from ledger.records._approvals import POLICY, ROTATION, approve, format_statement
from ledger.registry import Registry
from projections import key_history as view
from projections._base import View
from projections._runner import Runner
from projections.key_history import KeyHistory, KeyLife, key_history
from tests.support.past import AUTHORITY, ISSUER, ORIGIN, Past, build
from tests.support.view_engine import ListSource, MemoryViews

IS_VIEW: View = view
ED25519 = algorithm("Ed25519")
NONCE = "Txewgqpbd1ifQ-PZyeq7DQ"
SERVICE = "https://ledger.example.cn/issuers/service"


def signer(number: int) -> Signer:
    return signer_from_private("Ed25519", ED25519.load_private(bytes([number]) * 32))


ROOT, NEW_ROOT, FIRST, SECOND, THIRD, SERVING, UNNAMED = (signer(number) for number in range(1, 8))
HOLDERS = [signer(number) for number in range(11, 15)]


def kid(one: Signer, issuer: str = ISSUER) -> str:
    return format_kid(issuer=issuer, jwk=one.jwk)


def proof(one: Signer, issuer: str) -> str:
    return prove_possession(one, origin=ORIGIN, issuer=issuer, nonce=NONCE)


def new_key(one: Signer, issuer: str = ISSUER, use: str = "records") -> dict[str, Any]:
    return {"key_issuer": issuer, "jwk": dict(one.jwk), "use": use, "nonce": NONCE, "possession": proof(one, issuer)}


def policy(holders: list[Signer], *, by: list[Signer] | None = None) -> dict[str, Any]:
    named = [{"jwk": dict(one.jwk), "possession": proof(one, AUTHORITY)} for one in holders]
    jwks = [dict(one.jwk) for one in holders]
    statement = format_statement(POLICY, origin=ORIGIN, nonce=NONCE, threshold=2, holders=jwks)
    claims = {"threshold": 2, "holders": named, "nonce": NONCE}
    return (
        claims if by is None else {**claims, "approvals": [approve(statement, signer=o, issuer=AUTHORITY) for o in by]}
    )


def rotation(retired: list[dict[str, Any]], *, by: list[Signer]) -> dict[str, Any]:
    statement = format_statement(ROTATION, origin=ORIGIN, nonce=NONCE, jwk=dict(NEW_ROOT.jwk), retired=retired)
    return {
        "jwk": dict(NEW_ROOT.jwk),
        "nonce": NONCE,
        "possession": proof(NEW_ROOT, AUTHORITY),
        "retired": retired,
        "signing_kid": kid(by[0], AUTHORITY),
        "approvals": [approve(statement, signer=one, issuer=AUTHORITY) for one in by[1:]],
    }


STEPS: list[tuple[str, dict[str, Any], str]] = [
    ("authority-root", {"jwk": dict(ROOT.jwk)}, AUTHORITY),
    ("institution-registered", {"institution_issuer": ISSUER}, AUTHORITY),
    ("key-registered", new_key(FIRST), AUTHORITY),
    ("key-registered", new_key(SERVING, SERVICE, "service"), AUTHORITY),
    ("root-policy", policy(HOLDERS[:3]), AUTHORITY),
    ("skill-certificate", {}, ISSUER),
    ("key-registered", new_key(SECOND), AUTHORITY),
    ("key-revoked", {"kid": kid(FIRST), "reason": "compromised", "suspect_since": 5}, AUTHORITY),
    (
        "confirmation",
        {"target_record": "ab" * 32, "target_index": 5, "suspect_kid": kid(FIRST), "signing_kid": kid(SECOND)},
        ISSUER,
    ),
    ("key-revoked", {"kid": kid(FIRST), "reason": "compromised", "suspect_since": 4}, AUTHORITY),
    (
        "key-recovered",
        {
            "lost_kid": kid(SECOND),
            "reason": "lost",
            "suspect_since": None,
            "jwk": dict(THIRD.jwk),
            "nonce": NONCE,
            "possession": proof(THIRD, ISSUER),
        },
        AUTHORITY,
    ),
    ("root-policy", policy(HOLDERS[1:], by=HOLDERS[:2]), AUTHORITY),
    ("key-revoked", {"kid": kid(FIRST), "reason": "compromised", "suspect_since": 6}, AUTHORITY),
    ("key-registered", new_key(UNNAMED, AUTHORITY), AUTHORITY),
    ("root-rotated", rotation([{"kid": kid(ROOT, AUTHORITY), "suspect_since": 10}], by=HOLDERS[1:3]), AUTHORITY),
]

SIGNED_BY = {"confirmation": SECOND, "root-rotated": HOLDERS[1]}
"""These two name the key that signs them."""


@pytest.fixture(scope="module")
def told() -> tuple[dict[str, KeyHistory], Registry, list[str]]:
    """What the view says of each issuer, the registry beside it, and the record ids."""
    past = Past()
    past.registry = Registry()
    ids = []
    for kind, claims, issuer in STEPS:
        envelope = build(kind, claims, issuer=issuer, signer=SIGNED_BY.get(kind, ROOT))
        ids.append(past.log(envelope, stream=UUID(int=3)))
    engine = MemoryViews([view])
    Runner(ListSource(past.held), engine, [view]).catch_up()
    return {issuer: key_history(engine, issuer) for issuer in (AUTHORITY, ISSUER, SERVICE)}, past.registry, ids


def life(told: Any, one: Signer, issuer: str = ISSUER) -> KeyLife:
    histories: dict[str, KeyHistory] = told[0]
    (found,) = [life for life in histories[issuer].keys if life.kid == kid(one, issuer)]
    return found


@pytest.mark.parametrize("issuer", [AUTHORITY, ISSUER, SERVICE])
def test_every_key_as_the_register_has_it(told: Any, issuer: str) -> None:
    histories, registry, _ = told
    assert [
        (one.kid, one.alg, one.use, one.registered_at, one.revoked_at, one.suspect_since)
        for one in histories[issuer].keys
    ] == [
        (key.kid, key.alg, key.use, key.registered_at, key.revoked_at, key.suspect_since)
        for key in registry.keyring.of_issuer(issuer)
    ]
    assert histories[issuer].size == len(STEPS)


def test_confirmations_as_the_register_has_them(told: Any) -> None:
    _, registry, _ = told
    assert life(told, FIRST).confirmed == {5: (kid(SECOND),)}
    assert {place: tuple(c.by for c in given) for place, given in registry.keyring.confirmations.items()} == {
        (kid(FIRST), 5): (kid(SECOND),)
    }


REASONS = [
    ("revoked as stolen", FIRST, ISSUER, (7, "compromised")),
    ("lost and recovered", SECOND, ISSUER, (10, "lost")),
    ("in the place of the lost one", THIRD, ISSUER, (None, None)),
    ("the root key, replaced", ROOT, AUTHORITY, (14, "root-rotated")),
    ("a key of the authority that nobody named", UNNAMED, AUTHORITY, (14, "root-rotated")),
    ("a holder whom the next policy does not name", HOLDERS[0], AUTHORITY, (11, "policy-replaced")),
    ("a holder whom both policies name", HOLDERS[1], AUTHORITY, (None, None)),
    ("the new root key", NEW_ROOT, AUTHORITY, (None, None)),
]


@pytest.mark.parametrize(("one", "issuer", "end"), [row[1:] for row in REASONS], ids=[row[0] for row in REASONS])
def test_why_a_key_ended(told: Any, one: Signer, issuer: str, end: tuple[int | None, str | None]) -> None:
    found = life(told, one, issuer)
    assert (found.revoked_at, found.reason) == end


def test_a_recovered_key_names_the_lost_one(told: Any) -> None:
    assert life(told, THIRD).replaces == kid(SECOND)
    assert life(told, FIRST).replaces is None


def test_every_event_names_its_record(told: Any) -> None:
    _, _, ids = told
    assert [(one.event, one.record_id) for one in life(told, FIRST).events] == [
        ("registered", ids[2]),
        ("revoked", ids[7]),
        ("confirmed", ids[8]),
        ("revoked", ids[9]),
        ("revoked", ids[12]),
    ]


def test_an_issuer_without_keys_has_no_history(told: Any) -> None:
    engine = MemoryViews([view])
    assert key_history(engine, ISSUER).keys == ()
