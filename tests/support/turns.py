"""Tests marked `serial` get the machine to themselves, also when several workers run.

Every test holds the room shared, a serial one alone. The gate is held while waiting for the room, so newcomers queue behind
a waiting serial test instead of starving it. Locks are files, so they fall with the process that held them.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def turn(folder: Path, *, alone: bool) -> Iterator[None]:
    """Hold the room of `folder`, alone or shared, for the length of the block."""
    with (folder / "gate").open("ab") as gate, (folder / "room").open("ab") as room:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield
