"""Schemas in words, and examples that fit them."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec import json

from exchange.gateway.docs.schemas import bounds_of, example_of, resolved, type_of
from exchange.gateway.server import descriptions

REST, SOCKET = (json.decode(descriptions()[name]) for name in ("openapi", "asyncapi"))
SCHEMAS = {"M": {"type": "object"}, "Side": {"enum": ["buy", "sell"]}}

TYPES: list[tuple[dict[str, Any], str]] = [
    ({"type": "integer"}, "integer"),
    ({"$ref": "#/x/M"}, '<a href="#s-M">M</a>'),
    ({"$ref": "#/x/Side"}, "<code>buy</code> | <code>sell</code>"),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
    ({"type": ["string", "null"]}, "string or null"),
    ({"type": "array", "items": {"$ref": "#/x/M"}}, 'list of <a href="#s-M">M</a>'),
    ({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]}, "[string, integer]"),
    ({"type": "object", "additionalProperties": {"type": "string"}}, "map of string"),
    ({"type": "object", "additionalProperties": False}, "object"),
    ({}, "anything"),
]
BOUNDS: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"minimum": 0, "maximum": 2**53 - 1}, "0 ≤ value."),
    ({"minimum": -5, "maximum": 1_000}, "-5 ≤ value ≤ 1,000."),
    ({"maxLength": 64}, "up to 64 characters."),
    ({"minLength": 1, "maxLength": 64, "default": "a"}, "1 to 64 characters, default <code>&quot;a&quot;</code>."),
    ({"minItems": 1}, "at least 1 entries."),
    ({"pattern": "^<$", "default": None}, "<code>^&lt;$</code>, default <code>null</code>."),
]  # fmt: skip


@pytest.mark.parametrize("schema, told", TYPES)
def test_a_type_in_words(schema: dict[str, Any], told: str) -> None:
    assert type_of(schema, "s-", SCHEMAS) == told


@pytest.mark.parametrize("schema, told", BOUNDS)
def test_bounds_in_words(schema: dict[str, Any], told: str) -> None:
    assert bounds_of(schema) == told


BODIES = [
    (REST, content["schema"], operation["operationId"])
    for operations in REST["paths"].values()
    for operation in operations.values()
    for media, content in operation.get("requestBody", {}).get("content", {}).items()
    if media == "application/json"
]
FRAMES = [
    (SOCKET, SOCKET["components"]["messages"][reference["$ref"].rpartition("/")[2]]["payload"], reference["$ref"])
    for reference in SOCKET["operations"]["receive"]["messages"]
]  # fmt: skip


@pytest.mark.parametrize(
    "document, schema, name", BODIES + FRAMES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_the_example_of_everything_that_can_be_sent_fits_its_schema(
    document: dict[str, Any], schema: dict[str, Any], name: str
) -> None:
    example = example_of(schema, document["components"]["schemas"])

    Draft202012Validator({**schema, "components": document["components"]}).validate(example)
    assert isinstance(example, dict)
    assert example or not resolved(schema, document["components"]["schemas"]).get("properties"), (
        "it says nothing"
    )
