"""Goal: the conversation core sends the same bytes again when it should, and nothing else ever.

Method: the exchanges are generators, so a script of answers is played to them; what they send and how long they pause is
written down. No transport, no clock.
"""

from __future__ import annotations

import itertools

import orjson
import pytest

from api.client import operations
from api.client._exchange import (
    ATTEMPTS_MAX,
    PAUSE_SECONDS_MAX,
    Answer,
    NoAnswer,
    Pause,
    Request,
    ask,
    json_of,
    object_of,
)
from api.client.errors import AnswerInvalid, ReceiptInvalid, ServerRefused, ServerUnavailable
from api.client.receipt import Receipt
from keys.errors import LedgerError
from ledger.errors import Malformed


def answer(status, body=b"", **headers):
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def json_answer(status, value):
    return answer(status, orjson.dumps(value), content_type="application/json")


def play(exchange, *script):
    """Run an exchange against a script; gives (result or error, requests, pauses)."""
    answers, requests, pauses = list(script), [], []
    reply = None
    while True:
        try:
            step = exchange.send(reply)
        except StopIteration as end:
            return end.value, requests, pauses
        except LedgerError as error:
            return error, requests, pauses
        if isinstance(step, Pause):
            pauses.append(step.seconds)
            reply = None
        else:
            requests.append(step)
            reply = answers.pop(0)


ONCE = Request("POST", "/v1/records", b"the same bytes")

TRY_AGAIN = [
    ("the network failed", NoAnswer("ConnectError")),
    ("429 too many", answer(429)),
    ("502 bad gateway", answer(502)),
    ("503 unavailable", answer(503)),
    ("504 gateway timeout", answer(504)),
]


@pytest.mark.parametrize(("why", "first"), TRY_AGAIN, ids=[why for why, _ in TRY_AGAIN])
def test_sends_the_same_bytes_again(why, first):
    result, requests, pauses = play(ask(ONCE), first, answer(201, b"ok"))
    assert result.body == b"ok"
    assert requests == [ONCE, ONCE]
    assert len(pauses) == 1
    assert 0 < pauses[0] <= 0.2


AT_ONCE = [400, 401, 403, 404, 409, 410, 413, 415, 422, 500, 301]


@pytest.mark.parametrize("status", AT_ONCE)
def test_every_other_answer_is_final(status):
    result, requests, pauses = play(ask(ONCE), answer(status))
    assert isinstance(result, ServerRefused)
    assert (result.status, result.code, len(requests), pauses) == (status, "server-refused", 1, [])


def test_gives_up_after_the_last_attempt_and_says_what_to_do():
    result, requests, pauses = play(ask(ONCE), *[NoAnswer("ReadTimeout")] * ATTEMPTS_MAX)
    assert isinstance(result, ServerUnavailable)
    assert "ReadTimeout" in str(result)
    assert "same bytes" in str(result)
    assert (len(requests), len(pauses)) == (ATTEMPTS_MAX, ATTEMPTS_MAX - 1)
    assert all(later > earlier / 2 for earlier, later in itertools.pairwise(pauses))


@pytest.mark.parametrize(
    ("wanted", "lowest", "highest"),
    [
        ("3", 3, 3),
        ("0", 0, 0),
        ("999999", PAUSE_SECONDS_MAX, PAUSE_SECONDS_MAX),
        ("-1", 0.05, 0.2),
        ("soon", 0.05, 0.2),
        ("٣", 0.05, 0.2),
    ],
)
def test_retry_after_is_obeyed_within_reason(wanted, lowest, highest):
    _, _, pauses = play(ask(ONCE), answer(503, retry_after=wanted), answer(200))
    assert lowest <= pauses[0] <= highest


