"""Types that the kinds share. Each parses strictly: what it accepts has one spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from keys.algorithms import algorithm_of_jwk
from keys.errors import BadIssuer, BadKeyId
from keys.ids import check_issuer, parse_kid
from ledger import limits
from ledger.clock import civil_date
from ledger.records._codes import LEVELS
from ledger.records._identifiers import DocumentNumber, check_identifier, document_number
from ledger.records._shape import Codec
from ledger.records.errors import IdentifierRefused

__all__ = ["LEVELS", "DocumentNumber", "check_identifier", "document_number"]

CODES_CACHED_MAX: Final = 4_096
MIDNIGHT: Final = "T00:00:00+08:00"


def claim(zh: str, en: str, default: Any = ..., **constraints: Any) -> Any:
    """A field of the payload with its labels."""
    return Field(default, json_schema_extra={"x-label": {"zh": zh, "en": en}}, **constraints)


def disclosed(zh: str, en: str, *, required: bool = False) -> Any:
    """A personal field: it travels as a disclosure and is None where it is not disclosed.

    required  whether a complete record must have it
    """
    return Field(
        None,
        json_schema_extra={"x-label": {"zh": zh, "en": en}, "x-disclosed": True, "x-required": required},
    )


@dataclass(frozen=True, slots=True)
class Pattern:
    """Annotates a string that fits an ASCII pattern from end to end."""

    pattern: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A check after the string's own."""
        compiled = re.compile(self.pattern, re.ASCII)

        def check(value: str) -> str:
            if not compiled.fullmatch(value):
                raise PydanticCustomError("pattern", "does not have the form {pattern}", {"pattern": self.pattern})
            return value

        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The pattern, anchored."""
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}


@dataclass(frozen=True, slots=True)
class Listed:
    """Annotates a tuple that JSON writes as a list: bounded, without repetitions."""

    least: int = 1
    most: int = 64

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Lists in, tuples kept."""

        def check(value: tuple[Any, ...]) -> tuple[Any, ...]:
            if not self.least <= len(value) <= self.most:
                raise PydanticCustomError("length", "does not have {n} to {m} items", {"n": self.least, "m": self.most})
            if len(set(value)) != len(value):
                raise PydanticCustomError("unique", "names an item twice")
            return value

        inner = core_schema.no_info_after_validator_function(check, handler(source))
        return core_schema.no_info_before_validator_function(
            lambda value: tuple(value) if type(value) is list else value, inner
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The bounds."""
        return {**handler(schema), "minItems": self.least, "maxItems": self.most, "uniqueItems": True}


def _identifier(kind: str) -> Callable[[str], str]:
    # Institutions, regions and occupations repeat from record to record; personal numbers never come here.
    accept = lru_cache(maxsize=CODES_CACHED_MAX)(partial(check_identifier, kind))

    def check(value: str) -> str:
        try:
            accept(value)
        except IdentifierRefused as error:
            raise _malformed(error) from None
        return value

    return check


def _trimmed(value: str) -> str:
    if value != value.strip():
        raise PydanticCustomError("trimmed", "has white space at an end")
    return value


def _civil_date(value: object) -> object:
    if type(value) is not str:
        return value
    try:
        parsed = date.fromisoformat(value)
    except ValueError:
        parsed = None
    if parsed is None or parsed.isoformat() != value:
        raise PydanticCustomError("civil-date", "is not a date YYYY-MM-DD")
    return parsed


_check_issuer = lru_cache(maxsize=CODES_CACHED_MAX)(check_issuer)


def _issuer(value: str) -> str:
    try:
        _check_issuer(value)
    except BadIssuer as error:
        raise PydanticCustomError("issuer", "{reason}", {"reason": str(error)}) from None
    return value


def _kid(value: str) -> str:
    try:
        parse_kid(value)
    except BadKeyId as error:
        raise PydanticCustomError("kid", "{reason}", {"reason": str(error)}) from None
    return value


def _jwk(value: dict[str, str]) -> dict[str, str]:
    algorithm_of_jwk(value)
    return value


def _document(value: str, info: ValidationInfo) -> str:
    """Nobody is certified before birth: the time of signing, validated before, bounds the date of birth."""
    issued_at = info.data.get("issued_at")
    on = date.max if issued_at is None else civil_date(issued_at)
    try:
        document_number(value, on=on)
    except IdentifierRefused as error:
        raise _malformed(error) from None
    return value


def _malformed(error: IdentifierRefused) -> PydanticCustomError:
    return PydanticCustomError("identifier-malformed", "{kind}: {reason}", {"kind": error.kind, "reason": error.reason})


Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_trimmed)]
LongText = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_trimmed)]
PersonName = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_trimmed)]
Seconds = Annotated[int, Field(ge=0, le=253_402_271_999)]
"""Seconds since 1970, within the calendar: until the end of the year 9999 in Shanghai."""

Count = Annotated[int, Field(ge=0, le=limits.INTEGER_MAX)]
Index = Annotated[int, Field(ge=0, le=limits.TREE_LEAVES_MAX)]
Minutes = Annotated[int, Field(ge=0, le=10_000_000)]
Centi = Annotated[int, Field(ge=1, le=10_000_000)]
"""Credits in hundredths."""

LevelOrder = Annotated[int, Field(ge=1, le=8)]
"""Order of a level, 1 学徒工 to 8 首席技师; `LEVELS` has code and names."""

CivilDate = Annotated[date, BeforeValidator(_civil_date)]
"""An Asia/Shanghai calendar date, written YYYY-MM-DD in claims and as midnight +08:00 in payloads."""

IssuerUrl = Annotated[str, AfterValidator(_issuer)]
Kid = Annotated[str, AfterValidator(_kid)]
PublicJwk = Annotated[dict[str, str], AfterValidator(_jwk)]
Urn = Annotated[str, Pattern("urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
RecordId = Annotated[str, Pattern("[0-9a-f]{64}")]
Code = Annotated[str, Pattern("[a-z][a-z0-9-]{0,63}")]
UpperCode = Annotated[str, Pattern("[A-Z][A-Z0-9_-]{0,63}")]
Origin = Annotated[str, Pattern("[!-*,-~]{1,200}")]
"""The log's name, first line of its checkpoints: printable ASCII without space or plus."""

ScoreValue = Annotated[str, Pattern(r"(?:0|[1-9][0-9]{0,3})(?:\.[0-9]{1,2})?|pass|fail")]
CertificateText = Annotated[str, Pattern(r"[0-9A-Za-z](?:[0-9A-Za-z/.-]{0,38}[0-9A-Za-z])?")]
DocumentText = Annotated[str, AfterValidator(_document)]
Uscc = Annotated[str, AfterValidator(_identifier("uscc"))]
OccupationCode = Annotated[str, AfterValidator(_identifier("occupation_code"))]
RegionCode = Annotated[str, AfterValidator(_identifier("region_code"))]
OccupationPrefix = Annotated[
    str, AfterValidator(lambda value: value if value == "*" else _identifier("occupation_prefix")(value))
]
RegionPrefix = Annotated[
    str, AfterValidator(lambda value: value if value == "*" else _identifier("region_prefix")(value))
]


@dataclass(frozen=True, slots=True)
class StatusPlace:
    """A place in the status lists of an institution: the same index for revocation and for suspension."""

    base: str
    uscc: str
    list_number: int
    index: int

    @property
    def list_url(self) -> str:
        """Address that the lists of both purposes share."""
        return f"{self.base}/status/{self.uscc}/{self.list_number}"

    def url(self, purpose: str) -> str:
        """Address of the list of a purpose, `revocation` or `suspension`."""
        return f"{self.list_url}/{purpose}"


PURPOSES: Final = ("revocation", "suspension")
_STATUS_URL: Final = re.compile(
    r"(?P<base>https?://[a-z0-9.-]{1,253}(?::[1-9][0-9]{0,4})?(?:/[A-Za-z0-9._~-]+)*)"
    r"/status/(?P<uscc>[0-9A-Z]{18})/(?P<list>[1-9][0-9]{0,8})/revocation",
    re.ASCII,
)
_DECIMAL: Final = re.compile("0|[1-9][0-9]{0,8}", re.ASCII)


def _status_place(value: object) -> object:
    if not isinstance(value, StatusPlace):
        if type(value) is not dict or value.keys() != {"base", "uscc", "list", "index"}:
            raise PydanticCustomError("status", "is not a status place of base, uscc, list and index")
        value = StatusPlace(value["base"], value["uscc"], value["list"], value["index"])
    if type(value.list_number) is not int or type(value.index) is not int:
        raise PydanticCustomError("status", "list and index are whole numbers")
    if not _STATUS_URL.fullmatch(value.url("revocation")) or not 0 <= value.index < limits.STATUS_LIST_BYTES_MAX * 8:
        raise PydanticCustomError("status", "base, uscc, list or index is out of bounds")
    return value


def _write_status(place: StatusPlace) -> list[dict[str, str]]:
    return [
        {
            "id": f"{place.url(purpose)}#{place.index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose,
            "statusListIndex": str(place.index),
            "statusListCredential": place.url(purpose),
        }
        for purpose in PURPOSES
    ]


def _read_status(entries: Any) -> object:
    first = entries[0] if type(entries) is list and entries else None
    if type(first) is not dict:
        return entries
    url, index = first.get("statusListCredential"), first.get("statusListIndex")
    match = _STATUS_URL.fullmatch(url) if type(url) is str else None
    if match is None or type(index) is not str or not _DECIMAL.fullmatch(index):
        return entries
    return StatusPlace(match["base"], match["uscc"], int(match["list"]), int(index))


Status = Annotated[
    StatusPlace,
    BeforeValidator(_status_place),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {
                "base": {"type": "string", "format": "uri"},
                "uscc": {"type": "string"},
                "list": {"type": "integer", "minimum": 1},
                "index": {"type": "integer", "minimum": 0},
            },
            "required": ["base", "uscc", "list", "index"],
            "additionalProperties": False,
        }
    ),
]


