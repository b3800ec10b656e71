"""REST described in OpenAPI 3.1, made from the table of routes and the Structs that it names.

Guarantees: it can't differ from what the server does: the same Structs decode and answer.
Known limits: which refusals a route can make is told by status, not by code.
"""

import inspect
import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from msgspec import Struct

from exchange import __version__
from exchange.gateway import policy
from exchange.gateway.notation import Id
from exchange.gateway.problems import MEDIA_TYPE, Problem
from exchange.gateway.routes import AnyRoute, NoBody

Document = dict[str, Any]

_SCHEMAS: Final = "#/components/schemas/{name}"
_INTRODUCTION: Final = (
    "Prices and amounts are decimal strings, instants RFC 3339 in UTC with microseconds, ids strings. A command "
    "is answered when it is on disk. A refusal is a problem document whose `type` explains it."
)
_IDEMPOTENCY_KEY: Final[Document] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same request takes effect once and is answered alike for a day.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
_IF_MATCH: Final[Document] = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag with which the thing was read: if somebody has changed it since, nothing happens (412).",
    "schema": {"type": "string"},
}


def describe(routes: Sequence[AnyRoute]) -> Document:
    """The document, as JSON has it: what is a tuple in a default is a list."""
    paths: Document = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    document: Document = {
        "openapi": "3.1.0",
        "info": {"title": "Quickmatch exchange", "version": __version__, "description": _INTRODUCTION},
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas([Problem, *_structs(routes)]),
        },
    }
    plain: Document = msgspec.json.decode(msgspec.json.encode(document))
    return plain


def _structs(routes: Sequence[AnyRoute]) -> Iterator[type[Struct]]:
    for route in routes:
        yield from (kind for kind in (route.body, route.response) if _is_shown(kind))


def _is_shown(kind: type) -> bool:
    return issubclass(kind, Struct) and kind is not NoBody


def _schemas(kinds: Sequence[type]) -> Document:
    return msgspec.json.schema_components(kinds, ref_template=_SCHEMAS)[1]


def _reference(kind: type) -> Document:
    return msgspec.json.schema_components([kind], ref_template=_SCHEMAS)[0][0]


def _operation(route: AnyRoute) -> Document:
    need = policy.need_of(route.need)
    assert need is not None, f"{route.name} has no line in the policy"
    operation: Document = {
        "operationId": route.endpoint.__name__,
        "summary": route.summary,
        "description": inspect.getdoc(route.endpoint),
        "parameters": list(_parameters(route)),
        "responses": {str(route.status): _answer(route)} | _problems(route, keyed=need.scope is not None),
    }
    if need.scope is None:
        operation["security"] = []
    else:
        operation["x-scope"] = need.scope
        operation["x-roles"] = sorted(need.roles)
    if route.takes:
        content = {media: {"schema": {"type": "string", "format": "binary"}} for media in route.takes}
        operation["requestBody"] = {"required": True, "content": content}
    elif route.body is not NoBody:
        content = {"application/json": {"schema": _reference(route.body)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameters(route: AnyRoute) -> Iterator[Document]:
    for name in re.findall(r"\{(\w+)\}", route.path):
        yield {"name": name, "in": "path", "required": True, "schema": msgspec.json.schema(Id)}
    query = _schemas([route.query])[route.query.__name__]
    for name, schema in query["properties"].items():
        # What is left out is null inside, but no query can say so.
        said = next(each for each in schema.get("anyOf", [schema]) if each != {"type": "null"})
        yield {"name": name, "in": "query", "required": name in query["required"], "schema": said}
    if route.command:
        yield _IDEMPOTENCY_KEY
    if route.is_conditional:
        yield _IF_MATCH


def _answer(route: AnyRoute) -> Document:
    media, schema = "application/json", {"type": "object"}
    if _is_shown(route.response):
        schema = _reference(route.response)
    elif route.response is bytes:
        media, schema = route.media, {"type": "string"}
    return {"description": "As asked.", "content": {media: {"schema": schema}}}


def _problems(route: AnyRoute, *, keyed: bool) -> Document:
    statuses = {400, 422, 429, 503}
    if keyed:
        statuses |= {401, 403}
    if "{" in route.path or route.command:
        statuses.add(404)
    if route.takes_body:
        statuses |= {408, 413, 415}
    if route.command:
        statuses.add(409)
    if route.is_conditional:
        statuses.add(412)
    content = {MEDIA_TYPE: {"schema": _reference(Problem)}}
    return {
        str(status): {"description": HTTPStatus(status).phrase, "content": content}
        for status in sorted(statuses)
    }
