"""The page itself: one HTML document that holds everything, so that the browser's own search works as well.

Guarantees: every operation, frame, channel, schema and refusal of the documents is on it, each under an id of its own;
it names no resource but its own two files. Without scripts only the search box is idle.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

from exchange.core.rejects import EXPLANATIONS, RejectCode
from exchange.gateway.docs.html import Html, Inside, coded, el, join, prose
from exchange.gateway.docs.schemas import bounds_of, example_of, fields_of, resolved, type_of
from exchange.gateway.problems import STATUS

Document = Mapping[str, Any]

FRAMES: Final = {"receive": "Frames you send", "send": "Frames you get"}
_SCHEMA, _FRAME_SCHEMA = "schema-", "frame-schema-"
"""Ids of the schemas of both documents, which may share names."""


def render(rest: Document, socket: Document) -> bytes:
    """The page for an OpenAPI and an AsyncAPI document."""
    groups = _groups(rest)
    sections = (
        el("section", el("h2", "REST", id="rest"), prose(rest["info"]["description"]), *_rest(rest, groups)),
        el(
            "section",
            el("h2", "WebSocket", id="websocket"),
            prose(socket["info"]["description"]),
            *_socket(socket),
        ),
        el("section", el("h2", "Refusals", id="refusals"), *_refusals()),
        el(
            "section",
            el("h2", "Schemas", id="schemas"),
            *_schemas(rest, _SCHEMA),
            *_schemas(socket, _FRAME_SCHEMA),
        ),
    )
    body = el(
        "body",
        el("a", "Skip to the operations", href="#rest", class_="skip"),
        _header(rest["info"]),
        el(
            "div",
            _contents(groups),
            el("main", *sections, el("p", "Nothing fits.", id="nothing", hidden=True)),
            class_="page",
        ),
    )
    return f"<!doctype html>{el('html', _head(rest['info']), body, lang='en')}".encode()


def _head(info: Document) -> Html:
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", f"{info['title']} {info['version']}: interfaces"),
        el("link", rel="icon", href="data:,"),
        el("link", rel="stylesheet", href="/docs/page.css"),
        el("script", src="/docs/page.js", defer=True),
    )


def _header(info: Document) -> Html:
    search = el(
        "input", id="search", type="search", placeholder="Search, e.g. order post, MONEY_SHORT …", autocomplete="off",
        spellcheck="false", aria_label="Search operations, frames, refusals and schemas", aria_keyshortcuts="/",
    )  # fmt: skip
    links = (el("a", name, href=f"/{name}") for name in ("openapi.json", "asyncapi.json"))
    return el(
        "header",
        el("h1", info["title"], " ", el("small", info["version"])),
        el("label", search, el("kbd", "/")),
        el("p", *links, class_="files"),
        el("p", "", id="found", role="status", class_="dim"),
    )


def _contents(groups: Mapping[str, Any]) -> Html:
    rest = [el("li", el("a", name, href=f"#group-{name}")) for name in groups]
    socket = [("Channels", "channels"), *((title, f"frames-{action}") for action, title in FRAMES.items())]
    others = [el("li", el("a", title, href=f"#{anchor}")) for title, anchor in socket]
    return el(
        "nav",
        el("a", "REST", href="#rest"), el("ul", *rest),
        el("a", "WebSocket", href="#websocket"), el("ul", *others),
        el("a", "Refusals", href="#refusals"),
        el("a", "Schemas", href="#schemas"),
        aria_label="Contents",
    )  # fmt: skip


def _card(anchor: str, title: Inside, inside: Iterable[Inside], words: str) -> Html:
    """What opens and closes, and what the search looks for in it."""
    permalink = el("a", "#", href=f"#{anchor}", class_="here", aria_label="Link to this")
    words = " ".join(words.lower().split())
    return el("details", el("summary", title), permalink, *inside, id=anchor, data_words=words)


# --- REST --------------------------------------------------------------------------------------------


def _groups(rest: Document) -> dict[str, list[tuple[str, str, Document]]]:
    """Operations by the first word of their path, versions aside."""
    groups: dict[str, list[tuple[str, str, Document]]] = {}
    for path, operations in rest["paths"].items():
        name = path.removeprefix("/v1").split("/")[1]
        name = "about" if "." in name or not path.startswith("/v1") else name
        for method, operation in operations.items():
            groups.setdefault(name, []).append((method, path, operation))
    return groups


def _rest(rest: Document, groups: Mapping[str, list[tuple[str, str, Document]]]) -> Iterator[Html]:
    schemas = rest["components"]["schemas"]
    for name, operations in groups.items():
        yield el("h3", name, id=f"group-{name}")
        for method, path, operation in operations:
            yield _operation(method, path, operation, schemas)


def _operation(method: str, path: str, operation: Document, schemas: Document) -> Html:
    title = join(
        el("b", method.upper(), class_=f"method {method}"), el("code", path), el("span", operation["summary"])
    )
    inside = [prose(operation["description"]), el("p", el("strong", "Who may: "), who_may(operation))]
    if operation["parameters"]:
        inside += [el("h4", "Parameters"), _parameters(operation["parameters"], schemas)]
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        said = resolved(content["schema"], schemas).get("description", "")
        inside += [el("h4", "Body, ", el("code", media)), prose(said)]
        inside.append(fields_of(content["schema"], schemas, _SCHEMA))
    inside += [
        el("h4", "Example"),
        el("pre", el("code", curl(method, path, operation, schemas)), tabindex="0"),
    ]
    for status, answer in operation["responses"].items():
        if status < "400":
            inside += _answer(status, answer, schemas)
    inside += [el("h4", "Refusals"), _statuses(operation)]
    words = f"{method} {path} {operation['operationId']} {operation['summary']} {operation['description']}"
    return _card(f"op-{operation['operationId']}", title, inside, words)


def who_may(operation: Document) -> str:
    """The line of the policy, in words."""
    if operation.get("security") == []:
        return "anybody, without a key"
    roles = operation["x-roles"]
    whose = f"of a member that is {' or '.join(roles)}" if roles else "of any member"
    return f"a key with scope {operation['x-scope']} {whose}"


def _parameters(parameters: Iterable[Document], schemas: Document) -> Html:
    rows = [
        el(
            "tr",
            el(
                "td",
                el("code", each["name"]),
                "" if each.get("required") else el("span", " optional", class_="dim"),
            ),
            el("td", each["in"]),
            el("td", type_of(each["schema"], _SCHEMA, schemas)),
            el(
                "td",
                bounds_of(each["schema"]),
                " ",
                coded(each.get("description", each["schema"].get("description", ""))),
            ),
        )
        for each in parameters
    ]
    head = el("tr", *(el("th", title, scope="col") for title in ("Name", "In", "Type", "Bounds and meaning")))
    return el("div", el("table", el("thead", head), el("tbody", *rows)), class_="wide")


def _answer(status: str, answer: Document, schemas: Document) -> Iterator[Html]:
    for media, content in answer.get("content", {}).items():
        yield el(
            "h4", f"Answer {status}, ", el("code", media), " ", type_of(content["schema"], _SCHEMA, schemas)
        )
        if resolved(content["schema"], schemas).get("properties"):
            yield fields_of(content["schema"], schemas, _SCHEMA)


def _statuses(operation: Document) -> Html:
    refused = [
        el("li", _status(status, answer["description"]))
        for status, answer in operation["responses"].items()
        if status >= "400"
    ]
    return el("ul", *refused, class_="flat") if refused else el("p", "none")


def _status(status: str, phrase: str) -> Inside:
    """With a link to the refusals that it tells, if it tells any: HTTP has some of its own."""
    told = f"{status} {phrase}"
    return el("a", told, href=f"#status-{status}") if int(status) in STATUS.values() else told


def curl(method: str, path: str, operation: Document, schemas: Document) -> str:
    """A command that asks for it; $EXCHANGE is the server's address, $EXCHANGE_KEY a key."""
    words = [
        f'curl -sS -X {method.upper()} "$EXCHANGE{path.replace("{", "$").replace("}", "")}{_query(operation, schemas)}"'
    ]
    if operation.get("security") != []:
        words.append('-H "Authorization: Bearer $EXCHANGE_KEY"')
    if any(each["name"] == "Idempotency-Key" for each in operation["parameters"]):
        words.append(f"-H 'Idempotency-Key: {operation['operationId']}-1'")
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        if media == "application/json":
            example = orjson.dumps(example_of(content["schema"], schemas)).decode()
            words.append(f"-H 'Content-Type: {media}' -d '{example}'")
        else:
            words.append(f"-H 'Content-Type: {media}' --data-binary @FILE")
        break
    return " \\\n  ".join(words)


