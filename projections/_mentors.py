"""What a mentor's apprentices won while they were mentored: a further reward may rest on it (S-078).

A mentor learns record ids and kinds, as of any record of somebody else that is cited; nothing of whoever restricted
their records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final
from uuid import UUID

from projections._career import mentorings
from projections._kinds import kinds_named
from projections._links import Cited
from projections._live import reading
from projections.archive import NAME, Archive, Item, archive

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

MENTOR, APPRENTICE = "mentor", "apprentice"
RESULTS: Final = kinds_named("contest-result", "award")


def won_by_apprentices(
    engine: ViewEngine, found: Archive, *, is_restricted: Callable[[UUID], bool]
) -> Mapping[str, tuple[Cited, ...]]:
    """Record id of a mentor's agreement -> contest results and awards of the apprentices in its term, oldest first.

    found          the mentor's archive
    is_restricted  whether a worker's records are kept and no longer processed
    raises         ViewUnknown
    """
    agreed_by = (one.agreed for one in mentorings(found) if one.agreed.details.role == MENTOR)
    held = {agreed.details.agreement or "": agreed for agreed in agreed_by}
    if not held:
        return {}
    with reading(engine, NAME) as live:
        rows = live.select_among(
            f"SELECT agreement, stream FROM archive_details{{g}} WHERE role = '{APPRENTICE}' AND about IS NULL "
            "AND agreement IN ({keys}) ORDER BY agreement, log_index",
            held,
        )
    won: dict[str, list[Item]] = {agreed.record_id: [] for agreed in held.values()}
    for agreement, stream in rows:
        agreed, apprentice = held[agreement], UUID(stream)
        if not is_restricted(apprentice):
            theirs = archive(engine, apprentice, as_of_seconds=found.as_of_seconds).items
            won[agreed.record_id] += [item for item in theirs if _was_won_in(agreed, item)]
    return {
        agreement: tuple(Cited(item.record_id, item.kind) for item in sorted(items, key=lambda item: item.achieved_on))
        for agreement, items in won.items()
    }


def _was_won_in(agreed: Item, item: Item) -> bool:
    since, last = agreed.details.since or "", agreed.details.last
    inside = since <= item.achieved_on and (last is None or item.achieved_on <= last)
    return item.kind in RESULTS and item.counts and inside
