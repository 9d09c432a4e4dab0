"""A witness of one's own: an HTTP server that cosigns only what continues the tree it saw last (c2sp.org/tlog-witness).

Life of a request: size cap → `parse_add_checkpoint` → `check_signed` → under one lock: read what is held,
`check_consistent`, sign, store on disk → answer. A crash before the file has its name releases no signature; a crash
after it loses an answer that the client simply asks for again.
"""

from __future__ import annotations

import fcntl
import os
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
from keys.errors import BadSignature, KeyNotAuthorised
from ledger.clock import Clock, SystemClock
from ledger.errors import MalformedCheckpoint, StoreDamaged, StoreUnavailable
from ledger.log.checkpoint import VerifierKey, cosign, cosigner_key, format_note, open_checkpoint, parse_note
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
HEADERS: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}

_SHA256_HEX: Final = 64


class WitnessStore:
    """The latest cosigned checkpoint of each origin: one file each, named by the origin's hash, replaced as a whole.

    A file is synced before it takes its name, and the folder after it, so a crash leaves the old or the new checkpoint.
    Several processes may share the folder: a lock file makes check and update one step.
    """

    def __init__(self, folder: Path) -> None:
        """Open or create the folder; raises StoreUnavailable."""
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "lock").touch()
        except OSError as error:
            raise StoreUnavailable(f"witness store: {error.strerror}") from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep all other threads and processes from writing. Raises StoreUnavailable."""
        try:
            lock = os.open(self._folder / "lock", os.O_RDWR)
        except OSError as error:
            raise StoreUnavailable(f"witness store: {error.strerror}") from error
        try:
            # Each opening has a lock of its own, so this also keeps threads of one process apart.
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def note(self, origin_hash: str) -> bytes | None:
        """The cosigned checkpoint of the origin with this hex SHA-256; None if there never was one.

        raises  StoreUnavailable
        """
        if len(origin_hash) != _SHA256_HEX or not set(origin_hash) <= set("0123456789abcdef"):
            return None
        try:
            return (self._folder / origin_hash).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreUnavailable(f"witness store: {error.strerror}") from error

    def put(self, origin_hash: str, note: bytes) -> None:
        """Store what is about to be cosigned, durably; call it within `locked`. Raises StoreUnavailable."""
        fresh = self._folder / f"{origin_hash}.new"
        try:
            with fresh.open("wb") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._folder / origin_hash)
            folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise StoreUnavailable(f"witness store: {error.strerror}") from error


def origin_hash(origin: str) -> str:
    """Lowercase hex SHA-256 of a log's origin: its name in the monitoring address."""
    return sha256(origin.encode()).hexdigest()


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
        raises  MalformedCheckpoint (400), Rejection, StoreUnavailable (503: no signature was released),
                StoreDamaged (500)
        """
        request = parse_add_checkpoint(body)
        check_signed(request, self._log_keys)
        text = parse_note(request.note).text
        with self.store.locked():
            check_consistent(request, self.held(request.checkpoint.origin))
            line = cosign(text, self.key.name, self._signer, timestamp=self._clock.now_seconds())
            self.store.put(
                origin_hash(request.checkpoint.origin), format_note(text, [*self._trusted_lines(request), line])
            )
        return line

    def held(self, origin: str) -> Held:
        """What this witness last cosigned for an origin. Raises StoreUnavailable, StoreDamaged."""
        note = self.store.note(origin_hash(origin))
        if note is None:
            return Held()
        try:
            signed = open_checkpoint(note, keys=[self.key])
        except (BadSignature, MalformedCheckpoint) as error:
            raise StoreDamaged(
                "witness store: a checkpoint was altered; stop, and give this witness a new key"
            ) from error
        if self.key not in signed.signatures or signed.checkpoint.origin != origin:
            raise StoreDamaged("witness store: it belongs to another witness or origin")
        return Held(signed.checkpoint.size, signed.checkpoint.root)

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
        except StoreDamaged as error:
            return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, f"{error}\n")
        return _answer(HTTPStatus.OK, line)

    async def checkpoint(request: Request) -> Response:
        try:
            note = await run_in_threadpool(witness.store.note, request.path_params["origin_hash"])
        except StoreUnavailable as error:
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, f"{error}\n")
        if note is None:
            return _answer(HTTPStatus.NOT_FOUND, "no checkpoint of this origin\n")
        return _answer(HTTPStatus.OK, note)

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
    store_path   folder, created when absent. Never put an old copy of it back: a log could then show this witness
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
    uvicorn.run(witness_app(witness), host=host, port=port, log_level="warning", access_log=False)
