"""The continuous two-sided book of one instrument: limit orders in price-time priority.

Guarantees: a trade prints at the maker's price; the best price is met first and, within it, the oldest
order; the book never rests crossed; quantity is neither made nor lost; trades are numbered from 1
without a gap; orders of one beneficial owner never trade with each other. The events alone suffice to
rebuild the book.

Questions (`refusal`, `amend_refusal`) change nothing; changes (`place`, `amend`, `cancel`) cannot fail
where the question was answered by nothing in the same turn. Money, stock and who may trade are not
known here.

Known limits: limit orders only; no call auction, iceberg, expiry or minimum amount. A FOK order that is
refused has been held against every order that it could have met.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from msgspec import Struct

from exchange.core.limits import FOK_MAKERS_MAX
from exchange.core.market.ladder import Ladder, Order, Register
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

# Bound once: on CPython 3.11 a member looked up on its class costs more than making a small event.
_BUY: Final = Side.BUY
_GTC: Final = TimeInForce.GTC
_IOC: Final = TimeInForce.IOC
_FOK: Final = TimeInForce.FOK
_REMAINDER: Final = CancelCause.REMAINDER


class RestingOrder(Struct, frozen=True, array_like=True, gc=False):
    """An order as it stands in a dump; side and instrument are those of the list that holds it."""

    order_id: str
    member_id: str
    owner: str
    price: int
    quantity: int
    open: int
    post_only: bool


class BookState(Struct, frozen=True, array_like=True):
    """A whole book; both lists best first, then oldest first. `trades` is the last number given."""

    instrument_id: str
    tick: int
    lot_multiple: int
    price_min: int
    price_max: int
    trades: int
    bids: list[RestingOrder]
    asks: list[RestingOrder]


class Book:
    """The two ladders of an instrument and the rules by which they meet.

    The band is drawn in to whole ticks, so that a bound told with a refusal is a price that is taken.
    All books share one `register` of what rests.
    """

    __slots__ = (
        "_asks",
        "_bids",
        "instrument_id",
        "lot_multiple",
        "price_max",
        "price_min",
        "tick",
        "trades",
    )

    def __init__(
        self,
        instrument_id: str,
        tick: int,
        lot_multiple: int,
        price_min: int,
        price_max: int,
        register: Register,
    ) -> None:
        self.instrument_id = instrument_id
        self.tick = tick
        self.lot_multiple = lot_multiple
        self.price_min = -(-price_min // tick) * tick
        self.price_max = price_max // tick * tick
        assert 0 < self.price_min <= self.price_max, "the band holds a price"
        self.trades = 0
        self._bids = Ladder(Side.BUY, register)
        self._asks = Ladder(Side.SELL, register)

    # --- what stands ---------------------------------------------------------------------------------

    @property
    def best_bid(self) -> int:
        """The highest resting price of a buyer, or 0."""
        best = self._bids.best
        return best.price if best is not None else 0

    @property
    def best_ask(self) -> int:
        """The lowest resting price of a seller, or 0."""
        best = self._asks.best
        return best.price if best is not None else 0

    def levels(self, side: Side, depth: int) -> Iterator[tuple[int, int, int]]:
        """(price, open quantity, orders) of the best `depth` levels; to be read before anything changes.

        Nobody trades by these sums, so they are not kept: it looks at every order that it counts.
        """
        own, _ = self._ladders(side)
        for level in islice(own.levels(), depth):
            opens = [order.open for order in level]
            yield level.price, sum(opens), len(opens)

    # --- questions -----------------------------------------------------------------------------------

    def refusal(self, command: PlaceOrder, owner: str) -> Reject | None:
        """Why the order cannot be taken now, or nothing.

        Checked in this order: lot multiple, tick, band; post-only asks for GTC, and then for a price that
        meets nobody, not even an own order; FOK asks for its whole quantity from others, with no own
        order in the way.
        """
        misfit = self._misfit(command.price, command.quantity)
        if misfit is not None:
            return misfit
        if command.post_only:
            if command.time_in_force is not _GTC:
                return Reject(RejectCode.POST_ONLY_NOT_RESTING, field="post_only")
            return self._would_trade(command.side, command.price)
        if command.time_in_force is _FOK:
            fillable = self._fillable(command, owner)
            if fillable < command.quantity:
                return Reject(RejectCode.NOT_FILLABLE, fillable, "quantity")
        return None

    def amend_refusal(self, order: Order, command: AmendOrder) -> Reject | None:
        """Why the resting order cannot be changed so, or nothing.

        Checked on the values after the change, in this order: that there is a change, lot multiple, tick,
        band; and a post-only order must not trade, unless its new total cancels it.
        """
        price, quantity = command.price or order.price, command.quantity or order.quantity
        if price == order.price and quantity == order.quantity:
            return Reject(RejectCode.NOTHING_TO_CHANGE)
        misfit = self._misfit(price, quantity)
        if misfit is not None:
            return misfit
        if order.post_only and quantity > order.filled:
            return self._would_trade(order.side, price)
        return None

    def _misfit(self, price: int, quantity: int) -> Reject | None:
        if quantity % self.lot_multiple:
            return Reject(RejectCode.QUANTITY_OFF_LOT, self.lot_multiple, "quantity")
        if price % self.tick:
            return Reject(RejectCode.PRICE_OFF_TICK, self.tick, "price")
        if price < self.price_min:
            return Reject(RejectCode.PRICE_BELOW_BAND, self.price_min, "price")
        if price > self.price_max:
            return Reject(RejectCode.PRICE_ABOVE_BAND, self.price_max, "price")
        return None

    def _would_trade(self, side: Side, price: int) -> Reject | None:
        _, facing = self._ladders(side)
        if facing.best is None or facing.best_rank > price * facing.sign:
            return None
        return Reject(RejectCode.WOULD_TRADE, facing.best.price, "price")

    def _fillable(self, command: PlaceOrder, owner: str) -> int:
        """What others would trade with the order, up to its quantity, before it met an own one.

        Only the first FOK_MAKERS_MAX makers count, since the question is free to whoever asks it.
        """
        _, facing = self._ladders(command.side)
        limit, wanted, found = command.price * facing.sign, command.quantity, 0
        for maker in islice(facing, FOK_MAKERS_MAX):
            if found >= wanted or maker.owner == owner or maker.price * facing.sign > limit:
                break
            found += maker.open
        return min(found, wanted)

    def _ladders(self, side: Side) -> tuple[Ladder, Ladder]:
        """Where an order of this side rests, and where it looks for its makers."""
        return (self._bids, self._asks) if side is _BUY else (self._asks, self._bids)

    # --- changes -------------------------------------------------------------------------------------

    def place(
        self, order_id: str, member_id: str, owner: str, command: PlaceOrder, events: list[AnyEvent]
    ) -> Order:
        """Take an order that `refusal` has nothing against; match it; rest or cancel what is left.

        OrderPlaced, then Traded or SelfTradePrevented for each match, then OrderRested (GTC) or
        OrderCancelled (IOC) if anything is left.
        """
        side, price, quantity, tif = command.side, command.price, command.quantity, command.time_in_force
        instrument_id, post_only = self.instrument_id, command.post_only
        events.append(OrderPlaced(order_id, member_id, instrument_id, side, price, quantity, tif, post_only))
        order = Order(order_id, member_id, owner, instrument_id, side, price, quantity, quantity, post_only)
        own, facing = (self._bids, self._asks) if side is _BUY else (self._asks, self._bids)
        if facing.best_rank <= price * facing.sign:
            self._match(order, facing, events)
            if not order.open:
                return order
        if tif is _GTC:
            own.join(order)
            events.append(OrderRested(order_id, member_id, instrument_id, side, price, order.open))
        else:
            assert tif is _IOC, "a FOK order is taken only when all of it trades"
            self._drop(order, False, _REMAINDER, events)
        return order

    def amend(self, order: Order, price: int, quantity: int, events: list[AnyEvent]) -> None:
        """Give a resting order another price, another total quantity or both; 0 leaves a value as it is.

        At or below what is filled: OrderCancelled. Less at the same price: OrderAmended, the place is
        kept. Otherwise the order gives its place up and comes again as a taker: OrderAmended, its
        matches, and OrderRested if anything is left.
        """
        price, quantity = price or order.price, quantity or order.quantity
        still_open = quantity - order.filled
        if still_open <= 0:
            self.cancel(order, CancelCause.AMENDED, events)
            return
        old_price, old_open = order.price, order.open
        own, facing = self._ladders(order.side)
        keeps_place = price == old_price and still_open < old_open
        if not keeps_place:
            own.leave(order)
        order.price, order.quantity, order.open = price, quantity, still_open
        ids = order.order_id, order.member_id, self.instrument_id
        events.append(
            OrderAmended(*ids, order.side, old_price, old_open, price, quantity, still_open, keeps_place)
        )
        if keeps_place:
            return
        self._match(order, facing, events)
        if order.open:
            own.join(order)
            events.append(OrderRested(*ids, order.side, price, order.open))

    def cancel(self, order: Order, cause: CancelCause, events: list[AnyEvent]) -> None:
        """Take a resting order out, wherever it stands."""
        own = self._bids if order.side is _BUY else self._asks
        own.leave(order)
        self._drop(order, True, cause, events)

    def _match(self, taker: Order, facing: Ladder, events: list[AnyEvent]) -> None:
        """Meet the best orders of the other side until nothing is left or the price is not good enough."""
        limit, owner, left = taker.price * facing.sign, taker.owner, taker.open
        while left and facing.best_rank <= limit:
            assert facing.best is not None
            maker = facing.best.first
            assert maker is not None, "the best level is never empty"
            quantity = maker.open if maker.open < left else left  # noqa: FURB136  # min() is slow
            left -= quantity
            maker.open -= quantity
            if maker.owner == owner:
                maker.quantity -= quantity
                taker.quantity -= quantity
                events.append(self._prevented(maker, taker, quantity, left))
            else:
                self.trades += 1
                events.append(self._traded(maker, taker, quantity, left))
            if not maker.open:
                facing.leave(maker)
        taker.open = left

    def _traded(self, maker: Order, taker: Order, quantity: int, left: int) -> Traded:
        return Traded(
            self.instrument_id,
            self.trades,
            maker.price,
            quantity,
            taker.side,
            maker.order_id,
            taker.order_id,
            maker.member_id,
            taker.member_id,
            maker.open,
            left,
        )

    def _prevented(self, maker: Order, taker: Order, quantity: int, left: int) -> SelfTradePrevented:
        return SelfTradePrevented(
            self.instrument_id,
            maker.price,
            quantity,
            taker.side,
            maker.order_id,
            taker.order_id,
            maker.member_id,
            taker.member_id,
            maker.open,
            left,
        )

    def _drop(self, order: Order, resting: bool, cause: CancelCause, events: list[AnyEvent]) -> None:
        """Cancel what an order that stands nowhere any more has open."""
        order_id, member_id, side, left = order.order_id, order.member_id, order.side, order.open
        order.quantity -= left
        order.open = 0
        events.append(
            OrderCancelled(order_id, member_id, self.instrument_id, side, order.price, left, resting, cause)
        )

    # --- dumps ---------------------------------------------------------------------------------------

    def dump(self) -> BookState:
        """Everything that decides what the book will do next; equal books dump alike."""
        return BookState(
            self.instrument_id,
            self.tick,
            self.lot_multiple,
            self.price_min,
            self.price_max,
            self.trades,
            [_at_rest(order) for order in self._bids],
            [_at_rest(order) for order in self._asks],
        )

    @classmethod
    def load(cls, state: BookState, register: Register) -> "Book":
        """The book of a dump, its orders entered in the register."""
        band = state.price_min, state.price_max
        book = cls(state.instrument_id, state.tick, state.lot_multiple, *band, register)
        book.trades = state.trades
        for side, resting in ((Side.BUY, state.bids), (Side.SELL, state.asks)):
            own, _ = book._ladders(side)
            for each in resting:
                ids = each.order_id, each.member_id, each.owner, book.instrument_id
                order = Order(*ids, side, each.price, each.quantity, each.open, each.post_only)
                own.join(order)
        return book


def _at_rest(order: Order) -> RestingOrder:
    ids = order.order_id, order.member_id, order.owner
    return RestingOrder(*ids, order.price, order.quantity, order.open, order.post_only)
