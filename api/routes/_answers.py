"""How endpoints answer and how they read bodies: orjson bytes, explicit caching, and a bound on every byte."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Send

from api.problems import BatchTooLarge, BodyInvalid, BodyTooLarge
from ledger.errors import NotFound

JSON: Final = "application/json"
IMMUTABLE: Final = "public, max-age=31536000, immutable"
PUBLIC_MINUTE: Final = "public, max-age=60"
BRIEF: Final = "public, max-age=1"

RECORD_ID: Final = r"^[0-9a-f]{64}$"
USCC: Final = r"^[0-9A-HJ-NPQRTUWXY]{18}$"
_RECORD_ID: Final = re.compile(RECORD_ID)


def json_answer(value: Any, *, status: int = 200, cache: str = "no-store") -> Response:
    """A JSON answer.

    value  what orjson can write
    cache  the `Cache-Control` header; personal answers keep `no-store`
    """
    return Response(orjson.dumps(value), status_code=status, media_type=JSON, headers={"Cache-Control": cache})


def bytes_answer(request: Request, content: bytes, *, media_type: str, cache: str) -> Response:
    """Public bytes with a strong ETag; 304 when the client already has them (RFC 9110 section 13.1.2)."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"Cache-Control": cache, "ETag": etag}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def record_id_of(text: str) -> str:
    """A record id as it stands in an address.

    raises  NotFound for anything but 64 lowercase hex digits: the same answer as for an id that is not held
    """
    if not _RECORD_ID.fullmatch(text):
        raise NotFound("no record has this id")
    return text


async def read_body(receive: Receive, bytes_max: int) -> bytes:
    """A whole request body, read no further than the bound.

    raises  BodyTooLarge, BodyInvalid when the client went away
    """
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        only: bytes = message.get("body", b"")
        if len(only) > bytes_max:
            raise BodyTooLarge(f"the body has more than {bytes_max} bytes")
        return only
    parts: list[bytes] = []
    size = 0
    while True:
        if message["type"] != "http.request":
            raise BodyInvalid("the connection ended before the body did")
        part = message.get("body", b"")
        size += len(part)
        if size > bytes_max:
            raise BodyTooLarge(f"the body has more than {bytes_max} bytes")
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()


async def read_lines(
    receive: Receive, *, line_bytes_max: int, bytes_max: int, lines_max: int
) -> AsyncIterator[bytes | None]:
    r"""The lines of a streamed body, one at a time; None stands for a line longer than its bound.

    Memory holds one line, whatever the body's length. A last line may lack its newline; `\r\n` ends a line too.

    raises  BatchTooLarge when the bytes or lines exceed their bounds, BodyInvalid when the client went away
    """
    rest, size, count, overlong, more = b"", 0, 0, False, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise BodyInvalid("the connection ended before the body did")
        part = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(part)
        if size > bytes_max:
            raise BatchTooLarge(f"the body has more than {bytes_max} bytes")
        *whole, rest = (rest + part).split(b"\n")
        if not more and rest:
            whole.append(rest)
        for line in whole:
            count += 1
            if count > lines_max:
                raise BatchTooLarge(f"the body has more than {lines_max} lines")
            too_long = overlong or len(line) > line_bytes_max
            overlong = False
            yield None if too_long else line.removesuffix(b"\r")
        if len(rest) > line_bytes_max:
            rest, overlong = b"", True


async def send_json(send: Send, status: int, content: bytes, extra: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    """A JSON answer straight to the network: what the hot paths use instead of a response object."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode()), *extra]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
