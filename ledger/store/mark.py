"""The signer's high-water mark: the largest tree it ever signed, in a file outside the database.

The file has a first line with the log's origin and then two slots of 128 bytes. A new mark goes into the older slot
and is flushed before it counts, so a torn write leaves the other slot. A process that signs holds an operating-system
lock on the file: on one machine there is one signer at a time, however many processes serve.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.errors import MarkDiffers, StoreNotEmpty, StoreNotInitialised

SLOT_BYTES = 128
HEADER_BYTES = 256
CHECK_CHARS = 16


@dataclass(frozen=True, slots=True)
class MarkedTree:
    """A tree the signer has signed."""

    size: int
    root: bytes


class Mark:
    """The mark of one log."""

    def __init__(self, path: Path, *, origin: str) -> None:
        self.path = path
        self.origin = origin
        self._threads = threading.Lock()
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            raise StoreNotInitialised(
                f"the mark file of log {origin} is missing; restore it, or start this standby from what witnesses hold"
            ) from None
        found = os.pread(self._handle, HEADER_BYTES, 0).rstrip(b" \n").decode("ascii", "replace")
        if found != _header(origin):
            raise MarkDiffers(f"the mark file belongs to another log than {origin}")

    @staticmethod
    def create(path: Path, *, origin: str) -> None:
        """Starts the mark of a new log.

        raises  StoreNotEmpty when the file exists: a log of this name was begun before
        """
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            raise StoreNotEmpty(f"a mark file exists already: log {origin} was begun before") from None
        os.pwrite(handle, _header(origin).encode().ljust(HEADER_BYTES - 1) + b"\n" + b" " * (2 * SLOT_BYTES), 0)
        os.fsync(handle)
        os.close(handle)
        directory = os.open(path.parent, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the signer's lock for the length of a block."""
        # The file lock keeps other processes out, the other one this process's threads, which share the handle.
        with self._threads:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._handle, fcntl.LOCK_UN)

    def read(self) -> MarkedTree | None:
        """The largest marked tree, or None before the first."""
        slots = [tree for tree in (self._slot(0), self._slot(1)) if tree is not None]
        return max(slots, key=lambda tree: tree.size, default=None)

    def write(self, tree: MarkedTree) -> None:
        """Persists a larger tree; returns when it is on disk."""
        first, second = self._slot(0), self._slot(1)
        slot = 0 if first is None or (second is not None and first.size < second.size) else 1
        body = f"{tree.size} {tree.root.hex()}"
        line = f"{body} {_check(body)}".ljust(SLOT_BYTES - 1) + "\n"
        os.pwrite(self._handle, line.encode(), HEADER_BYTES + slot * SLOT_BYTES)
        os.fdatasync(self._handle)

    def close(self) -> None:
        """Closes the file."""
        os.close(self._handle)

    def _slot(self, number: int) -> MarkedTree | None:
        line = os.pread(self._handle, SLOT_BYTES, HEADER_BYTES + number * SLOT_BYTES).decode("ascii", "replace").strip()
        body, _, check = line.rpartition(" ")
        if not body or check != _check(body):
            return None
        size, _, root = body.partition(" ")
        return MarkedTree(int(size), bytes.fromhex(root))


def _header(origin: str) -> str:
    return f"skill-ledger mark v1 {origin}"


def _check(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:CHECK_CHARS]
