"""A witness of one's own: an HTTP server that cosigns only what continues the tree it saw last (c2sp.org/tlog-witness).

Life of a request: size cap → `parse_add_checkpoint` → `check_signed` → one transaction: read what is held,
`check_consistent`, sign, store → commit to disk → answer. A crash before the commit releases no signature; a crash
after it loses an answer that the client simply asks for again.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from keys.custody import Signer, open_signer
from keys.errors import KeyNotAuthorised
from ledger.clock import Clock, SystemClock
from ledger.errors import MalformedCheckpoint, StoreDamaged, StoreUnavailable
from ledger.log.checkpoint import VerifierKey, cosign, cosigner_key, format_note, parse_note
from ledger.log.note import format_signature_line
from ledger.log.policy import Policy, parse_policy
from ledger.log.witness import (
    REQUEST_BYTES_MAX,
    AddCheckpoint,
    Held,
    Rejection,
    check_consistent,
    check_signed,
    parse_add_checkpoint,
)

TEXT: Final = "text/plain; charset=utf-8"
LOCK_WAIT_SECONDS_MAX: Final = 10.0
HEADERS: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS cosigned (
    origin TEXT PRIMARY KEY,
    origin_hash TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL CHECK (size >= 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    note BLOB NOT NULL
) STRICT
"""


class WitnessStore:
    """The latest cosigned checkpoint of each origin, in one SQLite file that is synced before a commit returns.

    Several processes may share the file: the database's own write lock makes check and update one step.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file; raises StoreUnavailable."""
        try:
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=LOCK_WAIT_SECONDS_MAX
            )
            # TRUNCATE with FULL: durable, and untouched by the WAL-reset defect of SQLite before 3.51.3.
            self._connection.execute("PRAGMA journal_mode=TRUNCATE")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute(_SCHEMA)
        except sqlite3.Error as error:
            raise StoreUnavailable("witness store: cannot be opened") from error
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the write lock; commit at the end, roll back on any error. Raises StoreUnavailable."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise StoreUnavailable("witness store: not confirmed") from error

    def held(self, origin: str) -> Held:
        """What was last cosigned for an origin; call it within `transaction`. Raises StoreDamaged."""
        row = self._connection.execute("SELECT size, root, note FROM cosigned WHERE origin = ?", (origin,)).fetchone()
        if row is None:
            return Held()
        size, root, note = row
        if parse_note(note).text.split(b"\n")[0] != origin.encode():
            raise StoreDamaged("witness store: a row holds another origin's checkpoint")
        return Held(size, root)

    def put(self, origin: str, held: Held, note: bytes) -> None:
        """Store what is about to be cosigned; call it within `transaction`."""
        self._connection.execute(
            "INSERT INTO cosigned (origin, origin_hash, size, root, note) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note",
            (origin, sha256(origin.encode()).hexdigest(), held.size, held.root, note),
        )

    def note(self, origin_hash: str) -> bytes | None:
        """The cosigned checkpoint of the origin with this hex SHA-256, or None."""
        with self._lock:
            row = self._connection.execute("SELECT note FROM cosigned WHERE origin_hash = ?", (origin_hash,)).fetchone()
        return None if row is None else bytes(row[0])


class Witness:
    """One cosigner: its key, the logs that it follows, its store. Safe for use by several threads."""

    def __init__(
        self, *, signer: Signer, key: VerifierKey, log_keys: tuple[VerifierKey, ...], store: WitnessStore, clock: Clock
    ) -> None:
        self.key = key
        self.store = store
        self._signer = signer
        self._log_keys = log_keys
        self._clock = clock

    def add_checkpoint(self, body: bytes) -> bytes:
        """The cosignature line for a checkpoint that continues what this witness holds; stored before it is returned.

        body    an `add-checkpoint` request
        raises  MalformedCheckpoint (400), Rejection, StoreUnavailable (503), StoreDamaged
        """
        request = parse_add_checkpoint(body)
        check_signed(request, self._log_keys)
        checkpoint = request.checkpoint
        with self.store.transaction():
            check_consistent(request, self.store.held(checkpoint.origin))
            text = parse_note(request.note).text
            line = cosign(text, self.key.name, self._signer, timestamp=self._clock.now_seconds())
            note = format_note(text, [*self._trusted_lines(request), line])
            self.store.put(checkpoint.origin, Held(checkpoint.size, checkpoint.root), note)
        return line

    def _trusted_lines(self, request: AddCheckpoint) -> list[bytes]:
        """The lines of the log's own keys, which were verified; those of strangers are not kept."""
        trusted = {(key.name, key.key_id) for key in self._log_keys if key.name == request.checkpoint.origin}
        lines = parse_note(request.note).signatures
        return [format_signature_line(line) for line in lines if (line.name, line.key_id) in trusted]


