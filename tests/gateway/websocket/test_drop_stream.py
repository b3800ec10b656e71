"""The drop copy: everything that becomes of orders, in the journal's order, and to overseers alone."""

import random
from collections import Counter

import pytest
from msgspec.structs import replace

from exchange.core.messages import Role, SetStanding, Standing, shown
from exchange.core.messages.corrections import BustTrade, CorrectTrade
from exchange.core.messages.orders import Traded
from exchange.core.messages.phases import CallTraded
from exchange.core.messages.shown_drops import DropCopy, DropEntry, DropKind, DropOrder, DropSnapshot
from exchange.core.rejects import RejectCode
from exchange.gateway.limits import IDLE_US_MAX
from tests.core.lives import PART, TRADERS, a_life
from tests.gateway.floor import Caller, Floor, codes

DROPS = "drop_copy"


def a_market() -> Floor:
    """Four traders, an operator and an auditor who look."""
    floor = Floor()
    for member_id, owner in TRADERS.items():
        floor.member(member_id, owner=owner)
    floor.member("desk", Role.OPERATOR)
    floor.member("auditor", Role.AUDITOR)
    floor.venue.instrument(PART)
    for member_id in TRADERS:
        floor.venue.money(member_id, 10**9)
        floor.venue.stock(member_id, 10**6)
    floor.commit()
    return floor


class DropReader:
    """Keeps every open order by what it is told alone; it objects to gaps and to places that fall back."""

    def __init__(self) -> None:
        self.orders: dict[str, DropOrder] = {}
        self.entries: list[DropEntry] = []
        self.pictures = 0
        self.offset = self.seq = -1

    def read(self, frames: list[shown.ServerFrame]) -> None:
        for frame in frames:
            if isinstance(frame, DropSnapshot):
                self.pictures += 1
                self.offset = frame.offset
                self.orders = {each.order_id: each for each in frame.orders}
                assert not frame.left_out
            elif isinstance(frame, DropCopy):
                assert frame.offset == self.offset + 1, "a gap without a picture"
                assert frame.entries
                self.offset += 1
                for entry in frame.entries:
                    self._take(entry)

    def _take(self, entry: DropEntry) -> None:
        assert entry.seq >= self.seq
        self.seq = entry.seq
        self.entries.append(entry)
        if entry.kind is DropKind.ACCEPTED:
            ids = entry.member_id, entry.order_id, entry.instrument_id, entry.side
            self.orders[entry.order_id] = DropOrder(*ids, entry.price, entry.quantity, entry.open_quantity)
        elif entry.kind not in {DropKind.BUSTED, DropKind.CORRECTED}:
            order = self.orders[entry.order_id]
            if entry.kind is DropKind.AMENDED:
                order = replace(order, price=entry.price, quantity=entry.quantity)
            elif entry.kind is DropKind.REDUCED:
                order = replace(order, quantity=order.quantity - entry.quantity)
            self.orders[entry.order_id] = replace(order, open_quantity=entry.open_quantity)
            if not entry.open_quantity:
                del self.orders[entry.order_id]


def lived(floor: Floor, seed: int, reader: DropReader, caller: Caller) -> None:
    """A life with busts and corrections in it, heard commit by commit."""
    chance = random.Random(seed)
    for _ in a_life(floor.venue, seed, 120):
        if chance.random() < 0.3:
            number = max(1, floor.venue.kernel.books.books[PART].trades - chance.randrange(3))
            correction = CorrectTrade(
                instrument_id=PART, trade_number=number, price=chance.randrange(90, 111)
            )
            bust = BustTrade(instrument_id=PART, trade_number=number)
            floor.venue.send("desk", correction if chance.random() < 0.5 else bust)
        if chance.random() < 0.5:
            floor.commit()
            reader.read(caller.hear())
    floor.commit()
    reader.read(caller.hear())


@pytest.mark.parametrize("seed", range(4))
def test_orders_kept_by_the_drop_copy_are_those_of_a_snapshot(seed: int) -> None:
    floor, reader = a_market(), DropReader()
    caller = floor.caller("auditor")
    reader.read(caller.follow(DROPS))

    lived(floor, seed, reader, caller)

    fresh = DropReader()
    fresh.read(floor.caller("desk").follow(DROPS))
    assert reader.orders == fresh.orders
    assert reader.pictures == 1
    resting = floor.venue.kernel.books.orders
    assert {each.order_id: each.open_quantity for each in reader.orders.values()} == {
        order.order_id: order.open for order in resting.values()
    }


def test_every_execution_is_told_once_for_each_side() -> None:
    floor, reader = a_market(), DropReader()
    caller = floor.caller("desk")
    reader.read(caller.follow(DROPS))

    for seed in range(3):
        lived(floor, seed, reader, caller)

    made = [
        event.trade_number
        for outcome in floor.venue.outcomes
        for event in outcome.events
        if isinstance(event, Traded | CallTraded)
    ]
    told = Counter(each.trade_number for each in reader.entries if each.kind is DropKind.FILLED)
    assert told == Counter(made * 2)
    assert {each.kind for each in reader.entries} == set(DropKind)
    for entry in reader.entries:
        assert floor.venue.log[entry.seq - 1].at_us == entry.at_us


def test_who_comes_back_gets_what_it_missed_and_nothing_twice() -> None:
    floor, reader = a_market(), DropReader()
    caller = floor.caller("desk")
    reader.read(caller.follow(DROPS))
    caller.say(shown.Unsubscribe(DROPS))
    caller.hear()
    for _ in a_life(floor.venue, 3, 40):
        floor.commit()

    caller.say(shown.Subscribe(DROPS, floor.feed.epoch, reader.offset))
    reader.read(caller.hear())

    assert reader.pictures == 1
    assert floor.venue.kernel.books.orders.keys() == reader.orders.keys()


@pytest.mark.parametrize("member_id", list(TRADERS))
@pytest.mark.parametrize("channel", [DROPS, f"{DROPS}:", f"{DROPS}:desk"])
def test_for_members_there_is_no_such_channel(member_id: str, channel: str) -> None:
    caller = a_market().caller(member_id)

    assert codes(caller.follow(channel)) == [("Error", RejectCode.CHANNEL_UNKNOWN, "channel")]


def test_an_overseer_that_is_suspended_hears_no_more_and_others_do() -> None:
    floor, reader = a_market(), DropReader()
    auditor, desk = floor.caller("auditor"), floor.caller("desk")
    auditor.follow(DROPS)
    reader.read(desk.follow(DROPS))
    floor.venue.send("operator", SetStanding(member_id="auditor", standing=Standing.SUSPENDED))

    for _ in a_life(floor.venue, 1, 30):
        floor.commit()

    assert auditor.hear() == [shown.Unsubscribed(DROPS)]
    assert codes(auditor.follow(DROPS)) == [("Error", RejectCode.CHANNEL_UNKNOWN, "channel")]
    reader.read(desk.hear())
    assert reader.entries


def test_nothing_is_noted_while_nobody_follows() -> None:
    floor = a_market()
    caller = floor.caller("desk")
    caller.follow(DROPS)
    caller.say(shown.Unsubscribe(DROPS))
    floor.feed.tick()
    floor.venue.at_us += 2 * IDLE_US_MAX
    floor.feed.tick()

    for _ in a_life(floor.venue, 1, 10):
        floor.commit()

    assert floor.views.drops.watchers == 0
    assert floor.views.drops.fresh == []
