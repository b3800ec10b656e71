"""Orders of the continuous market: placed, amended, cancelled one by one or all at once, and expired.

While a buy order rests, its worst price is held on the buyer's wallet; while a sell order rests, its quantity is
reserved from the seller's stock. `holds` says how much that is and follows what the book does.
"""

from typing import Final

from exchange.core.deadlines import Deadline, Deadlines
from exchange.core.flows.holds import EXPIRE_ORDER, Budget, Holds
from exchange.core.flows.outcome import Done, Handlers, Steps
from exchange.core.goods.instruments import Instrument, Instruments
from exchange.core.ledger.ledger import Ledger
from exchange.core.limits import AMOUNT_MINOR_MAX
from exchange.core.market.books import Books
from exchange.core.market.ladder import Order
from exchange.core.market.terms import contradiction, terms_of
from exchange.core.messages import (
    AmendOrder,
    AnyEvent,
    CancelAfter,
    CancelAll,
    CancelCause,
    CancelOrder,
    OrderType,
    PlaceOrder,
    Role,
    Sequenced,
    Side,
)
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode
from exchange.core.sessions import Sessions

CANCEL_AFTER: Final = "cancel_after"
"""The deadline of a dead-man's switch; its subject is a session and its member."""

# Looked up once: the name of an enum's member costs a dozen dictionary accesses each time (CPython 3.11).
_BUY: Final = Side.BUY
_BUYER, _SELLER = Role.BUYER, Role.SELLER
_REQUESTED: Final = CancelCause.REQUESTED


