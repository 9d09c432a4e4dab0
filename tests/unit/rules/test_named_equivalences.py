"""Goal: each comparison that a policy paper names is made from the published rule, and not without what it asks for.

Method: one row a requirement, numbered as in `ledger/docs/COVERAGE.md`: what somebody has, and what may be said of it.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from ledger.rulebook import RuleVersion
from ledger.rules._facts import Facts, LevelHeld, PostHeld, Schooling, TitleHeld
from ledger.rules.equivalence import equivalences
from ledger.rules.years import Interval

ROOT = Path(__file__).resolve().parents[3]
CONTENT = json.loads((ROOT / "ledger/rules/samples/equivalence.json").read_text("utf-8"))[0]["content"]
ON, SINCE = date(2026, 9, 21), date(2020, 1, 1)
RULE = RuleVersion("R-1", 3, "equivalence", "0" * 64, "https://a.example.cn/1", CONTENT, SINCE, None, 7)
WORK = (Interval(SINCE, ON),)


def graduate(school_class: str) -> Facts:
    return Facts(schooling=(Schooling(school_class, SINCE, full_time=True),))


def certified(order: int) -> Facts:
    return Facts(levels=(LevelHeld(order, SINCE),), work=WORK)


def appointed(order: int) -> Facts:
    held = () if order > 6 else (LevelHeld(order, SINCE),)
    return Facts(levels=held, posts=(PostHeld(order, SINCE, None),))


def titled(rank: int) -> Facts:
    return Facts(titles=(TitleHeld(rank, SINCE),), work=WORK)


SAID: dict[str, list[tuple[Facts, str]]] = {
    # what somebody has, and what is said of it before rule and day
    "S-043": [
        (certified(4), "可申报助理工程师"),
        (certified(5), "可申报工程师"),
        (certified(6), "可申报高级工程师"),
        (titled(2), "可申报技师"),
    ],
    "S-044": [(graduate("senior-class"), "比照大专学历"), (graduate("technician-class"), "比照本科学历")],
    "S-045": [
        (appointed(4), "享受助理工程师同等待遇"),
        (appointed(5), "享受工程师同等待遇"),
        (appointed(6), "享受高级工程师同等待遇"),
    ],
    "S-046": [
        (appointed(7), "比照正高级职称/高层管理人员"),
        (appointed(8), "比照正高级职称/高层管理人员"),
    ],
    "S-049": [(graduate("intermediate-class"), "比照中专学历"), (graduate("senior-class"), "比照大专学历")],
}


@pytest.mark.parametrize("number", SAID)
def test_comparisons_of_the_papers(number: str) -> None:
    for facts, words in SAID[number]:
        said = {one.zh.partition("（")[0]: one for one in equivalences(facts, [RULE], ON)}
        assert words in said
        assert f"依据规则R-1第3版，截至{ON}" in said[words].zh
    assert equivalences(Facts(work=WORK), [RULE], ON) == ()
