"""Feeds over real sockets, against the naive exchange."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from exchange_client import (
    BookUpdate,
    Client,
    Invalid,
    Level,
    OwnUpdate,
    Quotation,
    Rejected,
    Resynced,
    Trade,
)
from exchange_client.feeds import QUEUE_MAX
from tests.client.stand_in import PATIENCE_S, StandIn
from tests.client.test_client import a_client

BOOK = "book:i-1"


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    """An exchange that listens."""
    async with asyncio.timeout(3 * PATIENCE_S), StandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def client(stand_in: StandIn) -> AsyncIterator[Client]:
    """Connected to it."""
    async with a_client(stand_in) as client:
        yield client


async def test_a_book_is_kept(stand_in: StandIn, client: Client) -> None:
    async with client.book("i-1") as feed:
        first = await feed.next()
        assert isinstance(first, BookUpdate)
        assert (first.snapshot, first.book.bids()) == (True, [])
        stand_in.exchange.move("bids", 125_000, 3)
        stand_in.exchange.move("asks", 126_000, 4)
        await stand_in.flush()

        assert isinstance(second := await feed.next(), BookUpdate)
        assert isinstance(await feed.next(), BookUpdate)

        assert (second.bids, second.asks, second.offset) == ([Level(Decimal("12.5"), 3)], [], 1)
        assert first.book.asks() == [Level(Decimal("12.6"), 4)]


@pytest.mark.parametrize("fault,why", [("lost", "gap"), ("spoilt", "checksum")])
async def test_a_fault_in_the_stream_is_healed_and_said(
    stand_in: StandIn, client: Client, fault: str, why: str
) -> None:
    stand_in.exchange.keeps_history = False
    async with client.book("i-1") as feed:
        await feed.next()
        stand_in.exchange.move("bids", 125_000, 3, lost=fault == "lost", spoilt=fault == "spoilt")
        stand_in.exchange.move("bids", 125_000, 5)
        await stand_in.flush()

        assert await feed.next() == Resynced(BOOK, why)
        assert isinstance(healed := await feed.next(), BookUpdate)
        assert healed.book.bids() == [Level(Decimal("12.5"), 5)]


async def test_what_is_missing_is_recovered_without_a_word(stand_in: StandIn, client: Client) -> None:
    async with client.book("i-1") as feed:
        await feed.next()
        stand_in.break_all()
        stand_in.exchange.move("bids", 125_000, 3)

        assert isinstance(update := await feed.next(), BookUpdate)
        assert (update.snapshot, update.bids) == (False, [Level(Decimal("12.5"), 3)])


async def test_a_restart_of_the_exchange_is_a_new_epoch(stand_in: StandIn, client: Client) -> None:
    async with client.book("i-1") as feed:
        await feed.next()
        stand_in.exchange.restart()
        stand_in.exchange.move("bids", 125_000, 3)
        await stand_in.flush()

        assert await feed.next() == Resynced(BOOK, "epoch")
        assert isinstance(update := await feed.next(), BookUpdate)
        assert update.book.bids() == [Level(Decimal("12.5"), 3)]


async def test_two_readers_share_a_channel_and_each_begins_with_a_snapshot(
    stand_in: StandIn, client: Client
) -> None:
    async with client.book("i-1") as first:
        await first.next()
        async with client.book("i-1") as second:
            assert isinstance(update := await second.next(), BookUpdate)
            assert update.snapshot
        stand_in.exchange.move("bids", 125_000, 3)
        await stand_in.flush()

        assert isinstance(again := await first.next(), BookUpdate)
        assert again.snapshot
        assert isinstance(change := await first.next(), BookUpdate)
        assert not change.snapshot


async def test_a_channel_is_left_with_its_last_reader(stand_in: StandIn, client: Client) -> None:
    async with client.book("i-1") as feed:
        await feed.next()

    await stand_in.until(lambda: {"type": "unsubscribe", "channel": BOOK} in stand_in.exchange.seen)


async def test_a_loop_that_is_left_leaves_the_channel(stand_in: StandIn, client: Client) -> None:
    async for _ in client.book("i-1"):
        break

    await stand_in.until(lambda: {"type": "unsubscribe", "channel": BOOK} in stand_in.exchange.seen)


async def test_trades_are_told_once_each_over_a_restart(stand_in: StandIn, client: Client) -> None:
    stand_in.exchange.trade(125_000, 1)
    async with client.trades("i-1") as feed:
        first = await feed.next()
        stand_in.exchange.restart()
        stand_in.exchange.trade(126_000, 2)
        await stand_in.flush()
        later = [await feed.next() for _ in range(2)]

    assert isinstance(first, Trade)
    assert (first.number, first.price) == (1, Decimal("12.5"))
    assert isinstance(later[0], Resynced)
    assert isinstance(later[1], Trade)
    assert (later[1].number, later[1].quantity) == (2, 2)


async def test_a_ticker_is_told(stand_in: StandIn, client: Client) -> None:
    async with client.ticker("i-1") as feed:
        await feed.next()
        stand_in.exchange.trade(125_000, 1)
        await stand_in.flush()

        assert isinstance(quotation := await feed.next(), Quotation)
        assert (quotation.last_price, quotation.volume) == (Decimal("12.5"), 1)


async def test_what_happens_to_the_member_is_told(stand_in: StandIn, client: Client) -> None:
    async with client.own() as feed:
        assert isinstance(first := await feed.next(), OwnUpdate)
        assert (first.snapshot, first.accounts[0].available) == (True, 5)
        event = {"type": "invited", "event_id": "e-1"}
        stand_in.exchange.publish("own", {"type": "own", "at_us": 7, "events": [event, {"type": "fanfare"}]})
        await stand_in.flush()

        assert isinstance(update := await feed.next(), OwnUpdate)
        assert (update.at_us, len(update.events)) == (7, 1)


async def test_a_room_shows_its_lot_and_takes_bids(stand_in: StandIn, client: Client) -> None:
    async with client.lot("l-1") as room:
        assert room.state.ceiling_price == Decimal("12.50")
        assert (await room.bid(Decimal("12.45"))).number == 1
        stand_in.exchange.publish(
            "lot:l-1", {**stand_in.exchange.feeds["lot:l-1"].whole(), "lead_price": 1_245}
        )
        await stand_in.flush()
        updates = aiter(room)
        await anext(updates)

        assert await anext(updates) == room.state
        assert room.state.lead_price == Decimal("12.45")

    assert stand_in.exchange.executed[-1]["price"] == 1_245


@pytest.mark.parametrize("price", ["12.45", Decimal("12.45")])
async def test_a_room_takes_a_price_as_a_text_too_and_exactly(
    stand_in: StandIn, client: Client, price: Decimal | str
) -> None:
    async with client.lot("l-1") as room:
        await room.bid(price=price)
        for wrong in ("dear", "12.4501", ""):
            with pytest.raises(Invalid):
                await room.bid(price=wrong)

    assert [command["price"] for command in stand_in.exchange.executed if "price" in command] == [1_245]


async def test_a_bid_without_a_room_asks_the_lot_for_its_scale(stand_in: StandIn, client: Client) -> None:
    await client.submit_bid("l-1", price=Decimal("12.4"))

    assert stand_in.exchange.executed[-1]["price"] == 1_240


async def test_what_is_not_shown_is_refused(stand_in: StandIn, client: Client) -> None:
    with pytest.raises(Rejected, match="CHANNEL_UNKNOWN"):
        await client.book("i-404").__aiter__().__anext__()
    with pytest.raises(Rejected, match="CHANNEL_UNKNOWN"):
        async with client.lot("l-404"):
            pass
    async with client.book("i-1") as feed:
        assert isinstance(await feed.next(), BookUpdate)


async def test_a_reader_that_falls_behind_is_given_the_newest_state(
    stand_in: StandIn, client: Client
) -> None:
    async with client.book("i-1") as feed:
        await feed.next()
        for number in range(1, QUEUE_MAX + 10):
            stand_in.exchange.move("bids", 125_000, number)
        await stand_in.flush()
        await _answered(client)

        assert await feed.next() == Resynced(BOOK, "slow reader")
        assert isinstance(update := await feed.next(), BookUpdate)
        assert update.book.bids() == [Level(Decimal("12.5"), QUEUE_MAX + 9)]


async def _answered(client: Client) -> None:
    """Everything that was sent before has been read."""
    await client.cancel_order("o-1")


async def test_a_loop_ends_when_the_client_is_closed(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        feed = client.book("i-1")
        async with feed:
            await client.close()

            assert [update async for update in feed][1:] == []
