"""Sealing of personal data: AES-256-GCM under data keys, and data keys wrapped by a key-encryption key.

A container, and a wrapped key, are read for forty years, so both begin with a version byte:

    container     0x01 · key id (16) · nonce (12) · ciphertext · tag (16)
    wrapped key   0x01 · version of the key-encryption key (4, big-endian) · nonce (12) · ciphertext (32) · tag (16)

The bytes before the nonce are authenticated together with the caller's associated data. Rotation of the key-encryption
key wraps the data keys again and touches no container.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keys._secretfile import (
    VersionedSecret,
    add_version,
    create_secret_file,
    load_secret_file,
    parse_secret,
)
from keys.errors import KeyVersionMissing, SealBroken, SecretFileUnreadable

CONTAINER_VERSION: Final = b"\x01"
DATA_KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 16
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
CONTAINER_OVERHEAD_BYTES: Final = 1 + KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES
WRAPPED_BYTES: Final = 1 + 4 + NONCE_BYTES + DATA_KEY_BYTES + TAG_BYTES

KEK_FILE_VARIABLE: Final = "SKILL_LEDGER_KEK_FILE"
KEK_VARIABLE: Final = "SKILL_LEDGER_KEK"
_USE: Final = "key-encryption"


def new_data_key() -> bytes:
    """A fresh 32-byte data key from the operating system's randomness."""
    return os.urandom(DATA_KEY_BYTES)


def seal(plain: bytes, *, data_key: bytes, key_id: bytes, associated: bytes) -> bytes:
    """A container that opens only under the same data key and associated data.

    plain        any bytes
    data_key     32 bytes, for at most 2^32 containers (NIST SP 800-38D §8.3: the nonce is random)
    key_id       16 bytes that say which data key to fetch; authenticated, not secret
    associated   what the content is bound to, for example canonical JSON of record id and subject
    returns      45 bytes more than `plain`
    raises       ValueError for a key or key id of another length: a mistake of the calling code
    """
    return _seal(plain, data_key=data_key, key_id=key_id, associated=associated, nonce=os.urandom(NONCE_BYTES))


def _seal(plain: bytes, *, data_key: bytes, key_id: bytes, associated: bytes, nonce: bytes) -> bytes:
    _check_length(data_key, DATA_KEY_BYTES, "data key")
    _check_length(key_id, KEY_ID_BYTES, "key id")
    head = CONTAINER_VERSION + key_id
    return head + nonce + AESGCM(data_key).encrypt(nonce, plain, head + associated)


def container_key_id(container: bytes) -> bytes:
    """The 16-byte id of the data key that a container names. It is authentic only once `unseal` succeeded.

    raises  SealBroken if the bytes are no container of a known version
    """
    if len(container) < CONTAINER_OVERHEAD_BYTES or container[:1] != CONTAINER_VERSION:
        raise SealBroken(f"sealed bytes: expected version 1 and at least {CONTAINER_OVERHEAD_BYTES} bytes")
    return container[1 : 1 + KEY_ID_BYTES]


def unseal(container: bytes, *, data_key: bytes, associated: bytes) -> bytes:
    """The plain bytes of a container.

    raises  SealBroken if the container, the key or the associated data is not exactly that of `seal`; ValueError for a
            data key of another length
    """
    _check_length(data_key, DATA_KEY_BYTES, "data key")
    head = CONTAINER_VERSION + container_key_id(container)
    nonce, sealed = container[len(head) : len(head) + NONCE_BYTES], container[len(head) + NONCE_BYTES :]
    try:
        return AESGCM(data_key).decrypt(nonce, sealed, head + associated)
    except InvalidTag:
        raise SealBroken("sealed bytes do not open under this key and associated data") from None


