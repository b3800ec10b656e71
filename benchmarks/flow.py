"""A market's flow of orders, made from a seed: what members send when many trade a few instruments.

Guarantees: the same seed gives the same commands. Half are limit orders that rest near a price that walks, an
eighth meet them at once, the rest take earlier orders away; the books stay about as deep as they are.
Doesn't know what became of an order: of the cancels some come too late, as in a market.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from exchange.core.messages import CancelOrder, PlaceOrder, Side, TimeInForce

CURRENCY: Final = "USD"
PRICE_SCALE: Final = 2
PRICE_FIRST: Final = 10_000
"""Where the price of every instrument begins its walk, in 10^-PRICE_SCALE."""
STEPS_PER_TICK: Final = 400
"""A member's own commands between two moves of the price."""

TAKES: Final = 0.09
CANCELS: Final = 0.41
RESTING_MIN, RESTING_MAX = 40, 160
"""How many orders a member believes it has open: fewer are added to, more are taken away."""
NEAR_TICKS: Final = 2
"""Orders nearer to the price are left for others to meet."""


def commands(seed: int, member: int, instruments: Sequence[str]) -> Iterator[PlaceOrder | CancelOrder]:
    """What one member sends in one session, with refs from 1 on; without end."""
    chance, walk = Random(f"{seed}/{member}"), Random(seed)
    prices = dict.fromkeys(instruments, PRICE_FIRST)
    resting: list[int] = []  # refs of orders that were placed at some distance
    ref = 0
    while True:
        ref += 1
        if ref % STEPS_PER_TICK == 0:
            prices[walk.choice(instruments)] += walk.choice((-1, 1))
        drawn = chance.random()
        if len(resting) > RESTING_MAX or (drawn < CANCELS and len(resting) > RESTING_MIN):
            yield CancelOrder(ref=ref, order_ref=_taken(resting, chance))
            continue
        instrument_id = instruments[int(chance.random() * len(instruments))]
        side = Side.BUY if chance.random() < 0.5 else Side.SELL
        if drawn > 1 - TAKES:
            yield _taker(ref, instrument_id, side, prices[instrument_id], chance)
            continue
        ticks = 1 + int(chance.expovariate(1 / 12))
        if ticks > NEAR_TICKS:
            resting.append(ref)
        yield _maker(ref, instrument_id, side, prices[instrument_id], ticks, chance)


def _taken(resting: list[int], chance: Random) -> int:
    """Any of the orders, with no order among those that stay."""
    place = int(chance.random() * len(resting))
    resting[place], resting[-1] = resting[-1], resting[place]
    return resting.pop()


def _maker(ref: int, instrument_id: str, side: Side, price: int, ticks: int, chance: Random) -> PlaceOrder:
    away = -ticks if side is Side.BUY else ticks
    quantity = 1 + int(chance.random() * 20)
    return PlaceOrder(ref=ref, instrument_id=instrument_id, side=side, price=price + away, quantity=quantity)


def _taker(ref: int, instrument_id: str, side: Side, price: int, chance: Random) -> PlaceOrder:
    across = NEAR_TICKS if side is Side.BUY else -NEAR_TICKS
    return PlaceOrder(
        ref=ref,
        instrument_id=instrument_id,
        side=side,
        price=price + across,
        quantity=1 + int(chance.random() * 20),
        time_in_force=TimeInForce.IOC,
    )
