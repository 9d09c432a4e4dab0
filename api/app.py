"""The HTTP application: puts routes, guard, problems and pages together. It opens nothing; `api.wiring` does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api import problems
from api.metrics import Metrics
from api.openapi import finish
from api.routes import (
    carriers,
    demo,
    extracts,
    health,
    held,
    indicators,
    institutions,
    kinds,
    log,
    me,
    nextlevel,
    registers,
    rules,
    status,
    wellknown,
)
from api.routes.records import SubmitBatch, SubmitGroup, SubmitRecord
from api.routes.verifications import Verify
from api.security import Guard, Rates
from api.services import Services
from api.settings import Settings
from api.signin import SignIn
from api.statuslists import StatusLists
from api.verification import Verifier
from api.web.mount import mount_pages
from ledger.service import Ledger

POOL_THREADS: Final = 16
VERSION: Final = "1.0.0"

_ROUTERS: Final = (
    held,
    kinds,
    rules,
    me,
    nextlevel,
    institutions,
    extracts,
    carriers,
    registers,
    indicators,
    log,
    status,
    wellknown,
    health,
    demo,
)


class GuardedApp(FastAPI):
    """FastAPI behind our guard: the guard stands before everything, so that hot paths pay for nothing else."""

    guard: Guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        await self.guard(scope, receive, send)

    async def routed(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What the guard lets through and does not answer itself: FastAPI's own layers, router and models."""
        await super().__call__(scope, receive, send)


def create_app(ledger: Ledger, settings: Settings) -> FastAPI:
    """The server of one open ledger.

    ledger    open, with its service key; the caller closes it
    settings  what the operator chose
    returns   an ASGI application; its parts stand in `app.state.services`
    raises    ServiceKeyMissing without a service key, TokenInvalid for a session key that is too short
    """
    parts = build_services(ledger, settings)
    app = GuardedApp(
        title="Skill ledger",
        version=VERSION,
        summary="A lifelong vocational skill archive and credit ledger",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.services = parts
    problems.install(app)
    raw = raw_endpoints(parts)
    for (method, path), endpoint in raw.items():
        app.router.routes.append(Route(path, endpoint, methods=[method], include_in_schema=False))
    for module in _ROUTERS:
        app.include_router(module.router)
    mount_pages(app, parts)
    app.guard = Guard(app.routed, settings=settings, rates=parts.rates, metrics=parts.metrics, direct=raw)
    _describe(app)
    return app


def build_services(ledger: Ledger, settings: Settings) -> Services:
    """The parts that endpoints share.

    raises  ServiceKeyMissing, TokenInvalid
    """
    clock = ledger.clock
    return Services(
        ledger=ledger,
        settings=settings,
        clock=clock,
        sign_in=SignIn(ledger=ledger, settings=settings, clock=clock),
        rates=Rates(settings),
        metrics=Metrics(),
        verifier=Verifier(ledger=ledger, clock=clock),
        status_lists=StatusLists(ledger=ledger, clock=clock, seconds=settings.status_list_seconds),
        pool=ThreadPoolExecutor(max_workers=POOL_THREADS, thread_name_prefix="api"),
    )


def raw_endpoints(parts: Services) -> dict[tuple[str, str], ASGIApp]:
    """The hot paths, by method and path: reached without router, models or exception layers."""
    return {
        ("POST", "/v1/records"): SubmitRecord(parts),
        ("POST", "/v1/records/batch"): SubmitBatch(parts),
        ("POST", "/v1/records/group"): SubmitGroup(parts),
        ("POST", "/v1/verifications"): Verify(parts),
    }


def _describe(app: FastAPI) -> None:
    """Completes the OpenAPI document with what FastAPI cannot see."""
    derive = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None or "securitySchemes" not in app.openapi_schema.get("components", {}):
            app.openapi_schema = finish(derive())
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]
