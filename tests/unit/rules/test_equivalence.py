"""Goal: an equivalence says what may be applied for or compared, by which rule and as of which day, and never what anybody is.

Method: every row of the observed table, met exactly and short by one thing; the wording over all of them; refusals.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import SchemaInvalid
from ledger.records._codes import LEVELS
from ledger.rulebook import RuleVersion
from ledger.rules import foreign_list
from ledger.rules._facts import RANK_OF_TITLE, TITLE_RANKS, Facts, LevelHeld, PostHeld, Schooling, TitleHeld
from ledger.rules.equivalence import EXAMPLE, Equivalence, equivalences, parse_content
from ledger.rules.ladder import POSTS
from ledger.rules.years import Interval

ROOT = Path(__file__).resolve().parents[3]
PUBLISHED = json.loads((ROOT / "ledger/rules/samples/equivalence.json").read_text("utf-8"))[0]
with (ROOT / "tests/vectors/rules/level_equivalence.csv").open(encoding="utf-8") as lines:
    ROWS = list(csv.DictReader(lines))
ROW_IDS = [f"{row['from_value']} {row['to_value']} {row['nature']}" for row in ROWS]

ON = date(2026, 9, 21)
SCHOOLING = {"中级工班": "intermediate-class", "高级工班": "senior-class", "预备技师班": "technician-class"}
ORDERS = {level.zh: order for order, level in LEVELS.items()}
BEGINNINGS = {"may-apply": "可申报", "same-treatment": "享受", "comparable": "比照"}


def version(book: str, content: dict[str, Any], rule: str = "R-1", starts: date = date(2021, 1, 1)) -> RuleVersion:
    return RuleVersion(rule, 3, book, "0" * 64, "https://a.example.cn/1", content, starts, None, 7)


RULE = version("equivalence", PUBLISHED["content"])


def facts_of(row: dict[str, str], *, short: str = "") -> Facts:
    """What a row of the CSV asks for, to the day; `short` names what is missed."""
    years = re.search(r"满(\d)年", row["condition"])
    span = 0 if years is None else int(years[1]) * 365 - (short == "work")
    since = ON - timedelta(days=span - 1) if span else ON
    work = (Interval(since, ON),) if span else ()
    if row["from_kind"] == "school_class":
        held = Schooling(SCHOOLING[row["from_value"]], since, full_time=short != "full-time")
        return Facts(schooling=() if short == "from" else (held,))
    if row["from_kind"] == "title":
        return Facts(titles=() if short == "from" else (TitleHeld(TITLE_RANKS[row["from_value"]], since),), work=work)
    order = ORDERS[row["from_value"]]
    levels = () if short == "from" or order in POSTS else (LevelHeld(order, since),)
    posts = (PostHeld(order, since, ON if short == "post" else None),) if needs_post(row) else ()
    return Facts(levels=levels, posts=posts, work=work)


def needs_post(row: dict[str, str]) -> bool:
    return row["condition"] in ("本单位在聘", "企业比照")


def shortfalls(row: dict[str, str]) -> list[str]:
    found = [] if needs_post(row) and ORDERS[row["from_value"]] in POSTS else ["from"]
    found += ["work"] if "满" in row["condition"] else []
    found += ["post"] if needs_post(row) else []
    return found + (["full-time"] if row["from_kind"] == "school_class" else [])


def nature_of(row: dict[str, str]) -> str:
    if row["nature"].startswith("可申报"):
        return "may-apply"
    return "same-treatment" if row["nature"] == "同等待遇" else "comparable"


def said(row: dict[str, str], facts: Facts) -> list[Equivalence]:
    wanted = (nature_of(row), row["to_value"].removesuffix("(可申报)"), row["condition"])
    return [one for one in equivalences(facts, [RULE], ON) if (one.nature, one.to_value, one.condition) == wanted]


@pytest.mark.parametrize("row", ROWS, ids=ROW_IDS)
def test_observed_equivalence(row: dict[str, str]) -> None:
    found = said(row, facts_of(row))
    assert len(found) == 1
    one = found[0]
    assert (one.rule, one.version, one.as_of, one.provenance) == ("R-1", 3, ON, "observed")
    assert one.zh.startswith(BEGINNINGS[one.nature])
    assert "依据规则R-1第3版，截至2026-09-21" in one.zh
    assert "rule R-1 version 3, as of 2026-09-21" in one.en


SHORT = [(row, short) for row in ROWS for short in shortfalls(row)]


@pytest.mark.parametrize(("row", "short"), SHORT, ids=[f"{r['from_value']} {r['nature']} {s}" for r, s in SHORT])
def test_observed_equivalence_falls_short(row: dict[str, str], short: str) -> None:
    assert said(row, facts_of(row, short=short)) == []


@pytest.mark.parametrize("row", ROWS, ids=ROW_IDS)
def test_wording_never_says_is(row: dict[str, str]) -> None:
    """DOMAIN §0 fact 5: the ledger may show an equivalence; it never says that somebody is an engineer."""
    for one in equivalences(facts_of(row), [RULE], ON):
        assert one.zh.startswith(tuple(BEGINNINGS.values()))
        assert not set("是为系") & set(one.zh.split("（")[0])
        assert re.match(r"(may apply for|same treatment as|comparable with) ", one.en)
        assert not re.search(r"\b(is|are|holds|equals)\b", one.en)
        assert "公开信息" in one.zh
        assert "observed in public notices" in one.en


def test_every_observed_row_is_published() -> None:
    assert len(parse_content(PUBLISHED["content"]).rows) == len(ROWS)


def test_treatment_needs_the_post_on_the_day() -> None:
    """S-047: a certificate alone gives no treatment, nor does a post that has ended or another level's post."""
    facts = Facts(levels=(LevelHeld(4, date(2020, 1, 1)),))
    treated = {
        "no post": (),
        "in post": (PostHeld(4, date(2021, 1, 1)),),
        "post ended today": (PostHeld(4, date(2021, 1, 1), ON),),
        "post from tomorrow": (PostHeld(4, ON + timedelta(days=1)),),
        "another post": (PostHeld(5, date(2021, 1, 1)),),
    }
    found = {
        why: [
            one.to_value
            for one in equivalences(replace(facts, posts=posts), [RULE], ON)
            if one.nature == "same-treatment"
        ]
        for why, posts in treated.items()
    }
    assert found == {why: ["助理工程师"] if why == "in post" else [] for why in treated}


