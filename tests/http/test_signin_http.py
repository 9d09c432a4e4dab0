"""Signing in: tokens are checked to the letter, sessions are short and bound, and demo doors exist in demos alone.

Method: forge, alter and age tokens; walk the authorization code flow with PKCE; ask for what belongs to others.
"""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey

from api.problems import TokenInvalid
from api.tokens import open_jwt
from ledger.records import kind_class

NOW = 1_795_224_600
ISSUER, AUDIENCE = "https://id.example.cn", "https://ledger.example.cn"
ED, EC = OKPKey.generate_key("Ed25519", {"kid": "ed"}), ECKey.generate_key("P-256", {"kid": "ec"})
RSA_LIKE = OctKey.import_key(b"k" * 32)
KEYS = KeySet([ED, EC])
GOOD = {"iss": ISSUER, "aud": AUDIENCE, "sub": "w1", "exp": NOW + 60, "iat": NOW}


def opened(token: str, *, nonce: str | None = None) -> dict:
    return open_jwt(
        token,
        KEYS,
        algorithms=("Ed25519", "EdDSA", "ES256"),
        typ=("at+jwt",),
        issuer=ISSUER,
        audience=AUDIENCE,
        now=lambda: NOW,
        nonce=nonce,
    )


def token(changes: dict | None = None, *, header: dict | None = None, key=ED) -> str:
    head = {"alg": "Ed25519", "kid": "ed", "typ": "at+jwt", **(header or {})}
    claims = {name: value for name, value in {**GOOD, **(changes or {})}.items() if value is not None}
    return jwt.encode(head, claims, key, algorithms=["Ed25519", "EdDSA", "ES256", "HS256"])


