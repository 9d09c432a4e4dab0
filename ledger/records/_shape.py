"""One declaration of a kind's JSON gives three things: writing it, reading it, and its JSON Schema.

A shape is JSON in which some places are marked: `Slot` (or `Woven`) holds a field of the record, `Hide` is a
disclosure, `Maybe` is left out when all its fields are empty, `Derived` is computed. Reading only collects fields and
is lenient; what makes it strict is that the caller writes the record again and compares (`difference`).
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
    """How a field's value is written as JSON and read back. `read` gets any JSON; what it cannot read it returns."""

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


Reader = Callable[[Json, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Form:
    """A shape made ready to run: `write` as `writer` gives it, `read` as `reader` does."""

    write: Callable[[Any], Json]
    read: Reader

    @classmethod
    def of(cls, shape: Shape) -> Form:
        """The form of a shape."""
        return cls(writer(shape), reader(shape) or _read_nothing)


def _read_nothing(tree: Json, into: dict[str, Any]) -> None:
    """A shape without fields has nothing to read."""


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


def writer(shape: Shape) -> Callable[[Any], Json]:
    """A function that gives the JSON of a record: each field in its place, disclosures marked `Hidden`.

    Constant parts are built once and shared by all results, which are therefore not to be changed.
    """
    match shape:
        case Slot(name=name, codec=codec):
            return _slot_writer(name, codec.write)
        case Woven(name=name, write=write):
            return lambda record: _OMITTED if getattr(record, name) is None else write(record)
        case Derived(compute=compute):
            return lambda record: _OMITTED if (value := compute(record)) is None else value
        case Hide(shape=inner, fields=fields) | Maybe(shape=inner, fields=fields):
            return _optional_writer(writer(inner), fields, hide=isinstance(shape, Hide))
        case dict():
            return _object_writer(shape)
        case list() if any(True for _ in fields_of(shape)) or _is_computed(shape):
            parts = [writer(part) for part in shape]
            return lambda record: [value for part in parts if (value := part(record)) is not _OMITTED]
        case _:
            return lambda _: shape


def _is_computed(shape: Shape) -> bool:
    """Whether writing a shape looks at the record."""
    if isinstance(shape, dict):
        return any(_is_computed(part) for part in shape.values())
    if isinstance(shape, list):
        return any(_is_computed(part) for part in shape)
    return isinstance(shape, (Slot, Woven, Derived, Hide, Maybe))


def _slot_writer(name: str, write: Callable[[Any], Json]) -> Callable[[Any], Json]:
    if write is _same:
        return lambda record: _OMITTED if (value := getattr(record, name)) is None else value
    return lambda record: _OMITTED if (value := getattr(record, name)) is None else write(value)


def _optional_writer(write: Callable[[Any], Json], fields: tuple[str, ...], *, hide: bool) -> Callable[[Any], Json]:
    def run(record: Any) -> Json:
        for name in fields:
            if getattr(record, name) is not None:
                value = write(record)
                return Hidden(value) if hide else value
        return _OMITTED

    return run


def _object_writer(shape: dict[str, Shape]) -> Callable[[Any], Json]:
    constants = {key: part for key, part in shape.items() if not _is_computed(part)}
    parts = [(key, writer(part)) for key, part in shape.items() if key not in constants]

    def run(record: Any) -> Json:
        members = constants.copy()
        for key, part in parts:
            value = part(record)
            if value is not _OMITTED:
                members[key] = value
        return members

    return run


def reader(shape: Shape) -> Reader | None:
    """A function that collects the fields that a JSON tree holds in the places of a shape; None if it has none.

    Other places are passed over: what they hold is compared, not read.
    """
    match shape:
        case Slot(name=name) | Woven(name=name):
            return _slot_reader(name, shape.codec.read if isinstance(shape, Slot) else shape.read)
        case Maybe(shape=inner):
            return reader(inner)
        case Hide(shape=inner):
            inside = reader(inner)
            if inside is None:
                return None
            return lambda tree, into: inside(tree.value, into) if type(tree) is Hidden else None
        case dict():
            return _object_reader(shape)
        case list() if any(True for _ in fields_of(shape)):
            return _list_reader(shape)
        case _:
            return None


def _slot_reader(name: str, read: Callable[[Json], Any]) -> Reader:
    def run(tree: Json, into: dict[str, Any]) -> None:
        into[name] = read(tree)

    return run


def _object_reader(shape: dict[str, Shape]) -> Reader | None:
    parts = [(key, read) for key, part in shape.items() if (read := reader(part)) is not None]

    def run(tree: Json, into: dict[str, Any]) -> None:
        if type(tree) is dict:
            for key, read in parts:
                if key in tree:
                    read(tree[key], into)

    return run if parts else None


def _list_reader(shape: list[Shape]) -> Reader:
    parts = [(part, reader(part)) for part in shape]

    def run(tree: Json, into: dict[str, Any]) -> None:
        place = 0
        for part, read in parts if type(tree) is list else ():
            if place < len(tree) and _fits(part, tree[place]):
                if read is not None:
                    read(tree[place], into)
                place += 1

    return run


def _fits(shape: Shape, tree: Json) -> bool:
    """Whether an array element can be this part of the shape: constants equal, hidden where it hides."""
    kind = type(shape)
    if kind is str or kind is bool:
        return bool(shape == tree)
    if kind is Hide:
        return type(tree) is Hidden and _fits(shape.shape, tree.value)
    if kind is Maybe:
        return _fits(shape.shape, tree)
    if kind is dict:
        return type(tree) is dict and all(_fits(part, tree.get(key)) for key, part in shape.items())
    return kind in {Slot, Woven, Derived, list} or bool(shape == tree)


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
