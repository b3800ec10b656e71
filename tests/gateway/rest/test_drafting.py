"""A draft is changed over REST, as it was read, until it is published."""

from typing import Any

from exchange.core.messages import Role
from tests.gateway.house import House
from tests.gateway.rest.test_sourcing import LOT, draft, published


async def test_a_buyer_changes_its_draft_and_reads_what_it_asked_for(house: House) -> None:
    buyer = await house.member(Role.BUYER)
    event = f"/v1/events/{await draft(house, buyer)}"
    lot = "/v1/lots/" + (await house.call(buyer, "POST", f"{event}/lots", LOT)).body["lot_id"]
    later = {
        "title": "Desks",
        "open_at": "2026-01-01T15:00:00Z",
        "duration_us": 60_000_000,
        "overtime": {"window_us": 0},
        "disclosure": {"lead_price": False},
    }
    dearer: dict[str, Any] = {
        "title": "Desk",
        "quantity": 7,
        "ceiling_price": "120.00",
        "min_step": "1.00",
        "tick": "0.50",
        "rules": {"max_step": "5.00"},
    }

    changed = await house.call(buyer, "PATCH", event, later)
    redrafted = await house.call(buyer, "PATCH", lot, dearer)

    assert [changed.status, redrafted.status] == [200, 200]
    seen = await house.get(buyer, event)
    assert (seen["title"], seen["open_at"]) == ("Desks", "2026-01-01T15:00:00.000000Z")
    assert (seen["duration_us"], seen["overtime"]["window_us"]) == (60_000_000, 0)
    assert (seen["disclosure"]["lead_price"], seen["currency"]) == (False, "EUR")
    assert {name: seen["lots"][0][name] for name in dearer} == dearer


async def test_what_is_not_given_stays(house: House) -> None:
    buyer = await house.member(Role.BUYER)
    event = f"/v1/events/{await draft(house, buyer)}"
    lot = "/v1/lots/" + (await house.call(buyer, "POST", f"{event}/lots", LOT)).body["lot_id"]
    before = await house.get(buyer, event)

    await house.call(buyer, "PATCH", lot, {"quantity": 7})
    await house.call(buyer, "PATCH", event, {"title": "Desks"})

    after = await house.get(buyer, event)
    assert after == before | {"title": "Desks", "lots": [before["lots"][0] | {"quantity": 7}]}


async def test_a_removed_lot_is_gone_and_its_event_can_have_another(house: House) -> None:
    buyer = await house.member(Role.BUYER)
    event = f"/v1/events/{await draft(house, buyer)}"
    lot = "/v1/lots/" + (await house.call(buyer, "POST", f"{event}/lots", LOT)).body["lot_id"]
    full = await house.call(buyer, "POST", f"{event}/lots", LOT)

    removed = await house.call(buyer, "DELETE", lot)
    again = await house.call(buyer, "DELETE", lot)
    other = await house.call(buyer, "POST", f"{event}/lots", LOT)

    assert (full.body["reason"], removed.status, other.status) == ("TOO_MANY_LOTS", 200, 201)
    assert (again.status, again.body["reason"]) == (404, "LOT_UNKNOWN")
    assert (await house.call(buyer, "GET", lot)).status == 404


async def test_of_two_agents_the_one_who_read_first_changes_nothing(house: House) -> None:
    buyer = await house.member(Role.BUYER)
    event = f"/v1/events/{await draft(house, buyer)}"
    read = {"If-Match": (await house.call(buyer, "GET", event)).headers["ETag"]}

    first = await house.call(buyer, "PATCH", event, {"title": "Desks"}, headers=read)
    second = await house.call(buyer, "PATCH", event, {"title": "Tables"}, headers=read)

    assert (first.status, second.status) == (200, 412)
    assert (await house.get(buyer, event))["title"] == "Desks"


async def test_rules_do_not_change_while_live(house: House) -> None:
    market = await published(house)
    await market.pass_until_open()

    answers = [
        await house.call(market.buyer, "PATCH", f"/v1/events/{market.event}", {"title": "Desks"}),
        await house.call(market.buyer, "PATCH", f"/v1/lots/{market.lot}", {"ceiling_price": "80.00"}),
        await house.call(market.buyer, "DELETE", f"/v1/lots/{market.lot}"),
    ]

    assert [(each.status, each.body["reason"]) for each in answers] == [(409, "RULES_FIXED")] * 3


async def test_a_change_that_does_not_fit_names_its_field(house: House) -> None:
    buyer = await house.member(Role.BUYER)
    event = f"/v1/events/{await draft(house, buyer)}"
    lot = "/v1/lots/" + (await house.call(buyer, "POST", f"{event}/lots", LOT)).body["lot_id"]

    early = await house.call(buyer, "PATCH", event, {"open_at": "2025-01-01T00:00:00Z"})
    crooked = await house.call(buyer, "PATCH", lot, {"tick": "0.70"})
    nothing = await house.call(buyer, "PATCH", lot, {})
    foreign = await house.call(buyer, "PATCH", event, {"currency": "USD"})

    assert [(each.status, each.body["reason"]) for each in (early, crooked, nothing, foreign)] == [
        (422, "OPENS_IN_THE_PAST"),
        (422, "STEP_OFF_TICK"),
        (422, "NOTHING_TO_CHANGE"),
        (422, "MALFORMED"),
    ]
    assert early.body["errors"][0]["field"] == "open_at"
    assert (crooked.body["errors"][0]["field"], crooked.body["bound"]) == ("ceiling_price", "0.70")
