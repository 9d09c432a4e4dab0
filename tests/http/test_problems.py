"""Problems: every permanent code has one entry, and no answer tells more than its code.

Method: walk the error classes of all packages; walk the routes of the real application.
"""

from __future__ import annotations

import httpx
import orjson
import pytest

from api.problems import PROBLEMS, RateLimited, code_response, error_response, problem_of
from keys.errors import Corrupt, LedgerError, Refused, Unavailable
from tests.support.doc_tables import error_classes

CLIENT_ONLY = ("api.client", "api.cli", "api.wiring", "api.witness")
"""Errors raised on the user's machine, by the composition root, or by the witness's own server: never over this HTTP."""


def served(error: type[LedgerError]) -> bool:
    return not error.__module__.startswith(CLIENT_ONLY)


def test_every_code_of_the_server_side_is_mapped() -> None:
    missing = sorted({error.code for error in error_classes() if served(error)} - set(PROBLEMS))
    assert missing == [], "add these codes to api.problems.PROBLEMS with status, zh and en"


@pytest.mark.parametrize("family", [LedgerError, Refused, Unavailable, Corrupt], ids=lambda family: family.code)
def test_every_family_is_mapped(family: type[LedgerError]) -> None:
    assert family.code in PROBLEMS


def test_no_refusal_is_a_server_error_and_no_corruption_is_the_clients() -> None:
    wrong = []
    for error in filter(served, error_classes()):
        status = PROBLEMS[error.code].status
        if issubclass(error, Unavailable) and status != 503:
            wrong.append((error.code, status))
        if issubclass(error, Corrupt) and status != 500:
            wrong.append((error.code, status))
    assert wrong == []


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_every_problem_has_both_titles(code: str) -> None:
    problem = PROBLEMS[code]
    assert problem.en.isascii()
    assert not problem.zh.isascii()
    assert 400 <= problem.status < 600


def test_an_unknown_code_gets_the_answer_of_its_family() -> None:
    class Later(Unavailable):
        code = "not-in-the-table-yet"

    code, problem = problem_of(Later("x"))
    assert (code, problem.status) == ("not-in-the-table-yet", 503)


@pytest.mark.parametrize(
    "error", [Corrupt("secret-detail"), Unavailable("secret-detail")], ids=["corrupt", "unavailable"]
)
def test_only_refusals_tell_their_message(error: LedgerError) -> None:
    assert b"secret-detail" not in error_response(error, "r").body


def test_a_problem_has_the_members_of_rfc_9457_and_ours() -> None:
    answer = error_response(RateLimited("too many requests of this sort; wait a minute and try again"), "abc-1")
    body = orjson.loads(answer.body)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "60"
    assert body == {
        "type": "/problems/rate-limited",
        "title": "Too many requests",
        "title_zh": "请求过于频繁",
        "status": 429,
        "detail": "too many requests of this sort; wait a minute and try again",
        "code": "rate-limited",
        "request_id": "abc-1",
    }


def test_401_says_how_to_sign_in() -> None:
    assert code_response("unauthenticated", "r").headers["www-authenticate"] == "Bearer"
    assert "invalid_token" in code_response("token-invalid", "r").headers["www-authenticate"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nope", 404, "not-found"),
        ("GET", "/v1/nope", 404, "not-found"),
        ("DELETE", "/v1/kinds", 405, "method-not-allowed"),
        ("GET", "/v1/records", 405, "method-not-allowed"),
        ("GET", "/v1/me/archive", 401, "unauthenticated"),
        ("GET", "/demo/session", 422, "parameter-invalid"),
        ("GET", "/v1/records/" + "0" * 64, 404, "not-found"),
        ("GET", "/v1/records/XYZ", 404, "not-found"),
    ],
)
def test_framework_errors_are_problems_too(
    client: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_the_page_behind_a_type_exists(client: httpx.Client) -> None:
    problem = client.get("/v1/nope").json()
    assert client.get(problem["type"]).json()["code"] == "not-found"
