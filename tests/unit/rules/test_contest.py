"""Goal: a contest result gives the level and honours that its rule says, and never a post.

Method: every row of the observed rules as worked cases against the published form of these rules; the formula as a
property; refusals of contents with one damage each.
"""

from __future__ import annotations

import copy
import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import SchemaInvalid
from ledger.rules.contest import EXAMPLE, honours_of, parse_content, promoted_order

ROOT = Path(__file__).resolve().parents[3]
OBSERVED = ROOT / "tests/vectors/rules/contest_rules_observed.csv"
RULES = {
    rule["rule"]: parse_content(rule["content"])
    for rule in json.loads((ROOT / "ledger/rules/samples/contest_promotion.json").read_text("utf-8"))
}

N20, N23, PRINT, HAINAN = (
    "CONTEST-NATIONAL-2020",
    "CONTEST-NATIONAL-2023",
    "CONTEST-PRINTING-2012",
    "CONTEST-HAINAN-2023",
)
JS18, JS20, WORLD = "CONTEST-JIANGSU-2018", "CONTEST-JIANGSU-2020", "CONTEST-WORLDSKILLS-2017"
EXPERT = ("AW-CN-02",)

# row of the CSV, rule, (class, group, team, rank, participants, current), level, honours
CASES: list[tuple[int, str, tuple[str, str, int, int, int | None, int | None], int | None, tuple[str, ...]]] = [
    (1, N20, ("national", "workers", 1, 5, 40, None), 5, EXPERT),
    (1, N20, ("national", "workers", 1, 6, 40, None), 5, ()),
    (1, N20, ("national", "workers", 2, 3, 40, None), 5, EXPERT),
    (1, N20, ("national", "workers", 2, 4, 40, None), 5, ()),
    (1, N20, ("national", "workers", 3, 2, 40, None), 5, EXPERT),
    (1, N20, ("national", "workers", 3, 3, 40, None), 5, ()),
    (2, N20, ("national", "workers", 1, 20, 40, 4), 5, ()),
    (2, N20, ("national", "workers", 1, 21, 40, 4), None, ()),
    (2, N20, ("national", "workers", 1, 20, 40, 5), 6, ()),
    (2, N20, ("national", "workers", 1, 20, 40, 6), 6, ()),
    (2, N20, ("national", "workers", 1, 20, 39, 5), None, ()),
    (2, N20, ("national", "workers", 1, 4, None, 5), None, EXPERT),
    (2, N20, ("national", "workers", 1, 3, 4, 5), 6, EXPERT),
    (3, N23, ("national", "students", 1, 5, 40, None), None, EXPERT),
    (3, N23, ("national", "students", 1, 6, 40, None), None, ()),
    (4, N23, ("national", "workers", 1, 6, 40, 4), None, ()),
    (5, PRINT, ("national-1", "workers", 1, 1, None, 3), 5, EXPERT),
    (5, PRINT, ("national-1", "workers", 1, 5, None, 5), 6, EXPERT),
    (6, PRINT, ("national-1", "workers", 1, 6, None, None), 4, ()),
    (6, PRINT, ("national-1", "workers", 1, 20, None, 4), 5, ()),
    (6, PRINT, ("national-1", "workers", 1, 21, None, 4), None, ()),
    (7, PRINT, ("national-1", "students", 1, 5, None, None), 4, ()),
    (7, PRINT, ("national-1", "students", 1, 5, None, 4), 4, ()),
    (7, PRINT, ("national-1", "students", 1, 6, None, None), None, ()),
    (8, HAINAN, ("provincial", "workers", 1, 1, 30, None), 5, ("AW-HI-01",)),
    (8, HAINAN, ("provincial", "workers", 1, 3, 30, 5), 6, ()),
    (9, HAINAN, ("provincial", "workers", 1, 4, 30, None), 4, ()),
    (9, HAINAN, ("provincial", "workers", 1, 15, 30, 4), 5, ()),
    (9, HAINAN, ("provincial", "workers", 1, 16, 30, 4), None, ()),
    (10, JS20, ("provincial", "workers", 1, 1, None, 5), None, ("AW-JS-08", "AW-JS-02", "AW-JS-14")),
    (11, JS18, ("provincial", "workers", 1, 1, None, 5), 6, ("AW-JS-08", "AW-JS-02")),
    (11, JS18, ("provincial", "workers", 1, 1, None, None), None, ("AW-JS-08", "AW-JS-02")),
    (11, JS18, ("provincial", "workers", 1, 2, None, 5), None, ()),
    (13, WORLD, ("world", "workers", 1, 1, 30, None), 6, ("AW-JS-01", "AW-JS-02")),
    (13, WORLD, ("world", "workers", 1, 1, 30, 7), 6, ("AW-JS-01", "AW-JS-02")),
    (13, WORLD, ("world", "workers", 1, 2, 30, None), None, ()),
]
WITHOUT_RULE = {12}
"""Row 12 says 按相关规定办理晋升 and names no level: there is nothing to write into a rule."""


