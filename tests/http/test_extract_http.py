"""Goal: an institution gets its own extract, signed so that a stranger can check it; the authority gets quality and clues.

Method: the real application; the signature is checked with the service's published key alone.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from keys.algorithms import algorithm
from ledger.wire import base64url
from tests.support.filled_site import CENTRE, COLLEGE, accredit, add, certificate, person, today
from tests.support.served_site import INSTITUTIONS, Site


@pytest.fixture(scope="module")
def filled(make_site) -> Site:
    """Two of the centre's staff, one with a level; an inspection that was upheld."""
    site: Site = make_site()
    accredit(site, "employment-attested")
    for number in (1, 2):
        work = {"started_on": "2020-01-01", "ended_on": None, "happened_on": today(site), **person(number)}
        add(site, "employment-attested", **work)
    certificate(site, 1, 4)
    certificate(site, 3, 5)
    day = {"happened_on": today(site), "rectify_by": today(site, days=30)}
    finding = add(site, "inspection-finding", by=None, **day)
    add(site, "supervision-decided", by=None, case=finding, appeal_until=today(site, days=60), **day)
    site.settle()
    return site


def extract_of(site: Site, uscc: str = CENTRE, **query: str) -> dict[str, Any]:
    """The claims of an extract whose signature verifies with the service's published key."""
    answer = site.http.get(f"/v1/institutions/{uscc}/extract", params=query, headers=site.token(uscc, "institution"))
    assert answer.status_code == 200, answer.text
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/jwt", "no-store")
    head, body, signature = answer.text.split(".")
    header = orjson.loads(base64url.decode(head))
    assert header["typ"] == "vnd.skill-ledger.extract+jwt"
    (jwk,) = [key for key in site.http.get("/.well-known/jwks.json").json()["keys"] if key["kid"] == header["kid"]]
    scheme = algorithm(header["alg"])
    public = scheme.public_from_jwk({name: jwk[name] for name in ("kty", "crv", "x")})
    scheme.check_signature(public=public, message=f"{head}.{body}".encode(), signature=base64url.decode(signature))
    claims: dict[str, Any] = orjson.loads(base64url.decode(body))
    return claims


def test_an_extract_counts_and_names_nobody(filled: Site) -> None:
    claims = extract_of(filled)
    assert (claims["staff"], claims["skilled"], claims["high_skilled"]) == (2, 1, 1)
    assert claims["holders"] == [{"occupation": "6-31-01-03", "level_order": 4, "holders": 1, "full_time": 1}]
    assert (claims["sub"], claims["employer"]["uscc"]) == (INSTITUTIONS[CENTRE], CENTRE)
    assert (claims["on"], claims["iat"]) == (today(filled), filled.clock.now_seconds())
    assert claims["log"] == {"origin": filled.ledger.origin, "size": filled.ledger.size()}
    assert person(1)["holder_name"] not in str(claims)


def test_an_extract_of_an_earlier_day(filled: Site) -> None:
    claims = extract_of(filled, on=today(filled, days=-1))
    assert (claims["staff"], claims["skilled"]) == (2, 0)
    assert extract_of(filled, on="2019-12-31")["staff"] == 0


def test_an_institution_without_staff_has_an_empty_extract(filled: Site) -> None:
    assert extract_of(filled, COLLEGE)["staff"] == 0


def test_a_successor_speaks_for_the_staff_it_took_over(make_site) -> None:
    site: Site = make_site()
    accredit(site, "employment-attested")
    work = {"started_on": "2020-01-01", "ended_on": None, "happened_on": today(site), **person(1)}
    add(site, "employment-attested", **work)
    site.settle()
    assert extract_of(site, COLLEGE)["staff"] == 0
    add(site, "institution-succeeded", by=None, uscc=CENTRE, successor=COLLEGE, happened_on=today(site))
    site.settle()
    assert extract_of(site, COLLEGE)["staff"] == 1


@pytest.mark.parametrize(
    ("login", "role", "status"),
    [
        (COLLEGE, "institution", 403),
        ("chen", "employer", 403),
        ("chen", "authority", 403),
        (None, None, 401),
    ],
)
def test_nobody_gets_the_extract_of_another_institution(filled: Site, login: str, role: str, status: int) -> None:
    headers = filled.token(login, role) if login else {}
    assert filled.http.get(f"/v1/institutions/{CENTRE}/extract", headers=headers).status_code == status


@pytest.mark.parametrize("on", ["2026-13-01", "2026-02-30", "2026-11-22", "1900-01-01", "yesterday"])
def test_a_day_that_is_none_or_to_come_is_refused(filled: Site, on: str) -> None:
    headers = filled.token(CENTRE, "institution")
    answer = filled.http.get(f"/v1/institutions/{CENTRE}/extract", params={"on": on}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "parameter-invalid")


def quality_of(site: Site, uscc: str = CENTRE, **query: Any) -> dict[str, Any]:
    answer = site.http.get(f"/v1/institutions/{uscc}/quality", params=query, headers=site.token("chen", "authority"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_authority_sees_numbers_thresholds_and_clues(filled: Site) -> None:
    found = quality_of(filled)
    assert (found["uscc"], found["issued"], found["approved"]) == (CENTRE, 4, today(filled))
    assert {one["kind"]: one["records"] for one in found["volumes"]} == {
        "employment-attested": 2,
        "skill-certificate": 2,
    }
    (clue,) = found["clues"]
    assert (clue["code"], clue["value"], clue["threshold"], clue["of"]) == ("cases-upheld", 1, 1, 1)
    assert clue["records"] == [found["cases"][-1]["record_id"]]
    assert found["thresholds"]["early_days"] == 60


def test_a_threshold_is_the_questions(filled: Site) -> None:
    codes = [clue["code"] for clue in quality_of(filled, early_records=2, cases_upheld=2)["clues"]]
    assert codes == ["early-volume"]
    assert quality_of(filled, early_records=3, cases_upheld=2)["thresholds"]["early_records"] == 3


@pytest.mark.parametrize("role", ["institution", "worker", "employer", None])
def test_quality_is_the_authoritys_alone(filled: Site, role: str | None) -> None:
    filled.add_worker("li", number=person(1)["document_number"], name=person(1)["holder_name"])
    login = {"institution": CENTRE, "worker": "li"}.get(role or "", "chen")
    headers = filled.token(login, role) if role else {}
    answer = filled.http.get(f"/v1/institutions/{CENTRE}/quality", headers=headers)
    assert answer.status_code == (403 if role else 401)


def test_an_institution_that_is_not_registered_has_no_quality(filled: Site) -> None:
    answer = filled.http.get("/v1/institutions/12320102MB0000000C/quality", headers=filled.token("chen", "authority"))
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
