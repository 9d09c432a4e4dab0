"""The two clients: the same conversations (`api.client.operations`) over a blocking and an asynchronous transport."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from time import sleep
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import httpx

from api.client import operations
from api.client._exchange import ANSWER_BYTES_MAX, Answer, Exchange, NoAnswer, Pause, Request

if TYPE_CHECKING:
    from types import TracebackType

    from api.client.receipt import Receipt
    from api.client.trust import Trust
    from keys.errors import LedgerError

T = TypeVar("T")

TIMEOUT_SECONDS: Final = 30.0
_USER_AGENT: Final = "skill-ledger-client/1"


class _Asking:
    """The questions, each as an exchange; how it runs is for the client to say."""

    def __init__(self, trust: Trust | None) -> None:
        self._trust = trust

    def _verification(
        self, envelope: bytes | None, code: str | None, number: str | None, name: str | None, at: str | None
    ) -> Exchange[dict[str, Any]]:
        body = {
            "envelope": None if envelope is None else envelope.decode("ascii"),
            "code": code,
            "certificate_number": number,
            "name": name,
            "at": at,
        }
        return operations.post("/v1/verifications", {key: held for key, held in body.items() if held is not None})


class LedgerClient(_Asking):
    """A ledger's server, asked over HTTP; blocking.

    Network errors, 429 and 502 to 504 are met by sending the same bytes again, up to six times.

    url              address of the server, without a path
    trust            log keys and witness policy that receipts must verify under; None checks only that a receipt proves
                     the record that was sent
    token            bearer token of a worker or an institution; most endpoints need none
    transport        another httpx transport, such as one that calls an application in this process
    timeout_seconds  longest wait for connecting, and between two pieces of an answer
    wait             called with the seconds of each pause
    """

    def __init__(
        self,
        url: str,
        *,
        trust: Trust | None = None,
        token: str | None = None,
        transport: httpx.BaseTransport | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        wait: Callable[[float], None] = sleep,
    ) -> None:
        super().__init__(trust)
        self._wait = wait
        self._http = httpx.Client(
            base_url=url, headers=_headers(token), transport=transport, timeout=timeout_seconds, follow_redirects=False
        )

    def __enter__(self) -> Self:
        """The client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def submit(self, envelope: bytes) -> Receipt:
        """Log one record, or get its first receipt again; safe to repeat.

        envelope  signed bytes with all disclosures; sent as they are, never signed anew
        raises    ServerRefused (the server's code), ReceiptInvalid, AnswerInvalid, ServerUnavailable; and, before
                  anything is sent, what `ledger.wire.envelope.parse_envelope` refuses
        """
        return self._run(operations.submit(envelope, trust=self._trust))

    def submit_group(self, envelopes: Sequence[bytes]) -> list[Receipt]:
        """Log records all or nothing; a receipt each, in order.

        raises  as `submit`
        """
        return self._run(operations.submit_group(envelopes, trust=self._trust))

    def submit_many(self, envelopes: Sequence[bytes]) -> list[Receipt | LedgerError]:
        """Log many records, each on its own: a receipt without proof or the error of each, in order.

        raises  AnswerInvalid, ServerUnavailable when the server cannot be asked at all
        """
        return self._run(operations.submit_many(envelopes))

    def record(self, record_id: str) -> bytes:
        """The signed bytes of a record without disclosures.

        raises  ServerRefused (`not-found`), ServerUnavailable
        """
        return self._run(operations.content(operations.record_path(record_id)))

    def receipt(self, record_id: str, *, entry: bytes | None = None) -> bytes:
        """The current proof of a record (`c2sp.org/tlog-proof@v1`).

        entry   logged bytes it must prove; None takes the server's word
        raises  ServerRefused, ReceiptInvalid, ServerUnavailable
        """
        return self._run(operations.receipt(record_id, entry=entry, trust=self._trust))

    def pack(self, record_id: str) -> bytes:
        """The evidence pack of a record as a ZIP archive; for its holder or issuer.

        raises  ServerRefused, ServerUnavailable
        """
        return self._run(operations.content(operations.record_path(record_id, "pack")))

    def verification(
        self,
        *,
        envelope: bytes | None = None,
        code: str | None = None,
        certificate_number: str | None = None,
        name: str | None = None,
        at: str | None = None,
    ) -> dict[str, Any]:
        """The server's own answer to a verification: `{outcome, as_of, checks, content?}`. `verify` trusts nobody.

        Give an envelope, or a code, or a certificate number and the holder's name.

        at      RFC 3339 instant asked about; None is now
        raises  ServerRefused, ServerUnavailable, AnswerInvalid
        """
        return self._run(self._verification(envelope, code, certificate_number, name, at))

    def archive(self) -> dict[str, Any]:
        """The signed-in worker's records.

        raises  ServerRefused (`unauthenticated`), ServerUnavailable, AnswerInvalid
        """
        return self._value("/v1/me/archive")

    def credits(self) -> dict[str, Any]:
        """The signed-in worker's credit account. Raises as `archive`."""
        return self._value("/v1/me/credits")

    def conversions(self) -> dict[str, Any]:
        """What the signed-in worker could convert now, and what is missing. Raises as `archive`."""
        return self._value("/v1/me/conversions")

    def institutions(self) -> dict[str, Any]:
        """The registered institutions. Raises ServerRefused, ServerUnavailable, AnswerInvalid."""
        return self._value("/v1/institutions")

    def issuer(self, uscc: str) -> dict[str, Any]:
        """The controlled identifier document of an institution. Raises as `institutions`."""
        return self._value(f"/issuers/{uscc}")

    def kinds(self) -> dict[str, Any]:
        """Every kind of record, with schema and labels. Raises as `institutions`."""
        return self._value("/v1/kinds")

    def discovery(self) -> dict[str, Any]:
        """`/.well-known/skill-ledger`: origin, keys, witnesses, templates. Raises as `institutions`."""
        return self._value("/.well-known/skill-ledger")

    def checkpoint(self) -> bytes:
        """The latest published checkpoint, its signatures not checked. Raises ServerRefused, ServerUnavailable."""
        return self._run(operations.content("/log/checkpoint"))

    def demo_token(self, *, login: str, role: str) -> str:
        """A token of the demonstration provider; demo mode only.

        role    "worker", "institution", …
        raises  ServerRefused (`not-found` outside demo mode), ServerUnavailable, AnswerInvalid
        """
        return str(self._run(operations.post("/demo/token", {"login": login, "role": role})).get("access_token", ""))

    def _value(self, path: str) -> dict[str, Any]:
        value: dict[str, Any] = self._run(operations.value(path))
        return value

    def _run(self, exchange: Exchange[T]) -> T:
        answer: Answer | NoAnswer | None = None
        while True:
            try:
                step = exchange.send(answer)
            except StopIteration as end:
                result: T = end.value
                return result
            if isinstance(step, Pause):
                self._wait(step.seconds)
                answer = None
            else:
                answer = self._send(step)

    def _send(self, request: Request) -> Answer | NoAnswer:
        try:
            with self._http.stream(**_arguments(request)) as response:
                return _answer(response, _bounded(response.iter_bytes()))
        except httpx.TransportError as error:
            return NoAnswer(type(error).__name__)


