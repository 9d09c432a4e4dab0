"""Goal: a registry in which something is well signed, only not by those who may, convinces nobody.

Method: the hand-made log of `conftest`, which signs with every key whatever a test wants it to hold.
"""

from __future__ import annotations

import json
from dataclasses import replace

from keys.ids import format_kid
from ledger.wire.base64url import encode
from ledger.wire.envelope import parse_envelope
from tests.unit.client.conftest import AUTHORITY, ISSUER, OTHER_ISSUER, USCC, check, values


def test_another_authority_is_refused_when_one_is_pinned(evidence):
    trust = replace(evidence.trust(), authority_thumbprint=evidence.signers["stranger"].thumbprint)
    found = check(evidence, trust=trust)
    assert (values(found)["issuer_key"], found.outcome) == ("fail", "not_genuine")


def test_a_log_that_registers_a_key_in_an_institutions_own_name_convinces_nobody(evidence):
    evidence.add("key-registered", evidence.key_claims("other", ISSUER), issuer=ISSUER, signer="institution")
    evidence.entries.append(evidence.certificate(signer="other"))
    found = check(evidence, evidence.pack(7, registry=(0, 1, 2, 3, 4, 6)))
    assert values(found)["issuer_key"] == "fail"


def test_a_key_registered_after_the_record_does_not_speak_for_it(evidence):
    evidence.entries.append(evidence.certificate(signer="other"))
    evidence.by_authority("key-registered", evidence.key_claims("other", ISSUER))
    keys = [evidence.key_line("other", registered_at_index=7)]
    found = check(evidence, evidence.pack(6, registry=(0, 1, 2, 3, 4, 7), registry_jwt=evidence.statement(keys=keys)))
    assert (values(found)["issuer_key"], found.outcome) == ("fail", "not_genuine")


def test_a_registry_record_that_names_the_authoritys_key_but_is_signed_by_another(evidence):
    """The operator logs an accreditation that the authority never signed."""
    message = evidence.entries[4].leaf.rsplit(b".", 1)[0]
    signature = encode(evidence.signers["stranger"].sign(message)).encode()
    evidence.entries[4] = parse_envelope(message + b"." + signature + b"~")
    found = check(evidence)
    assert (values(found)["inclusion"], values(found)["issuer_key"]) == ("pass", "fail")


def test_a_revoked_authority_key_registers_and_accredits_nobody(evidence):
    evidence.by_authority("key-registered", evidence.key_claims("other", AUTHORITY))
    kid = format_kid(issuer=AUTHORITY, jwk=evidence.signers["authority"].jwk)
    evidence.add("key-revoked", {"kid": kid, "reason": "superseded"}, issuer=AUTHORITY, signer="other")
    pack = evidence.pack(registry=(0, 1, 2, 3, 4, 6, 7))
    assert values(check(evidence, pack))["issuer_key"] == "pass"
    evidence.by_authority("accreditation-granted", evidence.scope_claims())
    pack = evidence.pack(registry=(0, 1, 2, 3, 4, 6, 7, 8))
    assert values(check(evidence, pack))["issuer_key"] == "fail"


def test_an_institution_cannot_revoke_anothers_key(evidence):
    evidence.by_authority("institution-registered", evidence.institution_claims("12320102MB0000000C", OTHER_ISSUER))
    evidence.by_authority("key-registered", evidence.key_claims("other", OTHER_ISSUER))
    kid = format_kid(issuer=ISSUER, jwk=evidence.signers["institution"].jwk)
    evidence.add("key-revoked", {"kid": kid, "reason": "superseded"}, issuer=OTHER_ISSUER, signer="other")
    found = check(evidence, evidence.pack(registry=(0, 1, 2, 3, 4, 6, 7, 8)))
    assert values(found)["issuer_key"] == "fail"


