"""Feeds as asyncio sees them: each is followed with `async for`, and bounded however slow its reader is.

Guarantees: what comes is in order and without a silent gap; where something may have been missed, `Resynced`
comes first and then what is whole again. A reader that falls behind by `QUEUE_MAX` frames gets `Resynced` and
the newest state instead of them. A feed ends when its client does.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import Final, Generic, Protocol, Self, TypeVar

from msgspec.structs import replace

from exchange_client import shown
from exchange_client.book import Book
from exchange_client.channels import ChannelRefused, Resynced, Update
from exchange_client.errors import Closed, Stopped
from exchange_client.updates import BookUpdate, Instrument, OwnUpdate, Quotation, Trade

QUEUE_MAX: Final = 1_024
"""Frames that wait for the reader of one feed."""
RECENT_MAX: Final = 10_000
"""Trades that one feed remembers, so as to tell them again when they change."""
BEHIND: Final = "slow reader"

T = TypeVar("T")
FeedEvent = Update | Resynced | ChannelRefused | Stopped


class Reader(Protocol):
    """Whoever follows a channel."""

    @property
    def channel(self) -> str:
        """Its name."""
        ...

    def take(self, event: FeedEvent) -> None:
        """The next event of the channel, or of the client's end."""
        ...


class Hub(Protocol):
    """Where channels come from."""

    def attach(self, reader: Reader) -> None:
        """Give the reader a snapshot of its channel, and what follows."""
        ...

    def detach(self, reader: Reader) -> None:
        """Give it no more."""
        ...

    def refresh(self, channel: str, missed: str) -> None:
        """Have a channel begin anew; `missed` says why something may be missing before it."""
        ...

    async def instrument(self, name: str) -> Instrument:
        """The instrument of this id or symbol."""
        ...


class Feed(ABC, Generic[T]):
    """One reader of one channel.

    `async for update in feed` follows it until the loop is left. `async with feed` follows it for the block, so
    that `next` can be awaited in between.
    """

    def __init__(self, hub: Hub, channel: str) -> None:
        self.channel = channel
        self._hub = hub
        self._queue: deque[FeedEvent] = deque()
        self._ready: deque[T | Resynced] = deque()  # what one frame shows
        self._woken = asyncio.Event()
        self._attached = False
        self._behind = False  # frames are dropped until the reader comes for more

    async def __aenter__(self) -> Self:
        await self._prepare()
        self._hub.attach(self)
        self._attached = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._attached = False
        self._hub.detach(self)

    async def __aiter__(self) -> AsyncIterator[T | Resynced]:
        """Until the loop is left or the client is closed. Raises as `next`."""
        alone = not self._attached
        if alone:
            await self.__aenter__()
        try:
            while True:
                try:
                    update = await self.next()
                except Closed:
                    return
                yield update
        finally:
            if alone:
                await self.__aexit__(None, None, None)

    async def next(self) -> T | Resynced:
        """What comes next. Raises Rejected (the exchange doesn't show this channel), Stopped."""
        while not self._ready:
            while not self._queue:
                await self._more()
            self._read(self._queue.popleft())
        return self._ready.popleft()

    def take(self, event: FeedEvent) -> None:
        """The next event of the channel; the client calls this."""
        if isinstance(event, (ChannelRefused, Stopped)):
            self._queue.append(event)
        elif len(self._queue) >= QUEUE_MAX:
            self._queue.clear()
            self._fall_behind(event)
        elif not self._behind:
            self._queue.append(event)
        self._woken.set()

    def _fall_behind(self, event: Update | Resynced) -> None:
        """The queue was full and is empty now; what fills the gap depends on what is shown."""
        self._behind = True

    async def _prepare(self) -> None:
        """Learn what it takes to show a frame."""

    async def _more(self) -> None:
        if self._behind:
            self._behind = False
            self._hub.refresh(self.channel, BEHIND)
        self._woken.clear()
        await self._woken.wait()

    def _read(self, event: FeedEvent) -> None:
        if isinstance(event, Update):
            self._ready.extend(self._show(event))
        elif isinstance(event, Resynced):
            self._ready.append(event)
        else:
            self._queue.appendleft(event)  # It is the last word, whoever asks next.
            raise event.refusal if isinstance(event, ChannelRefused) else event

    @abstractmethod
    def _show(self, update: Update) -> Iterable[T]:
        """What the reader is given for a frame."""


class StateFeed(Feed[T]):
    """A feed whose newest frame tells all there is: who falls behind goes on from there."""

    def _fall_behind(self, event: Update | Resynced) -> None:
        self._queue.extend((Resynced(self.channel, BEHIND), event))


class BookFeed(StateFeed[BookUpdate]):
    """Changes of a book; `book` is the local copy, nothing before the first update."""

    def __init__(self, hub: Hub, instrument_id: str) -> None:
        super().__init__(hub, f"book:{instrument_id}")
        self.book: Book | None = None

    def _show(self, update: Update) -> Iterable[BookUpdate]:
        assert isinstance(update.frame, (shown.BookSnapshot, shown.BookDelta))
        assert update.book is not None
        self.book = update.book
        return (BookUpdate.of(update.frame, update.book),)


class TradesFeed(Feed[Trade]):
    """Trades, each once, and again when it is busted or corrected, as its `status` tells.

    The most recent ones come first, from before the feed was followed. What a correction says of a trade that this
    reader has not seen is left out.
    """

    def __init__(self, hub: Hub, instrument_id: str) -> None:
        super().__init__(hub, f"trades:{instrument_id}")
        self._instrument_id = instrument_id
        self._price_scale = 0
        self._last_number = 0
        self._recent: dict[int, shown.Print] = {}

    async def _prepare(self) -> None:
        self._price_scale = (await self._hub.instrument(self._instrument_id)).price_scale

    def _show(self, update: Update) -> Iterable[Trade]:
        assert isinstance(update.frame, shown.Trades)
        frame = update.frame
        told = [each for each in frame.trades if self._is_news(each)]
        for change in frame.changes:
            if (seen := self._recent.get(change.trade_number)) is not None:
                terms = {"price": change.price, "quantity": change.quantity, "status": change.status}
                told.append(replace(seen, **terms))
        for each in told:
            self._recent[each.trade_number] = each
            self._last_number = max(self._last_number, each.trade_number)
        while len(self._recent) > RECENT_MAX:
            del self._recent[next(iter(self._recent))]
        return [Trade.of(each, self._price_scale) for each in told]

    def _is_news(self, trade: shown.Print) -> bool:
        """Whether the reader does not know it yet, or not at these terms."""
        return trade.trade_number > self._last_number or (
            self._recent.get(trade.trade_number, trade) != trade
        )


class TickerFeed(StateFeed[Quotation]):
    """Best bid and offer and the last trade, whenever one of them changes."""

    def __init__(self, hub: Hub, instrument_id: str) -> None:
        super().__init__(hub, f"ticker:{instrument_id}")
        self._instrument_id = instrument_id
        self._price_scale = 0

    async def _prepare(self) -> None:
        self._price_scale = (await self._hub.instrument(self._instrument_id)).price_scale

    def _show(self, update: Update) -> Iterable[Quotation]:
        assert isinstance(update.frame, shown.Ticker)
        return (Quotation.of(update.frame, self._price_scale),)


class OwnFeed(Feed[OwnUpdate]):
    """What happens to the member: a snapshot first, then each commit."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub, "own")

    def _show(self, update: Update) -> Iterable[OwnUpdate]:
        assert isinstance(update.frame, (shown.Own, shown.OwnSnapshot))
        return (OwnUpdate.of(update.frame),)
