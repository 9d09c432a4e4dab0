"""Memory of the appending process while the log grows: it must stay flat.

Run: python -m tests.bench.bench_memory [--records 200000]. Prints resident memory after every tenth of the records.
"""

from __future__ import annotations

import argparse
import gc
from pathlib import Path

from tests.bench.records import bench_ledger

PARTS = 10


def resident_mib() -> float:
    """Resident memory of this process (Linux)."""
    fields = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in fields if line.startswith("VmRSS")) / 1024


def main() -> None:
    """Appends and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--engine", default="postgresql", choices=("postgresql", "sqlite"))
    chosen = parser.parse_args()
    print("| records in the log | resident MiB |\n|---|---|")
    with bench_ledger(chosen.engine) as bench:
        done = 0
        while done < chosen.records:
            step = min(1_000, chosen.records - done)
            bench.ledger.submit_many(bench.envelopes(step))
            done += step
            if done % (chosen.records // PARTS) == 0:
                gc.collect()
                print(f"| {done:,} | {resident_mib():.0f} |", flush=True)


if __name__ == "__main__":
    main()
