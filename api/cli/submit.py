"""`submit` and `pack`: handing records in, and taking evidence out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli._output import (
    NO,
    UNAVAILABLE,
    YES,
    Json,
    Url,
    UsageError,
    progress,
    read_file,
    say,
    speaking,
    wants_json,
    warn,
)
from ledger.limits import ENVELOPE_BYTES_MAX

if TYPE_CHECKING:
    from api.client import LedgerClient
    from api.client.receipt import Receipt
    from keys.errors import LedgerError
    from ledger.wire.envelope import Envelope

FILE_BYTES_MAX = 256 * 1024 * 1024


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("submit")(speaking(submit))
    app.command("pack")(speaking(pack))


@dataclass(frozen=True, slots=True)
class _Item:
    """One record to hand in: its parsed envelope and where its receipt goes."""

    source: str
    target: Path
    envelope: Envelope

    @property
    def group(self) -> str | None:
        """The group that its payload names."""
        value = self.envelope.payload.get("group")
        return value if isinstance(value, str) else None


def submit(
    *,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Envelopes, one a line in each file.")],
    url: Url,
    trust: Annotated[
        Path | None, typer.Option("--trust", help="Folder with log.vkey and policy that receipts must verify under.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Hand records in; each receipt is written beside its file as FILE.receipt. Safe to repeat.

    Records of one invocation that share a group id go in together, all or nothing.
    """
    from api.client import LedgerClient
    from api.client.trust import load_trust
    from keys.errors import LedgerError, Unavailable

    items = [item for file in files for item in _items(file)]
    worst = YES
    with LedgerClient(url, trust=None if trust is None else load_trust(trust)) as client:
        for group in progress(list(_together(items)), label="submitting"):
            try:
                receipts = _hand_in(client, group)
            except LedgerError as error:
                worst = max(worst, UNAVAILABLE if isinstance(error, Unavailable) else NO)
                for item in group:
                    _report_refusal(item, error, as_json=as_json)
                continue
            for item, receipt in zip(group, receipts, strict=True):
                _keep(item, receipt, as_json=as_json)
    raise typer.Exit(worst)


def _items(file: Path) -> Iterator[_Item]:
    """The records in a file: one, or one a line. Raises UsageError, and what the parser refuses."""
    from ledger.wire.envelope import parse_envelope

    lines = [line.strip() for line in read_file(file, bytes_max=FILE_BYTES_MAX).splitlines()]
    lines = [line for line in lines if line]
    if not lines:
        raise UsageError(f"{file}: expected an envelope, found nothing")
    for number, line in enumerate(lines, start=1):
        if len(line) > ENVELOPE_BYTES_MAX:
            raise UsageError(f"{file}, line {number}: expected at most {ENVELOPE_BYTES_MAX} bytes")
        suffix = "" if len(lines) == 1 else f".{number}"
        source = str(file) if len(lines) == 1 else f"{file}:{number}"
        yield _Item(source, Path(f"{file}{suffix}.receipt"), parse_envelope(line))


def _together(items: Sequence[_Item]) -> Iterator[list[_Item]]:
    """Records in input order, those of one group together where its first one stands."""
    sent: set[str] = set()
    for item in items:
        if item.group is None:
            yield [item]
        elif item.group not in sent:
            sent.add(item.group)
            yield [other for other in items if other.group == item.group]


def _hand_in(client: LedgerClient, group: Sequence[_Item]) -> list[Receipt]:
    if len(group) == 1:
        return [client.submit(group[0].envelope.to_bytes())]
    return client.submit_group([item.envelope.to_bytes() for item in group])


def _keep(item: _Item, receipt: Receipt, *, as_json: bool) -> None:
    """Write the receipt, whole or not at all, then say where it is."""
    fresh = item.target.with_name(item.target.name + ".new")
    fresh.write_bytes(receipt.proof)
    fresh.replace(item.target)
    answer = {
        "file": item.source,
        "record_id": receipt.record_id,
        "index": receipt.index,
        "code": receipt.code,
        "already_held": receipt.already_held,
        "warnings": list(receipt.warnings),
        "receipt": str(item.target),
    }
    code = "" if receipt.code is None else f"  code {receipt.code}"
    say(answer, as_json=as_json, human=f"{receipt.record_id}  index {receipt.index}{code}")
    for warning in receipt.warnings:
        if not wants_json(as_json):
            warn(f"{item.source}: {warning}")


def _report_refusal(item: _Item, error: LedgerError, *, as_json: bool) -> None:
    answer = {"file": item.source, "record_id": item.envelope.record_id, "error": error.code, "message": str(error)}
    say(answer, as_json=as_json, human=f"{item.source}: refused: {error.code}: {error}")


def pack(
    *,
    record_id: Annotated[str, typer.Argument(help="The record's id, 64 hex digits.")],
    folder: Annotated[Path, typer.Option("--dir", help="New or empty folder for the pack.")],
    url: Annotated[str | None, typer.Option("--url", envvar="SKILL_LEDGER_URL", help="Address of the server.")] = None,
    store: Annotated[str | None, typer.Option("--store", envvar="SKILL_LEDGER_STORE", help="Store to read.")] = None,
    token: Annotated[str | None, typer.Option("--token", help="Bearer token of the record's holder or issuer.")] = None,
    old: Annotated[
        Path | None, typer.Option("--old", help="Checkpoint you already hold: proves the log only grew; needs --store.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the evidence pack of one record: all that a stranger needs to check it offline."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: expected a new or an empty folder; leftovers would mix with the pack")
    checkpoint = None if old is None else read_file(old, bytes_max=1024 * 1024)
    if url and checkpoint is None:
        files = _fetch(url, record_id, token)
    elif store:
        files = _build(store, record_id, checkpoint)
    else:
        raise UsageError("expected --url, or --store where --old is given (or their variables), found neither")
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    say({"record_id": record_id, "dir": str(folder), "files": len(files)}, as_json=as_json)


def _fetch(url: str, record_id: str, token: str | None) -> dict[str, bytes]:
    """The pack from the server. Raises as the client."""
    from api.client import LedgerClient
    from api.client.pack import unpack

    with LedgerClient(url) as client:
        bearer = token or _demo_token(client, record_id)
    with LedgerClient(url, token=bearer) as client:
        return unpack(client.pack(record_id))


def _demo_token(client: LedgerClient, record_id: str) -> str | None:
    """A token of the record's issuer where the server is a demonstration; None elsewhere."""
    from ledger.wire.envelope import parse_envelope

    if client.discovery().get("demo") is not True:
        return None
    issuer = parse_envelope(client.record(record_id)).payload.get("iss")
    for one in client.institutions().get("institutions", []):
        if one.get("issuer") == issuer:
            return client.demo_token(login=str(one["uscc"]), role="institution")
    return None


def _build(store: str, record_id: str, old: bytes | None) -> dict[str, bytes]:
    """The pack from the store itself; needs the server's libraries."""
    from api.pack import build_pack
    from api.wiring import open_ledger, open_runner

    ledger: Any = open_ledger(store, environ=os.environ)
    try:
        with open_runner(ledger) as runner:
            runner.catch_up()
            ledger.publish()
            return build_pack(ledger, record_id, old_checkpoint=old)
    finally:
        ledger.close()
