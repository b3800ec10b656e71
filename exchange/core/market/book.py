"""The continuous two-sided book of one instrument, in price-time priority.

Guarantees: a trade prints at the maker's price; the best price is met first and, within it, the oldest
order; what is shown never rests crossed, and no two resting orders could trade; quantity is neither made nor lost;
trades are numbered from 1 without a gap; orders of one owner never trade. The events alone suffice to rebuild it.

Questions (`refusal`, `amend_refusal`, `price_of`) change nothing; changes (`place`, `amend`, `cancel`)
cannot fail where the question was answered by nothing in the same turn. Money, stock, time and who may
trade are not known here. Plain orders meet in `_match`; where terms have a say, `meeting` decides.

Known limits: a FOK order that is refused has been held against every order that it could have met.
"""

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Final

from exchange.core.limits import PASSED_OVER_MAX, SLICES_MAX
from exchange.core.market.dumps import BookState, at_rest, come_back
from exchange.core.market.ladder import Half, Order, Register, TermOrder, visible
from exchange.core.market.meeting import Cap, Meeting, Taker, fillable, meetings
from exchange.core.market.phases import Stage
from exchange.core.market.terms import RESTING, Terms, part_refusal, terms_told
from exchange.core.market.told import prevented, traded
from exchange.core.messages import AnyEvent
from exchange.core.messages.base import Side, TimeInForce
from exchange.core.messages.orders import (
    AmendOrder,
    CancelCause,
    OrderAmended,
    OrderCancelled,
    OrderPlaced,
    OrderRested,
    OrderType,
    PlaceOrder,
    PostOnlyMode,
    SelfTradeMode,
    SliceRefilled,
)
from exchange.core.rejects import Reject, RejectCode

