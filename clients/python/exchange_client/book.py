"""The local copy of one order book, kept from a snapshot and the deltas that follow it.

Guarantees: `matches` tells whether the copy equals the exchange's own top ten.
Doesn't do: look at offsets (`channels` does), or guess after a mismatch.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple
from zlib import crc32

from exchange_client import shown
from exchange_client.messages import Side
from exchange_client.money import decimal_price

CHECKED_LEVELS: Final = 10
"""Levels of each side under the checksum."""


class Level(NamedTuple):
    """The quantity that waits at a price."""

    price: Decimal
    quantity: int


class _Half:
    """One side: quantities by price, and the prices in rising order."""

    __slots__ = ("falling", "prices", "quantities")

    def __init__(self, levels: Iterable[shown.Level], *, falling: bool) -> None:
        self.quantities = dict(levels)
        self.prices = sorted(self.quantities)
        self.falling = falling  # the best price is the highest

    def apply(self, levels: Iterable[shown.Level]) -> None:
        quantities, prices = self.quantities, self.prices
        for price, quantity in levels:
            known = price in quantities
            if quantity:
                quantities[price] = quantity
                if not known:
                    insort(prices, price)
            elif known:
                del quantities[price]
                del prices[bisect_left(prices, price)]

    def top(self, levels: int) -> list[shown.Level]:
        best = self.prices[: -levels - 1 : -1] if self.falling else self.prices[:levels]
        return [(price, self.quantities[price]) for price in best]


class Book:
    """All levels of one instrument. It changes in place as deltas come; `price_scale` and `currency` don't."""

    __slots__ = ("_asks", "_bids", "currency", "price_scale")

    def __init__(self, snapshot: shown.BookSnapshot) -> None:
        self.currency = snapshot.currency
        self.price_scale = snapshot.price_scale
        self._bids = _Half(snapshot.bids, falling=True)
        self._asks = _Half(snapshot.asks, falling=False)

    def apply(self, delta: shown.BookDelta) -> None:
        """Take the new quantities in."""
        self._bids.apply(delta.bids)
        self._asks.apply(delta.asks)

    def matches(self, checksum: int) -> bool:
        """Whether the exchange's book has the same top ten."""
        return self.crc32() == checksum

    def crc32(self) -> int:
        """Over the top ten, bids then asks, best first: `price:quantity` joined by commas, in ASCII."""
        levels = self._bids.top(CHECKED_LEVELS) + self._asks.top(CHECKED_LEVELS)
        return crc32(",".join([f"{price}:{quantity}" for price, quantity in levels]).encode("ascii"))

    def top(self, side: Side, levels: int = CHECKED_LEVELS) -> list[shown.Level]:
        """The best levels of a side, best first, as on the wire: integers."""
        return (self._bids if side is Side.BUY else self._asks).top(levels)

    def bids(self, levels: int = CHECKED_LEVELS) -> list[Level]:
        """The best buy levels, highest price first."""
        return self.decimal(self._bids.top(levels))

    def asks(self, levels: int = CHECKED_LEVELS) -> list[Level]:
        """The best sell levels, lowest price first."""
        return self.decimal(self._asks.top(levels))

    def decimal(self, levels: Iterable[shown.Level]) -> list[Level]:
        """Levels of the wire in the book's scale."""
        return [Level(decimal_price(price, self.price_scale), quantity) for price, quantity in levels]
