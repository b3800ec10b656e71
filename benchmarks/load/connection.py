"""One connection of the load: it always has the same number of commands in flight.

Guarantees: whenever answers come, as many commands leave at once, in one write; the latency of a command counts
from the instant at which its place became free, so that a late generator is no excuse for a late answer.
Answers of one session come in the order of its commands, so they are counted, not read.
"""

import asyncio
from array import array
from collections import deque
from time import perf_counter_ns
from typing import Final, cast

import msgspec

from benchmarks.load import frames
from benchmarks.load.script import Script

PATH: Final = "/v1/ws"
_KIND_AT: Final = len('{"type":"')
_ACK: Final = ord("a")  # ack
_REJECTED: Final = ord("r")  # rejected


class LoadError(Exception):
    """The server did something else than answering commands."""


class Tally:
    """What all connections of a round saw, as long as it `counts`."""

    def __init__(self) -> None:
        self.counts = False
        self.acked = 0
        self.rejected = 0
        self.latencies_ns = array("q")
        self.weights = array("q")
        """How many commands had the latency of the same place."""


class Connection(asyncio.Protocol):
    """Speaks in a new session of the key's member. `ready` is done when `start` may be called."""

    def __init__(self, host: str, port: int, key: str, script: Script, tally: Tally) -> None:
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()
        self.drained = asyncio.Event()
        self._in_flight = 0
        self._upgrade = frames.upgrade_request(host, port, PATH)
        self._hello = frames.text_frame(msgspec.json.encode({"type": "hello", "key": key}))
        self._script = script
        self._tally = tally
        self._next = 0
        self._sending = False
        self._sent: deque[tuple[int, int]] = deque()  # how many commands had their place free at an instant
        self._reader = frames.Reader()
        self._head = b""  # of the answer to the upgrade
        self._upgraded = False
        self._transport: asyncio.WriteTransport | None = None

    # --- life ------------------------------------------------------------------------------------

    def start(self, in_flight: int) -> None:
        """Send the first commands; from now on every answer is followed by another command."""
        self._sending = True
        self._send(in_flight, perf_counter_ns())

    def stop(self) -> None:
        """Send nothing more; when all that is in flight is answered, `drained` is set."""
        self._sending = False
        if not self._in_flight:
            self.drained.set()

    def close(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    @property
    def exhausted(self) -> bool:
        """Whether everything was sent."""
        return self._next == len(self._script)

    # --- what the loop calls ---------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's isn't one by its class
        self._write(self._upgrade)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over, whoever ended it."""
        if not self.ready.done():
            self.ready.set_exception(LoadError("the server closed the connection before it was welcome"))
        self.ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Count answers; whatever else it is, deal with it."""
        now_ns = perf_counter_ns()
        if not self._upgraded:
            data = self._upgrading(data)
        acked = rejected = 0
        for first, payload in self._reader.frames(data):
            if first != frames.TEXT or not self.ready.done():
                self._aside(first, payload)
            elif payload[_KIND_AT] == _ACK:
                acked += 1
            elif payload[_KIND_AT] == _REJECTED:
                rejected += 1
            else:
                raise LoadError(f"unexpected frame: {payload[:200]!r}")
        if acked or rejected:
            self._answered(acked, rejected, now_ns)

    # --- what they mean --------------------------------------------------------------------------

    def _upgrading(self, data: bytes) -> bytes:
        """What follows the head of the answer to the upgrade."""
        self._head += data
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if not end:
            return b""
        if not head.startswith(b"HTTP/1.1 101"):
            self.ready.set_exception(LoadError(f"no upgrade: {head[:200]!r}"))
            self.close()
            return b""
        self._upgraded = True
        self._write(self._hello)
        return rest

    def _aside(self, first: int, payload: bytes) -> None:
        """Pings, the end, and the welcome."""
        if first == frames.PING:
            self._write(frames.frame(frames.PONG, payload))
        elif first == frames.CLOSE:
            self.close()
        elif payload.startswith(b'{"type":"welcome"'):
            self.ready.set_result(None)
        elif not self.ready.done():
            self.ready.set_exception(LoadError(f"not welcome: {payload[:200]!r}"))

    def _answered(self, acked: int, rejected: int, now_ns: int) -> None:
        count, tally = acked + rejected, self._tally
        self._in_flight -= count
        if tally.counts:
            tally.acked += acked
            tally.rejected += rejected
        if self._sending:
            self._send(count, now_ns)
        elif not self._in_flight:
            self.drained.set()
        while count:
            places, free_ns = self._sent.popleft()
            if places > count:
                self._sent.appendleft((places - count, free_ns))
                places = count
            count -= places
            if tally.counts:
                tally.latencies_ns.append(now_ns - free_ns)
                tally.weights.append(places)

    def _send(self, count: int, now_ns: int) -> None:
        count = min(count, len(self._script) - self._next)
        if count:
            self._write(self._script.frames(self._next, count))
            self._next += count
            self._in_flight += count
            self._sent.append((count, now_ns))

    def _write(self, stream: bytes) -> None:
        assert self._transport is not None
        self._transport.write(stream)
