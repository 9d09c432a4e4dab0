"""Goal: indicators are public, complete with formula and denominator, and tell nothing about a few people.

Method: a site with a dozen holders in one region and a few in another; every number is known.
"""

from __future__ import annotations

from typing import Any

import pytest

from api.routes.indicators import published, shown
from tests.support.filled_site import CENTRE, add, certificate, person
from tests.support.served_site import Site


@pytest.fixture(scope="module")
def filled(make_site) -> Site:
    """Twelve holders of level 3 in Nanjing, three of level 5, one of whom is in Suzhou; a carrier with a grade."""
    site: Site = make_site()
    for number in range(12):
        certificate(site, number, 3)
    for number, region in ((20, "320102"), (21, "320102"), (22, "320505")):
        certificate(site, number, 5, region=region)
    carrier = add(site, "carrier-registered", by=None, partners=["52320102MJ0000018G"], full_name=None)
    add(site, "carrier-graded", by=None, carrier=carrier)
    site.settle()
    return site


def asked(site: Site, **query: Any) -> dict[str, Any]:
    answer = site.http.get("/v1/indicators", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def of(answer: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [one for one in answer["indicators"] if one["id"] == name]
    return found


def test_a_share_says_what_it_divides_by_what(filled: Site) -> None:
    answer = asked(filled, region="32", employed=50)
    share = of(answer, "skilled-share")
    assert (share["numerator"], share["denominator"], share["value"], share["target"]) == (15, 50, 3_000, 3_000)
    assert "÷" in share["formula"]["zh"]
    assert "÷" in share["formula"]["en"]
    assert (answer["given"]["employed"], answer["year"], answer["size"]) == (50, 2026, filled.ledger.size())
    assert answer["as_of"] == "2026-11-21T01:30:00Z"


def test_without_a_denominator_there_is_no_value(filled: Site) -> None:
    share = of(asked(filled), "skilled-share")
    assert (share["numerator"], share["denominator"], share["value"]) == (15, None, None)
    assert share["denominator_parameter"] == "employed"


def test_a_small_numerator_is_hidden_with_its_value(filled: Site) -> None:
    share = of(asked(filled), "high-skilled-share")
    assert (share["numerator"], share["denominator"], share["value"], share["withheld"]) == (None, 15, None, True)


def test_small_cells_are_left_out_and_counted(filled: Site) -> None:
    answer = asked(filled)
    assert answer["certificates"] == []
    assert answer["withheld_cells"] == 5
    text = filled.http.get("/v1/indicators").text
    assert filled.http.get("/v1/indicators", params={"region": "320505"}).json()["certificates"] == []
    assert person(1)["holder_name"] not in text


def test_the_year_before_had_nothing(filled: Site) -> None:
    answer = asked(filled, year=2025)
    assert (answer["as_of"], of(answer, "high-skilled-share")["denominator"]) == ("2025-12-31T15:59:59Z", 0)


def test_goals_stand_where_a_paper_sets_them(filled: Site) -> None:
    assert asked(filled)["goals"] == []
    goals = asked(filled, region="5117")["goals"]
    assert {goal["zh"]: goal["at_least"] for goal in goals}["巴渠工匠"] == 300
    assert len(goals) == 12


def test_graduates_of_one_school(filled: Site) -> None:
    rate = of(asked(filled, school=CENTRE, graduates=40), "certificate-rate")
    assert (rate["numerator"], rate["denominator"], rate["value"]) == (0, 40, 0)
    assert filled.http.get("/v1/indicators", params={"school": "12320102MB0000000C"}).status_code == 404


@pytest.mark.parametrize(
    "query", [{"region": "3"}, {"region": "32%"}, {"year": 1}, {"employed": 0}, {"workers": "many"}, {"school": "x"}]
)
def test_a_wrong_parameter_is_refused_without_an_echo(filled: Site, query: dict[str, Any]) -> None:
    answer = filled.http.get("/v1/indicators", params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "parameter-invalid")
    assert "many" not in answer.text


def test_the_way_down_to_the_records_is_the_authoritys(filled: Site) -> None:
    path = "/v1/indicators/records"
    assert filled.http.get(path).status_code == 401
    assert filled.http.get(path, headers=filled.token(CENTRE, "institution")).status_code == 403
    headers = filled.token("chen", "authority")
    query: dict[str, Any] = {"level_order": 5, "region": "3201"}
    first = filled.http.get(path, params={**query, "limit": 1}, headers=headers).json()["records"]
    rest = filled.http.get(path, params={**query, "after": first[0]["index"]}, headers=headers).json()["records"]
    assert (len(first), len(rest)) == (1, 1)
    assert filled.http.get(f"/v1/records/{rest[0]['record_id']}").status_code == 200
    assert filled.http.get(path, params={"code": "6-31-01-03"}, headers=headers).json()["records"] != []


def test_carriers_by_region_type_grade_and_day(filled: Site) -> None:
    answer = filled.http.get("/v1/carriers")
    (carrier,) = answer.json()["carriers"]
    assert (carrier["grade"], carrier["leads"], carrier["label"]["zh"]) == ("municipal", 0, "技能大师工作室")
    assert carrier["owners"] == [CENTRE, "52320102MJ0000018G"]
    assert answer.json()["counts"] == [{"type": "skill-master-studio", "grade": "municipal", "carriers": 1}]
    counts = [
        len(filled.http.get("/v1/carriers", params=query).json()["carriers"])
        for query in (
            {"region": "3201"},
            {"region": "51"},
            {"type": "skill-master-studio"},
            {"type": "startup-base"},
            {"grade": "municipal"},
            {"grade": "national"},
            {"on": "2026-03-01"},
            {"on": "2026-02-28"},
        )
    ]
    assert counts == [1, 0, 1, 0, 1, 0, 1, 0]


@pytest.mark.parametrize(
    "query", [{"on": "2026-02-30"}, {"on": "2027-01-01"}, {"on": "1900-01-01"}, {"type": "x"}, {"grade": "x"}]
)
def test_a_wrong_day_type_or_grade_is_refused(filled: Site, query: dict[str, str]) -> None:
    answer = filled.http.get("/v1/carriers", params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "parameter-invalid")


def test_rows_go_out_without_the_small_ones() -> None:
    rows = [{"n": count} for count in (3, 8, 40, 0, 12)]
    assert published(rows, "n") == ([{"n": 40}, {"n": 0}, {"n": 12}], 2)
    assert [shown(count) for count in (0, 1, 9, 10)] == [0, None, None, 10]
