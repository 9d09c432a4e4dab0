"""ES256: ECDSA with P-256 and SHA-256 (FIPS 186-5, RFC 7518 §3.4). Signatures are raw `r || s`, never DER.

From any signature (r, s) everyone can make the equally valid (r, n-s). Verification accepts both, as the standard says;
nothing in the ledger is ever named by signature bytes. Our own signatures are deterministic and take the lower s.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keys._encoding import encode
from keys.algorithms._base import check_members, decode_member
from keys.errors import BadKey, BadSignature

COORDINATE_BYTES: Final = 32
KEY_BYTES: Final = 65
SIGNATURE_BYTES: Final = 64
KEYS_CACHED_MAX: Final = 8192
GROUP_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

_VERIFY = ec.ECDSA(SHA256())
_SIGN = ec.ECDSA(SHA256(), deterministic_signing=True)


@lru_cache(maxsize=KEYS_CACHED_MAX)
def _load_public(public: bytes) -> ec.EllipticCurvePublicKey:
    if len(public) != KEY_BYTES or public[0] != 0x04:
        raise BadKey(
            f"ES256 public key: expected an uncompressed point of {KEY_BYTES} bytes, found {len(public)} bytes"
        )
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    except ValueError as error:
        raise BadKey("ES256 public key: not a point on P-256") from error


def _own(private: object) -> ec.EllipticCurvePrivateKey:
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise TypeError(f"expected a P-256 private key, found {type(private).__name__}")
    return private


def check_range(*, r: int, s: int) -> None:
    """Refuse r or s outside 1 to n-1 (FIPS 186-5 §6.4.2 step 1), before any arithmetic. Raises BadSignature."""
    if not (0 < r < GROUP_ORDER and 0 < s < GROUP_ORDER):
        raise BadSignature("ES256 signature: r or s is not between 1 and the group order")


class ES256:
    """Signatures of 64 bytes; public keys as uncompressed SEC1 points of 65 bytes."""

    name: Final = "ES256"
    kty: Final = "EC"

    def generate(self) -> object:
        """A fresh private key from the operating system's randomness."""
        return ec.generate_private_key(ec.SECP256R1())

    def private_bytes(self, private: object) -> bytes:
        """The 32-byte secret scalar, big-endian."""
        return _own(private).private_numbers().private_value.to_bytes(COORDINATE_BYTES, "big")

    def load_private(self, data: bytes) -> object:
        """The private key of a 32-byte scalar between 1 and n-1. Raises BadKey."""
        scalar = int.from_bytes(data, "big")
        if len(data) != COORDINATE_BYTES or not 0 < scalar < GROUP_ORDER:
            raise BadKey(f"ES256 private key: expected {COORDINATE_BYTES} bytes in the range of the group")
        return ec.derive_private_key(scalar, ec.SECP256R1())

    def public_bytes(self, private: object) -> bytes:
        """The uncompressed point."""
        return _own(private).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def jwk(self, public: bytes) -> dict[str, str]:
        """`{"crv","kty","x","y"}` (RFC 7518 §6.2.1). Raises BadKey."""
        self.check_public_key(public)
        return {"crv": "P-256", "kty": "EC", "x": encode(public[1:33]), "y": encode(public[33:])}

    def public_from_jwk(self, jwk: Mapping[str, object]) -> bytes:
        """The uncompressed point of a JWK with exactly `crv`, `kty`, `x`, `y`. Raises BadKey."""
        check_members(jwk, {"crv": "P-256", "kty": "EC", "x": None, "y": None})
        x, y = (decode_member(jwk, member, length_bytes=COORDINATE_BYTES) for member in ("x", "y"))
        public = b"\x04" + x + y
        self.check_public_key(public)
        return public

    def check_public_key(self, public: bytes) -> None:
        """Refuse compressed and hybrid forms, coordinates out of range, and what is not on the curve.

        P-256 has cofactor 1: every point but infinity, which has no 65-byte form, generates the whole group.

        raises  BadKey
        """
        _load_public(public)

    def sign(self, private: object, message: bytes) -> bytes:
        """The 64-byte signature, deterministic (RFC 6979), with the lower of the two valid s."""
        r, s = decode_dss_signature(_own(private).sign(message, _SIGN))
        return r.to_bytes(COORDINATE_BYTES, "big") + min(s, GROUP_ORDER - s).to_bytes(COORDINATE_BYTES, "big")

    def check_signature(self, *, public: bytes, message: bytes, signature: bytes) -> None:
        """Accept `r || s` of 64 bytes with both in range; either of the two valid s. Raises BadKey, BadSignature."""
        if len(signature) != SIGNATURE_BYTES:
            raise BadSignature(f"ES256 signature: expected {SIGNATURE_BYTES} bytes, found {len(signature)}")
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        check_range(r=r, s=s)
        try:
            _load_public(public).verify(encode_dss_signature(r, s), message, _VERIFY)
        except InvalidSignature:
            raise BadSignature("ES256 signature does not verify over these bytes under this key") from None


ALGORITHM: Final = ES256()
