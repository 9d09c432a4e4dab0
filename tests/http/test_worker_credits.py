"""A worker's own answers about transferred credits: in words, not in addresses.

Method: a transfer into a course, both sides signed by institutions, then JSON and page as the worker gets them.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from ledger.records import build_record, kind_class
from tests.support.served_site import INSTITUTIONS, Site

BANK, COLLEGE = INSTITUTIONS
GROUP = "urn:uuid:55c0a3de-2f0b-4c7a-9d55-0f4e8b1a7c21"


@pytest.fixture(scope="module")
def moved(make_site) -> Site:
    """A site where 12.5 credits of the worker zhang went from a bank into a college's course."""
    site: Site = make_site()
    held = site.certificate()
    site.submit(held)
    example = kind_class("skill-certificate").EXAMPLE["disclosed"]
    site.add_worker("zhang", number=example["document_number"], name=example["holder_name"])
    for uscc in INSTITUTIONS:
        granted = {"uscc": uscc, "kinds": ["credit-transfer"], "occupations": ["*"], "levels": [4], "regions": ["32"]}
        granted |= {"period_from": "2020-01-01", "period_until": "2035-12-31", "document": "示例教函〔2021〕11号"}
        site.by_authority("accreditation-granted", granted)
    sides = [side(site, uscc, way, held.record_id) for uscc, way in ((BANK, "out"), (COLLEGE, "in"))]
    answer = site.http.post(
        "/v1/records/group", content=b"\n".join(sides), headers={"content-type": "application/x-ndjson"}
    )
    assert answer.status_code == 201, answer.text
    site.settle()
    return site


def side(site: Site, uscc: str, direction: str, basis: str) -> bytes:
    """One side of the transfer, signed by its institution."""
    example = kind_class("credit-transfer").EXAMPLE
    claims: dict[str, Any] = {**example["claims"], "direction": direction, "basis": [basis], "amount_centi": 1250}
    claims |= {"group": GROUP, "to_institution": INSTITUTIONS[COLLEGE], "happened_on": "2026-11-20"}
    return build_record(
        "credit-transfer",
        claims,
        example["disclosed"],
        issuer=INSTITUTIONS[uscc],
        signer=site.signers[uscc],
        clock_seconds=site.clock.now_seconds(),
        base_url=site.ledger.base_url,
    ).to_bytes()


def test_an_account_has_a_name(moved: Site) -> None:
    accounts = moved.http.get("/v1/me/credits", headers=moved.token("zhang")).json()["accounts"]
    assert {account["scheme"]: account["name"] for account in accounts} == {
        INSTITUTIONS[COLLEGE]: f"示例机构{COLLEGE[-4:]}",
        "示例省学分银行": "示例省学分银行",
    }


def test_a_transfer_in_the_archive_has_a_title_and_an_amount(moved: Site) -> None:
    items = moved.http.get("/v1/me/archive", headers=moved.token("zhang")).json()["items"]
    told = [(item["title"], item["credits_centi"]) for item in items if item["kind"] == "credit-transfer/1"]
    assert told == [("示例省学分银行 → EE-2104", 1250), ("示例省学分银行 → EE-2104", -1250)]


def test_the_page_says_what_moved_and_how_much(moved: Site) -> None:
    access = moved.token("zhang")["Authorization"].removeprefix("Bearer ")
    with httpx.Client(base_url=moved.address) as browser:
        browser.get("/demo/session", params={"token": access})
        page = browser.get("/me").text
    assert page.count("<h3>") == 3
    assert page.count("示例省学分银行 → EE-2104</") == 2
    assert "+12.5 学分" in page
    assert "-12.5 学分" in page
