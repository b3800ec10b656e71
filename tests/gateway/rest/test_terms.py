"""An event's terms over REST: accepted before the first bid, and again after every addendum."""

from typing import Any

import pytest

from exchange.core.messages import Role
from tests.gateway.house import Answer, Holder, House
from tests.gateway.rest.test_sourcing import LOT, Market, draft, published

PROXIES: dict[str, Any] = LOT | {"rules": {"proxies": True}}
DRAWING = {"name": "Drawing", "sha256": "a" * 64}


async def with_terms(house: House, lot: dict[str, Any] = LOT, **terms: Any) -> Market:
    """Two suppliers invited to an event with these terms."""
    buyer = await house.member(Role.BUYER)
    event = await draft(house, buyer)
    lot_id = (await house.call(buyer, "POST", f"/v1/events/{event}/lots", lot)).body["lot_id"]
    assert (await house.call(buyer, "PUT", f"/v1/events/{event}/terms", terms)).status == 200
    suppliers = [await house.member(Role.SELLER) for _ in range(2)]
    for each in suppliers:
        body = {"member_id": each.member_id}
        assert (await house.call(buyer, "POST", f"/v1/events/{event}/invitations", body)).status == 200
    assert (await house.call(buyer, "POST", f"/v1/events/{event}/publication")).status == 200
    return Market(house, buyer, suppliers, event, lot_id)


async def accept(market: Market, supplier: int, version: int) -> Answer:
    path = f"/v1/events/{market.event}/terms/acceptance"
    return await market.house.call(market.suppliers[supplier], "POST", path, {"version": version})


async def addendum(market: Market, text: str = "Delivery is a week later.") -> Answer:
    return await market.house.call(
        market.buyer, "POST", f"/v1/events/{market.event}/addenda", {"text": text, "documents": [DRAWING]}
    )


async def test_nobody_bids_before_it_has_accepted_the_terms_and_each_addendum(house: House) -> None:
    market = await with_terms(house, text="Paid in 30 days.")
    await market.pass_until_open()

    early = await market.bid(0, "80.00")
    accepted = await accept(market, 0, 1)
    taken = await market.bid(0, "80.00")
    added = await addendum(market)
    again = await market.bid(0, "79.00")
    stale = await accept(market, 0, 1)
    anew = await accept(market, 0, 2)
    last = await market.bid(0, "79.00")

    assert (early.status, early.body["reason"], early.body["bound"]) == (409, "TERMS_NOT_ACCEPTED", "1")
    assert [each.status for each in (accepted, taken, added, anew, last)] == [200, 201, 201, 200, 201]
    assert added.body["version"] == 2
    assert (again.body["reason"], again.body["bound"]) == ("TERMS_NOT_ACCEPTED", "2")
    assert (stale.status, stale.body["reason"], stale.body["bound"]) == (409, "TERMS_OTHER_VERSION", "2")


async def test_no_lot_bids_for_a_bidder_that_has_not_accepted_the_last_addendum(house: House) -> None:
    market = await with_terms(house, PROXIES, text="Paid in 30 days.")
    await market.pass_until_open()
    first, proxy = market.suppliers[0], f"/v1/lots/{market.lot}/proxy"
    for who in (0, 1):
        await accept(market, who, 1)
    assert (await house.call(first, "PUT", proxy, {"price": "70.00"})).status == 200

    await addendum(market)
    await accept(market, 1, 2)
    assert (await market.bid(1, "80.00")).status == 201
    unanswered = await house.get(market.buyer, f"/v1/lots/{market.lot}")
    early = await house.call(first, "PUT", proxy, {"price": "70.00"})
    await accept(market, 0, 2)
    anew = await house.call(first, "PUT", proxy, {"price": "70.00"})

    assert unanswered["prices"] == [{"alias": 2, "price": "80.00"}, {"alias": 1, "price": "90.00"}]
    assert (early.body["reason"], anew.status) == ("TERMS_NOT_ACCEPTED", 200)
    assert (await house.get(market.buyer, f"/v1/lots/{market.lot}"))["lead_price"] == "79.50"


async def test_whoever_may_see_the_event_reads_all_versions_and_a_supplier_its_own_acceptance(
    house: House,
) -> None:
    market = await with_terms(house, text="Paid in 30 days.\nNo partial delivery.", documents=[DRAWING])
    await accept(market, 0, 1)
    await addendum(market)
    path = f"/v1/events/{market.event}/terms"

    seen = [await house.get(each, path) for each in (*market.suppliers, market.buyer)]

    assert [each["version"] for each in seen[0]["versions"]] == [1, 2]
    assert seen[0]["versions"][0]["text"] == "Paid in 30 days.\nNo partial delivery."
    assert seen[0]["versions"][0]["documents"] == [DRAWING]
    assert [each.get("accepted") for each in seen] == [1, 0, None]
    assert (await house.call(await house.member(Role.SELLER), "GET", path)).status == 404


