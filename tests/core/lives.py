"""Random lives of one instrument through all its phases: orders of every kind, amends, cancels, calls, halts, waits."""

import random
from collections.abc import Iterator

from exchange.core.limits import CALL_RANDOM_US_MAX
from exchange.core.messages import (
    AmendOrder,
    AnyCommand,
    CancelOrder,
    EndOutage,
    FireDeadlines,
    Outcome,
    PlaceOrder,
    Side,
    TimeInForce,
)
from exchange.core.messages.orders import OrderTerms
from exchange.core.messages.phases import Phase, SetPhase, StartCall
from tests.core.venue import SECOND, Venue

PART = "LM358"
TRADERS = {"A": "one", "A2": "one", "B": "two", "C": "three"}
MINUTE = 60 * SECOND


def a_market(**terms: int) -> Venue:
    """Four members of three owners with money and stock for everything that comes."""
    venue = Venue()
    for member_id, owner in TRADERS.items():
        venue.member(member_id, owner=owner)
    venue.instrument(PART, **terms)
    for member_id in TRADERS:
        venue.money(member_id, 10**9)
        venue.stock(member_id, 10**6)
    return venue


def an_order(chance: random.Random) -> PlaceOrder:
    """Mostly plain, near enough to others to meet them."""
    quantity = chance.randrange(1, 30)
    tif = chance.choice([TimeInForce.GTC] * 8 + [TimeInForce.IOC, TimeInForce.FOK])
    terms, post_only = None, False
    if tif is TimeInForce.GTC:
        kind = chance.randrange(10)
        if kind < 3 and quantity > 3:
            terms = OrderTerms(display_quantity=max(1, quantity // chance.randrange(2, 5)))
        elif kind == 3:
            terms = OrderTerms(min_fill_quantity=chance.randrange(1, quantity + 1))
        post_only = kind == 4
    return PlaceOrder(
        instrument_id=PART,
        side=chance.choice(list(Side)),
        price=chance.randrange(90, 111),
        quantity=quantity,
        time_in_force=tif,
        post_only=post_only,
        terms=terms,
    )


def a_life(venue: Venue, seed: int, steps: int) -> Iterator[Outcome]:
    """What each step did; every deadline is met at its own instant before the next step."""
    chance = random.Random(seed)
    for _ in range(steps):
        member_id, command, after_us = _a_step(venue, chance)
        yield from meet(venue, venue.at_us + after_us)
        yield venue.send(member_id, command, after_us=1)


def meet(venue: Venue, until_us: int) -> Iterator[Outcome]:
    """Let time pass, as the sequencer does."""
    while (due_us := venue.kernel.deadlines.next_us()) is not None and due_us <= until_us:
        yield venue.send("", FireDeadlines(), after_us=max(0, due_us - venue.at_us))
    venue.at_us = until_us


def _a_step(venue: Venue, chance: random.Random) -> tuple[str, AnyCommand, int]:
    kind, after_us = chance.random(), chance.choice([1_000] * 6 + [20 * SECOND, MINUTE + CALL_RANDOM_US_MAX])
    resting = sorted(venue.kernel.books.orders)
    if kind < 0.03:
        return "operator", SetPhase(instrument_id=PART, phase=chance.choice(list(Phase))), after_us
    if kind < 0.08:
        random_us = chance.choice([0, CALL_RANDOM_US_MAX])
        after = chance.choice([Phase.CONTINUOUS] * 4 + [Phase.CLOSED])
        command = StartCall(instrument_id=PART, duration_us=MINUTE, random_us=random_us, next_phase=after)
        return "operator", command, after_us
    if kind < 0.09:
        return "", EndOutage(down_us=chance.choice([0, MINUTE])), after_us
    if kind < 0.7 or not resting:
        return chance.choice(list(TRADERS)), an_order(chance), after_us
    order = venue.kernel.books.orders[chance.choice(resting)]
    if kind < 0.8:
        return order.member_id, CancelOrder(order_id=order.order_id), after_us
    price, quantity = (
        chance.choice([0, chance.randrange(90, 111)]),
        chance.choice([0, chance.randrange(1, 30)]),
    )
    return order.member_id, AmendOrder(order_id=order.order_id, price=price, quantity=quantity), after_us
