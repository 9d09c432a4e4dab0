"""Goal: a pack in which delegates, holders or institutions did what they may not do convinces nobody, however well signed.

Method: the hand-made log of `conftest`; each row does one thing more or else than the control, which is valid.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from keys.ids import format_kid
from keys.possession import prove_possession
from ledger.records import kind_class
from ledger.records._approvals import POLICY, ROTATION, approve, format_statement
from tests.unit.client.conftest import (
    AUTHORITY,
    ISSUER,
    ORIGIN,
    OTHER_ISSUER,
    USCC,
    Evidence,
    check,
    new_signer,
    values,
)

COLLEGE, THIRD, THIRD_ISSUER = "12320102MB0000000C", "91320102MA0000007T", "https://works.example.cn/issuers/1"
NONCE = "Txewgqpbd1ifQ-PZyeq7DQ"
DOCUMENT = "示例人社函〔2026〕22号"


@pytest.fixture
def log(evidence: Evidence) -> Evidence:
    """Indices 0 to 4 as ever, 5 a certificate, 6 and 7 the college with its key."""
    evidence.signers |= {name: new_signer() for name in ("works", "root2", "h0", "h1", "h2", "h3")}
    evidence.by_authority("institution-registered", evidence.institution_claims(COLLEGE, OTHER_ISSUER))
    evidence.by_authority("key-registered", evidence.key_claims("other", OTHER_ISSUER))
    return evidence


def verdict(log: Evidence, *, issuer: str = ISSUER, signer: str = "institution") -> tuple[str, str]:
    """Value of issuer_key and outcome of a certificate logged last, in a pack with everything before it."""
    uscc = USCC if issuer == ISSUER else THIRD
    place = {"base": "https://ledger.example.cn", "uscc": uscc, "list": 1, "index": 7}
    log.entries.append(log.certificate(issuer=issuer, signer=signer, status=place, institution_uscc=uscc))
    last = len(log.entries) - 1
    registry = tuple(index for index in range(last) if index != 5)
    kid = format_kid(issuer=issuer, jwk=log.signers[signer].jwk)
    accreditations = [
        {"id": one.payload["jti"], "granted_at_index": index, "ended_at_index": None}
        for index, one in enumerate(log.entries)
        if "accreditation" in one.payload
    ]
    said = log.statement(issuer=issuer, keys=[log.key_line(signer, kid=kid)], accreditations=accreditations)
    found = check(log, log.pack(last, registry=registry, registry_jwt=said))
    return values(found)["issuer_key"], found.outcome


# -- delegation


def delegate(log: Evidence, **changes: Any) -> None:
    kinds = ["institution-registered", "key-registered", "accreditation-granted"]
    claims = {"uscc": COLLEGE, "kinds": kinds, "regions": ["3201"], "document": DOCUMENT, **changes}
    log.by_authority("authority-delegated", claims)


def register_third(log: Evidence) -> None:
    """The college registers the works, their key and their accreditation."""
    by: dict[str, Any] = {"issuer": OTHER_ISSUER, "signer": "other"}
    log.add("institution-registered", log.institution_claims(THIRD, THIRD_ISSUER), **by)
    log.add("key-registered", log.key_claims("works", THIRD_ISSUER), **by)
    log.add("accreditation-granted", log.scope_claims(uscc=THIRD, regions=["3201"]), **by)


def end_delegation(log: Evidence) -> None:
    uid = log.entries[-1].payload["jti"]
    log.by_authority("delegation-ended", {"uscc": COLLEGE, "delegation": uid, "reason": "period-over"})


def suspend_college(log: Evidence) -> None:
    log.by_authority("institution-standing", {"uscc": COLLEGE, "standing": "suspended", "reason": "inspection"})


DELEGATIONS: list[tuple[str, list[Callable[[Evidence], object]], str]] = [
    ("without a delegation", [], "fail"),
    ("for another region", [lambda log: delegate(log, regions=["3202"])], "fail"),
    ("to another institution", [lambda log: delegate(log, uscc=USCC)], "fail"),
    ("for registrations, not for keys", [lambda log: delegate(log, kinds=["institution-registered"])], "fail"),
    ("ended before", [delegate, end_delegation], "fail"),
    ("by a suspended delegate", [delegate, suspend_college], "fail"),
    ("as delegated", [delegate], "pass"),
]


@pytest.mark.parametrize(("before", "value"), [row[1:] for row in DELEGATIONS], ids=[row[0] for row in DELEGATIONS])
def test_an_institution_registered_by_a_delegate(
    log: Evidence, before: list[Callable[[Evidence], object]], value: str
) -> None:
    for step in before:
        step(log)
    register_third(log)
    found, word = verdict(log, issuer=THIRD_ISSUER, signer="works")
    assert found == value
    assert (word == "not_genuine") == (value == "fail")


def test_what_a_delegate_did_before_the_end_stays(log: Evidence) -> None:
    delegate(log)
    uid = log.entries[-1].payload["jti"]
    register_third(log)
    log.by_authority("delegation-ended", {"uscc": COLLEGE, "delegation": uid, "reason": "period-over"})
    suspend_college(log)
    assert verdict(log, issuer=THIRD_ISSUER, signer="works")[0] == "pass"


# -- the root key


def possessed(log: Evidence, signer: str) -> dict[str, Any]:
    proof = prove_possession(log.signers[signer], origin=ORIGIN, issuer=AUTHORITY, nonce=NONCE)
    return {"jwk": log.signers[signer].jwk, "possession": proof}


def govern(log: Evidence, holders: tuple[str, ...] = ("h0", "h1", "h2"), by: tuple[str, ...] | None = None) -> None:
    jwks = [log.signers[one].jwk for one in holders]
    claims: dict[str, Any] = {"threshold": 2, "nonce": NONCE, "log": ORIGIN}
    claims["holders"] = [possessed(log, one) for one in holders]
    if by is not None:
        statement = format_statement(POLICY, origin=ORIGIN, nonce=NONCE, threshold=2, holders=jwks)
        claims["approvals"] = [approve(statement, signer=log.signers[one], issuer=AUTHORITY) for one in by]
    log.by_authority("root-policy", claims)


def rotate(log: Evidence, by: tuple[str, ...], *, signer: str = "h0", origin: str = ORIGIN) -> None:
    retired = [{"kid": format_kid(issuer=AUTHORITY, jwk=log.signers["authority"].jwk)}]
    statement = format_statement(ROTATION, origin=origin, nonce=NONCE, jwk=log.signers["root2"].jwk, retired=retired)
    claims = {**possessed(log, "root2"), "nonce": NONCE, "log": origin, "retired": retired}
    if by:
        claims["approvals"] = [approve(statement, signer=log.signers[one], issuer=AUTHORITY) for one in by]
    log.add("root-rotated", claims, issuer=AUTHORITY, signer=signer)


def new_key_of_centre(log: Evidence, signer: str) -> None:
    log.add("key-registered", log.key_claims("works", ISSUER), issuer=AUTHORITY, signer=signer)


ROTATIONS: list[tuple[str, list[Callable[[Evidence], object]], str]] = [
    ("without a policy", [lambda log: rotate(log, ("h1",))], "fail"),
    ("one holder alone", [govern, lambda log: rotate(log, ())], "fail"),
    ("with a stranger's approval", [govern, lambda log: rotate(log, ("h3",))], "fail"),
    ("signed by the root key", [govern, lambda log: rotate(log, ("h0", "h1"), signer="authority")], "fail"),
    ("approved for another log", [govern, lambda log: rotate(log, ("h1",), origin="other.example/log")], "fail"),
    ("under a policy that shut the holders out unasked",
     [govern, lambda log: govern(log, ("h2", "h3")), lambda log: rotate(log, ("h3",), signer="h2")], "fail"),
    ("under a policy that the holders approved",
     [govern, lambda log: govern(log, ("h2", "h3"), ("h0", "h1")), lambda log: rotate(log, ("h3",), signer="h2")],
     "pass"),
    ("by two of three", [govern, lambda log: rotate(log, ("h1",))], "pass"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "value"), [row[1:] for row in ROTATIONS], ids=[row[0] for row in ROTATIONS])
def test_a_key_registered_by_a_new_root(log: Evidence, before: list[Callable[[Evidence], object]], value: str) -> None:
    for step in before:
        step(log)
    new_key_of_centre(log, "root2")
    assert verdict(log, signer="works")[0] == value


@pytest.mark.parametrize("signer", ["authority", "h0"])
def test_after_a_rotation_neither_the_old_root_nor_a_holder_registers(log: Evidence, signer: str) -> None:
    govern(log)
    rotate(log, ("h1",))
    new_key_of_centre(log, signer)
    assert verdict(log, signer="works") == ("fail", "not_genuine")


def test_a_holders_key_signs_no_record_of_the_authority(log: Evidence) -> None:
    govern(log)
    claims = {"target_record": log.entries[5].record_id, "action": "revoke", "reason": "issued-in-error"}
    revocation = log.add("revocation", claims, issuer=AUTHORITY, signer="h0")
    found = check(log, log.pack(revocation, registry=(0, 1, 2, 3, 4, 6, 7, 8)))
    assert (values(found)["integrity"], values(found)["issuer_key"]) == ("pass", "fail")


# -- keys of institutions


def test_a_recovered_key_speaks_and_the_lost_one_no_longer(log: Evidence) -> None:
    lost = format_kid(issuer=ISSUER, jwk=log.signers["institution"].jwk)
    proof = prove_possession(log.signers["works"], origin=ORIGIN, issuer=ISSUER, nonce=NONCE)
    claims = {"lost_kid": lost, "reason": "lost", "jwk": log.signers["works"].jwk, "nonce": NONCE, "log": ORIGIN}
    log.by_authority("key-recovered", {**claims, "possession": proof, "document": DOCUMENT})
    assert verdict(log)[0] == "fail"
    log.entries.pop()
    assert verdict(log, signer="works")[0] == "pass"


OVERREACH: list[tuple[str, dict[str, Any]]] = [
    ("signature-policy", {"uscc": USCC, "kinds": []}),
    ("key-revoked", {"kid": "the service's", "reason": "other", "suspect_since": None}),
    ("institution-succeeded", {"uscc": USCC, "successor": COLLEGE, "happened_on": "2026-11-01", "document": DOCUMENT}),
    (
        "key-recovered",
        {"lost_kid": f"{ISSUER}#kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "suspect_since": None, "reason": "lost"},
    ),
    ("authority-delegated", {"uscc": COLLEGE, "kinds": ["key-registered"], "regions": ["3201"], "document": DOCUMENT}),
]


@pytest.mark.parametrize(("kind", "claims"), OVERREACH, ids=[row[0] for row in OVERREACH])
def test_an_institution_that_reaches_for_another_or_for_more(log: Evidence, kind: str, claims: dict[str, Any]) -> None:
    if kind == "key-revoked":
        claims["kid"] = log.service_kid()
    log.add(kind, {**kind_class(kind).EXAMPLE["claims"], **claims}, issuer=OTHER_ISSUER, signer="other")
    assert verdict(log)[0] == "fail"


def test_the_log_before_all_that_is_good(log: Evidence) -> None:
    """The control of the tables."""
    assert verdict(log) == ("pass", "valid")


def confirmed(log: Evidence, *, issuer: str, signer: str) -> str:
    """The certificate at index 5 under a suspect key, after a confirmation by somebody at the end of the log."""
    suspect = format_kid(issuer=ISSUER, jwk=log.signers["institution"].jwk)
    log.by_authority("key-revoked", {"kid": suspect, "reason": "compromised", "suspect_since": 5})
    log.by_authority("key-registered", log.key_claims("works", ISSUER))
    claims = {"target_record": log.entries[5].record_id, "target_index": 5, "suspect_kid": suspect}
    log.add("confirmation", claims, issuer=issuer, signer=signer)
    registry = tuple(index for index in range(len(log.entries)) if index != 5)
    line = log.key_line(revoked_at_index=8, suspect_since_index=5, confirmed_indices=[5])
    return values(check(log, log.pack(registry=registry, registry_jwt=log.statement(keys=[line]))))["issuer_key"]


def test_a_confirmation_by_a_newer_key_of_the_issuer_counts(log: Evidence) -> None:
    assert confirmed(log, issuer=ISSUER, signer="works") == "pass"


@pytest.mark.parametrize(("issuer", "signer"), [(ISSUER, "institution"), (OTHER_ISSUER, "other")])
def test_a_confirmation_by_the_suspect_key_or_another_institution_spoils_the_pack(
    log: Evidence, issuer: str, signer: str
) -> None:
    assert confirmed(log, issuer=issuer, signer=signer) == "fail"
