"""Steps 1 to 6 for whatever a commit takes from the queue, and the registry that they look keys up in.

Reading needs the interpreter, which runs one thread at a time; checking a signature does not. So a commit's envelopes
are read one after the other, and then their signatures are checked side by side.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from ledger.acceptance import Admitted, Unverified, read, verify
from ledger.errors import KeyUnknown, LedgerError
from ledger.records import parse_record
from ledger.registry import Registry
from ledger.store._protocol import Recorder, View
from ledger.unforeseen import unforeseen
from ledger.wire.envelope import Envelope, parse_envelope

InT = TypeVar("InT")
OutT = TypeVar("OutT")

THREADS_MAX: Final = 8
SIDE_BY_SIDE_MIN: Final = 8
"""Signatures below which another thread takes longer to wake than to spare."""


class Admission:
    """Reads and verifies envelopes against the newest registry. Safe for use by many threads."""

    def __init__(self, recorder: Recorder, *, accepted: frozenset[str]) -> None:
        self._recorder = recorder
        self._accepted = accepted
        self._registry = Registry()
        self._lock = threading.Lock()
        self._threads = min(os.cpu_count() or 1, THREADS_MAX)
        self._pool = ThreadPoolExecutor(max_workers=self._threads, thread_name_prefix="signatures")

    def admit(self, data: bytes) -> Admitted:
        """One record after steps 1 to 6. Touches the store only when the key is new to this process.

        raises  Refused, as `ledger.acceptance.admit`
        """
        return verify(self._read(parse_envelope(data)))

    def admit_all(self, many: Sequence[bytes]) -> list[Admitted | LedgerError]:
        """What `admit` gives or raises, for each. Step by step for all: a processor likes to repeat itself."""
        parsed = [or_refusal(parse_envelope, data) for data in many]
        read = [or_refusal(self._read, one) for one in parsed]
        if len(read) < SIDE_BY_SIDE_MIN or self._threads == 1:
            return _verify_all(read)
        share = -(-len(read) // self._threads)
        others = [
            self._pool.submit(_verify_all, read[start : start + share]) for start in range(share, len(read), share)
        ]
        verified = _verify_all(read[:share])
        for other in others:
            verified += other.result()
        return verified

    def registry(self) -> Registry:
        """The registry as of the committed head."""
        return self._registry_up_to(self._recorder.head().registry_size)

    def registry_under_lock(self, view: View) -> Registry:
        """The registry that a decision sees: with what the same transaction has changed."""
        if view.state is not None:
            return view.state  # type: ignore[no-any-return]
        return self._registry_up_to(view.registry_size)

    def close(self) -> None:
        """Ends the threads."""
        self._pool.shutdown()

    def _read(self, envelope: Envelope) -> Unverified:
        known = self._registry
        try:
            return read(envelope, registry=known, accepted=self._accepted)
        except KeyUnknown:
            registry = self.registry()
            if registry is known:
                raise
            return read(envelope, registry=registry, accepted=self._accepted)

    def _registry_up_to(self, size: int) -> Registry:
        if self._registry.size >= size:
            return self._registry
        with self._lock:
            registry = self._registry
            for logged in self._recorder.read_registry(after=registry.size - 1, below=size):
                registry = registry.apply(parse_record(parse_envelope(logged.leaf + b"~")), index=logged.index)
            self._registry = registry
        return registry


def _verify_all(many: Sequence[Unverified | LedgerError]) -> list[Admitted | LedgerError]:
    return [or_refusal(verify, one) for one in many]


def or_refusal(step: Callable[[InT], OutT], one: InT | LedgerError) -> OutT | LedgerError:
    """What the step makes of one, or why it, or a step before, refused."""
    if isinstance(one, LedgerError):
        return one
    try:
        return step(one)
    except LedgerError as refused:
        return refused
    except Exception as defect:  # noqa: BLE001  # one record must not end the thread that commits for all
        return unforeseen(defect)
