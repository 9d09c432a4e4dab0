"""The audit's own Merkle tree: a leaf at a time, from the definition, without the log's code.

Source: RFC 6962 section 2.1 (leaf 0x00, node 0x01). A complete subtree is a *peak*; the tree of n leaves has one
peak for each binary digit 1 of n, the largest first, and its root folds them from the right.
"""

from __future__ import annotations

import hashlib

TILE = 256


def hash_leaf(entry: bytes) -> bytes:
    """Hash of a log entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Hash of two neighbours."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree that remembers its peaks and, for each tile level, the hashes of the tile that is being filled."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[tuple[int, bytes]] = []
        self.tiles: list[list[bytes]] = []

    def append(self, leaf_hash: bytes) -> list[tuple[int, int, list[bytes]]]:
        """Add a leaf; gives the tiles that it filled: level, number, 256 hashes."""
        self._add_peak(leaf_hash)
        self.size += 1
        return self._add_to_tile(0, leaf_hash)

    def root(self) -> bytes:
        """Root of the tree as it stands; SHA-256 of nothing for the empty tree."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1][1]
        for _, peak in reversed(self.peaks[:-1]):
            root = hash_node(peak, root)
        return root

    def first_difference(self, frontier: bytes) -> int | None:
        """First leaf index under the first peak that differs from a stored list of peaks; None if all are equal."""
        start = 0
        for number, (height, peak) in enumerate(self.peaks):
            if frontier[32 * number : 32 * number + 32] != peak:
                return start
            start += 1 << height
        return None if len(frontier) == 32 * len(self.peaks) else start

    def partial_tiles(self) -> list[tuple[int, int, list[bytes]]]:
        """The tiles that are being filled: level, number, 1 to 255 hashes."""
        found = []
        for level, hashes in enumerate(self.tiles):
            if hashes:
                found.append((level, self.size // TILE ** (level + 1), list(hashes)))
        return found

    def _add_peak(self, leaf_hash: bytes) -> None:
        height, peak = 0, leaf_hash
        while self.peaks and self.peaks[-1][0] == height:
            peak = hash_node(self.peaks.pop()[1], peak)
            height += 1
        self.peaks.append((height, peak))

    def _add_to_tile(self, level: int, hash_: bytes) -> list[tuple[int, int, list[bytes]]]:
        if level == len(self.tiles):
            self.tiles.append([])
        tile = self.tiles[level]
        tile.append(hash_)
        if len(tile) < TILE:
            return []
        self.tiles[level] = []
        number = self.size // TILE ** (level + 1) - 1
        return [(level, number, tile), *self._add_to_tile(level + 1, _complete_root(tile))]


def _complete_root(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [hash_node(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]
