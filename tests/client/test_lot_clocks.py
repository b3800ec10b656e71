"""Lots with a clock through the client, on real sockets: levels accepted as they are seen, and turns taken."""

from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Any

import pytest

from exchange.core.messages import Role
from exchange_client import Client, Invalid, Made, Rejected, Room
from exchange_client.lot_rules import ClockRules, Disclosure, LotFormat, LotRules
from tests.client.test_against_exchange import SECOND, _until, a_client
from tests.gateway.house import Holder, House

D = Decimal
LEVEL = 10 * SECOND


async def an_open_lot(house: House, buyer: Client, rules: LotRules, *suppliers: Holder) -> Made:
    """From 0.80 to 1.00 in steps of 0.05, open for ten minutes."""
    event = await buyer.create_event(
        "Capacitors",
        "USD",
        open_at_us=house.engine.now_us() + SECOND,
        duration_us=600 * SECOND,
        price_scale=2,
        disclosure=Disclosure(participant_count=True),
    )
    prices: dict[str, Any] = {"ceiling_price": D("1.00"), "min_step": D("0.05")}
    lot = await buyer.add_lot(event, "C1", quantity=500, rules=rules, **prices)
    for supplier in suppliers:
        await buyer.invite_supplier(event, supplier.member_id)
    await buyer.publish_event(event)
    house.clock.pass_us(2 * SECOND)
    return lot


def level(room: Room) -> Decimal | None:
    return room.state.clock.level_price if room.state.clock else None


async def test_a_dutch_lot_is_accepted_at_the_price_that_the_room_shows(house: House) -> None:
    buyer, first, second = [await house.member(role) for role in (Role.BUYER, Role.SELLER, Role.SELLER)]
    rules = LotRules(format=LotFormat.DUTCH, floor_price=80, clock=ClockRules(level_us=LEVEL))
    async with a_client(house, buyer) as buys, a_client(house, first) as one, a_client(house, second) as two:
        lot = await an_open_lot(house, buys, rules, first, second)
        async with one.lot(lot.id) as room, two.lot(lot.id) as rival:
            for each in (room, rival):
                await _until(each, lambda each=each: level(each) == D("0.80"))
            house.clock.pass_us(LEVEL)
            with pytest.raises(Rejected) as caught:
                await rival.accept()  # what it saw last
            assert (caught.value.reason, caught.value.bound_price) == ("LEVEL_STALE", D("0.85"))
            await _until(rival, lambda: level(rival) == D("0.85"))
            await rival.accept()
            await _until(room, lambda: room.state.state == "closed")

            assert (room.state.lead_price, room.state.clock) == (D("0.85"), None)
            with pytest.raises(Invalid):
                await room.accept()


async def test_a_supplier_who_lets_a_japanese_level_pass_sees_that_it_is_out(house: House) -> None:
    buyer, *sellers = [await house.member(role) for role in (Role.BUYER, *[Role.SELLER] * 3)]
    rules = LotRules(format=LotFormat.JAPANESE, floor_price=80, clock=ClockRules(level_us=LEVEL))
    async with AsyncExitStack() as stack:
        buys, one, two, late = [
            await stack.enter_async_context(a_client(house, each)) for each in (buyer, *sellers)
        ]
        lot = await an_open_lot(house, buys, rules, *sellers)
        room, rival, idle = [await stack.enter_async_context(each.lot(lot.id)) for each in (one, two, late)]
        for each in (room, rival):
            await _until(each, lambda each=each: level(each) == D("1.00"))
            await each.accept()
        house.clock.pass_us(LEVEL)
        await house.instrument()
        await _until(idle, lambda: level(idle) == D("0.95"))

        assert idle.state.clock is not None and idle.state.clock.dropped_out
        with pytest.raises(Rejected, match="DROPPED_OUT"):
            await idle.accept()
        await _until(room, lambda: level(room) == D("0.95"))
        await room.accept()
        house.clock.pass_us(LEVEL)
        await house.instrument()
        await _until(rival, lambda: rival.state.state == "closed")
        assert (room.state.own_price, rival.state.own_price) == (D("0.95"), D("1.00"))


async def test_a_bid_out_of_turn_is_refused_and_one_in_turn_taken(house: House) -> None:
    buyer, first, second = [await house.member(role) for role in (Role.BUYER, Role.SELLER, Role.SELLER)]
    rules = LotRules(format=LotFormat.ROUNDS, clock=ClockRules(first_pause_us=LEVEL, turn_us=LEVEL))
    async with a_client(house, buyer) as buys, a_client(house, first) as one, a_client(house, second) as two:
        lot = await an_open_lot(house, buys, rules, first, second)
        async with one.lot(lot.id) as room, two.lot(lot.id) as rival:
            await room.bid(D("0.90"))
            await rival.bid(D("0.80"))
            house.clock.pass_us(600 * SECOND + LEVEL)
            await house.instrument()
            await _until(room, lambda: room.state.clock is not None and room.state.clock.own_turn)

            with pytest.raises(Rejected, match="NOT_YOUR_TURN"):
                await rival.bid(D("0.70"))
            await room.bid(D("0.75"))
            await _until(rival, lambda: rival.state.own_rank == 2)
