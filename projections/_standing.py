"""What later records make of an earlier one: acts on a target, and the standing that follows from them. Pure.

Acts are kept as rows and judged when asked, because the answer depends on the instant asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.records import ACT_KINDS
from projections._base import Logged, Put, Table, Value

REVOKE, SUSPEND, REINSTATE, REPLACE = "revoke", "suspend", "reinstate", "replace"
ACTIVE, SUSPENDED, REVOKED, SUPERSEDED = "active", "suspended", "revoked", "superseded"

ACT_COLUMNS: Mapping[str, str] = {
    "target": "TEXT",
    "log_index": "BIGINT",
    "record_id": "TEXT",
    "action": "TEXT",
    "reason": "TEXT",
    "effective_seconds": "BIGINT",
    "replacement": "TEXT",
}


@dataclass(frozen=True, slots=True)
class Act:
    """A record that changes the standing of another.

    target             record id acted on
    index              log index of the act
    record_id          of the act
    action             "revoke" | "suspend" | "reinstate" | "replace"
    reason             reason code; "" when the act gives none
    effective_seconds  from when it counts, seconds since 1970
    replacement        record id of the corrected version, for "replace"
    """

    target: str
    index: int
    record_id: str
    action: str
    reason: str
    effective_seconds: int
    replacement: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a record stands. All but `state` come from the act that made it so; None while it is active.

    state  "active" | "suspended" | "revoked" | "superseded"
    """

    state: str
    reason: str | None = None
    effective_seconds: int | None = None
    replaced_by: str | None = None
    index: int | None = None


def standing(acts: Iterable[Act], *, as_of_seconds: int | None = None) -> Standing:
    """The standing that acts on one record give it.

    A revocation is final; a corrected version stays corrected; only a suspension can be lifted. When several hold, the
    word is the gravest: revoked, superseded, suspended.

    acts           on one target, any order
    as_of_seconds  acts that take effect later do not count; None counts all
    """
    held: dict[str, Act] = {}
    for act in sorted(acts, key=lambda act: act.index):
        if as_of_seconds is not None and act.effective_seconds > as_of_seconds:
            continue
        if act.action == REINSTATE:
            held.pop(SUSPEND, None)
        else:
            held.setdefault(act.action, act)
            if act.action == REPLACE:
                held[REPLACE] = act  # corrected again: the latest version is the one to go on with
    for action, state in ((REVOKE, REVOKED), (REPLACE, SUPERSEDED), (SUSPEND, SUSPENDED)):
        if action in held:
            act = held[action]
            return Standing(state, act.reason, act.effective_seconds, act.replacement, act.index)
    return Standing(ACTIVE)


def act_of(record: Logged) -> Act | None:
    """The act that a revocation or correction record is; None for any other kind.

    raises  KeyError, TypeError, ValueError for a payload that acceptance would not have let in
    """
    row = act_row(record, "")
    return None if row is None else Act(*row.key, **row.values)  # type: ignore[arg-type]


def act_row(record: Logged, table: str, *first: str) -> Put | None:
    """The row of a revocation or correction record in a table of acts; None for any other kind.

    table   made by `act_table`
    first   the parts of the key that stand before the target
    raises  KeyError, TypeError, ValueError for a payload that acceptance would not have let in
    """
    if record.kind not in ACT_KINDS:
        return None
    payload = record.payload
    action = REPLACE if "replacement" in payload else payload.get("action", REVOKE)
    if action not in (REVOKE, SUSPEND, REINSTATE, REPLACE):
        raise ValueError("unknown action")
    values: dict[str, Value] = {
        "record_id": record.record_id,
        "action": action,
        "reason": code_of(payload.get("reason")),
        "effective_seconds": effective_seconds(payload),
        "replacement": record_reference(payload["replacement"]) if action == REPLACE else None,
    }
    return Put(table, (*first, record_reference(payload["target"]), record.index), values)


def act_table(name: str, *, first: tuple[str, ...] = ()) -> Table:
    """A table of acts, keyed by `first`, target and log index."""
    return Table(name, {**dict.fromkeys(first, "TEXT"), **ACT_COLUMNS}, (*first, "target", "log_index"))


ACT_SELECT = ", ".join(ACT_COLUMNS)
"""Columns in the order in which `Act(*row)` takes them."""


def record_reference(value: Any) -> str:
    """The record id in `{"log": …, "record": …}` or in the bare id."""
    found = value if isinstance(value, str) else value["record"]
    if not isinstance(found, str):
        raise TypeError("a record reference must be text")
    return found


def code_of(value: Any) -> str:
    """The code in `{"code": …}` or the bare code; "" for none."""
    found = value.get("code", "") if isinstance(value, Mapping) else value
    return found if isinstance(found, str) else ""


def effective_seconds(payload: Mapping[str, Any]) -> int:
    """From when an act counts: `effective`, else the moment it was signed."""
    if "effective" in payload:
        return instant_seconds(payload["effective"])
    return int(payload["iat"])


def instant_seconds(text: str) -> int:
    """Seconds since 1970 of an RFC 3339 instant with `Z` or an offset."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant needs its offset")
    return int(instant.timestamp())
