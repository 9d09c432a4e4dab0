"""Goal: a worker who asked for restriction or erasure is shown to nobody else, and still reaches what is theirs.

Method: the real application; the same certificate by code, by number with name, and as an envelope.
"""

from __future__ import annotations

from typing import Any

from ledger.clock import civil_date
from tests.support.served_site import Site

NUMBER, NAME = "320106190001020029", "张三"


def words(site: Site, *asked: dict[str, Any]) -> list[tuple[str, bool]]:
    answers = [site.http.post("/v1/verifications", json=one).json() for one in asked]
    return [(answer["outcome"], "content" in answer) for answer in answers]


def held(site: Site) -> tuple[str, list[dict[str, Any]], str]:
    """A certificate: its record id, three ways to ask for it, and the worker."""
    envelope = site.certificate()
    code = site.submit(envelope).code
    site.settle()
    number = next(one.value for one in envelope.disclosures if str(one.value).startswith("S0000"))
    asked = [
        {"code": code},
        {"certificate_number": number, "name": NAME},
        {"envelope": envelope.to_bytes().decode("ascii")},
    ]
    subject = site.ledger.find_subject(NUMBER)
    return envelope.record_id, asked, str(subject)


def claims(site: Site, subject: str, *, restricted: bool) -> dict[str, Any]:
    return {
        "happened_on": civil_date(site.clock.now_seconds()).isoformat(),
        "subject_id": subject,
        "authenticated_by": "counter",
        "restricted": restricted,
        "reason": "holder-asks",
    }


def test_a_restricted_record_is_answered_without_content(make_site) -> None:
    site = make_site()
    record_id, asked, subject = held(site)
    site.add_worker("zhang", number=NUMBER, name=NAME)
    before = words(site, *asked)
    assert {shown for _, shown in before} == {True}
    site.by_authority("restriction", claims(site, subject, restricted=True))
    assert words(site, *asked) == [("cannot_tell", False)] * 3
    pack = site.http.get(f"/v1/records/{record_id}/pack", headers=site.token("zhang"))
    assert pack.status_code == 200, "what is the worker's own stays theirs"
    site.by_authority("restriction", claims(site, subject, restricted=False))
    assert words(site, *asked) == before


def test_a_statutory_record_of_an_erased_worker_is_restricted(make_site) -> None:
    site = make_site()
    _, asked, subject = held(site)
    site.by_authority("erasure", {"subject_id": subject, "reason": "holder-asks"})
    assert words(site, *asked) == [("cannot_tell", False)] * 3


def test_two_merged_archives_are_one_on_every_page(make_site) -> None:
    """The worker signs in by either number, and sees, opens and exports what was recorded under both."""
    site = make_site()
    first = site.certificate()
    other = {"document_number": "FRA012345678901234", "certificate_number": "S000032010001263000777"}
    second = site.certificate(**other)
    for envelope in (first, second):
        site.submit(envelope)
    site.by_authority(
        "subjects-merged",
        {"happened_on": civil_date(site.clock.now_seconds()).isoformat(), "verified_by": "counter-four-eyes"},
        holder_name=NAME,
        document_number=NUMBER,
        other_name=NAME,
        other_number=other["document_number"],
    )
    site.settle()
    for login, number in (("zhang", NUMBER), ("zhang-abroad", other["document_number"])):
        site.add_worker(login, number=number, name=NAME)
        token = site.token(login)
        seen = {item["record_id"] for item in site.http.get("/v1/me/archive", headers=token).json()["items"]}
        assert {first.record_id, second.record_id} <= seen
        site.http.cookies.clear()
        site.http.get("/demo/session", params={"token": token["Authorization"].removeprefix("Bearer ")})
        for envelope in (first, second):
            shown = site.http.get(f"/me/records/{envelope.record_id}", headers={"Accept": "text/html"})
            assert shown.status_code == 200
            assert site.http.get(f"/v1/records/{envelope.record_id}/pack", headers=token).status_code == 200
