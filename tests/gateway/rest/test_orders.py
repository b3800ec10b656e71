"""Orders and fills over REST: what a member reads is its own, and what it is answered is on disk."""

import pytest

from exchange.views.views import Views
from tests.gateway.house import Holder, House


async def placed(house: House, holder: Holder, instrument: str, side: str, price: str, quantity: int) -> str:
    body = {"instrument_id": instrument, "side": side, "price": price, "quantity": quantity}
    answer = await house.call(holder, "POST", "/v1/orders", body)
    assert answer.status == 201, answer
    order_id: str = answer.body["order_id"]
    return order_id


async def test_an_order_is_answered_with_what_it_traded_at_once(house: House) -> None:
    instrument = await house.instrument()
    seller, buyer = await house.seller(instrument), await house.buyer()
    await placed(house, seller, instrument, "sell", "2.50", 30)
    wish = {"instrument_id": instrument, "side": "buy", "price": "2.60", "quantity": 100}

    wished = await house.call(buyer, "POST", "/v1/orders", wish)

    assert wished.status == 201
    assert wished.body == {
        "sequence": 1,
        "at": "2026-01-01T12:00:00.000000Z",
        "order_id": wished.body["order_id"],
        "filled_quantity": 30,
        "open_quantity": 70,
    }
    assert wished.headers["Location"] == f"/v1/orders/{wished.body['order_id']}"
    assert await house.get(buyer, wished.headers["Location"]) == {
        "order_id": wished.body["order_id"],
        "instrument_id": instrument,
        "side": "buy",
        "price": "2.60",
        "quantity": 100,
        "filled_quantity": 30,
        "open_quantity": 70,
        "time_in_force": "gtc",
        "post_only": False,
        "status": "open",
    }


