r"""Numbers of the field, each checked to its last digit: citizens, permits, cards, institutions, certificates, codes.

A check refuses what breaks the numbering rule itself and only warns about what a table does not know, because tables
age: an older worker keeps a number whose region was dissolved long ago. All patterns are ASCII; `\d` would let
full-width digits through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.clock import SystemClock, civil_date
from ledger.records import _codes
from ledger.records.errors import IdentifierRefused

_ALPHABET_36: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ALPHABET_31: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_NATIONAL_USCC_REGION: Final = "100000"

Warnings = list[str]


@dataclass(frozen=True, slots=True)
class _Found:
    """A value whose form fits, and how to check the rest of it."""

    kind: str
    match: re.Match[str]
    strict: bool
    on: date


_Check = Callable[[_Found], Warnings]


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """A number that identifies a person, with the country that its kind or its digits name (ISO 3166-1)."""

    kind: str
    country: str
    number: str


def check_identifier(kind: str, value: str, *, strict: bool = True, on: date | None = None) -> Warnings:
    """Accept an identifier that its numbering rule allows.

    Source: GB 11643, GB 32100, GB 11714, ICAO 9303 part 3, LD/T 32, the numbering rules of certificates; DOMAIN §2.

    kind     a key of `IDENTIFIER_KINDS`
    value    as printed, without spaces
    strict   False: a wrong check digit of a social security card number only warns (its rule is inferred)
    on       the date no date of birth may lie after; None is today by the machine's clock
    returns  warning codes, such as `region-code-unknown`
    raises   IdentifierRefused, an IdentifierMalformed (Refused), with `reason` from `ledger.records.errors.REASONS`
    """
    rule = IDENTIFIER_KINDS.get(kind)
    if rule is None:
        raise IdentifierRefused("identifier", "kind-unknown")
    pattern, check = rule
    match = pattern.fullmatch(value)
    if match is None:
        raise IdentifierRefused(kind, _reason_of_form(kind, value))
    return check(_Found(kind, match, strict, on or civil_date(SystemClock().now_seconds())))


def document_number(value: str, *, on: date | None = None) -> DocumentNumber:
    """Which kind of personal number a text is, in a fixed order, and its country.

    on       as for `check_identifier`
    returns  kind, country and the number unchanged
    raises   IdentifierRefused (Refused)
    """
    kind = document_kind(value)
    if kind is None:
        raise IdentifierRefused("document_number", _reason_of_form("ric", value))
    check_identifier(kind, value, strict=False, on=on)
    return DocumentNumber(kind, _DOCUMENT_KINDS[kind](value), value)


def document_kind(value: str) -> str | None:
    """The kind whose form a personal number has, in the order of `document_number`; None if it has none."""
    return next((kind for kind in _DOCUMENT_KINDS if IDENTIFIER_KINDS[kind][0].fullmatch(value)), None)


def upgrade_ric15(value: str) -> str:
    """The 18-digit form of a 15-digit citizen number (GB 11643-1999): century 19 and the check digit.

    raises  IdentifierRefused (Refused)
    """
    check_identifier("ric15", value)
    body = value[:6] + "19" + value[6:]
    return body + mod_11_2(body)


def mod_11_2(body: str) -> str:
    """The check character of 17 digits, ISO 7064 MOD 11-2 (GB 11643)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


