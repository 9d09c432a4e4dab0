"""Merkle tree of RFC 6962: hashes, inclusion and consistency proofs, and the compact border of a growing tree.

A node (level, index) is the root of the complete subtree over leaves index * 2**level to (index + 1) * 2**level - 1.
Proof checks follow RFC 9162 sections 2.1.3.2 and 2.1.4.2, which hash the same tree as RFC 6962.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Final

from ledger.errors import NotFound, ProofInvalid, StoreDamaged
from ledger.limits import HASH_BYTES, TREE_LEAVES_MAX

NodeReader = Callable[[int, int], bytes]
"""Gives the hash of node (level, index); raises StoreDamaged if it is not held."""

EMPTY_ROOT: Final = sha256(b"").digest()
"""Root of the tree without leaves (RFC 6962 section 2.1)."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one logged entry: SHA-256(00 ‖ entry), 32 bytes (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(01 ‖ left ‖ right), 32 bytes (RFC 6962 section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def fold_roots(peaks: Sequence[bytes]) -> bytes:
    """Root over complete subtrees that stand side by side, the largest first; `EMPTY_ROOT` for none."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = sha256(b"\x01" + peak + root).digest()
    return root


def peaks(tree_size: int) -> list[tuple[int, int]]:
    """The nodes (level, index) of the complete subtrees that make up a tree, the largest first: one a set bit."""
    levels = reversed(range(tree_size.bit_length()))
    return [(level, (tree_size >> level) - 1) for level in levels if tree_size >> level & 1]


def root_of(tree_size: int, nodes: NodeReader) -> bytes:
    """Root of the tree of `tree_size` leaves whose complete subtrees `nodes` reads."""
    return fold_roots([nodes(level, index) for level, index in peaks(tree_size)])


class Frontier:
    """The complete subtrees on the right border of a tree: what is needed to add leaves and to know the root.

    At most 53 hashes, whatever the size (a compact range that starts at 0).
    """

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """Take up a border of `size` leaves; `hashes` holds one peak of 32 bytes for each set bit, the largest first.

        raises  StoreDamaged if number or length of the hashes do not fit the size
        """
        if not 0 <= size <= TREE_LEAVES_MAX or len(hashes) != size.bit_count():
            raise StoreDamaged(f"frontier of size {size}: {len(hashes)} hashes")
        if any(len(hash_) != HASH_BYTES for hash_ in hashes):
            raise StoreDamaged(f"frontier of size {size}: a hash is not of {HASH_BYTES} bytes")
        self.size = size
        self.hashes = list(hashes)

    def append(self, leaf_hash: bytes) -> None:
        """Add one leaf by its hash (32 bytes)."""
        carried = leaf_hash
        for _ in range((~self.size & self.size + 1).bit_length() - 1):
            carried = node_hash(self.hashes.pop(), carried)
        self.hashes.append(carried)
        self.size += 1

    def root(self) -> bytes:
        """Root of the tree as it stands; `EMPTY_ROOT` at size 0."""
        return fold_roots(self.hashes)

    def to_bytes(self) -> bytes:
        """Size as eight big-endian bytes, then the peaks, the largest first."""
        return self.size.to_bytes(8, "big") + b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, data: bytes) -> Frontier:
        """Read what `to_bytes` wrote; raises StoreDamaged for anything else."""
        hashes = [data[at : at + HASH_BYTES] for at in range(8, len(data), HASH_BYTES)]
        frontier = cls(int.from_bytes(data[:8], "big"), hashes)
        if frontier.to_bytes() != data:
            raise StoreDamaged(f"frontier of {len(data)} bytes is not in its one form")
        return frontier


def inclusion_path(*, leaf_index: int, tree_size: int, nodes: NodeReader) -> list[bytes]:
    """Hashes that join one leaf to the root.

    Source: RFC 6962 section 2.1.1; order as in c2sp.org/tlog-proof (the leaf's sibling first).

    leaf_index  0 <= leaf_index < tree_size
    tree_size   leaves, 1 to limits.TREE_LEAVES_MAX
    nodes       reads complete subtrees of the tree
    returns     at most ceil(log2(tree_size)) hashes of 32 bytes; [] for a tree of one leaf
    raises      NotFound if the leaf lies outside the tree; what `nodes` raises
    """
    if not 0 <= leaf_index < tree_size <= TREE_LEAVES_MAX:
        raise NotFound(f"leaf {leaf_index}: outside a tree of {tree_size} leaves")
    path = []
    for level in range((tree_size - 1).bit_length()):
        sibling = leaf_index >> level ^ 1
        if sibling + 1 << level <= tree_size:
            path.append(nodes(level, sibling))
        elif sibling << level < tree_size:
            path.append(border_root(level, tree_size, nodes))
    return path


def border_root(level: int, tree_size: int, nodes: NodeReader) -> bytes:
    """Root of the incomplete subtree of height `level` at the right border: the peaks of the tree below that level."""
    return fold_roots([nodes(height, index) for height, index in peaks(tree_size) if height < level])


def consistency_path(*, old_size: int, new_size: int, nodes: NodeReader) -> list[bytes]:
    """Hashes that show that the first `old_size` leaves of a tree are unchanged in it.

    Source: RFC 6962 section 2.1.2.

    old_size, new_size  leaves, 0 <= old_size <= new_size <= limits.TREE_LEAVES_MAX
    nodes    reads complete subtrees of the new tree
    returns  hashes of 32 bytes, at most 53; [] when the sizes are equal or the old one is 0
    raises   NotFound if the sizes are out of order; what `nodes` raises
    """
    if not 0 <= old_size <= new_size <= TREE_LEAVES_MAX:
        raise NotFound(f"consistency from {old_size} to {new_size} leaves: not in order")
    if old_size in (0, new_size):
        return []
    # The proof starts at the last complete subtree of the old tree and walks up to the new root. That subtree itself is
    # left out when it is the whole old tree, because the checker holds its hash already.
    level = (old_size & -old_size).bit_length() - 1
    index = old_size - 1 >> level
    path = [] if index == 0 else [nodes(level, index)]
    for height in range(level, (new_size - 1).bit_length()):
        sibling = old_size - 1 >> height ^ 1
        if sibling + 1 << height <= new_size:
            path.append(nodes(height, sibling))
        elif sibling << height < new_size:
            path.append(border_root(height, new_size, nodes))
    return path


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(hash_) != HASH_BYTES for hash_ in hashes):
        raise ProofInvalid(f"every hash must have {HASH_BYTES} bytes")


def _climb(node: int, last: int, siblings: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Walk from a node to the root: each sibling, and whether it stands to the left.

    node, last  index of the node and of the last node of its level
    raises      ProofInvalid if the siblings are not exactly as many as the walk needs
    """
    for sibling in siblings:
        if last == 0:
            raise ProofInvalid(f"path of {len(siblings)} siblings: longer than the tree is high")
        stands_left = bool(node & 1) or node == last
        yield sibling, stands_left
        if stands_left:
            # The last node of a level without a sibling of its own rises until it has one.
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1
    if last:
        raise ProofInvalid(f"path of {len(siblings)} siblings: shorter than the tree is high")


def check_inclusion(*, leaf_hash: bytes, leaf_index: int, tree_size: int, path: Sequence[bytes], root: bytes) -> None:
    """Accept that the leaf stands at this index of the tree with this root, or raise.

    Source: RFC 9162 section 2.1.3.2.

    leaf_hash, root, each of path  exactly 32 bytes; path as `inclusion_path` gives it
    leaf_index  0 <= leaf_index < tree_size
    tree_size   leaves, 1 to limits.TREE_LEAVES_MAX
    raises      ProofInvalid
    """
    if not 0 <= leaf_index < tree_size <= TREE_LEAVES_MAX:
        raise ProofInvalid(f"leaf {leaf_index}: outside a tree of {tree_size} leaves")
    _check_hashes([leaf_hash, root, *path])
    computed = leaf_hash
    for sibling, stands_left in _climb(leaf_index, tree_size - 1, path):
        computed = node_hash(sibling, computed) if stands_left else node_hash(computed, sibling)
    if computed != root:
        raise ProofInvalid(f"inclusion path of leaf {leaf_index}: leads to another root")


def check_consistency(*, old_size: int, new_size: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Accept that the new tree starts with all leaves of the old one, or raise.

    Source: RFC 9162 section 2.1.4.2. An empty old tree is refused: it would make any new root "consistent", so whoever
    starts from nothing must say so and not call it a check.

    old_size  leaves, at least 1
    new_size  leaves, old_size <= new_size <= limits.TREE_LEAVES_MAX
    old_root, new_root, each of path  exactly 32 bytes; path as `consistency_path` gives it
    raises    ProofInvalid
    """
    if not 1 <= old_size <= new_size <= TREE_LEAVES_MAX:
        raise ProofInvalid(f"consistency from {old_size} to {new_size} leaves: nothing to prove or not in order")
    _check_hashes([old_root, new_root, *path])
    if old_size == new_size:
        if path or old_root != new_root:
            raise ProofInvalid(f"two trees of {new_size} leaves: roots differ or the path is not empty")
        return
    if not path:
        raise ProofInvalid(f"consistency from {old_size} to {new_size} leaves: the path is empty")
    # The path starts at the last complete subtree of the old tree, which is the old root itself for a power of two.
    start, *siblings = path if old_size & old_size - 1 else [old_root, *path]
    level = (old_size & -old_size).bit_length() - 1
    old_computed = new_computed = start
    for sibling, stands_left in _climb(old_size - 1 >> level, new_size - 1 >> level, siblings):
        if stands_left:
            old_computed, new_computed = node_hash(sibling, old_computed), node_hash(sibling, new_computed)
        else:
            new_computed = node_hash(new_computed, sibling)
    if old_computed != old_root:
        raise ProofInvalid(f"consistency path: leads to another root at {old_size} leaves")
    if new_computed != new_root:
        raise ProofInvalid(f"consistency path: leads to another root at {new_size} leaves")
