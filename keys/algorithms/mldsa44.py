"""ML-DSA-44 (FIPS 204), the signature for decades; JWKs of type AKP (RFC 9964), private keys as 32-byte seeds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from keys._encoding import encode
from keys.algorithms._base import check_members, decode_member
from keys.errors import BadKey, BadSignature

SEED_BYTES: Final = 32
KEY_BYTES: Final = 1312
SIGNATURE_BYTES: Final = 2420
KEYS_CACHED_MAX: Final = 1024


@lru_cache(maxsize=KEYS_CACHED_MAX)
def _load_public(public: bytes) -> MLDSA44PublicKey:
    if len(public) != KEY_BYTES:
        raise BadKey(f"ML-DSA-44 public key: expected {KEY_BYTES} bytes, found {len(public)}")
    return MLDSA44PublicKey.from_public_bytes(public)


def _own(private: object) -> MLDSA44PrivateKey:
    if not isinstance(private, MLDSA44PrivateKey):
        raise TypeError(f"expected an ML-DSA-44 private key, found {type(private).__name__}")
    return private


class MLDSA44:
    """Signatures of 2,420 bytes with the empty context string; hedged, so two over one message differ."""

    name: Final = "ML-DSA-44"
    kty: Final = "AKP"

    def generate(self) -> object:
        """A fresh private key from the operating system's randomness."""
        return MLDSA44PrivateKey.generate()

    def private_bytes(self, private: object) -> bytes:
        """The 32-byte seed."""
        return _own(private).private_bytes_raw()

    def load_private(self, data: bytes) -> object:
        """The private key of a 32-byte seed. Raises BadKey."""
        if len(data) != SEED_BYTES:
            raise BadKey(f"ML-DSA-44 private key: expected {SEED_BYTES} bytes, found {len(data)}")
        return MLDSA44PrivateKey.from_seed_bytes(data)

    def public_bytes(self, private: object) -> bytes:
        """The 1,312-byte public key."""
        return _own(private).public_key().public_bytes_raw()

    def jwk(self, public: bytes) -> dict[str, str]:
        """`{"alg","kty","pub"}` (RFC 9964 §3). Raises BadKey."""
        self.check_public_key(public)
        return {"alg": "ML-DSA-44", "kty": "AKP", "pub": encode(public)}

    def public_from_jwk(self, jwk: Mapping[str, object]) -> bytes:
        """The 1,312 bytes of a JWK with exactly `alg`, `kty`, `pub`. Raises BadKey."""
        check_members(jwk, {"alg": "ML-DSA-44", "kty": "AKP", "pub": None})
        public = decode_member(jwk, "pub", length_bytes=KEY_BYTES)
        self.check_public_key(public)
        return public

    def check_public_key(self, public: bytes) -> None:
        """Refuse another length: FIPS 204 packs keys densely, so every 1,312 bytes are one key and no key has two.

        raises  BadKey
        """
        _load_public(public)

    def sign(self, private: object, message: bytes) -> bytes:
        """A 2,420-byte signature, another one every time."""
        return _own(private).sign(message)

    def check_signature(self, *, public: bytes, message: bytes, signature: bytes) -> None:
        """Accept only a valid signature, its hints in their one encoding (FIPS 204 §7.1).

        raises  BadKey, BadSignature
        """
        if len(signature) != SIGNATURE_BYTES:
            raise BadSignature(f"ML-DSA-44 signature: expected {SIGNATURE_BYTES} bytes, found {len(signature)}")
        try:
            _load_public(public).verify(signature, message)
        except InvalidSignature:
            raise BadSignature("ML-DSA-44 signature does not verify over these bytes under this key") from None


ALGORITHM: Final = MLDSA44()
