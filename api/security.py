"""The outermost layer of the server: one pure ASGI class between the network and every endpoint.

In order: request id, header bytes, forbidden characters in path and query, cross-site writes, rate, body bytes, the
endpoint, security headers, and the last resort for what nobody foresaw. It is one class so that a request pays for one
wrapper, not six.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
import secrets
import time
from collections.abc import Mapping
from typing import Final

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics
from api.problems import RateLimited, code_response
from api.settings import SECONDS_IN, Settings
from ledger import limits

CSP: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_PAGE_HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
"""These bind a document that a browser shows; on other answers they say nothing."""
_NO_STORE: Final = (b"cache-control", b"no-store")

# C0, DEL, C1, line and paragraph separators, and U+FFFD, which stands for bytes that were no UTF-8.
_FORBIDDEN_IN_PATH: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffd\ud800-\udfff\\\\]")
_FORBIDDEN_IN_QUERY: Final = re.compile(
    rb"(?i)[\x00-\x20\x7f-\xff]|%[01][0-9a-f]|%7f|%c2%[89][0-9a-f]|%(?![0-9a-f]{2})"
)
_PERCENT_HIGH: Final = re.compile(rb"(?i)%[89a-f][0-9a-f]")
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_TARGET_BYTES_MAX: Final = 8192
_LENGTH_DIGITS_MAX: Final = 18
_GROUP_BYTES_MAX: Final = limits.GROUP_RECORDS_MAX * (limits.ENVELOPE_BYTES_MAX + 4)

_log = structlog.get_logger("api")


class Rates:
    """Counts requests by bucket and client, in fixed windows, in this process's memory."""

    def __init__(self, settings: Settings) -> None:
        self._windows = {
            "submit": _Window(settings.rate_submit),
            "verify": _Window(settings.rate_verify),
            "number": _Window(settings.rate_verify_by_number),
            "sign-in": _Window(settings.rate_sign_in),
            "other": _Window(settings.rate_other),
        }

    def allows(self, bucket: str, client: str) -> bool:
        """Counts one request and tells whether it is within the bucket's rate."""
        return self._windows[bucket].hit(client)

    def check(self, bucket: str, client: str) -> None:
        """Counts one request.

        bucket  "submit", "verify", "number", "sign-in" or "other"
        client  an address, or an account's name
        raises  RateLimited
        """
        if not self.allows(bucket, client):
            raise RateLimited("too many requests of this sort; wait a minute and try again")


class _Window:
    """Hits of each client since the window began. Counted without a lock: two threads at once may count one."""

    def __init__(self, rate: str) -> None:
        count, unit = rate.split("/")
        self._hits_max, self._seconds = int(count), SECONDS_IN[unit]
        self._number = -1
        self._hits: dict[str, int] = {}

    def hit(self, client: str) -> bool:
        number = int(time.monotonic()) // self._seconds
        if number != self._number:
            self._number, self._hits = number, {}
        hits = self._hits[client] = self._hits.get(client, 0) + 1
        return hits <= self._hits_max


