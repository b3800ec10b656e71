"""What the demo's members saw happen, counted as it comes in."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass
class BookTally:
    """The trades of one part."""

    last: Decimal
    before: Decimal
    low: Decimal
    high: Decimal
    trades: int = 0
    quantity: int = 0
    turnover: Decimal = Decimal(0)


@dataclass
class Tally:
    """Counts since the start."""

    orders_acked: int = 0
    trades: int = 0
    bids_acked: int = 0
    receipts: int = 0
    settled: int = 0
    commission_minor: int = 0
    consigned: int = 0
    received: int = 0
    passed: int = 0
    in_part: int = 0
    failed: int = 0
    failed_of: Counter[str] = field(default_factory=Counter)  # failed lots by seller
    shipped: int = 0
    delivered: int = 0
    accepted: int = 0
    claims: int = 0
    remedied: int = 0
    refunded_minor: int = 0
    held_minor: dict[str, int] = field(default_factory=dict)  # by member
    escrow_minor: int = 0
    payouts: int = 0
    paid_out_minor: int = 0
    swept_minor: int = 0
    closing: bool = False
    refused: dict[str, int] = field(default_factory=dict)
    unknown: int = 0
    lot_line: str = ""
    saved: Decimal = Decimal(0)  # by awarded lots
    lots: dict[str, str] = field(default_factory=dict)
    books: dict[str, BookTally] = field(default_factory=dict)

    def refuse(self, reason: str) -> None:
        """Count a refusal by its name."""
        self.refused[reason] = self.refused.get(reason, 0) + 1

    def trade(self, symbol: str, price: Decimal, quantity: int) -> None:
        """Count a trade of a part."""
        self.trades += 1
        book = self.books.setdefault(symbol, BookTally(price, price, price, price))
        book.before, book.last = book.last, price
        book.low, book.high = min(book.low, price), max(book.high, price)
        book.trades += 1
        book.quantity += quantity
        book.turnover += price * quantity

    def lot(self, name: str, line: str) -> None:
        """Where a lot stands."""
        self.lots[name] = self.lot_line = line

    def settle(self, fee_minor: int) -> None:
        """Count a line that a seller was paid for."""
        self.settled += 1
        self.commission_minor += fee_minor

    def inspect(self, seller_id: str, result: str) -> None:
        """Count a hub lot: passed, conditional in part, or failed."""
        self.passed += result == "passed"
        self.in_part += result == "conditional"
        if result == "failed":
            self.failed += 1
            self.failed_of[seller_id] += 1

    def refund(self, amount_minor: int, *, from_escrow: bool) -> None:
        """Count what a buyer has back; after the acceptance it is not paid out of escrow."""
        self.refunded_minor += amount_minor
        if from_escrow:
            self.escrow_minor -= amount_minor

    def pay_out(self, amount_minor: int) -> None:
        """Count what the bank has paid to a seller."""
        self.payouts += 1
        self.paid_out_minor += amount_minor
