"""Naive twins of the ledger and the commission: every figure is added up afresh from all that ever happened.

They predict refusals and balances, and are slow on purpose: nothing is kept that could be wrong.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

LARGEST = 2**53 - 1
LIMITED = {"wallet", "held", "escrow", "stock", "reserved", "inbound"}


class Transfer(NamedTuple):
    unit: str
    debit: str
    credit: str
    amount: int
    linked: int


class HoldStep(NamedTuple):
    """One change of what a hold has left."""

    hold_id: str
    unit: str
    source: str
    held: str
    change: int


class TopUp(NamedTuple):
    transfer_id: str
    member_id: str
    currency: str
    amount_minor: int


class NaiveLedger:
    """All transfers, hold steps and top-ups since the beginning."""

    def __init__(self) -> None:
        self.transfers: list[Transfer] = []
        self.steps: list[HoldStep] = []
        self.top_ups: list[tuple[int, TopUp]] = []

    def names(self) -> list[tuple[str, str]]:
        """Every (account, unit) that a transfer touched."""
        return sorted({(name, each.unit) for each in self.transfers for name in (each.debit, each.credit)})

    def balance(self, name: str, unit: str) -> int:
        debited = [each.amount for each in self.transfers if (each.debit, each.unit) == (name, unit)]
        credited = [each.amount for each in self.transfers if (each.credit, each.unit) == (name, unit)]
        return sum(debited) - sum(credited)

    def available(self, name: str, unit: str) -> int:
        overdraft = 0 if name.partition(":")[0] in LIMITED else LARGEST
        return overdraft - self.balance(name, unit)

    def post(self, unit: str, debit: str, credit: str, amount: int, linked: int = 0) -> int:
        self.transfers.append(Transfer(unit, debit, credit, amount, linked))
        return len(self.transfers)

    def remaining(self, hold_id: str) -> int:
        return sum(step.change for step in self.steps if step.hold_id == hold_id)

    def hold(self, hold_id: str, unit: str, source: str, held: str, amount: int) -> None:
        """Reserve, or reserve more."""
        self.post(unit, source, held, amount)
        self.steps.append(HoldStep(hold_id, unit, source, held, amount))

    def capture(self, hold_id: str, destination: str | None, amount: int) -> None:
        """Take from the hold, to its source where no destination is given."""
        first = next(step for step in self.steps if step.hold_id == hold_id)
        self.post(first.unit, first.held, destination or first.source, amount)
        self.steps.append(first._replace(change=-amount))

    def top_up(self, top_up: TopUp) -> str | int:
        """Book it once: its number, or "too large", or the name of the first field that differs."""
        for number, earlier in self.top_ups:
            if earlier.transfer_id == top_up.transfer_id:
                differing = [
                    name for name in TopUp._fields if getattr(earlier, name) != getattr(top_up, name)
                ]
                return differing[0] if differing else number
        if self.balance("bank:client", top_up.currency) + top_up.amount_minor > LARGEST:
            return "too large"
        number = self.post(top_up.currency, "bank:client", f"wallet:{top_up.member_id}", top_up.amount_minor)
        self.top_ups.append((number, top_up))
        return number


def rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def fee_of(base_minor: int, rate_bps: int) -> int:
    """A rate in basis points of an amount, halves away from zero."""
    return rounded(Decimal(base_minor) * rate_bps / 10_000)
