"""Goal: signing in, forms and redirects cannot be turned against a worker (threat T57). Method: the real router over sample
values, asked through HTTP in the same process.
"""

from __future__ import annotations

import re

import httpx
import pytest

from api.web.pages.signin import own_path
from tests.e2e import states
from tests.e2e.site import sample_app, serving


@pytest.fixture(scope="module")
def address():
    with serving(lambda _url: sample_app()) as url:
        yield url


@pytest.fixture
def client(address):
    with httpx.Client(base_url=address) as opened:
        yield opened


def form_key(client, path="/signin") -> str:
    found = re.search(r'name="form_key"\s+value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


# Sessions, forms, redirects (threat T57)


def test_private_pages_ask_to_sign_in_first(client):
    for path in ("/me", f"/me/records/{states.record_id(1)}"):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/signin?next=")


def test_other_peoples_records_do_not_exist(client):
    client.cookies.set("session", "empty")
    for record in (states.record_id(1), "0" * 63, "../../etc", "A" * 64):
        answer = client.get(f"/me/records/{record}")
        assert answer.status_code == 404
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("why", "change"),
    [
        ("no key", {"form_key": None}),
        ("empty key", {"form_key": ""}),
        ("another key", {"form_key": "key--x"}),
        ("no cookie", {"cookie": False}),
        ("foreign origin", {"origin": "https://evil.example"}),
        ("origin of another port", {"origin": "http://127.0.0.1:81"}),
        ("cross site", {"site": "cross-site"}),
        ("same site, other host", {"site": "same-site"}),
    ],
)
@pytest.mark.parametrize("path", ["/signin", "/signout"])
def test_a_form_from_elsewhere_changes_nothing(client, path, why, change):
    data = {"login": "zhang", "form_key": form_key(client)}
    headers = {}
    if "form_key" in change:
        data["form_key"] = change["form_key"] or ""
        if change["form_key"] is None:
            del data["form_key"]
    if "cookie" in change:
        client.cookies.clear()
    if "origin" in change:
        headers["origin"] = change["origin"]
    if "site" in change:
        headers["sec-fetch-site"] = change["site"]
    answer = client.post(path, data=data, headers=headers)
    assert answer.status_code == 403, why
    assert "session" not in answer.cookies


@pytest.mark.parametrize("origin", [None, "null", "own"])
def test_our_own_form_signs_in_and_out(client, address, origin):
    origin = address if origin == "own" else origin
    headers = {"origin": origin, "sec-fetch-site": "same-origin"} if origin else {}
    answer = client.post("/signin", data={"login": "zhang", "form_key": form_key(client)}, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    out = client.post("/signout", data={"form_key": form_key(client, "/me")}, headers=headers)
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert client.get("/me").status_code == 303


def test_a_form_key_of_one_session_is_none_in_another(client):
    key = form_key(client)
    client.cookies.set("session", "zhang")
    assert client.post("/signout", data={"form_key": key}).status_code == 403


@pytest.mark.parametrize(
    "asked",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/me/../..//evil.example",
        "javascript:alert(1)",
        "/me?next=x",
        "/verify\r\nX: y",
        "",
        "me",
        "/me/records/../x",
    ],
)
def test_signing_in_leads_only_to_our_own_pages(asked):
    assert own_path(asked) == "/me"


def test_signing_in_leads_back_to_where_one_was(client):
    record = f"/me/records/{states.record_id(1)}"
    data = {"login": "zhang", "form_key": form_key(client), "next": record}
    assert client.post("/signin", data=data).headers["location"] == record


def test_an_unknown_login_is_told_without_an_echo(client):
    answer = client.post("/signin", data={"login": "<b>nobody</b>", "form_key": form_key(client)})
    assert answer.status_code == 422
    assert "nobody" not in answer.text


def test_outside_a_demonstration_nobody_is_listed():
    with serving(lambda _url: sample_app(demo=False)) as url, httpx.Client(base_url=url) as client:
        body = client.get("/signin").text
        assert "zhang" not in body
        assert 'href="/oidc/start"' in body
        key = re.search(r'name="form_key"\s+value="([^"]+)"', body)
        assert key is None
        assert client.post("/signin", data={"login": "zhang"}).status_code == 403