def _read_midnight(value: Any) -> Any:
    return value.removesuffix(MIDNIGHT) if type(value) is str and value.endswith(MIDNIGHT) else None


def _read_date(value: Any) -> Any:
    return value


STATUS_ENTRIES: Final = Codec(_write_status, _read_status, {"type": "array", "minItems": 2, "maxItems": 2})
AS_MIDNIGHT: Final = Codec(
    lambda value: f"{value.isoformat()}{MIDNIGHT}",
    _read_midnight,
    {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00\\+08:00$"},
)
AS_DATE: Final = Codec(lambda value: value.isoformat(), _read_date, {"type": "string", "format": "date"})
AS_LIST: Final = Codec(list)


def read_references(value: Any) -> Any:
    """Record ids of a list of `{"record": id}`; other members are compared, not read."""
    if type(value) is not list or not all(type(item) is dict for item in value):
        return value
    return [item.get("record") for item in value]


AS_REFERENCES: Final = Codec(
    lambda value: [{"record": record_id} for record_id in value],
    read_references,
    {"type": "array", "items": {"type": "object", "required": ["record"]}},
)

LATE_REASONS: Final[Mapping[str, str]] = {
    "historical-import": "历史数据补录",
    "paper-backlog": "纸质档案补录",
    "appeal-decided": "申诉裁定",
    "system-outage": "系统故障",
    "approved": "经批准的其他原因",
}
"""Why a record may come late, with the Chinese wording; the codes are permanent."""

LateReason = Annotated[str, Pattern("|".join(LATE_REASONS))]
