"""Indicators: how many people hold a level, graduated, work or were honoured, by region and year.

Rows are facts of one record each; numbers are counted when asked for, as of an instant. What the ledger cannot know,
such as how many people are employed, comes with the question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.records import ACT_KINDS
from ledger.rules.ladder import APPRENTICE, HIGH_SKILLED_FROM
from projections._base import Logged, Put, RowChange, Table, Value
from projections._jobs import ENDS, WORK, end_row, end_table, job_of, level_of, not_ended
from projections._kinds import LEVEL_KINDS, achieved_on, kinds_named
from projections._live import Live, reading
from projections._moment import MOMENT, at, holds, in_force
from projections._persons import MERGE_KINDS, Linked, merge_row, merge_table, persons_of, same_person
from projections._standing import act_row, act_table

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

AWARDS: Final = kinds_named("award")
DIPLOMAS: Final = kinds_named("education-credential")

NAME: Final = "indicators"
VERSION: Final = 1
KINDS: frozenset[str] | None = LEVEL_KINDS | AWARDS | DIPLOMAS | WORK | ENDS | MERGE_KINDS | ACT_KINDS

LEVEL, AWARD, DIPLOMA, JOB = "level", "award", "diploma", "job"
"""What a fact is."""

TABLES: tuple[Table, ...] = (
    Table(
        "indicator_facts",
        {
            "stream": "TEXT",
            "log_index": "BIGINT",
            "record_id": "TEXT",
            "what": "TEXT",
            "issuer": "TEXT",
            "region": "TEXT",
            "code": "TEXT",
            "level_order": "BIGINT",
            "since": "TEXT",
            "last": "TEXT",
        },
        ("stream", "log_index"),
        indexes=(("what", "region"),),
    ),
    end_table("indicator_ends"),
    merge_table("indicator_merges"),
    act_table("indicator_acts"),
)

SKILLED_FROM: Final = APPRENTICE + 1
"""初级工: the lowest level that makes somebody skilled talent (技能人才) in a ratio."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Persons, as of an instant. A worker whose archives were merged is one person.

    skilled, high_skilled    who hold a level of 初级工 or above, of 高级工 or above, by a certificate in force
    graduates                who graduated in the year
    certified, employed      of these: who hold a level; who are employed in the region
    awards                   award code -> who hold it
    by_level                 (occupation, order) -> persons, each at the highest level held in an occupation
    """

    size: int
    as_of_seconds: int
    skilled: int
    high_skilled: int
    graduates: int
    certified: int
    employed: int
    awards: Mapping[str, int]
    by_level: Mapping[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class Cell:
    """Certificates in force of one occupation, level, region and year of issue."""

    occupation: str
    level_order: int
    region: str
    year: int
    certificates: int


def apply(record: Logged, /) -> Iterator[RowChange]:
    """The row of a fact, of the end of an employment, of a merge or of an act."""
    row = act_row(record, "indicator_acts") or merge_row(record, "indicator_merges")
    row = row or end_row(record, "indicator_ends")
    if row is not None:
        yield row
        return
    facts = _facts(record)
    if facts is not None:
        payload = record.payload
        common = {"record_id": record.record_id, "issuer": payload["iss"], "region": payload.get("region", "")}
        yield Put("indicator_facts", (str(record.stream), record.index), {**common, **facts})


def _facts(record: Logged) -> dict[str, Value] | None:
    if record.kind in LEVEL_KINDS:
        level = level_of(record)
        return None if level is None else {"what": LEVEL, "code": level.pop("occupation"), **level}
    if record.kind in WORK:
        job = job_of(record)
        return {"what": JOB, "code": job["occupation"], "since": job["since"], "last": job["last"]}
    achievement = record.payload["credentialSubject"]["achievement"]
    what, code = (AWARD, "awardCode") if record.kind in AWARDS else (DIPLOMA, "education")
    return {"what": what, "code": achievement[code], "since": achieved_on(record.payload).isoformat()}


def numbers(
    engine: ViewEngine, *, region: str, year: int, as_of_seconds: int, linked: Linked, school: str | None = None
) -> Numbers:
    """The numbers of a region.

    region         digits that its codes begin with; "" for all
    year           of graduation
    as_of_seconds  decides which certificates are in force and which acts have taken effect
    linked         who is who: `Ledger.linked`
    school         issuer id: only its graduates
    raises         ViewUnknown
    """
    with reading(engine, NAME) as live:
        held = _held(live, linked)
        start = (*at(as_of_seconds), f"{region}%")
        levels = live.select(
            f"{held}, best AS (SELECT person, code, MAX(level_order) AS top FROM held WHERE what = 'level' "
            "GROUP BY person, code) SELECT code, top, COUNT(*) FROM best GROUP BY code, top "
            "UNION ALL SELECT '', highest, COUNT(*) FROM "
            "(SELECT person, MAX(top) AS highest FROM best GROUP BY person) persons GROUP BY highest",
            start,
        )
        awards = live.select(
            f"{held} SELECT code, COUNT(DISTINCT person) FROM held WHERE what = 'award' GROUP BY code",
            start,
        )
        graduated = _graduates(live, held, start, year=year, school=school)
        size = live.size
    orders = [(top, count) for code, top, count in levels if not code]
    return Numbers(
        size=size,
        as_of_seconds=as_of_seconds,
        skilled=sum(count for top, count in orders if top >= SKILLED_FROM),
        high_skilled=sum(count for top, count in orders if top >= HIGH_SKILLED_FROM),
        graduates=graduated[0],
        certified=graduated[1],
        employed=graduated[2],
        awards=dict(sorted(awards)),
        by_level={(code, top): count for code, top, count in sorted(levels) if code},
    )


def _held(live: Live, linked: Linked) -> str:
    """The start of a query: `held` are the facts of a region that hold at the moment, with whose they are."""
    same = same_person(persons_of(live, "indicator_merges", linked))
    return (
        f"WITH {MOMENT}, {same}, held AS (SELECT COALESCE(s.person, f.stream) AS person, f.* "
        "FROM indicator_facts{g} f LEFT JOIN same s ON s.stream = f.stream WHERE f.region LIKE ? "
        f"AND {holds('f.since', 'f.last')} AND {in_force('f.record_id', 'indicator_acts')} "
        f"AND {not_ended('f.record_id', ends='indicator_ends', acts='indicator_acts')})"
    )


def _graduates(
    live: Live, held: str, start: tuple[Value, ...], *, year: int, school: str | None
) -> tuple[int, int, int]:
    """How many graduated, and how many of these hold a level and are employed."""
    chosen = "what = 'diploma' AND since >= ? AND since <= ?" + ("" if school is None else " AND issuer = ?")
    wanted = (*start, f"{year:04d}-01-01", f"{year:04d}-12-31", *(() if school is None else (school,)))
    if not live.select(f"{held} SELECT 1 FROM held WHERE {chosen} LIMIT 1", wanted):
        return 0, 0, 0
    level, job = (f"COUNT(DISTINCT CASE WHEN what = '{what}' THEN person END)" for what in (LEVEL, JOB))
    rows = live.select(
        f"{held} SELECT COUNT(DISTINCT person), {level}, {job} FROM held "
        f"WHERE person IN (SELECT person FROM held WHERE {chosen})",
        wanted,
    )
    found: tuple[int, int, int] = tuple(rows[0])
    return found


def cells(engine: ViewEngine, *, region: str, as_of_seconds: int, linked: Linked) -> list[Cell]:
    """Certificates in force by occupation, level, region and year of issue: what supply and demand are compared with.

    Arguments as for `numbers`.

    raises  ViewUnknown
    """
    with reading(engine, NAME) as live:
        rows = live.select(
            f"{_held(live, linked)} SELECT code, level_order, region, SUBSTR(since, 1, 4), COUNT(*) FROM held "
            "WHERE what = 'level' GROUP BY code, level_order, region, SUBSTR(since, 1, 4)",
            (*at(as_of_seconds), f"{region}%"),
        )
    return [Cell(code, order, place, int(year), count) for code, order, place, year, count in sorted(rows)]


def records_behind(
    engine: ViewEngine,
    *,
    region: str,
    as_of_seconds: int,
    linked: Linked,
    what: str = LEVEL,
    code: str | None = None,
    level_order: int | None = None,
    after: int = -1,
    limit: int = 100,
) -> list[tuple[int, str]]:
    """Log index and record id of the facts that a number counts, in the order of the log.

    what         LEVEL, AWARD, DIPLOMA or JOB
    code         occupation, award or education; None for all
    level_order  None for all
    after        log index of the last one seen; -1 for the first
    raises       ViewUnknown
    """
    chosen: list[Value] = [what, after]
    conditions = "what = ? AND log_index > ?"
    for column, value in (("code", code), ("level_order", level_order)):
        if value is not None:
            conditions += f" AND {column} = ?"
            chosen.append(value)
    with reading(engine, NAME) as live:
        rows = live.select(
            f"{_held(live, linked)} SELECT log_index, record_id FROM held WHERE {conditions} "
            "ORDER BY log_index LIMIT ?",
            (*at(as_of_seconds), f"{region}%", *chosen, limit),
        )
    return [(index, record_id) for index, record_id in rows]
