"""Contracts in force, each seen from its own side: no line names the other contract.

Guarantees: kept by member, so that whoever asks names one; a performed contract is forgotten here and kept
by the history.
"""

from msgspec import Struct

from exchange.core.deals.contract import Contracts
from exchange.core.messages.base import Side
from exchange.core.messages.corrections import TradeBusted, TradeCorrected
from exchange.core.messages.deals import ContractLineAdded, ContractLineSettled, ContractPerformed


class LineView(Struct, frozen=True, array_like=True, gc=False):
    """A fill that is not settled; `line` counts from 1 within the contract."""

    line: int
    trade_number: int
    price: int
    quantity: int
    amount_minor: int


class ContractView(Struct):
    """A member's contract with the exchange; `lines` are the open ones, oldest first."""

    contract_id: str
    member_id: str
    side: Side
    instrument_id: str
    line_count: int
    lines: dict[int, LineView]


class ContractsView:
    """Contracts in force by member and contract id."""

    def __init__(self) -> None:
        self.open: dict[str, dict[str, ContractView]] = {}

    def of_member(self, member_id: str) -> list[ContractView]:
        """The member's contracts in force."""
        return list(self.open.get(member_id, {}).values())

    def get(self, member_id: str, contract_id: str) -> ContractView | None:
        """The member's contract; nothing if it is another's or performed."""
        return self.open.get(member_id, {}).get(contract_id)

    def line_added(self, event: ContractLineAdded) -> None:
        """The first line brings the contract in force."""
        mine = self.open.get(event.member_id)
        if mine is None:
            mine = self.open[event.member_id] = {}
        contract = mine.get(event.contract_id)
        if contract is None:
            contract = mine[event.contract_id] = ContractView(
                event.contract_id, event.member_id, event.side, event.instrument_id, 0, {}
            )
        contract.line_count = event.line
        contract.lines[event.line] = LineView(
            event.line, event.trade_number, event.price, event.quantity, event.amount_minor
        )

    def line_settled(self, event: ContractLineSettled) -> None:
        """Its money is out of escrow."""
        del self.open[event.member_id][event.contract_id].lines[event.line]

    def struck(self, event: TradeBusted | TradeCorrected) -> None:
        """Both sides' lines of a trade are gone; a correction adds others."""
        sides = event.sides
        del self.open[sides.buyer_id][sides.buyer_contract_id].lines[sides.buyer_line]
        del self.open[sides.seller_id][sides.seller_contract_id].lines[sides.seller_line]

    def performed(self, event: ContractPerformed) -> None:
        """The contract is over."""
        del self.open[event.member_id][event.contract_id]

    @classmethod
    def from_kernel(cls, contracts: Contracts) -> "ContractsView":
        """The kernel's contracts."""
        view = cls()
        for dumped in contracts.dump():
            lines = {
                line.line: LineView(
                    line.line, line.trade_number, line.price, line.quantity, line.amount_minor
                )
                for line in dumped.lines
            }
            view.open.setdefault(dumped.member_id, {})[dumped.contract_id] = ContractView(
                dumped.contract_id,
                dumped.member_id,
                dumped.side,
                dumped.instrument_id,
                dumped.line_count,
                lines,
            )
        return view
