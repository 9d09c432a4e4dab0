"""How fast views are filled, beside the library's own runner, on the same records in one run.

    python -m tests.bench.bench_rebuild

Both read one PostgreSQL table of signed-size records (about 1 KB). The library's `ProjectionRunner` gets the leanest
mapper (no strict parse) and, for the archive, the very same fold and SQL; it applies one record a transaction.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, StoredEvent, Tracking
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner

from ledger.logged import LoggedRecord
from ledger.store import create_store
from ledger.store._mapper import format_state, logged_record
from ledger.store._postgres_cursor import PostgresCursor
from ledger.store.postgres import PostgresRecorder, open_postgres
from projections import VIEWS, archive
from projections._base import Table, View
from projections._compile import coalesce, statements
from projections._live import ddl_of
from projections._runner import Runner
from tests.support.postgres import running_postgres
from tests.support.toy_views import Idle
from tests.support.view_engine import entry

IDLE = Idle()
FILL_RECORDS = 1_000
SUBJECT_RECORDS = 20
TABLES: dict[str, Table] = {table.name: table for table in archive.TABLES}


def certificate(number: int) -> LoggedRecord:
    """One record of about 1 KB, as FORMATS writes certificates; twenty to a worker."""
    subject = UUID(bytes=hashlib.sha256(f"subject {number // SUBJECT_RECORDS}".encode()).digest()[:16])
    salt = hashlib.sha256(str(number).encode()).hexdigest()[:43]
    payload = {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": f"urn:uuid:{UUID(int=number)}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "vct": "https://ledger.example.cn/kinds/skill-certificate/1",
        "iss": "https://osta.example.cn/issuers/4401",
        "iat": 1_779_249_600 + number,
        "name": "职业技能等级证书",
        "validFrom": "2026-05-20T00:00:00+08:00",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "achievement": {
                "achievementType": "Certification",
                "name": "电工（三级/高级工）",
                "levelOrder": 4,
                "occupation": {"code": "6-31-01-03"},
            },
            "_sd": [salt, salt[::-1]],
        },
        "credentialStatus": [
            {
                "statusListIndex": str(number),
                "statusListCredential": f"https://ledger.example.cn/status/4401/7/{purpose}",
            }
            for purpose in ("revocation", "suspension")
        ],
    }
    record = entry(number, subject, "skill-certificate/1", payload)
    return LoggedRecord(number, subject, number % SUBJECT_RECORDS + 1, record.kind, record.leaf, b"\1" * 200)


class RecorderSource:
    """Records straight from the recorder."""

    def __init__(self, recorder: PostgresRecorder) -> None:
        self._recorder = recorder

    def read(self, after: int, limit: int) -> Sequence[LoggedRecord]:
        """Records with index > after."""
        return self._recorder.read_records(after=after, limit=limit)


class LeanMapper(Mapper[UUID]):
    """Rows to records at the least cost."""

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """The record in a row."""
        return logged_record(
            stream=stored_event.originator_id,  # type: ignore[arg-type]
            version=stored_event.originator_version,
            topic=stored_event.topic,
            state=stored_event.state,
            notification_id=getattr(stored_event, "id"),  # noqa: B009 - a notification has one, its base class does not
        )


class StockRecorder(PostgresApplicationRecorder):
    """The library's recorder on our events table."""

    def __init__(self, datastore: Any, *, events_table_name: str) -> None:  # noqa: ARG002 - the factory passes it
        super().__init__(datastore, events_table_name="events")


class Log(Application[UUID]):
    """The application that the library's runner follows."""


