"""Golden vectors of the text formats: each is a valid input with one damage.

Method: one generator writes the files, this test reads them, and a test holds the files to the generator.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from ledger.errors import LedgerError, MalformedCheckpoint
from ledger.log.checkpoint import open_checkpoint
from ledger.log.note import format_vkey, parse_vkey
from ledger.log.policy import format_policy, parse_policy
from ledger.log.receipt import check_receipt, parse_receipt
from ledger.log.tiles import TilePlace, format_tile_path, parse_tile_path
from ledger.log.witness import Held, Rejection, check_consistent, check_signed, parse_add_checkpoint
from tests.support.small_log import SmallLog
from tests.vectors.log.generate import all_files, format_file

FOLDER = Path(__file__).parents[2] / "vectors" / "log"
FILES = {name: json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in (
    "notes", "policies", "receipts", "requests", "tile_paths", "vkeys",
)}  # fmt: skip


def table(name: str, cases: str = "cases"):
    rows = FILES[name][cases]
    return pytest.mark.parametrize("case", rows, ids=[row["why"] for row in rows])


def data_of(case: dict) -> bytes:
    return base64.b64decode(case["base64"]) if "base64" in case else case["text"].encode()


def code_of(case: dict, function) -> str:
    """What comes of the case: `ok`, or the code of the error."""
    try:
        function(data_of(case))
    except LedgerError as error:
        return error.code
    return "ok"


def test_the_files_are_the_generators_own():
    for name, content in all_files().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == format_file(content), name


def test_most_cases_are_negative():
    cases = [case for name in ("notes", "policies", "receipts", "vkeys") for case in FILES[name]["cases"]]
    assert sum(case["expect"] != "ok" for case in cases) > 0.8 * len(cases)


@table("notes")
def test_notes(case):
    key = parse_vkey(FILES["notes"]["vkey"])

    def open_note(data: bytes) -> None:
        signed = open_checkpoint(data, keys=[key])
        if case["expect"] == "unsigned":
            assert signed.signatures == {}
        else:
            assert signed.signatures == {key: 0}

    assert code_of(case, open_note) == ("ok" if case["expect"] == "unsigned" else case["expect"])


@table("vkeys")
def test_vkeys(case):
    def round_trip(data: bytes) -> None:
        text = data.decode()
        assert format_vkey(parse_vkey(text)) == text

    assert code_of(case, round_trip) == case["expect"]


@table("receipts")
def test_receipts(case):
    vectors = FILES["receipts"]
    policy = parse_policy(vectors["policy"].encode())

    def check(data: bytes) -> None:
        found = check_receipt(data, entry=vectors["entry"].encode(), policy=policy)
        assert found.index == vectors["index"]

    assert code_of(case, check) == case["expect"]
    form = "malformed-checkpoint"
    assert (code_of(case, parse_receipt) == form) == (case["expect"] == form)


@table("policies")
def test_policies(case):
    def round_trip(data: bytes) -> None:
        policy = parse_policy(data)
        assert parse_policy(format_policy(policy)) == policy

    assert code_of(case, round_trip) == case["expect"]


@table("requests")
def test_requests(case):
    key, log = parse_vkey(FILES["requests"]["vkey"]), SmallLog(13)
    size = case["held"]
    try:
        request = parse_add_checkpoint(data_of(case))
        check_signed(request, [key])
        root = open_checkpoint(log.checkpoint(size), keys=[]).checkpoint.root
        check_consistent(request, Held(size, root))
        status = 200
    except MalformedCheckpoint:
        status = 400
    except Rejection as rejection:
        status, answer = int(rejection.status), (rejection.body, rejection.media_type)
    assert status == case["expect"]
    if status == 409:
        assert answer == (f"{size}\n", "text/x.tlog.size")


@table("tile_paths", "good")
def test_tile_paths(case):
    assert parse_tile_path(case["path"]) == TilePlace(*case["place"])
    assert format_tile_path(TilePlace(*case["place"])) == case["path"]


@table("tile_paths", "bad")
def test_refuses_tile_paths(case):
    with pytest.raises(MalformedCheckpoint):
        parse_tile_path(case["path"])
