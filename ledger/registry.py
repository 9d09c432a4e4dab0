"""Who may say what: institutions, their keys and accreditations, folded from the log's own records.

A `Registry` never changes; `apply` returns a new one. Everything is decided by log index: what a record meant at index
i is asked of the registry with `index=i`, however far the log has grown since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from keys.algorithms import algorithm
from keys.ids import format_kid
from keys.keyring import Key, Keyring
from ledger.errors import IssuerSuspended, IssuerUnknown, NotAccredited, RuleBroken
from ledger.records._base import Record, Scope

if TYPE_CHECKING:
    from ledger.records.accreditation_ended import AccreditationEnded
    from ledger.records.accreditation_granted import AccreditationGranted
    from ledger.records.authority_root import AuthorityRoot
    from ledger.records.institution_registered import InstitutionRegistered
    from ledger.records.institution_standing import InstitutionStanding
    from ledger.records.key_registered import KeyRegistered
    from ledger.records.key_revoked import KeyRevoked

ANY: Final = "*"
"""In a scope: any occupation, or any region."""


@dataclass(frozen=True, slots=True)
class Institution:
    """A legal body, keyed by its unified social credit code."""

    uscc: str
    issuer: str
    name: str
    type: str
    region: str
    registered_at: int
    standings: tuple[tuple[int, str], ...] = ()

    def standing_at(self, index: int) -> str:
        """`active`, `suspended` or `withdrawn`, as the records below this index left it."""
        word = "active"
        for at, standing in self.standings:
            if at < index:
                word = standing
        return word


@dataclass(frozen=True, slots=True)
class Accreditation:
    """What an institution may certify: kind x occupation x level x region x period, from one log index to another."""

    uid: str
    uscc: str
    kinds: frozenset[str]
    occupations: tuple[str, ...]
    levels: frozenset[int]
    regions: tuple[str, ...]
    valid_from: date
    valid_until: date | None
    granted_at: int
    ended_at: int | None = None

    def is_live_at(self, index: int) -> bool:
        """Whether it was granted and not yet ended below this index."""
        return self.granted_at < index and (self.ended_at is None or index < self.ended_at)

    def covers(self, need: Scope, *, on: date) -> bool:
        """Whether kind, occupation (by code segment), level, region and date lie inside."""
        return (
            need.kind in self.kinds
            and (need.occupation is None or any(has_prefix(need.occupation, p) for p in self.occupations))
            and (need.level_order is None or need.level_order in self.levels)
            and (need.region is None or any(p == ANY or need.region.startswith(p) for p in self.regions))
            and self.valid_from <= on
            and (self.valid_until is None or on <= self.valid_until)
        )


@dataclass(frozen=True, slots=True)
class Registry:
    """The fold of all registry records below `size`."""

    size: int = 0
    origin: str = ""
    authority: str = ""
    institutions: Mapping[str, Institution] = field(default_factory=dict)
    uscc_by_issuer: Mapping[str, str] = field(default_factory=dict)
    keyring: Keyring = field(default_factory=Keyring)
    accreditations: Mapping[str, tuple[Accreditation, ...]] = field(default_factory=dict)

    def issuer(self, url: str) -> Institution | None:
        """The institution of an issuer id. The service's own id belongs to the authority."""
        uscc = self.uscc_by_issuer.get(url)
        return None if uscc is None else self.institutions[uscc]

    def is_authority(self, url: str) -> bool:
        """Whether an issuer id is the authority's."""
        return bool(self.authority) and url == self.authority

    def check_standing(self, url: str, *, index: int) -> None:
        """Accepts an issuer that may append at this index (acceptance step 9).

        raises  IssuerUnknown, IssuerSuspended
        """
        institution = self.issuer(url)
        if institution is None:
            raise IssuerUnknown("the issuer is not registered; the authority registers institutions first")
        standing = institution.standing_at(index)
        if standing != "active":
            raise IssuerSuspended(f"institution {institution.uscc} is {standing}; it may not append records")

    def check_scope(self, url: str, need: Scope, *, dates: Sequence[date], index: int) -> None:
        """Accepts a record inside one accreditation that was live at this index and covers all of the dates.

        raises  NotAccredited
        """
        if self.accreditation_for(url, need, dates=dates, index=index) is None:
            raise NotAccredited(
                f"no accreditation of the issuer covers {need.kind}, occupation {need.occupation or '-'}, "
                f"level {need.level_order or '-'}, region {need.region or '-'} on {', '.join(map(str, dates))}"
            )

    def accreditation_for(self, url: str, need: Scope, *, dates: Sequence[date], index: int) -> Accreditation | None:
        """The accreditation that covers a need on all dates, or None."""
        uscc = self.uscc_by_issuer.get(url, "")
        for one in self.accreditations.get(uscc, ()):
            if one.is_live_at(index) and all(one.covers(need, on=day) for day in dates):
                return one
        return None

    def apply(self, record: Record, *, index: int) -> Registry:
        """The registry after one more registry record at `index`; other kinds leave it as it is.

        raises  RuleBroken when the record contradicts what is registered, errors of `keys` for its keys
        """
        fold = _FOLDS.get(record.KIND)
        return self if fold is None else replace(fold(self, record, index), size=index + 1)


