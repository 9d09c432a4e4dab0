"""What one can ask a ledger, as conversations without I/O (`api.client._exchange`); the two clients run them.

Every function returns an exchange; nothing is sent until a client runs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import orjson

from api.client._exchange import ATTEMPTS_MAX, Answer, Exchange, Pause, Request, ask, json_of, object_of
from api.client.errors import AnswerInvalid, ServerRefused, ServerUnavailable
from api.client.receipt import Receipt, check_proof, receipt_of
from keys.errors import LedgerError
from ledger import limits
from ledger.log.receipt import parse_receipt
from ledger.wire.envelope import parse_envelope

if TYPE_CHECKING:
    from api.client.trust import Trust
    from ledger.wire.envelope import Envelope

SD_JWT: Final = "application/sd-jwt"
NDJSON: Final = "application/x-ndjson"
JSON: Final = "application/json"
_BATCH_PAUSE_SECONDS: Final = 0.5
_LINE_OVERHEAD_BYTES: Final = 3


def submit(envelope: bytes, *, trust: Trust | None) -> Exchange[Receipt]:
    """One record logged, or its first receipt again. Arguments and errors as for `LedgerClient.submit`."""
    parsed = parse_envelope(envelope)
    answer = yield from ask(Request("POST", "/v1/records", envelope, {"content-type": SD_JWT}))
    return receipt_of(object_of(answer), envelope=parsed, status=answer.status, trust=trust)


def submit_group(envelopes: Sequence[bytes], *, trust: Trust | None) -> Exchange[list[Receipt]]:
    """Records logged together or not at all; errors as for `LedgerClient.submit`, so AnswerInvalid too."""
    parsed = [parse_envelope(envelope) for envelope in envelopes]
    request = Request("POST", "/v1/records/group", _lines(envelopes), {"content-type": NDJSON})
    answer = yield from ask(request)
    records = object_of(answer).get("records")
    if not isinstance(records, list) or len(records) != len(parsed):
        raise AnswerInvalid(f"expected {len(parsed)} receipts in the answer to a group")
    return [
        receipt_of(record, envelope=sent, status=answer.status, trust=trust)
        for sent, record in zip(parsed, records, strict=True)
    ]


def submit_many(envelopes: Sequence[bytes]) -> Exchange[list[Receipt | LedgerError]]:
    """Many records, each on its own; see `LedgerClient.submit_many`."""
    results: dict[int, Receipt | LedgerError] = {}
    parsed: dict[int, Envelope] = {}
    for number, envelope in enumerate(envelopes):
        try:
            parsed[number] = parse_envelope(envelope)
        except LedgerError as error:
            results[number] = error
    waiting = list(parsed)
    attempt = 0
    while waiting:
        chunk = _chunk(waiting, envelopes)
        request = Request("POST", "/v1/records/batch", _lines([envelopes[n] for n in chunk]), {"content-type": NDJSON})
        answer = yield from ask(request)
        settled = _settle(answer, chunk, parsed, results)
        attempt = 0 if settled else attempt + 1
        if attempt >= ATTEMPTS_MAX:
            late = ServerUnavailable("the ledger took no record of the batch; send the same bytes again later")
            results.update(dict.fromkeys(waiting, late))
            break
        waiting = [number for number in waiting if number not in results]
        if waiting and settled < len(chunk):
            yield Pause(_BATCH_PAUSE_SECONDS)
    return [results[number] for number in range(len(envelopes))]


def _chunk(waiting: list[int], envelopes: Sequence[bytes]) -> list[int]:
    """The next records that fit into one request."""
    chunk: list[int] = []
    size = 0
    for number in waiting:
        size += len(envelopes[number]) + _LINE_OVERHEAD_BYTES
        if chunk and (size > limits.BATCH_BYTES_MAX or len(chunk) == limits.BATCH_LINES_MAX):
            break
        chunk.append(number)
    return chunk


def _lines(envelopes: Sequence[bytes]) -> bytes:
    """NDJSON: one envelope a line, each a JSON string. An envelope is base64url, dots and tildes: nothing to escape."""
    return b"".join(b'"' + envelope + b'"\n' for envelope in envelopes)


def _settle(
    answer: Answer, chunk: list[int], parsed: Mapping[int, Envelope], results: dict[int, Receipt | LedgerError]
) -> int:
    """Enter the final results of a batch's lines; lines that the ledger could not take now stay open.

    returns  how many lines were settled
    raises   AnswerInvalid
    """
    settled = 0
    for line in answer.body.splitlines():
        try:
            value = orjson.loads(line)
            number, status = chunk[value["line"] - 1], value["status"]
        except (orjson.JSONDecodeError, KeyError, IndexError, TypeError) as error:
            raise AnswerInvalid("expected a line with line and status for each record of the batch") from error
        if (
            status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
            or value.get("code") == "batch-too-large"
        ):
            continue
        if status < HTTPStatus.BAD_REQUEST:
            plain = {**value, "code": value.get("verification_code")}
            results[number] = receipt_of(plain, envelope=parsed[number], status=status, trust=None)
        else:
            code = str(value.get("code", "server-refused"))
            results[number] = ServerRefused(
                f"the ledger refused the record: {code}", code=code, status=status, problem=value
            )
        settled += 1
    return settled


def receipt(record_id: str, *, entry: bytes | None, trust: Trust | None) -> Exchange[bytes]:
    """The current proof of one record; see `LedgerClient.receipt`."""
    answer = yield from ask(Request("GET", f"/v1/records/{quote(record_id, safe='')}/receipt"))
    if entry is not None:
        check_proof(answer.body, entry=entry, index=parse_receipt(answer.body).index, trust=trust)
    return answer.body


def content(path: str, *, query: Mapping[str, str] | None = None) -> Exchange[bytes]:
    """The bytes at a path: signed bytes, checkpoints, tiles, packs.

    raises  ServerRefused, ServerUnavailable
    """
    answer = yield from ask(Request("GET", path, query=query or {}))
    return answer.body


def value(path: str, *, query: Mapping[str, str] | None = None) -> Exchange[Any]:
    """The JSON at a path.

    raises  ServerRefused, ServerUnavailable, AnswerInvalid
    """
    answer = yield from ask(Request("GET", path, query=query or {}))
    return json_of(answer)


def post(path: str, body: Mapping[str, Any]) -> Exchange[dict[str, Any]]:
    """The JSON object that answers a JSON object; every such request of this client may be repeated.

    raises  ServerRefused, ServerUnavailable, AnswerInvalid
    """
    answer = yield from ask(Request("POST", path, orjson.dumps(dict(body)), {"content-type": JSON}))
    return object_of(answer)


def record_path(record_id: str, part: str = "") -> str:
    """The path of a record, or of a part of it such as `receipt`."""
    return f"/v1/records/{quote(record_id, safe='')}" + (f"/{part}" if part else "")