class KeyEncryptionKeys:
    """Versions of the key that wraps data keys. New wraps use the current one; all of them unwrap.

    A hardware module takes its place by offering the same four names.
    """

    def __init__(self, versions: Mapping[int, bytes], *, current: int) -> None:
        """Keys of 32 bytes by version number from 1 on. Raises SecretFileUnreadable."""
        self._secret = VersionedSecret(versions=dict(versions), current=current)

    def __repr__(self) -> str:
        """Version numbers only."""
        return f"KeyEncryptionKeys(versions={sorted(self._secret.versions)}, current={self.current_version})"

    @property
    def current_version(self) -> int:
        """The version that `wrap` uses."""
        return self._secret.current

    def wrap(self, data_key: bytes, *, associated: bytes) -> bytes:
        """A data key, encrypted under the current version.

        data_key     32 bytes
        associated   what the data key belongs to: its id, subject and retention class
        returns      65 bytes
        raises       ValueError for a data key of another length
        """
        return self._wrap(data_key, associated=associated, nonce=os.urandom(NONCE_BYTES))

    def _wrap(self, data_key: bytes, *, associated: bytes, nonce: bytes) -> bytes:
        _check_length(data_key, DATA_KEY_BYTES, "data key")
        head = CONTAINER_VERSION + self.current_version.to_bytes(4, "big")
        secret = self._secret.versions[self.current_version]
        return head + nonce + AESGCM(secret).encrypt(nonce, data_key, head + associated)

    def unwrap(self, wrapped: bytes, *, associated: bytes) -> bytes:
        """The data key of `wrap`.

        raises  SealBroken if the bytes or the associated data are not those of `wrap`; KeyVersionMissing if the version
                they name was not provided
        """
        version = wrapped_version(wrapped)
        secret = self._secret.versions.get(version)
        if secret is None:
            raise KeyVersionMissing(f"key-encryption key: version {version} is needed, provide it and try again")
        head, nonce, sealed = wrapped[:5], wrapped[5 : 5 + NONCE_BYTES], wrapped[5 + NONCE_BYTES :]
        try:
            return AESGCM(secret).decrypt(nonce, sealed, head + associated)
        except InvalidTag:
            raise SealBroken("wrapped key does not open under this version and associated data") from None

    def rewrap(self, wrapped: bytes, *, associated: bytes) -> bytes:
        """The same data key wrapped under the current version; the same bytes if it is already.

        raises  SealBroken, KeyVersionMissing
        """
        data_key = self.unwrap(wrapped, associated=associated)
        if wrapped_version(wrapped) == self.current_version:
            return wrapped
        return self.wrap(data_key, associated=associated)


def wrapped_version(wrapped: bytes) -> int:
    """The version of the key-encryption key that wrapped bytes name: what rotation still has to do.

    raises  SealBroken if the bytes are no wrapped key
    """
    if len(wrapped) != WRAPPED_BYTES or wrapped[:1] != CONTAINER_VERSION:
        raise SealBroken(f"wrapped key: expected version 1 and {WRAPPED_BYTES} bytes, found {len(wrapped)}")
    return int.from_bytes(wrapped[1:5], "big")


def create_kek_file(path: Path) -> KeyEncryptionKeys:
    """A new file, mode 0600, with one fresh key-encryption key. Raises KeyFileExists."""
    return _from_secret(create_secret_file(path, use=_USE))


def load_keks(path: Path) -> KeyEncryptionKeys:
    """The key-encryption keys of a file. Raises SecretFileUnreadable."""
    return _from_secret(load_secret_file(path, use=_USE))


def add_kek_version(path: Path) -> KeyEncryptionKeys:
    """Rotation: the file with one more, now current, version. Raises SecretFileUnreadable, KeyFileExists."""
    return _from_secret(add_version(path, use=_USE))


def keks_from_environment(environ: Mapping[str, str]) -> KeyEncryptionKeys:
    """The keys that the environment gives: SKILL_LEDGER_KEK_FILE is a path, SKILL_LEDGER_KEK the text of such a file.

    raises  SecretFileUnreadable if neither or both are set, or what they give is malformed
    """
    path, text = environ.get(KEK_FILE_VARIABLE), environ.get(KEK_VARIABLE)
    if (path is None) == (text is None):
        raise SecretFileUnreadable(f"expected exactly one of {KEK_FILE_VARIABLE} and {KEK_VARIABLE} to be set")
    if path is not None:
        return load_keks(Path(path))
    return _from_secret(parse_secret((text or "").encode("utf-8"), use=_USE))


def _from_secret(secret: VersionedSecret) -> KeyEncryptionKeys:
    return KeyEncryptionKeys(secret.versions, current=secret.current)


def _check_length(value: bytes, length_bytes: int, name: str) -> None:
    if len(value) != length_bytes:
        raise ValueError(f"{name}: expected {length_bytes} bytes, found {len(value)}")
