"""Goal: every refusal of the wire formats is golden. Method: files written by one generator from other code than ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ledger.errors import Refused
from ledger.wire.canonical import format_canonical, parse_canonical
from ledger.wire.envelope import check_complete, parse_envelope
from tests.vectors.wire.generate import FILES, HERE, text_of


def rows(name: str) -> list[Any]:
    return [pytest.param(row, id=row["why"]) for row in json.loads((HERE / name).read_text("utf-8"))]


@pytest.mark.parametrize("name", FILES)
def test_files_are_what_the_generator_writes(name: str) -> None:
    assert (HERE / name).read_text("utf-8") == text_of(name)


@pytest.mark.parametrize("row", rows("json_refused.json"))
def test_refuses_json(row: dict[str, str]) -> None:
    with pytest.raises(Refused) as caught:
        parse_canonical(bytes.fromhex(row["hex"]))
    assert caught.value.code == row["code"]


@pytest.mark.parametrize("row", rows("json_accepted.json"))
def test_accepts_json(row: dict[str, str]) -> None:
    data = bytes.fromhex(row["hex"])
    assert format_canonical(parse_canonical(data)) == data


@pytest.mark.parametrize(
    "row",
    [*rows("header_refused.json"), *rows("envelope_refused.json"), *rows("disclosure_refused.json")],
)
def test_refuses_envelope(row: dict[str, str]) -> None:
    with pytest.raises(Refused) as caught:
        parse_envelope(row["envelope"].encode("utf-8"))
    assert caught.value.code == row["code"]


@pytest.mark.parametrize("row", rows("envelope_accepted.json"))
def test_accepts_envelope(row: dict[str, str]) -> None:
    data = row["envelope"].encode("ascii")
    envelope = parse_envelope(data)
    assert envelope.to_bytes() == data
    assert envelope.record_id == row["record_id"]


@pytest.mark.parametrize("row", rows("envelope_incomplete.json"))
def test_refuses_incomplete_envelope(row: dict[str, str]) -> None:
    envelope = parse_envelope(row["envelope"].encode("ascii"))
    with pytest.raises(Refused) as caught:
        check_complete(envelope)
    assert caught.value.code == row["code"]
