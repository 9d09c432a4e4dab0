"""Verification over HTTP: every outcome is 200, every check is there, nothing leaks, a miss looks like any other miss.

Method: the same record asked about by code, by number and name, and by envelope, before and after things happen to it.
"""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from api.client.outcome import VALUES
from api.client.pack import unpack
from api.client.trust import trust_of
from api.client.verify import verify
from api.masking import mask_name, mask_number
from api.verification import Verifier
from keys.errors import Refused
from ledger.clock import FixedClock
from ledger.code import ALPHABET, new_code, parse_code
from ledger.log.note import format_vkey
from ledger.log.policy import format_policy
from ledger.log.receipt import check_logged

UNKNOWN = {"certificate_number": "S000032010001260999999", "name": "张三"}


def ask(client: httpx.Client, **question: str) -> dict:
    answer = client.post("/v1/verifications", json=question)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_valid_by_code_by_number_and_by_envelope(site, client: httpx.Client) -> None:
    number = "S000032010001263800001"
    envelope = site.certificate(certificate_number=number)
    code = site.submit(envelope).code
    found = [
        ask(client, code=code),
        ask(client, code=f"{code[:4]}-{code[4:8]} {code[8:12].lower()} {code[12:]}"),
        ask(client, certificate_number=number, name="张三"),
        ask(client, certificate_number=number, name=" 张 三 "),
        ask(client, envelope=envelope.to_bytes().decode()),
        ask(client, envelope=envelope.leaf.decode() + "~"),
    ]
    assert [answer["outcome"] for answer in found] == ["valid"] * 6
    assert all(list(answer["checks"]) == list(VALUES) for answer in found)
    assert all(answer["checks"] == found[0]["checks"] for answer in found)
    assert all(answer["content"] == found[0]["content"] for answer in found)


def test_content_masks_name_and_numbers(site, client: httpx.Client) -> None:
    number = "S000032010001263800002"
    code = site.submit(site.certificate(certificate_number=number, holder_name="张三")).code
    answer = client.post("/v1/verifications", json={"code": code})
    content = answer.json()["content"]
    assert content["holder"] == {"name": "张*", "number": "3201**********0029"}
    assert content["certificate_number"] == "S000**************0002"
    for hidden in ("张三", "320106190001020029", number, "91.5"):
        assert hidden not in answer.text


@pytest.mark.parametrize(
    ("name", "masked"), [("张", "*"), ("张三", "张*"), ("张小丰", "张*丰"), ("阿卜杜拉", "阿**拉"), ("", "*")]
)
def test_mask_name(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("110105194912310021", "1101**********0021"),
        ("12345678", "12****78"),
        ("123", "***"),
        ("12345", "1***5"),
        ("", ""),
    ],
)
def test_mask_number_never_shows_more_than_half(number: str, masked: str) -> None:
    assert mask_number(number) == masked


def test_revoked_and_suspended_and_reinstated(site, client: httpx.Client) -> None:
    envelope = site.certificate()
    code = site.submit(envelope).code
    site.ledger.submit(site.act(envelope.record_id, "suspend"))
    # The view has not seen it yet: the record's own stream says so all the same.
    assert ask(client, code=code)["outcome"] == "suspended"
    site.settle()
    assert ask(client, code=code)["outcome"] == "suspended"
    site.ledger.submit(site.act(envelope.record_id, "reinstate"))
    site.settle()
    assert ask(client, code=code)["outcome"] == "valid"
    site.ledger.submit(site.act(envelope.record_id, "revoke"))
    site.settle()
    found = ask(client, code=code)
    assert (found["outcome"], found["content"]["standing"]["state"]) == ("revoked", "revoked")
    assert found["banner"]["zh"].startswith("证书已撤销")


def test_period(site, client: httpx.Client) -> None:
    code = site.submit(site.certificate(valid_until="2027-01-01")).code
    assert ask(client, code=code)["outcome"] == "valid"
    assert ask(client, code=code, at="2026-12-31T15:59:59Z")["outcome"] == "valid"
    assert ask(client, code=code, at="2027-01-01T00:00:00+08:00")["outcome"] == "expired"
    assert ask(client, code=code, at="2026-01-01T00:00:00Z")["outcome"] == "not_yet_valid"


