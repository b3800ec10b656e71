"""The end of a deal: escrow to the seller less commission, goods to the buyer.

The seller gets the price less commission and the tax on it, so that the parts always add up.

Known limits: receipt is confirmed for all open lines of a contract at once; nothing is inspected.
"""

from typing import Final

from exchange.core.deals.contract import Contract, Contracts, Line
from exchange.core.flows.outcome import Done
from exchange.core.goods.instruments import Instrument, Instruments
from exchange.core.ledger.accounts import AccountKind
from exchange.core.ledger.commission import Commission
from exchange.core.ledger.ledger import Ledger
from exchange.core.messages import AnyEvent, ConfirmReceipt, Sequenced, Side
from exchange.core.rejects import Reject
from exchange.core.values import month_of

FLOAT_SIDES: Final = ((AccountKind.FLOAT, "house"), (AccountKind.HOUSE, "float"))
"""The commission crosses the rings as a linked pair: owed by the clients' bank, owned by the house."""

# Looked up once: the name of an enum's member costs a dozen dictionary accesses each time (CPython 3.11).
_BUY: Final = Side.BUY
_COMMISSION: Final = AccountKind.COMMISSION
_DELIVERED: Final = AccountKind.DELIVERED
_ESCROW: Final = AccountKind.ESCROW
_INBOUND: Final = AccountKind.INBOUND
_PAYABLE: Final = AccountKind.PAYABLE
_TAX: Final = AccountKind.TAX


class Settlement:
    """What becomes of the lines of contracts."""

    def __init__(
        self, instruments: Instruments, ledger: Ledger, commission: Commission, contracts: Contracts
    ) -> None:
        self.instruments = instruments
        self.ledger = ledger
        self.commission = commission
        self.contracts = contracts

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
        charge = self.commission.charge(seller, line.schedule_version, month_of(at_us), currency, gross)
        fee, tax = charge.fee_minor, charge.tax_minor
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
        self.retire_if_performed(contract)
        self.retire_if_performed(seller_contract)

    def retire_if_performed(self, contract: Contract) -> None:
        """Nothing more can come to the account of a performed contract, and it is at zero."""
        if self.contracts.get(contract.contract_id) is not None:
            return
        instrument = self._instrument(contract.instrument_id)
        kind, unit = (
            (_ESCROW, instrument.currency) if contract.side is _BUY else (_INBOUND, instrument.instrument_id)
        )
        self.ledger.retire(self.ledger.account(kind, contract.contract_id, unit))

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
