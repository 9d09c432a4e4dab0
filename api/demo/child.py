"""A child process of the demonstration: one `skill-ledger` command that ends with its parent.

Started as `python -m api.demo.child COMMAND …` with a pipe as standard input. When the parent ends, however it ends,
the pipe closes and the child stops as for SIGTERM: nothing is left behind, even after `kill -9`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _end_with_parent() -> None:
    # A read of the bare descriptor: the interpreter may end while it waits.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Run one command."""
    from api.cli.main import main as command

    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    sys.argv[0] = "skill-ledger"
    command()


if __name__ == "__main__":
    main()
