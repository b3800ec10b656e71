"""Contracts that trades leave behind, by novation: the exchange sells to the buyer and buys from the seller.

Guarantees: one contract per order and side, with the order's id, so that nobody learns from their number
how many stood on the other side; both sides of a line carry the same quantity and amount and are settled
together. Only the exchange holds the link between them.
Does not move money: the flow posts it, line by line. Settled lines and performed contracts are forgotten
here and kept by the history. Lines of a busted trade are gone as if they had never been.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from exchange.core.deals.trades import Line, Trades
from exchange.core.messages import AnyEvent
from exchange.core.messages.base import Side
from exchange.core.messages.deals import (
    ContractLineAdded,
    ContractLineSettled,
    ContractLineTaxed,
    ContractPerformed,
)
from exchange.core.rejects import Reject, RejectCode

_BUY, _SELL = Side.BUY, Side.SELL  # an enum's member by its name is slow to reach


class ContractState(StrEnum):
    """Where a contract stands in its life."""

    IN_FORCE = "in_force"
    PERFORMED = "performed"


_PERFORMED: Final = ContractState.PERFORMED

STATES: Final[dict[tuple[bool, bool], ContractState]] = {
    (False, True): ContractState.IN_FORCE,
    (False, False): ContractState.IN_FORCE,
    (True, True): ContractState.IN_FORCE,
    (True, False): ContractState.PERFORMED,
}
"""The state by two facts: its order is closed, so that no line can follow; one of its lines is open."""


class Contract(Struct, gc=False):
    """One side of the trades of one order; `lines` are the open ones, oldest first."""

    contract_id: str
    member_id: str
    side: Side
    instrument_id: str
    line_count: int
    order_closed: bool
    lines: dict[int, Line]

    @property
    def state(self) -> ContractState:
        """Where it stands."""
        return STATES[self.order_closed, bool(self.lines)]


class ContractDump(Struct, frozen=True, array_like=True):
    """A contract as its snapshot holds it."""

    contract_id: str
    member_id: str
    side: Side
    instrument_id: str
    line_count: int
    order_closed: bool
    lines: list[Line]


class Contracts:
    """All contracts in force, by their ids; `trades` are those that are open, by their numbers."""

    def __init__(self) -> None:
        self.trades = Trades()
        self._by_id: dict[str, Contract] = {}

    def get(self, contract_id: str) -> Contract | None:
        """The contract of either side, or nothing once it is performed."""
        return self._by_id.get(contract_id)

    def add_trade(
        self,
        buy_order_id: str,
        buyer_id: str,
        sell_order_id: str,
        seller_id: str,
        instrument_id: str,
        trade_number: int,
        price: int,
        quantity: int,
        amount_minor: int,
        schedule_version: int,
        events: list[AnyEvent],
        goods_tax_minor: int = 0,
        at_us: int = 0,
    ) -> None:
        """Add a line to the contracts of both orders, which are open; the buyer's event comes first.

        `goods_tax_minor` is in the buyer's escrow beside the amount; the buyer's contract tells of it.
        """
        bought = self._contract(buy_order_id, buyer_id, _BUY, instrument_id)
        sold = self._contract(sell_order_id, seller_id, _SELL, instrument_id)
        terms = trade_number, price, quantity, amount_minor
        self._add_lines(bought, sold, terms, schedule_version, goods_tax_minor, at_us, events)

    def correct(
        self,
        bought: Contract,
        line: Line,
        price: int,
        quantity: int,
        amount_minor: int,
        goods_tax_minor: int,
        events: list[AnyEvent],
    ) -> None:
        """Put lines at new terms in the place of both lines of a trade; it keeps its number, schedule and instant."""
        sold = self._by_id[line.counter_contract_id]
        del bought.lines[line.line]
        del sold.lines[line.counter_line]
        terms = line.trade_number, price, quantity, amount_minor
        self._add_lines(bought, sold, terms, line.schedule_version, goods_tax_minor, line.at_us, events)

    def bust(self, bought: Contract, line: Line, events: list[AnyEvent]) -> None:
        """Take both lines of a trade away, as if it had never been made."""
        sold = self._by_id[line.counter_contract_id]
        del bought.lines[line.line]
        del sold.lines[line.counter_line]
        self.trades.drop(bought.instrument_id, line.trade_number)
        self._forget_if_performed(bought, events)
        self._forget_if_performed(sold, events)

    def _add_lines(
        self,
        bought: Contract,
        sold: Contract,
        terms: tuple[int, int, int, int],
        schedule_version: int,
        goods_tax_minor: int,
        at_us: int,
        events: list[AnyEvent],
    ) -> None:
        """Number, price, quantity and amount of a trade as a line of both contracts."""
        trade_number, price, quantity, amount_minor = terms
        instrument_id = bought.instrument_id
        bought.line_count += 1
        sold.line_count += 1
        for contract, counter in ((bought, sold), (sold, bought)):
            number = contract.line_count
            contract.lines[number] = Line(
                number,
                trade_number,
                price,
                quantity,
                amount_minor,
                counter.contract_id,
                counter.line_count,
                schedule_version,
                goods_tax_minor,
                at_us,
            )
            events.append(
                ContractLineAdded(
                    contract.contract_id,
                    contract.member_id,
                    contract.side,
                    instrument_id,
                    number,
                    trade_number,
                    price,
                    quantity,
                    amount_minor,
                )
            )

        self.trades.add(instrument_id, sold.lines[sold.line_count])
        if goods_tax_minor:
            events.append(ContractLineTaxed(bought.contract_id, bought.line_count, goods_tax_minor))

    def close_order(self, order_id: str, events: list[AnyEvent]) -> None:
        """No line can follow, since the order is filled or cancelled; an order without fills has no contract."""
        contract = self._by_id.get(order_id)
        if contract is None:
            return
        assert not contract.order_closed, f"order {order_id} is closed already"
        contract.order_closed = True
        self._forget_if_performed(contract, events)

    def receipt_refusal(self, member_id: str, contract_id: str) -> Reject | None:
        """Checks: CONTRACT_UNKNOWN (nobody's, another's, a seller's or a performed one), NOTHING_TO_SETTLE."""
        contract = self._by_id.get(contract_id)
        if contract is None or contract.member_id != member_id or contract.side is not _BUY:
            return Reject(RejectCode.CONTRACT_UNKNOWN, field="contract_id")
        return None if contract.lines else Reject(RejectCode.NOTHING_TO_SETTLE)

    def open_lines(self, contract: Contract) -> list[Line]:
        """The lines that are not settled, oldest first: a copy that settling does not change."""
        return list(contract.lines.values())

    def settle(
        self,
        contract: Contract,
        line: Line,
        fee_minor: int,
        fee_tax_minor: int,
        events: list[AnyEvent],
        amount_minor: int | None = None,
        buyers: tuple[int, int] = (0, 0),
    ) -> None:
        """Settle both sides of a line of the buyer's contract; the seller bears fee and tax, the buyer its own.

        `buyers` are the buyer's fee and tax; `amount_minor` is what of the line's price was paid in the end: None, all of it.
        """
        assert contract.side is _BUY, "a line is settled from the buyer's side"
        counter = self._by_id[line.counter_contract_id]
        del contract.lines[line.line]
        del counter.lines[line.counter_line]
        self.trades.settle(contract.instrument_id, line)
        paid_minor = line.amount_minor if amount_minor is None else amount_minor
        events.append(_settled(contract, line.line, paid_minor, *buyers))
        events.append(_settled(counter, line.counter_line, paid_minor, fee_minor, fee_tax_minor))
        self._forget_if_performed(contract, events)
        self._forget_if_performed(counter, events)

    def _contract(self, contract_id: str, member_id: str, side: Side, instrument_id: str) -> Contract:
        """The order's contract, which its first line brings in force."""
        contract = self._by_id.get(contract_id)
        if contract is None:
            contract = self._by_id[contract_id] = Contract(
                contract_id,
                member_id,
                side,
                instrument_id,
                line_count=0,
                order_closed=False,
                lines={},
            )
        assert contract.side is side, f"order {contract_id} has one side"
        assert not contract.order_closed, f"order {contract_id} is closed"
        return contract

    def _forget_if_performed(self, contract: Contract, events: list[AnyEvent]) -> None:
        if contract.state is _PERFORMED:
            del self._by_id[contract.contract_id]
            events.append(ContractPerformed(contract.contract_id, contract.member_id, contract.side))

    def dump(self) -> list[ContractDump]:
        """All contracts in the order of their ids."""
        contracts = [self._by_id[contract_id] for contract_id in sorted(self._by_id)]
        return [
            ContractDump(
                contract.contract_id,
                contract.member_id,
                contract.side,
                contract.instrument_id,
                contract.line_count,
                contract.order_closed,
                self.open_lines(contract),
            )
            for contract in contracts
        ]

    @classmethod
    def load(cls, state: list[ContractDump]) -> "Contracts":
        """The contracts of a dump."""
        contracts = cls()
        for dumped in state:
            contracts._by_id[dumped.contract_id] = Contract(
                dumped.contract_id,
                dumped.member_id,
                dumped.side,
                dumped.instrument_id,
                dumped.line_count,
                dumped.order_closed,
                {line.line: line for line in dumped.lines},
            )
        contracts._find_trades(state)
        return contracts

    def _find_trades(self, state: list[ContractDump]) -> None:
        """The open trades of a dump, in the order of their numbers."""
        sold = [(line, each.instrument_id) for each in state if each.side is _SELL for line in each.lines]
        for line, instrument_id in sorted(sold, key=lambda pair: pair[0].trade_number):
            self.trades.add(instrument_id, line)


def _settled(
    contract: Contract, line: int, amount_minor: int, fee_minor: int, fee_tax_minor: int
) -> ContractLineSettled:
    return ContractLineSettled(
        contract.contract_id,
        contract.member_id,
        contract.side,
        line,
        amount_minor,
        fee_minor,
        fee_tax_minor,
    )
