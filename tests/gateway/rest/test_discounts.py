"""A lot of several lines bid for by one discount, end to end: over REST and by the client."""

from decimal import Decimal
from typing import Any

import pytest

from exchange.core.messages import Role
from exchange_client import Invalid
from tests.gateway.desks import a_client
from tests.gateway.house import House
from tests.gateway.rest.test_sourcing import LOT, Market, draft

LINES = [
    {"title": "Seats", "quantity": 2, "reference_price": "10.00"},
    {"title": "Backs", "quantity": 3, "reference_price": "9.99"},
]
RULES: dict[str, Any] = {"lines": LINES, "by_discount": True}


async def opened(house: House) -> Market:
    """Two suppliers; the lot is worth 49.97 at its references."""
    buyer = await house.member(Role.BUYER)
    event = await draft(house, buyer)
    body = LOT | {"quantity": 1, "tick": "0.01", "rules": RULES}
    path = f"/v1/events/{event}"
    lot = await house.call(buyer, "POST", f"{path}/lots", body)
    assert lot.status == 201, lot
    suppliers = [await house.member(Role.SELLER) for _ in range(2)]
    for each in suppliers:
        named = {"member_id": each.member_id}
        assert (await house.call(buyer, "POST", f"{path}/invitations", named)).status == 200
    assert (await house.call(buyer, "POST", f"{path}/publication")).status == 200
    market = Market(house, buyer, suppliers, event, lot.body["lot_id"])
    await market.pass_until_open()
    return market


async def test_a_discount_alone_is_a_bid_and_the_award_carries_the_lines_that_follow(house: House) -> None:
    market = await opened(house)
    path = f"/v1/lots/{market.lot}"
    taken = await house.call(market.suppliers[0], "POST", f"{path}/bids", {"discount_bps": 1_250})
    small = await house.call(market.suppliers[1], "POST", f"{path}/bids", {"discount_bps": 1_260})
    total = await house.call(market.suppliers[1], "POST", f"{path}/bids", {"price": "40.00"})
    nothing = await house.call(market.suppliers[1], "POST", f"{path}/bids", {})
    rival = await house.get(market.suppliers[1], path)
    buyer, own = [await house.get(each, path) for each in (market.buyer, market.suppliers[0])]
    await market.pass_until_closed()
    await house.call(market.buyer, "POST", f"{path}/award-best")
    result = await house.get(market.buyer, f"{path}/result")

    assert taken.status == 201
    assert (small.body["reason"], small.body["bound"]) == ("STEP_TOO_SMALL", "43.22")
    assert (total.body["reason"], nothing.status) == ("BID_BY_DISCOUNT", 422)
    assert own["rules"] == RULES
    assert own["own_price"] == "43.72"
    assert own["own_lines"] == {"prices": ["8.75", "8.74"], "amounts": ["17.50", "26.22"]}
    assert buyer["bid_lines"] == [{"alias": 1, **own["own_lines"]}]
    assert not {"own_lines", "bid_lines"} & rival.keys()
    assert [(part["price"], part["amount"]) for part in result["parts"]] == [("43.72", "43.72")]


async def test_a_discount_of_everything_leaves_no_price(house: House) -> None:
    market = await opened(house)

    refused = await house.call(
        market.suppliers[0], "POST", f"/v1/lots/{market.lot}/bids", {"discount_bps": 10_000}
    )

    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "price")


async def test_the_client_works_the_total_of_a_discount_out(house: House) -> None:
    market = await opened(house)
    async with a_client(house, market.suppliers[0]) as client, client.lot(market.lot) as room:
        with pytest.raises(Invalid):
            await room.bid()
        await room.bid(discount_bps=1_250)
        while room.state.own_lines is None:
            await room.next()
        state = room.state

    assert state.own_price == Decimal("43.72")
    assert state.own_lines is not None
    assert state.own_lines.prices == [Decimal("8.75"), Decimal("8.74")]
