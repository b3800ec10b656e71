"""Bids that are wrong, one row each: refused by name, with the bound that was missed, and nothing changes."""

import pytest

from exchange.core.messages import Role
from tests.gateway.bad_input import Case, Stage, a_bid, closes, holds, live, named, posted
from tests.gateway.house import House
from tests.gateway.rest.test_qualification import asking
from tests.gateway.rest.test_sourcing import LOT, Market, draft, published
from tests.gateway.rest.test_terms import with_terms

OPENS = 1_767_272_400_000_000
"""13:00."""
NOTHING = "Nothing is left to do."
REASON = {"reason": "A mistake"}
BOND = {"bid_bond_amount": "100.00"}
A_REVOCATION = {"type": "revoke_bid", "number": 1, "reason": "A slip"}


async def waiting(house: House) -> Market:
    return await published(house)


async def as_a_stranger(house: House) -> Market:
    """The second supplier was never invited."""
    market = await live(bids=((0, "85.00"),))(house)
    market.suppliers[1] = await house.member(Role.SELLER)
    return market


async def as_the_buyer(house: House) -> Market:
    """The second supplier is the buyer, who sells, too."""
    buyer = await house.member(Role.BUYER, Role.SELLER)
    event = await draft(house, buyer)
    lot = (await house.call(buyer, "POST", f"/v1/events/{event}/lots", LOT)).body["lot_id"]
    market = Market(house, buyer, [await house.member(Role.SELLER), buyer], event, lot)
    await posted("/v1/events/{event}/invitations", {"member_id": market.suppliers[0].member_id})(market)
    await posted("/v1/events/{event}/publication")(market)
    await market.pass_until_open()
    return market


async def unqualified(house: House) -> Market:
    market = await asking(house)
    await market.pass_until_open()
    return market


def under_terms(*steps: object) -> Stage:
    """Terms that the second supplier has not accepted; with an addendum where there are steps."""

    async def stage(house: House) -> Market:
        market = await with_terms(house, text="Paid in 30 days.")
        await market.pass_until_open()
        if steps:
            await posted("/v1/events/{event}/terms/acceptance", {"version": 1}, who=1)(market)
            body = {"text": "A week later.", "documents": []}
            await posted("/v1/events/{event}/addenda", body)(market)
        return market

    return stage


WEIGHED = {"name": "stock", "options": [{"name": "no", "weight_bps": 0}, {"name": "yes", "weight_bps": 500}]}
BY_WHOM = [
    Case("late", live(None, closes), a_bid(8400), "LOT_NOT_OPEN", "It could take them until 2026-01-01T14:00:00.000000Z."),
    Case("too early", waiting, a_bid(8400), "LOT_NOT_OPEN_YET", "Bid from 2026-01-01T13:00:00.000000Z on: it opens then.", OPENS),
    Case("not invited", as_a_stranger, a_bid(8400), "LOT_UNKNOWN", "Check the lot id.", field="lot_id"),
    Case("invitation declined", live(None, posted("/v1/events/{event}/invitations/own", {"accept": False}, who=1, method="PUT"), bids=()), a_bid(8400), "INVITATION_DECLINED", "Accept it first."),
    Case("by the buyer", as_the_buyer, a_bid(8400), "OWN_EVENT", NOTHING),
    Case("not qualified", unqualified, a_bid(8400), "NOT_QUALIFIED", "Answer the questionnaire, or ask the buyer."),
    Case("terms not accepted", under_terms(), a_bid(8400), "TERMS_NOT_ACCEPTED", "Accept the terms first; their version is 1.", 1),
    Case("terms not accepted again after an addendum", under_terms("addendum"), a_bid(8400), "TERMS_NOT_ACCEPTED", "Accept the terms first; their version is 2.", 2),
    Case("without the bond", live(bids=(), event_rules=BOND), a_bid(8400), "BOND_MISSING", "Place the bond of 100.00 first.", 100_00),
    Case("paused", live(None, posted("/v1/events/{event}/pause", REASON)), a_bid(8400), "EVENT_PAUSED", "Wait until it goes on."),
    Case("in a cancelled event", live(None, posted("/v1/events/{event}/cancellation", REASON)), a_bid(8400), "LOT_NOT_OPEN", NOTHING),
    Case("in a lot that was ended", live(None, posted("/v1/lots/{lot}/end", REASON)), a_bid(8400), "LOT_NOT_OPEN", NOTHING),
    Case("without the bid before the opening", live(bids=(), event_rules={"prebid": "required", "if_too_few": "continue"}), a_bid(8400), "PREBID_MISSING", "Bid before the opening next time."),
    Case("without what a scored lot asks for", live({"scoring": {"features": [WEIGHED]}}, bids=()), a_bid(8400), "DECLARATION_MISSING", "Declare your options and amounts first."),
    Case("wrong lot", live(), a_bid(8400, lot_id="L" * 22), "LOT_UNKNOWN", "Check the lot id.", field="lot_id"),
    Case("wrong currency", live(), a_bid(8400, currency="USD"), "CURRENCY_OTHER", "Bid in the currency that you chose, or without one in the event's.", field="currency"),
    Case("wrong scale", live(), a_bid(840_000), "BID_ABOVE_CEILING", "Bid 90.00 or lower.", 90_00, "price"),
]  # fmt: skip


