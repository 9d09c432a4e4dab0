"""The demonstration's folder: where keys, secrets, witnesses, trust anchors and results lie, and how they begin."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import orjson

from api.demo.institutions import INSTITUTIONS
from keys.custody import SCRYPT_N_MIN, Signer, create_key_file, open_signer, passphrase_for
from ledger.log.checkpoint import cosigner_key, format_vkey, log_key
from ledger.log.policy import Policy, PolicyGroup, PolicyLog, PolicyWitness, format_policy
from ledger.opening import LATER_ALGORITHM, LOG_ALGORITHM, places_of

ORIGIN: Final = "demo.ledger.example.cn/skills"
WITNESSES: Final = ("witness-1", "witness-2", "witness-3")
QUORUM: Final = 2
PREFIX: Final = "SKILL_LEDGER_"


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths in the folder of one demonstration."""

    folder: Path

    @property
    def result(self) -> Path:
        """`demo.json`; it is there once the ledger is filled."""
        return self.folder / "demo.json"

    @property
    def secrets(self) -> Path:
        """Keys of the log and of personal data, mark, policy, store address."""
        return self.folder / "secrets"

    @property
    def trust(self) -> Path:
        """What a verifier trusts beforehand: `verify --trust`."""
        return self.folder / "trust"

    @property
    def pack(self) -> Path:
        """The evidence pack."""
        return self.folder / "pack"

    @property
    def logs(self) -> Path:
        """What the processes say."""
        return self.folder / "logs"

    @property
    def policy(self) -> Path:
        """The witness policy, where `api.wiring.open_ledger` finds it: beside the mark."""
        return self.secrets / "policy"

    @property
    def store_address(self) -> Path:
        """File with the address of the store, as the server opens it."""
        return self.secrets / "store"

    @property
    def authority_key(self) -> Path:
        """Key file of the authority."""
        return self.folder / "keys" / "authority.key"

    def institution_key(self, uscc: str) -> Path:
        """Key file of an institution."""
        return self.folder / "keys" / f"{uscc}.key"

    def witness_key(self, name: str) -> Path:
        """Key file of a witness, alone in a folder of its own with what it signed."""
        return self.folder / name / "witness.key"

    def environ(self) -> dict[str, str]:
        """The process environment with the settings of this demonstration in place of everybody else's.

        Variables of a real ledger on the same machine must not reach the demonstration.
        """
        plain = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return {
            **plain,
            f"{PREFIX}KEK_FILE": str(self.secrets / "kek.json"),
            f"{PREFIX}PSEUDONYM_KEY_FILE": str(self.secrets / "pseudonym.json"),
            f"{PREFIX}LOG_KEY_FILE": str(self.secrets / "log.key"),
            f"{PREFIX}MARK_FILE": str(self.secrets / "mark"),
            f"{PREFIX}POLICY_FILE": str(self.policy),
        }


def open_key(path: Path) -> Signer:
    """The signer of one of the demonstration's key files.

    raises  KeyFileUnreadable
    """
    return open_signer(path, passphrase=passphrase_for(path, {}))


def create_keys(layout: Layout, store_url: str) -> None:
    """All key files, before the log begins. Their passphrases are random, so the lowest cost of scrypt loses nothing.

    raises  KeyFileExists
    """
    places = places_of(store_url, layout.environ())
    _create_key(layout.authority_key)
    for institution in INSTITUTIONS.values():
        _create_key(layout.institution_key(institution.uscc))
    for name in WITNESSES:
        _create_key(layout.witness_key(name))
    for path, alg in (
        (places.log_key, LOG_ALGORITHM),
        (places.later_key, LATER_ALGORITHM),
        (places.service_key, LOG_ALGORITHM),
    ):
        _create_key(path, alg)


def _create_key(path: Path, alg: str = "Ed25519") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    create_key_file(path, alg=alg, passphrase=passphrase_for(path, {}, create=True), scrypt_n=SCRYPT_N_MIN)


def write_trust(layout: Layout, store_url: str, ports: Iterable[int]) -> None:
    """The witness policy with the witnesses' present addresses, and the trust folder.

    ports   where the witnesses listen, in the order of `WITNESSES`
    raises  KeyFileUnreadable
    """
    places = places_of(store_url, layout.environ())
    keys = [log_key(ORIGIN, open_key(path)) for path in (places.log_key, places.later_key)]
    host = ORIGIN.split("/", 1)[0]
    policy = Policy(
        logs=tuple(PolicyLog(key) for key in keys),
        witnesses=tuple(
            PolicyWitness(name, cosigner_key(f"{name}.{host}", open_key(layout.witness_key(name))), address(port))
            for name, port in zip(WITNESSES, ports, strict=True)
        ),
        groups=(PolicyGroup("two-of-three", QUORUM, WITNESSES),),
        quorum="two-of-three",
    )
    authority = open_key(layout.authority_key)
    layout.trust.mkdir(parents=True, exist_ok=True)
    layout.policy.write_bytes(format_policy(policy))
    (layout.trust / "policy").write_bytes(format_policy(policy))
    (layout.trust / "log.vkey").write_text("".join(format_vkey(key) + "\n" for key in keys), encoding="ascii")
    (layout.trust / "authority.jwk").write_bytes(orjson.dumps(authority.jwk, option=orjson.OPT_APPEND_NEWLINE))
    (layout.trust / "authority.thumbprint").write_text(authority.thumbprint + "\n", encoding="ascii")


def address(port: int) -> str:
    """The address of a process on this machine."""
    return f"http://127.0.0.1:{port}"


def service_url(store_url: str, role: str) -> str:
    """The address under which the server opens a store: as the service role that `init` made, for PostgreSQL."""
    parts = urlsplit(store_url)
    if parts.scheme == "sqlite":
        return store_url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}@{host}"))
