"""Goal: registers answer everybody with numbers and nobody with names; a worker gets the whole archive and a proof.

Method: a site of its own with certificates, awards and links; what the public and the worker get over HTTP.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest

from keys.algorithms import algorithm
from ledger.records import build_record, kind_class
from ledger.rules import continuing_education
from ledger.wire import base64url
from projections._counting import CELL_MIN
from tests.support.served_site import AUTHORITY, INSTITUTIONS, NOW, ORIGIN, Site
from tests.support.world import World

CENTRE = "52320102MJ000000XG"
DAY = 24 * 3600
KINDS = ["skill-certificate", "training-completion", "award", "benefit-basis", "post-appointed"]


@pytest.fixture(scope="module")
def site(make_site) -> Site:
    """One worker `zhang` with two certificates, of which one rests on a training, an award and a post; `li` with none
    that is high; and eleven others with a certificate of 高级工.
    """
    found: Site = make_site()
    granted = {"uscc": CENTRE, "kinds": KINDS, "occupations": ["*"], "levels": [2, 3, 4, 5, 6, 7, 8], "regions": ["*"]}
    granted |= {"period_from": "2020-01-01", "document": "示例人社函〔2021〕11号"}
    found.by_authority("accreditation-granted", granted)
    rule = {"rule": "CE", "version": 1, "book": continuing_education.BOOK, "title": "继续教育要求", "document": "示例"}
    rule |= {"content": {**continuing_education.EXAMPLE, "minutes_per_year": 9000}, "effective_from": "2026-01-01"}
    found.by_authority("rule-published", {**kind_class("rule-published").EXAMPLE["claims"], **rule})
    zhang, li = person(0), person(1)
    training = signed(found, "training-completion/1", {**zhang, "ended_on": "2026-11-13", "issued_on": "2026-11-18"})
    found.junior = found.submit(found.certificate(**zhang, level_order=3, certificate_number=number(1, 4))).record_id
    found.senior = signed(
        found,
        "skill-certificate/2",
        {
            **zhang,
            "issued_on": "2026-11-20",
            "basis": "EXAM",
            "evidence": [training],
            "certificate_number": number(2, 3),
        },
    )
    found.award = signed(found, "award/2", {**zhang, "decided_on": "2026-11-18"})
    found.training = training
    found.submit(found.certificate(**li, level_order=3, certificate_number=number(3, 4)))
    for place in range(2, 13):
        found.submit(found.certificate(**person(place), certificate_number=number(place + 10, 3)))
    for login, who in (("zhang", zhang), ("li", li)):
        found.add_worker(login, number=who["document_number"], name=who["holder_name"])
    return found


def person(place: int) -> dict[str, str]:
    """Name and number of one of some invented people."""
    return World.person(None, place)  # type: ignore[arg-type]  # it asks nothing of a world


def number(serial: int, code: int) -> str:
    """A certificate number."""
    return f"S00003201000126{code}{serial:06d}"


def signed(site: Site, kind: str, changes: dict[str, Any]) -> str:
    """A record of the centre, logged; gives its record id."""
    model = kind_class(kind)
    fields = {**model.EXAMPLE["claims"], **model.EXAMPLE["disclosed"], **changes}
    given = {name: value for name, value in fields.items() if value is not None}
    if "institution_name" in given:
        given |= {"institution_uscc": CENTRE, "institution_name": f"示例机构{CENTRE[-4:]}"}
    envelope = build_record(
        model.kind_name(),
        {name: value for name, value in given.items() if name not in model.DISCLOSED},
        {name: value for name, value in given.items() if name in model.DISCLOSED},
        issuer=INSTITUTIONS[CENTRE],
        signer=site.signers[CENTRE],
        clock_seconds=site.clock.now_seconds(),
        base_url=site.ledger.base_url,
    )
    return str(site.submit(envelope).record_id)


def read(site: Site, path: str, login: str | None = None, **query: str) -> Any:
    """The JSON at an address."""
    answer = site.http.get(path, headers=site.token(login) if login else None, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


# -- the worker's archive


def test_the_archive_has_its_new_parts_beside_the_old(site: Site) -> None:
    found = read(site, "/v1/me/archive", "zhang")
    assert {"subject", "size", "as_of", "items", "totals", "highest_levels", "minutes"} <= found.keys()
    (ladder,) = found["ladders"]
    assert (ladder["occupation"], ladder["highest"]) == ("6-31-01-03", 4)
    assert [(level["level_order"], level["is_held"]) for level in ladder["levels"]] == [(3, True), (4, True)]
    assert [one["record_id"] for one in ladder["levels"][1]["certificates"]] == [site.senior]
    assert found["training_years"] == [
        {"year": 2026, "minutes": 7200, "required_minutes": 9000, "carried_minutes": 0, "missing_minutes": 1800}
    ]
    assert [(one["record_id"], one["award_code"], one["role"]) for one in found["awards"]] == [
        (site.award, "AW-CN-02", "recipient")
    ]
    assert found["mentorings"] == []
    entered = {"at": "2026-11-19T16:00:00Z", "entered": True, "record_id": site.senior}
    assert found["talent"]["passages"] == [entered]
    assert [(one["record_id"], one["level_order"], one["by"]) for one in found["talent"]["entries"]] == [
        (site.senior, 4, "certificate")
    ]
    assert read(site, "/v1/me/archive", "li")["talent"] == {"is_member": False, "entries": [], "passages": []}


def test_the_archive_says_what_a_record_rests_on_and_what_rests_on_it(site: Site) -> None:
    items = {item["record_id"]: item for item in read(site, "/v1/me/archive", "zhang")["items"]}
    assert items[site.senior]["rests_on"] == [{"record_id": site.training, "kind": "training-completion/1"}]
    assert items[site.training]["cited_by"] == [{"record_id": site.senior, "kind": "skill-certificate/2"}]
    assert (items[site.junior]["rests_on"], items[site.junior]["cited_by"]) == ([], [])


# -- the proof


def claims_of(site: Site, token: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token whose signature is by a key that the service publishes."""
    head, body, signature = token.decode().split(".")
    header = orjson.loads(base64url.decode(head))
    keys = {key["kid"]: key for key in read(site, "/.well-known/jwks.json")["keys"]}
    scheme = algorithm(header["alg"])
    jwk = {name: value for name, value in keys[header["kid"]].items() if name in ("kty", "crv", "x", "y")}
    scheme.check_signature(
        public=scheme.public_from_jwk(jwk),
        message=f"{head}.{body}".encode(),
        signature=base64url.decode(signature),
    )
    return header, orjson.loads(base64url.decode(body))


