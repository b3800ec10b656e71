"""Defects of other engines of timed auctions that lie in their pages, countdowns and feeds, as the case that ours gets right."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from exchange.core.messages import shown
from exchange.core.messages.sourcing import Disclosure
from tests.client.test_against_exchange import _until, a_client
from tests.gateway.house import House
from tests.gateway.rest.test_sourcing import Market, published
from tests.gateway.test_feed_lots import LOT, an_open_lot, bid

HOUR_US = 3_600_000_000


def words(answer: Any) -> Iterator[str]:
    """Every text in an answer that isn't empty."""
    if isinstance(answer, str):
        yield from filter(None, [answer])
    elif isinstance(answer, dict):
        for each in answer.values():
            yield from words(each)
    elif isinstance(answer, list):
        for each in answer:
            yield from words(each)


async def test_no_id_of_a_bid_is_on_a_page_that_names_its_supplier(house: House) -> None:
    market = await published(house)
    await market.pass_until_open()
    for who, price in ((0, "80.00"), (1, "79.00"), (0, "78.00")):
        house.clock.pass_us(1_000)
        assert (await market.bid(who, price)).status == 201
    await house.archive()
    event, lot = f"/v1/events/{market.event}", f"/v1/lots/{market.lot}"

    bids = await house.get(market.buyer, f"{lot}/bids")
    named = await house.get(market.buyer, f"{event}/participants")
    monitor = await house.get(market.buyer, f"{event}/monitor")

    suppliers = {each.member_id for each in market.suppliers}
    assert suppliers <= set(words(named)) and suppliers <= set(words(monitor["suppliers"]))
    of_bids = {*words(bids), *words(monitor["lots"])}
    assert not suppliers & of_bids
    assert not of_bids & {*words(named), *words(monitor["suppliers"])}
    assert [(each["alias"], each["number"]) for each in bids["bids"]] == [(1, 1), (2, 1), (1, 2)]


def test_a_change_is_sent_and_not_the_lot_again() -> None:
    floor = an_open_lot(Disclosure())
    caller = floor.caller("s1")
    caller.say(shown.Subscribe(LOT))
    whole = caller.line.heard_bytes()[-1]

    bid(floor, "s2", 900)

    (told,) = caller.line.heard()
    assert isinstance(told, shown.LotDelta) and b'"title":"Bolts"' in whole
    assert told.changed == {"lead_price": 900}


def _us(instant: str) -> int:
    return int(datetime.fromisoformat(instant).timestamp()) * 1_000_000 + int(instant[-7:-1])


async def _pass_to(market: Market, before_us: int) -> int:
    """So many microseconds before the close that a supplier is shown; that close."""
    house = market.house
    close_us = _us((await house.get(market.suppliers[0], f"/v1/lots/{market.lot}"))["close_at"])
    house.clock.pass_us(close_us - before_us - house.engine.now_us())
    return close_us


async def test_the_countdown_is_to_the_microsecond_and_ends_with_the_last_bid_that_counts(
    house: House,
) -> None:
    market = await published(house)
    await market.pass_until_open()

    shown_us = await _pass_to(market, 1)
    last = await market.bid(0, "80.00")
    extended_us = await _pass_to(market, 0)
    late = await market.bid(1, "70.00")

    assert (last.status, _us(last.body["at"])) == (201, shown_us - 1)
    assert extended_us == shown_us - 1 + 120_000_000
    assert (late.status, late.body["reason"]) == (409, "LOT_NOT_OPEN")
    lot = await house.get(market.suppliers[0], f"/v1/lots/{market.lot}")
    assert (lot["state"], lot["lead_price"]) == ("closed", "80.00")


async def test_nothing_is_lost_when_the_clock_is_set_back(house: House) -> None:
    """Feeds and histories go by the sequence; instants never run back."""
    market = await published(house)
    await market.pass_until_open()
    async with a_client(house, market.suppliers[1]) as client, client.lot(market.lot) as room:
        leads = [room.state.lead_price]
        for price, step_us in (("80.00", -HOUR_US), ("79.00", 2 * HOUR_US), ("78.00", -HOUR_US)):
            house.clock.step_wall(step_us)
            assert (await market.bid(0, price)).status == 201
            await _until(room, lambda before=leads[-1]: room.state.lead_price != before)
            leads.append(room.state.lead_price)
    await house.archive()

    bids = (await house.get(market.suppliers[0], f"/v1/lots/{market.lot}/bids"))["bids"]
    assert leads == [None, Decimal("80.00"), Decimal("79.00"), Decimal("78.00")]
    assert [each["price"] for each in bids] == ["80.00", "79.00", "78.00"]
    instants = [each["at"] for each in bids]
    assert instants == sorted(instants)
    assert (await house.get(market.buyer, f"/v1/lots/{market.lot}"))["state"] == "open"
