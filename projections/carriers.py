"""Carriers: the public register of bases, studios, colleges and parks, with owners, grades and numbers of lead persons.

No person is in it: of lead persons it keeps terms alone. A carrier called after somebody shows its name without them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ledger.records import ACT_KINDS
from projections._base import Logged, Put, RowChange, Table
from projections._kinds import kinds_named
from projections._live import reading
from projections._moment import MOMENT, at, holds, in_force
from projections._standing import act_row, act_table

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

REGISTERED: Final = kinds_named("carrier-registered")
GRADED: Final = kinds_named("carrier-graded")
LED: Final = kinds_named("carrier-led")
ENDED: Final = kinds_named("carrier-ended")

NAME: Final = "carriers"
VERSION: Final = 1
KINDS: frozenset[str] | None = REGISTERED | GRADED | LED | ENDED | ACT_KINDS

COLUMNS: Mapping[str, str] = {
    "log_index": "BIGINT",
    "number": "TEXT",
    "type": "TEXT",
    "name": "TEXT",
    "region": "TEXT",
    "founded": "TEXT",
    "document": "TEXT",
}
TABLES: tuple[Table, ...] = (
    Table("carriers", {"record_id": "TEXT", **COLUMNS}, ("record_id",)),
    Table("carrier_owners", {"carrier": "TEXT", "place": "BIGINT", "uscc": "TEXT"}, ("carrier", "place")),
    Table(
        "carrier_grades",
        {
            "carrier": "TEXT",
            "log_index": "BIGINT",
            "record_id": "TEXT",
            "since": "TEXT",
            "grade": "TEXT",
            "document": "TEXT",
        },
        ("carrier", "log_index"),
    ),
    Table(
        "carrier_terms",
        {
            "carrier": "TEXT",
            "log_index": "BIGINT",
            "record_id": "TEXT",
            "role": "TEXT",
            "since": "TEXT",
            "last": "TEXT",
        },
        ("carrier", "log_index"),
    ),
    Table("carrier_ends", {"carrier": "TEXT", "ended": "TEXT", "reason": "TEXT"}, ("carrier",)),
    act_table("carrier_acts"),
)
NO_GRADE: Final = "none"


@dataclass(frozen=True, slots=True)
class Grade:
    """A carrier's grade from a civil date on; `none` where it was taken back."""

    since: str
    grade: str
    document: str | None
    record_id: str


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier on a civil date.

    record_id       of its registration, at log_index
    owners          credit codes, the first one in front
    grades          every change up to the date, oldest first
    leads, deputies persons whose terms run on the date
    ended           first day without it, and why; None while it exists
    """

    record_id: str
    log_index: int
    number: str
    type: str
    name: str
    region: str
    founded: str
    document: str | None
    owners: tuple[str, ...]
    grades: tuple[Grade, ...]
    leads: int
    deputies: int
    ended: str | None
    reason: str | None

    @property
    def grade(self) -> str:
        """The code of its grade, `none` for none."""
        return self.grades[-1].grade if self.grades else NO_GRADE


@dataclass(frozen=True, slots=True)
class Register:
    """Carriers at an instant, by number, and the size of the log that they reflect."""

    size: int
    as_of_seconds: int
    carriers: tuple[Carrier, ...]

    def counts(self) -> dict[tuple[str, str], int]:
        """Type and grade -> how many carriers exist."""
        found = Counter((one.type, one.grade) for one in self.carriers if one.ended is None)
        return dict(sorted(found.items()))


def apply(record: Logged, /) -> Iterator[RowChange]:
    """Rows of a carrier and its owners, of a grade, a term, an end, or an act."""
    act = act_row(record, "carrier_acts")
    if act is not None:
        yield act
        return
    body = record.payload["carrier"]
    if record.kind in REGISTERED:
        values = {name: body.get(name) for name in ("number", "type", "name", "region", "founded", "document")}
        yield Put("carriers", (record.record_id,), {"log_index": record.index, **values})
        for place, uscc in enumerate((body["owner"], *body.get("partners", ()))):
            yield Put("carrier_owners", (record.record_id, place), {"uscc": uscc})
        return
    carrier, happened = body["record"], record.payload["occurred"][:10]
    if record.kind in ENDED:
        yield Put("carrier_ends", (carrier,), {"ended": happened, "reason": body["reason"]})
        return
    values = {"record_id": record.record_id}
    if record.kind in GRADED:
        values |= {"since": happened, "grade": body["grade"], "document": body["document"]}
        yield Put("carrier_grades", (carrier, record.index), values)
    else:
        values |= {"role": body["role"], "since": body["from"], "last": body.get("until")}
        yield Put("carrier_terms", (carrier, record.index), values)


def register(engine: ViewEngine, *, as_of_seconds: int, region: str = "", carrier_type: str | None = None) -> Register:
    """Carriers that were founded by the date of an instant, those that ended among them.

    region        digits that its code begins with
    carrier_type  a key of `ledger.records.carrier_registered.CARRIER_TYPES`; None for all
    raises        ViewUnknown
    """
    day, _ = at(as_of_seconds)
    with reading(engine, NAME) as live:
        rows = live.select(
            f"SELECT record_id, {', '.join(COLUMNS)} FROM carriers{{g}} WHERE region LIKE ? AND founded <= ?",
            (f"{region}%", day),
        )
        owners = _grouped(live.select("SELECT carrier, uscc FROM carrier_owners{g} ORDER BY carrier, place"))
        grades = _grouped(
            live.select(
                "SELECT carrier, since, grade, document, record_id FROM carrier_grades{g} WHERE since <= ? "
                "ORDER BY carrier, log_index",
                (day,),
            )
        )
        ends = _grouped(live.select("SELECT carrier, ended, reason FROM carrier_ends{g} WHERE ended <= ?", (day,)))
        terms = live.select(
            f"WITH {MOMENT} SELECT t.carrier, t.role, COUNT(*) FROM carrier_terms{{g}} t "
            f"WHERE {holds('t.since', 't.last')} AND {in_force('t.record_id', 'carrier_acts')} "
            "GROUP BY t.carrier, t.role",
            at(as_of_seconds),
        )
        size = live.size
    led = {(carrier, role): count for carrier, role, count in terms}
    found = [
        Carrier(
            **dict(zip(("record_id", *COLUMNS), row, strict=True)),
            owners=tuple(uscc for (uscc,) in owners[row[0]]),
            grades=tuple(Grade(*grade) for grade in grades.get(row[0], ())),
            leads=led.get((row[0], "lead"), 0),
            deputies=led.get((row[0], "deputy"), 0),
            ended=ends.get(row[0], [(None, None)])[0][0],
            reason=ends.get(row[0], [(None, None)])[0][1],
        )
        for row in rows
    ]
    chosen = (one for one in found if carrier_type in {None, one.type})
    return Register(size, as_of_seconds, tuple(sorted(chosen, key=lambda one: (one.number, one.log_index))))


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    """Rows without their first column, by it, in their order."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for first, *rest in rows:
        found.setdefault(first, []).append(tuple(rest))
    return found
