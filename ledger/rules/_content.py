"""What all rule contents share: a frozen model, read strictly from the JSON of a published rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ledger.errors import SchemaInvalid
from ledger.records._fields import LongText

PROBLEMS_SHOWN_MAX = 8


class Part(BaseModel):
    """A part of a rule's content: JSON in, no other members, no conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Content(Part):
    """The whole content of a rule.

    provenance  `official` as its publisher's policy says it, `observed` as a public notice told it, or `sample`:
                invented. Whoever shows a result shows this too.
    source      where the facts come from
    """

    provenance: Literal["official", "observed", "sample"] = "official"
    source: LongText | None = Field(None)

    @classmethod
    def parse(cls, content: Mapping[str, Any]) -> Self:
        """The content as a model.

        raises  SchemaInvalid (Refused), with JSON pointers into the content and without values
        """
        try:
            return cls.model_validate(dict(content))
        except ValidationError as error:
            problems = error.errors(include_url=False, include_input=False, include_context=False)
        places = [f"{_pointer(problem)}: {problem['msg']}" for problem in problems]
        raise SchemaInvalid("; ".join(places[:PROBLEMS_SHOWN_MAX])) from None


def _pointer(problem: Any) -> str:
    """Where a problem lies. An unknown member is named by its parent: its own name is the submitter's."""
    steps = problem["loc"][:-1] if problem["type"] == "extra_forbidden" else problem["loc"]
    return "/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in steps)
