"""Two worlds that differ in which of two suppliers bid before the opening: nobody else can tell them apart."""

import pytest

from exchange.core.messages import Role, SubmitBid, shown
from exchange.core.messages.bids import RevokeBid, SetProxy
from exchange.core.messages.lot_rules import EventRules, LotRules, Prebid
from exchange.core.messages.sourcing import AddLot, CreateEvent, Disclosure, InviteSupplier, PublishEvent
from exchange.core.messages.system import FireDeadlines
from tests.core.venue import SECOND
from tests.gateway.floor import Floor
from tests.gateway.house import Holder, House, a_house
from tests.gateway.rest.test_sourcing import Market, published

RULES = LotRules(proxies=True, revocable=True)
VIEWERS = ("s3", "b", "op", "x")
ALL_SHOWN = Disclosure(prices_by_alias=True, participant_count=True, gap=True)


def a_floor(prebid: Prebid, disclosure: Disclosure) -> Floor:
    """A published event of `b` that takes pre-bids; s1 and s2 are equals, s3 watches, x is not invited."""
    floor = Floor()
    for member_id in ("b", "s1", "s2", "s3", "x"):
        floor.member(member_id)
    floor.member("op", Role.OPERATOR)
    venue = floor.venue
    event = CreateEvent(
        title="E", currency="USD", open_at_us=venue.at_us + 60 * SECOND, duration_us=600 * SECOND,
        disclosure=disclosure, rules=EventRules(prebid=prebid),
    )  # fmt: skip
    venue.send("b", event, new_id="E")
    lot = AddLot(event_id="E", title="Bolts", quantity=10, ceiling_price=1_000, min_step=10, rules=RULES)
    venue.send("b", lot, new_id="L")
    for supplier in ("s1", "s2", "s3"):
        venue.send("b", InviteSupplier(event_id="E", member_id=supplier))
    venue.send("b", PublishEvent(event_id="E"))
    floor.commit()
    return floor


def heard(prebid: Prebid, disclosure: Disclosure, first: str, second: str) -> dict[str, list[bytes]]:
    """What everybody else is sent while these two bid before the opening and after it."""
    floor = a_floor(prebid, disclosure)
    callers = {viewer: floor.caller(viewer) for viewer in VIEWERS}
    for caller in callers.values():
        caller.say(shown.Subscribe("own"), shown.Subscribe("lot:L"))
    commands = (
        (first, SubmitBid(lot_id="L", price=900)),
        (second, SetProxy(lot_id="L", price=700)),
        (first, SubmitBid(lot_id="L", price=800)),
        (first, RevokeBid(lot_id="L", number=2, reason="A slip")),
        ("", FireDeadlines()),
        (first, SubmitBid(lot_id="L", price=650)),
    )
    for sender, command in commands:
        wait_us = 61 * SECOND if sender == "" else 1_000
        outcome = floor.venue.send(sender, command, after_us=wait_us)
        assert not outcome.reply.code, outcome
        floor.commit()
    late = floor.caller("s3")
    late.say(shown.Subscribe("lot:L"))
    callers["late"] = late
    return {viewer: caller.line.heard_bytes() for viewer, caller in callers.items()}


@pytest.mark.parametrize("prebid", [Prebid.OPEN, Prebid.REQUIRED])
@pytest.mark.parametrize("disclosure", [ALL_SHOWN, Disclosure(lead_price=False)], ids=["all", "ranks"])
def test_nobody_can_tell_which_of_two_suppliers_bid_before_the_opening(
    prebid: Prebid, disclosure: Disclosure
) -> None:
    worlds = [heard(prebid, disclosure, *pair) for pair in (("s1", "s2"), ("s2", "s1"))]

    for viewer in worlds[0]:
        assert worlds[0][viewer] == worlds[1][viewer], viewer
        told = b"".join(worlds[0][viewer])
        assert viewer == "op" or not any(name in told for name in (b'"s1"', b'"s2"')), viewer


async def test_nor_can_anybody_who_reads(house_database_url: str) -> None:
    seen, secrets = [], list[Holder]()
    for swapped in (False, True):
        async with a_house(house_database_url) as house:
            market = await published(
                house, 3, rules={"prebid": "required"}, disclosure={"prices_by_alias": True}
            )
            first, second, third = market.suppliers
            actors = [second, first] if swapped else [first, second]
            cast = Market(house, market.buyer, actors, market.event, market.lot)
            for number, price in ((0, "80.00"), (1, "79.00"), (0, "78.00")):
                assert (await cast.bid(number, price)).status == 201
            await house.archive()
            seen.append(await looks(house, market, third))
            secrets = [first, second]

    assert seen[0] == seen[1]
    assert b'"lead_price":"78.00"' in seen[0][1]
    assert not any(each.member_id.encode() in b"".join(seen[0]) for each in secrets)


async def looks(house: House, market: Market, viewer: Holder) -> list[bytes]:
    """At everything of the event, and at a bid of its own that is refused."""
    event, lot = f"/v1/events/{market.event}", f"/v1/lots/{market.lot}"
    paths = (event, lot, f"{lot}/bids", f"{lot}/result", "/v1/events", "/v1/invitations")
    answers = [await house.call(viewer, "GET", path) for path in paths]
    refused = await house.call(viewer, "POST", f"{lot}/bids", {"price": "77.90"})
    return [str(each.status).encode() + each.raw for each in (*answers, refused)]
