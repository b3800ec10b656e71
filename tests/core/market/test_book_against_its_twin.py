"""Random lives of the books: every answer, event and dump is what a twin of lists and sorts predicted.

A third opinion reads nothing but the events and rebuilds the queues from them.
"""

import random
from typing import NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec import msgpack

from exchange.core.market.books import Books, BooksState
from exchange.core.market.ladder import Order
from exchange.core.market.terms import contradiction, terms_of
from exchange.core.messages import AnyEvent
from exchange.core.messages.base import Side, TimeInForce
from exchange.core.messages.orders import (
    AmendOrder,
    CancelCause,
    OrderTerms,
    OrderType,
    PlaceOrder,
    PostOnlyMode,
    SelfTradeMode,
)
from tests.models.book import NaiveBooks, NaiveBudget, Rules
from tests.models.book_feed import BookFromFeed

RULES = {"fine": Rules(1, 1, 1, 7), "coarse": Rules(5, 10, 8, 38)}
MEMBERS = ["M1", "M2", "M3", "M4"]
OWNERS = {"M1": "one", "M2": "one", "M3": "two", "M4": "three"}

# Few prices, so that orders meet; now and then one that no book takes.
INSTRUMENTS = ["fine"] * 7 + ["coarse"] * 7 + ["unheard"]
PRICES = range(1, 8)
QUANTITIES = range(1, 13)
OFF = [0] * 20 + [1, -1, 80]
GTC, IOC, FOK = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK
GTD, DAY = TimeInForce.GTD, TimeInForce.DAY
NOW = 1_767_268_800_000_000
Kind = tuple[TimeInForce, bool, OrderTerms | None]
SLIDES = OrderTerms(post_only_mode=PostOnlyMode.SLIDE)
PLAIN: list[Kind] = [(GTC, False, None) for _ in range(8)]
PLAIN += [(GTC, True, None), (IOC, False, None), (FOK, False, None), (FOK, True, None)]


def kinds(chance: random.Random, unit: int) -> Kind:
    """An order with terms, or a plain one."""
    part, mode = unit * chance.randint(1, 6), chance.choice(list(SelfTradeMode))
    choices: list[Kind] = [
        *PLAIN[-4:],
        (GTC, False, OrderTerms(min_fill_quantity=part, self_trade=mode)),
        (GTC, False, OrderTerms(min_fill_quantity=part)),
        (GTC, True, OrderTerms(min_fill_quantity=part)),
        (IOC, False, OrderTerms(min_fill_quantity=part)),
        (GTC, False, OrderTerms(display_quantity=part)),
        (GTC, False, OrderTerms(display_quantity=part, self_trade=mode)),
        (GTC, False, OrderTerms(self_trade=mode)),
        (IOC, False, OrderTerms(self_trade=mode)),
        (FOK, False, OrderTerms(self_trade=mode)),
        (GTC, True, SLIDES),
        (GTD, False, OrderTerms(expires_at_us=NOW + 5)),
        (DAY, False, None),
        (DAY, False, OrderTerms(display_quantity=part)),
        (IOC, False, OrderTerms(order_type=OrderType.MARKET)),
        (FOK, False, OrderTerms(order_type=OrderType.MARKET)),
        (IOC, False, OrderTerms(budget_minor=unit * chance.randint(1, 60))),
        (FOK, False, OrderTerms(budget_minor=unit * chance.randint(1, 60))),
        (IOC, False, OrderTerms(budget_minor=unit * chance.randint(1, 60), min_fill_quantity=part)),
    ]
    return chance.choice(choices)


class Purse(NamedTuple):
    """A budget without tax, in the simplest money: price times quantity."""

    left: int
    lot: int

    def most(self, price: int) -> int:
        return self.left // (price * self.lot) * self.lot

    def less(self, price: int, quantity: int) -> "Purse":
        return self._replace(left=self.left - price * quantity)


def cost_of(trades: list[tuple[int, int]]) -> int:
    return sum(price * quantity for price, quantity in trades)