REFUSED: dict[str, tuple[dict[str, object], int, str, str | None]] = {
    "off the tick": ({"price": "2.53"}, 422, "PRICE_OFF_TICK", "0.05"),
    "more decimals than the scale": ({"price": "2.505"}, 422, "PRICE_OFF_TICK", "0.05"),
    "above the band": ({"price": "10.05"}, 422, "PRICE_ABOVE_BAND", "10.00"),
    "below the band": ({"price": "0.95"}, 422, "PRICE_BELOW_BAND", "1.00"),
    "no multiple of the lot": ({"quantity": 15}, 422, "QUANTITY_OFF_LOT", "10"),
    "too little money": ({"price": "10.00", "quantity": 100}, 409, "MONEY_SHORT", "500.00"),
    "an unknown instrument": ({"instrument_id": "none"}, 404, "INSTRUMENT_UNKNOWN", None),
    "a number for a price": ({"price": 2.5}, 422, "MALFORMED", None),
    "a price of nothing": ({"price": "0"}, 422, "MALFORMED", None),
    "more than any quantity": ({"quantity": 10**9 + 1}, 422, "MALFORMED", None),
    "post-only that can't rest": (
        {"post_only": True, "time_in_force": "ioc"},
        422,
        "POST_ONLY_NOT_RESTING",
        None,
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_refused_order_is_told_the_bound_in_its_own_unit(house: House, case: str) -> None:
    change, status, reason, bound = REFUSED[case]
    terms = {"tick": 5, "lot_multiple": 10, "price_min": 100, "price_max": 1_000}
    instrument, buyer = await house.instrument(**terms), await house.buyer(50_000)
    body = {"instrument_id": instrument, "side": "buy", "price": "2.50", "quantity": 10} | change

    answer = await house.call(buyer, "POST", "/v1/orders", body)

    assert (answer.status, answer.body["reason"], answer.body.get("bound")) == (status, reason, bound)


async def test_an_order_is_amended_in_parts_and_cancelled(house: House) -> None:
    instrument, buyer = await house.instrument(), await house.buyer()
    path = f"/v1/orders/{await placed(house, buyer, instrument, 'buy', '2.50', 10)}"

    dearer = await house.call(buyer, "PATCH", path, {"price": "2.55"})
    smaller = await house.call(buyer, "PATCH", path, {"quantity": 4})
    amended = await house.get(buyer, path)
    cancelled = await house.call(buyer, "DELETE", path)
    again = await house.call(buyer, "DELETE", path)

    assert (dearer.body["open_quantity"], smaller.body["open_quantity"]) == (10, 4)
    assert (amended["price"], amended["quantity"]) == ("2.55", 4)
    assert (cancelled.status, cancelled.body["open_quantity"]) == (200, 0)
    assert (again.status, again.body["reason"]) in {(409, "ORDER_CLOSED"), (404, "ORDER_UNKNOWN")}
    assert (await house.get(buyer, path))["status"] == "cancelled"


@pytest.mark.parametrize(
    "change, reason", [({}, "NOTHING_TO_CHANGE"), ({"price": "2.555"}, "PRICE_OFF_TICK")]
)
async def test_an_amendment_is_checked_like_an_order(
    house: House, change: dict[str, str], reason: str
) -> None:
    instrument, buyer = await house.instrument(), await house.buyer()
    order_id = await placed(house, buyer, instrument, "buy", "2.50", 10)

    answer = await house.call(buyer, "PATCH", f"/v1/orders/{order_id}", change)

    assert (answer.status, answer.body["reason"]) == (422, reason)


async def test_another_members_order_is_unknown_whatever_is_asked(house: House) -> None:
    instrument, buyer, other = await house.instrument(), await house.buyer(), await house.buyer()
    path = f"/v1/orders/{await placed(house, buyer, instrument, 'buy', '2.50', 10)}"

    answers = [
        await house.call(other, "GET", path),
        await house.call(other, "PATCH", path, {"quantity": 1}),
        await house.call(other, "DELETE", path),
    ]

    assert [(each.status, each.body["reason"]) for each in answers] == [(404, "ORDER_UNKNOWN")] * 3
    assert (await house.get(other, "/v1/orders"))["orders"] == []
    assert (await house.get(buyer, path))["open_quantity"] == 10


async def test_open_orders_come_in_pages_by_id_and_can_be_chosen_by_instrument(house: House) -> None:
    first, second, buyer = await house.instrument(), await house.instrument(), await house.buyer()
    ids = [await placed(house, buyer, first, "buy", "1.00", 1 + number) for number in range(5)]
    await placed(house, buyer, second, "buy", "1.00", 1)

    seen, cursor = [], ""
    for _ in range(3):
        page = await house.get(buyer, f"/v1/orders?limit=2&instrument_id={first}&cursor={cursor}")
        seen += [order["order_id"] for order in page["orders"]]
        cursor = page["next"]

    assert seen == sorted(ids) and not cursor
    assert len((await house.get(buyer, "/v1/orders"))["orders"]) == 6


async def test_closed_orders_and_fills_come_from_the_records(house: House) -> None:
    instrument = await house.instrument()
    seller, buyer = await house.seller(instrument), await house.buyer()
    bought = []
    for number in range(3):
        house.clock.pass_us(1_000_000)
        await placed(house, seller, instrument, "sell", "2.50", 10)
        bought.append(await placed(house, buyer, instrument, "buy", "2.60", 10 - number))
    await house.archive()

    closed, fills, cursor = [], [], ""
    for _ in range(2):
        page = await house.get(buyer, f"/v1/orders?state=closed&limit=2&cursor={cursor}")
        closed += page["orders"]
        cursor = page["next"]
    for _ in range(2):
        page = await house.get(buyer, f"/v1/trades?limit=2&cursor={cursor}")
        fills += page["trades"]
        cursor = page["next"]

    assert [order["order_id"] for order in closed] == bought[::-1]
    assert closed[0]["placed_at"] == closed[0]["changed_at"] == "2026-01-01T12:00:03.000000Z"
    assert closed[0]["status"] == "filled"
    assert not cursor
    assert fills[0] == {
        "instrument_id": instrument,
        "trade_number": fills[0]["trade_number"],
        "order_id": fills[0]["order_id"],
        "side": "buy",
        "price": "2.50",
        "quantity": fills[0]["quantity"],
        "maker": False,
        "at": "2026-01-01T12:00:03.000000Z",
        "in_call": False,
        "status": "standing",
    }
    assert sum(fill["quantity"] for fill in fills) == 27
    sold = (await house.get(seller, "/v1/trades"))["trades"]
    assert {(fill["side"], fill["maker"]) for fill in sold} <= {("sell", True), ("sell", False)}
    assert (await house.get(await house.buyer(), "/v1/trades"))["trades"] == []


async def test_an_order_that_memory_has_forgotten_is_read_from_the_records(house: House) -> None:
    instrument, buyer = await house.instrument(), await house.buyer()
    path = f"/v1/orders/{await placed(house, buyer, instrument, 'buy', '2.50', 10)}"
    await house.call(buyer, "DELETE", path)
    await house.archive()
    house.engine.views.market._closed.clear()

    assert (await house.get(buyer, path))["status"] == "cancelled"
    assert (await house.call(await house.buyer(), "GET", path)).status == 404


async def test_prices_have_the_decimals_of_their_instrument(house: House) -> None:
    instrument, buyer = await house.instrument(price_scale=4, lot_multiple=100), await house.buyer()

    order_id = await placed(house, buyer, instrument, "buy", "2.5", 100)

    assert (await house.get(buyer, f"/v1/orders/{order_id}"))["price"] == "2.5000"


@pytest.mark.parametrize("quantity", [30, 100])
async def test_a_repeated_amendment_gets_its_first_answer_though_it_closed_the_order_before_a_restart(
    house: House, quantity: int
) -> None:
    instrument = await house.instrument()
    seller, buyer, key = await house.seller(instrument), await house.buyer(), {"Idempotency-Key": "one"}
    await placed(house, buyer, instrument, "buy", "2.50", 30)
    path = f"/v1/orders/{await placed(house, seller, instrument, 'sell', '2.60', quantity)}"
    wish = {"price": "2.50", "quantity": 30}

    first = await house.call(seller, "PATCH", path, wish, headers=key)
    await house.archive()
    house.engine.views = Views.from_kernel(house.engine._kernel)  # as after a restart
    again = await house.call(seller, "PATCH", path, wish, headers=key)

    assert first.status == 200 and first.body["open_quantity"] == 0
    assert (again.status, again.body) == (200, first.body)


async def test_an_amendment_that_cancelled_its_order_is_answered_again_from_the_records(house: House) -> None:
    instrument = await house.instrument()
    seller, buyer, key = await house.seller(instrument), await house.buyer(), {"Idempotency-Key": "one"}
    path = f"/v1/orders/{await placed(house, seller, instrument, 'sell', '2.50', 100)}"
    await placed(house, buyer, instrument, "buy", "2.50", 30)
    (contract,) = (await house.get(buyer, "/v1/contracts"))["contracts"]
    await house.call(buyer, "POST", f"/v1/contracts/{contract['contract_id']}/receipt")

    first = await house.call(seller, "PATCH", path, {"quantity": 30}, headers=key)
    await house.archive()
    house.engine.views = Views.from_kernel(house.engine._kernel)  # as after a restart
    again = await house.call(seller, "PATCH", path, {"quantity": 30}, headers=key)
    another = await house.call(buyer, "PATCH", path, {"quantity": 30}, headers=key)

    assert (again.status, again.body) == (200, first.body)
    assert (another.status, another.body["reason"]) == (404, "ORDER_UNKNOWN")