def witness_app(witness: Witness) -> Starlette:
    """The ASGI application: `POST /add-checkpoint` and, for monitors, `GET /<origin hash>/checkpoint`."""

    async def add_checkpoint(request: Request) -> Response:
        body = await _read_body(request)
        if body is None:
            return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {REQUEST_BYTES_MAX} bytes\n")
        try:
            line = await run_in_threadpool(witness.add_checkpoint, body)
        except MalformedCheckpoint as error:
            return _answer(HTTPStatus.BAD_REQUEST, f"{error}\n")
        except Rejection as rejection:
            return _answer(rejection.status, rejection.body, rejection.media_type)
        except StoreUnavailable as error:
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, f"{error}\n")
        return _answer(HTTPStatus.OK, line)

    async def checkpoint(request: Request) -> Response:
        note = await run_in_threadpool(witness.store.note, request.path_params["origin_hash"])
        return _answer(HTTPStatus.NOT_FOUND, "no checkpoint of this origin\n") if note is None else _answer(200, note)

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{origin_hash}/checkpoint", checkpoint, methods=["GET"]),
        ]
    )


async def _read_body(request: Request) -> bytes | None:
    """The body, or None as soon as it grows beyond the cap."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > REQUEST_BYTES_MAX:
            return None
    return bytes(body)


def _answer(status: int, body: bytes | str, media_type: str = TEXT) -> Response:
    # The type is set as a header: given as `media_type`, Starlette would add a charset to the size type.
    return Response(body, status, headers={**HEADERS, "Content-Type": media_type})


def witness_of_policy(signer: Signer, policy: Policy) -> VerifierKey:
    """The key under which a policy lists this signer as a witness; raises KeyNotAuthorised if it does not."""
    for witness in policy.witnesses:
        if witness.key == cosigner_key(witness.key.name, signer):
            return witness.key
    raise KeyNotAuthorised("the policy has no witness line for this key; add one with the output of `keys show`")


def open_witness(*, key_path: Path, policy_path: Path, store_path: Path, passphrase: bytes, clock: Clock) -> Witness:
    """A witness from its files.

    key_path     encrypted key file, Ed25519 or ML-DSA-44
    policy_path  tlog-policy whose `log` lines are the logs to follow and which has a `witness` line for this key
    store_path   SQLite file, created when absent. Never put an old copy of it back: a log could then show this witness
                 two histories. A witness that lost it takes a new key
    passphrase   of the key file
    raises       KeyFileUnreadable, MalformedCheckpoint, KeyNotAuthorised, StoreUnavailable; OSError for the policy file
    """
    signer = open_signer(key_path, passphrase=passphrase)
    policy = parse_policy(policy_path.read_bytes())
    key = witness_of_policy(signer, policy)
    return Witness(signer=signer, key=key, log_keys=policy.log_keys(), store=WitnessStore(store_path), clock=clock)


def serve_witness(
    *,
    key_path: Path,
    policy_path: Path,
    store_path: Path,
    port: int,
    host: str = "127.0.0.1",
    passphrase: bytes,
) -> None:
    """Serve a witness until the process is told to stop. Arguments and errors as for `open_witness`."""
    import uvicorn

    witness = open_witness(
        key_path=key_path, policy_path=policy_path, store_path=store_path, passphrase=passphrase, clock=SystemClock()
    )
    try:
        uvicorn.run(witness_app(witness), host=host, port=port, log_level="warning", access_log=False)
    finally:
        witness.store.close()
