"""The continuous market as it stands: books at level 2, everybody's open orders, the recently closed ones.

Guarantees: what a new view makes of a kernel's state equals what this view became by that kernel's events
(what is recently closed or traded aside).
Doesn't decide who may see an order: orders are kept by member, so that whoever asks names one.
"""

from collections import deque
from enum import StrEnum
from typing import Final

from msgspec import Struct

from exchange.core.market.books import Books
from exchange.core.market.ladder import TermOrder, visible
from exchange.core.messages import shown
from exchange.core.messages.base import Side, TimeInForce
from exchange.core.messages.corrections import TradeBusted, TradeCorrected
from exchange.core.messages.orders import (
    OrderAmended,
    OrderCancelled,
    OrderPlaced,
    OrderRested,
    OrderTermsSet,
    OrderType,
    PostOnlyMode,
    SelfTradeMode,
    SelfTradePrevented,
    SliceRefilled,
    Traded,
)
from exchange.core.messages.phases import CallExtended, CallTraded, Phase, PhaseSet, TradingTermsSet
from exchange.core.visibility import show_print
from exchange.core.visibility.calls import show_call_print
from exchange.core.visibility.corrections import restated
from exchange.views.books import BookView
from exchange.views.limits import CLOSED_ORDERS_KEPT

# Bound once: a member looked up on its class costs more than the rest of a small handler.
_BUY: Final = Side.BUY
_SELL: Final = Side.SELL


class OrderStatus(StrEnum):
    """Where an order stands."""

    OPEN = "open"
    FILLED = "filled"
    CANCELLED = "cancelled"


_OPEN: Final = OrderStatus.OPEN
_FILLED: Final = OrderStatus.FILLED
_CANCELLED: Final = OrderStatus.CANCELLED


class TermsView(Struct, frozen=True, gc=False):
    """What an order said beyond price and quantity. One that can rest is a limit order without a budget."""

    min_fill_quantity: int
    display_quantity: int
    post_only_mode: PostOnlyMode
    self_trade: SelfTradeMode
    expires_at_us: int
    order_type: OrderType = OrderType.LIMIT
    budget_minor: int = 0


class OrderView(Struct, gc=False):
    """An order. `quantity` is the total, without what self-trade prevention took away.

    `terms` are those that are not the default; `shown` is what of an order with terms stands in the depth.
    """

    order_id: str
    member_id: str
    instrument_id: str
    side: Side
    price: int
    quantity: int
    open_quantity: int
    filled_quantity: int
    time_in_force: TimeInForce
    post_only: bool
    status: OrderStatus = _OPEN
    terms: TermsView | None = None
    shown: int = 0
    number: int = 0  # by which everybody sees it in the queue, while it shows there


