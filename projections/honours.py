"""Honours (表彰奖励): the roll by award, tier, year, region and granting body, and who may be nominated.

Nobody is named: a worker's own archive joins their honours with their name. What was withdrawn is off the roll from the
instant at which that counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from ledger.records import ACT_KINDS
from projections._base import Logged, Put, RowChange, Table, Value
from projections._counting import Counts, Query, below, count_persons, equals
from projections._kinds import achieved_on, kinds_named
from projections._live import Live, reading
from projections._moment import MOMENT, at, in_force
from projections._persons import MERGE_KINDS, Linked, merge_row, merge_table, persons_of, same_person
from projections._standing import act_row, act_table
from projections.talent_register import Entry, among

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

AWARDS: Final = kinds_named("award")
RESULTS: Final = kinds_named("contest-result")
CONTESTS: Final = kinds_named("contest-registered")

NAME: Final = "honours"
VERSION: Final = 1
KINDS: frozenset[str] | None = AWARDS | RESULTS | CONTESTS | MERGE_KINDS | ACT_KINDS

AWARD_COLUMNS: Mapping[str, str] = {
    "log_index": "BIGINT",
    "record_id": "TEXT",
    "kind": "TEXT",
    "award_code": "TEXT",
    "title": "TEXT",
    "tier": "TEXT",
    "award_level": "TEXT",
    "edition": "TEXT",
    "granted_on": "TEXT",
    "region": "TEXT",
    "body": "TEXT",
    "issuer": "TEXT",
    "group_id": "TEXT",
}
MEDAL_COLUMNS: Mapping[str, str] = {
    "log_index": "BIGINT",
    "record_id": "TEXT",
    "kind": "TEXT",
    "contest": "TEXT",
    "contest_name": "TEXT",
    "contest_class": "TEXT",
    "contest_rank": "BIGINT",
    "medal": "TEXT",
    "occupation": "TEXT",
    "won_on": "TEXT",
}
TABLES: tuple[Table, ...] = (
    Table("honour_awards", {"stream": "TEXT", **AWARD_COLUMNS}, ("stream", "log_index")),
    Table("honour_medals", {"stream": "TEXT", **MEDAL_COLUMNS}, ("stream", "log_index")),
    Table("honour_contests", {"record_id": "TEXT", "contest_class": "TEXT"}, ("record_id",)),
    merge_table("honour_merges"),
    act_table("honour_acts"),
)

DIMENSIONS: Final[Mapping[str, str]] = {
    "award": "award_code",
    "tier": "tier",
    "level": "award_level",
    "year": "substr(granted_on, 1, 4)",
    "province": "substr(region, 1, 2)",
    "city": "substr(region, 1, 4)",
    "body": "body",
}
"""By what the roll can be counted."""

PRIORITY_CLASSES: Final = frozenset({"world", "national"})
"""Contests whose winners are nominated first: 世界技能大赛, 全国职业技能大赛 (S-057)."""

MEDAL_RANKS: Final = 3
"""A rank up to this one is a medal where the record names none."""


class Honour(NamedTuple):
    """One person's award. `body` is who granted it; persons honoured together share `group_id`."""

    log_index: int
    record_id: str
    kind: str
    award_code: str
    title: str
    tier: str
    award_level: str | None
    edition: str | None
    granted_on: str
    region: str | None
    body: str
    issuer: str
    group_id: str | None


class Won(NamedTuple):
    """A medal, or a rank that is worth one, by the record of the result or of the award that names it."""

    log_index: int
    record_id: str
    kind: str
    contest: str | None
    contest_name: str
    contest_class: str | None
    contest_rank: int | None
    medal: str | None
    occupation: str | None
    won_on: str


