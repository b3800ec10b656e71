"""Connections between clients and the exchange, over a net that is slow, breaks, and tells nobody when it did.

Guarantees: as TCP does, a connection delivers a prefix of what was sent, in order, in each direction; after a break
whatever was on its way may still arrive, late; one end may learn of it long before the other.
Frames from the exchange are whole unmasked WebSocket text frames, joined; they are taken apart here.
"""

from collections import deque
from collections.abc import Callable
from contextvars import Context
from random import Random
from typing import Protocol

from tests.simulation.loop import SimLoop


class Weather:
    """How the net behaves right now; `calm` makes it kind."""

    def __init__(self, chance: Random, latency_us_max: int, hiccup: float, bytes_weigh: int) -> None:
        self.chance = chance
        self.latency_us_max = latency_us_max
        self.hiccup = hiccup  # how often something takes up to a hundred times as long
        self.bytes_weigh = bytes_weigh  # so many times its length does a frame count for a slow reader

    def latency_us(self) -> int:
        """From one end to the other."""
        us = int(self.chance.random() * self.latency_us_max)
        return us * self.chance.randrange(100) if self.chance.random() < self.hiccup else us

    def calm(self) -> None:
        """The faults are over."""
        self.latency_us_max = min(self.latency_us_max, 10_000)
        self.hiccup = 0.0


class Pipe:
    """One direction. `context` is that of the host at its end: with the host dies the delivery."""

    def __init__(
        self, loop: SimLoop, weather: Weather, context: Context, deliver: Callable[[bytes], None]
    ) -> None:
        self._loop = loop
        self._weather = weather
        self._context = context
        self._deliver = deliver
        self._under_way: deque[tuple[int, bytes]] = deque()
        self._last_us = 0
        self._waits = False
        self._cut = False
        self._then: Callable[[], None] | None = None

    def send(self, frames: list[bytes]) -> None:
        """Frames of one write arrive together, unless the net splits them."""
        if self._cut:
            return
        arrive_us = self._loop.now_us + self._weather.latency_us()
        for frame in frames:
            self._last_us = arrive_us = max(arrive_us, self._last_us)
            self._under_way.append((arrive_us, frame))
            if self._weather.chance.random() < 0.05:
                arrive_us += self._weather.latency_us()
        self._wait()

    def stall(self, until_us: int) -> None:
        """Nothing sent from now on arrives before that instant."""
        self._last_us = max(self._last_us, until_us)

    def under_way(self) -> int:
        """Bytes that were sent and did not arrive."""
        return sum(len(frame) for _, frame in self._under_way)

    def cut(self, then: Callable[[], None], pause_us: int) -> None:
        """Lose all but a prefix of what is under way; tell the end when that has arrived and a while has passed."""
        if self._cut:
            return
        self._cut = True
        kept = self._weather.chance.randint(0, len(self._under_way))
        while len(self._under_way) > kept:
            self._under_way.pop()
        self._last_us = max(self._loop.now_us, self._under_way[-1][0] if kept else 0) + pause_us
        self._then = then
        self._under_way.append((self._last_us, b""))
        self._wait()

    def drop(self) -> None:
        """The end does not listen any more."""
        self._cut = True
        self._under_way.clear()

    def hurry(self) -> None:
        """The net works again: what was held up arrives now."""
        self._under_way = deque((min(us, self._loop.now_us), frame) for us, frame in self._under_way)
        self._last_us = self._loop.now_us
        self._waits = False
        self._wait()

    def _wait(self) -> None:
        if not self._waits and self._under_way:
            self._waits = True
            self._loop.call_at_us(self._under_way[0][0], self._arrive, context=self._context)

    def _arrive(self) -> None:
        self._waits = False
        while self._under_way and self._under_way[0][0] <= self._loop.now_us:
            _, frame = self._under_way.popleft()
            if frame:
                self._deliver(frame)
            elif self._then is not None:
                self._then()
        self._wait()


class End(Protocol):
    """Whoever holds one end of a connection."""

    def heard(self, frame: bytes) -> None:
        """A frame arrived."""
        ...

    def hung_up(self, code: int) -> None:
        """The connection is over."""
        ...


class Link:
    """One connection. To the gateway it is a `Connection`; `tap` is shown what the exchange writes, as it does."""

    def __init__(
        self,
        loop: SimLoop,
        weather: Weather,
        client: tuple[End, Context],
        server: tuple[Callable[[bytes], None], Callable[[], None], Context],
        tap: Callable[[bytes], None],
    ) -> None:
        self._weather = weather
        self._client = client[0]
        self._tap = tap
        self._ended = server[1]
        self.up = Pipe(loop, weather, server[2], server[0])
        self.down = Pipe(loop, weather, client[1], client[0].heard)
        self.slow = False

    # --- what the gateway does with it -------------------------------------------------------------

    def write(self, frames: bytes) -> None:
        """Take the joined frames apart and send them on."""
        payloads = payloads_of(frames)
        for payload in payloads:
            self._tap(payload)
        self.down.send(payloads)

    def buffered(self) -> int:
        """What the client has not read counts only where it is a slow reader: the system has buffers of its own."""
        return self.down.under_way() * self._weather.bytes_weigh if self.slow else 0

    def close(self, code: int, reason: str) -> None:
        """The client is told why; then the connection is gone for both."""
        self.down.cut(lambda: self._client.hung_up(code), 0)
        self.up.cut(self._ended, 0)

    # --- what the world does to it -----------------------------------------------------------------

    def tear(self, notice_us: Callable[[], int]) -> None:
        """Break it; each end notices in its own time."""
        self.down.cut(lambda: self._client.hung_up(0), notice_us())
        self.up.cut(self._ended, notice_us())

    def leave(self) -> None:
        """The client goes; the exchange notices when it hears the last of what was sent."""
        self.down.drop()
        self.up.cut(self._ended, self._weather.latency_us())

    def hurry(self) -> None:
        """Whatever is held up arrives now."""
        self.slow = False
        self.up.hurry()
        self.down.hurry()


def payloads_of(frames: bytes) -> list[bytes]:
    """The texts of joined unmasked WebSocket frames (RFC 6455, 5.2); anything else is a fault of the gateway."""
    payloads, at = [], 0
    while at < len(frames):
        assert frames[at] == 0x81, "one whole text frame after the other"
        length, at = frames[at + 1], at + 2
        assert length < 128, "a server's frames are not masked"
        if length >= 126:
            width = 2 if length == 126 else 8
            length, at = int.from_bytes(frames[at : at + width], "big"), at + width
        payloads.append(frames[at : at + length])
        at += length
    assert at == len(frames), "no frame is cut short"
    return payloads
