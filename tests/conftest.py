"""Fixtures that every test may ask for: a real PostgreSQL cluster, fresh databases, and the seed of this run."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.support.postgres import Cluster, Database, running_postgres
from tests.support.resume import Progress, code_fingerprint
from tests.support.turns import turn

if TYPE_CHECKING:
    # Imported by the fixtures that need it, so that a test of one small module loads only that module.
    from tests.support.world import Template, World

ROOT = Path(__file__).resolve().parent.parent

SEED = int(os.environ.get("SEED", "20260901"))
"""Every random choice of a test starts here; printed in the header, set with `SEED=… make test`."""

LONG = os.environ.get("LONG") == "1"
"""True under `make test-long`: the same tests at the stated n."""

PROGRESS = Progress(ROOT / ".test-long") if LONG else None
LOCKS = "SKILL_LEDGER_TEST_LOCKS"
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ

settings.register_profile("small", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("small"), max_examples=5_000)
settings.load_profile("long" if LONG else "small")


def pytest_configure() -> None:
    """The controller opens the workers' lock folder; a long run reads what it has behind it."""
    if not IS_WORKER:
        os.environ[LOCKS] = tempfile.mkdtemp(prefix="skill-ledger-tests-")
    if PROGRESS is not None:
        PROGRESS.join() if IS_WORKER else PROGRESS.begin(code_fingerprint(ROOT))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Serial tests stay on one worker; a long run leaves out what passed before it was stopped."""
    for item in items:
        if item.get_closest_marker("serial"):
            item.add_marker(pytest.mark.xdist_group("serial"))
    if PROGRESS is not None:
        done = [item for item in items if item.nodeid in PROGRESS.skipped]
        config.hook.pytest_deselected(items=done)
        items[:] = [item for item in items if item.nodeid not in PROGRESS.skipped]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A test marked `serial` runs alone, whatever the other workers do."""
    with turn(Path(os.environ[LOCKS]), alone=item.get_closest_marker("serial") is not None):
        return (yield)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A long run remembers each pass at once."""
    if PROGRESS is not None and not IS_WORKER:
        PROGRESS.note(report.nodeid, step=report.when or "", failed=report.failed)


def pytest_sessionfinish(exitstatus: int) -> None:
    """A long run that is all green starts from nothing next time."""
    if PROGRESS is not None and not IS_WORKER and exitstatus == 0:
        PROGRESS.finish()
    if not IS_WORKER:
        shutil.rmtree(os.environ[LOCKS], ignore_errors=True)


def pytest_report_header() -> str:
    """One line above the run that makes it repeatable."""
    return f"seed: {SEED} (SEED={SEED} repeats this run), n: {'long' if LONG else 'small'}"


@pytest.fixture(scope="session")
def seed() -> int:
    """The number that every random choice of this run starts from."""
    return SEED


@pytest.fixture(scope="session")
def long_run() -> bool:
    """True under `make test-long`."""
    return LONG


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """A running durable PostgreSQL server; its absence fails the test, never skips it."""
    with running_postgres() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """Owner URL of one database shared by the session; use `fresh_postgres` where rows must not be shared."""
    with postgres_cluster.fresh_database() as database:
        yield database.owner_url


@pytest.fixture
def fresh_postgres(postgres_cluster: Cluster) -> Iterator[Database]:
    """A new, empty PostgreSQL database: `.owner_url`, `.app_role` (not yet created), `.app_url`."""
    with postgres_cluster.fresh_database() as database:
        yield database


@pytest.fixture
def fresh_sqlite(tmp_path: Path) -> str:
    """URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A begun SQLite log with its institutions, copied for each world."""
    from tests.support.world import template_sqlite

    return template_sqlite(tmp_path_factory.mktemp("template-sqlite"))


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory: pytest.TempPathFactory, postgres_cluster: Cluster) -> Iterator[Template]:
    """A begun PostgreSQL log with its institutions, copied for each world."""
    from tests.support.world import template_postgres

    with template_postgres(tmp_path_factory.mktemp("template-postgres"), postgres_cluster) as template:
        yield template


@pytest.fixture(params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path: Path, seed: int) -> Iterator[World]:
    """A real ledger with an authority and institutions, on each engine in turn."""
    template: Template = request.getfixturevalue(f"{request.param}_template")
    with template.world(tmp_path, seed=seed) as made:
        yield made


@pytest.fixture
def sqlite_world(sqlite_template: Template, tmp_path: Path, seed: int) -> Iterator[World]:
    """A world on SQLite, where the engine does not matter."""
    with sqlite_template.world(tmp_path, seed=seed) as made:
        yield made


@pytest.fixture
def postgres_world(postgres_template: Template, tmp_path: Path, seed: int) -> Iterator[World]:
    """A world on PostgreSQL, where only it can show the case."""
    with postgres_template.world(tmp_path, seed=seed) as made:
        yield made
