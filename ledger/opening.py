"""Opening and beginning a log: finds secrets and keys, ties store, signer and service together.

Secret files live in a folder `secrets` beside a SQLite database (for PostgreSQL: in the working directory) unless the
environment names them: SKILL_LEDGER_{KEK_FILE, PSEUDONYM_KEY_FILE, LOG_KEY_FILE, MARK_FILE, PASSPHRASE_FILE}.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from keys.custody import Signer, create_key_file, open_signer, passphrase_for
from keys.possession import prove_possession
from keys.pseudonym import create_pseudonym_file, load_pseudonyms
from keys.sealing import create_kek_file, keks_from_environment, load_keks
from ledger.acceptance import ACCEPTED_ALGORITHMS, admit
from ledger.clock import Clock, SystemClock
from ledger.deciding import Decider, Secrets
from ledger.erasing import ErasedList, destroy_again
from ledger.errors import LedgerError, StoreNotInitialised
from ledger.log.policy import Policy
from ledger.options import Options
from ledger.publisher import Cosigner, HeadSigner
from ledger.records import build_record, parse_record
from ledger.registry import Registry
from ledger.service import Ledger
from ledger.store import create_store, open_store, sqlite_path
from ledger.store.mark import Mark
from ledger.wire.envelope import parse_envelope

LOG_ALGORITHM = "Ed25519"
LATER_ALGORITHM = "ML-DSA-44"
SERVICE_PATH = "/service"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the secret files of one store lie."""

    kek: Path
    pseudonym: Path
    log_key: Path
    later_key: Path
    service_key: Path
    mark: Path


@dataclass(frozen=True, slots=True)
class Authority:
    """The body that runs an instance, as record 0 names it."""

    uscc: str
    name: str
    issuer: str


def places_of(url: str, environ: Mapping[str, str]) -> Places:
    """The secret files of a store, by the environment or in the `secrets` folder."""
    folder = sqlite_path(url).parent / "secrets" if urlsplit(url).scheme == "sqlite" else Path("secrets")

    def place(variable: str, name: str) -> Path:
        return Path(environ.get(f"SKILL_LEDGER_{variable}") or folder / name)

    log_key = place("LOG_KEY_FILE", "log.key")
    return Places(
        kek=place("KEK_FILE", "kek.json"),
        pseudonym=place("PSEUDONYM_KEY_FILE", "pseudonym.json"),
        log_key=log_key,
        later_key=log_key.with_name("log-mldsa.key"),
        service_key=log_key.with_name("service.key"),
        mark=place("MARK_FILE", "mark"),
    )


def base_url_of(origin: str) -> str:
    """The public address of an instance: the host in its log's origin, `https://` before it."""
    return "https://" + origin.split("/", 1)[0]


def begin_log(
    url: str,
    *,
    authority_signer: Signer,
    authority: Authority,
    origin: str,
    service_role: str,
    view_tables: Sequence[str],
    environ: Mapping[str, str] = os.environ,
    mark: Path | None = None,
    clock: Clock | None = None,
) -> None:
    """Begins a log: tables, roles, secret files that are missing, the mark, record 0 and the service's own key.

    url               as the database's owner
    authority_signer  the authority's root key, which signs record 0
    raises            StoreNotEmpty where a log or its mark already is
    """
    clock = clock or SystemClock()
    places = places_of(url, environ)
    mark = mark or places.mark
    create_store(url, service_role=service_role, view_tables=view_tables)
    mark.parent.mkdir(parents=True, exist_ok=True)
    Mark.create(mark, origin=origin)
    _create_secrets(places, environ)
    held_secrets = _load_secrets(places, environ)
    service_signer = open_signer(places.service_key, passphrase=passphrase_for(places.service_key, environ))
    envelopes = _genesis(authority_signer, authority, origin=origin, service_signer=service_signer, clock=clock)
    store = open_store(url, writable=False) if urlsplit(url).scheme != "sqlite" else open_store(url, writable=True)
    registry = Registry()
    decider = Decider(
        secrets=held_secrets, clock=clock, base_url=base_url_of(origin), registry=lambda view: view.state or registry
    )
    admitted = admit(envelopes[0], registry=registry, accepted=ACCEPTED_ALGORITHMS, genesis=True)
    rooted = registry.apply(admitted.record, index=0)
    second = admit(envelopes[1], registry=rooted, accepted=ACCEPTED_ALGORITHMS)
    outcomes = store.recorder.append([[decider.propose(admitted)], [decider.propose(second)]], decider.decide)
    store.close()
    for outcome in outcomes:
        if isinstance(outcome, LedgerError):
            raise outcome


