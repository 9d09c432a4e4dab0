"""`demo`: a filled ledger with witnesses and pages on this machine, to look around. Needs the server's libraries."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from api.cli._output import NO, UNAVAILABLE, Json, UsageError, say, speaking, stop, wants_json

if TYPE_CHECKING:
    from api.demo.layout import Layout
    from api.demo.run import Running

PORT: Final = 8000
LINE_RECORDS: Final = 500
"""Without a terminal, one line for so many records."""


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("demo")(speaking(demo))


class _Stopped(BaseException):
    """The user or the system asked the command to end; no handler of errors may take it for one."""


def demo(
    *,
    folder: Annotated[Path, typer.Option("--dir", help="New folder, or one that an earlier demo filled.")],
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same people and lives; keys and salts differ.")] = 1,
    workers: Annotated[int, typer.Option("--workers", min=1, max=20_000, help="How many; ten records each.")] = 200,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65_535, help="Port to listen at; default: 8000 or a free one.")
    ] = None,
    store: Annotated[
        str | None, typer.Option("--store", help="Owner's URL of an empty database; default: SQLite in the folder.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fill a fresh ledger over HTTP, start three witnesses, and serve until stopped. Nothing in it is real."""
    from api.demo.layout import Layout
    from api.demo.run import Wanted, demonstration
    from ledger.clock import SystemClock

    layout = Layout(folder.resolve())
    _check_folder(layout, store)
    wanted = Wanted(folder, seed, workers, _port(port), store)
    clock = SystemClock()
    started = clock.now_seconds()
    ended, ready = None, False
    with (
        _stoppable(),
        suppress(_Stopped),
        _Telling(quiet=wants_json(as_json)) as telling,
        demonstration(wanted, telling, clock) as running,
    ):
        telling.close()
        _describe(running, seconds=clock.now_seconds() - started, as_json=as_json)
        say({"ready": running.result["url"]}, as_json=True)
        ready = True
        ended = running.server.wait()
    if not ready:
        rest = "" if layout.result.exists() else f"; remove {layout.folder} before the next start"
        stop(code="stopped", message=f"stopped before it was ready{rest}", exit_code=NO, as_json=as_json)
    if ended is not None:
        message = f"the server ended by itself with code {ended}; see {layout.logs / 'server.log'}"
        stop(code="server-unavailable", message=message, exit_code=UNAVAILABLE, as_json=as_json)


def _check_folder(layout: Layout, store: str | None) -> None:
    """Accept a new or empty folder, or one that was filled. Raises UsageError."""
    from api.demo.layout import service_url
    from api.wiring import DEFAULT_SERVICE_ROLE

    folder = layout.folder
    if layout.result.exists():
        held = layout.store_address.read_text(encoding="utf-8").strip()
        if store is not None and service_url(store, DEFAULT_SERVICE_ROLE) != held:
            raise UsageError(f"--store: this demonstration lives in {held}; leave the option out, or take a new folder")
    elif layout.secrets.exists():
        raise UsageError(f"{folder}: a demonstration that was never finished; remove the folder and start again")
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: expected a new or an empty folder, found other files")


def _port(asked: int | None) -> int:
    """The port to listen at. Raises UsageError."""
    from api.demo.processes import free_ports, is_free

    if is_free(asked or PORT):
        return asked or PORT
    if asked is not None:
        raise UsageError(f"--port: {asked} is taken by another program; choose another, or leave the option out")
    return free_ports(1)[0]


@contextmanager
def _stoppable() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the block in order; a second one does not interrupt the ending."""

    def end(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise _Stopped

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Telling:
    """Progress: a bar on a terminal, plain lines elsewhere, nothing at all for programs that read JSON."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar = Progress(console=Console(file=sys.stderr), transient=True) if sys.stderr.isatty() else None
        self._task: TaskID | None = None
        self._done = self._told = self._total = 0
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def step(self, text: str) -> None:
        """Something begins."""
        if not self._quiet:
            sys.stderr.write(f"{text} …\n")
            sys.stderr.flush()

    def begin(self, total: int) -> None:
        """So many records will be handed in."""
        self._total = total
        self.step(f"handing in {total} records over HTTP")
        if self._bar is not None and not self._quiet:
            self._task = self._bar.add_task("records", total=total)
            self._bar.start()

    def advance(self, count: int) -> None:
        """So many more were answered."""
        with self._lock:
            self._done += count
            if self._task is not None and self._bar is not None:
                self._bar.update(self._task, completed=self._done)
                if self._done == self._total:
                    self._bar.stop()
            elif self._done - self._told >= LINE_RECORDS:
                self._told = self._done
                self.step(f"  {self._done} of {self._total}")


def _describe(running: Running, *, seconds: int, as_json: bool) -> None:
    """What a newcomer can do now."""
    result, layout = running.result, running.layout
    states = Counter(record["state"] for record in result["records"])
    if wants_json(as_json):
        say({"dir": str(layout.folder), "states": dict(states), "seconds": seconds}, as_json=True)
        return
    sys.stdout.write("\n".join(_lines(result, layout, states, seconds)) + "\n")
    sys.stdout.flush()


def _lines(result: dict[str, Any], layout: Layout, states: Counter[str], seconds: int) -> Iterator[str]:
    url, shown = result["url"], result["shown"]
    worker = next(one for one in result["workers"] if one["login"] == shown["login"])
    yield ""
    yield f"A demonstration ledger answers at {url} (ready in {seconds} s). Everybody in it is made up."
    yield f"  {len(result['workers'])} workers, {len(result['institutions'])} institutions, {states.total()} records:"
    yield "  " + ", ".join(f"{count} {state}" for state, count in states.most_common())
    yield "  (refused: beyond the issuer's accreditation, so the ledger did not take them)"
    yield ""
    yield "Look around"
    yield f"  verify a certificate   {url}/verify     code {_grouped(shown['code'])}"
    yield f"  or scan and open       {url}/c/{shown['code']}"
    yield f"  a worker's archive     {url}/signin     login {worker['login']}"
    told = [one["login"] for one in result["workers"] if not one["login"].startswith("worker-")]
    yield f"  lives that are told    {url}/signin     login {', '.join(told[:4])},"
    yield f"                         {', '.join(told[4:])}"
    yield f"  registers (JSON)       {url}/v1/institutions  /v1/talent-register  /v1/indicators  /v1/rules"
    yield f"  other codes to try     {layout.result}"
    for state in ("revoked", "suspended", "superseded", "expired", "not_yet_valid"):
        code = next((one["code"] for one in result["records"] if one["state"] == state), None)
        if code is not None:
            yield f"    {state:<14} {url}/c/{code}"
    yield ""
    yield "Check a certificate without trusting this server, even after it was stopped"
    yield f"  {_program()} verify {layout.pack} --trust {layout.trust} --offline"
    yield ""
    yield "Ctrl-C stops it; the same command serves it again."


def _program() -> str:
    """How the reader starts this program: as they just did."""
    started = sys.argv[0]
    return started if Path(started).name == "skill-ledger" else "python -m api.cli.main"


def _grouped(code: str) -> str:
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))
