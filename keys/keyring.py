"""Which key spoke for whom, and when: a pure fold over key records. Positions are log indices; no date moves anything.

A `Keyring` never changes. Each method that adds something returns a new one, so that a reader keeps one consistent
state while the log grows:

    keyring = keyring.register(key)
    keyring = keyring.revoke(kid, at=120, suspect_since=90)
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from keys._persistent import PersistentMap
from keys.errors import KeyAlreadyRegistered, KeyNotAuthorised

Use = Literal["records", "service", "rotation"]
Standing = Literal["pass", "under_review", "fail"]


@dataclass(frozen=True, slots=True)
class Key:
    """A registered public key.

    registered_at   index of the record that registered it; it speaks from the next index on
    revoked_at      index of the first record that revoked it, or None; it speaks below that index
    suspect_since   index from which its records are in doubt, or None
    """

    kid: str
    issuer: str
    alg: str
    public: bytes
    use: Use
    registered_at: int
    revoked_at: int | None = None
    suspect_since: int | None = None

    def speaks_at(self, index: int) -> bool:
        """Whether a record at this index may carry this key's signature."""
        return self.registered_at < index and (self.revoked_at is None or index < self.revoked_at)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Another key's word that a record of a suspect key is genuine: who gave it and at which index."""

    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys up to some head of the log. Start from `Keyring()`."""

    keys: PersistentMap[str, Key] = field(default_factory=PersistentMap)
    kids_by_issuer: PersistentMap[str, tuple[str, ...]] = field(default_factory=PersistentMap)
    confirmations: PersistentMap[tuple[str, int], tuple[Confirmation, ...]] = field(default_factory=PersistentMap)

    def register(self, key: Key) -> Keyring:
        """The keyring with one more key.

        raises  KeyAlreadyRegistered: also for a revoked key, which never comes back
        """
        if key.kid in self.keys:
            raise KeyAlreadyRegistered(f"key {key.kid}: registered at index {self.keys[key.kid].registered_at}")
        kids = (*self.kids_by_issuer.get(key.issuer, ()), key.kid)
        return replace(
            self, keys=self.keys.with_item(key.kid, key), kids_by_issuer=self.kids_by_issuer.with_item(key.issuer, kids)
        )

    def revoke(self, kid: str, *, at: int, suspect_since: int | None = None) -> Keyring:
        """The keyring in which a key no longer speaks.

        A later revocation may only widen an earlier one: the first revocation index and the lowest suspect index stand.

        at              index of the revoking record
        suspect_since   index from which the key is held to be compromised, 0 to `at`; None for an orderly end
        raises          KeyNotAuthorised if the key is unknown or the indices are out of order
        """
        key = self._known(kid)
        if at <= key.registered_at:
            raise KeyNotAuthorised(f"key {kid}: registered at index {key.registered_at}, revoked at {at}")
        if suspect_since is not None and not 0 <= suspect_since <= at:
            raise KeyNotAuthorised(f"key {kid}: expected a suspect index from 0 to {at}, found {suspect_since}")
        changed = replace(
            key,
            revoked_at=at if key.revoked_at is None else min(at, key.revoked_at),
            suspect_since=_lower(key.suspect_since, suspect_since),
        )
        return replace(self, keys=self.keys.with_item(kid, changed))

    def check_may_confirm(self, kid: str, *, record_index: int, by: str, at: int) -> None:
        """Accept a confirmation only by a new key: same issuer and use, registered after the compromise, not in doubt.

        kid            the suspect key, which signed the record at `record_index`
        by, at         the confirming key and the index of the confirming record
        raises         KeyNotAuthorised
        """
        key, confirming = self._known(kid), self._known(by)
        if key.suspect_since is None or record_index < key.suspect_since or not key.speaks_at(record_index):
            raise KeyNotAuthorised(f"key {kid}: nothing to confirm at index {record_index}")
        if confirming.issuer != key.issuer or confirming.use != key.use:
            raise KeyNotAuthorised(f"key {by}: expected a key of the same issuer and use")
        if confirming.registered_at < key.suspect_since:
            raise KeyNotAuthorised(
                f"key {by}: expected a key registered from index {key.suspect_since} on, "
                f"found one registered at {confirming.registered_at}"
            )
        if at <= record_index or self.standing_of(by, index=at) != "pass":
            raise KeyNotAuthorised(f"key {by}: may not speak at index {at}, or is itself in doubt there")

    def confirm(self, kid: str, *, record_index: int, by: str, at: int) -> Keyring:
        """The keyring in which one record of a suspect key is confirmed by a new key.

        raises  KeyNotAuthorised as `check_may_confirm`
        """
        self.check_may_confirm(kid, record_index=record_index, by=by, at=at)
        place = (kid, record_index)
        given = (*self.confirmations.get(place, ()), Confirmation(by=by, at=at))
        return replace(self, confirmations=self.confirmations.with_item(place, given))

    def find(self, kid: str) -> Key | None:
        """The key that a `kid` names, in whatever standing, or None."""
        return self.keys.get(kid)

    def of_issuer(self, issuer: str) -> list[Key]:
        """All keys of an issuer in the order of registration, revoked ones too."""
        return [self.keys[kid] for kid in self.kids_by_issuer.get(issuer, ())]

    def check_may_speak(self, kid: str, *, issuer: str, index: int, use: Use | None = None) -> None:
        """Accept a key for a record that is about to get this index (acceptance step 8).

        issuer  the issuer that the record names
        index   the record's place in the log, from 0
        use     what the key must be registered for; None: either
        raises  KeyNotAuthorised
        """
        key = self._known(kid)
        if key.issuer != issuer:
            raise KeyNotAuthorised(f"key {kid}: registered for another issuer than the record names")
        if use is not None and key.use != use:
            raise KeyNotAuthorised(f"key {kid}: registered for {key.use}, expected one for {use}")
        if not key.speaks_at(index):
            raise KeyNotAuthorised(
                f"key {kid}: registered at index {key.registered_at}, revoked at {key.revoked_at}, asked at {index}"
            )

    def standing_of(self, kid: str, *, index: int) -> Standing:
        """What the signature on a record logged at `index` is worth, seen from this keyring's head.

        `fail`: the key did not speak at that index. `under_review`: the key is suspect from that index or an earlier
        one, and no confirmation stands. A confirmation stands while the confirming key passes at the confirming index:
        if that key turns out to be compromised too, what it confirmed is in doubt again. Confirming indices only rise,
        so the chain of confirmations ends.
        """
        key = self.keys.get(kid)
        if key is None or not key.speaks_at(index):
            return "fail"
        if key.suspect_since is None or index < key.suspect_since:
            return "pass"
        for confirmation in self.confirmations.get((kid, index), ()):
            if self._stands(confirmation):
                return "pass"
        return "under_review"

    def _stands(self, confirmation: Confirmation) -> bool:
        # That the key was new need not be asked again: a suspect index can only fall.
        return self.standing_of(confirmation.by, index=confirmation.at) == "pass"

    def _known(self, kid: str) -> Key:
        key = self.keys.get(kid)
        if key is None:
            raise KeyNotAuthorised(f"key {kid}: never registered in this log")
        return key


def _lower(one: int | None, other: int | None) -> int | None:
    """The lower of two indices, either of which may be absent."""
    present = [index for index in (one, other) if index is not None]
    return min(present) if present else None
