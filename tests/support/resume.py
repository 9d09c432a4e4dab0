"""`make test-long` goes on where it was stopped.

State lives in `.test-long/`: `code` (what was tested), `passed` (ids of tests that passed on that code), `skip` (the
ids this run leaves out). Other code, or a run in which everything passed, starts from nothing: a pass counts only for the
bytes it was earned on.
"""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path


class Progress:
    """What a long run has behind it, kept in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.skipped: frozenset[str] = frozenset()
        self._failed: set[str] = set()

    def begin(self, code: str) -> None:
        """Read what passed on this code and fix it as what the whole run leaves out."""
        self.folder.mkdir(exist_ok=True)
        if self._text("code") != code:
            (self.folder / "passed").unlink(missing_ok=True)
        (self.folder / "code").write_text(code)
        (self.folder / "skip").write_text(self._text("passed"))
        self.join()

    def join(self) -> None:
        """Read what the run leaves out; a worker that starts late sees the same list."""
        self.skipped = frozenset(self._text("skip").splitlines())

    def note(self, test: str, *, step: str, failed: bool) -> None:
        """Remember at once (the run may be killed) a test whose set-up, call and teardown all went well.

        test  its id; xdist adds `@group` to it, so the id without its last `@…` is kept as well
        step  "setup", "call" or "teardown"
        """
        if failed:
            self._failed.add(test)
        elif step == "teardown" and test not in self._failed:
            with (self.folder / "passed").open("a") as out:
                out.write(f"{test}\n{test.rpartition('@')[0] or test}\n")

    def finish(self) -> None:
        """Everything passed: the next run starts from nothing, with a new seed."""
        for name in ("code", "passed", "skip", "seed"):
            (self.folder / name).unlink(missing_ok=True)

    def _text(self, name: str) -> str:
        path = self.folder / name
        return path.read_text() if path.exists() else ""


def code_fingerprint(root: Path) -> str:
    """Hex SHA-256 over the commit and every change since, tracked or not."""
    told = hashlib.sha256()
    for command in (["rev-parse", "HEAD"], ["diff", "HEAD"], ["ls-files", "--others", "--exclude-standard"]):
        told.update(subprocess.run(["git", *command], cwd=root, capture_output=True, check=False).stdout)
    return told.hexdigest()
