"""Bids by line: what the room sends, and what it is shown, in decimals."""

from decimal import Decimal

import pytest
from msgspec import convert

from exchange.core.messages import Role
from exchange_client import Invalid, LotLine, LotRules, Rejected, shown
from exchange_client.line_prices import BidLines, total_of
from exchange_client.updates import LotState
from tests.client.naive_exchange import LOT
from tests.client.test_against_exchange import SECOND, _until, a_client
from tests.gateway.house import House

D = Decimal
LINES = [LotLine("Bolts", 300), LotLine("Nuts", 700, unit="box", may_be_free=True)]


@pytest.mark.parametrize(
    "prices,total",
    [
        ((D("0.15"), D("0.05")), D("80.00")),
        ((D("0.15"), D(0)), D("45.00")),
        ((D("33333333333333.33"), D("0.01")), D("10000000000000006.00")),
    ],
)
def test_the_total_of_lines_is_exact(prices: tuple[Decimal, ...], total: Decimal) -> None:
    assert total_of(LINES, prices, 2) == total


@pytest.mark.parametrize("prices", [(D("0.15"),), (D("0.155"), D("0.05")), ()])
def test_lines_that_are_too_few_or_too_fine_are_not_sent(prices: tuple[Decimal, ...]) -> None:
    with pytest.raises(Invalid):
        total_of(LINES, prices, 2)


def test_what_is_shown_of_lines_is_told_in_decimals() -> None:
    told = {
        "rules": {"lines": [{"title": "Bolts", "quantity": 300}]},
        "own_lines": [[150], [4_500]],
        "bid_lines": [[2, [150], [4_500]]],
        "price_scale": 3,
    }
    frame = {"channel": "lot:l-1", "epoch": 1, "offset": 0, "type": "lot", **LOT}
    plain, lined = (LotState.of(convert(frame | seen, shown.Lot)) for seen in ({}, told))

    assert (plain.lines, plain.own_lines, plain.bid_lines) == (None, None, None)
    assert lined.lines == [LotLine("Bolts", 300)]
    assert lined.own_lines == BidLines(None, [D("0.150")], [D("45.00")])
    assert lined.bid_lines == [BidLines(2, [D("0.150")], [D("45.00")])]


async def test_a_room_bids_by_lines_by_total_or_by_both(house: House) -> None:
    buyer, seller = await house.member(Role.BUYER), await house.member(Role.SELLER)
    async with a_client(house, buyer) as buys, a_client(house, seller) as sells:
        event = await buys.create_event(
            "Fasteners",
            "USD",
            open_at_us=house.engine.now_us() + SECOND,
            duration_us=600 * SECOND,
            price_scale=2,
        )
        lot = await buys.add_lot(
            event,
            "All",
            quantity=1,
            ceiling_price=D("90.00"),
            min_step=D("0.50"),
            rules=LotRules(lines=LINES),
        )
        await buys.invite_supplier(event, seller.member_id)
        await buys.publish_event(event)
        house.clock.pass_us(2 * SECOND)
        async with sells.lot(lot.id) as room:
            assert room.state.lines == LINES
            await room.bid(lines=[D("0.15"), D("0.05")])
            await _until(room, lambda: room.state.own_price == D("80.00"))
            assert room.state.own_lines == BidLines(None, [D("0.15"), D("0.05")], [D("45.00"), D("35.00")])
            with pytest.raises(Invalid):
                await room.bid()
            with pytest.raises(Rejected) as caught:
                await room.bid(D("70.00"), lines=[D("0.23"), D(0)])
            assert (caught.value.reason, caught.value.bound_price) == ("TOTAL_DISAGREES", D("69.00"))
            await room.bid(D("69.00"), lines=[D("0.23"), D(0)])
            await room.bid(D("60.00"))
            await _until(room, lambda: room.state.own_price == D("60.00"))
            assert room.state.own_lines is None
