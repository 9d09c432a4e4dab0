"""Ed25519 (RFC 8032, RFC 8037, RFC 9864) and the two checks that libraries leave out: small order, canonical points.

The library loads any 32 bytes. With the identity point as a key one signature verifies for every message, so such
keys are refused here, at registration and again whenever a key is loaded for verification.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from keys._encoding import encode
from keys.algorithms._base import check_members, decode_member
from keys.errors import BadKey, BadSignature

KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
KEYS_CACHED_MAX: Final = 8192

FIELD_PRIME: Final = 2**255 - 19
GROUP_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, FIELD_PRIME) % FIELD_PRIME
_SIGN_BIT: Final = 1 << 255

# The eight points of small order share five y coordinates: 1 (order 1), -1 (order 2), 0 (order 4, two points) and
# ±y8 (order 8, two points each). The sign bit of x does not matter, so this also covers x = 0 written as negative.
_Y8: Final = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
SMALL_ORDER_Y: Final = frozenset({0, 1, FIELD_PRIME - 1, _Y8, FIELD_PRIME - _Y8})


def check_order(public: bytes) -> None:
    """Refuse an encoding of a point of small order, canonical or not.

    Source: RFC 8032 §5.1.3 for the encoding; the five y coordinates are proved in `tests/unit/keys/test_ed25519.py`.

    public  32 bytes
    raises  BadKey
    """
    if (int.from_bytes(public, "little") & (_SIGN_BIT - 1)) % FIELD_PRIME in SMALL_ORDER_Y:
        raise BadKey("Ed25519 public key: a point of small order, under which signatures prove nothing")


def check_point(public: bytes) -> None:
    """Refuse what is not the one encoding of a point on the curve.

    Source: RFC 8032 §5.1.3: y below the field prime, and x² = (y² - 1) / (dy² + 1) a square; a quotient is a square
    where the product is. The one other second encoding, x = 0 written as negative, exists for small order only.

    public  32 bytes
    raises  BadKey
    """
    y = int.from_bytes(public, "little") & (_SIGN_BIT - 1)
    if y >= FIELD_PRIME:
        raise BadKey("Ed25519 public key: y is not below the field prime")
    product = (y * y - 1) * (_D * y * y + 1)
    if pow(product, (FIELD_PRIME - 1) // 2, FIELD_PRIME) not in (0, 1):
        raise BadKey("Ed25519 public key: not a point on the curve")


@lru_cache(maxsize=KEYS_CACHED_MAX)
def _load_public(public: bytes) -> Ed25519PublicKey:
    if len(public) != KEY_BYTES:
        raise BadKey(f"Ed25519 public key: expected {KEY_BYTES} bytes, found {len(public)}")
    check_order(public)
    check_point(public)
    return Ed25519PublicKey.from_public_bytes(public)


def _own(private: object) -> Ed25519PrivateKey:
    if not isinstance(private, Ed25519PrivateKey):
        raise TypeError(f"expected an Ed25519 private key, found {type(private).__name__}")
    return private


class Ed25519:
    """Deterministic signatures of 64 bytes, verified without cofactor: whatever we accept, every verifier accepts."""

    name: Final = "Ed25519"
    kty: Final = "OKP"

    def generate(self) -> object:
        """A fresh private key from the operating system's randomness."""
        return Ed25519PrivateKey.generate()

    def private_bytes(self, private: object) -> bytes:
        """The 32-byte seed."""
        return _own(private).private_bytes_raw()

    def load_private(self, data: bytes) -> object:
        """The private key of a 32-byte seed. Raises BadKey."""
        if len(data) != KEY_BYTES:
            raise BadKey(f"Ed25519 private key: expected {KEY_BYTES} bytes, found {len(data)}")
        return Ed25519PrivateKey.from_private_bytes(data)

    def public_bytes(self, private: object) -> bytes:
        """The 32-byte public key."""
        return _own(private).public_key().public_bytes_raw()

    def jwk(self, public: bytes) -> dict[str, str]:
        """`{"crv","kty","x"}` (RFC 8037 §2). Raises BadKey."""
        self.check_public_key(public)
        return {"crv": "Ed25519", "kty": "OKP", "x": encode(public)}

    def public_from_jwk(self, jwk: Mapping[str, object]) -> bytes:
        """The 32 bytes of a JWK with exactly `crv`, `kty`, `x`. Raises BadKey."""
        check_members(jwk, {"crv": "Ed25519", "kty": "OKP", "x": None})
        public = decode_member(jwk, "x", length_bytes=KEY_BYTES)
        self.check_public_key(public)
        return public

    def check_public_key(self, public: bytes) -> None:
        """Refuse wrong lengths, the points of small order, second encodings and what is not on the curve.

        raises  BadKey
        """
        _load_public(public)

    def sign(self, private: object, message: bytes) -> bytes:
        """The 64-byte signature, the same one every time."""
        return _own(private).sign(message)

    def check_signature(self, *, public: bytes, message: bytes, signature: bytes) -> None:
        """Accept only the canonical signature: 64 bytes, S below the group order, R in its one encoding.

        Source: RFC 8032 §5.1.7.

        raises  BadKey, BadSignature
        """
        if len(signature) != SIGNATURE_BYTES:
            raise BadSignature(f"Ed25519 signature: expected {SIGNATURE_BYTES} bytes, found {len(signature)}")
        if int.from_bytes(signature[32:], "little") >= GROUP_ORDER:
            raise BadSignature("Ed25519 signature: S is not below the group order")
        try:
            _load_public(public).verify(signature, message)
        except InvalidSignature:
            raise BadSignature("Ed25519 signature does not verify over these bytes under this key") from None


ALGORITHM: Final = Ed25519()