def scaled(instrument_id: str, price: int, quantity: int, off: int) -> tuple[int, int]:
    """The n-th price and quantity of the instrument, or something close by."""
    if instrument_id == "coarse":
        price, quantity = 5 * price, 10 * quantity
    return max(1, price + off), max(1, quantity - (off == -1))


class BookLife(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.books, self.twin = Books(), NaiveBooks()
        self.feeds = {instrument_id: BookFromFeed() for instrument_id in RULES}
        self.placed = 0
        for instrument_id, rules in RULES.items():
            self.books.open_book(instrument_id, *rules)
            self.twin.rules[instrument_id] = rules

    @rule(
        instrument_id=st.sampled_from(INSTRUMENTS),
        member_id=st.sampled_from(MEMBERS),
        side=st.sampled_from(Side),
        price=st.sampled_from(PRICES),
        quantity=st.sampled_from(QUANTITIES),
        off=st.sampled_from(OFF),
        terms=st.tuples(st.integers(0, 2**32), st.booleans()),
    )
    def place(
        self,
        instrument_id: str,
        member_id: str,
        side: Side,
        price: int,
        quantity: int,
        off: int,
        terms: tuple[int, bool],
    ) -> None:
        price, quantity = scaled(instrument_id, price, quantity, off)
        seed, has_terms = terms
        chance, lot = random.Random(seed), 10 if instrument_id == "coarse" else 1
        tif, post_only, given = kinds(chance, lot) if has_terms else chance.choice(PLAIN)
        market = given is not None and given.order_type is OrderType.MARKET
        budget = 0 if given is None else given.budget_minor
        command = PlaceOrder(
            instrument_id=instrument_id,
            side=Side.BUY if budget else side,
            price=0 if market else price,
            quantity=quantity,
            time_in_force=tif,
            post_only=post_only,
            terms=given,
        )
        assert contradiction(command, NOW) is None
        owner, real = OWNERS[member_id], terms_of(command, NOW)
        cap = Purse(budget, lot) if budget else None
        refused = self.books.refusal(member_id, owner, command, real, cap)
        assert refused == self.twin.refusal(member_id, owner, command, self.budget(budget, lot))
        if refused is not None:
            return
        self.placed += 1
        order_id, events = f"order {self.placed}", list[AnyEvent]()
        assert self.books.price_of(owner, command, real) == self.twin.price_of(owner, command)

        order = self.books.place(order_id, member_id, owner, command, events, seed % 3, real, cap)

        predicted = self.twin.place(
            order_id, member_id, owner, command, seed % 3, NOW, self.budget(budget, lot)
        )
        self.agree(instrument_id, events, predicted)
        assert (order.level is not None) == (order.open > 0) == (order_id in self.books.orders)

    @precondition(lambda self: self.twin.resting)
    @rule(
        number=st.integers(0, 1_000),
        price=st.sampled_from([0, *PRICES]),
        quantity=st.sampled_from([0, *QUANTITIES]),
        off=st.sampled_from(OFF),
    )
    def amend(self, number: int, price: int, quantity: int, off: int) -> None:
        order = self.any_order(number)
        new_price, new_quantity = scaled(order.instrument_id, price, quantity, off)
        command = AmendOrder(price=price and new_price, quantity=quantity and new_quantity)
        twin = self.twin.find(order.member_id, order.order_id)
        assert twin is not None
        filled = order.filled
        refused = self.books.amend_refusal(order, command)
        assert refused == self.twin.amend_refusal(twin, command)
        if refused is not None:
            return
        price, quantity = command.price or order.price, command.quantity or order.quantity
        events: list[AnyEvent] = []

        self.books.amend(order, command.price, command.quantity, events)

        self.agree(order.instrument_id, events, self.twin.amend(twin, price, quantity))
        assert (order.filled, order.open) == (twin.filled, order.quantity - twin.filled)
        assert order.filled >= filled

    @precondition(lambda self: self.twin.resting)
    @rule(number=st.integers(0, 1_000))
    def cancel(self, number: int) -> None:
        order = self.any_order(number)
        twin = self.twin.find(order.member_id, order.order_id)
        assert twin is not None
        events: list[AnyEvent] = []

        self.books.cancel(order, CancelCause.REQUESTED, events)

        self.agree(order.instrument_id, events, self.twin.cancel(twin, CancelCause.REQUESTED))
        assert (order.open, order.quantity) == (0, order.filled)

    @rule()
    def restart(self) -> None:
        dumped = msgpack.encode(self.books.dump())

        self.books = Books.load(msgpack.decode(dumped, type=BooksState))

    @rule(seed=st.integers(0, 2**32))
    def trade_for_an_hour(self, seed: int) -> None:
        """Many steps in one, since drawing each by itself is slow and seldom makes a deep book."""
        chance = random.Random(seed)
        for _ in range(20):
            kind = chance.choice(["place", "place", "place", "amend", "amend", "cancel"])
            number, off = chance.randrange(1_000), chance.choice(OFF)
            price, quantity = chance.choice(PRICES), chance.choice(QUANTITIES)
            if kind == "place" or not self.twin.resting:
                who, side = chance.choice(MEMBERS), chance.choice(list(Side))
                self.place(
                    chance.choice(INSTRUMENTS),
                    who,
                    side,
                    price,
                    quantity,
                    off,
                    (chance.randrange(2**32), chance.random() < 0.6),
                )
            elif kind == "amend":
                self.amend(number, price * chance.randrange(2), quantity * chance.randrange(2), off)
            else:
                self.cancel(number)
            self.the_dumps_are_equal()
            self.everybody_sees_the_same_levels()

    def budget(self, budget: int, lot: int) -> NaiveBudget | None:
        return NaiveBudget(budget, lot, cost_of) if budget else None

    def any_order(self, number: int) -> Order:
        resting = self.twin.resting
        return self.books.orders[resting[number % len(resting)].order_id]

    def agree(self, instrument_id: str, events: list[AnyEvent], predicted: list[AnyEvent]) -> None:
        assert events == predicted
        for event in events:
            self.feeds[instrument_id].follow(event)

    @invariant()
    def the_dumps_are_equal(self) -> None:
        assert msgpack.encode(self.books.dump()) == msgpack.encode(self.twin.dump())
        for order in self.twin.resting:
            found = self.books.find(order.member_id, order.order_id)
            assert isinstance(found, Order) and found.order_id == order.order_id
        assert len(self.books.orders) == len(self.twin.resting)

    @invariant()
    def everybody_sees_the_same_levels(self) -> None:
        for instrument_id, book in self.books.books.items():
            for side in (Side.BUY, Side.SELL):
                levels = self.twin.levels(instrument_id, side)
                assert list(book.levels(side, 100)) == self.feeds[instrument_id].levels(side) == levels
                assert list(book.levels(side, 2)) == levels[:2]
                best = book.best_bid if side is Side.BUY else book.best_ask
                assert best == (levels[0][0] if levels else 0)

    @invariant()
    def no_two_resting_orders_could_trade(self) -> None:
        for order in self.twin.resting:
            for other in self.twin.makers(order.instrument_id, order.side, order.price):
                assert min(order.at_once(), other.at_once()) < max(order.least(), other.least())

    @invariant()
    def no_book_is_crossed(self) -> None:
        for book in self.books.books.values():
            assert not book.best_ask or book.best_bid < book.best_ask


TestBookLife = BookLife.TestCase
TestBookLife.settings = settings(max_examples=100, stateful_step_count=30)


@pytest.mark.parametrize("seed", range(120))
def test_a_long_life_is_what_the_twin_lived(seed: int) -> None:
    life = BookLife()
    for hour in range(8):
        life.trade_for_an_hour(1_000 * seed + hour)
        life.restart()
        life.no_two_resting_orders_could_trade()
        life.no_book_is_crossed()