class SurplusSale:
    """The commands of the continuous market, and the deadlines of its orders."""

    def __init__(
        self,
        members: Members,
        instruments: Instruments,
        books: Books,
        ledger: Ledger,
        sessions: Sessions,
        deadlines: Deadlines,
        holds: Holds,
    ) -> None:
        self.members = members
        self.instruments = instruments
        self.books = books
        self.ledger = ledger
        self.sessions = sessions
        self.deadlines = deadlines
        self.holds = holds

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            PlaceOrder: self.place_order,
            CancelOrder: self.cancel_order,
            AmendOrder: self.amend_order,
            CancelAll: self.cancel_all,
            CancelAfter: self.cancel_after,
        }

    def steps(self) -> Steps:
        """What happens when which deadline falls due."""
        return {
            EXPIRE_ORDER: self.expire,
            CANCEL_AFTER: self.time_out,
        }

    # --- orders ----------------------------------------------------------------------------------

    def place_order(self, sent: Sequenced, command: PlaceOrder, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, that the terms go together, instrument, the book's, the amount (more than can be
        booked; less than the instrument's least, but for market orders), then money or stock.
        """
        member_id, order_id, side, quantity = sent.member_id, sent.new_id, command.side, command.quantity
        if refused := self.members.refusal(member_id, _BUYER if side is _BUY else _SELLER):
            return refused
        owner = self.members.owner_of(member_id)
        terms, cap = terms_of(command, sent.at_us), None
        if terms is not None:
            if refused := contradiction(command, sent.at_us):
                return refused
            cap = self._budget(command)
        if refused := self.books.refusal(member_id, owner, command, terms, cap):
            return refused
        instrument = self.instruments.get(command.instrument_id)
        assert instrument is not None, "a book has an instrument"
        price = command.price if terms is None else self.books.price_of(owner, command, terms)
        amount = instrument.amount_minor(price, quantity)
        need = self.holds.first_need(instrument, amount) if side is _BUY else quantity
        if cap is not None:
            need = min(need, cap.budget_minor)
        if (need if side is _BUY else amount) > AMOUNT_MINOR_MAX:
            return Reject(RejectCode.AMOUNT_TOO_LARGE, AMOUNT_MINOR_MAX, "quantity")
        if amount < instrument.min_amount_minor and not _is_market(command):
            return Reject(RejectCode.ORDER_TOO_SMALL, instrument.min_amount_minor, "quantity")
        source, held = self.holds.purse(member_id, side, instrument)
        if (free := self.ledger.available(source)) < need:
            return _short(side, free)
        if command.validate_only:
            return Done(number=need)
        # Nothing below this line can fail: the order is taken.
        self.ledger.hold(order_id, source, held, need, order_id, events)
        if side is _BUY:
            self.holds.pin_fee(order_id, instrument)
        first = len(events)
        order = self.books.place(order_id, member_id, owner, command, events, sent.session, terms, cap)
        left = order.open
        if left != quantity or terms is not None:
            self.holds.follow(events[first:], order, instrument, events, budgeted=cap is not None)
            self.holds.expire_later(order)
        return Done(order_id, order.quantity - left, left)

    def _budget(self, command: PlaceOrder) -> Budget | None:
        """What the order may spend, where it says so."""
        instrument = self.instruments.get(command.instrument_id)
        if instrument is None or command.terms is None or not command.terms.budget_minor:
            return None
        return self.holds.budget(instrument, command.terms.budget_minor)

    def amend_order(self, sent: Sequenced, command: AmendOrder, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the order, standing, the book's on the new values, the amount, then money or stock."""
        order = self._named_order(sent, command)
        if isinstance(order, Reject):
            return order
        role = _BUYER if order.side is _BUY else _SELLER
        if refused := self.members.refusal(sent.member_id, role) or self.books.amend_refusal(order, command):
            return refused
        instrument, side = self._instrument(order.instrument_id), order.side
        price, quantity = command.price or order.price, command.quantity or order.quantity
        rest = max(0, quantity - order.filled)
        need = self.holds.need(order.order_id, side, instrument, price, rest)
        if max(need, instrument.amount_minor(price, rest)) > AMOUNT_MINOR_MAX:
            return Reject(RejectCode.AMOUNT_TOO_LARGE, AMOUNT_MINOR_MAX, "quantity")
        if rest and instrument.amount_minor(price, quantity) < instrument.min_amount_minor:
            return Reject(RejectCode.ORDER_TOO_SMALL, instrument.min_amount_minor, "quantity")
        source, _ = self.holds.purse(sent.member_id, side, instrument)
        more = need - self.ledger.holds[order.order_id].remaining
        if more > (free := self.ledger.available(source)):
            return _short(side, free)
        # Nothing below this line can fail: the order changes.
        if more > 0:
            self.ledger.extend(order.order_id, more, events)
        elif more < 0:
            self.ledger.release(order.order_id, -more, events)
        first = len(events)
        self.books.amend(order, price, quantity, events)
        self.holds.follow(events[first:], order, instrument, events)
        return Done(order.order_id, order.filled, order.open)

    def cancel_order(self, sent: Sequenced, command: CancelOrder, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the order. A suspended member may cancel."""
        order = self._named_order(sent, command)
        if isinstance(order, Reject):
            return order
        # Nothing below this line can fail.
        self._end(order, _REQUESTED, events)
        return Done(order.order_id, order.filled)

    def cancel_all(self, sent: Sequenced, command: CancelAll, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the instrument, where one is named. A suspended member may cancel. At once, however many."""
        if command.instrument_id and self.instruments.get(command.instrument_id) is None:
            return Reject(RejectCode.INSTRUMENT_UNKNOWN, field="instrument_id")
        # Nothing below this line can fail.
        orders = [
            order
            for order in self.books.of_member(sent.member_id)
            if command.instrument_id in {"", order.instrument_id}
            and command.side in {None, order.side}
            and command.placed_in in {0, order.session}
        ]
        for order in orders:
            self._end(order, CancelCause.REQUESTED, events)
        return Done(number=len(orders))

    def cancel_after(self, sent: Sequenced, command: CancelAfter, events: list[AnyEvent]) -> Done | Reject:
        """Set the switch of the session, or move it: `number` is the instant at which it would act, 0 if off."""
        subject = f"{sent.session}:{sent.member_id}"
        if not command.after_us:
            self.deadlines.drop(CANCEL_AFTER, subject)
            return Done()
        due_us = sent.at_us + command.after_us
        self.deadlines.set(CANCEL_AFTER, subject, due_us)
        return Done(number=due_us)

    # --- deadlines -------------------------------------------------------------------------------

    def expire(self, deadline: Deadline, _: int, events: list[AnyEvent]) -> None:
        """The order's time is over. Its deadline goes when the order does, so it rests."""
        self._end(self.books.orders[deadline.subject], CancelCause.EXPIRED, events)

    def time_out(self, deadline: Deadline, _: int, events: list[AnyEvent]) -> None:
        """The session did not renew its switch: its orders go."""
        session, member_id = deadline.subject.split(":", 1)
        for order in self.books.of_member(member_id):
            if order.session == int(session):
                self._end(order, CancelCause.TIMED_OUT, events)

    def _end(self, order: Order, cause: CancelCause, events: list[AnyEvent]) -> None:
        """Take a resting order out of the book, and give back what it held."""
        self.books.cancel(order, cause, events)
        self.holds.end_order(order.order_id, events)

    def _named_order(self, sent: Sequenced, command: CancelOrder | AmendOrder) -> Order | Reject:
        """The resting order that a command names by its id, or by the ref that placed it in the same session."""
        order_id, field = command.order_id, "order_id"
        if not order_id:
            field = "order_ref"
            order_id = self.sessions.order_id_of(sent.member_id, sent.session, command.order_ref) or ""
        found = self.books.find(sent.member_id, order_id)
        return Reject(found.code, 0, field) if isinstance(found, Reject) else found

    def _instrument(self, instrument_id: str) -> Instrument:
        """An instrument that is known to exist."""
        instrument = self.instruments.get(instrument_id)
        assert instrument is not None, instrument_id
        return instrument


def _is_market(command: PlaceOrder) -> bool:
    return command.terms is not None and command.terms.order_type is OrderType.MARKET


def _short(side: Side, free: int) -> Reject:
    code = RejectCode.MONEY_SHORT if side is _BUY else RejectCode.STOCK_SHORT
    return Reject(code, free, "quantity")
