"""The WebSocket below a client: aiohttp shakes hands and reads, and many frames leave in one write.

Guarantees: `send` never waits and sends in order; what it holds back is bounded by what a session may have open.
`receive` gives nothing once the connection has ended, for whatever reason; `close_code` and `why` tell it then.

Why our own frames: a write per frame costs more than everything else a client does for a command. A frame is
header, mask and masked text as RFC 6455 section 5.2 says; the mask is drawn anew for every frame.
"""

import os
from collections.abc import Sequence
from ssl import SSLContext
from typing import Any, Final, Literal, cast
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from exchange_client.errors import Invalid

TEXT: Final = 0x81  # the first byte of a frame: final, text
MASKED: Final = 0x80
FRAME_BYTES_MAX: Final = 16 * 1024 * 1024
"""Largest frame that is read: the snapshot of a book with half a million levels."""
GOODBYE: Final = aiohttp.ClientWSTimeout(ws_close=1.0)
"""How long the exchange may take to answer our goodbye."""
WEBSOCKETS: Final = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
"""Schemes of addresses, each with that of the WebSocket there."""
WEBSOCKET_PATH: Final = "/v1/ws"
NO_FURTHER: Final = frozenset({400, 401, 403, 404, 405, 410, 426})
"""HTTP answers to a handshake that will be the same next time."""


class Unconnected(Exception):
    """No connection came about; `final` tells that another attempt would end alike."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


class Socket(aiohttp.ClientWebSocketResponse[Literal[False]]):
    """aiohttp's WebSocket, which also tells what it writes to."""

    def __init__(self, reader: Any, writer: Any, *rest: Any, **options: Any) -> None:
        super().__init__(reader, writer, *rest, **options)
        self.transport: Any = writer.transport


class Connection:
    """One WebSocket connection."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self.close_code = 0  # what the exchange closed it with; 0 if it just broke
        self.why = ""

    @classmethod
    async def open(cls, http: aiohttp.ClientSession, url: str, ssl: SSLContext | bool) -> "Connection":
        """Shake hands with what `http_session` made. Raises Unconnected."""
        try:
            socket = await http.ws_connect(
                url, ssl=ssl, max_msg_size=FRAME_BYTES_MAX, decode_text=False, timeout=GOODBYE
            )
        except aiohttp.WSServerHandshakeError as error:
            final = error.status in NO_FURTHER
            raise Unconnected(f"HTTP {error.status} instead of a WebSocket", final=final) from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise Unconnected(f"the certificate is not trusted: {error}", final=True) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unconnected(f"{type(error).__name__}: {error}") from error
        assert isinstance(socket, Socket)
        return cls(socket)

    def send(self, texts: Sequence[bytes]) -> None:
        """Send each text as one frame, all in one write."""
        transport = self._socket.transport
        if texts and not transport.is_closing():
            masks = os.urandom(4 * len(texts))
            transport.write(
                b"".join([framed(text, masks[4 * at : 4 * at + 4]) for at, text in enumerate(texts)])
            )

    async def receive(self) -> bytes | None:
        """The text of the next frame; nothing once the connection has ended."""
        while True:
            message = await self._socket.receive()
            if message.type is aiohttp.WSMsgType.TEXT:
                return cast(bytes, message.data)
            if message.type is aiohttp.WSMsgType.CLOSE:
                self.close_code, self.why = message.data, message.extra or ""
                return None
            if message.type is not aiohttp.WSMsgType.BINARY:  # There are none on this wire.
                self.why = str(message.data or self._socket.exception() or "connection lost")
                return None

    def abort(self) -> None:
        """Cut the connection."""
        self._socket.transport.abort()

    async def close(self) -> None:
        """Say goodbye, and wait a little for the answer."""
        await self._socket.close()


def http_session() -> aiohttp.ClientSession:
    """What opens connections. It follows no redirect: the key goes to the host that was named, or nowhere."""
    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_refuse_redirect)
    socket_class: Any = Socket  # aiohttp declares this parameter for sockets that decode texts
    return aiohttp.ClientSession(ws_response_class=socket_class, trace_configs=[trace])


async def _refuse_redirect(*_: object) -> None:
    raise Unconnected("a redirect instead of a WebSocket: name the address it leads to", final=True)


def checked_url(url: str, key: str) -> str:
    """The address of the exchange's WebSocket, also from that of the exchange, if it holds no secret. Raises Invalid."""
    parts = urlsplit(url)
    if parts.scheme not in WEBSOCKETS or not parts.hostname:
        raise Invalid("the address must begin with http://, https://, ws:// or wss:// and a host")
    if parts.username or parts.password or (key and key in url):
        raise Invalid("an address is written to logs on its way: give the key by key=, not in the address")
    if parts.scheme == WEBSOCKETS[parts.scheme]:
        return url
    path = parts.path.rstrip("/").removesuffix(WEBSOCKET_PATH) + WEBSOCKET_PATH
    return urlunsplit((WEBSOCKETS[parts.scheme], parts.netloc, path, "", ""))


def framed(text: bytes, mask: bytes) -> bytes:
    """One masked text frame."""
    length = len(text)
    if length < 126:
        header = bytes((TEXT, MASKED | length))
    elif length < 65_536:
        header = bytes((TEXT, MASKED | 126)) + length.to_bytes(2, "big")
    else:
        header = bytes((TEXT, MASKED | 127)) + length.to_bytes(8, "big")
    stretched = (mask * (length // 4 + 1))[:length]
    masked = int.from_bytes(text, "big") ^ int.from_bytes(stretched, "big")
    return header + mask + masked.to_bytes(length, "big")