def proof(site: Site, login: str | None = "zhang", **query: str) -> httpx.Response:
    """The answer to who asks for a proof."""
    return site.http.get("/v1/me/talent-proof", headers=site.token(login) if login else None, params=query)


def test_a_proof_names_level_record_and_log_and_nobody(site: Site) -> None:
    answer = proof(site)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jwt")
    assert answer.headers["cache-control"] == "no-store"
    header, claims = claims_of(site, answer.content)
    assert header["typ"] == "talent-proof+jwt"
    assert (claims["outcome"], claims["iat"], claims["exp"]) == ("high-skilled", NOW, NOW + 30 * DAY)
    assert claims["talent"]["record"] == site.senior
    assert (claims["talent"]["occupation"], claims["talent"]["level_order"]) == ("6-31-01-03", 4)
    assert claims["log"] == {"origin": ORIGIN, "size": site.ledger.size()}
    assert claims["iss"] == site.app.state.services.status_lists.issuer
    told = orjson.dumps(claims).decode()
    mine = person(0)
    subject = site.workers["zhang"]["subject"]
    assert not [value for value in (*mine.values(), subject) if value in told]
    assert claims.keys() == {"iss", "iat", "exp", "as_of", "outcome", "talent", "log"}


def test_a_proof_says_what_the_worker_wants_it_used_for(site: Site) -> None:
    _, claims = claims_of(site, proof(site, purpose="落户申请").content)
    assert claims["purpose"] == "落户申请"


def test_a_worker_chooses_the_record_to_show_among_those_that_count(site: Site) -> None:
    _, claims = claims_of(site, proof(site, record=site.senior).content)
    assert claims["talent"]["record"] == site.senior
    for other in (site.junior, site.award, "ab" * 32):
        assert proof(site, record=other).json()["code"] == "not-found"


def test_a_proof_ends_with_the_level(make_site) -> None:
    site: Site = make_site()
    site.submit(site.certificate(valid_until="2026-12-01"))
    example = kind_class("skill-certificate").EXAMPLE["disclosed"]
    site.add_worker("zhang", number=example["document_number"], name=example["holder_name"])
    _, claims = claims_of(site, proof(site).content)
    assert claims["exp"] == 1_796_054_399, "the last second of 2026-11-30 in Shanghai"


NO_PROOF = [
    ("without signing in", None, {}, 401, "unauthenticated"),
    ("without a high level", "li", {}, 404, "not-found"),
    ("a record id that is none", "zhang", {"record": "x"}, 422, "parameter-invalid"),
    ("an endless purpose", "zhang", {"purpose": "x" * 101}, 422, "parameter-invalid"),
]


