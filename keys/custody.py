"""Custody of private keys: encrypted on disk under a passphrase, and used through `Signer`, which never hands them out.

A key file is canonical JSON. The private key is encrypted with AES-256-GCM under scrypt (RFC 7914) of the passphrase;
everything else in the file is authenticated with it, so nobody can swap the public key or the cost parameters.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from keys._encoding import decode, encode, format_json, parse_object
from keys._secretfile import write_new_file
from keys.algorithms import Algorithm, algorithm, algorithm_of_jwk
from keys.errors import AlgorithmUnknown, BadKey, KeyFileUnreadable, PassphraseTooShort
from keys.ids import thumbprint

SCRYPT_N: Final = 2**17
"""OWASP's first choice with r = 8: 128 MiB and some tenths of a second a guess."""

SCRYPT_N_MIN: Final = 2**14
SCRYPT_N_MAX: Final = 2**20
SCRYPT_R: Final = 8
SCRYPT_P: Final = 1
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
PASSPHRASE_BYTES_MIN: Final = 8
FILE_BYTES_MAX: Final = 64 * 1024
PASSPHRASE_VARIABLE: Final = "SKILL_LEDGER_PASSPHRASE_FILE"  # noqa: S105 - the name of a variable, not a passphrase


class Signer(Protocol):
    """A private key that signs: from a file, or inside a hardware module."""

    @property
    def alg(self) -> str:
        """The JOSE `alg`."""
        ...

    @property
    def public(self) -> bytes:
        """The raw public key."""
        ...

    @property
    def jwk(self) -> dict[str, str]:
        """The public JWK, required members only."""
        ...

    @property
    def thumbprint(self) -> str:
        """The RFC 7638 thumbprint."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The signature over the whole message. MAY be called from any thread."""
        ...


class SoftwareSigner:
    """A signer whose private key is in this process."""

    __slots__ = ("_algorithm", "_jwk", "_private", "_public", "_thumbprint")

    def __init__(self, implementation: Algorithm, private: object) -> None:
        """A private key as `implementation` generates or loads it."""
        self._algorithm = implementation
        self._private = private
        self._public = implementation.public_bytes(private)
        self._jwk = implementation.jwk(self._public)
        self._thumbprint = thumbprint(self._jwk)

    def __repr__(self) -> str:
        """Algorithm and thumbprint only."""
        return f"SoftwareSigner(alg={self.alg!r}, thumbprint={self._thumbprint!r})"

    def __reduce__(self) -> str:
        """Refuse to be pickled: a private key never leaves by accident."""
        raise TypeError("a signer is never pickled")

    @property
    def alg(self) -> str:
        """The JOSE `alg`."""
        return self._algorithm.name

    @property
    def public(self) -> bytes:
        """The raw public key."""
        return self._public

    @property
    def jwk(self) -> dict[str, str]:
        """The public JWK, required members only; a copy."""
        return dict(self._jwk)

    @property
    def thumbprint(self) -> str:
        """The RFC 7638 thumbprint."""
        return self._thumbprint

    def sign(self, message: bytes) -> bytes:
        """The signature over the whole message."""
        return self._algorithm.sign(self._private, message)


def signer_from_private(alg: str, private: object) -> SoftwareSigner:
    """A signer for a private key in memory, as `algorithm(alg).generate()` or `.load_private()` gives it.

    raises  AlgorithmUnknown; TypeError if the key is one of another algorithm
    """
    return SoftwareSigner(algorithm(alg), private)


def create_key_file(path: Path, *, alg: str, passphrase: bytes, scrypt_n: int = SCRYPT_N) -> SoftwareSigner:
    """A fresh key pair in a new file of mode 0600, and its signer.

    path         nothing may be there yet
    alg          a name in `ALGORITHMS`
    passphrase   at least 8 bytes
    scrypt_n     cost, a power of two from 2^14 to 2^20; lower it only where the passphrase is a random key already
    raises       AlgorithmUnknown, KeyFileExists, PassphraseTooShort
    """
    implementation = algorithm(alg)
    if len(passphrase) < PASSPHRASE_BYTES_MIN:
        raise PassphraseTooShort(f"passphrase: expected at least {PASSPHRASE_BYTES_MIN} bytes, found {len(passphrase)}")
    private = implementation.generate()
    signer = SoftwareSigner(implementation, private)
    kdf = {"n": scrypt_n, "name": "scrypt", "p": SCRYPT_P, "r": SCRYPT_R, "salt": encode(os.urandom(SALT_BYTES))}
    nonce = os.urandom(NONCE_BYTES)
    outside = {"alg": alg, "kdf": kdf, "nonce": encode(nonce), "public": signer.jwk, "v": 1}
    cipher = AESGCM(_derive(passphrase, kdf))
    sealed = cipher.encrypt(nonce, implementation.private_bytes(private), format_json(outside))
    write_new_file(path, format_json({**outside, "ciphertext": encode(sealed)}) + b"\n")
    return signer


