"""Goal: the offline verifier passes what is genuine, fails what is forged, and calls unchecked what it could not look at.

Method: a log made by hand whose every key is ours (`conftest`). Each row damages one thing about a valid pack and names
the one check that must notice, with its value and the outcome; the rows stand in the order of the outcome's rules.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from api.client import verify
from api.client.errors import PackInvalid
from api.client.outcome import VALUES, outcome
from api.client.pack import LoggedFile
from api.client.trust import Trust
from keys.ids import format_kid
from ledger.clock import FixedClock
from ledger.log.checkpoint import log_key
from ledger.log.note import format_vkey
from tests.unit.client.conftest import AUTHORITY, BASE, ISSUER, NOW, OTHER_ISSUER, USCC

DAY = 86_400


def check(evidence, pack=None, *, trust=None, at=NOW, **more):
    return verify(pack or evidence.pack(), trust=trust or evidence.trust(), at=at, clock=FixedClock(at), **more)


def values(found):
    return found.checks.values()


def test_a_genuine_record_is_valid_and_every_check_was_made(evidence):
    found = check(evidence)
    assert values(found) == dict.fromkeys(VALUES, "pass")
    assert (found.outcome, found.index, found.trust, found.warnings) == ("valid", 5, "pinned", ())
    assert found.record_id == evidence.entries[5].record_id
    assert found.content is not None
    assert found.content["credentialSubject"]["licenseNumber"]
    assert "content" in found.to_json()


def test_without_the_disclosures_it_is_as_valid_and_names_nobody(evidence):
    found = check(evidence, evidence.pack(record=evidence.entries[5].leaf + b"~"))
    assert found.outcome == "valid"
    assert found.content is not None
    assert "licenseNumber" not in found.content["credentialSubject"]


def flip_last(data: bytes) -> bytes:
    return data[:-1] + (b"A" if data[-1:] != b"A" else b"B")


def other_payload(evidence):
    """The institution's signature under another payload."""
    changed = evidence.certificate(region="320100")
    return changed.leaf.rsplit(b".", 1)[0] + b"." + evidence.entries[5].leaf.rsplit(b".", 1)[1] + b"~"


def stranger_signs(evidence):
    """A certificate that names the registered key, signed by another one."""
    leaf = evidence.entries[5].leaf
    from ledger.wire.base64url import encode

    message = leaf.rsplit(b".", 1)[0]
    return message + b"." + encode(evidence.signers["stranger"].sign(message)).encode() + b"~"


def rebuilt(evidence, change):
    """The evidence after `change`, whose log differs from the honest one."""
    change(evidence)
    return evidence.pack()


def one_file_changed(pack, index, **changes):
    files = list(pack.registry)
    files[index] = replace(files[index], **changes)
    return replace(pack, registry=tuple(files))


