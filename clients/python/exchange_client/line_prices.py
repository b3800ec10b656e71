"""Bids by line as `Decimal`, as people write them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from exchange_client.errors import Invalid
from exchange_client.lines import AliasLines, LotLine, OwnLines
from exchange_client.money import decimal_amount, decimal_price, wire_price


class BidLines(NamedTuple):
    """A bid by line; `alias` is None where it is one's own."""

    alias: int | None
    prices: list[Decimal]
    amounts: list[Decimal]

    @classmethod
    def of(cls, lines: OwnLines | AliasLines, currency: str, price_scale: int) -> "BidLines":
        """As the frame tells them."""
        return cls(
            lines.alias if isinstance(lines, AliasLines) else None,
            [decimal_price(price, price_scale) for price in lines.prices],
            [decimal_amount(amount, currency) for amount in lines.amounts_minor],
        )


def line_prices(prices: Sequence[Decimal], price_scale: int) -> tuple[int, ...]:
    """Unit prices as the wire has them; any may be 0. Raises Invalid where one is finer than the scale."""
    return tuple(wire_price(price, price_scale, "lines") if price else 0 for price in prices)


def prices_at(lines: Sequence[LotLine], discount_bps: int, price_scale: int) -> list[Decimal]:
    """The unit price of each line at a discount off its reference price, rounded half away from zero."""
    shares = (line.reference_price * (10_000 - discount_bps) for line in lines)
    return [decimal_price((2 * share + 10_000) // 20_000, price_scale) for share in shares]


def total_of(lines: Sequence[LotLine], prices: Sequence[Decimal], price_scale: int) -> Decimal:
    """What the lines cost together, which is the price of the bid. Raises Invalid unless each line has a price."""
    if len(prices) != len(lines):
        raise Invalid(f"the lot has {len(lines)} lines: give as many unit prices")
    priced = zip(lines, line_prices(prices, price_scale), strict=True)
    return decimal_price(sum(line.quantity * price for line, price in priced), price_scale)
