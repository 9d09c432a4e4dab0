"""The public surface as the code has it: commands and HTTP routes. Pinned by `tests/architecture/test_public_surface.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import typer
from fastapi import FastAPI


def commands() -> set[str]:
    """Every command of `skill-ledger`, sub-commands as `keys new`."""
    from api.cli.main import app

    return set(_commands(app, ""))


def _commands(app: typer.Typer, prefix: str) -> Iterator[str]:
    for command in app.registered_commands:
        if command.name:
            yield prefix + command.name
    for group in app.registered_groups:
        if group.typer_instance is not None and group.name:
            yield from _commands(group.typer_instance, f"{prefix}{group.name} ")


def routes(app: FastAPI) -> set[str]:
    """Every HTTP route of a server as `METHOD /path`, parameters as `{}`: those it answers and those it describes."""
    found = {(method, path) for path, item in app.openapi()["paths"].items() for method in item}
    for route in app.routes:
        found |= {(method, getattr(route, "path", "")) for method in getattr(route, "methods", None) or ()}
    return {f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path)}" for method, path in found}
