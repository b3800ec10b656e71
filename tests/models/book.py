"""A naive twin of the continuous books: one list of orders, sorted afresh whenever anybody asks.

It predicts every refusal, every event and the dump.
"""

from collections import Counter
from collections.abc import Callable
from copy import copy
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
    OrderTerms,
    OrderTermsSet,
    OrderType,
    PlaceOrder,
    PostOnlyMode,
    SelfTradeMode,
    SelfTradePrevented,
    SliceRefilled,
    Traded,
)
from exchange.core.rejects import Reject, RejectCode

OPEN_ORDERS_MAX = 10_000
FOK_MAKERS = 256
SLICES = 32
DAY = 24 * 3_600 * 1_000_000
RESTING = (TimeInForce.GTC, TimeInForce.GTD, TimeInForce.DAY)
PLAIN = OrderTerms()


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
    session: int = 0
    tif: TimeInForce = TimeInForce.GTC
    terms: OrderTerms = PLAIN
    expires: int = 0
    slice: int = 0  # what is left of the part that shows, of an iceberg that rests
    refills: int = 0

    def total(self) -> int:
        return self.filled + self.open

    def plain(self) -> bool:
        return self.terms == PLAIN and self.tif not in (TimeInForce.GTD, TimeInForce.DAY)

    def hidden(self) -> bool:
        return self.terms.min_fill_quantity > 0

    def at_once(self) -> int:
        """What a taker can meet of it in one piece."""
        return self.slice if self.terms.display_quantity else self.open

    def least(self) -> int:
        return min(self.terms.min_fill_quantity, self.open)


