"""Goal: the offline verifier passes what is genuine, fails what is forged, and calls unchecked what it could not look at.

Method: a log made by hand whose every key is ours (`conftest`). Each row damages one thing about a valid pack and names
the one check that must notice, with its value and the outcome; the rows stand in the order of the outcome's rules.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.client.outcome import VALUES, outcome
from tests.unit.client.conftest import BASE, NOW, OTHER_ISSUER, USCC, check, values

DAY = 86_400


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
        "a list that states the other purpose",
        lambda e: e.pack(status_lists=(e.status_list("revocation", stated="suspension"), e.status_list("suspension"))),
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
