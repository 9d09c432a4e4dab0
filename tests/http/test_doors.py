"""Goal: each of those whom the service is for has a door (S-004). Method: one question at each, over real HTTP."""

from __future__ import annotations

import httpx

from tests.support.served_site import Site

CENTRE = "52320102MJ000000XG"


def test_every_door_is_open(site: Site) -> None:
    """A worker's archive, an institution's upload, who checks a certificate, what the authority alone may see."""
    worker, authority = site.token("zhang"), site.token("authority", role="authority")
    with httpx.Client(base_url=site.address, follow_redirects=True) as browser:
        browser.get("/demo/session", params={"token": worker["Authorization"].partition(" ")[2]})
        assert browser.get("/me").status_code == 200
        assert browser.get("/verify").status_code == 200
    assert site.http.get("/v1/me/archive", headers=worker).status_code == 200
    assert site.http.post("/v1/verifications", json={"code": "0"}).json()["outcome"] == "not_found"
    refused = site.http.post("/v1/records", content=b"none", headers={"content-type": "application/sd-jwt"})
    assert refused.json()["code"] == "malformed"
    quality = f"/v1/institutions/{CENTRE}/quality"
    assert [site.http.get(quality, headers=one).status_code for one in (worker, authority)] == [403, 200]
