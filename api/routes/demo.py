"""Signing in without a password: only in demonstrations, otherwise every address here is 404."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from api.demo_provider import DemoProvider
from api.openapi import answer, documented
from api.routes._answers import json_answer
from api.services import Services, services
from api.signin import ROLES
from ledger.errors import NotFound

router = APIRouter(tags=["demonstration"])


class TokenRequest(BaseModel):
    """Whom to sign in as."""

    model_config = ConfigDict(extra="forbid", strict=True)

    login: str = Field(min_length=1, max_length=200, examples=["worker-1"])
    role: str = Field(default="worker", pattern=f"^({'|'.join(ROLES)})$")


def _provider(parts: Services) -> DemoProvider:
    """raises  NotFound outside demo mode"""
    if parts.sign_in.demo is None:
        raise NotFound("nothing is held at this address")
    return parts.sign_in.demo


@router.post(
    "/demo/token",
    summary="An access token for a login of the demonstration",
    responses=documented({200: answer("Bearer token", schema="Token")}, "not-found", "parameter-invalid"),
)
def demo_token(request: Request, wanted: TokenRequest) -> Response:
    """Signs in without a password."""
    parts = services(request)
    token = _provider(parts).access_token(login=wanted.login, role=wanted.role)
    content = {"access_token": token, "token_type": "Bearer", "expires_in": parts.settings.token_seconds}
    return json_answer(content)


@router.get(
    "/demo/session",
    summary="Sets the page cookie for a token, then shows the first page",
    status_code=303,
    responses=documented(
        {303: {"description": "To /me, signed in"}}, "token-invalid", "not-found", "parameter-invalid"
    ),
)
def demo_session(request: Request, token: Annotated[str, Query(min_length=1, max_length=8192)]) -> Response:
    """Turns an access token into a page session."""
    parts = services(request)
    _provider(parts)
    principal = parts.sign_in.principal_of_token(token)
    redirect = RedirectResponse("/me", status_code=303)
    parts.sign_in.set_session(redirect, principal)
    return redirect


@router.get("/demo/authorize", include_in_schema=False)
def authorize(  # noqa: PLR0917 - FastAPI calls it by name
    request: Request,
    login: Annotated[str, Query(min_length=1, max_length=200)],
    redirect_uri: Annotated[str, Query(max_length=500)],
    code_challenge: Annotated[str, Query(max_length=128)],
    client_id: Annotated[str, Query(max_length=200)] = "skill-ledger",
    state: Annotated[str, Query(max_length=200)] = "",
    nonce: Annotated[str, Query(max_length=200)] = "",
    role: Annotated[str, Query(max_length=20)] = "worker",
) -> Response:
    """The authorization endpoint of the demonstration provider."""
    target = _provider(services(request)).authorize(
        login=login,
        role=role,
        client_id=client_id,
        redirect_uri=redirect_uri,
        challenge=code_challenge,
        state=state,
        nonce=nonce,
    )
    return RedirectResponse(target, status_code=303)


@router.post("/demo/oidc/token", include_in_schema=False)
def oidc_token(
    request: Request,
    code: Annotated[str, Form(max_length=4096)],
    redirect_uri: Annotated[str, Form(max_length=500)],
    code_verifier: Annotated[str, Form(max_length=128)],
) -> Response:
    """The token endpoint of the demonstration provider."""
    provider = _provider(services(request))
    return json_answer(provider.redeem(code=code, redirect_uri=redirect_uri, verifier=code_verifier))
