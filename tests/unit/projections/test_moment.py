"""Goal: the engine decides what acts do to a record exactly as `_standing.standing` does.

Method: Hypothesis over acts of all sorts and instants; both answers for every record.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from projections import status
from projections._kinds import kinds_named
from projections._live import reading
from projections._moment import MOMENT, at, end_of, holds, in_force
from projections._runner import Runner
from projections._standing import ACTIVE, instant_seconds
from projections.status import status_of
from tests.support.view_engine import ListSource, MemoryViews, entry

HELD = entry(0, UUID(int=1), "award/1", {"iss": "x"})
ACTS = st.tuples(st.sampled_from(["revoke", "suspend", "reinstate", "replace"]), st.integers(0, 9))


@given(st.lists(ACTS, max_size=6), st.integers(0, 9))
@example([("reinstate", 0), ("suspend", 0)], 5)
@example([("suspend", 0), ("reinstate", 9)], 5)
@example([("suspend", 9), ("reinstate", 0)], 5)
@example([("suspend", 0), ("reinstate", 0), ("suspend", 0)], 5)
def test_in_force_says_what_standing_says(acts: list[tuple[str, int]], now: int) -> None:
    records = [HELD]
    for index, (action, second) in enumerate(acts, start=1):
        payload = {"iat": second, "target": {"record": HELD.record_id}, "reason": {"code": "c"}}
        payload |= {"replacement": {"record": "ab" * 32}} if action == "replace" else {"action": action}
        kind = "correction/1" if action == "replace" else "revocation/1"
        records.append(entry(index, UUID(int=1), kind, payload))
    engine = MemoryViews([status])
    Runner(ListSource(records), engine, [status]).catch_up()
    with reading(engine, "status") as live:
        found = live.select(
            f"WITH {MOMENT} SELECT 1 FROM status_records{{g}} r "
            f"WHERE r.record_id = ? AND {in_force('r.record_id', 'status_acts')}",
            (*at(now), HELD.record_id),
        )
    assert bool(found) is (status_of(engine, HELD.record_id, as_of_seconds=now).state == ACTIVE)


@pytest.mark.parametrize(
    ("since", "last", "expected"),
    [
        ("2026-09-21", "2026-09-21", True),
        ("2026-09-21", None, True),
        ("2026-09-22", None, False),
        ("2026-01-01", "2026-09-20", False),
    ],
)
def test_first_and_last_day_both_count(since: str, last: str | None, expected: bool) -> None:
    with MemoryViews([status]).read() as cursor:
        table = "(SELECT CAST(? AS TEXT) AS since, CAST(? AS TEXT) AS last) t"
        sql = f"WITH {MOMENT} SELECT 1 FROM {table} WHERE {holds('t.since', 't.last')}"
        cursor.execute(sql, (*at(end_of(date(2026, 9, 21))), since, last))
        assert bool(cursor.fetchall()) is expected


def test_a_day_ends_at_midnight_in_shanghai() -> None:
    assert end_of(date(2026, 9, 21)) == instant_seconds("2026-09-21T23:59:59+08:00")
    assert at(end_of(date(2026, 9, 21)))[0] == "2026-09-21"


def test_a_view_cannot_ask_for_a_kind_that_is_not_there() -> None:
    assert {"award/1", "award/2"} <= kinds_named("award")
    with pytest.raises(KeyError, match="awards"):
        kinds_named("award", "awards")
