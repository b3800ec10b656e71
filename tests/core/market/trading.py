"""Books driven as the flow drives them: ask first, then change. Every step returns its refusal or its events.

Orders are called o1, o2 … in the order in which they were taken. A member's beneficial owner is the
member itself unless `owners` says otherwise.
"""

from exchange.core.market.book import Book
from exchange.core.market.books import Books
from exchange.core.market.ladder import Order
from exchange.core.market.terms import terms_of
from exchange.core.messages import AnyEvent
from exchange.core.messages.base import Side, TimeInForce
from exchange.core.messages.orders import AmendOrder, CancelCause, OrderTerms, PlaceOrder
from exchange.core.rejects import Reject

Step = Reject | list[AnyEvent]

PART = "part"
GTC, IOC, FOK = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK
BUY, SELL = Side.BUY, Side.SELL


class Trading:
    """One instrument called `part` and whoever trades it."""

    def __init__(
        self,
        *,
        tick: int = 1,
        lot_multiple: int = 1,
        price_min: int = 1,
        price_max: int = 1_000,
        owners: dict[str, str] | None = None,
    ) -> None:
        self.books = Books()
        self.books.open_book(PART, tick, lot_multiple, price_min, price_max)
        self.owners = owners or {}
        self.placed = 0

    @property
    def book(self) -> Book:
        return self.books.books[PART]

    def order(
        self,
        side: Side,
        member_id: str,
        price: int,
        quantity: int,
        tif: TimeInForce = GTC,
        *,
        post_only: bool = False,
        terms: OrderTerms | None = None,
    ) -> Step:
        owner = self.owners.get(member_id, member_id)
        command = PlaceOrder(
            instrument_id=PART,
            side=side,
            price=price,
            quantity=quantity,
            time_in_force=tif,
            post_only=post_only,
            terms=terms,
        )
        real = terms_of(command, 0)
        refused = self.books.refusal(member_id, owner, command, real)
        if refused is not None:
            return refused
        self.placed += 1
        events: list[AnyEvent] = []
        self.books.place(f"o{self.placed}", member_id, owner, command, events, 0, real)
        return events

    def buy(
        self,
        member_id: str,
        price: int,
        quantity: int,
        tif: TimeInForce = GTC,
        *,
        post_only: bool = False,
        terms: OrderTerms | None = None,
    ) -> Step:
        return self.order(BUY, member_id, price, quantity, tif, post_only=post_only, terms=terms)

    def sell(
        self,
        member_id: str,
        price: int,
        quantity: int,
        tif: TimeInForce = GTC,
        *,
        post_only: bool = False,
        terms: OrderTerms | None = None,
    ) -> Step:
        return self.order(SELL, member_id, price, quantity, tif, post_only=post_only, terms=terms)

    def amend(self, member_id: str, order_id: str, price: int = 0, quantity: int = 0) -> Step:
        order = self.books.find(member_id, order_id)
        if isinstance(order, Reject):
            return order
        refused = self.books.amend_refusal(order, AmendOrder(price=price, quantity=quantity))
        if refused is not None:
            return refused
        events: list[AnyEvent] = []
        self.books.amend(order, price, quantity, events)
        return events

    def cancel(self, member_id: str, order_id: str) -> Step:
        order = self.books.find(member_id, order_id)
        if isinstance(order, Reject):
            return order
        events: list[AnyEvent] = []
        self.books.cancel(order, CancelCause.REQUESTED, events)
        return events

    def levels(self, side: Side) -> list[tuple[int, int, int]]:
        """(price, open quantity, orders), best first."""
        return list(self.book.levels(side, 1_000))

    def resting(self, order_id: str) -> Order:
        return self.books.orders[order_id]


def made(step: Step) -> list[AnyEvent]:
    """The events of a step that was not refused."""
    assert isinstance(step, list), step
    return step
