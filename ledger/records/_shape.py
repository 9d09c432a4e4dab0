"""One declaration of a kind's JSON gives three things: writing it, reading it, and its JSON Schema.

A shape is JSON in which some places are marked: `Slot` (or `Woven`) holds a field of the record, `Hide` is a disclosure, `Maybe` is
left out when all its fields are empty, `Derived` is computed. Reading only collects fields and is lenient; what makes it
strict is that the caller writes the record again and compares (`difference`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.wire.canonical import Json
from ledger.wire.disclosure import Hidden

Shape = Any
"""Json with Slot, Hide, Maybe and Derived in it."""


class _Omitted:
    __slots__ = ()


_OMITTED: Final = _Omitted()


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Codec:
    """How a field's value is written as JSON and read back. `read` gets any JSON and returns what it cannot read as it is."""

    write: Callable[[Any], Json] = _same
    read: Callable[[Json], Any] = _same
    schema: dict[str, Json] | None = None


PLAIN: Final = Codec()


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one field; left out where the field is None."""

    name: str
    codec: Codec = PLAIN


@dataclass(frozen=True, slots=True)
class Woven:
    """The place of one field that is written together with others; left out where the field is None."""

    name: str
    write: Callable[[Any], Json]
    read: Callable[[Json], Any]
    schema: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hide:
    """A part that travels as one disclosure; left out where all its fields are None."""

    shape: Shape
    fields: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", tuple(fields_of(self.shape)))


@dataclass(frozen=True, slots=True)
class Maybe:
    """A part that is left out where all its fields are None."""

    shape: Shape
    fields: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", tuple(fields_of(self.shape)))


@dataclass(frozen=True, slots=True)
class Derived:
    """A part computed from the record; left out where the result is None. Never read, only compared."""

    compute: Callable[[Any], Json]
    schema: dict[str, Json] = field(default_factory=lambda: {"type": "string"})


def fields_of(shape: Shape) -> Iterator[str]:
    """Names of the fields that a shape holds, in the order of the shape."""
    for name, _ in pointers_of(shape):
        yield name


def pointers_of(shape: Shape, at: str = "") -> Iterator[tuple[str, str]]:
    """(field, JSON pointer of its place) for each field of a shape (RFC 6901)."""
    match shape:
        case Slot(name=name) | Woven(name=name):
            yield name, at
        case Hide(shape=inner) | Maybe(shape=inner):
            yield from pointers_of(inner, at)
        case dict():
            for key, part in shape.items():
                yield from pointers_of(part, f"{at}/{key.replace('~', '~0').replace('/', '~1')}")
        case list():
            for place, part in enumerate(shape):
                yield from pointers_of(part, f"{at}/{place}")
        case _:
            return


def write(shape: Shape, record: object) -> Json:
    """The JSON of a record: each field in its place, disclosures marked `Hidden`."""
    result = _write(shape, record)
    return None if result is _OMITTED else result


def _write(shape: Shape, record: object) -> Any:
    kind = type(shape)
    if kind is dict:
        members = {}
        for key, part in shape.items():
            value = part if type(part) is str else _write(part, record)
            if value is not _OMITTED:
                members[key] = value
        return members
    if kind is Slot:
        value = getattr(record, shape.name)
        return _OMITTED if value is None else shape.codec.write(value)
    if kind is Woven:
        return _OMITTED if getattr(record, shape.name) is None else shape.write(record)
    if kind is list:
        return [value for part in shape if (value := _write(part, record)) is not _OMITTED]
    if kind is Hide or kind is Maybe:
        if all(getattr(record, name) is None for name in shape.fields):
            return _OMITTED
        value = _write(shape.shape, record)
        return Hidden(value) if kind is Hide else value
    if kind is Derived:
        value = shape.compute(record)
        return _OMITTED if value is None else value
    return shape


def read(shape: Shape, tree: Json, into: dict[str, Any]) -> None:
    """Collect the fields that a JSON tree holds in the places of a shape; other places are passed over."""
    kind = type(shape)
    if kind is dict:
        if type(tree) is dict:
            for key, part in shape.items():
                if type(part) is not str and key in tree:
                    read(part, tree[key], into)
    elif kind is Slot:
        into[shape.name] = shape.codec.read(tree)
    elif kind is Woven:
        into[shape.name] = shape.read(tree)
    elif kind is Hide:
        if type(tree) is Hidden:
            read(shape.shape, tree.value, into)
    elif kind is Maybe:
        read(shape.shape, tree, into)
    elif kind is list and type(tree) is list:
        _read_items(shape, tree, into)


def _read_items(shape: list[Shape], tree: list[Json], into: dict[str, Any]) -> None:
    place = 0
    for part in shape:
        if place < len(tree) and _fits(part, tree[place]):
            read(part, tree[place], into)
            place += 1


def _fits(shape: Shape, tree: Json) -> bool:
    """Whether an array element can be this part of the shape: constants equal, hidden where it hides."""
    kind = type(shape)
    if kind is Hide:
        return type(tree) is Hidden and _fits(shape.shape, tree.value)
    if kind is Maybe:
        return _fits(shape.shape, tree)
    if kind is dict:
        return type(tree) is dict and all(_fits(part, tree.get(key)) for key, part in shape.items())
    if kind in (Slot, Woven, Derived, list):
        return True
    return bool(shape == tree)


def difference(expected: Json, found: Json, at: str = "") -> str | None:
    """JSON pointer of the first place where two trees differ; None where they are equal."""
    if isinstance(expected, Hidden) and isinstance(found, Hidden):
        return difference(expected.value, found.value, at)
    if type(expected) is not type(found):
        return at or "/"
    if isinstance(expected, dict):
        for key in sorted({*expected, *found}):
            place = f"{at}/{key.replace('~', '~0').replace('/', '~1')}"
            if key not in expected or key not in found:
                return place
            inner = difference(expected[key], found[key], place)
            if inner is not None:
                return inner
        return None
    if isinstance(expected, list):
        for place_number, (left, right) in enumerate(zip(expected, found, strict=False)):
            inner = difference(left, right, f"{at}/{place_number}")
            if inner is not None:
                return inner
        return None if len(expected) == len(found) else f"{at}/{min(len(expected), len(found))}"
    return None if expected == found else at or "/"
