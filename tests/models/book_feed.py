"""A book rebuilt from nothing but its events: the naive reader of a feed that leaves nothing out.

It objects where an event contradicts those before it: a maker whose turn it was not, a price that is not
the maker's, quantity that came from nowhere, a number left out.
"""

from collections import Counter

from exchange.core.messages import AnyEvent
from exchange.core.messages.base import Side
from exchange.core.messages.orders import (
    OrderAmended,
    OrderCancelled,
    OrderPlaced,
    OrderRested,
    OrderTerms,
    OrderTermsSet,
    SelfTradePrevented,
    SliceRefilled,
    Traded,
)
from tests.models.book import NaiveOrder, better_first, would_meet


class BookFromFeed:
    """The queues of one instrument, and of every order what it may still trade."""

    def __init__(self) -> None:
        self.queues: dict[Side, list[NaiveOrder]] = {Side.BUY: [], Side.SELL: []}
        self.balance: Counter[str] = Counter()  # what was asked for, less all that went away since
        self.limits: dict[str, int] = {}
        self.terms: dict[str, OrderTerms] = {}
        self.refills: Counter[str] = Counter()
        self.trades = 0

    def follow(self, event: AnyEvent) -> None:
        match event:
            case OrderPlaced():
                self.balance[event.order_id] += event.quantity
                self.limits[event.order_id] = event.price
                self.terms[event.order_id] = OrderTerms()
            case OrderTermsSet():
                self.terms[event.order_id] = OrderTerms(
                    min_fill_quantity=event.min_fill_quantity, display_quantity=event.display_quantity
                )
            case OrderRested():
                self.join(event)
            case Traded() | SelfTradePrevented():
                self.meet(event)
            case SliceRefilled():
                self.refill(event)
            case OrderCancelled():
                self.balance[event.order_id] -= event.open_quantity
                if event.resting:
                    assert self.leave(event.order_id, event.side, event.price) == event.open_quantity
            case OrderAmended():
                self.amend(event)
            case _:
                raise AssertionError(event)

    def join(self, rested: OrderRested) -> None:
        assert self.balance[rested.order_id] == rested.open_quantity > 0
        assert self.limits[rested.order_id] == rested.price
        terms = self.terms[rested.order_id]
        order = NaiveOrder(
            rested.order_id,
            rested.member_id,
            "",
            "",
            rested.side,
            rested.price,
            0,
            rested.open_quantity,
            False,
            terms=terms,
            slice=min(terms.display_quantity, rested.open_quantity),
        )
        self.queues[rested.side].append(order)

    def refill(self, event: SliceRefilled) -> None:
        """The whole of the last slice is gone; the next one is at the back."""
        (order,) = (order for order in self.queues[event.side] if order.order_id == event.order_id)
        self.refills[event.order_id] += 1
        assert (order.slice, order.price) == (0, event.price)
        assert self.refills[event.order_id] == event.refill
        order.slice = min(order.terms.display_quantity, order.open)
        assert order.slice == event.quantity > 0
        self.queues[event.side].remove(order)
        self.queues[event.side].append(order)

    def leave(self, order_id: str, side: Side, price: int) -> int:
        (order,) = (order for order in self.queues[side] if order.order_id == order_id)
        assert order.price == price
        self.queues[side].remove(order)
        return order.open

    def shown(self, side: Side) -> list[NaiveOrder]:
        return [order for order in self.queues[side] if not order.hidden()]

    def meet(self, event: Traded | SelfTradePrevented) -> None:
        """Who has no minimum meets the oldest of the best price that shows, or what is hidden before all that."""
        side = Side.SELL if event.taker_side == Side.BUY else Side.BUY
        (maker,) = (order for order in self.queues[side] if order.order_id == event.maker_order_id)
        assert maker.price == event.price
        assert would_meet(event.taker_side, self.limits[event.taker_order_id], maker)
        if not self.terms[event.taker_order_id].min_fill_quantity:
            first = min(self.shown(side), key=better_first, default=maker)
            better = better_first(first)[:2] < better_first(maker)[:2]
            assert not better and (maker.hidden() or first is maker)
        self.take_woken(event)
        self.shrink(maker, event, side)
        assert maker.open == event.maker_open

    def take_woken(self, event: Traded | SelfTradePrevented) -> None:
        """A taker that rested has met it after all, and gave its place up for that."""
        for order in self.queues[event.taker_side]:
            if order.order_id == event.taker_order_id:
                assert order.hidden()
                self.queues[event.taker_side].remove(order)
                return

    def shrink(self, maker: NaiveOrder, event: Traded | SelfTradePrevented, side: Side) -> None:
        least = min(maker.terms.min_fill_quantity, maker.open)
        assert least <= event.quantity <= maker.at_once()
        maker.open -= event.quantity
        maker.slice -= event.quantity if maker.slice else 0
        taker_before = self.balance[event.taker_order_id]
        assert event.quantity >= min(self.terms[event.taker_order_id].min_fill_quantity, taker_before)
        for order_id, left in (
            (event.maker_order_id, event.maker_open),
            (event.taker_order_id, event.taker_open),
        ):
            self.balance[order_id] -= event.quantity
            assert self.balance[order_id] == left >= 0
        if not maker.open:
            self.queues[side].remove(maker)
        if isinstance(event, Traded):
            self.trades += 1
            assert event.trade_number == self.trades

    def amend(self, event: OrderAmended) -> None:
        self.balance[event.order_id] += event.open_quantity - event.old_open
        self.limits[event.order_id] = event.price
        if not event.kept_place:
            assert self.leave(event.order_id, event.side, event.old_price) == event.old_open
            return
        (order,) = (order for order in self.queues[event.side] if order.order_id == event.order_id)
        assert (order.price, order.open) == (event.old_price, event.old_open) and event.price == order.price
        order.open = event.open_quantity
        order.slice = min(order.slice, order.open)

    def levels(self, side: Side) -> list[tuple[int, int, int]]:
        queue = sorted(self.shown(side), key=better_first)
        prices = dict.fromkeys(order.price for order in queue)
        opens = {price: [order.at_once() for order in queue if order.price == price] for price in prices}
        return [(price, sum(opens[price]), len(opens[price])) for price in prices]
