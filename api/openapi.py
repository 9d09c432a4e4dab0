"""The OpenAPI 3.1 document: schemas, examples and problems in one place; endpoints only name them.

FastAPI derives the paths of its own endpoints; `finish` adds the raw ones, the schemas and the security schemes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from api.client.outcome import TEXTS, VALUES
from api.problems import MEDIA_TYPE, PROBLEMS, problem_body

HEX64: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_RECORD_ID_EXAMPLE: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_TEXT: Final = {"type": "string"}
_INSTANT: Final = {"type": ["string", "null"], "format": "date-time"}


def _object(required: Sequence[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


_LABEL: Final = _object(["zh", "en"], zh=_TEXT, en=_TEXT)

SCHEMAS: Final[dict[str, Any]] = {
    "Problem": _object(
        ["type", "title", "status", "detail", "code", "request_id"],
        type=_TEXT,
        title=_TEXT,
        title_zh=_TEXT,
        status={"type": "integer"},
        detail=_TEXT,
        code={"type": "string", "description": "Permanent; see /problems/{code}"},
        request_id=_TEXT,
        errors={"type": "array", "items": _object(["pointer", "code"], pointer=_TEXT, code=_TEXT)},
    ),
    "Receipt": _object(
        ["record_id", "index", "receipt"],
        record_id=HEX64,
        index={"type": "integer", "minimum": 0},
        receipt={"type": "string", "description": "c2sp.org/tlog-proof@v1"},
        code={"type": "string", "description": "permanent verification code, 16 characters"},
        warnings={"type": "array", "items": _TEXT},
    ),
    "BatchLine": _object(
        ["line", "status"],
        line={"type": "integer", "minimum": 1},
        status={"type": "integer"},
        record_id=HEX64,
        index={"type": "integer"},
        code={"type": "string", "description": "error code of a refused line"},
        verification_code=_TEXT,
        warnings={"type": "array", "items": _TEXT},
    ),
    "Group": _object(["records"], records={"type": "array", "items": {"$ref": "#/components/schemas/Receipt"}}),
    "Question": {
        "oneOf": [
            _object(["envelope"], envelope={"type": "string", "maxLength": 32768}, at=_INSTANT)
            | {"additionalProperties": False},
            _object(["code"], code={"type": "string", "maxLength": 64}, at=_INSTANT) | {"additionalProperties": False},
            _object(
                ["certificate_number", "name"],
                certificate_number={"type": "string", "minLength": 1, "maxLength": 64},
                name={"type": "string", "minLength": 1, "maxLength": 100},
                at=_INSTANT,
            )
            | {"additionalProperties": False},
        ]
    },
    "Verification": _object(
        ["outcome", "as_of", "checks"],
        outcome={"type": "string", "enum": list(TEXTS)},
        as_of={"type": "string", "format": "date-time"},
        checks={
            "type": "object",
            "description": "Empty for `not_found`, else all seven.",
            "properties": {
                name: _object(
                    ["value", "as_of"], value={"type": "string", "enum": list(values)}, as_of=_INSTANT, note=_TEXT
                )
                for name, values in VALUES.items()
            },
        },
        content={"type": "object", "description": "Only where the outcome permits; names and numbers are masked."},
        banner=_LABEL,
        advice=_LABEL,
    ),
    "Kind": _object(
        ["kind", "label", "schema", "disclosures"],
        kind=_TEXT,
        label=_LABEL,
        typ=_TEXT,
        disclosures={"type": "array", "items": _TEXT},
        schema={"type": "object"},
        example={"type": "object"},
    ),
    "Kinds": _object(["kinds"], kinds={"type": "array", "items": {"$ref": "#/components/schemas/Kind"}}),
    "Institution": _object(["uscc", "issuer", "name"], uscc=_TEXT, issuer=_TEXT, name=_TEXT, standing=_TEXT),
    "Object": {"type": "object"},
    "Token": _object(["access_token"], access_token=_TEXT, token_type=_TEXT, expires_in={"type": "integer"}),
}

RECEIPT_EXAMPLE: Final = {
    "record_id": _RECORD_ID_EXAMPLE,
    "index": 41,
    "receipt": "c2sp.org/tlog-proof@v1\nindex 41\n…",
    "code": "7Q4K9XWM2B3C4D5E",
}

SECURITY_SCHEMES: Final = {
    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-session"},
}
SIGNED_IN: Final[list[dict[str, list[str]]]] = [{"token": []}, {"session": []}]

COMMON: Final = ("path-invalid", "rate-limited", "headers-too-large", "internal", "unavailable")


def answer(
    description: str, *, schema: str | None = None, media_type: str = "application/json", example: Any = None
) -> dict[str, Any]:
    """One documented response.

    schema  a key of SCHEMAS, or None for text or bytes
    """
    content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "string"}}
    if example is not None:
        content["example"] = example
    return {"description": description, "content": {media_type: content}}


def problems(*codes: str) -> dict[str, Any]:
    """Documented responses of these problem codes and of the common ones, one for each status, with an example each.

    raises  KeyError for a code without an entry in PROBLEMS
    """
    by_status: dict[str, dict[str, Any]] = {}
    for code in (*codes, *COMMON):
        problem = PROBLEMS[code]
        found = by_status.setdefault(
            str(problem.status),
            {
                "description": problem.en,
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}},
            },
        )
        body = orjson.loads(problem_body(code, problem, detail=problem.en, request_id="5f1c-2a"))
        found["content"][MEDIA_TYPE]["examples"][code] = {"summary": problem.zh, "value": body}
    return by_status


def documented(success: Mapping[int, dict[str, Any]], *codes: str) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an endpoint: its successes and its problems."""
    found: dict[int | str, dict[str, Any]] = {str(status): described for status, described in success.items()}
    found.update(problems(*codes))
    return found


