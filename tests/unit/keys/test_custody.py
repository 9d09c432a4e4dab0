"""Goal: a private key is used, never seen. Method: a golden key file made by other code, damages, proofs of possession."""

from __future__ import annotations

import copy
import json
import pickle
import stat
from pathlib import Path

import pytest

from keys import custody, possession
from keys._encoding import decode, encode, format_json
from keys.algorithms import ALGORITHMS, algorithm
from keys.errors import (
    AlgorithmUnknown,
    BadIssuer,
    BadKey,
    KeyFileExists,
    KeyFileUnreadable,
    PassphraseTooShort,
    PossessionNotProved,
)
from keys.ids import thumbprint
from tests.vectors.keys import generate

V = json.loads((Path(generate.__file__).parent / "custody.json").read_text(encoding="utf-8"))
PASSPHRASE = V["passphrase"].encode()
CHEAP = custody.SCRYPT_N_MIN


def write(path: Path, content: dict) -> Path:
    path.write_bytes(json.dumps(content).encode())
    return path


def test_golden_file(tmp_path):
    path = write(tmp_path / "key", V["file"])
    signer = custody.open_signer(path, passphrase=PASSPHRASE)
    assert (signer.alg, signer.thumbprint, signer.jwk) == ("Ed25519", V["thumbprint"], V["file"]["public"])
    assert custody.public_of(path) == V["file"]["public"]


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_file_life(tmp_path, alg):
    path = tmp_path / "key"
    made = custody.create_key_file(path, alg=alg, passphrase=b"12345678", scrypt_n=CHEAP)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    opened = custody.open_signer(path, passphrase=b"12345678")
    assert (opened.alg, opened.public, opened.jwk, opened.thumbprint) == (
        alg,
        made.public,
        made.jwk,
        thumbprint(made.jwk),
    )
    algorithm(alg).check_signature(public=made.public, message=b"m", signature=opened.sign(b"m"))
    with pytest.raises(KeyFileExists):
        custody.create_key_file(path, alg=alg, passphrase=b"12345678", scrypt_n=CHEAP)
    with pytest.raises(KeyFileUnreadable, match="passphrase"):
        custody.open_signer(path, passphrase=b"12345679")
    raw = algorithm(alg).private_bytes(opened._private)
    stored = path.read_bytes()
    assert not any(form in stored for form in (raw, raw.hex().encode(), encode(raw).encode()))


def test_default_cost_is_owasps(tmp_path):
    custody.create_key_file(tmp_path / "key", alg="Ed25519", passphrase=b"12345678")
    assert json.loads((tmp_path / "key").read_bytes())["kdf"]["n"] == 2**17


def changed(**change) -> dict:
    return {**copy.deepcopy(V["file"]), **change}


def kdf(**change) -> dict:
    return changed(kdf={**V["file"]["kdf"], **change})


OTHER = algorithm("Ed25519").jwk(algorithm("Ed25519").public_bytes(algorithm("Ed25519").generate()))
DAMAGES = [
    ("empty object", {}),
    ("one member more", changed(comment="")),
    ("format 2", changed(v=2)),
    ("unknown algorithm", changed(alg="RS256")),
    ("algorithm of another key", changed(alg="ES256")),
    ("another public key", changed(public=OTHER)),
    ("small-order public key", changed(public={**OTHER, "x": encode(b"\x01" + bytes(31))})),
    ("public key with a private member", changed(public={**OTHER, "d": "AA"})),
    ("other derivation", kdf(name="pbkdf2")),
    ("cost below the minimum", kdf(n=2**13)),
    ("cost above the maximum", kdf(n=2**21)),
    ("cost no power of two", kdf(n=2**14 + 1)),
    ("cost is a text", kdf(n="16384")),
    ("another cost", kdf(n=2**15)),
    ("r = 1", kdf(r=1)),
    ("p = 10000", kdf(p=10000)),
    ("another salt", kdf(salt=encode(bytes(16)))),
    ("short salt", kdf(salt="AAAA")),
    ("another nonce", changed(nonce=encode(b"n" * 12))),
    ("short nonce", changed(nonce="AAAA")),
    (
        "ciphertext bit",
        changed(
            ciphertext=encode(bytes([decode(V["file"]["ciphertext"])[0] ^ 1]) + decode(V["file"]["ciphertext"])[1:])
        ),
    ),
    ("ciphertext cut", changed(ciphertext=encode(decode(V["file"]["ciphertext"])[:-1]))),
    ("ciphertext empty", changed(ciphertext="")),
    ("ciphertext padding", changed(ciphertext=V["file"]["ciphertext"] + "=")),
]


