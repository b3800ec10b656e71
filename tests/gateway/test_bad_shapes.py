"""Bids of a shape that nobody meant, and bids sent twice: each ends in one named answer and changes nothing more."""

from typing import Any

import pytest

from tests.gateway.bad_input import Speaker, a_bid, everything, live
from tests.gateway.house import House

SHAPES = [
    ("a price beyond 64 bits", '"price":18446744073709551616', "MALFORMED", "price"),
    ("a price beyond every price", '"price":1000000000001', "MALFORMED", "price"),
    ("a negative price", '"price":-8400', "MALFORMED", "price"),
    ("a price of nothing", '"price":0', "MALFORMED", "price"),
    ("a fraction", '"price":8400.5', "MALFORMED", "price"),
    ("a price in the manner of science", '"price":84e2', "MALFORMED", "price"),
    ("no number", '"price":NaN', "MALFORMED", ""),
    ("an infinite price", '"price":Infinity', "MALFORMED", ""),
    ("a price as text", '"price":"84.00"', "MALFORMED", "price"),
    ("a price that is true", '"price":true', "MALFORMED", "price"),
    ("no price", '"price":null', "MALFORMED", "price"),
    ("a missing price", '"currency":"EUR"', "MALFORMED", "price"),
    ("a list of prices", '"price":[8400]', "MALFORMED", "price"),
    ("a price twice", '"price":8400,"price":8300', "DUPLICATE_KEY", "price"),
    ("an unknown field", '"price":8400,"quantity":1', "MALFORMED", "quantity"),
    ("too many lines", f'"price":8400,"lines":{[1] * 101}', "MALFORMED", "lines"),
    ("a line as text", '"price":8400,"lines":["84.00"]', "MALFORMED", "lines[0]"),
    ("a discount above all", '"price":8400,"discount_bps":10001', "MALFORMED", "discount_bps"),
    ("a currency that is none", '"price":8400,"currency":"EURO"', "MALFORMED", "currency"),
]


@pytest.mark.parametrize("what,fields,reason,field", SHAPES, ids=[row[0] for row in SHAPES])
async def test_a_frame_of_another_shape_is_refused_with_its_field_and_changes_nothing(
    house: House, what: str, fields: str, reason: str, field: str
) -> None:
    market = await live()(house)
    speaker = await Speaker.of(house, market.suppliers[1])
    before = await everything(market)

    told = await speaker.write(f'{{"type":"submit_bid","ref":1,"lot_id":"{market.lot}",{fields}}}')
    taken = await speaker.say(a_bid(84_00, lot_id="none", ref=2))

    assert (told["type"], told["reason"], told.get("field", "")) == ("error", reason, field), what
    assert told["ref"] == 1 and told["message"] and told["remedy"]
    assert taken["reason"] == "LOT_UNKNOWN", "the connection goes on"
    assert await everything(market) == before


TEXTS: list[tuple[str, Any, str]] = [
    ("a price beyond 64 bits", {"price": "18446744073709551616"}, "price"),
    ("a negative price", {"price": "-84.00"}, "price"),
    ("a price of nothing", {"price": "0.00"}, "price"),
    ("wrong scale", {"price": "84.001"}, "price"),
    ("a price in the manner of science", {"price": "84e0"}, "price"),
    ("no number", {"price": "NaN"}, "price"),
    ("an infinite price", {"price": "Infinity"}, "price"),
    ("an empty price", {"price": ""}, "price"),
    ("other digits", {"price": "\u0668\u0664"}, "price"),
    ("a comma", {"price": "84,00"}, "price"),
    ("a price as a number", {"price": 84.0}, "price"),
    ("no price", {"price": None}, "price"),
    ("an unknown field", {"price": "84.00", "quantity": 1}, "quantity"),
    ("too many lines", {"price": "84.00", "lines": ["1.00"] * 101}, "lines"),
    ("a negative line", {"price": "84.00", "lines": ["-1.00"]}, "lines.[0]"),
    ("a line of a wrong scale", {"price": "84.00", "lines": ["1.00", "1.001"]}, "lines.[1]"),
    ("a body that is a list", [], ""),
    ("a body that is text", "84.00", ""),
]


@pytest.mark.parametrize("what,body,field", TEXTS, ids=[row[0] for row in TEXTS])
async def test_a_body_of_another_shape_is_refused_with_its_field_and_changes_nothing(
    house: House, what: str, body: Any, field: str
) -> None:
    market = await live()(house)
    before = await everything(market)

    answer = await house.call(market.suppliers[1], "POST", f"/v1/lots/{market.lot}/bids", body)

    assert (answer.status, answer.body["reason"]) == (422, "MALFORMED"), (what, answer.raw)
    assert answer.body["detail"] and answer.body["remedy"]
    assert [each["field"] for each in answer.body.get("errors", [])] == ([field] if field else [])
    assert await everything(market) == before


async def test_a_bid_that_is_sent_twice_counts_once_and_is_answered_alike(house: House) -> None:
    market = await live(bids=((0, "85.00"),))(house)
    speaker = await Speaker.of(house, market.suppliers[1])

    first = await speaker.say(a_bid(84_00, lot_id=market.lot, ref=7))
    before = await everything(market)
    again = await speaker.say(a_bid(84_00, lot_id=market.lot, ref=7))

    assert first["type"] == "ack" and again == first
    assert await everything(market) == before
    bids = await house.get(market.buyer, f"/v1/lots/{market.lot}/bids")
    assert [each["price"] for each in bids["bids"]] == ["85.00", "84.00"]


async def test_another_bid_under_a_used_ref_is_refused_by_name(house: House) -> None:
    market = await live(bids=((0, "85.00"),))(house)
    speaker = await Speaker.of(house, market.suppliers[1])
    await speaker.say(a_bid(84_00, lot_id=market.lot, ref=7))
    before = await everything(market)

    other = await speaker.say(a_bid(83_00, lot_id=market.lot, ref=7))

    assert (other["type"], other["reason"]) == ("rejected", "REF_REUSED")
    assert await everything(market) == before


async def test_a_request_that_is_sent_twice_counts_once_and_another_under_its_key_is_refused(
    house: House,
) -> None:
    market = await live(bids=((0, "85.00"),))(house)
    path, key = f"/v1/lots/{market.lot}/bids", {"Idempotency-Key": "one"}

    async def send(price: str) -> Any:
        return await house.call(market.suppliers[1], "POST", path, {"price": price}, headers=key)

    first = await send("84.00")
    before = await everything(market)
    again, other = await send("84.00"), await send("83.00")

    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert (other.status, other.body["reason"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert await everything(market) == before
