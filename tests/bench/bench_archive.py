"""How long a worker's archive takes to open, beside reading its rows, on SQLite as a server has it.

Run: python -m tests.bench.bench_archive [--records N] [--runs N]. The archive of one worker among many; both sides read the
same rows of records, acts and details in one snapshot. What is above 1 is folding rows into items and judging their state.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from ledger.store import create_store, open_store
from ledger.store._protocol import ViewEngine
from projections import archive
from projections._base import Logged
from projections._live import ddl_of, reading
from projections._runner import Runner
from tests.bench.bench_rebuild import certificate
from tests.support.view_engine import ListSource

SUBJECTS = 40
AS_OF_SECONDS = 1_800_000_000
MICRO = 1e6


def records_of(each: int) -> list[Logged]:
    """So many certificates for each of the workers, mixed."""
    found: list[Logged] = []
    for number in range(each * SUBJECTS):
        record = certificate(number)
        object.__setattr__(record, "stream", UUID(int=number % SUBJECTS + 1))
        found.append(record)
    return found


def read_rows(engine: ViewEngine, subject: UUID) -> int:
    """The rows of an archive, as they are."""
    count = 0
    with reading(engine, archive.NAME) as live:
        for table in ("archive_records", "archive_acts", "archive_details"):
            count += len(live.select(f"SELECT * FROM {table}{{g}} WHERE stream = ?", (str(subject),)))
    return count


def each_microseconds(work: Callable[[UUID], object]) -> float:
    """Median time of one call over all workers."""
    times = []
    for number in range(SUBJECTS):
        started = time.perf_counter()
        work(UUID(int=number + 1))
        times.append(time.perf_counter() - started)
    return statistics.median(times) * MICRO


def main() -> None:
    """Print both times and their ratio, medians of the runs, which take turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=50)
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'ledger.db'}"
        create_store(url, service_role="", view_tables=ddl_of([archive]))
        store = open_store(url, writable=True)
        Runner(ListSource(records_of(arguments.records)), store.views, [archive]).catch_up()
        plain, opened = [], []
        for _ in range(arguments.runs):
            plain.append(each_microseconds(lambda subject: read_rows(store.views, subject)))
            opened.append(
                each_microseconds(lambda subject: archive.archive(store.views, subject, as_of_seconds=AS_OF_SECONDS))
            )
        store.close()
    rows, whole = statistics.median(plain), statistics.median(opened)
    sys.stdout.write(
        f"archive of {arguments.records} records: rows {rows:.0f} µs, opened {whole:.0f} µs, "
        f"ratio {whole / rows:.2f} (aim 1.5)\n"
    )


if __name__ == "__main__":
    main()
