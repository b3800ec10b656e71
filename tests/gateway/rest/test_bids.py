"""Bids beyond making them, over REST and on the feeds of those whom they concern."""

from exchange.core.messages import Role
from tests.gateway.house import House
from tests.gateway.rest.test_lots import with_rules
from tests.gateway.rest.test_sourcing import Market, draft, published


async def test_a_bid_is_taken_back_once_and_its_bidder_falls_back(house: House) -> None:
    market = await with_rules(house, {"revocable": True})
    for who, price in ((0, "80.00"), (1, "79.00"), (0, "78.00")):
        assert (await market.bid(who, price)).status == 201
    path, body = f"/v1/lots/{market.lot}/revocations", {"number": 2, "reason": "A slip of the pen"}

    done = await house.call(market.suppliers[0], "POST", path, body)
    again = await house.call(market.suppliers[0], "POST", path, body)
    unknown = await house.call(market.suppliers[0], "POST", path, body | {"number": 3})
    await house.archive()

    assert (done.status, done.body["lot_id"]) == (201, market.lot)
    assert (again.status, again.body["reason"]) == (409, "BID_REVOKED")
    assert (unknown.status, unknown.body["reason"], unknown.body["bound"]) == (404, "BID_UNKNOWN", "2")
    lot = await house.get(market.suppliers[0], f"/v1/lots/{market.lot}")
    assert (lot["own_price"], lot["own_rank"], lot["lead_price"]) == ("80.00", 2, "79.00")
    listed = (await house.get(market.buyer, f"/v1/lots/{market.lot}/bids"))["bids"]
    assert [(bid["alias"], bid["number"], bid.get("revoked")) for bid in listed] == [
        (1, 1, None),
        (2, 1, None),
        (1, 2, "A slip of the pen"),
    ]


async def test_a_bid_whose_price_is_no_number_is_told_so_at_every_scale(house: House) -> None:
    buyer, seller = await house.member(Role.BUYER), await house.member(Role.SELLER)
    event = await draft(house, buyer, price_scale=0)
    whole = {"title": "Chairs", "quantity": 5, "ceiling_price": "100", "min_step": "1"}
    lot = (await house.call(buyer, "POST", f"/v1/events/{event}/lots", whole)).body["lot_id"]
    named = {"member_id": seller.member_id}
    await house.call(buyer, "POST", f"/v1/events/{event}/invitations", named)
    await house.call(buyer, "POST", f"/v1/events/{event}/publication")
    market = Market(house, buyer, [seller], event, lot)
    await market.pass_until_open()
    path, supplier = f"/v1/lots/{market.lot}/bids", market.suppliers[0]

    for body in ({}, {"price": ""}, {"price": "80\n"}, {"price": "80 "}, {"price": "８０"}, {"price": "8e1"}):
        refused = await house.call(supplier, "POST", path, body)
        assert (refused.status, refused.body["errors"][0]["field"]) == (422, "price"), body
    assert (await market.bid(0, "80")).status == 201


async def test_only_an_operator_takes_back_what_is_anothers(house: House) -> None:
    market, operator = await with_rules(house, {}), await house.member(Role.OPERATOR)
    await market.bid(0, "80.00")
    path, body = f"/v1/lots/{market.lot}/revocations", {"number": 1, "reason": "Asked by phone", "alias": 1}

    own = await house.call(market.suppliers[0], "POST", path, body | {"alias": 0})
    rival = await house.call(market.suppliers[1], "POST", path, body)
    done = await house.call(operator, "POST", path, body)

    assert (own.status, own.body["reason"]) == (409, "REVOCATION_NOT_ALLOWED")
    assert (rival.status, rival.body["reason"]) == (403, "ROLE_MISSING")
    assert done.status == 201
    assert (await house.get(market.buyer, f"/v1/lots/{market.lot}"))["prices"] == []


