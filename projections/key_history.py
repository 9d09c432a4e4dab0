"""Key history: every key of every issuer with its life, registered, revoked, suspect, recovered, by log index.

Keys are public, and so is what became of them; a verifier who finds an old signature asks here. Rows are what single
records say. What one record means for other keys (a new root ends all old ones) is reckoned when asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from keys.algorithms import algorithm_of_jwk
from keys.ids import format_kid, parse_kid
from projections._base import Logged, Put, RowChange, Table, Value
from projections._kinds import kinds_named, name_of
from projections._live import reading

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

NAME: Final = "key_history"
VERSION: Final = 1
KINDS: frozenset[str] | None = kinds_named(
    "authority-root", "key-registered", "key-revoked", "key-recovered", "root-policy", "root-rotated", "confirmation"
)

REGISTERED, REVOKED, CONFIRMED, NAMED, ROTATED = "registered", "revoked", "confirmed", "named", "rotated"
RECORDS, HOLDER = "records", "rotation"

COLUMNS: Mapping[str, str] = {
    "log_index": "BIGINT",
    "place": "BIGINT",
    "record_id": "TEXT",
    "event": "TEXT",
    "kid": "TEXT",
    "alg": "TEXT",
    "key_use": "TEXT",
    "reason": "TEXT",
    "suspect_since": "BIGINT",
    "other_kid": "TEXT",
    "target_index": "BIGINT",
}
TABLES: tuple[Table, ...] = (Table("key_events", {"issuer": "TEXT", **COLUMNS}, ("issuer", "log_index", "place")),)


class KeyEvent(NamedTuple):
    """What one record says of one key.

    place          among what the record says
    event          "registered" | "revoked" | "confirmed" (a record that the key signed is genuine after all)
                   | "named" (the key is that of a holder of the root policy) | "rotated" (the issuer's new root key)
    kid            key id
    alg, key_use   of a key that is registered: algorithm, and "records" | "service" | "rotation"
    reason         why a key ends, where the record says so
    suspect_since  first index from which the key's records are in doubt
    other_kid      of a key that is registered in the place of a lost one: that one; of a confirmation: who confirms
    target_index   index of the record that is confirmed
    """

    log_index: int
    place: int
    record_id: str
    event: str
    kid: str
    alg: str | None
    key_use: str | None
    reason: str | None
    suspect_since: int | None
    other_kid: str | None
    target_index: int | None


@dataclass(slots=True)
class KeyLife:
    """One key.

    registered_at  index of the record that registered it; it speaks from the next index on. -1 for the root key
    revoked_at     index of the first record that ended it, below which it speaks; None while it does
    reason         of that record; "root-rotated" and "policy-replaced" where another key's record ended it
    suspect_since  lowest index from which its records are in doubt; None where there is no doubt
    replaces       key id of the lost key in whose place it was registered
    confirmed      index of each record of the doubtful ones that was confirmed -> key ids that did so
    events         all that was said of it, oldest first
    """

    kid: str
    alg: str
    use: str
    registered_at: int
    revoked_at: int | None = None
    reason: str | None = None
    suspect_since: int | None = None
    replaces: str | None = None
    confirmed: dict[int, tuple[str, ...]] = field(default_factory=dict)
    events: list[KeyEvent] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class KeyHistory:
    """All keys of one issuer in the order of registration, as the log at `size` has them."""

    issuer: str
    size: int
    keys: tuple[KeyLife, ...]


def apply(record: Logged, /) -> Iterator[RowChange]:
    """A row for each thing that a record of the registry says about a key."""
    for place, (kid, event, values) in enumerate(_said(name_of(record.kind), record.payload)):
        # The key id says whose key it is: the authority revokes keys of others.
        cells = {"record_id": record.record_id, "event": event, "kid": kid, **values}
        yield Put("key_events", (parse_kid(kid)[0], record.index, place), cells)


def _said(kind: str, payload: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Value]]]:
    """(key id, event, other columns) of what a record says."""
    issuer, key = payload["iss"], payload.get("key", {})
    if kind == "authority-root":
        yield _new(issuer, payload["jwk"], RECORDS)
    elif kind == "key-registered":
        yield _new(key["issuer"], key["jwk"], key["use"])
    elif kind == "key-revoked":
        yield _end(key["kid"], key)
    elif kind == "key-recovered":
        yield _end(key["lost"], key)
        kid, event, values = _new(parse_kid(key["lost"])[0], key["jwk"], RECORDS)
        yield kid, event, {**values, "other_kid": key["lost"]}
    elif kind == "root-policy":
        for holder in payload["policy"]["holders"]:
            kid, _, values = _new(issuer, holder["jwk"], HOLDER)
            yield kid, NAMED, values
    elif kind == "root-rotated":
        for retired in payload["rotation"]["retired"]:
            yield _end(retired["kid"], {"reason": "root-rotated", **retired})
        kid, _, values = _new(issuer, payload["rotation"]["jwk"], RECORDS)
        yield kid, ROTATED, values
    else:
        target = payload["target"]
        yield target["kid"], CONFIRMED, {"other_kid": payload["key"], "target_index": target["index"]}


def _new(issuer: str, jwk: Mapping[str, str], use: str) -> tuple[str, str, dict[str, Value]]:
    alg = algorithm_of_jwk(dict(jwk)).name
    return format_kid(issuer=issuer, jwk=dict(jwk)), REGISTERED, {"alg": alg, "key_use": use}


def _end(kid: str, said: Mapping[str, Any]) -> tuple[str, str, dict[str, Value]]:
    return kid, REVOKED, {"reason": said["reason"], "suspect_since": said.get("suspect_since")}


def key_history(engine: ViewEngine, issuer: str) -> KeyHistory:
    """The keys of an issuer with their lives; none for an issuer that no key was ever registered for.

    issuer  issuer id, an HTTPS URL; the service's keys stand under its own id
    raises  ViewUnknown
    """
    with reading(engine, NAME) as live:
        rows = live.select(
            f"SELECT {', '.join(COLUMNS)} FROM key_events{{g}} WHERE issuer = ? ORDER BY log_index, place", (issuer,)
        )
        size = live.size
    return KeyHistory(issuer, size, tuple(lives_of(KeyEvent(*row) for row in rows)))


def lives_of(events: Iterable[KeyEvent]) -> list[KeyLife]:
    """What the keys of one issuer went through. Pure.

    events   in the order of the log
    returns  in the order of registration; what is said of a key that was never registered is left out
    """
    lives: dict[str, KeyLife] = {}
    for index, group in groupby(events, key=lambda event: event.log_index):
        said = list(group)
        named = {event.kid for event in said if event.event == NAMED}
        for life in lives.values():
            if named and life.use == HOLDER and life.kid not in named:
                _revoke(life, index, "policy-replaced")
            if life.use == RECORDS and any(event.event == ROTATED for event in said):
                _revoke(life, index, "root-rotated")
        for event in said:
            if event.alg is not None and event.key_use is not None and event.kid not in lives:
                # The root key signs record 0 itself.
                registered_at = index if index > 0 else -1
                lives[event.kid] = KeyLife(event.kid, event.alg, event.key_use, registered_at, replaces=event.other_kid)
            if event.kid in lives:
                _take(lives[event.kid], event)
    return list(lives.values())


def _take(life: KeyLife, event: KeyEvent) -> None:
    life.events.append(event)
    if event.event == REVOKED:
        _revoke(life, event.log_index, event.reason)
        if event.suspect_since is not None:
            known = event.suspect_since if life.suspect_since is None else life.suspect_since
            life.suspect_since = min(known, event.suspect_since)
    elif event.event == CONFIRMED and event.target_index is not None and event.other_kid is not None:
        life.confirmed[event.target_index] = (*life.confirmed.get(event.target_index, ()), event.other_kid)


def _revoke(life: KeyLife, index: int, reason: str | None) -> None:
    if life.revoked_at is None:
        life.revoked_at, life.reason = index, reason