def has_prefix(code: str, prefix: str) -> bool:
    """Whether an occupation code lies under a prefix, compared by whole segments: `6-1` does not cover `6-18-01-01`."""
    if prefix == ANY:
        return True
    segments = prefix.split("-")
    return code.split("-")[: len(segments)] == segments


def is_registry_kind(kind: str) -> bool:
    """Whether records of this kind (`name/version`) change the registry."""
    return kind.partition("/")[0] in _FOLDS


def _authority_root(registry: Registry, record: AuthorityRoot, index: int) -> Registry:
    if registry.authority:
        raise RuleBroken("the log has its authority; a second root is not accepted")
    body = Institution(record.uscc, record.issuer, record.name, "authority", "", index - 1)
    rooted = replace(
        registry,
        origin=record.origin,
        authority=record.issuer,
        institutions={record.uscc: body},
        uscc_by_issuer={record.issuer: record.uscc},
    )
    return _with_key(rooted, record.issuer, record.jwk, "records", index - 1)


def _institution_registered(registry: Registry, record: InstitutionRegistered, index: int) -> Registry:
    if record.uscc in registry.institutions:
        raise RuleBroken(f"institution {record.uscc} is registered already")
    if record.institution_issuer in registry.uscc_by_issuer:
        raise RuleBroken("the issuer id belongs to another institution")
    body = Institution(record.uscc, record.institution_issuer, record.name, record.type, record.region, index)
    return replace(
        registry,
        institutions={**registry.institutions, record.uscc: body},
        uscc_by_issuer={**registry.uscc_by_issuer, record.institution_issuer: record.uscc},
    )


def _institution_standing(registry: Registry, record: InstitutionStanding, index: int) -> Registry:
    body = _known(registry, record.uscc)
    changed = replace(body, standings=(*body.standings, (index, record.standing)))
    return replace(registry, institutions={**registry.institutions, record.uscc: changed})


def _accreditation_granted(registry: Registry, record: AccreditationGranted, index: int) -> Registry:
    _known(registry, record.uscc)
    held = registry.accreditations.get(record.uscc, ())
    granted = Accreditation(
        uid=record.uid,
        uscc=record.uscc,
        kinds=frozenset(record.kinds),
        occupations=tuple(record.occupations),
        levels=frozenset(record.levels),
        regions=tuple(record.regions),
        valid_from=record.period_from,
        valid_until=record.period_until,
        granted_at=index,
    )
    return replace(registry, accreditations={**registry.accreditations, record.uscc: (*held, granted)})


def _accreditation_ended(registry: Registry, record: AccreditationEnded, index: int) -> Registry:
    for uscc, held in registry.accreditations.items():
        if any(one.uid == record.accreditation and one.ended_at is None for one in held):
            ended = tuple(replace(o, ended_at=index) if o.uid == record.accreditation else o for o in held)
            return replace(registry, accreditations={**registry.accreditations, uscc: ended})
    raise RuleBroken("no live accreditation has this id")


def _key_registered(registry: Registry, record: KeyRegistered, index: int) -> Registry:
    if registry.issuer(record.key_issuer) is None and record.use == "records":
        raise RuleBroken("the key's issuer is not registered; register the institution first")
    return _with_key(registry, record.key_issuer, record.jwk, record.use, index)


def _key_revoked(registry: Registry, record: KeyRevoked, index: int) -> Registry:
    return replace(registry, keyring=registry.keyring.revoke(record.kid, at=index, suspect_since=record.suspect_since))


def _with_key(registry: Registry, issuer: str, jwk: Mapping[str, str], use: str, index: int) -> Registry:
    alg = jwk.get("alg") or _ALG_OF_CURVE.get(jwk.get("crv", ""), "")
    public = algorithm(alg).public_from_jwk(dict(jwk))
    key = Key(
        kid=format_kid(issuer=issuer, jwk=dict(jwk)),
        issuer=issuer,
        alg=alg,
        public=public,
        use="service" if use == "service" else "records",
        registered_at=index,
    )
    return replace(registry, keyring=registry.keyring.register(key))


def _known(registry: Registry, uscc: str) -> Institution:
    body = registry.institutions.get(uscc)
    if body is None:
        raise RuleBroken(f"institution {uscc} is not registered")
    return body


_ALG_OF_CURVE: Final = {"Ed25519": "Ed25519", "P-256": "ES256"}
_FOLDS: Final[Mapping[str, Callable[[Registry, Any, int], Registry]]] = {
    "authority-root": _authority_root,
    "institution-registered": _institution_registered,
    "institution-standing": _institution_standing,
    "accreditation-granted": _accreditation_granted,
    "accreditation-ended": _accreditation_ended,
    "key-registered": _key_registered,
    "key-revoked": _key_revoked,
}