def _query(operation: Document, schemas: Document) -> str:
    wanted = [each for each in operation["parameters"] if each["in"] == "query" and each.get("required")]
    pairs = (f"{each['name']}={example_of(each['schema'], schemas, each['name'])}" for each in wanted)
    return f"?{'&'.join(pairs)}" if wanted else ""


# --- WebSocket ---------------------------------------------------------------------------------------


def _socket(socket: Document) -> Iterator[Html]:
    messages, schemas = socket["components"]["messages"], socket["components"]["schemas"]
    yield el("p", *(el("code", each["address"]) for each in socket["channels"].values()))
    yield el("h3", "Channels", id="channels")
    yield from (_channel(name, channel) for name, channel in socket["x-feeds"].items())
    for action, title in FRAMES.items():
        yield el("h3", title, id=f"frames-{action}")
        for reference in socket["operations"][action]["messages"]:
            message = messages[reference["$ref"].rpartition("/")[2]]
            yield _frame(action, message, schemas)


def _channel(name: str, channel: Document) -> Html:
    said = channel["summary"]
    title = join(el("b", "FEED", class_="method feed"), el("code", channel["address"]), el("span", said))
    inside = [el("p", el("strong", "Who may: "), f"a key with scope {channel['x-scope']}")]
    return _card(f"channel-{name}", title, inside, f"channel feed {name} {said}")


