"""Joint facts: team results, shared innovations, mentors and apprentices. One record a person, all in one group.

Each record says of how many it is one. So a missing side is seen, and nobody is added later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from ledger.errors import GroupIncomplete
from ledger.records._base import History, Record

RecordT = TypeVar("RecordT", bound=Record)


def check_sides(
    record: RecordT, history: History, *, count: int, same: Sequence[str], place: str | None = None
) -> list[RecordT]:
    """The records of a joint fact that is whole: one for each person, and what they share said alike.

    count    of how many persons the record says it is one; a record of one person stands alone
    same     fields in which no side may differ
    place    field that numbers the persons from 1 to `count`, where the fact has an order
    returns  all sides, this record among them
    raises   GroupIncomplete (Refused)
    """
    if count == 1:
        return [record]
    sides = [one for one in history.group if type(one) is type(record)]
    if len(sides) != count:
        raise GroupIncomplete(f"expected {count} records of kind {record.KIND} in the group, found {len(sides)}")
    for name in same:
        if any(one.field(name) != record.field(name) for one in sides):
            raise GroupIncomplete(f"the records of the group differ in {name}")
    if place is not None and sorted(one.field(place) for one in sides) != [*range(1, count + 1)]:
        raise GroupIncomplete(f"{place} does not run from 1 to {count} without gap or repetition")
    for held in history.stream_records():
        if held.kind == record.kind and held.payload.get("group") == record.group:
            raise GroupIncomplete("two records of the group are about the same person")
    return sides
