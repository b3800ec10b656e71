"""JSON Schemas for people: what a value may be, in words; and a value that fits, for an example.

Knows the part of JSON Schema that msgspec writes. Known limits: of a union the example shows the first kind that
isn't null; a pattern for which none of the known texts fits gets no example that fits either.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from exchange.gateway.docs.html import Html, Inside, el, join

Schema = Mapping[str, Any]

SAFE_MAX: Final = 2**53 - 1
"""A bound that only says that every reader of JSON keeps the number whole."""
_TEXTS: Final = (
    "1.00",
    "1",
    "NL",
    "USD",
    "2026-01-01T12:00:00Z",
    "2026-01-01",
    "2026-01",
    "a",
    "0123456789abcdef" * 4,
)
_FORMATS: Final = {"date-time": "2026-01-01T12:00:00Z", "date": "2026-01-01"}


def name_of(schema: Schema) -> str:
    """The component that a reference leads to; empty for a schema of its own."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


def resolved(schema: Schema, schemas: Schema) -> Schema:
    """The schema that is meant."""
    while name := name_of(schema):
        schema = schemas[name]
    return schema


def fields_of(schema: Schema, schemas: Schema, anchor: str = "") -> Html:
    """A table of an object's fields; of anything else, what it may be."""
    meant = resolved(schema, schemas)
    properties = meant.get("properties")
    if not properties:
        return el("p", type_of(schema, anchor, schemas))
    required = meant.get("required", ())
    rows = [
        el(
            "tr",
            el("td", el("code", name), "" if name in required else el("span", " optional", class_="dim")),
            el("td", type_of(each, anchor, schemas)),
            el("td", bounds_of(each), _said(each)),
        )
        for name, each in properties.items()
    ]
    head = el("tr", *(el("th", title, scope="col") for title in ("Field", "Type", "Bounds and meaning")))
    return el("div", el("table", el("thead", head), el("tbody", *rows)), class_="wide")


def _said(schema: Schema) -> Inside:
    return join(" ", str(schema["description"])) if "description" in schema else ""


def type_of(schema: Schema, anchor: str, schemas: Schema) -> Html:
    """What it is: choices by name, else a link to what is described elsewhere; `anchor` begins the link's id."""
    name = name_of(schema)
    if name and "enum" not in schemas[name]:
        return el("a", name, href=f"#{anchor}{name}")
    schema = resolved(schema, schemas)
    if "anyOf" in schema:
        return _between(" or ", [type_of(each, anchor, schemas) for each in schema["anyOf"]])
    if "enum" in schema:
        return _between(" | ", [el("code", str(each)) for each in schema["enum"]])
    kind = schema.get("type", "anything")
    if kind == "array" and "prefixItems" in schema:
        return join(
            "[", _between(", ", [type_of(each, anchor, schemas) for each in schema["prefixItems"]]), "]"
        )
    for container, inside, what in (
        ("array", "items", "list of "),
        ("object", "additionalProperties", "map of "),
    ):
        if kind == container and isinstance(schema.get(inside), Mapping):
            return join(what, type_of(schema[inside], anchor, schemas))
    return join(" or ".join(kind) if isinstance(kind, list) else str(kind))


def _between(separator: str, parts: list[Html]) -> Html:
    return join(*(each for at, part in enumerate(parts) for each in ((separator, part) if at else (part,))))


def bounds_of(schema: Schema) -> Html:
    """Least, most, lengths, pattern, default."""
    told: list[Inside] = []
    low, high = schema.get("minimum"), schema.get("maximum")
    if high == SAFE_MAX:
        high = None
    if low is not None or high is not None:
        told.append(f"{'' if low is None else f'{low:,} ≤ '}value{'' if high is None else f' ≤ {high:,}'}")
    for least, most, what in (("minLength", "maxLength", "characters"), ("minItems", "maxItems", "entries")):
        told += _span(schema.get(least), schema.get(most), what)
    if "pattern" in schema:
        told.append(el("code", schema["pattern"]))
    if "default" in schema:
        told.append(join("default ", el("code", orjson.dumps(schema["default"]).decode())))
    if not told:
        return Html("")
    return join(_between(", ", [join(each) for each in told]), ".")


def _span(least: int | None, most: int | None, what: str) -> list[Inside]:
    if most is None:
        return [] if least is None else [f"at least {least:,} {what}"]
    return [f"up to {most:,} {what}" if not least else f"{least:,} to {most:,} {what}"]


def example_of(schema: Schema, schemas: Schema, name: str = "") -> Any:
    """A value that fits: of an object what is required, or where nothing is, its first field; no more of it."""
    schema = resolved(schema, schemas)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        kinds = [each for each in schema["anyOf"] if each != {"type": "null"}]
        return example_of(kinds[0], schemas, name)
    match schema.get("type"):
        case "object":
            wanted = schema.get("required") or list(schema.get("properties", ()))[:1]
            return {key: example_of(schema["properties"][key], schemas, key) for key in wanted}
        case "array":
            return _example_list(schema, schemas, name)
        case "string":
            return _example_text(schema, name)
        case "integer" | "number":
            return max(int(schema.get("minimum", 1)), min(1, int(schema.get("maximum", 1))))
        case "boolean":
            return False
        case _:
            return None


def _example_list(schema: Schema, schemas: Schema, name: str) -> list[Any]:
    if "prefixItems" in schema:
        return [example_of(each, schemas, name) for each in schema["prefixItems"]]
    return [example_of(schema["items"], schemas, name)] if isinstance(schema.get("items"), Mapping) else []


def _example_text(schema: Schema, name: str) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    for text in (*schema.get("examples", ()), name, *_TEXTS):
        fits = schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text))
        if fits and re.search(schema.get("pattern", ""), text):
            return str(text)
    filled = "A" * int(schema.get("minLength", 0))
    return filled if filled and re.search(schema.get("pattern", ""), filled) else name
