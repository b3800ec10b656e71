"""The one bug of `core/market/test_book_regressions` that lies beside the book: 9, between its snapshots and its stream."""

import asyncio
from decimal import Decimal

from exchange_client import BookUpdate, Level
from tests.client.test_against_exchange import a_client
from tests.gateway.house import Holder, House

D = Decimal


async def rest_bids(house: House, reader: Holder, instrument: str) -> list[Level]:
    book = await house.get(reader, f"/v1/instruments/{instrument}/book")
    return [Level(D(each["price"]), each["quantity"]) for each in book["bids"]]


async def test_9_a_snapshot_over_rest_ahead_of_the_stream(house: House) -> None:
    instrument, buyer, reader = await house.instrument(), await house.buyer(), await house.member()
    async with (
        a_client(house, buyer) as buys,
        a_client(house, reader) as reads,
        reads.book(instrument) as stream,
    ):
        assert isinstance(first := await stream.next(), BookUpdate)
        assert first.snapshot and first.book.bids() == [], "the stream brings its own snapshot"
        house.disk.moving.clear()
        order = asyncio.create_task(buys.buy(instrument, price=D("1.00"), quantity=5))
        while not house.engine._kernel.books.orders:
            await asyncio.sleep(0)

        early = await rest_bids(house, reader, instrument)

        assert early == [], "the core has executed what neither REST nor the stream may show yet"
        house.disk.moving.set()
        await order
        assert isinstance(told := await stream.next(), BookUpdate)
        assert told.book.bids() == [Level(D("1.00"), 5)] == await rest_bids(house, reader, instrument)
