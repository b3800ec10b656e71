"""The one price at which a call auction ends, and who trades there.

Pure: it is given what rests, best first, and changes nothing. The price is found by four rules in order: the
largest volume that can trade; of those prices the one that leaves the least surplus; if all of these leave it
on the same side, the price to which that side presses (buyers upward, sellers downward); else the one nearest
to the reference price. Every tick in reach is a candidate, also between two orders' prices.

Does not know phases, bands or members: orders of one owner meet like any others.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise, takewhile
from typing import Final, NamedTuple, TypeVar

from exchange.core.messages.base import Side

_BUY: Final = Side.BUY
_SELL: Final = Side.SELL

Depth = Iterable[tuple[int, int]]
"""(price, quantity) of one side, best price first; a price may come more than once."""
T = TypeVar("T")


class Uncross(NamedTuple):
    """What would trade at one price, and what would be left over on which side; no side where nothing is."""

    price: int
    volume: int
    surplus: int
    side: Side | None


class _Stretch(NamedTuple):
    """Prices from `low` to `high` with the same demand and supply."""

    low: int
    high: int
    demand: int
    supply: int

    @property
    def merit(self) -> tuple[int, int]:
        """The first two rules: more is better."""
        return min(self.demand, self.supply), -abs(self.demand - self.supply)


def uncross(bids: Depth, asks: Depth, tick: int, reference: int) -> Uncross | None:
    """The price by the four rules, or nothing where no bid reaches an offer.

    `reference` is a price, or 0 where there is none: the middle of what is left then stands for it. Of two
    prices equally near the higher one is taken.
    """
    bids, asks = _in_reach(bids, asks)
    if not bids or not asks:
        return None
    stretches = _stretches(bids, asks, tick)
    merit = max(stretch.merit for stretch in stretches)
    best = [stretch for stretch in stretches if stretch.merit == merit]
    low, high = best[0].low, best[-1].high  # what ties lies side by side
    if all(stretch.demand > stretch.supply for stretch in best):
        price = high
    elif all(stretch.demand < stretch.supply for stretch in best):
        price = low
    else:
        price = _nearest(low, high, tick, reference or (low + high) // 2)
    at = next(stretch for stretch in best if stretch.low <= price <= stretch.high)
    surplus = at.demand - at.supply
    side = None if not surplus else _BUY if surplus > 0 else _SELL
    return Uncross(price, min(at.demand, at.supply), abs(surplus), side)


def shares(queue: Iterable[tuple[T, int]], volume: int) -> Iterator[tuple[T, int]]:
    """Who gets how much of the volume, first come first; `queue` holds at least as much."""
    for who, quantity in queue:
        if volume <= quantity:
            yield who, volume
            return
        yield who, quantity
        volume -= quantity


def pairs(buys: Iterable[tuple[T, int]], sells: Iterable[tuple[T, int]]) -> Iterator[tuple[T, T, int]]:
    """Buyer, seller and quantity of each trade: two queues of the same volume, met from their fronts."""
    waiting = iter(sells)
    seller, left = next(waiting)
    for buyer, share in buys:
        wanted = share
        while wanted > left:
            yield buyer, seller, left
            wanted -= left
            seller, left = next(waiting)
        yield buyer, seller, wanted
        left -= wanted
        if not left:
            seller, left = next(waiting, (seller, 0))
    assert not left, "both queues hold the same volume"


def _in_reach(bids: Depth, asks: Depth) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """What of both sides meets anything: bids from the best offer up, offers from the best bid down."""
    bids, asks = iter(bids), iter(asks)
    first_bid, first_ask = next(bids, None), next(asks, None)
    if first_bid is None or first_ask is None or first_bid[0] < first_ask[0]:
        return [], []
    reaching = takewhile(lambda bid: bid[0] >= first_ask[0], bids)
    reached = takewhile(lambda ask: ask[0] <= first_bid[0], asks)
    return [first_bid, *reaching], [first_ask, *reached]


def _stretches(bids: list[tuple[int, int]], asks: list[tuple[int, int]], tick: int) -> list[_Stretch]:
    """All prices in reach, lowest first, with what buyers would take and sellers give there."""
    prices = sorted({price for price, _ in bids} | {price for price, _ in asks})
    demand, supply = dict.fromkeys(prices, 0), dict.fromkeys(prices, 0)
    for price, quantity in bids:
        demand[price] += quantity
    for price, quantity in asks:
        supply[price] += quantity
    for lower, higher in pairwise(prices):
        supply[higher] += supply[lower]
    for lower, higher in reversed(list(pairwise(prices))):
        demand[lower] += demand[higher]
    stretches = []
    for price, above in zip(prices, [*prices[1:], 0], strict=True):
        stretches.append(_Stretch(price, price, demand[price], supply[price]))
        if above > price + tick:
            stretches.append(_Stretch(price + tick, above - tick, demand[above], supply[price]))
    return stretches


def _nearest(low: int, high: int, tick: int, wanted: int) -> int:
    """The price on the tick from `low` to `high` that is nearest; the higher of two."""
    below = wanted // tick * tick
    near = below + tick if 2 * (wanted - below) >= tick else below
    return max(low, min(high, near))
