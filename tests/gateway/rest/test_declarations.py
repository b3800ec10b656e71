"""Scored lots over REST: drafted with their criteria, declared for, bid for and read, each in its own terms."""

from typing import Any

import pytest

from exchange.core.messages import Role
from exchange.core.messages.scoring import SubmitDeclaration
from exchange.core.messages.sourcing import SubmitBid
from tests.gateway.house import House
from tests.gateway.rest.test_sourcing import LOT, Market, draft

SCORING = {
    "features": [
        {
            "name": "Warranty",
            "options": [{"name": "1 year", "weight_bps": 0}, {"name": "3 years", "weight_bps": 1_000}],
        }
    ],
    "costs": [{"name": "kWh a year", "price": "0.20"}],
    "transformed": True,
}


async def scored(house: House, scoring: dict[str, Any] = SCORING) -> Market:
    """A published lot that isn't open yet, with two suppliers."""
    buyer = await house.member(Role.BUYER)
    event = await draft(house, buyer)
    made = await house.call(buyer, "POST", f"/v1/events/{event}/lots", LOT | {"rules": {"scoring": scoring}})
    assert made.status == 201, made
    suppliers = [await house.member(Role.SELLER) for _ in range(2)]
    for supplier in suppliers:
        body = {"member_id": supplier.member_id}
        assert (await house.call(buyer, "POST", f"/v1/events/{event}/invitations", body)).status == 200
    assert (await house.call(buyer, "POST", f"/v1/events/{event}/publication")).status == 200
    return Market(house, buyer, suppliers, event, made.body["lot_id"])


async def test_a_scored_lot_lives_over_rest_from_its_draft_to_its_award(house: House) -> None:
    market = await scored(house)
    lot, (one, other) = f"/v1/lots/{market.lot}", market.suppliers
    body = {"factor": "1.05", "addend": "-1.5"}
    set_path = f"{lot}/transformations/{other.member_id}"
    assert (await house.call(market.buyer, "PUT", set_path, body)).status == 200
    await market.pass_until_open()

    missing = await market.bid(0, "80.00")
    for supplier, options, amounts in ((one, [2], [0]), (other, [1], [10])):
        declared = {"options": options, "amounts": amounts}
        assert (await house.call(supplier, "PUT", f"{lot}/declaration", declared)).status == 200
    assert (await market.bid(0, "80.00")).status == 201
    assert (await market.bid(1, "75.00")).status == 201

    assert (missing.status, missing.body["reason"]) == (409, "DECLARATION_MISSING")
    to_one, to_other = await house.get(one, lot), await house.get(other, lot)
    assert to_one["rules"]["scoring"] == SCORING
    assert to_one["own_score"] == {
        "options": [2], "amounts": [0], "factor": "1.000000", "addend": "0.00", "compared": "72.00",
    }  # fmt: skip
    assert to_other["own_score"]["compared"] == "79.25"  # 78.75 - 1.50 + 2.00
    assert (to_one["lead_price"], to_one["own_rank"]) == ("80.00", 1)
    assert (to_other["lead_price"], to_other["own_rank"]) == ("68.00", 2)  # 1.05 x 68.095 + 0.50 = 72
    operator = await house.get(await house.member(Role.OPERATOR), lot)
    assert operator["scores"] == [
        {"alias": 1, "compared": "72.00", "options": [2], "amounts": [0]},
        {"alias": 2, "compared": "79.25", "options": [1], "amounts": [10]},
    ]
    assert "scores" not in await house.get(market.buyer, lot)
    await market.pass_until_closed()
    awarded = await house.call(market.buyer, "POST", f"{lot}/award", {"alias": 1})
    assert awarded.status == 200


@pytest.mark.parametrize(
    "scoring,reason,field",
    [
        ({}, "SCORING_CONTRADICTS", "rules.scoring"),
        (
            {"features": [{"name": "a", "options": [{"name": "x", "weight_bps": 0}, {"name": "y", "weight_bps": 9001}]}]},
            "SCORING_CONTRADICTS",
            "rules.scoring.features",
        ),
        ({"costs": [{"name": "a", "price": "0.001"}]}, "MALFORMED", "rules.scoring.costs"),
    ],
)  # fmt: skip
async def test_criteria_that_do_not_fit_are_refused_by_field(
    house: House, scoring: dict[str, Any], reason: str, field: str
) -> None:
    buyer = await house.member(Role.BUYER)
    event = await draft(house, buyer)

    refused = await house.call(
        buyer, "POST", f"/v1/events/{event}/lots", LOT | {"rules": {"scoring": scoring}}
    )

    assert (refused.status, refused.body["reason"]) == (422, reason)
    assert field in refused.raw.decode()


@pytest.mark.parametrize(
    "body,status",
    [
        ({"factor": "1.0000001"}, 422),
        ({"factor": "0"}, 422),
        ({"factor": "100.000001"}, 422),
        ({"addend": "0.001"}, 422),
        ({"addend": "-0.01"}, 200),
        ({}, 200),
    ],
)
async def test_a_transformation_is_exact_or_refused(house: House, body: dict[str, str], status: int) -> None:
    market = await scored(house)
    path = f"/v1/lots/{market.lot}/transformations/{market.suppliers[0].member_id}"

    assert (await house.call(market.buyer, "PUT", path, body)).status == status


async def test_a_declaration_by_the_session_and_one_by_rest_are_the_same(house: House) -> None:
    market = await scored(house)
    lot, (one, other) = f"/v1/lots/{market.lot}", market.suppliers
    command = SubmitDeclaration(lot_id=market.lot, options=(2,), amounts=(3,))
    assert not (await house.do(one.member_id, command)).code
    assert (
        await house.call(other, "PUT", f"{lot}/declaration", {"options": [2], "amounts": [3]})
    ).status == 200
    await market.pass_until_open()

    assert not (await house.do(one.member_id, SubmitBid(lot_id=market.lot, price=8_000))).code
    scores = [(await house.get(each, lot))["own_score"] for each in (one, other)]

    assert scores[0] == scores[1] | {"compared": "72.54"}
