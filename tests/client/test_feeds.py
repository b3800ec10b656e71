import asyncio
from decimal import Decimal

import pytest

from exchange_client import shown
from exchange_client.book import Book
from exchange_client.channels import ChannelRefused, Resynced, Update
from exchange_client.errors import Closed, Rejected, Stopped
from exchange_client.feeds import QUEUE_MAX, BookFeed, OwnFeed, Reader, TickerFeed, TradesFeed
from exchange_client.messages import Side
from exchange_client.updates import Instrument, OwnUpdate, Quotation, Trade
from tests.client.frames import an_error
from tests.client.test_channels import a_delta, a_snapshot, a_ticker

INSTRUMENT = Instrument.of(shown.Instrument("i-1", "NE555P", "EUR", 2, 1, 1, 1, 10**12))
BEHIND = "slow reader"


class Desk:
    """Where a feed gets its channel from."""

    def __init__(self) -> None:
        self.readers: list[Reader] = []
        self.refreshed: list[tuple[str, str]] = []

    def attach(self, reader: Reader) -> None:
        self.readers.append(reader)

    def detach(self, reader: Reader) -> None:
        self.readers.remove(reader)

    def refresh(self, channel: str, missed: str) -> None:
        self.refreshed.append((channel, missed))

    async def instrument(self, name: str) -> Instrument:
        return INSTRUMENT


def a_ticker_update(volume: int) -> Update:
    frame = a_ticker(volume)
    return Update(frame.channel, shown.Ticker(frame.channel, 1, volume, 0, 0, 0, 0, 0, 0, volume, 0))


def some_trades(*numbers: int) -> Update:
    prints = [shown.Print(number, 125, 1, Side.BUY, 0) for number in numbers]
    return Update("trades:i-1", shown.Trades("trades:i-1", 1, 0, prints))


def an_own_update(at_us: int) -> Update:
    return Update("own", shown.Own("own", 1, at_us, at_us, []))


def give(feed: Reader, *events: Update | Resynced | ChannelRefused | Stopped) -> None:
    for event in events:
        feed.take(event)


async def test_a_feed_is_followed_for_as_long_as_its_block_lasts() -> None:
    desk = Desk()
    feed = TickerFeed(desk, "i-1")

    async with feed:
        assert desk.readers == [feed]

    assert desk.readers == []


async def test_a_loop_follows_a_feed_until_it_is_left() -> None:
    desk = Desk()
    feed = TickerFeed(desk, "i-1")
    give(feed, a_ticker_update(1), a_ticker_update(2))
    seen = []

    updates = aiter(feed)
    async for update in updates:
        assert desk.readers == [feed]
        seen.append(update)
        if len(seen) == 2:
            break
    await updates.aclose()  # type: ignore[attr-defined]

    assert [each.volume for each in seen if isinstance(each, Quotation)] == [1, 2]
    assert desk.readers == []


async def test_a_loop_inside_a_block_leaves_the_feed_to_the_block() -> None:
    desk = Desk()
    feed = TickerFeed(desk, "i-1")
    give(feed, a_ticker_update(1), Closed("done"))

    async with feed:
        assert [update async for update in feed] == [Quotation(None, 0, None, 0, None, 0, 1, 0)]
        assert desk.readers == [feed]


async def test_who_waits_is_woken_by_the_next_update() -> None:
    feed = TickerFeed(Desk(), "i-1")
    async with feed:
        waiting = asyncio.ensure_future(feed.next())
        await asyncio.wait([waiting], timeout=0)
        assert not waiting.done()

        give(feed, a_ticker_update(1))

        assert isinstance(await waiting, Quotation)


async def test_a_channel_that_is_not_shown_raises_whenever_it_is_asked() -> None:
    feed = TickerFeed(Desk(), "i-1")
    give(feed, ChannelRefused("ticker:i-1", Rejected.of(an_error(608))))

    for _ in range(2):
        with pytest.raises(Rejected, match="CHANNEL_UNKNOWN"):
            await feed.next()


async def test_the_end_of_the_client_ends_a_loop_quietly_only_if_the_caller_wanted_it() -> None:
    closed, stopped = TickerFeed(Desk(), "i-1"), TickerFeed(Desk(), "i-1")
    give(closed, Closed("the client was closed"))
    give(stopped, Stopped("the key is refused", 4502))

    assert [update async for update in closed] == []
    with pytest.raises(Stopped, match="4502"):
        _ = [update async for update in stopped]


async def test_a_slow_reader_of_a_state_goes_on_with_the_newest() -> None:
    feed = TickerFeed(Desk(), "i-1")

    give(feed, *(a_ticker_update(volume) for volume in range(QUEUE_MAX + 2)))

    assert await feed.next() == Resynced("ticker:i-1", BEHIND)
    volumes = [update.volume for _ in range(2) if isinstance(update := await feed.next(), Quotation)]
    assert volumes == [QUEUE_MAX, QUEUE_MAX + 1]


async def test_a_slow_reader_of_a_book_finds_the_newest_book() -> None:
    feed = BookFeed(Desk(), "i-1")
    book = Book(a_snapshot())
    give(feed, Update("book:i-1", a_snapshot(), book))
    for offset in range(1, QUEUE_MAX + 2):
        delta = a_delta(offset, quantity=offset)
        book.apply(delta)
        give(feed, Update("book:i-1", delta, book))

    assert await feed.next() == Resynced("book:i-1", BEHIND)
    await feed.next()

    assert feed.book is book
    assert book.top(Side.BUY) == [(10, QUEUE_MAX + 1)]


async def test_a_slow_reader_of_events_begins_anew_when_it_is_back() -> None:
    desk = Desk()
    feed = OwnFeed(desk)
    give(feed, *(an_own_update(at_us) for at_us in range(QUEUE_MAX + 5)))
    assert desk.refreshed == []

    waiting = asyncio.ensure_future(feed.next())
    await asyncio.wait([waiting], timeout=0)
    assert desk.refreshed == [("own", BEHIND)]
    give(feed, Resynced("own", BEHIND), an_own_update(9_999))

    assert await waiting == Resynced("own", BEHIND)
    assert await feed.next() == OwnUpdate([], [], [], snapshot=False, at_us=9_999)


async def test_the_end_is_told_even_to_a_slow_reader() -> None:
    feed = OwnFeed(Desk())
    give(feed, *(an_own_update(at_us) for at_us in range(QUEUE_MAX + 5)), Stopped("the key is refused"))

    with pytest.raises(Stopped):
        await feed.next()


async def test_each_trade_is_told_once_whatever_snapshots_repeat() -> None:
    feed = TradesFeed(Desk(), "i-1")
    async with feed:
        give(feed, some_trades(1, 2), some_trades(), some_trades(1, 2, 3), some_trades(4))

        seen = [await feed.next() for _ in range(4)]

    assert seen[0] == Trade(1, Decimal("1.25"), 1, Side.BUY, 0)
    assert [trade.number for trade in seen if isinstance(trade, Trade)] == [1, 2, 3, 4]
