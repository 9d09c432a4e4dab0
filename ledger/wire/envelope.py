"""SD-JWT envelopes (RFC 9901, compact): `header.payload.signature~disclosure~…~`.

Steps (1) to (3) of acceptance are `parse_envelope`; the digests' half of step (11) is `check_complete`. Nothing here
looks at a key: whether a signature verifies is decided where keys are known.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from keys.custody import Signer
from keys.ids import format_kid, parse_kid
from ledger import limits
from ledger.errors import DisclosureInvalid, DisclosuresIncomplete, HeaderInvalid, Malformed, RecordTooLarge
from ledger.wire import base64url
from ledger.wire.canonical import Json, format_canonical, parse_canonical
from ledger.wire.disclosure import (
    ALGORITHM,
    ALGORITHM_KEY,
    DIGEST,
    DIGEST_KEY,
    ELEMENT_KEY,
    Disclosure,
    Hidden,
    parse_disclosure,
    reveal,
)

TYP_CREDENTIAL: Final = "vc+sd-jwt"
TYP_EVENT: Final = "vnd.skill-ledger.event+sd-jwt"
TYPS: Final = frozenset({TYP_CREDENTIAL, TYP_EVENT})

HEADER_KEYS: Final = frozenset({"alg", "kid", "typ"})
HEADER_CHARS_MAX: Final = 512
HEADERS_CACHED_MAX: Final = 8_192
_ALG: Final = re.compile(r"[A-Z][A-Za-z0-9-]{1,31}", re.ASCII)
_ALG_NEVER: Final = re.compile(r"none|EdDSA|HS[0-9]+", re.ASCII | re.IGNORECASE)
"""No signature, not fully specified (RFC 9864 §4.1), or a shared secret: never a record's algorithm."""


@dataclass(frozen=True, slots=True)
class Header:
    """The protected header; it has no other members."""

    alg: str
    kid: str
    typ: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """A record as it was signed. `payload` must not be changed by readers: it is what the signature covers.

    data  the bytes that were read: the leaf and `~`, then each disclosure and `~`
    leaf  `header.payload.signature`: what is logged
    """

    data: bytes
    leaf: bytes
    header: Header
    payload: dict[str, Json]
    signing_input: bytes
    signature: bytes
    disclosures: tuple[Disclosure, ...]
    digests: frozenset[str]
    record_id: str

    def to_bytes(self) -> bytes:
        """The bytes that `parse_envelope` read."""
        return self.data

    def with_disclosures(self, disclosures: Iterable[Disclosure]) -> Envelope:
        """The same record presented with other disclosures, for example with none.

        raises  Refused, as `parse_envelope`
        """
        parts = [self.leaf, *(item.encoded.encode("ascii") for item in disclosures), b""]
        return parse_envelope(b"~".join(parts))


def parse_envelope(data: bytes) -> Envelope:
    """An envelope from its bytes; any subset of its disclosures may be there.

    Source: RFC 9901 §4 and §7.1 steps 1 to 3, RFC 7515 §5.2; DESIGN §5 steps (1) to (3).

    data     ASCII, at most `limits.ENVELOPE_BYTES_MAX`
    returns  an Envelope with `to_bytes() == data`
    raises   RecordTooLarge, Malformed, NotCanonical, DisclosureInvalid, HeaderInvalid, BadKeyId (all Refused)
    """
    # (1) size
    if len(data) > limits.ENVELOPE_BYTES_MAX:
        raise RecordTooLarge(f"envelope of {len(data)} bytes, at most {limits.ENVELOPE_BYTES_MAX} are taken")
    # (2) strict parse and canonical form
    leaf, *encoded = data.split(b"~")
    parts = leaf.split(b".")
    if not encoded or encoded.pop() or len(parts) != 3 or not all(parts) or not all(encoded):
        raise Malformed("an envelope is header.payload.signature~disclosure~…~ and ends with ~")
    if len(encoded) > limits.DISCLOSURES_MAX:
        raise DisclosureInvalid(f"{len(encoded)} disclosures, at most {limits.DISCLOSURES_MAX} are taken")
    members = _parse_header_members(parts[0])
    payload = parse_canonical(base64url.decode(parts[1]))
    if type(payload) is not dict:
        raise Malformed("the payload is not a JSON object")
    signature = base64url.decode(parts[2])
    disclosures = tuple([parse_disclosure(item) for item in encoded])
    digests = _check_disclosures(payload, disclosures)
    # (3) header profile
    header = _check_header(members)
    signing_input = leaf[: len(parts[0]) + 1 + len(parts[1])]
    record_id = hashlib.sha256(signing_input).hexdigest()
    return Envelope(data, leaf, header, payload, signing_input, signature, disclosures, digests, record_id)


def check_complete(envelope: Envelope) -> None:
    """Accept an envelope in which every digest has its disclosure: no digest is withheld or a decoy.

    Source: DESIGN §3: otherwise an issuer could log one name and hand out another.

    raises  DisclosuresIncomplete (Refused)
    """
    missing = len(envelope.digests) - len(envelope.disclosures)
    if missing:
        raise DisclosuresIncomplete(f"{missing} of {len(envelope.digests)} digests have no disclosure")


def disclose(envelope: Envelope) -> dict[str, Json]:
    """The payload with the disclosed claims in their places and nothing of the SD-JWT machinery left.

    Source: RFC 9901 §7.1 step 3. What is not disclosed is absent.
    """
    return {key: _plain(value) for key, value in reveal(envelope.payload, envelope.disclosures).items()}


