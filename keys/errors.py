"""Three families of error, told apart by who must act.

    LedgerError
    ├── Refused      the submitter must change the bytes
    ├── Unavailable  retry the same bytes
    └── Corrupt      stop and call the operator

Each class has a permanent `code`. A message says what was expected, what was found and what to do; it never holds a
personal value (a name, a document or card number, a certificate number, a score).
"""

from __future__ import annotations

from typing import ClassVar


class LedgerError(Exception):
    """Base of every error this project raises on purpose."""

    code: ClassVar[str] = "error"


class Refused(LedgerError):
    """The input is wrong: the submitter must change the bytes."""

    code = "refused"


class Unavailable(LedgerError):
    """The input may be fine: retry the same bytes later."""

    code = "unavailable"


class Corrupt(LedgerError):
    """What was stored contradicts itself: stop and call the operator."""

    code = "corrupt"


class AlgorithmUnknown(Refused):
    """No file in `keys/algorithms/` implements the named algorithm."""

    code = "algorithm-unknown"


class BadKey(Refused):
    """A public key is malformed, non-canonical, of small order, or of another type than it says."""

    code = "bad-key"


class BadKeyId(Refused):
    """A `kid` is not an HTTPS issuer URL, `#`, and a 43-character thumbprint."""

    code = "bad-kid"


class BadSignature(Refused):
    """The signature does not verify over exactly these bytes under this key."""

    code = "bad-signature"


class PossessionNotProved(Refused):
    """A key was offered without a valid signature by its own private half."""

    code = "possession-not-proved"


class KeyFileUnreadable(Refused):
    """A key file is missing, damaged, or was encrypted with another passphrase."""

    code = "key-file-unreadable"


class SealBroken(Corrupt):
    """Sealed bytes do not open under the key and the associated data they name."""

    code = "seal-broken"


class KeyDestroyed(Refused):
    """The data key of this subject was destroyed: what it sealed can never be read again."""

    code = "erased"


class KeyNotAuthorised(Refused):
    """The key exists but may not speak for this issuer, kind or position."""

    code = "key-not-authorised"


class KeyAlreadyRegistered(Refused):
    """The key was registered before; a key is registered once, and a revoked one never comes back."""

    code = "key-already-registered"


class BadIssuer(BadKeyId):
    """An issuer id is not an HTTPS URL in its one canonical form."""

    code = "bad-issuer"


class KeyFileExists(Refused):
    """A key file of this name is there already; key files are never overwritten."""

    code = "key-file-exists"


class PassphraseTooShort(Refused):
    """The passphrase is shorter than a key file accepts."""

    code = "passphrase-too-short"


class SecretFileUnreadable(Refused):
    """A file or variable that holds key-encryption or pseudonym keys is missing or malformed."""

    code = "secret-file-unreadable"


class KeyVersionMissing(Unavailable):
    """Something was wrapped under a version of the key-encryption key that was not provided."""

    code = "key-version-missing"
