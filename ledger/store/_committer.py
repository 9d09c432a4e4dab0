"""Group commit: what waits while a commit runs goes into the next one together.

There is no timer. When nothing runs, a blocking caller commits in its own thread; otherwise its job joins the queue
and the committer's thread takes all that wait. A job's callback runs once, in the thread that committed it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from ledger.errors import LedgerError, Overloaded, StoreUnavailable

JobT = TypeVar("JobT")
OutcomeT = TypeVar("OutcomeT")


class Committer(Generic[JobT, OutcomeT]):
    """Runs `commit(jobs) -> outcomes` for jobs that arrive from many threads.

    MUST     hand jobs to `commit` in the order they arrived, each in exactly one call
    MUST     answer every job: with its outcome, or with the error that `commit` raised
    """

    def __init__(
        self,
        commit: Callable[[Sequence[JobT]], Sequence[OutcomeT | LedgerError]],
        *,
        jobs_max: int,
        waiting_max: int,
    ) -> None:
        self._commit = commit
        self._jobs_max = jobs_max
        self._waiting_max = waiting_max
        self._waiting: deque[tuple[JobT, Callable[[OutcomeT | LedgerError], None]]] = deque()
        self._running = False
        self._crowded = False
        self._closed = False
        self._condition = threading.Condition(threading.Lock())
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
        self._thread.start()

    def submit(self, job: JobT) -> OutcomeT:
        """The outcome of one job; blocks until it is known.

        raises  Overloaded when too many jobs wait, StoreUnavailable after `close`, whatever `commit` raised
        """
        with self._condition:
            self._check_open()
            idle = not self._running and not self._waiting and not self._crowded
            if idle:
                self._running = True
            else:
                ready = threading.Lock()
                ready.acquire()
                answer: list[OutcomeT | LedgerError] = []

                def done(outcome: OutcomeT | LedgerError) -> None:
                    answer.append(outcome)
                    ready.release()

                self._enqueue(job, done)
        if idle:
            answer = []
            self._settle([(job, answer.append)])
            self._finish()
        else:
            ready.acquire()
        if isinstance(answer[0], LedgerError):
            raise answer[0]
        return answer[0]

    def submit_soon(self, job: JobT, done: Callable[[OutcomeT | LedgerError], None]) -> None:
        """Queues a job and returns; `done` is called from the committing thread with its outcome or error.

        raises  Overloaded when too many jobs wait, StoreUnavailable after `close`
        """
        with self._condition:
            self._check_open()
            self._enqueue(job, done)

    def close(self) -> None:
        """Takes no more jobs, commits those that wait, and ends the thread."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        self._thread.join()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("the ledger is closing; submit the same bytes again later")
        if len(self._waiting) >= self._waiting_max:
            raise Overloaded(f"{len(self._waiting)} records wait already; submit the same bytes again later")

    def _enqueue(self, job: JobT, done: Callable[[OutcomeT | LedgerError], None]) -> None:
        self._waiting.append((job, done))
        if not self._running:
            self._condition.notify()

    def _run(self) -> None:
        while True:
            with self._condition:
                while self._running or not self._waiting:
                    if self._closed and not self._running and not self._waiting:
                        return
                    self._condition.wait()
                self._running = True
            if self._crowded:
                self._let_arrive()
            with self._condition:
                count = min(len(self._waiting), self._jobs_max)
                batch = [self._waiting.popleft() for _ in range(count)]
                self._crowded = count > 1
            self._settle(batch)
            self._finish()

    def _let_arrive(self) -> None:
        """After a crowded batch its writers come back at once: gives them the processor for as long as more arrive."""
        waiting = 0
        while waiting < len(self._waiting) < self._jobs_max:
            waiting = len(self._waiting)
            time.sleep(0)

    def _finish(self) -> None:
        with self._condition:
            self._running = False
            if self._waiting or self._closed:
                self._condition.notify_all()

    def _settle(self, batch: list[tuple[JobT, Callable[[OutcomeT | LedgerError], None]]]) -> None:
        outcomes: Sequence[OutcomeT | LedgerError]
        try:
            outcomes = self._commit([job for job, _ in batch])
        except LedgerError as failed:
            outcomes = [failed] * len(batch)
        except BaseException as failed:
            # A defect of ours: nobody may wait for ever, and nobody may append after it. Whether this batch is in the
            # log is unknown; the next start reads back the truth.
            unknown = StoreUnavailable(f"the commit failed ({type(failed).__name__}); submit the same bytes again")
            with self._condition:
                self._closed = True
                batch = batch + list(self._waiting)
                self._waiting.clear()
            for _, done in batch:
                done(unknown)
            self._finish()
            raise
        for (_, done), outcome in zip(batch, outcomes, strict=True):
            done(outcome)