class AsyncLedgerClient(_Asking):
    """A ledger's server, asked over HTTP; for asyncio. Arguments and methods are those of `LedgerClient`."""

    def __init__(
        self,
        url: str,
        *,
        trust: Trust | None = None,
        token: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        wait: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        super().__init__(trust)
        self._wait = wait
        self._http = httpx.AsyncClient(
            base_url=url, headers=_headers(token), transport=transport, timeout=timeout_seconds, follow_redirects=False
        )

    async def __aenter__(self) -> Self:
        """The client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def submit(self, envelope: bytes) -> Receipt:
        """As `LedgerClient.submit`."""
        return await self._run(operations.submit(envelope, trust=self._trust))

    async def submit_group(self, envelopes: Sequence[bytes]) -> list[Receipt]:
        """As `LedgerClient.submit_group`."""
        return await self._run(operations.submit_group(envelopes, trust=self._trust))

    async def submit_many(self, envelopes: Sequence[bytes]) -> list[Receipt | LedgerError]:
        """As `LedgerClient.submit_many`."""
        return await self._run(operations.submit_many(envelopes))

    async def record(self, record_id: str) -> bytes:
        """As `LedgerClient.record`."""
        return await self._run(operations.content(operations.record_path(record_id)))

    async def receipt(self, record_id: str, *, entry: bytes | None = None) -> bytes:
        """As `LedgerClient.receipt`."""
        return await self._run(operations.receipt(record_id, entry=entry, trust=self._trust))

    async def pack(self, record_id: str) -> bytes:
        """As `LedgerClient.pack`."""
        return await self._run(operations.content(operations.record_path(record_id, "pack")))

    async def verification(
        self,
        *,
        envelope: bytes | None = None,
        code: str | None = None,
        certificate_number: str | None = None,
        name: str | None = None,
        at: str | None = None,
    ) -> dict[str, Any]:
        """As `LedgerClient.verification`."""
        return await self._run(self._verification(envelope, code, certificate_number, name, at))

    async def archive(self) -> dict[str, Any]:
        """As `LedgerClient.archive`."""
        return await self._value("/v1/me/archive")

    async def credits(self) -> dict[str, Any]:
        """As `LedgerClient.credits`."""
        return await self._value("/v1/me/credits")

    async def conversions(self) -> dict[str, Any]:
        """As `LedgerClient.conversions`."""
        return await self._value("/v1/me/conversions")

    async def institutions(self) -> dict[str, Any]:
        """As `LedgerClient.institutions`."""
        return await self._value("/v1/institutions")

    async def issuer(self, uscc: str) -> dict[str, Any]:
        """As `LedgerClient.issuer`."""
        return await self._value(f"/issuers/{uscc}")

    async def kinds(self) -> dict[str, Any]:
        """As `LedgerClient.kinds`."""
        return await self._value("/v1/kinds")

    async def discovery(self) -> dict[str, Any]:
        """As `LedgerClient.discovery`."""
        return await self._value("/.well-known/skill-ledger")

    async def checkpoint(self) -> bytes:
        """As `LedgerClient.checkpoint`."""
        return await self._run(operations.content("/log/checkpoint"))

    async def demo_token(self, *, login: str, role: str) -> str:
        """As `LedgerClient.demo_token`."""
        answer = await self._run(operations.post("/demo/token", {"login": login, "role": role}))
        return str(answer.get("access_token", ""))

    async def _value(self, path: str) -> dict[str, Any]:
        value: dict[str, Any] = await self._run(operations.value(path))
        return value

    async def _run(self, exchange: Exchange[T]) -> T:
        answer: Answer | NoAnswer | None = None
        while True:
            try:
                step = exchange.send(answer)
            except StopIteration as end:
                result: T = end.value
                return result
            if isinstance(step, Pause):
                await self._wait(step.seconds)
                answer = None
            else:
                answer = await self._send(step)

    async def _send(self, request: Request) -> Answer | NoAnswer:
        try:
            async with self._http.stream(**_arguments(request)) as response:
                return _answer(response, await _bounded_async(response.aiter_bytes()))
        except httpx.TransportError as error:
            return NoAnswer(type(error).__name__)


def _headers(token: str | None) -> dict[str, str]:
    headers = {"user-agent": _USER_AGENT, "accept": "application/json, application/problem+json;q=0.9, */*;q=0.5"}
    return headers if token is None else {**headers, "authorization": f"Bearer {token}"}


def _arguments(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": request.path,
        "content": request.body or None,
        "headers": dict(request.headers),
        "params": dict(request.query) or None,
    }


def _answer(response: httpx.Response, body: bytes | None) -> Answer | NoAnswer:
    if body is None:
        return NoAnswer(f"an answer of more than {ANSWER_BYTES_MAX} bytes")
    headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, body)


def _bounded(pieces: Iterator[bytes]) -> bytes | None:
    """The pieces joined, or None as soon as they are too many bytes."""
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > ANSWER_BYTES_MAX:
            return None
    return bytes(body)


async def _bounded_async(pieces: AsyncIterator[bytes]) -> bytes | None:
    body = bytearray()
    async for piece in pieces:
        body += piece
        if len(body) > ANSWER_BYTES_MAX:
            return None
    return bytes(body)
