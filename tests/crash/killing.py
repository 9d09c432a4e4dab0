"""A forked child appends records and kills itself with SIGKILL at a chosen step; the parent looks at what is left.

The steps are named after what the production code does there; nothing in the production code knows about them. Each is
reached by wrapping the function of that step in the child only, and dying before it starts or after it returned.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Sequence
from typing import Any

from ledger import service
from ledger.admission import Admission
from ledger.opening import open_ledger
from ledger.publisher import HeadSigner
from ledger.store import _append, postgres, sqlite
from ledger.store.mark import Mark
from ledger.store.postgres import PostgresRecorder
from ledger.store.sqlite import SQLiteRecorder
from tests.support.world import World

WRITERS = 4

STEPS: Sequence[tuple[str, Any, str]] = (
    ("admit", Admission, "admit_all"),
    ("append", None, "append"),
    ("decide", None, "decide_groups"),
    ("write", None, "write"),
    ("commit", None, "commit"),
    ("sign", HeadSigner, "sign"),
    ("mark", Mark, "write"),
    ("receipts", service.Ledger, "_receipts"),
    ("announce", service.Ledger, "_announce"),
    ("publish", HeadSigner, "countersign"),
    ("store-published", None, "store_published"),
    ("acknowledge", None, "acknowledge"),
)
"""Name of the step, and the class that holds its function; None where the engine or this file holds it."""


def die() -> None:
    """SIGKILL to this process: no handler, no flush, no goodbye."""
    os.kill(os.getpid(), signal.SIGKILL)


def killing(function: Callable[..., Any], *, at_call: int, after: bool) -> Callable[..., Any]:
    """The function, which kills the process at its n-th call, before it starts or after it returned."""
    calls = 0
    lock = threading.Lock()

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        with lock:
            calls += 1
            fatal = calls == at_call
        if fatal and not after:
            die()
        result = function(*args, **kwargs)
        if fatal:
            die()
        return result

    return wrapped


class Acknowledgements:
    """Lines that the child wrote before it died: a pipe keeps them when the process is gone."""

    def __init__(self, write_end: int) -> None:
        self._write_end = write_end

    def acknowledge(self, number: int, record_id: str, index: int) -> None:
        """Tells the parent that a record is acknowledged. One write below PIPE_BUF is atomic."""
        os.write(self._write_end, f"{number} {record_id} {index}\n".encode())


def arm(step: str, acknowledgements: Acknowledgements, *, at_call: int, after: bool) -> None:
    """Wraps the function of a step in this (child) process."""
    holder, name = next((holder, name) for known, holder, name in STEPS if known == step)
    elsewhere: dict[str, list[tuple[Any, str]]] = {
        "append": [(PostgresRecorder, "append"), (SQLiteRecorder, "append")],
        "decide_groups": [(postgres, "decide_groups"), (sqlite, "decide_groups"), (_append, "decide_groups")],
        "write": [(PostgresRecorder, "_write"), (sqlite, "write")],
        "commit": [(PostgresRecorder, "_append_once"), (SQLiteRecorder, "_append_in_transaction")],
        "store_published": [(PostgresRecorder, "store_published"), (SQLiteRecorder, "store_published")],
        "acknowledge": [(acknowledgements, "acknowledge")],
    }
    for target, attribute in [(holder, name)] if holder is not None else elsewhere[name]:
        setattr(target, attribute, killing(getattr(target, attribute), at_call=at_call, after=after))


def append_until_killed(
    world: World, envelopes: Sequence[bytes], acknowledgements: Acknowledgements, *, plant: str | None = None
) -> None:
    """Opens the ledger and appends from several threads; acknowledges each receipt. Never returns: exits with 0.

    plant  "acknowledge-first": the planted bug, an acknowledgement before the commit
    """
    ledger = open_ledger(world.url, environ=world.environ, clock=world.clock)
    if plant == "acknowledge-first":
        _acknowledge_first(ledger, acknowledgements)
    todo = iter(enumerate(envelopes))
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                number, envelope = next(todo, (None, b""))
            if number is None:
                return
            receipt = ledger.submit(envelope)
            acknowledgements.acknowledge(number, receipt.record_id, receipt.index)

    threads = [threading.Thread(target=work) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.publish()
    os._exit(0)


def _acknowledge_first(ledger: service.Ledger, acknowledgements: Acknowledgements) -> None:
    recorder: Any = ledger._store.recorder
    append = recorder.append

    def planted(groups: Sequence[Sequence[Any]], decide: Any) -> Any:
        size = recorder.head().size
        for place, group in enumerate(groups):
            record_id = group[0].body.admitted.envelope.record_id
            acknowledgements.acknowledge(-1, record_id, size + place)
        return append(groups, decide)

    recorder.append = planted


def run_child(
    world: World, envelopes: Sequence[bytes], *, step: str, at_call: int, after: bool, plant: str | None = None
) -> tuple[list[tuple[str, int]], bool]:
    """Forks a child that dies at a step.

    returns  what it acknowledged (record id, index), and whether it was killed (False: it finished before the step)
    """
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        try:
            acknowledgements = Acknowledgements(write_end)
            arm(step, acknowledgements, at_call=at_call, after=after)
            append_until_killed(world, envelopes, acknowledgements, plant=plant)
        finally:
            os._exit(3)
    os.close(write_end)
    with os.fdopen(read_end) as lines:
        told = [line.split() for line in lines]
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status)
    if not killed and os.WEXITSTATUS(status) != 0:
        raise AssertionError(f"the child ended with {os.WEXITSTATUS(status)} instead of being killed at {step}")
    return [(record_id, int(index)) for _, record_id, index in told], killed
