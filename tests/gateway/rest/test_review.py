"""Reviews over REST: a closed lot is reopened, told to its suppliers, and won by the best bid of all."""

import pytest

from exchange.core.messages import Role
from tests.gateway.house import Holder, House, a_house
from tests.gateway.rest.test_sourcing import MINUTE, Market, published

HOUR = 60 * MINUTE
REVIEWED: dict[str, object] = {"review_us": 6 * HOUR, "reasons_asked": True}
AGAIN = {"close_at": "2026-01-01T17:00:00Z", "reason": "A drawing was wrong"}


async def closed(house: House, rules: dict[str, object]) -> Market:
    market = await published(house, rules=rules)
    await market.pass_until_open()
    for who, price in ((0, "80.00"), (1, "82.00")):
        assert (await market.bid(who, price)).status == 201
    await market.pass_until_closed()
    return market


async def test_a_closed_lot_is_reopened_and_whoever_is_not_the_best_is_awarded_for_a_reason(
    house: House,
) -> None:
    market = await closed(house, rules=REVIEWED)
    lot = f"/v1/lots/{market.lot}"

    reopened = await house.call(market.buyer, "POST", f"{lot}/reopening", AGAIN)
    seen = await house.get(market.suppliers[1], lot)
    bid = await market.bid(1, "79.00")
    early = await house.call(market.buyer, "POST", f"{lot}/award", {"alias": 2})
    await market.pass_until_closed()
    bare = await house.call(market.buyer, "POST", f"{lot}/award", {"alias": 1})
    awarded = await house.call(market.buyer, "POST", f"{lot}/award", {"alias": 1, "reason": "Nearer"})
    late = await house.call(market.buyer, "POST", f"{lot}/reopening", AGAIN)

    assert reopened.status == 200, reopened
    assert (seen["state"], seen["close_at"], seen["own_rank"]) == ("open", "2026-01-01T17:00:00.000000Z", 2)
    assert bid.status == 201
    assert (early.status, early.body["reason"]) == (409, "LOT_NOT_CLOSED")
    assert (bare.status, bare.body["reason"]) == (422, "AWARD_UNREASONED")
    assert awarded.status == 200
    assert (late.status, late.body["reason"]) == (409, "LOT_ALREADY_AWARDED")


async def test_after_its_review_a_lot_stays_closed_and_says_since_when(house: House) -> None:
    market = await closed(house, rules={"review_us": HOUR})
    house.clock.pass_us(HOUR)

    late = await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/reopening", AGAIN)
    strange = await house.call(market.suppliers[0], "POST", f"/v1/lots/{market.lot}/reopening", AGAIN)

    assert (late.status, late.body["reason"]) == (409, "REVIEW_OVER")
    assert late.body["bound"] == "2026-01-01T15:00:00.000000Z"
    assert strange.status in (403, 404)


@pytest.mark.parametrize("discloses", [True, False])
async def test_a_third_bidder_cannot_tell_who_bid_again_in_a_reopened_lot(
    house_database_url: str, discloses: bool
) -> None:
    seen, names = [], list[Holder]()
    for swapped in (False, True):
        async with a_house(house_database_url) as house:
            market = await published(house, 3, rules=REVIEWED, disclosure={"prices_by_alias": discloses})
            names, third = market.suppliers[:2], market.suppliers[2]
            actors = names[::-1] if swapped else names
            cast = Market(house, market.buyer, [*actors, third], market.event, market.lot)
            await live(cast)
            await house.archive()
            lot = f"/v1/lots/{market.lot}"
            paths = [lot, f"{lot}/result", f"{lot}/bids", f"/v1/events/{market.event}"]
            answers = [await house.call(third, "GET", path) for path in paths]
            seen.append([str(each.status).encode() + each.raw for each in answers])

    assert seen[0] == seen[1]
    assert b'"own_rank":3' in seen[0][0]
    assert not any(each.member_id.encode() in b"".join(seen[0]) for each in names)


async def live(cast: Market) -> None:
    """All bid, the lot is reopened, and one of the actors bids again and wins."""
    await cast.pass_until_open()
    for who, price in ((0, "80.00"), (1, "82.00"), (2, "85.00")):
        assert (await cast.bid(who, price)).status == 201
    await cast.pass_until_closed()
    lot = f"/v1/lots/{cast.lot}"
    assert (await cast.house.call(cast.buyer, "POST", f"{lot}/reopening", AGAIN)).status == 200
    assert (await cast.bid(1, "79.00")).status == 201
    await cast.pass_until_closed()
    assert (await cast.house.call(cast.buyer, "POST", f"{lot}/award", {"alias": 2})).status == 200
    await cast.house.member(Role.BUYER)
