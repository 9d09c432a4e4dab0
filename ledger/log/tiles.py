"""Tiles (c2sp.org/tlog-tiles): names, widths, and any complete subtree's hash computed from them.

A tile is named (level, number) and holds 256 hashes, or 1 to 255 while it is the last of its level. The hashes of
level L are the roots of complete subtrees of 256**L leaves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from ledger.errors import MalformedCheckpoint, NotFound, StoreDamaged
from ledger.limits import HASH_BYTES, TILE_HASHES, TILE_HEIGHT, TREE_LEAVES_MAX
from ledger.log._text import parse_decimal
from ledger.log.edge import Rows, tile_rows
from ledger.log.merkle import NodeReader

TILE_LEVEL_MAX: Final = 63
TILES_CACHED_MAX: Final = 64
_PATH: Final = re.compile(r"tile/([0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([0-9]{1,3}))?", re.ASCII)
_PATH_CHARS_MAX: Final = 64

TileReader = Callable[[int, int, int], bytes]
"""Gives the hashes of tile (level, number) at a width of 1 to 256, joined: exactly 32 * width bytes."""


class TilePlace(NamedTuple):
    """Which tile: level 0 to 63, number from 0, width 1 to 256 hashes."""

    level: int
    number: int
    width: int = TILE_HASHES


def format_tile_path(place: TilePlace) -> str:
    """`tile/<L>/<N>`, with `.p/<W>` for a partial tile; number 1234067 is `x001/x234/067`.

    raises  MalformedCheckpoint for a place out of bounds
    """
    level, number, width = place
    if not (0 <= level <= TILE_LEVEL_MAX and 0 <= number <= TREE_LEAVES_MAX and 1 <= width <= TILE_HASHES):
        raise MalformedCheckpoint(f"tile {level}/{number} of width {width}: out of bounds")
    name = f"{number % 1000:03}"
    while number := number // 1000:
        name = f"x{number % 1000:03}/{name}"
    return f"tile/{level}/{name}" + ("" if width == TILE_HASHES else f".p/{width}")


def parse_tile_path(path: str) -> TilePlace:
    """Read what `format_tile_path` writes, and nothing else: no leading slash, sign, zero or superfluous `x000`.

    raises  MalformedCheckpoint
    """
    match = _PATH.fullmatch(path) if len(path) <= _PATH_CHARS_MAX else None
    if match is None:
        raise MalformedCheckpoint("expected tile/<level>/<number> or tile/<level>/<number>.p/<width>")
    level, name, width = match.groups()
    place = TilePlace(
        parse_decimal(level, largest=TILE_LEVEL_MAX),
        int(name.replace("/", "").replace("x", "")),
        TILE_HASHES if width is None else parse_decimal(width, largest=TILE_HASHES - 1),
    )
    if format_tile_path(place) != path:
        raise MalformedCheckpoint("tile path is not in its one form")
    return place


def tile_width(*, level: int, number: int, tree_size: int) -> int:
    """Hashes that a tile has in a tree of `tree_size` leaves: 256, fewer at the right border, 0 if it has none."""
    return max(0, min(TILE_HASHES, (tree_size >> TILE_HEIGHT * level) - number * TILE_HASHES))


def new_tiles(*, old_size: int, new_size: int) -> Iterator[TilePlace]:
    """The tiles, full or partial, of a log of `new_size` leaves that one of `old_size` has not, by level."""
    level = 0
    while new_count := new_size >> TILE_HEIGHT * level:
        old_count = old_size >> TILE_HEIGHT * level
        if old_count != new_count:
            for number in range(old_count >> TILE_HEIGHT, (new_count + TILE_HASHES - 1) >> TILE_HEIGHT):
                yield TilePlace(level, number, tile_width(level=level, number=number, tree_size=new_size))
        level += 1


def partial_tiles(tree_size: int) -> list[TilePlace]:
    """The partial tiles of a tree, lowest level first."""
    places = []
    for level in range(TILE_LEVEL_MAX + 1):
        number, width = divmod(tree_size >> TILE_HEIGHT * level, TILE_HASHES)
        if width:
            places.append(TilePlace(level, number, width))
    return places


def split_tile(tile: bytes, *, width: int) -> list[bytes]:
    """The hashes of a tile; raises StoreDamaged if it does not hold exactly `width` of them."""
    if len(tile) != width * HASH_BYTES:
        raise StoreDamaged(f"tile of {len(tile)} bytes: {width} hashes expected")
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


def tile_nodes(read_tile: TileReader, tree_size: int, *, tiles_cached: int = TILES_CACHED_MAX) -> NodeReader:
    """A reader of complete subtrees over the tiles of a tree of `tree_size` leaves.

    read_tile     is asked only for tiles that the tree has, at the width that they have in it
    tiles_cached  tiles kept with their inner nodes (16 KiB each); the reader may be called from several threads
    returns       a NodeReader that raises NotFound for a subtree the tree does not complete, StoreDamaged for a tile of
                  another length, and what `read_tile` raises
    """

    @lru_cache(maxsize=tiles_cached)
    def rows_of(level: int, number: int) -> Rows:
        width = tile_width(level=level, number=number, tree_size=tree_size)
        return tile_rows(split_tile(read_tile(level, number, width), width=width))

    def node(level: int, index: int) -> bytes:
        if index < 0 or index + 1 << level > tree_size:
            raise NotFound(f"node {level}/{index}: not complete in a tree of {tree_size} leaves")
        tile_level, height = divmod(level, TILE_HEIGHT)
        shift = TILE_HEIGHT - height
        return rows_of(tile_level, index >> shift)[height][index & (1 << shift) - 1]

    return node