class Market:
    """`at_us` is the instant of the command whose events come; `changed` lists watched books of this commit."""

    def __init__(self) -> None:
        self.books: dict[str, BookView] = {}
        self.orders: dict[str, dict[str, OrderView]] = {}
        """Open orders by member and order id."""
        self.changed: list[BookView] = []
        self.at_us = 0
        self._closed: dict[str, OrderView] = {}
        self._closing: deque[OrderView] = deque()

    # --- reading -----------------------------------------------------------------------------------

    def order(self, member_id: str, order_id: str) -> OrderView | None:
        """The member's order, open or recently closed; nothing if it is another's."""
        order = self.orders.get(member_id, {}).get(order_id) or self._closed.get(order_id)
        return order if order is not None and order.member_id == member_id else None

    def recently_closed(self, member_id: str) -> list[OrderView]:
        """The member's orders that closed lately, oldest first."""
        return [order for order in self._closing if order.member_id == member_id]

    # --- what events do ----------------------------------------------------------------------------

    def begin(self) -> None:
        """A new commit."""
        for book in self.changed:
            book.forget_changes()
        self.changed.clear()

    def end(self) -> None:
        """The commit is applied."""
        for book in self.changed:
            book.settle()

    def opened(self, instrument_id: str, tick: int) -> None:
        """An instrument has a book from its first instant."""
        self.books[instrument_id] = BookView(instrument_id, tick)

    def placed(self, event: OrderPlaced) -> None:
        """Open until it trades or is cancelled, rested or not."""
        member_id, order_id, quantity = event.member_id, event.order_id, event.quantity
        mine = self.orders.get(member_id)
        if mine is None:
            mine = self.orders[member_id] = {}
        mine[order_id] = OrderView(
            order_id,
            member_id,
            event.instrument_id,
            event.side,
            event.price,
            quantity,
            quantity,
            0,
            event.time_in_force,
            event.post_only,
        )

    def terms_set(self, event: OrderTermsSet) -> None:
        """They follow the order at once, before it meets anybody."""
        self.orders[event.member_id][event.order_id].terms = TermsView(
            event.min_fill_quantity,
            event.display_quantity,
            event.post_only_mode,
            event.self_trade,
            event.expires_at_us,
            event.order_type,
            event.budget_minor,
        )
        self._note_iceberg(self.orders[event.member_id][event.order_id])

    def rested(self, event: OrderRested) -> None:
        """Depth grows by what the order shows."""
        shows = event.open_quantity
        order = self.orders[event.member_id][event.order_id]
        if order.terms is not None:
            shows = order.shown = _first_shown(order.terms, shows)
            if not shows:
                return
        book = self.books[event.instrument_id]
        self._queue(order, book)
        self._shift(book, event.side, event.price, shows)

    def refilled(self, event: SliceRefilled) -> None:
        """Depth grows by the next slice."""
        order = self.orders[event.member_id][event.order_id]
        order.shown = event.quantity
        book = self.books[event.instrument_id]
        self._queue(order, book)
        self._shift(book, event.side, event.price, event.quantity)

    def traded(self, event: Traded) -> None:
        """Depth shrinks at the maker's price; both orders are filled by the quantity."""
        instrument_id, quantity = event.instrument_id, event.quantity
        self._met(event)
        self._fill(event.maker_member_id, event.maker_order_id, quantity, event.maker_open)
        self._fill(event.taker_member_id, event.taker_order_id, quantity, event.taker_open)
        self._print(instrument_id, show_print(event, self.at_us))

    def call_traded(self, event: CallTraded) -> None:
        """Depth shrinks on both sides, each at its order's price."""
        for member_id, order_id, left in (
            (event.buyer_id, event.buy_order_id, event.buy_open),
            (event.seller_id, event.sell_order_id, event.sell_open),
        ):
            order = self.orders[member_id][order_id]
            shows = event.quantity
            if order.terms is not None:
                shows = min(order.shown, shows)
                order.shown -= shows
            if shows:
                self._shift(self.books[order.instrument_id], order.side, order.price, -shows)
            self._fill(member_id, order_id, event.quantity, left)
        self._print(event.instrument_id, show_call_print(event, self.at_us))

    def _print(self, instrument_id: str, trade: shown.Print) -> None:
        book = self.books[instrument_id]
        book.last_price = book.reference = trade.price
        book.last_quantity = trade.quantity
        book.volume += trade.quantity
        book.counted_from = book.counted_from or trade.trade_number
        book.trades.append(trade)
        if book.watchers:
            book.fresh.append(trade)

    def busted(self, event: TradeBusted) -> None:
        """The last trade that stands is the last one, and the reference."""
        self._restate(event, -event.quantity)

    def corrected(self, event: TradeCorrected) -> None:
        """The trade stands at its new terms."""
        self._restate(event, event.quantity - event.old_quantity)

    def _restate(self, event: TradeBusted | TradeCorrected, more: int) -> None:
        book, change = self.books[event.sides.instrument_id], restated(event)
        book.restate(change, more)
        book.reference = event.reference_price
        if book.watchers:
            book.restated.append(change)
            if book.mark():
                self.changed.append(book)

    def prevented(self, event: SelfTradePrevented) -> None:
        """Depth shrinks; both orders shrink without a fill."""
        self._met(event)
        for member_id, order_id, left in (
            (event.maker_member_id, event.maker_order_id, event.maker_open),
            (event.taker_member_id, event.taker_order_id, event.taker_open),
        ):
            order = self.orders[member_id][order_id]
            order.quantity -= event.quantity
            order.open_quantity = left
            if not left:
                self._close(order, self.books[event.instrument_id], _CANCELLED)

    def cancelled(self, event: OrderCancelled) -> None:
        """Depth shrinks if the order stood there."""
        order, book = self.orders[event.member_id][event.order_id], self.books[event.instrument_id]
        if event.resting:
            self._hide(order, book, event.price, event.open_quantity)
        order.open_quantity = 0
        self._close(order, book, _CANCELLED)

    def amended(self, event: OrderAmended) -> None:
        """What stood there goes; what kept its place comes again at once, the rest may rest later."""
        order, book = self.orders[event.member_id][event.order_id], self.books[event.instrument_id]
        stays = event.open_quantity
        if order.terms is not None:
            stays = min(order.shown, stays)
        self._hide(order, book, event.old_price, event.old_open)
        if event.kept_place and stays:
            order.shown = stays if order.terms is not None else 0
            self._shift(book, event.side, event.price, stays)
        if not event.kept_place:
            order.number = 0
        order.price = event.price
        order.quantity = event.quantity
        order.open_quantity = event.open_quantity

    def _met(self, event: Traded | SelfTradePrevented) -> None:
        """Depth shrinks at the maker's price, unless it is hidden; a taker that has just been woken is hidden."""
        maker = self.orders[event.maker_member_id][event.maker_order_id]
        if maker.terms is not None:
            if not maker.shown:
                return
            maker.shown -= event.quantity
        side = _SELL if event.taker_side is _BUY else _BUY
        self._shift(self.books[event.instrument_id], side, event.price, -event.quantity)

    def _hide(self, order: OrderView, book: BookView, price: int, open_quantity: int) -> None:
        """Depth shrinks by what a resting order shows."""
        shows = open_quantity
        if order.terms is not None:
            shows, order.shown = order.shown, 0
        if shows:
            self._shift(book, order.side, price, -shows)

    # --- phases ------------------------------------------------------------------------------------

    def phase_set(self, event: PhaseSet) -> None:
        """Another phase, and no extension so far."""
        self._set_phase(event.instrument_id, event.phase, event.ends_at_us, 0)

    def call_extended(self, event: CallExtended) -> None:
        """The call goes on."""
        phase = self.books[event.instrument_id].phase
        self._set_phase(event.instrument_id, phase, event.ends_at_us, event.extensions)

    def trading_terms_set(self, event: TradingTermsSet) -> None:
        """The reference before anything has traded."""
        self.books[event.instrument_id].reference = event.reference_price

    def _set_phase(self, instrument_id: str, phase: Phase, ends_at_us: int, extensions: int) -> None:
        book = self.books[instrument_id]
        book.phase, book.ends_at_us, book.extensions = phase, ends_at_us, extensions
        if book.mark():
            self.changed.append(book)

    # --- what the others do --------------------------------------------------------------------------

    def _shift(self, book: BookView, side: Side, price: int, by: int) -> None:
        """Change the quantity of a level, and note what it was if somebody watches."""
        levels = book.bids if side is _BUY else book.asks
        before = levels.get(price, 0)
        if now := before + by:
            levels[price] = now
        else:
            del levels[price]
        if book.watchers:
            changed = book.changed_bids if side is _BUY else book.changed_asks
            if price not in changed:
                changed[price] = before
            if book.mark():
                self.changed.append(book)

    def _note_iceberg(self, order: OrderView) -> None:
        if order.terms is not None and order.terms.display_quantity:
            self.books[order.instrument_id].icebergs[order.order_id] = order

    def _queue(self, order: OrderView, book: BookView) -> None:
        """The order shows at the back of its level, under a number of its own."""
        book.arrivals += 1
        order.number = book.arrivals

    def _fill(self, member_id: str, order_id: str, quantity: int, left: int) -> None:
        order = self.orders[member_id][order_id]
        order.filled_quantity += quantity
        order.open_quantity = left
        if not left:
            self._close(order, self.books[order.instrument_id], _FILLED)

    def _close(self, order: OrderView, book: BookView, status: OrderStatus) -> None:
        order_id, closing = order.order_id, self._closing
        order.status = status
        del self.orders[order.member_id][order_id]
        if order.terms is not None:
            book.icebergs.pop(order_id, None)
        self._closed[order_id] = order
        closing.append(order)
        if len(closing) > CLOSED_ORDERS_KEPT:
            del self._closed[closing.popleft().order_id]

    # --- start -------------------------------------------------------------------------------------

    @classmethod
    def from_kernel(cls, books: Books) -> "Market":
        """The market as the kernel's books stand; nothing is recently closed or traded."""
        market = cls()
        for instrument_id, book in books.books.items():
            market.opened(instrument_id, book.tick)
            view = market.books[instrument_id]
            for side, levels in ((_BUY, view.bids), (_SELL, view.asks)):
                levels.update(
                    (price, quantity) for price, quantity, _ in book.levels(side, len(books.orders))
                )
        for order in books.orders.values():
            market.orders.setdefault(order.member_id, {})[order.order_id] = OrderView(
                order.order_id,
                order.member_id,
                order.instrument_id,
                order.side,
                order.price,
                order.quantity,
                order.open,
                order.filled,
                TimeInForce.GTC,
                order.post_only,
            )
            if type(order) is TermOrder:
                _add_terms(market.orders[order.member_id][order.order_id], order)
                market._note_iceberg(market.orders[order.member_id][order.order_id])
        for book in books.books.values():
            view = market.books[book.instrument_id]
            stage = book.stage
            view.phase, view.ends_at_us, view.extensions = stage.phase, stage.ends_at_us, stage.extensions
            view.reference = stage.reference
            for side in Side:
                for order in book.ladders(side)[0]:
                    market._queue(market.orders[order.member_id][order.order_id], view)
        return market


def _first_shown(terms: TermsView, open_quantity: int) -> int:
    """What an order shows as it comes to rest."""
    if terms.min_fill_quantity:
        return 0
    return min(terms.display_quantity or open_quantity, open_quantity)


def _add_terms(view: OrderView, order: TermOrder) -> None:
    terms = order.terms
    view.time_in_force = terms.time_in_force
    view.terms = TermsView(
        terms.min_fill_quantity,
        terms.display_quantity,
        terms.post_only_mode,
        terms.self_trade,
        terms.expires_at_us,
    )
    view.shown = visible(order)
