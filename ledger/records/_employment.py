"""A person's work and protected interruptions as intervals: what rules about years count (`ledger.rules.years`)."""

from __future__ import annotations

from datetime import date

from ledger.records._base import History
from ledger.rules.years import Interval


def worked(history: History, *, occupation: str | None = None) -> list[Interval]:
    """All attested employments in force in the stream that a record goes to, as far as each has gone on.

    occupation  code; None for any
    """
    ends = {
        one.payload["employment"]["record"]: one.payload["employment"]["until"]
        for one in history.in_stream("employment-ended")
    }
    found = []
    for one in history.in_stream("employment-attested"):
        work = one.payload["employment"]
        if occupation is None or one.payload["occupation"]["code"] == occupation:
            found.append(_interval(work["from"], work.get("until", ends.get(one.record_id))))
    return found


def protected(history: History) -> list[Interval]:
    """All protected interruptions in force in the stream that a record goes to."""
    held = history.in_stream("protected-interruption")
    return [_interval(one.payload["interruption"]["from"], one.payload["interruption"]["until"]) for one in held]


def _interval(first: str, last: str | None) -> Interval:
    return Interval(date.fromisoformat(first), None if last is None else date.fromisoformat(last))
