"""The service's signed statement of one issuer's keys, standing and scopes (`registry.jwt` in an evidence pack)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api.client.errors import PackInvalid

if TYPE_CHECKING:
    from api.client.statements import Statement


TYP: Final = "vnd.skill-ledger.registry+jwt"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the service says about an issuer at one size of the log.

    issued_at       when it said so, in seconds since 1970
    keys            by `kid`
    accreditations  by id
    """

    issued_at: int
    log_size: int
    keys: Mapping[str, Mapping[str, Any]]
    accreditations: Mapping[str, Mapping[str, Any]]

    @property
    def names_accreditations(self) -> bool:
        """Whether the issuer holds or held any accreditation."""
        return bool(self.accreditations)

    def standing_of(self, kid: str, *, index: int) -> str:
        """What a key's record at this index is worth: `pass`, `under_review`, `not_checked` or `fail`."""
        key = self.keys.get(kid)
        if key is None or self.log_size <= index:
            return "not_checked"
        revoked, suspect = key.get("revoked_at_index"), key.get("suspect_since_index")
        if isinstance(revoked, int) and revoked <= index:
            return "fail"
        if isinstance(suspect, int) and suspect <= index:
            confirmed = key.get("confirmed_indices", [])
            return "pass" if isinstance(confirmed, list) and index in confirmed else "under_review"
        return "pass"

    def is_accredited(self, uid: str, *, index: int) -> bool:
        """Whether an accreditation that the log holds was still live at this index, by the statement."""
        granted = self.accreditations.get(uid)
        if granted is None:
            return False
        ended = granted.get("ended_at_index")
        return not (isinstance(ended, int) and ended <= index)


def open_snapshot(statement: Statement, *, issuer: str) -> Snapshot:
    """The snapshot in a statement whose signature was checked.

    issuer  the record's; the statement must be about this one
    raises  PackInvalid
    """
    claims = statement.claims
    keys, scopes = claims.get("keys"), claims.get("accreditations")
    if statement.typ != TYP or claims.get("issuer") != issuer:
        raise PackInvalid("expected the service's statement about this issuer")
    if not isinstance(keys, list) or not isinstance(scopes, list):
        raise PackInvalid("expected a statement of this issuer's keys and accreditations")
    return Snapshot(
        issued_at=statement.issued_at,
        log_size=statement.log_size,
        keys={str(key["kid"]): key for key in keys if isinstance(key, dict) and "kid" in key},
        accreditations={str(scope["id"]): scope for scope in scopes if isinstance(scope, dict) and "id" in scope},
    )
