"""Durable appends: the stock event store, our recorder alone, and the whole `Ledger.submit`, side by side in one run.

Run: python -m tests.bench.bench_append [--records N] [--runs N]. Prints a table of medians and ratios to stock.

What is compared:
  stock     `PostgresApplicationRecorder.insert_events` / `SQLiteApplicationRecorder.insert_events` of the library, one
            event a call. SQLite with synchronous=FULL, as ours.
  recorder  our recorder's `insert_events` with the same rows: Merkle log, tiles, idempotency rows and head included
  submit    `Ledger.submit` of what `Ledger.admit` gave: steps 7-12, subjects, sealing, uniqueness, signed checkpoint,
            receipt. What needs no lock was done before: strict parse, signature check, blind indexes
  bytes     `Ledger.submit(bytes)`: the same with strict parse and signature check inside
  awards    as `submit`, for credentials of 3.3 KB, ten for each of many people

All but `awards` are signed records of about 1 KB (suspensions of a logged award, one disclosure).
"""

from __future__ import annotations

import argparse
import itertools
import secrets
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from ledger.errors import Refused
from ledger.receipts import Receipt
from ledger.service import Ledger
from ledger.store import create_store, open_store
from ledger.store._mapper import format_state
from tests.bench.records import BenchLedger, bench_ledger

WRITERS = (1, 64)


def timed(calls: Sequence[Callable[[], Any]], writers: int) -> float:
    """Calls a second, made by this many threads that share the list."""
    todo = iter(calls)
    lock = threading.Lock()
    barrier = threading.Barrier(writers + 1)
    failures: list[BaseException] = []

    def work() -> None:
        barrier.wait()
        while True:
            with lock:
                call = next(todo, None)
            if call is None:
                return
            try:
                call()
            except BaseException as failure:
                failures.append(failure)
                raise

    threads = [threading.Thread(target=work) for _ in range(writers)]
    for thread in threads:
        thread.start()
    barrier.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    if failures:
        raise failures[0]
    return len(calls) / took


def receipt_id(answer: Receipt | Refused) -> str:
    """The record id of an answer that must be a receipt."""
    if isinstance(answer, Refused):
        raise answer
    return answer.record_id


def stored_events(bench: BenchLedger, count: int) -> list[StoredEvent]:
    """Rows as the mapper makes them: one signed record in a container, about 1 KB, each in a stream of its own."""
    return [
        StoredEvent(uuid4(), 1, "revocation/1", format_state(leaf=envelope.split(b"~")[0], sealed=bytes(150)))
        for envelope in bench.suspensions([secrets.token_hex(32) for _ in range(count)])
    ]


@contextmanager
def stock_postgres(url: str) -> Iterator[PostgresApplicationRecorder]:
    """The library's own recorder with a pool that lets 64 threads wait their turn."""
    parts = urlsplit(url)
    datastore = PostgresDatastore(
        dbname=parts.path[1:],
        host=parts.hostname or "",
        port=parts.port or 0,
        user=parts.username or "",
        password="",
        pool_size=16,
        max_overflow=48,
        connect_timeout=60,
    )
    recorder = PostgresApplicationRecorder(datastore, events_table_name="stock_events")
    recorder.create_table()
    yield recorder
    datastore.close()


@contextmanager
def stock_sqlite(path: Path) -> Iterator[SQLiteApplicationRecorder]:
    """The library's own recorder; FULL, so that both sides flush each commit."""
    datastore = SQLiteDatastore(str(path), pool_size=1, max_overflow=64, pool_timeout=600, lock_timeout=600)
    create = datastore.pool._create_connection

    def full() -> Any:
        connection = create()
        connection._sqlite_conn.execute("PRAGMA synchronous = FULL")
        return connection

    datastore.pool._create_connection = full  # type: ignore[method-assign]
    recorder = SQLiteApplicationRecorder(datastore, events_table_name="stock_events")
    recorder.create_table()
    yield recorder
    datastore.close()


def measure(engine: str, records: int, runs: int) -> dict[tuple[str, int], list[float]]:
    """Records a second by path and writers, one figure a run; the paths take turns within a run."""
    rates: dict[tuple[str, int], list[float]] = {}
    with bench_ledger(engine) as bench, other_store(engine, bench) as (stock, ours):
        for _, writers in itertools.product(range(runs), WRITERS):
            count = records if writers > 1 else max(200, records // 10)
            ledger: Ledger = bench.ledger
            rows = stored_events(bench, count)
            rates.setdefault(("stock", writers), []).append(
                timed([partial(stock.insert_events, [row]) for row in rows], writers)
            )
            rates.setdefault(("recorder", writers), []).append(
                timed([partial(ours.insert_events, [row]) for row in rows], writers)
            )
            targets = [receipt_id(answer) for answer in ledger.submit_many(bench.envelopes(2 * count))]
            small = bench.suspensions(targets)
            admitted = [ledger.admit(envelope) for envelope in small[:count]]
            rates.setdefault(("submit", writers), []).append(
                timed([partial(ledger.submit, one) for one in admitted], writers)
            )
            rates.setdefault(("bytes", writers), []).append(
                timed([partial(ledger.submit, one) for one in small[count:]], writers)
            )
            awards = [ledger.admit(envelope) for envelope in bench.envelopes(count)]
            rates.setdefault(("awards", writers), []).append(
                timed([partial(ledger.submit, one) for one in awards], writers)
            )
    return rates


@contextmanager
def other_store(engine: str, bench: BenchLedger) -> Iterator[tuple[Any, Any]]:
    """The stock recorder and our bare recorder, each on a fresh database of the same server or disk."""
    if engine == "sqlite":
        with tempfile.TemporaryDirectory() as folder, stock_sqlite(Path(folder) / "stock.db") as stock:
            url = f"sqlite:///{folder}/ours.db"
            create_store(url, service_role="", view_tables=[])
            store = open_store(url, writable=True)
            yield stock, store.recorder
            store.close()
        return
    if bench.cluster is None:
        raise AssertionError("no cluster")
    with bench.cluster.fresh_database() as database, stock_postgres(database.owner_url) as stock:
        create_store(database.owner_url, service_role=database.app_role, view_tables=[])
        store = open_store(database.app_url, writable=True)
        yield stock, store.recorder
        store.close()


def main() -> None:
    """Measures both engines and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=6_000, help="records a run at 64 writers")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--engine", choices=("postgresql", "sqlite"), action="append")
    chosen = parser.parse_args()
    print("| engine | writers | path | records/s (median) | ratio to stock, min - median - max |")
    print("|---|---|---|---|---|")
    for engine in chosen.engine or ("postgresql", "sqlite"):
        rates = measure(engine, chosen.records, chosen.runs)
        for (path, writers), figures in sorted(rates.items(), key=lambda item: item[0][1]):
            ratios = sorted(a / b for a, b in zip(figures, rates["stock", writers], strict=True))
            print(
                f"| {engine} | {writers} | {path} | {statistics.median(figures):,.0f} | "
                f"{ratios[0]:.2f} - {statistics.median(ratios):.2f} - {ratios[-1]:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
