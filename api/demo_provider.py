"""The built-in sign-in provider of demonstrations: authorization code with PKCE, in the forms of OpenID Connect.

It knows the logins of `demo.json` and asks for no password, so it exists only when `settings.demo` is true. Codes are
signed values that live sixty seconds, so several worker processes need no shared memory; each process takes one once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import orjson

from api.problems import RequestRefused, TokenInvalid
from api.settings import Settings
from api.tokens import service_signer, sign_jwt
from ledger.clock import Clock
from ledger.errors import NotFound
from ledger.service import Ledger
from ledger.wire import base64url

CODE_SECONDS: Final = 60
_CODES_MAX: Final = 10_000


class GrantInvalid(RequestRefused):
    """An authorization request or code is malformed, stale, spent, or its PKCE verifier does not fit."""

    code = "token-invalid"


class DemoProvider:
    """Issues codes and tokens for the logins of the demonstration."""

    def __init__(self, *, ledger: Ledger, settings: Settings, clock: Clock) -> None:
        self._ledger = ledger
        self._settings = settings
        self._clock = clock
        self._signer = service_signer(ledger)
        self._url = settings.public_url or ledger.base_url
        self._secret = hashlib.sha256(service_signer(ledger).sign(b"skill-ledger demo codes, version 1")).digest()
        self._logins: dict[str, str] = {}
        self._read_at = 0.0
        self._spent: dict[str, int] = {}
        self._lock = threading.Lock()

    def logins(self) -> dict[str, str]:
        """Login to subject id, as `demo.json` has them now."""
        path = self._settings.demo_file
        if path is not None and path.exists():
            changed = path.stat().st_mtime
            if changed != self._read_at:
                self._logins = _read_logins(path)
                self._read_at = changed
        return self._logins

    def claims(self, *, login: str, role: str) -> dict[str, Any]:
        """What a token says about a login.

        login   of a worker as in `demo.json`, or the code of a registered institution for the role `institution`
        role    one of `api.signin.ROLES`
        raises  NotFound for an unknown login
        """
        if role == "worker":
            subject = self.logins().get(login)
            if subject is None:
                raise NotFound("the demonstration has no such login in this role")
            return {"sub": subject, "subject": subject, "login": login, "role": role}
        if role == "institution":
            if login not in self._ledger.registry().institutions:
                raise NotFound("the demonstration has no such login in this role")
            return {"sub": login, "institution": login, "login": login, "role": role}
        return {"sub": f"{role}:{login}", "login": login, "role": role}

    def access_token(self, *, login: str, role: str) -> str:
        """An access token (RFC 9068) for a login, good for `settings.token_seconds`.

        raises  NotFound
        """
        audience = self._settings.oidc_audience or self._url
        return self._sign({**self.claims(login=login, role=role), "aud": audience}, typ="at+jwt")

    def authorize(
        self, *, login: str, role: str, client_id: str, redirect_uri: str, challenge: str, state: str, nonce: str
    ) -> str:
        """Where to send the browser with a fresh code (RFC 6749 section 4.1.2, RFC 7636 with S256 only).

        redirect_uri  must lie on this server: the demonstration has no other client
        raises        GrantInvalid, NotFound
        """
        ours, asked = urlsplit(self._url), urlsplit(redirect_uri)
        if client_id != self._settings.oidc_client_id or (asked.scheme, asked.netloc) != (ours.scheme, ours.netloc):
            raise GrantInvalid("client_id or redirect_uri is not registered with the demonstration provider")
        if len(challenge) != 43:
            raise GrantInvalid("code_challenge: expected the 43 characters of an S256 challenge")
        self.claims(login=login, role=role)
        grant = {
            "login": login,
            "role": role,
            "uri": redirect_uri,
            "challenge": challenge,
            "nonce": nonce,
            "exp": self._clock.now_seconds() + CODE_SECONDS,
            "jti": secrets.token_urlsafe(12),
        }
        body = base64url.encode(orjson.dumps(grant))
        mark = "&" if asked.query else "?"
        return f"{redirect_uri}{mark}{urlencode({'code': f'{body}.{self._mac(body)}', 'state': state})}"

    def redeem(self, *, code: str, redirect_uri: str, verifier: str) -> dict[str, Any]:
        """Tokens for a code (RFC 6749 section 4.1.4, OpenID Connect Core 3.1.3.3).

        verifier  the PKCE verifier whose SHA-256 was the challenge
        returns   {access_token, id_token, token_type, expires_in}
        raises    GrantInvalid, NotFound
        """
        body, _, mac = code.partition(".")
        if len(code) > 4096 or not hmac.compare_digest(self._mac(body).encode(), mac.encode()):
            raise GrantInvalid("the code was not issued here")
        grant = orjson.loads(base64url.decode(body))
        challenge = base64url.encode(hashlib.sha256(verifier.encode()).digest())
        if grant["uri"] != redirect_uri or not hmac.compare_digest(challenge, str(grant["challenge"])):
            raise GrantInvalid("the code belongs to another request")
        self._spend(grant["jti"], grant["exp"])
        claims = self.claims(login=grant["login"], role=grant["role"])
        id_claims = {**claims, "aud": self._settings.oidc_client_id, "nonce": grant["nonce"]}
        return {
            "access_token": self.access_token(login=grant["login"], role=grant["role"]),
            "id_token": self._sign(id_claims, typ="JWT"),
            "token_type": "Bearer",
            "expires_in": self._settings.token_seconds,
        }

    def _spend(self, code_id: str, expires: int) -> None:
        now = self._clock.now_seconds()
        if expires < now:
            raise GrantInvalid("the code has expired")
        with self._lock:
            if code_id in self._spent:
                raise GrantInvalid("the code was used already")
            if len(self._spent) >= _CODES_MAX:
                self._spent = {known: until for known, until in self._spent.items() if until >= now}
            self._spent[code_id] = expires

    def _sign(self, claims: dict[str, Any], *, typ: str) -> str:
        now = self._clock.now_seconds()
        times = {"iss": self._url, "iat": now, "exp": now + self._settings.token_seconds}
        signer = self._signer
        return sign_jwt(signer, {**claims, **times, "jti": secrets.token_urlsafe(12)}, typ=typ, kid=signer.thumbprint)

    def _mac(self, body: str) -> str:
        return hmac.new(self._secret, body.encode(), hashlib.sha256).hexdigest()


def _read_logins(path: Path) -> dict[str, str]:
    """The workers of `demo.json`.

    raises  TokenInvalid when the file is not what `demo` writes
    """
    try:
        workers = orjson.loads(path.read_bytes())["workers"]
        return {worker["login"]: worker["subject"] for worker in workers}
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise TokenInvalid("the demonstration's login file is not readable") from error
