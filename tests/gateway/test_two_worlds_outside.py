"""Two worlds that differ only in who sells, or in which bidder is which: nobody else can tell by mails, webhooks, calendar
files, reports or releases. Leaks that are planted show that each of them would be found.
"""

from typing import Any

import pytest
from msgspec.structs import replace

from exchange.core.market.sourcing import SourcingEvent
from exchange.core.visibility.awards import Result
from exchange.core.visibility.lots import lot_face
from exchange.core.visibility.practice import marked
from exchange.core.visibility.releases import release
from exchange.follower import notices
from tests.gateway.house import Holder, House, a_house
from tests.gateway.outside import CHANNELS, Sent, listens, mailed, sent_to
from tests.gateway.rest.test_sourcing import Market, published
from tests.gateway.test_two_worlds_of_lot_sales import Cast

REFUSED = (b"401", b"404")
World = dict[str, Sent]
"""What was sent, by who it was sent to."""


class Sale(Cast):
    """A sale from stock, open to the public, whose members get mails and webhooks."""

    rules = Cast.rules | {"public": True, "reasons_asked": True}

    async def gather(self, *, sellers_swapped: bool, buyers_swapped: bool) -> "Sale":
        await super().gather(sellers_swapped=sellers_swapped, buyers_swapped=buyers_swapped)
        await listens(self.house, [*self.sellers, *self.buyers])
        return self


async def a_sale(database_url: str, *, sellers: bool = False, buyers: bool = False) -> World:
    async with a_house(database_url) as house:
        cast = await Sale(house).gather(sellers_swapped=sellers, buyers_swapped=buyers)
        await cast.live()
        names = zip(("first", "second", "third"), cast.bidders, strict=True)
        return await everything(house, database_url, cast.event, {"seller": cast.seller, **dict(names)})


async def a_practice(database_url: str, *, suppliers: bool = False) -> World:
    """The first of two equals wins; a third supplier bids along."""
    rules = {"results": "winner", "public": True}
    disclosure = {"prices_by_alias": True}
    async with a_house(database_url) as house:
        market = await published(house, 3, rules=rules, disclosure=disclosure, practice=True)
        buyer, equals, third = market.buyer, market.suppliers[:2], market.suppliers[2]
        await listens(house, [buyer, *market.suppliers])
        cast = Market(
            house, buyer, [*(equals[::-1] if suppliers else equals), third], market.event, market.lot
        )
        await rehearse(cast)
        return await everything(house, database_url, cast.event, {"buyer": buyer, "third": third})


async def rehearse(market: Market) -> None:
    """From a pause, which moves the calendar, to the award."""
    house, path = market.house, f"/v1/events/{market.event}"
    assert (await house.call(market.buyer, "POST", f"{path}/pause", {"reason": "Drill"})).status == 200
    house.clock.pass_us(1_000_000)
    assert (await house.call(market.buyer, "POST", f"{path}/resumption")).status == 200
    await market.pass_until_open()
    for number, price in ((0, "80.00"), (1, "79.00"), (2, "78.00"), (0, "77.00")):
        assert (await market.bid(number, price)).status == 201
    await market.pass_until_closed()
    award = await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award", {"alias": 1})
    assert award.status == 200
    await house.archive()


async def everything(house: House, database_url: str, event: str, viewers: dict[str, Holder]) -> World:
    mails = await mailed(database_url)
    cast: dict[str, Holder | None] = {**viewers, "public": None}
    return {name: await sent_to(house, mails, viewer, event) for name, viewer in cast.items()}


def shown(world: World, name: str) -> list[str]:
    """The channels by which the viewer gets anything."""
    sent = {channel: said for channel, said in world[name].items() if not said.startswith(REFUSED)}
    return [channel for channel in CHANNELS if sent.get(channel)]


async def test_who_sells_from_stock_is_told_to_no_bidder(house_database_url: str) -> None:
    one, other = await a_sale(house_database_url), await a_sale(house_database_url, sellers=True)

    for name in ("first", "second", "third", "public"):
        assert one[name] == other[name]
    assert shown(one, "third") == ["mail", "webhook", "calendar", "release"]
    assert shown(one, "public") == ["release"]


