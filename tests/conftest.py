"""Fixtures that every test may ask for: a real PostgreSQL cluster, fresh databases, and the seed of this run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import Cluster, Database, running_postgres

SEED = int(os.environ.get("SEED", "20260901"))
"""Every random choice of a test starts here; printed in the header, set with `SEED=… make test`."""

LONG = os.environ.get("LONG") == "1"
"""True under `make test-long`: the same tests at the stated n."""


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
