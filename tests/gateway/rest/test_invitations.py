"""Invitations over REST: listed and answered by their supplier, withdrawn before its first bid."""

from exchange.core.messages import Role
from tests.gateway.house import Answer, Holder, House
from tests.gateway.rest.test_sourcing import Market, draft, published


async def reply(market: Market, supplier: int, *, accept: bool) -> Answer:
    path = f"/v1/events/{market.event}/invitations/own"
    return await market.house.call(market.suppliers[supplier], "PUT", path, {"accept": accept})


async def withdraw(market: Market, supplier: int, by: Holder | None = None) -> Answer:
    path = f"/v1/events/{market.event}/invitations/{market.suppliers[supplier].member_id}"
    return await market.house.call(by or market.buyer, "DELETE", path)


async def test_a_supplier_lists_its_own_invitations_with_what_is_asked(house: House) -> None:
    market, other = await published(house), await published(house)
    buyer = await house.member(Role.BUYER)
    hidden = await draft(house, buyer)
    supplier = market.suppliers[0]
    await house.call(buyer, "POST", f"/v1/events/{hidden}/invitations", {"member_id": supplier.member_id})
    path = f"/v1/events/{market.event}/addenda"
    assert (await house.call(market.buyer, "POST", path, {"text": "New."})).status == 201
    await reply(market, 0, accept=True)

    own = await house.get(supplier, "/v1/invitations")

    assert own == {
        "invitations": [
            {
                "event_id": market.event,
                "title": "Office chairs",
                "state": "published",
                "open_at": "2026-01-01T13:00:00.000000Z",
                "invitation": "accepted",
                "terms_version": 1,
                "accepted_version": 0,
                "qualification_needed": False,
                "qualification": "awaited",
            }
        ],
        "next": "",
    }
    assert (await house.get(other.buyer, "/v1/invitations"))["invitations"] == []


async def test_who_declined_bids_no_more_unless_it_accepts_after_all(house: House) -> None:
    market = await published(house)
    await market.pass_until_open()

    declined = await reply(market, 0, accept=False)
    twice = await reply(market, 0, accept=False)
    bid = await market.bid(0, "80.00")
    accepted = await reply(market, 0, accept=True)
    taken = await market.bid(0, "80.00")
    late = await reply(market, 0, accept=False)

    assert [each.status for each in (declined, accepted, taken)] == [200, 200, 201]
    assert (twice.status, twice.body["reason"]) == (409, "INVITATION_ANSWERED")
    assert (bid.status, bid.body["reason"]) == (409, "INVITATION_DECLINED")
    assert (late.status, late.body["reason"]) == (409, "SUPPLIER_HAS_BID")
    people = await house.get(market.buyer, f"/v1/events/{market.event}/participants")
    said = {each["member_id"]: each["invitation"] for each in people["participants"]}
    assert said == {
        market.suppliers[0].member_id: "accepted",
        market.suppliers[1].member_id: "invited",
    }


async def test_a_withdrawn_invitation_leaves_no_event_and_can_be_made_again(house: House) -> None:
    market = await published(house)
    supplier, event = market.suppliers[0], f"/v1/events/{market.event}"
    await reply(market, 0, accept=False)

    withdrawn = await withdraw(market, 0)
    gone = [await house.call(supplier, "GET", path) for path in (event, f"/v1/lots/{market.lot}")]
    again = await withdraw(market, 0)
    invited = await house.call(
        market.buyer, "POST", f"{event}/invitations", {"member_id": supplier.member_id}
    )
    await market.pass_until_open()

    assert (withdrawn.status, invited.status) == (200, 200)
    assert [each.status for each in gone] == [404, 404]
    assert (again.status, again.body["reason"]) == (409, "NOT_INVITED")
    assert (await market.bid(0, "80.00")).status == 201


async def test_a_buyer_cannot_find_out_by_withdrawing_who_has_bid(house: House) -> None:
    market, operator = await published(house, suppliers=3), await house.member(Role.OPERATOR)
    await market.pass_until_open()
    await market.bid(0, "80.00")

    attempts = [await withdraw(market, supplier) for supplier in (0, 1)]
    by_operator = [await withdraw(market, supplier, operator) for supplier in (0, 1)]

    assert attempts[0].raw == attempts[1].raw
    assert (attempts[0].status, attempts[0].body["reason"]) == (409, "RULES_FIXED")
    assert by_operator[0].body["reason"] == "SUPPLIER_HAS_BID"
    assert by_operator[1].status == 200
    assert (await market.bid(1, "79.00")).body["reason"] == "LOT_UNKNOWN"


async def test_the_owner_of_a_withdrawn_supplier_can_be_invited_by_another_member(house: House) -> None:
    market = await published(house)
    operator = await house.member(Role.OPERATOR)
    owner = {"owner": market.suppliers[0].member_id}
    person = {"name": "n", "country": "GB", "contact": "c", "roles": ["seller"]}
    sister = (await house.call(operator, "POST", "/v1/members", person | owner)).body["member_id"]
    invite = f"/v1/events/{market.event}/invitations"

    early = await house.call(market.buyer, "POST", invite, {"member_id": sister})
    await withdraw(market, 0)
    late = await house.call(market.buyer, "POST", invite, {"member_id": sister})

    assert early.body["reason"] == "OWNER_ALREADY_INVITED"
    assert late.status == 200