# Bound once: on CPython 3.11 a member looked up on its class costs more than making a small event.
_BUY: Final = Side.BUY
_GTC: Final = TimeInForce.GTC
_IOC: Final = TimeInForce.IOC
_FOK: Final = TimeInForce.FOK
_MARKET: Final = OrderType.MARKET
_SLIDE: Final = PostOnlyMode.SLIDE
_DECREMENT: Final = SelfTradeMode.DECREMENT
_OLDEST: Final = SelfTradeMode.CANCEL_OLDEST
_BOTH: Final = SelfTradeMode.CANCEL_BOTH
_REMAINDER: Final = CancelCause.REMAINDER
_SELF_TRADE: Final = CancelCause.SELF_TRADE


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
        "stage",
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
        self.stage = Stage([])
        self._bids = Half(Side.BUY, register)
        self._asks = Half(Side.SELL, register)

    # --- what stands ---------------------------------------------------------------------------------

    @property
    def best_bid(self) -> int:
        """The highest price that a buyer shows, or 0."""
        best = self._bids.best
        return best.price if best is not None else 0

    @property
    def best_ask(self) -> int:
        """The lowest price that a seller shows, or 0."""
        best = self._asks.best
        return best.price if best is not None else 0

    def levels(self, side: Side, depth: int) -> Iterator[tuple[int, int, int]]:
        """(price, shown quantity, orders) of the best `depth` levels; to be read before anything changes.

        Nobody trades by these sums, so they are not kept: it looks at every order that it counts.
        """
        own, _ = self.ladders(side)
        for level in islice(own.levels(), depth):
            opens = [visible(order) for order in level]
            yield level.price, sum(opens), len(opens)

    # --- questions -----------------------------------------------------------------------------------

    def refusal(
        self, command: PlaceOrder, owner: str, terms: Terms | None = None, cap: Cap | None = None
    ) -> Reject | None:
        """Why the order cannot be taken now, or nothing. `terms` are those of the command, `cap` its budget.

        Checked in this order: lot multiple, tick, band; the parts that its terms name; post-only asks for an
        order that can rest, and then for a price that meets nobody, not even an own order, or one to slide to;
        FOK asks for its whole quantity from others, with no own order in the way.
        """
        price = command.price if terms is None else self._limit_of(command)
        misfit = self.misfit(price, command.quantity)
        if misfit is None and terms is not None:
            misfit = part_refusal(terms, command.quantity, self.lot_multiple)
        if misfit is not None:
            return misfit
        if command.post_only:
            if command.time_in_force not in RESTING:
                return Reject(RejectCode.POST_ONLY_NOT_RESTING, field="post_only")
            met = self._would_meet(command.side, command.price, command.quantity, owner, terms)
            if terms is not None and terms.post_only_mode is _SLIDE:
                slid = self.price_of(command, owner, terms)
                return None if self.price_min <= slid <= self.price_max else _would_trade(met)
            return _would_trade(met)
        if command.time_in_force is _FOK:
            _, facing = self.ladders(command.side)
            limit = self.stage.reach(price * facing.sign, facing.sign)
            mode = _DECREMENT if terms is None else terms.self_trade
            found = fillable(Taker(limit, owner, command.quantity, 0, mode, cap), facing)
            if found < command.quantity:
                return Reject(RejectCode.NOT_FILLABLE, found, "quantity")
        return None

    def price_of(self, command: PlaceOrder, owner: str, terms: Terms | None) -> int:
        """The price at which the order really comes: the band's end, or slid behind whom it would meet.

        A slide may lead out of the band, which `refusal` tells.
        """
        price = self._limit_of(command)
        if not command.post_only or terms is None or terms.post_only_mode is not _SLIDE:
            return price
        met = self._would_meet(command.side, price, command.quantity, owner, terms)
        if met is None:
            return price
        return met.price - self.tick if command.side is _BUY else met.price + self.tick

    def amend_refusal(self, order: Order, command: AmendOrder) -> Reject | None:
        """Why the resting order cannot be changed so, or nothing.

        Checked on the values after the change, in this order: that there is a change, lot multiple, tick,
        band, the slices; and a post-only order must not trade (nor slide), unless its new total cancels it.
        """
        price, quantity = command.price or order.price, command.quantity or order.quantity
        if price == order.price and quantity == order.quantity:
            return Reject(RejectCode.NOTHING_TO_CHANGE)
        misfit = self.misfit(price, quantity)
        if misfit is not None:
            return misfit
        terms = order.terms if type(order) is TermOrder else None
        if terms is not None and 0 < terms.display_quantity * SLICES_MAX < quantity:
            return Reject(RejectCode.PART_OUT_OF_RANGE, terms.display_quantity * SLICES_MAX, "quantity")
        if order.post_only and quantity > order.filled:
            rest = quantity - order.filled
            return _would_trade(self._would_meet(order.side, price, rest, order.owner, terms))
        return None

    def misfit(self, price: int, quantity: int) -> Reject | None:
        """Checks: QUANTITY_OFF_LOT, PRICE_OFF_TICK, then the band."""
        if quantity % self.lot_multiple:
            return Reject(RejectCode.QUANTITY_OFF_LOT, self.lot_multiple, "quantity")
        if price % self.tick:
            return Reject(RejectCode.PRICE_OFF_TICK, self.tick, "price")
        if price < self.price_min:
            return Reject(RejectCode.PRICE_BELOW_BAND, self.price_min, "price")
        if price > self.price_max:
            return Reject(RejectCode.PRICE_ABOVE_BAND, self.price_max, "price")
        return None

    def _limit_of(self, command: PlaceOrder) -> int:
        """The worst price that the order takes."""
        if command.terms is None or command.terms.order_type is not _MARKET:
            return command.price
        return self.price_max if command.side is _BUY else self.price_min

    def _would_meet(
        self, side: Side, price: int, quantity: int, owner: str, terms: Terms | None
    ) -> Order | None:
        """The first resting order that such an order would meet, an own one included."""
        _, facing = self.ladders(side)
        limit = price * facing.sign
        if facing.best_rank > limit and facing.hidden.best_rank > limit:
            return None
        min_fill = 0 if terms is None else terms.min_fill_quantity
        first = next(meetings(Taker(limit, owner, quantity, min_fill), facing), None)
        return None if first is None else first.maker

    def ladders(self, side: Side) -> tuple[Half, Half]:
        """Where an order of this side rests, and where it looks for its makers."""
        return (self._bids, self._asks) if side is _BUY else (self._asks, self._bids)

    # --- changes -------------------------------------------------------------------------------------

    def place(
        self,
        order_id: str,
        member_id: str,
        owner: str,
        command: PlaceOrder,
        events: list[AnyEvent],
        session: int = 0,
        terms: Terms | None = None,
        cap: Cap | None = None,
    ) -> Order:
        """Take an order that `refusal` has nothing against; match it; rest or cancel what is left.

        OrderPlaced, then OrderTermsSet if it has any, then Traded or SelfTradePrevented for each match, then
        OrderRested or OrderCancelled (IOC) if anything is left; then what the smaller rest of an order with a
        minimum fill lets it meet.
        """
        if terms is not None:
            return self._place_with_terms(order_id, member_id, owner, command, events, session, terms, cap)
        side, price, quantity, tif = command.side, command.price, command.quantity, command.time_in_force
        instrument_id, post_only = self.instrument_id, command.post_only
        events.append(OrderPlaced(order_id, member_id, instrument_id, side, price, quantity, tif, post_only))
        order = Order(
            order_id, member_id, owner, instrument_id, side, price, quantity, quantity, post_only, session
        )
        own, facing = (self._bids, self._asks) if side is _BUY else (self._asks, self._bids)
        if facing.special:
            self._take(order, own, facing, None, events, rests=tif is _GTC)
            return order
        if facing.best_rank <= (rank := price * facing.sign):
            self._match(order, facing, events)
            if not order.open:
                return order
        if tif is _GTC:
            own.join(order)
            events.append(OrderRested(order_id, member_id, instrument_id, side, price, order.open))
            if facing.best_rank <= rank:
                self.stage.watch(instrument_id, rank, facing)
        else:
            assert tif is _IOC, "a FOK order is taken only when all of it trades"
            self._drop(order, False, _REMAINDER, events)
        return order

    def _place_with_terms(
        self,
        order_id: str,
        member_id: str,
        owner: str,
        command: PlaceOrder,
        events: list[AnyEvent],
        session: int,
        terms: Terms,
        cap: Cap | None,
    ) -> Order:
        side, quantity, tif = command.side, command.quantity, command.time_in_force
        price = self.price_of(command, owner, terms)
        ids = order_id, member_id, self.instrument_id
        events.append(OrderPlaced(*ids, side, price, quantity, tif, command.post_only))
        events.append(terms_told(*ids, command, terms))
        whose = order_id, member_id, owner, self.instrument_id
        order = TermOrder(*whose, side, price, quantity, quantity, command.post_only, session, terms=terms)
        self._take(order, *self.ladders(side), cap, events, rests=tif in RESTING)
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
        own, facing = self.ladders(order.side)
        keeps_place = price == old_price and still_open < old_open
        if not keeps_place:
            own.take_out(order)
        order.price, order.quantity, order.open = price, quantity, still_open
        ids = order.order_id, order.member_id, self.instrument_id
        events.append(
            OrderAmended(*ids, order.side, old_price, old_open, price, quantity, still_open, keeps_place)
        )
        if not keeps_place:
            self._take(order, own, facing, None, events, rests=True)
        elif type(order) is TermOrder:
            order.shown = min(order.shown, still_open)
            self._wake(deque((order,)), events)

    def cancel(self, order: Order, cause: CancelCause, events: list[AnyEvent]) -> None:
        """Take a resting order out, wherever it stands."""
        own = self._bids if order.side is _BUY else self._asks
        own.take_out(order)
        self._drop(order, True, cause, events)

    # --- orders that meet ----------------------------------------------------------------------------

    def _take(
        self,
        order: Order,
        own: Half,
        facing: Half,
        cap: Cap | None,
        events: list[AnyEvent],
        *,
        rests: bool,
    ) -> None:
        """Match an order that stands nowhere, rest or cancel what is left, and wake whom that concerns."""
        woken: deque[Order] = deque()
        self._meet(order, facing, cap, events, woken)
        if order.open and rests:
            self._rest(order, own, events)
        elif order.open:
            self._drop(order, False, _REMAINDER, events)
        self._wake(woken, events)

    def _rest(self, order: Order, own: Half, events: list[AnyEvent]) -> None:
        own.rest(order)
        order_id, member_id, price = order.order_id, order.member_id, order.price
        events.append(OrderRested(order_id, member_id, self.instrument_id, order.side, price, order.open))
        if visible(order):
            self.stage.watch(self.instrument_id, -order.price * own.sign, self.ladders(order.side)[1])

    def _meet(
        self, taker: Order, facing: Half, cap: Cap | None, events: list[AnyEvent], woken: deque[Order]
    ) -> None:
        """Do the steps that `meeting` finds, again and again while a smaller rest lets the taker meet more."""
        limit, min_fill, mode = self.stage.reach(taker.price * facing.sign, facing.sign), 0, _DECREMENT
        if type(taker) is TermOrder:
            min_fill, mode = taker.terms.min_fill_quantity, taker.terms.self_trade
        elif not facing.special:
            self._match(taker, facing, events)
            return
        while taker.open:
            steps = list(meetings(Taker(limit, taker.owner, taker.open, min_fill, mode, cap), facing))
            for step in steps:
                if step.own and mode is not _DECREMENT:
                    self._cancel_own(taker, step.maker, mode, events)
                    continue
                self._step(taker, facing, step, events, woken)
                if cap is not None and not step.own:
                    cap = cap.less(step.maker.price, step.quantity)
            if not steps or not min_fill:
                return

    def _step(
        self, taker: Order, facing: Half, step: Meeting, events: list[AnyEvent], woken: deque[Order]
    ) -> None:
        """One match, or what two orders of one owner lose instead."""
        maker, quantity, own = step
        maker.open -= quantity
        taker.open -= quantity
        if own:
            maker.quantity -= quantity
            taker.quantity -= quantity
            events.append(prevented(maker, taker, quantity, taker.open))
        else:
            self.trades += 1
            self.stage.reference = maker.price
            events.append(traded(self.trades, maker, taker, quantity, taker.open))
        if not maker.open:
            facing.take_out(maker)
        elif type(maker) is TermOrder:
            if maker.terms.min_fill_quantity:
                woken.append(maker)
            elif maker.terms.display_quantity:
                maker.shown -= quantity
                if not maker.shown:
                    self.refill(maker, facing, events)
                    woken.append(maker)

    def refill(self, maker: TermOrder, own: Half, events: list[AnyEvent]) -> None:
        """Show the next slice of an iceberg, at the back of its level."""
        own.take_out(maker)
        own.rest(maker)
        maker.refills += 1
        ids = maker.order_id, maker.member_id, self.instrument_id
        events.append(SliceRefilled(*ids, maker.side, maker.price, maker.shown, maker.refills))

    def _cancel_own(self, taker: Order, maker: Order, mode: SelfTradeMode, events: list[AnyEvent]) -> None:
        """Two orders of one owner met, and the taker's mode says which of them goes."""
        if mode is _OLDEST or mode is _BOTH:
            self.cancel(maker, _SELF_TRADE, events)
        if mode is not _OLDEST:
            self._drop(taker, False, _SELF_TRADE, events)

    def _wake(self, woken: deque[Order], events: list[AnyEvent]) -> None:
        """Let orders meet what they had to pass over: a smaller rest or a new slice may fit a minimum now."""
        while woken:
            order = woken.popleft()
            if order.level is None or type(order) is not TermOrder:
                continue
            own, facing = self.ladders(order.side)
            limit = self.stage.reach(order.price * facing.sign, facing.sign)
            least = order.terms.min_fill_quantity
            if not least:
                facing_hidden = islice(facing.hidden, PASSED_OVER_MAX)
                woken.extend(other for other in facing_hidden if other.price * facing.sign <= limit)
                continue
            taker = Taker(limit, order.owner, order.open, least, order.terms.self_trade)
            if next(meetings(taker, facing), None) is not None:
                own.take_out(order)
                self._meet(order, facing, None, events, woken)
                if order.open:
                    self._rest(order, own, events)

    def _match(self, taker: Order, facing: Half, events: list[AnyEvent]) -> None:
        """Meet the best orders of the other side until nothing is left or the price is not good enough.

        The plain case of `_meet`: nobody has terms.
        """
        limit, owner, left = self.stage.reach(taker.price * facing.sign, facing.sign), taker.owner, taker.open
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
                events.append(prevented(maker, taker, quantity, left))
            else:
                self.trades += 1
                self.stage.reference = maker.price
                events.append(traded(self.trades, maker, taker, quantity, left))
            if not maker.open:
                facing.leave(maker)
        taker.open = left

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
            [at_rest(order) for order in self._bids],
            [at_rest(order) for order in self._asks],
            [at_rest(order) for order in self._bids.hidden],
            [at_rest(order) for order in self._asks.hidden],
        )

    @classmethod
    def load(cls, state: BookState, register: Register) -> "Book":
        """The book of a dump, its orders entered in the register."""
        band = state.price_min, state.price_max
        book = cls(state.instrument_id, state.tick, state.lot_multiple, *band, register)
        book.trades = state.trades
        for side, resting in (
            (Side.BUY, state.bids + state.hidden_bids),
            (Side.SELL, state.asks + state.hidden_asks),
        ):
            own, _ = book.ladders(side)
            for each in resting:
                come_back(each, side, book.instrument_id, own)
        return book


def _would_trade(met: Order | None) -> Reject | None:
    return None if met is None else Reject(RejectCode.WOULD_TRADE, met.price, "price")
