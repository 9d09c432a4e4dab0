"""Hashes and proofs of the tree.

Method: the naive transcription of RFC 6962 is the judge of every size up to 70 and of random trees; vectors of two other
projects come on top; every kind of damage to a proof is refused.
"""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NotFound, ProofInvalid, StoreDamaged
from ledger.limits import TREE_LEAVES_MAX
from ledger.log.merkle import (
    EMPTY_ROOT,
    Frontier,
    check_consistency,
    check_inclusion,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_of,
)
from tests.conftest import LONG, SEED
from tests.support.reference_merkle import mth, path, proof

VECTORS = Path(__file__).parents[2] / "vectors" / "log"
MUTATIONS = 1_000_000 if LONG else 20_000

# The eight entries and roots that the Certificate Transparency project has tested RFC 6962 with since 2012.
CT_ENTRIES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def nodes_over(entries: list[bytes]):
    """A node reader that hashes the entries anew at each call."""
    return lambda level, index: mth(entries[index << level : (index + 1) << level])


def entries_of(count: int) -> list[bytes]:
    return [b"entry %d" % index for index in range(count)]


def test_hashes_are_prefixed_as_the_standard_says():
    assert leaf_hash(b"x") == sha256(b"\x00x").digest()
    assert node_hash(b"l" * 32, b"r" * 32) == sha256(b"\x01" + b"l" * 32 + b"r" * 32).digest()
    assert sha256(b"").digest() == EMPTY_ROOT


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size):
    frontier = Frontier()
    for entry in CT_ENTRIES[:size]:
        frontier.append(leaf_hash(entry))
    assert frontier.root().hex() == CT_ROOTS[size] == mth(CT_ENTRIES[:size]).hex()
    assert root_of(size, nodes_over(CT_ENTRIES)).hex() == CT_ROOTS[size]


def test_every_proof_of_every_small_tree_is_the_standards_own():
    entries, roots = entries_of(70), [mth(entries_of(size)) for size in range(71)]
    for size in range(1, 71 if LONG else 34):
        now = entries[:size]
        for index in range(size):
            found = inclusion_path(leaf_index=index, tree_size=size, nodes=nodes_over(now))
            assert found == path(index, now)
            check_inclusion(
                leaf_hash=leaf_hash(entries[index]), leaf_index=index, tree_size=size, path=found, root=roots[size]
            )
        for old_size in range(1, size + 1):
            found = consistency_path(old_size=old_size, new_size=size, nodes=nodes_over(now))
            assert found == proof(old_size, now)
            check_consistency(
                old_size=old_size, new_size=size, path=found, old_root=roots[old_size], new_root=roots[size]
            )


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=200), st.data())
def test_random_trees_agree_with_the_transcription(entries, data):
    size, index = len(entries), data.draw(st.integers(0, len(entries) - 1))
    old_size = data.draw(st.integers(1, size))
    assert inclusion_path(leaf_index=index, tree_size=size, nodes=nodes_over(entries)) == path(index, entries)
    assert consistency_path(old_size=old_size, new_size=size, nodes=nodes_over(entries)) == proof(old_size, entries)
    frontier = Frontier()
    for entry in entries:
        frontier.append(leaf_hash(entry))
        assert Frontier.from_bytes(frontier.to_bytes()).hashes == frontier.hashes
    assert frontier.root() == mth(entries)


