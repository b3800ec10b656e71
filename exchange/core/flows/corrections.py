"""Busts and corrections: an operator takes a trade back, or gives it other terms, while nothing has become of it.

Guarantees: a bust gives back exactly what the trade took, as one linked chain of transfers the other way: the money of
its line with the tax on it to the buyer's wallet, the goods to the seller's stock. A correction is such a chain and
that of a trade at the new terms in one, linked as a whole. Orders do not come back. The market goes on from the last
trade that stands. A buyer's commission, which is in escrow since the trade, goes back as the commission's own rule says:
what was charged less what is due on the base that is left, which is nothing; a corrected trade is charged anew. The
seller was not charged yet, since that comes with the settlement, and a settled trade is out of reach.

Known limits: a corrected price may lie beyond the limit of a side's order, which the operator answers for. The tax on
later fills of the same order is by difference with all that it has traded, busted or not; a corrected line's tax is
that of its own amount.
"""

from typing import Final, NamedTuple

from exchange.core.deals.contract import Contract, Contracts
from exchange.core.deals.deal import Deal, Deals, deal_id_of, sides_of
from exchange.core.deals.trades import Line
from exchange.core.flows.hub_deals import HubDeals
from exchange.core.flows.outcome import Done, Handlers
from exchange.core.flows.settlement import Leg, Settlement, fee_and_tax
from exchange.core.goods.instruments import Instrument, Instruments
from exchange.core.ledger.accounts import Account, AccountKind
from exchange.core.ledger.commission import BUYERS_FEE, BUYERS_TAX, Charge, Commission
from exchange.core.ledger.ledger import Ledger
from exchange.core.limits import AMOUNT_MINOR_MAX, BUST_TERM_US
from exchange.core.market.books import Books
from exchange.core.messages import AnyEvent, Delivery, Role, Sequenced
from exchange.core.messages.corrections import BustTrade, CorrectTrade, TradeBusted, TradeCorrected
from exchange.core.messages.deals import BuyerFeeReturned, ContractLineCharged
from exchange.core.messages.ledger import Payer
from exchange.core.messages.lifecycles import DealStep
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import month_of, rate_of

_HUB: Final = Delivery.HUB


class Found(NamedTuple):
    """A trade that can be taken back: its contracts, the buyer's line, its deal where it goes through the hub, and
    what of the commission its buyer bears.
    """

    bought: Contract
    sold: Contract
    line: Line
    instrument: Instrument
    deal: Deal | None
    charge: Charge | None


class Terms(NamedTuple):
    """What a trade comes to."""

    price: int
    quantity: int
    amount_minor: int
    goods_tax_minor: int

    @property
    def paid_minor(self) -> int:
        """By the buyer."""
        return self.amount_minor + self.goods_tax_minor


