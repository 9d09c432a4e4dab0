"""Puts the pages on the server, and tells errors to people as pages and to programs as problems."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.problems import problem_of, request_id_of
from api.web.router import error_page, wants_page, web_router
from api.web.sources import LedgerDoor, LedgerSource
from keys.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI, Request
    from starlette.responses import Response

    from api.services import Services

    Handler = Callable[[Request, Exception], Response | Awaitable[Response]]


def mount_pages(app: FastAPI, parts: Services) -> None:
    """Adds all pages to an application whose problem answers are installed already."""
    base_url = parts.sign_in.public_url
    app.include_router(
        web_router(source=LedgerSource(parts), door=LedgerDoor(parts), clock=parts.clock, base_url=base_url)
    )
    for kind in (LedgerError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _for_people(app.exception_handlers[kind], base_url))


def _for_people(for_programs: Handler, base_url: str) -> Handler:
    """A handler that answers a browser with a page and everybody else as before."""

    async def answer(request: Request, error: Exception) -> Response:
        if not wants_page(request):
            told = for_programs(request, error)
            return await told if isinstance(told, Awaitable) else told
        status = 400
        if isinstance(error, HTTPException):
            status = error.status_code
        elif isinstance(error, LedgerError):
            status = problem_of(error)[1].status
        return error_page(request, status=status, request_id=request_id_of(request), base_url=base_url)

    return answer
