"""What becomes of awarded lots from stock, worked out the slow way: dictionaries, and no events."""

from dataclasses import dataclass, field


@dataclass
class NaiveLot:
    """A closed lot with its bids, best first; `wins` is who has to pay, or has paid."""

    quantity: int
    bids: list[tuple[str, int]]
    reserved: bool = True
    wins: str = ""
    paid: bool = False
    over: bool = False
    due_us: int = 0
    barred: list[str] = field(default_factory=list)

    def price(self, bidder: str) -> int:
        return dict(self.bids)[bidder]

    def left(self) -> list[str]:
        return [bidder for bidder, _ in self.bids if bidder not in self.barred]


class NaiveSales:
    """Wallets in minor units, the seller's free pieces, and its lots by their ids; the tax is on top of each price."""

    def __init__(self, stock: int, payment_us: int, reserve: int, tax_bps: int, *, award_next: bool) -> None:
        self.stock, self.payment_us, self.reserve = stock, payment_us, reserve
        self.tax_bps, self.award_next = tax_bps, award_next
        self.wallets: dict[str, int] = {}
        self.escrow: dict[str, int] = {}
        self.lots: dict[str, NaiveLot] = {}

    def close(self, lot_id: str, quantity: int, bids: list[tuple[str, int]]) -> None:
        self.stock -= quantity
        self.lots[lot_id] = NaiveLot(quantity, sorted(bids, key=lambda bid: -bid[1]))
        if not bids:
            self.to_nobody(lot_id)

    def to_nobody(self, lot_id: str) -> None:
        lot = self.lots[lot_id]
        lot.wins, lot.over, lot.reserved = "", True, False
        self.stock += lot.quantity

    def award(self, lot_id: str, bidder: str, now_us: int) -> None:
        lot = self.lots[lot_id]
        lot.wins, lot.due_us = bidder, now_us + self.payment_us
        self.pay(lot_id)

    def pay(self, lot_id: str) -> bool:
        lot = self.lots[lot_id]
        net = lot.price(lot.wins) * lot.quantity
        need = net + (2 * net * self.tax_bps + 10_000) // 20_000
        if self.wallets.get(lot.wins, 0) < need:
            return False
        self.wallets[lot.wins] -= need
        self.escrow[lot_id] = need
        lot.paid, lot.over, lot.reserved = True, True, False
        return True

    def pass_to(self, now_us: int) -> None:
        """Payments fall due one after the other, those of one instant in the order in which they began to wait."""
        while due := [
            (lot.due_us, lot_id) for lot_id, lot in self.lots.items()
            if lot.wins and not lot.paid and lot.due_us <= now_us
        ]:  # fmt: skip
            at_us, lot_id = min(due)
            if not self.pay(lot_id):
                self.default(lot_id, at_us)

    def default(self, lot_id: str, at_us: int) -> None:
        lot = self.lots[lot_id]
        lot.barred.append(lot.wins)
        lot.wins = ""
        left = lot.left()
        if not left:
            self.to_nobody(lot_id)
        elif self.award_next and lot.price(left[0]) >= self.reserve:
            self.award(lot_id, left[0], at_us)
