"""A ledger behind HTTP, as the key commands need it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from api.cli.keys import Place
from api.client import LedgerClient
from api.client.errors import AnswerInvalid

if TYPE_CHECKING:
    from api.client.receipt import Receipt


class Remote:
    """Submits over HTTP; origin and authority come from the server's own description."""

    place: Place

    def __init__(self, url: str) -> None:
        self._client = LedgerClient(url)

    def __enter__(self) -> Self:
        """Ask the server who it is. Raises AnswerInvalid, ServerUnavailable."""
        about = self._client.discovery()
        origin, authority = about.get("origin"), about.get("authority")
        if not isinstance(origin, str) or not isinstance(authority, str):
            raise AnswerInvalid("/.well-known/skill-ledger: expected origin and authority")
        self.place = Place(origin, authority)
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._client.close()

    def submit(self, envelope: bytes) -> Receipt:
        """Log one record. Raises as `LedgerClient.submit`."""
        return self._client.submit(envelope)

    def has_key(self, issuer: str, thumb: str) -> bool:
        """Whether an issuer's registered keys include this one."""
        for one in self._client.institutions().get("institutions", []):
            if one.get("issuer") == issuer:
                document = self._client.issuer(one["uscc"])
                methods = [*document.get("assertionMethod", []), *document.get("verificationMethod", [])]
                return any(method.get("id") == f"{issuer}#{thumb}" for method in methods)
        return False
