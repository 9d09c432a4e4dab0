"""A whole demonstration, from an empty folder to a server that answers: start reading here.

    keys and log begin → witnesses and server start → institutions register → lives are handed in →
    witnesses and views catch up → evidence pack → `demo.json` → serve

A folder with `demo.json` is served again as it is.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import orjson

from api.client import LedgerClient
from api.client.errors import ServerUnavailable
from api.client.pack import unpack
from api.demo.filling import Filled, Held, Place, Signers, register_institutions, submit_lives
from api.demo.institutions import EVALUATION, INSTITUTIONS
from api.demo.layout import ORIGIN, WITNESSES, Layout, address, create_keys, open_key, service_url, write_trust
from api.demo.lives import CERTIFICATES, VALID, Life, life
from api.demo.processes import Child, free_ports
from api.demo.told import tell_all
from api.wiring import DEFAULT_AUTHORITY_USCC, DEFAULT_SERVICE_ROLE, init_store
from ledger.clock import Clock, civil_date
from ledger.errors import NotFound
from ledger.log.checkpoint import parse_checkpoint, parse_note
from ledger.opening import base_url_of, open_ledger
from ledger.service import Ledger
from projections import VIEWS
from projections._live import reflects

SETTLE_SECONDS_MAX: Final = 60
_LOOK_SECONDS: Final = 0.1
_JSON: Final = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


class Reporter(Protocol):
    """Tells a person how far it is."""

    def step(self, text: str) -> None:
        """Something begins."""
        ...

    def begin(self, total: int) -> None:
        """So many records will be handed in."""
        ...

    def advance(self, count: int) -> None:
        """So many more were answered; called from several threads."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command was asked for.

    store  None for an SQLite file in the folder; for PostgreSQL the owner's URL
    """

    folder: Path
    seed: int
    workers: int
    port: int
    store: str | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """A demonstration that answers."""

    layout: Layout
    result: dict[str, Any]
    server: Child


@contextmanager
def demonstration(wanted: Wanted, reporter: Reporter, clock: Clock) -> Iterator[Running]:
    """A served demonstration; its processes end with the block.

    raises  StoreNotEmpty, StoreUnavailable, KeyFileExists; ServerUnavailable when a process does not start or does not
            keep up; what the client raises
    """
    layout = Layout(wanted.folder.resolve())
    fresh = not layout.result.exists()
    if fresh:
        reporter.step("making keys and beginning the log")
        store = _begin(layout, wanted.store)
    else:
        reporter.step("serving the demonstration that is in this folder")
        store = layout.store_address.read_text(encoding="utf-8").strip()
    url = address(wanted.port)
    with ExitStack() as stack:
        reporter.step("starting three witnesses and the server")
        server = _start(layout, store, wanted.port, stack)
        result = _fill(layout, url, wanted, reporter, clock) if fresh else orjson.loads(layout.result.read_bytes())
        with _reading(layout, store) as ledger:
            if fresh:
                for worker in result["workers"]:
                    worker["subject"] = str(ledger.find_subject(worker["number"]))
            reporter.step("waiting for the witnesses and the views")
            _settle(ledger)
        result["url"] = url
        reporter.step("writing the evidence pack")
        _write_pack(layout, url, result["shown"])
        _write(layout.result, orjson.dumps(result, option=_JSON))
        yield Running(layout, result, server)


def _begin(layout: Layout, store: str | None) -> str:
    """Keys and the empty log; gives the address under which the server opens the store."""
    layout.secrets.mkdir(parents=True)
    owner_url = store or f"sqlite:///{layout.folder / 'ledger.db'}"
    create_keys(layout, owner_url)
    init_store(owner_url, authority_key_path=layout.authority_key, origin=ORIGIN, environ=layout.environ())
    url = service_url(owner_url, DEFAULT_SERVICE_ROLE)
    _write(layout.store_address, f"{url}\n".encode())
    return url


def _start(layout: Layout, store: str, port: int, stack: ExitStack) -> Child:
    """The processes, listening. They stop in the opposite order: the server first."""
    ports = free_ports(len(WITNESSES))
    write_trust(layout, store, ports)
    environ = layout.environ()
    children = []
    for name, witness_port in zip(WITNESSES, ports, strict=True):
        key = layout.witness_key(name)
        arguments = ["witness", "--key", str(key), "--policy", str(layout.policy), "--port", str(witness_port)]
        arguments += ["--dir", str(key.parent / "signed")]
        children.append(Child(arguments, port=witness_port, log=layout.logs / f"{name}.log", environ=environ))
        stack.callback(children[-1].stop)
    settings = {"DEMO": "true", "DEMO_FILE": str(layout.result), "PUBLIC_URL": address(port)}
    environ |= {f"SKILL_LEDGER_{name}": value for name, value in settings.items()}
    arguments = ["serve", "--store", store, "--port", str(port)]
    server = Child(arguments, port=port, log=layout.logs / "server.log", environ=environ)
    stack.callback(server.stop)
    for child in (*children, server):
        child.wait_until_it_listens()
    return server


def _fill(layout: Layout, url: str, wanted: Wanted, reporter: Reporter, clock: Clock) -> dict[str, Any]:
    """Hands everything in, and gives `demo.json` but for what only the finished ledger knows."""
    base_url = base_url_of(ORIGIN)
    place = Place(ORIGIN, base_url, f"{base_url}/issuers/{DEFAULT_AUTHORITY_USCC}")
    keys = {kind: layout.institution_key(body.uscc) for kind, body in INSTITUTIONS.items()}
    signers = Signers(
        place,
        authority=open_key(layout.authority_key),
        institutions={kind: open_key(key) for kind, key in keys.items()},
        clock=clock,
    )
    reporter.step("registering seven institutions")
    with LedgerClient(url) as client:
        register_institutions(client, signers)
    today = civil_date(clock.now_seconds())
    lives = [life(wanted.seed, number, today=today) for number in range(wanted.workers)]
    reporter.begin(sum(len(each.records) for each in lives))
    filled = submit_lives(url, signers, lives, advance=reporter.advance)
    reporter.step("telling six lives in which one thing follows from another")
    with LedgerClient(url) as client:
        told, told_records = tell_all(client, signers, wanted.seed)
    return {
        "url": url,
        "trust": str(layout.trust),
        "authority_key": str(layout.authority_key),
        "institutions": [
            {
                "uscc": body.uscc,
                "issuer": body.issuer(base_url),
                "key": str(keys[kind]),
                "type": body.type,
                "name": body.name,
            }
            for kind, body in INSTITUTIONS.items()
        ],
        "workers": [
            {"login": one.login, "name": one.name, "number": one.number}
            for one in (*(each.worker for each in lives), *told)
        ],
        "records": [_record_json(held) for held in filled.held],
        "pack": str(layout.pack),
        "shown": _shown(filled, lives),
        "seed": wanted.seed,
        "filled_on": today.isoformat(),
        "credit_transfers": filled.moves,
        "acts": filled.acts,
        "told": told_records,
    }


def _record_json(held: Held) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": held.record_id,
        "code": held.code,
        "number": held.planned.number,
        "state": held.state,
        "kind": held.planned.kind,
        "worker": held.planned.worker.login,
    }
    return answer if held.reason is None else {**answer, "reason": held.reason}


def _shown(filled: Filled, lives: list[Life]) -> dict[str, str]:
    """The certificate that a newcomer is led to: the first worker's highest that stands."""
    sound = [
        held
        for held in filled.held
        if held.state == VALID and held.planned.kind in CERTIFICATES and held.planned.fate is None
    ]
    first = [held for held in sound if held.planned.worker == lives[0].worker and held.planned.signer == EVALUATION]
    best = max(first or sound, key=lambda held: int(held.planned.claims["level_order"]))
    return {
        "id": best.record_id,
        "code": str(best.code),
        "uscc": INSTITUTIONS[best.planned.signer].uscc,
        "login": best.planned.worker.login,
    }


