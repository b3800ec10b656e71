"""Lots of several lines over REST: drafted, bid for by unit prices, read by each viewer, and awarded."""

from typing import Any

import pytest

from exchange.core.messages import Role
from exchange.core.messages.sourcing import SubmitBid
from tests.gateway.house import House
from tests.gateway.rest.test_sourcing import Market, draft

LOT = {"title": "Fasteners", "quantity": 1, "ceiling_price": "90.00", "min_step": "0.50", "tick": "0.01"}
LINES = [
    {
        "title": "Bolts",
        "quantity": 300,
        "unit": "box",
        "ship_to": "Hall 2, gate 7",
        "deliver_from": "2026-02-01T08:00:00Z",
        "deliver_until": "2026-02-02T16:00:00Z",
    },
    {"title": "Nuts", "quantity": 700, "may_be_free": True},
]


async def lined(house: House, lines: list[dict[str, Any]] = LINES) -> Market:
    """An open lot of several lines, with two suppliers."""
    buyer = await house.member(Role.BUYER)
    event = await draft(house, buyer)
    made = await house.call(buyer, "POST", f"/v1/events/{event}/lots", LOT | {"rules": {"lines": lines}})
    assert made.status == 201, made
    suppliers = [await house.member(Role.SELLER) for _ in range(2)]
    for supplier in suppliers:
        body = {"member_id": supplier.member_id}
        assert (await house.call(buyer, "POST", f"/v1/events/{event}/invitations", body)).status == 200
    assert (await house.call(buyer, "POST", f"/v1/events/{event}/publication")).status == 200
    market = Market(house, buyer, suppliers, event, made.body["lot_id"])
    await market.pass_until_open()
    return market


async def bid(market: Market, supplier: int, price: str, *lines: str) -> Any:
    body = {"price": price, "lines": lines}
    return await market.house.call(market.suppliers[supplier], "POST", f"/v1/lots/{market.lot}/bids", body)


async def test_a_lot_of_several_lines_lives_over_rest_from_its_draft_to_its_award(house: House) -> None:
    market = await lined(house)
    lot, (one, other) = f"/v1/lots/{market.lot}", market.suppliers
    assert (await bid(market, 0, "80.00", "0.15", "0.05")).status == 201
    assert (await bid(market, 1, "78.00", "0.26", "0")).status == 201
    assert (await market.bid(0, "70.00")).status == 201

    to_one, to_other = await house.get(one, lot), await house.get(other, lot)
    to_buyer = await house.get(market.buyer, lot)

    assert to_one["rules"]["lines"] == LINES
    assert "own_lines" not in to_one  # the bid that stands is a total alone
    assert to_other["own_lines"] == {"prices": ["0.26", "0.00"], "amounts": ["78.00", "0.00"]}
    assert "bid_lines" not in to_one | to_other
    assert to_buyer["bid_lines"] == [{"alias": 2, **to_other["own_lines"]}]
    await market.pass_until_closed()
    awarded = await house.call(market.buyer, "POST", f"{lot}/award", {"alias": 2})
    assert awarded.status == 200
    assert (await house.get(other, lot))["own_lines"] == to_other["own_lines"]


async def test_the_history_of_bids_says_their_lines(house: House) -> None:
    market = await lined(house)
    await bid(market, 0, "80.00", "0.15", "0.05")
    await bid(market, 1, "78.00", "0.26", "0")
    await market.bid(0, "70.00")
    await house.archive()

    path = f"/v1/lots/{market.lot}/bids"
    to_buyer = (await house.get(market.buyer, path))["bids"]
    to_other = (await house.get(market.suppliers[1], path))["bids"]

    assert [each.get("lines") for each in to_buyer] == [["0.15", "0.05"], ["0.26", "0.00"], None]
    assert [each["lines"] for each in to_other] == [["0.26", "0.00"]]


@pytest.mark.parametrize(
    "price,lines,reason,field,bound",
    [
        ("80.00", ["0.15"], "LINES_MISCOUNTED", "lines", "2"),
        ("80.00", ["0", "0.05"], "LINE_NOT_FREE", "lines", "1"),
        ("80.01", ["0.15", "0.05"], "TOTAL_DISAGREES", "price", "80.00"),
        ("80.00", ["0.155", "0.05"], "MALFORMED", "lines", ""),
        ("80.00", ["-1", "0.05"], "MALFORMED", "lines", ""),
        ("97.00", ["0.30", "0.01"], "BID_ABOVE_CEILING", "price", "90.00"),
    ],
)
async def test_lines_that_do_not_fit_are_refused_with_their_bound(
    house: House, price: str, lines: list[str], reason: str, field: str, bound: str
) -> None:
    market = await lined(house)
    refused = await bid(market, 0, price, *lines)

    assert (refused.status, refused.body["reason"]) == (422, reason)
    assert field in refused.body["errors"][0]["field"]
    assert refused.body.get("bound", "") == bound


async def test_a_price_that_is_accepted_or_bought_at_has_no_lines(house: House) -> None:
    market = await lined(house)
    body = {"price": "80.00", "lines": ["0.15", "0.05"]}

    refused = await house.call(market.suppliers[0], "POST", f"/v1/lots/{market.lot}/purchase", body)

    assert (refused.status, refused.body["reason"]) == (422, "MALFORMED")


async def test_a_bid_by_the_session_and_one_by_rest_are_the_same(house: House) -> None:
    market = await lined(house)
    one, other = market.suppliers
    command = SubmitBid(lot_id=market.lot, price=8_000, lines=(15, 5))
    assert not (await house.do(one.member_id, command)).code
    assert (await bid(market, 1, "80.00", "0.15", "0.05")).status == 201

    lines = [(await house.get(each, f"/v1/lots/{market.lot}"))["own_lines"] for each in (one, other)]

    assert lines[0] == lines[1] == {"prices": ["0.15", "0.05"], "amounts": ["45.00", "35.00"]}
