"""Next level: what a worker still lacks for a higher level, and what the levels, titles and diplomas held are good for.

Rows are the facts that the rules ask about, one record each. The conditions come from the published rule in force, and
every answer names it; without one, from sample conditions, and the answer says that too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from ledger.records import ACT_KINDS
from ledger.registry import has_prefix
from ledger.rulebook import RuleBook, RuleVersion
from ledger.rules import equivalence, foreign_list
from ledger.rules._facts import RANK_OF_TITLE, Facts, LevelHeld, PostHeld, Schooling, TitleHeld
from ledger.rules.equivalence import Equivalence, equivalences
from ledger.rules.promotion import Option, PromotionRule, missing_for, rule_for
from ledger.rules.years import Interval
from projections._base import Logged, Put, RowChange, Table, Value
from projections._jobs import ENDS, WORK, job_of, level_of
from projections._kinds import LEVEL_KINDS, achieved_on, kinds_named
from projections._live import reading
from projections._moment import at
from projections._standing import ACT_SELECT, ACTIVE, Act, act_row, act_table, standing

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

BREAKS: Final = kinds_named("protected-interruption")
TITLES: Final = kinds_named("professional-title")
DIPLOMAS: Final = kinds_named("education-credential")
FOREIGN: Final = kinds_named("foreign-qualification")
POSTS: Final = kinds_named("post-appointed")
POST_ENDS: Final = kinds_named("post-ended")

NAME: Final = "next_level"
VERSION: Final = 1
KINDS: frozenset[str] | None = (
    WORK | ENDS | BREAKS | LEVEL_KINDS | TITLES | DIPLOMAS | FOREIGN | POSTS | POST_ENDS | ACT_KINDS
)

JOB, END, BREAK, LEVEL = "job", "end", "break", "level"
TITLE, DIPLOMA, QUALIFICATION, POST, POST_END = "title", "diploma", "foreign", "post", "post-end"
"""What a fact is."""

COLUMNS = {
    "record_id": "TEXT",
    "what": "TEXT",
    "code": "TEXT",
    "level_order": "BIGINT",
    "since": "TEXT",
    "last": "TEXT",
    "about": "TEXT",
    "detail": "TEXT",
    "full_time": "BIGINT",
}
TABLES: tuple[Table, ...] = (
    Table("next_facts", {"stream": "TEXT", "log_index": "BIGINT", **COLUMNS}, ("stream", "log_index")),
    act_table("next_acts", first=("stream",)),
)

RELATED_SEGMENTS: Final = 3
"""Occupations of one 小类, which have these leading segments of the code in common, count as related ones."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact in force at the instant that was asked about.

    code         occupation; rank of a title, level of education, or entry of a list of foreign qualifications
    level_order  of a level or post
    since, last  first and last civil date; None while it goes on
    about        record id of what an end ends
    detail       class of a technical school
    full_time    of schooling
    """

    record_id: str
    what: str
    code: str | None
    level_order: int | None
    since: str
    last: str | None
    about: str | None
    detail: str | None
    full_time: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """What is in force of a worker's facts at an instant, oldest record first."""

    size: int
    as_of_seconds: int
    facts: tuple[Fact, ...]

    @property
    def day(self) -> date:
        """The civil date of the instant."""
        return date.fromisoformat(at(self.as_of_seconds)[0])

    def of(self, what: str) -> list[Fact]:
        """Facts of one sort."""
        return [one for one in self.facts if one.what == what]

    def occupations(self) -> list[str]:
        """Codes of the occupations in which the worker holds a level or has worked."""
        return sorted({one.code for one in self.facts if one.what in {LEVEL, JOB} and one.code is not None})


@dataclass(frozen=True, slots=True)
class Way:
    """One condition for a level and what of it is met; `is_met` is None where only the unknown age is in question."""

    option: Option
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class Aim:
    """A level above the one held, and the ways to it; one that is met is enough."""

    order: int
    ways: tuple[Way, ...]

    @property
    def is_open(self) -> bool | None:
        """Whether the worker may apply; None where it depends on the age alone, which the ledger does not look up."""
        answers = {way.is_met for way in self.ways}
        return True if True in answers else None if None in answers else False


