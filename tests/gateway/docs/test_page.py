"""The page holds all of both documents, and needs nothing but its own two files."""

import re
from collections import Counter
from functools import cached_property
from html.parser import HTMLParser
from typing import Any

from msgspec import json

from exchange.core.rejects import RejectCode
from exchange.gateway.docs.page import curl, render, who_may
from exchange.gateway.rest.docs import SCRIPT, STYLE
from exchange.gateway.server import descriptions

REST, SOCKET = (json.decode(descriptions()[name]) for name in ("openapi", "asyncapi"))
OPERATIONS = [
    (method, path, operation)
    for path, operations in REST["paths"].items()
    for method, operation in operations.items()
]
VOID = {"input", "link", "meta"}


class Page(HTMLParser):
    """Elements with their attributes, and the text inside each element that has an id."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._texts: dict[str, list[str]] = {}
        self._open: list[tuple[str, str]] = []
        self.feed(markup)
        self.close()
        assert not self._open, "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        if tag not in VOID:
            self._open.append((tag, found.get("id", "")))
            self._texts.setdefault(found.get("id", ""), [])

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag, "elements are closed in order"

    def handle_data(self, data: str) -> None:
        for name in {name for _, name in self._open if name}:
            self._texts[name].append(data)

    @cached_property
    def texts(self) -> dict[str, str]:
        return {name: "".join(parts) for name, parts in self._texts.items()}

    @property
    def ids(self) -> list[str]:
        return [found["id"] for _, found in self.elements if "id" in found]


PAGE = Page(render(REST, SOCKET).decode())
CARDS = {found["id"]: found for tag, found in PAGE.elements if tag == "details"}


def test_ids_are_unique_and_every_link_leads_somewhere() -> None:
    assert [name for name, count in Counter(PAGE.ids).items() if count > 1] == []

    links = [found["href"] for tag, found in PAGE.elements if tag == "a"]
    inner = {link.removeprefix("#") for link in links if link.startswith("#")}
    assert inner <= set(PAGE.ids)
    assert {link for link in links if not link.startswith("#")} == {"/openapi.json", "/asyncapi.json"}


def test_every_operation_tells_who_may_its_fields_answers_and_refusals() -> None:
    for method, path, operation in OPERATIONS:
        told = PAGE.texts[f"op-{operation['operationId']}"]
        wanted = [method.upper(), path, operation["summary"], who_may(operation)]
        wanted += [each["name"] for each in operation["parameters"]]
        wanted += [
            f"{status} {each['description']}"
            for status, each in operation["responses"].items()
            if status >= "400"
        ]
        wanted += [f"Answer {status}" for status in operation["responses"] if status < "400"]
        wanted += [field for name in _schemas_of(operation) for field in _fields(REST, name)]
        wanted.append(curl(method, path, operation, REST["components"]["schemas"]))
        assert [each for each in wanted if each not in told] == [], path
    assert len(OPERATIONS) == sum(name.startswith("op-") for name in CARDS)


def _schemas_of(operation: dict[str, Any]) -> list[str]:
    """The bodies that go in and come out when all is well."""
    answers = [each for status, each in operation["responses"].items() if status < "400"]
    contents = [each.get("content", {}) for each in (operation.get("requestBody", {}), *answers)]
    references = [media["schema"].get("$ref", "") for content in contents for media in content.values()]
    return [each.rpartition("/")[2] for each in references if each]


def _fields(document: dict[str, Any], name: str) -> list[str]:
    return list(document["components"]["schemas"][name].get("properties", ()))


def test_every_frame_channel_refusal_and_schema_is_there_with_its_fields() -> None:
    for name, message in SOCKET["components"]["messages"].items():
        told = PAGE.texts[f"frame-{name}"]
        fields = _fields(SOCKET, message["payload"]["$ref"].rpartition("/")[2])
        assert fields and all(field in told for field in fields) and message["summary"] in told
    for name, channel in SOCKET["x-feeds"].items():
        assert channel["address"] in PAGE.texts[f"channel-{name}"]
    for code in RejectCode:
        assert code.name in PAGE.texts[f"refusal-{code.name}"]
    for document, anchor in ((REST, "schema-"), (SOCKET, "frame-schema-")):
        for name in document["components"]["schemas"]:
            assert all(field in PAGE.texts[f"{anchor}{name}"] for field in _fields(document, name))


def test_who_may_is_the_policys_line() -> None:
    told = {operation["operationId"]: who_may(operation) for _, _, operation in OPERATIONS}

    assert told["get_time"] == "anybody, without a key"
    assert told["place_order"] == "a key with scope trade of a member that is buyer or seller"
    assert told["list_orders"] == "a key with scope read of any member"


def test_nothing_comes_from_anywhere_else_and_nothing_is_inline() -> None:
    loaded = [
        found.get("src") or found["href"] for tag, found in PAGE.elements if tag in {"script", "link", "img"}
    ]
    inline = [
        name for _, found in PAGE.elements for name in found if name == "style" or name.startswith("on")
    ]

    assert loaded == ["data:,", "/docs/page.css", "/docs/page.js"]
    assert inline == [] and not any(tag == "style" for tag, _ in PAGE.elements)
    assert not re.search(r"url\(|@import|https?:|//\w", STYLE.decode())
    assert not re.search(r"fetch|XMLHttp|import|WebSocket|innerHTML|eval|https?:", SCRIPT.decode())


def test_the_search_finds_what_it_looks_for_on_the_page() -> None:
    """What the script asks the page for is there, and every card has the words that name it."""
    wanted = set(re.findall(r'getElementById\("(\w+)"\)', SCRIPT.decode()))

    assert wanted == {"search", "found", "nothing"} and wanted <= set(PAGE.ids)
    assert 'querySelectorAll("details[data-words]")' in SCRIPT.decode()
    for method, path, operation in OPERATIONS:
        words = CARDS[f"op-{operation['operationId']}"]["data-words"]
        assert f"{method} {path}".lower() in words and operation["summary"].lower() in words
    for code in RejectCode:
        assert f"{code.value} {code.name.lower()}" in CARDS[f"refusal-{code.name}"]["data-words"]
    assert all(card["data-words"] == card["data-words"].lower() for card in CARDS.values())
