"""Standstills over REST: an award is provisional, a bidder complains, the buyer answers, time makes it final."""

import asyncio

import pytest

from exchange.core.messages import Role
from exchange_client import Client
from exchange_client.own_awards import AwardState, OwnStandstillEnded
from exchange_client.shown import OwnAward
from exchange_client.updates import OwnUpdate
from tests.gateway.desks import a_client
from tests.gateway.house import Holder, House, a_house
from tests.gateway.rest.test_sourcing import MINUTE, Market, published

DAY = 24 * 60 * MINUTE
RULES: dict[str, object] = {"standstill_us": 10 * DAY, "results": "price"}
TEXT = {"text": "The winner's chairs are not certified."}


async def awarded(house: House, suppliers: int = 2) -> Market:
    market = await published(house, suppliers, rules=RULES)
    await market.pass_until_open()
    await bids_and_award(market)
    return market


async def bids_and_award(market: Market) -> None:
    for who, price in zip(range(len(market.suppliers)), ("80.00", "82.00", "85.00"), strict=False):
        assert (await market.bid(who, price)).status == 201
    await market.pass_until_closed()
    path = f"/v1/lots/{market.lot}/award"
    assert (await market.house.call(market.buyer, "POST", path, {"alias": 1})).status == 200


async def test_an_upheld_complaint_withdraws_the_award_and_the_next_one_is_final_in_time(
    house: House,
) -> None:
    market = await awarded(house)
    lot, winner, loser = f"/v1/lots/{market.lot}", *market.suppliers
    begun = await house.get(loser, f"{lot}/standstill")

    own = await house.call(winner, "POST", f"{lot}/complaints", TEXT)
    filed = await house.call(loser, "POST", f"{lot}/complaints", TEXT)
    again = await house.call(loser, "POST", f"{lot}/complaints", TEXT)
    to_buyer = await house.get(market.buyer, f"{lot}/standstill")
    to_winner = await house.get(winner, f"{lot}/standstill")
    answer = {"alias": 2, "uphold": True, "text": "You are right."}
    upheld = await house.call(market.buyer, "POST", f"{lot}/complaints/answer", answer)
    twice = await house.call(market.buyer, "POST", f"{lot}/complaints/answer", answer)
    to_loser = await house.get(loser, f"{lot}/standstill")
    other = await house.call(market.buyer, "POST", f"{lot}/award", {"alias": 2})
    house.clock.pass_us(11 * DAY)
    await house.instrument()

    assert (begun["state"], begun["until"], begun["complaints"]) == (
        "provisional",
        "2026-01-11T15:01:00.000000Z",
        [],
    )
    assert (own.status, own.body["reason"]) == (409, "NOT_A_BIDDER")
    assert (filed.status, again.status, again.body["reason"]) == (201, 409, "COMPLAINT_MADE")
    assert to_buyer["complaints"] == [{"state": "filed", "alias": 2} | TEXT]
    assert (to_buyer["state"], to_winner["state"], to_winner["complaints"]) == (
        "contested",
        "provisional",
        [],
    )
    assert (upheld.status, twice.status, twice.body["reason"]) == (200, 409, "COMPLAINT_UNKNOWN")
    assert to_loser["state"] == "withdrawn"
    assert to_loser["complaints"] == [{"state": "upheld", "answer": "You are right."} | TEXT]
    assert other.status == 200
    assert (await house.get(loser, f"{lot}/standstill"))["state"] == "final"
    late = await house.call(winner, "POST", f"{lot}/complaints", TEXT)
    assert (late.status, late.body["reason"]) == (409, "NO_STANDSTILL")


Told = OwnAward | OwnStandstillEnded


async def told(client: Client, until: AwardState) -> list[Told]:
    """What the own channel says of awards, up to a standstill that ended so."""
    seen = list[Told]()
    async with asyncio.timeout(30), client.own() as own:
        while not (seen and isinstance(seen[-1], OwnStandstillEnded) and seen[-1].state is until):
            update = await own.next()
            assert isinstance(update, OwnUpdate), "nothing was missed"
            seen += [each for each in update.events if isinstance(each, Told)]
    return seen


async def test_buyer_winner_and_loser_hear_at_once_how_a_standstill_ends(house: House) -> None:
    market = await published(house, rules=RULES)
    await market.pass_until_open()
    winner, loser = market.suppliers
    lot = f"/v1/lots/{market.lot}"
    async with (
        a_client(house, market.buyer) as buys,
        a_client(house, winner) as wins,
        a_client(house, loser) as loses,
    ):
        heard = [asyncio.create_task(told(each, AwardState.FINAL)) for each in (buys, wins, loses)]
        await bids_and_award(market)
        await house.call(loser, "POST", f"{lot}/complaints", TEXT)
        answer = {"alias": 2, "uphold": True, "text": "You are right."}
        await house.call(market.buyer, "POST", f"{lot}/complaints/answer", answer)
        await house.call(market.buyer, "POST", f"{lot}/award", {"alias": 1})
        house.clock.pass_us(11 * DAY)
        await house.instrument()
        to_buyer, to_winner, to_loser = await asyncio.gather(*heard)

    terms = 80_00, 500, 40_000_00, "EUR", 2, "", True
    ends = [OwnStandstillEnded(market.lot, state) for state in (AwardState.WITHDRAWN, AwardState.FINAL)]
    of_winner, of_buyer = (OwnAward(market.lot, each.member_id, *terms) for each in (winner, market.buyer))
    assert to_buyer == [of_winner, ends[0], of_winner, ends[1]]
    assert to_winner == [of_buyer, ends[0], of_buyer, ends[1]]
    assert to_loser == ends


async def test_words_of_a_complaint_stay_on_disk_and_strangers_read_nothing(house: House) -> None:
    market = await awarded(house)
    lot, stranger = f"/v1/lots/{market.lot}", await house.member(Role.SELLER)
    await house.call(market.suppliers[1], "POST", f"{lot}/complaints", TEXT)

    assert (await house.call(stranger, "GET", f"{lot}/standstill")).status == 404
    assert (await house.call(stranger, "POST", f"{lot}/complaints", TEXT)).status == 404


@pytest.mark.parametrize("uphold", [True, False])
async def test_a_third_bidder_cannot_tell_who_complained(house_database_url: str, uphold: bool) -> None:
    seen, names = [], list[Holder]()
    for swapped in (False, True):
        async with a_house(house_database_url) as house:
            market = await published(house, 3, rules=RULES)
            names, third = market.suppliers[:2], market.suppliers[2]
            actors = names[::-1] if swapped else names
            cast = Market(house, market.buyer, [*actors, third], market.event, market.lot)
            await cast.pass_until_open()
            await bids_and_award(cast)
            lot = f"/v1/lots/{market.lot}"
            contested = await house.call(actors[1], "POST", f"{lot}/complaints", TEXT)
            meanwhile = await house.call(third, "GET", f"{lot}/standstill")
            answer = {"alias": 2, "uphold": uphold, "text": "Read."}
            answered = await house.call(market.buyer, "POST", f"{lot}/complaints/answer", answer)
            assert (contested.status, answered.status) == (201, 200)
            await house.archive()
            paths = [lot, f"{lot}/result", f"{lot}/standstill", f"/v1/events/{market.event}"]
            answers = [meanwhile, *[await house.call(third, "GET", path) for path in paths]]
            seen.append([str(each.status).encode() + each.raw for each in answers])

    assert seen[0] == seen[1]
    assert b'"state":"provisional"' in seen[0][0]
    assert not any(each.member_id.encode() in b"".join(seen[0]) for each in names)
