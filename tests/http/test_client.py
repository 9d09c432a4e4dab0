"""Goal: both clients and the offline verifier work against the real application, and give the words the server gives.

Method: the shared site (a served ledger with three witnesses). The blocking client goes over a real connection, the
asynchronous one through `httpx.ASGITransport` into the same application; the verifier sees only what they fetched.
"""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from api.client import AsyncLedgerClient, LedgerClient, verify
from api.client.errors import ServerRefused, ServerUnavailable
from api.client.pack import LoggedFile, Pack, unpack
from api.client.receipt import Receipt
from api.client.trust import Trust
from ledger.clock import FixedClock
from ledger.errors import Malformed
from ledger.wire.envelope import parse_envelope
from tests.support.served_site import NOW


@pytest.fixture
def trust(site):
    return Trust(site.ledger.log_vkeys, site.ledger.policy, site.authority_signer.thumbprint)


@pytest.fixture
def blocking(site, trust):
    with LedgerClient(site.address, trust=trust) as client:
        yield client


def run(site, conversation, **settings):
    """Run one asynchronous conversation in this process."""

    async def whole():
        transport = httpx.ASGITransport(app=site.app)
        async with AsyncLedgerClient("http://ledger.example.cn", transport=transport, **settings) as client:
            return await conversation(client)

    return asyncio.run(whole())


def pack_of(files: dict[str, bytes]) -> Pack:
    """A pack from an archive's files, as `load_pack` reads them from a folder."""
    names = sorted(
        name.removesuffix(".sdjwt") for name in files if name.startswith("registry/") and name.endswith(".sdjwt")
    )
    return Pack(
        record=files["record.sdjwt"],
        receipt=files["record.tlog-proof"],
        log_vkey=files["log.vkey"],
        policy=files["policy"],
        registry=tuple(LoggedFile(n, files[f"{n}.sdjwt"], files[f"{n}.tlog-proof"]) for n in names),
        registry_jwt=files["registry.jwt"],
        status_lists=tuple(files[name] for name in sorted(files) if name.startswith("status-list")),
        status_issuer_cid=files["status-issuer.cid.json"],
    )


def fetch_pack(site, record_id: str) -> Pack:
    token = site.http.post("/demo/token", json={"login": "52320102MJ000000XG", "role": "institution"}).json()
    with LedgerClient(site.address, token=token["access_token"]) as client:
        return pack_of(unpack(client.pack(record_id)))


def test_submit_gives_a_checked_receipt_and_repeats_to_the_same(site, blocking):
    envelope = site.certificate().to_bytes()
    first = blocking.submit(envelope)
    again = blocking.submit(envelope)
    assert (first.already_held, again.already_held) == (False, True)
    assert (first.record_id, first.index, first.code) == (again.record_id, again.index, again.code)
    assert first.code


def test_both_transports_say_the_same(site, blocking, trust):
    envelope = site.certificate().to_bytes()
    over_network = blocking.submit(envelope)
    in_process = run(site, lambda client: client.submit(envelope), trust=trust)
    assert (over_network.record_id, over_network.index) == (in_process.record_id, in_process.index)
    for name in ("institutions", "kinds", "discovery", "checkpoint"):
        assert getattr(blocking, name)() == run(site, lambda client, name=name: getattr(client, name)())


def test_credentials_and_events_are_read_alike(site, blocking, trust):
    """The two have media types of their own; the client goes by the bytes."""
    credential = site.certificate()
    blocking.submit(credential.to_bytes())
    event = parse_envelope(site.act(credential.record_id, "suspend"))
    blocking.submit(event.to_bytes())
    for envelope in (credential, event):
        assert blocking.record(envelope.record_id) == envelope.leaf + b"~"
        assert run(site, lambda client, of=envelope: client.record(of.record_id), trust=trust) == envelope.leaf + b"~"