class Corrections:
    """The two commands."""

    def __init__(
        self,
        members: Members,
        instruments: Instruments,
        books: Books,
        ledger: Ledger,
        commission: Commission,
        contracts: Contracts,
        deals: Deals,
        hub_deals: HubDeals,
        settlement: Settlement,
    ) -> None:
        self.members = members
        self.instruments = instruments
        self.books = books
        self.ledger = ledger
        self.commission = commission
        self.contracts = contracts
        self.deals = deals
        self.hub_deals = hub_deals
        self.settlement = settlement

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {BustTrade: self.bust_trade, CorrectTrade: self.correct_trade}

    def bust_trade(self, sent: Sequenced, command: BustTrade, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role, instrument, then the trade: TRADE_UNKNOWN, TRADE_OVER, TRADE_DISPATCHED, TRADE_TOO_OLD."""
        found = self._find(sent, command)
        if isinstance(found, Reject):
            return found
        # Nothing below this line can fail: the trade never was.
        bought, sold, line, instrument, deal, _ = found
        old = _terms_of(line)
        self.settlement.post_chain(self._back(found, sent.at_us), events)
        self._tell_of_fee(found, events)
        if deal is not None:
            self.hub_deals.take_back(deal, events)
        told = len(events)
        self.contracts.bust(bought, line, events)
        reference = self._go_on_from(instrument)
        busted = TradeBusted(
            sides_of(found.bought, found.line, found.sold), line.trade_number, *old, command.cause, reference
        )
        events.insert(told, busted)  # before the end of a contract, of which it may have been the last line
        for contract in (bought, sold):
            self.settlement.retire_if_performed(contract)
        return Done(instrument.instrument_id, number=line.trade_number)

    def correct_trade(self, sent: Sequenced, command: CorrectTrade, events: list[AnyEvent]) -> Done | Reject:
        """Checks: as for a bust; NOTHING_TO_CHANGE, QUANTITY_ABOVE_TRADE, the book's on price and quantity, the
        amount, then the buyer's money: the bound of MONEY_SHORT is what the trade may cost.
        """
        found = self._find(sent, command)
        if isinstance(found, Reject):
            return found
        bought, _, line, instrument, deal, _ = found
        old, new = _terms_of(line), self._new_terms(found, command)
        if isinstance(new, Reject):
            return new
        # Nothing below this line can fail: the trade stands at the new terms.
        legs = self._back(found, sent.at_us)
        charge = self._charge(found, new, sent.at_us)
        self.settlement.post_chain(legs + self._forth(found, new, charge), events)
        self._tell_of_fee(found, events)
        if deal is not None:
            self.hub_deals.take_back(deal, events)
        told = len(events)
        self.contracts.correct(bought, line, *new, events)
        lines = bought.line_count, found.sold.line_count
        reference = self._go_on_from(instrument)
        events.insert(
            told,
            TradeCorrected(
                sides_of(found.bought, found.line, found.sold),
                line.trade_number,
                *old,
                *new,
                *lines,
                command.cause,
                reference,
            ),
        )
        self._pin(bought, charge, events)
        if deal is not None:
            self.hub_deals.sell(bought.contract_id, events)
        return Done(instrument.instrument_id, number=line.trade_number)

    # --- questions -------------------------------------------------------------------------------

    def _find(self, sent: Sequenced, command: BustTrade | CorrectTrade) -> Found | Reject:
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        instrument = self.instruments.get(command.instrument_id)
        if instrument is None:
            return Reject(RejectCode.INSTRUMENT_UNKNOWN, field="instrument_id")
        sale = self.contracts.trades.get(command.instrument_id, command.trade_number)
        if sale is None:
            was = command.trade_number <= self.books.books[command.instrument_id].trades
            return Reject(RejectCode.TRADE_OVER if was else RejectCode.TRADE_UNKNOWN, field="trade_number")
        bought = self.settlement.contract(sale.counter_contract_id)
        line = bought.lines[sale.counter_line]
        deal_id = deal_id_of(bought.contract_id, line.line)
        deal = self.deals.get(deal_id) if instrument.delivery is _HUB else None
        if deal is not None and not deal.allows(DealStep.DISPATCH):
            return Reject(RejectCode.TRADE_DISPATCHED, field="trade_number")
        until_us = line.at_us + BUST_TERM_US
        if sent.at_us > until_us:
            return Reject(RejectCode.TRADE_TOO_OLD, until_us, "trade_number")
        sold, charge = self.settlement.contract(line.counter_contract_id), self.settlement.bought.get(deal_id)
        return Found(bought, sold, line, instrument, deal, charge)

    def _new_terms(self, found: Found, command: CorrectTrade) -> Terms | Reject:
        line, instrument = found.line, found.instrument
        price, quantity = command.price, command.quantity or line.quantity
        if (price, quantity) == (line.price, line.quantity):
            return Reject(RejectCode.NOTHING_TO_CHANGE)
        if quantity > line.quantity:
            return Reject(RejectCode.QUANTITY_ABOVE_TRADE, line.quantity, "quantity")
        if misfit := self.books.books[instrument.instrument_id].misfit(price, quantity):
            return misfit
        amount = instrument.amount_minor(price, quantity)
        new = Terms(price, quantity, amount, rate_of(amount, instrument.goods_tax_bps))
        if new.paid_minor > AMOUNT_MINOR_MAX:
            return Reject(RejectCode.AMOUNT_TOO_LARGE, AMOUNT_MINOR_MAX, "price")
        _, wallet, _, _ = self._accounts(found)
        most = self.ledger.available(wallet) + _terms_of(line).paid_minor + sum(fee_and_tax(found.charge))
        cost = new.paid_minor + self._bearable(found, amount)
        return new if cost <= most else Reject(RejectCode.MONEY_SHORT, most, "price")

    def _bearable(self, found: Found, amount: int) -> int:
        """The most that the buyer can be charged on the amount, tax included."""
        if found.charge is None:
            return 0
        return self.commission.schedule(found.charge.schedule_version).most_minor(amount)

    # --- changes ---------------------------------------------------------------------------------

    def _accounts(self, found: Found) -> tuple[Account, Account, Account, Account]:
        """The trade's escrow and its buyer's wallet, its goods under way and its seller's stock."""
        account, instrument = self.ledger.account, found.instrument
        return (
            account(AccountKind.ESCROW, found.bought.contract_id, instrument.currency),
            account(AccountKind.WALLET, found.bought.member_id, instrument.currency),
            account(AccountKind.INBOUND, found.sold.contract_id, instrument.instrument_id),
            account(AccountKind.STOCK, found.sold.member_id, instrument.instrument_id),
        )

    def _back(self, found: Found, at_us: int) -> list[Leg]:
        """What the trade took goes back, and its buyer's charge with it."""
        escrow, wallet, inbound, stock = self._accounts(found)
        subject, terms = found.bought.contract_id, _terms_of(found.line)
        legs = [
            Leg(escrow, wallet, terms.paid_minor, "bust", subject),
            Leg(inbound, stock, terms.quantity, "bust", found.sold.contract_id),
        ]
        if found.charge is not None:
            del self.settlement.bought[deal_id_of(subject, found.line.line)]
            fee, tax = self.commission.give_back(found.charge, 0, month_of(at_us))
            legs += [
                Leg(escrow, wallet, fee, BUYERS_FEE, subject),
                Leg(escrow, wallet, tax, BUYERS_TAX, subject),
            ]
        return legs

    def _forth(self, found: Found, terms: Terms, charge: Charge | None) -> list[Leg]:
        """What a trade at these terms takes."""
        escrow, wallet, inbound, stock = self._accounts(found)
        subject, (fee, tax) = found.bought.contract_id, fee_and_tax(charge)
        return [
            Leg(wallet, escrow, terms.paid_minor, "correction", subject),
            Leg(stock, inbound, terms.quantity, "correction", found.sold.contract_id),
            Leg(wallet, escrow, fee, BUYERS_FEE, subject),
            Leg(wallet, escrow, tax, BUYERS_TAX, subject),
        ]

    def _charge(self, found: Found, terms: Terms, at_us: int) -> Charge | None:
        """The buyer's commission on the new terms, under the version of the old ones."""
        if found.charge is None:
            return None
        version, currency = found.charge.schedule_version, found.instrument.currency
        bearable, base = self._bearable(found, terms.amount_minor), terms.amount_minor
        buyer = found.bought.member_id
        return self.commission.charge(buyer, version, month_of(at_us), currency, base, Payer.BUYER, bearable)

    def _pin(self, bought: Contract, charge: Charge | None, events: list[AnyEvent]) -> None:
        """Keep the charge with the new line, and tell the buyer."""
        if charge is None:
            return
        line, (fee, tax) = bought.line_count, fee_and_tax(charge)
        self.settlement.bought[deal_id_of(bought.contract_id, line)] = charge
        if fee + tax:
            told = bought.contract_id, bought.member_id, line, charge.schedule_version, fee, tax
            events.append(ContractLineCharged(*told))

    def _tell_of_fee(self, found: Found, events: list[AnyEvent]) -> None:
        fee, tax = fee_and_tax(found.charge)
        if fee + tax:
            bought = found.bought
            told = bought.contract_id, bought.member_id, found.line.line, fee, tax
            events.append(BuyerFeeReturned(*told))

    def _go_on_from(self, instrument: Instrument) -> int:
        """The market's reference is the last trade that stands, else the one that the instrument was made with."""
        unit = instrument.instrument_id
        reference = self.contracts.trades.last_price(unit) or instrument.reference_price
        self.books.books[unit].stage.reference = reference
        return reference


def _terms_of(line: Line) -> Terms:
    return Terms(line.price, line.quantity, line.amount_minor, line.goods_tax_minor)
