"""`keys new | show | prove | register | revoke | approve`: keys, from making one to withdrawing it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from api.cli._output import Json, UsageError, say, speaking, warn
from api.cli.records import read_form

if TYPE_CHECKING:
    from keys.custody import Signer

NONCE_BYTES = 16

KeyFile = Annotated[Path, typer.Option("--key", help="Key file.")]
MaybeUrl = Annotated[
    str | None, typer.Option("--url", envvar="SKILL_LEDGER_URL", help="Address of the ledger's server.")
]
MaybeStore = Annotated[
    str | None, typer.Option("--store", envvar="SKILL_LEDGER_STORE", help="Store, where no server runs.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    keys = typer.Typer(help="Make, show, register and revoke keys.", no_args_is_help=True, rich_markup_mode=None)
    keys.command("new")(speaking(new))
    keys.command("show")(speaking(show))
    keys.command("register")(speaking(register_key))
    keys.command("revoke")(speaking(revoke))
    keys.command("prove")(speaking(prove))
    keys.command("approve")(speaking(approve))
    app.add_typer(keys, name="keys")


def new(
    *,
    out: Annotated[Path, typer.Option("--out", help="New file; nothing is overwritten.")],
    alg: Annotated[str, typer.Option("--alg", help="Ed25519, ES256 or ML-DSA-44.")] = "Ed25519",
    as_json: Json = False,
) -> None:
    """Make a key pair in an encrypted file."""
    from keys.custody import PASSPHRASE_VARIABLE, SCRYPT_N, SCRYPT_N_MIN, create_key_file, passphrase_for

    if out.exists():
        raise UsageError(f"{out}: expected a new file, found one; move it away or choose another name")
    out.parent.mkdir(parents=True, exist_ok=True)
    # A passphrase made here has 256 random bits: stretching it would only slow down every signature.
    made_here = not os.environ.get(PASSPHRASE_VARIABLE) and not out.with_name(out.name + ".passphrase").exists()
    passphrase = passphrase_for(out, os.environ, create=True)
    signer = create_key_file(out, alg=alg, passphrase=passphrase, scrypt_n=SCRYPT_N_MIN if made_here else SCRYPT_N)
    if not os.environ.get(PASSPHRASE_VARIABLE):
        warn(f"the passphrase lies beside the key in {out}.passphrase; name another file in {PASSPHRASE_VARIABLE}")
    say(_described(out, signer.alg, signer.jwk, signer.thumbprint), as_json=as_json)


def show(
    *,
    key: KeyFile,
    name: Annotated[
        str | None, typer.Option("--name", help="Also print verifier keys of this log or witness name.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a key's public half; needs no passphrase."""
    from keys.algorithms import algorithm_of_jwk
    from keys.custody import public_of
    from keys.ids import thumbprint

    jwk = public_of(key)
    found = algorithm_of_jwk(jwk)
    answer = _described(key, found.name, jwk, thumbprint(jwk))
    if name is not None:
        answer |= _verifier_keys(name, found.name, found.public_from_jwk(jwk))
    say(answer, as_json=as_json, human="\n".join(f"{label}: {value}" for label, value in answer.items()))


def _described(path: Path, alg: str, jwk: dict[str, str], thumb: str) -> dict[str, Any]:
    return {"file": str(path), "alg": alg, "thumbprint": thumb, "jwk": jwk}


def _verifier_keys(name: str, alg: str, public: bytes) -> dict[str, str]:
    """The key as a log and as a witness would be named in a policy (c2sp.org/signed-note). Raises UsageError."""
    from ledger.log.note import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, ED25519, format_vkey, verifier_key

    kinds = {
        "Ed25519": {"log_vkey": ED25519, "witness_vkey": COSIGNATURE_ED25519},
        "ML-DSA-44": {"log_vkey": COSIGNATURE_MLDSA44, "witness_vkey": COSIGNATURE_MLDSA44},
    }.get(alg)
    if kinds is None:
        raise UsageError(f"--name: expected an Ed25519 or ML-DSA-44 key, found {alg}")
    return {label: format_vkey(verifier_key(name=name, kind=kind, public=public)) for label, kind in kinds.items()}


def register_key(
    *,
    key: KeyFile,
    issuer: Annotated[str, typer.Option("--issuer", help="Issuer id the key shall speak for.")],
    authority_key: Annotated[Path, typer.Option("--authority-key", help="Key file of the authority, which signs.")],
    url: MaybeUrl = None,
    store: MaybeStore = None,
    as_json: Json = False,
) -> None:
    """Register a key for an issuer: it proves its possession, the authority signs."""
    from keys.ids import format_kid
    from keys.possession import prove_possession

    signer, authority = _signer(key), _signer(authority_key)
    with _connect(url, store) as ledger:
        nonce = _nonce()
        origin = ledger.place.origin
        proof = prove_possession(signer, origin=origin, issuer=issuer, nonce=nonce)
        claims = {
            "key_issuer": issuer,
            "jwk": signer.jwk,
            "use": "records",
            "nonce": nonce,
            "possession": proof,
            "log": origin,
        }
        receipt = ledger.submit(_signed("key-registered", claims, issuer=ledger.place.authority, signer=authority))
    kid = format_kid(issuer=issuer, jwk=signer.jwk)
    say({"kid": kid, "record_id": receipt.record_id, "index": receipt.index}, as_json=as_json)


