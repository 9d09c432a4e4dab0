"""Clues (线索) to where an institution deserves a look: each a number beyond a threshold, and records to begin with.

A clue is no finding. Audits found fraud by such patterns: 2,600 certificates in the 60 days after an approval, classes
in which everybody passed, classes that overlapped at one site. Thresholds come with the question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median_low
from typing import TYPE_CHECKING, Final

from ledger.calendar import working_days_between
from projections._base import Value
from projections._live import Live, reading
from projections._quality import ClassHeld, Quality
from projections._standing import REVOKED
from projections.institution_quality import IMPORTED_SQL, NAME

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

FULL: Final = 10_000
"""Shares are in basis points, hundredths of a percent."""

CERTIFICATES: Final = ("skill-certificate", "special-ability-certificate", "vocational-qualification")
"""Kinds whose number soon after an approval is looked at."""

CLUES: Final[Mapping[str, Mapping[str, str]]] = {
    "early-volume": {"zh": "获批后短期内集中发证", "en": "many certificates soon after the approval"},
    "full-pass-sessions": {"zh": "班级全部合格", "en": "classes in which everybody passed"},
    "site-overloaded": {"zh": "同一地点班级重叠超过每日学时", "en": "classes that overlap beyond the minutes of a day"},
    "late-upload": {"zh": "上报不及时", "en": "records that come late"},
    "revoked-records": {"zh": "撤销记录偏多", "en": "many records revoked"},
    "cases-upheld": {"zh": "投诉、申诉或督导问题查实", "en": "cases that were upheld"},
}
"""Labels; codes are permanent."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a number is a clue.

    early_days, early_records   certificates signed in so many days from the approval on
    early_times_median          and at least so many times the median of its peers, where it has any
    session_results             classes with fewer results are not looked at
    full_pass_basis_points      share of the others in which nobody failed
    site_minutes                planned minutes a day of all classes at one site
    late_working_days           a record is late when it is signed more working days after the achievement
    late_basis_points           share of records that are late
    revoked_basis_points        share of records that are revoked
    cases_upheld                decisions that uphold a case, wholly or partly
    records_max                 records shown with each clue
    """

    early_days: int
    early_records: int
    early_times_median: int
    session_results: int
    full_pass_basis_points: int
    site_minutes: int
    late_working_days: int
    late_basis_points: int
    revoked_basis_points: int
    cases_upheld: int
    records_max: int


@dataclass(frozen=True, slots=True)
class Clue:
    """A number that reached its threshold.

    code       a key of CLUES
    value      what was found; threshold  what it reached
    of         out of how many; None where nothing is divided
    peers      how many institutions of its type it was compared with, and their median; None where it was not
    records    ids of records behind it, not necessarily all
    """

    code: str
    value: int
    threshold: int
    of: int | None
    records: tuple[str, ...]
    peers: int | None = None
    median: int | None = None


def clues(engine: ViewEngine, found: Quality, thresholds: Thresholds) -> tuple[Clue, ...]:
    """All clues to an institution, in the order of CLUES.

    found   what `institution_quality.quality` gave
    raises  ViewUnknown
    """
    with reading(engine, NAME) as live:
        made = (
            _early(live, found, thresholds),
            _full_pass(live, found, thresholds),
            _overloaded(found, thresholds),
            _late(live, found, thresholds),
            _revoked(live, found, thresholds),
            _upheld(found, thresholds),
        )
    return tuple(clue for clue in made if clue is not None)


def _early(live: Live, found: Quality, limits: Thresholds) -> Clue | None:
    since = found.approved
    if since is None:
        return None
    last = since.toordinal() + limits.early_days
    signed = (one for one in found.volumes if one.kind in CERTIFICATES and since <= one.day)
    value = sum(one.records - one.imported for one in signed if one.day.toordinal() < last)
    peers = _peers(live, found, limits.early_days)
    median = median_low(peers) if peers else None
    if value < max(limits.early_records, limits.early_times_median * (median or 0)):
        return None
    records = _records(
        live,
        found,
        limits,
        f"kind IN ({_marks(CERTIFICATES)}) AND signed >= ? AND signed < ? AND (late IS NULL OR NOT {IMPORTED_SQL})",
        (*CERTIFICATES, since.toordinal(), last),
    )
    return Clue("early-volume", value, limits.early_records, None, records, len(peers), median)


def _peers(live: Live, found: Quality, days: int) -> list[int]:
    """Certificates in the first days after the approval, of every other institution of the type that signed any."""
    rows = live.select(
        "SELECT b.issuer, COUNT(*) FROM quality_bodies{g} b "
        "JOIN (SELECT uscc, MIN(day) AS day FROM quality_approvals{g} GROUP BY uscc) a ON a.uscc = b.uscc "
        f"JOIN quality_records{{g}} r ON r.issuer = b.issuer AND r.kind IN ({_marks(CERTIFICATES)}) "
        f"AND r.signed >= a.day AND r.signed < a.day + ? AND (r.late IS NULL OR NOT r.{IMPORTED_SQL}) "
        "WHERE b.type = ? AND b.issuer <> ? GROUP BY b.issuer",
        (*CERTIFICATES, days, found.type, found.issuer),
    )
    return sorted(count for _, count in rows)


def _full_pass(live: Live, found: Quality, limits: Thresholds) -> Clue | None:
    counted = [one for one in found.sessions if one.results >= limits.session_results]
    full = [one for one in counted if one.failed == 0 and one.results >= one.enrolled]
    value = len(full) * FULL // len(counted) if counted else 0
    if not full or value < limits.full_pass_basis_points:
        return None
    shown = [one.session for one in full[: limits.records_max]]
    condition = f"completed IS NOT NULL AND session IN ({_marks(shown)})"
    records = _records(live, found, limits, condition, shown)
    return Clue("full-pass-sessions", value, limits.full_pass_basis_points, len(counted), records)


def _overloaded(found: Quality, limits: Thresholds) -> Clue | None:
    peak, classes = max(_peaks(found.classes), key=lambda one: one[0], default=(0, ()))
    if peak <= limits.site_minutes:
        return None
    records = tuple(one.record_id for one in classes[: limits.records_max])
    return Clue("site-overloaded", peak, limits.site_minutes, len(classes), records)


def _peaks(classes: Iterable[ClassHeld]) -> Iterator[tuple[int, list[ClassHeld]]]:
    """For each day on which a class begins at a site: planned minutes a day there, and whose they are."""
    sites: dict[str, list[ClassHeld]] = {}
    for one in sorted(classes, key=lambda one: one.first):
        held = [other for other in sites.get(one.site, ()) if other.last >= one.first]
        sites[one.site] = [*held, one]
        yield sum(map(_minutes_a_day, sites[one.site])), sites[one.site]


def _minutes_a_day(held: ClassHeld) -> int:
    """Planned minutes on each day of a class, if they are spread evenly, rounded down."""
    return held.minutes // ((held.last - held.first).days + 1)


def _late(live: Live, found: Quality, limits: Thresholds) -> Clue | None:
    late = [one for one in found.delays if working_days_between(one.achieved, one.signed) > limits.late_working_days]
    count, total = sum(one.records for one in late), sum(one.records for one in found.delays)
    value = count * FULL // total if total else 0
    if not late or value < limits.late_basis_points:
        return None
    pair = "(achieved = ? AND signed = ?)"
    worst = sorted(late, key=lambda one: one.signed - one.achieved, reverse=True)[: limits.records_max]
    days = [day.toordinal() for one in worst for day in (one.achieved, one.signed)]
    condition = f"({' OR '.join([pair] * len(worst))}) AND (late IS NULL OR NOT {IMPORTED_SQL})"
    return Clue("late-upload", value, limits.late_basis_points, total, _records(live, found, limits, condition, days))


def _revoked(live: Live, found: Quality, limits: Thresholds) -> Clue | None:
    count = found.acted_on[REVOKED]
    value = count * FULL // found.issued if found.issued else 0
    if not count or value < limits.revoked_basis_points:
        return None
    condition = "record_id IN (SELECT target FROM quality_acts{g} WHERE action = 'revoke' AND effective_seconds <= ?)"
    records = _records(live, found, limits, condition, (found.as_of_seconds,))
    return Clue("revoked-records", value, limits.revoked_basis_points, found.issued, records)


def _upheld(found: Quality, limits: Thresholds) -> Clue | None:
    decided = [one for one in found.cases if one.what == "supervision-decided"]
    upheld = [one for one in decided if one.outcome in {"upheld", "partly"}]
    if not upheld or len(upheld) < limits.cases_upheld:
        return None
    records = tuple(one.record_id for one in upheld[: limits.records_max])
    return Clue("cases-upheld", len(upheld), limits.cases_upheld, len(decided), records)


def _records(
    live: Live, found: Quality, limits: Thresholds, condition: str, parameters: Iterable[Value]
) -> tuple[str, ...]:
    rows = live.select(
        f"SELECT record_id FROM quality_records{{g}} WHERE issuer = ? AND {condition} ORDER BY log_index LIMIT ?",
        (found.issuer, *parameters, limits.records_max),
    )
    return tuple(record_id for (record_id,) in rows)


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)


def days_late(found: Quality) -> dict[int, int]:
    """Working days from achievement to signing -> records that are not imported."""
    counts: dict[int, int] = {}
    for one in found.delays:
        days = working_days_between(one.achieved, one.signed)
        counts[days] = counts.get(days, 0) + one.records
    return dict(sorted(counts.items()))
