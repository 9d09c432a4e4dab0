"""A pack proves its record's issuer all the way to record 0, whoever acted for the authority on the way.

Method: real sites in which a delegate registered the issuer, holders replaced the root key, a stolen key's record was
confirmed, or a successor took over; packs of their records, checked offline with pinned anchors, then with parts taken away.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from api.client.result import Verification
from api.client.trust import Trust
from api.client.verify import verify
from api.pack import build_pack
from keys.custody import Signer
from keys.ids import format_kid
from keys.possession import prove_possession
from ledger.clock import civil_date, format_instant
from ledger.log.note import format_vkey
from ledger.log.policy import format_policy
from ledger.records import build_record, kind_class
from ledger.records._approvals import ROTATION, approve, format_statement
from ledger.wire.envelope import Envelope
from tests.support.served_site import AUTHORITY, INSTITUTIONS, ORIGIN, Site, fresh_signer

CENTRE, COLLEGE = INSTITUTIONS
WORKS, WORKS_ISSUER = "91320102MA0000007T", "https://works.example.cn/issuers/1"
NONCE = "Txewgqpbd1ifQ-PZyeq7DQ"
GROUP = "urn:uuid:6b1f6f0e-5a3e-4c55-9a6a-2f0f6a1f7c14"


class Chain:
    """A site, the authority's first key that verifiers pin, and signing as whoever."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.root = site.authority_signer
        self.works = fresh_signer()

    def signed(self, kind: str, claims: dict[str, Any], *, issuer: str, signer: Signer, **disclosed: Any) -> Envelope:
        now, base_url = self.site.clock.now_seconds(), self.site.ledger.base_url
        return build_record(kind, claims, disclosed, issuer=issuer, signer=signer, clock_seconds=now, base_url=base_url)

    def log(self, kind: str, claims: dict[str, Any], *, by: str | None = None) -> Any:
        """A record of an institution, or of the authority with its newest key."""
        issuer = AUTHORITY.issuer if by is None else INSTITUTIONS[by]
        signer = self.site.authority_signer if by is None else self.site.signers[by]
        return self.site.submit(self.signed(kind, claims, issuer=issuer, signer=signer))

    def register_works(self, *, by: str | None) -> None:
        """The works with a key and an accreditation, by a delegate or by the authority."""
        body = {"uscc": WORKS, "institution_issuer": WORKS_ISSUER, "name": "示例重型装备集团有限公司"}
        self.log("institution-registered", {**body, "type": "employer", "region": "320104"}, by=by)
        self.log("key-registered", self.site.key_claims(self.works, WORKS_ISSUER), by=by)
        scope = {"kinds": ["skill-certificate"], "occupations": ["6"], "levels": [4], "regions": ["3201"]}
        document = {"period_from": "2020-01-01", "document": "示例人社函〔2026〕21号"}
        self.log("accreditation-granted", {"uscc": WORKS, **scope, **document}, by=by)

    def certificate(self, *, uscc: str = WORKS, signer: Signer | None = None, **changes: Any) -> Envelope:
        """A certificate of an institution."""
        example = kind_class("skill-certificate").EXAMPLE
        today = civil_date(self.site.clock.now_seconds()).isoformat()
        number = changes.pop("certificate_number", f"S000032010001263{next(self.site.numbers):06}")
        issuer = INSTITUTIONS.get(uscc, WORKS_ISSUER)
        claims = {**example["claims"], "issued_on": today, "institution_uscc": uscc, **changes}
        disclosed = {**example["disclosed"], "certificate_number": number}
        signer = signer or self.site.signers.get(uscc, self.works)
        return self.signed("skill-certificate", claims, issuer=issuer, signer=signer, **disclosed)

    def pack(self, record: Envelope, folder: Path) -> Path:
        """The record's pack, unpacked."""
        for name, content in build_pack(self.site.ledger, record.record_id).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder

    def verify(self, folder: Path) -> Verification:
        """Offline, with the authority's first key pinned."""
        policy = self.site.ledger.policy
        assert policy is not None
        pinned = Trust(self.site.ledger.log_vkeys, policy, self.root.thumbprint)
        return verify(folder, trust=pinned, clock=self.site.clock)

    def outcome(self, record: Envelope) -> str:
        """What the server says."""
        answer = self.site.http.post("/v1/verifications", json={"envelope": record.to_bytes().decode()})
        return str(answer.json()["outcome"])


