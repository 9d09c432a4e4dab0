"""The audit's own register of who may say what: institutions, successors, delegations, holders, read from payloads.

Source: DESIGN section 4. It is asked before it takes up a record, so it always is as the records below left it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keys.algorithms import algorithm
from keys.errors import LedgerError
from ledger._audit_bytes import Unreadable, read_base64url

ROTATION = "skill-ledger root rotation/1"
POLICY = "skill-ledger root policy/1"


@dataclass(slots=True)
class Body:
    """An institution: its issuer id, region, standing, successor's code, and kinds that need a second signature."""

    issuer: str
    region: str
    standing: str = "active"
    successor: str | None = None
    cosigned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Delegated:
    """Acts of the authority that an institution may do."""

    uscc: str
    uid: str
    kinds: tuple[str, ...]
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Holders:
    """How many of these keys give the authority another one: kid to algorithm and public key."""

    threshold: int
    keys: Mapping[str, tuple[str, bytes]]


@dataclass(slots=True)
class Bodies:
    """The register so far."""

    origin: str = ""
    authority: str = ""
    by_uscc: dict[str, Body] = field(default_factory=dict)
    uscc_by_issuer: dict[str, str] = field(default_factory=dict)
    delegated: list[Delegated] = field(default_factory=list)
    holders: Holders | None = None

    def fold(self, name: str, payload: Mapping[str, Any]) -> None:
        """Take up what a record says about institutions.

        name    of its kind without version
        raises  KeyError, TypeError, AttributeError for what is not of the form of its kind
        """
        match name:
            case "authority-root":
                self.origin, self.authority = payload["authority"]["origin"], payload["iss"]
                self._register(payload["authority"]["uscc"], payload["iss"], "")
            case "institution-registered":
                body = payload["institution"]
                self._register(body["uscc"], body["issuer"], body["region"])
            case "institution-standing":
                self.by_uscc[payload["institution"]["uscc"]].standing = payload["institution"]["standing"]
            case "institution-succeeded":
                self.by_uscc[payload["institution"]["uscc"]].successor = payload["institution"]["successor"]
            case "signature-policy":
                kinds = payload["policy"]["kinds"]
                self.by_uscc[payload["policy"]["uscc"]].cosigned = frozenset({*kinds, name} if kinds else ())
            case "authority-delegated":
                given = payload["delegation"]
                self.delegated.append(
                    Delegated(given["uscc"], payload["jti"], tuple(given["kinds"]), tuple(given["regions"]))
                )
            case "delegation-ended":
                ended = payload["delegation"]
                self.delegated = [one for one in self.delegated if (one.uscc, one.uid) != (ended["uscc"], ended["id"])]
            case "root-rotated":
                self.by_uscc[self.uscc_by_issuer[self.authority]].cosigned = frozenset()

    def _register(self, uscc: str, issuer: str, region: str) -> None:
        self.by_uscc[uscc] = Body(issuer, region)
        self.uscc_by_issuer[issuer] = uscc

    def body(self, issuer: str) -> Body | None:
        """The institution of an issuer id."""
        return self.by_uscc.get(self.uscc_by_issuer.get(issuer, ""))

    def acts_for(self, actor: str, owner: str) -> bool:
        """Whether an issuer may act on an owner's records: the owner, one of its successors, or the authority."""
        reached = [owner]
        while (body := self.body(reached[-1])) is not None and len(reached) <= len(self.by_uscc):
            successor = self.by_uscc.get(body.successor or "")
            if successor is None:
                break
            reached.append(successor.issuer)
        return actor in {self.authority, *reached}

    def is_delegated(self, issuer: str, name: str, regions: Sequence[str]) -> bool:
        """Whether one delegation lets an issuer do an act of this kind that concerns these regions."""
        uscc = self.uscc_by_issuer.get(issuer)
        return bool(regions) and any(
            one.uscc == uscc and name in one.kinds and all(region.startswith(one.regions) for region in regions)
            for one in self.delegated
        )

    def is_approved(self, payload: Mapping[str, Any], name: str, *, kid: str) -> bool:
        """Whether enough holders agreed on a new root key, or on a policy that replaces theirs.

        payload, name  of the record; kid  of its header: the holder who signs a rotation counts as one
        """
        holders = self.holders
        if holders is None:
            return name == "root-policy" and "approvals" not in payload
        body: dict[str, Any] = {"origin": self.origin}
        if name == "root-rotated":
            body |= {"purpose": ROTATION, **{key: payload["rotation"][key] for key in ("jwk", "nonce", "retired")}}
        else:
            given = payload["policy"]
            jwks = [one["jwk"] for one in given["holders"]]
            body |= {"purpose": POLICY, "nonce": given["nonce"], "threshold": given["threshold"], "holders": jwks}
        message = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
        agreed = {kid} & holders.keys.keys() if name == "root-rotated" else set[str]()
        for one in payload.get("approvals", ()):
            if not _is_signed(message, holders.keys.get(one["kid"]), one["signature"]):
                return False
            agreed.add(one["kid"])
        return len(agreed) >= holders.threshold


def _is_signed(message: bytes, key: tuple[str, bytes] | None, signature: str) -> bool:
    if key is None:
        return False
    alg, public = key
    try:
        algorithm(alg).check_signature(
            public=public, message=message, signature=read_base64url(signature.encode("ascii"))
        )
    except (LedgerError, Unreadable, UnicodeEncodeError):
        return False
    return True
