"""Goal: views that let the engine count give the same answers in memory, on SQLite and on PostgreSQL.

Method: one log with a bit of everything, folded on each engine; every read function is asked, in memory first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from ledger.store import create_store
from ledger.store.postgres import open_postgres
from ledger.store.sqlite import SQLiteViews, views_path
from projections import carriers, employer_extract, indicators, institution_quality, next_level, subsidy_register
from projections._base import View
from projections._live import ddl_of
from projections._moment import end_of
from projections._quality_clues import CLUES, Thresholds, clues
from projections._runner import Runner
from tests.support.examples import ANN, BEN, BODY, EVE, Log
from tests.support.past import ISSUER
from tests.support.postgres import Database
from tests.support.view_engine import ListSource, MemoryViews, rows_of

if TYPE_CHECKING:
    from ledger.store._protocol import ViewEngine

VIEWS: tuple[View, ...] = (
    carriers,
    employer_extract,
    indicators,
    institution_quality,
    next_level,
    subsidy_register,
)
USCC = "52320102MJ000000XG"
NOW = end_of(date(2026, 9, 21))


def filled() -> Log:
    """Three workers, two of them one person, one employer, a class, a carrier, a claim, and acts of all sorts."""
    log = Log()
    log.add("institution-registered", BODY)
    log.add("accreditation-granted", BODY)
    for person, order in ((ANN, 3), (ANN, 5), (BEN, 4), (EVE, 2)):
        log.level(person, order)
        log.add("employment-attested", person, ended_on=None, form="shared" if person == BEN else "full-time")
    held = log.records[2].record_id
    log.add("revocation", ANN, target_record=log.records[3].record_id, action="suspend")
    log.add("revocation", ANN, target_record=log.records[3].record_id, action="reinstate")
    log.add("employment-ended", EVE, employment_record=log.records[9].record_id)
    log.add("subjects-merged", ANN)
    log.add("award/2", ANN)
    log.add("education-credential", BEN)
    log.add("restriction", EVE)
    opened = log.add("class-opened", BODY).record_id
    log.add("enrolment", ANN, class_record=opened)
    log.add("training-completion/2", ANN)
    log.add("inspection-finding", BODY)
    log.add("supervision-decided", BODY)
    log.add("correction-decided", ANN, record=held)
    carrier = log.add("carrier-registered", BODY).record_id
    log.add("carrier-graded", BODY, carrier=carrier)
    log.add("carrier-led", ANN, carrier=carrier)
    claim = log.add("subsidy-claimed", ANN, qualifying_record=held).record_id
    log.add("subsidy-decided", ANN, claim_record=claim, qualifying_record=held)
    log.add("revocation", ANN, target_record=held, effective_on="2026-08-01")
    for kind in ("professional-title", "foreign-qualification", "post-appointed", "protected-interruption"):
        log.add(kind, ANN)
    return log


def linked(subject: UUID) -> Sequence[UUID]:
    return (ANN, BEN) if subject in {ANN, BEN} else (subject,)


def answers(engine: ViewEngine) -> list[Any]:
    """What every read function of these views says."""
    asked: dict[str, Any] = {"region": "32", "as_of_seconds": NOW, "linked": linked}
    quality = institution_quality.quality(engine, issuer=ISSUER, uscc=USCC, as_of_seconds=NOW)
    return [
        indicators.numbers(engine, year=2026, **asked),
        indicators.numbers(engine, year=2026, school=ISSUER, **asked),
        indicators.cells(engine, **asked),
        indicators.records_behind(engine, **asked, code="6-31-01-03", level_order=5),
        employer_extract.extract(
            engine, [ISSUER, "https://other.example.cn/issuers/1"], as_of_seconds=NOW, linked=linked
        ),
        carriers.register(engine, as_of_seconds=NOW, carrier_type="skill-master-studio"),
        subsidy_register.claims(engine, as_of_seconds=NOW, region="32", catalogue="JS-2026-0114", year=2026),
        next_level.held(engine, linked(ANN), as_of_seconds=NOW),
        quality,
        clues(engine, quality, Thresholds(60, 1, 0, 1, 0, 1, 0, 0, 0, 1, 5)),
    ]


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ViewEngine]:
    """A real engine with tables for these views; PostgreSQL under the role that serves."""
    if request.param == "sqlite":
        path = tmp_path / "ledger.db"
        create_store(f"sqlite:///{path}", service_role="", view_tables=ddl_of(VIEWS))
        opened: Any = SQLiteViews(views_path(path))
    else:
        database: Database = request.getfixturevalue("fresh_postgres")
        create_store(database.owner_url, service_role=database.app_role, view_tables=ddl_of(VIEWS))
        opened = open_postgres(database.app_url)
    yield opened
    opened.close()


def test_every_engine_counts_alike(engine: ViewEngine) -> None:
    log = filled()
    memory: MemoryViews = log.fold(*VIEWS)
    Runner(ListSource(log.records), engine, VIEWS).catch_up()
    assert rows_of(engine, VIEWS) == rows_of(memory, VIEWS)
    assert answers(engine) == answers(memory)


def test_the_log_has_something_for_every_answer() -> None:
    found = answers(filled().fold(*VIEWS))
    first, _, cells, records, extract, register, claims, held, quality, made = found
    assert (first.skilled, first.graduates, first.certified, first.employed) == (2, 1, 1, 1)
    assert (len(cells), len(records)) == (3, 1)
    assert (extract.staff, extract.skilled, extract.high_skilled) == (1, 1, 1)
    assert [one.leads for one in register.carriers] == [1]
    assert [one.flagged for one in claims.claims] == [True]
    assert len(held.facts) == 10
    assert quality.corrections == {"refused": 1}
    assert [clue.code for clue in made] == list(CLUES)
