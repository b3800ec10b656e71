"""Lots under their own rules over REST: forward lots, buy-now, lotteries, and bounds that are named."""

from hashlib import sha256
from typing import Any

import pytest

from exchange.core.messages import Role
from tests.gateway.house import Holder, House
from tests.gateway.rest.test_sourcing import EVENT, LOT, MINUTE, Market

FORWARD = {"rules": {"direction": "forward"}}
BANDED = {
    "step_bands": [{"from_price": "0.00", "step": "0.50"}, {"from_price": "70.00", "step": "1.00"}],
    "max_step": "5.00",
    "tie_policy": "forbid_first",
    "reserve_price": "60.00",
    "reserve_visibility": "met_flag",
    "historic_price": "88.00",
}


async def with_rules(house: House, lot: dict[str, Any], **event: object) -> Market:
    """A lot with these rules, open."""
    buyer = await house.member(Role.BUYER)
    event_id = (await house.call(buyer, "POST", "/v1/events", EVENT | event)).body["event_id"]
    made = await house.call(buyer, "POST", f"/v1/events/{event_id}/lots", LOT | {"rules": lot})
    assert made.status == 201, made
    suppliers: list[Holder] = [await house.member(Role.SELLER) for _ in range(2)]
    for supplier in suppliers:
        body = {"member_id": supplier.member_id}
        assert (await house.call(buyer, "POST", f"/v1/events/{event_id}/invitations", body)).status == 200
    assert (await house.call(buyer, "POST", f"/v1/events/{event_id}/publication")).status == 200
    market = Market(house, buyer, suppliers, event_id, made.body["lot_id"])
    await market.pass_until_open()
    return market


async def test_the_buyer_reads_all_rules_and_a_supplier_those_that_are_no_secret(house: House) -> None:
    market = await with_rules(house, BANDED)

    to_buyer = await house.get(market.buyer, f"/v1/lots/{market.lot}")
    to_supplier = await house.get(market.suppliers[0], f"/v1/lots/{market.lot}")

    assert to_buyer["rules"] == BANDED
    secrets = {"reserve_price", "historic_price"}
    assert to_supplier["rules"] == {name: value for name, value in BANDED.items() if name not in secrets}
    assert (to_buyer["reserve_met"], to_supplier["reserve_met"]) == (False, False)


@pytest.mark.parametrize(
    "visibility,price,flags",
    [("hidden", None, (None, None)), ("met_flag", None, (False, True)), ("shown", "60.00", (False, True))],
)
async def test_each_is_shown_the_reserve_as_its_visibility_says(
    house: House, visibility: str, price: str | None, flags: tuple[bool | None, bool | None]
) -> None:
    market = await with_rules(house, {"reserve_price": "60.00", "reserve_visibility": visibility})
    seen = []
    for bid in ("60.50", "60.00"):
        assert (await market.bid(0, bid)).status == 201
        seen.append(await house.get(market.suppliers[1], f"/v1/lots/{market.lot}"))

    assert tuple(each.get("reserve_met") for each in seen) == flags
    assert seen[0].get("rules", {}).get("reserve_price") == price
    assert (await house.get(market.buyer, f"/v1/lots/{market.lot}"))["rules"]["reserve_price"] == "60.00"


async def test_a_lot_by_the_usual_rules_shows_none(house: House) -> None:
    market = await with_rules(house, {})

    lot = await house.get(market.suppliers[0], f"/v1/lots/{market.lot}")

    assert not {"rules", "direction", "bid_min", "reserve_met"} & lot.keys()


async def test_a_refused_bid_names_the_bound_that_it_missed(house: House) -> None:
    market = await with_rules(house, BANDED)
    await market.bid(0, "86.00")

    answers = [
        await market.bid(who, price)
        for who, price in ((0, "85.50"), (0, "80.00"), (1, "86.00"), (1, "85.00"))
    ]

    assert [(each.body.get("reason"), each.body.get("bound"), each.body.get("step")) for each in answers] == [
        ("STEP_TOO_SMALL", "85.00", "1.00"),
        ("STEP_TOO_LARGE", "81.00", None),
        ("TIE_FORBIDDEN", "85.00", None),
        (None, None, None),
    ]


FLOOR_AND_BUY_NOW = {"floor_price": "10.00", "buy_now_price": "80.00"}


async def test_a_forward_lot_is_outbid_and_no_more_bought_at_once(house: House) -> None:
    market = await with_rules(house, FLOOR_AND_BUY_NOW, **FORWARD)

    bids = [await market.bid(who, price) for who, price in ((0, "10.00"), (1, "10.50"), (0, "10.60"))]
    path = f"/v1/lots/{market.lot}/purchase"
    late = await house.call(market.suppliers[0], "POST", path, {"price": "80.00"})

    assert [each.status for each in bids] == [201, 201, 422]
    assert (bids[2].body["reason"], bids[2].body["bound"]) == ("STEP_TOO_SMALL", "11.00")
    seen = await house.get(market.suppliers[0], f"/v1/lots/{market.lot}")
    assert (seen["direction"], seen["own_rank"], seen["bid_min"]) == ("forward", 2, "10.50")
    assert "bid_max" not in seen
    assert (late.status, late.body["reason"]) == (409, "BUY_NOW_GONE")


