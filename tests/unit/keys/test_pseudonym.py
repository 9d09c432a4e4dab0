"""Goal: the same person is found again, and nobody without the key. Method: golden values, planted bugs, the T02 attack."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import pseudonym
from keys.pseudonym import Pseudonyms
from tests.vectors.keys import generate

V = json.loads((Path(generate.__file__).parent / "pseudonym.json").read_text(encoding="utf-8"))
KEYS = {int(version): bytes.fromhex(value) for version, value in V["keys"].items()}
PARTS = st.lists(st.text(max_size=8).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)), max_size=4)


@pytest.mark.parametrize("row", V["vectors"])
def test_golden(row):
    names = Pseudonyms(KEYS, row["version"])
    assert names.blind(row["purpose"], *row["parts"]).hex() == row["blind"]
    if row["purpose"] == "alias":
        assert names.alias(*row["parts"]).hex() == row["blind"]


def test_two_versions_side_by_side():
    old, both = Pseudonyms({1: KEYS[1]}, 1), Pseudonyms(KEYS, 2)
    parts = ("ric", "CN", "11010519491231002X")
    assert both.alias_all(*parts) == [both.alias(*parts), old.alias(*parts)]
    assert Pseudonyms(KEYS, 1).alias_all(*parts) == [old.alias(*parts), both.alias(*parts)]
    assert both.blind_all("x", "y") == [both.blind("x", "y"), old.blind("x", "y")]


@given(purpose=st.sampled_from(["alias", "b"]), one=PARTS, other=PARTS)
def test_equal_parts_and_only_they_share_a_name(purpose, one, other):
    names = Pseudonyms(KEYS, 1)
    assert (names.blind(purpose, *one) == names.blind(purpose, *other)) == (one == other)
    assert names.blind("c", *one) != names.blind(purpose, *one)


def test_same_key_under_two_versions_gives_two_names():
    assert Pseudonyms({1: KEYS[1]}, 1).blind("p", "x") != Pseudonyms({2: KEYS[1]}, 2).blind("p", "x")


def test_a_lone_surrogate_has_no_name():
    with pytest.raises(ValueError, match="surrogates"):
        Pseudonyms(KEYS, 1).blind("p", "\ud800")


def test_keys_stay_out_of_repr():
    assert repr(Pseudonyms(KEYS, 2)) == "Pseudonyms(versions=[1, 2], current=2)"


def test_planted_bug_joined_parts_collide(monkeypatch):
    names = Pseudonyms(KEYS, 1)
    assert names.blind("p", "ab", "c") != names.blind("p", "a", "bc")
    monkeypatch.setattr(pseudonym, "format_json", lambda value: "".join(map(str, value)).encode())
    assert names.blind("p", "ab", "c") == names.blind("p", "a", "bc")


def test_a_dump_names_nobody_without_the_key():
    """T02 in small: 2,000 candidates against 100 stored aliases; the control is a plain hash."""
    names = Pseudonyms(KEYS, 1)
    people = [f"1101051949123{number:04d}X" for number in range(0, 2000, 20)]
    stored = {names.alias("ric", "CN", number) for number in people}
    plain = {hashlib.sha256(number.encode()).digest() for number in people}
    candidates = [f"1101051949123{number:04d}X" for number in range(2000)]
    guessed = Pseudonyms({1: bytes(31) + b"\x01"}, 1)
    assert sum(guessed.alias("ric", "CN", number) in stored for number in candidates) == 0
    assert sum(hashlib.sha256(number.encode()).digest() in plain for number in candidates) == len(people)
