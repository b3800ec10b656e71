"""Level 3 and phases over the feed: rebuilt queues, indicative prices, nobody's names, slow readers."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.market.call import indicated
from exchange.core.market.ladder import visible
from exchange.core.messages import AmendOrder, CancelOrder, FireDeadlines, PlaceOrder, Side, shown
from exchange.core.messages.orders import OrderTerms
from exchange.core.messages.phases import Phase, SetPhase, StartCall
from exchange.core.messages.shown_queues import (
    MarketPhase,
    OrdersDelta,
    OrdersSnapshot,
    QueueChange,
    Queued,
    QueueStep,
)
from exchange.gateway.limits import BUFFERED_SOFT_BYTES
from tests.core.lives import TRADERS, a_life, meet
from tests.core.venue import SECOND
from tests.gateway.floor import EPOCH, Floor

BUY, SELL = Side.BUY, Side.SELL
PART = "LM358"
ORDERS, PHASE = f"orders:{PART}", f"phase:{PART}"
MINUTE = 60 * SECOND


class QueueReader:
    """A naive reader of level 3: lists in the order of arrival; it objects to every gap and every wrong step."""

    def __init__(self) -> None:
        self.sides: dict[Side, list[Queued]] = {BUY: [], SELL: []}
        self.offset = -1
        self.pictures = 0
        self.numbers = 0  # the highest so far

    def read(self, frames: list[shown.ServerFrame]) -> None:
        for frame in frames:
            if isinstance(frame, OrdersSnapshot):
                self.pictures += 1
                self.offset = frame.offset
                self.sides = {BUY: list(frame.bids), SELL: list(frame.asks)}
                self.numbers = max([0, *(each.number for each in frame.bids + frame.asks)])
            elif isinstance(frame, OrdersDelta):
                assert frame.offset == self.offset + 1, "a gap without a picture"
                assert frame.changes
                self.offset += 1
                for change in frame.changes:
                    self._change(change)

    def _change(self, change: QueueChange) -> None:
        side = self.sides[change.side]
        if change.step is QueueStep.ADD:
            assert change.number > self.numbers, "no number comes twice"
            self.numbers = change.number
            side.append(Queued(change.number, change.price, change.quantity))
            return
        (place,) = [at for at, each in enumerate(side) if each.number == change.number]
        assert side[place].price == change.price
        left = {
            QueueStep.MODIFY: change.quantity,
            QueueStep.DELETE: 0,
            QueueStep.TRADE: side[place].quantity - change.quantity,
        }[change.step]
        assert 0 <= left != side[place].quantity
        assert (change.trade_number > 0) == (change.step is QueueStep.TRADE)
        side[place] = Queued(change.number, change.price, left)
        if not left:
            del side[place]

    def queue(self, side: Side) -> list[tuple[int, int]]:
        """Price and quantity, best first; a stable sort keeps the order of arrival."""
        sign = -1 if side is BUY else 1
        return [
            (each.price, each.quantity)
            for each in sorted(self.sides[side], key=lambda each: sign * each.price)
        ]


def a_market(**terms: int) -> Floor:
    """Four traders of three owners, and a guest who only looks."""
    floor = Floor()
    for member_id, owner in TRADERS.items():
        floor.member(member_id, owner=owner)
    floor.member("guest")
    floor.venue.instrument(PART, **terms)
    for member_id in TRADERS:
        floor.venue.money(member_id, 10**9)
        floor.venue.stock(member_id, 10**6)
    floor.commit()
    return floor


def real_queue(floor: Floor, side: Side) -> list[tuple[int, int]]:
    """What the core's own queue shows."""
    own, _ = floor.venue.kernel.books.books[PART].ladders(side)
    return [(order.price, visible(order)) for order in own]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), band=st.sampled_from([0, 500]))
def test_queues_rebuilt_from_the_feed_are_the_exchanges_own_at_every_commit(seed: int, band: int) -> None:
    floor = a_market(dynamic_band_bps=band, reference_price=100 if band else 0, call_us=MINUTE)
    chance = random.Random(seed)
    for _ in a_life(floor.venue, seed, 15):
        pass
    floor.commit()
    guest, reader = floor.caller("guest"), QueueReader()
    reader.read(guest.follow(ORDERS))

    for _ in a_life(floor.venue, seed + 1, 60):
        if chance.random() < 0.6:
            floor.commit()
            reader.read(guest.hear())
            for side in Side:
                assert reader.queue(side) == real_queue(floor, side)

    assert reader.pictures == 1


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_indicative_price_is_the_one_at_which_the_core_would_trade(seed: int) -> None:
    floor = a_market()
    guest = floor.caller("guest")
    (_, last) = guest.follow(PHASE)

    for _ in a_life(floor.venue, seed, 60):
        floor.commit()
        told = guest.hear()
        assert len(told) <= 1
        last = told[-1] if told else last
        assert isinstance(last, MarketPhase)
        book = floor.venue.kernel.books.books[PART]
        collecting = book.stage.phase in (Phase.PRE_OPEN, Phase.CALL_AUCTION)
        found = indicated(book) if collecting else None
        told_now = (last.price, last.paired, last.imbalance, last.imbalance_side)
        assert told_now == (
            (found.price, found.volume, found.surplus, found.side) if found else (0, 0, 0, None)
        )
        assert (last.phase, last.ends_at_us) == (book.stage.phase, book.stage.ends_at_us)