def test_a_rule_speaks_only_while_it_holds() -> None:
    facts = facts_of(ROWS[0])
    later = version("equivalence", PUBLISHED["content"], starts=ON + timedelta(days=1))
    assert equivalences(facts, [later], ON) == ()
    assert equivalences(facts, [RULE, later], ON + timedelta(days=1)) != ()


def test_other_books_say_nothing_here() -> None:
    assert equivalences(facts_of(ROWS[0]), [version("contest-promotion", {"rows": []})], ON) == ()


def test_overseas_qualification_is_compared() -> None:
    """S-050: 比照 the level of the list's entry, while the entry holds."""
    rule = version("foreign-list", dict(foreign_list.EXAMPLE), rule="F-3205")
    found = equivalences(Facts(foreign=("SZ-DEU-001", "SZ-DEU-999")), [rule], ON)
    assert [one.zh for one in found] == ["比照高级工（依据规则F-3205第3版，截至2026-09-21；示例规则）"]
    assert equivalences(Facts(foreign=("SZ-DEU-001",)), [rule], date(2024, 12, 31)) == ()


def test_senior_titles_are_of_one_rank() -> None:
    assert RANK_OF_TITLE["associate-senior"] == RANK_OF_TITLE["senior"] == TITLE_RANKS["高级职称"]


DAMAGES: list[tuple[str, dict[str, Any], str]] = [
    ("a level nobody knows", {"from_value": "超级工"}, "/rows/0"),
    ("a title where a level stands", {"from_value": "初级职称"}, "/rows/0"),
    ("to a level nobody knows", {"to_kind": "level", "to_value": "超级工"}, "/rows/0"),
    ("same treatment without the post", {"nature": "same-treatment"}, "/rows/0"),
    ("a post without the post", {"from_value": "特级技师"}, "/rows/0"),
    ("another nature", {"nature": "is"}, "/rows/0/nature"),
    ("half a year", {"work_years_since": 0.5}, "/rows/0/work_years_since"),
    ("post in other words", {"in_post": False}, "/rows/0/in_post"),
]


@pytest.mark.parametrize(("why", "change", "pointer"), DAMAGES, ids=[row[0] for row in DAMAGES])
def test_content_is_refused(why: str, change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(SchemaInvalid) as caught:
        parse_content({"rows": [EXAMPLE["rows"][0] | change]})
    assert str(caught.value).startswith(f"{pointer}: ")