@dataclass(frozen=True, slots=True)
class NextLevel:
    """What is missing in one occupation.

    held          order of the highest level in force; None for none
    related       leading segments of the codes of the occupations whose work counts
    conditions    where the conditions come from: a published rule's content, or a sample
    rule          the published version; None where no rule covers the occupation and the sample was taken
    aims          every level above the one held, lowest first
    said          what may be said of the worker, in the only words that may be used
    """

    occupation: str
    held: int | None
    related: str
    conditions: PromotionRule | None
    rule: RuleVersion | None
    aims: tuple[Aim, ...]
    said: tuple[Equivalence, ...]


def apply(record: Logged, /) -> Iterator[RowChange]:
    """The row of a fact, or of an act."""
    stream = str(record.stream)
    act = act_row(record, "next_acts", stream)
    if act is not None:
        yield act
        return
    fact = _fact(record)
    if fact is not None:
        yield Put("next_facts", (stream, record.index), {"record_id": record.record_id, **fact})


def _fact(record: Logged) -> dict[str, Value] | None:
    payload, kind = record.payload, record.kind
    if kind in WORK:
        job = job_of(record)
        return {"what": JOB, "code": job["occupation"], "since": job["since"], "last": job["last"]}
    if kind in LEVEL_KINDS:
        level = level_of(record)
        return None if level is None else {"what": LEVEL, "code": level.pop("occupation"), **level}
    since = achieved_on(payload).isoformat()
    if kind in ENDS:
        ended = payload["employment"]
        return {"what": END, "since": since, "last": ended["until"], "about": ended["record"]}
    if kind in BREAKS:
        gap = payload["interruption"]
        return {"what": BREAK, "since": gap["from"], "last": gap["until"]}
    if kind in POSTS:
        post, basis = payload["post"], payload.get("basis", {}).get("record")
        fact = {"what": POST, "code": payload["occupation"]["code"], "level_order": payload.get("levelOrder")}
        return {**fact, "since": post["from"], "last": post.get("until"), "about": basis}
    if kind in POST_ENDS:
        return {"what": POST_END, "since": since, "about": payload["appointment"]["record"]}
    return {"since": since, "last": _last_valid(payload), **_credential(record)} if _counts(record) else None


def _counts(record: Logged) -> bool:
    """Whether a credential is a fact that rules ask about: a course that was completed without graduating is none."""
    return (
        record.kind not in DIPLOMAS or record.payload["credentialSubject"]["achievement"]["conclusion"] == "graduated"
    )


def _credential(record: Logged) -> dict[str, Value]:
    payload = record.payload
    if record.kind in FOREIGN:
        return {"what": QUALIFICATION, "code": payload["list"]["entry"]}
    achievement = payload["credentialSubject"]["achievement"]
    if record.kind in TITLES:
        title = achievement["professionalTitle"]
        return {"what": TITLE, "code": title["rank"], "detail": title["field"]}
    full_time = int(achievement["form"] == "full-time")
    fact: dict[str, Value] = {"what": DIPLOMA, "code": achievement["education"], "full_time": full_time}
    return {**fact, "detail": achievement.get("schoolClass")}


def _last_valid(payload: Any) -> str | None:
    until = payload.get("validUntil")
    return None if until is None else date.fromordinal(date.fromisoformat(until[:10]).toordinal() - 1).isoformat()


def held(engine: ViewEngine, streams: Sequence[UUID], *, as_of_seconds: int) -> Held:
    """What is in force of a worker's facts.

    streams        all streams of the worker, as `Ledger.linked` gives them; at least one
    as_of_seconds  decides which acts have taken effect; facts of a later civil date are left out
    raises         ViewUnknown
    """
    names = tuple(map(str, streams))
    marks = ", ".join("?" * len(names))
    day, _ = at(as_of_seconds)
    with reading(engine, NAME) as live:
        acts: dict[str, list[Act]] = {}
        for row in live.select(f"SELECT {ACT_SELECT} FROM next_acts{{g}} WHERE stream IN ({marks})", names):
            acts.setdefault(row[0], []).append(Act(*row))
        rows = live.select(
            f"SELECT {', '.join(COLUMNS)} FROM next_facts{{g}} WHERE stream IN ({marks}) AND since <= ? "
            "ORDER BY log_index",
            (*names, day),
        )
        size = live.size
    facts = (Fact(*row) for row in rows)
    standing_facts = (
        one for one in facts if standing(acts.get(one.record_id, ()), as_of_seconds=as_of_seconds).state == ACTIVE
    )
    return Held(size, as_of_seconds, tuple(standing_facts))


