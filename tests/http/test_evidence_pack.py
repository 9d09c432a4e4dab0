"""An evidence pack in a stranger's hands: its own instructions, run as written, with openssl and a plain Python.

Method: unpack, run every command of README.txt in the folder, then again after damaging what each command looks at.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from api.client.pack import unpack
from api.pack import build_pack, zip_pack
from api.packreadme import format_readme
from keys.algorithms import algorithm
from keys.custody import Signer, signer_from_private
from keys.errors import Refused
from ledger.errors import Erased
from ledger.log.checkpoint import cosigner_key, parse_checkpoint
from ledger.log.merkle import check_consistency, inclusion_path
from ledger.log.note import format_vkey, parse_note
from ledger.log.witness import parse_add_checkpoint
from ledger.wire import base64url
from tests.support.served_site import INSTITUTIONS, fresh_signer
from tests.support.small_log import SmallLog, entry_of

USCC = "52320102MJ000000XG"
P256_SIGNER = signer_from_private("ES256", algorithm("ES256").generate())


def unpacked(site, target: Path) -> Path:
    """The pack of a fresh certificate, in a folder."""
    envelope = site.certificate(uscc=USCC)
    site.submit(envelope)
    for name, content in build_pack(site.ledger, envelope.record_id).items():
        path = target / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return target


@pytest.fixture
def folder(site, tmp_path: Path) -> Path:
    """The pack of a fresh certificate, unpacked."""
    return unpacked(site, tmp_path)


@pytest.fixture(scope="module")
def p256_site(make_site):
    """A site whose first institution signs with ES256."""
    made = make_site()
    made.by_authority("key-registered", made.key_claims(P256_SIGNER, INSTITUTIONS[USCC]))
    made.signers[USCC] = P256_SIGNER
    return made


@pytest.fixture
def p256_folder(p256_site, tmp_path: Path) -> Path:
    """The pack of a fresh certificate under an ES256 key, unpacked."""
    return unpacked(p256_site, tmp_path)


def commands(folder: Path) -> list[str]:
    """The shell commands of README.txt: indented by three spaces, here-documents in one piece."""
    text = (folder / "README.txt").read_text(encoding="utf-8")
    blocks = re.findall(r"(?:^   (?:tr|python3|openssl).*\n(?:(?:   .*)?\n)*?)(?=^\S|^   \(|\Z)", text, re.MULTILINE)
    return ["\n".join(line.removeprefix("   ") for line in block.splitlines()) for block in blocks]


def run(folder: Path, *, step: int | None = None) -> str:
    """What all commands print, or those of one step."""
    chosen = commands(folder) if step is None else [commands(folder)[step - 1]]
    ran = [
        subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
        for command in chosen
    ]
    return "\n".join(one.stdout + one.stderr for one in ran)


@pytest.mark.parametrize("pack", ["folder", "p256_folder"])
def test_its_own_instructions_confirm_a_good_pack(pack: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(pack)
    assert shutil.which("openssl"), "this test needs openssl, like the reader of a pack"
    assert len(commands(folder)) == 5
    told = run(folder)
    record_id = (folder / "README.txt").read_text(encoding="utf-8").splitlines()[1].split()[1]
    assert record_id in told
    assert told.count("in payload") == 4
    assert "NOT IN" not in told
    assert "Signature Verified Successfully" in told
    assert "in the log" in told


@pytest.mark.parametrize("pack", ["folder", "p256_folder"])
def test_its_own_instructions_find_damage(pack: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(pack)
    entry = (folder / "entry.bin").read_bytes()
    head, payload, signature = entry.split(b".")
    flipped = bytearray(payload)
    flipped[100] = ord("A") if flipped[100] != ord("A") else ord("B")
    (folder / "entry.bin").write_bytes(b".".join([head, bytes(flipped), signature]))
    told = run(folder)
    assert "Signature Verification Failure" in told
    assert "NOT IN THE LOG" in told


P256_SHAPES = [
    ("r begins with a zero byte, then a low one", lambda r: r[0] == 0 and r[1] < 0x80),
    ("r begins with a zero byte, then a high one", lambda r: r[0] == 0 and r[1] >= 0x80),
    ("r begins with a high byte", lambda r: r[0] >= 0x80),
    ("r begins with a low byte", lambda r: 0 < r[0] < 0x80),
]
"""What the DER form of a raw signature depends on (X.690 section 8.3.2)."""


@pytest.mark.parametrize("begins", [row[1] for row in P256_SHAPES], ids=[row[0] for row in P256_SHAPES])
def test_every_form_of_a_p256_signature_verifies(p256_folder: Path, begins) -> None:
    head = (p256_folder / "entry.bin").read_bytes().split(b".")[0].decode()
    for number in range(20_000):
        signed = f"{head}.{base64url.encode(b'%d' % number)}"
        signature = P256_SIGNER.sign(signed.encode())
        if begins(signature):
            break
    (p256_folder / "entry.bin").write_text(f"{signed}.{base64url.encode(signature)}")
    assert "Signature Verified Successfully" in run(p256_folder, step=3)


@pytest.mark.parametrize("change", ["r", "s", "longer", "shorter", "empty"])
def test_a_changed_p256_signature_is_refused(p256_folder: Path, change: str) -> None:
    head, payload, encoded = (p256_folder / "entry.bin").read_text().split(".")
    raw = base64url.decode(encoded.encode())
    changed = {
        "r": bytes([raw[0] ^ 1]) + raw[1:],
        "s": raw[:-1] + bytes([raw[-1] ^ 1]),
        "longer": raw + b"\0",
        "shorter": raw[:-1],
        "empty": b"",
    }[change]
    (p256_folder / "entry.bin").write_text(f"{head}.{payload}.{base64url.encode(changed)}")
    told = run(p256_folder, step=3)
    assert "Verified Successfully" not in told
    assert told.strip(), "a refusal says so"


def test_files_left_by_another_check_confirm_nothing(p256_folder: Path) -> None:
    """A pack may bring its own key.der, signature.bin and signed.bin, and a key id that the script does not find."""
    assert "Signature Verified Successfully" in run(p256_folder, step=3)
    (p256_folder / "issuer.jwks.json").write_text('{"keys": []}')
    assert "Verified Successfully" not in run(p256_folder, step=3)


def readme(folder: Path, *, alg: str) -> None:
    """Writes the instructions for a record of another algorithm into an unpacked pack."""
    text = format_readme(record_id="0" * 64, index=0, origin="log.example", kid="https://a.example#b", alg=alg)
    (folder / "README.txt").write_text(text, encoding="utf-8")


def test_a_post_quantum_record_is_told_apart_and_its_files_are_right(folder: Path) -> None:
    """OpenSSL before 3.5 cannot verify ML-DSA-44: what it is to be given is checked with another library."""
    signer: Signer = signer_from_private("ML-DSA-44", algorithm("ML-DSA-44").generate())
    header = base64url.encode(json.dumps({"alg": signer.alg, "kid": "k", "typ": "t"}).encode())
    signed = f"{header}.{base64url.encode(b'{}')}"
    (folder / "entry.bin").write_text(f"{signed}.{base64url.encode(signer.sign(signed.encode()))}")
    (folder / "issuer.jwks.json").write_text(json.dumps({"keys": [{**signer.jwk, "kid": "k"}]}))
    readme(folder, alg=signer.alg)
    told = run(folder, step=3)
    assert "openssl 3.5" in (folder / "README.txt").read_text(encoding="utf-8")
    assert "Failure" not in told
    public = load_der_public_key((folder / "key.der").read_bytes())
    assert isinstance(public, MLDSA44PublicKey)
    public.verify((folder / "signature.bin").read_bytes(), (folder / "signed.bin").read_bytes())


def test_an_algorithm_of_tomorrow_is_named_not_guessed(folder: Path) -> None:
    readme(folder, alg="SLH-DSA-128s")
    text = (folder / "README.txt").read_text(encoding="utf-8")
    assert "SLH-DSA-128s" in text
    assert len(commands(folder)) == 4, "no command that verifies under another algorithm"


FALSE_INDICES = [
    ("one bit above the path", 31 + 1024),
    ("two bits above the path", 31 + 4096),
    ("as many as the leaves", 716),
    ("before the first leaf", 31 - 1024),
    ("the next leaf", 32),
]


def path_31(log: SmallLog) -> list[bytes]:
    """The inclusion path of entry 31."""
    return inclusion_path(leaf_index=31, tree_size=log.size, nodes=log.edge.node)


def proof_in(folder: Path, *, index: int, path: list[bytes] | None = None) -> None:
    """Entry 31 of a log of 716 entries, with a proof that claims an index."""
    log = SmallLog(716)
    lines = [base64.b64encode(one).decode() for one in (path_31(log) if path is None else path)]
    text = "\n".join(["c2sp.org/tlog-proof@v1", f"index {index}", *lines, "", log.checkpoint().decode()])
    (folder / "record.tlog-proof").write_text(text, encoding="utf-8")
    (folder / "entry.bin").write_bytes(entry_of(31))


def test_the_true_index_of_a_larger_log_is_confirmed(folder: Path) -> None:
    proof_in(folder, index=31)
    assert run(folder, step=4).strip() == "in the log"


@pytest.mark.parametrize("index", [row[1] for row in FALSE_INDICES], ids=[row[0] for row in FALSE_INDICES])
def test_a_false_index_is_refused(folder: Path, index: int) -> None:
    """RFC 9162 section 2.1.3.2, steps 1 and 5: index below size, and nothing left of it at the end of the path."""
    proof_in(folder, index=index)
    assert run(folder, step=4).strip() == "NOT IN THE LOG"


@pytest.mark.parametrize("change", ["cut", "padded"])
def test_a_path_of_another_length_is_refused(folder: Path, change: str) -> None:
    path = path_31(SmallLog(716))
    proof_in(folder, index=31, path=path[:-1] if change == "cut" else [*path, bytes(32)])
    assert run(folder, step=4).strip() == "NOT IN THE LOG"


def signed_by(told: str) -> dict[str, str]:
    """What step 5 says of each key: type and name to the verdict."""
    return {line.rpartition(": ")[0]: line.rpartition(": ")[2] for line in told.strip().splitlines()}


GOOD = "Signature Verified Successfully"
BAD = "Signature Verification Failure"
LOG_KEY = "01 ledger.example.cn/skills"


def test_log_and_witnesses_signed_the_checkpoint(folder: Path) -> None:
    """Types 01 and 04 by any openssl; type 06 where openssl knows ML-DSA-44, and never called good where it does not."""
    verdicts = signed_by(run(folder, step=5))
    later = verdicts.pop("06 ledger.example.cn/skills")
    assert verdicts == dict.fromkeys([LOG_KEY, "04 w1", "04 w2", "04 w3"], GOOD)
    assert later in {GOOD, "NOT CHECKED, openssl cannot (ML-DSA-44 needs 3.5)"}


def test_what_is_given_to_openssl_for_the_later_signature_is_right(folder: Path) -> None:
    """Another library stands in for openssl 3.5."""
    later = (folder / "log.vkey").read_text().splitlines()[1]
    (folder / "log.vkey").write_text(later + "\n")
    for path in folder.glob("witness-*.vkey"):
        path.unlink()
    assert list(signed_by(run(folder, step=5))) == ["06 ledger.example.cn/skills"]
    public = load_der_public_key((folder / "key.der").read_bytes())
    assert isinstance(public, MLDSA44PublicKey)
    public.verify((folder / "signature.bin").read_bytes(), (folder / "signed.bin").read_bytes())


def resigned(folder: Path, name: str, change) -> None:
    """Changes the key id and signature in one line of the proof's checkpoint."""
    path = folder / "record.tlog-proof"
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines):
        if line.startswith(f"\u2014 {name} "):
            signed = change(base64.b64decode(line.rpartition(" ")[2]))
            lines[number] = f"\u2014 {name} {base64.b64encode(signed).decode()}"
            break
    path.write_text("\n".join(lines), encoding="utf-8")


