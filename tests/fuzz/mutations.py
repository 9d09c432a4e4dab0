"""Ways to damage an envelope or a proof, from single bits to careful forgeries. Each is a pure function of a generator."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from keys.errors import LedgerError
from ledger.wire.canonical import format_canonical

Mutation = Callable[[random.Random, bytes, Sequence[bytes]], bytes]
"""Damages the first bytes; the others are more of the same sort, to splice from."""

ODD_VALUES: Sequence[Any] = (None, True, 0, -1, 1.5, 2**53, "", "\x00", "\u202e", [], {}, [[]], "none", 10**400)


def flip_bit(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """One bit, anywhere."""
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def replace_byte(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """One byte by a character that the format uses."""
    place = chance.randrange(len(data))
    return data[:place] + bytes([chance.choice(b'AZaz09-_~.={}"\\ \n+/')]) + data[place + 1 :]


def insert_bytes(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """A few bytes more."""
    place = chance.randrange(len(data) + 1)
    return data[:place] + chance.randbytes(chance.randint(1, 4)) + data[place:]


def delete_bytes(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """A few bytes fewer."""
    place = chance.randrange(len(data))
    return data[:place] + data[place + chance.randint(1, 4) :]


def truncate(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Cut off in the middle."""
    return data[: chance.randrange(len(data))]


def duplicate_slice(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """A part of it twice."""
    first, last = sorted((chance.randrange(len(data)), chance.randrange(len(data))))
    return data[:last] + data[first:]


def splice(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """The head of one, the tail of another."""
    other = chance.choice(others)
    return data[: chance.randrange(len(data))] + other[chance.randrange(len(other)) :]


# -- envelopes ---------------------------------------------------------------------------------------------------------


def _encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _decode(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def _parts(envelope: bytes) -> tuple[list[bytes], list[bytes]]:
    leaf, *disclosures = envelope.split(b"~")
    return leaf.split(b"."), disclosures


def _join(parts: Sequence[bytes], disclosures: Sequence[bytes]) -> bytes:
    return b"~".join([b".".join(parts), *disclosures])


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [place for key, child in children for place in _places(child, (*path, key))]


def change_json(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Header or payload with one value changed, canonical again: only the signature can tell."""
    parts, disclosures = _parts(data)
    number = chance.randrange(2)
    value = orjson.loads(_decode(parts[number]))
    path = chance.choice(_places(value))
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    what = chance.randrange(3)
    if what == 0 and isinstance(holder, dict):
        del holder[path[-1]]
    elif what == 1 and isinstance(holder[path[-1]], int):
        holder[path[-1]] += chance.choice((-1, 1))
    else:
        holder[path[-1]] = chance.choice([odd for odd in ODD_VALUES if not isinstance(odd, float)][:9])
    try:
        parts[number] = _encode(format_canonical(value))
    except LedgerError:  # a value that has no canonical form is written as it stands
        parts[number] = _encode(repr(value).encode())
    return _join(parts, disclosures)


def change_signature(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Another record's signature, or one with S + L, or of another length."""
    parts, disclosures = _parts(data)
    signature = _decode(parts[2])
    order = 2**252 + 27742317777372353535851937790883648493
    plus_order = (int.from_bytes(signature[32:], "little") + order) % 2**256
    parts[2] = chance.choice(
        [
            _parts(chance.choice(others))[0][2],
            _encode(signature[:32] + plus_order.to_bytes(32, "little")),
            _encode(signature[:-1]),
            _encode(signature + b"\x00"),
            _encode(bytes(64)),
            b"",
        ]
    )
    return _join(parts, disclosures)


def change_disclosures(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Disclosures left out, repeated, swapped, changed, or taken from another record."""
    parts, disclosures = _parts(data)
    held = disclosures[:-1]
    if not held:
        return _join(parts, [b"x", b""])
    what, place = chance.randrange(5), chance.randrange(len(held))
    if what == 0:
        held.pop(place)
    elif what == 1:
        held.append(held[place])
    elif what == 2:
        held[place] = chance.choice(_parts(chance.choice(others))[1][:-1] or [b"x"])
    elif what == 3:
        value = orjson.loads(_decode(held[place]))
        value[-1] = chance.choice(["别人", 1, None, {"x": 1}])
        held[place] = _encode(orjson.dumps(value))
    else:
        held.reverse()
    return _join(parts, [*held, b""])


BYTES: Sequence[Mutation] = (
    flip_bit,
    replace_byte,
    insert_bytes,
    delete_bytes,
    truncate,
    duplicate_slice,
    splice,
)
ENVELOPES: Sequence[Mutation] = (*BYTES, change_json, change_json, change_signature, change_disclosures)


# -- proofs ------------------------------------------------------------------------------------------------------------


def change_lines(chance: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Lines swapped, repeated, dropped or taken from another proof: order and length of the path, the middle skipped."""
    lines = data.split(b"\n")
    what, place = chance.randrange(4), chance.randrange(len(lines))
    if what == 0:
        del lines[place]
    elif what == 1:
        lines.insert(place, chance.choice(lines))
    elif what == 2:
        other = chance.choice(others).split(b"\n")
        lines[place] = other[min(place, len(other) - 1)]
    else:
        second = chance.randrange(len(lines))
        lines[place], lines[second] = lines[second], lines[place]
    return b"\n".join(lines)


def change_numbers(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Index or size by another number, also by another spelling of the same."""
    lines = data.split(b"\n")
    numeric = [n for n, line in enumerate(lines) if line.removeprefix(b"index ").isdigit()]
    place = chance.choice(numeric)
    prefix = b"index " if lines[place].startswith(b"index ") else b""
    number = int(lines[place].removeprefix(prefix))
    lines[place] = prefix + chance.choice(
        [b"%d" % n for n in (number + 1, max(0, number - 1), 0, 2**53, 2**63, 2**64, 10**30)]
        + [b"0%d" % number, b"+%d" % number, b" %d" % number, b"-1", b"", b"1e3"]
    )
    return b"\n".join(lines)


PROOFS: Sequence[Mutation] = (*BYTES, change_lines, change_lines, change_numbers)
