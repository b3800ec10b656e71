"""Lots of several lines by the book: sums and shares in fractions, worked out anew at every question."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from exchange.core.messages.lines import LotLine
from tests.models.admission import NaiveAdmission


@dataclass
class NaiveLinedLot(NaiveAdmission):
    """A lot whose bids are totals, which may say their lines."""

    @property
    def lines(self) -> list[LotLine]:
        return self.rules.lines

    def total(self, prices: tuple[int, ...]) -> Fraction:
        parts = [Fraction(line.quantity) * price for line, price in zip(self.lines, prices, strict=True)]
        return sum(parts, Fraction(0))

    def broken_lines(self, price: int, prices: tuple[int, ...]) -> Iterator[str]:
        """What of the lines is wrong, before anything is asked of the total."""
        if not prices:
            return
        if not self.lines:
            yield "LOT_WITHOUT_LINES"
        elif len(prices) != len(self.lines):
            yield "LINES_MISCOUNTED"
        else:
            if any(not each and not line.may_be_free for line, each in zip(self.lines, prices, strict=True)):
                yield "LINE_NOT_FREE"
            if self.total(prices) != price:
                yield "TOTAL_DISAGREES"


def naive_amounts(lines: list[LotLine], prices: tuple[int, ...], minor_per_unit: Fraction) -> list[int]:
    """Cent after cent to the line that is furthest below what it comes to, until the whole is paid."""
    exact = [line.quantity * price * minor_per_unit for line, price in zip(lines, prices, strict=True)]
    amounts = [floor(each) for each in exact]
    whole = floor(sum(exact, Fraction(0)) + Fraction(1, 2))
    while sum(amounts) < whole:
        short = [each - amount for each, amount in zip(exact, amounts, strict=True)]
        amounts[short.index(max(short))] += 1
    return amounts
