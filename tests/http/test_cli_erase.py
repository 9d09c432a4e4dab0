"""Goal: `skill-ledger erase` does the whole of it, says what it did, and can be finished when it was interrupted.

Method: the real command in a process of its own, on a store of each engine, with a key file of the authority.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from keys.custody import create_key_file, passphrase_for
from ledger import errors
from tests.support.world import AUTHORITY, SCRYPT_N_TEST, World


def store_of(world: World) -> str:
    """The store's URL; on PostgreSQL for the eraser role."""
    parts = urlsplit(world.url)
    if parts.scheme == "sqlite":
        return world.url
    return parts._replace(netloc=f"{parts.username}_eraser@{parts.netloc.rpartition('@')[2]}").geturl()


def erase(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "api.cli.main", "--json", "erase", *arguments, "--store", store_of(world)]
    return subprocess.run(command, env={**os.environ, **world.environ}, capture_output=True, text=True, check=False)


@pytest.fixture
def authority_key(world: World, tmp_path: Path) -> Path:
    """A key file of the authority that the log knows."""
    path = tmp_path / "authority.key"
    passphrase = passphrase_for(path, {}, create=True)
    signer = create_key_file(path, alg="Ed25519", passphrase=passphrase, scrypt_n=SCRYPT_N_TEST)
    world.submit(world.key_registration(AUTHORITY.issuer, signer))
    return path


def test_a_worker_is_erased(world: World, authority_key: Path) -> None:
    training = world.submit(world.sign("training-completion", person=1))
    subject = world.ledger.find_subject(world.person(1)["document_number"])
    world.close()
    given = ["--reason", "holder-asks", "--authority-key", str(authority_key)]
    done = erase(world, str(subject), *given)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["subject"] == str(subject)
    assert answer["numbers_and_names"] == "destroyed"
    stranger = erase(world, "8a6f1c0e-3b7d-4c52-9e1a-5d0f2b7c9e31", *given)
    assert (stranger.returncode, json.loads(stranger.stderr)["error"]) == (1, "subject-unknown")
    assert erase(world, "zhang", *given).returncode == 2
    assert erase(world, str(subject)).returncode == 2
    assert json.loads(erase(world, "--pending").stdout) == {"pending": 0}
    world.reopen_closed()
    with pytest.raises(errors.Erased):
        world.ledger.envelope(world.ledger.record(training.record_id))
    assert world.audit().findings == []


def test_what_was_interrupted_is_finished(postgres_world: World) -> None:
    """Another process has appended the tombstone, and had no right to destroy."""
    world = postgres_world
    world.submit(world.sign("training-completion", person=1))
    subject = world.ledger.find_subject(world.person(1)["document_number"])
    world.submit(world.sign("erasure", by="authority", subject_id=str(subject)))
    assert [finding.code for finding in world.audit().findings] == ["erasure-pending"]
    done = erase(world, "--pending")
    assert (done.returncode, json.loads(done.stdout)["records"]) == (0, 1)
    assert world.audit().findings == []