@pytest.mark.parametrize("case", BY_WHOM, ids=named)
async def test_a_bid_at_the_wrong_place_or_time_is_refused_by_name(house: House, case: Case) -> None:
    await holds(house, case)


AT_PRICES = [
    Case("too small a step", live(), a_bid(85_80), "STEP_TOO_SMALL", "Bid 85.50 or lower; one step is 0.50.", 85_50, "price"),
    Case("too small a step to take the lead", live(), a_bid(84_80), "STEP_TOO_SMALL", "Bid 84.50 or lower; one step is 0.50.", 84_50, "price"),
    Case("too big a step", live({"max_step": "5.00"}), a_bid(80_90), "STEP_TOO_LARGE", "Bid no lower than 81.00.", 81_00, "price"),
    Case("over the ceiling", live(), a_bid(90_10), "BID_ABOVE_CEILING", "Bid 90.00 or lower.", 90_00, "price"),
    Case("below the floor", live({"floor_price": "50.00"}), a_bid(49_90), "BID_BELOW_FLOOR", "Bid 50.00 or higher.", 50_00, "price"),
    Case("off the tick", live(), a_bid(84_05), "PRICE_OFF_TICK", "Use a multiple of 0.10.", 10, "price"),
    Case("the own price again", live(), a_bid(86_00), "STEP_TOO_SMALL", "Bid 85.50 or lower; one step is 0.50.", 85_50, "price"),
    Case("in the wrong direction", live(), a_bid(87_00), "STEP_TOO_SMALL", "Bid 85.50 or lower; one step is 0.50.", 85_50, "price"),
    Case("no whole number of steps", live({"step_multiple_only": True}), a_bid(84_30), "STEP_NOT_MULTIPLE", "Bid 84.00.", 84_00, "price"),
    Case("a tie where there may be none", live({"tie_policy": "forbid_any"}), a_bid(85_00), "TIE_FORBIDDEN", "Bid 84.50 or lower.", 84_50, "price"),
    Case("within the buffer behind the lead", live({"back_buffer": "0.80"}), a_bid(85_50), "TOO_NEAR_LEAD", "Bid 85.00, or higher.", 85_00, "price"),
    Case("a first bid that doesn't qualify", live({"qualification_price": "80.00"}, bids=()), a_bid(84_00), "NOT_QUALIFYING", "Bid 80.00 or lower.", 80_00, "price"),
    Case("too small a step on a lead that is hidden", live({"improve_on": "market_lead"}, bids=((0, "85.00"),), disclosure={"lead_price": False}), a_bid(84_80), "STEP_TOO_SMALL", "Try another: no bound can be told, or none is left.", 0, "price"),
    Case("too small a step in a forward lot", live({"floor_price": "10.00"}, bids=((0, "11.00"), (1, "10.00")), event_rules={"direction": "forward"}), a_bid(10_30), "STEP_TOO_SMALL", "Bid 10.50 or higher; one step is 0.50.", 10_50, "price"),
    Case("too big a step in a forward lot", live({"floor_price": "10.00", "max_step": "5.00"}, bids=((0, "11.00"), (1, "10.00")), event_rules={"direction": "forward"}), a_bid(15_10), "STEP_TOO_LARGE", "Bid no higher than 15.00.", 15_00, "price"),
    Case("below the opening of a forward lot", live({"floor_price": "10.00"}, bids=(), event_rules={"direction": "forward"}), a_bid(9_90), "BID_BELOW_FLOOR", "Bid 10.00 or higher.", 10_00, "price"),
    Case("in the wrong direction of a forward lot", live({"floor_price": "10.00"}, bids=((0, "12.00"), (1, "11.00")), event_rules={"direction": "forward"}), a_bid(10_50), "STEP_TOO_SMALL", "Bid 11.50 or higher; one step is 0.50.", 11_50, "price"),
    Case("over the ceiling in a practice event", live(practice=True), a_bid(90_10), "BID_ABOVE_CEILING", "Bid 90.00 or lower.", 90_00, "price"),
    Case("unit prices where the lot has no lines", live(), a_bid(84_00, lines=[84_00]), "LOT_WITHOUT_LINES", "Bid a price alone.", field="lines"),
    Case("a discount where there is none", live(), a_bid(84_00, discount_bps=100), "LOT_WITHOUT_DISCOUNT", "Bid a price.", field="discount_bps"),
]  # fmt: skip