def test_a_refusal_keeps_the_servers_code(site, blocking):
    used = site.certificate()
    blocking.submit(used.to_bytes())
    number = next(item.value for item in used.disclosures if item.name == "licenseNumber")
    with pytest.raises(ServerRefused) as refused:
        blocking.submit(site.certificate(certificate_number=number).to_bytes())
    assert (refused.value.code, refused.value.status) == ("certificate-number-used", 409)
    assert str(number) not in str(refused.value)


def test_many_stand_alone_and_a_group_together(site, blocking):
    good, bad, also = site.certificate().to_bytes(), b"junk", site.certificate().to_bytes()
    results = blocking.submit_many([good, bad, also])
    assert isinstance(results[0], Receipt)
    assert isinstance(results[1], Malformed)
    assert isinstance(results[2], Receipt)
    group = "urn:uuid:7d7b5e30-56b6-4b0e-8c2d-1b1f0a3f6a77"
    receipts = blocking.submit_group([site.certificate(group=group).to_bytes() for _ in range(2)])
    assert receipts[1].index == receipts[0].index + 1


def test_nobody_there_ends_in_unavailable_without_signing_anew(site):
    pauses: list[float] = []
    with LedgerClient("http://127.0.0.1:1", wait=pauses.append) as client, pytest.raises(ServerUnavailable):
        client.submit(site.certificate().to_bytes())
    assert len(pauses) == 5


def test_the_holder_reads_the_archive(site):
    token = site.http.post("/demo/token", json={"login": "zhang", "role": "worker"}).json()["access_token"]
    with LedgerClient(site.address, token=token) as client:
        assert client.archive()
    with LedgerClient(site.address) as client, pytest.raises(ServerRefused) as refused:
        client.archive()
    assert refused.value.status == 401


def life(site, *actions: str) -> str:
    """A certificate after these acts of its issuer; gives its record id."""
    record_id = site.submit(site.certificate()).record_id
    for action in actions:
        site.ledger.submit(site.act(record_id, action))
    site.settle()
    return record_id


STATES = [
    ("valid", ()),
    ("revoked", ("revoke",)),
    ("suspended", ("suspend",)),
    ("valid", ("suspend", "reinstate")),
]


@pytest.mark.parametrize(("word", "actions"), STATES, ids=["issued", "revoked", "suspended", "reinstated"])
def test_pack_and_server_end_in_the_same_word(site, trust, blocking, word, actions):
    record_id = life(site, *actions)
    pack = fetch_pack(site, record_id)
    found = verify(pack, trust=trust, at=NOW, clock=FixedClock(NOW))
    answer = blocking.verification(envelope=pack.record)
    assert (found.outcome, answer["outcome"]) == (word, word), found.to_json()
    assert found.checks.values() == {name: check["value"] for name, check in answer["checks"].items()}


def test_a_pack_of_yesterday_is_no_word_about_today(site, trust):
    pack = fetch_pack(site, life(site))
    found = verify(pack, trust=trust, at=NOW + 86_401, clock=FixedClock(NOW + 86_401))
    assert found.outcome == "cannot_tell"
    assert found.checks.issuer_key.value == found.checks.status.value == "not_checked"


def test_a_pack_under_another_authority_is_not_genuine(site, trust):
    other = Trust(trust.log_vkeys, trust.policy, site.signers["52320102MJ000000XG"].thumbprint)
    assert verify(fetch_pack(site, life(site)), trust=other, at=NOW).outcome == "not_genuine"


def test_tampering_with_any_part_of_a_real_pack_is_never_valid(site, trust):
    pack = fetch_pack(site, life(site))
    record = pack.record.replace(b"~", b"~~", 1)
    assert verify(Pack(record=record), trust=trust, at=NOW).outcome == "not_genuine"
    swapped = fetch_pack(site, life(site)).receipt
    assert verify(pack, receipt=swapped, trust=trust, at=NOW).outcome == "not_genuine"


def test_discovery_is_enough_to_build_trust_that_the_user_has_compared(site):
    with LedgerClient(site.address) as client:
        about = client.discovery()
    assert json.dumps(about["log_vkeys"])
    assert about["origin"] == site.ledger.origin
