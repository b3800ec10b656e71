"""The way out: whole frames gather per connection and leave as one write per commit.

Guarantees: nobody is ever waited for; frames of a connection leave in the order in which they were sent; a
slow reader costs bounded memory and no other reader anything: over the soft bound its feeds are thinned out,
over the hard bound or after too long it is told to reconnect. The order of writing rotates, so that nobody is
always last.
Doesn't know what is in a frame.
"""

from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from exchange.gateway.limits import BEHIND_US_MAX, BUFFERED_HARD_BYTES, BUFFERED_SOFT_BYTES
from exchange.gateway.websocket.closing import REASONS, CloseCode


class Connection(Protocol):
    """The net, as the gateway needs it: a socket, or a simulated one. None of these waits or raises."""

    def write(self, frames: bytes) -> None:
        """Send whole frames; nothing happens once the connection is gone."""
        ...

    def buffered(self) -> int:
        """Bytes written that have not left this process yet."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Say why and close; frames that were written before may still arrive."""
        ...


class Followed(Protocol):
    """A stream of frames, as its readers know it."""

    outlets: "dict[Outlet, None]"

    def snapshot(self) -> bytes:
        """A frame from which a reader can go on, whatever it missed."""
        ...


class Outlet:
    """One connection's way out. `missed` are the streams that were skipped while it is `behind`."""

    __slots__ = ("_post", "asked_bytes", "behind", "connection", "first", "missed", "more", "open", "streams")

    def __init__(self, connection: Connection, post: "Post") -> None:
        self.connection = connection
        self.open = True
        self.first = b""
        """The frame that waits to leave."""
        self.more: list[bytes] = []
        """Those that wait behind it: often there are none."""
        self.asked_bytes = 0  # of all that, what it asked for by subscribing
        self.behind = False
        self.streams: dict[str, Followed] = {}
        """What it follows, by the channel's name."""
        self.missed: dict[Followed, None] = {}
        self._post = post

    def send(self, frame: bytes) -> None:
        """Let a frame leave with the next write."""
        if self.first:
            self.more.append(frame)
        else:
            self.first = frame
            self._post.expect(self)

    def taken(self) -> bytes:
        """All that waits, which waits no more."""
        frames, self.first, self.asked_bytes = self.first, b"", 0
        if self.more:
            frames += b"".join(self.more)
            self.more.clear()
        return frames

    def send_asked(self, frames: Sequence[bytes]) -> None:
        """Send a subscription's first frames; many of them are not gathered but written at once, so that a burst
        of small frames that come in is met by the bounds before it has made a mountain of large ones.
        """
        for frame in frames:
            self.send(frame)
            self.asked_bytes += len(frame)
        if self.asked_bytes > BUFFERED_SOFT_BYTES:
            self._post.write(self, self.taken())

    def leave(self, channel: str) -> bool:
        """Stop following; whether it did follow."""
        stream = self.streams.pop(channel, None)
        if stream is None:
            return False
        self.missed.pop(stream, None)
        del stream.outlets[self]
        return True

    def shut(self) -> None:
        """The connection is gone: follow nothing, send nothing."""
        self.open = False
        self.taken()
        for channel in list(self.streams):
            self.leave(channel)
        self._post.forget(self)

    def close(self, code: CloseCode, *, drop: bool = False) -> None:
        """Send what waits, unless it is to be dropped, and close."""
        if not self.open:
            return
        if self.first and not drop:
            self.connection.write(self.taken())
        self.shut()
        self.connection.close(code, REASONS[code])


T = TypeVar("T")
_STRIDE: Final = 7_919
"""A prime: how far the order of writing rotates from commit to commit."""


class Post:
    """All connections with something to send. `soon` runs a function when the current turn is over."""

    def __init__(self, now_us: Callable[[], int], soon: Callable[[Callable[[], None]], object]) -> None:
        self.slow_closed = 0
        self._now_us = now_us
        self._soon = soon
        self._expected = False
        self._waiting: list[Outlet] = []
        self._behind: dict[Outlet, int] = {}  # since when
        self._turn = 0

    def expect(self, outlet: Outlet) -> None:
        """The outlet has something to send: with the commit, else at the end of this turn."""
        self._waiting.append(outlet)
        if not self._expected:
            self._expected = True
            self._soon(self._end_turn)

    def _end_turn(self) -> None:
        self._expected = False
        self.flush()

    def flush(self) -> None:
        """One write per connection."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        for outlet in self.rotated(waiting):
            if outlet.first:  # else it was closed meanwhile
                self.write(outlet, outlet.taken())

    def rotated(self, readers: list[T]) -> list[T]:
        """The same, not always from the first one."""
        start = self._turn % len(readers)
        self._turn += _STRIDE
        return readers[start:] + readers[:start]

    def write(self, outlet: Outlet, frames: bytes) -> None:
        """Write whole frames, and see how far the reader is behind."""
        connection = outlet.connection
        buffered = connection.buffered()
        if buffered > BUFFERED_SOFT_BYTES:
            if buffered > BUFFERED_HARD_BYTES:
                self._close_slow(outlet)
                return
            if not outlet.behind:
                outlet.behind = True
                self._behind[outlet] = self._now_us()
        connection.write(frames)

    def catch_up(self) -> None:
        """Send fresh snapshots to whoever has read all it was sent, and close whoever took too long."""
        for outlet, since_us in list(self._behind.items()):
            if not outlet.connection.buffered():
                self.forget(outlet)
                for stream in outlet.missed:
                    outlet.send(stream.snapshot())
                outlet.missed.clear()
            elif self._now_us() - since_us > BEHIND_US_MAX:
                self._close_slow(outlet)

    def forget(self, outlet: Outlet) -> None:
        """It is not behind any more."""
        outlet.behind = False
        self._behind.pop(outlet, None)

    def _close_slow(self, outlet: Outlet) -> None:
        self.slow_closed += 1
        outlet.close(CloseCode.SLOW, drop=True)
