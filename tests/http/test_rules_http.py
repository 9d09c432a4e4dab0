"""Goal: anyone can read every published rule, when each version held, and what changed between two of them.

Method: a rule published, superseded by a second version, and compared.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from api.comparing import Difference, differences
from ledger.records import build_record, kind_class
from tests.support.filled_site import add
from tests.support.served_site import AUTHORITY, Site

RULE = "CONTEST-NATIONAL"
GROUP = "urn:uuid:55c0a3de-2f0b-4c7a-9d55-0f4e8b1a7c99"


def second_content() -> dict[str, Any]:
    content: dict[str, Any] = copy.deepcopy(kind_class("rule-published").EXAMPLE["claims"]["content"])  # type: ignore[arg-type]
    content["rows"][0]["rank_to"] = 8
    del content["rows"][2]
    return content


@pytest.fixture(scope="module")
def ruled(make_site) -> Site:
    """A rule with two versions."""
    site: Site = make_site()
    add(site, "rule-published", by=None)
    claims = {**kind_class("rule-published").EXAMPLE["claims"], "version": 2, "content": second_content()}
    made = [
        ("rule-superseded", {**kind_class("rule-superseded").EXAMPLE["claims"], "group": GROUP}),
        ("rule-published", {**claims, "effective_from": "2027-01-01", "group": GROUP}),
    ]
    envelopes = [
        build_record(
            kind,
            fields,
            {},
            issuer=AUTHORITY.issuer,
            signer=site.authority_signer,
            clock_seconds=site.clock.now_seconds(),
            base_url=site.ledger.base_url,
        ).to_bytes()
        for kind, fields in made
    ]
    site.ledger.submit_group(envelopes)
    site.settle()
    return site


def test_all_rules_with_their_versions_and_no_contents(ruled: Site) -> None:
    answer = ruled.http.get("/v1/rules").json()
    (rule,) = answer["rules"]
    told = [(one["version"], one["status"], one["from"], one["until"], one["in_force"]) for one in rule["versions"]]
    assert told == [
        (1, "SUPERSEDED", "2026-07-01", "2027-01-01", True),
        (2, "PUBLISHED", "2027-01-01", None, False),
    ]
    assert (rule["rule"], rule["book"]) == (RULE, "contest-promotion")
    assert rule["versions"][0]["publisher_name"] == AUTHORITY.name
    assert "content" not in rule["versions"][0]
    assert {
        "book": "contest-promotion",
        "label": {"zh": "竞赛晋升规则", "en": "promotion by contest results"},
    } in answer["books"]
    assert ruled.http.get("/v1/rules", params={"book": "equivalence"}).json()["rules"] == []


def test_one_rule_with_its_contents(ruled: Site) -> None:
    found = ruled.http.get(f"/v1/rules/{RULE}").json()
    assert [one["content"]["rows"][0]["rank_to"] for one in found["versions"]] == [5, 8]
    assert found["versions"][0]["hash"] != found["versions"][1]["hash"]


def test_two_versions_compared(ruled: Site) -> None:
    found = ruled.http.get(f"/v1/rules/{RULE}", params={"compare": "1,2"}).json()
    assert [one["version"] for one in found["versions"]] == [1, 2]
    assert found["changes"][0] == {"path": "/rows/0/rank_to", "old": 5, "new": 8}
    assert (found["changes"][1]["path"], found["changes"][1]["new"]) == ("/rows/2", None)
    same = ruled.http.get(f"/v1/rules/{RULE}", params={"compare": "2,2"}).json()
    assert same["changes"] == []


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/v1/rules/ABSENT", {}, 404),
        (f"/v1/rules/{RULE}", {"compare": "1,3"}, 404),
        (f"/v1/rules/{RULE}", {"compare": "1"}, 422),
        (f"/v1/rules/{RULE}", {"compare": "0,1"}, 422),
        ("/v1/rules/lower", {}, 422),
        ("/v1/rules", {"book": "X"}, 422),
    ],
)
def test_what_is_not_there_is_a_problem(ruled: Site, path: str, query: dict[str, str], status: int) -> None:
    answer = ruled.http.get(path, params=query)
    assert answer.status_code == status
    assert answer.json()["code"] == {404: "not-found", 422: "parameter-invalid"}[status]


DIFFERENCES: list[tuple[str, Any, Any, list[Difference]]] = [
    ("nothing", {"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}, []),
    ("a member", {"a": 1, "b": 2}, {"a": 1, "b": 3}, [Difference("/b", 2, 3)]),
    ("one more, one less", {"a": 1}, {"b": 2}, [Difference("/a", 1, None), Difference("/b", None, 2)]),
    ("an odd name", {"a/b~c": 1}, {"a/b~c": 2}, [Difference("/a~1b~0c", 1, 2)]),
    ("a number and a truth", {"a": 1}, {"a": True}, [Difference("/a", 1, True)]),
    ("a list by place", {"a": [1, 2]}, {"a": [1, 3, 4]}, [Difference("/a/1", 2, 3), Difference("/a/2", None, 4)]),
    (
        "entries by id, however they are ordered",
        {"entries": [{"id": "A", "n": 1}, {"id": "B", "n": 2}]},
        {"entries": [{"id": "C", "n": 3}, {"id": "A", "n": 9}]},
        [
            Difference("/entries/[id=A]/n", 1, 9),
            Difference("/entries/[id=B]", {"id": "B", "n": 2}, None),
            Difference("/entries/[id=C]", None, {"id": "C", "n": 3}),
        ],
    ),
    (
        "an id that stands twice names nothing",
        {"entries": [{"id": "A", "n": 1}, {"id": "A", "n": 2}]},
        {"entries": [{"id": "A", "n": 1}]},
        [Difference("/entries/1", {"id": "A", "n": 2}, None)],
    ),
    ("another type", {"a": [1]}, {"a": {"b": 1}}, [Difference("/a", [1], {"b": 1})]),
]


@pytest.mark.parametrize(("why", "old", "new", "expected"), DIFFERENCES, ids=[row[0] for row in DIFFERENCES])
def test_differences(why: str, old: Any, new: Any, expected: list[Difference]) -> None:
    assert list(differences(old, new)) == expected