async def test_who_bids_for_stock_is_told_to_nobody_else(house_database_url: str) -> None:
    one, other = await a_sale(house_database_url), await a_sale(house_database_url, buyers=True)

    for name in ("seller", "third", "public"):
        assert one[name] == other[name]
    assert set(shown(one, "seller")) == {*CHANNELS} - {"mail"}
    assert one["third"]["mail"].count(b"Awarded: 100 at ") == 2, "what was awarded is told, but not to whom"


async def test_who_practises_is_told_to_nobody_else(house_database_url: str) -> None:
    one, other = await a_practice(house_database_url), await a_practice(house_database_url, suppliers=True)

    for name in ("buyer", "third", "public"):
        assert one[name] == other[name]
    assert set(shown(one, "buyer")) == {*CHANNELS} - {"release"}
    assert shown(one, "third") == ["mail", "webhook", "calendar"]
    assert shown(one, "public") == []


# --- what would be found ----------------------------------------------------------------------------


def names_in(event: SourcingEvent) -> str:
    """Who sells or buys, and who bids."""
    bidders = [bid.member_id for lot in event.lots for bid in lot.board.ranking()]
    return " ".join((event.buyer_id, *bidders))


def leak_by_mail(patch: pytest.MonkeyPatch) -> None:
    honest = notices._details

    def leaky(notice: Any, sourcing: SourcingEvent, *more: Any) -> str:
        return honest(notice, sourcing, *more) + names_in(sourcing)

    patch.setattr(notices, "_details", leaky)


def leak_by_webhook(patch: pytest.MonkeyPatch) -> None:
    def leaky(event: SourcingEvent, *more: Any, **named: Any) -> Any:
        face = lot_face(event, *more, **named)
        return replace(face, lot=replace(face.lot, title=names_in(event)))

    patch.setattr("exchange.core.visibility.notices.lot_face", leaky)


def leak_by_calendar(patch: pytest.MonkeyPatch) -> None:
    def leaky(event: SourcingEvent, title: str) -> str:
        return marked(event, title) + names_in(event)

    patch.setattr("exchange.gateway.rest.calendars.marked", leaky)


def leak_by_report(patch: pytest.MonkeyPatch) -> None:
    def leaky(event: SourcingEvent, lot: Any, award: Any, *_: Any) -> Result:
        return Result(list(award.parts), 0, [event.currency for _ in award.parts])

    patch.setattr("exchange.gateway.rest.event_report.show_result", leaky)


def leak_by_release(patch: pytest.MonkeyPatch) -> None:
    def leaky(event: SourcingEvent, *more: Any, insider: bool) -> Any:
        return release(event, *more, insider=insider) | {"language": names_in(event)}

    patch.setattr("exchange.gateway.rest.releases.release", leaky)


def leak_that_practice_is_released(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("exchange.gateway.rest.releases.may_release", lambda *_: True)


LEAKS = (leak_by_mail, leak_by_webhook, leak_by_calendar, leak_by_report, leak_by_release)


def found(one: World, other: World, *viewers: str) -> set[str]:
    """Channels in which any of the viewers sees a difference."""
    return {
        channel
        for name in viewers
        for channel in CHANNELS
        if one[name].get(channel) != other[name].get(channel)
    }


async def test_a_leak_of_a_seller_from_stock_is_found_in_each_channel(
    house_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for leak in LEAKS:
        leak(monkeypatch)
    one, other = await a_sale(house_database_url), await a_sale(house_database_url, sellers=True)

    assert found(one, other, "third") == {"mail", "webhook", "calendar", "release"}
    assert found(one, other, "public") == {"release"}


async def test_a_leak_of_a_bidder_for_stock_is_found_in_each_channel(
    house_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for leak in LEAKS:
        leak(monkeypatch)
    one, other = await a_sale(house_database_url), await a_sale(house_database_url, buyers=True)

    assert found(one, other, "seller", "third") == {*CHANNELS}
    assert found(one, other, "public") == {"release"}


async def test_a_leak_of_who_practises_is_found_in_each_channel(
    house_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for leak in (*LEAKS, leak_that_practice_is_released):
        leak(monkeypatch)
    one, other = await a_practice(house_database_url), await a_practice(house_database_url, suppliers=True)

    assert found(one, other, "buyer", "third") == {*CHANNELS}
