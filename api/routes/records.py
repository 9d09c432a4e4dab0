"""Appending records: one, many that stand alone, or a group; all three as raw ASGI endpoints on the event loop.

A record authenticates itself, so nothing here asks who is calling. The commit thread reports finished records; one
wake-up of the event loop serves all of a commit's records, however many requests wait for them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import orjson
from starlette.types import Receive, Scope, Send

from api.problems import (
    BatchTooLarge,
    BodyInvalid,
    BodyTooLarge,
    MediaTypeUnsupported,
    NotReady,
    error_response,
    problem_of,
)
from api.routes._answers import read_body, read_lines, send_json
from api.services import Services
from keys.errors import LedgerError
from ledger import limits
from ledger.errors import NotFound, RecordTooLarge
from ledger.receipts import Receipt

_WINDOW: Final = 1_000
"""Lines of one batch that may wait for their commit at the same time."""

_LINE_BYTES_MAX: Final = limits.ENVELOPE_BYTES_MAX + 64
_SD_JWT: Final = (b"application/sd-jwt", b"application/vc+sd-jwt", b"application/octet-stream")
_NDJSON: Final = (b"application/x-ndjson", b"application/ndjson", b"application/jsonl", b"application/octet-stream")

Result = Receipt | LedgerError


class Completions:
    """Carries results from the commit thread to the event loop, with one wake-up for however many are ready."""

    def __init__(self) -> None:
        self._ready: deque[tuple[asyncio.Future[Result], Result]] = deque()
        self._woken = False

    def done(self, future: asyncio.Future[Result], result: Result) -> None:
        """Called by the commit thread for each record; never blocks.

        The flag is cleared before the queue is emptied, so a result that arrives in between wakes the loop again
        rather than being left behind.
        """
        self._ready.append((future, result))
        if not self._woken:
            self._woken = True
            try:
                future.get_loop().call_soon_threadsafe(self._deliver)
            except RuntimeError:
                # The loop was closed: the server is going down and nobody waits for this answer any more.
                self._woken = False
                self._ready.clear()

    def _deliver(self) -> None:
        self._woken = False
        while self._ready:
            future, result = self._ready.popleft()
            if not future.done():
                future.set_result(result)


class _Endpoint:
    """What the three endpoints share."""

    def __init__(self, parts: Services) -> None:
        self._services = parts
        self._ledger = parts.ledger
        self._completions = Completions()

    def _start(self, envelope: bytes) -> asyncio.Future[Result]:
        """The outcome of a record; the future never raises.

        raises  Overloaded
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._ledger.submit_soon(envelope, partial(self._completions.done, future))
        return future

    async def _off_loop(self, described: Callable[[Receipt], dict[str, Any]], receipt: Receipt) -> dict[str, Any]:
        """A receipt as JSON. That of a record which was held already reads the store, so a thread of the pool does."""
        if not receipt.already_held:
            return described(receipt)
        return await asyncio.get_running_loop().run_in_executor(self._services.pool, described, receipt)


def proof_of(receipt: Receipt) -> bytes:
    """The proof of a record that is in the log.

    raises  NotReady while no signed checkpoint covers it: another process logged it within the last second
    """
    try:
        return receipt.proof
    except NotFound as error:
        raise NotReady(
            "the record is logged; its checkpoint is being published: submit the same bytes again"
        ) from error


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """The answer to an appended record; `code` and `warnings` only where there are any."""
    answer: dict[str, Any] = {
        "record_id": receipt.record_id,
        "index": receipt.index,
        "receipt": proof_of(receipt).decode(),
    }
    if receipt.code is not None:
        answer["code"] = receipt.code
    if receipt.warnings:
        answer["warnings"] = list(receipt.warnings)
    return answer


def _check_media_type(scope: Scope, accepted: tuple[bytes, ...]) -> None:
    """raises  MediaTypeUnsupported for a stated type that the endpoint does not read"""
    for name, value in scope["headers"]:
        if name == b"content-type" and value.split(b";", 1)[0].strip().lower() not in accepted:
            raise MediaTypeUnsupported(f"send {accepted[0].decode()}")


class SubmitRecord(_Endpoint):
    """`POST /v1/records`: one envelope."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 201 with the receipt, 200 with the first receipt when already held, else a problem."""
        try:
            _check_media_type(scope, _SD_JWT)
            try:
                envelope = await read_body(receive, limits.ENVELOPE_BYTES_MAX)
            except BodyTooLarge as error:
                raise RecordTooLarge(f"an envelope has at most {limits.ENVELOPE_BYTES_MAX} bytes") from error
            result = await self._start(envelope)
            if isinstance(result, LedgerError):
                raise result
            content = await self._off_loop(receipt_json, result)
        except LedgerError as error:
            await error_response(error, scope["request_id"])(scope, receive, send)
            return
        await send_json(send, 200 if result.already_held else 201, orjson.dumps(content))


