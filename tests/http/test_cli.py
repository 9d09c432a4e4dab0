"""Goal: the commands do what their help says, with the documented exit codes, and leave what others can use.

Method: the commands run in this process against the shared, really served site; outputs are parsed, not compared by eye.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from api.client import LedgerClient
from keys.custody import create_key_file, open_signer, passphrase_for
from ledger.clock import SystemClock, format_instant
from ledger.log.note import format_vkey
from ledger.log.policy import format_policy
from ledger.log.receipt import parse_receipt
from tests.support.served_site import INSTITUTIONS, NOW

USCC = "52320102MJ000000XG"
AT = format_instant(NOW)


class Command:
    """One run after another, in one folder, with an environment of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.environ = {"SKILL_LEDGER_URL": url, "NO_COLOR": "1"}

    def __call__(self, *arguments: object, code: int = 0, stdin: str | None = None):
        done = CliRunner().invoke(app, [str(one) for one in arguments], input=stdin, env=self.environ)
        assert done.exit_code == code, (done.stdout, done.stderr, done.exception)
        return done

    def json(self, *arguments: object, code: int = 0) -> list[dict]:
        return [json.loads(line) for line in self(*arguments, "--json", code=code).stdout.splitlines()]


@pytest.fixture
def command(site, tmp_path, monkeypatch):
    for name in ("SKILL_LEDGER_STORE", "SKILL_LEDGER_PASSPHRASE_FILE", "SKILL_LEDGER_MARK_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Command(tmp_path, site.address)


@pytest.fixture
def trust(site, tmp_path):
    folder = tmp_path / "trust"
    folder.mkdir()
    (folder / "log.vkey").write_text("".join(format_vkey(key) + "\n" for key in site.ledger.log_vkeys))
    (folder / "policy").write_bytes(format_policy(site.ledger.policy))
    (folder / "authority.jwk").write_text(json.dumps(site.authority_signer.jwk))
    return folder


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_submit_writes_a_receipt_beside_the_file_and_may_be_repeated(site, command, tmp_path):
    file = write(tmp_path / "one.sdjwt", site.certificate().to_bytes() + b"\n")
    first, again = command.json("submit", file)[0], command.json("submit", file)[0]
    assert (first["already_held"], again["already_held"]) == (False, True)
    assert first["index"] == again["index"] == parse_receipt((tmp_path / "one.sdjwt.receipt").read_bytes()).index
    assert first["code"] == again["code"]
    assert first["record_id"] in command("submit", file).stdout


def test_one_bad_file_does_not_stop_the_others(site, command, tmp_path):
    good = write(tmp_path / "good", site.certificate().to_bytes())
    late = write(tmp_path / "late", site.certificate(issued_on="2026-10-08").to_bytes())
    lines = command.json("submit", late, good, code=1)
    assert lines[0]["error"]
    assert lines[1]["index"]
    assert not (tmp_path / "late.receipt").exists()


def test_records_of_one_group_go_in_together(site, command, tmp_path):
    group = "urn:uuid:11111111-56b6-4b0e-8c2d-1b1f0a3f6a77"
    both = [site.certificate(group=group).to_bytes() for _ in range(2)]
    file = write(tmp_path / "two", b"\n".join(both))
    lines = command.json("submit", file)
    assert lines[1]["index"] == lines[0]["index"] + 1
    assert (tmp_path / "two.1.receipt").exists()
    assert (tmp_path / "two.2.receipt").exists()


def test_nobody_there_is_exit_4(site, command, tmp_path, monkeypatch):
    monkeypatch.setitem(LedgerClient.__init__.__kwdefaults__, "wait", lambda _seconds: None)
    file = write(tmp_path / "one", site.certificate().to_bytes())
    assert command.json("submit", file, "--url", "http://127.0.0.1:1", code=4)[0]["error"] == "server-unavailable"


def test_pack_then_verify_offline_with_and_without_trust(site, command, tmp_path, trust):
    record = site.submit(site.certificate())
    command("pack", record.record_id, "--dir", tmp_path / "pack")
    pinned = command.json("verify", tmp_path / "pack", "--trust", trust, "--offline", "--at", AT)[0]
    assert (pinned["outcome"], pinned["trust"], pinned["index"]) == ("valid", "pinned", record.index)
    done = command("verify", tmp_path / "pack", "--at", AT)
    assert "no trust anchors were given" in done.stderr
    assert done.stdout.splitlines()[0].startswith("✓ valid: 证书有效 / Valid")
    assert all(name in done.stdout for name in ("issuer_key", "inclusion", "accreditation"))
    command("pack", record.record_id, "--dir", tmp_path / "pack", code=2)


def test_verify_exit_codes_follow_the_outcome(site, command, tmp_path, trust):
    record = site.submit(site.certificate())
    site.ledger.submit(site.act(record.record_id, "revoke"))
    site.settle()
    command("pack", record.record_id, "--dir", tmp_path / "pack")
    assert command.json("verify", tmp_path / "pack", "--trust", trust, "--at", AT, code=1)[0]["outcome"] == "revoked"
    (tmp_path / "pack" / "registry.jwt").unlink()
    lost = command.json("verify", tmp_path / "pack", "--trust", trust, "--at", AT, code=3)[0]
    assert lost["outcome"] == "cannot_tell"
    assert "content" not in lost
    shutil.rmtree(tmp_path / "pack" / "registry")
    assert (
        command.json("verify", tmp_path / "pack", "--trust", trust, "--at", AT, code=3)[0]["outcome"] == "cannot_tell"
    )


def test_a_bare_envelope_asks_the_server_and_says_so(site, command, tmp_path):
    file = write(tmp_path / "e", site.certificate().to_bytes())
    assert command.json("verify", file, code=1)[0]["outcome"] == "not_genuine"
    command("submit", file)
    site.settle()
    answer = command.json("verify", file, "--at", AT)[0]
    assert (answer["outcome"], answer["trust"]) == ("valid", "server")
    assert command.json("verify", file, "--offline", code=3)[0]["trust"] == "none"


USAGE = [
    ("no such file", ["verify", "nowhere"]),
    ("a PDF", ["verify", "a.pdf"]),
    ("an instant without zone", ["verify", "e", "--at", "2026-11-21"]),
    ("an instant in another spelling", ["verify", "e", "--at", "2026-11-21T01:30:00+00:00"]),
    ("a trust folder that is none", ["verify", "e", "--trust", "nowhere"]),
    ("a folder that is no pack", ["verify", "."]),
    ("no such command", ["frobnicate"]),
    ("no such option", ["verify", "e", "--maybe"]),
    ("an unknown identifier kind", ["check-id", "passport", "X"]),
    ("checks that are no JSON", ["outcome", "a.pdf"]),
    ("a key that is there already", ["keys", "new", "--out", "a.pdf"]),
    ("neither server nor store", ["pack", "0" * 64, "--dir", "p", "--url", ""]),
]


@pytest.mark.parametrize(("why", "arguments"), USAGE, ids=[why for why, _ in USAGE])
def test_wrong_use_is_exit_2_with_a_reason(command, tmp_path, why, arguments):
    write(tmp_path / "a.pdf", b"%PDF-1.7\n")
    write(tmp_path / "e", b"a.b.c~")
    assert command(*arguments, code=2).stderr


def test_outcome_words_in_the_order_of_the_input(command, tmp_path):
    passed = dict.fromkeys(
        ("format", "integrity", "issuer_key", "inclusion", "accreditation", "status", "period"), "pass"
    )
    rows = [passed, {**passed, "status": "revoked"}, {**passed, "integrity": "not_checked"}]
    nested = {"checks": {name: {"value": value, "as_of": None} for name, value in passed.items()}}
    text = "".join(json.dumps(row) + "\n" for row in [*rows, nested])
    file = write(tmp_path / "checks.jsonl", text.encode())
    assert command("outcome", file).stdout.split() == ["valid", "revoked", "cannot_tell", "valid"]
    assert command("outcome", "-", stdin=text).stdout.split()[1] == "revoked"
    assert command.json("outcome", file)[1] == {"line": 2, "outcome": "revoked"}


def test_check_id_names_the_reason_and_never_the_value(command):
    assert "valid" in command("check-id", "uscc", USCC).stdout
    done = command("check-id", "ric", "11010519491231002Y", code=1)
    assert "11010519491231002Y" not in done.stdout + done.stderr
    answer = command.json("check-id", "ric", "110105194912310021", code=1)[0]
    assert (answer["valid"], answer["reason"]) == (False, "check-digit")


def test_every_template_is_taken_unchanged_by_sign(site, command, tmp_path):
    from ledger.records import KINDS

    command("keys", "new", "--alg", "Ed25519", "--out", "k.key")
    for name, kind in KINDS.items():
        form = tmp_path / "form.json"
        form.write_text(command("template", name).stdout)
        issuer = json.loads(form.read_text())["claims"].get("issuer", INSTITUTIONS[USCC])
        signed = command("sign", name, "--from", form, "--key", "k.key", "--issuer", issuer)
        assert signed.stdout.endswith("~\n"), kind


def test_keys_new_show_register_revoke(make_site, command, tmp_path):
    site = make_site()
    site.clock.seconds = SystemClock().now_seconds()
    command.environ["SKILL_LEDGER_URL"] = site.address
    authority = _authority_key(site, tmp_path)
    issuer = INSTITUTIONS[USCC]
    made = command.json("keys", "new", "--alg", "Ed25519", "--out", "new.key")[0]
    shown = command.json("keys", "show", "--key", "new.key")[0]
    assert made["thumbprint"] == shown["thumbprint"]
    registered = command.json("keys", "register", "--key", "new.key", "--issuer", issuer, "--authority-key", authority)[
        0
    ]
    assert registered["kid"] == f"{issuer}#{made['thumbprint']}"
    command("keys", "register", "--key", "new.key", "--issuer", issuer, "--authority-key", authority, code=1)
    revoked = command.json("keys", "revoke", registered["kid"], "--reason", "superseded", "--key", "new.key")[0]
    assert revoked["index"] > registered["index"]
    key = site.ledger.registry().keyring.find(registered["kid"])
    assert key is not None
    assert key.revoked_at == revoked["index"]


def _authority_key(site, folder: Path) -> Path:
    """A key file of a second authority key, registered by the first: the site's own key is in memory only."""
    from tests.support.served_site import AUTHORITY

    path = folder / "authority.key"
    signer = create_key_file(path, alg="Ed25519", passphrase=passphrase_for(path, {}, create=True), scrypt_n=2**14)
    site.by_authority(
        "key-registered", site.key_claims(open_signer(path, passphrase=passphrase_for(path, {})), AUTHORITY.issuer)
    )
    assert signer.thumbprint
    return path


def test_init_serve_less_store_commands(command, tmp_path):
    """`init`, `audit`, `rebuild`, and `keys register --store`, on a store of their own."""
    store = f"sqlite:///{tmp_path / 'db' / 'ledger.db'}"
    (tmp_path / "db").mkdir()
    command("keys", "new", "--alg", "Ed25519", "--out", "root.key")
    wrong = ["init", "--store", store, "--authority-key", "none.key", "--origin", "a.example.cn/log"]
    command(*wrong, code=2)
    begun = command.json("init", "--store", store, "--authority-key", "root.key", "--origin", "a.example.cn/log")[0]
    assert Path(begun["mark"]).exists()
    assert (
        command.json("init", "--store", store, "--authority-key", "root.key", "--origin", "a.example.cn/log", code=1)
        == []
    )
    kek = tmp_path / "db" / "secrets" / "kek.json"
    report = command.json("audit", "--store", store, "--mark", begun["mark"], "--kek", kek)[0]
    assert (report["size"], report["first_bad_index"], report["code"]) == (2, None, None)
    assert command.json("rebuild", "--store", store)
    command("rebuild", "no-such-view", "--store", store, code=2)
    del command.environ["SKILL_LEDGER_URL"]
    command("keys", "new", "--alg", "Ed25519", "--out", "i.key")
    issuer = "https://a.example.cn/issuers/1"
    refused = command(
        "keys",
        "register",
        "--key",
        "i.key",
        "--issuer",
        issuer,
        "--authority-key",
        "root.key",
        "--store",
        store,
        code=1,
    )
    assert "registered" in refused.stderr


def test_json_before_the_command_counts_for_it(command):
    done = command("--json", "check-id", "uscc", USCC)
    assert json.loads(done.stdout)["valid"] is True
