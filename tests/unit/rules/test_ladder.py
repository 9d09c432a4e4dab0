"""Goal: the ladder is the one of the policy papers, its words are read as they were meant, and every basis names its evidence."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import pytest

from ledger.errors import LevelUnknown, SchemaInvalid
from ledger.records import KINDS
from ledger.records._codes import LEVELS
from ledger.records.skill_certificate import Basis
from ledger.rulebook import RuleBook, RuleVersion
from ledger.rules import standard
from ledger.rules.ladder import (
    BASES,
    HIGH_SKILLED_FROM,
    POSTS,
    TOP_CERTIFICATE,
    X_SCALE,
    order_of_code,
    order_of_words,
    with_posts,
)

ON = date(2026, 9, 21)
LADDER = ["学徒工", "初级工", "中级工", "高级工", "技师", "高级技师", "特级技师", "首席技师"]


def test_the_eight_levels_in_order() -> None:
    """S-018: fixed order, and 学徒工 below 初级工."""
    assert [LEVELS[order].zh for order in range(1, 9)] == LADDER


def test_high_skilled_begins_at_senior_workers() -> None:
    """S-023: one constant, and the table of levels agrees with it."""
    assert LEVELS[HIGH_SKILLED_FROM].zh == "高级工"
    assert [order >= HIGH_SKILLED_FROM for order in LEVELS] == [level.high_skilled for level in LEVELS.values()]


def test_codes_fall_while_orders_rise() -> None:
    assert {code: order_of_code(code) for code in "54321"} == {"5": 2, "4": 3, "3": 4, "2": 5, "1": 6}
    for code in ("0", "6", "", "三", "L7"):
        with pytest.raises(LevelUnknown):
            order_of_code(code)


WORDS = [
    ("学徒工", 1), ("初级工", 2), ("五级", 2), ("五级/初级工", 2), ("国家职业资格五级", 2), ("初级技能", 2), ("五级/初级技能", 2),
    ("四级/中级工", 3), ("中级技能", 3), ("高级工", 4), ("三级", 4), ("三级/高级工", 4), ("三级/高级技能", 4), ("国家职业资格三级/高级技能", 4),
    ("技师", 5), ("二级/技师", 5), ("国家职业资格二级/技师", 5), ("高级技师", 6), ("一级/高级技师", 6), ("特级技师", 7), ("首席技师", 8),
]  # fmt: skip
UNREAD = ["", "初级", "中级", "高级", "六级", "技", "三级/技师", "三级/", "高级职称", "三级/高级", "level 3", "3"]


@pytest.mark.parametrize(("text", "order"), WORDS)
def test_words_of_national_certificates(text: str, order: int) -> None:
    assert order_of_words(text) == order


@pytest.mark.parametrize("text", UNREAD)
def test_ambiguous_or_contradicting_words_are_not_read(text: str) -> None:
    """A bare 高级 may be a level, a title or a step of the X scale."""
    with pytest.raises(LevelUnknown):
        order_of_words(text)


def test_the_x_scale_is_kept_apart() -> None:
    assert [step["zh"] for step in X_SCALE.values()] == ["初级", "中级", "高级"]
    assert not any(isinstance(step, int) for step in X_SCALE)
    assert all(code.startswith("x-") for code in X_SCALE)


POSTS_OF = [
    ({2, 3, 4, 5, 6}, {1, 2, 3, 4, 5, 6, 7, 8}),
    ({4, 5, 6}, {1, 4, 5, 6, 7, 8}),
    ({2, 3, 4, 5}, {1, 2, 3, 4, 5}),
    ({2}, {1, 2}),
    (set(), set()),
]


@pytest.mark.parametrize(("levels", "expected"), POSTS_OF)
def test_posts_stand_only_above_senior_technicians(levels: set[int], expected: set[int]) -> None:
    """S-019."""
    assert with_posts(levels) == expected


def test_every_basis_of_a_certificate_is_in_the_table() -> None:
    assert set(BASES) == set(get_args(Basis))
    for code, basis in BASES.items():
        assert 2 <= basis.lowest <= basis.highest <= 8, code
        assert (basis.highest > TOP_CERTIFICATE) is (code == "APPOINTED"), code
        assert bool(basis.evidence) is (code != "EXAM"), code
    assert [code for code, basis in BASES.items() if basis.scores] == ["EXAM"]


def test_outstanding_staff_begin_at_senior_workers() -> None:
    """S-032: direct recognition of outstanding staff gives 高级工 or more; S-031: of new staff, any level."""
    assert BASES["DIRECT_OUTSTANDING"].lowest == HIGH_SKILLED_FROM
    assert BASES["DIRECT_NEW"].lowest == 2
    assert (BASES["APPOINTED"].lowest, BASES["APPOINTED"].highest) == POSTS


def test_evidence_is_named_by_kinds() -> None:
    names = {name.partition("/")[0] for name in KINDS}
    assert {kind for basis in BASES.values() for kind in basis.evidence} <= names


# -- standards -----------------------------------------------------------------------------------------------------------


def book(*contents: dict[str, Any]) -> RuleBook:
    made = RuleBook()
    for number, content in enumerate(contents):
        made = made.with_version(
            RuleVersion(
                f"S-{number}", 1, "standard", "0" * 64, "https://a.example.cn/1", content, date(2020, 1, 1), None, 0
            )
        )
    return made


ELECTRICIAN = dict(standard.EXAMPLE)
LOW = {**ELECTRICIAN, "occupation": "6-18-02-04", "levels": [2, 3, 4]}


def test_levels_of_an_occupation() -> None:
    rules = book(ELECTRICIAN, LOW, {**LOW, "kind": "enterprise", "levels": [5]})
    assert standard.levels_of(rules, "6-31-01-03", on=ON) == set(range(1, 9))
    assert standard.levels_of(rules, "6-18-02-04", on=ON) == {1, 2, 3, 4, 5}
    assert standard.levels_of(rules, "6-18-02-04", on=date(2019, 12, 31)) is None
    assert standard.levels_of(rules, "4-02-07-08", on=ON) is None
    assert [one.kind for one in standard.standards_of(rules, "6-18-02-04", on=ON)] == ["national", "enterprise"]


LEVEL_CHECKS = [
    ("6-31-01-03", 6, True), ("6-31-01-03", 8, True), ("6-18-02-04", 4, True), ("6-18-02-04", 1, True),
    ("6-18-02-04", 5, False), ("6-18-02-04", 7, False), ("4-02-07-08", 6, True), ("4-02-07-08", 7, True),
]  # fmt: skip


@pytest.mark.parametrize(("occupation", "order", "accepted"), LEVEL_CHECKS)
def test_a_level_must_exist_in_the_occupation(occupation: str, order: int, accepted: bool) -> None:
    """Without a published standard no level is judged."""
    rules = book(ELECTRICIAN, LOW)
    if accepted:
        standard.check_level(rules, occupation=occupation, order=order, on=ON)
    else:
        with pytest.raises(LevelUnknown, match=LEVELS[order].zh):
            standard.check_level(rules, occupation=occupation, order=order, on=ON)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"levels": [7]}, "/levels/0"),
        ({"levels": [1]}, "/levels/0"),
        ({"levels": [4, 4]}, "/levels"),
        ({"levels": []}, "/"),
        ({"kind": "special-ability"}, "/"),
        ({"kind": "zzz"}, "/kind"),
        ({"occupation": "6-31"}, "/occupation"),
    ],
)
def test_standard_is_refused(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(SchemaInvalid) as caught:
        standard.parse_content({**ELECTRICIAN, **change})
    assert str(caught.value).startswith(f"{pointer}: ")


def test_a_special_ability_has_no_levels() -> None:
    """S-039."""
    content = {**ELECTRICIAN, "kind": "special-ability", "levels": []}
    assert standard.levels_of(book(content), "6-31-01-03", on=ON) is None
