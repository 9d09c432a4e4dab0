"""Goal: the status of a certificate and its bits in the published lists say the same, and never "active" of the unknown.

Method: acts on listed records through the real runner; every bit of both lists is compared with the words.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from ledger import limits
from projections import parked, status
from projections._base import Logged, View
from projections._runner import Runner
from projections.errors import StatusPurposeUnknown, ViewBehind
from projections.status import status_list, status_lists, status_of
from tests.support.view_engine import ListSource, MemoryViews, entry

ANN = UUID(int=1)
USCC = "91350100M000100Y43"
IS_VIEW: View = status


def listed(index: int, place: int, *, number: int = 7, uscc: str = USCC) -> Logged:
    entries = [
        {
            "statusPurpose": purpose,
            "statusListIndex": str(place),
            "statusListCredential": f"https://ledger.example.cn/status/{uscc}/{number}/{purpose}",
        }
        for purpose in ("revocation", "suspension")
    ]
    return entry(index, ANN, "skill-certificate/1", {"iss": "i", "credentialStatus": entries, "n": index})


def act(index: int, target: Logged, action: str, *, at: int = 100) -> Logged:
    payload: dict[str, Any] = {"iat": at, "target": {"record": target.record_id}, "reason": {"code": "c"}}
    if action == "replace":
        return entry(index, ANN, "correction/1", {**payload, "replacement": {"record": "ff" * 32}})
    return entry(index, ANN, "revocation/1", {**payload, "action": action})


def fold(records: list[Logged]) -> MemoryViews:
    engine = MemoryViews([status])
    Runner(ListSource(records), engine, [status], batch_records_max=3).catch_up()
    return engine


def bit(bits: bytes, place: int) -> int:
    return bits[place // 8] >> (7 - place % 8) & 1


WORDS = [
    ("active", [], (0, 0)),
    ("revoked", ["revoke"], (1, 0)),
    ("suspended", ["suspend"], (0, 1)),
    ("superseded", ["replace"], (1, 1)),
    ("active", ["suspend", "reinstate"], (0, 0)),
    # Both bits would say "superseded": a reader must not take a revoked certificate for a corrected one.
    ("revoked", ["suspend", "revoke"], (1, 0)),
    ("revoked", ["replace", "revoke"], (1, 0)),
]


@pytest.mark.parametrize(("state", "actions", "bits"), WORDS, ids=["+".join(row[1]) or "none" for row in WORDS])
@pytest.mark.parametrize("place", [0, 7, 8, 90_210, limits.STATUS_LIST_ENTRIES - 1])
def test_word_and_bits_agree(state: str, actions: list[str], bits: tuple[int, int], place: int) -> None:
    record = listed(0, place)
    engine = fold([record, *(act(n, record, action) for n, action in enumerate(actions, start=1))])
    found = status_of(engine, record.record_id)
    assert (found.state, found.size) == (state, len(actions) + 1)
    lists = status_lists(engine, uscc=USCC, list_number=7)
    assert (bit(lists.revocation, place), bit(lists.suspension, place)) == bits
    for purpose, expected in zip(("revocation", "suspension"), bits, strict=True):
        got = status_list(engine, uscc=USCC, list_number=7, purpose=purpose)
        assert len(got) == limits.STATUS_LIST_ENTRIES // 8
        assert int.from_bytes(got) == expected << (limits.STATUS_LIST_ENTRIES - 1 - place)


def test_lists_are_kept_apart() -> None:
    one, other, foreign = listed(0, 5), listed(1, 5, number=8), listed(2, 5, uscc="91350100M000100Y44")
    engine = fold([one, other, foreign, act(3, one, "revoke")])
    assert any(status_list(engine, uscc=USCC, list_number=7, purpose="revocation"))
    assert not any(status_list(engine, uscc=USCC, list_number=8, purpose="revocation"))
    assert not any(status_list(engine, uscc="91350100M000100Y44", list_number=7, purpose="revocation"))
    assert not any(status_list(engine, uscc="nobody", list_number=1, purpose="suspension"))


def test_a_place_beyond_the_usual_length_makes_the_list_longer() -> None:
    record = listed(0, limits.STATUS_LIST_ENTRIES)
    bits = status_list(fold([record, act(1, record, "revoke")]), uscc=USCC, list_number=7, purpose="revocation")
    assert bit(bits, limits.STATUS_LIST_ENTRIES) == 1


def test_an_act_counts_from_its_instant_on() -> None:
    record = listed(0, 3)
    engine = fold([record, act(1, record, "revoke", at=100)])
    assert status_of(engine, record.record_id, as_of_seconds=99).state == "active"
    assert status_of(engine, record.record_id, as_of_seconds=100).state == "revoked"
    assert not any(status_lists(engine, uscc=USCC, list_number=7, as_of_seconds=99).revocation)
    found = status_of(engine, record.record_id)
    assert (found.reason, found.effective_seconds, found.index) == ("c", 100, 1)


def test_a_record_the_view_does_not_hold_is_never_active() -> None:
    engine = fold([listed(0, 3)])
    with pytest.raises(ViewBehind):
        status_of(engine, listed(1, 4).record_id)


def test_a_kind_without_status_entries_has_a_standing_all_the_same() -> None:
    record = entry(0, ANN, "training-completion/1", {"iss": "i"})
    engine = fold([record, act(1, record, "revoke")])
    assert status_of(engine, record.record_id).state == "revoked"


def test_an_unknown_purpose_is_refused() -> None:
    with pytest.raises(StatusPurposeUnknown):
        status_list(fold([]), uscc=USCC, list_number=7, purpose="message")


ODD = [
    ("two places", [("7", "1"), ("7", "2")]),
    ("two lists", [("7", "1"), ("8", "1")]),
    ("a place beyond every list", [("7", str(status.PLACES_MAX))]),
    ("a negative place", [("7", "-1")]),
    ("no number", [("7", "x")]),
]


@pytest.mark.parametrize(("why", "places"), ODD, ids=[row[0] for row in ODD])
def test_entries_that_acceptance_would_refuse_are_parked(why: str, places: list[tuple[str, str]]) -> None:
    entries = [
        {"statusListIndex": place, "statusListCredential": f"https://l/status/{USCC}/{number}/revocation"}
        for number, place in places
    ]
    engine = fold([entry(0, ANN, "skill-certificate/1", {"credentialStatus": entries})])
    assert [index for index, _ in parked(engine, "status")] == [0]
