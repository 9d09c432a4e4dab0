"""Between HTTP and the pages: reads a request into a `Visit`, guards what changes something, sends the answer."""

from __future__ import annotations

import hmac
import re
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.problems import problem_of
from api.web.render import STYLE, STYLE_PATH, load_pages, phrasebook, render
from api.web.upload import UPLOAD_BYTES_MAX
from api.web.visit import SIZES, Answer, Door, Fail, Go, Prefs, Route, Show, Size, Source, Upload, Visit
from api.web.words import LANGS, Lang
from keys.errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.types import Message

    from ledger.clock import Clock

_FORM_BYTES_MAX: Final = 16 * 1024
_FIELD_BYTES_MAX: Final = 8 * 1024
_FIELDS_MAX: Final = 8
_YEAR_SECONDS: Final = 365 * 24 * 3600
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22}")


def web_router(*, source: Source, door: Door, clock: Clock, base_url: str) -> APIRouter:
    """All pages as one router; the application adds the security headers around it.

    base_url  scheme and host of permanent addresses, e.g. `https://ledger.example.cn`
    """
    router = APIRouter()
    web = _Web(source=source, door=door, clock=clock, base_url=base_url.rstrip("/"))
    router.add_route(STYLE_PATH, _style, methods=["GET"], include_in_schema=False)
    for page in load_pages().values():
        for route in page.routes:
            methods = [method for method, handler in (("GET", route.get), ("POST", route.post)) if handler]
            router.add_route(route.path, web.endpoint(route), methods=methods, include_in_schema=False)
    return router


def wants_page(request: Request) -> bool:
    """Whether an error should be told to a person: a browser asked, and not for an address of the API."""
    machine = ("/v1/", "/log/", "/status/", "/.well-known/", "/demo/", "/issuers/", "/metrics", "/livez", "/readyz")
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(machine)


def error_page(request: Request, *, status: int, request_id: str, base_url: str) -> HTMLResponse:
    """An error in the design of the pages, with the number to name on the telephone.

    status      of the answer; one without texts of its own is told like its family (400 or 500)
    request_id  as in the `X-Request-Id` header
    base_url    scheme and host of permanent addresses
    """
    known = status if f"error.{status}.title" in phrasebook() else 400 if status < 500 else 500
    prefs = _prefs(request.query_params, request.cookies)
    html = render(
        "error.html",
        prefs,
        path="/",
        domain=urlsplit(base_url).netloc,
        values={"status": known, "request_id": request_id},
    )
    return _html(html, prefs, status)


async def _style(_request: Request) -> Response:
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(STYLE, media_type="text/css; charset=utf-8", headers=headers)


