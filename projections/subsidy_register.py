"""Subsidies: what was claimed for which achievement, what became of it, and what was granted for nothing after all.

An achievement gets one subsidy at most; acceptance sees to that. Here it shows when an achievement that was paid for is
revoked later: such a claim is flagged, for somebody to look at. No amounts are recorded anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from ledger.records import ACT_KINDS
from projections._base import Logged, Put, RowChange, Table, Value
from projections._kinds import kinds_named
from projections._live import Live, reading
from projections._moment import at
from projections._standing import (
    ACT_SELECT,
    ACTIVE,
    REVOKED,
    SUPERSEDED,
    Act,
    Standing,
    act_row,
    act_table,
    record_reference,
    standing,
)

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

CLAIMS: Final = kinds_named("subsidy-claimed")
DECISIONS: Final = kinds_named("subsidy-decided")

NAME: Final = "subsidy_register"
VERSION: Final = 1
KINDS: frozenset[str] | None = CLAIMS | DECISIONS | ACT_KINDS

TABLES: tuple[Table, ...] = (
    Table(
        "subsidy_claims",
        {
            "record_id": "TEXT",
            "log_index": "BIGINT",
            "stream": "TEXT",
            "qualifying": "TEXT",
            "catalogue": "TEXT",
            "region": "TEXT",
            "claimed": "TEXT",
        },
        ("record_id",),
        indexes=(("qualifying",), ("catalogue", "region")),
    ),
    Table(
        "subsidy_decisions",
        {
            "claim": "TEXT",
            "log_index": "BIGINT",
            "record_id": "TEXT",
            "decision": "TEXT",
            "reason": "TEXT",
            "decided": "TEXT",
        },
        ("claim", "log_index"),
    ),
    act_table("subsidy_acts"),
)

CLAIMED, GRANTED, REFUSED = "claimed", "granted", "refused"
BASIS_REVOKED, VOID = "basis-revoked", "void"


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim at an instant.

    qualifying  record id of the training or certificate it was made for
    region      code of the body it was made to
    state       `claimed`, `granted` or `refused`; `basis-revoked` when what it was made for was revoked before a
                decision or after a grant; `void` when the claim itself was revoked, suspended or corrected
    flagged     it was granted, and its basis is revoked
    basis       where the achievement stands, through all its corrections: as `Standing.state`
    decision    record id, civil date and reason of the decision in force; None without one
    """

    claim: str
    index: int
    subject: UUID
    qualifying: str
    catalogue: str
    region: str
    claimed: str
    state: str
    flagged: bool
    basis: str
    decision: str | None
    decided: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims in the order of the log, and the size of the log that they reflect."""

    size: int
    as_of_seconds: int
    claims: tuple[Claim, ...]

    def totals(self) -> dict[tuple[str, str, int], Mapping[str, int]]:
        """Catalogue entry, region and year of the claim -> state -> how many."""
        found: dict[tuple[str, str, int], Counter[str]] = {}
        for one in self.claims:
            found.setdefault((one.catalogue, one.region, int(one.claimed[:4])), Counter())[one.state] += 1
        return {key: dict(sorted(counts.items())) for key, counts in sorted(found.items())}


def apply(record: Logged, /) -> Iterator[RowChange]:
    """The row of a claim, a decision or an act."""
    act = act_row(record, "subsidy_acts")
    if act is not None:
        yield act
        return
    payload = record.payload
    subsidy, happened = payload["subsidy"], payload["occurred"][:10]
    values: dict[str, Value]
    if record.kind in CLAIMS:
        values = {"log_index": record.index, "stream": str(record.stream), "claimed": happened}
        values |= {"catalogue": subsidy["catalogue"], "region": payload["region"]}
        yield Put("subsidy_claims", (record.record_id,), {"qualifying": record_reference(subsidy["for"]), **values})
        return
    values = {"record_id": record.record_id, "decided": happened}
    values |= {"decision": subsidy["decision"], "reason": subsidy.get("reason")}
    yield Put("subsidy_decisions", (record_reference(payload["decides"]), record.index), values)


def claims(
    engine: ViewEngine,
    *,
    as_of_seconds: int,
    region: str = "",
    catalogue: str | None = None,
    year: int | None = None,
    qualifying: str | None = None,
) -> Claims:
    """Claims that were made by the date of an instant, and where they stand at it.

    region      digits that its code begins with
    catalogue   entry of the catalogue; None for all
    year        of the claim; None for all
    qualifying  record id of what it was made for; None for all
    raises      ViewUnknown
    """
    day, _ = at(as_of_seconds)
    conditions, chosen = "claimed <= ? AND region LIKE ?", [day, f"{region}%"]
    for condition, value in (
        ("catalogue = ?", catalogue),
        ("qualifying = ?", qualifying),
        ("claimed LIKE ?", None if year is None else f"{year:04d}-%"),
    ):
        if value is not None:
            conditions, chosen = f"{conditions} AND {condition}", [*chosen, value]
    picked = f"SELECT record_id FROM subsidy_claims{{g}} WHERE {conditions}"
    with reading(engine, NAME) as live:
        rows = live.select(
            "SELECT log_index, record_id, stream, qualifying, catalogue, region, claimed FROM subsidy_claims{g} "
            f"WHERE {conditions} ORDER BY log_index",
            chosen,
        )
        decided: dict[str, list[tuple[str, str, str | None, str]]] = {}
        for claim, *decision in live.select(
            "SELECT claim, record_id, decision, reason, decided FROM subsidy_decisions{g} "
            f"WHERE claim IN ({picked}) AND decided <= ? ORDER BY claim, log_index",
            (*chosen, day),
        ):
            decided.setdefault(claim, []).append(tuple(decision))
        acts = _Acts(live, as_of_seconds)
        acts.load(record_id for row in rows for record_id in (row[1], row[3]))
        acts.load(decision[0] for found in decided.values() for decision in found)
        made = tuple(_claim(row, decided.get(row[1], ()), acts) for row in rows)
        size = live.size
    return Claims(size, as_of_seconds, made)


def _claim(row: tuple[Any, ...], decisions: Iterable[tuple[str, str, str | None, str]], acts: _Acts) -> Claim:
    index, record_id, stream, qualifying, catalogue, region, claimed = row
    basis = acts.last(qualifying).state
    standing_decisions = [one for one in decisions if acts.of(one[0]).state == ACTIVE]
    decision, word, reason, decided = standing_decisions[-1] if standing_decisions else (None, CLAIMED, None, None)
    gone = basis == REVOKED and word in {CLAIMED, GRANTED}
    state = VOID if acts.of(record_id).state != ACTIVE else BASIS_REVOKED if gone else word
    return Claim(
        claim=record_id,
        index=index,
        subject=UUID(stream),
        qualifying=qualifying,
        catalogue=catalogue,
        region=region,
        claimed=claimed,
        state=state,
        flagged=gone and word == GRANTED,
        basis=basis,
        decision=decision,
        decided=decided,
        reason=reason,
    )


class _Acts:
    """Where records stand at an instant, those that take their place included."""

    def __init__(self, live: Live, as_of_seconds: int) -> None:
        self._live, self._second = live, as_of_seconds
        self._standings: dict[str, Standing] = {}

    def load(self, targets: Iterable[str]) -> None:
        """Read what was done to these records, and to their replacements."""
        wanted = sorted(set(targets) - self._standings.keys())
        while wanted:
            acts: dict[str, list[Act]] = {}
            asked = f"SELECT {ACT_SELECT} FROM subsidy_acts{{g}} WHERE target IN ({{keys}})"
            for row in self._live.select_among(asked, wanted):
                acts.setdefault(row[0], []).append(Act(*row))
            found = {one: standing(acts.get(one, ()), as_of_seconds=self._second) for one in wanted}
            self._standings |= found
            wanted = sorted({one.replaced_by for one in found.values() if one.replaced_by} - self._standings.keys())

    def of(self, record_id: str) -> Standing:
        """Where a loaded record stands."""
        return self._standings[record_id]

    def last(self, record_id: str) -> Standing:
        """Where the last of the records stands that took one another's place."""
        seen = {record_id}
        found = self.of(record_id)
        while found.state == SUPERSEDED and found.replaced_by is not None and found.replaced_by not in seen:
            seen.add(found.replaced_by)
            found = self.of(found.replaced_by)
        return found
