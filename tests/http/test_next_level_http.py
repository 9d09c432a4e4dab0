"""Goal: a worker sees what is missing for the next level, by which rule, in the only words that may be used.

Method: a worker with work and a level; first without a published rule, then with the observed ones published.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.filled_site import CENTRE, PERSON, accredit, add, certificate, today
from tests.support.served_site import Site

RULES = Path(__file__).resolve().parents[2] / "ledger/rules/samples"


@pytest.fixture
def filled(make_site) -> Site:
    """One worker, three years in the occupation, with level 3 since today."""
    site: Site = make_site()
    accredit(site, "employment-attested")
    work = {"occupation_code": "6-31-01-03", "occupation_name": "电工", "started_on": "2023-11-22", "ended_on": None}
    add(site, "employment-attested", **work, happened_on=today(site))
    certificate(site, 0, 3, **PERSON)
    site.add_worker("zhang", number=PERSON["document_number"], name=PERSON["holder_name"])
    site.settle()
    return site


def publish(site: Site, name: str) -> None:
    for rule in json.loads((RULES / name).read_text("utf-8")):
        add(site, "rule-published", by=None, version=1, **rule)
    site.settle()


def asked(site: Site) -> dict[str, Any]:
    answer = site.http.get("/v1/me/next-level", headers=site.token("zhang"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


def test_by_sample_conditions_and_then_by_the_published_rule(filled: Site) -> None:
    (found,) = asked(filled)["occupations"]
    assert found["rule"]["published"] is False
    assert found["rule"]["provenance"] == "sample"
    assert (found["occupation"], found["level_order"], found["level"]) == ("6-31-01-03", 3, "中级工")
    assert [(one["level_order"], one["next"], one["open"]) for one in found["targets"]] == [
        (4, True, False),
        (5, False, False),
        (6, False, False),
    ]
    by_work = found["targets"][0]["ways"][0]["needs"][0]
    assert (by_work["what"], by_work["unit"], by_work["needed"]) == ("work", "days", 3650)
    assert (by_work["found"], by_work["missing"]) == (1096, 3650 - 1096)
    assert found["equivalences"] == []

    publish(filled, "promotion_conditions.json")
    (later,) = asked(filled)["occupations"]
    assert later["rule"]["published"] is True
    assert (later["rule"]["id"], later["rule"]["provenance"]) == ("PROMOTION-2023-STYLE", "observed")
    assert later["targets"] == found["targets"]


def test_equivalences_carry_rule_and_day(filled: Site) -> None:
    publish(filled, "equivalence.json")
    accredit(filled, "education-credential")
    add(filled, "education-credential", issued_on=today(filled))
    filled.settle()
    (found,) = asked(filled)["occupations"]
    told = {one["zh"] for one in found["equivalences"]}
    assert any(text.startswith("比照本科学历（依据规则EQUIVALENCE-2020第1版，截至2026-11-21") for text in told)
    assert all(one["rule"] and one["as_of"] == "2026-11-21" for one in found["equivalences"])


def test_age_is_not_looked_up(filled: Site) -> None:
    other = {"occupation_code": "4-07-07-01", "occupation_name": "示例", "started_on": "2026-11-01", "ended_on": None}
    add(filled, "employment-attested", **other, happened_on=today(filled))
    filled.settle()
    found = next(one for one in asked(filled)["occupations"] if one["occupation"] == "4-07-07-01")
    first = found["targets"][0]
    assert (first["level_order"], first["open"], found["level_order"]) == (2, None, None)
    assert first["ways"][0]["needs"] == [{"what": "age", "unit": "years", "needed": 16, "found": None, "missing": None}]


def test_only_the_worker_is_answered(filled: Site) -> None:
    path = "/v1/me/next-level"
    assert filled.http.get(path).status_code == 401
    assert filled.http.get(path, headers=filled.token(CENTRE, "institution")).status_code == 403
