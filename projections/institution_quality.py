"""Institution quality: volumes, results, lateness, classes and cases of an issuer, as plain numbers.

Numbers come from the public part of records alone. What they may mean is for people to say: `_quality_clues.py` turns
them into clues (线索) with the records behind them, by thresholds that come with the question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from ledger.clock import civil_date
from ledger.records import ACT_KINDS
from ledger.records import KINDS as ALL_KINDS
from ledger.records.training_completion import COMPLETED, IMPORTED
from projections._base import Logged, Put, RowChange, Table, Value
from projections._kinds import achieved_on, kinds_named, name_of
from projections._live import Live, reading
from projections._moment import MOMENT, at, in_force
from projections._quality import Case, ClassHeld, Delay, Quality, Session, Volume
from projections._standing import (
    ACT_SELECT,
    REVOKED,
    SUPERSEDED,
    SUSPENDED,
    Act,
    act_row,
    act_table,
    standing,
)

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

ISSUED: Final = frozenset(
    name
    for name, kind in ALL_KINDS.items()
    if kind.PLACE == "subject" and "institution" in kind.SIGNERS and "service" not in kind.SIGNERS
)
"""Kinds that an institution records of people."""

CASE_BODIES: Final[Mapping[str, str]] = {
    "inspection-finding": "finding",
    "complaint": "complaint",
    "appeal": "appeal",
    "star-rating": "rating",
    "supervision-decided": "decision",
}
"""Kinds of case -> the member of their payloads that says what it is."""

CASES: Final = kinds_named(*CASE_BODIES)
CLASSES: Final = kinds_named("class-opened")
BODIES: Final = kinds_named("institution-registered")
APPROVALS: Final = kinds_named("accreditation-granted")
CORRECTIONS: Final = kinds_named("correction-decided")

NAME: Final = "institution_quality"
VERSION: Final = 1
KINDS: frozenset[str] | None = ISSUED | CLASSES | BODIES | APPROVALS | CASES | CORRECTIONS | ACT_KINDS

_RECORD: Mapping[str, str] = {
    "record_id": "TEXT",
    "kind": "TEXT",
    "signed": "BIGINT",
    "achieved": "BIGINT",
    "late": "TEXT",
    "session": "TEXT",
    "completed": "BIGINT",
    "passed": "BIGINT",
}
_CLASS: Mapping[str, str] = {
    "record_id": "TEXT",
    "number": "TEXT",
    "site": "TEXT",
    "first": "BIGINT",
    "last": "BIGINT",
    "minutes": "BIGINT",
}
_CASE: Mapping[str, str] = {
    "record_id": "TEXT",
    "what": "TEXT",
    "code": "TEXT",
    "severity": "TEXT",
    "outcome": "TEXT",
    "about": "TEXT",
    "stars": "BIGINT",
    "happened": "TEXT",
}
TABLES: tuple[Table, ...] = (
    Table("quality_bodies", {"issuer": "TEXT", "uscc": "TEXT", "type": "TEXT"}, ("issuer",), indexes=(("type",),)),
    Table("quality_approvals", {"uscc": "TEXT", "log_index": "BIGINT", "day": "BIGINT"}, ("uscc", "log_index")),
    Table(
        "quality_records",
        {"issuer": "TEXT", "log_index": "BIGINT", **_RECORD},
        ("issuer", "log_index"),
        indexes=(("record_id",), ("issuer", "kind", "signed")),
    ),
    Table("quality_classes", {"issuer": "TEXT", "log_index": "BIGINT", **_CLASS}, ("issuer", "log_index")),
    Table("quality_cases", {"uscc": "TEXT", "log_index": "BIGINT", **_CASE}, ("uscc", "log_index")),
    Table(
        "quality_corrections",
        {"about": "TEXT", "log_index": "BIGINT", "record_id": "TEXT", "outcome": "TEXT"},
        ("about", "log_index"),
    ),
    act_table("quality_acts"),
)
"""Days are proleptic ordinals, so that the engine can count with them."""


def apply(record: Logged, /) -> Iterator[RowChange]:
    """The row of a record of a person, a class, an institution, an approval, a case or an act."""
    act = act_row(record, "quality_acts")
    payload, index = record.payload, record.index
    if act is not None:
        yield act
    elif record.kind in ISSUED:
        yield Put("quality_records", (payload["iss"], index), {"record_id": record.record_id, **_issued(record)})
    elif record.kind in CLASSES:
        held = payload["class"]
        values: dict[str, Value] = {"record_id": record.record_id, "number": held["number"], "site": held["site"]}
        values |= {"first": _ordinal(held["from"]), "last": _ordinal(held["until"])}
        yield Put("quality_classes", (payload["iss"], index), {**values, "minutes": held["minutes"]["planned"]})
    elif record.kind in BODIES:
        body = payload["institution"]
        yield Put("quality_bodies", (body["issuer"],), {"uscc": body["uscc"], "type": body["type"]})
    elif record.kind in APPROVALS:
        day = civil_date(payload["iat"]).toordinal()
        yield Put("quality_approvals", (payload["accreditation"]["uscc"], index), {"day": day})
    elif record.kind in CORRECTIONS:
        decision = payload["decision"]
        values = {"record_id": record.record_id, "outcome": decision["outcome"]}
        yield Put("quality_corrections", (decision["about"]["record"], index), values)
    else:
        uscc, values = _case(record)
        yield Put("quality_cases", (uscc, index), {"record_id": record.record_id, **values})


def _issued(record: Logged) -> dict[str, Value]:
    payload = record.payload
    subject = payload.get("credentialSubject", payload)
    values: dict[str, Value] = {
        "kind": name_of(record.kind),
        "signed": civil_date(payload["iat"]).toordinal(),
        "achieved": achieved_on(payload).toordinal(),
        "late": payload.get("late", {}).get("reason"),
    }
    if values["kind"] == "training-completion":
        values["completed"] = int(subject.get("completion", COMPLETED) == COMPLETED)
        if "assessment" in subject:
            values["passed"] = int(subject["assessment"]["result"] == "PASS")
    elif values["kind"] == "mentoring-assessed":
        values["passed"] = int(subject["mentoring"]["result"] != "unqualified")
    if values["kind"] in {"training-completion", "enrolment"}:
        values["session"] = subject["class"]["record"] if "class" in subject else subject["achievement"]["classNumber"]
    return values


def _case(record: Logged) -> tuple[str, dict[str, Value]]:
    """The institution that a case concerns, and the case's values."""
    what = name_of(record.kind)
    body: Mapping[str, Any] = record.payload[CASE_BODIES[what]]
    about = body.get("case") or body.get("against") or body.get("about")
    return body["uscc"], {
        "what": what,
        "code": body.get("code") or body.get("topic") or body.get("grounds"),
        "severity": body.get("severity"),
        "outcome": body.get("outcome"),
        "about": None if about is None else about["record"],
        "stars": body.get("stars"),
        "happened": achieved_on(record.payload).isoformat(),
    }


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def quality(engine: ViewEngine, *, issuer: str, uscc: str, as_of_seconds: int) -> Quality:
    """An institution's numbers from what was signed by the date of an instant.

    issuer, uscc  its issuer id and its credit code
    raises        ViewUnknown
    """
    day, _ = at(as_of_seconds)
    today = _ordinal(day)
    with reading(engine, NAME) as live:
        body = live.select("SELECT type FROM quality_bodies{g} WHERE issuer = ?", (issuer,))
        approved = live.select("SELECT MIN(day) FROM quality_approvals{g} WHERE uscc = ? AND day <= ?", (uscc, today))
        volumes = _volumes(live, issuer, today)
        cases = live.select(
            f"SELECT {', '.join(_CASE)} FROM quality_cases{{g}} WHERE uscc = ? AND happened <= ? ORDER BY log_index",
            (uscc, day),
        )
        return Quality(
            issuer=issuer,
            uscc=uscc,
            type=body[0][0] if body else None,
            size=live.size,
            as_of_seconds=as_of_seconds,
            approved=None if approved[0][0] is None else date.fromordinal(approved[0][0]),
            issued=sum(one.records for one in volumes),
            volumes=volumes,
            delays=_delays(live, issuer, today),
            results=_results(live, issuer, as_of_seconds, today),
            sessions=_sessions(live, issuer, as_of_seconds, today),
            classes=_classes(live, issuer, as_of_seconds),
            acted_on=_acted_on(live, issuer, as_of_seconds),
            corrections=_corrections(live, issuer),
            cases=tuple(Case(*case) for case in cases),
        )