def registry_of(folder: Path) -> list[str]:
    """Kinds of the registry records in a pack, in log order."""
    return [path.stem.partition("-")[2] for path in sorted((folder / "registry").glob("*.sdjwt"))]


def without(folder: Path, kind: str, target: Path) -> Iterator[Path]:
    """Copies of a pack, each without one record of a kind."""
    for number, path in enumerate(sorted((folder / "registry").glob(f"*-{kind}.sdjwt"))):
        copy = target / f"{kind}-{number}"
        shutil.copytree(folder, copy)
        (copy / "registry" / path.name).unlink()
        (copy / "registry" / path.name).with_suffix(".tlog-proof").unlink()
        yield copy


# -- a delegate


@pytest.fixture(scope="module")
def delegated(make_site: Callable[..., Site]) -> Chain:
    """The college registers institutions of 3201; it registered the works."""
    chain = Chain(make_site())
    kinds = ["institution-registered", "key-registered", "accreditation-granted"]
    chain.log(
        "authority-delegated", {"uscc": COLLEGE, "kinds": kinds, "regions": ["3201"], "document": "示例〔2026〕1号"}
    )
    chain.register_works(by=COLLEGE)
    return chain


def test_a_pack_of_an_institution_that_a_delegate_registered(delegated: Chain, tmp_path: Path) -> None:
    record = delegated.certificate()
    delegated.site.submit(record)
    folder = delegated.pack(record, tmp_path / "pack")
    assert delegated.outcome(record) == "valid"
    assert delegated.verify(folder).outcome == "valid"
    kinds = registry_of(folder)
    assert kinds[0] == "authority-root"
    assert kinds.count("institution-registered") == kinds.count("key-registered") - 1 == 2, "the works and the college"
    assert "authority-delegated" in kinds


@pytest.mark.parametrize(
    "kind",
    ["authority-delegated", "authority-root", "institution-registered", "key-registered", "accreditation-granted"],
)
def test_a_pack_with_a_gap_in_the_chain_convinces_nobody(delegated: Chain, tmp_path: Path, kind: str) -> None:
    record = delegated.certificate()
    delegated.site.submit(record)
    folder = delegated.pack(record, tmp_path / "pack")
    found = [delegated.verify(copy).outcome for copy in without(folder, kind, tmp_path)]
    # The college's own accreditation, which the works' certificate does not rest on, may be missing.
    allowed = 1 if kind == "accreditation-granted" else 0
    assert found
    assert found.count("valid") == allowed, found
    assert delegated.verify(folder).outcome == "valid", "the control"


def test_the_command_line_checks_the_chain_as_well(delegated: Chain, tmp_path: Path) -> None:
    record = delegated.certificate()
    delegated.site.submit(record)
    folder, trust = delegated.pack(record, tmp_path / "pack"), tmp_path / "trust"
    trust.mkdir()
    policy = delegated.site.ledger.policy
    assert policy is not None
    (trust / "log.vkey").write_text("".join(format_vkey(key) + "\n" for key in delegated.site.ledger.log_vkeys))
    (trust / "policy").write_bytes(format_policy(policy))
    (trust / "authority.jwk").write_text(json.dumps(delegated.root.jwk))
    at = format_instant(delegated.site.clock.now_seconds())

    def run(pack: Path) -> tuple[int, str]:
        arguments = ["verify", str(pack), "--offline", "--trust", str(trust), "--at", at, "--json"]
        done = CliRunner().invoke(app, arguments)
        return done.exit_code, json.loads(done.stdout)["outcome"]

    assert run(folder) == (0, "valid")
    (cut,) = without(folder, "authority-delegated", tmp_path)
    assert run(cut) == (1, "not_genuine")


def test_the_register_shows_what_was_delegated(delegated: Chain) -> None:
    (given,) = delegated.site.http.get(f"/v1/institutions/{COLLEGE}").json()["delegations"]
    assert (given["regions"], given["ended_at_index"]) == (["3201"], None)
    works = delegated.site.http.get(f"/v1/institutions/{WORKS}").json()
    assert (works["delegations"], works["successor"], works["second_signature_kinds"]) == ([], None, [])


