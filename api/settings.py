"""Every setting of the server, read from the environment (`SKILL_LEDGER_…`); nothing else in `api/` reads it.

The defaults suit one machine. `api.wiring` builds this object once and hands it down.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, SecretBytes, StringConstraints
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Rate = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,8}/(second|minute|hour)$")]
SECONDS_IN: Final = {"second": 1, "minute": 60, "hour": 3600}


class Settings(BaseSettings):
    """What an operator may choose. Each field is one environment variable, `SKILL_LEDGER_` and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix="SKILL_LEDGER_", frozen=True, extra="ignore")

    demo: bool = False
    """Demonstration mode: the built-in sign-in provider runs and `/demo/…` exists. Never with real people's records."""

    public_url: str = ""
    """Scheme and host under which people reach this server, when it is not the log's own address (a demonstration)."""

    demo_file: Path | None = None
    """`demo.json` (DESIGN §14): the logins that the demonstration provider knows. Read again when it changes."""

    security_contact: str = "mailto:security@ledger.example.cn"
    """Where to report a vulnerability: a `mailto:`, `tel:` or `https:` address (RFC 9116 §2.5.3)."""

    security_expires: str = "2027-11-21T00:00:00Z"
    """Date after which `security.txt` is stale (RFC 9116 §2.5.5)."""

    # Signing in (OpenID Connect). Without an issuer, and outside demo mode, nobody can sign in.

    oidc_issuer: str = ""
    """Issuer of the provider whose tokens are accepted, exactly as in their `iss`."""

    oidc_jwks_file: Path | None = None
    """The provider's public keys (RFC 7517). A file, so that no request of ours can be turned against a third party."""

    oidc_authorization_url: str = ""
    oidc_token_url: str = ""
    oidc_client_id: str = "skill-ledger"
    oidc_audience: str = ""
    """Audience that access tokens must name; empty means this server's own base address."""

    oidc_number_claim: str = "document_number"
    """Claim that holds the worker's document number; a subject is found by it, and it is never stored or logged."""

    token_algorithms: Annotated[tuple[str, ...], NoDecode] = ("Ed25519", "EdDSA", "ES256")
    token_seconds: int = Field(default=900, ge=60, le=3600)
    session_seconds: int = Field(default=1200, ge=60, le=86_400)
    session_key: SecretBytes = SecretBytes(b"")
    """Secret of the page cookie, at least 32 bytes. Empty: derived from the service key, the same in every worker."""

    # Rates: requests a second, minute or hour, for one client address or one institution.

    rate_submit: Rate = "20000/second"
    rate_verify: Rate = "120000/minute"
    rate_verify_by_number: Rate = "60/minute"
    """Look-ups by certificate number and name (threat T01)."""

    rate_sign_in: Rate = "600/minute"
    rate_other: Rate = "120000/minute"
    trusted_proxies: int = Field(default=0, ge=0, le=4)
    """Reverse proxies in front whose `X-Forwarded-For` entry is believed, counted from the right (ASVS 15.3.4)."""

    # Bounds in bytes

    header_bytes_max: int = Field(default=32 * 1024, ge=4096)
    body_bytes_max: int = Field(default=64 * 1024, ge=1024)
    page_body_bytes_max: int = Field(default=10 * 1024 * 1024, ge=1024)

    # Freshness

    view_lag_records_max: int = Field(default=20_000, ge=0)
    status_list_seconds: int = Field(default=300, ge=10)
    """How long a status list stays valid after it was signed; who checks treats an older one as unchecked."""