# why, how the pack is made, the check that notices, its value, the outcome
DAMAGE = [
    ("not an envelope", lambda e: e.pack(record=b"hello"), "format", "fail", "not_genuine"),
    ("one byte behind", lambda e: e.pack(record=e.entries[5].to_bytes() + b"x"), "format", "fail", "not_genuine"),
    ("another payload", lambda e: e.pack(record=other_payload(e)), "inclusion", "fail", "not_genuine"),
    ("signed by a stranger", lambda e: e.pack(record=stranger_signs(e)), "integrity", "fail", "not_genuine"),
    ("receipt of another record", lambda e: e.pack(receipt=e.proof(4)), "inclusion", "fail", "not_genuine"),
    ("receipt is no receipt", lambda e: e.pack(receipt=b"yes"), "inclusion", "fail", "not_genuine"),
    ("no receipt", lambda e: e.pack(receipt=None), "inclusion", "not_checked", "cannot_tell"),
    ("registry without record 0", lambda e: e.pack(registry=(1, 2, 3, 4)), "issuer_key", "fail", "not_genuine"),
    (
        "registry record not in the log",
        lambda e: one_file_changed(e.pack(), 3, proof=e.proof(4)),
        "issuer_key",
        "fail",
        "not_genuine",
    ),
    (
        "registry record unreadable",
        lambda e: one_file_changed(e.pack(), 3, envelope=b"~"),
        "issuer_key",
        "fail",
        "not_genuine",
    ),
    ("registry twice the same", lambda e: e.pack(registry=(0, 1, 2, 2, 3, 4)), "issuer_key", "fail", "not_genuine"),
    (
        "a certificate among the registry",
        lambda e: e.pack(registry=(0, 1, 2, 3, 4, 5)),
        "issuer_key",
        "fail",
        "not_genuine",
    ),
    ("no registry", lambda e: e.pack(registry=()), "issuer_key", "not_checked", "cannot_tell"),
    ("key not among the registry", lambda e: e.pack(registry=(0, 1, 2, 4)), "issuer_key", "not_checked", "cannot_tell"),
    ("no statement", lambda e: e.pack(registry_jwt=None), "issuer_key", "not_checked", "cannot_tell"),
    (
        "statement by a stranger",
        lambda e: e.pack(registry_jwt=e.statement(signer="stranger")),
        "issuer_key",
        "not_checked",
        "cannot_tell",
    ),
    (
        "statement of a day and a second ago",
        lambda e: e.pack(registry_jwt=e.statement(iat=NOW - DAY - 1)),
        "issuer_key",
        "not_checked",
        "cannot_tell",
    ),
    (
        "statement from the future",
        lambda e: e.pack(registry_jwt=e.statement(iat=NOW + 301)),
        "issuer_key",
        "not_checked",
        "cannot_tell",
    ),
    (
        "statement expired by its own word",
        lambda e: e.pack(registry_jwt=e.statement(exp=NOW - 1)),
        "issuer_key",
        "not_checked",
        "cannot_tell",
    ),
    (
        "statement about another issuer",
        lambda e: e.pack(registry_jwt=e.statement(issuer=OTHER_ISSUER)),
        "issuer_key",
        "not_checked",
        "cannot_tell",
    ),
    (
        "statement about another log",
        lambda e: e.pack(registry_jwt=e.statement(log={"origin": "other.cn/log", "size": 6})),
        "issuer_key",
        "not_checked",
        "cannot_tell",
    ),
    (
        "statement older than the record",
        lambda e: e.pack(registry_jwt=e.statement(log={"origin": e.origin, "size": 5})),
        "issuer_key",
        "not_checked",
        "cannot_tell",
    ),
    (
        "statement of another type",
        lambda e: e.pack(registry_jwt=e.statement(typ="vc+jwt")),
        "issuer_key",
        "not_checked",
        "cannot_tell",
    ),
    (
        "status list instead of a statement",
        lambda e: e.pack(registry_jwt=e.status_list("revocation")),
        "issuer_key",
        "not_checked",
        "cannot_tell",
    ),
    (
        "statement without the key",
        lambda e: e.pack(registry_jwt=e.statement(keys=[])),
        "issuer_key",
        "not_checked",
        "cannot_tell",
    ),
    (
        "key revoked before the record",
        lambda e: e.pack(registry_jwt=e.statement(keys=[e.key_line(revoked_at_index=4)])),
        "issuer_key",
        "fail",
        "not_genuine",
    ),
    (
        "key suspect since the record",
        lambda e: e.pack(registry_jwt=e.statement(keys=[e.key_line(revoked_at_index=6, suspect_since_index=5)])),
        "issuer_key",
        "under_review",
        "suspended",
    ),
    (
        "accreditation ended before",
        lambda e: e.pack(
            registry_jwt=e.statement(accreditations=[{"id": e.entries[4].payload["jti"], "ended_at_index": 5}])
        ),
        "accreditation",
        "fail",
        "not_accredited",
    ),
    (
        "accreditation not in the statement",
        lambda e: e.pack(registry_jwt=e.statement(accreditations=[])),
        "accreditation",
        "fail",
        "not_accredited",
    ),
    (
        "accreditation left out of the pack",
        lambda e: e.pack(registry=(0, 1, 2, 3)),
        "accreditation",
        "not_checked",
        "cannot_tell",
    ),
    (
        "revoked",
        lambda e: e.pack(status_lists=(e.status_list("revocation", taken=(7,)), e.status_list("suspension"))),
        "status",
        "revoked",
        "revoked",
    ),
    (
        "superseded",
        lambda e: e.pack(
            status_lists=(e.status_list("revocation", taken=(7,)), e.status_list("suspension", taken=(7,)))
        ),
        "status",
        "superseded",
        "superseded",
    ),
    (
        "suspended",
        lambda e: e.pack(status_lists=(e.status_list("revocation"), e.status_list("suspension", taken=(7,)))),
        "status",
        "suspended",
        "suspended",
    ),
    ("no status lists", lambda e: e.pack(status_lists=()), "status", "not_checked", "cannot_tell"),
    (
        "one of two status lists",
        lambda e: e.pack(status_lists=(e.status_list("revocation"),)),
        "status",
        "not_checked",
        "cannot_tell",
    ),
    (
        "the same list twice",
        lambda e: e.pack(status_lists=(e.status_list("revocation"),) * 2),
        "status",
        "not_checked",
        "cannot_tell",
    ),
    (
        "status list by a stranger",
        lambda e: e.pack(status_lists=(e.status_list("revocation", signer="stranger"), e.status_list("suspension"))),
        "status",
        "not_checked",
        "cannot_tell",
    ),
    (
        "status list of a day and a second ago",
        lambda e: e.pack(status_lists=(e.status_list("revocation", iat=NOW - DAY - 1), e.status_list("suspension"))),
        "status",
        "not_checked",
        "cannot_tell",
    ),
    (
        "status list of a smaller log",
        lambda e: e.pack(
            status_lists=(e.status_list("revocation", log={"origin": e.origin, "size": 5}), e.status_list("suspension"))
        ),
        "status",
        "not_checked",
        "cannot_tell",
    ),
    (
        "status list of another number",
        lambda e: e.pack(
            status_lists=(
                e.status_list("revocation", id=f"{BASE}/status/{USCC}/2/revocation"),
                e.status_list("suspension"),
            )
        ),
        "status",
        "not_checked",
        "cannot_tell",
    ),
    (
        "signer not in the document",
        lambda e: e.pack(status_issuer_cid=e.cid("https://x.example.cn/i#k")),
        "status",
        "not_checked",
        "cannot_tell",
    ),
    ("no document", lambda e: e.pack(status_issuer_cid=None), "status", "not_checked", "cannot_tell"),
    (
        "one witness only",
        lambda e: rebuilt(e, lambda x: setattr(x, "awake", 1)),
        "inclusion",
        "pending",
        "valid_pending",
    ),
]


