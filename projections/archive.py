"""The lifelong archive: everything a worker's stream says they did, in one timeline.

Rows hold public facts only. Names, numbers and scores stay sealed in the record; who may see them joins by record id.
State words are not kept but judged when asked, from the acts in the same stream and the instant asked about. What the
timeline adds up to (ladder, training by year, apprenticeships, awards) is reckoned from it in `_career.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from ledger.records import KINDS as RECORD_KINDS
from projections._base import Logged, Put, RowChange, Table, Value
from projections._facts import DETAILS, Details, details_of, facts_of
from projections._links import Links, link_rows, link_table, read_links
from projections._live import Live, reading
from projections._standing import ACT_SELECT, ACTIVE, Act, Standing, act_row, act_table, standing

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

NAME: Final = "archive"
VERSION: Final = 3
KINDS: frozenset[str] | None = None

COLUMNS: Mapping[str, str] = {
    "log_index": "BIGINT",
    "record_id": "TEXT",
    "kind": "TEXT",
    "title": "TEXT",
    "issuer": "TEXT",
    "occupation": "TEXT",
    "level_order": "BIGINT",
    "achieved_on": "TEXT",
    "minutes": "BIGINT",
    "credits_centi": "BIGINT",
    "award_code": "TEXT",
    "valid_from": "BIGINT",
    "valid_until": "BIGINT",
}
TABLES: tuple[Table, ...] = (
    Table("archive_records", {"stream": "TEXT", **COLUMNS}, ("stream", "log_index"), indexes=(("record_id",),)),
    Table(
        "archive_details",
        {"stream": "TEXT", "log_index": "BIGINT", **DETAILS},
        ("stream", "log_index"),
        indexes=(("agreement",),),
    ),
    act_table("archive_acts", first=("stream",)),
    link_table("archive_links"),
    Table("archive_others", {"record_id": "TEXT", "kind": "TEXT"}, ("record_id",)),
)

EXPIRING_SECONDS: Final = 60 * 24 * 3600
VALID, EXPIRING, EXPIRED, NOT_YET_VALID = "valid", "expiring", "expired", "not_yet_valid"
_OF_CONSENT: Final = frozenset(name for name, kind in RECORD_KINDS.items() if kind.RETENTION == "consent")
_UNTOUCHED: Final = Standing(ACTIVE)


class Item(NamedTuple):
    """One record of the timeline.

    index          place in the log
    record_id      lowercase hex; the caller reads titles that need personal values from the record itself
    kind           e.g. "skill-certificate/1"
    title          as the issuer signed it; from where to where for a transfer of credits; "" where the kind has none
    issuer         issuer id, an HTTPS URL
    occupation     occupation code; None where the kind has none
    level_order    of a certificate, 1 (apprentice) to 8 (chief technician), DOMAIN §4.1
    achieved_on    civil date in Asia/Shanghai, "YYYY-MM-DD"
    minutes        of training
    credits_centi  hundredths of a credit that arrived; negative for what left
    award_code     of an award
    valid_from     seconds since 1970
    valid_until    seconds since 1970, exclusive; None for no end
    state          "valid" | "expiring" (within 60 days) | "expired" | "not_yet_valid"
                   | "suspended" | "superseded" | "revoked"
    standing       reason, date and replacement behind the state
    history        every act on the record, oldest first, whether or not it counts yet
    details        what few records say: group, role, post, agreement
    """

    index: int  # type: ignore[assignment]  # a tuple's own method of that name is not for items
    record_id: str
    kind: str
    title: str
    issuer: str
    occupation: str | None
    level_order: int | None
    achieved_on: str
    minutes: int | None
    credits_centi: int | None
    award_code: str | None
    valid_from: int | None
    valid_until: int | None
    state: str
    standing: Standing
    history: tuple[Act, ...]
    details: Details

    @property
    def counts(self) -> bool:
        """Whether it goes into totals: what has expired was still achieved, what was taken back was not."""
        return self.standing.state == ACTIVE


@dataclass(frozen=True, slots=True)
class Archive:
    """One worker's archive at an instant.

    subject         the worker, by the first id that was asked for
    size            records of the log that were taken into account
    as_of_seconds   the instant it was asked about
    items           newest achievement first
    subjects        all ids that were asked for
    """

    subject: UUID
    size: int
    as_of_seconds: int
    items: tuple[Item, ...]
    subjects: tuple[UUID, ...]

    @property
    def totals(self) -> Mapping[str, int]:
        """Kind -> how many count."""
        return Counter(item.kind for item in self.items if item.counts)

    @property
    def highest_levels(self) -> Mapping[str, int]:
        """Occupation -> highest level order that a certificate gave; posts stand in the ladder."""
        levels: dict[str, int] = {}
        for item in self.items:
            if item.counts and item.occupation is not None and item.level_order is not None:
                levels[item.occupation] = max(item.level_order, levels.get(item.occupation, 0))
        return levels

    @property
    def minutes(self) -> int:
        """Of training, in all that counts."""
        return sum(item.minutes or 0 for item in self.items if item.counts and is_training(item))


def is_training(item: Item) -> bool:
    """Whether minutes are of a training that was completed, not of a judge's or teacher's work."""
    return item.details.activity is None and item.details.completion is None


def apply(record: Logged, /) -> Iterator[RowChange]:
    """Rows for an achievement of a subject, for an act on one, for what they cite, and for what else may be cited."""
    stream = str(record.stream)
    act = act_row(record, "archive_acts", stream)
    if act is not None:
        yield act
        return
    facts = facts_of(record)
    if facts is None:
        yield Put("archive_others", (record.record_id,), {"kind": record.kind})
    else:
        values: dict[str, Value] = {"record_id": record.record_id, "kind": record.kind, **facts}
        values["title"] = facts["title"] or _transfer_title(record.payload.get("credit"))
        yield Put("archive_records", (stream, record.index), values)
        details = details_of(record)
        if details:
            yield Put("archive_details", (stream, record.index), details)
    yield from link_rows(record, "archive_links")


def _transfer_title(credit: Mapping[str, Any] | None) -> str:
    """From where to where; an institution without a course by the host of its id, since a view asks no register."""
    if credit is None:
        return ""
    to = credit["to"]
    return f"{credit['from']['scheme']} → {to.get('scheme') or to.get('course') or to['institution'].split('/')[2]}"


def archive(engine: ViewEngine, subject: UUID, *others: UUID, as_of_seconds: int) -> Archive:
    """A worker's archive; empty when no institution has recorded anything.

    subject        the ledger's UUID of the worker
    others         further ones of the same worker, where archives were merged
    as_of_seconds  seconds since 1970: decides what has expired and which acts have taken effect
    raises         ViewUnknown
    """
    subjects = (subject, *others)
    streams = tuple(map(str, subjects))
    with reading(engine, NAME) as live:
        rows = _rows(live, "archive_records", ", ".join(COLUMNS), streams, "ORDER BY achieved_on DESC, log_index DESC")
        acts: dict[str, list[Act]] = {}
        for row in _rows(live, "archive_acts", ACT_SELECT, streams, "ORDER BY log_index"):
            acts.setdefault(row[0], []).append(Act(*row))
        details = {
            index: Details(*row)
            for index, *row in _rows(live, "archive_details", f"log_index, {', '.join(DETAILS)}", streams)
        }
        size = live.size
    none = Details()
    items = [_item(row, acts.get(row[1], ()), details.get(row[0], none), as_of_seconds) for row in _kept(rows)]
    return Archive(subject, size, as_of_seconds, tuple(items), subjects)


def _kept(rows: Sequence[Any]) -> Sequence[Any]:
    """Rows without what rested on consent before the worker was erased; index and kind stand first and third."""
    erased_at = max((row[0] for row in rows if row[2].startswith("erasure/")), default=-1)
    return [row for row in rows if row[0] > erased_at or row[2] not in _OF_CONSENT]


def links(engine: ViewEngine, found: Archive) -> Links:
    """What each record of an archive rests on, and what rests on it.

    raises  ViewUnknown
    """
    own = {item.record_id: item.kind for item in found.items}
    streams = tuple(map(str, found.subjects))
    with reading(engine, NAME) as live:
        return read_links(live, "archive_links", streams, own, records="archive_records", others="archive_others")


def _rows(live: Live, table: str, columns: str, streams: Sequence[str], order: str = "") -> list[Any]:
    marks = ", ".join("?" * len(streams))
    return live.select(f"SELECT {columns} FROM {table}{{g}} WHERE stream IN ({marks}) {order}", streams)


def _item(row: tuple[Any, ...], acts: Sequence[Act], details: Details, as_of_seconds: int) -> Item:
    found = standing(acts, as_of_seconds=as_of_seconds) if acts else _UNTOUCHED
    state = found.state if found.state != ACTIVE else _state(row[-2], row[-1], as_of_seconds)
    return Item._make((*row, state, found, tuple(acts), details))


def _state(valid_from: int | None, valid_until: int | None, as_of_seconds: int) -> str:
    """Of a record in force. The order of `COLUMNS` ends with the two."""
    if valid_until is not None:
        if as_of_seconds >= valid_until:
            return EXPIRED
        if as_of_seconds >= valid_until - EXPIRING_SECONDS:
            return EXPIRING
    if valid_from is not None and as_of_seconds < valid_from:
        return NOT_YET_VALID
    return VALID