IMPORTED_SQL: Final = f"late IN ({', '.join(repr(reason) for reason in sorted(IMPORTED))})"
"""A condition: the record is of a backlog. The codes are our own."""


def _volumes(live: Live, issuer: str, today: int) -> tuple[Volume, ...]:
    rows = live.select(
        f"SELECT kind, signed, COUNT(*), COUNT(CASE WHEN {IMPORTED_SQL} THEN 1 END) FROM quality_records{{g}} "
        "WHERE issuer = ? AND signed <= ? GROUP BY kind, signed",
        (issuer, today),
    )
    return tuple(Volume(kind, date.fromordinal(day), count, old) for kind, day, count, old in sorted(rows))


def _delays(live: Live, issuer: str, today: int) -> tuple[Delay, ...]:
    rows = live.select(
        "SELECT achieved, signed, COUNT(*) FROM quality_records{g} WHERE issuer = ? AND signed <= ? "
        f"AND (late IS NULL OR NOT {IMPORTED_SQL}) GROUP BY achieved, signed",
        (issuer, today),
    )
    return tuple(Delay(date.fromordinal(first), date.fromordinal(last), count) for first, last, count in sorted(rows))


_STANDING: Final = f"issuer = ? AND signed <= ? AND {in_force('quality_records{g}.record_id', 'quality_acts')}"


