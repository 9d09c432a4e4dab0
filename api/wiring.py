"""The composition root: the one place that chooses real parts and puts them together."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.client.witness_client import WitnessClient, targets_of
from api.follower import STORE_VARIABLE, Follower, keep_what_stands
from keys.custody import open_signer, passphrase_for
from ledger import opening
from ledger.errors import Refused
from ledger.log.policy import Policy, parse_policy
from ledger.opening import Authority, base_url_of, begin_log, places_of
from ledger.service import Ledger
from projections import VIEWS, ddl
from projections._runner import Runner

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.settings import Settings

DEFAULT_AUTHORITY_USCC = "113200000140000016"
DEFAULT_AUTHORITY_NAME = "示例省人力资源和社会保障厅"
DEFAULT_SERVICE_ROLE = "skill_ledger_service"


class OneProcessOnly(Refused):
    """SQLite serves from one process."""

    code = "one-process-only"


class Witnesses:
    """Asks the witnesses of a policy, as `ledger.publisher.Cosigner` wants it."""

    def __init__(self, policy: Policy) -> None:
        self._path: Callable[[int], Sequence[bytes]] = lambda _: []
        self._client = WitnessClient(targets_of(policy), consistency=lambda old, _new: list(self._path(old)))

    def cosign(self, note: bytes, *, size: int, consistency: Callable[[int], Sequence[bytes]]) -> list[bytes]:
        """Signature lines of the witnesses that answered; `size` is the one the note names."""
        del size
        self._path = consistency
        return list(self._client.collect(note).lines)


def policy_path(store_url: str, environ: Mapping[str, str]) -> Path:
    """Where the witness policy of a store lies: SKILL_LEDGER_POLICY_FILE, else `policy` beside the mark."""
    return Path(environ.get("SKILL_LEDGER_POLICY_FILE") or places_of(store_url, environ).mark.with_name("policy"))


def init_store(
    store_url: str,
    *,
    authority_key_path: Path,
    origin: str,
    app_role: str | None = None,
    mark_path: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    authority_uscc: str | None = None,
    authority_name: str | None = None,
) -> None:
    """Begins a log in an empty store, as the database's owner.

    authority_key_path  the authority's root key, which signs record 0
    origin              the log's name, `host/path`, as in checkpoints
    raises              StoreNotEmpty where a log already is; KeyFileUnreadable
    """
    uscc = authority_uscc or DEFAULT_AUTHORITY_USCC
    begin_log(
        store_url,
        authority_signer=open_signer(authority_key_path, passphrase=passphrase_for(authority_key_path, environ)),
        authority=Authority(
            uscc=uscc, name=authority_name or DEFAULT_AUTHORITY_NAME, issuer=f"{base_url_of(origin)}/issuers/{uscc}"
        ),
        origin=origin,
        service_role=app_role or DEFAULT_SERVICE_ROLE,
        view_tables=ddl(),
        environ=environ,
        mark=mark_path,
    )


def open_ledger(
    store_url: str, *, environ: Mapping[str, str] = os.environ, read_only: bool = False, erases: bool = False
) -> Ledger:
    """The ledger in a store, with the witnesses that its policy file names.

    erases  whether the URL's role may erase
    raises  StoreNotInitialised, StoreLocked, OwnerMayNotServe, MarkAhead, MarkDiffers, KeyFileUnreadable
    """
    path = policy_path(store_url, environ)
    policy = parse_policy(path.read_bytes()) if path.exists() else None
    cosigner = None if policy is None or read_only else Witnesses(policy)
    return opening.open_ledger(
        store_url, environ=environ, read_only=read_only, policy=policy, cosigner=cosigner, erases=erases
    )


def open_runner(ledger: Ledger) -> Runner:
    """The runner that keeps all views up with a ledger; `start` it, or `rebuild` with it."""
    return Runner(ledger, ledger.views(), VIEWS)


def build_app(ledger: Ledger, settings: Settings, *, keeper: Runner | Follower | None = None) -> FastAPI:
    """The HTTP application of an open ledger.

    keeper  what keeps the views up: started and closed with the application
    raises  ServiceKeyMissing
    """
    from api.app import create_app

    app = create_app(ledger, settings)
    if keeper is not None:
        app.state.keeper = keeper
        keeper.start()
        app.router.add_event_handler("shutdown", keeper.close)
    return app


def open_keeper(ledger: Ledger, store_url: str) -> Runner | Follower:
    """What keeps the views up: a process of its own, or for SQLite, which is one process, a thread."""
    if not store_url.startswith("sqlite"):
        return Follower(store_url)
    runner = open_runner(ledger)
    ledger.on_growth(lambda _size: runner.wake())
    return runner


def serve(
    store_url: str,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = 1,
    environ: Mapping[str, str] = os.environ,
    settings: Settings | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Serves until told to stop; creates nothing.

    workers  processes; more than one needs PostgreSQL
    ready    called once the server listens
    raises   as `open_ledger`; OneProcessOnly for several workers on SQLite
    """
    import uvicorn

    from api.settings import Settings as Chosen

    options: dict[str, Any] = {"host": host, "port": port, "log_level": "warning", "access_log": False}
    options["server_header"] = False
    chosen = settings or Chosen()
    options["proxy_headers"] = chosen.trusted_proxies > 0
    if workers > 1:
        if store_url.startswith("sqlite"):
            raise OneProcessOnly("SQLite serves from one process; use --workers 1, or PostgreSQL")
        os.environ[STORE_VARIABLE] = store_url
        follower = Follower(store_url)
        follower.start()
        try:
            uvicorn.run("api.wiring:worker_app", factory=True, workers=workers, **options)
        finally:
            follower.close()
        return
    ledger = open_ledger(store_url, environ=environ)
    try:
        app = build_app(ledger, chosen, keeper=open_keeper(ledger, store_url))
        keep_what_stands()
        server = uvicorn.Server(uvicorn.Config(app, **options))
        if ready is not None:
            app.router.add_event_handler("startup", ready)
        server.run()
    finally:
        ledger.close()


def worker_app() -> FastAPI:
    """One worker's application, from the environment: what `serve --workers N` starts N times."""
    from api.settings import Settings as Chosen

    ledger = open_ledger(os.environ[STORE_VARIABLE])
    atexit.register(ledger.close)
    app = build_app(ledger, Chosen())
    keep_what_stands()
    return app
