"""The feeds of one session: every channel is followed without a gap, or says that it had one.

Guarantees: frames of a channel come in the order of their offsets, each once. What is missing is asked for
again from the last position; if it isn't kept any more, a snapshot restarts the picture and `Resynced` comes
before it. A book that doesn't match its checksum is thrown away and asked for anew.

The exchange answers every subscribe and unsubscribe of a channel in the order in which they were sent. So an
answer counts only if no later question about its channel is open: what comes before that is of the past.
"""

from collections import deque
from enum import Enum
from typing import Final, NamedTuple

from msgspec.json import Encoder

from exchange_client import shown
from exchange_client.backoff import Backoff, Draw
from exchange_client.book import Book
from exchange_client.errors import Rejected
from exchange_client.frames import Subscribe, Unsubscribe
from exchange_client.inflight import NEVER
from exchange_client.shown_drops import DropCopy
from exchange_client.shown_queues import MarketPhase, OrdersDelta

HEARTBEATS_MISSED_MAX: Final = 5
"""A book channel that was silent for so many beats is asked for again."""
ANSWER_US_MAX: Final = 10_000_000
"""A subscription that isn't answered in this time condemns the connection."""
TROUBLE_US_FIRST: Final = 100_000
TROUBLE_US_LAST: Final = 10_000_000

_encode: Final = Encoder().encode


class Update(NamedTuple):
    """A frame of a channel, in its place; `book` is the local copy after it, for a book's channel."""

    channel: str
    frame: shown.FeedFrame
    book: Book | None = None


class Resynced(NamedTuple):
    """Something of the channel may have been missed; what follows is whole again."""

    channel: str
    why: str


class ChannelRefused(NamedTuple):
    """The exchange doesn't show this channel."""

    channel: str
    refusal: Rejected


ChannelEvent = Update | Resynced | ChannelRefused


class _Phase(Enum):
    IDLE = "idle"  # to be asked for at `ask_us`, or when there is a connection
    ASKED = "asked"
    LIVE = "live"


class _Channel:
    """Where a channel stands. One that was left is gone; who comes back to it gets another."""

    __slots__ = (
        "anew", "ask_us", "backoff", "book", "epoch", "fresh", "heard_us", "lot", "missed", "name", "offset",
        "phase", "troubled",
    )  # fmt: skip

    def __init__(self, name: str, draw: Draw) -> None:
        self.name = name
        self.epoch = 0  # of the last frame taken in; 0: none so far
        self.offset = 0
        self.phase = _Phase.IDLE
        self.fresh = True  # a snapshot has to come before anything else counts
        self.anew = True  # a snapshot is to be asked for, not what follows the last frame
        self.missed = ""  # why `Resynced` has to come before the next snapshot
        self.troubled = False  # it was asked for again and nothing good came of it yet
        self.ask_us = NEVER
        self.heard_us = 0
        self.book: Book | None = None
        self.lot: shown.Lot | None = None
        self.backoff = Backoff(TROUBLE_US_FIRST, TROUBLE_US_LAST, draw)

    @property
    def is_book(self) -> bool:
        return self.name.startswith("book:")


class _Question(NamedTuple):
    """A subscribe, or an unsubscribe without its channel."""

    name: str
    channel: _Channel | None
    asked_us: int