@pytest.mark.parametrize(("why", "content"), DAMAGES, ids=[row[0] for row in DAMAGES])
def test_damaged_file(tmp_path, why, content):
    with pytest.raises(KeyFileUnreadable):
        custody.open_signer(write(tmp_path / "key", content), passphrase=PASSPHRASE)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b" " * 70_000, b'{"v":1,"v":1}'])
def test_no_key_file(tmp_path, content):
    (tmp_path / "key").write_bytes(content)
    for read in (lambda path: custody.open_signer(path, passphrase=PASSPHRASE), custody.public_of):
        with pytest.raises(KeyFileUnreadable):
            read(tmp_path / "key")
        with pytest.raises(KeyFileUnreadable):
            read(tmp_path / "none")


def test_create_refuses(tmp_path):
    with pytest.raises(AlgorithmUnknown):
        custody.create_key_file(tmp_path / "key", alg="none", passphrase=b"12345678", scrypt_n=CHEAP)
    with pytest.raises(PassphraseTooShort):
        custody.create_key_file(tmp_path / "key", alg="Ed25519", passphrase=b"1234567", scrypt_n=CHEAP)
    with pytest.raises(KeyFileUnreadable, match="power of two"):
        custody.create_key_file(tmp_path / "key", alg="Ed25519", passphrase=b"12345678", scrypt_n=2)
    assert list(tmp_path.iterdir()) == []


def test_planted_bug_without_associated_data_the_public_key_can_be_swapped(tmp_path, monkeypatch):
    """Whoever can write the file offers their own key for registration; opening must notice. Two fences, taken one by one."""
    path = write(tmp_path / "key", changed(public=OTHER))
    with pytest.raises(KeyFileUnreadable, match="damaged"):
        custody.open_signer(path, passphrase=PASSPHRASE)
    honest = {name: value for name, value in V["file"].items() if name != "ciphertext"}
    monkeypatch.setattr(custody, "format_json", lambda _: format_json(honest))
    with pytest.raises(KeyFileUnreadable, match="not the one"):
        custody.open_signer(path, passphrase=PASSPHRASE)


def test_a_signer_keeps_its_key():
    signer = custody.signer_from_private("Ed25519", algorithm("Ed25519").load_private(bytes(range(32))))
    assert repr(signer) == f"SoftwareSigner(alg='Ed25519', thumbprint='{signer.thumbprint}')"
    assert not hasattr(signer, "__dict__")
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(signer)
    with pytest.raises(TypeError, match="pickled"):
        copy.copy(signer)
    signer.jwk["x"] = "changed"
    assert signer.jwk["x"] != "changed"


def test_signer_of_another_algorithm():
    with pytest.raises(TypeError):
        custody.signer_from_private("ES256", algorithm("Ed25519").generate())
    with pytest.raises(AlgorithmUnknown):
        custody.signer_from_private("none", None)


# Passphrases


def test_passphrase_beside_the_key(tmp_path):
    path = tmp_path / "key"
    with pytest.raises(KeyFileUnreadable):
        custody.passphrase_for(path, {})
    made = custody.passphrase_for(path, {}, create=True)
    beside = tmp_path / "key.passphrase"
    assert len(made) == 43
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    assert custody.passphrase_for(path, {}) == custody.passphrase_for(path, {}, create=True) == made


@pytest.mark.parametrize("content", [b"pass phrase", b"pass phrase\n", b"pass phrase\r\n"])
def test_passphrase_from_a_named_file(tmp_path, content):
    named = tmp_path / "pass"
    named.write_bytes(content)
    environ = {"SKILL_LEDGER_PASSPHRASE_FILE": str(named)}
    assert custody.passphrase_for(tmp_path / "key", environ, create=True) == b"pass phrase"
    assert not (tmp_path / "key.passphrase").exists()