def test_a_phase_is_told_once_a_commit_and_only_if_it_changed() -> None:
    floor = a_market()
    guest = floor.caller("guest")
    _, first = guest.follow(PHASE)
    assert isinstance(first, MarketPhase)
    assert (first.phase, first.offset) == (Phase.CONTINUOUS, 0)

    floor.venue.order("A", BUY, 100, 5)
    floor.commit()
    assert guest.hear() == []
    floor.venue.send("operator", StartCall(instrument_id=PART, duration_us=MINUTE))
    floor.venue.order("B", SELL, 99, 3)
    ends_at_us = floor.venue.kernel.books.books[PART].stage.ends_at_us
    floor.commit()

    (told,) = guest.hear()
    head = PHASE, EPOCH, 1, Phase.CALL_AUCTION, floor.now_us(), ends_at_us, 0
    assert told == MarketPhase(*head, 100, 3, 2, BUY)


def test_trades_of_a_call_are_marked_for_the_public_and_for_both_sides() -> None:
    floor = a_market()
    guest, buyer, seller = floor.caller("guest"), floor.caller("A"), floor.caller("B")
    guest.follow(f"trades:{PART}")
    buyer.follow("own")
    seller.follow("own")
    floor.venue.send("operator", StartCall(instrument_id=PART, duration_us=0, random_us=0))
    floor.venue.order("A", BUY, 100, 5)
    floor.venue.order("B", SELL, 99, 3)
    floor.commit()
    for caller in (guest, buyer, seller):
        caller.hear()

    for _ in meet(floor.venue, floor.venue.at_us + 1):
        pass
    floor.commit()

    (prints,) = guest.hear()
    assert isinstance(prints, shown.Trades)
    assert [(each.price, each.quantity, each.taker_side, each.in_call) for each in prints.trades] == [
        (100, 3, BUY, True)
    ]
    for caller, side, left in ((buyer, BUY, 2), (seller, SELL, 0)):
        (own,) = caller.hear()
        assert isinstance(own, shown.Own)
        (fill,) = [event for event in own.events if isinstance(event, shown.OwnFill)]
        assert (fill.side, fill.open_quantity, fill.maker, fill.in_call) == (side, left, side is SELL, True)


def test_the_slices_of_an_iceberg_have_numbers_that_have_nothing_in_common() -> None:
    floor = a_market()
    guest = floor.caller("guest")
    guest.follow(ORDERS)
    terms = OrderTerms(display_quantity=4)
    floor.venue.send("A", PlaceOrder(instrument_id=PART, side=SELL, price=100, quantity=10, terms=terms))
    floor.venue.order("B", SELL, 100, 1)
    floor.venue.order("C", BUY, 100, 4)
    floor.commit()

    (delta,) = guest.hear()
    assert isinstance(delta, OrdersDelta)
    assert delta.changes == [
        QueueChange(QueueStep.ADD, 1, SELL, 100, 4, 0),
        QueueChange(QueueStep.ADD, 2, SELL, 100, 1, 0),
        QueueChange(QueueStep.TRADE, 1, SELL, 100, 4, 1),
        QueueChange(QueueStep.ADD, 3, SELL, 100, 4, 0),
    ]


def test_an_order_with_a_minimum_fill_shows_nowhere_and_takes_no_number() -> None:
    floor = a_market()
    guest = floor.caller("guest")
    guest.follow(ORDERS)
    terms = OrderTerms(min_fill_quantity=5)
    floor.venue.send("A", PlaceOrder(instrument_id=PART, side=SELL, price=100, quantity=10, terms=terms))
    floor.venue.order("B", SELL, 101, 1)
    floor.commit()

    (delta,) = guest.hear()
    assert isinstance(delta, OrdersDelta)
    assert delta.changes == [QueueChange(QueueStep.ADD, 1, SELL, 101, 1, 0)]


