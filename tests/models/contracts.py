"""Naive twin of the contracts: a list of all trades ever, asked afresh each time."""

from dataclasses import dataclass, field


@dataclass
class Trade:
    number: int
    buy_id: str
    buyer: str
    sell_id: str
    seller: str
    amount_minor: int
    settled: bool = False  # or busted: nothing of it is open


@dataclass
class NaiveContracts:
    trades: list[Trade] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    def of(self, order_id: str) -> list[Trade]:
        return [trade for trade in self.trades if order_id in (trade.buy_id, trade.sell_id)]

    def open_numbers(self, order_id: str) -> list[int]:
        return [trade.number for trade in self.of(order_id) if not trade.settled]

    def in_force(self) -> list[str]:
        orders = {order_id for trade in self.trades for order_id in (trade.buy_id, trade.sell_id)}
        return sorted(order for order in orders if order not in self.closed or self.open_numbers(order))

    def receipt(self, member_id: str, contract_id: str) -> str:
        """ "fine", "unknown" or "nothing"."""
        own = [trade for trade in self.trades if (trade.buy_id, trade.buyer) == (contract_id, member_id)]
        if not own or contract_id not in self.in_force():
            return "unknown"
        return "fine" if self.open_numbers(contract_id) else "nothing"