def test_pending_until_a_quorum_of_witnesses_has_signed(make_site) -> None:
    site = make_site()
    site.witnesses.awake = 1
    code = site.submit(site.certificate()).code
    assert ask(site.http, code=code)["outcome"] == "valid_pending"
    site.witnesses.awake = 2
    site.settle()
    assert ask(site.http, code=code)["outcome"] == "valid"


def test_never_logged_is_not_genuine_and_shows_nothing(site, client: httpx.Client) -> None:
    found = ask(client, envelope=site.certificate().to_bytes().decode())
    assert (found["outcome"], "content" in found) == ("not_genuine", False)
    assert found["checks"]["inclusion"]["value"] == "fail"


def test_every_flipped_byte_is_not_valid(site, client: httpx.Client) -> None:
    envelope = site.certificate()
    site.submit(envelope)
    data = envelope.to_bytes()
    verifier = Verifier(ledger=site.ledger, clock=site.clock)
    assert verifier.by_envelope(data).word == "valid"
    for place in range(0, len(data), 7):
        for change in (1, 0x20):
            damaged = data[:place] + bytes([data[place] ^ change]) + data[place + 1 :]
            assert verifier.by_envelope(damaged).word not in ("valid", "valid_pending"), place


# T01, T03: misses


def test_misses_are_all_alike(site, client: httpx.Client) -> None:
    number = "S000032010001263800003"
    code = site.submit(site.certificate(certificate_number=number)).code
    wrong_check = code[:-1] + ALPHABET[(ALPHABET.index(code[-1]) + 1) % 32]
    misses = [
        {"code": new_code()},
        {"code": wrong_check},
        {"code": "not a code at all"},
        {"certificate_number": number, "name": "李四"},
        UNKNOWN,
        {"certificate_number": "320106190001020029", "name": "张三"},
    ]
    answers = [client.post("/v1/verifications", json=question) for question in misses]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json()["outcome"] == "not_found"
    varying = {"date", "x-request-id"}
    shapes = {
        tuple((name, value) for name, value in answer.headers.items() if name not in varying) for answer in answers
    }
    assert len(shapes) == 1


class Untouchable:
    """Stands where the ledger stands and fails when anything is asked of it."""

    clock = FixedClock(0)

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"the store was asked: {name}")


def test_a_wrong_check_character_never_reaches_the_store() -> None:
    code = new_code()
    verifier = Verifier(ledger=Untouchable(), clock=FixedClock(0))  # type: ignore[arg-type]
    for letter in ALPHABET:
        if letter != code[-1]:
            assert verifier.by_code(code[:-1] + letter).word == "not_found"
    with pytest.raises(AssertionError):
        verifier.by_code(code)


def test_random_codes_find_nothing(site) -> None:
    verifier = Verifier(ledger=site.ledger, clock=site.clock)
    assert {verifier.by_code(new_code()).word for _ in range(300)} == {"not_found"}


def test_number_and_name_are_rate_limited(make_site) -> None:
    site = make_site(rate_verify_by_number="5/minute")
    answers = [site.http.post("/v1/verifications", json=UNKNOWN) for _ in range(8)]
    assert [answer.status_code for answer in answers].count(200) <= 6  # a minute may turn in between
    assert answers[-1].status_code in (200, 429)
    limited = [answer for answer in answers if answer.status_code == 429]
    assert limited
    assert limited[0].headers["retry-after"] == "60"
    assert site.http.post("/v1/verifications", json={"code": new_code()}).status_code == 200


