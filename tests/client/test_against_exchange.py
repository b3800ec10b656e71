"""The client against the exchange itself: a real engine on a journal in memory, a real gateway, real sockets."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from exchange.core.messages import Role
from exchange.gateway.auth import Scope
from exchange_client import (
    BookUpdate,
    Client,
    Level,
    Made,
    NotExecuted,
    OwnUpdate,
    Rejected,
    Room,
    Settings,
    Stopped,
    Trade,
    Unknown,
)
from exchange_client.messages import PlaceOrder, Side
from exchange_client.shown import OwnContractLine, OwnFill, OwnSettled
from tests.gateway.house import Holder, House

D = Decimal
SECOND = 1_000_000
QUICK = Settings(reconnect_us_first=1_000, reconnect_us_last=10_000, busy_us_first=1_000, busy_us_last=50_000)
"""Short pauses: the troubles of these tests are short too."""


def a_client(house: House, holder: Holder, **options: Any) -> Client:
    return Client(
        f"{house.url.replace('http', 'ws', 1)}/v1/ws", key=holder.key, **{"settings": QUICK, **options}
    )


async def test_goods_are_listed_sold_delivered_and_paid(house: House) -> None:
    operator = await house.member(Role.OPERATOR)
    buyer, seller = await house.member(Role.BUYER), await house.member(Role.SELLER)
    async with (
        a_client(house, operator) as desk,
        a_client(house, buyer) as buys,
        a_client(house, seller) as sells,
    ):
        await desk.create_instrument("NE555P", "USD", price_scale=2, tick=D("0.01"))
        await desk.set_commission(800)
        await desk.top_up(buyer.member_id, D("100.00"), "USD", transfer_id="bank-1")
        instrument = await buys.instrument("NE555P")
        await sells.declare_stock(instrument, 100)
        async with buys.book(instrument) as book, buys.trades(instrument) as trades, buys.own() as own:
            await book.next()
            await own.next()

            offered = await sells.sell("NE555P", price=D("0.25"), quantity=100)
            assert isinstance(update := await book.next(), BookUpdate)
            assert update.asks == [Level(D("0.25"), 100)]
            bought = await buys.buy("NE555P", price=D("0.30"), quantity=40)
            assert (bought.filled_quantity, bought.open_quantity) == (40, 0)
            assert isinstance(trade := await trades.next(), Trade)
            assert (trade.number, trade.price, trade.quantity) == (1, D("0.25"), 40)
            assert isinstance(happened := await own.next(), OwnUpdate)
            assert {OwnFill, OwnContractLine} <= {type(event) for event in happened.events}

            assert (await buys.confirm_receipt(bought.order_id)).number == 1
            assert isinstance(settled := await own.next(), OwnUpdate)
            assert [event.amount_minor for event in settled.events if isinstance(event, OwnSettled)] == [
                1_000
            ]
        amended = await sells.amend_order(offered.order_id, quantity=90)
        cancelled = await sells.cancel_order(order_ref=offered.ref)

    assert (amended.filled_quantity, amended.open_quantity) == (40, 50)
    assert cancelled.open_quantity == 0


async def an_open_lot(house: House, buyer: Client, *suppliers: Holder) -> Made:
    """A lot that takes bids from these suppliers."""
    event = await buyer.create_event(
        "Capacitors",
        "USD",
        open_at_us=house.engine.now_us() + SECOND,
        duration_us=600 * SECOND,
        price_scale=2,
    )
    lot = await buyer.add_lot(event, "C1", quantity=500, ceiling_price=D("1.00"), min_step=D("0.05"))
    for supplier in suppliers:
        await buyer.invite_supplier(event, supplier.member_id)
    await buyer.publish_event(event)
    house.clock.pass_us(2 * SECOND)
    return lot


async def test_suppliers_bid_a_lot_down_and_the_buyer_awards_it(house: House) -> None:
    buyer, first, second = [await house.member(role) for role in (Role.BUYER, Role.SELLER, Role.SELLER)]
    async with a_client(house, buyer) as buys, a_client(house, first) as one, a_client(house, second) as two:
        lot = await an_open_lot(house, buys, first, second)
        async with one.lot(lot.id) as room, two.lot(lot.id) as rival:
            await room.bid(D("0.90"))
            await rival.bid(D("0.80"))
            with pytest.raises(Rejected) as caught:
                await room.bid(D("0.78"))
            assert (caught.value.reason, caught.value.bound_price) == ("STEP_TOO_SMALL", D("0.75"))
            assert caught.value.step_price == D("0.05")
            assert str(caught.value).endswith("Bid 0.75 or lower; one step is 0.05.")
            await room.bid(D("0.75"))
            await _until(rival, lambda: rival.state.own_rank == 2)

            house.clock.pass_us(3_600 * SECOND)
            with pytest.raises(Rejected, match="LOT_NOT_OPEN"):
                await rival.bid(D("0.50"))
            await _until(room, lambda: room.state.state == "closed")
            await buys.award_lot(lot.id, alias=1)
            await _until(room, lambda: room.state.state == "awarded")

            assert (room.state.lead_price, room.state.buyer_id) == (D("0.75"), buyer.member_id)
            assert rival.state.buyer_id is None


async def _until(room: Room, happened: Any) -> None:
    async with asyncio.timeout(30):
        while not happened():
            await room.next()


async def test_an_exchange_that_halts_and_recovers_costs_no_command_and_repeats_none(house: House) -> None:
    instrument = await house.instrument()
    buyer = await house.buyer()
    async with a_client(house, buyer) as client, client.book(instrument) as book:
        posts = [client.post(_an_order(instrument, price)) for price in range(1, 41)]
        house.disk.broken = True
        await _halted(house)
        posts += [client.post(_an_order(instrument, price)) for price in range(41, 81)]
        assert isinstance(await book.next(), BookUpdate)
        house.disk.broken = False
        refs = [(await post).ref for post in posts]

        placed = house.engine.views.market.orders[buyer.member_id].values()
        assert sorted(order.price for order in placed) == list(range(1, 81))
        assert sorted(refs) == sorted(set(refs))


async def _halted(house: House) -> None:
    halted = asyncio.Event()
    house.engine.on_state = lambda _: halted.set()
    async with asyncio.timeout(30):
        await halted.wait()


def _an_order(instrument_id: str, price: int) -> PlaceOrder:
    return PlaceOrder(instrument_id=instrument_id, side=Side.BUY, price=price, quantity=1)


async def test_connections_that_break_under_load_cost_no_command_and_repeat_none(house: House) -> None:
    instrument = await house.instrument()
    buyer = await house.buyer()
    async with a_client(house, buyer) as client:
        for start in range(1, 401, 40):
            posts = [client.post(_an_order(instrument, price)) for price in range(start, start + 40)]
            await posts[10]
            assert client._connection is not None
            client._connection.abort()
            await client.drain()

        assert client.position.ref == 400
        placed = house.engine.views.market.orders[buyer.member_id].values()
        assert sorted(order.price for order in placed) == list(range(1, 401))


async def test_what_became_of_a_command_can_be_asked(house: House) -> None:
    instrument = await house.instrument()
    buyer = await house.buyer()
    async with a_client(house, buyer) as client:
        placed = await client.buy(instrument, price=D("0.01"), quantity=1)
        assert (await client.resolve(placed.ref)).id == placed.order_id

        house.disk.moving.clear()
        with pytest.raises(Unknown) as caught:
            await client.send(_an_order(instrument, 2), timeout_s=0.3)
        house.disk.moving.set()

        assert (await client.resolve(caught.value)).ref == caught.value.ref


@pytest.mark.parametrize("role,scopes", [(Role.BUYER, {Scope.TRADE}), (Role.OPERATOR, {Scope.MANAGE})])
async def test_a_command_that_never_arrived_is_found_not_executed(
    house: House, role: Role, scopes: set[Scope]
) -> None:
    member = await house.member(role, scopes=frozenset(scopes | {Scope.READ}))
    async with a_client(house, member, settings=Settings(reconnect_us_first=1_000, resend=False)) as client:
        post = client.post(_an_order("i-404", 1))
        client._session.frames_to_send()  # lost on its way
        assert client._connection is not None
        client._connection.abort()
        with pytest.raises(Unknown) as caught:
            await post

        with pytest.raises(NotExecuted):
            await client.resolve(caught.value)


async def test_a_key_that_only_reads_is_refused_commands_and_shown_feeds(house: House) -> None:
    instrument = await house.instrument()
    reader = await house.member(scopes=frozenset({Scope.READ}))
    async with a_client(house, reader) as client, client.ticker(instrument) as ticker:
        with pytest.raises(Rejected, match="SCOPE_MISSING"):
            await client.buy(instrument, price=D("1.00"), quantity=1)

        assert (await ticker.next()) is not None


async def test_a_key_that_is_revoked_ends_the_client(house: House) -> None:
    buyer = await house.buyer()
    async with a_client(house, buyer) as client, client.own() as own:
        await own.next()
        identity = house.keys.find(buyer.key)
        assert identity is not None
        house.gateway.sockets.seats.revoked(identity.key_id)

        with pytest.raises(Stopped, match="4502"):
            await own.next()


async def test_the_exchanges_clock_is_known(house: House) -> None:
    async with a_client(house, await house.member()) as client, client.own() as own:
        await own.next()

        assert abs(client.clock.now_us() - house.engine.now_us()) < SECOND
