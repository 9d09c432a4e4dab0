"""Keeping the views up from a process of its own: folding takes the interpreter lock, which requests need.

One process follows, however many serve. It needs no key and no secret: views are folds of what the log shows.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence

from ledger.logged import LoggedRecord
from ledger.store import Store, open_store
from projections import VIEWS
from projections._runner import Runner

POLL_SECONDS = 1.0
STORE_VARIABLE = "SKILL_LEDGER_STORE"


class FollowerEnded(Exception):
    """The process that follows the log has ended."""


class Follower:
    """The process that folds the log into the views. It ends with the one that started it, however that ends."""

    def __init__(self, store_url: str) -> None:
        self._store_url = store_url
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the process."""
        environ = {**os.environ, STORE_VARIABLE: self._store_url}
        self._process = subprocess.Popen([sys.executable, "-m", __name__], stdin=subprocess.PIPE, env=environ)  # noqa: S603  # this very program

    @property
    def failure(self) -> BaseException | None:
        """Why the views do not follow, or None while they do."""
        code = -1 if self._process is None else self._process.poll()
        return None if code is None else FollowerEnded(f"exit code {code}; its last words are on standard error")

    def close(self) -> None:
        """Ends the process; the transaction at hand is rolled back and done again by the next one."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate()


class _Source:
    """A store's records, as the runner reads them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, after: int, limit: int) -> Sequence[LoggedRecord]:
        """Records with index > after, in order, at most `limit`."""
        return self._store.recorder.read_records(after=after, limit=limit)


def keep_what_stands() -> None:
    """Tells the garbage collector, once a process has started, that what stands now stays, and to look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def follow(store_url: str, *, lifeline: int) -> int:
    """Folds until the process that started this one is gone.

    lifeline  a file descriptor that ends when that process does
    returns   exit status: 1 when the views have stopped
    """
    store = open_store(store_url, writable=False)
    keep_what_stands()
    with Runner(_Source(store), store.views, VIEWS) as runner:
        for _ in store.recorder.growth(timeout_seconds=POLL_SECONDS):
            runner.wake()
            if runner.failure is not None:
                return 1
            if select.select([lifeline], [], [], 0)[0]:
                break
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's: whoever started this process decides
    sys.exit(follow(os.environ[STORE_VARIABLE], lifeline=sys.stdin.fileno()))
