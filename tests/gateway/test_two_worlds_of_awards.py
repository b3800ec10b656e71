"""Two worlds that differ only in which of two suppliers won and defaulted: a third bidder cannot tell them apart."""

import pytest

from exchange.core.messages import Role, TopUp
from tests.gateway.house import Holder, House, a_house
from tests.gateway.rest.test_sourcing import LOT, Market, draft

BOND = 100_00


async def an_event(house: House, results: str) -> tuple[Market, Holder]:
    """Bonds are asked for; two equals, and a third supplier."""
    operator, buyer = await house.member(Role.OPERATOR), await house.member(Role.BUYER)
    rules = {"bid_bond_amount": "100.00", "results": results}
    event = await draft(house, buyer, rules=rules, disclosure={"prices_by_alias": True})
    path = f"/v1/events/{event}"
    lot = (await house.call(buyer, "POST", f"{path}/lots", LOT | {"quantity": 10})).body["lot_id"]
    suppliers = [await house.member(Role.SELLER) for _ in range(3)]
    for number, each in enumerate(suppliers):
        await house.call(buyer, "POST", f"{path}/invitations", {"member_id": each.member_id})
        paid = TopUp(transfer_id=f"t-{number}", member_id=each.member_id, currency="EUR", amount_minor=BOND)
        await house.do(operator.member_id, paid)
    assert (await house.call(buyer, "POST", f"{path}/publication")).status == 200
    return Market(house, buyer, suppliers[:2], event, lot), suppliers[2]


async def live(market: Market, actors: list[Holder], third: Holder) -> None:
    """All place bonds and bid; both actors win a part, the first defaults, and the second wins the whole."""
    house = market.house
    for each in (*actors, third):
        placed = await house.call(each, "POST", f"/v1/events/{market.event}/bond")
        assert placed.status == 201, placed
    cast = Market(house, market.buyer, [*actors, third], market.event, market.lot)
    await cast.pass_until_open()
    for number, price in ((0, "78.00"), (1, "79.00"), (2, "80.00")):
        assert (await cast.bid(number, price)).status == 201
    house.clock.pass_us(24 * 3_600_000_000)
    await house.member(Role.BUYER)
    split = {"parts": [{"alias": 1, "quantity": 6}, {"alias": 2, "quantity": 4}], "reason": "Two plants"}
    default = {"alias": 1, "reason": "No delivery"}
    whole = {"parts": [{"alias": 2, "quantity": 10}]}
    for where, body in (("split", split), ("default", default), ("split", whole)):
        answer = await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/{where}", body)
        assert answer.status == 200, answer


@pytest.mark.parametrize("results", ["own", "price"])
async def test_a_third_bidder_cannot_tell_who_won_and_who_defaulted(
    house_database_url: str, results: str
) -> None:
    seen, secrets = [], list[Holder]()
    for swapped in (False, True):
        async with a_house(house_database_url) as house:
            market, third = await an_event(house, results)
            await live(market, market.suppliers[::-1] if swapped else market.suppliers, third)
            await house.archive()
            lot = f"/v1/lots/{market.lot}"
            paths = [lot, f"{lot}/result", f"{lot}/bids", f"/v1/events/{market.event}", "/v1/accounts"]
            answers = [await house.call(third, "GET", path) for path in [*paths, "/v1/postings"]]
            seen.append([str(each.status).encode() + each.raw for each in answers])
            secrets = market.suppliers

    assert seen[0] == seen[1]
    assert b'"own_rank":3' in seen[0][1]
    assert (b'"price":"79' in seen[0][1]) == (results == "price")
    assert not any(each.member_id.encode() in b"".join(seen[0]) for each in secrets)
