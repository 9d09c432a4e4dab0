"""Who is asking: access tokens (resource server), the page session, and the way there by OpenID Connect.

A worker's login maps to the random subject id; document numbers pass through and are never kept. Outside demo mode the
accepted tokens come from the configured provider alone; in demo mode from the built-in one (`api/demo_provider.py`).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey
from starlette.requests import Request
from starlette.responses import Response

from api.demo_provider import DemoProvider
from api.problems import Forbidden, TokenInvalid, Unauthenticated
from api.settings import Settings
from api.tokens import ALGORITHMS, open_jwt, public_jwk, service_signer
from ledger.clock import Clock
from ledger.service import Ledger

ROLES: Final = ("worker", "institution", "employer", "authority")
_SESSION_ISSUER: Final = "skill-ledger/session"
_ACCESS_TYPES: Final = ("at+jwt", "jwt", "")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is signed in.

    login        the provider's name for the account
    role         one of ROLES
    subject      the worker's random id, for the role `worker`
    institution  the 18-character code, for the role `institution`
    """

    login: str
    role: str
    subject: UUID | None = None
    institution: str | None = None


def session_secret(settings: Settings, ledger: Ledger) -> bytes:
    """The key of page sessions: the configured one, or one that only the holder of the service key can derive.

    The derived one is a hash of a signature over a text that no token can equal, so every worker process of a
    deterministic signer (Ed25519) has the same without a further secret to keep.

    raises  TokenInvalid when a configured key is shorter than 32 bytes
    """
    configured = settings.session_key.get_secret_value()
    if configured:
        if len(configured) < 32:
            raise TokenInvalid("SKILL_LEDGER_SESSION_KEY: expected at least 32 bytes")
        return configured
    return hashlib.sha256(service_signer(ledger).sign(b"skill-ledger page session key, version 1")).digest()


