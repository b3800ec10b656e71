"""What a channel carries: one class a kind, each a numbered stream of frames made from the views.

Guarantees: offsets rise by one per frame, within the epoch of this start of the exchange; a frame is encoded
once and the same bytes go to every reader; recent frames are kept for those who come back, but none of lots, where
each viewer has its own and a snapshot is smaller; a snapshot stands at the offset of the last frame. Streams of one
viewer (`own`, `lot`) are numbered by what that viewer was shown, so that no number tells what others did.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Final, NamedTuple
from zlib import crc32

from exchange.core.messages import Side, shown
from exchange.core.messages.shown_base import Shown
from exchange.core.visibility import show_account
from exchange.gateway.limits import NOTICED_INSTRUMENTS_MAX, RING_BYTES_MAX, RING_FRAMES_MAX
from exchange.gateway.websocket.outlet import Outlet
from exchange.gateway.websocket.wire import encode
from exchange.views.books import BookView
from exchange.views.views import Views

CHECKED_LEVELS: Final = 10
"""Levels of each side under a book's checksum."""


class Source(NamedTuple):
    """What streams are made from."""

    views: Views
    epoch: int
    now_us: Callable[[], int]


class Name(NamedTuple):
    """A channel, with the member for whom it is made, or with nobody where it is the same for all.

    `subject` is the id of what is followed: of an instrument, a lot or the member; empty for notices.
    """

    channel: str
    kind: str
    subject: str
    member_id: str


class Stream(ABC):
    """Numbered frames of one channel, for everybody or for one viewer."""

    __slots__ = (
        "_snapshot", "_snapshot_offset", "channel", "epoch", "idle_since_us", "name", "now_us", "offset", "outlets",
        "views",
    )  # fmt: skip
    conflates = True
    """Whether a slow reader may be given a snapshot instead of the frames that it missed."""

    def __init__(self, name: Name, source: Source, offset: int) -> None:
        self.name = name
        self.channel = name.channel
        self.views = source.views
        self.epoch = source.epoch
        self.now_us = source.now_us
        self.offset = offset
        self.outlets: dict[Outlet, None] = {}
        self.idle_since_us = 0
        self._snapshot = b""
        self._snapshot_offset = -1

    @abstractmethod
    def end(self) -> None:
        """No reader has been there for long; the stream is given up."""

    @abstractmethod
    def picture(self) -> Shown:
        """Everything from which a reader can go on, at the current offset."""

    def snapshot(self) -> bytes:
        """The picture as a frame, made once for all who ask at this offset."""
        if self._snapshot_offset != self.offset:
            self._snapshot = encode(self.picture())
            self._snapshot_offset = self.offset
        return self._snapshot

    def missed_since(self, epoch: int, offset: int) -> list[bytes] | None:
        """The frames after that one, if there are none, or all are still kept."""
        return [] if (epoch, offset) == (self.epoch, self.offset) else None

    def deliver(self, frame: bytes) -> None:
        """Let it leave to every reader; one that is behind gets a snapshot once it has caught up."""
        for outlet in self.outlets:
            if outlet.behind and self.conflates:
                outlet.missed[self] = None
            else:
                outlet.send(frame)


class KeptStream(Stream):
    """Recent frames are kept for those who come back."""

    __slots__ = ("_ring", "_ring_bytes")

    def __init__(self, name: Name, source: Source, offset: int) -> None:
        super().__init__(name, source, offset)
        self._ring: deque[bytes] = deque()
        self._ring_bytes = 0

    def end(self) -> None:
        """The frames are forgotten."""
        self._ring.clear()

    @abstractmethod
    def follow(self) -> None:
        """Publish what the last commit changed, if it changed anything that is shown here."""

    def publish(self, message: Shown) -> None:
        """Send what was made for the next offset to every reader, and keep it."""
        frame = encode(message)
        self.offset += 1
        self._ring.append(frame)
        self._ring_bytes += len(frame)
        if len(self._ring) > RING_FRAMES_MAX or self._ring_bytes > RING_BYTES_MAX:
            self._forget()
        self.deliver(frame)

    def missed_since(self, epoch: int, offset: int) -> list[bytes] | None:
        """The frames after that one, if they are all still kept."""
        count = self.offset - offset
        if epoch != self.epoch or not 0 <= count <= len(self._ring):
            return None
        return list(self._ring)[len(self._ring) - count :]

    def _forget(self) -> None:
        ring = self._ring
        while len(ring) > RING_FRAMES_MAX or self._ring_bytes > RING_BYTES_MAX:
            self._ring_bytes -= len(ring.popleft())


class BookBound(KeptStream):
    """A stream that is made of one book, and has it watched."""

    def __init__(self, name: Name, source: Source, offset: int) -> None:
        super().__init__(name, source, offset)
        self.book: BookView = source.views.market.books[name.subject]
        self.book.watch()

    def heartbeat(self, at_us: int) -> None:
        """Tell every reader who isn't behind where the stream stands."""
        beat = encode(shown.Heartbeat(self.channel, self.epoch, self.offset, at_us))
        for outlet in self.outlets:
            if not outlet.behind:
                outlet.send(beat)

    def end(self) -> None:
        """The book needs no sorted prices for this stream any more."""
        super().end()
        self.book.unwatch()


