"""What an algorithm is. To add one, write a file beside this one that defines `ALGORITHM`; nothing else changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from keys._encoding import decode
from keys.errors import BadKey


class Algorithm(Protocol):
    """One fully specified signature algorithm (RFC 9864). Objects are stateless and may be shared by threads.

    `private` is opaque: only the algorithm that made it can use it. `public` is the raw public key.
    """

    @property
    def name(self) -> str:
        """The JOSE `alg`, for example `Ed25519`."""
        ...

    @property
    def kty(self) -> str:
        """The JOSE key type, for example `OKP`."""
        ...

    def generate(self) -> object:
        """A fresh private key from the operating system's randomness."""
        ...

    def private_bytes(self, private: object) -> bytes:
        """The private key in its shortest raw form, to be encrypted at once (`keys.custody`)."""
        ...

    def load_private(self, data: bytes) -> object:
        """The private key that `private_bytes` wrote. Raises BadKey."""
        ...

    def public_bytes(self, private: object) -> bytes:
        """The raw public key of a private key."""
        ...

    def jwk(self, public: bytes) -> dict[str, str]:
        """The JWK of a raw public key with its required members only. Raises BadKey."""
        ...

    def public_from_jwk(self, jwk: Mapping[str, object]) -> bytes:
        """The raw public key of a JWK that has exactly the required members. MUST check the key. Raises BadKey."""
        ...

    def check_public_key(self, public: bytes) -> None:
        """Accept exactly the keys that may be registered. Raises BadKey."""
        ...

    def sign(self, private: object, message: bytes) -> bytes:
        """The signature over the whole message, in the form JOSE uses."""
        ...

    def check_signature(self, *, public: bytes, message: bytes, signature: bytes) -> None:
        """Accept only a valid signature in canonical form. MUST check the key as well. Raises BadKey, BadSignature."""
        ...


def check_members(jwk: Mapping[str, object], expected: Mapping[str, str | None]) -> None:
    """Accept a JWK that has exactly the expected members, all strings.

    jwk       as parsed from JSON
    expected  name to required value, or to None where any string will do
    raises    BadKey; the message never holds a value, which might be a private one
    """
    if "d" in jwk or "priv" in jwk or "k" in jwk:
        raise BadKey("expected a public JWK, found a private member: never hand out private keys")
    if set(jwk) != set(expected):
        raise BadKey(f"expected a JWK with exactly the members {sorted(expected)}, found {len(jwk)} members")
    for member, value in expected.items():
        if not isinstance(jwk[member], str) or (value is not None and jwk[member] != value):
            raise BadKey(f"JWK member {member!r}: expected {value or 'a string'}")


def decode_member(jwk: Mapping[str, object], member: str, *, length_bytes: int) -> bytes:
    """The bytes of one base64url member of a JWK that `check_members` accepted.

    raises  BadKey if the text is not strict base64url of exactly `length_bytes` bytes
    """
    try:
        data = decode(str(jwk[member]))
    except ValueError as error:
        raise BadKey(f"JWK member {member!r}: {error}") from error
    if len(data) != length_bytes:
        raise BadKey(f"JWK member {member!r}: expected {length_bytes} bytes, found {len(data)}")
    return data
