"""Tiles: widths, which are new, and subtree hashes computed from them.

Method: a log of 66,000 leaves is cut into tiles; every node and proof read from tiles equals the one from the edge.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedCheckpoint, NotFound, StoreDamaged
from ledger.log.edge import Edge
from ledger.log.merkle import check_inclusion, consistency_path, inclusion_path, leaf_hash
from ledger.log.tiles import (
    TilePlace,
    format_tile_path,
    new_tiles,
    parse_tile_path,
    partial_tiles,
    tile_nodes,
    tile_width,
)
from tests.conftest import SEED

SIZE = 66_000
LEAVES = [leaf_hash(b"%d" % index) for index in range(SIZE)]
EDGE = Edge(recent_tiles=1 << 20)
FULL = {(level, number): hashes for level, number, hashes in EDGE.extend(LEAVES)}


def read_tile(level: int, number: int, width: int) -> bytes:
    """The tile at a width, from the largest version."""
    held = FULL.get((level, number)) or next(h for lv, n, h in EDGE.to_rows() if (lv, n) == (level, number))
    return held[: 32 * width]


def test_the_standards_example_of_70000_leaves():
    places = list(new_tiles(old_size=0, new_size=70_000))
    assert sum(place.level == 0 and place.width == 256 for place in places) == 273
    assert [place for place in places if place.level == 0][-1] == TilePlace(0, 273, 112)
    assert [place for place in places if place.level > 0] == [
        TilePlace(1, 0, 256),
        TilePlace(1, 1, 17),
        TilePlace(2, 0, 1),
    ]
    assert partial_tiles(70_000) == [TilePlace(0, 273, 112), TilePlace(1, 1, 17), TilePlace(2, 0, 1)]


def test_256_leaves_are_one_full_tile_and_one_hash_above():
    assert list(new_tiles(old_size=0, new_size=256)) == [TilePlace(0, 0, 256), TilePlace(1, 0, 1)]
    assert partial_tiles(256) == [TilePlace(1, 0, 1)]


@given(st.integers(0, 2**20), st.integers(0, 3000))
def test_new_tiles_are_those_whose_width_changed(old_size, growth):
    new_size = old_size + growth
    changed = []
    for level in range(4):
        first, last = old_size >> 8 * (level + 1), new_size >> 8 * (level + 1)
        for number in range(first, last + 1):
            old, new = (tile_width(level=level, number=number, tree_size=size) for size in (old_size, new_size))
            if old != new:
                changed.append(TilePlace(level, number, new))
    assert list(new_tiles(old_size=old_size, new_size=new_size)) == changed


@given(st.integers(0, 63), st.integers(0, 2**53 - 1), st.integers(1, 256))
def test_every_place_has_one_path(level, number, width):
    place = TilePlace(level, number, width)
    assert parse_tile_path(format_tile_path(place)) == place


@given(st.text(alphabet="tile/0123456789x.pX+-\n ", max_size=30))
def test_whatever_parses_formats_back(path):
    try:
        place = parse_tile_path(path)
    except MalformedCheckpoint:
        return
    assert format_tile_path(place) == path


@pytest.mark.parametrize("place", [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 2**53, 1), (0, 0, 0), (0, 0, 257)])
def test_places_out_of_bounds_have_no_path(place):
    with pytest.raises(MalformedCheckpoint):
        format_tile_path(TilePlace(*place))


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 65_535, 65_536, 65_537, SIZE])
def test_proofs_from_tiles_are_those_of_the_edge(size):
    nodes, random = tile_nodes(read_tile, size), Random(SEED)
    edge = Edge(recent_tiles=1 << 20)
    edge.extend(LEAVES[:size])
    for index in {0, size - 1, size // 2, *(random.randrange(size) for _ in range(20))}:
        found = inclusion_path(leaf_index=index, tree_size=size, nodes=nodes)
        assert found == edge.path(index)
        check_inclusion(leaf_hash=LEAVES[index], leaf_index=index, tree_size=size, path=found, root=edge.root())
        old = random.randrange(1, size + 1)
        assert consistency_path(old_size=old, new_size=size, nodes=nodes) == consistency_path(
            old_size=old, new_size=size, nodes=edge.node
        )


def test_a_proof_reads_few_tiles_at_the_width_they_have():
    asked = []

    def counted(level: int, number: int, width: int) -> bytes:
        asked.append(TilePlace(level, number, width))
        return read_tile(level, number, width)

    inclusion_path(leaf_index=12_345, tree_size=SIZE, nodes=tile_nodes(counted, SIZE))
    assert len(asked) == len(set(asked)) <= 6
    assert all(place.width == tile_width(level=place.level, number=place.number, tree_size=SIZE) for place in asked)


def test_nodes_that_the_tree_does_not_complete_are_refused():
    nodes = tile_nodes(read_tile, 300)
    assert nodes(0, 299) == LEAVES[299]
    for level, index in ((0, 300), (0, -1), (2, 75), (8, 1), (9, 0)):
        with pytest.raises(NotFound):
            nodes(level, index)


@pytest.mark.parametrize("damage", [lambda t: t[:-1], lambda t: t[:-32], lambda t: t + bytes(32), lambda _: b""])
def test_a_tile_of_another_length_is_an_error(damage):
    nodes = tile_nodes(lambda level, number, width: damage(read_tile(level, number, width)), SIZE)
    with pytest.raises(StoreDamaged):
        nodes(0, 5)