@pytest.mark.parametrize(("why", "damage", "name", "value", "word"), DAMAGE, ids=[row[0] for row in DAMAGE])
def test_damage(*, evidence, why, damage, name, value, word):
    found = check(evidence, damage(evidence))
    assert values(found)[name] == value, found.to_json()
    assert found.outcome == word == outcome(found.checks)
    assert (found.content is None) == (word == "not_genuine" or values(found)["issuer_key"] == "not_checked")


def test_the_boundaries_of_24_hours_still_count(evidence):
    made = NOW - DAY
    pack = evidence.pack(
        registry_jwt=evidence.statement(iat=made),
        status_lists=(evidence.status_list("revocation", iat=made), evidence.status_list("suspension", iat=made)),
    )
    found = check(evidence, pack)
    assert found.outcome == "valid"
    assert found.checks.status.as_of == made


def test_the_last_second_of_the_period_is_inside_and_the_next_is_not(evidence):
    evidence.entries[5] = evidence.certificate(valid_until="2026-11-22")
    midnight = NOW + 14 * 3600 + 1800
    assert check(evidence, at=midnight - 1).outcome == "valid"
    after = check(evidence, at=midnight)
    assert (values(after)["period"], after.outcome) == ("expired", "expired")
    assert after.content is not None


def test_an_uncosigned_checkpoint_is_pending_for_ten_minutes_only(evidence):
    """A witness that signed but does not reach the quorum dates the checkpoint."""
    evidence.awake = 1
    assert check(evidence, at=NOW + 600).outcome == "valid_pending"
    late = check(evidence, at=NOW + 601)
    assert (values(late)["inclusion"], late.outcome) == ("not_checked", "cannot_tell")


