"""The edge in memory.

Method: whatever the batches, the edge has the root and the paths of the naive transcription or of the frontier, gives
each full tile once, and comes back from its rows as it was.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NotFound, StoreDamaged
from ledger.limits import TREE_LEAVES_MAX
from ledger.log.edge import Edge
from ledger.log.merkle import EMPTY_ROOT, Frontier, check_inclusion, inclusion_path, leaf_hash, root_of
from ledger.log.tiles import TilePlace, new_tiles, partial_tiles, tile_nodes
from tests.support.reference_merkle import mth, path

LEAVES = [leaf_hash(b"%d" % index) for index in range(66_400)]
ENTRIES = [b"%d" % index for index in range(700)]


def grown(size: int, batch: int = 1000, **options) -> tuple[Edge, dict[tuple[int, int], bytes]]:
    """An edge of a size, and the full tiles that it gave on the way."""
    edge, tiles = Edge(**options), {}
    for at in range(0, size, batch):
        for level, number, hashes in edge.extend(LEAVES[at : min(size, at + batch)]):
            assert (level, number) not in tiles
            tiles[level, number] = hashes
    return edge, tiles


def test_an_empty_edge():
    edge = Edge()
    assert (edge.size, edge.root(), edge.to_rows(), edge.extend([])) == (0, EMPTY_ROOT, [], [])
    with pytest.raises(NotFound):
        edge.path(0)


@given(st.lists(st.integers(0, 300), max_size=6))
def test_any_batches_give_the_standards_root_and_paths(batches):
    edge, size = Edge(), 0
    for batch in batches:
        count = min(batch, len(ENTRIES) - size)
        edge.extend(LEAVES[size : size + count])
        size += count
        assert edge.root() == mth(ENTRIES[:size])
        for index in {0, size // 2, size - 1} if size else ():
            assert edge.path(index) == path(index, ENTRIES[:size])


@pytest.mark.parametrize("batch", [1, 255, 256, 257, 1000])
def test_each_full_tile_is_given_once(batch):
    edge, tiles = grown(2000, batch)
    full = [(place.level, place.number) for place in new_tiles(old_size=0, new_size=2000) if place.width == 256]
    assert sorted(tiles) == sorted(full)
    assert all(
        hashes == b"".join(LEAVES[number * 256 :][:256]) for (level, number), hashes in tiles.items() if level == 0
    )
    widths = [TilePlace(level, number, len(hashes) // 32) for level, number, hashes in edge.to_rows()]
    assert widths == partial_tiles(2000)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 66_400])
def test_comes_back_from_its_rows(size):
    edge, _ = grown(size)
    rows = edge.to_rows()
    again = Edge.from_rows(size, reversed(rows))
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)
    assert again.to_rows() == rows
    assert again.root() == edge.root() == frontier.root()
    assert again.extend(LEAVES[:300]) == edge.extend(LEAVES[:300])
    assert again.root() == edge.root()


@pytest.mark.parametrize("damage", ["missing", "superfluous", "short", "cut", "wrong number"])
def test_refuses_rows_that_do_not_fit(damage):
    level, number, hashes = (rows := grown(700)[0].to_rows())[0]
    changed = {
        "missing": rows[1:],
        "superfluous": [*rows, (3, 0, bytes(32))],
        "short": [(level, number, hashes[:-32]), *rows[1:]],
        "cut": [(level, number, hashes[:-1]), *rows[1:]],
        "wrong number": [(level, number + 1, hashes), *rows[1:]],
    }[damage]
    with pytest.raises(StoreDamaged):
        Edge.from_rows(700, changed)


def test_refuses_sizes_and_hashes_out_of_bounds():
    for size in (-1, TREE_LEAVES_MAX + 1):
        with pytest.raises(StoreDamaged):
            Edge.from_rows(size, [])
    edge = grown(10)[0]
    root = edge.root()
    with pytest.raises(StoreDamaged):
        edge.extend([bytes(32), bytes(31)])
    for index, size in ((-1, None), (10, None), (0, 11), (5, 5), (0, 0)):
        with pytest.raises(NotFound):
            edge.path(index, size)
    assert edge.root() == root


def test_a_copy_is_independent():
    edge = grown(1000)[0]
    root, rows = edge.root(), edge.to_rows()
    edge.path(999)
    twin = edge.copy()
    first = edge.path(0)
    twin.extend(LEAVES[:5000])
    assert edge.path(0) == first
    assert (edge.size, edge.root(), edge.to_rows()) == (1000, root, rows)
    assert edge.path(999) == Edge.from_rows(1000, rows).path(999)
    assert twin.size == 6000


def test_paths_do_not_outlive_the_size_they_were_made_for():
    edge = grown(300)[0]
    before = edge.path(299)
    edge.extend(LEAVES[300:301])
    assert edge.path(299) != before
    assert edge.path(299) == path(299, ENTRIES[:301])


def test_recent_leaves_need_no_older_reader_and_old_ones_ask_for_full_tiles_only():
    asked: list[tuple[int, int]] = []
    edge, tiles = grown(66_400, older=lambda level, index: asked.append((level, index)) or tiles_node(level, index))
    tiles_node = tile_nodes(lambda level, number, _width: tiles[level, number], 66_400 // 256 * 256)
    root = edge.root()
    for index in range(66_400 - 256 * 16, 66_400):
        check_inclusion(leaf_hash=LEAVES[index], leaf_index=index, tree_size=66_400, path=edge.path(index), root=root)
    assert asked == []
    for index in (0, 1, 255, 256, 30_000):
        check_inclusion(leaf_hash=LEAVES[index], leaf_index=index, tree_size=66_400, path=edge.path(index), root=root)
    assert asked


def test_an_older_leaf_without_a_reader_is_an_error():
    edge = grown(6000)[0]
    with pytest.raises(StoreDamaged):
        edge.path(0)


@given(st.integers(1, 1200), st.data())
def test_paths_in_earlier_trees(size, data):
    edge = grown(1200, recent_tiles=100)[0]
    index = data.draw(st.integers(0, size - 1))
    root = root_of(size, edge.node)
    check_inclusion(leaf_hash=LEAVES[index], leaf_index=index, tree_size=size, path=edge.path(index, size), root=root)
    assert edge.path(index, size) == inclusion_path(leaf_index=index, tree_size=size, nodes=edge.node)


def test_memory_is_bounded():
    edge = Edge(recent_tiles=4)
    for _ in range(20):
        edge.extend([os.urandom(32) for _ in range(1000)])
    assert [len(kept) for kept in edge._recent] == [4, 0]
