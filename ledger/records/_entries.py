"""Lists of small objects inside a record, such as a contest's events: one object an entry, told apart by one member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

ENTRY = ConfigDict(extra="forbid", strict=True)
"""For `pydantic.with_config` on the TypedDict of an entry: no other members, no conversions."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Annotates a tuple of TypedDicts that JSON writes as a list: bounded, no two with the same `key`."""

    key: str
    most: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Lists in, tuples kept."""

        def check(value: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
            if not 1 <= len(value) <= self.most:
                raise PydanticCustomError("length", "does not have 1 to {m} entries", {"m": self.most})
            if len({entry[self.key] for entry in value}) != len(value):
                raise PydanticCustomError("unique", "has two entries with the same {key}", {"key": self.key})
            return value

        inner = core_schema.no_info_after_validator_function(check, handler(source))
        return core_schema.no_info_before_validator_function(
            lambda value: tuple(value) if type(value) is list else value, inner
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The bounds, and the entry's schema in its place: a field's schema stands alone."""
        found = handler(schema)
        items = handler.resolve_ref_schema(found["items"])
        return {**found, "items": items, "minItems": 1, "maxItems": self.most}