class SubmitBatch(_Endpoint):
    """`POST /v1/records/batch`: NDJSON, every line on its own."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a line for each line, in order, after the whole body was read.

        Answering earlier would let a client that sends everything before it reads stall both sides.
        """
        try:
            _check_media_type(scope, _NDJSON)
            answers = await self._submit_all(receive)
        except LedgerError as error:
            await error_response(error, scope["request_id"])(scope, receive, send)
            return
        headers = [(b"content-type", b"application/x-ndjson"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for start in range(0, len(answers), _WINDOW):
            chunk = b"".join(answers[start : start + _WINDOW])
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _submit_all(self, receive: Receive) -> list[bytes]:
        answers: list[bytes] = []
        waiting: deque[asyncio.Future[Result] | LedgerError] = deque()
        lines = read_lines(
            receive,
            line_bytes_max=_LINE_BYTES_MAX,
            bytes_max=limits.BATCH_BYTES_MAX,
            lines_max=limits.BATCH_LINES_MAX,
        )
        try:
            async for line in lines:
                waiting.append(self._start_line(line))
                while len(waiting) >= _WINDOW:
                    answers.append(await self._line_answer(len(answers) + 1, waiting.popleft()))
        except BatchTooLarge as error:
            # What came before stands; this line says that it and everything after it was not read.
            waiting.append(error)
        while waiting:
            answers.append(await self._line_answer(len(answers) + 1, waiting.popleft()))
        return answers

    def _start_line(self, line: bytes | None) -> asyncio.Future[Result] | LedgerError:
        if line is None:
            return RecordTooLarge(f"an envelope has at most {limits.ENVELOPE_BYTES_MAX} bytes")
        try:
            return self._start(envelope_of_line(line))
        except LedgerError as error:
            return error

    async def _line_answer(self, number: int, entry: asyncio.Future[Result] | LedgerError) -> bytes:
        result = entry if isinstance(entry, LedgerError) else await entry
        try:
            if isinstance(result, LedgerError):
                raise result
            answer = await self._off_loop(line_json, result)
        except LedgerError as error:
            code, problem = problem_of(error)
            answer = {"status": problem.status, "code": code}
        return orjson.dumps({"line": number, **answer}, option=orjson.OPT_APPEND_NEWLINE)


def line_json(receipt: Receipt) -> dict[str, Any]:
    """A logged line of a batch; `code` is for refusals there, so the verification code has its full name."""
    answer: dict[str, Any] = {
        "status": 200 if receipt.already_held else 201,
        "record_id": receipt.record_id,
        "index": receipt.index,
    }
    if receipt.code is not None:
        answer["verification_code"] = receipt.code
    if receipt.warnings:
        answer["warnings"] = list(receipt.warnings)
    return answer


class SubmitGroup(_Endpoint):
    """`POST /v1/records/group`: NDJSON, all or nothing."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 201 with every receipt, 200 when all were held already, else the problem of the first refused."""
        try:
            _check_media_type(scope, _NDJSON)
            envelopes = await _read_group(receive)
            loop = asyncio.get_running_loop()
            held, content = await loop.run_in_executor(self._services.pool, self._submit, envelopes)
        except LedgerError as error:
            await error_response(error, scope["request_id"])(scope, receive, send)
            return
        await send_json(send, 200 if held else 201, content)

    def _submit(self, envelopes: list[bytes]) -> tuple[bool, bytes]:
        """Whether all were held already, and the answer."""
        receipts = self._ledger.submit_group(envelopes)
        content = orjson.dumps({"records": [receipt_json(receipt) for receipt in receipts]})
        return all(receipt.already_held for receipt in receipts), content


async def _read_group(receive: Receive) -> list[bytes]:
    """raises  BatchTooLarge, BodyInvalid, RecordTooLarge"""
    envelopes: list[bytes] = []
    bytes_max = limits.GROUP_RECORDS_MAX * _LINE_BYTES_MAX
    lines = read_lines(receive, line_bytes_max=_LINE_BYTES_MAX, bytes_max=bytes_max, lines_max=limits.GROUP_RECORDS_MAX)
    async for line in lines:
        if line is None:
            raise RecordTooLarge(f"an envelope has at most {limits.ENVELOPE_BYTES_MAX} bytes")
        envelopes.append(envelope_of_line(line))
    if not envelopes:
        raise BodyInvalid("a group has at least one line")
    return envelopes


def envelope_of_line(line: bytes) -> bytes:
    """The envelope on one line: a JSON string, an object `{"envelope": "…"}`, or the bare compact form.

    raises  BodyInvalid for a JSON line of another shape
    """
    if line[:1] not in (b'"', b"{"):
        return line
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BodyInvalid("a line is neither JSON nor a bare envelope") from error
    if isinstance(value, dict) and set(value) == {"envelope"}:
        value = value["envelope"]
    if not isinstance(value, str):
        raise BodyInvalid('a line is an envelope, a JSON string, or {"envelope": "…"}')
    return value.encode()
