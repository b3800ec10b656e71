"""The surplus market: orders that hold what they promise, trades by novation, receipt, settlement.

While a buy order rests, its worst price is held on the buyer's wallet; while a sell order rests, its
quantity is reserved from the seller's stock. A trade moves the money into the escrow of the buyer's
contract and the goods on their way to the buyer. `confirm_receipt` releases the escrow: the seller gets
the price less commission and the tax on it, so that the parts always add up.

Known limits: receipt is confirmed for all open lines of a contract at once; nothing is inspected.
"""

from collections.abc import Sequence
from typing import Final

from exchange.core.deals.contract import Contract, Contracts, Line
from exchange.core.flows.outcome import DONE, Done
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
    ConfirmReceipt,
    CreateInstrument,
    DeclareStock,
    OrderCancelled,
    PlaceOrder,
    Role,
    SelfTradePrevented,
    Sequenced,
    SetCommission,
    Side,
    StockDeclared,
    StockWithdrawn,
    TopUp,
    Traded,
    WithdrawStock,
)
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode
from exchange.core.sessions import Sessions
from exchange.core.values import month_of

FLOAT_SIDES: Final = ((AccountKind.FLOAT, "house"), (AccountKind.HOUSE, "float"))
"""The commission crosses the rings as a linked pair: owed by the clients' bank, owned by the house."""


