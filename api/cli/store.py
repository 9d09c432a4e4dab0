"""`init`, `serve`, `audit` and `rebuild`: what an operator does with a store. Needs the server's libraries."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli._output import NO, YES, Json, Store, UsageError, read_file, say, speaking, working

SMALL_FILE_BYTES_MAX = 1024 * 1024


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("init")(speaking(init))
    app.command("serve")(speaking(serve))
    app.command("audit")(speaking(audit))
    app.command("rebuild")(speaking(rebuild))


def init(
    *,
    store: Store,
    authority_key: Annotated[
        Path, typer.Option("--authority-key", help="Root key of the authority; `keys new` makes one.")
    ],
    origin: Annotated[
        str, typer.Option("--origin", help="Name of the log for ever, such as ledger.example.cn/skills.")
    ],
    app_role: Annotated[
        str | None, typer.Option("--app-role", help="PostgreSQL role that `serve` uses; it may only insert and read.")
    ] = None,
    mark: Annotated[
        Path | None,
        typer.Option("--mark", envvar="SKILL_LEDGER_MARK_FILE", help="The signer's high-water mark, a new file."),
    ] = None,
    authority_uscc: Annotated[
        str | None, typer.Option("--authority-uscc", help="Credit code of the authority.")
    ] = None,
    authority_name: Annotated[str | None, typer.Option("--authority-name", help="Name of the authority.")] = None,
    as_json: Json = False,
) -> None:
    """Begin a log: schema, roles, keys, mark and record 0. Refuses where a log already is."""
    from api.wiring import init_store

    if not authority_key.is_file():
        raise UsageError(f"{authority_key}: expected the authority's key file; make one with `skill-ledger keys new`")
    init_store(
        store,
        authority_key_path=authority_key,
        origin=origin,
        app_role=app_role,
        mark_path=mark,
        environ=os.environ,
        authority_uscc=authority_uscc,
        authority_name=authority_name,
    )
    secrets = _places(store)
    answer = {"origin": origin, "mark": str(mark or secrets.mark), "secrets": str(secrets.kek.parent)}
    human = (
        f"The log {origin} has begun. Back up {answer['secrets']} apart from the database: without these keys "
        "nobody reads the records, with both anybody does."
    )
    say(answer, as_json=as_json, human=human)


def serve(
    *,
    store: Store,
    host: Annotated[str, typer.Option("--host", help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="Port to listen at.")] = 8000,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="Processes; more than one needs PostgreSQL.")
    ] = 1,
    as_json: Json = False,
) -> None:
    """Serve a log that `init` began; creates nothing."""
    from api.wiring import serve as run

    address = f"http://{host}:{port}"

    def ready() -> None:
        say({"ready": address}, as_json=as_json, human=f"serving at {address}")

    run(store, host=host, port=port, workers=workers, environ=os.environ, ready=ready)


def audit(
    *,
    store: Store,
    mark: Annotated[
        Path | None, typer.Option("--mark", envvar="SKILL_LEDGER_MARK_FILE", help="The signer's high-water mark.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option("--policy", help="tlog-policy with the log's and witnesses' keys.")
    ] = None,
    start: Annotated[
        int, typer.Option("--from", min=0, help="First index whose signature and content are checked.")
    ] = 0,
    kek: Annotated[
        Path | None,
        typer.Option(
            "--kek", envvar="SKILL_LEDGER_KEK_FILE", help="Key encryption keys: sealed parts are checked too."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Derive everything again from the stored bytes: {"size", "first_bad_index", "code", "not_checked"}."""
    from keys.pseudonym import load_pseudonyms
    from keys.sealing import load_keks
    from ledger.audit import audit_store

    with working("auditing"):
        report = audit_store(
            store,
            mark=None if mark is None else read_file(mark, bytes_max=SMALL_FILE_BYTES_MAX),
            policy=None if policy is None else read_file(policy, bytes_max=SMALL_FILE_BYTES_MAX),
            keks=None if kek is None else load_keks(kek),
            pseudonyms=None if kek is None else load_pseudonyms(_places(store).pseudonym),
            first_index=start,
        )
    # One JSON object for people as well: it is what they paste into a message.
    del as_json
    say(report.to_json(), as_json=True)
    raise typer.Exit(YES if report.first is None else NO)


def rebuild(
    *,
    views: Annotated[list[str] | None, typer.Argument(metavar="[VIEW …]", help="Views; default: all.")] = None,
    store: Store,
    as_json: Json = False,
) -> None:
    """Build views anew from the log, beside the live ones, then swap."""
    from api.wiring import open_ledger, open_runner
    from projections import VIEWS

    known = [view.NAME for view in VIEWS]
    unknown = sorted(set(views or []) - set(known))
    if unknown:
        raise UsageError(f"expected views among {', '.join(known)}, found {', '.join(unknown)}")
    ledger: Any = open_ledger(store, environ=os.environ)
    try:
        runner = open_runner(ledger)
        wanted = views or known
        with working(f"rebuilding {', '.join(wanted)}"):
            sizes = runner.rebuild_together(wanted)
        for name in wanted:
            say({"view": name, "size": sizes[name]}, as_json=as_json)
    finally:
        ledger.close()


def _places(store: str) -> Any:
    from ledger.opening import places_of

    return places_of(store, os.environ)
