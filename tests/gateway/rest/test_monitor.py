"""The live monitor: clocks, bids by alias and savings to the buyer, and who is connected, tied to no bid."""

from pathlib import Path

from exchange.core.messages import Role
from tests.gateway.desks import a_client
from tests.gateway.house import House
from tests.gateway.rest.test_lots import with_rules
from tests.gateway.rest.test_sourcing import MINUTE, published
from tests.gateway.sealing import a_desk, an_open_sealed_market


async def test_the_buyer_sees_bids_by_alias_with_their_times_and_what_they_save(house: House) -> None:
    market = await with_rules(house, {"historic_price": "100.00"})
    for who, price in ((1, "80.00"), (0, "79.00"), (1, "75.00")):
        house.clock.pass_us(MINUTE)
        assert (await market.bid(who, price)).status == 201
    await house.archive()

    seen = await house.get(market.buyer, f"/v1/events/{market.event}/monitor?limit=2")

    (lot,) = seen["lots"]
    assert (lot["state"], lot["baseline"], lot["baseline_price"]) == ("open", "historic", "100.00")
    assert (lot["lead_price"], lot["bidders"]) == ("75.00", 2)
    assert lot["standing"] == [
        {"alias": 1, "rank": 1, "price": "75.00", "bids": 2},
        {"alias": 2, "rank": 2, "price": "79.00", "bids": 1},
    ]
    assert lot["bids"] == [
        {"number": 3, "alias": 1, "price": "75.00", "at": "2026-01-01T13:04:00.000000Z"},
        {"number": 2, "alias": 2, "price": "79.00", "at": "2026-01-01T13:03:00.000000Z"},
    ]
    saved = {"amount_before": "50000.00", "amount": "37500.00", "saved": "12500.00", "saved_percent": "25.00"}
    assert lot["savings"] == saved == seen["savings"]


async def test_clocks_are_shown_with_the_overtime_that_was_used_and_stand_still_in_a_pause(
    house: House,
) -> None:
    market = await published(house)
    path = f"/v1/events/{market.event}/monitor"
    waiting = (await house.get(market.buyer, path))["lots"][0]
    await market.pass_until_open()
    house.clock.pass_us(58 * MINUTE)
    assert (await market.bid(0, "80.00")).status == 201
    body = {"reason": "A question is open"}
    assert (await house.call(market.buyer, "POST", f"/v1/events/{market.event}/pause", body)).status == 200
    house.clock.pass_us(5 * MINUTE)
    paused = await house.get(market.buyer, path)

    (lot,) = paused["lots"]
    assert (waiting["left_us"], waiting["lead_price"], waiting["savings"]) == (60 * MINUTE, None, None)
    assert (lot["overtime_us"], lot["extensions"], lot["left_us"]) == (MINUTE, 1, 2 * MINUTE)
    assert paused["paused_at"] == "2026-01-01T13:59:00.000000Z"
    assert paused["at"] == "2026-01-01T14:04:00.000000Z"


async def test_connected_suppliers_are_named_in_the_order_of_their_invitations(house: House) -> None:
    market = await published(house)
    path = f"/v1/events/{market.event}/monitor"

    async with a_client(house, market.suppliers[1]):
        during = await house.get(market.buyer, path)

    assert during["suppliers"] == [
        {"member_id": market.suppliers[0].member_id, "connected": False},
        {"member_id": market.suppliers[1].member_id, "connected": True},
    ]


async def test_nothing_ties_an_invited_supplier_to_an_alias(house: House) -> None:
    market = await published(house)
    await market.pass_until_open()
    for who, price in ((1, "80.00"), (0, "79.00")):
        await market.bid(who, price)
    await house.archive()

    seen = await house.get(market.buyer, f"/v1/events/{market.event}/monitor")

    assert not any(each.member_id in repr(seen["lots"]) for each in market.suppliers)
    assert all(set(each) == {"member_id", "connected"} for each in seen["suppliers"])


async def test_a_supplier_has_no_monitor_even_if_it_buys_too(house: House) -> None:
    market, trader = await published(house), await house.member(Role.BUYER, Role.SELLER)
    operator = await house.member(Role.OPERATOR)
    body = {"member_id": trader.member_id}
    assert (
        await house.call(market.buyer, "POST", f"/v1/events/{market.event}/invitations", body)
    ).status == 200
    path = f"/v1/events/{market.event}/monitor"

    refused = [await house.call(each, "GET", path) for each in (market.suppliers[0], trader)]

    assert [each.body["reason"] for each in refused] == ["EVENT_UNKNOWN", "EVENT_UNKNOWN"]
    assert (await house.call(operator, "GET", path)).status == 200


async def test_a_sealed_lot_shows_no_bid_before_all_are_opened(house: House, tmp_path: Path) -> None:
    async with a_desk(house, tmp_path):
        market = await an_open_sealed_market(house)
        assert (await market.seal(0, 8_000)).status == 201
        path = f"/v1/events/{market.event}/monitor"
        before = await house.get(market.buyer, path)
        await market.pass_until_closed()
        await market.until(opened=True)
        after = await house.get(market.buyer, path)

    hidden = {"lead_price", "standing", "bids"}
    assert not hidden & before["lots"][0].keys() and before["lots"][0]["savings"] is None
    assert hidden <= after["lots"][0].keys() and after["lots"][0]["lead_price"] == "80.00"