@pytest.mark.parametrize("case", AT_PRICES, ids=named)
async def test_a_bid_at_a_wrong_price_is_refused_by_name_with_its_bound(house: House, case: Case) -> None:
    await holds(house, case)


TAKEN_BACK = [
    Case("revoked twice", live({"revocable": True}, posted("/v1/lots/{lot}/revocations", {"number": 1, "reason": "A slip"}, who=1)), A_REVOCATION, "BID_REVOKED", "Use a bid that stands.", field="number"),
    Case("revoked before it was made", live({"revocable": True}), A_REVOCATION | {"number": 2}, "BID_UNKNOWN", "Name one up to 1.", 1, "number"),
    Case("revoked where bids stand", live(), A_REVOCATION, "REVOCATION_NOT_ALLOWED", "Ask the operator."),
    Case("revoked too late", live({"revocable": True}, closes), A_REVOCATION, "LOT_NOT_OPEN", "It could take them until 2026-01-01T14:00:00.000000Z."),
    Case("a proxy where there is none", live(), {"type": "set_proxy", "price": 80_00}, "PROXY_NOT_TAKEN", "Bid yourself."),
    Case("a level accepted where there is none", live(), {"type": "accept_level", "price": 80_00}, "OTHER_FORMAT", "Bid as its format asks."),
    Case("sealed where bids are open", live(), {"type": "submit_envelope", "envelope": "A" * 384}, "LOT_NOT_SEALED", "Bid as its format says."),
    Case("bought at once where it is not for sale", live({"buy_now_price": "80.00", "floor_price": "10.00"}, bids=((0, "10.00"),), event_rules={"direction": "forward"}), {"type": "buy_now", "price": 80_00}, "BUY_NOW_GONE", "Bid for it."),
    Case("bought at once for another price", live({"buy_now_price": "80.00", "floor_price": "10.00"}, bids=(), event_rules={"direction": "forward"}), {"type": "buy_now", "price": 70_00}, "BUY_NOW_PRICE_OTHER", "Send 80.00, if you accept it.", 80_00, "price"),
]  # fmt: skip


@pytest.mark.parametrize("case", TAKEN_BACK, ids=named)
async def test_another_wish_than_a_bid_is_refused_where_the_lot_takes_none(house: House, case: Case) -> None:
    await holds(house, case)
