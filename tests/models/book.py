"""A naive twin of the continuous books: one list of orders, sorted afresh whenever anybody asks.

It predicts every refusal, every event and the dump.
"""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from exchange.core.messages import AnyEvent
from exchange.core.messages.base import Side, TimeInForce
from exchange.core.messages.orders import (
    AmendOrder,
    CancelCause,
    OrderAmended,
    OrderCancelled,
    OrderPlaced,
    OrderRested,
    PlaceOrder,
    SelfTradePrevented,
    Traded,
)
from exchange.core.rejects import Reject, RejectCode

OPEN_ORDERS_MAX = 10_000
FOK_MAKERS = 256


class Rules(NamedTuple):
    tick: int
    lot_multiple: int
    price_min: int
    price_max: int

    def prices(self) -> list[int]:
        return [price for price in range(self.price_min, self.price_max + 1) if price % self.tick == 0]


@dataclass
class NaiveOrder:
    order_id: str
    member_id: str
    owner: str
    instrument_id: str
    side: Side
    price: int
    filled: int
    open: int
    post_only: bool
    arrival: int = 0

    def total(self) -> int:
        return self.filled + self.open


def better_first(order: NaiveOrder) -> tuple[int, int]:
    return (-order.price if order.side == Side.BUY else order.price, order.arrival)


def would_meet(taker_side: Side, price: int, maker: NaiveOrder) -> bool:
    if maker.side == taker_side:
        return False
    return price >= maker.price if taker_side == Side.BUY else price <= maker.price