def test_the_servers_code_and_detail_are_kept():
    problem = {"code": "certificate-number-used", "detail": "Another record carries the number."}
    body = answer(409, orjson.dumps(problem), content_type="application/problem+json; charset=utf-8")
    result, _, _ = play(ask(ONCE), body)
    assert (result.code, str(result), result.problem) == (problem["code"], problem["detail"], problem)


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'{"code":7}', b"<html>"])
def test_a_broken_problem_document_is_still_a_refusal(body):
    result, _, _ = play(ask(ONCE), answer(400, body, content_type="application/problem+json"))
    assert isinstance(result, ServerRefused)
    assert result.code == "server-refused"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff"])
def test_an_answer_that_is_not_json(body):
    with pytest.raises(AnswerInvalid):
        json_of(answer(200, body))


def test_an_answer_that_is_no_object():
    with pytest.raises(AnswerInvalid):
        object_of(answer(200, b"[]"))


# Submitting


def receipt_answer(evidence, index, /, **changes):
    entry = evidence.entries[index]
    body = {"record_id": entry.record_id, "index": index, "receipt": evidence.proof(index).decode()}
    return {**body, **changes}


def test_submit_checks_the_receipt_against_what_was_sent(evidence):
    envelope = evidence.entries[5].to_bytes()
    body = receipt_answer(evidence, 5, code="ABCD", warnings=["region-code-unknown"])
    result, requests, _ = play(operations.submit(envelope, trust=evidence.trust()), json_answer(201, body))
    assert isinstance(result, Receipt)
    assert (result.index, result.code, result.already_held) == (5, "ABCD", False)
    assert result.warnings == ("region-code-unknown",)
    assert requests[0].body == envelope
    held, _, _ = play(operations.submit(envelope, trust=None), json_answer(200, body))
    assert held.already_held


# why, how the honest answer is changed, the error
LIES = [
    ("another record's id", {"record_id": "0" * 64}, ReceiptInvalid),
    ("no record id", {"record_id": None}, ReceiptInvalid),
    ("another index", {"index": 4}, ReceiptInvalid),
    ("a negative index", {"index": -1}, AnswerInvalid),
    ("an index as text", {"index": "5"}, AnswerInvalid),
    ("a true index", {"index": True}, AnswerInvalid),
    ("a proof that is none", {"receipt": "proof"}, ReceiptInvalid),
    ("a proof that is no text", {"receipt": 7}, AnswerInvalid),
    ("a code that is no text", {"code": 7}, AnswerInvalid),
    ("warnings that are no list", {"warnings": "x"}, AnswerInvalid),
]


@pytest.mark.parametrize("pinned", [True, False], ids=["pinned", "arithmetic only"])
@pytest.mark.parametrize(("why", "change", "error"), LIES, ids=[why for why, _, _ in LIES])
def test_a_lying_receipt_is_refused(*, evidence, why, change, error, pinned):
    trust = evidence.trust() if pinned else None
    body = receipt_answer(evidence, 5, **change)
    result, _, _ = play(operations.submit(evidence.entries[5].to_bytes(), trust=trust), json_answer(201, body))
    assert isinstance(result, error)


def test_a_receipt_of_another_record_is_refused_whatever_it_claims(evidence):
    body = receipt_answer(evidence, 5, receipt=evidence.proof(4).decode(), index=4)
    for trust in (None, evidence.trust()):
        result, _, _ = play(operations.submit(evidence.entries[5].to_bytes(), trust=trust), json_answer(201, body))
        assert isinstance(result, ReceiptInvalid)


def test_a_receipt_of_another_log_is_refused_where_the_log_is_pinned(evidence, new_evidence):
    other = new_evidence()
    other.entries = evidence.entries
    body = json_answer(201, receipt_answer(other, 5))
    refused, _, _ = play(operations.submit(evidence.entries[5].to_bytes(), trust=evidence.trust()), body)
    assert isinstance(refused, ReceiptInvalid)
    unpinned, _, _ = play(operations.submit(evidence.entries[5].to_bytes(), trust=None), body)
    assert isinstance(unpinned, Receipt)


def test_a_fresh_receipt_may_come_before_the_witnesses(evidence):
    evidence.awake = 0
    body = json_answer(201, receipt_answer(evidence, 5))
    result, _, _ = play(operations.submit(evidence.entries[5].to_bytes(), trust=evidence.trust()), body)
    assert isinstance(result, Receipt)


