"""What the operator lists and what sellers bring: instruments with their books, and stock to sell from."""

from typing import Final

from exchange.core.flows.outcome import DONE, Done, Handlers
from exchange.core.goods.adverts import Adverts
from exchange.core.goods.instruments import Instruments
from exchange.core.ledger.accounts import AccountKind
from exchange.core.ledger.ledger import Ledger
from exchange.core.market.books import Books
from exchange.core.market.phases import set_terms
from exchange.core.messages import (
    AnyEvent,
    CreateInstrument,
    DeclareStock,
    Role,
    Sequenced,
    StockAdvertised,
    StockDeclared,
    StockWithdrawn,
    WithdrawStock,
)
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode

_SELLER: Final = Role.SELLER
_BROUGHT: Final = AccountKind.BROUGHT
_STOCK: Final = AccountKind.STOCK


class Stock:
    """The commands that bring goods to the market."""

    def __init__(
        self, members: Members, instruments: Instruments, books: Books, ledger: Ledger, adverts: Adverts
    ) -> None:
        self.members = members
        self.instruments = instruments
        self.books = books
        self.ledger = ledger
        self.adverts = adverts

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            CreateInstrument: self.create_instrument,
            DeclareStock: self.declare_stock,
            WithdrawStock: self.withdraw_stock,
        }

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
        set_terms(self.books.books[sent.new_id].stage, sent.new_id, command, events)
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
        if command.advertise:
            advertised = StockAdvertised(sent.member_id, unit, quantity, command.lead_days)
            self.adverts.add(advertised, sent.at_us)
            events.append(advertised)
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

    def _unknown_instrument(self, instrument_id: str) -> Reject | None:
        if self.instruments.get(instrument_id) is None:
            return Reject(RejectCode.INSTRUMENT_UNKNOWN, field="instrument_id")
        return None
