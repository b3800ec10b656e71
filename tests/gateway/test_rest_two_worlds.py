"""Two worlds that differ only in which of two equals sold or bid answer every other member alike, byte for byte."""

import re
from typing import NamedTuple

import pytest

from exchange.core.messages import DeclareStock, PlaceOrder, Side
from exchange.gateway.rest.table import ROUTES
from tests.gateway.house import Holder, House, a_house
from tests.gateway.rest.test_sourcing import Market, published

QUERIES = {
    "/v1/orders": ["?state=open", "?state=closed"],
    "/v1/postings": ["?limit=3", ""],
    "/v1/statements": [f"?month=2026-01&format={each}" for each in ("json", "csv", "pdf")],
}
FIGURES = "/metrics"
"""For the operator; how many requests were answered differs between the worlds' viewers."""


class World(NamedTuple):
    """Who looks, and at what."""

    house: House
    viewers: dict[str, Holder]
    secrets: list[Holder]
    ids: dict[str, str]
    market: Market


async def a_world(house: House, swapped: bool) -> World:
    """One of two equal sellers sells to the buyer, and one of two equal suppliers leads in a lot."""
    instrument = await house.instrument()
    equals = [await house.seller(instrument) for _ in range(2)]
    buyer, trader = await house.buyer(), await house.seller(instrument)
    seller, idle = equals[::-1] if swapped else equals
    last = ""
    for holder, side, price, quantity in (
        (seller, Side.SELL, 250, 30),
        (trader, Side.SELL, 255, 20),
        (buyer, Side.BUY, 260, 40),
        (idle, Side.SELL, 300, 5),
        (buyer, Side.BUY, 100, 7),
    ):
        house.clock.pass_us(1_000)
        order = PlaceOrder(instrument_id=instrument, side=side, price=price, quantity=quantity)
        last = (await house.do(holder.member_id, order)).id
    stock = DeclareStock(instrument_id=instrument, quantity=70, advertise=True, lead_days=2)
    await house.do(seller.member_id, stock)
    market = await published(house, suppliers=3, disclosure={"prices_by_alias": True})
    first, second, viewer = market.suppliers
    cast = Market(
        house, market.buyer, [second, first] if swapped else [first, second], market.event, market.lot
    )
    await cast.pass_until_open()
    for number, bid in ((0, "80.00"), (1, "79.00"), (0, "78.00")):
        assert (await cast.bid(number, bid)).status == 201
    await house.archive()
    ids = {"instrument_id": instrument, "order_id": last, "event_id": market.event, "lot_id": market.lot}
    viewers = {"buyer": buyer, "trader": trader, "supplier": viewer, "event's buyer": market.buyer}
    return World(house, viewers, [*equals, first, second], ids, market)


async def everything(world: World, viewer: Holder) -> dict[str, bytes]:
    """The answer to every GET that names only what both worlds have."""
    answers = {}
    ids = world.ids | {"member_id": viewer.member_id, "name": "BUSY", "contract_id": world.ids["order_id"]}
    for route in ROUTES:
        if route.method != "GET" or route.path == FIGURES:
            continue
        if set(re.findall(r"\{(\w+)\}", route.path)) <= set(ids):
            for query in QUERIES.get(route.path, [""]):
                path = route.path.format_map(ids) + query
                answer = await world.house.call(viewer, "GET", path)
                answers[path] = str(answer.status).encode() + answer.raw
    return answers


@pytest.mark.parametrize("viewer", ["buyer", "trader", "supplier", "event's buyer"])
async def test_no_answer_tells_which_of_two_equals_it_was(house_database_url: str, viewer: str) -> None:
    answers, secrets = [], list[Holder]()
    for swapped in (False, True):
        async with a_house(house_database_url) as house:
            world = await a_world(house, swapped)
            answers.append(await everything(world, world.viewers[viewer]))
            secrets = world.secrets

    assert answers[0] == answers[1]
    assert len(answers[0]) > 25
    seen = b"".join(answers[0].values())
    hidden = [each for each in secrets if viewer != "event's buyer" or each not in secrets[2:]]
    assert not any(each.member_id.encode() in seen for each in hidden)
