"""A listening gateway without REST, over real sockets, with the real engine on a journal in memory."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from exchange.core.messages import SYSTEM, CreateInstrument, DeclareStock, RegisterMember, Reply, Role, TopUp
from exchange.engine.sequencer import Engine, EngineSettings
from exchange.gateway.auth import Identity, Scope
from exchange.gateway.websocket import ws
from exchange.gateway.websocket.seats import Seats
from exchange.gateway.websocket.ws import Sockets
from exchange.journal.base import JournalUnavailable
from exchange.journal.memory import Fault, MemoryJournal, MemoryStore, Step, no_fault
from tests.engine.venue import an_engine, ask

Socket = aiohttp.ClientWebSocketResponse

ORIGIN = "https://console.example"


class Keyring(dict[str, Identity]):
    """Keys that tests hand out."""

    def find(self, key: str) -> Identity | None:
        return self.get(key)


class Stand:
    """A listening gateway without REST; `member` trades under the key `key`."""

    def __init__(self, engine: Engine, sockets: Sockets, url: str) -> None:
        self.engine = engine
        self.sockets = sockets
        self.url = url
        self.member = ""
        self.instrument = ""
        self.keys = Keyring()
        self.client = aiohttp.ClientSession()
        self._kept: list[Socket] = []  # a connection that nobody keeps is closed

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2].partition("/")[0])

    async def connect(self, **more: Any) -> Socket:
        self._kept.append(await self.client.ws_connect(self.url, **more))
        return self._kept[-1]

    async def greeted(self, key: str = "key") -> Socket:
        """A connection that was welcomed."""
        connection = await self.connect()
        await connection.send_json({"type": "hello", "key": key})
        assert (await connection.receive_json())["type"] == "welcome"
        return connection

    def server_side(self) -> socket.socket:
        """The socket of the newest connection, as the server has it."""
        connection = list(self.sockets._open)[-1].outlet.connection
        assert isinstance(connection, ws.Socket)
        found: socket.socket = connection._transport.get_extra_info("socket")
        return found

    def an_order(self, ref: int, price: int = 100, side: str = "buy") -> dict[str, Any]:
        return {
            "type": "place_order", "ref": ref, "instrument_id": self.instrument, "side": side, "price": price,
            "quantity": 1,
        }  # fmt: skip


class Outage:
    """A journal that can't be written while `at` names a step: before its row is there, or after."""

    def __init__(self) -> None:
        self.at: Step | None = None

    async def __call__(self, step: Step) -> None:
        if self.at and step in {self.at, "open"}:
            raise JournalUnavailable("the disk is full")


@asynccontextmanager
async def a_stand(
    seats: Seats | None = None, *, started: bool = True, fault: Fault = no_fault, **more: Any
) -> AsyncIterator[Stand]:
    """Everything stopped and closed at the end."""
    settings = EngineSettings(retry_first_us=1_000, retry_last_us=1_000)
    engine = an_engine(MemoryJournal(MemoryStore(), fault), settings=settings)
    keys = Keyring()
    sockets = Sockets(engine, keys, seats=seats, origins=(ORIGIN,), **more)
    await engine.start()
    running = [asyncio.create_task(engine.run())]
    app = web.Application()
    app.router.add_get("/v1/ws", sockets.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    (host, port) = runner.addresses[0][:2]
    stand = Stand(engine, sockets, f"http://{host}:{port}/v1/ws")
    if started:
        sockets.start()
        running.append(asyncio.create_task(sockets.beat()))
    operator = await _made(engine, SYSTEM, RegisterMember(roles=tuple(Role)))
    stand.member = await _made(engine, operator, RegisterMember(roles=(Role.BUYER, Role.SELLER)))
    stand.instrument = await _made(
        engine, operator, CreateInstrument(symbol="LM358", currency="USD", price_scale=2)
    )
    money = TopUp(transfer_id="t", member_id=stand.member, currency="USD", amount_minor=10**9)
    await _made(engine, operator, money)
    await _made(engine, stand.member, DeclareStock(instrument_id=stand.instrument, quantity=10**6))
    stand.keys = keys
    keys["key"] = Identity(stand.member, "k", frozenset(Scope))
    try:
        yield stand
    finally:
        await stand.client.close()
        sockets.stop()
        await runner.cleanup()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _made(engine: Engine, member_id: str, command: Any) -> str:
    reply = await ask(engine, member_id, command)
    assert isinstance(reply, Reply) and not reply.code
    return reply.id


class RawClient:
    """A client of bytes: what comes when is up to the test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def upgraded(cls, stand: Stand, *, receive_bytes: int = 0) -> "RawClient":
        connection = socket.socket()
        if receive_bytes:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", stand.port))
        client = cls(*await asyncio.open_connection(sock=connection, limit=1_024))
        key = base64.b64encode(b"k" * 16).decode()
        client.writer.write(
            f"GET /v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        assert b" 101 " in await client.reader.readuntil(b"\r\n\r\n")
        return client

    def send(self, *messages: dict[str, Any]) -> None:
        """All in one write."""
        self.writer.write(b"".join(masked(msgspec.json.encode(message)) for message in messages))

    async def frame(self) -> bytes:
        """The payload of the next frame, or the whole of a close."""
        first, length = await self.reader.readexactly(2)
        if length == 126:
            length = int.from_bytes(await self.reader.readexactly(2), "big")
        payload = await self.reader.readexactly(length)
        return payload if first == 0x81 else bytes([first]) + payload

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):  # the server may have cut it
            await self.writer.wait_closed()


def masked(payload: bytes, first: int = 0x81) -> bytes:
    """A client's frame; a mask of zeros leaves it readable."""
    length = len(payload)
    head = bytes([first, 0x80 | length]) if length < 126 else bytes([first, 0xFE]) + length.to_bytes(2, "big")
    return head + bytes(4) + payload