async def test_terms_that_are_taken_back_bind_nobody(house: House) -> None:
    market = await with_terms(house, text="")
    await market.pass_until_open()

    bid = await market.bid(0, "80.00")
    accepted = await accept(market, 0, 1)

    assert bid.status == 201
    assert (accepted.status, accepted.body["reason"]) == (409, "NO_TERMS")


async def test_an_addendum_binds_where_there_were_no_terms(house: House) -> None:
    market = await published(house)
    await market.pass_until_open()
    await addendum(market)

    assert (await market.bid(0, "80.00")).body["reason"] == "TERMS_NOT_ACCEPTED"
    assert (await accept(market, 0, 1)).status == 200
    assert (await market.bid(0, "80.00")).status == 201


async def test_a_repeated_request_is_the_same_request(house: House) -> None:
    market = await with_terms(house, text="Paid in 30 days.")
    path, key = f"/v1/events/{market.event}/addenda", {"Idempotency-Key": "once"}

    answers = [
        await house.call(market.buyer, "POST", path, {"text": "Later."}, headers=key) for _ in range(2)
    ]

    assert answers[0].status == 201 and answers[0].raw == answers[1].raw
    assert (await house.get(market.buyer, f"/v1/events/{market.event}/terms"))["version"] == 2


async def test_words_that_a_command_took_outlive_the_sweep_and_others_do_not(house: House) -> None:
    market = await with_terms(house, text="Paid in 30 days.")
    refused = await house.call(
        market.buyer, "PUT", f"/v1/events/{market.event}/terms", {"text": "Paid in 60 days."}
    )
    await house.archive()
    house.clock.pass_us(2 * 3_600_000_000)
    await house.instrument()
    await house.archive()

    swept = await house.gateway._deal_texts.sweep()

    assert refused.body["reason"] == "RULES_FIXED"
    assert swept == 1
    seen = await house.get(market.buyer, f"/v1/events/{market.event}/terms")
    assert [each["text"] for each in seen["versions"]] == ["Paid in 30 days."]


@pytest.mark.parametrize(
    "who,method,path,body,status,reason",
    [
        ("buyer", "PUT", "terms", {"text": "New."}, 409, "RULES_FIXED"),
        ("supplier", "PUT", "terms", {"text": "New."}, 403, "ROLE_MISSING"),
        ("supplier", "POST", "addenda", {"text": "New."}, 403, "ROLE_MISSING"),
        ("stranger", "POST", "terms/acceptance", {"version": 1}, 404, "EVENT_UNKNOWN"),
        ("buyer", "POST", "addenda", {"text": ""}, 422, "MALFORMED"),
        ("buyer", "POST", "addenda", {"text": "a\u0000b"}, 422, "MALFORMED"),
        ("buyer", "POST", "addenda", {"text": "a", "documents": [{"name": "x", "sha256": "y"}]}, 422, "MALFORMED"),
        ("supplier", "POST", "terms/acceptance", {"version": 0}, 422, "MALFORMED"),
        ("supplier", "POST", "terms/acceptance", {"version": 9}, 409, "TERMS_OTHER_VERSION"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_by_name(
    house: House, who: str, method: str, path: str, body: object, status: int, reason: str
) -> None:
    market = await with_terms(house, text="Paid in 30 days.")
    actors: dict[str, Holder] = {
        "buyer": market.buyer,
        "supplier": market.suppliers[0],
        "stranger": await house.member(Role.SELLER),
    }

    answer = await house.call(actors[who], method, f"/v1/events/{market.event}/{path}", body)

    assert (answer.status, answer.body["reason"]) == (status, reason)


async def test_a_draft_takes_no_addendum_and_an_event_that_is_over_neither(house: House) -> None:
    buyer = await house.member(Role.BUYER)
    event = await draft(house, buyer)
    path = f"/v1/events/{event}/addenda"
    early = await house.call(buyer, "POST", path, {"text": "New."})
    market = await with_terms(house, text="Paid in 30 days.")
    await market.pass_until_closed()
    late = await addendum(market)

    assert (early.status, early.body["reason"]) == (409, "EVENT_NOT_PUBLISHED")
    assert (late.status, late.body["reason"]) == (409, "EVENT_ENDED")