BAD = [
    ("no JSON", b"{", 400),
    ("a list", b"[]", 400),
    ("nothing", b"{}", 422),
    ("two questions", b'{"code":"x","envelope":"y"}', 422),
    ("name alone", b'{"name":"x"}', 422),
    ("an extra member", b'{"code":"x","status":"valid"}', 422),
    ("a number as code", b'{"code":1}', 422),
    ("an empty code", b'{"code":""}', 422),
    ("U+0000", b'{"code":"\\u0000"}', 422),
    ("a bad instant", b'{"code":"x","at":"yesterday"}', 422),
    ("an instant without offset", b'{"code":"x","at":"2026-01-01T00:00:00"}', 422),
    ("an instant before 1970", b'{"code":"x","at":"1969-12-31T23:59:59Z"}', 422),
    ("year 0001 in another zone", b'{"code":"x","at":"0001-01-01T00:00:00+14:00"}', 422),
    ("a lone surrogate", b'{"code":"\\ud800"}', 400),
]


@pytest.mark.parametrize(("why", "body", "status"), BAD, ids=[row[0] for row in BAD])
def test_bad_questions(client: httpx.Client, why, body, status) -> None:
    answer = client.post("/v1/verifications", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


# Evidence packs


def test_a_pack_verifies_offline_with_the_client(site, client: httpx.Client, tmp_path: Path) -> None:
    envelope = site.certificate()
    site.submit(envelope)
    site.settle()
    files = unpack(client.get(f"/v1/records/{envelope.record_id}/pack", headers=site.token("zhang")).content)
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    own = verify(tmp_path, clock=site.clock)
    assert (own.outcome, own.trust) == ("valid", "pack"), own.to_json()
    trust = trust_of(
        log_vkey="".join(format_vkey(key) + "\n" for key in site.ledger.log_vkeys).encode(),
        policy=format_policy(site.ledger.policy),
        authority_thumbprint=site.authority_signer.thumbprint,
    )
    pinned = verify(tmp_path, trust=trust, clock=site.clock)
    assert (pinned.outcome, pinned.trust, pinned.warnings) == ("valid", "pinned", ())


def test_a_pack_has_exactly_the_files_of_the_design(site, client: httpx.Client) -> None:
    envelope = site.certificate()
    site.submit(envelope)
    files = unpack(client.get(f"/v1/records/{envelope.record_id}/pack", headers=site.token("zhang")).content)
    registry = {name for name in files if name.startswith("registry/")}
    assert set(files) - registry == {
        "record.sdjwt",
        "record.erased.sdjwt",
        "entry.bin",
        "record.tlog-proof",
        "checkpoint",
        "log.vkey",
        "witness-1.vkey",
        "witness-2.vkey",
        "witness-3.vkey",
        "policy",
        "issuer.cid.json",
        "issuer.jwks.json",
        "registry.jwt",
        "status-list.jwt",
        "status-list-suspension.jwt",
        "status-issuer.cid.json",
        "consistency.txt",
        "README.txt",
    }
    assert min(name for name in registry if name.endswith(".sdjwt")) == "registry/00000000-authority-root.sdjwt"
    assert {name.removesuffix(".sdjwt") for name in registry if name.endswith(".sdjwt")} == {
        name.removesuffix(".tlog-proof") for name in registry if name.endswith(".tlog-proof")
    }
    proof = files["record.tlog-proof"]
    check_logged(proof, entry=files["entry.bin"], log_vkeys=site.ledger.log_vkeys, policy=site.ledger.policy)


def test_a_revoked_record_s_pack_says_so(site, client: httpx.Client, tmp_path: Path) -> None:
    envelope = site.certificate()
    site.submit(envelope)
    site.ledger.submit(site.act(envelope.record_id, "revoke"))
    site.settle()
    files = unpack(client.get(f"/v1/records/{envelope.record_id}/pack", headers=site.token("zhang")).content)
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    assert verify(tmp_path, clock=site.clock).outcome == "revoked"


def test_codes_and_parser_agree(site) -> None:
    code = site.submit(site.certificate()).code
    assert parse_code(code) == code
    with pytest.raises(Refused):
        parse_code(code[::-1] if code[::-1] != code else "0" * 15 + "1")
