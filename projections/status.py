"""Certificate status: where each record stands, and the status lists that say so to the world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ledger import limits
from projections._base import Logged, Put, RowChange, Table
from projections._live import Live, reading
from projections._standing import (
    ACT_SELECT,
    REVOKED,
    SUPERSEDED,
    SUSPENDED,
    Act,
    act_row,
    act_table,
    standing,
)
from projections.errors import RowInvalid, StatusPurposeUnknown, ViewBehind

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

NAME: Final = "status"
VERSION: Final = 1
KINDS: frozenset[str] | None = None
TABLES: tuple[Table, ...] = (
    Table(
        "status_records",
        {"record_id": "TEXT", "log_index": "BIGINT", "uscc": "TEXT", "list_number": "BIGINT", "place": "BIGINT"},
        ("record_id",),
        indexes=(("uscc", "list_number"),),
    ),
    act_table("status_acts"),
)

BITS: Mapping[str, frozenset[str]] = {
    "revocation": frozenset({REVOKED, SUPERSEDED}),
    "suspension": frozenset({SUSPENDED, SUPERSEDED}),
}
"""Which states set a bit in the list of which purpose: both bits say superseded."""

PLACES_MAX: Final = limits.STATUS_LIST_BYTES_MAX * 8


@dataclass(frozen=True, slots=True)
class Status:
    """The standing of one record, and the log size that this is said of.

    state              "active" | "suspended" | "revoked" | "superseded"
    reason             code of the act that made it so; None while active
    effective_seconds  from when that holds, seconds since 1970; None while active
    replaced_by        record id of the corrected version; None unless superseded
    index              log index of the act; None while active
    size               records of the log that were taken into account
    """

    record_id: str
    state: str
    reason: str | None
    effective_seconds: int | None
    replaced_by: str | None
    index: int | None
    size: int


@dataclass(frozen=True, slots=True)
class StatusLists:
    """Both lists of one number at one log size: bits, most significant first, as W3C Bitstring Status List has them."""

    size: int
    revocation: bytes
    suspension: bytes


def apply(record: Logged, /) -> Iterator[RowChange]:
    """A row for each record, and one for each act on a record."""
    values = _list_place(record.payload)
    yield Put("status_records", (record.record_id,), {"log_index": record.index, **values})
    act = act_row(record, "status_acts")
    if act is not None:
        yield act


def status_of(engine: ViewEngine, record_id: str, *, as_of_seconds: int | None = None) -> Status:
    """Where a record stands.

    record_id      lowercase hex, of a record in the log
    as_of_seconds  acts that take effect after this instant do not count; None counts all that are logged
    raises         ViewBehind when the view does not hold the record (yet): that is "not checked", never "active"
    """
    with reading(engine, NAME) as live:
        if not live.select("SELECT 1 FROM status_records{g} WHERE record_id = ?", (record_id,)):
            raise ViewBehind(f"the status view, at size {live.size}, does not hold record {record_id}")
        acts = [
            Act(*row)
            for row in live.select(f"SELECT {ACT_SELECT} FROM status_acts{{g}} WHERE target = ?", (record_id,))
        ]
        found = standing(acts, as_of_seconds=as_of_seconds)
        return Status(
            record_id, found.state, found.reason, found.effective_seconds, found.replaced_by, found.index, live.size
        )


def status_lists(engine: ViewEngine, *, uscc: str, list_number: int, as_of_seconds: int | None = None) -> StatusLists:
    """Both status lists of a number, from one reading.

    Source: W3C Bitstring Status List 1.0; superseded is said by both bits (DESIGN §15).

    uscc           18 characters, owner of the lists
    list_number    as in the records' `credentialStatus`
    as_of_seconds  as in `status_of`
    returns        at least limits.STATUS_LIST_ENTRIES bits each, all zero for a list nobody uses
    """
    with reading(engine, NAME) as live:
        states = _states(live, uscc, list_number, as_of_seconds)
        top = live.select(
            "SELECT MAX(place) FROM status_records{g} WHERE uscc = ? AND list_number = ?", (uscc, list_number)
        )[0][0]
        length = max(limits.STATUS_LIST_ENTRIES, (top or 0) + 1)
        return StatusLists(live.size, _bits(states, "revocation", length), _bits(states, "suspension", length))


def status_list(
    engine: ViewEngine, *, uscc: str, list_number: int, purpose: str, as_of_seconds: int | None = None
) -> bytes:
    """The bits of one status list; `status_lists` gives both and the log size they reflect.

    purpose  "revocation" | "suspension"
    raises   StatusPurposeUnknown
    """
    if purpose not in BITS:
        raise StatusPurposeUnknown(f"expected one of {', '.join(BITS)}")
    lists = status_lists(engine, uscc=uscc, list_number=list_number, as_of_seconds=as_of_seconds)
    return lists.revocation if purpose == "revocation" else lists.suspension


def _states(live: Live, uscc: str, list_number: int, as_of_seconds: int | None) -> dict[int, str]:
    """State word by place, of the places whose record was acted on."""
    columns = ", ".join(f"a.{column}" for column in ACT_SELECT.split(", "))
    acts: dict[int, list[Act]] = {}
    for place, *row in live.select(
        f"SELECT r.place, {columns} FROM status_records{{g}} r JOIN status_acts{{g}} a ON a.target = r.record_id "
        "WHERE r.uscc = ? AND r.list_number = ?",
        (uscc, list_number),
    ):
        acts.setdefault(place, []).append(Act(*row))
    return {place: standing(found, as_of_seconds=as_of_seconds).state for place, found in acts.items()}


def _bits(states: Mapping[int, str], purpose: str, length: int) -> bytes:
    bits = bytearray((length + 7) // 8)
    for place, state in states.items():
        if state in BITS[purpose]:
            bits[place // 8] |= 0x80 >> place % 8
    return bytes(bits)


def _list_place(payload: Mapping[str, Any]) -> dict[str, str | int | None]:
    """The place in the issuer's lists that a payload's `credentialStatus` names; both entries name the same."""
    entries = payload.get("credentialStatus")
    if not entries:
        return {"uscc": None, "list_number": None, "place": None}
    found = set()
    for entry in entries if isinstance(entries, list) else [entries]:
        _, uscc, number, _purpose = entry["statusListCredential"].rsplit("/", 3)
        found.add((uscc, int(number), int(entry["statusListIndex"])))
    if len(found) != 1:
        raise RowInvalid("credentialStatus names more than one place")
    uscc, number, place = found.pop()
    if not 0 <= place < PLACES_MAX:
        raise RowInvalid(f"status place beyond the longest list of {PLACES_MAX} entries")
    return {"uscc": uscc, "list_number": number, "place": place}
