"""Feedback over REST: given by whose deal it is, read by the rated as a band, by the operator in words."""

from typing import Any

import pytest

from exchange.core.limits import IDEMPOTENCY_KEPT_US
from exchange.core.messages import ConfirmReceipt, PlaceOrder, Role, Side
from exchange.core.rejects import RejectCode
from tests.gateway.house import Answer, Holder, House
from tests.gateway.rest.test_sourcing import published

GIVEN: dict[str, Any] = {
    "as_described": 5,
    "delivery": 4,
    "communication": 5,
    "text": "As ordered; 'quoted'.",
}


async def a_deal(house: House) -> tuple[Holder, Holder, str]:
    """Buyer, seller, and the buyer's contract, settled."""
    instrument = await house.instrument()
    seller, buyer = await house.seller(instrument), await house.buyer()
    orders = [
        PlaceOrder(instrument_id=instrument, side=side, price=250, quantity=10)
        for side in (Side.SELL, Side.BUY)
    ]
    await house.do(seller.member_id, orders[0])
    contract_id = (await house.do(buyer.member_id, orders[1])).id
    await house.do(buyer.member_id, ConfirmReceipt(contract_id=contract_id))
    return buyer, seller, contract_id


async def rate(house: House, holder: Holder, contract_id: str, **changes: Any) -> Answer:
    return await house.call(holder, "POST", f"/v1/contracts/{contract_id}/feedback", GIVEN | changes)


async def test_the_operator_reads_what_was_said_and_the_rated_its_band(house: House) -> None:
    buyer, seller, contract_id = await a_deal(house)
    operator = await house.member(Role.OPERATOR)
    taken = [await rate(house, buyer, contract_id, delivery=1), await rate(house, buyer, contract_id)]
    said = await house.get(operator, f"/v1/members/{seller.member_id}/feedback")

    assert [each.status for each in taken] == [200, 200]
    assert taken[1].body["contract_id"] == contract_id and taken[1].body["counts_after"] == "2026-01"
    assert said == {
        "said": [{"contract_id": contract_id, "counts_after": "2026-01"} | GIVEN], "next": "",
    }  # fmt: skip
    assert await house.get(operator, "/v1/feedback") == {
        "scores": [{"member_id": seller.member_id, "band": "new", "voices": 0, "mean": "0.00"}], "next": "",
    }  # fmt: skip
    assert await house.get(seller, "/v1/feedback/own") == {"band": "new"}
    assert (await house.call(operator, "GET", "/v1/members/nobody/feedback")).status == 404
    for path in ("/v1/feedback", f"/v1/members/{seller.member_id}/feedback"):
        assert (await house.call(seller, "GET", path)).status == 403


BAD = [
    ({"delivery": 0}, 422, "delivery"),
    ({"delivery": 6}, 422, "delivery"),
    ({"communication": "5"}, 422, "communication"),
    ({"text": "x" * 2_001}, 422, "text"),
    ({"text": "nul\0"}, 422, "text"),
    ({"stars": 5}, 422, "stars"),
]


@pytest.mark.parametrize("changes, status, field", BAD)
async def test_what_cannot_be_read_is_told_by_field(
    house: House, changes: dict[str, Any], status: int, field: str
) -> None:
    buyer, _, contract_id = await a_deal(house)

    answer = await rate(house, buyer, contract_id, **changes)

    assert answer.status == status
    assert field in {error["field"] for error in answer.body["errors"]} or field in answer.body["detail"]


async def test_a_deal_that_is_not_ones_own_cannot_be_rated(house: House) -> None:
    buyer, seller, contract_id = await a_deal(house)
    foreign, unknown = [await rate(house, seller, each) for each in (contract_id, "none")]

    assert (foreign.status, foreign.body) == (unknown.status, unknown.body)
    assert foreign.body["code"] == RejectCode.NO_DEAL_TO_RATE
    assert (await rate(house, buyer, contract_id)).status == 200


async def test_a_reverse_lot_has_no_sellers_band(house: House) -> None:
    market = await published(house)

    answer = await house.call(market.buyer, "GET", f"/v1/lots/{market.lot}/seller-score")

    assert (answer.status, answer.body["code"]) == (404, RejectCode.LOT_UNKNOWN)


async def test_words_of_no_rating_are_swept_after_a_day_and_last_words_stay(house: House) -> None:
    buyer, seller, contract_id = await a_deal(house)
    operator = await house.member(Role.OPERATOR)
    texts, used = house.gateway._feedback_texts, house.engine.views.feedback.text_hashes
    await rate(house, buyer, contract_id, text="replaced")
    await rate(house, seller, contract_id, text="refused")
    await rate(house, buyer, contract_id, text="last")

    house.clock.pass_us(IDEMPOTENCY_KEPT_US)
    early = await texts.sweep(used(), house.engine.now_us())
    await rate(house, seller, contract_id, text="refused")
    house.clock.pass_us(1)
    late = await texts.sweep(used(), house.engine.now_us())

    assert (early, late) == (0, 1), "what is written again is young again"
    (said,) = (await house.get(operator, f"/v1/members/{seller.member_id}/feedback"))["said"]
    assert said["text"] == "last"