class Guard:
    """Wraps the whole application; see the module's order of checks."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: Settings,
        rates: Rates,
        metrics: Metrics,
        direct: Mapping[tuple[str, str], ASGIApp],
    ) -> None:
        self._app = app
        self._settings = settings
        self._rates = rates
        self._metrics = metrics
        self._direct = direct
        self._prefix = secrets.token_hex(4)
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, whatever happens inside."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        request_id = f"{self._prefix}-{next(self._numbers):x}"
        scope["request_id"] = request_id
        answer = _Answer(scope, send, request_id)
        try:
            refusal = self._refusal(scope)
            if refusal is not None:
                await code_response(refusal, request_id)(scope, receive, answer)
            else:
                await self._endpoint(scope, receive, answer)
        except Exception as error:
            # Nobody foresaw this one. The log names type and place, never the message: it may hold a person's data.
            _log.error("unforeseen", request_id=request_id, error=type(error).__qualname__, place=_place(error))
            if answer.status:
                raise
            await code_response("internal", request_id)(scope, receive, answer)
        finally:
            self._metrics.answered(scope, answer.status)

    async def _endpoint(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        direct = self._direct.get((scope["method"], scope["path"]))
        if direct is not None:
            await direct(scope, receive, answer)
            return
        await self._app(scope, _capped(receive, self._body_bytes_max(scope["path"])), answer)

    def _refusal(self, scope: Scope) -> str | None:
        """The code of the first check that fails, or None."""
        path, query, method = scope["path"], scope["query_string"], scope["method"]
        size, declared, cross_site = 0, b"0", False
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            if name == b"content-length":
                declared = value
            elif name == b"sec-fetch-site":
                cross_site = cross_site or value == b"cross-site"
        if size > self._settings.header_bytes_max or len(path) + len(query) > _TARGET_BYTES_MAX:
            return "headers-too-large"
        if _FORBIDDEN_IN_PATH.search(path) or (query and not _is_clean(query)):
            return "path-invalid"
        if cross_site and method not in _SAFE_METHODS:
            return "cross-site"
        scope["client_address"] = client = client_address(scope, self._settings.trusted_proxies)
        if not self._rates.allows(_bucket(method, path), client):
            return "rate-limited"
        if not declared.isdigit() or len(declared) > _LENGTH_DIGITS_MAX:
            return "body-invalid"
        if int(declared) > self._body_bytes_max(path):
            return "record-too-large" if path == "/v1/records" else "body-too-large"
        return None

    def _body_bytes_max(self, path: str) -> int:
        if path == "/v1/records":
            return limits.ENVELOPE_BYTES_MAX
        if path == "/v1/records/batch":
            return limits.BATCH_BYTES_MAX
        if path == "/v1/records/group":
            return _GROUP_BYTES_MAX
        if path.startswith(("/v1/", "/demo/", "/log/", "/.well-known/")):
            return self._settings.body_bytes_max
        return self._settings.page_body_bytes_max


class _Answer:
    """The `send` of one request: adds the security headers and remembers the status."""

    __slots__ = ("_request_id", "_scope", "_send", "status")

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._scope = scope
        self._send = send
        self._request_id = request_id
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", ()), *_HEADERS, (b"x-request-id", self._request_id.encode())]
            names = dict(headers)
            if b"cache-control" not in names:
                headers.append(_NO_STORE)
            if names.get(b"content-type", b"").startswith(b"text/html"):
                headers += _PAGE_HEADERS
            if self._scope["scheme"] == "https":
                headers.append((b"strict-transport-security", b"max-age=63072000; includeSubDomains; preload"))
            if self.status in (413, 431):
                headers.append((b"connection", b"close"))
            message["headers"] = headers
        await self._send(message)


def _capped(receive: Receive, bytes_max: int) -> Receive:
    """A `receive` that stops with 413 once more than `bytes_max` of body have arrived, whatever the length promised."""
    seen = 0

    async def capped() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > bytes_max:
                raise HTTPException(413)
        return message

    return capped


def _is_clean(query: bytes) -> bool:
    """Whether a query holds only percent-encoded UTF-8 without control characters."""
    if _FORBIDDEN_IN_QUERY.search(query):
        return False
    if not _PERCENT_HIGH.search(query):
        return True
    plain = re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), query)
    try:
        return not _FORBIDDEN_IN_PATH.search(plain.decode().replace("\\", ""))
    except UnicodeDecodeError:
        return False


def _bucket(method: str, path: str) -> str:
    if path.startswith("/v1/records") and method == "POST":
        return "submit"
    if path == "/v1/verifications":
        return "verify"
    if path.startswith(("/demo/", "/signin", "/oidc/")):
        return "sign-in"
    return "other"


def client_address(scope: Scope, trusted_proxies: int) -> str:
    """The address that rates are counted by: IPv4 whole, IPv6 by its /64.

    trusted_proxies  reverse proxies in front; the entry that the outermost of them wrote is believed
    raises           nothing
    """
    client = scope.get("client")
    address: str = client[0] if client else "-"
    if trusted_proxies:
        forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        if forwarded:
            entries = b",".join(forwarded).decode("latin-1").split(",")
            address = entries[-min(trusted_proxies, len(entries))].strip()
    if ":" not in address:
        return address[:64]
    try:
        return str(ipaddress.ip_network((address, 64), strict=False))
    except ValueError:
        return "-"


def _place(error: BaseException) -> str:
    """File and line where an exception was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "-" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