# -- another root key


def rotate(chain: Chain, holders: list[Signer]) -> None:
    """Three holders, two of whom give the authority a new key; the old one is lost, not stolen."""
    issuer, site = AUTHORITY.issuer, chain.site

    def possession(signer: Signer) -> str:
        return prove_possession(signer, origin=ORIGIN, issuer=issuer, nonce=NONCE)

    held = [{"jwk": one.jwk, "possession": possession(one)} for one in holders]
    chain.log("root-policy", {"threshold": 2, "holders": held, "nonce": NONCE, "log": ORIGIN})
    new = fresh_signer()
    retired = [{"kid": format_kid(issuer=issuer, jwk=site.authority_signer.jwk)}]
    statement = format_statement(ROTATION, origin=ORIGIN, nonce=NONCE, jwk=new.jwk, retired=retired)
    claims = {"jwk": new.jwk, "nonce": NONCE, "possession": possession(new), "log": ORIGIN, "retired": retired}
    claims["approvals"] = [approve(statement, signer=holders[1], issuer=issuer)]
    site.submit(chain.signed("root-rotated", claims, issuer=issuer, signer=holders[0]))
    site.authority_signer = new


@pytest.fixture(scope="module")
def rotated(make_site: Callable[..., Site]) -> Chain:
    """Holders replaced the root key; the new one registered the works."""
    chain = Chain(make_site())
    rotate(chain, [fresh_signer() for _ in range(3)])
    chain.register_works(by=None)
    return chain


def test_packs_of_before_and_after_a_root_rotation(rotated: Chain, tmp_path: Path) -> None:
    """Who pinned the first root key need not learn of the second: the chain leads to it."""
    for name, uscc in (("old", CENTRE), ("new", WORKS)):
        record = rotated.certificate(uscc=uscc)
        rotated.site.submit(record)
        assert rotated.verify(rotated.pack(record, tmp_path / name)).outcome == "valid"
        assert rotated.outcome(record) == "valid"


@pytest.mark.parametrize("kind", ["root-rotated", "root-policy"])
def test_a_pack_that_hides_how_the_root_key_changed(rotated: Chain, tmp_path: Path, kind: str) -> None:
    record = rotated.certificate()
    rotated.site.submit(record)
    folder = rotated.pack(record, tmp_path / "pack")
    (cut,) = without(folder, kind, tmp_path)
    found = rotated.verify(cut)
    assert (found.outcome, found.checks.issuer_key.value) == ("not_genuine", "fail")


def test_the_root_rotation_itself_has_a_pack_and_instructions(rotated: Chain, tmp_path: Path) -> None:
    registry = rotated.site.ledger.registry()
    stream = [rotated.site.ledger.record_at(index) for index in range(rotated.site.ledger.size())]
    logged = next(one for one in stream if one.kind == "root-rotated/1")
    files = build_pack(rotated.site.ledger, logged.record_id)
    assert logged.header["kid"] in files["issuer.jwks.json"].decode()
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert rotated.verify(tmp_path).outcome == "valid"
    assert registry.root_policy is not None
    assert "root rotation/1" in files["README.txt"].decode()


def test_holders_keys_are_in_no_key_set(rotated: Chain) -> None:
    """Their reader could not tell that they sign nothing but another root key."""
    holders = set(rotated.site.ledger.registry().root_policy.kids)  # type: ignore[union-attr]
    metadata = rotated.site.http.get("/.well-known/jwt-vc-issuer/issuers/authority").json()
    listed = {key["kid"] for key in metadata["jwks"]["keys"]}
    document = rotated.site.http.get("/issuers/authority").json()
    methods = {one["id"] for one in document["assertionMethod"]}
    others = {one["id"] for one in document["verificationMethod"]}
    assert listed == methods == {format_kid(issuer=AUTHORITY.issuer, jwk=rotated.site.authority_signer.jwk)}
    assert holders <= others


# -- a stolen key, a successor, two signatures


