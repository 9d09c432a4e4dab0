"""Disclosures: salted personal values beside a payload that holds only their digests (RFC 9901 §4.2)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ledger import limits
from ledger.errors import DisclosureInvalid, Malformed
from ledger.wire import base64url
from ledger.wire.canonical import Json, format_canonical, parse_canonical

DIGEST_KEY: Final = "_sd"
ELEMENT_KEY: Final = "..."
ALGORITHM_KEY: Final = "_sd_alg"
ALGORITHM: Final = "sha-256"
RESERVED_KEYS: Final = frozenset({DIGEST_KEY, ELEMENT_KEY, ALGORITHM_KEY})
DIGEST_CHARS: Final = 43

DIGEST: Final = re.compile(f"[A-Za-z0-9_-]{{{DIGEST_CHARS - 1}}}[AEIMQUYcgkosw048]", re.ASCII)
"""Base64url of exactly 32 bytes."""

_USUAL_SALT: Final = re.compile("[A-Za-z0-9_-]{21}[AQgw]", re.ASCII)
"""Base64url of exactly 16 bytes, the shortest salt; longer ones are decoded to be measured."""

Random = Callable[[int], bytes]
"""Gives that many random bytes; `secrets.token_bytes` outside tests."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One salted value. `name` is None for an element of an array."""

    encoded: str
    digest: str
    name: str | None
    value: Json


@dataclass(frozen=True, slots=True)
class Hidden:
    """Marks, in a payload that is not yet concealed or is revealed again, a value that travels as a disclosure."""

    value: Json


def parse_disclosure(encoded: bytes) -> Disclosure:
    """One disclosure from its base64url text.

    Source: RFC 9901 §4.2.1, §4.2.2; salts of at least 128 bits (§9.3).

    encoded  base64url of a canonical JSON array `[salt, name, value]` or `[salt, value]`
    raises   Malformed, NotCanonical, DisclosureInvalid (Refused)
    """
    items = parse_canonical(base64url.decode(encoded))
    if type(items) is not list or len(items) not in (2, 3):
        raise DisclosureInvalid("a disclosure is not an array of salt, name, value or of salt, value")
    _check_salt(items[0])
    name = None
    if len(items) == 3:
        name = items[1]
        if type(name) is not str or name in RESERVED_KEYS or not name.isascii():
            raise DisclosureInvalid("the name of a disclosure is reserved or not an ASCII string")
    _check_plain(items[-1])
    return Disclosure(encoded.decode("ascii"), digest_of(encoded), name, items[-1])


def new_disclosure(*, name: str | None, value: Json, rng: Random = secrets.token_bytes) -> Disclosure:
    """A disclosure of a value under a fresh salt of 128 bits.

    name    claim name, or None for an element of an array
    value   any canonical JSON value
    raises  NotCanonical, DisclosureInvalid (Refused)
    """
    salt = base64url.encode(rng(limits.SALT_BYTES_MIN))
    items = [salt, value] if name is None else [salt, name, value]
    return parse_disclosure(base64url.encode(format_canonical(items)).encode("ascii"))


def conceal(tree: dict[str, Json], *, rng: Random = secrets.token_bytes) -> tuple[dict[str, Json], list[Disclosure]]:
    """A payload in which every `Hidden` value is a digest, and the disclosures in the order of their digests.

    Source: RFC 9901 §4.2.4; digests in an object are sorted, so that their order tells nothing.

    tree    JSON object with `Hidden` as property values or array elements, never one inside another
    raises  NotCanonical, DisclosureInvalid (Refused)
    """
    disclosures: list[Disclosure] = []
    payload = _concealed(tree, disclosures, rng)
    if disclosures:
        payload[ALGORITHM_KEY] = ALGORITHM
    disclosures.sort(key=lambda disclosure: disclosure.digest)
    return payload, disclosures


def reveal(payload: dict[str, Json], disclosures: tuple[Disclosure, ...]) -> dict[str, Json]:
    """The payload with each disclosed value in place, marked `Hidden`; what is not disclosed is left out.

    Source: RFC 9901 §7.1. The inverse of `conceal` where every digest has its disclosure.
    """
    known = {disclosure.digest: disclosure for disclosure in disclosures}
    return {key: value for key, value in _revealed(payload, known).items() if key != ALGORITHM_KEY}


def digest_of(encoded: bytes) -> str:
    """The digest of a disclosure's base64url text (RFC 9901 §4.2.3)."""
    return base64url.encode(hashlib.sha256(encoded).digest())


def _concealed(node: Json, disclosures: list[Disclosure], rng: Random) -> Json:
    if type(node) is list:
        return [_concealed_element(item, disclosures, rng) for item in node]
    if type(node) is not dict:
        return node
    result: dict[str, Json] = {}
    digests: list[str] = []
    for key, value in node.items():
        if isinstance(value, Hidden):
            disclosures.append(new_disclosure(name=key, value=value.value, rng=rng))
            digests.append(disclosures[-1].digest)
        else:
            result[key] = _concealed(value, disclosures, rng)
    if digests:
        result[DIGEST_KEY] = sorted(digests)
    return result


def _concealed_element(item: Json, disclosures: list[Disclosure], rng: Random) -> Json:
    if not isinstance(item, Hidden):
        return _concealed(item, disclosures, rng)
    disclosures.append(new_disclosure(name=None, value=item.value, rng=rng))
    return {ELEMENT_KEY: disclosures[-1].digest}


def _revealed(node: Json, known: dict[str, Disclosure]) -> Json:
    if type(node) is list:
        result = []
        for item in node:
            if type(item) is dict and ELEMENT_KEY in item:
                if item[ELEMENT_KEY] in known:
                    result.append(Hidden(known[item[ELEMENT_KEY]].value))
            else:
                result.append(_revealed(item, known) if type(item) in (dict, list) else item)
        return result
    if type(node) is not dict:
        return node
    members = {
        key: _revealed(value, known) if type(value) in (dict, list) else value
        for key, value in node.items()
        if key != DIGEST_KEY
    }
    for digest in node.get(DIGEST_KEY, ()):
        disclosure = known.get(digest)
        if disclosure is not None and disclosure.name is not None:
            members[disclosure.name] = Hidden(disclosure.value)
    return members


def _check_salt(salt: Json) -> None:
    if type(salt) is not str:
        raise DisclosureInvalid("the salt of a disclosure is not a string")
    if _USUAL_SALT.fullmatch(salt):
        return
    try:
        length_bytes = len(base64url.decode(salt))
    except Malformed as error:
        raise DisclosureInvalid("the salt of a disclosure is not base64url") from error
    if length_bytes < limits.SALT_BYTES_MIN:
        raise DisclosureInvalid(f"a salt has {length_bytes} bytes, at least {limits.SALT_BYTES_MIN} are needed")


def _check_plain(value: Json) -> None:
    """Refuse disclosures inside disclosures: the profile has none, and a reserved key would be read as one."""
    if type(value) is not dict and type(value) is not list:
        return
    stack: list[Json] = [value]
    while stack:
        node = stack.pop()
        if type(node) is dict:
            if not RESERVED_KEYS.isdisjoint(node):
                raise DisclosureInvalid("the value of a disclosure uses a reserved key")
            stack += node.values()
        elif type(node) is list:
            stack += node