class ArchiveRows(PostgresTrackingRecorder):
    """The archive's rows, one record a transaction."""

    def put(self, record: LoggedRecord, tracking: Tracking) -> None:
        """Rows and position together."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            for statement in statements(coalesce(archive.apply(record)), tables=TABLES, generation="b"):
                PostgresCursor(cursor).execute_rows(*statement)


class IdleProjection(Projection[PostgresTrackingRecorder]):
    """Only the position moves."""

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:  # noqa: ARG002 - the library's signature
        """One event."""
        self.view.insert_tracking(tracking)


class ArchiveProjection(Projection[ArchiveRows]):
    """The archive."""

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """One event."""
        self.view.put(domain_event, tracking)


def stock(url: str, projection: type[Projection[Any]], view: type[Any], size: int) -> None:
    """Run the library's runner over the whole log."""
    parts = urlsplit(url)
    env = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts.path.lstrip("/"),
        "POSTGRES_HOST": str(parts.hostname),
        "POSTGRES_PORT": str(parts.port),
        "POSTGRES_USER": str(parts.username),
        "POSTGRES_PASSWORD": "",
        "MAPPER_TOPIC": f"{__name__}:LeanMapper",
        "APPLICATION_RECORDER_TOPIC": f"{__name__}:StockRecorder",
        "POSTGRES_ORIGINATOR_ID_TYPE": "uuid",
        "LOG_CREATE_TABLE": "no",
    }
    with ProjectionRunner(application_class=Log, projection_class=projection, view_class=view, env=env) as runner:
        runner.wait(size, timeout=600)


def ours(url: str, views: Sequence[View], size: int) -> None:
    """Rebuild views in one pass over the log."""
    recorder = open_postgres(url)
    runner = Runner(RecorderSource(recorder), recorder, views)
    assert set(runner.rebuild_together(view.NAME for view in views).values()) == {size}
    recorder.close()


def fill(url: str, size: int) -> int:
    """Write the records through the ledger's recorder; gives the bytes of one leaf."""
    recorder = open_postgres(url)
    leaf_bytes = 0
    for start in range(0, size, FILL_RECORDS):
        records = [certificate(number) for number in range(start, min(size, start + FILL_RECORDS))]
        leaf_bytes = len(records[0].leaf)
        recorder.insert_events(
            [StoredEvent(r.stream, r.version, r.kind, format_state(leaf=r.leaf, sealed=r.sealed)) for r in records]
        )
    recorder.close()
    return leaf_bytes


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(line + "\n")


def rate(work: Callable[[], None], size: int) -> float:
    """Records a second of one run."""
    started = time.perf_counter()
    work()
    return size / (time.perf_counter() - started)


def main() -> None:
    """Print rates and ratios; every line is the median of the runs, which take turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    size = arguments.records
    with running_postgres() as cluster, cluster.fresh_database() as database:
        url = database.owner_url
        create_store(url, service_role=database.app_role, view_tables=ddl_of([*VIEWS, IDLE]))
        say(f"{size} records, leaf of {fill(url, size)} bytes")
        cases: list[tuple[str, Callable[[], None]]] = [
            ("ours, empty view", lambda: ours(url, [IDLE], size)),
            ("ours, archive", lambda: ours(url, [archive], size)),
            ("ours, all views", lambda: ours(url, VIEWS, size)),
        ]
        rates: dict[str, list[float]] = {}
        for run in range(arguments.runs):
            # A tracking table of its own for each run: the library starts where its table says.
            idle = type(f"Idle{run}", (IdleProjection,), {})
            rows = type(f"Archive{run}", (ArchiveProjection,), {})
            library: list[tuple[str, Callable[[], None]]] = [
                ("library, empty view", partial(stock, url, idle, PostgresTrackingRecorder, size)),
                ("library, archive", partial(stock, url, rows, ArchiveRows, size)),
            ]
            for name, work in [*library, *cases]:
                rates.setdefault(name, []).append(rate(work, size))
    medians = {name: statistics.median(found) for name, found in rates.items()}
    for name, found in medians.items():
        spread = ", ".join(f"{value:,.0f}" for value in rates[name])
        say(f"{name:22} {found:10,.0f} records/s   ({spread})")
    empty, stock_empty = medians["ours, empty view"], medians["library, empty view"]
    say(f"empty view   {empty / stock_empty:6.1f} x the library's runner (goal 15)")
    say(
        f"archive      {medians['ours, archive'] / stock_empty:6.1f} x the library's runner with an empty view (goal 5)"
    )
    say(f"archive      {medians['ours, archive'] / medians['library, archive']:6.1f} x the library's runner, same rows")
    together = medians["ours, all views"] / medians["library, archive"]
    say(f"all views    {together:6.1f} x the library's runner with one of them (goal 5)")


if __name__ == "__main__":
    main()
