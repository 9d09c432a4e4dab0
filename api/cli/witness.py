"""`witness`: a witness of one's own, for tests and for partners. Needs the server's libraries."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from api.cli._output import Json, UsageError, say, speaking


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("witness")(speaking(witness))


def witness(
    *,
    key: Annotated[Path, typer.Option("--key", help="Key file of the witness, Ed25519 or ML-DSA-44.")],
    policy: Annotated[Path, typer.Option("--policy", help="tlog-policy with the logs to follow and this witness.")],
    port: Annotated[int, typer.Option("--port", min=1, max=65_535, help="Port to listen at.")],
    host: Annotated[str, typer.Option("--host", help="Address to listen at.")] = "127.0.0.1",
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Where it keeps what it signed; default: KEY.witness beside the key.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Cosign what only grows. Never put back an old copy of its folder: a witness that lost it takes a new key."""
    from api.witness import serve_witness
    from keys.custody import passphrase_for

    if not policy.is_file():
        raise UsageError(f"{policy}: expected a tlog-policy file, found none")
    say({"ready": f"http://{host}:{port}"}, as_json=as_json, human=f"witness at http://{host}:{port}")
    serve_witness(
        key_path=key,
        policy_path=policy,
        store_path=folder or key.with_name(key.name + ".witness"),
        port=port,
        host=host,
        passphrase=passphrase_for(key, os.environ),
    )
