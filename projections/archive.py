"""The lifelong archive: everything a worker's stream says they did, in one timeline.

Rows hold public facts only. Names, numbers and scores stay sealed in the record; who may see them joins by record id.
State words are not kept but judged when asked, from the acts in the same stream and the instant asked about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from projections._base import Logged, Put, RowChange, Table, Value
from projections._facts import facts_of
from projections._live import reading
from projections._standing import ACT_SELECT, ACTIVE, Act, Standing, act_row, act_table, standing

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

NAME: Final = "archive"
VERSION: Final = 2
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
    Table("archive_records", {"stream": "TEXT", **COLUMNS}, ("stream", "log_index")),
    act_table("archive_acts", first=("stream",)),
)
_SELECT = ", ".join(COLUMNS)

EXPIRING_SECONDS: Final = 60 * 24 * 3600
VALID, EXPIRING, EXPIRED, NOT_YET_VALID = "valid", "expiring", "expired", "not_yet_valid"


@dataclass(frozen=True, slots=True)
class Item:
    """One record of the timeline.

    record_id      lowercase hex; the caller reads titles that need personal values from the record itself
    index          place in the log
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
    """

    record_id: str
    index: int
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

    @property
    def counts(self) -> bool:
        """Whether it goes into totals: what has expired was still achieved, what was taken back was not."""
        return self.standing.state == ACTIVE


@dataclass(frozen=True, slots=True)
class Archive:
    """One worker's archive at an instant.

    subject         the worker
    size            records of the log that were taken into account
    as_of_seconds   the instant it was asked about
    items           newest achievement first
    totals          kind -> how many count
    highest_levels  occupation -> highest level order reached
    minutes         of training, in all that counts
    """

    subject: UUID
    size: int
    as_of_seconds: int
    items: tuple[Item, ...]
    totals: Mapping[str, int]
    highest_levels: Mapping[str, int]
    minutes: int


def apply(record: Logged, /) -> Iterator[RowChange]:
    """A row for an achievement of a subject, or for an act on one."""
    stream = str(record.stream)
    act = act_row(record, "archive_acts", stream)
    if act is not None:
        yield act
        return
    facts = facts_of(record)
    if facts is not None:
        values: dict[str, Value] = {"record_id": record.record_id, "kind": record.kind, **facts}
        values["title"] = facts["title"] or _transfer_title(record.payload.get("credit"))
        yield Put("archive_records", (stream, record.index), values)


def _transfer_title(credit: Mapping[str, Any] | None) -> str:
    """From where to where; an institution without a course by the host of its id, since a view asks no register."""
    if credit is None:
        return ""
    to = credit["to"]
    return f"{credit['from']['scheme']} → {to.get('scheme') or to.get('course') or to['institution'].split('/')[2]}"


def archive(engine: ViewEngine, subject: UUID, *, as_of_seconds: int) -> Archive:
    """A worker's archive; empty when no institution has recorded anything.

    subject        the ledger's UUID of the worker
    as_of_seconds  seconds since 1970: decides what has expired and which acts have taken effect
    raises         ViewUnknown
    """
    with reading(engine, NAME) as live:
        rows = live.select(f"SELECT {_SELECT} FROM archive_records{{g}} WHERE stream = ?", (str(subject),))
        acts: dict[str, list[Act]] = {}
        for row in live.select(f"SELECT {ACT_SELECT} FROM archive_acts{{g}} WHERE stream = ?", (str(subject),)):
            acts.setdefault(row[0], []).append(Act(*row))
        size = live.size
    items = [_item(row, acts.get(row[1], []), as_of_seconds) for row in rows]
    items.sort(key=lambda item: (item.achieved_on, item.index), reverse=True)
    counting = [item for item in items if item.counts]
    levels: dict[str, int] = {}
    for item in counting:
        if item.occupation is not None and item.level_order is not None:
            levels[item.occupation] = max(item.level_order, levels.get(item.occupation, 0))
    return Archive(
        subject=subject,
        size=size,
        as_of_seconds=as_of_seconds,
        items=tuple(items),
        totals=dict(Counter(item.kind for item in counting)),
        highest_levels=levels,
        minutes=sum(item.minutes or 0 for item in counting),
    )


def _item(row: tuple[Value, ...], acts: list[Act], as_of_seconds: int) -> Item:
    cells = dict(zip(COLUMNS, row, strict=True))
    cells["index"] = cells.pop("log_index")
    found = standing(acts, as_of_seconds=as_of_seconds)
    state = _state(found, cells["valid_from"], cells["valid_until"], as_of_seconds)
    history = tuple(sorted(acts, key=lambda act: act.index))
    return Item(**cells, state=state, standing=found, history=history)  # type: ignore[arg-type]


def _state(found: Standing, valid_from: Value, valid_until: Value, as_of_seconds: int) -> str:
    if found.state != ACTIVE:
        return found.state
    if isinstance(valid_until, int):
        if as_of_seconds >= valid_until:
            return EXPIRED
        if as_of_seconds >= valid_until - EXPIRING_SECONDS:
            return EXPIRING
    if isinstance(valid_from, int) and as_of_seconds < valid_from:
        return NOT_YET_VALID
    return VALID
