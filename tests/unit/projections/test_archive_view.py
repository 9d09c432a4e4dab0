"""Goal: a worker's archive shows what is in their stream, newest first, and says of each record where it stands.

Method: payloads as FORMATS writes them through the real runner on the memory engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from projections import archive as view
from projections._base import Logged, View
from projections._runner import Runner
from projections._standing import instant_seconds
from projections.archive import Archive, archive
from tests.support.view_engine import ListSource, MemoryViews, entry

ANN, BEN = UUID(int=1), UUID(int=2)
ISSUER = "https://osta.example.cn/issuers/4401"
NOW = instant_seconds("2026-11-21T00:00:00Z")
IS_VIEW: View = view


def certificate(code: str = "6-31-01-03/4", *, since: str = "2026-05-20", until: str | None = None) -> dict[str, Any]:
    occupation, _, level = code.partition("/")
    achievement = {
        "achievementType": "Certification",
        "name": "电工",
        "levelOrder": int(level),
        "occupation": {"code": occupation},
    }
    payload = {
        "iss": ISSUER,
        "iat": 1_779_249_600,
        "name": "职业技能等级证书",
        "validFrom": f"{since}T00:00:00+08:00",
        "credentialSubject": {"achievement": achievement, "_sd": ["x"]},
    }
    return payload if until is None else {**payload, "validUntil": f"{until}T00:00:00+08:00"}


def revocation(target: Logged, *, action: str = "revoke", effective: str = "2026-06-01") -> dict[str, Any]:
    return {
        "iss": ISSUER,
        "iat": 1_790_000_000,
        "occurred": "2026-09-21T09:00:00+08:00",
        "target": {"log": "l", "record": target.record_id},
        "action": action,
        "reason": {"code": "issued-in-error"},
        "effective": f"{effective}T00:00:00+08:00",
    }


def fold(records: Sequence[Logged], *, subject: UUID = ANN, at: int = NOW) -> Archive:
    engine = MemoryViews([view])
    runner = Runner(ListSource(records), engine, [view], batch_records_max=2)
    runner.catch_up()
    found = archive(engine, subject, as_of_seconds=at)
    runner.rebuild("archive")
    assert archive(engine, subject, as_of_seconds=at) == found
    return found


def test_an_empty_archive_names_the_size_it_reflects() -> None:
    found = fold([entry(0, BEN, "skill-certificate/1", certificate())])
    assert (found.items, found.totals, found.highest_levels, found.size) == ((), {}, {}, 1)


def test_timeline_totals_and_levels() -> None:
    found = fold(
        [
            entry(0, ANN, "skill-certificate/1", certificate("6-31-01-03/2", since="2020-01-01")),
            entry(1, BEN, "skill-certificate/1", certificate("6-31-01-03/6")),
            entry(2, ANN, "skill-certificate/1", certificate("6-31-01-03/4", since="2024-01-01")),
            entry(3, ANN, "skill-certificate/1", certificate("4-07-07-01/3", since="2022-01-01")),
            entry(4, ANN, "accreditation/1", {"iss": ISSUER, "iat": 1}),
        ]
    )
    assert [(item.index, item.achieved_on, item.state) for item in found.items] == [
        (2, "2024-01-01", "valid"),
        (3, "2022-01-01", "valid"),
        (0, "2020-01-01", "valid"),
    ]
    assert found.totals == {"skill-certificate/1": 3}
    assert found.highest_levels == {"6-31-01-03": 4, "4-07-07-01": 3}
    assert found.items[0].title == "电工"
    assert found.items[0].issuer == ISSUER
    assert found.size == 5


TRANSFERS = [
    ("into a scheme", {"scheme": "乙"}, "甲 → 乙"),
    ("into a course", {"institution": "https://college.example.cn/issuers/12", "course": "EE-2104"}, "甲 → EE-2104"),
    ("to an institution", {"institution": "https://college.example.cn/issuers/12"}, "甲 → college.example.cn"),
]


@pytest.mark.parametrize(("to", "title"), [row[1:] for row in TRANSFERS], ids=[row[0] for row in TRANSFERS])
@pytest.mark.parametrize(("direction", "amount"), [("in", 600), ("out", -600)])
def test_a_credit_transfer_has_a_title_and_an_amount(
    to: dict[str, str], title: str, direction: str, amount: int
) -> None:
    payload = {
        "iss": ISSUER,
        "iat": 1_790_000_000,
        "occurred": "2026-06-30T00:00:00+08:00",
        "credit": {"direction": direction, "from": {"scheme": "甲"}, "to": to, "amount_centi": 600},
        "subject": {"_sd": ["x"]},
    }
    (item,) = fold([entry(0, ANN, "credit-transfer/1", payload)]).items
    assert (item.title, item.credits_centi) == (title, amount)


DAY = 24 * 3600
STATES = [
    ("no end", None, NOW, "valid"),
    ("61 days before its end", "2027-01-21", instant_seconds("2026-11-21T00:00:00+08:00"), "valid"),
    ("60 days before its end", "2027-01-20", instant_seconds("2026-11-21T00:00:00+08:00"), "expiring"),
    ("a second before its end", "2026-11-21", instant_seconds("2026-11-20T23:59:59+08:00"), "expiring"),
    ("at its end", "2026-11-21", instant_seconds("2026-11-21T00:00:00+08:00"), "expired"),
    ("a second before its beginning", None, instant_seconds("2026-05-19T23:59:59+08:00"), "not_yet_valid"),
    ("at its beginning", None, instant_seconds("2026-05-20T00:00:00+08:00"), "valid"),
]


@pytest.mark.parametrize(("why", "until", "at", "state"), STATES, ids=[row[0] for row in STATES])
def test_states_by_the_clock_of_the_question(why: str, until: str | None, at: int, state: str) -> None:
    (item,) = fold([entry(0, ANN, "skill-certificate/1", certificate(until=until))], at=at).items
    assert item.state == state


def test_what_was_taken_back_stays_visible_and_does_not_count() -> None:
    first = entry(0, ANN, "skill-certificate/1", certificate())
    records = [first, entry(1, ANN, "revocation/1", revocation(first))]
    found = fold(records)
    (item,) = found.items
    assert (item.state, item.standing.reason, item.standing.index) == ("revoked", "issued-in-error", 1)
    assert [act.action for act in item.history] == ["revoke"]
    assert (found.totals, found.highest_levels) == ({}, {})
    before = fold(records, at=instant_seconds("2026-05-31T23:59:59+08:00"))
    assert (before.items[0].state, before.totals) == ("valid", {"skill-certificate/1": 1})


def test_an_expired_achievement_still_counts() -> None:
    found = fold([entry(0, ANN, "skill-certificate/1", certificate(until="2026-06-01"))])
    assert (found.items[0].state, found.highest_levels) == ("expired", {"6-31-01-03": 4})


def test_a_correction_points_to_the_new_version() -> None:
    old = entry(0, ANN, "skill-certificate/1", certificate("6-31-01-03/6"))
    new = entry(1, ANN, "skill-certificate/1", certificate("6-31-01-03/3"))
    payload = {"iat": 5, "target": {"record": old.record_id}, "replacement": {"record": new.record_id}, "reason": "c"}
    found = fold([old, new, entry(2, ANN, "correction/1", payload)])
    assert [(item.index, item.state) for item in found.items] == [(1, "valid"), (0, "superseded")]
    assert found.items[1].standing.replaced_by == new.record_id
    assert found.highest_levels == {"6-31-01-03": 3}


def test_an_act_in_another_stream_does_not_reach_this_archive() -> None:
    mine = entry(0, ANN, "skill-certificate/1", certificate())
    assert fold([mine, entry(1, BEN, "revocation/1", revocation(mine))]).items[0].state == "valid"


def test_rows_hold_no_digest_and_nothing_sealed() -> None:
    (put,) = view.apply(entry(0, ANN, "skill-certificate/1", certificate()))
    assert set(put.values) == set(view.COLUMNS) - {"log_index"}
    assert "x" not in put.values.values()
