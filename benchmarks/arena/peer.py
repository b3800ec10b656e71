"""The bare peer of a fan-out: `python -m benchmarks.arena.peer LENGTH` sends each connection a frame when poked.

Listens on a free port of loopback and prints it. A byte from any connection makes it call `send` once for each
connection, in the order in which they came: no loop, no buffers, no frames, the least that Python can do.
"""

import selectors
import socket
import sys


def main() -> None:
    """Serve until stdin ends."""
    frame = bytes(int(sys.argv[1]))
    listener = socket.create_server(("127.0.0.1", 0), backlog=1_024)
    print(listener.getsockname()[1], flush=True)
    selector, everybody = selectors.DefaultSelector(), list[socket.socket]()
    selector.register(listener, selectors.EVENT_READ)
    selector.register(sys.stdin, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is sys.stdin:
                return
            if key.fileobj is listener:
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                everybody.append(connection)
                selector.register(connection, selectors.EVENT_READ)
            else:
                assert isinstance(key.fileobj, socket.socket)
                if not key.fileobj.recv(64):
                    return
                for each in everybody:
                    each.send(frame)


if __name__ == "__main__":
    main()