class SignIn:
    """Checks tokens and sessions of one server."""

    def __init__(self, *, ledger: Ledger, settings: Settings, clock: Clock) -> None:
        self._ledger = ledger
        self._settings = settings
        self._clock = clock
        self._signer = service_signer(ledger)
        self.public_url = settings.public_url or ledger.base_url
        self._is_secure = self.public_url.startswith("https://") and bool(settings.public_url or not settings.demo)
        self._secret = session_secret(settings, ledger)
        self._session_key = OctKey.import_key(self._secret)
        self.audience = settings.oidc_audience or self.public_url
        self.demo = DemoProvider(ledger=ledger, settings=settings, clock=clock) if settings.demo else None
        self._keys, self._issuer = self._trusted_keys()

    def _trusted_keys(self) -> tuple[KeySet | None, str]:
        if self.demo is not None:
            key = public_jwk(self._signer, kid=self._signer.thumbprint)
            return KeySet.import_key_set({"keys": [dict(key)]}), self.public_url
        if self._settings.oidc_jwks_file is None or not self._settings.oidc_issuer:
            return None, ""
        keys = KeySet.import_key_set(orjson.loads(self._settings.oidc_jwks_file.read_bytes()))
        return keys, self._settings.oidc_issuer

    # Tokens

    def principal_of_token(self, token: str) -> Principal:
        """Whoever an access token speaks for.

        raises  TokenInvalid
        """
        if self._keys is None:
            raise TokenInvalid("this server accepts no tokens: no sign-in provider is configured")
        claims = open_jwt(
            token,
            self._keys,
            algorithms=ALGORITHMS & set(self._settings.token_algorithms),
            typ=_ACCESS_TYPES if self.demo is None else ("at+jwt",),
            issuer=self._issuer,
            audience=self.audience,
            now=self._clock.now_seconds,
        )
        return self._principal(claims)

    def principal_of_id_token(self, token: str, *, nonce: str) -> Principal:
        """Whoever an ID token, asked for with this nonce, speaks for (OpenID Connect Core 3.1.3.7).

        raises  TokenInvalid
        """
        if self._keys is None:
            raise TokenInvalid("this server accepts no tokens: no sign-in provider is configured")
        claims = open_jwt(
            token,
            self._keys,
            algorithms=ALGORITHMS & set(self._settings.token_algorithms),
            typ=("jwt", ""),
            issuer=self._issuer,
            audience=self._settings.oidc_client_id,
            now=self._clock.now_seconds,
            nonce=nonce,
        )
        return self._principal(claims)

    def _principal(self, claims: dict[str, object]) -> Principal:
        """Maps claims to a principal. The document number of an outside provider is looked up and dropped."""
        role = claims.get("role", "worker")
        login = claims.get("login", claims["sub"])
        if role not in ROLES or not isinstance(login, str) or not isinstance(role, str):
            raise TokenInvalid("the token names no role of this server")
        institution = claims.get("institution")
        subject: UUID | None = None
        if role == "worker":
            subject = self._subject(claims)
        return Principal(login, role, subject, institution if isinstance(institution, str) else None)

    def _subject(self, claims: dict[str, object]) -> UUID | None:
        if self.demo is not None:
            subject = claims.get("subject")
            try:
                return UUID(subject) if isinstance(subject, str) else None
            except ValueError as error:
                raise TokenInvalid("the token names no subject") from error
        number = claims.get(self._settings.oidc_number_claim)
        return self._ledger.find_subject(number) if isinstance(number, str) else None

    # Page sessions

    @property
    def cookie_name(self) -> str:
        """`__Host-session`; plain `session` where there is no TLS and browsers would drop the other."""
        return "__Host-session" if self._is_secure else "session"

    def format_session(self, principal: Principal) -> str:
        """A principal as the value of the page cookie, good for `settings.session_seconds`."""
        now = self._clock.now_seconds()
        claims = {
            "iss": _SESSION_ISSUER,
            "aud": self.public_url,
            "sub": principal.login,
            "role": principal.role,
            "iat": now,
            "exp": now + self._settings.session_seconds,
        }
        if principal.subject is not None:
            claims["subject"] = str(principal.subject)
        if principal.institution is not None:
            claims["institution"] = principal.institution
        header = {"alg": "HS256", "typ": "session+jwt"}
        return jwt.encode(header, claims, self._session_key, algorithms=["HS256"])

    def parse_session(self, value: str) -> Principal:
        """The principal of a page cookie.

        raises  TokenInvalid
        """
        claims = open_jwt(
            value,
            self._session_key,
            algorithms=("HS256",),
            typ=("session+jwt",),
            issuer=_SESSION_ISSUER,
            audience=self.public_url,
            now=self._clock.now_seconds,
        )
        subject, institution = claims.get("subject"), claims.get("institution")
        return Principal(claims["sub"], claims["role"], UUID(subject) if subject else None, institution)

    def set_session(self, response: Response, principal: Principal) -> None:
        """Puts the page cookie on an answer: HttpOnly, SameSite=Lax, no Domain, and Secure wherever there is TLS."""
        response.set_cookie(
            self.cookie_name,
            self.format_session(principal),
            max_age=self._settings.session_seconds,
            path="/",
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )

    def end_session(self, response: Response) -> None:
        """Takes the page cookie away."""
        response.delete_cookie(self.cookie_name, path="/", secure=self._is_secure, httponly=True, samesite="lax")

    def form_key(self, principal: Principal | None, cookie: str) -> str:
        """A hidden form value bound to one session, against cross-site posts."""
        login = principal.login if principal is not None else ""
        return hmac.new(self._secret, f"form\n{login}\n{cookie}".encode(), hashlib.sha256).hexdigest()

    # Requests

    def session_of(self, request: Request) -> Principal | None:
        """Whoever the page cookie names; a stale or forged cookie counts as none."""
        value = request.cookies.get(self.cookie_name)
        if not value:
            return None
        try:
            return self.parse_session(value)
        except TokenInvalid:
            return None

    def principal_of(self, request: Request) -> Principal | None:
        """Whoever a request speaks for: its Bearer token, else its page cookie, else nobody.

        raises  TokenInvalid when a Bearer token is present and wrong
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.principal_of_token(token.strip())
        return self.session_of(request)

    def require(self, request: Request, *roles: str) -> Principal:
        """Whoever a request speaks for, provided the role is one of these (any role when none is named).

        raises  Unauthenticated, TokenInvalid, Forbidden
        """
        principal = self.principal_of(request)
        if principal is None:
            raise Unauthenticated("this address answers signed-in people; send a Bearer token")
        if roles and principal.role not in roles:
            raise Forbidden(f"this address answers the role {' or '.join(roles)}")
        return principal
