"""Goal: every numbering rule of the field to its last digit. Method: the published vectors, our own beside them with the
reason of each refusal, and properties over all check digits.
"""

from __future__ import annotations

import csv
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from ledger.records._fields import LEVELS, DocumentNumber, check_identifier, document_number
from ledger.records._identifiers import IDENTIFIER_KINDS, mod_11_2, organisation_check, upgrade_ric15, uscc_check
from ledger.records.errors import REASONS, IdentifierRefused
from tests.vectors.records.generate import HERE, text_of

TODAY = date(2026, 11, 21)
PUBLISHED = list(csv.DictReader((HERE / "id_test_vectors.csv").read_text("utf-8").splitlines()))
OURS: list[dict[str, Any]] = json.loads((HERE / "identifiers.json").read_text("utf-8"))


def test_file_is_what_the_generator_writes() -> None:
    assert (HERE / "identifiers.json").read_text("utf-8") == text_of()


@pytest.mark.parametrize("row", PUBLISHED, ids=[f"{row['kind']} {row['why']}"[:60] for row in PUBLISHED])
def test_published_vectors(row: dict[str, str]) -> None:
    if row["valid"] == "1":
        check_identifier(row["kind"], row["value"], on=TODAY)
        return
    with pytest.raises(IdentifierRefused):
        check_identifier(row["kind"], row["value"], on=TODAY)


@pytest.mark.parametrize("row", OURS, ids=[f"{row['kind']}: {row['why']}" for row in OURS])
def test_our_vectors(row: dict[str, Any]) -> None:
    if row["reason"] is None:
        check_identifier(row["kind"], row["value"], on=TODAY)
        return
    with pytest.raises(IdentifierRefused) as caught:
        check_identifier(row["kind"], row["value"], on=TODAY)
    assert caught.value.reason == row["reason"]
    assert caught.value.code == "identifier-malformed"
    assert not row["value"] or row["value"] not in str(caught.value) or len(row["value"]) < 3, "a value was echoed"


def test_every_reason_and_kind_has_a_vector() -> None:
    by_records = {"year-differs", "level-differs"}
    assert {row["reason"] for row in OURS if row["reason"]} | by_records == {*REASONS} - {"check-digit"} | {
        "check-digit"
    }
    assert {row["kind"] for row in OURS} >= {*IDENTIFIER_KINDS}


WARNINGS = [
    ("ric", "329999190001010010", "region-code-unknown"),
    ("ric", "130171190001010010", "region-code-statistical"),
    ("foreign_pr_2023", "932999190001010010", "country-code-unknown"),
    ("foreign_pr_2017", "ZZZ320100010110", "country-code-unknown"),
    ("card_identification", "639900D15600000500BF7C7A48FB4966", "region-code-unknown"),
    ("occupation_code", "6-99-99-99", "occupation-code-unknown"),
    ("region_code", "329999", "region-code-unknown"),
    ("card_no", "A00000010", "card-check-digit"),
]


@pytest.mark.parametrize(("kind", "value", "warning"), WARNINGS, ids=[f"{row[0]} {row[2]}" for row in WARNINGS])
def test_what_a_table_does_not_know_only_warns(kind: str, value: str, warning: str) -> None:
    if kind in ("ric", "foreign_pr_2023"):
        value = value[:17] + mod_11_2(value[:17])
    if kind == "foreign_pr_2017":
        value = next(value[:14] + digit for digit in "0123456789" if not refused(kind, value[:14] + digit))
    assert check_identifier(kind, value, strict=False, on=TODAY) == [warning]


def refused(kind: str, value: str) -> bool:
    try:
        check_identifier(kind, value, on=TODAY)
    except IdentifierRefused:
        return True
    return False


def test_birth_is_compared_with_the_given_day() -> None:
    number = "32010620260520001"
    number += mod_11_2(number)
    check_identifier("ric", number, on=date(2026, 5, 20))
    with pytest.raises(IdentifierRefused):
        check_identifier("ric", number, on=date(2026, 5, 19))


NUMBERS = [
    ("11010519491231002X", "ric", "CHN"),
    ("810000199408230021", "hmt_residence", "HKG"),
    ("830000199201300022", "hmt_residence", "TWN"),
    ("932410190001010011", "foreign_pr_2023", "410"),
    ("USA320100010111", "foreign_pr_2017", "USA"),
    ("USA0000000X1234567", "foreign_ssn", "USA"),
    ("440524880101001", "ric15", "CHN"),
    ("A00000010", "card_no", "CHN"),
    ("639900D15600000500BF7C7A48FB4966", "card_identification", "CHN"),
]


@pytest.mark.parametrize(("number", "kind", "country"), NUMBERS, ids=[row[1] for row in NUMBERS])
def test_document_numbers_tell_their_kind(number: str, kind: str, country: str) -> None:
    assert document_number(number, on=TODAY) == DocumentNumber(kind, country, number)


@pytest.mark.parametrize("number", ["", "1", "11010519491231002x", "A0000001", "320102190001010010"])
def test_document_numbers_refuse(number: str) -> None:
    with pytest.raises(IdentifierRefused):
        document_number(number, on=TODAY)


@given(st.from_regex(r"[0-9]{17}", fullmatch=True).filter(str.isascii))
def test_mod_11_2_agrees_with_stdnum(body: str) -> None:
    assert mod_11_2(body) == ric.calc_check_digit(body + "0")


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17))
def test_uscc_check_agrees_with_stdnum(body: str) -> None:
    assert uscc_check(body) == uscc.calc_check_digit(body)


@given(
    st.sampled_from([row for row in PUBLISHED if row["valid"] == "1" and row["kind"] in ("ric", "uscc", "card_no")]),
    st.data(),
)
def test_every_single_wrong_digit_is_seen(row: dict[str, str], data: st.DataObject) -> None:
    value = row["value"]
    place = data.draw(st.integers(0, len(value) - 1))
    other = data.draw(st.sampled_from("0123456789").filter(lambda char: char != value[place]))
    if row["kind"] == "card_no" and "X" in {organisation_check(value[:8]), value[place]}:
        return
    changed = value[:place] + other + value[place + 1 :]
    if row["kind"] != "card_no":
        assert refused(row["kind"], changed)
    elif not refused("card_no", changed):
        # GB 11714 maps letters to 10 and above, so digit for letter may keep the sum modulo 11.
        assert value[place].isalpha()


@given(st.text(max_size=32), st.sampled_from(sorted(IDENTIFIER_KINDS)))
def test_only_refuses(value: str, kind: str) -> None:
    refused(kind, value)


def test_old_numbers_upgrade() -> None:
    assert upgrade_ric15("440524880101001") == "44052419880101001" + mod_11_2("44052419880101001")


def test_levels_rise_while_codes_fall() -> None:
    codes = [int(LEVELS[order].code or 0) for order in range(2, 7)]
    assert codes == [5, 4, 3, 2, 1]
    assert [LEVELS[order].high_skilled for order in range(1, 9)] == [False] * 3 + [True] * 5
    assert [LEVELS[order].zh for order in (1, 7, 8)] == ["学徒工", "特级技师", "首席技师"]
