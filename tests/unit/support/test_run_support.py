"""A long run goes on where it stopped, and a serial test is alone.

Goal: neither promise of the Makefile is only words. Method: drive `Progress` through a stopped, a changed and a green run;
hold the room from another process and see who gets in.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.resume import Progress
from tests.support.turns import turn


def _run(folder: Path, code: str, tests: dict[str, bool]) -> Progress:
    progress = Progress(folder)
    progress.begin(code)
    for test, good in tests.items():
        progress.note(test, step="call", failed=not good)
        progress.note(test, step="teardown", failed=False)
    return progress


def test_a_stopped_run_leaves_out_only_what_passed(tmp_path: Path) -> None:
    _run(tmp_path, "code 1", {"a.py::one": True, "a.py::two": False, "a.py::three@serial": True})
    again = _run(tmp_path, "code 1", {})
    assert {"a.py::one", "a.py::three"} <= again.skipped
    assert "a.py::two" not in again.skipped


def test_other_code_starts_from_nothing(tmp_path: Path) -> None:
    _run(tmp_path, "code 1", {"a.py::one": True})
    assert _run(tmp_path, "code 2", {}).skipped == frozenset()


def test_a_green_run_starts_from_nothing(tmp_path: Path) -> None:
    _run(tmp_path, "code 1", {"a.py::one": True}).finish()
    assert _run(tmp_path, "code 1", {}).skipped == frozenset()


def test_a_late_worker_sees_the_list_of_the_start(tmp_path: Path) -> None:
    _run(tmp_path, "code 1", {"a.py::one": True})
    controller = _run(tmp_path, "code 1", {"a.py::two": True})
    worker = Progress(tmp_path)
    worker.join()
    assert worker.skipped == controller.skipped


@pytest.mark.parametrize(
    ("held_alone", "asked", "enters"),
    [(False, "SH", True), (False, "EX", False), (True, "SH", False), (True, "EX", False)],
    ids=["shared beside shared", "alone waits for shared", "shared waits for alone", "alone waits for alone"],
)
def test_who_may_enter_the_room(tmp_path: Path, held_alone: bool, asked: str, enters: bool) -> None:
    script = (
        f"import fcntl, sys; fcntl.flock(open({str(tmp_path / 'room')!r}, 'ab'), fcntl.LOCK_{asked} | fcntl.LOCK_NB)"
    )
    with turn(tmp_path, alone=held_alone):
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
        assert (done.returncode == 0) is enters
    with (tmp_path / "room").open("ab") as room:
        fcntl.flock(room, fcntl.LOCK_EX | fcntl.LOCK_NB)
