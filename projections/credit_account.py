"""Credit accounts: per worker and scheme, what was transferred in and out, and the lots that are left.

A transfer is two records of one group, `out` of one scheme and `in` to another. A lot is what an `in` brought; a later
`out` that names it as basis takes from it. Only the totals are summed up ahead of time: what is void because its source
was revoked depends on the instant asked about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from ledger.records import ACT_KINDS
from projections._base import Add, Logged, Put, RowChange, Table
from projections._live import reading
from projections._standing import (
    ACT_SELECT,
    ACTIVE,
    REVOKED,
    SUPERSEDED,
    SUSPENDED,
    Act,
    act_row,
    act_table,
    record_reference,
    standing,
)

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

NAME: Final = "credit_account"
VERSION: Final = 1
KINDS: frozenset[str] | None = frozenset({"credit-transfer/1"}) | ACT_KINDS

TABLES: tuple[Table, ...] = (
    Table(
        "credit_totals",
        {"stream": "TEXT", "scheme": "TEXT", "in_centi": "BIGINT", "out_centi": "BIGINT"},
        ("stream", "scheme"),
    ),
    Table(
        "credit_moves",
        {
            "stream": "TEXT",
            "record_id": "TEXT",
            "log_index": "BIGINT",
            "transfer": "TEXT",
            "direction": "TEXT",
            "scheme": "TEXT",
            "amount_centi": "BIGINT",
            "rule_id": "TEXT",
            "rule_version": "BIGINT",
            "rule_hash": "TEXT",
            "moved_on": "TEXT",
        },
        ("stream", "record_id"),
    ),
    Table(
        "credit_sources",
        {"stream": "TEXT", "record_id": "TEXT", "basis": "TEXT"},
        ("stream", "record_id", "basis"),
    ),
    act_table("credit_acts", first=("stream",)),
)


IN, OUT = "in", "out"
VOID: Final = frozenset({REVOKED, SUPERSEDED})


@dataclass(frozen=True, slots=True)
class Move:
    """One side of a transfer, as its row has it. `scheme` is what an `out` leaves, or where an `in` arrives."""

    record_id: str
    index: int
    transfer: str
    direction: str
    scheme: str
    amount_centi: int
    rule_id: str
    rule_version: int
    rule_hash: str
    moved_on: str


_MOVE = "record_id, log_index, transfer, direction, scheme, amount_centi, rule_id, rule_version, rule_hash, moved_on"


@dataclass(frozen=True, slots=True)
class Lot:
    """Credit that one transfer brought into a scheme. Amounts are in hundredths of a credit.

    amount_centi = available_centi + reserved_centi + transferred_out_centi + voided_centi, each >= 0 (DOMAIN §3.5, I-2)

    lot_id                 record id of the `in` record
    transfer               group id that joins it to its `out` record, here or in another log
    moved_on               civil date, Asia/Shanghai
    reserved_centi         unspent, and on hold: the transfer or one of its sources is suspended
    transferred_out_centi  by later transfers that name this lot as a basis
    voided_centi           unspent, and void: the transfer or one of its sources was revoked or replaced
    affected               spent, and a source is void: a case for the authority (I-10)
    sources                record ids it rests on
    """

    lot_id: str
    transfer: str
    index: int
    scheme: str
    amount_centi: int
    available_centi: int
    reserved_centi: int
    transferred_out_centi: int
    voided_centi: int
    affected: bool
    moved_on: str
    rule: tuple[str, int, str]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """One worker's account in one scheme at an instant. in and out are all that was ever moved, void or not."""

    subject: UUID
    scheme: str
    size: int
    as_of_seconds: int
    in_centi: int
    out_centi: int
    available_centi: int
    lots: tuple[Lot, ...]


def apply(record: Logged, /) -> Iterator[RowChange]:
    """Total, move and sources of a transfer's side; the act of a revocation or correction."""
    stream = str(record.stream)
    act = act_row(record, "credit_acts", stream)
    if act is not None:
        yield act
        return
    payload = record.payload
    credit, rule = payload["credit"], payload["rule"]
    amount = credit["amount_centi"]
    scheme = _scheme(credit)
    yield Add(
        "credit_totals", (stream, scheme), {OUT: {"out_centi": amount}, IN: {"in_centi": amount}}[credit["direction"]]
    )
    yield Put(
        "credit_moves",
        (stream, record.record_id),
        {
            "log_index": record.index,
            "transfer": payload["group"],
            "direction": credit["direction"],
            "scheme": scheme,
            "amount_centi": amount,
            "rule_id": rule["id"],
            "rule_version": rule["version"],
            "rule_hash": rule["hash"],
            "moved_on": payload["occurred"][:10],
        },
    )
    for basis in payload.get("basis", ()):
        yield Put("credit_sources", (stream, record.record_id, record_reference(basis)), {})


