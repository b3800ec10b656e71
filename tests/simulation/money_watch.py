"""What must be true of deals' money whatever the rules: what buyers bear of the commission, and the terms of deals.

Guarantees: what a buyer was told that it bears of a contract is what was taken from it for that, and what the
commission's books hold of all buyers that are not invoiced; a trade that was busted takes nothing; and no deal stands
still when its term is over.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from exchange.core.deals.deal import Deal
from exchange.core.kernel import Exchange
from exchange.core.ledger.commission import BUYERS_FEE, BUYERS_TAX
from exchange.core.messages import AnyEvent, TransferPosted
from exchange.core.messages.corrections import TradeBusted
from exchange.core.messages.deals import BuyerFeeReturned, ContractLineCharged
from exchange.core.messages.ledger import InvoiceIssued, InvoiceSides, Payer
from exchange.core.messages.lifecycles import DealState

OWN: Final = ("held:", "wallet:")
"""Accounts with whose money a buyer pays its fee."""
ENDS_BY_ITSELF: Final = {DealState.SOLD, DealState.CONDITIONAL, DealState.DELIVERED, DealState.ACCEPTED}


class MoneyWatch:
    """`objections` are asked for after each command that the kernel has executed."""

    def __init__(self, kernel: Exchange) -> None:
        self._kernel = kernel
        self._told = Counter[tuple[str, int]]()  # fee and tax by contract and line
        self._taken = Counter[str]()  # by contract
        self._invoiced = 0

    def objections(self, at_us: int, events: list[AnyEvent]) -> Iterator[str]:
        """What can't be true, each with the promise that it breaks."""
        touched: dict[str, None] = {}
        for place, event in enumerate(events):
            match event:
                case ContractLineCharged():
                    self._told[event.contract_id, event.line] += event.fee_minor + event.fee_tax_minor
                    touched[event.contract_id] = None
                case BuyerFeeReturned():
                    self._told[event.contract_id, event.line] -= event.fee_minor + event.fee_tax_minor
                    touched[event.contract_id] = None
                case TransferPosted() if event.reason in {BUYERS_FEE, BUYERS_TAX}:
                    self._taken[event.subject] += event.amount * _taken_by(event)
                    touched[event.subject] = None
                case InvoiceSides():
                    self._invoiced += _buyers_part(events[place - 1], event)
                case _:
                    pass
        yield from self._fees(list(touched), [each for each in events if isinstance(each, TradeBusted)])
        yield from self._overdue(at_us)

    def _fees(self, contracts: list[str], busted: list[TradeBusted]) -> Iterator[str]:
        for bust in busted:
            place = bust.sides.buyer_contract_id, bust.sides.buyer_line
            if self._told[place]:
                yield f"P4: {bust} keeps {self._told[place]} of its buyer's fee"
        for contract_id in contracts:
            told = sum(fee for (of, _), fee in self._told.items() if of == contract_id)
            if told != self._taken[contract_id]:
                yield f"P4: {contract_id} is told of a fee of {told}, and bears {self._taken[contract_id]}"
        if contracts and (there := self._books()) != (due := self._told.total() - self._invoiced):
            yield f"P4: the buyers' fees in the books are {there}, not {due}"

    def _books(self) -> int:
        """Of buyers of the surplus market, what was charged and not given back, until it is invoiced."""
        commission = self._kernel.commission
        return sum(
            sums.fee_minor + sums.tax_minor - sums.refunded_fee_minor - sums.refunded_tax_minor
            for sums in commission.dump().cumulated
            if sums.side is Payer.BUYER and commission.schedule(sums.schedule_version).market == "surplus"
        )

    def _overdue(self, at_us: int) -> Iterator[str]:
        """Of deals that time alone moves on, where nothing else is due any more."""
        next_us = self._kernel.deadlines.next_us()
        if next_us is None or next_us > at_us:
            for deal in self._kernel.deals.all():
                if _stands_still(deal, at_us):
                    yield f"P7: deal {deal.deal_id} is {deal.state} and was due at {deal.due_us}"


def _taken_by(transfer: TransferPosted) -> int:
    """Whether it takes from a buyer (1), gives back (-1) or only passes on what was taken (0)."""
    return transfer.debit.startswith(OWN) - transfer.credit.startswith(OWN)


def _buyers_part(invoice: AnyEvent, sides: InvoiceSides) -> int:
    assert isinstance(invoice, InvoiceIssued)
    return sum(
        line.fee_minor + line.tax_minor - line.refunded_fee_minor - line.refunded_tax_minor
        for line, side in zip(invoice.lines, sides.sides, strict=True)
        if side is Payer.BUYER
    )


def _stands_still(deal: Deal, at_us: int) -> bool:
    """A claim stops the term."""
    return deal.state in ENDS_BY_ITSELF and not deal.claim_id and deal.due_us <= at_us
