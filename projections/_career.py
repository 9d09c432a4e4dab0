"""What a timeline adds up to: the ladder of each occupation, training by year, apprenticeships, awards. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ledger.clock import civil_date
from ledger.rules.continuing_education import ContinuingEducation
from ledger.rules.ladder import TOP_CERTIFICATE
from projections._facts import Details
from projections.archive import EXPIRING, VALID, Archive, Item

# -- ladder ------------------------------------------------------------------------------------------------------------


class Rung(NamedTuple):
    """A level and the certificates behind it, oldest first. `reached_on` is the date of the first one."""

    order: int
    reached_on: str
    certificates: tuple[Item, ...]
    is_held: bool


class Term(NamedTuple):
    """A term in a post.

    order     7 or 8; None for a post of the enterprise's own, which is no level
    since     first civil date
    last      last one, by the appointment or by the record that ended it; None for no end
    ended_by  record id of that record
    runs      whether it runs at the instant asked about
    """

    appointment: Item
    post: str
    order: int | None
    since: str
    last: str | None
    ended_by: str | None
    runs: bool


@dataclass(frozen=True, slots=True)
class Ladder:
    """One occupation's levels, lowest first, and posts, oldest first.

    highest  order of the highest level that is held: by a certificate in force up to 高级技师, by a post while it runs;
             None where nothing is in force any longer
    """

    occupation: str
    rungs: tuple[Rung, ...]
    terms: tuple[Term, ...]
    highest: int | None


def ladders(found: Archive) -> tuple[Ladder, ...]:
    """The ladder of every occupation in which there is a certificate or a post that counts, by occupation code."""
    ends, today = _ends(found.items), _today(found)
    certificates: dict[str, list[Item]] = {}
    terms: dict[str, list[Term]] = {}
    for item in sorted(found.items, key=lambda item: (item.achieved_on, item.index)):
        if not item.counts or item.occupation is None:
            continue
        if item.level_order is not None and not item.details.off_ladder:
            certificates.setdefault(item.occupation, []).append(item)
        if item.details.post is not None and item.details.since is not None:
            term = _term(item, item.details.post, item.details.since, ends.get(item.record_id), today)
            terms.setdefault(item.occupation, []).append(term)
    return tuple(
        _ladder(occupation, certificates.get(occupation, []), terms.get(occupation, []))
        for occupation in sorted(certificates.keys() | terms.keys())
    )


def _ladder(occupation: str, certificates: Sequence[Item], terms: Sequence[Term]) -> Ladder:
    by_order: dict[int, list[Item]] = {}
    for item in certificates:
        if item.level_order is not None:
            by_order.setdefault(item.level_order, []).append(item)
    rungs = tuple(
        Rung(order, held[0].achieved_on, tuple(held), any(item.state in (VALID, EXPIRING) for item in held))
        for order, held in sorted(by_order.items())
    )
    reached = [min(rung.order, TOP_CERTIFICATE) for rung in rungs if rung.is_held]
    reached += [term.order for term in terms if term.runs and term.order is not None]
    return Ladder(occupation, rungs, tuple(terms), max(reached, default=None))


def _ends(items: Iterable[Item]) -> dict[str, Item]:
    """Record id of an appointment or agreement -> the record in force that ends it first."""
    found: dict[str, Item] = {}
    for item in items:
        about, last = item.details.about, item.details.last
        if about is not None and last is not None and item.counts:
            held = found.get(about)
            if held is None or last < (held.details.last or last):
                found[about] = item
    return found


def _term(item: Item, post: str, since: str, end: Item | None, today: str) -> Term:
    last, ended_by = item.details.last, None
    if end is not None and end.details.last is not None and (last is None or end.details.last < last):
        last, ended_by = end.details.last, end.record_id
    runs = since <= today and (last is None or today <= last)
    return Term(item, post, item.details.post_order, since, last, ended_by, runs)


def _today(found: Archive) -> str:
    return civil_date(found.as_of_seconds).isoformat()


# -- training by year --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TrainingYear:
    """One calendar year.

    minutes   of training that was completed in it; a training counts in the year of its last day
    required  None where no requirement holds
    carried   minutes of earlier years that were used in this one
    missing   of what is required
    """

    year: int
    minutes: int
    required: int | None
    carried: int
    missing: int


def training_years(
    found: Archive, requirement_of: Callable[[int], ContinuingEducation | None] = lambda _: None
) -> tuple[TrainingYear, ...]:
    """Training by calendar year, from the first year with any to the one of the instant asked about.

    Of what is carried over, the oldest is used first; what a year lacked is not made up for later.

    requirement_of  year -> what is asked of it; None for a year without
    """
    trainings = [item for item in found.items if item.counts and item.minutes and item.details.completion is None]
    now = civil_date(found.as_of_seconds).year
    first = min((_year(item) for item in trainings), default=now + 1)
    surplus: dict[int, int] = {}
    years: list[TrainingYear] = []
    for year in range(first, now + 1):
        asked = requirement_of(year)
        counted = () if asked is None else asked.activities or ()
        minutes = sum(
            item.minutes or 0
            for item in trainings
            if _year(item) == year and (item.details.activity is None or item.details.activity in counted)
        )
        if asked is None:
            years.append(TrainingYear(year, minutes, None, 0, 0))
            continue
        lacking = max(0, asked.minutes_per_year - minutes)
        carried = 0
        for source in sorted(surplus):
            if year - source <= asked.carry_over_years:
                used = min(surplus[source], lacking - carried)
                surplus[source] -= used
                carried += used
        surplus[year] = max(0, minutes - asked.minutes_per_year)
        years.append(TrainingYear(year, minutes, asked.minutes_per_year, carried, lacking - carried))
    return tuple(years)


def _year(item: Item) -> int:
    return int(item.achieved_on[:4])


# -- apprenticeships and awards ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mentoring:
    """One mentoring from this worker's side.

    agreed      record of the agreement; `details` has role, programme and term
    state       "agreed" (not begun) | "running" | "over" (its term) | "ended" (before its term)
    assessed    record of the assessment; its result stands in `details`
    ended       record that ended it; its reason stands in `details`
    """

    agreed: Item
    state: str
    assessed: Item | None
    ended: Item | None


def mentorings(found: Archive) -> tuple[Mentoring, ...]:
    """Every agreement that counts, as mentor or as apprentice, newest first."""
    ends, today = _ends(found.items), _today(found)
    assessed = {item.details.about: item for item in reversed(found.items) if item.counts and item.details.last is None}
    return tuple(
        Mentoring(
            item,
            _state(item.details, ends.get(item.record_id), today),
            assessed.get(item.record_id),
            ends.get(item.record_id),
        )
        for item in found.items
        if item.counts and item.details.agreement is not None and item.details.about is None
    )


def _state(agreed: Details, end: Item | None, today: str) -> str:
    since, last = agreed.since or today, agreed.last or today
    ended = last if end is None or end.details.last is None else end.details.last
    if today > min(ended, last):
        return "ended" if ended < last else "over"
    return "agreed" if today < since else "running"


def awards(found: Archive) -> tuple[Item, ...]:
    """Honours that count, newest first."""
    return tuple(item for item in found.items if item.award_code is not None and item.counts)
