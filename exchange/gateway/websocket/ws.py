"""The WebSocket at /v1/ws: from a TCP connection to a `Session` and back, and nothing more.

Guarantees: frames that came in one read reach the session in one turn, with no wait in between; what goes out
is written as it was made, in one write per commit; a connection that doesn't say hello, doesn't answer pings
or doesn't answer a close is cut. Browsers get in from allowed origins and from our own only.

Known limits: no compression, since it would cost more than it saves and tells lengths of secrets; over
MESSAGE_BYTES_MAX a message ends the connection, as its rest would have to be read to go on.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol
from urllib.parse import urlsplit

from aiohttp import WSMsgType, web

from exchange.core.rejects import RejectCode
from exchange.engine.base import Released
from exchange.gateway.limits import (
    CLOSING_S_MAX,
    HEARTBEAT_US,
    HELLO_US_MAX,
    MESSAGE_BYTES_MAX,
    PULSE_S,
)
from exchange.gateway.problems import Refused
from exchange.gateway.proxies import Network, client_address
from exchange.gateway.websocket import session as sessions
from exchange.gateway.websocket.closing import CloseCode
from exchange.gateway.websocket.farewells import Farewells
from exchange.gateway.websocket.feed import Feed
from exchange.gateway.websocket.outlet import Post
from exchange.gateway.websocket.pulse import Pulse
from exchange.gateway.websocket.seats import Seats
from exchange.gateway.websocket.session import Keys, Session
from exchange.views.views import Views

_NO_UPGRADE: Final = "This is a WebSocket: ask for the upgrade."
_PING: Final = b"\x89\x00"
"""A ping frame without a payload (RFC 6455, 5.5.2)."""


class Engine(sessions.Engine, Protocol):
    """The engine, as sessions and feeds need it."""

    on_release: Callable[[Sequence[Released]], None]

    @property
    def views(self) -> Views:
        """What was released."""
        ...

    @property
    def epoch(self) -> int:
        """That of the journal."""
        ...


class Socket:
    """A WebSocket as `Session` and `Post` see it. Frames are whole already, so they go to the transport."""

    __slots__ = ("_transport", "_websocket", "buffered", "closing", "heard")

    def __init__(self, websocket: web.WebSocketResponse, transport: asyncio.WriteTransport) -> None:
        self.buffered = transport.get_write_buffer_size
        self.closing: asyncio.Task[bool] | None = None
        self.heard = False
        self._websocket = websocket
        self._transport = transport
        transport.set_write_buffer_limits(high=0)  # what is written leaves at once, not when the turn ends

    def write(self, frames: bytes) -> None:
        """Hand the frames to the system; nothing happens once the connection is gone."""
        if not self._transport.is_closing():
            self._transport.write(frames)

    def close(self, code: int, reason: str) -> None:
        """Say why; cut the connection if the other end doesn't take it."""
        loop = asyncio.get_running_loop()
        closing = self._websocket.close(code=code, message=reason.encode(), drain=False)
        self.closing = loop.create_task(closing)
        loop.call_later(CLOSING_S_MAX, self._transport.abort)

    def ping(self) -> None:
        """Ask whether somebody is there."""
        self.write(_PING)

    def cut(self) -> None:
        """Nobody is: whatever waits to be sent is dropped."""
        self._transport.abort()


class Sockets:
    """All WebSockets of this process. Until `start`, whoever comes is told that the exchange is not there yet."""

    def __init__(
        self,
        engine: Engine,
        keys: Keys,
        *,
        seats: Seats | None = None,
        origins: Sequence[str] = (),
        trusted: tuple[Network, ...] = (),
    ) -> None:
        self.seats = seats or Seats()
        self.feed: Feed | None = None
        self.frames = 0
        self.refused = 0
        self._engine = engine
        self._keys = keys
        self._origins = frozenset(origins)
        self._trusted = trusted
        self._open: dict[Session, None] = {}
        self.pulse = Pulse()
        self.farewells = Farewells(engine)

    def start(self) -> Feed:
        """The engine has recovered: publish every commit from now on."""
        post = Post(self._engine.now_us, asyncio.get_running_loop().call_soon)
        self.feed = Feed(self._engine.views, self._engine.epoch, self._engine.now_us, post)
        self._engine.on_release = self.feed.release
        return self.feed

    async def beat(self) -> None:
        """Once a second, until cancelled."""
        while True:
            await asyncio.sleep(HEARTBEAT_US / 1e6)
            self.farewells.retry()
            if self.feed is not None:
                self.feed.tick()

    async def keep_pulse(self) -> None:
        """Find out who is gone without a word, until cancelled."""
        while True:
            await asyncio.sleep(PULSE_S)
            self.pulse.beat()

    def stop(self) -> None:
        """Tell everybody to come back later."""
        for session in list(self._open):
            session.close(CloseCode.GOING_AWAY)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection, from upgrade to end."""
        address = client_address(request, self._trusted)
        websocket = web.WebSocketResponse(
            timeout=CLOSING_S_MAX,
            autoping=False,
            compress=False,
            max_msg_size=MESSAGE_BYTES_MAX,
            decode_text=False,
        )
        try:
            feed = self._admitted(request, websocket, address)
        except Refused as refused:
            self.refused += 1
            return refused.response()
        try:
            await websocket.prepare(request)
            if request.transport is not None:
                await self._talk(websocket, request.transport, feed)
        finally:
            self.seats.leave(address)
        return websocket

    def _admitted(self, request: web.Request, websocket: web.WebSocketResponse, address: str) -> Feed:
        """Checks: that it is a WebSocket, its origin, that the exchange is there, the address's connections."""
        if not websocket.can_prepare(request):
            upgrade = {"Upgrade": "websocket"}
            raise Refused(RejectCode.MALFORMED, _NO_UPGRADE, status=426, headers=upgrade)
        origin = request.headers.get("Origin")
        if origin is not None and origin not in self._origins and not _is_own(origin, request.host):
            raise Refused(RejectCode.NOT_PERMITTED, "Pages of this origin are not let in.")
        if self.feed is None:
            raise Refused(RejectCode.HALTED, "The exchange is still starting.")
        if not self.seats.enter(address):
            raise Refused(RejectCode.TOO_MANY_CONNECTIONS)
        return self.feed

    async def _talk(
        self, websocket: web.WebSocketResponse, transport: asyncio.WriteTransport, feed: Feed
    ) -> None:
        socket = Socket(websocket, transport)
        session = Session(socket, self._engine, self._keys, feed, self.seats)
        self._open[session] = None
        self.pulse.join(socket)
        overdue = asyncio.get_running_loop().call_later(HELLO_US_MAX / 1e6, session.hello_overdue)
        try:
            async for message in websocket:
                self.frames += 1
                socket.heard = True
                if message.type is WSMsgType.TEXT:
                    session.receive(message.data)
                elif message.type is WSMsgType.BINARY:
                    session.receive_binary()
                elif message.type is WSMsgType.PING:
                    await websocket.pong(message.data)
        finally:
            overdue.cancel()
            self.pulse.leave(socket)
            del self._open[session]
            self.seats.rise(session)
            session.ended()
            self.farewells.say(session, self._open)
            if socket.closing is not None:
                await socket.closing


def _is_own(origin: str, host: str) -> bool:
    """Whether a page came from this very server."""
    try:
        return bool(host) and urlsplit(origin).netloc == host
    except ValueError:
        return False