_REFUSALS: Final = (
    "record-too-large",
    "malformed",
    "not-canonical",
    "disclosure-invalid",
    "header-invalid",
    "bad-kid",
    "unknown-kind",
    "schema-invalid",
    "identifier-malformed",
    "algorithm-unknown",
    "algorithm-not-accepted",
    "bad-signature",
    "key-unknown",
    "key-not-authorised",
    "exists-differs",
    "id-already-used",
    "erased",
    "issuer-unknown",
    "issuer-suspended",
    "not-accredited",
    "dated-in-future",
    "late-without-reason",
    "disclosures-incomplete",
    "name-differs",
    "rule-broken",
    "certificate-number-used",
    "status-index-taken",
    "target-unknown",
    "target-foreign",
    "overloaded",
    "not-ready",
    "store-unavailable",
    "media-type-unsupported",
    "body-invalid",
)


def _body(media_type: str, schema: dict[str, Any], example: Any) -> dict[str, Any]:
    return {"required": True, "content": {media_type: {"schema": schema, "example": example}}}


_ENVELOPE_SCHEMA: Final = {"type": "string", "description": "header.payload.signature~disclosure~…~ (RFC 9901)"}
_ENVELOPE_EXAMPLE: Final = "eyJhbGciOiJFZDI1NTE5Iiw….eyJpc3MiOi….c2lnbmF0dXJl~WyJzYWx0Iiw…~"


def _raw_paths() -> dict[str, Any]:
    """The endpoints that bypass FastAPI, described by hand."""
    receipt = {
        status: answer(text, schema="Receipt", example=RECEIPT_EXAMPLE)
        for status, text in ((201, "Logged"), (200, "Held already: the first answer again"))
    }
    return {
        "/v1/records": {
            "post": {
                "operationId": "submit_record",
                "summary": "Append one record",
                "tags": ["records"],
                "requestBody": _body("application/sd-jwt", _ENVELOPE_SCHEMA, _ENVELOPE_EXAMPLE),
                "responses": documented(receipt, *_REFUSALS),
            }
        },
        "/v1/records/batch": {
            "post": {
                "operationId": "submit_batch",
                "summary": "Append many records, each on its own",
                "tags": ["records"],
                "requestBody": _body("application/x-ndjson", _ENVELOPE_SCHEMA, f'"{_ENVELOPE_EXAMPLE}"\n'),
                "responses": documented(
                    {
                        200: answer(
                            "A line for each line, in order", schema="BatchLine", media_type="application/x-ndjson"
                        )
                    },
                    "batch-too-large",
                    "media-type-unsupported",
                    "body-invalid",
                ),
            }
        },
        "/v1/records/group": {
            "post": {
                "operationId": "submit_group",
                "summary": "Append records that stand or fall together",
                "tags": ["records"],
                "requestBody": _body("application/x-ndjson", _ENVELOPE_SCHEMA, f'"{_ENVELOPE_EXAMPLE}"\n'),
                "responses": documented(
                    {201: answer("All logged", schema="Group"), 200: answer("All held already", schema="Group")},
                    *_REFUSALS,
                    "group-refused",
                    "batch-too-large",
                ),
            }
        },
        "/v1/verifications": {
            "post": {
                "operationId": "verify",
                "summary": "Verify an envelope, a code, or a certificate number with the holder's name",
                "tags": ["verification"],
                "requestBody": _body(
                    "application/json", {"$ref": "#/components/schemas/Question"}, {"code": "7Q4K9XWM2B3C4D5E"}
                ),
                "responses": documented(
                    {200: answer("Every outcome, `not_found` included", schema="Verification")},
                    "body-invalid",
                    "body-too-large",
                    "parameter-invalid",
                    "media-type-unsupported",
                ),
            }
        },
    }


def finish(document: dict[str, Any]) -> dict[str, Any]:
    """The document FastAPI derived, completed: raw paths, schemas, security schemes; FastAPI's own 422 goes."""
    for path, item in _raw_paths().items():
        document["paths"].setdefault(path, {}).update(item)
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas.update(SCHEMAS)
    components["securitySchemes"] = SECURITY_SCHEMES
    for item in document["paths"].values():
        for operation in item.values():
            _use_problems_for_validation(operation)
            _drop_assumed_json(operation)
    return document


def _drop_assumed_json(operation: dict[str, Any]) -> None:
    """FastAPI says of every success that it is JSON, also where the endpoint says what else it is."""
    for response in operation.get("responses", {}).values():
        content = response.get("content", {})
        if len(content) > 1 and content.get("application/json") == {"schema": {}}:
            del content["application/json"]


def _use_problems_for_validation(operation: dict[str, Any]) -> None:
    responses = operation.get("responses", {})
    found = responses.get("422", {}).get("content", {})
    if "application/json" in found:
        responses["422"] = problems("parameter-invalid")["422"]
