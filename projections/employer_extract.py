"""Employer's extract: how many of those who work for an employer hold which level in force, on a civil date (S-099).

Who works where is what the employer attested. No person is in an extract, and whoever asked that their records be kept
and no longer processed is not counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.records import ACT_KINDS
from ledger.rules.ladder import HIGH_SKILLED_FROM
from projections._base import Logged, Put, RowChange, Table, Value
from projections._jobs import ENDS, WORK, end_row, end_table, job_of, level_of, not_ended
from projections._kinds import LEVEL_KINDS, kinds_named
from projections._live import Live, reading
from projections._moment import MOMENT, at, holds, in_force
from projections._persons import MERGE_KINDS, Linked, merge_row, merge_table, persons_of, same_person
from projections._standing import act_row, act_table

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

RESTRICTIONS: Final = kinds_named("restriction")
ERASURES: Final = kinds_named("erasure")

NAME: Final = "employer_extract"
VERSION: Final = 1
KINDS: frozenset[str] | None = LEVEL_KINDS | WORK | ENDS | RESTRICTIONS | ERASURES | MERGE_KINDS | ACT_KINDS

TABLES: tuple[Table, ...] = (
    Table(
        "extract_jobs",
        {
            "issuer": "TEXT",
            "log_index": "BIGINT",
            "record_id": "TEXT",
            "stream": "TEXT",
            "form": "TEXT",
            "since": "TEXT",
            "last": "TEXT",
        },
        ("issuer", "log_index"),
    ),
    end_table("extract_ends"),
    Table(
        "extract_levels",
        {
            "stream": "TEXT",
            "log_index": "BIGINT",
            "record_id": "TEXT",
            "occupation": "TEXT",
            "level_order": "BIGINT",
            "since": "TEXT",
            "last": "TEXT",
        },
        ("stream", "log_index"),
    ),
    Table("extract_limits", {"stream": "TEXT", "restricted": "BIGINT"}, ("stream",)),
    merge_table("extract_merges"),
    act_table("extract_acts"),
)
FULL_TIME: Final = "full-time"


@dataclass(frozen=True, slots=True)
class Row:
    """Holders of a level in an occupation: each person once an occupation, at the highest level in force.

    full_time  those of them who work for the employer full-time
    """

    occupation: str
    level_order: int
    holders: int
    full_time: int


@dataclass(frozen=True, slots=True)
class Extract:
    """An employer's extract.

    staff         persons whom the employer attests as working for it on the date
    skilled       those of them with a level in force, in any occupation
    high_skilled  those of them with 高级工 or above
    rows          by occupation and level
    """

    size: int
    as_of_seconds: int
    staff: int
    skilled: int
    high_skilled: int
    rows: tuple[Row, ...]


def apply(record: Logged, /) -> Iterator[RowChange]:
    """The row of an employment, its end, a level, a restriction, a merge or an act."""
    row = act_row(record, "extract_acts") or merge_row(record, "extract_merges") or end_row(record, "extract_ends")
    stream = str(record.stream)
    if row is not None:
        yield row
    elif record.kind in WORK:
        job = job_of(record)
        values = {name: job[name] for name in ("form", "since", "last")}
        key = (record.payload["iss"], record.index)
        yield Put("extract_jobs", key, {"record_id": record.record_id, "stream": stream, **values})
    elif record.kind in LEVEL_KINDS:
        level = level_of(record)
        if level is not None:
            yield Put("extract_levels", (stream, record.index), {"record_id": record.record_id, **level})
    else:
        restricted = record.kind in ERASURES or record.payload["restriction"]["restricted"]
        yield Put("extract_limits", (stream,), {"restricted": int(restricted)})


def extract(engine: ViewEngine, issuers: Sequence[str], *, as_of_seconds: int, linked: Linked) -> Extract:
    """An employer's extract.

    issuers        issuer ids of the employer and of those whom it succeeded; at least one
    as_of_seconds  its civil date decides who works there and which certificates are in force
    linked         who is who: `Ledger.linked`
    raises         ViewUnknown
    """
    with reading(engine, NAME) as live:
        staff = _staff(live, issuers, linked)
        start: tuple[Value, ...] = (*at(as_of_seconds), *issuers)
        counted = live.select(f"{staff} SELECT COUNT(*) FROM staff", start)[0][0]
        orders = live.select(
            f"{staff}, {_LEVELS} SELECT top, COUNT(*) FROM (SELECT person, MAX(level_order) AS top FROM levels "
            "GROUP BY person) highest GROUP BY top",
            start,
        )
        rows = live.select(
            f"{staff}, {_LEVELS} SELECT h.occupation, h.top, COUNT(*), COUNT(CASE WHEN s.full_time = 1 THEN 1 END) "
            "FROM (SELECT person, occupation, MAX(level_order) AS top FROM levels GROUP BY person, occupation) h "
            "JOIN staff s ON s.person = h.person GROUP BY h.occupation, h.top",
            start,
        )
        size = live.size
    return Extract(
        size=size,
        as_of_seconds=as_of_seconds,
        staff=counted,
        skilled=sum(count for _, count in orders),
        high_skilled=sum(count for top, count in orders if top >= HIGH_SKILLED_FROM),
        rows=tuple(Row(*row) for row in sorted(rows)),
    )


_PERSON: Final = "COALESCE(same.person, {}.stream)"
_LEVELS: Final = (
    f"levels AS (SELECT {_PERSON.format('l')} AS person, l.occupation, l.level_order FROM extract_levels{{g}} l "
    f"LEFT JOIN same ON same.stream = l.stream WHERE {_PERSON.format('l')} IN (SELECT person FROM staff) "
    f"AND {holds('l.since', 'l.last')} AND {in_force('l.record_id', 'extract_acts')})"
)


def _staff(live: Live, issuers: Sequence[str], linked: Linked) -> str:
    """The start of a query: `staff` are the persons who work for one of the issuers at the moment, unrestricted."""
    same = same_person(persons_of(live, "extract_merges", linked))
    marks = ", ".join("?" * len(issuers))
    return (
        f"WITH {MOMENT}, {same}, staff AS (SELECT {_PERSON.format('j')} AS person, "
        f"MAX(CASE WHEN j.form = '{FULL_TIME}' THEN 1 ELSE 0 END) AS full_time "
        f"FROM extract_jobs{{g}} j LEFT JOIN same ON same.stream = j.stream WHERE j.issuer IN ({marks}) "
        f"AND {holds('j.since', 'j.last')} AND {in_force('j.record_id', 'extract_acts')} "
        f"AND {not_ended('j.record_id', ends='extract_ends', acts='extract_acts')} "
        f"AND {_PERSON.format('j')} NOT IN (SELECT stream FROM extract_limits{{g}} WHERE restricted = 1) "
        f"GROUP BY {_PERSON.format('j')})"
    )