def test_each_kind_of_change_is_told_as_what_it_is() -> None:
    floor = a_market()
    guest = floor.caller("guest")
    guest.follow(ORDERS)
    first = floor.venue.order("A", BUY, 100, 10).reply.id
    second = floor.venue.order("B", BUY, 99, 10).reply.id
    floor.commit()
    guest.hear()

    floor.venue.send("A", AmendOrder(order_id=first, quantity=8))
    floor.venue.send("B", AmendOrder(order_id=second, price=98))
    floor.venue.order("C", SELL, 100, 3)
    floor.venue.send("B", CancelOrder(order_id=second))
    floor.commit()

    (delta,) = guest.hear()
    assert isinstance(delta, OrdersDelta)
    assert delta.changes == [
        QueueChange(QueueStep.MODIFY, 1, BUY, 100, 8, 0),
        QueueChange(QueueStep.DELETE, 2, BUY, 99, 0, 0),
        QueueChange(QueueStep.ADD, 3, BUY, 98, 10, 0),
        QueueChange(QueueStep.TRADE, 1, BUY, 100, 3, 1),
        QueueChange(QueueStep.DELETE, 3, BUY, 98, 0, 0),
    ]


def test_a_slow_reader_of_the_queues_is_skipped_and_then_gets_them_as_they_are() -> None:
    floor = a_market()
    guest, reader = floor.caller("guest"), QueueReader()
    reader.read(guest.follow(ORDERS))
    guest.line.stuck_bytes = BUFFERED_SOFT_BYTES + 1
    for price in range(90, 100):
        floor.venue.order("A", BUY, price, 5)
        floor.commit()
    guest.line.stuck_bytes = 0
    floor.feed.tick()

    reader.read(guest.hear())

    assert reader.pictures == 2
    assert reader.queue(BUY) == real_queue(floor, BUY)


def test_whoever_comes_back_to_the_queues_gets_what_it_missed() -> None:
    floor = a_market()
    first, reader = floor.caller("guest"), QueueReader()
    reader.read(first.follow(ORDERS))
    first.session.ended()
    floor.venue.order("A", BUY, 99, 5)
    floor.commit()

    again = floor.caller("guest")
    again.say(shown.Subscribe(ORDERS, EPOCH, reader.offset))
    reader.read(again.hear())

    assert reader.pictures == 1
    assert reader.queue(BUY) == [(99, 5)]


def what_a_guest_hears(swap: dict[str, str], seed: int) -> list[bytes]:
    """Every byte of the market's channels, with members swapped; owners are swapped with them."""
    floor = Floor()
    for member_id in ("A", "B", "C", "guest"):
        floor.member(member_id)
    floor.venue.instrument(PART, dynamic_band_bps=500, reference_price=100, call_us=MINUTE)
    for member_id in sorted(("A", "B", "C"), key=lambda each: swap.get(each, each)):
        floor.venue.money(member_id, 10**9)
        floor.venue.stock(member_id, 10**6)
    guest = floor.caller("guest")
    guest.follow(ORDERS, PHASE, f"book:{PART}", f"trades:{PART}", f"ticker:{PART}")
    chance = random.Random(seed)
    for step in range(60):
        member_id = chance.choice(["A", "B", "C"])
        side, price, quantity = chance.choice(list(Side)), chance.randrange(93, 108), chance.randrange(1, 20)
        terms = OrderTerms(display_quantity=3) if chance.random() < 0.3 and quantity > 3 else None
        command = PlaceOrder(instrument_id=PART, side=side, price=price, quantity=quantity, terms=terms)
        floor.venue.send(swap.get(member_id, member_id), command)
        if step % 20 == 10:
            floor.venue.send("operator", StartCall(instrument_id=PART, duration_us=MINUTE))
        if step % 20 == 15:
            for _ in meet(floor.venue, floor.venue.at_us + 3 * MINUTE):
                pass
        if chance.random() < 0.5:
            floor.commit()
    floor.commit()
    floor.feed.tick()
    return guest.line.heard_bytes()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_two_worlds_with_two_traders_swapped_look_the_same_to_a_third(seed: int) -> None:
    one, other = what_a_guest_hears({}, seed), what_a_guest_hears({"A": "B", "B": "A"}, seed)

    assert one == other
    assert len(one) > 10


def test_a_halt_is_told() -> None:
    floor = a_market()
    guest = floor.caller("guest")
    guest.follow(PHASE)
    floor.venue.send("operator", SetPhase(instrument_id=PART, phase=Phase.HALTED))
    floor.venue.send("", FireDeadlines())
    floor.commit()

    (told,) = guest.hear()
    assert isinstance(told, MarketPhase)
    assert told.phase is Phase.HALTED
