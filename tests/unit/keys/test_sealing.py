"""Goal: sealed bytes open only where they belong, for decades. Method: golden containers made by other code, damages."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from keys import _secretfile, pseudonym, sealing
from keys.errors import KeyFileExists, KeyVersionMissing, SealBroken, SecretFileUnreadable
from tests.vectors.keys import generate

VECTORS = Path(generate.__file__).parent
V = json.loads((VECTORS / "sealing.json").read_text(encoding="utf-8"))
DATA_KEY, KEY_ID, NONCE = (bytes.fromhex(V[name]) for name in ("data_key", "key_id", "nonce"))
ASSOCIATED, PLAIN, CONTAINER, WRAPPED = (
    bytes.fromhex(V[name]) for name in ("associated", "plain", "container", "wrapped")
)


def keks(*versions: int, current: int = 7) -> sealing.KeyEncryptionKeys:
    secrets = {version: bytes([version]) * 32 for version in versions}
    return sealing.KeyEncryptionKeys({**secrets, 7: bytes.fromhex(V["kek"])}, current=current)


def test_golden_container():
    assert sealing._seal(PLAIN, data_key=DATA_KEY, key_id=KEY_ID, associated=ASSOCIATED, nonce=NONCE) == CONTAINER
    assert sealing.unseal(CONTAINER, data_key=DATA_KEY, associated=ASSOCIATED) == PLAIN
    assert sealing.container_key_id(CONTAINER) == KEY_ID


@pytest.mark.parametrize("row", [pytest.param(row, id=row["why"]) for row in V["damaged"]])
def test_damaged_container(row):
    with pytest.raises(SealBroken):
        sealing.unseal(bytes.fromhex(row["container"]), data_key=DATA_KEY, associated=ASSOCIATED)


@pytest.mark.parametrize("change", [{"data_key": bytes(32)}, {"associated": b""}, {"associated": ASSOCIATED + b" "}])
def test_other_key_or_place(change):
    with pytest.raises(SealBroken):
        sealing.unseal(CONTAINER, **{"data_key": DATA_KEY, "associated": ASSOCIATED, **change})


@given(plain=st.binary(max_size=300), associated=st.binary(max_size=80), bit=st.integers(min_value=0))
def test_seal_there_and_back_and_every_bit_counts(plain, associated, bit):
    container = sealing.seal(plain, data_key=DATA_KEY, key_id=KEY_ID, associated=associated)
    assert len(container) == len(plain) + sealing.CONTAINER_OVERHEAD_BYTES
    assert sealing.unseal(container, data_key=DATA_KEY, associated=associated) == plain
    place = bit % (8 * len(container))
    damaged = (int.from_bytes(container, "big") ^ (1 << place)).to_bytes(len(container), "big")
    with pytest.raises(SealBroken):
        sealing.unseal(damaged, data_key=DATA_KEY, associated=associated)


def test_two_containers_of_one_text_differ():
    made = {sealing.seal(PLAIN, data_key=DATA_KEY, key_id=KEY_ID, associated=b"") for _ in range(100)}
    assert len(made) == 100
    assert len({sealing.new_data_key() for _ in range(100)}) == 100


@pytest.mark.parametrize("change", [{"data_key": bytes(16)}, {"data_key": b""}, {"key_id": bytes(15)}, {"key_id": b""}])
def test_wrong_lengths_are_mistakes_of_the_code(change):
    with pytest.raises(ValueError, match="expected"):
        sealing.seal(PLAIN, **{"data_key": DATA_KEY, "key_id": KEY_ID, "associated": b"", **change})


def test_planted_bug_without_the_head_a_container_changes_its_key_id():
    """The last golden damage is a container whose head is not authenticated: it opens once the head is left out."""
    unbound = bytes.fromhex(V["damaged"][-1]["container"])
    renamed = unbound[:1] + b"another key id!!" + unbound[17:]
    assert AESGCM(DATA_KEY).decrypt(renamed[17:29], renamed[29:], ASSOCIATED) == PLAIN
    with pytest.raises(SealBroken):
        sealing.unseal(CONTAINER[:1] + b"another key id!!" + CONTAINER[17:], data_key=DATA_KEY, associated=ASSOCIATED)


# Wrapping and rotation


def test_golden_wrap():
    assert keks()._wrap(DATA_KEY, associated=ASSOCIATED, nonce=NONCE) == WRAPPED
    assert keks(1, 8, current=8).unwrap(WRAPPED, associated=ASSOCIATED) == DATA_KEY
    assert sealing.wrapped_version(WRAPPED) == 7


@pytest.mark.parametrize("row", [pytest.param(row, id=row["why"]) for row in V["wrapped_damaged"]])
def test_damaged_wrap(row):
    with pytest.raises(SealBroken):
        keks().unwrap(bytes.fromhex(row["wrapped"]), associated=ASSOCIATED)


def test_wrap_belongs_to_its_place_and_version():
    with pytest.raises(SealBroken):
        keks().unwrap(WRAPPED, associated=b"another subject")
    with pytest.raises(KeyVersionMissing, match="version 6"):
        keks().unwrap(WRAPPED[:4] + b"\x06" + WRAPPED[5:], associated=ASSOCIATED)
    with pytest.raises(SealBroken):
        keks(6).unwrap(WRAPPED[:4] + b"\x06" + WRAPPED[5:], associated=ASSOCIATED)
    same_key = sealing.KeyEncryptionKeys({6: bytes.fromhex(V["kek"])}, current=6)
    with pytest.raises(SealBroken):
        same_key.unwrap(WRAPPED[:4] + b"\x06" + WRAPPED[5:], associated=ASSOCIATED)


def test_rotation_touches_no_container():
    old, both = keks(), keks(8, current=8)
    wrapped = both.rewrap(WRAPPED, associated=ASSOCIATED)
    assert sealing.wrapped_version(wrapped) == 8
    assert both.rewrap(wrapped, associated=ASSOCIATED) == wrapped, "safe to repeat"
    only_new = sealing.KeyEncryptionKeys({8: bytes([8]) * 32}, current=8)
    data_key = only_new.unwrap(wrapped, associated=ASSOCIATED)
    assert sealing.unseal(CONTAINER, data_key=data_key, associated=ASSOCIATED) == PLAIN
    with pytest.raises(KeyVersionMissing):
        old.unwrap(wrapped, associated=ASSOCIATED)


def test_keys_stay_out_of_repr():
    assert repr(keks(1)) == "KeyEncryptionKeys(versions=[1, 7], current=7)"
    assert repr(keks(1)._secret) == "VersionedSecret(current=7)"


# Files and environment, the same for both kinds of secret


KINDS = [
    pytest.param(sealing.create_kek_file, sealing.load_keks, sealing.add_kek_version, id="kek"),
    pytest.param(
        pseudonym.create_pseudonym_file, pseudonym.load_pseudonyms, pseudonym.add_pseudonym_version, id="pseudonym"
    ),
]


@pytest.mark.parametrize(("create", "load", "add"), KINDS)
def test_file_life(tmp_path, create, load, add):
    path = tmp_path / "secret.json"
    first = create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(KeyFileExists):
        create(path)
    second = add(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [repr(first)[-10:], repr(second)[-10:]] == ["current=1)", "current=2)"]
    again = load(path)
    assert again._secret == second._secret
    assert again._secret.versions[1] == first._secret.versions[1]
    assert list(tmp_path.iterdir()) == [path], "nothing left over"


@pytest.mark.parametrize(("create", "load", "add"), KINDS)
def test_two_rotations_at_once_are_kept_apart(tmp_path, create, load, add):
    path = tmp_path / "secret.json"
    create(path)
    (tmp_path / "secret.json.new").touch()
    with pytest.raises(KeyFileExists):
        add(path)
    assert load(path)


def test_one_secret_never_serves_as_the_other(tmp_path):
    sealing.create_kek_file(tmp_path / "kek")
    with pytest.raises(SecretFileUnreadable):
        pseudonym.load_pseudonyms(tmp_path / "kek")


def test_a_file_is_not_created_through_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyFileExists):
        sealing.create_kek_file(tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()


SECRET = _secretfile.format_secret(_secretfile.VersionedSecret({1: b"a" * 32, 2: b"b" * 32}, 2), use="key-encryption")
BROKEN = [
    ("empty", b""),
    ("not JSON", b"secret"),
    ("not UTF-8", b"\xff"),
    ("a list", b"[]"),
    ("deep nesting", b'{"keys":' * 9000),
    ("too long", SECRET + b" " * 65_536),
    ("other use", SECRET.replace(b"key-encryption", b"pseudonym")),
    ("format 2", SECRET.replace(b'"v":1', b'"v":2')),
    ("one member more", SECRET.replace(b'"v":1', b'"v":1,"w":1')),
    ("current is missing", SECRET.replace(b'"current":2', b'"current":3')),
    ("current is true", SECRET.replace(b'"current":2', b'"current":true')),
    ("current is a float", SECRET.replace(b'"current":2', b'"current":2.0')),
    ("version 0", SECRET.replace(b'"1":', b'"0":')),
    ("version 01", SECRET.replace(b'"1":', b'"01":')),
    ("version +1", SECRET.replace(b'"1":', b'"+1":')),
    ("version 2 twice", SECRET.replace(b'"1":', b'"2":')),
    ("version 2^32", SECRET.replace(b'"1":', b'"4294967296":')),
    ("short key", SECRET.replace(b"YWFhYWFhYWFh", b"YWFhYWFh")),
    ("same key twice", SECRET.replace(b"YmJi", b"YWFh").replace(b"YmI", b"YWE")),
    ("padding", SECRET.replace(b'","2"', b'=","2"')),
    ("keys is a list", b'{"current":1,"keys":[],"use":"key-encryption","v":1}'),
]


@pytest.mark.parametrize(("why", "content"), BROKEN, ids=[row[0] for row in BROKEN])
def test_broken_file(tmp_path, why, content):
    assert content != SECRET
    path = tmp_path / "kek"
    path.write_bytes(content)
    with pytest.raises(SecretFileUnreadable) as caught:
        sealing.load_keks(path)
    assert "YWFh" not in str(caught.value)


def test_missing_file(tmp_path):
    with pytest.raises(SecretFileUnreadable):
        sealing.load_keks(tmp_path / "none")


def test_environment(tmp_path):
    path = tmp_path / "kek"
    made = sealing.create_kek_file(path)
    text = path.read_text()
    for environ in (
        {"SKILL_LEDGER_KEK_FILE": str(path)},
        {"SKILL_LEDGER_KEK": text},
        {"SKILL_LEDGER_KEK": text.strip()},
    ):
        assert sealing.keks_from_environment(environ)._secret == made._secret
    for environ in ({}, {"SKILL_LEDGER_KEK_FILE": str(path), "SKILL_LEDGER_KEK": text}, {"SKILL_LEDGER_KEK": ""}):
        with pytest.raises(SecretFileUnreadable):
            sealing.keks_from_environment(environ)
