"""Goal: other people's SD-JWT software reads our envelopes, and a lax one shows why ours is strict. Method: the reference
implementation of the IETF working group (package `sd-jwt`).
"""

from __future__ import annotations

from typing import Any

import pytest
from jwcrypto.jwk import JWK  # type: ignore[import-untyped]
from sd_jwt.verifier import SDJWTVerifier

from keys.algorithms import algorithm
from keys.custody import signer_from_private
from ledger.errors import Refused
from ledger.records import KINDS, build_record
from ledger.wire.disclosure import new_disclosure
from ledger.wire.envelope import Envelope, disclose, parse_envelope

ES256 = algorithm("ES256")
SIGNER = signer_from_private("ES256", ES256.generate())
ISSUER = "https://osta.example.cn/issuers/3201"


def built(kind: str) -> Envelope:
    example = KINDS[kind].EXAMPLE
    return build_record(
        kind,
        example["claims"],
        example["disclosed"],
        issuer=ISSUER,
        signer=SIGNER,
        clock_seconds=1790000000,
        base_url="https://ledger.example.cn",
    )


def read_by_others(presentation: str) -> dict[str, Any]:
    def key_of(issuer: str, header: dict[str, Any]) -> JWK:
        assert issuer == ISSUER
        assert header.keys() == {"alg", "kid", "typ"}
        return JWK(**SIGNER.jwk)

    payload: dict[str, Any] = SDJWTVerifier(presentation, key_of).get_verified_payload()
    return payload


@pytest.mark.parametrize("kind", KINDS)
def test_reference_implementation_reads_every_kind(kind: str) -> None:
    envelope = built(kind)
    assert read_by_others(envelope.to_bytes().decode()) == disclose(envelope)


def test_reference_implementation_reads_a_presentation() -> None:
    envelope = built("skill-certificate/1")
    fewer = envelope.with_disclosures(envelope.disclosures[:2])
    assert read_by_others(fewer.to_bytes().decode()) == disclose(fewer)


def test_unreferenced_disclosure_is_ours_to_refuse() -> None:
    """FORMATS: SD-JWT libraries accept unreferenced disclosures."""
    extra = built("award/1").to_bytes() + new_disclosure(name="level", value=1).encoded.encode() + b"~"
    with pytest.raises(Refused) as caught:
        parse_envelope(extra)
    assert caught.value.code == "disclosure-invalid"
