"""The description of REST is well formed, and true: what the server answers fits it."""

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from exchange.core.messages import PlaceOrder, Role, Side
from exchange.core.rejects import RejectCode
from exchange.gateway import policy
from exchange.gateway.openapi import describe
from exchange.gateway.rest.table import ROUTES
from exchange.gateway.routes import AnyRoute, NoBody
from tests.gateway.house import House

DOCUMENT = describe(ROUTES)
SCHEMAS = DOCUMENT["components"]["schemas"]
RULES: dict[str, Any] = {
    "type": "object",
    "required": ["openapi", "info", "paths", "components"],
    "properties": {
        "openapi": {"const": "3.1.0"},
        "info": {"type": "object", "required": ["title", "version"]},
        "paths": {
            "propertyNames": {"pattern": "^/"},
            "additionalProperties": {
                "propertyNames": {"enum": ["get", "post", "put", "patch", "delete"]},
                "additionalProperties": {"$ref": "#/$defs/operation"},
            },
        },
    },
    "$defs": {
        "operation": {
            "type": "object",
            "required": ["operationId", "summary", "description", "responses"],
            "properties": {
                "summary": {"type": "string", "minLength": 3, "maxLength": 40},
                "description": {"type": "string", "minLength": 10},
                "parameters": {"type": "array", "items": {"$ref": "#/$defs/parameter"}},
                "requestBody": {"required": ["content"], "properties": {"required": {"const": True}}},
                "responses": {
                    "minProperties": 2,
                    "propertyNames": {"pattern": "^[2-5][0-9]{2}$"},
                    "additionalProperties": {"required": ["description", "content"]},
                },
            },
        },
        "parameter": {
            "type": "object",
            "required": ["name", "in", "schema"],
            "properties": {"in": {"enum": ["path", "query", "header"]}},
            "if": {"properties": {"in": {"const": "path"}}},
            "then": {"required": ["required"], "properties": {"required": {"const": True}}},
        },
    },
}


def operation_of(route: AnyRoute) -> dict[str, Any]:
    operation: dict[str, Any] = DOCUMENT["paths"][route.path][route.method.lower()]
    return operation


def references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [each for below in node.values() for each in references(below)]
    return [each for below in node for each in references(below)] if isinstance(node, list) else []


def test_it_is_an_openapi_document() -> None:
    assert [error.message for error in Draft202012Validator(RULES).iter_errors(DOCUMENT)] == []


def test_every_route_is_in_it_and_nothing_else() -> None:
    described = {
        f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods
    }

    assert described == {route.name for route in ROUTES}


def test_operations_have_names_of_their_own() -> None:
    names = [operation_of(route)["operationId"] for route in ROUTES]

    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere_and_every_schema_is_one() -> None:
    assert {each.removeprefix("#/components/schemas/") for each in references(DOCUMENT)} <= set(SCHEMAS)
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_route_is_described_with_its_ids_its_body_and_who_may_ask(route: AnyRoute) -> None:
    operation = operation_of(route)
    need = policy.need_of(route.need)

    ids = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
    assert ids == set(re.findall(r"\{(\w+)\}", route.path))
    assert ("requestBody" in operation) == (route.body is not NoBody or bool(route.takes))
    assert str(route.status) in operation["responses"]
    assert need is not None
    assert operation.get("x-scope") == need.scope
    assert ("security" in operation) == (need.scope is None)


def test_prices_and_amounts_are_strings_everywhere() -> None:
    for name, schema in SCHEMAS.items():
        for field, told in schema.get("properties", {}).items():
            if re.fullmatch(
                r"(.*_)?(price|amount|tick|ceiling_price|min_step|fee|fee_tax)", field
            ) and name not in {
                "Disclosure",
                "DisclosureShown",
            }:
                kinds = {each.get("type") for each in told.get("anyOf", [told])}
                assert kinds <= {"string", "null"}, f"{name}.{field}"


async def test_the_server_serves_it(house: House) -> None:
    assert await house.get(None, "/openapi.json") == DOCUMENT


async def test_what_the_server_answers_fits_it(house: House) -> None:
    instrument = await house.instrument()
    seller, buyer = await house.seller(instrument), await house.buyer()
    for holder, side in ((seller, Side.SELL), (buyer, Side.BUY)):
        order = PlaceOrder(instrument_id=instrument, side=side, price=250, quantity=10)
        await house.do(holder.member_id, order)
    resting = PlaceOrder(instrument_id=instrument, side=Side.BUY, price=200, quantity=10)
    order_id = (await house.do(buyer.member_id, resting)).id
    await house.archive()
    ids = {
        "instrument_id": instrument,
        "order_id": order_id,
        "member_id": buyer.member_id,
        "name": RejectCode.BUSY.name,
    }
    checked = 0
    for route in ROUTES:
        if route.method != "GET" or not set(re.findall(r"\{(\w+)\}", route.path)) <= set(ids):
            continue
        answer = await house.call(buyer, "GET", route.path.format_map(ids))
        told = operation_of(route)["responses"][str(answer.status)]["content"]
        media = answer.headers["Content-Type"].partition(";")[0]
        assert media in told, route.name
        if media.endswith("json"):
            validator = Draft202012Validator(told[media]["schema"] | {"components": DOCUMENT["components"]})
            assert [error.message for error in validator.iter_errors(answer.body)] == [], route.name
        checked += 1

    assert checked > 20


def test_no_shape_is_named_after_a_module() -> None:
    assert [name for name in SCHEMAS if "." in name] == []


async def test_a_problem_fits_it_too(house: House) -> None:
    buyer = await house.member(Role.BUYER)

    answer = await house.call(buyer, "POST", "/v1/orders", {"price": 1})

    schema = SCHEMAS["Problem"] | {"components": DOCUMENT["components"]}
    assert [error.message for error in Draft202012Validator(schema).iter_errors(answer.body)] == []
    assert {"code", "reason", "remedy", "advice", "errors"} <= answer.body.keys()
