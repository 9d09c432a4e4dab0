"""An evidence pack in a stranger's hands: its own instructions, run as written, with openssl and a plain Python.

Method: unpack, run every command of README.txt in the folder, then again after damaging what each command looks at.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

import httpx
import pytest

from api.client.pack import unpack
from api.pack import build_pack, zip_pack
from keys.errors import Refused
from ledger.errors import Erased
from ledger.log.checkpoint import parse_checkpoint
from ledger.log.merkle import check_consistency
from ledger.log.note import parse_note
from ledger.log.witness import parse_add_checkpoint


@pytest.fixture
def folder(site, tmp_path: Path) -> Path:
    """The pack of a fresh certificate, unpacked."""
    envelope = site.certificate()
    site.submit(envelope)
    for name, content in build_pack(site.ledger, envelope.record_id).items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return tmp_path


def commands(folder: Path) -> list[str]:
    """The shell commands of README.txt: indented by three spaces, here-documents in one piece."""
    text = (folder / "README.txt").read_text(encoding="utf-8")
    blocks = re.findall(r"(?:^   (?:tr|python3|openssl).*\n(?:(?:   .*)?\n)*?)(?=^\S|^   \(|\Z)", text, re.MULTILINE)
    return ["\n".join(line.removeprefix("   ") for line in block.splitlines()) for block in blocks]


def run(folder: Path) -> str:
    """What all commands print."""
    ran = [
        subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
        for command in commands(folder)
    ]
    return "\n".join(one.stdout + one.stderr for one in ran)


def test_its_own_instructions_confirm_a_good_pack(folder: Path) -> None:
    assert shutil.which("openssl"), "this test needs openssl, like the reader of a pack"
    assert len(commands(folder)) == 4
    told = run(folder)
    record_id = (folder / "README.txt").read_text(encoding="utf-8").splitlines()[1].split()[1]
    assert record_id in told
    assert told.count("in payload") == 4
    assert "NOT IN" not in told
    assert "Signature Verified Successfully" in told
    assert "in the log" in told


def test_its_own_instructions_find_damage(folder: Path) -> None:
    entry = (folder / "entry.bin").read_bytes()
    head, payload, signature = entry.split(b".")
    flipped = bytearray(payload)
    flipped[100] = ord("A") if flipped[100] != ord("A") else ord("B")
    (folder / "entry.bin").write_bytes(b".".join([head, bytes(flipped), signature]))
    told = run(folder)
    assert "Signature Verification Failure" in told
    assert "NOT IN THE LOG" in told


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
