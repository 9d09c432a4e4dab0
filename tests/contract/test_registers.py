"""Goal: what archive, registers and histories answer is the same on every engine: their reading is SQL of its own.

Method: one log with something of everything; each question on each engine against the engine in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from projections import archive, honours, key_history, talent_register
from projections._career import ladders, mentorings
from projections._mentors import won_by_apprentices
from projections._runner import Runner
from projections._standing import instant_seconds
from projections.honours import Chosen
from tests.contract.test_views import Open, open_engine
from tests.support.examples import ANN, BEN, BODY, EVE, Log
from tests.support.past import ISSUER
from tests.support.view_engine import ListSource, MemoryViews

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

__all__ = ["open_engine"]

VIEWS = (archive, honours, key_history, talent_register)
WELDER = {"occupation_code": "6-18-02-04", "occupation_name": "焊工"}
GROUP = f"urn:uuid:{UUID(int=1)}"
DAYS = [instant_seconds(f"{day}T12:00:00+08:00") for day in ("2026-05-19", "2026-07-15", "2027-01-01", "2030-01-01")]


def linked(stream: UUID) -> tuple[UUID, ...]:
    """Ann and Ben are one worker."""
    return (ANN, BEN) if stream in (ANN, BEN) else (stream,)


def life() -> Log:
    """Certificates, posts, medals, awards, a mentoring, keys; some revoked, suspended, ended, merged or restricted."""
    log = Log()
    log.add("key-registered", BODY)
    held = log.level(ANN, 6, **WELDER)
    post = log.add("post-appointed", ANN, basis_record=held).record_id
    log.add("post-ended", ANN, appointment_record=post)
    suspended = log.level(BEN, 4)
    log.add("revocation", BEN, target_record=suspended, action="suspend", effective_on="2026-07-01")
    log.add("revocation", BEN, target_record=suspended, action="reinstate", effective_on="2026-08-01")
    old, new = log.level(BEN, 5), log.level(BEN, 4)
    log.add("correction", BEN, target_record=old, replacement_record=new)
    log.add("subjects-merged", ANN)
    log.level(EVE, 5)
    log.add("restriction", EVE)
    contest = log.add("contest-registered", BODY, contest_class="national").record_id
    for stream in (ANN, EVE):
        result = log.add("contest-result", stream, contest_record=contest, happened_on="2026-07-01").record_id
        log.add("award/2", stream, result_record=result, contest_rank=None)
    sides: dict[str, Any] = {"group": GROUP, "parties": 2}
    log.add("mentoring-agreed", ANN, role="mentor", party=1, mentor_side="enterprise", **sides)
    log.add("mentoring-agreed", EVE, party=2, **sides)
    log.add("award/1", BEN, region="320500", decided_on="2025-01-01")
    kid = log.add("key-revoked", BODY).payload["key"]["kid"]
    log.add("confirmation", BODY, suspect_kid=kid)
    return log


def of_archive(engine: ViewEngine, at: int) -> Any:
    """Timeline, links, ladders and mentorings of a worker with two archives."""
    found = archive.archive(engine, ANN, BEN, as_of_seconds=at)
    won = won_by_apprentices(engine, found, is_restricted=lambda _: False)
    return found, archive.links(engine, found), ladders(found), mentorings(found), won


def of_talent(engine: ViewEngine, at: int) -> Any:
    """Membership, its history, and counts by everything."""
    return (
        talent_register.membership(engine, ANN, BEN, as_of_seconds=at),
        talent_register.passages(engine, ANN, BEN, as_of_seconds=at),
        talent_register.among(engine, {str(ANN), str(EVE)}, as_of_seconds=at, linked=linked),
        talent_register.count(engine, as_of_seconds=at, linked=linked, by=[*talent_register.DIMENSIONS]),
        talent_register.count(
            engine, as_of_seconds=at, linked=linked, occupation="6-31", level_order=4, region="32", issuer=ISSUER
        ),
    )


def of_honours(engine: ViewEngine, at: int) -> Any:
    """The roll, counts by everything, and the pool."""
    chosen = Chosen(award_code="AW-CN-02", tier="STATE", year=2026, region="32")
    return (
        honours.roll(engine, as_of_seconds=at, linked=linked, chosen=chosen),
        honours.count(engine, as_of_seconds=at, linked=linked, by=[*honours.DIMENSIONS]),
        honours.nomination_pool(engine, as_of_seconds=at, linked=linked, occupation="6-18"),
    )


def of_keys(engine: ViewEngine, at: int) -> Any:
    """An issuer's keys; no instant moves them."""
    del at
    return key_history.key_history(engine, ISSUER)


QUESTIONS: list[Callable[[ViewEngine, int], Any]] = [of_archive, of_talent, of_honours, of_keys]


@pytest.mark.parametrize("question", QUESTIONS, ids=[question.__name__ for question in QUESTIONS])
def test_every_engine_gives_the_same_answer(
    open_engine: Open,
    question: Callable[[ViewEngine, int], Any],
) -> None:
    records = life().records
    plain, engine = MemoryViews(VIEWS), open_engine(VIEWS)
    for one in (plain, engine):
        Runner(ListSource(records), one, VIEWS, batch_records_max=4).catch_up()
    answers = [question(engine, at) for at in DAYS]
    assert answers == [question(plain, at) for at in DAYS]
    assert len({repr(answer) for answer in answers}) == (1 if question is of_keys else len(DAYS))
