"""Talent register (高技能人才库): who holds a valid level from 高级工 up, by certificate or by a post in term.

Nobody is entered or struck off: who is in at an instant follows from certificates, posts and what became of them.
Steps of an enterprise's own ladder never count, nor do X certificates. Nobody is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from ledger.records import ACT_KINDS
from ledger.records._credential import midnight_seconds
from ledger.rules.ladder import HIGH_SKILLED_FROM
from projections._base import Logged, Put, RowChange, Table
from projections._counting import Counts, Query, below, count_persons, equals
from projections._kinds import LEVEL_KINDS, kinds_named
from projections._levels import POST_END_KINDS, POST_KINDS, end_of_post, holding_of
from projections._live import Live, reading
from projections._moment import MOMENT, at, holds, in_force
from projections._persons import MERGE_KINDS, Linked, merge_row, merge_table, persons_of, same_person
from projections._standing import act_row, act_table

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

RESTRICTION: Final = kinds_named("restriction")
ERASURE: Final = kinds_named("erasure")

NAME: Final = "talent_register"
VERSION: Final = 1
KINDS: frozenset[str] | None = (
    LEVEL_KINDS | POST_KINDS | POST_END_KINDS | RESTRICTION | ERASURE | MERGE_KINDS | ACT_KINDS
)

COLUMNS: Mapping[str, str] = {
    "record_id": "TEXT",
    "log_index": "BIGINT",
    "kind": "TEXT",
    "scale": "TEXT",
    "occupation": "TEXT",
    "level_order": "BIGINT",
    "since": "TEXT",
    "last": "TEXT",
    "region": "TEXT",
    "issuer": "TEXT",
}
TABLES: tuple[Table, ...] = (
    Table("talent_holdings", {"stream": "TEXT", **COLUMNS}, ("stream", "log_index")),
    Table("talent_ends", {"post": "TEXT", "record_id": "TEXT", "last": "TEXT"}, ("post", "record_id")),
    Table(
        "talent_restrictions",
        {"stream": "TEXT", "log_index": "BIGINT", "since": "BIGINT", "restricted": "BIGINT"},
        ("stream", "log_index"),
    ),
    merge_table("talent_merges"),
    act_table("talent_acts"),
)

_ENDED: Final = (
    "EXISTS (SELECT 1 FROM talent_ends{g} e WHERE e.post = h.record_id "
    f"AND e.last < (SELECT day FROM moment) AND {in_force('e.record_id', 'talent_acts')})"
)
_HOLDS: Final = f"{holds('h.since', 'h.last')} AND {in_force('h.record_id', 'talent_acts')} AND NOT {_ENDED}"
_OPEN: Final = (
    "COALESCE((SELECT r.restricted FROM talent_restrictions{g} r WHERE r.stream = COALESCE(s.person, h.stream) "
    "AND r.since <= (SELECT second FROM moment) ORDER BY r.log_index DESC LIMIT 1), 0) = 0"
)
"""Whose records are restricted is not processed any longer, not even counted."""

DAY_SECONDS: Final = 24 * 3600
DIMENSIONS: Final[Mapping[str, str]] = {
    "occupation": "occupation",
    "level": "level_order",
    "province": "substr(region, 1, 2)",
    "city": "substr(region, 1, 4)",
    "region": "region",
    "issuer": "issuer",
}
"""By what the register can be counted; province and city are the beginnings of region codes."""


class Entry(NamedTuple):
    """What puts somebody into the register: the highest valid level in one occupation.

    scale        "certificate" | "post"
    since, last  first and last civil date on which it holds; no last one where there is no end
    """

    record_id: str
    log_index: int
    kind: str
    scale: str
    occupation: str
    level_order: int
    since: str
    last: str | None
    region: str | None
    issuer: str


@dataclass(frozen=True, slots=True)
class Membership:
    """Whether somebody is in the register at an instant: in every occupation in which there is an entry.

    entries  highest level first
    """

    size: int
    as_of_seconds: int
    entries: tuple[Entry, ...]

    @property
    def is_member(self) -> bool:
        """Whether there is any entry."""
        return bool(self.entries)


class Passage(NamedTuple):
    """Somebody enters the register with an entry, or leaves it when that entry, the last one, ends."""

    at_seconds: int
    entered: bool
    entry: Entry


def apply(record: Logged, /) -> Iterator[RowChange]:
    """A row for a high level, for the end of a post, for a restriction, a merge or an act."""
    stream, payload = str(record.stream), record.payload
    row = act_row(record, "talent_acts") or merge_row(record, "talent_merges")
    if row is not None:
        yield row
    elif record.kind in RESTRICTION | ERASURE:
        restricted = record.kind in ERASURE or payload["restriction"]["restricted"]
        cells = {"since": payload["iat"], "restricted": int(restricted)}
        yield Put("talent_restrictions", (stream, record.index), cells)
    elif (end := end_of_post(payload)) is not None:
        yield Put("talent_ends", (end.post, record.record_id), {"last": end.last})
    elif (holding := holding_of(payload)) is not None and holding.order >= HIGH_SKILLED_FROM:
        yield Put(
            "talent_holdings",
            (stream, record.index),
            {
                "record_id": record.record_id,
                "kind": record.kind,
                "scale": holding.scale,
                "occupation": holding.occupation,
                "level_order": holding.order,
                "since": holding.since,
                "last": holding.last,
                "region": payload.get("region"),
                "issuer": payload["iss"],
            },
        )


def membership(engine: ViewEngine, *subjects: UUID, as_of_seconds: int) -> Membership:
    """Whether a worker is high-skilled talent at an instant, and by which records.

    subjects  all ids of the worker: one, or several that were merged
    raises    ViewUnknown
    """
    with reading(engine, NAME) as live:
        return Membership(live.size, as_of_seconds, _entries(live, subjects, as_of_seconds))


def _entries(live: Live, subjects: Sequence[UUID], as_of_seconds: int) -> tuple[Entry, ...]:
    """The highest valid row of each occupation, over all ids of a worker."""
    marks = ", ".join("?" * len(subjects))
    rows = live.select(
        f"WITH {MOMENT} SELECT {', '.join(COLUMNS)} FROM talent_holdings{{g}} h WHERE h.stream IN ({marks}) "
        f"AND {_HOLDS} ORDER BY level_order DESC, log_index",
        (*at(as_of_seconds), *map(str, subjects)),
    )
    best: dict[str, Entry] = {}
    for row in rows:
        entry = Entry(*row)
        best.setdefault(entry.occupation, entry)
    return tuple(best.values())


def passages(engine: ViewEngine, *subjects: UUID, as_of_seconds: int) -> tuple[Passage, ...]:
    """When a worker entered the register and left it, as known today; oldest first.

    subjects       as for `membership`
    as_of_seconds  what lies later is not told
    """
    streams = tuple(map(str, subjects))
    mine = f"FROM talent_holdings{{g}} h WHERE h.stream IN ({', '.join('?' * len(streams))})"
    with reading(engine, NAME) as live:
        first = live.select(f"SELECT h.since, 0 {mine}", streams)
        last = live.select(f"SELECT h.last, 1 {mine} AND h.last IS NOT NULL", streams)
        last += live.select(
            f"SELECT e.last, 1 FROM talent_ends{{g}} e WHERE e.post IN (SELECT h.record_id {mine})", streams
        )
        acts = live.select(
            "SELECT a.effective_seconds FROM talent_acts{g} a WHERE a.target IN "
            f"(SELECT h.record_id {mine} UNION SELECT e.record_id FROM talent_ends{{g}} e WHERE e.post IN "
            f"(SELECT h.record_id {mine}))",
            streams * 2,
        )
        instants = {midnight_seconds(date.fromisoformat(day)) + after * DAY_SECONDS for day, after in [*first, *last]}
        instants |= {second for (second,) in acts}
        return tuple(_passages(live, subjects, sorted(one for one in instants if one <= as_of_seconds)))


def _passages(live: Live, subjects: Sequence[UUID], instants: Iterable[int]) -> Iterator[Passage]:
    before: Entry | None = None
    for instant in instants:
        now = next(iter(_entries(live, subjects, instant)), None)
        if now is not None and before is None:
            yield Passage(instant, True, now)
        elif now is None and before is not None:
            yield Passage(instant, False, before)
        before = now


def _held(live: Live, linked: Linked, as_of_seconds: int) -> Query:
    """The beginning of a query on all who are in the register at an instant and may be told of.

    `held` has a row for each entry, with `person` and the columns of `Entry`; `place` is 1 for the highest of an
    occupation.
    """
    same = same_person(persons_of(live, "talent_merges", linked))
    columns = ", ".join(f"h.{column}" for column in COLUMNS)
    return Query(
        f"WITH {MOMENT}, {same}, held AS (SELECT COALESCE(s.person, h.stream) AS person, {columns}, "
        "ROW_NUMBER() OVER (PARTITION BY COALESCE(s.person, h.stream), h.occupation "
        "ORDER BY h.level_order DESC, h.log_index) AS place "
        f"FROM talent_holdings{{g}} h LEFT JOIN same s ON s.stream = h.stream WHERE {_HOLDS} AND {_OPEN})",
        at(as_of_seconds),
    )


def among(
    engine: ViewEngine, persons: Collection[str], *, as_of_seconds: int, linked: Linked
) -> tuple[int, dict[str, Entry]]:
    """Those of some workers who are in the register and may be told of, each with the highest entry.

    persons  ids that stand for a worker, as text
    returns  the size of the log that was taken into account, and the entries by person
    raises   ViewUnknown
    """
    with reading(engine, NAME) as live:
        held = _held(live, linked, as_of_seconds)
        rows = live.select_among(
            f"{held.sql} SELECT person, {', '.join(COLUMNS)} FROM held WHERE place = 1 AND person IN ({{keys}}) "
            "ORDER BY level_order, log_index DESC",
            persons,
            held.parameters,
        )
        return live.size, {person: Entry(*row) for person, *row in rows}


def count(
    engine: ViewEngine,
    *,
    as_of_seconds: int,
    linked: Linked,
    by: Sequence[str] = (),
    occupation: str | None = None,
    level_order: int | None = None,
    region: str | None = None,
    issuer: str | None = None,
) -> Counts:
    """How many are in the register at an instant. Who has entries in several occupations stands in several cells.

    linked       who is who: `Ledger.linked`
    by           names of DIMENSIONS
    occupation   a code or its beginning by whole segments, `6-31`
    level_order  of the highest level in the occupation
    region       a region code or its beginning
    raises       ViewUnknown
    """
    wanted = [Query("place = 1")]
    if occupation is not None:
        wanted.append(below("occupation", occupation, separator="-"))
    if level_order is not None:
        wanted.append(equals("level_order", level_order))
    if region is not None:
        wanted.append(below("region", region))
    if issuer is not None:
        wanted.append(equals("issuer", issuer))
    with reading(engine, NAME) as live:
        held = _held(live, linked, as_of_seconds)
        return count_persons(live, held, dimensions=DIMENSIONS, by=by, where=wanted, as_of_seconds=as_of_seconds)
