"""Level 2 of one book, kept from the frames of its feed by the replay itself.

It is a picture of its own, beside the client's, because many frames may have come before one is looked at.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from sortedcontainers import SortedDict

from exchange_client import Side

Level = tuple[int, int]
"""Price and quantity."""
SIGN: Final = {Side.BUY: -1, Side.SELL: 1}
"""What makes the best price of a side the lowest number."""


class Depth:
    """Quantities by price on both sides."""

    def __init__(self) -> None:
        self._sides: dict[Side, SortedDict[int, int]] = {Side.BUY: SortedDict(), Side.SELL: SortedDict()}

    def clear(self) -> None:
        """Begin anew, before a snapshot."""
        for levels in self._sides.values():
            levels.clear()

    def apply(self, side: Side, changed: Iterable[Level]) -> None:
        """Take new quantities in; 0 removes a level."""
        levels, sign = self._sides[side], SIGN[side]
        for price, quantity in changed:
            if quantity:
                levels[price * sign] = quantity
            else:
                levels.pop(price * sign, None)

    def top(self, side: Side, levels: int) -> list[Level]:
        """The best levels, best first."""
        sign = SIGN[side]
        return [(ranked * sign, quantity) for ranked, quantity in islice(self._sides[side].items(), levels)]

    def before(self, side: Side, price: int) -> Iterator[Level]:
        """The levels that are better than the price, best first; all of them for price 0."""
        sign = SIGN[side]
        for ranked, quantity in self._sides[side].items():
            if price and ranked >= price * sign:
                return
            yield ranked * sign, quantity

    def quantity(self, side: Side, price: int) -> int:
        """What stands at the price."""
        return self._sides[side].get(price * SIGN[side], 0)
