"""A small log made by hand, so that every part of the evidence can be forged: no server and no store takes part.

`evidence` holds all private keys: the log's, three witnesses', the authority's, the service's, two institutions'.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from api.client import verify
from api.client.pack import LoggedFile, Pack
from api.client.trust import Trust
from keys.algorithms import algorithm
from keys.custody import Signer, signer_from_private
from keys.ids import format_kid
from keys.possession import prove_possession
from ledger.clock import FixedClock
from ledger.log.checkpoint import cosign, cosigner_key, format_checkpoint, log_key, sign_note
from ledger.log.merkle import inclusion_path, leaf_hash, node_hash, root_of
from ledger.log.note import format_note, format_vkey
from ledger.log.policy import Policy, PolicyGroup, PolicyLog, PolicyWitness, format_policy
from ledger.log.receipt import format_receipt
from ledger.log.statuslist import encode, set_bit
from ledger.records import build_record, kind_class
from ledger.wire.base64url import encode as base64url
from ledger.wire.envelope import Envelope

ORIGIN = "ledger.example.cn/skills"
BASE = "https://ledger.example.cn"
NOW = 1_795_224_600
"""2026-11-21T01:30:00Z."""

AUTHORITY = "https://ledger.example.cn/issuers/11320000MB0000000D"
SERVICE = f"{AUTHORITY}/service"
USCC = "52320102MJ000000XG"
ISSUER = "https://osta.example.cn/issuers/3201"
OTHER_ISSUER = "https://college.example.cn/issuers/12"


def new_signer(alg: str = "Ed25519") -> Signer:
    return signer_from_private(alg, algorithm(alg).generate())


def jwt(signer: Signer, claims: Mapping[str, Any], *, typ: str, kid: str) -> bytes:
    """A compact JWS, written here once more so that the verifier is not tested against the server's own code."""
    parts = [{"alg": signer.alg, "kid": kid, "typ": typ}, claims]
    texts = [json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() for part in parts]
    message = ".".join(base64url(text) for text in texts).encode()
    return message + b"." + base64url(signer.sign(message)).encode()