SIGNATURE_CHANGES = [
    ("signature", "w1", lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]), "04 w1", BAD),
    ("time", "w1", lambda raw: raw[:11] + bytes([raw[11] ^ 1]) + raw[12:], "04 w1", BAD),
    ("key id", "w1", lambda raw: bytes([raw[0] ^ 1]) + raw[1:], "04 w1", "NO SIGNATURE"),
    ("the log's signature", "ledger.example.cn/skills", lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]), LOG_KEY, BAD),
]


@pytest.mark.parametrize(
    ("name", "change", "key", "verdict"),
    [row[1:] for row in SIGNATURE_CHANGES],
    ids=[row[0] for row in SIGNATURE_CHANGES],
)
def test_a_changed_signature_line_is_refused(folder: Path, name: str, change, key: str, verdict: str) -> None:
    good = signed_by(run(folder, step=5))
    resigned(folder, name, change)
    assert signed_by(run(folder, step=5)) == {**good, key: verdict}


def test_no_signature_covers_another_checkpoint(folder: Path) -> None:
    path = folder / "record.tlog-proof"
    head, text = path.read_text(encoding="utf-8").split("\n\n", 1)
    origin, size, rest = text.split("\n", 2)
    path.write_text(f"{head}\n\n{origin}\n{int(size) + 1}\n{rest}", encoding="utf-8")
    verdicts = signed_by(run(folder, step=5))
    assert len(verdicts) == 5
    assert not [key for key, verdict in verdicts.items() if verdict == GOOD]