def sign_envelope(
    payload: dict[str, Json], disclosures: Sequence[Disclosure], *, typ: str, issuer: str, signer: Signer
) -> Envelope:
    """A payload and its disclosures signed as one record.

    payload      JSON object that holds the digest of each disclosure, as `ledger.wire.disclosure.conceal` gives it
    disclosures  one for each digest
    typ          TYP_CREDENTIAL or TYP_EVENT
    issuer       HTTPS URL, the part of `kid` before `#`
    raises       Refused, as `parse_envelope` and `check_complete`: what would be refused is never handed out
    """
    header = {"alg": signer.alg, "kid": format_kid(issuer=issuer, jwk=signer.jwk), "typ": typ}
    parts = [base64url.encode(format_canonical(part)) for part in (header, payload)]
    signing_input = ".".join(parts).encode("ascii")
    leaf = signing_input + b"." + base64url.encode(signer.sign(signing_input)).encode("ascii")
    envelope = parse_envelope(b"~".join([leaf, *(item.encoded.encode("ascii") for item in disclosures), b""]))
    check_complete(envelope)
    return envelope


def _plain(node: Json) -> Json:
    if isinstance(node, Hidden):
        return node.value
    if type(node) is dict:
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(item) for item in node] if type(node) is list else node


@lru_cache(maxsize=HEADERS_CACHED_MAX)
def _parse_header_members(encoded: bytes) -> tuple[tuple[str, Json], ...]:
    """The members of a header. Headers repeat for every record of a key, hence the cache; `encoded` is bounded."""
    if len(encoded) > HEADER_CHARS_MAX:
        raise HeaderInvalid(f"a header of {len(encoded)} characters, at most {HEADER_CHARS_MAX} are read")
    value = parse_canonical(base64url.decode(encoded))
    if type(value) is not dict:
        raise Malformed("the header is not a JSON object")
    if value.keys() != HEADER_KEYS:
        raise HeaderInvalid("a header has exactly alg, kid and typ")
    if not all(type(member) is str for member in value.values()):
        raise HeaderInvalid("alg, kid and typ are strings")
    return tuple(value.items())


@lru_cache(maxsize=HEADERS_CACHED_MAX)
def _check_header(members: tuple[tuple[str, str], ...]) -> Header:
    header = Header(**dict(members))
    if not _ALG.fullmatch(header.alg) or _ALG_NEVER.fullmatch(header.alg):
        raise HeaderInvalid("alg is not the name of a fully specified signature algorithm")
    if header.typ not in TYPS:
        raise HeaderInvalid(f"typ is neither {TYP_CREDENTIAL} nor {TYP_EVENT}")
    parse_kid(header.kid)
    return header


def _check_disclosures(payload: dict[str, Json], disclosures: tuple[Disclosure, ...]) -> frozenset[str]:
    """Join disclosures and digests one to one, each of its own sort, without overwriting a claim (RFC 9901 §7.1)."""
    known = {item.digest: item for item in disclosures}
    if len(known) != len(disclosures):
        raise DisclosureInvalid("a disclosure is there twice")
    digests: set[str] = set()
    used = 0
    stack: list[Json] = [payload]
    while stack:
        node = stack.pop()
        if type(node) is list:
            for item in node:
                if type(item) is dict and ELEMENT_KEY in item:
                    used += _join_element(item, known, digests)
                elif type(item) in _CONTAINERS:
                    stack.append(item)
            continue
        if DIGEST_KEY in node:
            used += _join_properties(node, known, digests)
        if ELEMENT_KEY in node or (ALGORITHM_KEY in node and node is not payload):
            raise DisclosureInvalid("a reserved key stands where it has no meaning")
        stack += [value for key, value in node.items() if type(value) in _CONTAINERS and key != DIGEST_KEY]
    if used != len(disclosures):
        raise DisclosureInvalid("a disclosure has no digest in the payload")
    _check_digest_algorithm(payload, digests)
    return frozenset(digests)


def _check_digest_algorithm(payload: dict[str, Json], digests: set[str]) -> None:
    if (ALGORITHM_KEY in payload) != bool(digests) or payload.get(ALGORITHM_KEY, ALGORITHM) != ALGORITHM:
        raise DisclosureInvalid(f"_sd_alg is {ALGORITHM} where there are digests, and absent where there are none")


_CONTAINERS: Final = frozenset({dict, list})


def _join_element(item: dict[str, Json], known: dict[str, Disclosure], digests: set[str]) -> int:
    digest = item[ELEMENT_KEY]
    if len(item) != 1:
        raise DisclosureInvalid("the digest of an array element has other members beside it")
    _add_digest(digest, digests)
    disclosure = known.get(digest)
    if disclosure is None:
        return 0
    if disclosure.name is not None:
        raise DisclosureInvalid("a property's disclosure stands for an array element")
    return 1


def _join_properties(node: dict[str, Json], known: dict[str, Disclosure], digests: set[str]) -> int:
    listed = node[DIGEST_KEY]
    if type(listed) is not list or not listed:
        raise DisclosureInvalid("_sd is not a list of digests")
    names: set[str] = set()
    for digest in listed:
        _add_digest(digest, digests)
        disclosure = known.get(digest)
        if disclosure is None:
            continue
        name = disclosure.name
        if name is None:
            raise DisclosureInvalid("an array element's disclosure stands for a property")
        if name in node or name in names:
            raise DisclosureInvalid("a disclosure would overwrite a claim")
        names.add(name)
    return len(names)


def _add_digest(digest: Json, digests: set[str]) -> None:
    if type(digest) is not str or not DIGEST.fullmatch(digest):
        raise DisclosureInvalid("a digest is not the base64url of 32 bytes")
    if digest in digests:
        raise DisclosureInvalid("a digest is there twice")
    digests.add(digest)