def test_the_issuers_own_revocation_afterwards_changes_nothing_before_it(evidence):
    kid = format_kid(issuer=ISSUER, jwk=evidence.signers["institution"].jwk)
    evidence.add("key-revoked", {"kid": kid, "reason": "superseded"}, issuer=ISSUER, signer="institution")
    keys = [evidence.key_line(revoked_at_index=6)]
    found = check(evidence, evidence.pack(registry=(0, 1, 2, 3, 4, 6), registry_jwt=evidence.statement(keys=keys)))
    assert found.outcome == "valid"


def test_a_compromise_that_the_pack_itself_shows_needs_no_statement_to_count(evidence):
    kid = format_kid(issuer=ISSUER, jwk=evidence.signers["institution"].jwk)
    claims = {"kid": kid, "reason": "compromised", "suspect_since": 5}
    evidence.add("key-revoked", claims, issuer=ISSUER, signer="institution")
    found = check(evidence, evidence.pack(registry=(0, 1, 2, 3, 4, 6)))
    assert (values(found)["issuer_key"], found.outcome) == ("under_review", "suspended")


def test_a_suspended_institution_was_not_accredited(evidence):
    evidence.entries.pop()
    evidence.by_authority("institution-standing", {"uscc": USCC, "standing": "suspended", **_standing_rest()})
    evidence.entries.append(evidence.certificate())
    found = check(evidence, evidence.pack(6, registry=(0, 1, 2, 3, 4, 5)))
    assert values(found)["accreditation"] == "fail"


def _standing_rest() -> dict[str, object]:
    from ledger.records import kind_class

    claims = kind_class("institution-standing").EXAMPLE["claims"]
    return {name: value for name, value in claims.items() if name not in {"uscc", "standing"}}


def test_an_occupation_outside_the_scope(evidence):
    evidence.entries[4] = evidence.build(
        "accreditation-granted", evidence.scope_claims(occupations=["1"]), issuer=AUTHORITY, signer="authority"
    )
    found = check(evidence)
    assert values(found)["accreditation"] == "not_checked"
    assert found.outcome == "cannot_tell"
    assert found.content is not None


def test_a_key_registered_for_the_service_signs_no_certificate(evidence):
    evidence.by_authority("key-registered", evidence.key_claims("other", ISSUER, use="service"))
    evidence.entries.append(evidence.certificate(signer="other"))
    keys = [evidence.key_line("other", registered_at_index=6)]
    pack = evidence.pack(7, registry=(0, 1, 2, 3, 4, 6), registry_jwt=evidence.statement(keys=keys))
    assert values(check(evidence, pack))["issuer_key"] == "fail"


def test_an_issuers_own_key_makes_no_statement_about_itself(evidence):
    kid = format_kid(issuer=ISSUER, jwk=evidence.signers["institution"].jwk)
    own = evidence.statement(signer="institution", kid=kid, iss=ISSUER)
    assert values(check(evidence, evidence.pack(registry_jwt=own)))["issuer_key"] == "not_checked"


def test_a_revoked_service_key_makes_no_statement(evidence):
    evidence.by_authority("key-revoked", {"kid": evidence.service_kid(), "reason": "other"})
    found = check(evidence, evidence.pack(registry=(0, 1, 2, 3, 4, 6)))
    assert (values(found)["issuer_key"], values(found)["status"]) == ("not_checked", "not_checked")


def test_a_header_that_names_another_algorithm_than_the_key_has(evidence):
    """The signature itself verifies: only the word in the header is a lie."""
    from ledger.wire.base64url import decode, encode
    from ledger.wire.canonical import format_canonical
    from ledger.wire.envelope import parse_envelope

    header, payload, _ = evidence.entries[5].leaf.split(b".")
    lie = {**json.loads(decode(header)), "alg": "ES256"}
    message = encode(format_canonical(lie)).encode() + b"." + payload
    signature = encode(evidence.signers["institution"].sign(message)).encode()
    evidence.entries[5] = parse_envelope(message + b"." + signature + b"~")
    found = check(evidence)
    assert (values(found)["integrity"], values(found)["inclusion"], found.outcome) == ("fail", "pass", "not_genuine")
