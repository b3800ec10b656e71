"""All continuous books and their resting orders: what the kernel's flows see of the order market.

Guarantees: one resting order is found by its id at once; a member never learns that another member's
order exists; a member's resting orders are bounded over all books. Who may trade is decided before.
"""

from typing import Final

from msgspec import Struct

from exchange.core.limits import OPEN_ORDERS_PER_MEMBER_MAX
from exchange.core.market.book import Book
from exchange.core.market.dumps import BookState
from exchange.core.market.ladder import Order, Register
from exchange.core.market.meeting import Cap
from exchange.core.market.phases import Stage, StageDump, dumped, restored
from exchange.core.market.terms import Terms
from exchange.core.messages import AnyEvent
from exchange.core.messages.base import TimeInForce
from exchange.core.messages.orders import AmendOrder, CancelCause, PlaceOrder
from exchange.core.messages.phases import Phase
from exchange.core.rejects import Reject, RejectCode

_IOC: Final = TimeInForce.IOC
_FOK: Final = TimeInForce.FOK
_CONTINUOUS: Final = Phase.CONTINUOUS


class BooksState(Struct, frozen=True, array_like=True):
    """All books, by instrument id."""

    books: list[BookState]


class Books:
    """The room: one book an instrument; `orders` holds the resting ones only, by id."""

    __slots__ = ("_register", "books", "breaches", "orders")

    def __init__(self) -> None:
        self._register = Register()
        self.orders = self._register.orders
        self.books: dict[str, Book] = {}
        self.breaches: list[str] = []
        """Instruments whose dynamic band an order met during this command."""

    def open_book(
        self, instrument_id: str, tick: int, lot_multiple: int, price_min: int, price_max: int
    ) -> None:
        """Open the book of a new instrument, whose band holds at least one price on the tick."""
        assert instrument_id not in self.books, "an instrument has one book"
        book = Book(instrument_id, tick, lot_multiple, price_min, price_max, self._register)
        book.stage = Stage(self.breaches)
        self.books[instrument_id] = book

    def refusal(
        self,
        member_id: str,
        owner: str,
        command: PlaceOrder,
        terms: Terms | None = None,
        cap: Cap | None = None,
    ) -> Reject | None:
        """Why the order cannot be taken now, or nothing: the instrument, then the member's bound (for what can
        rest; it counts even if all of it would trade), then the phase's and the book's reasons.
        """
        book = self.books.get(command.instrument_id)
        if book is None:
            return Reject(RejectCode.INSTRUMENT_UNKNOWN, field="instrument_id")
        tif = command.time_in_force
        if (
            tif is not _IOC
            and tif is not _FOK
            and len(self._register.own.get(member_id, ())) >= OPEN_ORDERS_PER_MEMBER_MAX
        ):
            return Reject(RejectCode.TOO_MANY_OPEN_ORDERS, OPEN_ORDERS_PER_MEMBER_MAX)
        if book.stage.phase is not _CONTINUOUS and (refused := book.stage.refusal(command)):
            return refused
        return book.refusal(command, owner, terms, cap)

    def price_of(self, owner: str, command: PlaceOrder, terms: Terms | None) -> int:
        """The price at which an order that is not refused really comes: see `Book.price_of`."""
        return self.books[command.instrument_id].price_of(command, owner, terms)

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
        """Take an order that `refusal` has nothing against: see `Book.place`."""
        return self.books[command.instrument_id].place(
            order_id, member_id, owner, command, events, session, terms, cap
        )

    def of_member(self, member_id: str) -> list[Order]:
        """All resting orders of the member, by their ids."""
        own = self._register.own.get(member_id, {})
        return [own[order_id] for order_id in sorted(own)]

    def find(self, member_id: str, order_id: str) -> Order | Reject:
        """The member's resting order; refused alike whether it is closed, somebody else's or nobody's."""
        order = self.orders.get(order_id)
        if order is None or order.member_id != member_id:
            return Reject(RejectCode.ORDER_UNKNOWN)
        return order

    def amend_refusal(self, order: Order, command: AmendOrder) -> Reject | None:
        """Why the resting order cannot be changed so, or nothing: the phase, then see `Book.amend_refusal`."""
        book = self.books[order.instrument_id]
        return book.stage.amend_refusal() or book.amend_refusal(order, command)

    def amend(self, order: Order, price: int, quantity: int, events: list[AnyEvent]) -> None:
        """Change a resting order that `amend_refusal` has nothing against: see `Book.amend`."""
        self.books[order.instrument_id].amend(order, price, quantity, events)

    def cancel(self, order: Order, cause: CancelCause, events: list[AnyEvent]) -> None:
        """Take a resting order out."""
        self.books[order.instrument_id].cancel(order, cause, events)

    def dump(self) -> BooksState:
        """Everything that decides what the room will do next, whatever the order in which books were opened."""
        return BooksState([self.books[instrument_id].dump() for instrument_id in sorted(self.books)])

    @classmethod
    def load(cls, state: BooksState) -> "Books":
        """The room of a dump."""
        books = cls()
        for each in state.books:
            book = books.books[each.instrument_id] = Book.load(each, books._register)
            book.stage = Stage(books.breaches)
        return books

    def dump_stages(self) -> list[StageDump]:
        """The phases and bands that differ from a new book's."""
        return dumped(
            (instrument_id, self.books[instrument_id].stage) for instrument_id in sorted(self.books)
        )

    def load_stages(self, state: list[StageDump]) -> None:
        """The phases and bands of a dump."""
        for each in state:
            restored(self.books[each.instrument_id].stage, each)