async def test_a_forward_lot_is_bought_at_once_for_its_price(house: House) -> None:
    market = await with_rules(house, FLOOR_AND_BUY_NOW, **FORWARD)
    path = f"/v1/lots/{market.lot}/purchase"

    other = await house.call(market.suppliers[0], "POST", path, {"price": "70.00"})
    taken = await house.call(market.suppliers[0], "POST", path, {"price": "80.00"})

    assert (other.body["reason"], other.body["bound"]) == ("BUY_NOW_PRICE_OTHER", "80.00")
    assert taken.status == 201
    assert (await house.get(market.buyer, f"/v1/lots/{market.lot}"))["state"] == "closed"


async def test_ties_by_lot_are_drawn_with_the_committed_seed_before_the_award(house: House) -> None:
    rules = {"tie_policy": "lottery", "lottery_sha256": sha256(b"seed").hexdigest()}
    market = await with_rules(house, rules)
    for who in (0, 1):
        assert (await market.bid(who, "80.00")).status == 201
    ranks = [(await house.get(each, f"/v1/lots/{market.lot}"))["own_rank"] for each in market.suppliers]
    house.clock.pass_us(120 * MINUTE)
    await house.instrument()
    award = f"/v1/lots/{market.lot}/award"
    early = await house.call(market.buyer, "POST", award, {"alias": 1})
    wrong = await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/seed", {"seed": "another"})
    foreign = await house.call(market.suppliers[0], "POST", f"/v1/lots/{market.lot}/seed", {"seed": "seed"})
    shown = await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/seed", {"seed": "seed"})
    final = await house.call(market.buyer, "POST", award, {"alias": 1})

    assert ranks == [1, 1]
    assert (early.status, early.body["reason"]) == (409, "SEED_NOT_REVEALED")
    assert (wrong.status, wrong.body["reason"]) == (422, "SEED_OTHER")
    assert (foreign.status, foreign.body["reason"]) == (404, "LOT_UNKNOWN")
    assert (shown.status, final.status) == (200, 200)
    drawn = [(await house.get(each, f"/v1/lots/{market.lot}"))["own_rank"] for each in market.suppliers]
    assert sorted(drawn) == [1, 2]


@pytest.mark.parametrize(
    "rules,reason,field",
    [
        ({"floor_price": "95.00"}, "RULES_CONTRADICT", "rules.floor_price"),
        ({"max_step": "0.55"}, "STEP_OFF_TICK", "rules.max_step"),
        ({"reserve_price": "1.234"}, "MALFORMED", "rules.reserve_price"),
        ({"tie_policy": "coin"}, "MALFORMED", "rules.tie_policy"),
        ({"lottery_sha256": "abc"}, "MALFORMED", "rules.lottery_sha256"),
        ({"buy_now_price": "80.00"}, "RULES_CONTRADICT", "rules.buy_now_price"),
    ],
)
async def test_a_lot_whose_rules_do_not_fit_is_refused_by_field(
    house: House, rules: dict[str, str], reason: str, field: str
) -> None:
    buyer = await house.member(Role.BUYER)
    event_id = (await house.call(buyer, "POST", "/v1/events", EVENT)).body["event_id"]

    answer = await house.call(buyer, "POST", f"/v1/events/{event_id}/lots", LOT | {"rules": rules})

    assert (answer.status, answer.body["reason"]) == (422, reason)
    assert [error["field"] for error in answer.body["errors"]] == [field]


async def test_a_running_event_is_paused_resumed_extended_and_ended_by_its_buyer(house: House) -> None:
    market = await with_rules(house, {}, overtime={"hard_deadline": "2026-01-01T16:00:00Z"})
    event, lot = f"/v1/events/{market.event}", f"/v1/lots/{market.lot}"

    paused = await house.call(market.buyer, "POST", f"{event}/pause", {"reason": "A question"})
    bid = await market.bid(0, "80.00")
    seen = await house.get(market.suppliers[0], lot)
    house.clock.pass_us(10 * MINUTE)
    resumed = await house.call(market.buyer, "POST", f"{event}/resumption")
    after = await house.get(market.suppliers[0], lot)
    late = await house.call(market.buyer, "POST", f"{lot}/extension", {"close_at": "2026-01-01T16:11:00Z"})
    extended = await house.call(
        market.buyer, "POST", f"{lot}/extension", {"close_at": "2026-01-01T16:00:00Z"}
    )
    ended = await house.call(market.buyer, "POST", f"{lot}/end", {"reason": "Good enough"})

    assert (bid.status, bid.body["reason"]) == (409, "EVENT_PAUSED")
    assert seen["paused_at"] == "2026-01-01T13:01:00.000000Z" and "paused_at" not in after
    assert after["close_at"] == "2026-01-01T14:10:00.000000Z"
    assert after["hard_deadline"] == "2026-01-01T16:10:00.000000Z"
    assert (late.status, late.body["reason"]) == (422, "CLOSE_TOO_LATE")
    assert late.body["bound"] == after["hard_deadline"]
    assert [each.status for each in (paused, resumed, extended, ended)] == [200] * 4
    assert (await house.get(market.suppliers[0], lot))["state"] == "closed"