class NaiveBooks:
    """`resting` holds every resting order of every instrument, in no order that means anything."""

    def __init__(self) -> None:
        self.rules: dict[str, Rules] = {}
        self.resting: list[NaiveOrder] = []
        self.trades: Counter[str] = Counter()
        self.arrivals = 0

    # --- questions

    def find(self, member_id: str, order_id: str) -> NaiveOrder | None:
        found = [
            order for order in self.resting if (order.order_id, order.member_id) == (order_id, member_id)
        ]
        return found[0] if found else None

    def queue(self, instrument_id: str, side: Side) -> list[NaiveOrder]:
        there = [
            order for order in self.resting if (order.instrument_id, order.side) == (instrument_id, side)
        ]
        return sorted(there, key=better_first)

    def makers(self, instrument_id: str, side: Side, price: int) -> list[NaiveOrder]:
        there = [order for order in self.resting if order.instrument_id == instrument_id]
        return sorted((order for order in there if would_meet(side, price, order)), key=better_first)

    def levels(self, instrument_id: str, side: Side) -> list[tuple[int, int, int]]:
        queue = self.queue(instrument_id, side)
        prices = dict.fromkeys(order.price for order in queue)
        opens = {price: [order.open for order in queue if order.price == price] for price in prices}
        return [(price, sum(opens[price]), len(opens[price])) for price in prices]

    def refusal(self, member_id: str, owner: str, command: PlaceOrder) -> Reject | None:
        if command.instrument_id not in self.rules:
            return Reject(RejectCode.INSTRUMENT_UNKNOWN, 0, "instrument_id")
        count = len([order for order in self.resting if order.member_id == member_id])
        if command.time_in_force == TimeInForce.GTC and count >= OPEN_ORDERS_MAX:
            return Reject(RejectCode.TOO_MANY_OPEN_ORDERS, OPEN_ORDERS_MAX)
        makers = self.makers(command.instrument_id, command.side, command.price)
        wrong = self.wrong_value(command.instrument_id, command.price, command.quantity)
        if wrong is not None:
            return wrong
        if command.post_only and command.time_in_force != TimeInForce.GTC:
            return Reject(RejectCode.POST_ONLY_NOT_RESTING, 0, "post_only")
        if command.post_only and makers:
            return Reject(RejectCode.WOULD_TRADE, makers[0].price, "price")
        own = [place for place, maker in enumerate(makers) if maker.owner == owner]
        fillable = sum(maker.open for maker in (makers[: own[0]] if own else makers)[:FOK_MAKERS])
        if command.time_in_force == TimeInForce.FOK and fillable < command.quantity:
            return Reject(RejectCode.NOT_FILLABLE, fillable, "quantity")
        return None

    def wrong_value(self, instrument_id: str, price: int, quantity: int) -> Reject | None:
        rules = self.rules[instrument_id]
        if quantity % rules.lot_multiple != 0:
            return Reject(RejectCode.QUANTITY_OFF_LOT, rules.lot_multiple, "quantity")
        if price % rules.tick != 0:
            return Reject(RejectCode.PRICE_OFF_TICK, rules.tick, "price")
        prices = rules.prices()
        if price < min(prices):
            return Reject(RejectCode.PRICE_BELOW_BAND, min(prices), "price")
        if price > max(prices):
            return Reject(RejectCode.PRICE_ABOVE_BAND, max(prices), "price")
        return None

    def amend_refusal(self, order: NaiveOrder, command: AmendOrder) -> Reject | None:
        price, total = command.price or order.price, command.quantity or order.total()
        if (price, total) == (order.price, order.total()):
            return Reject(RejectCode.NOTHING_TO_CHANGE)
        wrong = self.wrong_value(order.instrument_id, price, total)
        if wrong is not None:
            return wrong
        makers = self.makers(order.instrument_id, order.side, price)
        if order.post_only and makers and total > order.filled:
            return Reject(RejectCode.WOULD_TRADE, makers[0].price, "price")
        return None

    # --- changes

    def place(self, order_id: str, member_id: str, owner: str, command: PlaceOrder) -> list[AnyEvent]:
        side, price, quantity = command.side, command.price, command.quantity
        tif, post_only = command.time_in_force, command.post_only
        order = NaiveOrder(
            order_id, member_id, owner, command.instrument_id, side, price, 0, quantity, post_only
        )
        placed = OrderPlaced(
            order_id, member_id, command.instrument_id, side, price, quantity, tif, post_only
        )
        events = [placed, *self.matched(order)]
        if order.open and tif == TimeInForce.IOC:
            return [*events, self.cancelled(order, False, CancelCause.REMAINDER)]
        return [*events, *self.rested(order)]

    def amend(self, order: NaiveOrder, price: int, total: int) -> list[AnyEvent]:
        if total <= order.filled:
            return self.cancel(order, CancelCause.AMENDED)
        old_price, old_open = order.price, order.open
        order.price, order.open = price, total - order.filled
        keeps_place = price == old_price and order.open < old_open
        ids = order.order_id, order.member_id, order.instrument_id
        amended = OrderAmended(*ids, order.side, old_price, old_open, price, total, order.open, keeps_place)
        if keeps_place:
            return [amended]
        self.resting.remove(order)
        return [amended, *self.matched(order), *self.rested(order)]

    def cancel(self, order: NaiveOrder, cause: CancelCause) -> list[AnyEvent]:
        self.resting.remove(order)
        return [self.cancelled(order, True, cause)]

    def cancelled(self, order: NaiveOrder, resting: bool, cause: CancelCause) -> OrderCancelled:
        ids = order.order_id, order.member_id, order.instrument_id
        return OrderCancelled(*ids, order.side, order.price, order.open, resting, cause)

    def rested(self, order: NaiveOrder) -> list[AnyEvent]:
        if not order.open:
            return []
        self.arrivals += 1
        order.arrival = self.arrivals
        self.resting.append(order)
        ids = order.order_id, order.member_id, order.instrument_id
        return [OrderRested(*ids, order.side, order.price, order.open)]

    def matched(self, taker: NaiveOrder) -> list[AnyEvent]:
        events: list[AnyEvent] = []
        for maker in self.makers(taker.instrument_id, taker.side, taker.price):
            quantity = min(maker.open, taker.open)
            if quantity:
                events.append(self.met(maker, taker, quantity))
        self.resting = [order for order in self.resting if order.open]
        return events

    def met(self, maker: NaiveOrder, taker: NaiveOrder, quantity: int) -> AnyEvent:
        maker.open, taker.open = maker.open - quantity, taker.open - quantity
        who = maker.order_id, taker.order_id, maker.member_id, taker.member_id
        left = maker.open, taker.open
        book = taker.instrument_id
        if maker.owner == taker.owner:
            return SelfTradePrevented(book, maker.price, quantity, taker.side, *who, *left)
        maker.filled, taker.filled = maker.filled + quantity, taker.filled + quantity
        self.trades[book] += 1
        return Traded(book, self.trades[book], maker.price, quantity, taker.side, *who, *left)

    # --- dumps

    def dump(self) -> list[list[list[object]]]:
        """The dump in plain lists."""
        return [
            [
                [
                    instrument_id,
                    rules.tick,
                    rules.lot_multiple,
                    min(rules.prices()),
                    max(rules.prices()),
                    self.trades[instrument_id],
                    self.dumped_queue(instrument_id, Side.BUY),
                    self.dumped_queue(instrument_id, Side.SELL),
                ]
                for instrument_id, rules in sorted(self.rules.items())
            ]
        ]

    def dumped_queue(self, instrument_id: str, side: Side) -> list[list[object]]:
        return [
            [
                order.order_id,
                order.member_id,
                order.owner,
                order.price,
                order.total(),
                order.open,
                order.post_only,
            ]
            for order in self.queue(instrument_id, side)
        ]
