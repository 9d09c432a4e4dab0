"""The real pages behind the real outer layer, over samples instead of a ledger: every state has an address."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import RateLimited
from api.web.router import error_page, web_router
from api.web.views import ArchiveView, OutcomeView, RecordView
from api.web.visit import Person
from keys.errors import Unavailable
from ledger.clock import FixedClock
from tests.e2e import states

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
BASE_URL = "https://ledger.example.cn"
LOGINS = ("zhang", "empty", "down", "attack")


class SampleSource:
    """Answers from `states`."""

    def verify_code(self, code: str) -> OutcomeView:
        for name, known in states.CODES.items():
            if known == code:
                return states.OUTCOMES[name]
        if code.startswith("ATTACK"):
            return states.attacked_outcome(states.ATTACKS[int(code[6:8])])
        return states.OUTCOMES["not_found"]

    def verify_certificate(self, *, number: str, name: str) -> OutcomeView:
        if number == "503":
            raise Unavailable("busy")
        matches = (number, name) == ("Y000044010126300000001", states.HOLDER)
        return states.OUTCOMES["valid" if matches else "not_found"]

    def verify_envelope(self, envelope: bytes) -> OutcomeView:
        return states.OUTCOMES["valid" if envelope == b"a.b.c~" else "not_genuine"]

    def archive(self, subject: str) -> ArchiveView:
        if subject == "down":
            raise Unavailable("busy")
        if subject == "attack":
            return states.attacked_archive()
        return states.EMPTY if subject == "empty" else states.ARCHIVE

    def record(self, subject: str, record_id: str) -> RecordView | None:
        if subject == "attack":
            return states.attacked_record(states.ATTACKS[int(record_id, 16) % len(states.ATTACKS)])
        if subject != "zhang":
            return None
        return next((view for view in states.RECORDS.values() if view.record_id == record_id), None)


class SampleDoor:
    """A session is the login in a cookie: only the pages are under test here."""

    def __init__(self, *, demo: bool = True) -> None:
        self.demo = demo

    def is_secure(self) -> bool:
        return False

    def person(self, request: Request) -> Person | None:
        login = request.cookies.get("session")
        return Person(login, login) if login in LOGINS else None

    def form_key(self, request: Request, cookie: str) -> str:
        return f"key-{request.cookies.get('session', '')}-{cookie}"

    def demo_logins(self) -> tuple[str, ...] | None:
        return LOGINS if self.demo else None

    def sign_in_path(self) -> str | None:
        return None if self.demo else "/oidc/start"

    def check_rate(self, bucket: str, request: Request) -> None:
        if request.headers.get("x-flood") == bucket:
            raise RateLimited("too many")

    def enter(self, response: Response, login: str) -> None:
        response.set_cookie("session", login, httponly=True, samesite="lax")

    def leave(self, response: Response) -> None:
        response.delete_cookie("session")


class Headers:
    """The headers that the outer layer of the server puts on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message):
            if message["type"] == "http.response.start":
                extra = [
                    (b"content-security-policy", CSP.encode()),
                    (b"referrer-policy", b"no-referrer"),
                    (b"x-content-type-options", b"nosniff"),
                ]
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        scope["request_id"] = "4f1c2a9b-1"
        await self._app(scope, receive, with_headers)


def sample_app(*, demo: bool = True) -> ASGIApp:
    app = FastAPI(openapi_url=None)
    clock = FixedClock(states.NOW)
    app.include_router(web_router(source=SampleSource(), door=SampleDoor(demo=demo), clock=clock, base_url=BASE_URL))

    async def failed(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return error_page(request, status=status, request_id=request.scope["request_id"], base_url=BASE_URL)

    async def fail(request: Request) -> Response:
        raise HTTPException(int(request.path_params["status"]))

    app.add_exception_handler(HTTPException, failed)
    app.add_route("/error/{status}", fail)
    return Headers(app)


@contextmanager
def serving(make: Callable[[str], ASGIApp]) -> Iterator[str]:
    """Serves an application, made for its own address, on a free port of this machine until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(make(url), log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join(30)