FOREIGN = json.loads((VECTORS / "transparency_dev_merkle.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", FOREIGN["cases"], ids=[case["why"] for case in FOREIGN["cases"]])
def test_vectors_of_another_implementation(case):
    hashes = {
        name: base64.b64decode(case[name]) for name in ("root", "old_root", "new_root", "leaf_hash") if name in case
    }
    numbers = {name: case[name] for name in ("leaf_index", "tree_size", "old_size", "new_size") if name in case}
    check = check_consistency if "old_size" in case else check_inclusion
    arguments = {**hashes, **numbers, "path": [base64.b64decode(hash_) for hash_ in case["path"]]}
    if case["accept"]:
        check(**arguments)
    else:
        with pytest.raises(ProofInvalid):
            check(**arguments)


def test_most_foreign_vectors_are_negative():
    assert FOREIGN["count"] == len(FOREIGN["cases"]) == 196
    assert sum(not case["accept"] for case in FOREIGN["cases"]) == 185


SIZE, INDEX, OLD_SIZE = 23, 9, 11
ENTRIES = entries_of(SIZE)
INCLUSION = {
    "leaf_hash": leaf_hash(ENTRIES[INDEX]), "leaf_index": INDEX, "tree_size": SIZE, "path": path(INDEX, ENTRIES),
    "root": mth(ENTRIES),
}  # fmt: skip
CONSISTENCY = {
    "old_size": OLD_SIZE, "new_size": SIZE, "path": proof(OLD_SIZE, ENTRIES), "old_root": mth(ENTRIES[:OLD_SIZE]),
    "new_root": mth(ENTRIES),
}  # fmt: skip

REFUSED_INCLUSIONS = [  # in the order of the checks
    ("index -1", {"leaf_index": -1}),
    ("index is the size", {"leaf_index": SIZE}),
    ("size 0", {"leaf_index": 0, "tree_size": 0, "path": [], "root": EMPTY_ROOT}),
    ("size 2^63", {"tree_size": 2**63}),
    ("index and size 2^64 on", {"leaf_index": INDEX + 2**64, "tree_size": SIZE + 2**64}),
    ("size one above the bound", {"tree_size": TREE_LEAVES_MAX + 1}),
    ("leaf hash of 31 bytes", {"leaf_hash": INCLUSION["leaf_hash"][:31]}),
    ("root of 33 bytes", {"root": INCLUSION["root"] + b"\0"}),
    ("empty root and leaf", {"leaf_hash": b"", "root": b"", "leaf_index": 0, "tree_size": 1, "path": []}),
    ("a path hash of 64 bytes", {"path": [INCLUSION["path"][0] + INCLUSION["path"][1], *INCLUSION["path"][2:]]}),
    ("one hash too many", {"path": [*INCLUSION["path"], INCLUSION["path"][-1]]}),
    ("one hash too few", {"path": INCLUSION["path"][:-1]}),
    ("empty path", {"path": []}),
    ("first two swapped", {"path": [INCLUSION["path"][1], INCLUSION["path"][0], *INCLUSION["path"][2:]]}),
    ("reversed", {"path": INCLUSION["path"][::-1]}),
    ("neighbour's index", {"leaf_index": INDEX - 1}),
    ("a size of another height", {"tree_size": 2 * SIZE}),
    ("another leaf", {"leaf_hash": leaf_hash(ENTRIES[INDEX + 1])}),
    ("another root", {"root": mth(ENTRIES[:-1])}),
    ("an inner node sold as a leaf", {"leaf_hash": mth(ENTRIES[8:10]), "leaf_index": 4, "path": INCLUSION["path"][1:]}),
]  # fmt: skip


def test_the_valid_cases_are_valid():
    check_inclusion(**INCLUSION)
    check_consistency(**CONSISTENCY)


@pytest.mark.parametrize(("why", "change"), REFUSED_INCLUSIONS, ids=[row[0] for row in REFUSED_INCLUSIONS])
def test_refuses_inclusion(why, change):
    with pytest.raises(ProofInvalid):
        check_inclusion(**{**INCLUSION, **change})


MIDDLE_SKIPPED = [hash_ for at, hash_ in enumerate(CONSISTENCY["path"]) if at != len(CONSISTENCY["path"]) // 2]
REFUSED_CONSISTENCIES = [  # in the order of the checks
    ("from size 0", {"old_size": 0, "old_root": EMPTY_ROOT, "path": []}),
    ("from size 0 with the full path", {"old_size": 0, "old_root": EMPTY_ROOT}),
    ("sizes 0 and 0", {"old_size": 0, "new_size": 0, "old_root": EMPTY_ROOT, "new_root": EMPTY_ROOT, "path": []}),
    ("old size -1", {"old_size": -1}),
    ("sizes swapped", {"old_size": SIZE, "new_size": OLD_SIZE}),
    ("new size 2^63", {"new_size": 2**63}),
    ("both sizes 2^64 on", {"old_size": OLD_SIZE + 2**64, "new_size": SIZE + 2**64}),
    ("old root of 31 bytes", {"old_root": CONSISTENCY["old_root"][1:]}),
    ("new root empty", {"new_root": b""}),
    ("a path hash of 31 bytes", {"path": [CONSISTENCY["path"][0][:31], *CONSISTENCY["path"][1:]]}),
    ("same size, other root", {"old_size": SIZE, "path": []}),
    ("same size, same root, a path", {"old_size": SIZE, "old_root": CONSISTENCY["new_root"]}),
    ("empty path", {"path": []}),
    ("empty path from a power of two", {"old_size": 8, "old_root": mth(ENTRIES[:8]), "path": []}),
    ("one hash too many", {"path": [*CONSISTENCY["path"], CONSISTENCY["path"][-1]]}),
    ("one hash too few", {"path": CONSISTENCY["path"][:-1]}),
    ("first hash missing", {"path": CONSISTENCY["path"][1:]}),
    ("middle skipped", {"path": MIDDLE_SKIPPED}),
    ("reversed", {"path": CONSISTENCY["path"][::-1]}),
    ("roots swapped", {"old_root": CONSISTENCY["new_root"], "new_root": CONSISTENCY["old_root"]}),
    ("another old root", {"old_root": mth(ENTRIES[: OLD_SIZE - 1])}),
    ("another new root", {"new_root": mth(ENTRIES[: SIZE - 1])}),
    ("another old size", {"old_size": OLD_SIZE + 1}),
    ("a new size of another height", {"new_size": 2 * SIZE}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "change"), REFUSED_CONSISTENCIES, ids=[row[0] for row in REFUSED_CONSISTENCIES])
def test_refuses_consistency(why, change):
    with pytest.raises(ProofInvalid):
        check_consistency(**{**CONSISTENCY, **change})


def test_bounds_hold_even_where_the_hashes_would_fit():
    leaf, short = leaf_hash(b"x"), bytes(31)
    with pytest.raises(ProofInvalid):
        check_inclusion(leaf_hash=leaf, leaf_index=0, tree_size=2, path=[short], root=node_hash(leaf, short))
    with pytest.raises(ProofInvalid):
        check_consistency(old_size=1, new_size=2, path=[short], old_root=leaf, new_root=node_hash(leaf, short))
    root, path_ = leaf, [bytes(32)] * 53
    for hash_ in path_:
        root = node_hash(root, hash_)
    with pytest.raises(ProofInvalid):
        check_inclusion(leaf_hash=leaf, leaf_index=0, tree_size=2**53, path=path_, root=root)
    with pytest.raises(ProofInvalid):
        check_consistency(old_size=1, new_size=2**53, path=path_, old_root=leaf, new_root=root)
    check_inclusion(leaf_hash=leaf, leaf_index=0, tree_size=2**53 - 1, path=path_, root=root)


def test_a_proof_with_one_half_of_its_hashes_is_never_enough():
    # immudb GHSA-672p-m5jq-mrh8: a client took the two ends of a linear proof and never looked at its middle.
    for old_size in range(1, SIZE):
        full = proof(old_size, ENTRIES)
        for left_out in range(len(full)):
            with pytest.raises(ProofInvalid):
                check_consistency(
                    old_size=old_size, new_size=SIZE, path=full[:left_out] + full[left_out + 1 :],
                    old_root=mth(ENTRIES[:old_size]), new_root=mth(ENTRIES),
                )  # fmt: skip


def mutate(random: Random, arguments: dict, size_names: tuple[str, ...], hash_names: tuple[str, ...]) -> dict:
    """One random damage: a number, a bit of a hash, or the path's length or order."""
    changed = dict(arguments)
    what = random.randrange(6)
    if what == 0:
        name = random.choice(size_names)
        changed[name] = random.choice(
            [0, -1, changed[name] + 1, changed[name] - 1, changed[name] ^ 1 << random.randrange(70), 2**63]
        )
    elif what == 1:
        name = random.choice(hash_names)
        changed[name] = flip(random, changed[name])
    else:
        hashes = list(changed["path"])
        at = random.randrange(len(hashes))
        if what == 2:
            hashes[at] = flip(random, hashes[at])
        elif what == 3:
            del hashes[at]
        elif what == 4:
            hashes.insert(at, random.choice([*hashes, bytes(32), b"", random.randbytes(32)]))
        else:
            other = random.randrange(len(hashes))
            hashes[at], hashes[other] = hashes[other], hashes[at]
        changed["path"] = hashes
    return changed


def flip(random: Random, hash_: bytes) -> bytes:
    bit = random.randrange(256)
    return (int.from_bytes(hash_, "big") ^ 1 << bit).to_bytes(32, "big")


def test_no_mutated_proof_is_accepted():
    random, tried, entries = Random(SEED), 0, entries_of(97)
    roots = [mth(entries[:size]) for size in range(98)]
    while tried < MUTATIONS:
        size = random.randrange(2, 98)
        index, old_size = random.randrange(size), random.randrange(1, size)
        inclusion = {
            "leaf_hash": leaf_hash(entries[index]), "leaf_index": index, "tree_size": size, "root": roots[size],
            "path": path(index, entries[:size]),
        }  # fmt: skip
        consistency = {
            "old_size": old_size, "new_size": size, "old_root": roots[old_size], "new_root": roots[size],
            "path": proof(old_size, entries[:size]),
        }  # fmt: skip
        for _ in range(50):
            for check, valid, numbers, hashes in (
                (check_inclusion, inclusion, ("leaf_index", "tree_size"), ("leaf_hash", "root")),
                (check_consistency, consistency, ("old_size", "new_size"), ("old_root", "new_root")),
            ):
                changed = mutate(random, valid, numbers, hashes)
                if changed == valid or same_statement(check, changed, valid):
                    continue
                tried += 1
                with pytest.raises(ProofInvalid):
                    check(**changed)


def same_statement(check, changed: dict, valid: dict) -> bool:
    """A path does not always fix the sizes: they may change as long as the walk to the root stays the same.

    That is the standard's own property (a path hash may cover any number of leaves), and why the sizes stand in the
    signed checkpoint. Everything else must be refused.
    """
    if {name for name in valid if changed[name] != valid[name]} - {"tree_size", "new_size", "old_size"}:
        return False
    if check is check_inclusion:
        index, old, new = valid["leaf_index"], valid["tree_size"], changed["tree_size"]
        return 0 <= index < new <= TREE_LEAVES_MAX and walk(index, old) == walk(index, new)
    return consistency_walk(changed["old_size"], changed["new_size"]) == consistency_walk(
        valid["old_size"], valid["new_size"]
    )


def consistency_walk(old_size: int, new_size: int) -> tuple[bool, list[bool]] | None:
    """Whether the walk starts at the old root itself, and the sides; None where there is nothing to walk."""
    if not 1 <= old_size < new_size <= TREE_LEAVES_MAX:
        return None
    level = (old_size & -old_size).bit_length() - 1
    return old_size.bit_count() == 1, walk(old_size - 1 >> level, (new_size - 1 >> level) + 1)


def walk(index: int, size: int) -> list[bool]:
    """For each hash of a path: does it stand to the left?"""
    last, sides = size - 1, []
    while last:
        if index & 1 or index != last:
            sides.append(bool(index & 1))
        index, last = index >> 1, last >> 1
    return sides


def test_proofs_of_what_is_outside_are_not_made():
    nodes = nodes_over(ENTRIES)
    for index, size in ((-1, 5), (5, 5), (0, 0), (0, TREE_LEAVES_MAX + 1)):
        with pytest.raises(NotFound):
            inclusion_path(leaf_index=index, tree_size=size, nodes=nodes)
    for old_size, new_size in ((-1, 5), (6, 5), (1, TREE_LEAVES_MAX + 1)):
        with pytest.raises(NotFound):
            consistency_path(old_size=old_size, new_size=new_size, nodes=nodes)
    assert consistency_path(old_size=0, new_size=5, nodes=nodes) == []


DAMAGED_FRONTIERS = [
    ("empty", b""),
    ("size cut", bytes(7)),
    ("a hash missing", Frontier(3, [bytes(32)] * 2).to_bytes()[:-32]),
    ("a hash cut", Frontier(3, [bytes(32)] * 2).to_bytes()[:-1]),
    ("a hash too many", Frontier(4, [bytes(32)]).to_bytes() + bytes(32)),
    ("size beyond the bound", (2**63).to_bytes(8, "big") + bytes(32)),
]


@pytest.mark.parametrize(("why", "data"), DAMAGED_FRONTIERS, ids=[row[0] for row in DAMAGED_FRONTIERS])
def test_refuses_a_damaged_frontier(why, data):
    with pytest.raises(StoreDamaged):
        Frontier.from_bytes(data)