def test_what_does_not_parse_is_never_sent():
    result, requests, _ = play(operations.submit(b"not an envelope", trust=None))
    assert isinstance(result, Malformed)
    assert requests == []


def test_a_group_has_a_receipt_each_in_order(evidence):
    sent = [entry.to_bytes() for entry in evidence.entries[3:]]
    records = {"records": [receipt_answer(evidence, index) for index in (3, 4, 5)]}
    result, requests, _ = play(operations.submit_group(sent, trust=evidence.trust()), json_answer(201, records))
    assert [receipt.index for receipt in result] == [3, 4, 5]
    assert [orjson.loads(line).encode() for line in requests[0].body.splitlines()] == sent


@pytest.mark.parametrize("indices", [(3, 4), (4, 3, 5), (3, 4, 5, 5)], ids=["too few", "out of order", "too many"])
def test_a_group_answer_that_does_not_fit(evidence, indices):
    sent = [entry.to_bytes() for entry in evidence.entries[3:]]
    records = {"records": [receipt_answer(evidence, index) for index in indices]}
    result, _, _ = play(operations.submit_group(sent, trust=None), json_answer(201, records))
    assert isinstance(result, AnswerInvalid | ReceiptInvalid)


# Batches


def lines(*values):
    return answer(200, b"".join(orjson.dumps(value) + b"\n" for value in values), content_type="application/x-ndjson")


def line(evidence, number, index, status=201, **changes):
    entry = evidence.entries[index]
    return {"line": number, "status": status, "record_id": entry.record_id, "index": index, **changes}


def test_each_line_of_a_batch_stands_alone(evidence):
    sent = [evidence.entries[3].to_bytes(), b"junk", evidence.entries[4].to_bytes(), evidence.entries[5].to_bytes()]
    script = lines(
        line(evidence, 1, 3, status=200),
        {"line": 2, "status": 409, "code": "exists-differs"},
        line(evidence, 3, 5, verification_code="CODE"),
    )
    result, requests, _ = play(operations.submit_many(sent), script)
    assert len(requests[0].body.splitlines()) == 3
    assert result[0].already_held
    assert isinstance(result[1], Malformed)
    assert (result[2].code, result[2].status) == ("exists-differs", 409)
    assert result[3].code == "CODE"


def test_lines_that_the_ledger_could_not_take_now_are_sent_again_unchanged(evidence):
    sent = [evidence.entries[4].to_bytes(), evidence.entries[5].to_bytes()]
    first = lines(line(evidence, 1, 4), {"line": 2, "status": 503, "code": "overloaded"})
    result, requests, pauses = play(operations.submit_many(sent), first, lines(line(evidence, 1, 5)))
    assert [receipt.index for receipt in result] == [4, 5]
    assert requests[1].body == requests[0].body.splitlines(keepends=True)[1]
    assert len(pauses) == 1


def test_a_batch_that_is_never_taken_ends(evidence):
    busy = lines({"line": 1, "status": 503, "code": "overloaded"})
    result, requests, _ = play(operations.submit_many([evidence.entries[5].to_bytes()]), *[busy] * ATTEMPTS_MAX)
    assert isinstance(result[0], ServerUnavailable)
    assert len(requests) == ATTEMPTS_MAX


@pytest.mark.parametrize(
    "value",
    [
        {"line": 9, "status": 201},
        {"line": 0, "status": 201},
        {"status": 201},
        {"line": 1},
        7,
        {"line": "1", "status": 201},
    ],
    ids=["beyond", "zero", "no line", "no status", "no object", "line as text"],
)
def test_a_batch_answer_that_does_not_fit(evidence, value):
    result, _, _ = play(operations.submit_many([evidence.entries[5].to_bytes()]), lines(value))
    assert isinstance(result, AnswerInvalid)


def test_an_empty_batch_asks_nothing():
    assert play(operations.submit_many([])) == ([], [], [])
