"""Canonical JSON: one value, one spelling.

The profile of RFC 8785 that every JSON writer agrees on: keys are ASCII, numbers are integers within 2^53-1, strings
hold no character that hides or reorders text. Parsing reads, writes again and compares bytes; so duplicate keys,
escapes, spaces, order and number tricks all end in the same refusal.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, TypeAlias

import orjson

from ledger import limits
from ledger.errors import NotCanonical
from ledger.wire.errors import CharacterForbidden, DuplicateKey, NotJson, NumberForbidden, TooDeep, TooManyNodes

Json: TypeAlias = Any
"""dict[str, Json] | list[Json] | str | int | bool | None."""

_OPTIONS: Final = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)

FORBIDDEN_CHARACTERS: Final = re.compile(
    "["
    "\u0000-\u001f\u007f-\u009f"  # C0, DEL, C1
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # invisible letters and marks
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"  # zero width, line separators, bidirectional controls
    "\ufff0-\ufffb\ufffe\uffff\ufdd0-\ufdef"  # interlinear annotation, non-characters
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"  # invisible, language tags
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "\ud800-\udfff]"
)
"""Characters no string may hold (threat T10). Variation selectors stay: Chinese names need them. The list is fixed: a
record accepted once must be accepted for ever, whatever a later Unicode adds."""

_UNUSUAL: Final = re.compile("[^\u4e00-\u9fff\u3000-\u303f\uff01-\uff5e]")
"""Anything but the characters of everyday Chinese text, all of which are permitted."""

_ASCII: Final = bytes(range(128))


def parse_canonical(data: bytes, *, bytes_max: int = limits.ENVELOPE_BYTES_MAX) -> Json:
    """The value of a JSON text, if the text is in canonical form.

    Source: RFC 8785, RFC 7493 §2; threats T08 to T11.

    data       UTF-8
    bytes_max  refused unread when longer
    returns    dict, list, str, int, bool or None, freshly built
    raises     NotCanonical or one of its subclasses in `ledger.wire.errors` (Refused)
    """
    if len(data) > bytes_max:
        raise NotCanonical(f"JSON text of {len(data)} bytes, at most {bytes_max} are read")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        # The foreign message may quote the input, so only its position is kept.
        raise NotJson(f"not JSON in UTF-8, or nested too deep to read; stopped at character {error.pos}") from None
    _check_shape(value)
    if orjson.dumps(value, option=_OPTIONS) != data:
        raise _difference(data)
    _check_characters(data, value)
    return value


def format_canonical(value: Json) -> bytes:
    """The canonical JSON text of a value.

    Source: RFC 8785 with the profile of this module.

    value    dict with str keys, list, str, int, bool, None; exact types, no subclasses, no tuples
    returns  UTF-8 that `parse_canonical` reads back to an equal value
    raises   NotCanonical or one of its subclasses (Refused)
    """
    _check_shape(value)
    try:
        data = orjson.dumps(value, option=_OPTIONS)
    except orjson.JSONEncodeError:
        raise CharacterForbidden("a string holds half of a surrogate pair") from None
    _check_characters(data, value)
    return data


def _check_shape(value: Json) -> None:
    """Bounds, types and numbers, without recursion: depth is bounded before anything recursive sees the value."""
    nodes = depth = 0
    level: list[Any] = [[value]]
    while level:
        deeper: list[Any] = []
        for container in level:
            children = container
            if type(container) is dict:
                _check_keys(container)
                children = container.values()
            nodes += len(container)
            for child in children:
                kind = type(child)
                if kind is dict or kind is list:
                    deeper.append(child)
                elif kind is not str:
                    _check_scalar(child)
        if nodes > limits.JSON_NODES_MAX:
            raise TooManyNodes(f"more than {limits.JSON_NODES_MAX} nodes")
        depth += 1
        if deeper and depth > limits.JSON_DEPTH_MAX:
            raise TooDeep(f"nested deeper than {limits.JSON_DEPTH_MAX}")
        level = deeper


def _check_scalar(value: Any) -> None:
    kind = type(value)
    if kind is float or (kind is int and not -limits.INTEGER_MAX <= value <= limits.INTEGER_MAX):
        raise NumberForbidden("a number is not a plain integer within 2^53-1")
    if kind is not int and kind is not bool and value is not None:
        raise NotCanonical(f"{kind.__name__} has no JSON form here")


def _check_keys(node: dict[Any, Any]) -> None:
    try:
        ascii_only = "".join(node).isascii()
    except TypeError:
        ascii_only = False
    if not ascii_only:
        raise CharacterForbidden("a key is not an ASCII string")


def _check_characters(data: bytes, value: Json) -> None:
    # In canonical form a control character is always escaped, so text without a backslash can be searched whole.
    if b"\\" in data:
        stack: list[Any] = [value]
        while stack:
            node = stack.pop()
            if type(node) is str:
                if FORBIDDEN_CHARACTERS.search(node):
                    raise CharacterForbidden("a string holds a control, invisible or reordering character")
            elif type(node) is dict:
                stack += node.keys()
                stack += node.values()
            elif type(node) is list:
                stack += node
        return
    if b"\x7f" in data:
        raise CharacterForbidden("a string holds a control character")
    if data.isascii():
        return
    # Without its ASCII bytes valid UTF-8 is still valid, and a sixth as long; most of it is Chinese and needs one look.
    rest = data.translate(None, _ASCII).decode("utf-8")
    if _UNUSUAL.search(rest) and FORBIDDEN_CHARACTERS.search(rest):
        raise CharacterForbidden("a string holds a control, invisible or reordering character")


def _difference(data: bytes) -> NotCanonical:
    """The reason why bytes that parse are not canonical; the depth is already bounded."""
    repeats: list[int] = []
    json.loads(data, object_pairs_hook=lambda pairs: repeats.append(len(pairs) - len({key for key, _ in pairs})))
    if any(repeats):
        return DuplicateKey("an object names the same key twice")
    return NotCanonical("spaces, order of keys, escapes or spelling of a number differ from the canonical form")