def test_not_yet_valid_before_the_achievement(evidence):
    assert check(evidence, at=NOW - 3 * 365 * DAY).checks.period.value == "not_yet"


# Forged registries: everything is well signed, only not by those who may


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


# Trust


def test_self_supplied_anchors_are_named_as_such(evidence):
    found = verify(evidence.pack(), at=NOW, clock=FixedClock(NOW))
    assert (found.outcome, found.trust) == ("valid", "pack")
    assert any("--trust" in warning for warning in found.warnings)
    assert found.to_json()["trust"] == "pack"


def test_without_any_anchor_nothing_about_log_and_key_passes(evidence):
    found = verify(evidence.pack(log_vkey=None, policy=None), at=NOW, clock=FixedClock(NOW))
    assert found.trust == "none"
    assert values(found)["issuer_key"] == values(found)["inclusion"] == "not_checked"
    assert found.outcome == "cannot_tell"
    assert found.content is None


def test_a_bare_envelope_alone_cannot_be_told(evidence):
    found = verify(evidence.entries[5].to_bytes() + b"\n", at=NOW, clock=FixedClock(NOW))
    assert found.outcome == "cannot_tell"
    assert found.checks.format.value == "pass"


def test_the_issuers_key_set_proves_integrity_but_not_the_issuer(evidence):
    jwks = json.dumps({"keys": [{"kty": "OKP"}, 7, evidence.signers["other"].jwk, evidence.signers["institution"].jwk]})
    found = check(evidence, evidence.pack(registry=(), issuer_jwks=jwks.encode()))
    assert values(found)["integrity"] == "pass"
    assert (values(found)["issuer_key"], found.outcome) == ("not_checked", "cannot_tell")


@pytest.mark.parametrize("jwks", [b"", b"[]", b"{", b'{"keys":7}', b'{"keys":[null]}'])
def test_a_broken_key_set_is_no_key_set(evidence, jwks):
    found = check(evidence, evidence.pack(registry=(), issuer_jwks=jwks))
    assert values(found)["integrity"] == "not_checked"


def test_a_forged_log_fails_under_the_pinned_keys_and_passes_only_under_its_own(evidence, new_evidence):
    forged = new_evidence()
    forged.register()
    forged.entries.append(forged.certificate())
    found = check(evidence, forged.pack())
    assert (values(found)["inclusion"], found.outcome) == ("fail", "not_genuine")
    assert any("pinned" in warning for warning in found.warnings)
    alone = verify(forged.pack(), at=NOW, clock=FixedClock(NOW))
    assert (alone.outcome, alone.trust) == ("valid", "pack")


def test_a_forged_log_signed_by_the_operator_lacks_the_witnesses(evidence, new_evidence):
    """The operator shows another history: same log key, same authority, no witness signed it."""
    forged = new_evidence(signers={**new_evidence().signers, **{n: evidence.signers[n] for n in ("log", "authority")}})
    forged.register()
    forged.entries.append(forged.certificate())
    found = check(evidence, forged.pack())
    assert (values(found)["inclusion"], found.outcome) == ("pending", "valid_pending")


def test_record_zero_of_another_log_is_refused(evidence, new_evidence):
    foreign = new_evidence(signers=evidence.signers, origin="other.example.cn/log")
    foreign.register()
    # The operator moves the foreign registration into the trusted log: its record 0 still names the other one.
    evidence.entries[:5] = foreign.entries[:5]
    found = check(evidence)
    assert values(found)["issuer_key"] == "fail"


def test_witnesses_missing_from_the_registry_alone_still_mean_pending(evidence):
    evidence.awake = 1
    weak = evidence.pack().registry
    evidence.awake = 3
    found = check(evidence, evidence.pack(registry=()))
    assert found.outcome == "cannot_tell"
    found = check(evidence, replace(evidence.pack(), registry=weak))
    assert (values(found)["inclusion"], found.outcome) == ("pending", "valid_pending")


