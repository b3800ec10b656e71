"""The drop copy as the client gives it, against the exchange itself."""

from decimal import Decimal

import pytest

from exchange.core.messages import Role
from exchange_client import DropUpdate, Rejected
from exchange_client.shown_drops import DropEntry, DropKind
from tests.client.test_against_exchange import a_client
from tests.gateway.house import House

D = Decimal


async def test_an_operator_follows_everybodys_orders_to_their_bust(house: House) -> None:
    operator, instrument = await house.member(Role.OPERATOR), await house.instrument()
    buyer, seller = await house.buyer(), await house.seller(instrument)
    async with (
        a_client(house, operator) as desk,
        a_client(house, buyer) as buys,
        a_client(house, seller) as sells,
    ):
        offered = await sells.sell(instrument, price=D("1.00"), quantity=10)
        async with desk.drop_copy() as drops:
            first = await drops.next()
            assert isinstance(first, DropUpdate)
            (order,) = first.orders
            assert (order.member_id, order.order_id, order.open_quantity) == (
                seller.member_id,
                offered.order_id,
                10,
            )

            await buys.buy(instrument, price=D("1.00"), quantity=4)
            await desk.bust_trade(instrument, 1)
            told: list[DropEntry] = []
            while len(told) < 5:
                update = await drops.next()
                assert isinstance(update, DropUpdate)
                told += update.entries

    assert [(each.kind, each.member_id, each.quantity) for each in told] == [
        (DropKind.ACCEPTED, buyer.member_id, 4),
        (DropKind.FILLED, seller.member_id, 4),
        (DropKind.FILLED, buyer.member_id, 4),
        (DropKind.BUSTED, buyer.member_id, 4),
        (DropKind.BUSTED, seller.member_id, 4),
    ]


async def test_a_member_has_no_such_channel(house: House) -> None:
    async with a_client(house, await house.buyer()) as client, client.drop_copy() as drops:
        with pytest.raises(Rejected, match="CHANNEL_UNKNOWN"):
            await drops.next()