class Channels:
    """All channels that a session follows."""

    def __init__(self, out: list[bytes], draw: Draw) -> None:
        self._channels: dict[str, _Channel] = {}
        self._asked: deque[_Question] = deque()  # without an answer so far, oldest first
        self._online = False
        self._heartbeat_us = NEVER
        self._out = out
        self._draw = draw

    # --- asking ----------------------------------------------------------------------------------

    def subscribe(self, name: str, now_us: int) -> bool:
        """Follow a channel from now on. False: it is followed already, and nothing happens."""
        if name in self._channels:
            return False
        channel = self._channels[name] = _Channel(name, self._draw)
        self._ask(channel, now_us)
        return True

    def unsubscribe(self, name: str, now_us: int) -> None:
        """Stop following a channel."""
        if self._channels.pop(name, None) and self._online:
            self._asked.append(_Question(name, None, now_us))
            self._out.append(_encode(Unsubscribe(name)))

    def refresh(self, name: str, now_us: int, *, missed: str = "") -> None:
        """Ask for a new snapshot; with a reason in `missed`, `Resynced` comes before it.

        What was on its way before still counts, so that whoever followed all along misses nothing.
        """
        channel = self._channels.get(name)
        if channel is not None:
            channel.anew = True
            channel.missed = channel.missed or missed
            self._ask(channel, now_us)

    def book(self, name: str) -> Book | None:
        """The local copy of a book's channel, once its snapshot is there."""
        channel = self._channels.get(name)
        return channel.book if channel else None

    def online(self, now_us: int, heartbeat_us: int) -> None:
        """A connection took the session up: ask for everything from where it was."""
        self._online = True
        self._heartbeat_us = heartbeat_us
        for channel in self._channels.values():
            self._ask(channel, now_us)

    def offline(self) -> None:
        """The connection is gone; the positions stay."""
        self._online = False
        self._asked.clear()
        for channel in self._channels.values():
            channel.phase = _Phase.IDLE

    def _ask(self, channel: _Channel, now_us: int) -> None:
        channel.ask_us = NEVER
        channel.heard_us = now_us
        if not self._online:
            return
        if channel.phase is _Phase.IDLE:
            channel.phase = _Phase.ASKED
        self._asked.append(_Question(channel.name, channel, now_us))
        position = (0, 0) if channel.anew else (channel.epoch, channel.offset)
        self._out.append(_encode(Subscribe(channel.name, *position)))

    # --- hearing ---------------------------------------------------------------------------------

    def subscribed(self, frame: shown.Subscribed, now_us: int) -> None:
        """The exchange took a subscription."""
        channel = self._answered(frame.channel)
        if channel is not None:
            channel.phase = _Phase.LIVE
            channel.heard_us = now_us
            channel.fresh = channel.fresh or channel.anew or not frame.recovered

    def unsubscribed(self, frame: shown.Unsubscribed) -> None:
        """The exchange ended a subscription."""
        self._answered(frame.channel)

    def refused(self, frame: shown.Error) -> list[ChannelEvent]:
        """The exchange did not take a subscription."""
        channel = self._answered(frame.channel)
        if channel is None:
            return []
        del self._channels[channel.name]
        return [ChannelRefused(channel.name, Rejected.of(frame))]

    def _answered(self, name: str) -> _Channel | None:
        """The channel that the next answer about this name is for; nothing if it is of the past."""
        about = [question for question in self._asked if question.name == name]
        if not about:
            return None
        self._asked.remove(about[0])
        return about[0].channel if len(about) == 1 else None

    def received(self, frame: shown.FeedFrame, now_us: int) -> list[ChannelEvent]:
        """What a frame means: nothing if it isn't its turn."""
        channel = self._channels.get(frame.channel)
        if channel is None or channel.phase is not _Phase.LIVE:
            return []
        channel.heard_us = now_us
        return (
            self._restart(channel, frame, now_us) if _is_whole(frame) else self._go_on(channel, frame, now_us)
        )

    def heartbeat(self, frame: shown.Heartbeat, now_us: int) -> None:
        """Nothing was missed, or something was."""
        channel = self._channels.get(frame.channel)
        if channel is None or channel.phase is not _Phase.LIVE or channel.fresh:
            return
        channel.heard_us = now_us
        if frame.epoch != channel.epoch or frame.offset > channel.offset:
            self._recover(channel, "gap", now_us)

    def _restart(self, channel: _Channel, frame: shown.FeedFrame, now_us: int) -> list[ChannelEvent]:
        """Take in a frame that is a picture of its own."""
        same_epoch = frame.epoch == channel.epoch
        if same_epoch and frame.offset < channel.offset and not channel.fresh:
            return []
        if isinstance(frame, shown.BookSnapshot):
            book = Book(frame)
            if not book.matches(frame.crc32):
                return self._distrust(channel, now_us)
            channel.book = book
        expected = channel.offset + isinstance(frame, (shown.Ticker, MarketPhase, shown.Lot))
        if channel.epoch and not same_epoch:
            channel.missed = channel.missed or "epoch"
        elif channel.epoch and frame.offset > expected:
            channel.missed = channel.missed or "gap"
        events: list[ChannelEvent] = [Resynced(channel.name, channel.missed)] if channel.missed else []
        channel.missed = ""
        channel.fresh = channel.anew = False
        channel.epoch = frame.epoch
        return [*events, self._taken(channel, frame)]

    def _go_on(self, channel: _Channel, frame: shown.FeedFrame, now_us: int) -> list[ChannelEvent]:
        """Take in a frame that continues the one before it."""
        if channel.fresh or (frame.epoch == channel.epoch and frame.offset <= channel.offset):
            return []
        if frame.epoch != channel.epoch or frame.offset > channel.offset + 1:
            self._recover(channel, "gap", now_us)
            return []
        if isinstance(frame, shown.BookDelta):
            assert channel.book is not None, "a snapshot came first"
            channel.book.apply(frame)
            if not channel.book.matches(frame.crc32):
                return self._distrust(channel, now_us)
        if isinstance(frame, shown.LotDelta):
            assert channel.lot is not None, "a snapshot came first"
            frame = frame.applied_to(channel.lot)
        return [self._taken(channel, frame)]

    def _taken(self, channel: _Channel, frame: shown.FeedFrame) -> Update:
        channel.offset = frame.offset
        if isinstance(frame, shown.Lot):
            channel.lot = frame
        if channel.troubled:
            channel.troubled = False
            channel.backoff.reset()
        return Update(channel.name, frame, channel.book)

    # --- healing ---------------------------------------------------------------------------------

    def _recover(self, channel: _Channel, why: str, now_us: int) -> None:
        """Ask for what is missing; if that was asked for already, for a snapshot, and not at once."""
        channel.phase = _Phase.IDLE
        if channel.troubled:
            channel.anew = True
            channel.missed = channel.missed or why
            channel.ask_us = now_us + channel.backoff.pause_us()
        else:
            channel.troubled = True
            self._ask(channel, now_us)

    def _distrust(self, channel: _Channel, now_us: int) -> list[ChannelEvent]:
        channel.fresh = channel.anew = True
        channel.missed = channel.missed or "checksum"
        channel.book = None
        self._recover(channel, "checksum", now_us)
        return []

    def check(self, now_us: int) -> bool:
        """Ask again where it is due. False: the connection doesn't do what it should; leave it."""
        if not self._online:
            return True
        if self._asked and now_us - self._asked[0].asked_us > ANSWER_US_MAX:
            return False
        for channel in self._channels.values():
            if channel.phase is _Phase.IDLE and now_us >= channel.ask_us:
                self._ask(channel, now_us)
            elif channel.phase is _Phase.LIVE and channel.is_book:
                silent_us = now_us - channel.heard_us
                if silent_us > HEARTBEATS_MISSED_MAX * self._heartbeat_us:
                    self._recover(channel, "silence", now_us)
        return True

    @property
    def has_live_book(self) -> bool:
        """Whether heartbeats are to be expected."""
        return any(channel.is_book and channel.phase is _Phase.LIVE for channel in self._channels.values())


def _is_whole(frame: shown.FeedFrame) -> bool:
    if isinstance(frame, (shown.Trades, shown.Notices)):
        return frame.snapshot
    return not isinstance(frame, (shown.BookDelta, OrdersDelta, DropCopy, shown.LotDelta, shown.Own))
