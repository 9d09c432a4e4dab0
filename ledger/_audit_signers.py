"""The audit's own key register: which key spoke for whom, from which index to which, read from the payloads themselves.

Source: DESIGN section 4. A key speaks above the index that registered it and below the index that revoked it; the
root key in record 0 speaks from record 0 on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from keys.algorithms import algorithm, algorithm_of_jwk
from keys.errors import LedgerError
from keys.ids import format_kid
from ledger._audit_bytes import Leaf


@dataclass(slots=True)
class _Key:
    alg: str
    public: bytes
    issuer: str
    speaks_from: int
    speaks_below: int | None = None


class SignerAudit:
    """Follows the records in log order."""

    def __init__(self, report: Callable[[str, int | None], None]) -> None:
        self._report = report
        self._keys: dict[str, _Key] = {}
        self.uscc_by_issuer: dict[str, str] = {}

    def fold(self, *, name: str, payload: Mapping[str, Any], index: int) -> None:
        """Take up what a record says about keys and institutions.

        name  name of its kind without version
        """
        try:
            match name:
                case "authority-root":
                    if index != 0:
                        self._report("second-root", index)
                        return
                    self.uscc_by_issuer[payload["iss"]] = payload["authority"]["uscc"]
                    self._register(payload["iss"], payload["jwk"], speaks_from=0)
                case "institution-registered":
                    body = payload["institution"]
                    self.uscc_by_issuer[body["issuer"]] = body["uscc"]
                case "key-registered":
                    self._register(payload["key"]["issuer"], payload["key"]["jwk"], speaks_from=index + 1)
                case "key-revoked":
                    key = self._keys.get(payload["key"]["kid"])
                    if key is not None and key.speaks_below is None:
                        key.speaks_below = index
        except (KeyError, TypeError):
            self._report("record-contradicts-kind", index)
        except LedgerError:
            self._report("key-invalid", index)

    def _register(self, issuer: str, jwk: Mapping[str, Any], *, speaks_from: int) -> None:
        entry = algorithm_of_jwk(jwk)
        key = _Key(entry.name, entry.public_from_jwk(jwk), issuer, speaks_from)
        self._keys.setdefault(format_kid(issuer=issuer, jwk=jwk), key)

    def check(self, leaf: Leaf, index: int) -> None:
        """Report a record that its key did not sign, or may not have signed at this index."""
        kid = leaf.header["kid"]
        key = self._keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            self._report("key-unknown", index)
            return
        speaks = key.speaks_from <= index and (key.speaks_below is None or index < key.speaks_below)
        if not speaks or leaf.header["alg"] != key.alg or leaf.payload.get("iss") != key.issuer:
            self._report("key-not-authorised", index)
        try:
            algorithm(key.alg).check_signature(public=key.public, message=leaf.signing_input, signature=leaf.signature)
        except LedgerError:
            self._report("signature-invalid", index)
