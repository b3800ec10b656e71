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
    SelfTradePrevented,
    Traded,
)
from tests.models.book import NaiveOrder, better_first, would_meet


class BookFromFeed:
    """The queues of one instrument, and of every order what it may still trade."""

    def __init__(self) -> None:
        self.queues: dict[Side, list[NaiveOrder]] = {Side.BUY: [], Side.SELL: []}
        self.balance: Counter[str] = Counter()  # what was asked for, less all that went away since
        self.limits: dict[str, int] = {}
        self.trades = 0

    def follow(self, event: AnyEvent) -> None:
        match event:
            case OrderPlaced():
                self.balance[event.order_id] += event.quantity
                self.limits[event.order_id] = event.price
            case OrderRested():
                self.join(event)
            case Traded() | SelfTradePrevented():
                self.meet(event)
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
        )
        self.queues[rested.side].append(order)

    def leave(self, order_id: str, side: Side, price: int) -> int:
        (order,) = (order for order in self.queues[side] if order.order_id == order_id)
        assert order.price == price
        self.queues[side].remove(order)
        return order.open

    def best(self, side: Side) -> int:
        prices = [order.price for order in self.queues[side]]
        return (max(prices) if side == Side.BUY else min(prices)) if prices else 0

    def meet(self, event: Traded | SelfTradePrevented) -> None:
        """The maker is the oldest order at the best price, which is the price, and no worse than the taker's."""
        side = Side.SELL if event.taker_side == Side.BUY else Side.BUY
        oldest = next(order for order in self.queues[side] if order.price == self.best(side))
        assert (oldest.order_id, oldest.price) == (event.maker_order_id, event.price)
        assert would_meet(event.taker_side, self.limits[event.taker_order_id], oldest)
        oldest.open -= event.quantity
        for order_id, left in (
            (event.maker_order_id, event.maker_open),
            (event.taker_order_id, event.taker_open),
        ):
            self.balance[order_id] -= event.quantity
            assert self.balance[order_id] == left >= 0
        assert oldest.open == event.maker_open
        if not oldest.open:
            self.queues[side].remove(oldest)
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

    def levels(self, side: Side) -> list[tuple[int, int, int]]:
        queue = sorted(self.queues[side], key=better_first)
        prices = dict.fromkeys(order.price for order in queue)
        opens = {price: [order.open for order in queue if order.price == price] for price in prices}
        return [(price, sum(opens[price]), len(opens[price])) for price in prices]
