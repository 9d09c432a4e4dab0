"""`template`, `sign` and `check-id`: making records on the institution's own machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import orjson
import typer

from api.cli._output import NO, YES, Json, UsageError, read_file, say, speaking, wants_json, warn

FORM_BYTES_MAX: Final = 1024 * 1024


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("template")(speaking(template))
    app.command("sign")(speaking(sign))
    app.command("check-id")(speaking(check_id))


def template(
    *,
    kind: Annotated[
        str, typer.Argument(help="Kind of record, such as skill-certificate; without version: the newest.")
    ],
    as_json: Json = False,
) -> None:
    """An example of a kind as JSON {"claims", "disclosed"}: fill it in, then give it to `sign`."""
    from ledger.records import kind_class

    example = {part: dict(values) for part, values in kind_class(kind).EXAMPLE.items()}
    if wants_json(as_json):
        say(example, as_json=as_json)
    else:
        sys.stdout.write(orjson.dumps(example, option=orjson.OPT_INDENT_2).decode() + "\n")


def sign(
    *,
    kind: Annotated[str, typer.Argument(help="Kind of record, such as skill-certificate.")],
    form: Annotated[Path, typer.Option("--from", help='JSON {"claims", "disclosed"}, as `template` prints it.')],
    key: Annotated[Path, typer.Option("--key", help="Key file of the institution.")],
    issuer: Annotated[str, typer.Option("--issuer", help="Issuer id, an HTTPS URL.")],
    group: Annotated[
        str | None, typer.Option("--group", help="urn:uuid:… that records which stand together share.")
    ] = None,
    url: Annotated[
        str | None,
        typer.Option("--url", envvar="SKILL_LEDGER_URL", help="Ledger whose status lists the record names."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Sign one record; the envelope goes to standard output. Nothing is sent."""
    from keys.custody import open_signer, passphrase_for
    from ledger.clock import SystemClock
    from ledger.records import build_record

    claims, disclosed = read_form(form)
    if group is not None:
        claims["group"] = group
    signer = open_signer(key, passphrase=passphrase_for(key, os.environ))
    envelope = build_record(
        kind,
        claims,
        disclosed,
        issuer=issuer,
        signer=signer,
        clock_seconds=SystemClock().now_seconds(),
        base_url=_status_base(kind, claims, issuer=issuer, url=url),
    )
    text = envelope.to_bytes().decode("ascii")
    say({"record_id": envelope.record_id, "envelope": text}, as_json=as_json, human=text)


def read_form(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Claims and disclosed values of a filled-in template. Raises UsageError."""
    try:
        value = orjson.loads(read_file(path, bytes_max=FORM_BYTES_MAX))
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{path}: expected JSON, found an error at line {error.lineno}") from error
    parts = [value.get("claims"), value.get("disclosed")] if isinstance(value, dict) else []
    if not (
        isinstance(value, dict) and set(value) == {"claims", "disclosed"} and all(isinstance(p, dict) for p in parts)
    ):
        raise UsageError(
            f'{path}: expected {{"claims": {{…}}, "disclosed": {{…}}}} as `skill-ledger template` prints it'
        )
    return dict(value["claims"]), dict(value["disclosed"])


def _status_base(kind: str, claims: dict[str, Any], *, issuer: str, url: str | None) -> str:
    """Where the ledger's status lists are: as the ledger says, else at the issuer's own host, with a warning."""
    from ledger.records import kind_class

    host = f"https://{urlsplit(issuer).netloc}"
    if not kind_class(kind).STATUS or "status" in claims:
        return host
    if url:
        from api.client import LedgerClient

        with LedgerClient(url) as client:
            return str(client.discovery().get("base_url", host))
    warn(f"no ledger was named (--url or SKILL_LEDGER_URL): the record's status lists are taken to be at {host}")
    return host


def check_id(
    *,
    kind: Annotated[str, typer.Argument(help="Kind of identifier, such as ric, uscc, skill_cert_no.")],
    value: Annotated[str, typer.Argument(help="The identifier; it is never echoed.")],
    as_json: Json = False,
) -> None:
    """Check an identifier strictly: exit 0 with remarks, or 1 with the reason."""
    from ledger.records._identifiers import IDENTIFIER_KINDS, check_identifier
    from ledger.records.errors import REASONS, IdentifierRefused

    if kind not in IDENTIFIER_KINDS:
        raise UsageError(f"expected a kind of identifier, one of {', '.join(sorted(IDENTIFIER_KINDS))}")
    try:
        warnings = list(check_identifier(kind, value, strict=True))
    except IdentifierRefused as refused:
        meaning = REASONS[refused.reason]
        say(
            {"kind": kind, "valid": False, "reason": refused.reason, "meaning": meaning},
            as_json=as_json,
            human=f"not valid: {refused.reason}: {meaning}",
        )
        raise typer.Exit(NO) from refused
    human = "valid" + (f" ({', '.join(warnings)})" if warnings else "")
    say({"kind": kind, "valid": True, "reason": None, "warnings": warnings}, as_json=as_json, human=human)
    raise typer.Exit(YES)
