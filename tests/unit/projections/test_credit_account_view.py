"""Goal: credit is conserved: what a transfer brought in is available, on hold, passed on or void, and nothing else.

Method: named cases, then Hypothesis over random transfers, revocations and instants (DOMAIN §3.5, I-2 and I-5).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from projections import credit_account, parked
from projections._base import Logged, View
from projections._runner import Runner
from projections.credit_account import Account, account
from tests.support.view_engine import ListSource, MemoryViews, entry

ANN = UUID(int=1)
IS_VIEW: View = credit_account
SOURCE = "5a" * 32


def side(index: int, direction: str, amount: int, scheme: str, basis: tuple[str, ...] = (SOURCE,)) -> Logged:
    payload = {
        "iss": "https://bank.example.cn/issuers/1",
        "iat": index,
        "occurred": "2026-06-30T16:00:00+08:00",
        "group": f"urn:uuid:{UUID(int=index)}",
        "basis": [{"log": "l", "record": one} for one in basis],
        "rule": {"id": "SMP-TRF-009", "version": 1, "hash": "h"},
        "credit": {
            "direction": direction,
            "from": {"scheme": scheme if direction == "out" else "elsewhere"},
            "to": {"scheme": scheme if direction == "in" else "elsewhere"},
            "amount_centi": amount,
        },
        "subject": {"_sd": ["x"]},
    }
    return entry(index, ANN, "credit-transfer/1", payload)


def come(index: int, amount: int, *, scheme: str = "y", basis: tuple[str, ...] = (SOURCE,)) -> Logged:
    return side(index, "in", amount, scheme, basis)


def go(index: int, amount: int, *lots: Logged, scheme: str = "y") -> Logged:
    return side(index, "out", amount, scheme, tuple(lot.record_id for lot in lots))


def act(index: int, target: str, action: str, *, at: int = 0) -> Logged:
    payload: dict[str, Any] = {"iat": at, "target": {"record": target}, "action": action, "reason": {"code": "c"}}
    return entry(index, ANN, "revocation/1", payload)


def fold(records: list[Logged], *, scheme: str = "y", at: int = 10**9) -> Account:
    engine = MemoryViews([credit_account])
    runner = Runner(ListSource(records), engine, [credit_account], batch_records_max=2)
    runner.catch_up()
    found = account(engine, ANN, scheme=scheme, as_of_seconds=at)
    runner.rebuild("credit_account")
    assert account(engine, ANN, scheme=scheme, as_of_seconds=at) == found
    assert parked(engine, "credit_account") == []
    return found


def test_a_transfer_makes_a_lot_that_explains_itself() -> None:
    record = come(0, 600)
    found = fold([record])
    (lot,) = found.lots
    assert (found.in_centi, found.out_centi, found.available_centi, found.size) == (600, 0, 600, 1)
    assert (lot.lot_id, lot.sources, lot.rule) == (record.record_id, (SOURCE,), ("SMP-TRF-009", 1, "h"))
    assert lot.transfer == f"urn:uuid:{UUID(int=0)}"


def test_the_side_that_leaves_counts_in_its_own_scheme_only() -> None:
    records = [go(0, 600, scheme="x"), come(1, 600, scheme="y")]
    assert [(fold(records, scheme=s).in_centi, fold(records, scheme=s).out_centi) for s in "xyz"] == [
        (0, 600),
        (600, 0),
        (0, 0),
    ]
    assert fold(records, scheme="x").lots == ()


def test_credit_that_goes_into_a_course_is_kept_under_its_institution() -> None:
    payload = dict(come(0, 600).payload)
    payload["credit"] = {
        "direction": "in",
        "from": {"scheme": "x"},
        "to": {"institution": "https://college.example.cn/issuers/12", "course": "EE-2104"},
        "amount_centi": 600,
    }
    record = entry(0, ANN, "credit-transfer/1", payload)
    assert fold([record], scheme="https://college.example.cn/issuers/12").in_centi == 600


def test_a_later_transfer_takes_from_the_lots_it_names() -> None:
    first, second = come(0, 600), come(1, 300)
    found = fold([first, second, go(2, 700, second, first)])
    assert [(lot.available_centi, lot.transferred_out_centi) for lot in found.lots] == [(0, 600), (200, 100)]
    assert (found.in_centi, found.out_centi, found.available_centi) == (900, 700, 200)


def test_a_lot_of_another_scheme_is_left_alone() -> None:
    first = come(0, 600)
    assert fold([first, go(1, 700, first, scheme="x")]).available_centi == 600


def test_a_lot_is_never_spent_twice() -> None:
    first = come(0, 600)
    (lot,) = fold([first, go(1, 500, first), go(2, 500, first)]).lots
    assert (lot.available_centi, lot.transferred_out_centi) == (0, 600)


def test_a_revoked_source_voids_what_is_unspent_and_flags_what_is_spent() -> None:
    first = come(0, 600)
    records = [first, go(1, 100, first), act(2, SOURCE, "revoke", at=50)]
    (lot,) = fold(records).lots
    assert (lot.available_centi, lot.voided_centi, lot.transferred_out_centi, lot.affected) == (0, 500, 100, True)
    (before,) = fold(records, at=49).lots
    assert (before.available_centi, before.voided_centi, before.affected) == (500, 0, False)


def test_a_suspended_source_reserves_and_a_reinstated_one_frees() -> None:
    records = [come(0, 600), act(1, SOURCE, "suspend")]
    (held,) = fold(records).lots
    assert (held.available_centi, held.reserved_centi) == (0, 600)
    (free,) = fold([*records, act(2, SOURCE, "reinstate")]).lots
    assert (free.available_centi, free.reserved_centi) == (600, 0)


def test_a_revoked_transfer_gives_back_what_it_took() -> None:
    first = come(0, 600)
    onward = go(1, 100, first)
    (lot,) = fold([first, onward, act(2, onward.record_id, "revoke")]).lots
    assert (lot.available_centi, lot.transferred_out_centi) == (600, 0)


@given(st.data())
def test_every_lot_is_conserved(data: st.DataObject) -> None:
    records: list[Logged] = []
    for index in range(data.draw(st.integers(0, 12))):
        known = [record.record_id for record in records] + [SOURCE]
        verb = data.draw(st.sampled_from(["in", "out", "act"]))
        if verb == "act":
            target = data.draw(st.sampled_from(known))
            action = data.draw(st.sampled_from(["revoke", "suspend", "reinstate"]))
            records.append(act(index, target, action, at=data.draw(st.integers(0, 3))))
        else:
            basis = tuple(data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True)))
            scheme = data.draw(st.sampled_from("xy"))
            records.append(side(index, verb, data.draw(st.integers(1, 900)), scheme, basis))
    for at in (0, 2):
        for scheme in "xy":
            found = fold(records, scheme=scheme, at=at)
            for lot in found.lots:
                parts = (lot.available_centi, lot.reserved_centi, lot.transferred_out_centi, lot.voided_centi)
                assert min(parts) >= 0
                assert sum(parts) == lot.amount_centi
            assert found.in_centi == sum(lot.amount_centi for lot in found.lots)
            assert sum(lot.transferred_out_centi for lot in found.lots) <= found.out_centi
