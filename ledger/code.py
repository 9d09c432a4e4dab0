"""Permanent verification codes: 15 random Crockford characters (75 bits) and one check character.

The check character makes the weighted sum of all 16 characters zero in GF(32); the weights are distinct powers of a
primitive element, so every single wrong character and every swap of two characters is found before a look-up.
"""

from __future__ import annotations

import secrets
from typing import Final

from ledger.errors import CodeMalformed
from ledger.limits import CODE_CHARS

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FOLD: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_PRIMITIVE: Final = 0b100101


def _powers() -> list[int]:
    powers, value = [], 1
    for _ in range(31):
        powers.append(value)
        value <<= 1
        if value & 0b100000:
            value ^= _PRIMITIVE
    return powers


_POWERS: Final = _powers()
_LOG: Final = {value: exponent for exponent, value in enumerate(_POWERS)}


def _weighted_sum(values: list[int]) -> int:
    total = 0
    for position, value in enumerate(values):
        if value:
            total ^= _POWERS[(_LOG[value] + position) % 31]
    return total


def new_code() -> str:
    """A fresh code of 16 characters."""
    drawn = secrets.randbits(5 * (CODE_CHARS - 1))
    body = [drawn >> 5 * place & 31 for place in range(CODE_CHARS - 1)]
    # The last weight is alpha^15, so the check value is the sum divided by it.
    total = _weighted_sum(body)
    check = _POWERS[(_LOG[total] - (CODE_CHARS - 1)) % 31] if total else 0
    return "".join(ALPHABET[value] for value in [*body, check])


def parse_code(text: str) -> str:
    """The code a person typed: spaces and hyphens dropped, letters folded (O to 0, I and L to 1), check character
    tested.

    raises  CodeMalformed when length, characters or check character are wrong
    """
    code = "".join(text.upper().replace("-", " ").split()).translate(_FOLD)
    if len(code) != CODE_CHARS or any(char not in ALPHABET for char in code):
        raise CodeMalformed(f"a code has {CODE_CHARS} letters and digits, found {len(code)} characters; type it again")
    if _weighted_sum([ALPHABET.index(char) for char in code]):
        raise CodeMalformed("a character of the code is wrong; compare it with the paper and type it again")
    return code


def format_code(code: str) -> str:
    """A code in four groups of four, for people."""
    return " ".join(code[at : at + 4] for at in range(0, CODE_CHARS, 4))