@pytest.mark.parametrize(
    ("login", "query", "status", "code"), [row[1:] for row in NO_PROOF], ids=[row[0] for row in NO_PROOF]
)
def test_no_proof(site: Site, login: str | None, query: dict[str, str], status: int, code: str) -> None:
    answer = proof(site, login, **query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


# -- the public registers


def test_the_register_counts_holders_and_names_nobody(site: Site) -> None:
    found = read(site, "/v1/talent-register")
    assert (found["persons"], found["high_skilled_from"], found["by"]) == (12, 4, ["level"])
    assert found["cells"] == [{"level": 4, "persons": 12}]
    assert (found["size"], found["withheld_cells"]) == (site.ledger.size(), 0)
    text = orjson.dumps(found).decode()
    assert not [one for place in range(13) for one in person(place).values() if one in text]


def test_small_cells_are_withheld(site: Site) -> None:
    found = read(site, "/v1/honours", by="award,tier")
    assert (found["persons"], found["cells"], found["withheld_cells"], found["cell_min"]) == (None, [], 1, CELL_MIN)


ASKED = [
    ("another occupation", {"occupation": "6-18"}, 0, []),
    ("its occupation's beginning", {"occupation": "6-31", "by": "occupation"}, 12,
     [{"occupation": "6-31-01-03", "persons": 12}]),
    ("a higher level", {"level": "5"}, 0, []),
    ("its region", {"region": "3201", "by": "city,level"}, 12, [{"city": "3201", "level": 4, "persons": 12}]),
    ("its issuer", {"issuer": INSTITUTIONS[CENTRE], "by": ""}, 12, [{"persons": 12}]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "persons", "cells"), [row[1:] for row in ASKED], ids=[row[0] for row in ASKED])
def test_the_register_answers_what_is_asked(site: Site, query: dict[str, str], persons: int, cells: list[Any]) -> None:
    found = read(site, "/v1/talent-register", **query)
    assert (found["persons"], found["cells"]) == (persons, cells)


REFUSED = [
    "/v1/talent-register?by=name",
    "/v1/talent-register?by=level;drop",
    "/v1/talent-register?occupation=6-3%27",
    "/v1/talent-register?level=3",
    "/v1/talent-register?region=x",
    "/v1/honours?by=holder",
    "/v1/honours?tier=state",
    "/v1/honours?year=20260",
    f"/v1/honours?award={quote('中华')}",
]


@pytest.mark.parametrize("address", REFUSED)
def test_what_cannot_be_asked(site: Site, address: str) -> None:
    answer = site.http.get(address)
    assert (answer.status_code, answer.json()["code"]) == (422, "parameter-invalid")


# -- the authority's pool, and keys


def test_the_pool_is_for_the_authority_alone(site: Site) -> None:
    assert site.http.get("/v1/nomination-pool").json()["code"] == "unauthenticated"
    assert site.http.get("/v1/nomination-pool", headers=site.token("zhang")).json()["code"] == "forbidden"
    authority = site.token("clerk", role="authority")
    assert site.http.get("/v1/nomination-pool", headers=authority).json()["nominees"] == []
    asked = {"classes": "provincial-1"}
    (found,) = site.http.get("/v1/nomination-pool", headers=authority, params=asked).json()["nominees"]
    assert (found["record_id"], found["level_order"]) == (site.senior, 4)
    assert [(one["record_id"], one["rank"], one["contest_class"]) for one in found["medals"]] == [
        (site.award, 1, "provincial-1")
    ]
    answer = site.http.get("/v1/nomination-pool", headers=authority, params={"classes": "x"})
    assert answer.json()["code"] == "parameter-invalid"


def test_the_life_of_a_key(make_site) -> None:
    site: Site = make_site()
    (kid,) = [key["kid"] for key in read(site, f"/v1/institutions/{CENTRE}")["keys"]]
    ended = site.by_authority("key-revoked", {"kid": kid, "reason": "compromised", "suspect_since": 3})
    site.settle()
    (found,) = read(site, f"/v1/institutions/{CENTRE}/keys")["keys"]
    assert (found["kid"], found["reason"], found["suspect_since_index"]) == (kid, "compromised", 3)
    assert [(one["event"], one["record_id"] == ended) for one in found["events"]] == [
        ("registered", False),
        ("revoked", True),
    ]
    assert site.http.get("/v1/institutions/absent/keys").json()["code"] == "not-found"


def test_registers_are_in_the_api_document(site: Site) -> None:
    paths = read(site, "/openapi.json")["paths"]
    for path, tag in (
        ("/v1/talent-register", "register"),
        ("/v1/honours", "register"),
        ("/v1/me/talent-proof", "worker"),
    ):
        assert paths[path]["get"]["tags"] == [tag]
        assert {"200", "422"} <= set(paths[path]["get"]["responses"])


def test_the_authority_is_the_publisher_of_what_a_year_asks_for(site: Site) -> None:
    assert site.ledger.registry().authority == AUTHORITY.issuer
    assert read(site, "/v1/me/archive", "li")["training_years"] == []