async def test_a_supplier_steers_nothing(house: House) -> None:
    market = await with_rules(house, {})

    for path, body in (
        (f"/v1/events/{market.event}/pause", {"reason": "Mine"}),
        (f"/v1/events/{market.event}/resumption", None),
        (f"/v1/lots/{market.lot}/extension", {"close_at": "2026-01-01T16:00:00Z"}),
        (f"/v1/lots/{market.lot}/end", {"reason": "Mine"}),
    ):
        answer = await house.call(market.suppliers[0], "POST", path, body)
        unknown = "EVENT_UNKNOWN" if "/events/" in path else "LOT_UNKNOWN"
        assert (answer.status, answer.body["reason"]) == (404, unknown)


async def test_lots_in_series_are_drafted_bid_for_and_awarded_one_by_one(house: House) -> None:
    buyer, supplier = await house.member(Role.BUYER), await house.member(Role.SELLER)
    rules = {"schedule": "serial", "lot_gap_us": 10 * MINUTE}
    event = (await house.call(buyer, "POST", "/v1/events", EVENT | {"rules": rules})).body["event_id"]
    lots = [
        (await house.call(buyer, "POST", f"/v1/events/{event}/lots", LOT)).body["lot_id"] for _ in range(2)
    ]
    await house.call(buyer, "POST", f"/v1/events/{event}/invitations", {"member_id": supplier.member_id})
    assert (await house.call(buyer, "POST", f"/v1/events/{event}/publication")).status == 200
    house.clock.pass_us(61 * MINUTE)
    await house.instrument()

    first = await house.call(supplier, "POST", f"/v1/lots/{lots[0]}/bids", {"price": "80.00"})
    second = await house.call(supplier, "POST", f"/v1/lots/{lots[1]}/bids", {"price": "80.00"})
    seen = await house.get(supplier, f"/v1/events/{event}")
    house.clock.pass_us(180 * MINUTE)
    await house.instrument()
    states = []
    for lot in lots:
        assert (await house.call(buyer, "POST", f"/v1/lots/{lot}/award", {"alias": 0})).status == 200
        states.append((await house.get(buyer, f"/v1/events/{event}"))["state"])

    assert (first.status, second.status, second.body["reason"]) == (201, 409, "LOT_NOT_OPEN_YET")
    assert [lot["lot_id"] for lot in seen["lots"]] == lots
    assert [lot["open_at"] for lot in seen["lots"]] == [
        "2026-01-01T13:00:00.000000Z",
        "2026-01-01T14:10:00.000000Z",
    ]
    assert states == ["published", "ended"]


async def test_a_bid_bond_is_written_in_the_currency_of_its_event(house: House) -> None:
    rules = {"bid_bond_amount": "2500.00", "fee_from_bond": True, "results": "price"}
    market = await with_rules(house, {}, rules=rules)
    buyer, event = market.buyer, f"/v1/events/{market.event}"

    assert (await house.get(buyer, event))["rules"] == rules

    later = EVENT | {"open_at": "2026-01-02T12:00:00Z"}
    drafted = (await house.call(buyer, "POST", "/v1/events", later)).body["event_id"]
    for bond in ("2500.001", "0.00", 2500):
        body = {"rules": {"bid_bond_amount": bond}}
        for verb, path, sent in (
            ("POST", "/v1/events", later | body),
            ("PATCH", f"/v1/events/{drafted}", body),
        ):
            refused = await house.call(buyer, verb, path, sent)
            assert (refused.status, refused.body["reason"]) == (422, "MALFORMED"), refused
            assert "bid_bond_amount" in str(refused.body["errors"])
    changed = await house.call(
        buyer, "PATCH", f"/v1/events/{drafted}", {"rules": {"bid_bond_amount": "1.50"}}
    )
    assert changed.status == 200
    assert (await house.get(buyer, f"/v1/events/{drafted}"))["rules"] == {"bid_bond_amount": "1.50"}
