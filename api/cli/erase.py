"""`erase`: destroys what rested on a worker's consent. The operator's act on the authority's word."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from api.cli._output import Json, Store, UsageError, say, speaking


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("erase")(speaking(erase))


def erase(
    *,
    subject: Annotated[
        str | None, typer.Argument(metavar="[SUBJECT_ID]", help="The worker's id in this ledger.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Reason code, such as holder-asks.")] = None,
    authority_key: Annotated[
        Path | None, typer.Option("--authority-key", help="Key of the authority, which signs the tombstone.")
    ] = None,
    pending: Annotated[
        bool, typer.Option("--pending", help="Finish erasures whose tombstone is in the log already.")
    ] = False,
    store: Store,
    as_json: Json = False,
) -> None:
    """Erase a worker: what rested on consent is destroyed, what the law demands stays and is restricted.

    On PostgreSQL the store's URL names the eraser role that `init` made.
    """
    from api.wiring import open_ledger

    if not pending and (subject is None or reason is None or authority_key is None):
        raise UsageError("expected SUBJECT_ID, --reason and --authority-key, or --pending")
    ledger: Any = open_ledger(store, environ=os.environ, erases=True)
    try:
        subjects = ledger.pending_erasures() if pending else [_tombstone(ledger, subject, reason, authority_key)]
        for one in subjects:
            destroyed = ledger.finish_erasure(one)
            answer = {
                "subject": str(one),
                "records": destroyed.records,
                "keys": len(destroyed.keys),
                "numbers_and_names": "destroyed" if destroyed.whole else "kept, restricted",
            }
            say(answer, as_json=as_json, human=_told(answer))
        if not subjects:
            say({"pending": 0}, as_json=as_json, human="no erasure is pending")
    finally:
        ledger.close()


def _tombstone(ledger: Any, subject: str | None, reason: str | None, authority_key: Path | None) -> UUID:
    """Signs and submits the tombstone; gives the worker's id."""
    from keys.custody import open_signer, passphrase_for
    from ledger.records import build_record

    try:
        known = UUID(subject or "")
    except ValueError:
        raise UsageError("expected the worker's id, a UUID; the number of a card or document is none") from None
    path = authority_key or Path()
    signer = open_signer(path, passphrase=passphrase_for(path, os.environ))
    envelope = build_record(
        "erasure",
        {"subject_id": str(known), "reason": reason},
        {},
        issuer=ledger.registry().authority,
        signer=signer,
        clock_seconds=ledger.clock.now_seconds(),
        base_url=ledger.base_url,
    )
    ledger.submit(envelope.to_bytes())
    return known


def _told(answer: dict[str, Any]) -> str:
    return (
        f"{answer['records']} records lost their personal part, {answer['keys']} data keys are gone; "
        f"numbers and names: {answer['numbers_and_names']}. "
        "Complete once the owner has run VACUUM and backups from before have expired."
    )
