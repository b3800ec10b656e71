"""Lots with a clock over REST: levels accepted by their price, turns taken, and what each viewer sees of the clock."""

from typing import Any

import pytest

from exchange.core.messages import Role
from tests.gateway.house import Answer, House
from tests.gateway.rest.test_sourcing import EVENT, LOT, MINUTE, Market

DUTCH = {"format": "dutch", "floor_price": "88.00", "clock": {"level_us": 10 * MINUTE}}
JAPANESE = DUTCH | {"format": "japanese"}
ROUNDS = {"format": "rounds"}
COUNTED = {"disclosure": {"participant_count": True}}


async def with_format(house: House, rules: dict[str, Any], **event: object) -> Market:
    """Open, with three suppliers; from 88 to 90 in steps of 0.50."""
    buyer = await house.member(Role.BUYER)
    event_id = (await house.call(buyer, "POST", "/v1/events", EVENT | event)).body["event_id"]
    made = await house.call(buyer, "POST", f"/v1/events/{event_id}/lots", LOT | {"rules": rules})
    assert made.status == 201, made
    suppliers = [await house.member(Role.SELLER) for _ in range(3)]
    for supplier in suppliers:
        body = {"member_id": supplier.member_id}
        assert (await house.call(buyer, "POST", f"/v1/events/{event_id}/invitations", body)).status == 200
    assert (await house.call(buyer, "POST", f"/v1/events/{event_id}/publication")).status == 200
    market = Market(house, buyer, suppliers, event_id, made.body["lot_id"])
    house.clock.pass_us(60 * MINUTE)
    await house.instrument()
    return market


async def accept(market: Market, supplier: int, price: str) -> Answer:
    path = f"/v1/lots/{market.lot}/acceptances"
    return await market.house.call(market.suppliers[supplier], "POST", path, {"price": price})


async def seen_by(market: Market, supplier: int) -> Any:
    return await market.house.get(market.suppliers[supplier], f"/v1/lots/{market.lot}")


async def minutes_pass(market: Market, minutes: int) -> None:
    market.house.clock.pass_us(minutes * MINUTE)
    await market.house.instrument()


async def test_a_dutch_lot_is_won_by_the_first_who_accepts_the_price_that_its_clock_shows(
    house: House,
) -> None:
    market = await with_format(house, DUTCH)
    first = await seen_by(market, 0)
    await minutes_pass(market, 11)

    stale = await accept(market, 0, "88.00")
    taken = await accept(market, 1, "88.50")
    late = await accept(market, 0, "88.50")

    shown = {
        "level_price": "88.00",
        "until": "2026-01-01T13:10:00.000000Z",
        "own_turn": False,
        "taken": False,
        "dropped_out": False,
    }
    assert first["clock"] == shown and "bid_max" not in first
    assert (stale.status, stale.body["reason"], stale.body["bound"]) == (409, "LEVEL_STALE", "88.50")
    assert (taken.status, late.body["reason"]) == (201, "LOT_NOT_OPEN")
    lot = await house.get(market.buyer, f"/v1/lots/{market.lot}")
    assert (lot["state"], lot["lead_price"], lot["rules"]) == ("closed", "88.50", DUTCH)
    assert "clock" not in lot


async def test_a_japanese_lot_tells_a_supplier_whether_it_is_still_in_and_not_how_many_are(
    house: House,
) -> None:
    market = await with_format(house, JAPANESE)
    for supplier in (0, 1):
        assert (await accept(market, supplier, "90.00")).status == 201
    doubled = await accept(market, 0, "90.00")
    accepted = await seen_by(market, 1)
    await minutes_pass(market, 11)

    out = await accept(market, 2, "89.50")
    clocks = [(await seen_by(market, each))["clock"] for each in (0, 2)]
    buyers = await house.get(market.buyer, f"/v1/lots/{market.lot}")

    assert doubled.body["reason"] == "LEVEL_ACCEPTED"
    assert accepted["clock"]["taken"] and not {"own_rank", "own_alias", "participants"} & accepted.keys()
    assert out.body["reason"] == "DROPPED_OUT"
    assert [(clock["level_price"], clock["dropped_out"], "active" in clock) for clock in clocks] == [
        ("89.50", False, False),
        ("89.50", True, False),
    ]
    assert (buyers["clock"]["active"], buyers["participants"]) == (2, 2)


async def test_a_lot_in_rounds_takes_one_bid_in_a_turn_from_the_worst_to_the_best(house: House) -> None:
    market = await with_format(house, ROUNDS, **COUNTED)
    for supplier, price in ((0, "80.00"), (1, "85.00")):
        assert (await market.bid(supplier, price)).status == 201
    hidden = await seen_by(market, 1)
    await minutes_pass(market, 60)
    pause = await seen_by(market, 1)
    await minutes_pass(market, 5)
    turns = [await seen_by(market, each) for each in (0, 1)]

    answers = [await market.bid(*bid) for bid in ((0, "79.00"), (1, "79.90"), (1, "79.00"), (2, "79.00"))]

    assert not {"lead_price", "own_rank", "participants", "clock"} & hidden.keys()
    assert (pause["own_rank"], pause["participants"], pause["bid_max"]) == (2, 2, None)
    assert (pause["clock"]["round_number"], pause["close_at"]) == (1, "2026-01-01T14:21:00.000000Z")
    assert [(turn["clock"]["own_turn"], turn["bid_max"]) for turn in turns] == [
        (False, None),
        (True, "84.50"),
    ]
    assert [(each.status, each.body.get("reason")) for each in answers] == [
        (409, "NOT_YOUR_TURN"),
        (201, None),
        (409, "TURN_USED"),
        (409, "NO_FIRST_PRICE"),
    ]
    assert (await seen_by(market, 1))["clock"]["taken"]


@pytest.mark.parametrize(
    "rules,field",
    [
        (
            {"format": "dutch"},
            "rules.clock",
        ),  # from one tick to the ceiling takes longer than the lot is open
        ({"format": "rounds"}, "rules.format"),  # its turns would tell how many bid
        (JAPANESE | {"max_step": "1.00"}, "rules.max_step"),
        (DUTCH | {"tie_policy": "equal_best"}, "rules.tie_policy"),
        ({"clock": {"level_us": 2 * MINUTE}}, "rules.clock"),
    ],
)
async def test_a_draft_with_rules_that_its_format_does_not_take_is_refused_by_field(
    house: House, rules: dict[str, Any], field: str
) -> None:
    buyer = await house.member(Role.BUYER)
    event_id = (await house.call(buyer, "POST", "/v1/events", EVENT)).body["event_id"]

    answer = await house.call(buyer, "POST", f"/v1/events/{event_id}/lots", LOT | {"rules": rules})

    assert (answer.status, answer.body["reason"]) == (422, "RULES_CONTRADICT")
    assert [error["field"] for error in answer.body["errors"]] == [field]


async def test_an_opening_is_an_instant_whatever_its_offset(house: House) -> None:
    """Compared as text, 15:30+02:00 would sort after 14:00Z."""
    buyer = await house.member(Role.BUYER)
    for opens in ("2026-01-01T15:30:00+02:00", "2026-01-01T14:00:00Z"):
        assert (await house.call(buyer, "POST", "/v1/events", EVENT | {"open_at": opens})).status == 201

    listed = (await house.get(buyer, "/v1/events"))["events"]

    assert [event["open_at"] for event in listed] == [
        "2026-01-01T14:00:00.000000Z",
        "2026-01-01T13:30:00.000000Z",
    ]
