"""A ledger opened from its store, as the key commands need it. Needs the server's libraries."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Self

from api.cli.keys import Place
from api.wiring import open_ledger

if TYPE_CHECKING:
    from ledger.receipts import Receipt


class Local:
    """Submits into the store itself; nobody else may be serving it where it is SQLite."""

    place: Place

    def __init__(self, store: str) -> None:
        self._ledger = open_ledger(store, environ=os.environ)

    def __enter__(self) -> Self:
        """Read origin and authority from the log."""
        self.place = Place(self._ledger.origin, self._ledger.registry().authority)
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self._ledger.close()

    def submit(self, envelope: bytes) -> Receipt:
        """Log one record. Raises as `Ledger.submit`."""
        return self._ledger.submit(envelope)

    def has_key(self, issuer: str, thumb: str) -> bool:
        """Whether an issuer's registered keys include this one."""
        return self._ledger.registry().keyring.find(f"{issuer}#{thumb}") is not None
