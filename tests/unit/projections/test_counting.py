"""Goal: nobody can be singled out by a public count, nor by taking counts from their sum.

Method: rows of cells with the places that must be withheld; and for random cells, what a reader could reckon.
"""

from __future__ import annotations

import random

import pytest

from projections._counting import CELL_MIN, withheld

ROWS: list[tuple[str, list[int], set[int]]] = [
    ("no cell", [], set()),
    ("one large cell", [10], set()),
    ("one small cell", [9], {0}),
    ("an empty cell says nothing", [0, 30], set()),
    ("a small cell takes the next smallest along", [30, 3, 12], {1, 2}),
    ("two small ones that are few together take a third", [30, 3, 4, 12], {1, 2, 3}),
    ("two small ones that are enough together", [30, 9, 4], {1, 2}),
    ("all small", [1, 2, 3], {0, 1, 2}),
    ("a small one beside the only other", [3, 50], {0, 1}),
]


@pytest.mark.parametrize(("counts", "hidden"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_small_cells_and_what_gives_them_away(counts: list[int], hidden: set[int]) -> None:
    assert withheld(counts) == hidden


def test_what_can_be_reckoned_from_the_sum_is_never_a_small_cell(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(500):
        counts = [rng.choice([0, 1, 2, 5, 9, 10, 11, 40]) for _ in range(rng.randrange(8))]
        hidden = withheld(counts)
        told = [count for place, count in enumerate(counts) if place not in hidden]
        assert all(count == 0 or count >= CELL_MIN for count in told)
        rest = sum(counts) - sum(told)
        if hidden and sum(counts) >= CELL_MIN:
            assert len(hidden) > 1 or rest == 0
            assert rest >= CELL_MIN
