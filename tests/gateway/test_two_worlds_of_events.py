"""Two worlds that differ only in which of two suppliers did what before the bids: nobody else can tell them apart."""

from collections.abc import Awaitable, Callable

import pytest

from exchange.core.messages import Role
from tests.gateway.house import Holder, House, a_house
from tests.gateway.rest.test_qualification import ANSWERS, QUESTIONS
from tests.gateway.rest.test_sourcing import LOT, Market, draft

PATHS = ("", "/terms", "/questionnaire", "/participants", "/inquiries", "/monitor", "/report")


async def an_event(house: House) -> tuple[Market, list[Holder]]:
    """Terms and a questionnaire; two equals, a third supplier, and somebody who isn't invited."""
    buyer = await house.member(Role.BUYER)
    event = await draft(house, buyer, disclosure={"prices_by_alias": True})
    path = f"/v1/events/{event}"
    lot = (await house.call(buyer, "POST", f"{path}/lots", LOT)).body["lot_id"]
    await house.call(buyer, "PUT", f"{path}/terms", {"text": "Paid in 30 days."})
    await house.call(buyer, "PUT", f"{path}/questionnaire", {"questions": QUESTIONS})
    suppliers = [await house.member(Role.SELLER) for _ in range(3)]
    for each in suppliers:
        await house.call(buyer, "POST", f"{path}/invitations", {"member_id": each.member_id})
    assert (await house.call(buyer, "POST", f"{path}/publication")).status == 200
    stranger = await house.member(Role.BUYER, Role.SELLER)
    return Market(house, buyer, suppliers[:2], event, lot), [suppliers[2], stranger]


async def live(market: Market, actors: list[Holder]) -> None:
    """Both qualify with different answers, one is refused first; both accept and bid."""
    house, path = market.house, f"/v1/events/{market.event}"

    async def done(holder: Holder, method: str, where: str, body: object) -> None:
        house.clock.pass_us(1_000)
        answer = await house.call(holder, method, path + where, body)
        assert answer.status < 300, answer

    first, second = actors
    decision = "/participants/{}/qualification"
    inquiries = []
    for each in (first, second, second):
        house.clock.pass_us(1_000)
        asked = await house.call(each, "POST", f"{path}/inquiries", {"text": "Are black chairs fine too?"})
        inquiries.append(asked.body["inquiry_id"])
    for inquiry in inquiries[:2]:
        answer = {"text": "Yes."}
        assert (
            await house.call(market.buyer, "PUT", f"/v1/inquiries/{inquiry}/answer", answer)
        ).status == 200
    await done(second, "PUT", "/invitations/own", {"accept": False})
    for each in actors:
        await done(each, "PUT", "/invitations/own", {"accept": True})
    await done(first, "PUT", "/questionnaire/answers", {"answers": ANSWERS})
    await done(second, "PUT", "/questionnaire/answers", {"answers": ANSWERS[:3]})
    refusal = {"approve": False, "reason": "Tell more."}
    await done(market.buyer, "PUT", decision.format(second.member_id), refusal)
    await done(second, "PUT", "/questionnaire/answers", {"answers": ANSWERS})
    for each in actors:
        await done(market.buyer, "PUT", decision.format(each.member_id), {"approve": True})
    await done(first, "POST", "/terms/acceptance", {"version": 1})
    await done(market.buyer, "POST", "/addenda", {"text": "Delivery is later."})
    for each in actors:
        await done(each, "POST", "/terms/acceptance", {"version": 2})
    cast = Market(house, market.buyer, actors, market.event, market.lot)
    await cast.pass_until_open()
    for number, price in ((0, "80.00"), (1, "79.00"), (0, "78.00")):
        assert (await cast.bid(number, price)).status == 201


Look = Callable[[House, Market, Holder], Awaitable[list[bytes]]]


async def seen_by(house: House, market: Market, viewer: Holder) -> list[bytes]:
    paths = [f"/v1/events/{market.event}{each}" for each in PATHS]
    paths += ["/v1/events", f"/v1/lots/{market.lot}", f"/v1/lots/{market.lot}/bids"]
    answers = [await house.call(viewer, "GET", path) for path in paths]
    return [str(each.status).encode() + each.raw for each in answers]


@pytest.mark.parametrize("viewer", [0, 1])
async def test_no_third_party_can_tell_which_of_two_suppliers_it_was(
    house_database_url: str, viewer: int
) -> None:
    seen, secrets = [], list[Holder]()
    for swapped in (False, True):
        async with a_house(house_database_url) as house:
            market, others = await an_event(house)
            await live(market, market.suppliers[::-1] if swapped else market.suppliers)
            await house.archive()
            seen.append(await seen_by(house, market, others[viewer]))
            secrets = market.suppliers

    assert seen[0] == seen[1]
    assert not any(each.member_id.encode() in b"".join(seen[0]) for each in secrets)


async def test_to_the_buyer_only_what_it_decided_on_differs(house_database_url: str) -> None:
    """It knows whom it invited and what they answered, and can't tell from that who is behind which bid."""
    seen = []
    for swapped in (False, True):
        async with a_house(house_database_url) as house:
            market, _ = await an_event(house)
            await live(market, market.suppliers[::-1] if swapped else market.suppliers)
            await house.archive()
            seen.append(await seen_by(house, market, market.buyer))

    assert seen[0] == seen[1], "both ended with equal answers and decisions"