@dataclass(frozen=True, slots=True)
class Nominee:
    """Somebody who may be nominated: high-skilled talent with medals.

    subject  for whoever may learn who that is
    entry    what puts them into the talent register
    medals   newest first
    """

    subject: UUID
    entry: Entry
    medals: tuple[Won, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """All who may be nominated at an instant. `size`: records of the log that both views behind it hold."""

    size: int
    as_of_seconds: int
    nominees: tuple[Nominee, ...]


def apply(record: Logged, /) -> Iterator[RowChange]:
    """A row for an award, for a result, for the contest it was won in, for a merge or an act."""
    payload, place = record.payload, (str(record.stream), record.index)
    row = act_row(record, "honour_acts") or merge_row(record, "honour_merges")
    if row is not None:
        yield row
        return
    if record.kind in CONTESTS:
        yield Put("honour_contests", (record.record_id,), {"contest_class": payload["contest"]["class"]})
        return
    named: dict[str, Value] = {"record_id": record.record_id, "kind": record.kind}
    contest = payload.get("contest")
    if record.kind in AWARDS:
        subject = payload["credentialSubject"]
        contest = subject.get("contest")
        yield Put("honour_awards", place, {**named, **_award(payload, subject["achievement"])})
    if contest is not None and ("medal" in contest or contest.get("rank", MEDAL_RANKS + 1) <= MEDAL_RANKS):
        yield Put("honour_medals", place, {**named, **_won(payload, contest)})


def _award(payload: Mapping[str, Any], achievement: Mapping[str, Any]) -> dict[str, Value]:
    return {
        "award_code": achievement["awardCode"],
        "title": achievement["name"],
        "tier": achievement["tier"],
        "award_level": payload.get("awardLevel"),
        "edition": achievement.get("edition"),
        "granted_on": achieved_on(payload).isoformat(),
        "region": payload.get("region"),
        "body": payload.get("grantedBy") or payload["issuer"]["name"],
        "issuer": payload["iss"],
        "group_id": payload.get("group"),
    }


def _won(payload: Mapping[str, Any], contest: Mapping[str, Any]) -> dict[str, Value]:
    occupation = payload.get("occupation") or {"code": contest.get("occupation")}
    return {
        "contest": contest.get("record"),
        "contest_name": contest.get("name", ""),
        "contest_class": contest.get("class"),
        "contest_rank": contest.get("rank"),
        "medal": contest.get("medal"),
        "occupation": occupation["code"],
        "won_on": achieved_on(payload).isoformat(),
    }


def _held(live: Live, linked: Linked, as_of_seconds: int, table: str) -> Query:
    """The beginning of a query on the rows of a table that are in force at an instant: `held`, with `person`."""
    same = same_person(persons_of(live, "honour_merges", linked))
    return Query(
        f"WITH {MOMENT}, {same}, held AS (SELECT COALESCE(s.person, h.stream) AS person, h.* FROM {table}{{g}} h "
        f"LEFT JOIN same s ON s.stream = h.stream WHERE {in_force('h.record_id', 'honour_acts')})",
        at(as_of_seconds),
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which awards: each None for any. `region` is a region code or its beginning, `body` who granted it."""

    award_code: str | None = None
    tier: str | None = None
    year: int | None = None
    region: str | None = None
    body: str | None = None

    def conditions(self) -> Iterator[Query]:
        """As SQL."""
        for column, value in (("award_code", self.award_code), ("tier", self.tier), ("body", self.body)):
            if value is not None:
                yield equals(column, value)
        if self.year is not None:
            yield Query("substr(granted_on, 1, 4) = ?", (f"{self.year:04d}",))
        if self.region is not None:
            yield below("region", self.region)


ALL: Final = Chosen()


def roll(
    engine: ViewEngine,
    *,
    as_of_seconds: int,
    linked: Linked,
    chosen: Chosen = ALL,
    after_index: int = -1,
    limit: int = 200,
) -> tuple[Honour, ...]:
    """Awards in force at an instant, in the order of the log, a page at a time.

    linked       who is who: `Ledger.linked`
    after_index  log index of the last honour of the page before
    raises       ViewUnknown
    """
    where = [*chosen.conditions(), Query("log_index > ?", (after_index,))]
    with reading(engine, NAME) as live:
        held = _held(live, linked, as_of_seconds, "honour_awards")
        rows = live.select(
            f"{held.sql} SELECT {', '.join(AWARD_COLUMNS)} FROM held WHERE {' AND '.join(one.sql for one in where)} "
            "ORDER BY log_index LIMIT ?",
            (*held.parameters, *(value for one in where for value in one.parameters), limit),
        )
    return tuple(Honour(*row) for row in rows)


def count(
    engine: ViewEngine, *, as_of_seconds: int, linked: Linked, chosen: Chosen = ALL, by: Sequence[str] = ()
) -> Counts:
    """How many persons hold awards in force at an instant, by names of DIMENSIONS.

    linked  who is who: `Ledger.linked`
    raises  ViewUnknown
    """
    where = [*chosen.conditions()]
    with reading(engine, NAME) as live:
        held = _held(live, linked, as_of_seconds, "honour_awards")
        return count_persons(live, held, dimensions=DIMENSIONS, by=by, where=where, as_of_seconds=as_of_seconds)


def nomination_pool(
    engine: ViewEngine,
    *,
    as_of_seconds: int,
    linked: Linked,
    contest_classes: Collection[str] = PRIORITY_CLASSES,
    occupation: str | None = None,
) -> Pool:
    """High-skilled talent with medals of contests of some classes: whom to nominate for honours first.

    linked           who is who: `Ledger.linked`
    contest_classes  as contests are registered with them
    occupation       of the medal: a code or its beginning by whole segments; None for any
    returns          in the order of their latest medal, newest first; whose records are restricted is left out
    raises           ViewUnknown
    """
    columns = ", ".join(
        "COALESCE(h.contest_class, c.contest_class) AS contest_class" if column == "contest_class" else f"h.{column}"
        for column in MEDAL_COLUMNS
    )
    where = [Query(f"contest_class IN ({', '.join('?' * len(contest_classes))})", tuple(sorted(contest_classes)))]
    if occupation is not None:
        where.append(below("occupation", occupation, separator="-"))
    with reading(engine, NAME) as live:
        held = _held(live, linked, as_of_seconds, "honour_medals")
        rows = live.select(
            f"{held.sql} SELECT * FROM (SELECT h.person, {columns} FROM held h "
            "LEFT JOIN honour_contests{g} c ON c.record_id = h.contest) won "
            f"WHERE {' AND '.join(one.sql for one in where)} ORDER BY won_on DESC, log_index DESC",
            (*held.parameters, *(value for one in where for value in one.parameters)),
        )
        size = live.size
    medals: dict[str, list[Won]] = {}
    for person, *row in rows:
        medals.setdefault(person, []).append(Won(*row))
    talents_size, talents = among(engine, medals, as_of_seconds=as_of_seconds, linked=linked)
    nominees = (
        Nominee(UUID(person), talents[person], tuple(won)) for person, won in medals.items() if person in talents
    )
    return Pool(min(size, talents_size), as_of_seconds, tuple(nominees))