def result(case: tuple[str, str, int, int, int | None, int | None]) -> dict[str, Any]:
    return dict(zip(("contest_class", "group", "team_size", "rank", "participants"), case[:5], strict=True))


@pytest.mark.parametrize(("row", "rule", "case", "order", "honours"), CASES, ids=[f"row {c[0]} {c[2]}" for c in CASES])
def test_observed_rule(row: int, rule: str, case: Any, order: int | None, honours: tuple[str, ...]) -> None:
    assert promoted_order(RULES[rule], **result(case), current_order=case[5]) == order
    assert honours_of(RULES[rule], **result(case)) == honours


def test_every_observed_row_has_a_case() -> None:
    with OBSERVED.open(encoding="utf-8") as lines:
        rows = range(1, 1 + len(list(csv.DictReader(lines))))
    assert {case[0] for case in CASES} | WITHOUT_RULE == set(rows)
    assert {case[1] for case in CASES} == set(RULES)
    assert {rule.provenance for rule in RULES.values()} == {"observed"}


@pytest.mark.parametrize("other", [("contest_class", "national-2"), ("group", "students"), ("rank", 21)])
def test_another_class_group_or_rank_gives_nothing(other: tuple[str, Any]) -> None:
    given = result(("national-1", "workers", 1, 20, None, None)) | dict([other])
    assert promoted_order(RULES[PRINT], **given, current_order=None) is None


def test_the_first_row_that_fits_decides() -> None:
    rows = [
        {"contest_class": "national", "rank_from": 1, "rank_to": 3, "promote_to_order": 5},
        {"contest_class": "national", "rank_from": 1, "rank_to": 9, "promote_to_order": 4},
    ]
    for order in (rows, rows[::-1]):
        given = result(("national", "workers", 1, 2, None, None))
        assert (
            promoted_order(parse_content({"rows": order}), **given, current_order=None) == order[0]["promote_to_order"]
        )


@given(
    promote=st.none() | st.integers(2, 6),
    plus=st.integers(0, 2),
    current=st.none() | st.integers(1, 8),
    rank=st.integers(1, 40),
    participants=st.none() | st.integers(1, 40),
    upper_half=st.booleans(),
)
def test_promotion_is_the_formula(
    *, promote: int | None, plus: int, current: int | None, rank: int, participants: int | None, upper_half: bool
) -> None:
    """min(max(promote to, current + steps), 高级技师), and nothing outside the threshold."""
    row: dict[str, Any] = {"contest_class": "x", "rank_from": 2, "honours": ["H"], "if_already_then_plus": plus}
    row |= {"upper_half": True} if upper_half else {"rank_to": 20}
    if promote is not None:
        row["promote_to_order"] = promote
    found = promoted_order(
        parse_content({"rows": [row]}),
        contest_class="x", group="any", team_size=1, rank=rank, participants=participants, current_order=current,
    )  # fmt: skip
    inside = rank >= 2 and (participants is not None and rank <= participants / 2 if upper_half else rank <= 20)
    known = [order for order in (promote, None if current is None else current + plus) if order is not None]
    if not inside or not known or (promote is None and plus == 0):
        assert found is None
    else:
        assert found == min(max(known), 6)


DAMAGES: list[tuple[str, dict[str, Any], str]] = [
    ("no class", {"contest_class": None}, "/rows/0/contest_class"),
    ("rank 0", {"rank_from": 0}, "/rows/0/rank_from"),
    ("rank as text", {"rank_to": "5"}, "/rows/0/rank_to"),
    ("rank as a float", {"rank_to": 5.0}, "/rows/0/rank_to"),
    ("neither bound", {"rank_to": None}, "/rows/0"),
    ("both bounds", {"upper_half": True}, "/rows/0"),
    ("ends before it begins", {"rank_from": 6}, "/rows/0"),
    ("a post", {"promote_to_order": 7}, "/rows/0/promote_to_order"),
    ("three steps", {"if_already_then_plus": 3}, "/rows/0/if_already_then_plus"),
    ("gives nothing", {"promote_to_order": None, "if_already_then_plus": None, "honours": None}, "/rows/0"),
    ("no honour in the list", {"honours": []}, "/rows/0/honours"),
    ("unknown member", {"zzz-secret": 1}, "/rows/0"),
]


@pytest.mark.parametrize(("why", "change", "pointer"), DAMAGES, ids=[row[0] for row in DAMAGES])
def test_content_is_refused(why: str, change: dict[str, Any], pointer: str) -> None:
    content = copy.deepcopy(dict(EXAMPLE))
    row = content["rows"][0] | change
    content["rows"][0] = {name: value for name, value in row.items() if value is not None}
    with pytest.raises(SchemaInvalid) as caught:
        parse_content(content)
    assert str(caught.value).startswith(f"{pointer}: ")
    assert "zzz-secret" not in str(caught.value)


def test_a_row_twice_and_no_rows_are_refused() -> None:
    for rows in ([], [EXAMPLE["rows"][0]] * 2):
        with pytest.raises(SchemaInvalid, match="/rows"):
            parse_content({"rows": rows})