def facts_in(found: Held, occupation: str, *, born: date | None = None) -> Facts:
    """The facts that rules ask about, for one occupation and those related to it.

    born  None where it is not known: no condition of age is then met
    """
    day, related = found.day.isoformat(), _related(occupation)
    ends = {one.about: one.last for one in found.of(END)}
    orders = {one.record_id: one.level_order for one in found.facts}
    ended = {one.about for one in found.of(POST_END)}
    return Facts(
        born=born,
        work=tuple(
            _interval(one.since, one.last or ends.get(one.record_id))
            for one in found.of(JOB)
            if one.code is not None and has_prefix(one.code, related)
        ),
        protected=tuple(_interval(one.since, one.last) for one in found.of(BREAK)),
        levels=tuple(
            LevelHeld(one.level_order, date.fromisoformat(one.since))
            for one in found.of(LEVEL)
            if one.code == occupation and one.level_order is not None and (one.last is None or day <= one.last)
        ),
        titles=tuple(
            TitleHeld(RANK_OF_TITLE[one.code], date.fromisoformat(one.since))
            for one in found.of(TITLE)
            if one.code is not None and (one.last is None or day <= one.last)
        ),
        schooling=tuple(
            Schooling(code, date.fromisoformat(one.since), bool(one.full_time))
            for one in found.of(DIPLOMA)
            for code in (one.code, one.detail)
            if code is not None
        ),
        posts=tuple(
            PostHeld(order, date.fromisoformat(one.since), _after(one.last))
            for one in found.of(POST)
            if one.code == occupation
            and one.record_id not in ended
            and (order := one.level_order or orders.get(one.about or "")) is not None
        ),
        foreign=tuple(one.code for one in found.of(QUALIFICATION) if one.code is not None),
    )


def next_level(
    found: Held, rules: RuleBook, *, occupation: str, sample: PromotionRule | None = None, born: date | None = None
) -> NextLevel:
    """What is missing for every level above the one held, and what may be said of what is held.

    rules   as they were published; those in force on the civil date count
    sample  conditions to take where no published rule covers the occupation
    born    as for `facts_in`
    """
    day, facts = found.day, facts_in(found, occupation, born=born)
    published = rule_for(rules, occupation, on=day)
    version, conditions = published if published is not None else (None, sample)
    highest = max((one.order for one in facts.levels), default=None)
    targets = () if conditions is None else conditions.targets
    aims = tuple(
        Aim(target.order, tuple(_way(option, born) for option in missing_for(target, facts, day)))
        for target in sorted(targets, key=lambda one: one.order)
        if target.order > (highest or 0)
    )
    tables = [version for book in (equivalence.BOOK, foreign_list.BOOK) for version in rules.in_force(book, on=day)]
    said = equivalences(facts, tables, day)
    return NextLevel(occupation, highest, _related(occupation), conditions, version, aims, said)


def _way(option: Option, born: date | None) -> Way:
    lacking = {need.what for need in option.needs if need.missing}
    unknown = born is None and lacking == {"age"}
    return Way(option, None if unknown else not lacking)


def _related(occupation: str) -> str:
    return "-".join(occupation.split("-")[:RELATED_SEGMENTS])


def _interval(first: str, last: str | None) -> Interval:
    return Interval(date.fromisoformat(first), None if last is None else date.fromisoformat(last))


def _after(last: str | None) -> date | None:
    """The day after the last one; None where there is none, or where the calendar ends."""
    day = date.max if last is None else date.fromisoformat(last)
    return None if day == date.max else date.fromordinal(day.toordinal() + 1)