def account(engine: ViewEngine, subject: UUID, *, scheme: str, as_of_seconds: int) -> Account:
    """A worker's account in one scheme; empty when nothing was ever moved.

    subject        the ledger's UUID of the worker
    scheme         as the transfers name it
    as_of_seconds  seconds since 1970: decides which revocations and suspensions have taken effect
    raises         ViewUnknown
    """
    stream = str(subject)
    with reading(engine, NAME) as live:
        totals = live.select(
            "SELECT in_centi, out_centi FROM credit_totals{g} WHERE stream = ? AND scheme = ?", (stream, scheme)
        )
        moves = [
            Move(*row) for row in live.select(f"SELECT {_MOVE} FROM credit_moves{{g}} WHERE stream = ?", (stream,))
        ]
        sources: dict[str, list[str]] = {}
        for record_id, basis in live.select(
            "SELECT record_id, basis FROM credit_sources{g} WHERE stream = ? ORDER BY record_id, basis", (stream,)
        ):
            sources.setdefault(record_id, []).append(basis)
        acts: dict[str, list[Act]] = {}
        for row in live.select(f"SELECT {ACT_SELECT} FROM credit_acts{{g}} WHERE stream = ?", (stream,)):
            acts.setdefault(row[0], []).append(Act(*row))
        size = live.size
    states = {target: standing(found, as_of_seconds=as_of_seconds).state for target, found in acts.items()}
    lots = [lot for lot in lots_of(moves, sources=sources, states=states) if lot.scheme == scheme]
    received, sent = totals[0] if totals else (0, 0)
    return Account(
        subject=subject,
        scheme=scheme,
        size=size,
        as_of_seconds=as_of_seconds,
        in_centi=received or 0,
        out_centi=sent or 0,
        available_centi=sum(lot.available_centi for lot in lots),
        lots=tuple(lots),
    )


def lots_of(moves: Sequence[Move], *, sources: Mapping[str, Sequence[str]], states: Mapping[str, str]) -> list[Lot]:
    """What each `in` brought, and what became of it. Pure.

    moves    of one worker, any order
    sources  record id of a move -> record ids it names as basis
    states   record id -> state of what was acted on; all else is active
    returns  one lot an `in`, oldest first; an `out` takes from the lots it names, oldest first, never more than is left
    """
    moves = sorted(moves, key=lambda move: move.index)
    lots = {move.record_id: move for move in moves if move.direction == IN}
    spent = dict.fromkeys(lots, 0)
    for move in moves:
        if move.direction != OUT or states.get(move.record_id) in VOID:
            continue  # a void transfer is undone: what it took is back
        wanted = move.amount_centi
        named = (lots[basis] for basis in sources.get(move.record_id, ()) if basis in lots)
        for lot in sorted(named, key=lambda lot: lot.index):
            if lot.scheme == move.scheme and lot.index < move.index:
                taken = min(wanted, lot.amount_centi - spent[lot.record_id])
                spent[lot.record_id] += taken
                wanted -= taken
    return [_lot(lot, sources.get(lot.record_id, ()), spent[lot.record_id], states) for lot in lots.values()]


def _lot(move: Move, sources: Sequence[str], spent: int, states: Mapping[str, str]) -> Lot:
    found = {states.get(record_id, ACTIVE) for record_id in (move.record_id, *sources)}
    left = move.amount_centi - spent
    void = bool(found & VOID)
    held = not void and SUSPENDED in found
    return Lot(
        lot_id=move.record_id,
        transfer=move.transfer,
        index=move.index,
        scheme=move.scheme,
        amount_centi=move.amount_centi,
        available_centi=0 if void or held else left,
        reserved_centi=left if held else 0,
        transferred_out_centi=spent,
        voided_centi=left if void else 0,
        affected=void and spent > 0,
        moved_on=move.moved_on,
        rule=(move.rule_id, move.rule_version, move.rule_hash),
        sources=tuple(sources),
    )


def _scheme(credit: Mapping[str, Any]) -> str:
    """The scheme on this record's side of the transfer; the institution where credit goes into a course."""
    if credit["direction"] == OUT:
        return str(credit["from"]["scheme"])
    return str(credit["to"].get("scheme") or credit["to"]["institution"])
