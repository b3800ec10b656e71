"""Cloning over REST and over the client: a draft of the same, shown to its buyer alone."""

from exchange.core.messages import Role
from tests.gateway.desks import a_client
from tests.gateway.house import House
from tests.gateway.rest.test_lots import with_rules
from tests.gateway.rest.test_sourcing import published

TOMORROW = "2026-01-02T13:00:00Z"


async def test_a_buyer_clones_its_event_with_or_without_its_suppliers(house: House) -> None:
    market = await with_rules(house, {"historic_price": "100.00"})
    path = f"/v1/events/{market.event}/clone"

    bare = await house.call(market.buyer, "POST", path, {"open_at": TOMORROW, "title": "Again"})
    whole = await house.call(market.buyer, "POST", path, {"open_at": TOMORROW, "invitations": True})

    assert (bare.status, bare.body["invited"], whole.body["invited"]) == (201, 0, 2)
    assert bare.headers["Location"] == f"/v1/events/{bare.body['event_id']}"
    seen = await house.get(market.buyer, bare.headers["Location"])
    old = await house.get(market.buyer, f"/v1/events/{market.event}")
    assert (seen["title"], seen["state"], seen["invited"]) == ("Again", "draft", [])
    assert seen["lots"][0]["rules"] == old["lots"][0]["rules"]
    again = await house.get(market.buyer, whole.headers["Location"])
    assert again["title"] == old["title"] and again["invited"] == old["invited"]


async def test_nobody_clones_anothers_event_nor_into_the_past(house: House) -> None:
    market, other = await published(house), await house.member(Role.BUYER)
    path = f"/v1/events/{market.event}/clone"

    foreign = await house.call(other, "POST", path, {"open_at": TOMORROW})
    supplier = await house.call(market.suppliers[0], "POST", path, {"open_at": TOMORROW})
    past = await house.call(market.buyer, "POST", path, {"open_at": "2025-01-01T00:00:00Z"})

    assert (foreign.status, foreign.body["reason"]) == (404, "EVENT_UNKNOWN")
    assert supplier.body["reason"] == "ROLE_MISSING"
    assert (past.body["reason"], past.body["errors"][0]["field"]) == ("OPENS_IN_THE_PAST", "open_at")


async def test_a_client_clones_an_event(house: House) -> None:
    market = await published(house)

    async with a_client(house, market.buyer) as client:
        made = await client.clone_event(market.event, open_at_us=house.engine.now_us() + 3_600_000_000)

    assert (await house.get(market.buyer, f"/v1/events/{made.id}"))["state"] == "draft"