def part(value: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


def test_good_tokens() -> None:
    assert opened(token())["sub"] == "w1"
    assert opened(token(header={"alg": "ES256", "kid": "ec"}, key=EC))["sub"] == "w1"
    assert opened(token({"aud": [AUDIENCE, "other"]}))["sub"] == "w1"
    assert opened(token({"nonce": "n1"}), nonce="n1")["sub"] == "w1"
    assert opened(token(header={"typ": "application/at+jwt"}))["sub"] == "w1"


REFUSED = [
    ("empty", ""),
    ("two parts", "a.b"),
    ("too long", "a" * 9000),
    ("alg none", f"{part({'alg': 'none', 'typ': 'at+jwt'})}.{part(GOOD)}."),
    ("alg nOnE", f"{part({'alg': 'nOnE', 'typ': 'at+jwt'})}.{part(GOOD)}."),
    ("HS256", token(header={"alg": "HS256", "kid": "ed"}, key=RSA_LIKE)),
    ("another key", token(key=OKPKey.generate_key("Ed25519", {"kid": "ed"}))),
    ("another issuer", token({"iss": "https://evil.example.cn"})),
    ("no issuer", token({"iss": None})),
    ("another audience", token({"aud": "https://other.example.cn"})),
    ("no audience", token({"aud": None})),
    ("expired", token({"exp": NOW - 31})),
    ("no expiry", token({"exp": None})),
    ("expiry as text", token({"exp": str(NOW + 60)})),
    ("not yet", token({"nbf": NOW + 31})),
    ("issued in the future", token({"iat": NOW + 31})),
    ("no subject", token({"sub": None})),
    ("another type", token(header={"typ": "vc+jwt"})),
    ("no type", f"{part({'alg': 'Ed25519', 'kid': 'ed'})}.{part(GOOD)}.AAAA"),
    ("a list as claims", f"{part({'alg': 'Ed25519', 'kid': 'ed', 'typ': 'at+jwt'})}.{part([1])}.AAAA"),
    ("deep header", "eyJ" + "W" * 6000 + ".e30.AAAA"),
]


@pytest.mark.parametrize(("why", "bad"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refuses_tokens(why: str, bad: str) -> None:
    with pytest.raises(TokenInvalid):
        opened(bad)


@pytest.mark.parametrize("nonce", ["other", None], ids=["another nonce", "no nonce"])
def test_refuses_an_answer_to_another_question(nonce: str | None) -> None:
    with pytest.raises(TokenInvalid):
        opened(token({"nonce": nonce}), nonce="n1")


def test_every_altered_character_of_a_token_is_refused() -> None:
    good = token()
    for place in range(0, len(good), 11):
        letter = "A" if good[place] != "A" else "B"
        if good[place] != "." and place < len(good) - 2:
            with pytest.raises(TokenInvalid):
                opened(good[:place] + letter + good[place + 1 :])


# Over HTTP


@pytest.mark.parametrize("path", ["/v1/me/archive", "/v1/me/credits"])
def test_a_worker_sees_only_with_a_token(site, client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"Authorization": "Bearer x.y.z"}).json()["code"] == "token-invalid"
    assert client.get(path, headers={"Authorization": "Basic eA=="}).status_code == 401
    answer = client.get(path, headers=site.token("zhang"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert client.get(path, headers=site.token("52320102MJ000000XG", "institution")).status_code == 403


def test_tokens_and_sessions_expire(site, client: httpx.Client) -> None:
    headers = site.token("zhang")
    try:
        site.clock.seconds += site.settings.token_seconds + 31
        assert client.get("/v1/me/archive", headers=headers).json()["code"] == "token-invalid"
    finally:
        site.clock.seconds = NOW


def test_a_session_cookie_is_set_and_works(site) -> None:
    headers = site.token("zhang")
    access = headers["Authorization"].removeprefix("Bearer ")
    with httpx.Client(base_url=site.address) as browser:
        answer = browser.get("/demo/session", params={"token": access})
        assert (answer.status_code, answer.headers["location"]) == (303, "/me")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("session=")
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {piece.strip() for piece in cookie.split(";")}
        assert "Domain" not in cookie
        assert browser.get("/v1/me/archive").status_code == 200
        browser.cookies.set("session", answer.cookies["session"][:-2] + "xx")
    with httpx.Client(base_url=site.address, cookies={"session": access}) as browser:
        assert browser.get("/v1/me/archive").status_code == 401, "an access token is no session"
    session = {"Authorization": f"Bearer {answer.cookies['session']}"}
    assert httpx.get(f"{site.address}/v1/me/archive", headers=session).status_code == 401, (
        "a session is no access token"
    )


def test_with_tls_the_cookie_is_host_bound(make_site) -> None:
    site = make_site(public_url="https://ledger.example.cn")
    cookie = site.http.get("/demo/session", params={"token": access_of(site)}).headers["set-cookie"]
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie


def access_of(site) -> str:
    signer = site.app.state.services.sign_in.demo
    return signer.access_token(login="employer-1", role="employer")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/demo/token"),
        ("GET", "/demo/session?token=x"),
        ("GET", "/demo/authorize?login=a&redirect_uri=b&code_challenge=c"),
        ("GET", "/.well-known/openid-configuration"),
    ],
)
def test_outside_of_a_demonstration_its_doors_do_not_exist(plain_site, method: str, path: str) -> None:
    body = {"login": "zhang", "role": "worker"} if method == "POST" else None
    assert plain_site.http.request(method, path, json=body).status_code == 404
    assert plain_site.http.get("/v1/me/archive", headers={"Authorization": "Bearer x"}).status_code == 401


@pytest.fixture(scope="module")
def plain_site(make_site):
    return make_site(demo=False)


def test_authorization_code_with_pkce(site, client: httpx.Client) -> None:
    verifier = "v" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    uri = f"{site.address}/signin/callback"
    asked = {"login": "zhang", "redirect_uri": uri, "code_challenge": challenge, "state": "s1", "nonce": "n1"}
    answer = client.get("/demo/authorize", params=asked)
    assert answer.status_code == 303
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == ["s1"]
    grant = {"code": query["code"][0], "redirect_uri": uri, "code_verifier": verifier}
    assert client.post("/demo/oidc/token", data={**grant, "code_verifier": "w" * 43}).status_code == 401
    assert client.post("/demo/oidc/token", data={**grant, "redirect_uri": uri + "x"}).status_code == 401
    tokens = client.post("/demo/oidc/token", data=grant).json()
    assert (
        client.get("/v1/me/archive", headers={"Authorization": f"Bearer {tokens['access_token']}"}).status_code == 200
    )
    principal = site.app.state.services.sign_in.principal_of_id_token(tokens["id_token"], nonce="n1")
    assert (principal.login, str(principal.subject)) == ("zhang", site.workers["zhang"]["subject"])
    with pytest.raises(TokenInvalid):
        site.app.state.services.sign_in.principal_of_id_token(tokens["id_token"], nonce="n2")
    assert client.post("/demo/oidc/token", data=grant).status_code == 401, "a code is spent once"


@pytest.mark.parametrize("uri", ["https://evil.example.cn/cb", "//evil.example.cn", "javascript:alert(1)"])
def test_codes_go_to_this_server_only(client: httpx.Client, uri: str) -> None:
    answer = client.get("/demo/authorize", params={"login": "zhang", "redirect_uri": uri, "code_challenge": "c" * 43})
    assert (answer.status_code, "location" in answer.headers) == (401, False)


def test_an_old_code_is_refused(site, client: httpx.Client) -> None:
    uri = f"{site.address}/x"
    answer = client.get("/demo/authorize", params={"login": "zhang", "redirect_uri": uri, "code_challenge": "c" * 43})
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    grant = {"code": code, "redirect_uri": uri, "code_verifier": "v"}
    for damaged in (code[:-1] + ("0" if code[-1] != "0" else "1"), "x.y", ".", "x" * 5000, "é"):
        assert client.post("/demo/oidc/token", data={**grant, "code": damaged}).status_code in (401, 422)


# T56: what belongs to others is not there


def test_foreign_packs_are_not_found(site, client: httpx.Client) -> None:
    own = site.certificate()
    site.submit(own)
    example = kind_class("skill-certificate").EXAMPLE["disclosed"]
    other = site.certificate(document_number="32010619000102007X", holder_name="李四")
    assert example["document_number"] != "32010619000102007X"
    site.submit(other)
    site.add_worker("li", number="32010619000102007X", name="李四")
    path = "/v1/records/{}/pack"
    nobody = client.get(path.format("0" * 64), headers=site.token("zhang"))
    for login, role, record_id, status in [
        ("zhang", "worker", own.record_id, 200),
        ("zhang", "worker", other.record_id, 404),
        ("li", "worker", other.record_id, 200),
        ("li", "worker", own.record_id, 404),
        ("52320102MJ000000XG", "institution", own.record_id, 200),
        ("52320102MJ0000018G", "institution", own.record_id, 404),
        ("hr", "employer", own.record_id, 404),
        ("officer", "authority", own.record_id, 404),
    ]:
        answer = client.get(path.format(record_id), headers=site.token(login, role))
        assert answer.status_code == status, (login, record_id)
        if status == 404:
            same = {**answer.json(), "request_id": ""} == {**nobody.json(), "request_id": ""}
            assert same, "a foreign record and a missing one look alike"
    assert client.get(path.format(own.record_id)).status_code == 401


def test_extra_members_are_refused(client: httpx.Client) -> None:
    body = {"login": "zhang", "role": "worker", "subject": "00000000-0000-0000-0000-000000000000"}
    assert client.post("/demo/token", json=body).status_code == 422
    assert client.post("/demo/token", json={"login": "zhang", "role": "root"}).status_code == 422
    assert client.post("/demo/token", json={"login": "nobody", "role": "worker"}).status_code == 404
