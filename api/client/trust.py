"""What a verifier trusts beforehand: the log's keys, the witness policy and the authority's root key.

A trust folder holds

    log.vkey              the log's verifier keys, one a line (c2sp.org/signed-note)
    policy                accepted logs, witnesses and quorum (c2sp.org/tlog-policy)
    authority.jwk         the authority's root key, a JWK; or
    authority.thumbprint  its RFC 7638 thumbprint

and comes from elsewhere than the evidence: from the authority's own site, on paper, with the software.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from api.client.errors import PackInvalid
from keys.errors import Refused
from keys.ids import thumbprint
from ledger.limits import THUMBPRINT_CHARS
from ledger.log.note import VerifierKey, parse_vkey
from ledger.log.policy import POLICY_BYTES_MAX, Policy, parse_policy

TRUST_FILE_BYTES_MAX: Final = POLICY_BYTES_MAX
PINNED: Final = "pinned"
PACK: Final = "pack"


@dataclass(frozen=True, slots=True)
class Trust:
    """Trust anchors.

    log_vkeys             keys of the one log, each named like its origin
    policy                witnesses and quorum
    authority_thumbprint  RFC 7638 thumbprint of the key that record 0 must carry; None pins no authority
    source                "pinned" when given by the user, "pack" when the evidence brought its own anchors
    """

    log_vkeys: tuple[VerifierKey, ...]
    policy: Policy
    authority_thumbprint: str | None
    source: str = PINNED

    @property
    def origin(self) -> str:
        """The log's origin: the name of its keys."""
        return self.log_vkeys[0].name


def parse_log_vkeys(text: bytes) -> tuple[VerifierKey, ...]:
    """The verifier keys of one log, one a line.

    raises  PackInvalid when there is none, one is malformed, or they name different logs
    """
    try:
        keys = tuple(parse_vkey(line) for line in text.decode("utf-8").splitlines() if line)
    except (Refused, UnicodeDecodeError) as error:
        raise PackInvalid(f"log.vkey: expected verifier keys, one a line: {error}") from error
    if len({key.name for key in keys}) != 1:
        raise PackInvalid("log.vkey: expected at least one key, and all of one log")
    return keys


def trust_of(*, log_vkey: bytes, policy: bytes, authority_thumbprint: str | None, source: str = PINNED) -> Trust:
    """Trust anchors from the contents of their files.

    raises  PackInvalid
    """
    try:
        parsed = parse_policy(policy)
    except Refused as error:
        raise PackInvalid(f"policy: {error}") from error
    return Trust(parse_log_vkeys(log_vkey), parsed, authority_thumbprint, source)


def load_trust(folder: Path) -> Trust:
    """The trust anchors in a folder; see the module for its files.

    raises  PackInvalid when a file is missing or malformed
    """
    return trust_of(
        log_vkey=_read(folder / "log.vkey"),
        policy=_read(folder / "policy"),
        authority_thumbprint=_authority(folder),
    )


def _authority(folder: Path) -> str:
    """The thumbprint of the authority's key; raises PackInvalid when neither form of it is there."""
    jwk_file, thumbprint_file = folder / "authority.jwk", folder / "authority.thumbprint"
    if jwk_file.exists():
        try:
            jwk = orjson.loads(_read(jwk_file))
            found = thumbprint(jwk)
        except (orjson.JSONDecodeError, Refused, AttributeError) as error:
            raise PackInvalid("authority.jwk: expected one public JWK") from error
    elif thumbprint_file.exists():
        found = _read(thumbprint_file).decode("ascii", "replace").strip()
        if len(found) != THUMBPRINT_CHARS:
            raise PackInvalid(f"authority.thumbprint: expected {THUMBPRINT_CHARS} base64url characters")
    else:
        raise PackInvalid(f"{folder}: expected authority.jwk or authority.thumbprint, found neither")
    return found


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(TRUST_FILE_BYTES_MAX + 1)
    except OSError as error:
        raise PackInvalid(f"{path}: expected a readable file, found: {error.strerror}") from error
    if len(data) > TRUST_FILE_BYTES_MAX:
        raise PackInvalid(f"{path}: expected at most {TRUST_FILE_BYTES_MAX} bytes")
    return data
