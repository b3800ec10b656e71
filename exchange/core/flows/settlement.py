"""The end of a deal: escrow to the seller less commission, goods to the buyer.

The seller gets the price and the tax on it less commission and the tax on that, so that the parts always add up. What
a buyer bears was charged at the trade and is in escrow beside the price; here it becomes income.
Under `own_name` the exchange buys for less than it sells: what it owes on the sale and what it may deduct of the
purchase differ by the tax on its commission.

Known limits: a receipt of directly delivered goods covers all open lines of a contract. Under `own_name` the
schedule's tax on the commission should be the rate of the tax on the goods.
"""

from typing import Final, NamedTuple

from msgspec import Struct

from exchange.core.deals.contract import Contract, Contracts
from exchange.core.deals.deal import deal_id_of
from exchange.core.deals.trades import Line
from exchange.core.flows.outcome import Done, Handlers
from exchange.core.flows.treasury import Treasury
from exchange.core.goods.instruments import Instrument, Instruments
from exchange.core.ledger.accounts import Account, AccountKind
from exchange.core.ledger.commission import BUYERS_FEE, BUYERS_TAX, Charge, Commission
from exchange.core.ledger.ledger import Ledger
from exchange.core.messages import AnyEvent, ConfirmReceipt, Delivery, Sequenced, Side
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import month_of

FLOAT_SIDES: Final = ((AccountKind.FLOAT, "house"), (AccountKind.HOUSE, "float"))
"""The commission crosses the rings as a linked pair: owed by the clients' bank, owned by the house."""

# Looked up once: the name of an enum's member costs a dozen dictionary accesses each time (CPython 3.11).
_BUY: Final = Side.BUY
_COMMISSION: Final = AccountKind.COMMISSION
_DELIVERED: Final = AccountKind.DELIVERED
_ESCROW: Final = AccountKind.ESCROW
_HUB: Final = Delivery.HUB
_INBOUND: Final = AccountKind.INBOUND
_PAYABLE: Final = AccountKind.PAYABLE
_TAX: Final = AccountKind.TAX


class Pinned(Struct, frozen=True, array_like=True):
    """The charge of a deal, for its settlement and for refunds."""

    deal_id: str
    charge: Charge


class Leg(NamedTuple):
    """One transfer of a chain; an amount of 0 is left out."""

    debit: Account
    credit: Account
    amount: int
    reason: str
    subject: str


