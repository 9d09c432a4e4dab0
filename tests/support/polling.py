"""Waiting for a process of its own, which tells this one nothing."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

STEP_SECONDS = 0.05
SECONDS_MAX = 60


def until(reached: Callable[[], bool]) -> None:
    """Returns once it is so.

    raises  AssertionError after a minute
    """
    for _ in range(int(SECONDS_MAX / STEP_SECONDS)):
        if reached():
            return
        Event().wait(STEP_SECONDS)
    raise AssertionError(f"not reached within {SECONDS_MAX} s")
