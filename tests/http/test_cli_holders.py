"""Goal: holders give the authority another root key with the commands alone, each with a key file that stays where it is.

Method: the whole ceremony against a served site; then the same with a form that says something else than was approved.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keys.ids import format_kid
from ledger.clock import SystemClock
from tests.http.test_cli import Command
from tests.support.served_site import AUTHORITY, ORIGIN

NONCE = "Txewgqpbd1ifQ-PZyeq7DQ"


@pytest.fixture
def command(make_site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Commands against a site of their own, whose authority has three holders: `h0.key`, `h1.key`, `h2.key`."""
    for name in ("SKILL_LEDGER_STORE", "SKILL_LEDGER_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    site = make_site()
    site.clock.seconds = SystemClock().now_seconds()
    made = Command(tmp_path, site.address)
    made.site = site  # type: ignore[attr-defined]
    holders = [proved(made, f"h{number}.key") for number in range(3)]
    held = [{"jwk": one["jwk"], "possession": one["possession"]} for one in holders]
    site.by_authority("root-policy", {"threshold": 2, "holders": held, "nonce": NONCE, "log": ORIGIN})
    return made


def proved(command: Command, key: str) -> dict[str, Any]:
    command("keys", "new", "--out", key)
    where = ("--issuer", AUTHORITY.issuer, "--origin", ORIGIN, "--nonce", NONCE)
    return command.json("keys", "prove", "--key", key, *where)[0]


def written(path: Path, claims: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"claims": claims, "disclosed": {}}), encoding="utf-8")
    return path


def rotation(command: Command) -> dict[str, Any]:
    site = command.site  # type: ignore[attr-defined]
    old = format_kid(issuer=AUTHORITY.issuer, jwk=site.authority_signer.jwk)
    return {**proved(command, "root.key"), "retired": [{"kid": old}]}


def approval(command: Command, claims: dict[str, Any], key: str) -> dict[str, Any]:
    form = written(command.folder / "form.json", claims)
    return command.json("keys", "approve", "root-rotated", "--from", form, "--key", key, "--issuer", AUTHORITY.issuer)[
        0
    ]


def submit(command: Command, claims: dict[str, Any], key: str, *, code: int) -> dict[str, Any]:
    form = written(command.folder / "form.json", claims)
    signed = command("sign", "root-rotated", "--from", form, "--key", key, "--issuer", AUTHORITY.issuer).stdout
    (command.folder / "signed").write_text(signed)
    return command.json("submit", command.folder / "signed", code=code)[0]


def test_two_of_three_holders_replace_the_root_key(command: Command) -> None:
    claims = rotation(command)
    claims["approvals"] = [approval(command, claims, "h2.key")]
    submit(command, claims, "h0.key", code=0)
    site = command.site  # type: ignore[attr-defined]
    (live,) = site.ledger.registry().live_keys(AUTHORITY.issuer, index=site.ledger.size())
    assert live.kid == format_kid(issuer=AUTHORITY.issuer, jwk=claims["jwk"])


def test_what_was_not_approved_is_refused(command: Command) -> None:
    claims = rotation(command)
    assert submit(command, claims, "h0.key", code=1)["error"] == "approvals-missing"
    claims["approvals"] = [approval(command, claims, "h2.key")]
    claims["retired"][0]["suspect_since"] = 0
    assert submit(command, claims, "h0.key", code=1)["error"] == "approvals-missing"


@pytest.mark.parametrize(
    ("kind", "claims"),
    [("root-rotated", {"nonce": NONCE, "log": ORIGIN}), ("key-registered", {"nonce": NONCE, "log": ORIGIN})],
)
def test_holders_approve_two_kinds_and_nothing_else(command: Command, kind: str, claims: dict[str, Any]) -> None:
    form = written(command.folder / "form.json", claims)
    answer = command("keys", "approve", kind, "--from", form, "--key", "h0.key", "--issuer", AUTHORITY.issuer, code=1)
    assert "schema-invalid" in answer.stderr
