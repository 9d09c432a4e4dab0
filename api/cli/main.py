"""`skill-ledger`: the command line. Each file beside this one adds its commands through `register(app)`."""

from __future__ import annotations

import importlib
import os
import pkgutil
from typing import Annotated

import typer

import api.cli
from api.cli._output import UNAVAILABLE, speak_json, stop

app = typer.Typer(
    name="skill-ledger",
    help="A lifelong vocational skill archive and credit ledger. Exit codes: 0 yes, 1 no, 2 usage, 3 cannot tell, "
    "4 network or store unavailable.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def before_each_command(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, in every command.")] = False,  # noqa: FBT002  # a command-line switch
) -> None:
    """A lifelong vocational skill archive and credit ledger."""
    speak_json(as_json)


def _register_all() -> None:
    """Register the commands of every plainly named file in `api/cli/`, in the order of their names."""
    for module in pkgutil.iter_modules(api.cli.__path__):
        if module.name.startswith("_") or module.name == "main":
            continue
        importlib.import_module(f"api.cli.{module.name}").register(app)


_register_all()


def main() -> None:
    """Run one command; the process ends with its exit code."""
    try:
        app()
    except ModuleNotFoundError as error:
        # The client's libraries alone are installed: commands of the server say so instead of showing a traceback.
        try:
            stop(
                code="library-missing",
                message=f"this command needs the library {error.name}; install skill-ledger[server]",
                exit_code=UNAVAILABLE,
            )
        except typer.Exit as ending:
            raise SystemExit(ending.exit_code) from error
    except BrokenPipeError:
        # The reader went away (`| head`): nothing is left to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    main()