@pytest.mark.parametrize("content", [b"", b"\n", None])
def test_no_passphrase(tmp_path, content):
    named = tmp_path / "pass"
    if content is not None:
        named.write_bytes(content)
    with pytest.raises(KeyFileUnreadable):
        custody.passphrase_for(tmp_path / "key", {"SKILL_LEDGER_PASSPHRASE_FILE": str(named)}, create=True)


# Possession


SIGNER = custody.signer_from_private("Ed25519", algorithm("Ed25519").load_private(bytes(range(32))))
PLACE = {
    "origin": "ledger.example.cn/log",
    "issuer": "https://osta.example.cn/issuers/4401",
    "nonce": encode(bytes(16)),
}


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_possession(alg):
    signer = custody.signer_from_private(alg, algorithm(alg).generate())
    proof = possession.prove_possession(signer, **PLACE)
    possession.check_possession(**PLACE, jwk=signer.jwk, proof=proof)


def test_possession_message_is_fixed():
    assert possession.possession_message(**PLACE, jwk=SIGNER.jwk) == (
        b'{"issuer":"https://osta.example.cn/issuers/4401","jwk":{"crv":"Ed25519","kty":"OKP",'
        b'"x":"A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"},"nonce":"AAAAAAAAAAAAAAAAAAAAAA",'
        b'"origin":"ledger.example.cn/log","purpose":"skill-ledger key possession/1"}'
    )


PROOF = possession.prove_possession(SIGNER, **PLACE)
REPLAYS = [  # a proof is good for one key, one issuer, one log, one nonce
    ("another issuer", {"issuer": "https://b.example.cn"}, PossessionNotProved),
    ("another log", {"origin": "ledger.example.cn/log2"}, PossessionNotProved),
    ("another nonce", {"nonce": encode(b"n" * 16)}, PossessionNotProved),
    ("another's public key", {"jwk": OTHER}, PossessionNotProved),
    ("no proof", {"proof": ""}, PossessionNotProved),
    ("proof with padding", {"proof": PROOF + "=="}, PossessionNotProved),
    ("proof cut", {"proof": PROOF[:-4]}, PossessionNotProved),
    ("proof over something else", {"proof": encode(SIGNER.sign(b"{}"))}, PossessionNotProved),
    ("short nonce", {"nonce": encode(bytes(15))}, PossessionNotProved),
    ("long nonce", {"nonce": encode(bytes(65))}, PossessionNotProved),
    ("nonce is no base64url", {"nonce": "!" * 22}, PossessionNotProved),
    ("empty origin", {"origin": ""}, PossessionNotProved),
    ("origin with a line end", {"origin": "a\nb"}, PossessionNotProved),
    ("origin not ASCII", {"origin": "账本"}, PossessionNotProved),
    ("issuer malformed", {"issuer": "http://a.example.cn"}, BadIssuer),
    ("small-order key", {"jwk": {**OTHER, "x": encode(b"\x01" + bytes(31))}}, BadKey),
    ("private member", {"jwk": {**SIGNER.jwk, "d": "AA"}}, BadKey),
]


@pytest.mark.parametrize(("why", "change", "error"), REPLAYS, ids=[row[0] for row in REPLAYS])
def test_possession_refuses(why, change, error):
    with pytest.raises(error):
        possession.check_possession(**{**PLACE, "jwk": SIGNER.jwk, "proof": PROOF, **change})


def test_planted_bug_without_the_issuer_a_proof_can_be_replayed(monkeypatch):
    elsewhere = {**PLACE, "issuer": "https://thief.example.cn"}
    whole = possession.format_json
    without = lambda value: whole({name: part for name, part in value.items() if name != "issuer"})  # noqa: E731
    monkeypatch.setattr(possession, "format_json", without)
    proof = possession.prove_possession(SIGNER, **PLACE)
    possession.check_possession(**elsewhere, jwk=SIGNER.jwk, proof=proof)