# Looked up once: the name of an enum's member costs a dozen dictionary accesses each time (CPython 3.11).
_BUY: Final = Side.BUY
_BUYER, _SELLER = Role.BUYER, Role.SELLER
_BROUGHT: Final = AccountKind.BROUGHT
_COMMISSION: Final = AccountKind.COMMISSION
_DELIVERED: Final = AccountKind.DELIVERED
_ESCROW: Final = AccountKind.ESCROW
_HELD: Final = AccountKind.HELD
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
    ) -> None:
        self.members = members
        self.instruments = instruments
        self.books = books
        self.ledger = ledger
        self.commission = commission
        self.contracts = contracts
        self.sessions = sessions
        self._purses: dict[tuple[str, str], tuple[Account, Account]] = {}  # by member and unit

    # --- what the operator and the sellers bring -------------------------------------------------

    def create_instrument(
        self, sent: Sequenced, command: CreateInstrument, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role, then the instrument's own."""
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR) or self.instruments.refusal(
            command
        ):
            return refused
        # Nothing below this line can fail.
        made = self.instruments.create(sent.new_id, command, events)
        self.books.open_book(sent.new_id, made.tick, made.lot_multiple, made.price_min, made.price_max)
        return Done(sent.new_id)

    def declare_stock(self, sent: Sequenced, command: DeclareStock, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, instrument, and that all that the seller brought stays bookable."""
        unit, quantity = command.instrument_id, command.quantity
        if refused := self.members.refusal(sent.member_id, _SELLER) or self._unknown_instrument(unit):
            return refused
        brought = self.ledger.account(_BROUGHT, sent.member_id, unit)
        if refused := self.ledger.debit_refusal(brought, quantity):
            return Reject(refused.code, refused.bound, "quantity")
        # Nothing below this line can fail.
        stock = self.ledger.account(_STOCK, sent.member_id, unit)
        self.ledger.post(brought, stock, quantity, "declare", "", events)
        events.append(StockDeclared(sent.member_id, unit, quantity))
        return DONE

    def withdraw_stock(
        self, sent: Sequenced, command: WithdrawStock, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role (a suspended seller may take its goods back), instrument, what is not reserved."""
        unit, quantity = command.instrument_id, command.quantity
        refused = self.members.refusal(sent.member_id, _SELLER)
        if refused and refused.code is not RejectCode.MEMBER_SUSPENDED:
            return refused
        if refused := self._unknown_instrument(unit):
            return refused
        stock = self.ledger.account(_STOCK, sent.member_id, unit)
        if refused := self.ledger.debit_refusal(stock, quantity):
            return Reject(refused.code, refused.bound, "quantity")
        # Nothing below this line can fail.
        brought = self.ledger.account(_BROUGHT, sent.member_id, unit)
        self.ledger.post(stock, brought, quantity, "withdraw", "", events)
        events.append(StockWithdrawn(sent.member_id, unit, quantity))
        return DONE

    def top_up(self, sent: Sequenced, command: TopUp, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role, member, then the ledger's. An equal repeat of a transfer id is answered alike."""
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        if self.members.get(command.member_id) is None:
            return Reject(RejectCode.MEMBER_UNKNOWN, field="member_id")
        earlier = self.ledger.top_up_refusal(command)
        if isinstance(earlier, Reject):
            return earlier
        if earlier is not None:
            return Done(command.transfer_id, number=earlier.number)
        # Nothing below this line can fail.
        return Done(command.transfer_id, number=self.ledger.top_up(command, events))

    def set_commission(
        self, sent: Sequenced, command: SetCommission, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role."""
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        self.commission.set_commission(command, events)
        return Done(number=self.commission.version)

    def _unknown_instrument(self, instrument_id: str) -> Reject | None:
        if self.instruments.get(instrument_id) is None:
            return Reject(RejectCode.INSTRUMENT_UNKNOWN, field="instrument_id")
        return None

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

    def _contract(self, contract_id: str) -> Contract:
        """A contract that is known to be in force."""
        contract = self.contracts.get(contract_id)
        assert contract is not None, contract_id
        return contract

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
            self.commission.version,
            events,
        )
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
            self._retire_if_performed(contract)

    def _retire_if_performed(self, contract: Contract) -> None:
        """Nothing more can come to the account of a performed contract, and it is at zero."""
        if self.contracts.get(contract.contract_id) is not None:
            return
        instrument = self._instrument(contract.instrument_id)
        kind, unit = (
            (_ESCROW, instrument.currency) if contract.side is _BUY else (_INBOUND, instrument.instrument_id)
        )
        self.ledger.retire(self.ledger.account(kind, contract.contract_id, unit))

    # --- receipt and settlement ------------------------------------------------------------------

    def confirm_receipt(
        self, sent: Sequenced, command: ConfirmReceipt, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: the contract. A suspended member may confirm."""
        if refused := self.contracts.receipt_refusal(sent.member_id, command.contract_id):
            return refused
        # Nothing below this line can fail: the buyer has the goods.
        contract = self._contract(command.contract_id)
        instrument = self._instrument(contract.instrument_id)
        lines = list(self.contracts.open_lines(contract))
        for line in lines:
            self._settle_line(contract, line, instrument, sent.at_us, events)
        return Done(command.contract_id, number=len(lines))

    def _settle_line(
        self, contract: Contract, line: Line, instrument: Instrument, at_us: int, events: list[AnyEvent]
    ) -> None:
        """Escrow to the seller less commission, goods to the buyer, and both contracts' lines are done."""
        currency, gross = instrument.currency, line.amount_minor
        seller_contract = self._contract(line.counter_contract_id)
        seller = seller_contract.member_id
        fee, tax = self.commission.charge(seller, line.schedule_version, month_of(at_us), currency, gross)
        account = self.ledger.account
        escrow = account(_ESCROW, contract.contract_id, currency)
        inbound = account(_INBOUND, seller_contract.contract_id, instrument.instrument_id)
        house, mirror = (account(*float_side, currency) for float_side in FLOAT_SIDES)
        legs = (
            (escrow, account(_PAYABLE, seller, currency), gross - fee - tax, "settlement"),
            (escrow, house, fee + tax, "commission"),
            (mirror, account(_COMMISSION, "surplus", currency), fee, "commission"),
            (mirror, account(_TAX, "output", currency), tax, "commission_tax"),
            (inbound, account(_DELIVERED, seller, inbound.unit), line.quantity, "receipt"),
        )
        linked = self.ledger.next_number
        for debit, credit, amount, reason in legs:
            if amount:
                self.ledger.post(debit, credit, amount, reason, contract.contract_id, events, linked)
        self.contracts.settle(contract, line, fee, tax, events)
        self._retire_if_performed(contract)
        self._retire_if_performed(seller_contract)


def _short(side: Side, free: int) -> Reject:
    code = RejectCode.MONEY_SHORT if side is _BUY else RejectCode.STOCK_SHORT
    return Reject(code, free, "quantity")