@dataclass
class Evidence:
    """A log under construction and the statements about it."""

    signers: dict[str, Signer] = field(
        default_factory=lambda: {
            name: new_signer()
            for name in ("log", "authority", "service", "institution", "other", "w1", "w2", "w3", "stranger")
        }
    )
    entries: list[Envelope] = field(default_factory=list)
    awake: int = 3
    origin: str = ORIGIN
    now: int = NOW

    def add(self, kind: str, claims: dict[str, Any], *, issuer: str, signer: str, **disclosed: Any) -> int:
        """Log one record; gives its index. Nothing is checked: what a dishonest log would hold is wanted too."""
        self.entries.append(self.build(kind, claims, issuer=issuer, signer=signer, **disclosed))
        return len(self.entries) - 1

    def build(self, kind: str, claims: dict[str, Any], *, issuer: str, signer: str, **disclosed: Any) -> Envelope:
        return build_record(
            kind, claims, disclosed, issuer=issuer, signer=self.signers[signer], clock_seconds=self.now, base_url=BASE
        )

    def register(self) -> None:
        """Record 0, the service's key, the institution, its key and its accreditation: indices 0 to 4."""
        root = {"origin": self.origin, "uscc": "11320000MB0000000D", "name": "示例省人社厅"}
        root["jwk"] = self.signers["authority"].jwk  # type: ignore[assignment]
        self.by_authority("authority-root", root)
        self.by_authority("key-registered", self.key_claims("service", SERVICE, use="service"))
        self.by_authority("institution-registered", self.institution_claims(USCC, ISSUER))
        self.by_authority("key-registered", self.key_claims("institution", ISSUER))
        self.accreditation = self.by_authority("accreditation-granted", self.scope_claims())

    def by_authority(self, kind: str, claims: dict[str, Any]) -> int:
        return self.add(kind, claims, issuer=AUTHORITY, signer="authority")

    def institution_claims(self, uscc: str, issuer: str) -> dict[str, Any]:
        body = {"uscc": uscc, "institution_issuer": issuer, "name": "示例鉴定中心"}
        return {**body, "type": "evaluation-body", "region": "320102"}

    def scope_claims(self, **changes: Any) -> dict[str, Any]:
        return {**kind_class("accreditation-granted").EXAMPLE["claims"], **changes}

    def key_claims(self, signer: str, issuer: str, *, use: str = "records") -> dict[str, Any]:
        nonce = base64url(bytes(16))
        proof = prove_possession(self.signers[signer], origin=self.origin, issuer=issuer, nonce=nonce)
        claims: dict[str, Any] = {"key_issuer": issuer, "jwk": self.signers[signer].jwk, "use": use}
        return {**claims, "nonce": nonce, "possession": proof, "log": self.origin}

    def certificate(self, *, issuer: str = ISSUER, signer: str = "institution", **changes: Any) -> Envelope:
        """A certificate that is in no log yet."""
        example = kind_class("skill-certificate").EXAMPLE
        return self.build(
            "skill-certificate",
            {**example["claims"], "status": self.place(), **changes},
            issuer=issuer,
            signer=signer,
            **example["disclosed"],
        )

    def place(self) -> dict[str, Any]:
        return {"base": BASE, "uscc": USCC, "list": 1, "index": 7}

    # -- proofs

    def checkpoint(self) -> bytes:
        leaves = [leaf_hash(entry.leaf) for entry in self.entries]
        text = format_checkpoint(self.origin, len(leaves), root_of(len(leaves), self.node))
        lines = [sign_note(text, self.origin, self.signers["log"])]
        awake = itertools.islice(("w1", "w2", "w3"), self.awake)
        lines += [cosign(text, name, self.signers[name], timestamp=self.now) for name in awake]
        return format_note(text, lines)

    def node(self, level: int, index: int) -> bytes:
        if level == 0:
            return leaf_hash(self.entries[index].leaf)
        return node_hash(self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1))

    def proof(self, index: int) -> bytes:
        path = inclusion_path(leaf_index=index, tree_size=len(self.entries), nodes=self.node)
        return format_receipt(index=index, path=path, checkpoint=self.checkpoint())

    def policy(self) -> Policy:
        witnesses = tuple(PolicyWitness(name, cosigner_key(name, self.signers[name])) for name in ("w1", "w2", "w3"))
        logs = (PolicyLog(log_key(self.origin, self.signers["log"])),)
        return Policy(logs, witnesses, (PolicyGroup("two", 2, ("w1", "w2", "w3")),), "two")

    def trust(self) -> Trust:
        return Trust(
            log_vkeys=(log_key(self.origin, self.signers["log"]),),
            policy=self.policy(),
            authority_thumbprint=self.signers["authority"].thumbprint,
        )

    # -- the service's word

    def service_kid(self) -> str:
        return format_kid(issuer=SERVICE, jwk=self.signers["service"].jwk)

    def key_line(self, signer: str = "institution", **changes: Any) -> dict[str, Any]:
        kid = format_kid(issuer=ISSUER, jwk=self.signers[signer].jwk)
        line: dict[str, Any] = {"kid": kid, "registered_at_index": 3, "revoked_at_index": None}
        return {**line, "suspect_since_index": None, "confirmed_indices": [], **changes}

    def statement(
        self,
        *,
        signer: str = "service",
        typ: str = "vnd.skill-ledger.registry+jwt",
        kid: str | None = None,
        **changes: Any,
    ) -> bytes:
        uid = self.entries[4].payload["jti"]
        claims: dict[str, Any] = {
            "iss": SERVICE,
            "iat": self.now,
            "issuer": ISSUER,
            "keys": [self.key_line()],
            "accreditations": [{"id": uid, "granted_at_index": 4, "ended_at_index": None}],
            "log": {"origin": self.origin, "size": len(self.entries)},
        }
        return jwt(self.signers[signer], {**claims, **changes}, typ=typ, kid=kid or self.service_kid())

    def status_list(
        self,
        purpose: str,
        *,
        taken: tuple[int, ...] = (),
        signer: str = "service",
        stated: str | None = None,
        **changes: Any,
    ) -> bytes:
        """The list at a purpose's address; `stated` is the purpose it claims to have, where that is another one."""
        bits = bytearray(16 * 1024)
        for index in taken:
            set_bit(bits, index, value=True)
        url = f"{BASE}/status/{USCC}/1/{purpose}"
        subject = {"id": f"{url}#list", "type": "BitstringStatusList", "statusPurpose": stated or purpose}
        claims: dict[str, Any] = {
            "id": url,
            "iss": SERVICE,
            "iat": self.now,
            "exp": self.now + 86_400,
            "credentialSubject": {**subject, "encodedList": encode(bytes(bits))},
            "log": {"origin": self.origin, "size": len(self.entries)},
        }
        return jwt(self.signers[signer], {**claims, **changes}, typ="vc+jwt", kid=self.service_kid())

    def cid(self, *kids: str) -> bytes:
        return json.dumps(
            {"id": SERVICE, "assertionMethod": [{"id": kid} for kid in kids or (self.service_kid(),)]}
        ).encode()

    # -- the pack

    def file(self, index: int) -> LoggedFile:
        return LoggedFile(f"{index:08}", self.entries[index].to_bytes(), self.proof(index))

    def pack(self, index: int = 5, *, registry: tuple[int, ...] = (0, 1, 2, 3, 4), **changes: Any) -> Pack:
        """The evidence of one record, as an honest service packs it; `changes` replace files."""
        honest = Pack(
            record=self.entries[index].to_bytes(),
            receipt=self.proof(index),
            log_vkey=(format_vkey(log_key(self.origin, self.signers["log"])) + "\n").encode(),
            policy=format_policy(self.policy()),
            registry=tuple(self.file(one) for one in registry),
            registry_jwt=self.statement(),
            status_lists=(self.status_list("revocation"), self.status_list("suspension")),
            status_issuer_cid=self.cid(),
        )
        return replace(honest, **changes)


def check(evidence, pack=None, *, trust=None, at=NOW, **more):
    return verify(pack or evidence.pack(), trust=trust or evidence.trust(), at=at, clock=FixedClock(at), **more)


def values(found):
    return found.checks.values()


@pytest.fixture
def evidence() -> Evidence:
    """Registration at 0 to 4, one certificate at 5."""
    made = Evidence()
    made.register()
    made.entries.append(made.certificate())
    return made


@pytest.fixture
def new_evidence() -> Callable[..., Evidence]:
    """Evidence from nothing, for a log of one's own."""
    return Evidence
