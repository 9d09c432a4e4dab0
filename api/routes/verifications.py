"""`POST /v1/verifications`: one question, one outcome word, seven checks. Every outcome is 200."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import orjson
from starlette.types import Receive, Scope, Send

from api.problems import BodyInvalid, MediaTypeUnsupported, RequestRefused, error_response
from api.routes._answers import read_body, send_json
from api.services import Services
from api.verification import Verdict, verdict_json
from keys.errors import LedgerError
from ledger import limits

_BODY_BYTES_MAX: Final = limits.ENVELOPE_BYTES_MAX + 1024
_NO_STORE: Final = ((b"cache-control", b"no-store"),)
_INSTANT_CHARS_MAX: Final = 40
_TEXT_CHARS_MAX: Final = {
    "envelope": limits.ENVELOPE_BYTES_MAX,
    "code": 64,
    "certificate_number": 64,
    "name": 100,
    "at": _INSTANT_CHARS_MAX,
}
_QUESTIONS: Final = (frozenset({"envelope"}), frozenset({"code"}), frozenset({"certificate_number", "name"}))


class Verify:
    """The endpoint, as a raw ASGI application; the look-ups run in the server's own pool."""

    def __init__(self, parts: Services) -> None:
        self._services = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 200 with the verdict, else a problem."""
        parts = self._services
        try:
            _check_media_type(scope)
            question = parse_question(await read_body(receive, _BODY_BYTES_MAX))
            if "certificate_number" in question:
                parts.rates.check("number", scope.get("client_address", "-"))
            loop = asyncio.get_running_loop()
            content = await loop.run_in_executor(parts.pool, partial(self._answer, question))
        except LedgerError as error:
            await error_response(error, scope["request_id"])(scope, receive, send)
            return
        await send_json(send, 200, content, _NO_STORE)

    def _answer(self, question: dict[str, str]) -> bytes:
        verdict = self._verdict(question)
        self._services.metrics.verified(verdict.word)
        return orjson.dumps(verdict_json(verdict, self._services.ledger.registry()))

    def _verdict(self, question: dict[str, str]) -> Verdict:
        verifier = self._services.verifier
        at = parse_instant(question["at"]) if "at" in question else None
        if "envelope" in question:
            # An envelope is ASCII; whatever is not fails the format check, as any other damage does.
            return verifier.by_envelope(question["envelope"].encode(), at=at)
        if "code" in question:
            return verifier.by_code(question["code"], at=at)
        return verifier.by_certificate(number=question["certificate_number"], name=question["name"], at=at)


def parse_question(body: bytes) -> dict[str, str]:
    """The members of a question; exactly one way of naming the record, and perhaps `at`.

    body    JSON, at most _BODY_BYTES_MAX bytes
    raises  BodyInvalid when it is no JSON object, RequestRefused when its members are not one of the three questions
    """
    try:
        question: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BodyInvalid("the body is not JSON") from error
    if not isinstance(question, dict):
        raise BodyInvalid("the body is not a JSON object")
    if question.get("at", "") is None:
        del question["at"]
    if frozenset(question) - {"at"} not in _QUESTIONS:
        raise RequestRefused("expected envelope, or code, or certificate_number and name; and at, if anything else")
    for name, value in question.items():
        if not isinstance(value, str) or not 0 < len(value) <= _TEXT_CHARS_MAX[name] or "\x00" in value:
            raise RequestRefused(f"{name}: expected text of 1 to {_TEXT_CHARS_MAX[name]} characters without U+0000")
    if "at" in question:
        parse_instant(question["at"])
    return question


def parse_instant(text: str) -> int:
    """Seconds since 1970 of an RFC 3339 instant.

    raises  RequestRefused for another form, or a year before 1970 or after 9999
    """
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None or len(text) < len("2026-01-01T00:00:00Z") or text[10] not in "Tt":
            raise RequestRefused("at: expected an instant such as 2026-11-21T01:30:00Z")
        seconds = int(instant.astimezone(UTC).timestamp())
    except (ValueError, OverflowError) as error:
        raise RequestRefused("at: expected an instant such as 2026-11-21T01:30:00Z") from error
    if seconds < 0:
        raise RequestRefused("at: expected an instant from 1970 on")
    return seconds


def _check_media_type(scope: Scope) -> None:
    for name, value in scope["headers"]:
        if name == b"content-type" and value.split(b";", 1)[0].strip().lower() != b"application/json":
            raise MediaTypeUnsupported("send application/json")
