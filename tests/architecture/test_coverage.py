"""Goal: `ledger/docs/COVERAGE.md` says of each of the 115 requirements what answers it, and says the truth.

Method: the table is complete and names things that exist; then each rule is taken out of a copy of the project, and the
test that its row names must fail. Small n takes a few rules out, drawn by the seed; `LONG=1` takes out every one.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.conftest import LONG, SEED
from tests.support.removal import copy_project, exists, removed

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "ledger/docs/COVERAGE.md"
SHORT_COUNT = 3
TEST_SECONDS_MAX = 180
ROW = re.compile(
    r"\| (?P<number>S-\d{3}) \| (?P<ring>[a-z -]+) \| (?P<answer>[^|]+) \| (?P<rule>[^|]*) \| (?P<test>[^|]*) \|"
)
RINGS = {"core", "second", "tag", "credits", "out"}


@dataclass(frozen=True)
class Row:
    """One requirement. `rules` are what answers it, `test` what fails without each of them."""

    number: str
    ring: str
    answer: str
    rules: tuple[str, ...]
    test: str


def lines() -> list[str]:
    return [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| S-")]


def rows() -> list[Row]:
    """The rows that have the form of the table."""
    return [
        Row(
            match["number"],
            match["ring"].strip(),
            match["answer"].strip(),
            tuple(part.strip().strip("`") for part in match["rule"].split("<br>") if part.strip()),
            match["test"].strip().strip("`"),
        )
        for match in map(ROW.fullmatch, lines())
        if match is not None
    ]


def needs_proof(row: Row) -> bool:
    return row.ring in ("core", "second")


def test_every_requirement_has_one_row() -> None:
    assert [line for line in lines() if not ROW.fullmatch(line)] == [], "not in the form of the table"
    assert [row.number for row in rows()] == [f"S-{number:03}" for number in range(1, 116)]
    for row in rows():
        assert row.ring in RINGS, row
        assert (row.ring == "out") == row.answer.startswith("Not in a ledger's scope, because "), row
        assert bool(row.rules) == bool(row.test), f"{row.number}: rules and test prove each other"
        assert not needs_proof(row) or row.test, f"{row.number} names no rule and no test"


def test_rules_and_tests_are_there() -> None:
    for row in rows():
        for rule in row.rules:
            assert exists(rule, ROOT), f"{row.number}: {rule} is not there"
        if row.test:
            path, _, name = row.test.partition("::")
            text = (ROOT / path).read_text("utf-8") if (ROOT / path).is_file() else ""
            assert re.search(rf"def {re.escape(name.partition('[')[0])}\(", text), (
                f"{row.number}: {row.test} is not there"
            )


def chosen() -> list[Row]:
    """The rows to prove: all of them, or a few with one of their rules each."""
    proved = [row for row in rows() if row.test]
    if LONG:
        return proved
    chance = random.Random(SEED)
    few = chance.sample(proved, min(SHORT_COUNT, len(proved)))
    return [replace(row, rules=(chance.choice(row.rules),)) for row in few]


def run(test: str, copy: Path) -> int:
    """The exit code of pytest for one test in a copy of the project: 0 passed, 1 failed, more: it could not even start."""
    arguments = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", test]
    environ = {name: value for name, value in os.environ.items() if name != "LONG" and not name.startswith("PYTEST_")}
    return subprocess.run(
        arguments, cwd=copy, env=environ, capture_output=True, check=False, timeout=TEST_SECONDS_MAX
    ).returncode


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, whole between two tests."""
    return copy_project(ROOT, tmp_path_factory.mktemp("project") / "copy")


def surviving(row: Row, project: Path) -> list[str]:
    """The rules without which the row's test passes, or cannot say."""
    found = []
    for rule in row.rules:
        with removed(rule, project):
            # Without a whole file the test may not even be collected; without a part of one it must run, and fail.
            if run(row.test, project) not in ((1,) if "::" in rule else (1, 2, 4)):
                found.append(rule)
    return found


@pytest.mark.parametrize("row", chosen(), ids=lambda row: row.number)
def test_a_test_fails_without_the_rule(project: Path, row: Row) -> None:
    assert run(row.test, project) == 0, "it fails with every rule in place, so its failing would prove nothing"
    assert surviving(row, project) == [], f"{row.test} does not fail without these"


def test_planted_weak_row_is_seen(project: Path) -> None:
    """The test of the eight levels says nothing of X certificates."""
    other = "ledger/rules/ladder.py::X_SCALE"
    weak = Row("S-018", "core", "", (other,), "tests/unit/rules/test_ladder.py::test_the_eight_levels_in_order")
    assert surviving(weak, project) == [other]


@pytest.mark.parametrize("line", ["| S-001 | core | x | `ledger/no_such.py` | `tests/unit/x.py::test_x` |"])
def test_a_row_that_names_nothing_is_seen(line: str) -> None:
    match = ROW.fullmatch(line)
    assert match is not None
    assert not exists(match["rule"].strip().strip("`"), ROOT)
