"""Rule books: which version of a rule held on which day. Pure; filled by the records that publish and end rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from keys._persistent import PersistentMap
from ledger.errors import RuleBroken, RuleNotInForce, RuleOverlaps


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version of a rule, in force on the civil dates [starts, until).

    rule          the rule's number, the same for all its versions
    book          what kind of rule it is: a module of `ledger.rules`
    hash          SHA-256 of the canonical JSON of `content`, lowercase hex
    publisher     issuer id of who published it
    until         first day on which it no longer holds; None while nothing ends it; `starts` for a version that was
                  ended before it came into force and holds on no day
    published_at  index of the record that published it
    ended_as      why it ends at `until`, where a later record says so
    """

    rule: str
    version: int
    book: str
    hash: str
    publisher: str
    content: Mapping[str, Any]
    starts: date
    until: date | None
    published_at: int
    title: str = ""
    ended_as: Literal["superseded", "withdrawn"] | None = None

    @property
    def status(self) -> str:
        """`PUBLISHED`, `SUPERSEDED` or `WITHDRAWN`, as the records so far left it."""
        return "PUBLISHED" if self.ended_as is None else self.ended_as.upper()

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a civil date."""
        return self.starts <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All published versions of all rules. Never changes; each method gives a new one.

    Versions of a rule are numbered from 1 without gaps, in the order of publication; no two of them hold on one day.
    """

    versions: PersistentMap[str, tuple[RuleVersion, ...]] = field(default_factory=PersistentMap)
    rules_about: PersistentMap[tuple[str, str | None], tuple[str, ...]] = field(default_factory=PersistentMap)
    """Rule numbers by book, and by book and the occupation that any version's content names."""

    def of(self, rule: str) -> tuple[RuleVersion, ...]:
        """All versions of a rule in the order of publication."""
        return self.versions.get(rule, ())

    def find(self, rule: str, version: int) -> RuleVersion | None:
        """One version of a rule, in force or not."""
        return next((one for one in self.of(rule) if one.version == version), None)

    def in_force(self, book: str, *, on: date, occupation: str | None = None) -> list[RuleVersion]:
        """Every rule of a book that holds on a civil date, by number.

        occupation  only rules whose content names this occupation code
        """
        rules = self.rules_about.get((book, occupation), ())
        held = [one for rule in sorted(rules) for one in self.of(rule) if one.holds_on(on)]
        return [one for one in held if occupation in (None, one.content.get("occupation"))]

    def cited(self, rule: str, version: int, digest: str, *, book: str, on: date) -> RuleVersion:
        """The version that a record cites, which must hold on the date.

        digest  the version's hash as the record has it, 64 hex digits
        raises  RuleNotInForce
        """
        found = self.find(rule, version)
        if found is None or found.hash != digest or found.book != book:
            raise RuleNotInForce(f"no rule {rule} version {version} with this hash is published in book {book}")
        if not found.holds_on(on):
            raise RuleNotInForce(f"rule {rule} version {version} does not hold on {on}")
        return found

    def with_version(self, added: RuleVersion) -> RuleBook:
        """The book with one more version.

        raises  RuleBroken for a version out of order, a period that ends before it begins or another book's rule,
                RuleOverlaps
        """
        held = self.of(added.rule)
        if added.version != len(held) + 1:
            raise RuleBroken(f"expected version {len(held) + 1} of rule {added.rule}, found {added.version}")
        if held and held[0].book != added.book:
            raise RuleBroken(f"rule {added.rule} belongs to book {held[0].book}")
        if added.until is not None and added.until <= added.starts:
            raise RuleBroken(f"version {added.version} of rule {added.rule} ends before it begins")
        for one in held:
            if _overlap(one, added):
                raise RuleOverlaps(
                    f"version {one.version} of rule {added.rule} is in force from {one.starts} until "
                    f"{one.until or 'further notice'}; supersede it before, in the same group"
                )
        about = self.rules_about
        for key in {(added.book, None), (added.book, added.content.get("occupation"))}:
            if added.rule not in about.get(key, ()):
                about = about.with_item(key, (*about.get(key, ()), added.rule))
        return RuleBook(self.versions.with_item(added.rule, (*held, added)), about)

    def ended(
        self,
        rule: str,
        version: int,
        *,
        until: date,
        ended_as: Literal["superseded", "withdrawn"] = "withdrawn",
    ) -> RuleBook:
        """The book in which a version ends earlier.

        until   first day on which it no longer holds; the day it starts for one that never comes into force
        raises  RuleNotInForce when there is no such version, or it ends no later anyway
        """
        found = self.find(rule, version)
        if found is None:
            raise RuleNotInForce(f"rule {rule} version {version} is not published")
        if until < found.starts or (found.until is not None and found.until <= until):
            raise RuleNotInForce(f"rule {rule} version {version} is not in force on {until}")
        changed = replace(found, until=until, ended_as=ended_as)
        others = (changed if one.version == version else one for one in self.of(rule))
        return replace(self, versions=self.versions.with_item(rule, tuple(others)))


def _overlap(one: RuleVersion, other: RuleVersion) -> bool:
    """Whether two versions hold on one day: if so, on the day the later one starts."""
    day = max(one.starts, other.starts)
    return one.holds_on(day) and other.holds_on(day)
