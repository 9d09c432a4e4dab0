"""Appending over HTTP: one, batch, group; receipts that verify; refusals that cost nobody else anything.

Method: real envelopes over a real connection; each refusal differs from a valid case in one thing.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import orjson
import pytest

from ledger import limits
from ledger.log.receipt import check_receipt
from ledger.wire.envelope import parse_envelope

SD_JWT = {"content-type": "application/sd-jwt"}
NDJSON = {"content-type": "application/x-ndjson"}


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in answer.content.splitlines()]


def test_a_record_is_logged_and_its_receipt_verifies(site, client: httpx.Client) -> None:
    envelope = site.certificate()
    answer = client.post("/v1/records", content=envelope.to_bytes(), headers=SD_JWT)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["record_id"] == envelope.record_id
    assert len(body["code"]) == 16
    site.settle()
    proof = client.get(f"/v1/records/{envelope.record_id}/receipt").content
    held = check_receipt(proof, entry=envelope.leaf, log_vkeys=site.ledger.log_vkeys, policy=site.ledger.policy)
    assert held.index == body["index"]


def test_the_same_bytes_again_get_the_first_answer(site, client: httpx.Client) -> None:
    envelope = site.certificate().to_bytes()
    first = client.post("/v1/records", content=envelope, headers=SD_JWT)
    again = client.post("/v1/records", content=envelope, headers=SD_JWT)
    assert (first.status_code, again.status_code) == (201, 200)
    same = ("record_id", "index", "code")
    assert [first.json()[name] for name in same] == [again.json()[name] for name in same]


def test_many_at_once_are_one_record(site, client: httpx.Client) -> None:
    envelope = site.certificate().to_bytes()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: client.post("/v1/records", content=envelope, headers=SD_JWT), range(64)))
    assert sorted({answer.status_code for answer in answers}) == [200, 201]
    assert len({(answer.json()["record_id"], answer.json()["index"]) for answer in answers}) == 1
    assert [answer.status_code for answer in answers].count(201) == 1


def test_the_signed_bytes_come_back_without_disclosures(site, client: httpx.Client) -> None:
    envelope = site.certificate()
    client.post("/v1/records", content=envelope.to_bytes(), headers=SD_JWT)
    answer = client.get(f"/v1/records/{envelope.record_id}")
    assert answer.content == envelope.leaf + b"~"
    assert answer.headers["content-type"] == "application/vc+sd-jwt"
    again = client.get(f"/v1/records/{envelope.record_id}", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_media_type_is_that_of_the_header(site, client: httpx.Client) -> None:
    """A credential is `application/vc+sd-jwt` (VC-JOSE-COSE section 3.2.1), an event is an SD-JWT of our own type."""
    envelope = site.certificate()
    client.post("/v1/records", content=envelope.to_bytes(), headers=SD_JWT)
    event = client.post("/v1/records", content=site.act(envelope.record_id, "suspend"), headers=SD_JWT)
    types = [
        client.get(f"/v1/records/{record_id}").headers["content-type"]
        for record_id in (envelope.record_id, event.json()["record_id"])
    ]
    assert types == ["application/vc+sd-jwt", "application/sd-jwt"]
    answer = client.get("/openapi.json").json()["paths"]["/v1/records/{record_id}"]["get"]["responses"]["200"]
    assert set(types) <= set(answer["content"])


def flip_signature(envelope: bytes) -> bytes:
    leaf, rest = envelope.split(b"~", 1)
    head, payload, signature = leaf.split(b".")
    flipped = (b"B" if signature[:1] != b"B" else b"C") + signature[1:]
    return b".".join([head, payload, flipped]) + b"~" + rest


REFUSALS = [  # in the order of acceptance
    ("one byte too long", lambda e: e + b"a" * limits.ENVELOPE_BYTES_MAX, 413, "record-too-large"),
    ("empty", lambda _: b"", 400, "malformed"),
    ("no tilde", lambda e: e.split(b"~", 1)[0], 400, "malformed"),
    ("a newline after it", lambda e: e + b"\n", 400, "malformed"),
    ("another signature", flip_signature, 422, "bad-signature"),
    ("a disclosure withheld", lambda e: b"~".join(e.split(b"~")[:-2]) + b"~", 422, "disclosures-incomplete"),
]


@pytest.mark.parametrize(("why", "damage", "status", "code"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_refuses(site, client: httpx.Client, *, why, damage, status, code) -> None:
    size = site.ledger.size()
    answer = client.post("/v1/records", content=damage(site.certificate().to_bytes()), headers=SD_JWT)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert site.ledger.size() == size


def test_another_media_type_is_refused(site, client: httpx.Client) -> None:
    answer = client.post("/v1/records", content=site.certificate().to_bytes(), headers={"content-type": "text/html"})
    assert (answer.status_code, answer.json()["code"]) == (415, "media-type-unsupported")


def test_certificate_number_twice(site, client: httpx.Client) -> None:
    number = "S000032010001263900001"
    first = client.post("/v1/records", content=site.certificate(certificate_number=number).to_bytes())
    second = client.post("/v1/records", content=site.certificate(certificate_number=number).to_bytes())
    assert (first.status_code, second.status_code, second.json()["code"]) == (201, 409, "certificate-number-used")


def test_batch_answers_each_line_in_order(site, client: httpx.Client) -> None:
    good = [site.certificate() for _ in range(5)]
    sent = [
        good[0].to_bytes(),
        b"",
        orjson.dumps(good[1].to_bytes().decode()),
        b"x" * (limits.ENVELOPE_BYTES_MAX + 100),
        orjson.dumps({"envelope": good[2].to_bytes().decode()}),
        b"[1]",
        flip_signature(good[3].to_bytes()),
        b'{"other": 1}',
        good[0].to_bytes(),
        good[4].to_bytes(),
    ]
    answer = client.post("/v1/records/batch", content=b"\n".join(sent) + b"\n", headers=NDJSON)
    found = lines(answer)
    assert [line["line"] for line in found] == list(range(1, 11))
    assert [line["status"] for line in found] == [201, 400, 201, 413, 201, 400, 422, 400, 200, 201]
    accepted = [found[0], found[2], found[4], found[9]]
    assert [line["record_id"] for line in accepted] == [good[n].record_id for n in (0, 1, 2, 4)]
    assert [line.get("code") for line in found][6] == "bad-signature"
    assert all(len(line["verification_code"]) == 16 for line in accepted)


def test_batch_reads_a_body_without_a_length_in_odd_chunks(site, client: httpx.Client) -> None:
    body = b"\r\n".join(site.certificate().to_bytes() for _ in range(3))
    chunks = (body[start : start + 777] for start in range(0, len(body), 777))
    found = lines(client.post("/v1/records/batch", content=chunks, headers=NDJSON))
    assert [line["status"] for line in found] == [201, 201, 201]


def test_batch_with_too_many_lines_says_where_it_stopped(site, client: httpx.Client) -> None:
    body = b"x\n" * (limits.BATCH_LINES_MAX + 5)
    found = lines(client.post("/v1/records/batch", content=body, headers=NDJSON))
    assert len(found) == limits.BATCH_LINES_MAX + 1
    assert found[-1] == {"line": limits.BATCH_LINES_MAX + 1, "status": 413, "code": "batch-too-large"}


def test_batch_waits_for_a_key_registered_by_an_earlier_line(site, client: httpx.Client, new_signer) -> None:
    uscc = "52320102MJ000000XG"
    issuer = "https://osta.example.cn/issuers/3201"
    fresh, held = new_signer(), site.signers[uscc]
    registration = site.authority_envelope("key-registered", site.key_claims(fresh, issuer))
    site.signers[uscc] = fresh
    certificate = site.certificate()
    site.signers[uscc] = held
    body = registration.to_bytes() + b"\n" + certificate.to_bytes() + b"\n"
    assert [line["status"] for line in lines(client.post("/v1/records/batch", content=body, headers=NDJSON))] == [
        201,
        201,
    ]


def test_a_group_stands_or_falls_together(site, client: httpx.Client) -> None:
    group = "urn:uuid:2f0d1c3e-9a51-4c4a-8ab3-f7d15e1b1f8e"
    good, bad = site.certificate(group=group), site.certificate(group=group)
    size = site.ledger.size()
    refused = client.post(
        "/v1/records/group", content=good.to_bytes() + b"\n" + flip_signature(bad.to_bytes()), headers=NDJSON
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "bad-signature")
    assert site.ledger.size() == size
    body = good.to_bytes() + b"\n" + bad.to_bytes()
    logged = client.post("/v1/records/group", content=body, headers=NDJSON)
    assert logged.status_code == 201
    assert [one["record_id"] for one in logged.json()["records"]] == [good.record_id, bad.record_id]
    assert client.post("/v1/records/group", content=body, headers=NDJSON).status_code == 200


def test_a_group_of_nothing_or_of_too_many_is_refused(client: httpx.Client) -> None:
    nothing = client.post("/v1/records/group", content=b"", headers=NDJSON)
    too_many = client.post("/v1/records/group", content=b"x\n" * (limits.GROUP_RECORDS_MAX + 1), headers=NDJSON)
    assert (nothing.status_code, nothing.json()["code"]) == (400, "body-invalid")
    assert (too_many.status_code, too_many.json()["code"]) == (413, "batch-too-large")


def test_kinds_describe_themselves(client: httpx.Client) -> None:
    listed = {kind["kind"] for kind in client.get("/v1/kinds").json()["kinds"]}
    assert "skill-certificate/1" in listed
    newest, exact = client.get("/v1/kinds/skill-certificate").json(), client.get("/v1/kinds/skill-certificate/2").json()
    assert newest == exact
    assert {"holder_name", "document_number", "certificate_number"} <= set(exact["disclosures"])
    assert client.get("/v1/kinds/no-such").status_code == 404


def test_tiles_and_checkpoint_are_those_of_the_log(site, client: httpx.Client) -> None:
    site.settle()
    checkpoint = client.get("/log/checkpoint")
    size = int(checkpoint.text.splitlines()[1])
    tile = client.get(f"/log/tile/0/000.p/{size}")
    assert (tile.status_code, len(tile.content)) == (200, 32 * size)
    assert "immutable" in tile.headers["cache-control"]
    for wrong in (
        "/log/tile/0/000",
        "/log/tile/0/0",
        "/log/tile/00/000.p/1",
        "/log/tile/0/000.p/256",
        "/log/tile/x/000",
    ):
        assert client.get(wrong).status_code == 404, wrong


def test_parsed_envelope_is_what_was_sent(site) -> None:
    envelope = site.certificate()
    assert parse_envelope(envelope.to_bytes()) == envelope
