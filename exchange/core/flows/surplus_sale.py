"""Orders that hold what they promise, and trades by novation.

While a buy order rests, its worst price is held on the buyer's wallet; while a sell order rests, its
quantity is reserved from the seller's stock. A trade moves the money into the escrow of the buyer's
contract and the goods on their way to the buyer; `settlement` does the rest.
"""

from collections.abc import Sequence
from typing import Final

from exchange.core.deals.contract import Contracts
from exchange.core.flows.hub_deals import HubDeals
from exchange.core.flows.outcome import Done
from exchange.core.flows.settlement import Settlement
from exchange.core.goods.instruments import Instrument, Instruments
from exchange.core.ledger.accounts import Account, AccountKind
from exchange.core.ledger.commission import Commission
from exchange.core.ledger.ledger import Ledger
from exchange.core.limits import AMOUNT_MINOR_MAX
from exchange.core.market.books import Books
from exchange.core.market.ladder import Order
from exchange.core.messages import (
    AmendOrder,
    AnyEvent,
    CancelCause,
    CancelOrder,
    Delivery,
    OrderCancelled,
    PlaceOrder,
    Role,
    SelfTradePrevented,
    Sequenced,
    Side,
    Traded,
)
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode
from exchange.core.sessions import Sessions

# Looked up once: the name of an enum's member costs a dozen dictionary accesses each time (CPython 3.11).
_BUY: Final = Side.BUY
_BUYER, _SELLER = Role.BUYER, Role.SELLER
_BROUGHT: Final = AccountKind.BROUGHT
_COMMISSION: Final = AccountKind.COMMISSION
_DELIVERED: Final = AccountKind.DELIVERED
_ESCROW: Final = AccountKind.ESCROW
_HELD: Final = AccountKind.HELD
_HUB: Final = Delivery.HUB
_INBOUND: Final = AccountKind.INBOUND
_PAYABLE: Final = AccountKind.PAYABLE
_RESERVED: Final = AccountKind.RESERVED
_STOCK: Final = AccountKind.STOCK
_TAX: Final = AccountKind.TAX
_WALLET: Final = AccountKind.WALLET


