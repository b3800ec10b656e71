"""The bare peer of a fan-out: `python -m benchmarks.arena.peer LENGTH` sends each connection a frame when poked.

A frame is a text frame of WebSockets with a payload of LENGTH bytes, so that the crowd reads it as it reads ours.
Listens on a free port of loopback and prints it. A byte from any connection makes it call `send` once for each
connection, in the order in which they came: no event loop, no buffers, one frame, the least that Python can do.
"""

import selectors
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress

from benchmarks.arena.crowd import TELLS
from exchange.gateway.websocket.wire import text_frame


def main() -> None:
    """Serve until stdin ends."""
    frame = text_frame(TELLS.ljust(int(sys.argv[1])))
    listener = socket.create_server(("127.0.0.1", 0), backlog=1_024)
    listener.setblocking(False)
    print(listener.getsockname()[1], flush=True)
    selector, everybody = selectors.DefaultSelector(), list[socket.socket]()
    for each in (listener, sys.stdin):
        selector.register(each, selectors.EVENT_READ)
    while True:
        ready = [key.fileobj for key, _ in selector.select()]
        if sys.stdin in ready:
            return
        everybody += _accepted(listener, selector)  # before anything is sent: whoever has connected counts
        for each in ready:
            if isinstance(each, socket.socket) and each is not listener and each.recv(64):
                _send(everybody, frame)


def _accepted(listener: socket.socket, selector: selectors.BaseSelector) -> Iterator[socket.socket]:
    """All connections that wait."""
    with suppress(BlockingIOError):
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ)
            yield connection


def _send(everybody: list[socket.socket], frame: bytes) -> None:
    for each in everybody:
        each.send(frame)


if __name__ == "__main__":
    main()
