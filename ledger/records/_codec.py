"""Envelopes to records and back: step (4) of acceptance, and what an institution's own machine does before it signs."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from uuid import UUID

from keys.custody import Signer
from keys.ids import format_kid, parse_kid
from ledger import limits
from ledger.errors import HeaderInvalid, SchemaInvalid, UnknownKind
from ledger.records._base import Record
from ledger.records._discovery import KINDS, kind_class, kind_of
from ledger.wire.canonical import Json
from ledger.wire.disclosure import Random, conceal, reveal
from ledger.wire.envelope import Envelope, sign_envelope

STATUS_LISTS_DEFAULT = 16
"""How many lists of its own an issuer draws from unless it says otherwise."""

OWN_KEY = "signing_kid"
"""The field of kinds whose meaning depends on which key signs; it is the header's `kid`, or the record is refused."""


def parse_record(envelope: Envelope) -> Record:
    """The record that an envelope holds, step (4). What is not disclosed is None in it.

    envelope  from `parse_envelope`, with all or some of its disclosures
    raises    UnknownKind, SchemaInvalid, IdentifierMalformed, HeaderInvalid, keys.errors.BadKey (all Refused)
    """
    kind = KINDS.get(kind_of(envelope.payload))
    if kind is None:
        raise UnknownKind("no such kind or version of record; GET /v1/kinds lists all")
    if envelope.header.typ != kind.TYP:
        raise HeaderInvalid(f"records of kind {kind.kind_name()} have typ {kind.TYP}")
    tree = reveal(envelope.payload, envelope.disclosures)
    record = kind.from_payload(tree, complete=len(envelope.disclosures) == len(envelope.digests))
    if len(envelope.digests) > len(kind.DISCLOSED):
        raise SchemaInvalid(f"/: records of kind {kind.kind_name()} have at most {len(kind.DISCLOSED)} digests")
    if parse_kid(envelope.header.kid)[0] != record.issuer:
        raise HeaderInvalid("kid and iss name different issuers")
    if record.field(OWN_KEY) not in (None, envelope.header.kid):
        raise HeaderInvalid("the payload names another signing key than the header")
    return record


def build_record(
    kind: str,
    claims: Mapping[str, Json],
    disclosed: Mapping[str, Json],
    *,
    issuer: str,
    signer: Signer,
    clock_seconds: int,
    base_url: str,
    status_lists: int = STATUS_LISTS_DEFAULT,
    list_size: int = limits.STATUS_LIST_ENTRIES,
    rng: Random = secrets.token_bytes,
) -> Envelope:
    """A signed record from plain values, as `EXAMPLE` has them; what claims leave out is filled in.

    kind           `skill-certificate/1`, or without version for the newest
    claims         fields of the payload; `uid`, `issued_at`, `status`, `signing_kid` are filled in unless given
    disclosed      personal fields, which become disclosures
    issuer         the signer's issuer id
    clock_seconds  now, seconds since 1970
    base_url       of the ledger: status lists are at `{base_url}/status/{uscc}/{n}/{purpose}`
    status_lists   how many lists the issuer uses; list and index are drawn at random
    list_size      entries of one list
    returns        an envelope with all its disclosures
    raises         Refused, with JSON pointers such as `/claims/level_order` and never with values
    """
    model = kind_class(kind)
    pointers = {name: f"/{part}/{name}" for part, names in _parts(model).items() for name in names}
    wrong = [f"/claims/{name}: unknown, or a disclosure" for name in claims if not _is_claim(model, name)]
    wrong += [f"/disclosed/{name}: not a disclosure of this kind" for name in disclosed if name not in model.DISCLOSED]
    if wrong:
        raise SchemaInvalid("; ".join(sorted(wrong)[:8]))
    fields = {"issuer": issuer, "issued_at": clock_seconds, "uid": _new_urn(rng), **claims, **disclosed}
    if OWN_KEY in model.model_fields:
        fields.setdefault(OWN_KEY, format_kid(issuer=issuer, jwk=signer.jwk))
    if model.STATUS and "status" not in fields:
        fields["status"] = {
            "base": base_url.rstrip("/"),
            "uscc": fields.get("institution_uscc", ""),
            "list": 1 + _below(status_lists, rng),
            "index": _below(list_size, rng),
        }
    record = model.validated({name: value for name, value in fields.items() if value is not None}, pointers=pointers)
    if record.issuer != issuer:
        raise SchemaInvalid("/claims/issuer: not the issuer that signs")
    record.check_required(pointers=pointers)
    payload, disclosures = conceal(record.to_payload(), rng=rng)
    return sign_envelope(payload, disclosures, typ=model.TYP, issuer=issuer, signer=signer)


def _parts(model: type[Record]) -> dict[str, list[str]]:
    return {
        "claims": [name for name in model.model_fields if name not in model.DISCLOSED],
        "disclosed": list(model.DISCLOSED),
    }


def _is_claim(model: type[Record], name: str) -> bool:
    return name in model.model_fields and name not in model.DISCLOSED


def _new_urn(rng: Random) -> str:
    return UUID(bytes=rng(16), version=4).urn


def _below(bound: int, rng: Random) -> int:
    """A number below `bound`; 64 spare bits make the remainder's bias immeasurable."""
    return int.from_bytes(rng(16)) % bound
