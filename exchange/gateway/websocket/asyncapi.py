"""The WebSocket described in AsyncAPI 3, made from the frames themselves.

Guarantees: every frame that the exchange takes or sends is in it, once, under its `type`, and
every channel under `x-feeds`.
"""

import inspect
from typing import Any, Final, get_args

import msgspec
from msgspec import Struct

from exchange import __version__
from exchange.core.messages import MEMBER_COMMANDS
from exchange.core.messages.shown import ClientFrame, ServerFrame
from exchange.gateway.policy import CHANNELS
from exchange.gateway.websocket.feed import KINDS, UNNAMED_KINDS
from exchange.gateway.websocket.streams import Stream

Document = dict[str, Any]

PATH: Final = "/v1/ws"
_SCHEMAS: Final = "#/components/schemas/{name}"
_INTRODUCTION: Final = (
    "The first frame is `hello` with a key. Commands carry a `ref` that rises within the session and are answered "
    "by one `ack` or `rejected`. Prices are integers in 10^-price_scale, instants microseconds since 1970. "
    "Clients must ignore frames and fields that they don't know."
)
RECEIVED: Final[tuple[type[Struct], ...]] = (*get_args(ClientFrame), *MEMBER_COMMANDS)
SENT: Final[tuple[type[Struct], ...]] = get_args(ServerFrame)


def describe() -> Document:
    """The document, ready for JSON."""
    kinds = (*RECEIVED, *SENT)
    references, schemas = msgspec.json.schema_components(kinds, ref_template=_SCHEMAS)
    messages = {
        _tag(kind): _message(kind, reference) for kind, reference in zip(kinds, references, strict=True)
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Quickmatch exchange", "version": __version__, "description": _INTRODUCTION},
        "defaultContentType": "application/json",
        "channels": {
            "ws": {
                "address": PATH,
                "description": "One connection; every frame is one JSON object in a text frame.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "receive": _operation("receive", "What the exchange takes.", RECEIVED),
            "send": _operation("send", "What the exchange sends.", SENT),
        },
        "components": {"messages": messages, "schemas": schemas},
        "x-feeds": {name: _feed(name, kind) for name, kind in KINDS.items()},
    }


def _tag(kind: type[Struct]) -> str:
    tag = kind.__struct_config__.tag
    assert isinstance(tag, str)
    return tag


def _message(kind: type[Struct], reference: Document) -> Document:
    summary = (inspect.getdoc(kind) or "").partition("\n\n")[0]
    return {"name": _tag(kind), "summary": " ".join(summary.split()), "payload": reference}


def _feed(name: str, kind: type[Stream]) -> Document:
    """What `subscribe` can name."""
    summary = " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split())
    address = name if name in UNNAMED_KINDS else f"{name}:{{id}}"
    return {"address": address, "summary": summary, "x-scope": CHANNELS[name].scope}


def _operation(action: str, summary: str, kinds: tuple[type[Struct], ...]) -> Document:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/ws"},
        "messages": [{"$ref": f"#/channels/ws/messages/{_tag(kind)}"} for kind in kinds],
    }
