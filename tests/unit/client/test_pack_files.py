"""Goal: reading packs and trust folders is bounded and never leaves the folder, whatever an archive or a file says.

Method: hostile archives built here, one defect each; folders with one file missing or broken.
"""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from api.client.errors import PackInvalid
from api.client.pack import FILE_BYTES_MAX, FILES_MAX, load_pack, unpack
from api.client.trust import load_trust, parse_log_vkeys
from ledger.log.checkpoint import log_key
from ledger.log.note import format_vkey
from ledger.log.policy import format_policy


def archive(*names, content=b"x", **more):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in names:
            out.writestr(name, content)
        for name, data in more.items():
            out.writestr(name, data)
    return target.getvalue()


def test_an_honest_archive():
    assert unpack(archive("record.sdjwt", "registry/0.sdjwt")) == {"record.sdjwt": b"x", "registry/0.sdjwt": b"x"}


HOSTILE_NAMES = [
    "../x",
    "/etc/x",
    "a/../../x",
    "registry/a/b",
    "a\\b",
    "C:x",
    "registry/\u202ex",
    "registry/..",
    "a\nb",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_names_outside_the_pack(name):
    with pytest.raises(PackInvalid):
        unpack(archive(name))


def test_an_entry_that_inflates_beyond_its_bound():
    with pytest.raises(PackInvalid):
        unpack(archive("record.sdjwt", content=bytes(FILE_BYTES_MAX + 1)))


def test_an_entry_longer_than_it_declares():
    data = bytearray(archive("record.sdjwt", content=b"y" * 64))
    for place in (data.find(b"PK\x01\x02") + 24, data.find(b"PK\x03\x04") + 22):
        data[place : place + 4] = (3).to_bytes(4, "little")
    with pytest.raises(PackInvalid):
        unpack(bytes(data))


def test_too_many_files():
    with pytest.raises(PackInvalid):
        unpack(archive(*(f"{number}" for number in range(FILES_MAX + 1))))


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"no archive", archive("a")[:-10], archive("a")[:20]],
    ids=["empty", "two letters", "text", "end cut off", "first header alone"],
)
def test_no_archive(data):
    with pytest.raises(PackInvalid):
        unpack(data)


def test_a_folder_without_a_record(tmp_path):
    with pytest.raises(PackInvalid, match=r"record\.sdjwt"):
        load_pack(tmp_path)


def test_an_entry_that_is_not_the_records(tmp_path):
    (tmp_path / "record.sdjwt").write_bytes(b"a.b.c~")
    (tmp_path / "entry.bin").write_bytes(b"a.b.d")
    with pytest.raises(PackInvalid, match=r"entry\.bin"):
        load_pack(tmp_path)


def test_a_file_that_is_too_large(tmp_path):
    with (tmp_path / "record.sdjwt").open("wb") as file:
        file.truncate(FILE_BYTES_MAX + 1)
    with pytest.raises(PackInvalid, match="at most"):
        load_pack(tmp_path)


def test_a_folder_where_a_file_should_be(tmp_path):
    (tmp_path / "record.sdjwt").mkdir()
    with pytest.raises(PackInvalid):
        load_pack(tmp_path)


def test_a_registry_record_without_its_proof_is_named_and_left_out(tmp_path):
    (tmp_path / "record.erased.sdjwt").write_bytes(b"a.b.c~")
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "7.sdjwt").write_bytes(b"a.b.c~")
    pack = load_pack(tmp_path)
    assert pack.registry == ()
    assert pack.record == b"a.b.c~"
    assert any("registry/7" in warning for warning in pack.warnings)


# Trust folders


@pytest.fixture
def folder(evidence, tmp_path):
    (tmp_path / "log.vkey").write_text(format_vkey(log_key(evidence.origin, evidence.signers["log"])) + "\n")
    (tmp_path / "policy").write_bytes(format_policy(evidence.policy()))
    (tmp_path / "authority.jwk").write_text(json.dumps(evidence.signers["authority"].jwk))
    return tmp_path


def test_a_trust_folder(folder, evidence):
    assert load_trust(folder) == evidence.trust()


def test_a_thumbprint_instead_of_a_key(folder, evidence):
    (folder / "authority.jwk").unlink()
    (folder / "authority.thumbprint").write_text(evidence.signers["authority"].thumbprint + "\n")
    assert load_trust(folder) == evidence.trust()


BROKEN = [
    ("no log key", "log.vkey", None),
    ("no policy", "policy", None),
    ("no authority", "authority.jwk", None),
    ("log key empty", "log.vkey", b""),
    ("log key junk", "log.vkey", b"junk\n"),
    ("log key not text", "log.vkey", b"\xff\n"),
    ("policy junk", "policy", b"trust everybody\n"),
    ("policy empty", "policy", b""),
    ("authority no JSON", "authority.jwk", b"{"),
    ("authority no object", "authority.jwk", b"[]"),
    ("authority no key", "authority.jwk", b"{}"),
]


@pytest.mark.parametrize(("why", "name", "content"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_broken_trust_folder(*, folder, why, name, content):
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(PackInvalid):
        load_trust(folder)


def test_a_thumbprint_of_another_length(folder):
    (folder / "authority.jwk").unlink()
    (folder / "authority.thumbprint").write_text("short")
    with pytest.raises(PackInvalid):
        load_trust(folder)


def test_keys_of_two_logs(evidence):
    lines = [format_vkey(log_key(name, evidence.signers["log"])) for name in ("a.cn/1", "b.cn/2")]
    with pytest.raises(PackInvalid, match="one log"):
        parse_log_vkeys("\n".join(lines).encode())


def test_links_out_of_the_folder_are_only_read_never_followed_for_writing(folder):
    """A link is a file like any other to a reader: what it holds must still verify."""
    (folder / "policy").unlink()
    (folder / "policy").symlink_to(folder / "log.vkey")
    with pytest.raises(PackInvalid):
        load_trust(folder)
