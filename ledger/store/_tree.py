"""The Merkle log's growing edge as the store keeps it: upper partial tiles as rows, the lowest one from the events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ledger.errors import StoreDamaged
from ledger.limits import HASH_BYTES, TILE_HASHES, TREE_LEAVES_MAX
from ledger.log.edge import Edge
from ledger.log.merkle import leaf_hash, peaks
from ledger.log.tiles import TileReader, partial_tiles, tile_nodes
from ledger.store._mapper import split_state

Query = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Runs a query with `?` parameters and gives all its rows."""


class TreeState:
    """The edge of the log in memory, equal to the rows of one committed head."""

    def __init__(self, edge: Edge) -> None:
        self.edge = edge

    @classmethod
    def load(cls, size: int, query: Query, *, older: Query | None = None) -> TreeState:
        """The edge of a log of `size` leaves, from its rows.

        query   reads the rows now; older reads full tiles later, when a proof leaves the edge (default: query)
        raises  StoreDamaged when rows are missing or of the wrong width
        """
        rows = [
            (level, number, read_tile(query, level=level, number=number, width=width))
            for level, number, width in partial_tiles(size)
        ]
        # What has left the edge lies in tiles that are full, whatever the log has grown to.
        nodes = tile_nodes(tile_reader(older or query), TREE_LEAVES_MAX)
        return cls(Edge.from_rows(size, rows, older=nodes))

    @property
    def size(self) -> int:
        """Leaves."""
        return self.edge.size

    def root(self) -> bytes:
        """Root of the tree as it stands."""
        return self.edge.root()

    def check_root(self, expected: bytes) -> None:
        """Compares with the head row's root.

        raises  StoreDamaged when they differ
        """
        if self.edge.root() != expected:
            raise StoreDamaged(f"the head row's root at size {self.size} is not the root of the stored records")

    def extend(self, leaf_hashes: Sequence[bytes]) -> list[tuple[int, int, bytes]]:
        """Adds leaves; gives the tile rows to write: full tiles, and growing ones above the lowest level."""
        full = self.edge.extend(leaf_hashes)
        return full + [row for row in self.edge.to_rows() if row[0] > 0] if full else full

    def frontier(self) -> bytes:
        """The compact range of the tree, largest subtree first, 32 bytes each."""
        return b"".join(self.edge.node(level, index) for level, index in peaks(self.size))


def tile_reader(query: Query) -> TileReader:
    """Reads tiles of a stored log."""
    return lambda level, number, width: read_tile(query, level=level, number=number, width=width)


def read_tile(query: Query, *, level: int, number: int, width: int) -> bytes:
    """The first `width` hashes of a tile: from its row, or, for the growing tile of level 0, from the events
    themselves.

    raises  StoreDamaged when the tile or an event is missing
    """
    rows = query("SELECT hashes FROM tiles WHERE level = ? AND n = ?", (level, number))
    if rows:
        return bytes(rows[0][0])[: width * HASH_BYTES]
    if level:
        raise StoreDamaged(f"tile {level}/{number} is missing; run `skill-ledger audit`")
    first = number * TILE_HASHES
    states = query(
        "SELECT state FROM events WHERE notification_id > ? AND notification_id <= ? ORDER BY notification_id",
        (first, first + width),
    )
    if len(states) != width:
        raise StoreDamaged(f"records {first} to {first + width - 1}: found {len(states)} of {width}")
    return b"".join(leaf_hash(split_state(bytes(row[0]))[0]) for row in states)