def revoke(
    *,
    kid: Annotated[str, typer.Argument(help="The key's id: issuer, #, thumbprint.")],
    reason: Annotated[str, typer.Option("--reason", help="superseded, compromised, institution-ended or other.")],
    key: Annotated[Path, typer.Option("--key", help="Key file that signs: the issuer's or the authority's.")],
    suspect_since: Annotated[
        int | None,
        typer.Option("--suspect-since", min=0, help="First log index in doubt; with the reason compromised."),
    ] = None,
    url: MaybeUrl = None,
    store: MaybeStore = None,
    as_json: Json = False,
) -> None:
    """Revoke a key from now on."""
    from keys.ids import parse_kid

    signer = _signer(key)
    with _connect(url, store) as ledger:
        owner, _ = parse_kid(kid)
        issuer = owner if ledger.has_key(owner, signer.thumbprint) else ledger.place.authority
        claims = {"kid": kid, "reason": reason, "suspect_since": suspect_since}
        given = {name: value for name, value in claims.items() if value is not None}
        receipt = ledger.submit(_signed("key-revoked", given, issuer=issuer, signer=signer))
    say({"kid": kid, "record_id": receipt.record_id, "index": receipt.index}, as_json=as_json)


def prove(
    *,
    key: KeyFile,
    issuer: Annotated[str, typer.Option("--issuer", help="Issuer id the key shall speak for.")],
    origin: Annotated[str, typer.Option("--origin", help="The log's name, as in its checkpoints.")],
    nonce: Annotated[
        str | None, typer.Option("--nonce", help="Nonce of the record that will register it; none: a fresh one.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Prove that a key is at hand, for a record that somebody else signs. The private key stays where it is."""
    from keys.possession import prove_possession

    signer, chosen = _signer(key), nonce or _nonce()
    proof = prove_possession(signer, origin=origin, issuer=issuer, nonce=chosen)
    say({"jwk": signer.jwk, "nonce": chosen, "possession": proof, "log": origin}, as_json=as_json)


def approve(
    *,
    kind: Annotated[str, typer.Argument(help="root-rotated or root-policy.")],
    form: Annotated[Path, typer.Option("--from", help='JSON {"claims", "disclosed"}, as `sign` will take it.')],
    key: KeyFile,
    issuer: Annotated[str, typer.Option("--issuer", help="Issuer id of the authority.")],
    as_json: Json = False,
) -> None:
    """Approve another root key or root policy as a holder: read the file first. The answer goes under `approvals`."""
    from ledger.records._approvals import approve as approve_statement
    from ledger.records._approvals import statement_of

    claims, _ = read_form(form)
    given = approve_statement(statement_of(kind, claims), signer=_signer(key), issuer=issuer)
    say(dict(given), as_json=as_json)


def _signer(path: Path) -> Signer:
    from keys.custody import open_signer, passphrase_for

    return open_signer(path, passphrase=passphrase_for(path, os.environ))


def _nonce() -> str:
    from ledger.wire.base64url import encode

    return encode(secrets.token_bytes(NONCE_BYTES))


def _signed(kind: str, claims: dict[str, Any], *, issuer: str, signer: Signer) -> bytes:
    from ledger.clock import SystemClock
    from ledger.records import build_record

    now = SystemClock().now_seconds()
    return build_record(kind, claims, {}, issuer=issuer, signer=signer, clock_seconds=now, base_url=issuer).to_bytes()


@dataclass(frozen=True, slots=True)
class Place:
    """Which log a key record is for, and the authority's issuer id."""

    origin: str
    authority: str


class _Answer(Protocol):
    @property
    def record_id(self) -> str: ...

    @property
    def index(self) -> int: ...


class _Connection(Protocol):
    """A ledger that takes records: over HTTP, or opened from its store."""

    place: Place

    def submit(self, envelope: bytes) -> _Answer: ...

    def has_key(self, issuer: str, thumb: str) -> bool: ...


@contextmanager
def _connect(url: str | None, store: str | None) -> Iterator[_Connection]:
    """The ledger that the options name: the server when there is one. Raises UsageError without either."""
    if url:
        from api.cli._remote import Remote

        with Remote(url) as remote:
            yield remote
    elif store:
        from api.cli._local import Local

        with Local(store) as local:
            yield local
    else:
        raise UsageError("expected --url or --store (or SKILL_LEDGER_URL, SKILL_LEDGER_STORE), found neither")
