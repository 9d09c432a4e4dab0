"""JSON Schemas of a kind, derived from its fields and its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.records._shape import Derived, Hide, Maybe, Shape, Slot, Woven
from ledger.wire.canonical import Json

if TYPE_CHECKING:
    from ledger.records._base import Record

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILLED = frozenset({"issuer", "uid", "issued_at", "status", "signing_kid"})
"""Fields that signing fills in where claims leave them out."""


def _field_schemas(kind: type[Record]) -> dict[str, dict[str, Json]]:
    properties: dict[str, dict[str, Json]] = kind.model_json_schema(mode="validation")["properties"]
    return {name: _without_null(schema) for name, schema in properties.items()}


def _without_null(schema: dict[str, Json]) -> dict[str, Json]:
    """An optional field is left out, never null."""
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default", "x-required", "title")}
    return {**options[0], **rest} if len(options) == 1 else rest | ({"anyOf": options} if options else {})


def input_schema(kind: type[Record]) -> dict[str, Json]:
    """Schema of what people and programs fill in: `{"claims": {…}, "disclosed": {…}}`."""
    fields = _field_schemas(kind)
    needed = {name for name, field in kind.model_fields.items() if field.is_required()} - FILLED
    parts: dict[str, dict[str, Json]] = {}
    for part, names, required in (
        ("claims", [name for name in fields if name not in kind.DISCLOSED], sorted(needed)),
        ("disclosed", list(kind.DISCLOSED), list(kind.REQUIRED)),
    ):
        parts[part] = {
            "type": "object",
            "properties": {name: fields[name] for name in names},
            "required": required,
            "additionalProperties": False,
        }
    return {
        "$schema": DIALECT,
        "$id": f"{_base_url()}{kind.kind_name()}",
        "title": kind.LABEL["en"],
        "x-label": dict(kind.LABEL),
        "x-typ": kind.TYP,
        "x-disclosures": list(kind.DISCLOSED),
        "type": "object",
        "properties": dict(parts),
        "required": ["claims"],
        "additionalProperties": False,
    }


def payload_schema(kind: type[Record]) -> dict[str, Json]:
    """Schema of the payload with all its disclosures in place."""
    fields = _field_schemas(kind)
    optional = {name for name, field in kind.model_fields.items() if not field.is_required()} - set(kind.REQUIRED)
    schema: dict[str, Json] = _schema_of(kind.SHAPE, fields, optional)
    return {
        "$schema": DIALECT,
        "$id": f"{_base_url()}{kind.kind_name()}/payload",
        "title": kind.LABEL["en"],
        "x-label": dict(kind.LABEL),
        **schema,
    }


def _base_url() -> str:
    from ledger.records._base import KINDS_URL

    return KINDS_URL


def _schema_of(shape: Shape, fields: dict[str, dict[str, Json]], optional: set[str]) -> Any:
    match shape:
        case Slot():
            labels = {key: value for key, value in fields[shape.name].items() if key.startswith("x-")}
            return {**shape.codec.schema, **labels} if shape.codec.schema is not None else fields[shape.name]
        case Woven():
            return {**fields[shape.name], **shape.schema}
        case Hide():
            return {**_schema_of(shape.shape, fields, optional), "x-disclosed": True}
        case Maybe():
            return _schema_of(shape.shape, fields, optional)
        case Derived():
            return dict(shape.schema)
        case dict():
            return {
                "type": "object",
                "properties": {key: _schema_of(part, fields, optional) for key, part in shape.items()},
                "required": [key for key, part in shape.items() if not _may_be_absent(part, optional)],
                "additionalProperties": False,
            }
        case list() if not any(_may_be_absent(part, optional) for part in shape):
            items = [_schema_of(part, fields, optional) for part in shape]
            return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
        case list():
            items = [_schema_of(part, fields, optional) for part in shape]
            return {"type": "array", "items": {"anyOf": items}, "maxItems": len(items)}
        case _:
            return {"const": shape}


def _may_be_absent(shape: Shape, optional: set[str]) -> bool:
    match shape:
        case Slot() | Woven():
            return shape.name in optional
        case Hide() | Maybe():
            return all(name in optional for name in shape.fields)
        case Derived():
            return "x-optional" in shape.schema
        case _:
            return False
