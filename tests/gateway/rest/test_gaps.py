"""How far a bidder is behind the lead, as its event discloses it."""

from typing import Any

import pytest

from exchange.core.messages import Role
from exchange.gateway.notation import instant_of
from tests.gateway.house import House, a_house
from tests.gateway.rest.test_lots import with_rules
from tests.gateway.rest.test_sourcing import EVENT

LIGHT = {"green_bps": 100, "yellow_bps": 1_000}
HIDDEN = {"lead_price": False, "gap": True, "light": LIGHT}
OTHERS = ("lead_price", "participants", "prices", "own_alias")


@pytest.mark.parametrize(
    "price, gap, light",
    [
        ("80.80", "0.80", "green"),
        ("80.90", "0.90", "yellow"),
        ("88.00", "8.00", "yellow"),
        ("88.10", "8.10", "red"),
    ],
)
async def test_a_bidder_is_shown_its_gap_and_its_light_and_nothing_else(
    house: House, price: str, gap: str, light: str
) -> None:
    market = await with_rules(house, {}, disclosure=HIDDEN)
    lot = f"/v1/lots/{market.lot}"
    await market.bid(0, "80.00")
    before = await house.get(market.suppliers[1], lot)
    await market.bid(1, price)

    lead, behind = [await house.get(each, lot) for each in market.suppliers]

    assert not {"gap", "light", *OTHERS} & before.keys()
    assert (lead["gap"], lead["light"]) == ("0.00", "green")
    assert (behind["gap"], behind["light"]) == (gap, light)
    assert not set(OTHERS) & behind.keys()
    assert not {"gap", "light"} & (await house.get(market.buyer, lot)).keys()


async def test_each_is_told_alone(house: House) -> None:
    for disclosure, fields in (({"gap": True}, {"gap"}), ({"light": LIGHT}, {"light"}), ({}, set[str]())):
        market = await with_rules(
            house, {}, disclosure={"lead_price": False} | disclosure, open_at=later(house)
        )
        await market.bid(0, "80.00")
        own = await house.get(market.suppliers[0], f"/v1/lots/{market.lot}")
        assert {"gap", "light"} & own.keys() == fields


def later(house: House) -> str:
    """An hour from now, as each lot opens for itself."""
    return str(instant_of(house.clock.wall + 3_600_000_000))


async def test_the_first_prices_of_rounds_have_no_gap(house: House) -> None:
    market = await with_rules(house, {"format": "rounds"}, disclosure=HIDDEN | {"participant_count": True})
    await market.bid(0, "80.00")
    await market.bid(1, "85.00")

    assert not {"gap", "light"} & (await house.get(market.suppliers[1], f"/v1/lots/{market.lot}")).keys()


async def test_a_light_that_turns_yellow_nearer_than_green_contradicts(house: House) -> None:
    buyer = await house.member(Role.BUYER)
    body: dict[str, Any] = EVENT | {"disclosure": {"light": {"green_bps": 200, "yellow_bps": 100}}}

    refused = await house.call(buyer, "POST", "/v1/events", body)

    assert (refused.status, refused.body["reason"]) == (422, "RULES_CONTRADICT")
    assert refused.body["errors"][0]["field"] == "disclosure.light"


async def test_a_third_bidder_cannot_tell_two_suppliers_apart_by_its_gap(house_database_url: str) -> None:
    seen = []
    for swapped in (False, True):
        async with a_house(house_database_url) as house:
            market = await with_rules(house, {}, disclosure=HIDDEN)
            third = await house.member(Role.SELLER)
            invited = {"member_id": third.member_id}
            await house.call(market.buyer, "POST", f"/v1/events/{market.event}/invitations", invited)
            if swapped:
                market.suppliers.reverse()
            for number, price in ((0, "80.00"), (1, "79.00")):
                assert (await market.bid(number, price)).status == 201
            await house.call(third, "POST", f"/v1/lots/{market.lot}/bids", {"price": "85.00"})
            seen.append((await house.call(third, "GET", f"/v1/lots/{market.lot}")).raw)

    assert seen[0] == seen[1]
    assert b'"gap":"6.00"' in seen[0]
