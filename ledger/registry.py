"""Who may say what: institutions, their keys and accreditations, folded from the log's own records.

A `Registry` never changes; `apply` returns a new one. Everything is decided by log index: what a record meant at index
i is asked of the registry with `index=i`, however far the log has grown since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from keys._persistent import PersistentMap
from keys.algorithms import algorithm_of_jwk
from keys.ids import format_kid
from keys.keyring import Key, Keyring, Use
from ledger.errors import IssuerSuspended, IssuerUnknown, KeyNotAuthorised, NotAccredited, OutsideDelegation, RuleBroken
from ledger.rulebook import RuleBook

if TYPE_CHECKING:
    from ledger.records._base import Record, Scope

ANY: Final = "*"
"""In a scope: any occupation, or any region."""


@dataclass(frozen=True, slots=True)
class Institution:
    """A legal body, keyed by its unified social credit code.

    standings      (index, `active` | `suspended` | `withdrawn`), oldest first
    ratings        (index, stars 1 to 5, kinds it may not append while this rating is the last), oldest first
    successor      credit code of the body that took over its rights and duties
    cosigned       kinds, without version, that need a second signature of its own
    """

    uscc: str
    issuer: str
    name: str
    type: str
    region: str
    registered_at: int
    standings: tuple[tuple[int, str], ...] = ()
    ratings: tuple[tuple[int, int, frozenset[str]], ...] = ()
    successor: str | None = None
    cosigned: frozenset[str] = frozenset()

    def standing_at(self, index: int) -> str:
        """`active`, `suspended` or `withdrawn`, as the records below this index left it."""
        word = "active"
        for at, standing in self.standings:
            if at < index:
                word = standing
        return word

    def barred_at(self, index: int) -> frozenset[str]:
        """Kinds that its rating keeps it from appending at this index."""
        barred: frozenset[str] = frozenset()
        for at, _, kinds in self.ratings:
            if at < index:
                barred = kinds
        return barred


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
class Delegation:
    """Acts of the authority that an institution may do in some regions, from one log index to another."""

    uid: str
    uscc: str
    kinds: frozenset[str]
    regions: tuple[str, ...]
    granted_at: int
    ended_at: int | None = None

    def covers(self, kind: str, regions: Sequence[str], *, index: int) -> bool:
        """Whether an act of this kind that concerns these regions is delegated at this index."""
        live = self.granted_at < index and (self.ended_at is None or index < self.ended_at)
        inside = bool(regions) and all(any(region.startswith(prefix) for prefix in self.regions) for region in regions)
        return live and kind in self.kinds and inside


@dataclass(frozen=True, slots=True)
class RootPolicy:
    """Who may give the authority a new root key: any `threshold` of the holders' keys together."""

    threshold: int
    kids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Registry:
    """The fold of all registry records below `size`. Kinds fold themselves in with the `with_` methods."""

    size: int = 0
    origin: str = ""
    authority: str = ""
    institutions: PersistentMap[str, Institution] = field(default_factory=PersistentMap)
    uscc_by_issuer: PersistentMap[str, str] = field(default_factory=PersistentMap)
    keyring: Keyring = field(default_factory=Keyring)
    accreditations: PersistentMap[str, tuple[Accreditation, ...]] = field(default_factory=PersistentMap)
    delegations: tuple[Delegation, ...] = ()
    rules: RuleBook = field(default_factory=RuleBook)
    root_policy: RootPolicy | None = None
    retired: frozenset[str] = frozenset()
    """Kinds with version, such as `skill-certificate/1`, in which no new record is taken."""

    # -- questions -----------------------------------------------------------------------------------------------------

    def issuer(self, url: str) -> Institution | None:
        """The institution of an issuer id; None for the service's own id."""
        uscc = self.uscc_by_issuer.get(url)
        return None if uscc is None else self.institutions[uscc]

    def institution(self, uscc: str) -> Institution:
        """A registered institution.

        raises  RuleBroken
        """
        body = self.institutions.get(uscc)
        if body is None:
            raise RuleBroken(f"institution {uscc} is not registered")
        return body

    def is_authority(self, url: str) -> bool:
        """Whether an issuer id is the authority's."""
        return bool(self.authority) and url == self.authority

    def check_standing(self, url: str, *, kind: str, index: int) -> None:
        """Accepts an issuer that may append this kind (its name without version) at this index (acceptance step 9).

        The authority answers to no one here: whoever had its key could otherwise keep its holders from replacing that.

        raises  IssuerUnknown, IssuerSuspended
        """
        if self.is_authority(url):
            return
        institution = self.issuer(url)
        if institution is None:
            raise IssuerUnknown("the issuer is not registered; the authority registers institutions first")
        standing = institution.standing_at(index)
        if standing != "active":
            raise IssuerSuspended(f"institution {institution.uscc} is {standing}; it may not append records")
        if kind in institution.barred_at(index):
            raise IssuerSuspended(f"the rating of institution {institution.uscc} keeps it from appending {kind}")

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

    def check_role(self, record: Record, key: Key, *, index: int) -> None:
        """Accepts a record of a kind that this key's owner may sign (acceptance step 8).

        A delegate acts on others: nobody accredits itself, and a thief of its key gets no second one with the first.

        raises  KeyNotAuthorised, OutsideDelegation
        """
        role = self.role(record.issuer, key)
        if role in record.SIGNERS:
            return
        uscc = self.uscc_by_issuer.get(record.issuer)
        given = [one for one in self.delegations if one.uscc == uscc and role == "institution"]
        if not given or "authority" not in record.SIGNERS:
            raise KeyNotAuthorised(f"{record.KIND} is signed by {' or '.join(sorted(record.SIGNERS))}, not by {role}")
        regions = record.concerns(self)
        if not any(one.covers(record.KIND, regions, index=index) for one in given):
            raise OutsideDelegation(f"the authority has not delegated {record.KIND} for {', '.join(regions)}")
        if record.about(self.uscc_by_issuer) == uscc:
            raise OutsideDelegation("a delegate does no act of the authority about itself")

    def role(self, issuer: str, key: Key) -> str:
        """As what a key speaks: `authority`, `institution`, `service` or `rotation`."""
        if key.use != "records":
            return key.use
        return "authority" if self.is_authority(issuer) else "institution"

    def acts_for(self, actor: str, owner: str) -> bool:
        """Whether an issuer may act on an owner's records: the owner itself, its successors, or the authority."""
        return self.is_authority(actor) or actor == owner or actor in self._successors(owner)

    def _successors(self, url: str) -> Iterator[str]:
        body = self.issuer(url)
        while body is not None and body.successor is not None:
            body = self.institutions[body.successor]
            yield body.issuer

    # -- folding -------------------------------------------------------------------------------------------------------

    def apply(self, record: Record, *, index: int) -> Registry:
        """The registry after one more record at `index`; kinds without a `fold` leave it as it is.

        raises  RuleBroken when the record contradicts what is registered, errors of `keys` for its keys
        """
        return replace(record.fold(self, index=index), size=index + 1) if record.REGISTRY else self

    def with_root(self, *, origin: str, body: Institution) -> Registry:
        """The registry of a log that begins: its name and its authority.

        raises  RuleBroken
        """
        if self.authority:
            raise RuleBroken("the log has its authority; a second root is not accepted")
        return replace(self.with_institution(body), origin=origin, authority=body.issuer)

    def with_institution(self, body: Institution) -> Registry:
        """The registry with one more institution.

        raises  RuleBroken for a credit code or issuer id that is taken
        """
        if body.uscc in self.institutions:
            raise RuleBroken(f"institution {body.uscc} is registered already")
        if body.issuer in self.uscc_by_issuer:
            raise RuleBroken("the issuer id belongs to another institution")
        return replace(
            self,
            institutions=self.institutions.with_item(body.uscc, body),
            uscc_by_issuer=self.uscc_by_issuer.with_item(body.issuer, body.uscc),
        )

    def with_changed(self, body: Institution) -> Registry:
        """The registry in which a registered institution is as given."""
        return replace(self, institutions=self.institutions.with_item(body.uscc, body))

    def with_successor(self, uscc: str, *, successor: str) -> Registry:
        """The registry in which another institution took over an institution's rights and duties.

        raises  RuleBroken where either is not registered, there is a successor already, or it would succeed itself
        """
        old, new = self.institution(uscc), self.institution(successor)
        if self.is_authority(old.issuer):
            raise RuleBroken("the authority has no successor; the holders of its root policy give it another key")
        if old.successor is not None:
            raise RuleBroken(f"institution {uscc} has a successor already, {old.successor}")
        if old.issuer in (new.issuer, *self._successors(new.issuer)):
            raise RuleBroken(f"institution {successor} cannot succeed {uscc}: it is the same, or was succeeded by it")
        return self.with_changed(replace(old, successor=successor))

    def with_accreditation(self, granted: Accreditation) -> Registry:
        """The registry with one more accreditation of a registered institution.

        raises  RuleBroken
        """
        self.institution(granted.uscc)
        held = self.accreditations.get(granted.uscc, ())
        return replace(self, accreditations=self.accreditations.with_item(granted.uscc, (*held, granted)))

    def without_accreditation(self, uscc: str, uid: str, *, index: int) -> Registry:
        """The registry in which an accreditation ends at this index.

        raises  RuleBroken when the institution has no live accreditation of this id
        """
        held = self.accreditations.get(uscc, ())
        if not any(one.uid == uid and one.ended_at is None for one in held):
            raise RuleBroken("no live accreditation has this id")
        ended = tuple(replace(one, ended_at=index) if one.uid == uid else one for one in held)
        return replace(self, accreditations=self.accreditations.with_item(uscc, ended))

    def with_delegation(self, given: Delegation) -> Registry:
        """The registry with one more delegation to a registered institution.

        raises  RuleBroken
        """
        self.institution(given.uscc)
        return replace(self, delegations=(*self.delegations, given))

    def without_delegation(self, uscc: str, uid: str, *, index: int) -> Registry:
        """The registry in which a delegation ends at this index.

        raises  RuleBroken when the institution has no live delegation of this id
        """
        if not any((one.uscc, one.uid, one.ended_at) == (uscc, uid, None) for one in self.delegations):
            raise RuleBroken("no live delegation has this id")
        ended = (
            replace(one, ended_at=index) if (one.uscc, one.uid) == (uscc, uid) else one for one in self.delegations
        )
        return replace(self, delegations=tuple(ended))

    def with_key(self, *, issuer: str, jwk: Mapping[str, str], use: Use, index: int) -> Registry:
        """The registry with one more key, which speaks from the next index on.

        raises  RuleBroken when nobody registered has the issuer id, keys.errors.KeyAlreadyRegistered, BadKey
        """
        if use == "records" and self.issuer(issuer) is None:
            raise RuleBroken("the key's issuer is not registered; register the institution first")
        entry = algorithm_of_jwk(jwk)
        key = Key(
            kid=format_kid(issuer=issuer, jwk=dict(jwk)),
            issuer=issuer,
            alg=entry.name,
            public=entry.public_from_jwk(dict(jwk)),
            use=use,
            registered_at=index,
        )
        return replace(self, keyring=self.keyring.register(key))

    def without_key(self, kid: str, *, index: int, suspect_since: int | None = None) -> Registry:
        """The registry in which a key no longer speaks from this index on.

        raises  RuleBroken for a holder's key, which only a new root policy ends; KeyNotAuthorised as `Keyring.revoke`
        """
        key = self.keyring.find(kid)
        if key is not None and key.use == "rotation":
            raise RuleBroken("a holder's key ends with a root policy that no longer names it")
        return replace(self, keyring=self.keyring.revoke(kid, at=index, suspect_since=suspect_since))

    def with_confirmation(self, kid: str, *, record_index: int, by: str, index: int) -> Registry:
        """The registry in which one record of a suspect key is confirmed by a new key, with the record at `index`.

        raises  KeyNotAuthorised as `Keyring.check_may_confirm`
        """
        return replace(self, keyring=self.keyring.confirm(kid, record_index=record_index, by=by, at=index))

    def with_root_policy(self, *, threshold: int, jwks: Sequence[Mapping[str, str]], index: int) -> Registry:
        """The registry under a root policy; holders that an earlier one named, and this one does not, speak no more.

        raises  keys.errors.KeyAlreadyRegistered for a key that is, or was, registered as anything else; BadKey
        """
        before = () if self.root_policy is None else self.root_policy.kids
        kids = tuple(format_kid(issuer=self.authority, jwk=dict(jwk)) for jwk in jwks)
        keyring = self.keyring
        for kid in before:
            if kid not in kids:
                keyring = keyring.revoke(kid, at=index)
        changed = replace(self, keyring=keyring, root_policy=RootPolicy(threshold, kids))
        for kid, jwk in zip(kids, jwks, strict=True):
            if kid not in before:
                changed = changed.with_key(issuer=self.authority, jwk=jwk, use="rotation", index=index)
        return changed

    def with_new_root(self, jwk: Mapping[str, str], *, retired: Mapping[str, int | None], index: int) -> Registry:
        """The registry in which a new key alone speaks for the authority, whatever its old ones registered meanwhile.

        The authority's demand for second signatures, which one key could not meet, ends as well.

        retired  kids of the authority's keys to the index from which each is suspect, None where it is not
        raises   RuleBroken for a kid that is no such key, KeyNotAuthorised, keys.errors.KeyAlreadyRegistered, BadKey
        """
        changed = self
        live = [key.kid for key in self.live_keys(self.authority, index=index)]
        for kid in dict.fromkeys((*retired, *live)):
            key = self.keyring.find(kid)
            if key is None or (key.issuer, key.use) != (self.authority, "records"):
                raise RuleBroken("a retired key is not one that signs records of the authority")
            changed = changed.without_key(kid, index=index, suspect_since=retired.get(kid))
        body = self.institution(self.uscc_by_issuer[self.authority])
        changed = changed.with_changed(replace(body, cosigned=frozenset()))
        return changed.with_key(issuer=self.authority, jwk=jwk, use="records", index=index)

    def without_version(self, kind: str) -> Registry:
        """The registry in which a version of a kind takes no new records."""
        return replace(self, retired=self.retired | {kind})

    def live_keys(self, issuer: str, *, index: int, use: Use = "records") -> list[Key]:
        """An issuer's keys of one use that speak at this index, in the order of registration."""
        return [key for key in self.keyring.of_issuer(issuer) if key.use == use and key.speaks_at(index)]


def has_prefix(code: str, prefix: str) -> bool:
    """Whether an occupation code lies under a prefix, compared by whole segments: `6-1` does not cover `6-18-01-01`."""
    if prefix == ANY:
        return True
    segments = prefix.split("-")
    return code.split("-")[: len(segments)] == segments
