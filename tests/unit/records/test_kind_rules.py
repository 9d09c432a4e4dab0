"""Goal: each kind's own rule refuses what it must, in order. Method: a small past of real logged records, one change a row."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from keys.algorithms import algorithm
from keys.custody import signer_from_private
from keys.possession import prove_possession
from ledger.errors import Refused, SchemaInvalid
from ledger.history import History
from ledger.records import KINDS
from ledger.records._base import Person, Record, Scope, UniqueClaim
from ledger.records._credential import Credential
from ledger.records._fields import DocumentNumber
from ledger.records._identifiers import mod_11_2
from tests.support.past import ISSUER, ORIGIN, OTHER, SECOND, Past, build, record_of


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.fixture
def award(past: Past) -> str:
    return past.log(build("award"))


STANDINGS = [
    # what happened before, action, refused
    ((), "revoke", False),
    ((), "suspend", False),
    ((), "reinstate", True),
    (("suspend",), "revoke", False),
    (("suspend",), "suspend", True),
    (("suspend",), "reinstate", False),
    (("suspend", "reinstate"), "reinstate", True),
    (("suspend", "reinstate"), "revoke", False),
    (("revoke",), "revoke", True),
    (("revoke",), "suspend", True),
    (("revoke",), "reinstate", True),
]


@pytest.mark.parametrize(
    ("before", "action", "refused"),
    STANDINGS,
    ids=[f"{'+'.join(row[0]) or 'active'} then {row[1]}" for row in STANDINGS],
)
def test_standings(past: Past, award: str, before: tuple[str, ...], action: str, refused: bool) -> None:
    for one in before:
        past.act("revocation", target_record=award, action=one)
    record = record_of("revocation", {"target_record": award, "action": action})
    if not refused:
        record.check(past.history())
        return
    with pytest.raises(Refused) as caught:
        record.check(past.history())
    assert caught.value.code == "rule-broken"


def code_of(record: Record, history: History) -> str | None:
    try:
        record.check(history)
    except Refused as error:
        return error.code
    return None


def test_revocation_needs_its_target(past: Past, award: str) -> None:
    assert code_of(record_of("revocation"), past.history()) == "target-unknown"
    assert (
        code_of(record_of("revocation", {"target_record": award, "log": "other.example/log"}), past.history())
        == "target-unknown"
    )
    assert code_of(record_of("revocation", {"target_record": award, "log": ORIGIN}), past.history()) is None
    elsewhere = {"uscc": "91320102MA0000007T", "institution_issuer": "https://works.example.cn/issuers/1"}
    registered = past.log(build("institution-registered", elsewhere))
    assert code_of(record_of("revocation", {"target_record": registered}), past.history()) == "rule-broken"


def test_corrections(past: Past, award: str) -> None:
    new = past.log(build("award", {"document": "示例人社发〔2026〕10号"}))
    other_kind = past.log(build("skill-certificate"))
    other_person = past.log(build("award", {"edition": "2026"}), SECOND)
    other_issuer = past.log(build("award", {"edition": "2027"}, issuer=OTHER))

    def correct(replacement: str, **options: Any) -> str | None:
        return code_of(
            record_of("correction", {"target_record": award, "replacement_record": replacement}),
            past.history(**options),
        )

    assert correct("0" * 64) == "target-unknown"
    assert correct(other_kind) == "rule-broken"
    assert correct(other_person) == "rule-broken"
    assert correct(other_issuer) == "rule-broken"
    assert correct(other_issuer, is_authority=True) is None
    assert correct(new) is None
    past.act("correction", target_record=award, replacement_record=new)
    assert correct(new) == "rule-broken", "a superseded record is not corrected again"
    record = record_of("correction", {"target_record": award, "replacement_record": new})
    assert (record.target(), record.replaced_by(), record.reads()) == (award, new, (new,))
    with pytest.raises(SchemaInvalid):
        build("correction", {"target_record": award, "replacement_record": award})


def test_a_revoked_replacement_corrects_nothing(past: Past, award: str) -> None:
    new = past.log(build("award", {"document": "示例人社发〔2026〕10号"}))
    past.act("revocation", target_record=new, action="suspend")
    assert (
        code_of(record_of("correction", {"target_record": award, "replacement_record": new}), past.history())
        == "rule-broken"
    )


def test_transfers(past: Past, award: str) -> None:
    foreign = past.log(build("award", {"edition": "2026"}), SECOND)

    def transfer(basis: list[str], **claims: Any) -> str | None:
        return code_of(record_of("credit-transfer", {"basis": basis, **claims}), past.history())

    assert transfer([award]) is None
    assert transfer([award], log=ORIGIN) is None
    assert transfer([award], log="other.example/log") == "target-unknown"
    assert transfer(["0" * 64]) == "target-unknown"
    assert transfer([award, foreign]) == "rule-broken"
    past.act("revocation", target_record=award, action="suspend")
    assert transfer([award]) == "rule-broken"


def test_certificates_rest_on_held_records(past: Past, award: str) -> None:
    assert code_of(record_of("skill-certificate/1", {"basis": "CONTEST", "evidence": [award]}), past.history()) is None
    assert (
        code_of(record_of("skill-certificate/1", {"basis": "CONTEST", "evidence": ["0" * 64]}), past.history())
        == "target-unknown"
    )


def test_keys_prove_possession(past: Past) -> None:
    assert code_of(record_of("key-registered"), past.history()) is None
    nonce = "dBNSDrU8F-FZN6peJ7QeHg"
    assert code_of(record_of("key-registered", {"nonce": nonce}), past.history()) == "possession-not-proved"
    assert code_of(record_of("key-registered", {"key_issuer": OTHER}), past.history()) == "possession-not-proved"
    assert code_of(record_of("key-registered", {"log": "other.example/log"}), past.history()) == "rule-broken"
    for name in ("Ed25519", "ES256", "ML-DSA-44"):
        one = algorithm(name)
        signer = signer_from_private(name, one.generate())
        proof = prove_possession(signer, origin=ORIGIN, issuer=OTHER, nonce=nonce)
        claims = {"key_issuer": OTHER, "jwk": signer.jwk, "nonce": nonce, "possession": proof}
        assert code_of(record_of("key-registered", claims), past.history()) is None


SMALL_ORDER = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.mark.parametrize("kind", ["key-registered", "authority-root"])
def test_small_order_keys_are_refused(kind: str) -> None:
    """Threat T19: under the identity point one signature verifies every payload."""
    with pytest.raises(Refused) as caught:
        build(kind, {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": SMALL_ORDER}})
    assert caught.value.code == "bad-key"


def test_institutions_revoke_their_own_keys_only(past: Past) -> None:
    foreign = record_of("key-revoked", issuer=OTHER)
    assert code_of(foreign, past.history(issuer=OTHER)) == "rule-broken"
    assert code_of(foreign, past.history(issuer=OTHER, is_authority=True)) is None
    assert code_of(record_of("key-revoked"), past.history()) is None
    assert code_of(record_of("key-revoked", {"reason": "superseded"}), past.history()) == "rule-broken"


BROKEN = [
    ("skill-certificate", {"level_order": 5}, {}, "identifier-malformed", "level in the number"),
    ("skill-certificate", {"issued_on": "2025-05-20"}, {}, "identifier-malformed", "year in the number"),
    ("skill-certificate", {}, {"certificate_number": "S000032010001263000000"}, "identifier-malformed", "serial 0"),
    (
        "skill-certificate",
        {},
        {"certificate_number": "ABC-1"},
        "identifier-malformed",
        "free text for a number with a rule",
    ),
    (
        "skill-certificate",
        {},
        {"certificate_number": "S00003201000126A000123"},
        "identifier-malformed",
        "special grade for level 4",
    ),
    (
        "skill-certificate/1",
        {"certificate_kind": "QUALIFICATION"},
        {},
        "identifier-malformed",
        "number of another rule",
    ),
    ("skill-certificate", {"valid_until": "2026-05-20"}, {}, "schema-invalid", "ends on the day it begins"),
    ("skill-certificate", {"issued_on": "2026-5-20"}, {}, "schema-invalid", "date not in two digits"),
    ("skill-certificate", {"issued_on": "20260520"}, {}, "schema-invalid", "date without hyphens"),
    ("skill-certificate", {"issued_on": "2026-02-29"}, {}, "schema-invalid", "no such day"),
    ("skill-certificate", {"level_order": 9}, {}, "schema-invalid", "level 9"),
    ("skill-certificate", {"level_order": True}, {}, "schema-invalid", "true is no number"),
    ("skill-certificate", {"level_order": "4"}, {}, "schema-invalid", "text is no number"),
    ("skill-certificate", {"institution_uscc": "91110000600037342L"}, {}, "identifier-malformed", "credit code"),
    ("skill-certificate", {}, {"document_number": "320102190001010010"}, "identifier-malformed", "check digit"),
    ("skill-certificate", {}, {"document_number": "320102209901010010"}, "identifier-malformed", "born after signing"),
    ("skill-certificate", {}, {"holder_name": " 张三"}, "schema-invalid", "space in front"),
    ("skill-certificate", {}, {"holder_name": "张\u200b三"}, "character-forbidden", "invisible character"),
    ("skill-certificate", {}, {"scores": {"theory": 86}}, "schema-invalid", "score as a number"),
    ("skill-certificate", {}, {"scores": {"theory": "086"}}, "schema-invalid", "leading zero"),
    ("skill-certificate", {}, {"scores": {"luck": "86"}}, "schema-invalid", "unknown part"),
    ("skill-certificate", {}, {"scores": {}}, "schema-invalid", "no part"),
    (
        "skill-certificate",
        {"region": None},
        {},
        "schema-invalid",
        "no region: the accreditation's region would not be tested",
    ),
    ("skill-certificate", {"late": "because"}, {}, "schema-invalid", "unknown reason"),
    (
        "skill-certificate",
        {"uid": "URN:UUID:7D7B5E30-56B6-4B0E-8C2D-1B1F0A3F6A01"},
        {},
        "schema-invalid",
        "capitals in the id",
    ),
    (
        "skill-certificate",
        {"status": {"base": "https://x.cn", "uscc": "91320102MA0000007T", "list": 1, "index": 1}},
        {},
        "schema-invalid",
        "list of another institution",
    ),
    (
        "skill-certificate",
        {"status": {"base": "https://x.cn", "uscc": "52320102MJ000000XG", "list": 0, "index": 1}},
        {},
        "schema-invalid",
        "list 0",
    ),
    ("skill-certificate", {"issued_at": 10**12}, {}, "schema-invalid", "signed beyond the calendar"),
    ("training-completion", {"started_on": "2026-05-16"}, {}, "schema-invalid", "begins after its end"),
    ("training-completion", {"issued_on": "2026-05-14"}, {}, "schema-invalid", "certified before its end"),
    ("training-completion", {"occupation_name": None}, {}, "schema-invalid", "code without its name"),
    ("training-completion", {"minutes": -1}, {}, "schema-invalid", "negative minutes"),
    ("award", {"contest_rank": 0}, {}, "schema-invalid", "rank 0"),
    ("credit-transfer", {"group": None}, {}, "schema-invalid", "no group"),
    ("credit-transfer", {"amount_centi": 0}, {}, "schema-invalid", "nothing moved"),
    ("credit-transfer", {"to_scheme": "别处"}, {}, "schema-invalid", "two destinations"),
    ("credit-transfer", {"to_institution": None}, {}, "schema-invalid", "no destination"),
    ("credit-transfer", {"basis": []}, {}, "schema-invalid", "no basis"),
    ("credit-transfer", {"basis": ["a" * 64, "a" * 64]}, {}, "schema-invalid", "the same basis twice"),
    ("accreditation-granted", {"period_until": "2019-12-31"}, {}, "schema-invalid", "ends before it begins"),
    ("accreditation-granted", {"occupations": []}, {}, "schema-invalid", "no occupation"),
    ("accreditation-granted", {"occupations": ["6-3"]}, {}, "identifier-malformed", "half a segment"),
    ("accreditation-granted", {"regions": ["99"]}, {}, "identifier-malformed", "no such province"),
    ("accreditation-granted", {"levels": [0]}, {}, "schema-invalid", "level 0"),
    ("accreditation-granted", {"levels": [2, 2]}, {}, "schema-invalid", "a level twice"),
    ("institution-registered", {"type": "bank"}, {}, "schema-invalid", "unknown type"),
    ("institution-registered", {"institution_issuer": "http://osta.example.cn/1"}, {}, "schema-invalid", "plain http"),
    ("institution-standing", {"standing": "closed"}, {}, "schema-invalid", "unknown standing"),
    ("authority-root", {"origin": "with space"}, {}, "schema-invalid", "origin with a space"),
    ("key-revoked", {"suspect_since": -1}, {}, "schema-invalid", "negative index"),
    ("key-revoked", {"kid": "x"}, {}, "schema-invalid", "no key id"),
    ("revocation", {"action": "delete"}, {}, "schema-invalid", "unknown action"),
    ("revocation", {"target_record": "A" * 64}, {}, "schema-invalid", "record id in capitals"),
]


@pytest.mark.parametrize(
    ("kind", "claims", "disclosed", "code", "why"), BROKEN, ids=[f"{row[0]}: {row[4]}" for row in BROKEN]
)
def test_refuses(kind: str, claims: dict[str, Any], disclosed: dict[str, Any], code: str, why: str) -> None:
    if why == "born after signing":
        body = "32010220990101001"
        disclosed = {"document_number": body + mod_11_2(body)}
    with pytest.raises(Refused) as caught:
        build(kind, claims, disclosed)
    assert caught.value.code == code


NUMBERS = [
    ("SKILL_LEVEL", 6, "Y001132010001261000001"),
    ("SKILL_LEVEL", 7, "S00003201000126T000123"),
    ("SKILL_LEVEL", 8, "S00003201000126T000123"),
    ("SKILL_LEVEL", 4, "RGN32010200126300001"),
    ("SKILL_LEVEL", 1, "XT-2026-001"),
    ("QUALIFICATION", 4, "2610000234300001"),
    ("SPECIAL_ABILITY", 2, "320102-2026-7"),
]


@pytest.mark.parametrize(("kind", "order", "number"), NUMBERS, ids=[f"{row[0]} {row[1]}" for row in NUMBERS])
def test_certificate_numbers(kind: str, order: int, number: str) -> None:
    record_of("skill-certificate/1", {"certificate_kind": kind, "level_order": order}, {"certificate_number": number})


def test_what_acceptance_asks_of_a_certificate() -> None:
    record = record_of("skill-certificate", {"valid_until": "2029-05-20"})
    assert record.occurred_on() == date(2026, 5, 20)
    assert record.scope() == Scope("skill-certificate", "6-31-01-03", 4, "320102")
    assert record.person() == Person(DocumentNumber("ric", "CHN", "320106190001020029"), "张三")
    assert record.unique_claims() == (
        UniqueClaim("certificate", (ISSUER, "skill-certificate", "S000032010001263000123")),
    )
    assert record.period() == (1779206400, 1873900800)
    assert record.warnings() == ()
    assert record.about({ISSUER: "52320102MJ000000XG"}) == "52320102MJ000000XG"


def test_training_is_dated_by_its_last_day() -> None:
    record = record_of("training-completion")
    assert record.occurred_on() == date(2026, 5, 15)
    assert record.scope() == Scope("training-completion", "6-31-01-03", 4, "320102")
    assert record_of(
        "training-completion", {"occupation_code": None, "occupation_name": None, "level_order": None}
    ).scope() == Scope("training-completion", None, None, "320102")


def test_warnings_are_no_refusals() -> None:
    record = record_of("award", {"region": "329999"}, {"document_number": "A00000010"})
    assert set(record.warnings()) == {"region-code-unknown", "card-check-digit"}


def test_registry_events_name_their_institution() -> None:
    known = {ISSUER: "A", OTHER: "B"}
    assert record_of("institution-standing").about({}) == "52320102MJ000000XG"
    assert record_of("key-registered", issuer=OTHER).about(known) == "A"
    assert record_of("key-registered", {"use": "service"}, issuer=OTHER).about(known) == "B"
    assert record_of("key-revoked", issuer=OTHER).about(known) == "A"
    with pytest.raises(Refused) as caught:
        record_of("key-registered").about({})
    assert caught.value.code == "issuer-unknown"


def test_kinds_say_who_may_sign_and_how_long_they_stay() -> None:
    closed = {"authority-root/1", "institution-registered/1", "institution-standing/1", "accreditation-granted/1"}
    for name, kind in KINDS.items():
        assert {"institution", "authority", "service", "rotation"} >= kind.SIGNERS != frozenset(), name
        assert kind.STATUS == kind.CODE == issubclass(kind, Credential), (
            f"{name}: credentials, and they alone, have both"
        )
        assert kind.RETENTION in ("statutory", "consent"), name
        assert name not in closed or {"authority"} == kind.SIGNERS
