"""Goal: credentials are Open Badges once fully disclosed. Method: the rules of the published JSON Schema that bear on what we
write (required members, closed objects, types), written out as a schema of our own.

Source: 1EdTech Open Badges 3.0, JSON Schema for the AchievementCredential class. Its copy has `credentialStatus` as one
object where W3C VC 2.0 §4.10 allows several: the export carries the revocation entry alone, and so does this test.
"""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from keys.algorithms import algorithm
from keys.custody import signer_from_private
from ledger.records import KINDS, build_record
from ledger.wire.envelope import TYP_CREDENTIAL, disclose

ED25519 = algorithm("Ed25519")
SIGNER = signer_from_private("Ed25519", ED25519.load_private(bytes(range(32))))
CREDENTIALS = [name for name, kind in KINDS.items() if kind.TYP == TYP_CREDENTIAL]
TEXT = {"type": "string"}
INSTANT = {"type": "string", "format": "date-time"}


def typed(name: str) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "contains": {"const": name}, "items": TEXT}


IDENTITY = {
    "type": "object",
    "properties": {
        "type": {"const": "IdentityObject"},
        "hashed": {"type": "boolean"},
        "identityHash": TEXT,
        "identityType": {
            "anyOf": [
                {"enum": ["name", "nationalIdentityNumber"]},
                {"type": "string", "pattern": "(ext:)[a-zA-Z0-9._-]+"},
            ]
        },
        "salt": TEXT,
    },
    "required": ["type", "hashed", "identityHash", "identityType"],
    "additionalProperties": False,
}
IDENTIFIER = {
    "type": "object",
    "properties": {
        "type": {"const": "IdentifierEntry"},
        "identifier": TEXT,
        "identifierType": {"type": "string", "pattern": "^ext:"},
    },
    "required": ["type", "identifier", "identifierType"],
    "additionalProperties": False,
}
ACHIEVEMENT = {
    "type": "object",
    "properties": {
        "id": TEXT,
        "type": typed("Achievement"),
        "achievementType": {
            "enum": ["Award", "Certificate", "Certification", "CertificateOfCompletion", "Diploma", "License"]
        },
        "criteria": {"type": "object", "properties": {"id": TEXT, "narrative": TEXT}},
        "description": TEXT,
        "humanCode": TEXT,
        "inLanguage": {"type": "string", "pattern": "^[a-z]{2,4}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"},
        "name": TEXT,
    },
    "required": ["id", "type", "criteria", "description", "name"],
}
SUBJECT = {
    "type": "object",
    "properties": {
        "type": typed("AchievementSubject"),
        "activityStartDate": INSTANT,
        "activityEndDate": INSTANT,
        "achievement": ACHIEVEMENT,
        "identifier": {"type": "array", "minItems": 1, "items": IDENTITY},
        "licenseNumber": TEXT,
        "result": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"type": typed("Result"), "resultDescription": TEXT, "value": TEXT},
                "required": ["type"],
            },
        },
    },
    "required": ["type", "achievement", "identifier"],
}
CREDENTIAL = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "@context": {
            "type": "array",
            "prefixItems": [
                {"const": "https://www.w3.org/ns/credentials/v2"},
                {
                    "type": "string",
                    "pattern": "^https://purl\\.imsglobal\\.org/spec/ob/v3p0/context-3\\.\\d\\.\\d\\.json$",
                },
            ],
        },
        "id": TEXT,
        "type": {"allOf": [typed("VerifiableCredential"), typed("OpenBadgeCredential")]},
        "name": TEXT,
        "awardedDate": INSTANT,
        "validFrom": INSTANT,
        "validUntil": INSTANT,
        "issuer": {
            "type": "object",
            "properties": {
                "id": TEXT,
                "type": typed("Profile"),
                "name": TEXT,
                "otherIdentifier": {"type": "array", "items": IDENTIFIER},
            },
            "required": ["id", "type"],
        },
        "credentialSubject": SUBJECT,
        "credentialStatus": {"type": "object", "properties": {"id": TEXT, "type": TEXT}, "required": ["id", "type"]},
        "jti": False,
        "endorsementJwt": False,
        "vc": False,
        "vp": False,
    },
    "required": ["@context", "id", "type", "credentialSubject", "issuer", "validFrom"],
}


@pytest.fixture(params=CREDENTIALS)
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    example = KINDS[request.param].EXAMPLE
    envelope = build_record(
        request.param,
        example["claims"],
        example["disclosed"],
        issuer="https://osta.example.cn/issuers/3201",
        signer=SIGNER,
        clock_seconds=1790000000,
        base_url="https://ledger.example.cn",
    )
    return disclose(envelope)


def test_a_fully_disclosed_credential_is_an_open_badge(document: dict[str, Any]) -> None:
    revocation = document["credentialStatus"][0]
    jsonschema_rs.validator_for(CREDENTIAL, validate_formats=True).validate(
        {**document, "credentialStatus": revocation}
    )


def test_status_entries_are_bitstring_entries(document: dict[str, Any]) -> None:
    """W3C Bitstring Status List 1.0 §2.1: the index is a string; both purposes share it."""
    entries = document["credentialStatus"]
    assert [entry["statusPurpose"] for entry in entries] == ["revocation", "suspension"]
    assert len({entry["statusListIndex"] for entry in entries}) == 1
    for entry in entries:
        assert entry["type"] == "BitstringStatusListEntry"
        assert entry["statusListIndex"].isdigit()
        assert entry["id"] == f"{entry['statusListCredential']}#{entry['statusListIndex']}"
        assert entry["statusListCredential"].endswith("/" + entry["statusPurpose"])


def test_no_subject_id_and_one_issuer(document: dict[str, Any]) -> None:
    assert "id" not in document["credentialSubject"]
    assert document["iss"] == document["issuer"]["id"]


def test_the_schema_sees_damage(document: dict[str, Any]) -> None:
    """Planted bugs: a schema that accepts these would prove nothing."""
    check = jsonschema_rs.validator_for(CREDENTIAL, validate_formats=True)
    good = {**document, "credentialStatus": document["credentialStatus"][0]}
    assert check.is_valid(good)
    assert not check.is_valid({**good, "jti": "x"})
    assert not check.is_valid({**good, "validFrom": "2026-05-20"})
    assert not check.is_valid({**good, "@context": good["@context"][::-1]})
    holder = {**good["credentialSubject"], "identifier": [{**good["credentialSubject"]["identifier"][0], "note": "x"}]}
    assert not check.is_valid({**good, "credentialSubject": holder})
