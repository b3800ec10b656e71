"""Terms of orders over REST: decimals and instants, checks without an order, and many cancelled at once."""

import pytest

from tests.gateway.house import House


async def test_terms_are_taken_and_shown_as_decimals_and_instants(house: House) -> None:
    instrument, buyer = await house.instrument(), await house.buyer()
    body = {"instrument_id": instrument, "side": "buy", "price": "2.50", "quantity": 30}
    terms = {"display_quantity": 10, "expires_at": "2026-01-02T00:00:00Z"}

    taken = await house.call(buyer, "POST", "/v1/orders", body | {"time_in_force": "gtd", "terms": terms})
    shown = await house.get(buyer, f"/v1/orders/{taken.body['order_id']}")

    assert shown["time_in_force"] == "gtd"
    assert shown["terms"] == {"display_quantity": 10, "expires_at": "2026-01-02T00:00:00.000000Z"}
    book = await house.get(buyer, f"/v1/instruments/{instrument}/book")
    assert book["bids"] == [{"price": "2.50", "quantity": 10}]


async def test_a_market_order_within_a_budget_buys_what_it_pays_for(house: House) -> None:
    instrument = await house.instrument()
    seller, buyer = await house.seller(instrument), await house.buyer()
    body = {"instrument_id": instrument, "side": "sell", "price": "2.50", "quantity": 30}
    await house.call(seller, "POST", "/v1/orders", body)
    wish = {"instrument_id": instrument, "side": "buy", "quantity": 100, "time_in_force": "ioc"}

    taken = await house.call(
        buyer, "POST", "/v1/orders", wish | {"terms": {"order_type": "market", "budget": "26.00"}}
    )

    assert (taken.status, taken.body["filled_quantity"]) == (201, 10)


async def test_what_an_order_said_is_read_long_after_it_closed(house: House) -> None:
    instrument = await house.instrument()
    seller, buyer = await house.seller(instrument), await house.buyer()
    sell = {"instrument_id": instrument, "side": "sell", "price": "2.50", "quantity": 30}
    placed = await house.call(seller, "POST", "/v1/orders", sell | {"terms": {"min_fill_quantity": 10}})
    buy = {"instrument_id": instrument, "side": "buy", "quantity": 100, "time_in_force": "ioc"}
    said = {"order_type": "market", "self_trade": "cancel_oldest", "budget": "26.00"}
    bought = await house.call(buyer, "POST", "/v1/orders", buy | {"terms": said})
    await house.call(seller, "DELETE", f"/v1/orders/{placed.body['order_id']}")
    at_once = await house.get(buyer, f"/v1/orders/{bought.body['order_id']}")
    await house.archive()

    (closed,) = (await house.get(buyer, "/v1/orders?state=closed"))["orders"]
    (sold,) = (await house.get(seller, "/v1/orders?state=closed"))["orders"]

    assert closed["terms"] == said == at_once["terms"]
    assert sold["terms"] == {"min_fill_quantity": 10}


async def test_a_plain_order_has_no_terms_in_the_records_either(house: House) -> None:
    instrument, buyer = await house.instrument(), await house.buyer()
    body = {"instrument_id": instrument, "side": "buy", "price": "2.50", "quantity": 1}
    await house.call(buyer, "POST", "/v1/orders", body)
    await house.call(buyer, "DELETE", "/v1/orders")
    await house.archive()

    (closed,) = (await house.get(buyer, "/v1/orders?state=closed"))["orders"]

    assert "terms" not in closed


async def test_validate_only_answers_what_would_be_held_and_places_nothing(house: House) -> None:
    instrument, buyer = await house.instrument(), await house.buyer()
    body = {"instrument_id": instrument, "side": "buy", "price": "2.50", "quantity": 30}

    checked = await house.call(buyer, "POST", "/v1/orders", body | {"validate_only": True})

    assert (checked.status, checked.body["order_id"], checked.body["would_hold"]) == (200, "", "75.00")
    assert (await house.get(buyer, "/v1/orders"))["orders"] == []


async def test_all_orders_are_cancelled_at_once(house: House) -> None:
    instrument, buyer = await house.instrument(), await house.buyer()
    body = {"instrument_id": instrument, "side": "buy", "price": "2.50", "quantity": 1}
    for _ in range(3):
        await house.call(buyer, "POST", "/v1/orders", body)

    cancelled = await house.call(buyer, "DELETE", f"/v1/orders?instrument_id={instrument}&side=buy")
    switch = await house.call(buyer, "PUT", "/v1/cancel-after", {"seconds": 60})

    assert cancelled.body["cancelled"] == 3
    assert switch.body["due_at"] > switch.body["at"]
    assert (await house.get(buyer, "/v1/orders"))["orders"] == []


@pytest.mark.parametrize(
    "change, reason, field",
    [
        ({"price": None}, "MALFORMED", "price"),
        ({"terms": {"budget": "5"}}, "ORDER_TERMS_CONTRADICT", "terms.budget"),
        ({"terms": {"display_quantity": 31}}, "PART_OUT_OF_RANGE", "terms.display_quantity"),
        ({"terms": {"expires_at": "2020-01-01T00:00:00Z"}}, "ORDER_TERMS_CONTRADICT", "terms.expires_at"),
        ({"terms": {"budget": "0.001"}}, "MALFORMED", "terms.budget"),
    ],
)
async def test_terms_that_do_not_fit_are_told_by_their_field(
    house: House, change: dict[str, object], reason: str, field: str
) -> None:
    instrument, buyer = await house.instrument(), await house.buyer()
    body = {"instrument_id": instrument, "side": "buy", "price": "2.50", "quantity": 30} | change

    answer = await house.call(buyer, "POST", "/v1/orders", body)

    assert (answer.status, answer.body["reason"]) == (422, reason)
    assert [error["field"] for error in answer.body["errors"]] == [field]