def test_a_receipt_from_elsewhere_takes_the_place_of_the_packs(evidence):
    found = check(evidence, evidence.pack(receipt=b"broken"), receipt=evidence.proof(5))
    assert found.outcome == "valid"


def test_unreadable_anchors_of_a_pack_are_named_and_pinned_ones_decide(evidence):
    found = check(evidence, evidence.pack(log_vkey=b"junk\n"))
    assert found.outcome == "valid"
    assert any("unreadable" in warning for warning in found.warnings)


def test_unreadable_anchors_without_pinned_ones_are_an_error(evidence):
    with pytest.raises(PackInvalid):
        verify(evidence.pack(log_vkey=b"junk\n"), at=NOW)


def test_trust_names_its_log(evidence):
    other = Trust((log_key("other.cn/log", evidence.signers["log"]),), evidence.policy(), None)
    assert other.origin == "other.cn/log"
    assert values(check(evidence, trust=other))["inclusion"] == "fail"


def test_a_folder_is_read_as_it_was_written(evidence, tmp_path):
    pack = evidence.pack()
    write_pack(tmp_path, evidence, pack)
    trust = tmp_path / "trust"
    trust.mkdir()
    (trust / "log.vkey").write_text(format_vkey(log_key(evidence.origin, evidence.signers["log"])) + "\n")
    (trust / "policy").write_bytes(pack.policy)
    (trust / "authority.jwk").write_text(json.dumps(evidence.signers["authority"].jwk))
    found = verify(tmp_path, trust=trust, at=NOW, clock=FixedClock(NOW))
    assert (found.outcome, found.trust, found.warnings) == ("valid", "pinned", ())


def write_pack(folder, evidence, pack) -> None:
    (folder / "record.sdjwt").write_bytes(pack.record)
    (folder / "entry.bin").write_bytes(evidence.entries[5].leaf)
    (folder / "record.tlog-proof").write_bytes(pack.receipt)
    (folder / "log.vkey").write_bytes(pack.log_vkey)
    (folder / "policy").write_bytes(pack.policy)
    (folder / "registry.jwt").write_bytes(pack.registry_jwt)
    (folder / "status-list.jwt").write_bytes(pack.status_lists[0])
    (folder / "status-list-suspension.jwt").write_bytes(pack.status_lists[1])
    (folder / "status-issuer.cid.json").write_bytes(pack.status_issuer_cid)
    (folder / "registry").mkdir()
    for file in pack.registry:
        (folder / "registry" / f"{file.name}.sdjwt").write_bytes(file.envelope)
        (folder / "registry" / f"{file.name}.tlog-proof").write_bytes(file.proof)


def test_every_flipped_byte_of_record_receipt_and_statements_is_never_valid(evidence):
    """One flip at a time, every 17th place: a damaged pack may be unsure, it is never valid."""
    pack, wrong = evidence.pack(), []
    parts = {"record": pack.record, "receipt": pack.receipt, "registry_jwt": pack.registry_jwt}
    for name, data in parts.items():
        for place in range(0, len(data), 17):
            damaged = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
            found = check(evidence, replace(pack, **{name: damaged}))
            if found.outcome == "valid":
                wrong.append((name, place))
    assert not [place for place in wrong if place[0] != "receipt"]
    # A third cosignature beyond the quorum of two may be lost to an unknown key's line; nothing else may.
    assert all(_is_spare_line(pack.receipt, place) for _, place in wrong)


def _is_spare_line(receipt: bytes, place: int) -> bool:
    return receipt[:place].count("\u2014 w".encode()) >= 1


def test_file_of_registry_names_itself_in_the_note(evidence):
    files = (LoggedFile("00000003-key", b"junk", b"junk"), *evidence.pack().registry)
    found = check(evidence, evidence.pack(registry=()), at=NOW)
    assert found.checks.issuer_key.value == "not_checked"
    found = check(evidence, replace(evidence.pack(), registry=files))
    assert "00000003-key" in found.checks.issuer_key.note
