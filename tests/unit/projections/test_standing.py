"""Goal: what later records make of an earlier one is one word, the same whatever order the rows come in.

Method: a table of act sequences; then every order of the rows gives the same answer.
"""

from __future__ import annotations

import random
from itertools import product
from uuid import UUID

import pytest

from projections._standing import (
    Act,
    act_of,
    act_row,
    effective_seconds,
    instant_seconds,
    record_reference,
    standing,
)
from tests.support.view_engine import entry

T = 1_000_000
TARGET = "aa" * 32


def act(index: int, action: str, *, effective: int = T, reason: str = "r", new: str | None = None) -> Act:
    return Act(TARGET, index, f"{index:064x}", action, f"{reason}{index}", effective, new)


ROWS = [
    ("nothing", [], "active", None, None),
    ("revoked", [act(1, "revoke")], "revoked", "r1", None),
    ("suspended", [act(1, "suspend")], "suspended", "r1", None),
    ("corrected", [act(1, "replace", new="n1")], "superseded", "r1", "n1"),
    ("suspended and reinstated", [act(1, "suspend"), act(2, "reinstate")], "active", None, None),
    ("suspended again", [act(1, "suspend"), act(2, "reinstate"), act(3, "suspend")], "suspended", "r3", None),
    ("a second suspension changes nothing", [act(1, "suspend"), act(2, "suspend")], "suspended", "r1", None),
    ("reinstated before any suspension", [act(1, "reinstate"), act(2, "suspend")], "suspended", "r2", None),
    ("a revocation is not lifted", [act(1, "revoke"), act(2, "reinstate")], "revoked", "r1", None),
    ("a revocation is worse than a suspension", [act(1, "suspend"), act(2, "revoke")], "revoked", "r2", None),
    ("suspending what was revoked", [act(1, "revoke"), act(2, "suspend")], "revoked", "r1", None),
    ("revoked twice", [act(1, "revoke"), act(2, "revoke")], "revoked", "r1", None),
    ("corrected twice", [act(1, "replace", new="n1"), act(2, "replace", new="n2")], "superseded", "r2", "n2"),
    ("corrected, then revoked", [act(1, "replace", new="n1"), act(2, "revoke")], "revoked", "r2", None),
    ("revoked, then corrected", [act(1, "revoke"), act(2, "replace", new="n2")], "revoked", "r1", None),
    ("corrected while suspended", [act(1, "suspend"), act(2, "replace", new="n2")], "superseded", "r2", "n2"),
    ("corrected and reinstated", [act(1, "replace", new="n1"), act(2, "reinstate")], "superseded", "r1", "n1"),
    ("takes effect at this instant", [act(1, "revoke", effective=T)], "revoked", "r1", None),
    ("takes effect a second later", [act(1, "revoke", effective=T + 1)], "active", None, None),
    (
        "a reinstatement that is still to come",
        [act(1, "suspend"), act(2, "reinstate", effective=T + 1)],
        "suspended",
        "r1",
        None,
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_standing(row: tuple[str, list[Act], str, str | None, str | None], seed: int) -> None:
    _, acts, state, reason, new = row
    for _ in range(6):
        random.Random(seed).shuffle(acts := list(acts))
        found = standing(acts, as_of_seconds=T)
        assert (found.state, found.reason, found.replaced_by) == (state, reason, new)


def test_without_an_instant_every_logged_act_counts() -> None:
    assert standing([act(1, "revoke", effective=T + 1)]).state == "revoked"


def test_one_more_act_never_makes_a_revoked_record_look_better() -> None:
    actions = ("revoke", "suspend", "reinstate", "replace")
    for choice in product(actions, repeat=3):
        acts = [act(0, "revoke"), *(act(n, a, new="n") for n, a in enumerate(choice, start=1))]
        assert standing(acts, as_of_seconds=T).state == "revoked"


REVOCATION = {"iat": T, "target": {"log": "l", "record": TARGET}, "action": "suspend", "reason": {"code": "c"}}
BROKEN = [
    ("no target", {k: v for k, v in REVOCATION.items() if k != "target"}),
    ("a target that is no text", {**REVOCATION, "target": {"record": 7}}),
    ("an action nobody knows", {**REVOCATION, "action": "forget"}),
    ("an instant without its offset", {**REVOCATION, "effective": "2026-01-01T00:00:00"}),
]


@pytest.mark.parametrize(("why", "payload"), BROKEN, ids=[row[0] for row in BROKEN])
def test_an_act_that_acceptance_would_refuse_raises(why: str, payload: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        act_of(entry(0, UUID(int=1), "revocation/1", payload))


def test_reads_acts() -> None:
    record = entry(7, UUID(int=1), "revocation/1", REVOCATION)
    assert act_of(record) == Act(TARGET, 7, record.record_id, "suspend", "c", T, None)
    bare = {"iat": T, "target": TARGET, "reason": "c"}
    revoked = act_of(entry(7, UUID(int=1), "revocation/1", bare))
    assert revoked is not None
    assert (revoked.action, revoked.reason) == ("revoke", "c")
    corrected = act_of(entry(7, UUID(int=1), "correction/1", {**bare, "replacement": {"log": "l", "record": "bb"}}))
    assert corrected is not None
    assert (corrected.action, corrected.replacement) == ("replace", "bb")
    row = act_row(entry(7, UUID(int=1), "revocation/1", bare), "some_acts", "first")
    assert row is not None
    assert (row.table, row.key, row.values["record_id"]) == ("some_acts", ("first", TARGET, 7), revoked.record_id)
    assert act_of(entry(7, UUID(int=1), "award/1", bare)) is None
    assert record_reference("x") == record_reference({"record": "x", "log": "l"}) == "x"


def test_instants() -> None:
    assert instant_seconds("1970-01-01T08:00:00+08:00") == instant_seconds("1970-01-01T00:00:00Z") == 0
    assert effective_seconds({"iat": 5, "effective": "1970-01-01T00:00:01Z"}) == 1
    assert effective_seconds({"iat": 5}) == 5