def _frame(action: str, message: Document, schemas: Document) -> Html:
    name, sent = message["name"], "SEND" if action == "receive" else "GET"
    title = join(
        el("b", sent, class_=f"method {sent.lower()}"), el("code", name), el("span", message["summary"])
    )
    inside = [fields_of(message["payload"], schemas, _FRAME_SCHEMA)]
    if action == "receive":
        example = orjson.dumps(example_of(message["payload"], schemas)).decode()
        inside += [el("h4", "Example"), el("pre", el("code", example), tabindex="0")]
    return _card(f"frame-{name}", title, inside, f"frame {name} {message['summary']}")


# --- refusals and schemas ----------------------------------------------------------------------------


def _refusals() -> Iterator[Html]:
    yield el(
        "p",
        "Numbers and names are stable. fix: change the command; wait: the same can succeed later; give_up: it never will.",
    )
    for status in sorted(set(STATUS.values())):
        yield el("h3", f"{status}", id=f"status-{status}")
        yield from (_refusal(code) for code in RejectCode if STATUS[code] == status)


def _refusal(code: RejectCode) -> Html:
    told = EXPLANATIONS[code]
    title = join(
        el("b", str(code.value), class_="method refused"), el("code", code.name), el("span", told.sentence)
    )
    inside = [prose(told.remedy), el("p", "Advice: ", el("code", told.advice))]
    return _card(
        f"refusal-{code.name}",
        title,
        inside,
        f"refusal {code.value} {code.name} {told.sentence} {told.remedy}",
    )


def _schemas(document: Document, anchor: str) -> Iterator[Html]:
    schemas = document["components"]["schemas"]
    for name, schema in sorted(schemas.items()):
        said = schema.get("description", "")
        title = join(el("code", name), el("span", " ".join(said.partition("\n\n")[0].split())))
        yield _card(
            f"{anchor}{name}",
            title,
            [prose(said), fields_of(schema, schemas, anchor)],
            f"schema {name} {said}",
        )
