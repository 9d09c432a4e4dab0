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
