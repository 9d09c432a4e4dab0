"""How every command speaks: lines for people, one JSON object a line with `--json`, and one exit code for each answer.

Results go to standard output, remarks and errors to standard error. Colour appears on a terminal only and never with
`NO_COLOR`; nothing ever asks a question.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn, ParamSpec, TypeVar

import orjson
import typer
from rich.console import Console
from rich.progress import track

from keys.errors import LedgerError, Unavailable

P = ParamSpec("P")
T = TypeVar("T")

PROGRESS_ITEMS_MIN: Final = 20

YES: Final = 0
NO: Final = 1
USAGE: Final = 2
CANNOT_TELL: Final = 3
UNAVAILABLE: Final = 4

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Store = Annotated[
    str,
    typer.Option("--store", envvar="SKILL_LEDGER_STORE", help="sqlite:///path/file.db or postgresql://user@host/db."),
]
Url = Annotated[str, typer.Option("--url", envvar="SKILL_LEDGER_URL", help="Address of the ledger's server.")]


class UsageError(Exception):
    """The command was called wrongly: the message says what was expected, what was found and what to do."""


_json_everywhere = False


def speak_json(everywhere: bool) -> None:  # noqa: FBT001  # it passes one command-line switch on
    """Remember, for the command about to run, whether `--json` stood before it."""
    global _json_everywhere  # noqa: PLW0603  # one process runs one command
    _json_everywhere = everywhere


def wants_json(as_json: bool) -> bool:  # noqa: FBT001  # it passes one command-line switch on
    """Whether to speak JSON: `--json` on the command or before it."""
    return as_json or _json_everywhere


def say(value: Mapping[str, Any], *, as_json: bool, human: str | None = None) -> None:
    """One result on standard output: the object as a JSON line, or a line for people (default: `name: value` pairs)."""
    if wants_json(as_json):
        sys.stdout.write(orjson.dumps(dict(value)).decode() + "\n")
    else:
        sys.stdout.write((human if human is not None else _plain(value)) + "\n")
    sys.stdout.flush()


def _plain(value: Mapping[str, Any]) -> str:
    return "  ".join(f"{name}: {content}" for name, content in value.items() if content is not None)


def warn(message: str) -> None:
    """One remark on standard error."""
    sys.stderr.write(f"skill-ledger: warning: {message}\n")


def console() -> Console:
    """A console on standard output; rich honours `NO_COLOR` and drops colour when it is not a terminal."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=False)


def progress(items: Sequence[T], *, label: str) -> Iterator[T]:
    """The items, with a progress bar on standard error where that is a terminal and there are many."""
    few = len(items) < PROGRESS_ITEMS_MIN or not sys.stderr.isatty()
    yield from track(items, description=label, console=Console(file=sys.stderr), disable=few, transient=True)


@contextmanager
def working(label: str) -> Iterator[None]:
    """A sign of life on standard error, where that is a terminal, during work of unknown length."""
    if not sys.stderr.isatty():
        yield
        return
    with Console(file=sys.stderr).status(label):
        yield


def stop(*, code: str, message: str, exit_code: int, as_json: bool = False) -> NoReturn:
    """Say on standard error why the command ends, then end it."""
    if wants_json(as_json):
        sys.stderr.write(orjson.dumps({"error": code, "message": message}).decode() + "\n")
    else:
        sys.stderr.write(f"skill-ledger: {code}: {message}\n")
    raise typer.Exit(exit_code)


def speaking(command: Callable[P, None]) -> Callable[P, None]:
    """A command whose errors end in the documented exit codes: refused 1, usage 2, unavailable 4."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        as_json = bool(kwargs.get("as_json", False))
        try:
            command(*args, **kwargs)
        except UsageError as error:
            stop(code="usage", message=str(error), exit_code=USAGE, as_json=as_json)
        except Unavailable as error:
            stop(code=error.code, message=str(error), exit_code=UNAVAILABLE, as_json=as_json)
        except LedgerError as error:
            stop(code=error.code, message=str(error), exit_code=NO, as_json=as_json)

    return run


def read_file(path: Path, *, bytes_max: int) -> bytes:
    """The bytes of a file that the user named; `-` is standard input.

    bytes_max  longest accepted length
    raises     UsageError when it cannot be read or is longer
    """
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(bytes_max + 1)
        else:
            with path.open("rb") as file:
                data = file.read(bytes_max + 1)
    except OSError as error:
        raise UsageError(f"{path}: expected a readable file, found: {error.strerror}") from error
    if len(data) > bytes_max:
        raise UsageError(f"{path}: expected at most {bytes_max} bytes, found more")
    return data