async def test_the_lot_bids_for_a_bidder_up_to_a_limit_that_nobody_else_is_shown(house: House) -> None:
    market, operator = await with_rules(house, {"proxies": True}), await house.member(Role.OPERATOR)
    path, lot = f"/v1/lots/{market.lot}/proxy", f"/v1/lots/{market.lot}"
    set_ = await house.call(market.suppliers[0], "PUT", path, {"price": "71.30"})
    await market.bid(1, "80.00")

    own = await house.get(market.suppliers[0], lot)
    others = [
        (await house.call(each, "GET", read)).raw
        for each in (market.suppliers[1], market.buyer, operator)
        for read in (lot, f"/v1/events/{market.event}")
    ]

    assert set_.status == 200
    assert (own["own_price"], own["own_rank"], own["own_limit"]) == ("79.50", 1, "71.30")
    assert not any(b"71.30" in raw or b"own_limit" in raw for raw in others)
    assert (await house.call(market.suppliers[0], "DELETE", path)).status == 200
    again = await house.call(market.suppliers[0], "DELETE", path)
    assert (again.status, again.body["reason"]) == (404, "NO_PROXY")


async def test_a_limit_is_refused_with_the_bound_that_it_missed(house: House) -> None:
    market = await with_rules(house, {"proxies": True})
    await market.bid(0, "80.00")

    small = await house.call(market.suppliers[0], "PUT", f"/v1/lots/{market.lot}/proxy", {"price": "79.90"})

    assert (small.status, small.body["reason"], small.body["bound"]) == (422, "STEP_TOO_SMALL", "79.50")


async def test_a_lot_that_takes_no_proxy_says_so(house: House) -> None:
    market = await with_rules(house, {})

    answer = await house.call(market.suppliers[0], "PUT", f"/v1/lots/{market.lot}/proxy", {"price": "70.00"})

    assert (answer.status, answer.body["reason"]) == (409, "PROXY_NOT_TAKEN")


async def test_an_operator_bids_for_a_supplier_and_the_bid_is_marked_as_such(house: House) -> None:
    market, operator = await with_rules(house, {"proxies": True}), await house.member(Role.OPERATOR)
    lot = f"/v1/lots/{market.lot}"
    body = {"member_id": market.suppliers[0].member_id, "price": "80.00", "reason": "By phone"}
    supplier = await house.call(market.suppliers[1], "POST", f"{lot}/surrogate-bids", body)
    made = await house.call(operator, "POST", f"{lot}/surrogate-bids", body)
    small = await house.call(operator, "POST", f"{lot}/surrogate-bids", body | {"price": "79.90"})
    uninvited = await house.call(
        operator,
        "POST",
        f"{lot}/surrogate-bids",
        body | {"member_id": (await house.member(Role.SELLER)).member_id},
    )
    await market.bid(0, "79.00")
    await house.archive()

    assert (supplier.status, supplier.body["reason"]) == (403, "ROLE_MISSING")
    assert made.status == 201
    assert (small.status, small.body["reason"], small.body["bound"]) == (422, "STEP_TOO_SMALL", "79.50")
    assert (uninvited.status, uninvited.body["reason"]) == (409, "NOT_INVITED")
    for reader in (market.buyer, operator, market.suppliers[0]):
        bids = (await house.get(reader, f"{lot}/bids"))["bids"]
        assert [bid.get("surrogate") for bid in bids] == ["By phone", None]
    assert (await house.get(market.buyer, lot))["prices"] == [{"alias": 1, "price": "79.00"}]
    again = {"number": 2, "reason": "A slip", "alias": 1}
    assert (await house.call(operator, "POST", f"{lot}/revocations", again)).status == 201
    assert (await house.get(market.buyer, lot))["prices"] == [
        {"alias": 1, "price": "80.00", "surrogate": True}
    ]


async def test_a_bid_that_is_required_before_the_opening_is_made_and_missed(house: House) -> None:
    market = await published(house, rules={"prebid": "required"})
    late = market.suppliers[1]
    lot = f"/v1/lots/{market.lot}"
    taken = await market.bid(0, "80.00")
    waiting = await house.get(late, lot)
    await market.pass_until_open()

    refused = await market.bid(1, "70.00")
    again = await market.bid(0, "79.00")

    assert (taken.status, again.status) == (201, 201)
    assert (waiting["state"], waiting["lead_price"], waiting["bid_max"]) == ("waiting", "80.00", "90.00")
    assert (refused.status, refused.body["reason"]) == (409, "PREBID_MISSING")
    seen = [(await house.get(each, lot))["bid_max"] for each in market.suppliers]
    assert seen == ["78.50", None]
    assert (await house.get(late, f"/v1/events/{market.event}"))["rules"] == {"prebid": "required"}