def test_a_confirmed_record_is_valid_again_wherever_one_asks(make_site: Callable[..., Site], tmp_path: Path) -> None:
    """T24: dated 2024, logged after the theft: on hold, until the institution confirms it with a new key."""
    chain = Chain(make_site())
    site, issuer = chain.site, INSTITUTIONS[CENTRE]
    since = site.ledger.size()
    forged, other = (
        chain.certificate(
            uscc=CENTRE, issued_on="2024-03-01", late="historical-import",
            certificate_number=f"S00003201000124300012{n}",
        )
        for n in (3, 4)
    )  # fmt: skip
    places = {one.record_id: site.submit(one).index for one in (forged, other)}
    stolen = format_kid(issuer=issuer, jwk=site.signers[CENTRE].jwk)
    chain.log("key-revoked", {"kid": stolen, "reason": "compromised", "suspect_since": since})
    fresh = fresh_signer()
    chain.log("key-registered", site.key_claims(fresh, issuer))
    page = f"/c/{site.ledger.code_of(places[forged.record_id])}"

    def everywhere(name: str) -> list[str]:
        return [chain.outcome(forged), chain.verify(chain.pack(forged, tmp_path / name)).outcome]

    assert everywhere("before") == ["suspended", "suspended"]
    assert "暂停使用" in site.http.get(page, follow_redirects=True).text
    site.signers[CENTRE] = fresh
    for record in (forged, other):
        claims = {"target_record": record.record_id, "target_index": places[record.record_id], "suspect_kid": stolen}
        chain.log("confirmation", claims, by=CENTRE)
    assert everywhere("after") == ["valid", "valid"]
    assert "证书有效" in site.http.get(page, follow_redirects=True).text
    assert registry_of(tmp_path / "after").count("confirmation") == 1, "not that of another worker's record"
    (cut,) = without(tmp_path / "after", "confirmation", tmp_path)
    assert chain.verify(cut).outcome == "suspended"


def test_a_predecessors_certificate_stays_valid_until_the_successor_revokes_it(
    make_site: Callable[..., Site], tmp_path: Path
) -> None:
    chain = Chain(make_site())
    record = chain.certificate(uscc=CENTRE)
    chain.site.submit(record)
    today = civil_date(chain.site.clock.now_seconds()).isoformat()
    taken_over = {"uscc": CENTRE, "successor": COLLEGE, "happened_on": today, "document": "示例〔2026〕2号"}
    chain.log("institution-succeeded", taken_over)
    chain.log("institution-standing", {"uscc": CENTRE, "standing": "withdrawn", "reason": "merged"})
    assert chain.outcome(record) == chain.verify(chain.pack(record, tmp_path / "before")).outcome == "valid"
    assert chain.site.http.get(f"/v1/institutions/{CENTRE}").json()["successor"] == COLLEGE
    chain.log(
        "revocation", {"target_record": record.record_id, "action": "revoke", "reason": "issued-in-error"}, by=COLLEGE
    )
    assert chain.outcome(record) == chain.verify(chain.pack(record, tmp_path / "after")).outcome == "revoked"


def test_a_single_persons_certificate_is_refused_where_two_sign(make_site: Callable[..., Site], tmp_path: Path) -> None:
    """T27 over HTTP: 403 for one, 201 for two in a group; the pack of a cosigned record verifies."""
    chain = Chain(make_site())
    second = fresh_signer()
    chain.log("key-registered", chain.site.key_claims(second, INSTITUTIONS[CENTRE]))
    chain.log("signature-policy", {"uscc": CENTRE, "kinds": ["skill-certificate"]}, by=CENTRE)
    record = chain.certificate(uscc=CENTRE, group=GROUP)
    alone = chain.site.http.post("/v1/records", content=record.to_bytes())
    assert (alone.status_code, alone.json()["code"]) == (403, "second-signature-missing")
    claims = {"target_record": record.record_id, "group": GROUP}
    beside = chain.signed("cosignature", claims, issuer=INSTITUTIONS[CENTRE], signer=second)
    body = b"".join(one.to_bytes() + b"\n" for one in (record, beside))
    both = chain.site.http.post("/v1/records/group", content=body, headers={"content-type": "application/x-ndjson"})
    assert both.status_code == 201, both.text
    chain.site.settle()
    assert chain.verify(chain.pack(record, tmp_path)).outcome == "valid"
