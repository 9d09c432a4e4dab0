"""HTTP conversations without I/O: an operation yields requests and pauses, a transport carries them out.

The two clients differ only in how they wait. Every request of this client may be sent twice without harm (a record is
its own idempotency key), so a lost answer is always met by sending **the same bytes** again; nothing is signed anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeVar

import orjson

from api.client.errors import AnswerInvalid, ServerRefused, ServerUnavailable

T = TypeVar("T")

ATTEMPTS_MAX: Final = 6
PAUSE_SECONDS_MAX: Final = 30.0
ANSWER_BYTES_MAX: Final = 64 * 1024 * 1024
_FIRST_PAUSE_SECONDS: Final = 0.2
_TRY_AGAIN: Final = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; `path` starts with `/` and is relative to the ledger's address."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The network failed before an answer was complete; the request may or may not have been carried out."""

    reason: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait this long before going on."""

    seconds: float


Exchange = Generator[Request | Pause, Answer | NoAnswer | None, T]
"""A conversation that ends in a `T`."""


def ask(request: Request, *, attempts_max: int = ATTEMPTS_MAX) -> Exchange[Answer]:
    """The first usable answer to a request, trying again on network errors, 429 and 502 to 504.

    attempts_max  how often the request is sent at most, from 1
    raises        ServerUnavailable after the last attempt; ServerRefused for every other answer from 400 on
    """
    found = ""
    for attempt in range(attempts_max):
        answer = yield request
        if isinstance(answer, Answer) and answer.status not in _TRY_AGAIN:
            return _accepted(answer)
        found = answer.reason if isinstance(answer, NoAnswer) else f"HTTP {answer.status}" if answer else "nothing"
        if attempt + 1 < attempts_max:
            yield Pause(_pause_seconds(attempt, answer))
    raise ServerUnavailable(
        f"{request.method} {request.path}: expected an answer, found {found} after {attempts_max} attempts; "
        "send the same bytes again later"
    )


def _pause_seconds(attempt: int, answer: Answer | NoAnswer | None) -> float:
    """What `Retry-After` asks for (RFC 9110 section 10.2.3), else a doubling pause with jitter."""
    if isinstance(answer, Answer):
        wanted = answer.headers.get("retry-after", "")
        if wanted.isascii() and wanted.isdigit():
            return min(float(wanted), PAUSE_SECONDS_MAX)
    longest = min(_FIRST_PAUSE_SECONDS * float(2**attempt), PAUSE_SECONDS_MAX)
    return longest / 2 + secrets.randbelow(1_000) / 1_000 * longest / 2


def _accepted(answer: Answer) -> Answer:
    """The answer, when its status says success."""
    if answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return answer
    problem: Any = {}
    if answer.headers.get("content-type", "").partition(";")[0].strip() == "application/problem+json":
        try:
            problem = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            problem = {}
    if not isinstance(problem, dict):
        problem = {}
    code = problem.get("code")
    detail = problem.get("detail") or problem.get("title") or f"HTTP {answer.status}"
    raise ServerRefused(
        str(detail), code=code if isinstance(code, str) else "server-refused", status=answer.status, problem=problem
    )


def json_of(answer: Answer) -> Any:
    """The answer's body as JSON.

    raises  AnswerInvalid
    """
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        raise AnswerInvalid(f"expected JSON, found {len(answer.body)} bytes that are not") from error


def object_of(answer: Answer) -> dict[str, Any]:
    """The answer's body as one JSON object.

    raises  AnswerInvalid
    """
    value = json_of(answer)
    if not isinstance(value, dict):
        raise AnswerInvalid("expected a JSON object")
    return value
