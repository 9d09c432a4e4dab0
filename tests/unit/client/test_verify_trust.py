"""Goal: what passes depends on whose word was trusted beforehand, and the result says whose it was.

Method: honest and forged logs of `conftest`, with pinned anchors, with the evidence's own, and with none.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from api.client import verify
from api.client.errors import PackInvalid
from api.client.pack import LoggedFile
from api.client.trust import Trust
from ledger.clock import FixedClock
from ledger.log.checkpoint import log_key
from ledger.log.note import format_vkey
from tests.unit.client.conftest import NOW, check, values


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