class Settlement:
    """What becomes of the money of contracts' lines."""

    def __init__(
        self,
        instruments: Instruments,
        ledger: Ledger,
        commission: Commission,
        contracts: Contracts,
        treasury: Treasury,
    ) -> None:
        self.instruments = instruments
        self.ledger = ledger
        self.commission = commission
        self.contracts = contracts
        self.treasury = treasury
        self.bought: dict[str, Charge] = {}  # by deal: what of the commission its buyer bears

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            ConfirmReceipt: self.confirm_receipt,
        }

    def confirm_receipt(
        self, sent: Sequenced, command: ConfirmReceipt, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: the contract, then DELIVERED_BY_HUB. A suspended member may confirm."""
        if refused := self.contracts.receipt_refusal(sent.member_id, command.contract_id):
            return refused
        contract = self.contract(command.contract_id)
        instrument = self.instrument(contract.instrument_id)
        if instrument.delivery is _HUB:
            return Reject(RejectCode.DELIVERED_BY_HUB, field="contract_id")
        # Nothing below this line can fail: the buyer has the goods.
        lines = self.contracts.open_lines(contract)
        for line in lines:
            self._settle_line(contract, line, instrument, sent.at_us, events)
        return Done(command.contract_id, number=len(lines))

    def _settle_line(
        self, contract: Contract, line: Line, instrument: Instrument, at_us: int, events: list[AnyEvent]
    ) -> None:
        """Escrow to the seller less commission, goods to the buyer, and both contracts' lines are done."""
        seller_contract = self.contract(line.counter_contract_id)
        seller, unit, subject = seller_contract.member_id, instrument.instrument_id, contract.contract_id
        charge = self.commission.charge(
            seller, line.schedule_version, month_of(at_us), instrument.currency, line.amount_minor
        )
        inbound = self.ledger.account(_INBOUND, seller_contract.contract_id, unit)
        delivered = self.ledger.account(_DELIVERED, seller, unit)
        legs = self.release_legs(subject, line.goods_tax_minor, charge, subject)
        buyers = self.bought.pop(deal_id_of(subject, line.line), None)
        legs += self.buyers_legs(subject, buyers)
        legs.append(Leg(inbound, delivered, line.quantity, "receipt", subject))
        self.post_chain(legs, events)
        self.treasury.net_recourse(seller, instrument.currency, events)
        self.contracts.settle(
            contract, line, charge.fee_minor, charge.tax_minor, events, buyers=fee_and_tax(buyers)
        )
        self.retire_if_performed(contract)
        self.retire_if_performed(seller_contract)

    def release_legs(
        self, contract_id: str, goods_tax_minor: int, charge: Charge, payee_subject: str
    ) -> list[Leg]:
        """Out of the buyer's escrow: the charged base and its tax, less the charge, to the payer of the charge."""
        currency, account = charge.currency, self.ledger.account
        escrow = account(_ESCROW, contract_id, currency)
        house, mirror = (account(*float_side, currency) for float_side in FLOAT_SIDES)
        output, income = account(_TAX, "output", currency), account(_COMMISSION, "surplus", currency)
        fee, tax = charge.fee_minor, charge.tax_minor
        paid = charge.base_minor + goods_tax_minor - fee - tax
        deducted = max(0, goods_tax_minor - tax)
        return [
            Leg(escrow, account(_PAYABLE, charge.payer, currency), paid, "settlement", payee_subject),
            Leg(escrow, house, fee + tax, "commission", contract_id),
            Leg(mirror, income, fee, "commission", contract_id),
            Leg(mirror, output, tax, "commission_tax", contract_id),
            Leg(account(_TAX, "input", currency), output, deducted, "goods_tax", contract_id),
        ]

    def buyers_legs(self, contract_id: str, charge: Charge | None) -> list[Leg]:
        """What the buyer bears: out of its escrow to the house."""
        if charge is None:
            return []
        account, currency = self.ledger.account, charge.currency
        escrow, mirror = account(_ESCROW, contract_id, currency), account(*FLOAT_SIDES[1], currency)
        fee, tax = fee_and_tax(charge)
        return [
            Leg(escrow, account(*FLOAT_SIDES[0], currency), fee + tax, BUYERS_FEE, contract_id),
            Leg(mirror, account(_COMMISSION, "surplus", currency), fee, BUYERS_FEE, contract_id),
            Leg(mirror, account(_TAX, "output", currency), tax, BUYERS_TAX, contract_id),
        ]

    def dump_bought(self) -> list[Pinned]:
        """The charges of buyers, by deal."""
        return [Pinned(deal_id, self.bought[deal_id]) for deal_id in sorted(self.bought)]

    def load_bought(self, state: list[Pinned]) -> None:
        """The charges of a dump."""
        self.bought = {pinned.deal_id: pinned.charge for pinned in state}

    def post_chain(self, legs: list[Leg], events: list[AnyEvent]) -> None:
        """All legs as one linked chain."""
        post_chain(self.ledger, legs, events)

    def retire_if_performed(self, contract: Contract) -> None:
        """Nothing more can come to the account of a performed contract, and it is at zero."""
        if self.contracts.get(contract.contract_id) is not None:
            return
        instrument = self.instrument(contract.instrument_id)
        kind, unit = (
            (_ESCROW, instrument.currency) if contract.side is _BUY else (_INBOUND, instrument.instrument_id)
        )
        self.ledger.retire(self.ledger.account(kind, contract.contract_id, unit))

    def contract(self, contract_id: str) -> Contract:
        """A contract that is known to be in force."""
        contract = self.contracts.get(contract_id)
        assert contract is not None, contract_id
        return contract

    def instrument(self, instrument_id: str) -> Instrument:
        """An instrument that is known to exist."""
        instrument = self.instruments.get(instrument_id)
        assert instrument is not None, instrument_id
        return instrument


def post_chain(ledger: Ledger, legs: list[Leg], events: list[AnyEvent]) -> None:
    """All legs that move something, as one linked chain."""
    linked = ledger.next_number
    for debit, credit, amount, reason, subject in legs:
        if amount:
            ledger.post(debit, credit, amount, reason, subject, events, linked)


def fee_and_tax(charge: Charge | None) -> tuple[int, int]:
    """Of a charge, where there is one."""
    return (charge.fee_minor, charge.tax_minor) if charge is not None else (0, 0)