def better_first(order: NaiveOrder) -> tuple[int, bool, int]:
    return (-order.price if order.side == Side.BUY else order.price, order.hidden(), order.arrival)


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

    def next_maker(self, taker: NaiveOrder) -> NaiveOrder | None:
        """The first that can trade with the taker now, both minimums kept."""
        for maker in self.makers(taker.instrument_id, taker.side, taker.price):
            piece = min(maker.at_once(), taker.open)
            if piece >= max(maker.least(), taker.least()):
                return maker
        return None

    def levels(self, instrument_id: str, side: Side) -> list[tuple[int, int, int]]:
        queue = [order for order in self.queue(instrument_id, side) if not order.hidden()]
        prices = dict.fromkeys(order.price for order in queue)
        opens = {price: [order.at_once() for order in queue if order.price == price] for price in prices}
        return [(price, sum(opens[price]), len(opens[price])) for price in prices]

    def limit(self, command: PlaceOrder) -> int:
        if command.terms is None or command.terms.order_type == OrderType.LIMIT:
            return command.price
        prices = self.rules[command.instrument_id].prices()
        return max(prices) if command.side == Side.BUY else min(prices)

    def as_order(self, order_id: str, member_id: str, owner: str, command: PlaceOrder) -> NaiveOrder:
        """The order as it comes to the book, before it meets anybody."""
        return NaiveOrder(
            order_id,
            member_id,
            owner,
            command.instrument_id,
            command.side,
            self.limit(command),
            0,
            command.quantity,
            command.post_only,
            tif=command.time_in_force,
            terms=command.terms or PLAIN,
        )

    def price_of(self, owner: str, command: PlaceOrder) -> int:
        order = self.as_order("", "", owner, command)
        if command.post_only and order.terms.post_only_mode == PostOnlyMode.SLIDE:
            met = self.next_maker(order)
            tick = self.rules[command.instrument_id].tick
            if met:
                return met.price - tick if command.side == Side.BUY else met.price + tick
        return order.price

    def refusal(
        self, member_id: str, owner: str, command: PlaceOrder, budget: "NaiveBudget | None" = None
    ) -> Reject | None:
        if command.instrument_id not in self.rules:
            return Reject(RejectCode.INSTRUMENT_UNKNOWN, 0, "instrument_id")
        count = len([order for order in self.resting if order.member_id == member_id])
        if command.time_in_force in RESTING and count >= OPEN_ORDERS_MAX:
            return Reject(RejectCode.TOO_MANY_OPEN_ORDERS, OPEN_ORDERS_MAX)
        wrong = self.wrong_value(command.instrument_id, self.limit(command), command.quantity)
        wrong = wrong or self.wrong_part(command)
        if wrong is not None:
            return wrong
        order = self.as_order("", member_id, owner, command)
        if command.post_only and command.time_in_force not in RESTING:
            return Reject(RejectCode.POST_ONLY_NOT_RESTING, 0, "post_only")
        if command.post_only:
            met = self.next_maker(order)
            slides = order.terms.post_only_mode == PostOnlyMode.SLIDE
            prices = self.rules[command.instrument_id].prices()
            if met and not (slides and self.price_of(owner, command) in prices):
                return Reject(RejectCode.WOULD_TRADE, met.price, "price")
        if command.time_in_force == TimeInForce.FOK:
            fillable = self.fillable(order, budget)
            if fillable < command.quantity:
                return Reject(RejectCode.NOT_FILLABLE, fillable, "quantity")
        return None

    def wrong_part(self, command: PlaceOrder) -> Reject | None:
        terms, lot = command.terms or PLAIN, self.rules[command.instrument_id].lot_multiple
        for field in ("min_fill_quantity", "display_quantity"):
            part = getattr(terms, field)
            if part % lot != 0:
                return Reject(RejectCode.QUANTITY_OFF_LOT, lot, field)
            if part > command.quantity:
                return Reject(RejectCode.PART_OUT_OF_RANGE, command.quantity, field)
        if terms.display_quantity and command.quantity > SLICES * terms.display_quantity:
            bound = next(lots * lot for lots in range(1, 10**9) if SLICES * lots * lot >= command.quantity)
            return Reject(RejectCode.PART_OUT_OF_RANGE, bound, "display_quantity")
        return None

    def fillable(self, order: NaiveOrder, budget: "NaiveBudget | None") -> int:
        """Let it happen in a copy of the world, and see what others traded before an own order got in the way."""
        world = copy(self)
        world.resting = [copy(each) for each in self.resting]
        world.trades = Counter(self.trades)
        makers = world.makers(order.instrument_id, order.side, order.price)[:FOK_MAKERS]
        world.resting = makers
        found = 0
        for event in world.matched(copy(order), budget):
            if isinstance(event, Traded):
                found += event.quantity
            elif isinstance(event, SelfTradePrevented) or (
                isinstance(event, OrderCancelled) and order.terms.self_trade != SelfTradeMode.CANCEL_OLDEST
            ):
                break
        return found

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
        most = SLICES * order.terms.display_quantity
        if most and total > most:
            return Reject(RejectCode.PART_OUT_OF_RANGE, most, "quantity")
        changed = copy(order)
        changed.price, changed.open = price, total - order.filled
        met = self.next_maker(changed) if order.post_only and changed.open > 0 else None
        if met:
            return Reject(RejectCode.WOULD_TRADE, met.price, "price")
        return None

    # --- changes

    def place(
        self,
        order_id: str,
        member_id: str,
        owner: str,
        command: PlaceOrder,
        session: int = 0,
        at_us: int = 0,
        budget: "NaiveBudget | None" = None,
    ) -> list[AnyEvent]:
        order = self.as_order(order_id, member_id, owner, command)
        order.price, order.session = self.price_of(owner, command), session
        order.expires = order.terms.expires_at_us
        if order.tif == TimeInForce.DAY:
            order.expires = next(day for day in range(0, at_us + 2 * DAY, DAY) if day > at_us)
        ids = order_id, member_id, command.instrument_id
        tif, post_only = command.time_in_force, command.post_only
        events: list[AnyEvent] = [
            OrderPlaced(*ids, order.side, order.price, order.open, tif, post_only),
        ]
        if not order.plain():
            terms = order.terms
            events.append(
                OrderTermsSet(
                    *ids,
                    terms.order_type,
                    terms.min_fill_quantity,
                    terms.display_quantity,
                    terms.budget_minor,
                    terms.post_only_mode,
                    terms.self_trade,
                    order.expires,
                )
            )
        return events + self.taken(order, budget)

    def taken(self, order: NaiveOrder, budget: "NaiveBudget | None" = None) -> list[AnyEvent]:
        """Match an order, rest or cancel what is left, and let those meet whom their smaller rest allows it."""
        touched: list[NaiveOrder] = []
        events = self.matched(order, budget, touched)
        if order.open and order.tif == TimeInForce.IOC:
            events.append(self.cancelled(order, False, CancelCause.REMAINDER))
        events += self.rested(order)
        return events + self.awake(touched)

    def awake(self, touched: list[NaiveOrder]) -> list[AnyEvent]:
        events: list[AnyEvent] = []
        while touched:
            order = touched.pop(0)
            if order in self.resting and order.refills and not order.hidden():
                makers = self.makers(order.instrument_id, order.side, order.price)
                touched += [other for other in makers if other.hidden()]
            if order in self.resting and order.hidden() and self.next_maker(order):
                self.resting.remove(order)
                events += self.matched(order, None, touched)
                events += self.rested(order)
        return events

    def amend(self, order: NaiveOrder, price: int, total: int) -> list[AnyEvent]:
        if total <= order.filled:
            return self.cancel(order, CancelCause.AMENDED)
        old_price, old_open = order.price, order.open
        order.price, order.open = price, total - order.filled
        keeps_place = price == old_price and order.open < old_open
        ids = order.order_id, order.member_id, order.instrument_id
        amended = OrderAmended(*ids, order.side, old_price, old_open, price, total, order.open, keeps_place)
        if keeps_place:
            order.slice = min(order.slice, order.open)
            return [amended, *self.awake([order])]
        self.resting.remove(order)
        return [amended, *self.taken(order)]

    def cancel(self, order: NaiveOrder, cause: CancelCause) -> list[AnyEvent]:
        self.resting.remove(order)
        return [self.cancelled(order, True, cause)]

    def cancelled(self, order: NaiveOrder, resting: bool, cause: CancelCause) -> OrderCancelled:
        ids = order.order_id, order.member_id, order.instrument_id
        left, order.open = order.open, 0
        return OrderCancelled(*ids, order.side, order.price, left, resting, cause)

    def rested(self, order: NaiveOrder) -> list[AnyEvent]:
        if not order.open:
            return []
        self.join(order)
        ids = order.order_id, order.member_id, order.instrument_id
        return [OrderRested(*ids, order.side, order.price, order.open)]

    def join(self, order: NaiveOrder) -> None:
        """Come to the back of the level, with a whole slice."""
        self.arrivals += 1
        order.arrival = self.arrivals
        order.slice = min(order.terms.display_quantity, order.open)
        if order not in self.resting:
            self.resting.append(order)

    def matched(
        self,
        taker: NaiveOrder,
        budget: "NaiveBudget | None" = None,
        touched: list[NaiveOrder] | None = None,
    ) -> list[AnyEvent]:
        """Meet the best that both minimums allow, one after the other, looking at all of them each time."""
        events: list[AnyEvent] = []
        while taker.open:
            affordable = copy(taker)
            maker = self.next_maker(affordable)
            if budget:
                maker, affordable.open = self.affordable(taker, budget)
            if not maker:
                break
            quantity = min(maker.at_once(), affordable.open)
            if maker.owner == taker.owner and taker.terms.self_trade != SelfTradeMode.DECREMENT:
                events += self.parted(maker, taker)
                continue
            if budget and maker.owner != taker.owner:
                budget.spent.append((maker.price, quantity))
            events += self.met(maker, taker, quantity)
            if touched is not None:
                touched.append(maker)
        return events

    def affordable(self, taker: NaiveOrder, budget: "NaiveBudget") -> tuple[NaiveOrder | None, int]:
        """The first maker of whom the budget pays a piece that both minimums allow, and how much it pays."""
        for maker in self.makers(taker.instrument_id, taker.side, taker.price):
            most = min(taker.open, budget.most(maker.price))
            if not most:
                return None, 0
            most = taker.open if maker.owner == taker.owner else most
            if min(maker.at_once(), most) >= max(maker.least(), taker.least()):
                return maker, most
        return None, 0

    def parted(self, maker: NaiveOrder, taker: NaiveOrder) -> list[AnyEvent]:
        events: list[AnyEvent] = []
        mode = taker.terms.self_trade
        if mode in (SelfTradeMode.CANCEL_OLDEST, SelfTradeMode.CANCEL_BOTH):
            events += self.cancel(maker, CancelCause.SELF_TRADE)
        if mode in (SelfTradeMode.CANCEL_NEWEST, SelfTradeMode.CANCEL_BOTH):
            events.append(self.cancelled(taker, False, CancelCause.SELF_TRADE))
        return events

    def met(self, maker: NaiveOrder, taker: NaiveOrder, quantity: int) -> list[AnyEvent]:
        maker.open, taker.open = maker.open - quantity, taker.open - quantity
        who = maker.order_id, taker.order_id, maker.member_id, taker.member_id
        left = maker.open, taker.open
        book = taker.instrument_id
        event: AnyEvent
        if maker.owner == taker.owner:
            event = SelfTradePrevented(book, maker.price, quantity, taker.side, *who, *left)
        else:
            maker.filled, taker.filled = maker.filled + quantity, taker.filled + quantity
            self.trades[book] += 1
            event = Traded(book, self.trades[book], maker.price, quantity, taker.side, *who, *left)
        maker.slice = max(0, maker.slice - quantity)
        if not maker.open:
            self.resting.remove(maker)
        elif maker.terms.display_quantity and not maker.slice:
            self.join(maker)
            maker.refills += 1
            ids = maker.order_id, maker.member_id, book
            return [event, SliceRefilled(*ids, maker.side, maker.price, maker.slice, maker.refills)]
        return [event]

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
                    self.dumped_queue(instrument_id, Side.BUY, hidden=False),
                    self.dumped_queue(instrument_id, Side.SELL, hidden=False),
                    self.dumped_queue(instrument_id, Side.BUY, hidden=True),
                    self.dumped_queue(instrument_id, Side.SELL, hidden=True),
                ]
                for instrument_id, rules in sorted(self.rules.items())
            ]
        ]

    def dumped_queue(self, instrument_id: str, side: Side, *, hidden: bool) -> list[list[object]]:
        return [
            [
                order.order_id,
                order.member_id,
                order.owner,
                order.price,
                order.total(),
                order.open,
                order.post_only,
                order.session,
                dumped_terms(order),
                order.slice,
                order.refills,
            ]
            for order in self.queue(instrument_id, side)
            if order.hidden() == hidden
        ]


def dumped_terms(order: NaiveOrder) -> list[object] | None:
    terms = order.terms
    return (
        None
        if order.plain()
        else [
            order.tif,
            terms.min_fill_quantity,
            terms.display_quantity,
            terms.self_trade,
            terms.post_only_mode,
            order.expires,
        ]
    )


Cost = Callable[[list[tuple[int, int]]], int]
"""What trades cost in all, (price, quantity) each, tax included."""


class NaiveBudget:
    """How much may be spent, and the trades on which it was: all is added up whenever anybody asks."""

    def __init__(self, budget_minor: int, lot: int, cost_of: Cost) -> None:
        self.budget_minor = budget_minor
        self.lot = lot
        self.cost_of = cost_of
        self.spent: list[tuple[int, int]] = []

    def most(self, price: int) -> int:
        quantity = 0
        while self.cost_of([*self.spent, (price, quantity + self.lot)]) <= self.budget_minor:
            quantity += self.lot
            if quantity > 10**6:
                break
        return quantity