class BookStream(BookBound):
    """Level 2: the levels that each commit changed, with a checksum over the top ten."""

    def follow(self) -> None:
        """Nothing is sent where every level is as it was."""
        bids, asks = self.book.delta(Side.BUY), self.book.delta(Side.SELL)
        if bids or asks:
            self.publish(
                shown.BookDelta(
                    self.channel, self.epoch, self.offset + 1, self.views.at_us, bids, asks, self._checksum()
                )
            )

    def picture(self) -> shown.BookSnapshot:
        """All levels, best first."""
        instrument = self.views.instruments[self.book.instrument_id]
        return shown.BookSnapshot(
            self.channel,
            self.epoch,
            self.offset,
            instrument.currency,
            instrument.price_scale,
            self.book.all_levels(Side.BUY),
            self.book.all_levels(Side.SELL),
            self._checksum(),
        )

    def _checksum(self) -> int:
        top = self.book.levels(Side.BUY, CHECKED_LEVELS) + self.book.levels(Side.SELL, CHECKED_LEVELS)
        return crc32(",".join([f"{price}:{quantity}" for price, quantity in top]).encode("ascii"))


class TradesStream(BookBound):
    """Every trade, without orders and members; and what became of trades that do not stand as they were made."""

    def follow(self) -> None:
        """The trades of the commit, and its busts and corrections."""
        fresh, changes = list(self.book.fresh), list(self.book.restated)
        if fresh or changes:
            head = self.channel, self.epoch, self.offset + 1
            self.publish(shown.Trades(*head, fresh, changes=changes))

    def picture(self) -> shown.Trades:
        """The most recent ones."""
        return shown.Trades(self.channel, self.epoch, self.offset, list(self.book.trades), snapshot=True)


class TickerStream(BookBound):
    """Best bid and offer and the last trade, whenever one of them changes."""

    def __init__(self, name: Name, source: Source, offset: int) -> None:
        super().__init__(name, source, offset)
        self._last = self.book.quote()

    def follow(self) -> None:
        """Nothing is sent where the ticker is as it was."""
        quote = self.book.quote()
        if quote != self._last:
            self._last = quote
            self.publish(self._ticker(self.offset + 1, self.views.at_us))

    def picture(self) -> shown.Ticker:
        """The ticker as it is."""
        return self._ticker(self.offset, self.now_us())

    def _ticker(self, offset: int, at_us: int) -> shown.Ticker:
        quote = self._last
        return shown.Ticker(
            self.channel,
            self.epoch,
            offset,
            quote.bid,
            quote.bid_quantity,
            quote.ask,
            quote.ask_quantity,
            quote.last_price,
            quote.last_quantity,
            quote.volume,
            at_us,
        )


class NoticesStream(KeptStream):
    """What everybody is told: new instruments, and adverts of new stock."""

    def follow(self) -> None:
        """The instruments and adverts of the commit."""
        catalogue = self.views.catalogue
        fresh, adverts = list(catalogue.fresh.values()), list(catalogue.fresh_adverts)
        self.publish(shown.Notices(self.channel, self.epoch, self.offset + 1, fresh, adverts=adverts))

    def picture(self) -> shown.Notices:
        """The current adverts, and as many instruments as one frame takes."""
        catalogue = self.views.catalogue
        listed = list(islice(catalogue.instruments.values(), NOTICED_INSTRUMENTS_MAX))
        return shown.Notices(
            self.channel,
            self.epoch,
            self.offset,
            listed,
            snapshot=True,
            adverts=catalogue.current_adverts(self.now_us()),
            left_out=len(catalogue.instruments) - len(listed),
        )


class OwnStream(KeptStream):
    """What happened to one member, and what it has. Never thinned out: a fill can't be skipped."""

    conflates = False

    def __init__(self, name: Name, source: Source, offset: int) -> None:
        super().__init__(name, source, offset)
        self.views.own.watched[name.member_id] = None

    def end(self) -> None:
        """Nobody asks what happened to the member any more."""
        super().end()
        del self.views.own.watched[self.name.member_id]

    def follow(self) -> None:
        """The member's part of the commit, with the balances that it moved."""
        change = self.views.own.changed[self.name.member_id]
        balance = self.views.accounts.balance
        accounts = [
            show_account(kind, unit, balance(f"{kind}:{self.name.member_id}", unit))
            for kind, unit in change.accounts
        ]
        self.publish(
            shown.Own(self.channel, self.epoch, self.offset + 1, change.at_us, list(change.events), accounts)
        )

    def picture(self) -> shown.OwnSnapshot:
        """Open orders and balances."""
        orders = [
            shown.OrderState(
                order.order_id,
                order.instrument_id,
                order.side,
                order.price,
                order.quantity,
                order.open_quantity,
            )
            for order in self.views.market.orders.get(self.name.member_id, {}).values()
        ]
        accounts = self.views.accounts.of_member(self.name.member_id)
        return shown.OwnSnapshot(self.channel, self.epoch, self.offset, orders, accounts)