def open_signer(path: Path, *, passphrase: bytes) -> SoftwareSigner:
    """The signer of a key file.

    raises  KeyFileUnreadable if the file is missing or damaged, or the passphrase is another one
    """
    content = _load(path)
    sealed, nonce = decode(content.pop("ciphertext")), decode(content["nonce"])
    try:
        data = AESGCM(_derive(passphrase, content["kdf"])).decrypt(nonce, sealed, format_json(content))
    except InvalidTag:
        raise KeyFileUnreadable(f"{path}: damaged, or encrypted with another passphrase") from None
    implementation = algorithm(content["alg"])
    signer = SoftwareSigner(implementation, implementation.load_private(data))
    if signer.jwk != content["public"]:
        raise KeyFileUnreadable(f"{path}: the private key is not the one of the public key beside it")
    return signer


def public_of(path: Path) -> dict[str, str]:
    """The public JWK in a key file, without the passphrase; authentic only as far as the file is.

    raises  KeyFileUnreadable
    """
    jwk: dict[str, str] = _load(path)["public"]
    return jwk


def passphrase_for(path: Path, environ: Mapping[str, str], *, create: bool = False) -> bytes:
    """The passphrase of a key file: the file that SKILL_LEDGER_PASSPHRASE_FILE names, else `<path>.passphrase`.

    A passphrase beside its key guards against a copied key file, not against a copied directory: callers warn.

    path     the key file, which need not exist yet
    environ  the process environment
    create   make `<path>.passphrase` (mode 0600, 256 random bits) where it is missing and the variable is not set
    returns  the file's bytes without one final line end
    raises   KeyFileUnreadable if the file is missing or empty
    """
    named = environ.get(PASSPHRASE_VARIABLE)
    source = Path(named) if named else path.with_name(path.name + ".passphrase")
    if create and not named and not source.exists():
        write_new_file(source, secrets.token_urlsafe(32).encode("ascii") + b"\n")
    try:
        content = source.read_bytes()
    except OSError as error:
        raise KeyFileUnreadable(f"passphrase file {source}: {error.strerror}") from error
    passphrase = content.removesuffix(b"\n").removesuffix(b"\r")
    if not passphrase:
        raise KeyFileUnreadable(f"passphrase file {source}: empty")
    return passphrase


def _derive(passphrase: bytes, kdf: Mapping[str, Any]) -> bytes:
    """The 32-byte file key; bounded costs, so a hostile file cannot ask for all memory. Raises KeyFileUnreadable."""
    n = kdf["n"]
    if not (isinstance(n, int) and SCRYPT_N_MIN <= n <= SCRYPT_N_MAX and n & (n - 1) == 0):
        raise KeyFileUnreadable(f"scrypt: expected n as a power of two from {SCRYPT_N_MIN} to {SCRYPT_N_MAX}")
    return Scrypt(salt=decode(kdf["salt"]), length=32, n=n, r=SCRYPT_R, p=SCRYPT_P).derive(passphrase)


def _load(path: Path) -> dict[str, Any]:
    """The members of a key file, whose form was checked. Raises KeyFileUnreadable."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise KeyFileUnreadable(f"{path}: {error.strerror}") from error
    if len(text) > FILE_BYTES_MAX:
        raise KeyFileUnreadable(f"{path}: expected at most {FILE_BYTES_MAX} bytes")
    try:
        content = parse_object(text)
        _check_form(content)
    except (ValueError, KeyError, TypeError, AttributeError, BadKey, AlgorithmUnknown) as error:
        raise KeyFileUnreadable(f"{path}: not a key file of version 1") from error
    return content


def _check_form(content: Mapping[str, Any]) -> None:
    """Refuse any member too many, too few, or of another form. Raises ValueError and what its parts raise."""
    kdf = content["kdf"]
    fixed = {"name": "scrypt", "n": kdf["n"], "p": SCRYPT_P, "r": SCRYPT_R, "salt": kdf["salt"]}
    names = {"alg", "ciphertext", "kdf", "nonce", "public", "v"}
    if set(content) != names or content["v"] != 1 or kdf != fixed:
        raise ValueError("expected exactly the members of version 1")
    if len(decode(kdf["salt"])) != SALT_BYTES or len(decode(content["nonce"])) != NONCE_BYTES:
        raise ValueError("expected a salt of 16 and a nonce of 12 bytes")
    decode(content["ciphertext"])
    if algorithm_of_jwk(content["public"]) is not algorithm(content["alg"]):
        raise ValueError("expected a public key of the algorithm that the file names")
