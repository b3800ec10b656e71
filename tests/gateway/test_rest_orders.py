"""Orders and fills over REST: what a member reads is its own, and what it is answered is on disk."""

from tests.gateway.house import House


async def test_an_order_is_answered_with_what_it_traded_at_once(house: House) -> None:
    instrument = await house.instrument()
    seller, buyer = await house.seller(instrument), await house.buyer()
    offer = {"instrument_id": instrument, "side": "sell", "price": "2.50", "quantity": 30}
    wish = {"instrument_id": instrument, "side": "buy", "price": "2.60", "quantity": 100}

    offered = await house.call(seller, "POST", "/v1/orders", offer)
    wished = await house.call(buyer, "POST", "/v1/orders", wish)

    assert (offered.status, wished.status) == (201, 201)
    assert offered.body["open_quantity"] == 30
    assert (wished.body["filled_quantity"], wished.body["open_quantity"]) == (30, 70)
    assert wished.headers["Location"] == f"/v1/orders/{wished.body['order_id']}"
