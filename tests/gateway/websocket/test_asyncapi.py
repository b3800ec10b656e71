"""The description of the WebSocket is well formed, and holds every frame."""

from typing import Any, get_args

from jsonschema import Draft202012Validator
from msgspec import json

from exchange.core.messages import MEMBER_COMMANDS
from exchange.core.messages.shown import ClientFrame, ServerFrame
from exchange.gateway.policy import CHANNELS
from exchange.gateway.websocket.asyncapi import PATH, describe
from tests.gateway.house import House

DOCUMENT = describe()
MESSAGES = DOCUMENT["components"]["messages"]
RULES: dict[str, Any] = {
    "type": "object",
    "required": ["asyncapi", "info", "channels", "operations", "components"],
    "properties": {
        "asyncapi": {"const": "3.0.0"},
        "channels": {"additionalProperties": {"required": ["address", "messages"]}},
        "operations": {
            "additionalProperties": {
                "required": ["action", "channel", "messages"],
                "properties": {
                    "action": {"enum": ["send", "receive"]},
                    "messages": {
                        "type": "array",
                        "uniqueItems": True,
                        "items": {
                            "properties": {"$ref": {"pattern": "^#/channels/ws/messages/[a-z_]+$"}},
                            "required": ["$ref"],
                        },
                    },
                },
            }
        },
        "components": {
            "properties": {"messages": {"additionalProperties": {"required": ["name", "summary", "payload"]}}}
        },
    },
}


def tags(operation: str) -> set[str]:
    return {each["$ref"].rpartition("/")[2] for each in DOCUMENT["operations"][operation]["messages"]}


def test_it_is_an_asyncapi_document() -> None:
    assert [error.message for error in Draft202012Validator(RULES).iter_errors(DOCUMENT)] == []
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_frame_is_in_it_on_its_side() -> None:
    received = {kind.__struct_config__.tag for kind in (*get_args(ClientFrame), *MEMBER_COMMANDS)}
    sent = {kind.__struct_config__.tag for kind in get_args(ServerFrame)}

    assert tags("receive") == received
    assert tags("send") == sent
    assert set(MESSAGES) == received | sent == set(DOCUMENT["channels"]["ws"]["messages"])


def test_every_message_has_its_schema_and_a_sentence() -> None:
    for tag, message in MESSAGES.items():
        name = message["payload"]["$ref"].rpartition("/")[2]
        schema = DOCUMENT["components"]["schemas"][name]
        assert schema["properties"]["type"] == {"enum": [tag]}
        assert len(message["summary"]) > 10


async def test_frames_of_the_server_fit_it(house: House) -> None:
    member = await house.member()
    async with house.client.ws_connect(house.url + PATH) as socket:
        await socket.send_bytes(b"")
        error = await socket.receive_json()
        await socket.send_str(f'{{"type":"hello","key":"{member.key}"}}')
        welcome = await socket.receive_json()

    for frame in (error, welcome):
        schema = MESSAGES[frame["type"]]["payload"] | {"components": DOCUMENT["components"]}
        assert [each.message for each in Draft202012Validator(schema).iter_errors(frame)] == []


async def test_the_server_serves_it(house: House) -> None:
    assert await house.get(None, "/asyncapi.json") == json.decode(json.encode(DOCUMENT))


def test_every_channel_that_can_be_followed_is_in_it() -> None:
    assert DOCUMENT["x-feeds"].keys() == CHANNELS.keys()
    assert {name: feed["address"] for name, feed in DOCUMENT["x-feeds"].items()}.items() >= {
        ("book", "book:{id}"),
        ("own", "own"),
    }
    assert all(feed["summary"] and feed["x-scope"] for feed in DOCUMENT["x-feeds"].values())