def test_a_key_that_did_not_sign_is_named(folder: Path) -> None:
    key = cosigner_key("w9", fresh_signer())
    (folder / "witness-9.vkey").write_text(format_vkey(key) + "\n")
    assert signed_by(run(folder, step=5))["04 w9"] == "NO SIGNATURE"


def test_the_same_record_gives_the_same_archive_but_for_the_dated_parts(site, folder: Path) -> None:
    record_id = (folder / "README.txt").read_text(encoding="utf-8").splitlines()[1].split()[1]
    one, two = build_pack(site.ledger, record_id), build_pack(site.ledger, record_id)
    assert zip_pack(one) == zip_pack(two)
    assert unpack(zip_pack(one)) == one


def test_consistency_with_an_older_checkpoint(site) -> None:
    site.settle()
    old = site.ledger.checkpoint()
    envelope = site.certificate()
    site.submit(envelope)
    files = build_pack(site.ledger, envelope.record_id, old_checkpoint=old)
    proof = parse_add_checkpoint(files["consistency.txt"])
    before, after = parse_checkpoint(parse_note(old).text), proof.checkpoint
    assert (proof.old_size, after.size > before.size) == (before.size, True)
    check_consistency(
        old_size=before.size, new_size=after.size, path=proof.path, old_root=before.root, new_root=after.root
    )
    for wrong in (b"", b"x", old.replace(b"\n", b"\n1", 1)):
        with pytest.raises(Refused):
            build_pack(site.ledger, envelope.record_id, old_checkpoint=wrong)


def test_an_erased_record_is_gone_from_every_door(make_site) -> None:
    site = make_site()
    envelope = site.certificate()
    code = site.submit(envelope).code
    site.add_worker("zhang", number="320106190001020029", name="张三")
    with sqlite3.connect(site.folder / "ledger.db") as store:
        store.execute("DELETE FROM data_keys")
    store.close()
    with pytest.raises(Erased):
        site.ledger.envelope(site.ledger.record(envelope.record_id))
    client: httpx.Client = site.http
    verdict = client.post("/v1/verifications", json={"code": code}).json()
    assert (verdict["outcome"], "content" in verdict) == ("erased", False)
    for path, headers in (("", {}), ("/pack", site.token("zhang"))):
        answer = client.get(f"/v1/records/{envelope.record_id}{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (410, "erased")
    assert client.get(f"/v1/records/{envelope.record_id}/receipt").status_code == 200, "the log keeps its place"