def _genesis(
    authority_signer: Signer, authority: Authority, *, origin: str, service_signer: Signer, clock: Clock
) -> list[bytes]:
    service_issuer = authority.issuer + SERVICE_PATH
    root = build_record(
        "authority-root",
        {
            "origin": origin,
            "uscc": authority.uscc,
            "name": authority.name,
            "jwk": authority_signer.jwk,
        },
        {},
        issuer=authority.issuer,
        signer=authority_signer,
        clock_seconds=clock.now_seconds(),
        base_url=base_url_of(origin),
    )
    nonce = secrets.token_urlsafe(16)
    service_key = build_record(
        "key-registered",
        {
            "key_issuer": service_issuer,
            "jwk": service_signer.jwk,
            "use": "service",
            "nonce": nonce,
            "log": origin,
            "possession": prove_possession(service_signer, origin=origin, issuer=service_issuer, nonce=nonce),
        },
        {},
        issuer=authority.issuer,
        signer=authority_signer,
        clock_seconds=clock.now_seconds(),
        base_url=base_url_of(origin),
    )
    return [root.to_bytes(), service_key.to_bytes()]


def open_ledger(
    url: str,
    *,
    environ: Mapping[str, str] = os.environ,
    read_only: bool = False,
    policy: Policy | None = None,
    cosigner: Cosigner | None = None,
    clock: Clock | None = None,
    mark: Path | None = None,
    accepted_algorithms: frozenset[str] = ACCEPTED_ALGORITHMS,
    erases: bool = False,
) -> Ledger:
    """The ledger in a store, ready to serve, or only to read.

    Where the store came back from a backup, what was erased since is destroyed again before anything else is read.

    erases  whether the URL's role may erase; on SQLite every writer may
    raises  StoreNotInitialised, StoreLocked, OwnerMayNotServe, MarkAhead, MarkDiffers, KeyFileUnreadable
    """
    clock = clock or SystemClock()
    places = places_of(url, environ)
    store = open_store(url, writable=not read_only)
    erased_list = (mark or places.mark).with_name("erased")
    if not read_only and (erases or store.recorder.erases_itself):
        destroy_again(store.recorder, ErasedList(erased_list))
    first = store.recorder.read_records(after=-1, limit=1)
    if not first:
        store.close()
        raise StoreNotInitialised("the store holds no record 0; run `skill-ledger init` first")
    root = parse_record(parse_envelope(first[0].leaf + b"~"))
    origin: str = root.origin  # type: ignore[attr-defined]
    head_signer = None
    if not read_only:
        head_signer = HeadSigner(
            origin=origin,
            mark=Mark(mark or places.mark, origin=origin),
            signer=_open(places.log_key, environ),
            later_signer=_open(places.later_key, environ) if places.later_key.exists() else None,
            clock=clock,
        )
    options = Options(
        base_url=base_url_of(origin),
        clock=clock,
        policy=policy,
        cosigner=cosigner,
        accepted_algorithms=accepted_algorithms,
        service_signer=_open(places.service_key, environ) if places.service_key.exists() else None,
        service_issuer=root.issuer + SERVICE_PATH,
        erased_list=erased_list,
        erases=erases,
    )
    return Ledger(
        store, secrets=_load_secrets(places, environ), head_signer=head_signer, options=options, origin=origin
    )


def _open(path: Path, environ: Mapping[str, str]) -> Signer:
    return open_signer(path, passphrase=passphrase_for(path, environ))


def _create_secrets(places: Places, environ: Mapping[str, str]) -> None:
    for path in (places.kek, places.pseudonym, places.log_key, places.later_key, places.service_key):
        path.parent.mkdir(parents=True, exist_ok=True)
    if not places.kek.exists() and "SKILL_LEDGER_KEK" not in environ:
        create_kek_file(places.kek)
    if not places.pseudonym.exists():
        create_pseudonym_file(places.pseudonym)
    for path, alg in (
        (places.log_key, LOG_ALGORITHM),
        (places.later_key, LATER_ALGORITHM),
        (places.service_key, LOG_ALGORITHM),
    ):
        if not path.exists():
            create_key_file(path, alg=alg, passphrase=passphrase_for(path, environ, create=True))


def _load_secrets(places: Places, environ: Mapping[str, str]) -> Secrets:
    keks = load_keks(places.kek) if places.kek.exists() else keks_from_environment(environ)
    return Secrets(keks=keks, pseudonyms=load_pseudonyms(places.pseudonym))