class _Web:
    """The pages of one server."""

    def __init__(self, *, source: Source, door: Door, clock: Clock, base_url: str) -> None:
        self._source = source
        self._door = door
        self._clock = clock
        self._base_url = base_url
        self._domain = urlsplit(base_url).netloc
        self._form_cookie = "__Host-form" if door.is_secure() else "form"

    def endpoint(self, route: Route) -> Callable[[Request], Awaitable[Response]]:
        """One route as Starlette wants it."""

        async def answer(request: Request) -> Response:
            fields, upload = await _form(request) if request.method == "POST" else ({}, None)
            return await run_in_threadpool(self._answer, request, route, fields, upload)

        return answer

    def _answer(self, request: Request, route: Route, fields: Mapping[str, str], upload: Upload | None) -> Response:
        posted = request.method == "POST"
        cookie = request.cookies.get(self._form_cookie, "")
        fresh = not _TOKEN.fullmatch(cookie)
        if fresh:
            cookie = secrets.token_urlsafe(16)
        visit = self._visit(request, fields, upload, self._door.form_key(request, cookie))
        if posted and route.changes:
            given = fields.get("form_key", "").encode()
            if fresh or not _same_origin(request) or not hmac.compare_digest(given, visit.form_key.encode()):
                return self._error(request, 403)
        if route.private and visit.person is None:
            return RedirectResponse("/signin?" + urlencode({"next": visit.path}), 303)
        handler = route.post if posted else route.get
        if handler is None:
            return self._error(request, 405)
        try:
            answer = handler(visit)
        except (Refused, Unavailable) as error:
            return self._error(request, problem_of(error)[1].status)
        response = self._respond(request, visit, answer)
        if fresh and (visit.person is not None or route.changes):
            secure = self._form_cookie.startswith("__Host-")
            response.set_cookie(self._form_cookie, cookie, path="/", secure=secure, httponly=True, samesite="lax")
        return response

    def _visit(self, request: Request, fields: Mapping[str, str], upload: Upload | None, form_key: str) -> Visit:
        query = dict(request.query_params)
        logins = self._door.demo_logins()
        return Visit(
            path=request.url.path,
            prefs=_prefs(query, request.cookies),
            source=self._source,
            person=self._door.person(request),
            form_key=form_key,
            domain=self._domain,
            base_url=self._base_url,
            now=self._clock.now_seconds(),
            count=lambda bucket: self._door.check_rate(bucket, request),
            demo=logins is not None,
            logins=logins or (),
            sign_in_path=self._door.sign_in_path(),
            named={name: str(value) for name, value in request.path_params.items()},
            query=query,
            form=fields,
            upload=upload,
        )

    def _respond(self, request: Request, visit: Visit, answer: Answer) -> Response:
        if isinstance(answer, Fail):
            return self._error(request, answer.status)
        if isinstance(answer, Go):
            response: Response = RedirectResponse(answer.path, 303)
            if answer.sign_in is not None:
                self._door.enter(response, answer.sign_in)
            if answer.sign_out:
                self._door.leave(response)
            return response
        return _html(self._show(request, visit, answer), visit.prefs, answer.status, asked=visit.query)

    def _show(self, request: Request, visit: Visit, answer: Show) -> str:
        kept = [(name, value) for name, value in request.query_params.multi_items() if name not in ("lang", "size")]
        path = visit.path if request.method != "POST" or visit.path != "/signout" else "/"
        return render(
            answer.template,
            visit.prefs,
            path=path + ("?" + urlencode(kept) if kept else ""),
            domain=visit.domain,
            form_key=visit.form_key,
            signed_in=visit.person is not None,
            values=answer.values,
        )

    def _error(self, request: Request, status: int) -> HTMLResponse:
        request_id = str(request.scope.get("request_id", "-"))
        return error_page(request, status=status, request_id=request_id, base_url=self._base_url)


def _prefs(query: Mapping[str, str], cookies: Mapping[str, str]) -> Prefs:
    """Language and size: from the address, else remembered, else Chinese in normal size."""
    lang, _, size = cookies.get("view", "").partition(".")
    langs: dict[str | None, Lang] = {each: each for each in LANGS}
    sizes: dict[str | None, Size] = {each: each for each in SIZES}
    return Prefs(
        lang=langs.get(query.get("lang")) or langs.get(lang, "zh"),
        size=sizes.get(query.get("size")) or sizes.get(size, "normal"),
    )


def _html(html: str, prefs: Prefs, status: int, *, asked: Mapping[str, str] | None = None) -> HTMLResponse:
    """A page that no cache keeps; remembers language and size where the address chose them."""
    headers = {"Cache-Control": "no-store", "Content-Language": "zh-CN" if prefs.lang == "zh" else "en"}
    response = HTMLResponse(html, status_code=status, headers=headers)
    if asked is not None and ("lang" in asked or "size" in asked):
        remembered = f"{prefs.lang}.{prefs.size}"
        response.set_cookie("view", remembered, max_age=_YEAR_SECONDS, path="/", httponly=True, samesite="lax")
    return response


def _same_origin(request: Request) -> bool:
    """Whether a browser says that a form came from this site; programs that say nothing still need the form key.

    Our own `Referrer-Policy: no-referrer` makes browsers send `Origin: null` (Fetch, section 3.1), so that value alone
    tells nothing: `Sec-Fetch-Site` and the form key decide.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "null")
    return site in (None, "same-origin", "none") and (
        origin == "null" or urlsplit(origin).netloc == request.headers.get("host", "")
    )


async def _form(request: Request) -> tuple[dict[str, str], Upload | None]:
    """The fields and the one file of a form, bounded while they arrive.

    raises  HTTPException 400 for what no form looks like, 413 for what is too large
    """
    multipart = request.headers.get("content-type", "").startswith("multipart/form-data")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > (UPLOAD_BYTES_MAX if multipart else _FORM_BYTES_MAX):
            raise HTTPException(413)

    async def again() -> Message:
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    try:
        form = await Request(request.scope, again).form(
            max_files=1, max_fields=_FIELDS_MAX, max_part_size=_FIELD_BYTES_MAX
        )
    except (MultiPartException, HTTPException, UnicodeDecodeError) as error:
        raise HTTPException(400) from error
    fields: dict[str, str] = {}
    upload: Upload | None = None
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            upload = Upload(await value.read())
        else:
            fields[name] = value
    await form.close()
    return fields, upload
