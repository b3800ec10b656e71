"""WebSocket frames as a load generator needs them: made long before they are sent, read as little as possible.

Guarantees: what `text_frame` makes is a whole masked text frame (RFC 6455, 5.2); `Reader` gives every frame of
a stream once, however the stream is cut into pieces.
The mask is zero, so that texts can be replaced in frames that are ready; the server unmasks them all the same.
Known limits: the exchange's frames are whole and unmasked, and only such are read.
"""

from base64 import b64encode
from collections.abc import Iterator
from typing import Final

TEXT: Final = 0x81
PING: Final = 0x89
CLOSE: Final = 0x88
PONG: Final = 0x8A

_MASKED: Final = 0x80
_NO_MASK: Final = bytes(4)


def text_frame(payload: bytes) -> bytes:
    """The payload as a client's text frame."""
    return frame(TEXT, payload)


def frame(first: int, payload: bytes) -> bytes:
    """A client's frame; `first` is its first byte. At most 65,535 bytes of payload."""
    length = len(payload)
    if length < 126:
        return bytes((first, _MASKED | length)) + _NO_MASK + payload
    return bytes((first, _MASKED | 126)) + length.to_bytes(2, "big") + _NO_MASK + payload


def upgrade_request(host: str, port: int, path: str) -> bytes:
    """What a client says first."""
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {b64encode(bytes(16)).decode()}",
        "Sec-WebSocket-Version: 13",
    )
    return "\r\n".join((*lines, "", "")).encode()


class Reader:
    """Cuts a stream into frames; what is incomplete waits for the next piece."""

    def __init__(self) -> None:
        self._rest = b""

    def frames(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        """First byte and payload of every frame that is complete."""
        stream = self._rest + piece if self._rest else piece
        start, end = 0, len(stream)
        while end - start >= 2:
            length, header = stream[start + 1], 2
            if length == 126:
                length, header = int.from_bytes(stream[start + 2 : start + 4], "big"), 4
            elif length == 127:
                length, header = int.from_bytes(stream[start + 2 : start + 10], "big"), 10
            # An extended length that isn't there yet reads as too short; its frame can't be whole either.
            following = start + header + length
            if end < start + header or end < following:
                break
            yield stream[start], stream[start + header : following]
            start = following
        self._rest = stream[start:]
