"""Writes the vectors of identifiers beside `id_test_vectors.csv`; a test holds the file to it.

Run: python -m tests.vectors.records.generate. Check digits are computed here, by other code than the ledger's. All
numbers are synthetic (birth years 1880 to 1904 or impossible dates) or differ from printed specimens in one thing.
"""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent
GB11643, GB11714, GB32100, ICAO = "GB 11643", "GB 11714", "GB 32100", "ICAO 9303-3 §4.9"
D22, D23, D24, D25, D26, D27 = (f"DOMAIN §2.{number}" for number in range(2, 8))


def mod_11_2(body: str) -> str:
    """ISO 7064 by its definition: the digit that makes the sum of digit x 2^place congruent 1 modulo 11."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return next(mark for value, mark in enumerate("0123456789X") if (total + value) % 11 == 1)


def ric(body: str) -> str:
    return body + mod_11_2(body)


def org(body: str) -> str:
    total = sum((int(char, 36)) * weight for char, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return body + "0X987654321"[total % 11]


def uscc(head: str, inner: str) -> str:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = head + inner
    total = sum(alphabet.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return body + alphabet[-total % 31]


def icao(body: str) -> str:
    return body + str(sum(int(char, 36) * (7, 3, 1)[place % 3] for place, char in enumerate(body)) % 10)


ROWS: list[tuple[str, str, str | None, str, str]] = [
    # kind, value, reason (None: accepted), why, source
    ("ric", ric("32010619040229001"), None, "29 February of a leap year", GB11643),
    ("ric", ric("32010619000229001"), "date-impossible", "1900 was no leap year", GB11643),
    ("ric", ric("32010619001301001"), "date-impossible", "month 13", GB11643),
    ("ric", ric("32010619000001001"), "date-impossible", "month 0", GB11643),
    ("ric", ric("32010619000431001"), "date-impossible", "31 April", GB11643),
    ("ric", ric("32010620990101001"), "date-in-future", "born in 2099", GB11643),
    ("ric", ric("32010621000101001"), "form", "century 21", D24),
    ("ric", ric("16010619000101001"), "province-unknown", "16 is no province", D22),
    ("ric", ric("66010619000101001"), "province-unknown", "66 is no province of GB/T 2260", D22),
    ("ric", ric("81000019000101001"), "form", "a residence permit is another kind", D24),
    ("ric", ric("32999919000101001"), None, "unknown region in a known province only warns", D22),
    ("ric", ric("13017119000101001"), None, "statistical zone: only warns", D27),
    ("ric", ric("32010219700101001"), None, "python-stdnum rejects Nanjing Xuanwu before 1983", D22),
    ("ric", "11010519491231002x", "lower-case-x", "the check character in lower case", GB11643),
    ("ric", " 11010519491231002X", "form", "space in front", D22),
    ("ric", "11010519491231002X ", "form", "space behind", D22),
    ("ric", "11010519491231002X\n", "form", "line feed behind", D22),
    ("ric", "１１０１０５１９４９１２３１００２Ｘ", "form", "full-width digits", D22),
    ("ric", "1101051949123100２X", "form", "one full-width digit", D22),
    ("ric", "11010519491231002", "form", "17 digits", GB11643),
    ("ric", "11010519491231002XX", "form", "19 characters", GB11643),
    ("ric", "", "form", "empty", GB11643),
    ("ric", "440524880101001", "old-form", "15 digits", D22),
    ("ric15", "440524880101001", None, "15 digits as what they are", D22),
    ("ric15", "440524881301001", "date-impossible", "month 13", D22),
    ("hmt_residence", ric("82000019000101001"), None, "Macao", D24),
    ("hmt_residence", ric("84000019000101001"), "form", "840000 is no address code", D24),
    ("hmt_residence", ric("81000119000101001"), "form", "address code with a digit too many", D24),
    ("hmt_residence", ric("81000019000230001"), "date-impossible", "30 February", D24),
    ("hmt_residence", "810000199408230022", "check-digit", "specimen with another check digit", D24),
    ("foreign_pr_2023", ric("93299919000101001"), None, "unknown country only warns", D24),
    ("foreign_pr_2023", ric("99984019000101001"), "province-unknown", "99 is no province", D24),
    ("foreign_pr_2023", ric("93284020990101001"), "date-in-future", "born in 2099", D24),
    ("foreign_pr_2023", "932410190001010012", "check-digit", "synthetic with another check digit", D24),
    ("foreign_pr_2017", icao("USA32010001022"), None, "sex digit even", ICAO),
    ("foreign_pr_2017", icao("USA32010002291"), None, "29 February of the year 00: 2000 was a leap year", ICAO),
    ("foreign_pr_2017", icao("USA32010102291"), "date-impossible", "29 February of the year 01", ICAO),
    ("foreign_pr_2017", icao("USA99010001011"), "province-unknown", "99 is no province", D24),
    ("foreign_pr_2017", "USA320100010112", "check-digit", "synthetic with another check digit", ICAO),
    ("foreign_pr_2017", icao("usa32010001011"), "form", "small letters", D24),
    ("foreign_pr_2017", icao("ZZZ32010001011"), None, "unknown country only warns", D24),
    ("foreign_ssn", "USA0000000X1234567", None, "country, reserved digit, 14 of the document", D24),
    ("foreign_ssn", "USA0000000x1234567", "form", "small letter", D24),
    ("foreign_ssn", "USAA000000X1234567", "form", "letter for the reserved digit", D24),
    ("card_no", org("Z9999999"), None, "letter in front", D23),
    ("card_no", "a00000011", "form", "small letter", D23),
    ("card_no", "A0000001", "form", "8 characters", D23),
    ("card_no", "A0000001Y", "form", "Y is no check character", D23),
    ("card_no", "A0000001１", "form", "full-width check digit", D23),
    ("card_identification", "639900D15600000500BF7C7A48FB4966", None, "region 639900 is in no table: only warns", D23),
    ("card_identification", "639900d15600000500bf7c7a48fb4966", "form", "small letters", D23),
    ("card_identification", "999900D15600000500BF7C7A48FB4966", "province-unknown", "99 is no province", D23),
    ("card_identification", "639900D15600000500BF7C7A48FB496G", "form", "G is not hexadecimal", D23),
    ("org_code", org("MB000000"), None, "without hyphen", GB11714),
    ("org_code", org("MB000000")[:8] + "-" + org("MB000000")[8], None, "with hyphen", GB11714),
    (
        "org_code",
        "MB0000005" if org("MB000000")[-1] != "5" else "MB0000006",
        "check-digit",
        "wrong check character",
        GB11714,
    ),
    ("uscc", uscc("91320102", org("MA000000")), None, "company", GB32100),
    ("uscc", uscc("91100000", org("10000000")), None, "registered with the national authority: region 100000", GB32100),
    ("uscc", uscc("91990102", org("MA000000")), "province-unknown", "99 is no province", GB32100),
    (
        "uscc",
        uscc("91320102", org("MA000000")[:8] + "1"),
        "inner-check-digit",
        "position 17; python-stdnum lets it pass",
        D25,
    ),
    ("uscc", uscc("31320102", org("MA000000")), None, "a class that the table has not: only warns", D25),
    ("uscc", "91320102MI0000007T", "form", "letter I", GB32100),
    ("uscc", "91320102ma0000007t", "form", "small letters", GB32100),
    ("uscc", "91320102MA0000007", "form", "17 characters", GB32100),
    ("uscc", "91320102 MA0000007T", "form", "space inside", GB32100),
    ("uscc", "320102000000001", "form", "15-digit licence number of old", D25),
    ("skill_cert_no", "Y001132010001265000001", None, "employer filed with the ministry", D26),
    ("skill_cert_no", "X000032010001263000123", "form", "class letter X", D26),
    ("skill_cert_no", "s000032010001263000123", "form", "small letter", D26),
    ("skill_cert_no", "S000032010001260000123", "form", "level code 0", D26),
    ("skill_cert_no", "S00003201000126A000123", "form", "特级技师 numbers are a kind of their own", D26),
    ("skill_cert_no", "S00003201000126300012", "form", "21 characters", D26),
    ("skill_cert_no", "S00003201000126300012３", "form", "full-width digit", D26),
    ("special_grade_cert_no", "S00003201000126A000123", None, "a letter at the level's place", D26),
    ("special_grade_cert_no", "S00003201000126A000000", "serial-zero", "serial 000000", D26),
    ("special_grade_cert_no", "S000032010001263000123", "form", "an ordinary number", D26),
    ("legacy_cert_no", "RGN32010200126300001", None, "older regional form", D26),
    ("legacy_cert_no", "RGN99010200126300001", "province-unknown", "99 is no province", D26),
    ("legacy_cert_no", "RGN32010200126300000", "serial-zero", "serial 00000", D26),
    ("qualification_cert_no", "1910000234300001", None, "national station, level code 3", D26),
    ("qualification_cert_no", "1910005234300001", "form", "institution digit 5", D26),
    ("qualification_cert_no", "1910000234600001", "form", "level code 6", D26),
    ("qualification_cert_no", "1910000234300000", "serial-zero", "serial 00000", D26),
    ("qualification_cert_no", "191000023430001", "form", "15 digits", D26),
    ("occupation_code", "1-01-00-01", None, "00: no further split", D27),
    ("occupation_code", "6-99-99-99", None, "not in the 2022 book: only warns, new ones are added", D27),
    ("occupation_code", "0-01-01-01", "form", "major group 0", D27),
    ("occupation_code", "6-18-01", "form", "a group, not an occupation", D27),
    ("occupation_code", "6-18-1-01", "form", "segment of one digit", D27),
    ("occupation_code", "61801-01", "form", "without hyphens", D27),
    ("occupation_code", "６-18-01-01", "form", "full-width digit", D27),
    ("occupation_prefix", "6", None, "major group", D27),
    ("occupation_prefix", "6-18", None, "two segments", D27),
    ("occupation_prefix", "6-1", "form", "half a segment", D27),
    ("occupation_prefix", "6-", "form", "hyphen behind", D27),
    ("region_code", "320102", None, "current", D27),
    ("region_code", "110103", None, "崇文区 was dissolved in 2010", D27),
    ("region_code", "130171", None, "statistical zone, good for an address", D27),
    ("region_code", "329999", None, "unknown in a known province: only warns", D27),
    ("region_code", "990000", "province-unknown", "99 is no province", D27),
    ("region_code", "000000", "province-unknown", "00 is no province", D27),
    ("region_code", "32010", "form", "5 digits", D27),
    ("region_prefix", "32", None, "province", D27),
    ("region_prefix", "320", "form", "half a segment", D27),
    ("province_code", "71", None, "Taiwan", D27),
    ("province_code", "66", "province-unknown", "not in GB/T 2260", D27),
    ("level_code", "1", None, "一级", "DOMAIN §4.1"),
    ("level_code", "6", "form", "codes end at 5", "DOMAIN §4.1"),
    ("no_such_kind", "1", "kind-unknown", "a kind nobody defined", "ledger.records._identifiers"),
]


def text_of() -> str:
    """What `identifiers.json` holds."""
    rows = [
        {"kind": kind, "value": value, "reason": reason, "why": why, "source": source}
        for kind, value, reason, why, source in ROWS
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    (HERE / "identifiers.json").write_text(text_of(), encoding="utf-8")