@contextmanager
def _reading(layout: Layout, store: str) -> Iterator[Ledger]:
    """The ledger, opened for reading beside its server: subjects stand in no address that is served."""
    ledger = open_ledger(store, environ=layout.environ(), read_only=True)
    try:
        yield ledger
    finally:
        ledger.close()


def _settle(ledger: Ledger) -> None:
    """Return once a quorum has cosigned everything and every view reflects it.

    raises  ServerUnavailable
    """
    size, pause = ledger.size(), threading.Event()
    for _ in range(int(SETTLE_SECONDS_MAX / _LOOK_SECONDS)):
        if _published_size(ledger) >= size and all(reflects(ledger.views(), view.NAME) >= size for view in VIEWS):
            return
        pause.wait(_LOOK_SECONDS)
    raise ServerUnavailable(f"expected {size} records cosigned and in all views within {SETTLE_SECONDS_MAX} s")


def _published_size(ledger: Ledger) -> int:
    """Size of the newest checkpoint that a quorum cosigned: no other is stored."""
    try:
        return parse_checkpoint(parse_note(ledger.checkpoint()).text).size
    except NotFound:
        return 0


def _write_pack(layout: Layout, url: str, shown: dict[str, str]) -> None:
    with LedgerClient(url) as client:
        token = client.demo_token(login=shown["uscc"], role="institution")
    with LedgerClient(url, token=token) as client:
        files = unpack(client.pack(shown["id"]))
    for name, content in files.items():
        path = layout.pack / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, content)


def _write(path: Path, content: bytes) -> None:
    """A file, whole or not at all: the server reads `demo.json` whenever it changes."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)
