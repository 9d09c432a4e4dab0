"""Verification codes as people type and paste them, and which of two mistakes they made."""

from __future__ import annotations

import unicodedata
from typing import Final

from ledger.code import ALPHABET, parse_code
from ledger.errors import CodeMalformed
from ledger.limits import CODE_CHARS

TYPED_CHARS_MAX: Final = 64
_SEPARATORS: Final = str.maketrans(dict.fromkeys("-–—‐‑·.。_", " "))


class CodeMistyped(CodeMalformed):
    """Sixteen good characters of which the check character says that one is wrong."""

    code = "code-mistyped"


def read_code(typed: str) -> str:
    """The sixteen characters of a code; full-width letters and any sort of dash or dot between groups are understood.

    raises  CodeMistyped when the check character does not fit: told before anything is looked up
            CodeMalformed when length or characters are wrong
    """
    if len(typed) > TYPED_CHARS_MAX:
        raise CodeMalformed(f"a code has {CODE_CHARS} letters and digits; type it again")
    plain = unicodedata.normalize("NFKC", typed).translate(_SEPARATORS)
    try:
        return parse_code(plain)
    except CodeMalformed as error:
        letters = "".join(plain.upper().split())
        if len(letters) == CODE_CHARS and all(letter in ALPHABET + "OIL" for letter in letters):
            raise CodeMistyped(str(error)) from error
        raise
