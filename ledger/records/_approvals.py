"""What the holders of the authority's root policy agree on: a statement in canonical JSON, and signatures over it.

A statement begins with `{`, so no signing input of a record (base64url) can be taken for one, and it names its purpose,
so no proof of possession and no statement of another purpose can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import with_config
from typing_extensions import TypedDict

from keys.algorithms import algorithm
from keys.ids import format_kid
from ledger.errors import ApprovalsMissing, Refused, SchemaInvalid
from ledger.records._entries import ENTRY, Entries
from ledger.records._fields import Kid
from ledger.records.key_registered import Proof
from ledger.wire.base64url import decode, encode
from ledger.wire.canonical import Json, format_canonical

if TYPE_CHECKING:
    from keys.custody import Signer
    from ledger.registry import Registry

HOLDERS_MAX: Final = 16
ROTATION: Final = "skill-ledger root rotation/1"
POLICY: Final = "skill-ledger root policy/1"


@with_config(ENTRY)
class Approval(TypedDict):
    """A holder's key, and its signature over the statement as base64url."""

    kid: Kid
    signature: Proof


Approvals = Annotated[tuple[Approval, ...], Entries(key="kid", most=HOLDERS_MAX)]


def format_statement(purpose: str, *, origin: str, nonce: str, **agreed: Json) -> bytes:
    """The bytes that holders sign.

    purpose  `ROTATION`, agreed: `jwk` (the new root key), `retired` (as in the record); or
             `POLICY`, agreed: `threshold`, `holders` (their JWKs)
    origin   the log's; nonce  the record's
    returns  canonical JSON
    raises   NotCanonical (Refused)
    """
    return format_canonical({"purpose": purpose, "origin": origin, "nonce": nonce, **agreed})


def statement_of(kind: str, claims: Mapping[str, Json]) -> bytes:
    """What holders sign for a record that is being prepared.

    kind, claims  `root-rotated` or `root-policy`, filled in as its `EXAMPLE`
    raises        SchemaInvalid for another kind or where a claim is missing, NotCanonical (Refused)
    """
    try:
        place = {"origin": claims["log"], "nonce": claims["nonce"]}
        if kind == "root-rotated":
            return format_statement(ROTATION, **place, jwk=claims["jwk"], retired=claims["retired"])
        if kind == "root-policy":
            jwks = [one["jwk"] for one in claims["holders"]]
            return format_statement(POLICY, **place, threshold=claims["threshold"], holders=jwks)
    except (KeyError, TypeError) as error:
        raise SchemaInvalid(f"/claims: {kind} is not filled in as its template has it") from error
    raise SchemaInvalid("holders approve records of the kinds root-rotated and root-policy")


def approve(statement: bytes, *, signer: Signer, issuer: str) -> Approval:
    """A holder's approval of a statement.

    issuer  the authority's issuer id, under which the holder's key is registered
    raises  keys.errors.BadIssuer
    """
    return Approval(kid=format_kid(issuer=issuer, jwk=signer.jwk), signature=encode(signer.sign(statement)))


def check_approvals(
    approvals: Sequence[Approval], statement: bytes, *, registry: Registry, also: str | None = None
) -> None:
    """Accept a statement that as many holders approved as the root policy in force demands. None may be doubtful.

    also    kid of a holder whose signature on the record itself counts as one
    raises  ApprovalsMissing (Refused)
    """
    policy = registry.root_policy
    if policy is None:
        raise ApprovalsMissing("no root policy names holders who could approve; the authority records one first")
    for one in approvals:
        key = registry.keyring.find(one["kid"])
        if key is None or key.kid not in policy.kids:
            raise ApprovalsMissing("an approval is by a key that the root policy does not name")
        try:
            algorithm(key.alg).check_signature(public=key.public, message=statement, signature=decode(one["signature"]))
        except Refused as refused:
            raise ApprovalsMissing("an approval is no signature over this statement") from refused
    agreed = {one["kid"] for one in approvals} | ({also} & set(policy.kids))
    if len(agreed) < policy.threshold:
        raise ApprovalsMissing(f"{len(agreed)} holders approved, the root policy demands {policy.threshold}")
