"""`verify` and `outcome`: checking records on one's own machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
import typer
from rich.table import Table

from api.cli._output import Json, UsageError, console, read_file, say, speaking, wants_json, warn
from ledger.clock import format_instant
from ledger.limits import ENVELOPE_BYTES_MAX

if TYPE_CHECKING:
    from api.client.result import Verification

RECEIPT_BYTES_MAX: Final = 1024 * 1024
CHECKS_BYTES_MAX: Final = 64 * 1024 * 1024
_PDF: Final = b"%PDF-"


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("verify")(speaking(verify))
    app.command("outcome")(speaking(outcome))


def verify(
    *,
    file: Annotated[Path, typer.Argument(help="An envelope, or the folder of an evidence pack.")],
    receipt: Annotated[Path | None, typer.Option("--receipt", help="tlog-proof of the record.")] = None,
    trust: Annotated[
        Path | None, typer.Option("--trust", help="Folder with log.vkey, policy and authority.jwk: whom to trust.")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody, whatever is configured.")] = False,
    at: Annotated[str | None, typer.Option("--at", help="Instant asked about, RFC 3339 with Z; default: now.")] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url", envvar="SKILL_LEDGER_URL", help="Server asked about a bare envelope without trust anchors."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check one record: the outcome word and seven checks. Exit 0 valid, 1 not, 3 cannot tell."""
    evidence = _evidence(file)
    instant = None if at is None else parse_instant(at)
    if isinstance(evidence, bytes) and trust is None and url and not offline:
        _ask_server(evidence, url=url, at=at, as_json=as_json)
        return
    from api.client import verify as check
    from api.client.errors import PackInvalid

    proof = None if receipt is None else read_file(receipt, bytes_max=RECEIPT_BYTES_MAX)
    try:
        found = check(evidence, receipt=proof, trust=trust, at=instant)
    except PackInvalid as error:
        raise UsageError(str(error)) from error
    for remark in found.warnings:
        warn(remark)
    if wants_json(as_json):
        say(found.to_json(), as_json=as_json)
    else:
        _print(found)
    raise typer.Exit(found.text.exit_code)


def _evidence(file: Path) -> Path | bytes:
    """A pack folder, or an envelope's bytes. Raises UsageError."""
    if file.is_dir():
        return file
    data = read_file(file, bytes_max=max(ENVELOPE_BYTES_MAX + 2, 64 * 1024 * 1024))
    if data.startswith(_PDF):
        raise UsageError(
            f"{file}: expected an envelope or a pack folder, found a PDF. This version does not read records out of a "
            "PDF: verify the pack folder or the envelope attached to it, or enter its code on the verification page"
        )
    return data.strip()


def parse_instant(text: str) -> int:
    """Seconds since 1970 of an RFC 3339 instant with `Z`, and of nothing else.

    raises  UsageError
    """
    try:
        seconds = int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp())
    except (ValueError, OverflowError):
        seconds = -1
    if seconds < 0 or format_instant(seconds) != text:
        raise UsageError("--at: expected an RFC 3339 instant in UTC such as 2026-11-21T01:30:00Z")
    return seconds


def _ask_server(envelope: bytes, *, url: str, at: str | None, as_json: bool) -> None:
    """The server's own verdict: an answer to be trusted as far as the server is, and marked so."""
    from api.client import LedgerClient
    from api.client.errors import AnswerInvalid
    from api.client.outcome import TEXTS

    try:
        envelope.decode("ascii")
    except UnicodeDecodeError as error:
        raise UsageError("expected an envelope, header.payload.signature~…~, found other bytes") from error
    with LedgerClient(url) as client:
        answer = client.verification(envelope=envelope, at=at)
    word = str(answer.get("outcome"))
    if word not in TEXTS:
        raise AnswerInvalid("expected an outcome that this client knows; update it")
    warn(f"this is the word of the server at {url}; give --trust and an evidence pack to need nobody's word")
    human = f"{TEXTS[word].icon} {word}: {TEXTS[word].zh} / {TEXTS[word].en}"
    say({**answer, "trust": "server"}, as_json=as_json, human=human)
    raise typer.Exit(TEXTS[word].exit_code)


def _print(found: Verification) -> None:
    """The banner, the seven checks, and the content where it may be shown."""
    out = console()
    text = found.text
    style = {"good": "green", "caution": "yellow", "bad": "red", "unknown": "cyan"}[text.tone]
    out.print(f"{text.icon} {found.outcome}: {text.zh} / {text.en}", style=f"bold {style}", markup=False)
    if text.advice_en:
        out.print(f"{text.advice_zh} / {text.advice_en}", markup=False)
    table = Table(box=None, pad_edge=False)
    for heading in ("check", "value", "as of", "note"):
        table.add_column(heading, overflow="fold")
    for name, check in found.checks.to_json().items():
        table.add_row(name, check["value"], check["as_of"] or "-", check.get("note") or "")
    out.print(table)
    for label, value in (("record", found.record_id), ("kind", found.kind), ("index", found.index)):
        if value is not None:
            out.print(f"{label}: {value}", markup=False)
    out.print(f"trust: {found.trust}", markup=False)
    for label, value in _content_lines(found.content or {}):
        out.print(f"{label}: {value}", markup=False)


def _content_lines(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a person compares with the paper or the card in hand; everything is in `--json`."""
    subject = content.get("credentialSubject", content.get("subject", {}))
    issuer = content.get("issuer", {})
    identifiers = subject.get("identifier", []) if isinstance(subject, dict) else []
    yield from _named("what", content.get("name"), subject.get("achievement", {}).get("name"))
    yield from _named("issuer", issuer.get("name") if isinstance(issuer, dict) else None, content.get("iss"))
    yield from _named("from", content.get("validFrom"), content.get("occurred"))
    yield from _named("until", content.get("validUntil"))
    yield from _named("holder", *(one.get("identityHash") for one in identifiers if isinstance(one, dict)))
    yield from _named("holder", subject.get("name"), subject.get("number"))
    yield from _named("number", subject.get("licenseNumber"))


def _named(label: str, *values: object) -> Iterator[tuple[str, str]]:
    texts = [value for value in values if isinstance(value, str)]
    if texts:
        yield label, "  ".join(texts)


def outcome(
    *,
    file: Annotated[
        Path, typer.Argument(help="One JSON object a line with the seven check values; - reads standard input.")
    ],
    as_json: Json = False,
) -> None:
    """The outcome function alone: one word a line, in the order of the input."""
    from api.client.outcome import Checks
    from api.client.outcome import outcome as decide
    from keys.errors import Refused

    for number, line in enumerate(read_file(file, bytes_max=CHECKS_BYTES_MAX).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            word = decide(Checks.of(_values(orjson.loads(line))))
        except (orjson.JSONDecodeError, Refused) as error:
            raise UsageError(f"line {number}: expected one JSON object with the seven checks: {error}") from error
        if wants_json(as_json):
            say({"line": number, "outcome": word}, as_json=as_json)
        else:
            sys.stdout.write(word + "\n")


def _values(value: Any) -> dict[str, str]:
    """The seven values, bare or as `{value, as_of}`, also under `checks` as the API answers them."""
    checks = value.get("checks", value) if isinstance(value, dict) else {}
    if not isinstance(checks, dict):
        return {}
    return {name: check.get("value", "") if isinstance(check, dict) else check for name, check in checks.items()}
