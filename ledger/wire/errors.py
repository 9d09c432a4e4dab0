"""Why JSON is not canonical: subclasses of `NotCanonical`, so that the code alone tells the reason."""

from __future__ import annotations

from ledger.errors import NotCanonical


class NotJson(NotCanonical):
    """The bytes are not one JSON text in UTF-8: syntax, byte order mark, overlong forms, lone surrogates, NaN."""

    code = "not-json"


class DuplicateKey(NotCanonical):
    """One object names the same key twice, written the same way or with escapes."""

    code = "duplicate-key"


class NumberForbidden(NotCanonical):
    """A number is a float, has an exponent, or lies beyond 2^53-1."""

    code = "number-forbidden"


class CharacterForbidden(NotCanonical):
    """A string holds a control, bidirectional, invisible or non-character, or a key is not ASCII."""

    code = "character-forbidden"


class TooDeep(NotCanonical):
    """The value nests deeper than `limits.JSON_DEPTH_MAX`."""

    code = "too-deep"


class TooManyNodes(NotCanonical):
    """The value has more than `limits.JSON_NODES_MAX` nodes."""

    code = "too-many-nodes"
