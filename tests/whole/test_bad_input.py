"""Whatever comes in over a WebSocket gets one clear answer, and nobody and nothing else notices.

Frames that are no message are those of the wire's own table; here they travel over a real connection, beside
another member's, to the real engine.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType

from exchange.core.messages import RegisterMember, Reply, Role
from exchange.core.rejects import EXPLANATIONS, RejectCode
from exchange.gateway.auth import Identity, Scope
from exchange.gateway.limits import IN_FLIGHT_MAX, MESSAGE_BYTES_MAX
from exchange.journal.memory import Step
from tests.engine.venue import ask
from tests.gateway.websocket.stand import RawClient, Stand, a_stand, masked
from tests.gateway.websocket.test_wire import REFUSED

FRAMES = {case: (frame, code, field, ref) for case, frame, code, field, ref in REFUSED}

UNREADABLE = {
    "compressed, though nobody agreed to it": (masked(b"{}", 0xC1), 1002),
    "an opcode that does not exist": (masked(b"{}", 0x83), 1002),
    "the rest of a message that never began": (masked(b"{}", 0x80), 1002),
    "a ping longer than pings are": (masked(b"x" * 126, 0x89), 1002),
    "too large in one frame": (b"\x81\xff" + (MESSAGE_BYTES_MAX + 1).to_bytes(8) + bytes(4), 1009),
    "too large in pieces": (masked(b"x" * 60_000, 0x01) + 5 * masked(b"x" * 60_000, 0x00), 1009),
}
"""What the protocol can't go on after, and the code of its close."""


class Neighbour:
    """Another member, who follows the trades and hears nothing as long as there are none."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket

    async def hears_nothing(self) -> None:
        """Before the answer to its own question."""
        await self._socket.send_json({"type": "sync_time", "client_us": 5})
        assert (await self._socket.receive_json())["type"] == "time"


async def a_neighbour(stand: Stand) -> Neighbour:
    """Admitted and welcomed."""
    operator = next(iter(stand.engine.views.members))
    reply = await ask(stand.engine, operator, RegisterMember(roles=(Role.BUYER,)))
    assert isinstance(reply, Reply)
    stand.keys["neighbour"] = Identity(reply.id, "n", frozenset(Scope))
    socket = await stand.greeted("neighbour")
    await socket.send_json({"type": "subscribe", "channel": f"trades:{stand.instrument}"})
    assert [(await socket.receive_json())["type"] for _ in range(2)] == ["subscribed", "trades"]
    return Neighbour(socket)


@asynccontextmanager
async def nothing_happens(stand: Stand) -> AsyncIterator[None]:
    """No command is executed, no state changes, and a neighbour hears nothing."""
    neighbour = await a_neighbour(stand)
    seq, state = stand.engine.seq, stand.engine._kernel.dump()
    yield
    await neighbour.hears_nothing()
    assert (stand.engine.seq, stand.engine._kernel.dump()) == (seq, state)


@asynccontextmanager
async def a_raw_client(stand: Stand) -> AsyncIterator[RawClient]:
    """Welcomed, and free to write any bytes."""
    client = await RawClient.upgraded(stand)
    try:
        client.send({"type": "hello", "key": "key"})
        assert b'"welcome"' in await client.frame()
        yield client
    finally:
        await client.close()


async def said(socket: ClientWebSocketResponse, frame: bytes) -> Any:
    """All that is answered to the frame; a question behind it tells when that is all."""
    await socket.send_frame(frame, WSMsgType.TEXT)
    await socket.send_json({"type": "sync_time", "client_us": 1})
    heard = [await socket.receive_json()]
    while heard[-1]["type"] != "time":
        heard.append(await socket.receive_json())
    return heard[:-1]


async def test_every_bad_frame_gets_one_error_and_the_connection_goes_on() -> None:
    async with a_stand() as stand:
        socket = await stand.greeted()
        async with nothing_happens(stand):
            told = {case: await said(socket, frame) for case, (frame, *_) in FRAMES.items()}
        await socket.send_json(stand.an_order(1))
        ack = await socket.receive_json()

    assert {case: len(errors) for case, errors in told.items()} == dict.fromkeys(FRAMES, 1)
    for case, (error,) in told.items():
        _, code, field, ref = FRAMES[case]
        assert (error["type"], error["code"], error["reason"]) == ("error", code, code.name), case
        assert (error.get("field", ""), error.get("ref", 0)) == (field, ref), case
        assert error["message"] and error["remedy"] == EXPLANATIONS[code].remedy, case
    assert (ack["type"], ack["ref"]) == ("ack", 1)


async def test_before_it_is_authenticated_a_connection_gets_nothing_but_one_refusal_each() -> None:
    async with a_stand() as stand:
        early = [
            stand.an_order(1),
            {"type": "open_session", "ref": 2},
            {"type": "subscribe", "channel": f"book:{stand.instrument}"},
            {"type": "unsubscribe", "channel": "own"},
            {"type": "resolve", "ref": 1},
            {"type": "sync_time", "client_us": 1},
        ]
        socket = await stand.connect()
        async with nothing_happens(stand):
            for frame in early:
                await socket.send_json(frame)
            await socket.send_bytes(b"\x00")
            told = [await socket.receive_json() for _ in range(len(early) + 1)]
        await socket.send_json({"type": "hello", "key": "key"})
        welcome = await socket.receive_json()

    assert [frame["code"] for frame in told] == [RejectCode.NOT_AUTHENTICATED] * len(early) + [
        RejectCode.NOT_TEXT
    ]
    assert [frame.get("ref", 0) for frame in told[:2]] == [1, 2]
    assert (welcome["type"], welcome["high_ref"]) == ("welcome", 0)


async def rest_of(client: RawClient) -> bytes:
    """What comes until the connection ends: with a reset, if something of ours was not read when it was closed."""
    try:
        return await client.reader.read()
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("case", UNREADABLE)
async def test_what_breaks_the_protocol_ends_that_connection_and_no_other(case: str) -> None:
    sent, code = UNREADABLE[case]
    async with a_stand() as stand, a_raw_client(stand) as client, nothing_happens(stand):
        client.writer.write(sent)
        closing = await client.frame()
        rest = await rest_of(client)

    assert (closing[0], int.from_bytes(closing[1:3])) == (0x88, code)
    assert rest == b""


async def test_too_many_at_once_are_each_taken_or_told_that_the_exchange_is_busy() -> None:
    disk = asyncio.Event()
    disk.set()

    async def fault(step: Step) -> None:
        if step == "append":
            await disk.wait()

    refs = range(1, IN_FLIGHT_MAX + 101)
    taken, over = refs[:IN_FLIGHT_MAX], refs[IN_FLIGHT_MAX:]
    async with a_stand(fault=fault) as stand, a_raw_client(stand) as client:
        neighbour = await a_neighbour(stand)
        disk.clear()
        client.send(*(stand.an_order(ref, price=1) for ref in refs))
        refused = [msgspec.json.decode(await client.frame()) for _ in over]
        await neighbour.hears_nothing()
        disk.set()
        acked = [msgspec.json.decode(await client.frame()) for _ in taken]
        client.send(stand.an_order(over[0], price=1))
        again = msgspec.json.decode(await client.frame())

    assert [(frame["ref"], frame["reason"], frame["bound"]) for frame in refused] == [
        (ref, "BUSY", IN_FLIGHT_MAX) for ref in over
    ]
    assert [(frame["type"], frame["ref"]) for frame in acked] == [("ack", ref) for ref in taken]
    assert (again["type"], again["ref"]) == ("ack", over[0]), "BUSY uses no ref up"