class SurplusSale:
    """The commands of the continuous market, of its goods and of its money."""

    def __init__(
        self,
        members: Members,
        instruments: Instruments,
        books: Books,
        ledger: Ledger,
        commission: Commission,
        contracts: Contracts,
        sessions: Sessions,
        settlement: Settlement,
        hub_deals: HubDeals,
    ) -> None:
        self.members = members
        self.instruments = instruments
        self.books = books
        self.ledger = ledger
        self.commission = commission
        self.contracts = contracts
        self.sessions = sessions
        self.settlement = settlement
        self.hub_deals = hub_deals
        self._purses: dict[tuple[str, str], tuple[Account, Account]] = {}  # by member and unit

    # --- orders ----------------------------------------------------------------------------------

    def place_order(self, sent: Sequenced, command: PlaceOrder, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, instrument, the book's, the amount, then money or stock."""
        member_id, order_id, side, quantity = sent.member_id, sent.new_id, command.side, command.quantity
        if refused := self.members.refusal(member_id, _BUYER if side is _BUY else _SELLER):
            return refused
        owner = self.members.owner_of(member_id)
        if refused := self.books.refusal(member_id, owner, command):
            return refused
        instrument = self._instrument(command.instrument_id)
        amount = instrument.amount_minor(command.price, quantity)
        if amount > AMOUNT_MINOR_MAX:
            return Reject(RejectCode.AMOUNT_TOO_LARGE, AMOUNT_MINOR_MAX, "quantity")
        source, held = self._purse(member_id, side, instrument)
        need = amount if side is _BUY else quantity
        if (free := self.ledger.available(source)) < need:
            return _short(side, free)
        # Nothing below this line can fail: the order is taken.
        self.ledger.hold(order_id, source, held, need, order_id, events)
        first = len(events)
        order = self.books.place(order_id, member_id, owner, command, events)
        left = order.open
        if left != quantity:
            self._follow(events[first:], order, instrument, events)
        return Done(order_id, order.quantity - left, left)

    def amend_order(self, sent: Sequenced, command: AmendOrder, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the order, standing, the book's on the new values, the amount, then money or stock."""
        order = self._named_order(sent, command)
        if isinstance(order, Reject):
            return order
        role = _BUYER if order.side is _BUY else _SELLER
        if refused := self.members.refusal(sent.member_id, role) or self.books.amend_refusal(order, command):
            return refused
        instrument = self._instrument(order.instrument_id)
        price, quantity = command.price or order.price, command.quantity or order.quantity
        rest = max(0, quantity - order.filled)
        amount = instrument.amount_minor(price, rest)
        if amount > AMOUNT_MINOR_MAX:
            return Reject(RejectCode.AMOUNT_TOO_LARGE, AMOUNT_MINOR_MAX, "quantity")
        source, _ = self._purse(sent.member_id, order.side, instrument)
        need = amount if order.side is _BUY else rest
        more = need - self.ledger.holds[order.order_id].remaining
        if more > (free := self.ledger.available(source)):
            return _short(order.side, free)
        # Nothing below this line can fail: the order changes.
        if more > 0:
            self.ledger.extend(order.order_id, more, events)
        elif more < 0:
            self.ledger.release(order.order_id, -more, events)
        first = len(events)
        self.books.amend(order, price, quantity, events)
        self._follow(events[first:], order, instrument, events)
        return Done(order.order_id, order.filled, order.open)

    def cancel_order(self, sent: Sequenced, command: CancelOrder, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the order. A suspended member may cancel."""
        order = self._named_order(sent, command)
        if isinstance(order, Reject):
            return order
        # Nothing below this line can fail.
        first = len(events)
        self.books.cancel(order, CancelCause.REQUESTED, events)
        self._follow(events[first:], order, self._instrument(order.instrument_id), events)
        return Done(order.order_id, order.filled)

    def _named_order(self, sent: Sequenced, command: CancelOrder | AmendOrder) -> Order | Reject:
        """The resting order that a command names by its id, or by the ref that placed it in the same session."""
        order_id, field = command.order_id, "order_id"
        if not order_id:
            field = "order_ref"
            order_id = self.sessions.order_id_of(sent.member_id, sent.session, command.order_ref) or ""
        found = self.books.find(sent.member_id, order_id)
        return Reject(found.code, 0, field) if isinstance(found, Reject) else found

    def _purse(self, member_id: str, side: Side, instrument: Instrument) -> tuple[Account, Account]:
        """Where an order's hold comes from, and where it is kept; neither account is ever retired."""
        unit = instrument.currency if side is _BUY else instrument.instrument_id
        purse = self._purses.get((member_id, unit))
        if purse is None:
            source, held = (_WALLET, _HELD) if side is _BUY else (_STOCK, _RESERVED)
            purse = self.ledger.account(source, member_id, unit), self.ledger.account(held, member_id, unit)
            self._purses[member_id, unit] = purse
        return purse

    def _instrument(self, instrument_id: str) -> Instrument:
        """An instrument that is known to exist."""
        instrument = self.instruments.get(instrument_id)
        assert instrument is not None, instrument_id
        return instrument

    def _follow(
        self, happened: Sequence[AnyEvent], order: Order, instrument: Instrument, events: list[AnyEvent]
    ) -> None:
        """Let money and goods follow what the book did with `order`."""
        for event in happened:
            kind = type(event)
            if kind is Traded:
                self._settle_trade(event, order, instrument, events)  # type: ignore[arg-type]
            elif kind is SelfTradePrevented:
                self._shrink(event, order, instrument, events)  # type: ignore[arg-type]
            elif kind is OrderCancelled:
                self._end_order(event.order_id, events)  # type: ignore[union-attr]

    def _settle_trade(
        self, trade: Traded, taker: Order, instrument: Instrument, events: list[AnyEvent]
    ) -> None:
        """Money into the buyer's escrow, goods on their way to the buyer, a line on both contracts."""
        ledger = self.ledger
        price, quantity = trade.price, trade.quantity
        amount = instrument.amount_minor(price, quantity)
        if trade.taker_side is _BUY:
            buy_id, buyer, sell_id, seller = (
                trade.taker_order_id,
                trade.taker_member_id,
                trade.maker_order_id,
                trade.maker_member_id,
            )
        else:
            buy_id, buyer, sell_id, seller = (
                trade.maker_order_id,
                trade.maker_member_id,
                trade.taker_order_id,
                trade.taker_member_id,
            )
        unit = instrument.instrument_id
        escrow = ledger.account(_ESCROW, buy_id, instrument.currency)
        inbound = ledger.account(_INBOUND, sell_id, unit)
        linked = ledger.capture(buy_id, escrow, amount, "trade", events, ledger.next_number)
        ledger.capture(sell_id, inbound, quantity, "trade", events, linked)
        if buy_id == taker.order_id and taker.price > price:
            better = instrument.amount_minor(taker.price, quantity) - amount
            ledger.release(buy_id, better, events)
        self.contracts.add_trade(
            buy_id,
            buyer,
            sell_id,
            seller,
            unit,
            trade.trade_number,
            price,
            quantity,
            amount,
            self.commission.version_for(seller, instrument.currency),
            events,
        )
        if instrument.delivery is _HUB:
            self.hub_deals.sell(buy_id, events)
        if not trade.maker_open:
            self._end_order(trade.maker_order_id, events)
        if not trade.taker_open:
            self._end_order(trade.taker_order_id, events)

    def _shrink(
        self, shrunk: SelfTradePrevented, taker: Order, instrument: Instrument, events: list[AnyEvent]
    ) -> None:
        """Release what two orders of one owner held for the quantity that they may not trade."""
        prices = (taker.price, shrunk.price)
        ids = (shrunk.taker_order_id, shrunk.maker_order_id)
        buys = (shrunk.taker_side is _BUY, shrunk.taker_side is not _BUY)
        opens = (shrunk.taker_open, shrunk.maker_open)
        for order_id, price, is_buy, left in zip(ids, prices, buys, opens, strict=True):
            freed = instrument.amount_minor(price, shrunk.quantity) if is_buy else shrunk.quantity
            self.ledger.release(order_id, freed, events)
            if not left:
                self._end_order(order_id, events)

    def _end_order(self, order_id: str, events: list[AnyEvent]) -> None:
        """An order that is gone holds nothing and adds no more lines to its contract."""
        self.ledger.release(order_id, None, events)
        self.ledger.close(order_id)
        contract = self.contracts.get(order_id)
        if contract is not None:
            self.contracts.close_order(order_id, events)
            self.settlement.retire_if_performed(contract)


def _short(side: Side, free: int) -> Reject:
    code = RejectCode.MONEY_SHORT if side is _BUY else RejectCode.STOCK_SHORT
    return Reject(code, free, "quantity")
