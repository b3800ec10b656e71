"""The naive exchange behind a real WebSocket on the loopback."""

import asyncio
from collections.abc import Callable
from ssl import SSLContext
from types import TracebackType
from typing import Self

from aiohttp import WSMsgType, web

from tests.client.naive_exchange import NaiveConnection, NaiveExchange

PATIENCE_S = 20.0  # until what has to happen has happened; nobody waits so long unless something is broken


class StandIn:
    """A server for one test; `exchange` is what it serves."""

    def __init__(self, tls: SSLContext | None = None) -> None:
        self.exchange = NaiveExchange()
        self.url = ""
        self.handshakes = 0
        self.answers_handshake_with = 101
        self.mute = False  # frames are taken in and never answered
        self.deaf = False  # frames are not even taken in
        self.ignored = 0
        self._tls = tls
        self._sockets: dict[NaiveConnection, web.WebSocketResponse] = {}
        self._moved = asyncio.Condition()
        app = web.Application()
        app.router.add_get("/v1/ws", self._serve)
        self._runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1, access_log=None)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls).start()
        scheme, port = "wss" if self._tls else "ws", self._runner.addresses[0][1]
        self.url = f"{scheme}://localhost:{port}/v1/ws" if self._tls else f"{scheme}://127.0.0.1:{port}/v1/ws"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.break_all()
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.handshakes += 1
        async with self._moved:
            self._moved.notify_all()
        if self.answers_handshake_with != 101:
            return web.Response(status=self.answers_handshake_with, headers={"Location": "/elsewhere"})
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        connection = self.exchange.connect()
        self._sockets[connection] = socket
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._take(connection, message.data.encode())
        self.exchange.cut(connection)
        self._sockets.pop(connection, None)
        return socket

    async def _take(self, connection: NaiveConnection, frame: bytes) -> None:
        if self.deaf:
            self.ignored += 1
        else:
            self.exchange.take(connection, frame)
        if not self.mute:
            await self.flush()
        async with self._moved:
            self._moved.notify_all()

    async def flush(self) -> None:
        """Send what the exchange has to say."""
        for connection, socket in list(self._sockets.items()):
            frames = connection.out.copy()
            connection.out.clear()
            for frame in frames:
                await socket.send_str(frame.decode())
            if connection.closed and not socket.closed:
                await socket.close(code=connection.closed)

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait for something that frames from the client bring about."""
        async with asyncio.timeout(PATIENCE_S), self._moved:
            await self._moved.wait_for(happened)

    async def close_all(self, code: int) -> None:
        """Say goodbye to everybody, with a close code."""
        for socket in list(self._sockets.values()):
            await socket.close(code=code)

    def break_all(self) -> None:
        """Every connection breaks without a word."""
        for connection, socket in list(self._sockets.items()):
            self.exchange.cut(connection)
            transport = socket._req.transport if socket._req else None
            if transport is not None:
                transport.abort()
