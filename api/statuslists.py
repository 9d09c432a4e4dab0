"""Status lists as signed credentials: the operator's dated, attributable word that nothing was revoked since.

A list is signed again when it is asked for and the log has grown or half of its life is over; otherwise the signed one
is served from memory.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from api.tokens import service_signer, sign_jwt
from keys.ids import format_kid
from ledger.clock import Clock, format_instant
from ledger.errors import NotFound
from ledger.log.statuslist import encode
from ledger.service import Ledger
from projections._live import reflects
from projections.status import BITS, status_lists

NUMBER_MAX: Final = 999_999_999
"""Highest list number of an institution."""

CONTEXT: Final = ("https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/undefined-terms/v2")
_KEPT_MAX: Final = 512


@dataclass(frozen=True, slots=True)
class SignedList:
    """One status list credential: the compact JWT, the log size it reflects, and its life in seconds since 1970."""

    jwt: bytes
    size: int
    valid_from: int
    valid_until: int


class StatusLists:
    """Makes and keeps the signed lists of one server. `seconds` is how long each is valid."""

    def __init__(self, *, ledger: Ledger, clock: Clock, seconds: int) -> None:
        self._ledger = ledger
        self._seconds = seconds
        self._clock = clock
        self._kept: dict[tuple[str, int, str], SignedList] = {}
        self._lock = threading.Lock()
        self.signer = service_signer(ledger)
        self.issuer = ledger.options.service_issuer

    def url(self, *, uscc: str, number: int, purpose: str) -> str:
        """The permanent address of a list, as records name it."""
        return f"{self._ledger.base_url}/status/{uscc}/{number}/{purpose}"

    def signed(self, *, uscc: str, number: int, purpose: str) -> SignedList:
        """A list as a BitstringStatusListCredential in a JWT.

        Source: W3C Bitstring Status List 1.0 section 2.2, VC-JOSE-COSE section 3.1.1.

        uscc     of a registered institution
        number   1 to NUMBER_MAX
        purpose  "revocation" | "suspension"
        raises   NotFound
        """
        if purpose not in BITS or not 1 <= number <= NUMBER_MAX or uscc not in self._ledger.registry().institutions:
            raise NotFound("no status list has this address")
        place = (uscc, number, purpose)
        now = self._clock.now_seconds()
        kept = self._kept.get(place)
        half_life = self._seconds // 2
        size = reflects(self._ledger.views(), "status")
        if kept is not None and kept.size == size and now < kept.valid_until - half_life:
            return kept
        made = self._make(uscc, number, purpose, now)
        with self._lock:
            if len(self._kept) >= _KEPT_MAX:
                self._kept.clear()
            self._kept[place] = made
        return made

    def _make(self, uscc: str, number: int, purpose: str, now: int) -> SignedList:
        lists = status_lists(self._ledger.views(), uscc=uscc, list_number=number)
        bits = lists.revocation if purpose == "revocation" else lists.suspension
        url = self.url(uscc=uscc, number=number, purpose=purpose)
        signer, issuer = self.signer, self.issuer
        until = now + self._seconds
        claims = {
            "@context": list(CONTEXT),
            "id": url,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": issuer,
            "iss": issuer,
            "iat": now,
            "exp": until,
            "validFrom": format_instant(now),
            "validUntil": format_instant(until),
            "credentialSubject": {
                "id": f"{url}#list",
                "type": "BitstringStatusList",
                "statusPurpose": purpose,
                "encodedList": encode(bits),
            },
            "log": {"origin": self._ledger.origin, "size": lists.size},
        }
        token = sign_jwt(signer, claims, typ="vc+jwt", kid=format_kid(issuer=issuer, jwk=signer.jwk))
        return SignedList(token.encode(), lists.size, now, until)