def _results(live: Live, issuer: str, as_of_seconds: int, today: int) -> dict[str, int]:
    counts = ", ".join(
        f"COUNT(CASE WHEN {column} = {value} THEN 1 END)" for column in ("completed", "passed") for value in (1, 0)
    )
    rows = live.select(
        f"WITH {MOMENT} SELECT {counts} FROM quality_records{{g}} WHERE {_STANDING}",
        (*at(as_of_seconds), issuer, today),
    )
    return dict(zip(("completed", "not_completed", "passed", "failed"), rows[0], strict=True))


def _sessions(live: Live, issuer: str, as_of_seconds: int, today: int) -> tuple[Session, ...]:
    rows = live.select(
        f"WITH {MOMENT} SELECT session, COUNT(CASE WHEN kind = 'enrolment' THEN 1 END), COUNT(completed), "
        "COUNT(CASE WHEN completed = 0 THEN 1 END) FROM quality_records{g} "
        f"WHERE session IS NOT NULL AND {_STANDING} GROUP BY session",
        (*at(as_of_seconds), issuer, today),
    )
    return tuple(Session(*row) for row in sorted(rows))


def _classes(live: Live, issuer: str, as_of_seconds: int) -> tuple[ClassHeld, ...]:
    rows = live.select(
        f"WITH {MOMENT} SELECT {', '.join(_CLASS)} FROM quality_classes{{g}} c "
        f"WHERE c.issuer = ? AND {in_force('c.record_id', 'quality_acts')} ORDER BY c.log_index",
        (*at(as_of_seconds), issuer),
    )
    return tuple(
        ClassHeld(record_id, number, site, date.fromordinal(first), date.fromordinal(last), minutes)
        for record_id, number, site, first, last, minutes in rows
    )


def _acted_on(live: Live, issuer: str, as_of_seconds: int) -> dict[str, int]:
    columns = ", ".join(f"a.{column}" for column in ACT_SELECT.split(", "))
    acts: dict[str, list[Act]] = {}
    for row in live.select(
        f"SELECT {columns} FROM quality_records{{g}} r JOIN quality_acts{{g}} a ON a.target = r.record_id "
        "WHERE r.issuer = ?",
        (issuer,),
    ):
        acts.setdefault(row[0], []).append(Act(*row))
    states = Counter(standing(found, as_of_seconds=as_of_seconds).state for found in acts.values())
    return {state: states[state] for state in (REVOKED, SUPERSEDED, SUSPENDED)}


def _corrections(live: Live, issuer: str) -> dict[str, int]:
    rows = live.select(
        "SELECT c.outcome, COUNT(*) FROM quality_corrections{g} c JOIN quality_records{g} r ON r.record_id = c.about "
        "WHERE r.issuer = ? GROUP BY c.outcome",
        (issuer,),
    )
    return dict(sorted(rows))
