"""The OpenAPI document against the server it describes.

Method: every operation is shown to succeed when asked properly, signed in where it must be; then Schemathesis asks it
everything else. No answer is a server error, and every answer has a status, a type and a shape that the document promises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ledger.records import kind_class
from tests.support.served_site import Site


@schemathesis.serializer("application/sd-jwt", "application/x-ndjson")
def as_text(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """Envelopes and lines travel as they are."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else orjson.dumps(value)


CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SHAPE = response_schema_conformance
USCC = "52320102MJ000000XG"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of its own, with one worker, one certificate and one rule; `auth_of` signs in where a worker may not."""
    made = Site(tmp_path_factory.mktemp("fuzz"))
    held = made.certificate()
    made.submit(held)
    made.held_id = held.record_id  # type: ignore[attr-defined]
    person = kind_class("skill-certificate").EXAMPLE["disclosed"]
    made.add_worker("zhang", number=str(person["document_number"]), name=str(person["holder_name"]))
    made.by_authority("rule-published", dict(kind_class("rule-published").EXAMPLE["claims"]))
    made.settle()
    made.auth = made.token("zhang")  # type: ignore[attr-defined]
    made.auth_of = {  # type: ignore[attr-defined]
        "/v1/institutions/{uscc}/extract": made.token(USCC, "institution"),
        "/v1/institutions/{uscc}/quality": made.token("chen", "authority"),
        "/v1/indicators/records": made.token("chen", "authority"),
        "/v1/nomination-pool": made.token("chen", "authority"),
    }
    yield made
    made.close()


GOOD: dict[str, Callable[[Any], dict[str, Any]]] = {
    "/v1/records/{record_id}": lambda site: {"record_id": site.held_id},
    "/v1/records/{record_id}/receipt": lambda site: {"record_id": site.held_id},
    "/v1/records/{record_id}/pack": lambda site: {"record_id": site.held_id},
    "/v1/kinds/{kind}": lambda _: {"kind": "skill-certificate/1"},
    "/v1/institutions/{uscc}": lambda _: {"uscc": USCC},
    "/v1/institutions/{uscc}/extract": lambda _: {"uscc": USCC},
    "/v1/institutions/{uscc}/keys": lambda _: {"uscc": USCC},
    "/v1/institutions/{uscc}/quality": lambda _: {"uscc": USCC},
    "/v1/rules/{rule}": lambda _: {"rule": "CONTEST-NATIONAL"},
    "/issuers/{name}": lambda _: {"name": USCC},
    "/.well-known/jwt-vc-issuer/issuers/{name}": lambda _: {"name": USCC},
    "/status/{uscc}/{number}/{purpose}": lambda _: {"uscc": USCC, "number": "1", "purpose": "revocation"},
    "/log/tile/{path}": lambda _: {"path": "0/000.p/1"},
    "/problems/{code}": lambda _: {"code": "not-found"},
}
"""Path parameters under which an operation succeeds."""

BODIES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "/v1/records": lambda site: {"content": site.certificate().to_bytes()},
    "/v1/records/batch": lambda site: {"content": site.certificate().to_bytes() + b"\n"},
    "/v1/records/group": lambda site: {"content": site.certificate().to_bytes()},
    "/v1/verifications": lambda _: {"json": {"code": "7Q4K9XWM2B3C4D5E"}},
    "/demo/token": lambda _: {"json": {"login": "zhang", "role": "worker"}},
}
QUERIES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "/demo/session": lambda site: {"token": site.auth["Authorization"].removeprefix("Bearer ")}
}


def signed_in(site: Any, path: str) -> dict[str, str]:
    """Headers under which an operation answers."""
    found: dict[str, str] = site.auth_of.get(path, site.auth)
    return found


def operations(site: Site) -> list[tuple[str, str]]:
    """Method and path template of every documented operation."""
    paths = site.http.get("/openapi.json").json()["paths"]
    return [(method.upper(), path) for path, item in paths.items() for method in item]


def test_every_operation_succeeds_when_asked_properly(site: Site) -> None:
    failed = []
    for method, path in operations(site):
        target = path.format(**GOOD[path](site)) if "{" in path else path
        sent = BODIES[path](site) if method == "POST" else {}
        query = QUERIES[path](site) if path in QUERIES else {}
        answer = site.http.request(method, target, params=query, headers=signed_in(site, path), **sent)
        if answer.status_code not in (200, 201, 303):
            failed.append((method, path, answer.status_code, answer.text[:200]))
    assert failed == []


def test_the_document_lists_every_route_of_the_api(site: Site) -> None:
    listed = {path for _, path in operations(site)}
    raw = {"/v1/records", "/v1/records/batch", "/v1/records/group", "/v1/verifications"}
    wanted = raw | {"/v1/me/archive", "/v1/me/credits", "/v1/institutions", "/log/checkpoint", "/livez", "/readyz"}
    assert wanted <= listed
    assert "/openapi.json" not in listed


def test_the_document_has_an_example_for_every_problem(site: Site) -> None:
    document = site.http.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    bare = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for status, response in operation["responses"].items():
                if int(status) >= 400 and not response["content"]["application/problem+json"]["examples"]:
                    bare.append((method, path, status))
    assert bare == []


def test_the_document_names_one_type_for_what_is_not_json(site: Site) -> None:
    paths = site.http.get("/openapi.json").json()["paths"]
    found = paths["/status/{uscc}/{number}/{purpose}"]["get"]["responses"]["200"]["content"]
    assert list(found) == ["application/vc+jwt"]


def test_nothing_it_is_asked_makes_a_server_error(site: Site, long_run: bool) -> None:
    schema = schemathesis.openapi.from_url(f"{site.address}/openapi.json")
    found = [result.ok() for result in schema.get_all_operations()]
    assert len(found) == len(operations(site))
    each = settings(
        max_examples=5_000 if long_run else 15,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        derandomize=not long_run,
    )
    for operation in found:
        each(given(case=operation.as_strategy(), proper=st.booleans())(asked(site, operation.path)))()


def asked(site: Site, path: str) -> Callable[..., None]:
    """One question and its checks; every second time with path parameters that exist."""

    def ask(case: Any, proper: bool) -> None:
        if proper and path in GOOD:
            case.path_parameters = GOOD[path](site)
        answer = case.call(base_url=site.address, headers=signed_in(site, path), timeout=60, allow_redirects=False)
        # A compact JWS is text (RFC 7519 section 10.3.1); Schemathesis counts its type among those of JSON.
        is_token = "application/jwt" in answer.headers["content-type"]
        case.validate_response(answer, checks=[one for one in CHECKS if not is_token or one is not SHAPE])

    return ask
