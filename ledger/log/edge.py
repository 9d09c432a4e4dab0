"""The right edge of a growing log, in memory: add many leaves and prove the new ones without a database read.

The edge keeps, for each tile level, the last partial tile with all its inner nodes, and the same for a few tiles that
became full last. Adding a leaf costs one node hash on average; a path for a leaf of a kept tile costs hardly any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from ledger.errors import NotFound, StoreDamaged
from ledger.limits import HASH_BYTES, TILE_HASHES, TILE_HEIGHT, TREE_LEAVES_MAX
from ledger.log.merkle import NodeReader, border_root, inclusion_path, root_of

Rows = list[list[bytes]]
"""One tile with its inner nodes: row r holds the nodes r levels above the tile's hashes; row 8 is the tile's root."""

TileRow = tuple[int, int, bytes]
"""Level and number of a tile and its 1 to 256 hashes, joined: one row of a tile table."""


def tile_rows(hashes: Iterable[bytes]) -> Rows:
    """A tile with all the inner nodes that its hashes (at most 256) complete."""
    rows: Rows = [[] for _ in range(TILE_HEIGHT + 1)]
    rows[0].extend(hashes)
    _complete(rows)
    return rows


def _complete(rows: Rows) -> None:
    """Hash every pair that has no parent yet, row by row upwards."""
    for height in range(TILE_HEIGHT):
        row, parents = rows[height], rows[height + 1]
        fresh = [sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(2 * len(parents), len(row) - 1, 2)]
        if not fresh:
            return
        parents += fresh


def _no_older_nodes(level: int, index: int) -> bytes:
    raise StoreDamaged(f"node {level}/{index}: not on the edge, and no reader for older tiles is set")


class Edge:
    """The growing border of one log.

    Not safe for use by several threads at once; whoever may roll back works on a `copy()`.

    older        reads the nodes that have left memory; it is asked for complete subtrees only
    recent_tiles full tiles a level keeps in memory after they left the border (256 leaves each at level 0)
    """

    __slots__ = ("_border_roots", "_borders", "_older", "_recent", "_recent_tiles", "_upper_paths", "size")

    def __init__(self, *, older: NodeReader = _no_older_nodes, recent_tiles: int = 16) -> None:
        self.size = 0
        self._older = older
        self._recent_tiles = recent_tiles
        self._borders: list[Rows] = []
        self._recent: list[dict[int, Rows]] = []
        self._border_roots: dict[int, bytes] = {}
        self._upper_paths: dict[int, list[bytes]] = {}

    @classmethod
    def from_rows(
        cls, size: int, rows: Iterable[TileRow], *, older: NodeReader = _no_older_nodes, recent_tiles: int = 16
    ) -> Edge:
        """Take up the edge of a stored log.

        size    leaves, 0 to limits.TREE_LEAVES_MAX
        rows    exactly the partial tiles of a tree of that size, in any order, as `to_rows` gives them
        raises  StoreDamaged if a row is missing, superfluous or of another width
        """
        if not 0 <= size <= TREE_LEAVES_MAX:
            raise StoreDamaged(f"edge of {size} leaves: out of bounds")
        held = {(level, number): hashes for level, number, hashes in rows}
        edge = cls(older=older, recent_tiles=recent_tiles)
        edge.size = size
        hashes_at_level = size
        while hashes_at_level:
            level = len(edge._borders)
            number, width = divmod(hashes_at_level, TILE_HASHES)
            tile = held.pop((level, number), b"")
            if len(tile) != width * HASH_BYTES:
                raise StoreDamaged(f"tile {level}/{number}: {len(tile)} bytes held, {width} hashes expected")
            edge._add_level(tile_rows(tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)))
            hashes_at_level = number
        if held:
            raise StoreDamaged(f"edge of {size} leaves: {len(held)} tiles do not belong to it")
        return edge

    def to_rows(self) -> list[TileRow]:
        """The partial tiles of the tree as it stands, lowest level first; none for a level whose last tile is full."""
        found = []
        for level, rows in enumerate(self._borders):
            if rows[0]:
                found.append((level, self.size >> TILE_HEIGHT * (level + 1), b"".join(rows[0])))
        return found

    def copy(self) -> Edge:
        """An independent edge with the same content (full tiles are shared, they never change)."""
        twin = Edge(older=self._older, recent_tiles=self._recent_tiles)
        twin.size = self.size
        twin._borders = [[row.copy() for row in rows] for rows in self._borders]
        twin._recent = [kept.copy() for kept in self._recent]
        return twin

    def extend(self, leaf_hashes: Sequence[bytes]) -> list[TileRow]:
        """Add leaves by their hashes (32 bytes each), in order.

        returns  the tiles that became full, lowest level first, each (level, number, its 256 hashes joined)
        raises   NotFound if the tree would outgrow limits.TREE_LEAVES_MAX; StoreDamaged for a hash of another length
        """
        if self.size + len(leaf_hashes) > TREE_LEAVES_MAX:
            raise NotFound(f"tree of {self.size} leaves: no room for {len(leaf_hashes)} more")
        if any(len(hash_) != HASH_BYTES for hash_ in leaf_hashes):
            raise StoreDamaged(f"a leaf hash is not of {HASH_BYTES} bytes")
        full: list[TileRow] = []
        fresh: Sequence[bytes] = leaf_hashes
        level, old_count = 0, self.size
        while fresh:
            if level == len(self._borders):
                self._add_level(tile_rows(()))
            fresh = self._extend_level(level, old_count >> TILE_HEIGHT, fresh, full)
            level, old_count = level + 1, old_count >> TILE_HEIGHT
        self.size += len(leaf_hashes)
        self._border_roots.clear()
        self._upper_paths.clear()
        return full

    def root(self) -> bytes:
        """Root of the tree as it stands (32 bytes); `merkle.EMPTY_ROOT` for an empty one."""
        return root_of(self.size, self.node)

    def node(self, level: int, index: int) -> bytes:
        """Hash of the complete subtree (level, index): from memory, else from `older`. This is a `NodeReader`."""
        tile_level, height = divmod(level, TILE_HEIGHT)
        shift = TILE_HEIGHT - height
        number = index >> shift
        if tile_level < len(self._borders):
            if number == self.size >> TILE_HEIGHT * (tile_level + 1):
                return self._borders[tile_level][height][index & (1 << shift) - 1]
            kept = self._recent[tile_level].get(number)
            if kept is not None:
                return kept[height][index & (1 << shift) - 1]
        return self._older(level, index)

    def path(self, leaf_index: int, tree_size: int | None = None) -> list[bytes]:
        """Inclusion path of one leaf, as `merkle.inclusion_path`, in the tree as it stands or in an earlier one.

        leaf_index  0 <= leaf_index < tree_size
        tree_size   leaves of an earlier tree of this log; None for the tree as it stands
        raises      NotFound if leaf or tree lie outside; StoreDamaged if a node is neither here nor in `older`
        """
        size = self.size
        if tree_size is not None and tree_size != size:
            if tree_size > size:
                raise NotFound(f"tree of {tree_size} leaves: the log has {size}")
            return inclusion_path(leaf_index=leaf_index, tree_size=tree_size, nodes=self.node)
        if not 0 <= leaf_index < size:
            raise NotFound(f"leaf {leaf_index}: outside a tree of {size} leaves")
        # The same walk as `inclusion_path`, but what the leaves of one tile have in common is looked up once.
        tile = leaf_index >> TILE_HEIGHT
        if tile not in self._upper_paths:
            self._upper_paths[tile] = list(self._siblings(leaf_index, range(TILE_HEIGHT, (size - 1).bit_length())))
        lower = range(min(TILE_HEIGHT, (size - 1).bit_length()))
        return [*self._siblings(leaf_index, lower), *self._upper_paths[tile]]

    def _siblings(self, leaf_index: int, levels: range) -> Iterator[bytes]:
        """The part of a leaf's path that lies on these levels of the present tree."""
        size, node, border_roots = self.size, self.node, self._border_roots
        for level in levels:
            sibling = leaf_index >> level ^ 1
            if sibling + 1 << level <= size:
                yield node(level, sibling)
            elif sibling << level < size:
                if level not in border_roots:
                    border_roots[level] = border_root(level, size, node)
                yield border_roots[level]

    def _add_level(self, rows: Rows) -> None:
        self._borders.append(rows)
        self._recent.append({})

    def _extend_level(self, level: int, number: int, fresh: Sequence[bytes], full: list[TileRow]) -> list[bytes]:
        """Add hashes to one tile level from tile `number` on; gives the roots of the tiles that became full."""
        completed = []
        rows, at = self._borders[level], 0
        while at < len(fresh):
            room = TILE_HASHES - len(rows[0])
            rows[0] += fresh[at : at + room]
            at += room
            _complete(rows)
            if len(rows[0]) == TILE_HASHES:
                completed.append(rows[TILE_HEIGHT][0])
                full.append((level, number, b"".join(rows[0])))
                self._keep(level, number, rows)
                rows, number = tile_rows(()), number + 1
        self._borders[level] = rows
        return completed

    def _keep(self, level: int, number: int, rows: Rows) -> None:
        kept = self._recent[level]
        kept[number] = rows
        if len(kept) > self._recent_tiles:
            del kept[next(iter(kept))]