def organisation_check(body: str) -> str:
    """The check character of eight characters 0-9 A-Z (GB 11714), also seen on social security cards."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(_ALPHABET_36.index(char) * weight for char, weight in zip(body, weights, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def uscc_check(body: str) -> str:
    """The check character of the first 17 characters of a unified social credit code (GB 32100)."""
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    total = sum(_ALPHABET_31.index(char) * weight for char, weight in zip(body, weights, strict=True))
    return _ALPHABET_31[(31 - total % 31) % 31]


def icao_check(body: str) -> str:
    """The check digit of a machine-readable document field, weights 7 3 1 (ICAO 9303 part 3 §4.9)."""
    return str(sum(_ALPHABET_36.index(char) * (7, 3, 1)[place % 3] for place, char in enumerate(body)) % 10)


def _reason_of_form(kind: str, value: str) -> str:
    if kind == "ric" and re.fullmatch("[1-6][0-9]{14}", value):
        return "old-form"
    if re.fullmatch("[0-9]{17}x", value):
        return "lower-case-x"
    return "form"


def _check_region(kind: str, code: str) -> Warnings:
    if code[:2] not in _codes.provinces():
        raise IdentifierRefused(kind, "province-unknown")
    if code in _codes.statistical_zones() and kind != "region_code":
        return ["region-code-statistical"]
    return [] if code in _codes.regions() else ["region-code-unknown"]


def _check_birth(kind: str, digits: str, on: date) -> None:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise IdentifierRefused(kind, "date-impossible") from None
    if born > on:
        raise IdentifierRefused(kind, "date-in-future")


def _check_short_birth(kind: str, digits: str, on: date) -> None:
    """Two-digit years do not name their century: one of the two must give a date that is not in the future."""
    try:
        _check_birth(kind, "19" + digits, on)
    except IdentifierRefused:
        _check_birth(kind, "20" + digits, on)


def _check_mod_11_2(kind: str, value: str) -> None:
    if mod_11_2(value[:-1]) != value[-1]:
        raise IdentifierRefused(kind, "check-digit")


def _country_warnings(code: str) -> Warnings:
    return [] if code in _codes.countries() else ["country-code-unknown"]


def _ric(found: _Found) -> Warnings:
    warnings = _check_region(found.kind, found.match["region"])
    _check_birth(found.kind, found.match["birth"], found.on)
    _check_mod_11_2(found.kind, found.match[0])
    return warnings


def _ric15(found: _Found) -> Warnings:
    warnings = _check_region(found.kind, found.match["region"])
    _check_birth(found.kind, "19" + found.match["birth"], found.on)
    return warnings


def _hmt_residence(found: _Found) -> Warnings:
    _check_birth(found.kind, found.match["birth"], found.on)
    _check_mod_11_2(found.kind, found.match[0])
    return []


def _foreign_pr_2017(found: _Found) -> Warnings:
    if found.match["province"] not in _codes.provinces():
        raise IdentifierRefused(found.kind, "province-unknown")
    _check_short_birth(found.kind, found.match["birth"], found.on)
    if icao_check(found.match[0][:-1]) != found.match[0][-1]:
        raise IdentifierRefused(found.kind, "check-digit")
    return _country_warnings(found.match["country"])


def _foreign_pr_2023(found: _Found) -> Warnings:
    if found.match["province"] not in _codes.provinces():
        raise IdentifierRefused(found.kind, "province-unknown")
    _check_birth(found.kind, found.match["birth"], found.on)
    _check_mod_11_2(found.kind, found.match[0])
    return _country_warnings(found.match["country"])


def _foreign_ssn(found: _Found) -> Warnings:
    return _country_warnings(found.match["country"])


def _card_no(found: _Found) -> Warnings:
    if organisation_check(found.match[0][:8]) == found.match[0][8]:
        return []
    if found.strict:
        raise IdentifierRefused(found.kind, "check-digit")
    return ["card-check-digit"]


def _organisation(found: _Found) -> Warnings:
    if organisation_check(found.match[0][:8]) != found.match[0][-1]:
        raise IdentifierRefused(found.kind, "check-digit")
    return []


def _uscc(found: _Found) -> Warnings:
    value, region = found.match[0], found.match["region"]
    if region != _NATIONAL_USCC_REGION and region[:2] not in _codes.provinces():
        raise IdentifierRefused(found.kind, "province-unknown")
    if organisation_check(value[8:16]) != value[16]:
        raise IdentifierRefused(found.kind, "inner-check-digit")
    if uscc_check(value[:17]) != value[17]:
        raise IdentifierRefused(found.kind, "check-digit")
    warnings = [] if region in _codes.regions() or region == _NATIONAL_USCC_REGION else ["region-code-unknown"]
    return warnings if value[:2] in _codes.registration_classes() else [*warnings, "registration-class-unknown"]


def _certificate(found: _Found) -> Warnings:
    if "province" in found.match.re.groupindex and found.match["province"] not in _codes.provinces():
        raise IdentifierRefused(found.kind, "province-unknown")
    if not int(found.match["serial"]):
        raise IdentifierRefused(found.kind, "serial-zero")
    return []


def _region(found: _Found) -> Warnings:
    return _check_region(found.kind, found.match[0])


def _province(found: _Found) -> Warnings:
    if found.match[0][:2] not in _codes.provinces():
        raise IdentifierRefused(found.kind, "province-unknown")
    return []


def _occupation(found: _Found) -> Warnings:
    return [] if found.match[0] in _codes.occupations() else ["occupation-code-unknown"]


def _form_only(_: _Found) -> Warnings:
    return []


def _rule(pattern: str, check: _Check) -> tuple[re.Pattern[str], _Check]:
    return re.compile(pattern, re.ASCII), check


_BIRTH: Final = "(?P<birth>(?:18|19|20)[0-9]{2}[0-9]{4})"

IDENTIFIER_KINDS: Final[Mapping[str, tuple[re.Pattern[str], _Check]]] = {
    "ric": _rule(rf"(?P<region>[1-6][0-9]{{5}}){_BIRTH}[0-9]{{3}}[0-9X]", _ric),
    "ric15": _rule(r"(?P<region>[1-6][0-9]{5})(?P<birth>[0-9]{6})[0-9]{3}", _ric15),
    "hmt_residence": _rule(rf"8[123]0000{_BIRTH}[0-9]{{3}}[0-9X]", _hmt_residence),
    "foreign_pr_2017": _rule(
        r"(?P<country>[A-Z]{3})(?P<province>[0-9]{2})[0-9]{2}(?P<birth>[0-9]{6})[0-9]{2}", _foreign_pr_2017
    ),
    "foreign_pr_2023": _rule(
        rf"9(?P<province>[0-9]{{2}})(?P<country>[0-9]{{3}}){_BIRTH}[0-9]{{3}}[0-9X]", _foreign_pr_2023
    ),
    "foreign_ssn": _rule(r"(?P<country>[A-Z]{3})[0-9][0-9A-Z]{14}", _foreign_ssn),
    "card_no": _rule(r"[0-9A-Z]{8}[0-9X]", _card_no),
    "card_identification": _rule(
        r"(?P<region>[0-9]{6})D156000005[0-9A-F]{16}",
        lambda found: _check_region(found.kind, found.match["region"]),
    ),
    "org_code": _rule(r"[0-9A-Z]{8}-?[0-9X]", _organisation),
    "uscc": _rule(r"[0-9A-HJ-NPQRTUWXY]{2}(?P<region>[0-9]{6})[0-9A-HJ-NPQRTUWXY]{10}", _uscc),
    "skill_cert_no": _rule(
        r"[YS][0-9]{4}(?P<province>[0-9]{2})[0-9]{6}(?P<year>[0-9]{2})(?P<level>[1-5])(?P<serial>[0-9]{6})",
        _certificate,
    ),
    "special_grade_cert_no": _rule(
        r"[YS][0-9]{4}(?P<province>[0-9]{2})[0-9]{6}(?P<year>[0-9]{2})[A-Z](?P<serial>[0-9]{6})", _certificate
    ),
    "legacy_cert_no": _rule(
        r"R[GSCX][NW](?P<province>[0-9]{2})[0-9]{4}[0-9]{3}(?P<year>[0-9]{2})(?P<level>[1-5])(?P<serial>[0-9]{5})",
        _certificate,
    ),
    "qualification_cert_no": _rule(
        r"(?P<year>[0-9]{2})[0-9]{4}[0-4][0-9]{3}(?P<level>[1-5])(?P<serial>[0-9]{5})", _certificate
    ),
    "occupation_code": _rule(r"[1-8]-[0-9]{2}-[0-9]{2}-[0-9]{2}", _occupation),
    "occupation_prefix": _rule(r"[1-8](?:-[0-9]{2}){0,3}", _form_only),
    "region_code": _rule(r"[0-9]{6}", _region),
    "region_prefix": _rule(r"[0-9]{2}(?:[0-9]{2}){0,2}", _province),
    "province_code": _rule(r"[0-9]{2}", _province),
    "level_code": _rule(r"[1-5]", _form_only),
}
"""Every kind with its form and its check. Names are permanent."""

_DOCUMENT_KINDS: Final[Mapping[str, Callable[[str], str]]] = {
    "ric": lambda _: "CHN",
    "hmt_residence": lambda value: {"1": "HKG", "2": "MAC", "3": "TWN"}[value[1]],
    "foreign_pr_2023": lambda value: value[3:6],
    "foreign_pr_2017": lambda value: value[:3],
    "foreign_ssn": lambda value: value[:3],
    "ric15": lambda _: "CHN",
    "card_no": lambda _: "CHN",
    "card_identification": lambda _: "CHN",
}
"""Kinds that name a person, in the order in which a number is tried; no two of them share a form."""
