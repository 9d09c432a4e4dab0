"""What acceptance costs for each record, all steps but the signature, in processor time.

Run: python -m tests.bench.bench_acceptance [--records N] [--runs N]. The records of one kind are signed before; then steps
1 to 5 (parse, canonical form, header, kind, schema, algorithm) and 7 to 12 (held, key, standing, dates, disclosures,
identity, the kind's rule, uniqueness, sealing) are run for all of them, against a head whose rows are in memory: what the
database takes is in `bench_append`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from ledger import acceptance
from ledger.errors import LedgerError
from ledger.store._append import Loaded, LockedView, decide_groups
from ledger.store._people import People
from ledger.store._protocol import Head
from ledger.wire.envelope import parse_envelope
from tests.support.world import World, template_sqlite

KINDS = ("skill-certificate", "award", "employment-attested", "name-changed", "institution-standing")
JULY_SECONDS = 1_783_000_000
MICRO = 1e6
BATCH = 64


def signed(world: World, kind: str, records: int) -> list[bytes]:
    """Records of one kind about many people, as their institution signed them."""
    by = "authority" if kind == "institution-standing" else "centre"
    return [
        world.sign(
            kind,
            by=by,
            person=None if by == "authority" else number % 1_000,
            serial=number + 1,
            late=None if by == "authority" else "historical-import",
        )
        for number in range(records)
    ]


def run(world: World, envelopes: list[bytes]) -> tuple[float, float, int]:
    """Microseconds a record of steps 1-5 and of steps 7-12, and how many were accepted; in batches, as commits come."""
    registry, decider, size = world.ledger.registry(), world.ledger._decider, world.ledger.size()
    parsing = deciding = 0.0
    accepted = 0
    for start in range(0, len(envelopes), BATCH):
        began = time.process_time()
        read = [acceptance.read(parse_envelope(data), registry=registry) for data in envelopes[start : start + BATCH]]
        parsed = time.process_time()
        verified = [acceptance.verify(one) for one in read]
        resumed = time.process_time()
        proposals = [decider.propose(one) for one in verified]
        people = People(lambda _sql, _params: [])
        view = LockedView(Head(size, b"", registry.size), Loaded(), people, lambda _stream: [])
        outcomes, _ = decide_groups([[one] for one in proposals], decider.decide, view, store_errors=OSError)
        parsing, deciding = parsing + parsed - began, deciding + time.process_time() - resumed
        accepted += sum(not isinstance(one, LedgerError) for one in outcomes)
    return parsing * MICRO / len(envelopes), deciding * MICRO / len(envelopes), accepted


def main() -> None:
    """Print the medians of the runs, a line for each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    say = sys.stdout.write
    say(f"{'kind':24} {'accepted':>9} {'steps 1-5':>10} {'steps 7-12':>11} {'together':>9}   µs a record (aim 60)\n")
    with tempfile.TemporaryDirectory() as folder:
        template = template_sqlite(Path(folder) / "template")
        for number, kind in enumerate(KINDS):
            with template.world(Path(folder) / str(number)) as world:
                world.clock.seconds = JULY_SECONDS
                envelopes = signed(world, kind, arguments.records)
                runs = [run(world, envelopes) for _ in range(arguments.runs)]
            first, second = (statistics.median(one[part] for one in runs) for part in (0, 1))
            say(f"{kind:24} {runs[0][2]:9} {first:10.1f} {second:11.1f} {first + second:9.1f}\n")


if __name__ == "__main__":
    main()
